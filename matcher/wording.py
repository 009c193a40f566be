"""A post's text as the complaint model reads it: without names, links and markup, with emoji as words."""

import html
import re
import unicodedata
from functools import lru_cache

_LINK = re.compile(r"https?://\S+|www\.\S+|\bpic\.twitter\.com/\S+", re.IGNORECASE)
_HANDLE = re.compile(r"(?<![\w@])@[\w.\-]*\w")
_HASHTAG = re.compile(r"#(\w+)")
_CAMEL = re.compile(r"(?<=[a-zà-ÿ])(?=[A-ZÀ-Þ])|(?<=[A-Za-z])(?=\d)|_")
_NUMBER = re.compile(r"\d[\d.,:/]*")
_REDACTED = re.compile(r"\bX{2,}[X/\s]*")
_SPACE = re.compile(r"\s+")
_STRETCHED = re.compile(r"(\w)\1{2,}")
_TOKEN = re.compile(r"@|0|[^\W\d_]+(?:['’][^\W\d_]+)*|[!?]+|[£$€]|:[a-z ]+:")
_LITTLE = (
    "a an the and or but of to in on at by for from with as is are was be it this that i you my your we our "
    "der die das den dem des ein eine einen und oder zu im am von mit ist sind es ich wir mein "
    "le la les l un une du de et ou est je il elle mon ma el los las y que se mi yo "
    "o os as um uma e do da na em eu gli lo i del della di che è io het een van en ik mijn"
)
_LITTLE_WORDS = frozenset(_LITTLE.split())
_EMOJI_WORDS = {
    "😡": "angry",
    "😠": "angry",
    "🤬": "swearing angry",
    "😤": "fuming",
    "🙄": "rolling eyes",
    "😒": "unamused",
    "👎": "thumbs down",
    "👍": "thumbs up",
    "🤦": "facepalm",
    "🤷": "shrug",
    "😭": "crying",
    "😢": "sad crying",
    "😞": "disappointed",
    "😂": "laughing",
    "🤣": "laughing",
    "❤": "love heart",
    "😍": "in love",
    "🙏": "please thanks",
    "👏": "clapping",
    "🙌": "hooray",
    "🎉": "celebration",
    "🤮": "vomiting",
    "🤢": "disgusted",
    "💩": "rubbish",
    "🤡": "clown",
    "😀": "happy",
    "😊": "happy",
    "🔥": "fire",
}


def plain(text: str) -> str:
    """Return ``text`` as the encoder is to read it: handles become ``@user``, links go, hashtags become words."""
    text = _LINK.sub(" ", html.unescape(text))
    text = _HANDLE.sub("@user", text)
    text = _HASHTAG.sub(lambda tag: " " + _CAMEL.sub(" ", tag.group(1)) + " ", text)
    text = "".join(_spoken(sign) if ord(sign) > 0x2000 else sign for sign in text)
    return _SPACE.sub(" ", text).strip()


def tokens(text: str) -> list[str]:
    """Return the words and marks that the n-gram model counts: ``@`` for a handle, ``0`` for a number."""
    return [_STRETCHED.sub(r"\1\1", piece.lower()) for piece in _pieces(text)]


def as_written(text: str) -> list[str]:
    """Return how each of ``tokens(text)`` stands in the post: an emoji as itself.

    Nothing stands for marks, numbers, handles, articles and the like: they count, but tell a reader nothing.
    """
    signs = {_spoken(sign).strip(): sign for sign in reversed(html.unescape(text)) if ord(sign) > 0x2000}
    return [_telling(piece) if piece[0].isalpha() else signs.get(piece, "") for piece in _pieces(text)]


def _telling(word: str) -> str:
    return "" if word.lower() in _LITTLE_WORDS else word


def _pieces(text: str) -> list[str]:
    text = plain(text).replace("@user", "@").replace("’", "'")
    found: list[str] = _TOKEN.findall(_NUMBER.sub("0", _REDACTED.sub("0 ", text)))
    return found


@lru_cache(maxsize=4096)
def _spoken(sign: str) -> str:
    """Name an emoji in words; joiners, variation selectors and skin tones say nothing."""
    if sign in _EMOJI_WORDS:
        return f" :{_EMOJI_WORDS[sign]}: "
    category = unicodedata.category(sign)
    if category == "So":
        return f" :{unicodedata.name(sign, 'sign').lower().replace('-', ' ')}: "
    return " " if category in {"Cf", "Mn", "Sk", "Me", "Cs", "Co"} else sign
