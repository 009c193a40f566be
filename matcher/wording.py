"""A post's text as the complaint model reads it: without names, links and markup, with emoji as words."""

import html
import re
import unicodedata
from functools import lru_cache

_LINK = re.compile(r"https?://\S+|www\.\S+|\bpic\.twitter\.com/\S+", re.IGNORECASE)
_HANDLE = re.compile(r"(?<![\w@])@[\w.\-]*\w")
_CROWD = re.compile(r"@user(?:\s+@user){2,}")
_HASHTAG = re.compile(r"#(\w+)")
_CAMEL = re.compile(r"(?<=[a-zà-ÿ])(?=[A-ZÀ-Þ])|(?<=[A-Za-z])(?=\d)|_")
_NUMBER = re.compile(r"\d[\d.,:/]*")
_REDACTED = re.compile(r"\bX{2,}[X/\s]*")
_SPACE = re.compile(r"\s+")
_STRETCHED = re.compile(r"(\w)\1{2,}")
_TOKEN = re.compile(r"@|0|[^\W\d_]+(?:['’][^\W\d_]+)*|[!?]+|[£$€]|\ue000[a-z ]+\ue000")
_SHAPED = re.compile("[\uff01-\uff5e\u2460-\u24ff\U0001d400-\U0001d7ff\U0001f130-\U0001f149]+")
_EMOJI = "\ue000"  # stands around an emoji's name; what a post holds of these signs is dropped
_HEADING = re.compile(
    r"((?:@[\w.\-]+\s{1,3}){0,9})"
    r"(?:order|case|ticket|ref(?:erence)?|bestellung|bestellnummer|fall|vorgang|auftrag|commande|dossier|pedido|caso|"
    r"incidencia|encomenda|processo|ordine|pratica|bestelling|zaak|booking|claim|invoice)\b"
    r"(?:\.?\s{0,3}(?:no|nr|number|nummer|num[eé]ro|n[uú]mero|id)\b)?\.?[:#\s]{0,3}"
    r"(?=[^\W\d_]{0,9}-?\d)\w[\w-]{0,19}\s?:\s+(?=\S)",
    re.IGNORECASE,
)
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


def spelt(text: str) -> str:
    """Return ``text`` in plain letters: full-width, circled and mathematical ones, and accents that stand apart."""
    if text.isascii():
        return text
    return _SHAPED.sub(lambda found: unicodedata.normalize("NFKC", found[0]), unicodedata.normalize("NFC", text))


def plain(text: str) -> str:
    """Return ``text`` as the encoder is to read it: handles become ``@user``, links go, hashtags become words."""
    return _SPACE.sub(" ", _marked(text).replace(_EMOJI, ":")).strip()


def body(text: str) -> str:
    """Return ``text`` without the reference that heads it: "Ref AB12: my parcel is lost" is about a parcel."""
    return _HEADING.sub(r"\1", text, count=1) if _HEADING.match(text) else text


def own_words(text: str) -> str:
    """Return what somebody wrote in a language: ``text`` without handles and links; an emoji has no letters."""
    return _HANDLE.sub(" ", _LINK.sub(" ", html.unescape(text)))


def tokens(text: str) -> list[str]:
    """Return the words and marks that the n-gram model counts: ``@`` for a handle, ``0`` for a number."""
    return [_STRETCHED.sub(r"\1\1", piece.lower()).replace(_EMOJI, ":") for piece in _pieces(text)]


def as_written(text: str) -> list[str]:
    """Return how each of ``tokens(text)`` stands in the post: an emoji as itself.

    Nothing stands for marks, numbers, handles, articles and the like: they count, but tell a reader nothing.
    """
    signs = {_spoken(sign).strip(): sign for sign in reversed(html.unescape(text)) if ord(sign) > 0x2000}
    return [_telling(piece) if piece[0].isalpha() else signs.get(piece, "") for piece in _pieces(text)]


def _telling(word: str) -> str:
    return "" if word.lower() in _LITTLE_WORDS else word


def _marked(text: str) -> str:
    """Do what ``plain`` does, but mark the names of emoji: words between two colons are no emoji.

    Three handles or more in a row count as one, as they call for no more attention than one.
    """
    text = _CROWD.sub("@user", _HANDLE.sub("@user", _LINK.sub(" ", html.unescape(text))))
    text = _HASHTAG.sub(lambda tag: " " + _CAMEL.sub(" ", tag.group(1)) + " ", text)
    return text if text.isascii() else "".join(_spoken(sign) if ord(sign) > 0x2000 else sign for sign in text)


def _pieces(text: str) -> list[str]:
    text = _marked(text).replace("@user", "@").replace("’", "'")
    found: list[str] = _TOKEN.findall(_NUMBER.sub("0", _REDACTED.sub("0 ", text)))
    return found


@lru_cache(maxsize=4096)
def _spoken(sign: str) -> str:
    """Name an emoji in words; joiners, variation selectors and skin tones say nothing."""
    if sign in _EMOJI_WORDS:
        return f" {_EMOJI}{_EMOJI_WORDS[sign]}{_EMOJI} "
    category = unicodedata.category(sign)
    if category == "So":
        return f" {_EMOJI}{unicodedata.name(sign, 'sign').lower().replace('-', ' ')}{_EMOJI} "
    return " " if category in {"Cf", "Mn", "Sk", "Me", "Cs", "Co"} else sign
