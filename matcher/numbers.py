"""Numbers as people write them: words in seven languages, amounts of money, counts of things."""

import re
from collections.abc import Container
from functools import cache

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
    "quaranta": 40, "cinquanta": 50, "sessanta": 60, "settanta": 70, "ottanta": 80, "novanta": 90, "sesenta": 60,
    "setenta": 70, "ochenta": 80, "noventa": 90, "cien": 100, "sessenta": 60, "oitenta": 80, "soixante": 60,
    "sechzig": 60, "siebzig": 70, "achtzig": 80, "neunzig": 90, "hundert": 100, "vijftig": 50, "zestig": 60,
    "zeventig": 70, "tachtig": 80, "negentig": 90, "honderd": 100,
    "dezesseis": 16, "dezessete": 17, "dezenove": 19, "tenner": 10, "fiver": 5, "quid": 0,
}  # fmt: skip
_NOT_COUNTS = frozenset(
    ("a", "an", "ein", "eine", "einer", "einem", "un", "une", "una", "uno", "um", "uma", "een", "one", "sei")
)
_OTHER_WORDS = frozenset(("once", "due", "dos", "elf", "otto", "seize", "sept"))  # in another of the seven languages
_NOUNS_TOO = frozenset(("elf", "otto", "seize", "sept"))
_CURRENCY = (
    r"(?:£|€|\$|gbp|eur|usd|quid|pounds?|euros?|dollars?|bucks?|livres|libras|sterline|pond|balles|pavos|tacken|piepen)"
)
_FIGURE = r"\d{1,3}(?:[ ,.]\d{3})+(?:[.,]\d{2})?|\d+(?:[.,]\d{1,2})?"
_BEFORE = re.compile(rf"(?:£|€|\$|gbp\s?|eur\s?|usd\s?)\s?({_FIGURE})", re.IGNORECASE)
_AFTER = re.compile(rf"(?<![\d.,])({_FIGURE})\s?{_CURRENCY}(?![a-z])", re.IGNORECASE)
_NO_CURRENCY = re.compile(
    r"(?<![\d.,:/-])(?<!um )(?<!à )(?<!as )(?<!às )(?<!alle )(?<!delle )(?<!vers )(?<!om )(?<!ios )"
    r"(?<!version )(?<!size )"
    r"(?!(?:0?[1-9]|[12]\d|3[01])\.(?:0[1-9]|1[0-2])(?!\d))"
    r"(?:\d{1,5},\d\d|(?:2[4-9]|[3-9]\d|\d{3,5})\.\d\d|\d{1,2}\.[6-9]\d)"
    r"(?![\d:/%°]|[.,]\d|\s?(?:uhr|h|hrs?|k?g|lbs?|m?l|cl|[cmk]?m|[mgk]b|gb|v|w|x|ft|in|\"|k?wh|grad|zoll|inch(?:es)?|"
    r"miles?|[mg]bps|units?|stars?|sterne|etoiles)\b|\s?°)",
    re.IGNORECASE,
)
"""A sum with its cents and nothing beside it, that is no hour and no measure."""
_PLAIN = re.compile(r"^\d{1,4}$")
_BESIDE_FIGURE = re.compile(r"\d(?:[.,]\d|[a-z])", re.IGNORECASE)
_GLUED = re.compile(r"^(\d{1,3})([a-z]+)$")
_ODD = {"odd", "ish", "something", "irgendwas"}  # "a hundred and eighty odd" is no number to meet exactly
_JOINERS = {"and", "et", "y", "e"}
_MONEY_WORDS = {"quid", "pound", "pounds", "euro", "euros", "dollars", "bucks", "pfund", "libras", "livres", "tenner",
                "sterline", "dollari", "franken", "francs", "franchi", "balles", "pavos", "pond"}  # fmt: skip


class AmountClue(Clue, frozen=True, kw_only=True):
    """A sum of money; ``said`` is how the text writes it, with its currency."""

    said: str


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


def says_how_many(word: str) -> bool:
    """Whether a folded word is a number: it is compared as such, not as a word."""
    return number(word) is not None and (word not in _NOUNS_TOO)


def number_before(found: list[Word], end: int) -> tuple[float | None, int]:
    """Read the number that the words before ``end`` close with ("9", "2.5", "twenty one"), and in how many words."""
    if end < 1:
        return None, 0
    last = found[end - 1].text
    value = float(last) if "." in last else number(last)
    if value is None or last[0].isdigit():
        return value, 1
    lead, used = _lead(found, end - 1)
    joined = _joined(lead, value) if lead else None
    return (joined, used) if joined else (value, 1)


def _lead(found: list[Word], index: int) -> tuple[int, int]:
    """Give the number that may belong to the one at ``index``, as in "vingt et un", and how many words both take."""
    bridged = index > 1 and found[index - 1].text in _JOINERS
    first = index - 1 - bridged
    article = found[index].text in _NOT_COUNTS and found[index].text != "one"
    if first < 0 or (article and not bridged) or found[index].start - found[first].end > (5 if bridged else 1):
        return 0, 1
    return number_words().get(found[first].text, 0), 2 + bridged


def _joined(lead: int, last: float) -> float | None:
    """Join "twenty" and "one", "dix" and "sept", "five" and "hundred", "nineteen" and "hundred"."""
    if last == 100:
        return lead * last if 1 < lead < 20 and lead != 10 else None
    tens = (lead in range(20, 100, 10) and 0 < last < 10) or (lead == 10 and 7 <= last <= 9)
    return lead + last if tens else None


def measures_apart(text: str, found: list[Word], units: Container[str]) -> list[Word]:
    """Give the words with a figure and its unit apart ("3wks"), and a decimal before a unit as one ("2.5 weeks")."""
    if _BESIDE_FIGURE.search(text) is None:
        return found
    apart: list[Word] = []
    for word in found:
        glued = _GLUED.match(word.text) if word.text[0].isdigit() else None
        unit = word
        if glued is not None and glued.group(2) in units:
            middle = word.start + len(glued.group(1))
            apart.append(Word(glued.group(1), word.start, middle))
            unit = Word(glued.group(2), middle, word.end)
        if unit.text in units and len(apart) > 1:
            apart[-2:] = _as_decimal(text, *apart[-2:])
        apart.append(unit)
    return apart


def _as_decimal(text: str, whole: Word, part: Word) -> list[Word]:
    figures = whole.text.isdigit() and part.text.isdigit() and len(whole.text) <= 3 and len(part.text) <= 2
    if not figures or text[whole.end : part.start] not in {".", ","}:
        return [whole, part]
    return [Word(f"{whole.text}.{part.text}", whole.start, part.end)]


def amounts(text: str, found: list[Word]) -> list[AmountClue]:
    """Give the sums of money that a text names, each as a plain decimal: ``38,5`` gives 38.50, ``£40.00`` gives 40."""
    spans = [m for pattern in (_BEFORE, _AFTER) for m in pattern.finditer(text)]
    bare = _NO_CURRENCY.finditer(text) if any(mark in text for mark in ",.") else ()
    clues = {m.start(): _sum(text, _decimal(m.group()), m.start(), m.end()) for m in bare}
    clues |= {m.start(1): _sum(text, _decimal(m.group(1)), m.start(), m.end()) for m in spans}
    for index, word in enumerate(found):
        if word.text in _MONEY_WORDS and index and not found[index - 1].text[0].isdigit():
            value, used = number_before(found, index)
            if value and value > 1:
                start = found[index - used].start
                clues[start] = _sum(text, f"{value:.0f}", start, word.end)
        if word.text in {"tenner", "fiver"}:
            clues[word.start] = _sum(text, "10" if word.text == "tenner" else "5", word.start, word.end)
    return list(clues.values())


def _sum(text: str, value: str, start: int, end: int) -> AmountClue:
    return AmountClue("amount", value, start, end, said=text[start:end])


def _decimal(figure: str) -> str:
    cents = re.search(r"[.,](\d{1,2})$", figure)
    whole = re.sub(r"\D", "", figure[: cents.start()] if cents else figure)
    value = float(f"{whole or 0}.{cents.group(1) if cents else 0}")
    return f"{value:.2f}".removesuffix(".00")


def counts(found: list[Word], taken: set[int]) -> list[Clue]:
    """Give the other numbers of a text, above one; ``taken`` holds the starts of words that mean something else."""
    clues: list[Clue] = []
    end = len(found)
    while end:
        last = found[end - 1]
        unsure = last.text in _NOT_COUNTS or last.text in _OTHER_WORDS
        value, used = (None, 1) if unsure or last.start in taken else _whole(found, end)
        about = end < len(found) and found[end].text in _ODD
        if value is not None and 1 < value < 10000 and not about:
            clues.append(Clue("count", str(value), found[end - used].start, last.end))
        end -= used
    return clues[::-1]


def _whole(found: list[Word], end: int) -> tuple[int | None, int]:
    """Read the whole number that closes before ``end``, and in how many words: "eighty-five", "a hundred and ten"."""
    if number(found[end - 1].text) is None:
        return None, 1
    value, used = number_before(found, end)
    if value is None or not 0 < value < 100 or found[end - 1].text[0].isdigit():
        return (None if value is None else int(value)), used
    hundreds, more = _hundreds(found, end - used)
    return hundreds + int(value), used + more


def _hundreds(found: list[Word], end: int) -> tuple[int, int]:
    """Give the hundreds that the words before ``end`` say, "and" or not, and how many words that takes."""
    bridged = end > 1 and found[end - 1].text in _JOINERS
    last = end - 1 - bridged
    if last < 0 or number_words().get(found[last].text) != 100:
        return 0, 0
    value, used = number_before(found, last + 1)
    return int(value or 0), used + bridged
