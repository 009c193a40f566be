"""Folding: one spelling for what a reader takes for the same word.

Case, accents, width, ligatures and fancy letters fold; zero-width characters, bidi controls and variation selectors
vanish; apostrophes and dashes become ASCII (Unicode Standard Annex 15, NFKD; Unicode Technical Report 36 on
look-alikes is not attempted). Marks of Latin, Greek, Cyrillic, Hebrew and Arabic are stripped; vowel signs of Indic
scripts and the voicing marks of kana make different words and stay.
"""

import re
import unicodedata
from functools import lru_cache

_LETTERS = {"ø": "o", "đ": "d", "ł": "l", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ŧ": "t"}
_APOSTROPHES = "\u00b4\u02b9\u02bb\u02bc\u2018\u2019\u201b\u2032\uff07"
_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe31\ufe32\ufe58\ufe63\uff0d"
_PLAIN = str.maketrans({**_LETTERS, **dict.fromkeys(_APOSTROPHES, "'"), **dict.fromkeys(_DASHES, "-")})
_IGNORED = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_MARKS = (
    "\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670"
    "\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
)
# Characters that may join with the one before them, so that folding them alone would be wrong.
_JOINING = (
    "\u093c\u09be\u09d7\u0b3e\u0b56\u0b57\u0bbe\u0bd7\u0c56\u0cc2\u0cd5\u0cd6\u0d3e\u0d57\u0dca\u0dcf\u0ddf\u102e"
    "\u1161-\u1175\u11a8-\u11c2\u1b35\u3099\u309a\uff9e\uff9f\uffc2-\uffdc\U000110ba\U00011127\U0001133e\U00011357"
    "\U000114b0\U000114ba\U000114bd\U000115af\U00011930"
)
# Lower-case characters that folding leaves alone; all others take the slower way. A test checks each of them.
STABLE = (
    "\x00-\x7f\u00a1-\u00a7\u00a9\u00ab\u00ac\u00b0\u00b1\u00b6\u00b7\u00bb\u00bf\u00d7\u00f7\u03b1-\u03c1\u03c3-\u03c9"
    "\u0430-\u0438\u043a-\u044f\u05d0-\u05ea\u0627-\u063a\u0641-\u064a\u0901-\u0928\u092a-\u0930\u0932\u0933"
    "\u0935-\u0939\u093e-\u0957\u0e01-\u0e32\u0e34-\u0e3a\u0e40-\u0e4e\u201c\u201d\u2020-\u2023\u20ac\u2500-\u25ff"
    "\u2600-\u27bf\u3001\u3002\u300c-\u3011\u3041-\u3093\u30a1-\u30f6\u30fc\u4e00-\u9fff\uac00-\ud7a3"
    "\U0001f1e6-\U0001f1ff\U0001f300-\U0001faff"
)
# Characters of any case that neither are nor become part of a Latin word, so that a sieve need not fold them.
HARMLESS = (
    "\x00-\x7f\u00a1-\u00a7\u00a9\u00ab\u00ac\u00ae\u00b0\u00b1\u00b6\u00b7\u00bb\u00bf\u2010-\u2027\u2030-\u2035\u2038-\u205e"
    "\u20ac\u2190-\u2199\u2300-\u2328\u232b-\u23ff\u2500-\u2775\u2794-\u27bf\u2b00-\u2bff\u3001-\u3003\u3008-\u3011\u3041-\u3096\u30a1-\u30fe"
    "\u4e00-\u9fff\uac00-\ud7a3\ufe0f\u200d\U0001f000-\U0001f0ff\U0001f1e6-\U0001f1ff\U0001f300-\U0001faff"
)
# Scripts written without spaces, or with endings attached: a boundary may stand beside any of their letters.
SOLO = (
    "\u0e00-\u0eff\u0f00-\u109f\u1100-\u11ff\u1780-\u17ff\u3000-\u30ff\u3100-\u318f\u31f0-\u31ff\u3400-\u9fff"
    "\uac00-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff"
)
_SOLO = re.compile(f"[{SOLO}]")

_UNSTABLE = re.compile(f"[^{STABLE}]{{1,8}}")
_HARMFUL = re.compile(f"[^{HARMLESS}]")
_VANISHING = re.compile(f"[{_IGNORED}{_MARKS}]")
_JOINED = re.compile(f"[{_JOINING}]")
_SYLLABLE = re.compile(f"(?s:.)[{_JOINING}]{{1,8}}")
_VARIATION, _JOINER = "\ufe0f".encode(), "\u200d".encode()


def fold(text: str) -> str:
    """Fold a text; any string is accepted, a lone surrogate becomes U+FFFD. Takes time linear in the length."""
    lowered = text.lower()
    if text.isascii():
        return lowered
    if _JOINED.search(lowered):
        lowered = _SYLLABLE.sub(lambda found: unicodedata.normalize("NFKC", found[0]), lowered)
    return _UNSTABLE.sub(_folded, lowered)


def squeeze(text: str) -> str:
    """Fold a text and leave one space between its words: the form in which terms are compared."""
    return " ".join(fold(text).split())


def sift(text: str) -> bytes:
    """Give UTF-8 in which every word of the squeezed text stands, with ASCII white space as it was, cheaply.

    Punctuation may differ from the squeezed form: what looks for terms here has to leave it out.
    """
    if text.isascii():
        return text.lower().encode()
    if _HARMFUL.search(text):
        return squeeze(text).encode()
    return text.encode().lower().replace(_VARIATION, b"").replace(_JOINER, b"")


def align(text: str) -> tuple[str, list[int]]:
    """Squeeze a text and tell, for each character of the result, at which index of the text it began."""
    squeezed: list[str] = []
    origins: list[int] = []
    for index, piece in _pieces(text):
        for char in fold(piece):
            if not char.isspace():
                squeezed.append(char)
            elif squeezed and squeezed[-1] != " ":
                squeezed.append(" ")
            else:
                continue
            origins.append(index)
    if squeezed and squeezed[-1] == " ":
        squeezed.pop()
        origins.pop()
    return "".join(squeezed), origins


def joins(char: str) -> bool:
    """Tell whether a folded character is part of a word that goes on beside it; no boundary lies between two such."""
    if char.isascii():
        return char.isalnum() or char == "_"
    return _joins(char)


@lru_cache(4096)
def _joins(char: str) -> bool:
    return (char.isalnum() or unicodedata.category(char) in ("Mn", "Mc")) and not _SOLO.match(char)


def _pieces(text: str) -> list[tuple[int, str]]:
    pieces: list[tuple[int, str]] = []
    index = 0
    while index < len(text):
        syllable = _SYLLABLE.match(text, index)
        end = syllable.end() if syllable else index + 1
        pieces.append((index, text[index:end]))
        index = end
    return pieces


def _folded(found: re.Match[str]) -> str:
    return _fold_run(found[0])


@lru_cache(4096)
def _fold_run(run: str) -> str:
    return "".join(map(_fold_char, run))


def _fold_char(char: str) -> str:
    if _VANISHING.match(char):
        return ""
    if "\ud800" <= char <= "\udfff":
        return "\ufffd"
    bare = _VANISHING.sub("", unicodedata.normalize("NFKD", char.translate(_PLAIN)))
    return unicodedata.normalize("NFC", bare.casefold().translate(_PLAIN))
