"""Which language a post is in, and when that cannot be said."""

from matcher.heads import LANGUAGES, GramLogits, Heads

UNKNOWN = "und"
_SURE = 0.5
_SURE_AGAINST_PLATFORM = 0.9
_ENOUGH_LETTERS = 8
_LATIN_END = 0x250


def detect(text: str, grams: GramLogits, heads: Heads, claimed: str | None) -> str:
    """Return one of the model's languages, or ``und``.

    ``claimed`` is the platform's own BCP 47 tag: it settles texts too short to tell, and a claim of a language
    that the model does not know is overruled only by a clear reading.
    """
    tag = _base(claimed)
    letters = [sign for sign in text if sign.isalpha()]
    if sum(ord(sign) >= _LATIN_END for sign in letters) * 2 > len(letters):
        return UNKNOWN
    if len(letters) < _ENOUGH_LETTERS:
        return tag if tag in LANGUAGES else (UNKNOWN if tag else "en")
    odds = heads.languages(grams)
    best = int(odds.argmax())
    name, sure = heads.card.languages[best], float(odds[best])
    if name not in LANGUAGES:
        return UNKNOWN
    if tag and tag != name:
        return name if sure >= _SURE_AGAINST_PLATFORM else (tag if tag in LANGUAGES else UNKNOWN)
    return name if sure >= _SURE or tag == name else UNKNOWN


def _base(tag: str | None) -> str | None:
    """Return the two-letter part of a tag; X's codes for no language (und, qme, zxx, ...) claim nothing."""
    base = (tag or "").lower().replace("_", "-").split("-")[0]
    return base if len(base) == 2 else None
