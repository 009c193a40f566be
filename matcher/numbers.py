"""Numbers as people write them: words in seven languages, amounts of money, counts of things."""

import re
from functools import cache
from itertools import pairwise

from matcher.clue import Clue
from matcher.folding import Word

_UNITS = {
    "en": "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen twenty",
    "de": "null eins zwei drei vier funf sechs sieben acht neun zehn elf zwolf dreizehn vierzehn funfzehn sechzehn "
    "siebzehn achtzehn neunzehn zwanzig",
    "fr": "zero un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix-sept "
    "dix-huit dix-neuf vingt",
    "es": "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciseis "
    "diecisiete dieciocho diecinueve veinte",
    "pt": "zero um dois tres quatro cinco seis sete oito nove dez onze doze treze catorze quinze dezasseis "
    "dezassete dezoito dezanove vinte",
    "it": "zero uno due tre quattro cinque sei sette otto nove dieci undici dodici tredici quattordici quindici "
    "sedici diciassette diciotto diciannove venti",
    "nl": "nul een twee drie vier vijf zes zeven acht negen tien elf twaalf dertien veertien vijftien zestien "
    "zeventien achttien negentien twintig",
}
_MORE = {
    "a": 1, "an": 1, "ein": 1, "eine": 1, "einer": 1, "einem": 1, "une": 1, "una": 1, "uma": 1, "duas": 2, "wee": 0,
    "couple": 2, "deux": 2, "half-dozen": 6, "dozen": 12, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60,
    "seventy": 70, "eighty": 80, "ninety": 90, "hundred": 100, "dreissig": 30, "vierzig": 40, "trente": 30,
    "treinta": 30, "trinta": 30, "trenta": 30, "dertig": 30, "veertig": 40, "cuarenta": 40, "quarante": 40,
    "quarenta": 40, "cinquante": 50, "cincuenta": 50, "cinquenta": 50, "funfzig": 50, "twee": 2, "drie": 3,
    "zwo": 2, "dutzend": 12, "docena": 12, "douzaine": 12, "duzia": 12, "dozzina": 12, "dozijn": 12,
    "dezesseis": 16, "dezessete": 17, "dezenove": 19, "tenner": 10, "fiver": 5, "quid": 0,
}  # fmt: skip
_NOT_COUNTS = frozenset(
    ("a", "an", "ein", "eine", "einer", "einem", "un", "une", "una", "uno", "um", "uma", "een", "one", "sei")
)
_CURRENCY = r"(?:£|€|\$|gbp|eur|usd|quid|pounds?|euros?|dollars?|bucks?|livres|libras|sterline|pond)"
_FIGURE = r"\d{1,3}(?:[ ,.]\d{3})+(?:[.,]\d{2})?|\d+(?:[.,]\d{1,2})?"
_BEFORE = re.compile(rf"(?:£|€|\$|gbp\s?|eur\s?|usd\s?)\s?({_FIGURE})", re.IGNORECASE)
_AFTER = re.compile(rf"(?<![\d.,])({_FIGURE})\s?{_CURRENCY}(?![a-z])", re.IGNORECASE)
_PLAIN = re.compile(r"^\d{1,4}$")
_MONEY_WORDS = {"quid", "pound", "pounds", "euro", "euros", "dollars", "bucks", "pfund", "libras", "livres", "tenner"}


@cache
def number_words() -> dict[str, int]:
    """Give the value of every folded number word."""
    known = {word: value for line in _UNITS.values() for value, word in enumerate(line.split(" "))}
    return {**known, **_MORE}


def number(word: str) -> int | None:
    """Give the value of a folded word or figure, or None where it is no small number."""
    if word[:1].isdigit():
        return int(word) if _PLAIN.match(word) else None
    return number_words().get(word)


def amounts(text: str, found: list[Word]) -> list[Clue]:
    """Give the sums of money that a text names, each as a plain decimal (``38.50`` gives 38.5)."""
    spans = [m for pattern in (_BEFORE, _AFTER) for m in pattern.finditer(text)]
    clues = {m.start(1): Clue("amount", _decimal(m.group(1)), m.start(), m.end()) for m in spans}
    for first, second in pairwise(found):
        value = number_words().get(first.text)
        if value and value > 1 and second.text in _MONEY_WORDS:
            clues[first.start] = Clue("amount", str(value), first.start, second.end)
    for word in found:
        if word.text in {"tenner", "fiver"}:
            clues[word.start] = Clue("amount", "10" if word.text == "tenner" else "5", word.start, word.end)
    return list(clues.values())


def _decimal(figure: str) -> str:
    cents = re.search(r"[.,](\d{1,2})$", figure)
    whole = re.sub(r"\D", "", figure[: cents.start()] if cents else figure)
    value = float(f"{whole or 0}.{cents.group(1) if cents else 0}")
    return f"{value:g}"


def counts(found: list[Word], taken: set[int]) -> list[Clue]:
    """Give the other numbers of a text, above one; ``taken`` holds the starts of words that mean something else."""
    clues = []
    for word in found:
        value = None if word.text in _NOT_COUNTS or word.start in taken else number(word.text)
        if value is not None and 1 < value < 10000:
            clues.append(Clue("count", str(value), word.start, word.end))
    return clues
