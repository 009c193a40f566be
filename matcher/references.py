"""References, e-mail addresses and telephone numbers that a text names."""

import re

import phonenumbers

from matcher.clue import Clue

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_CODE = re.compile(r"(?<![\w@/.])(?=[\w-]*\d{3})([A-Za-z]{1,5}[- ]?\d{3,}[\w-]*|\d{4,}[A-Za-z]{0,4})(?![\w@])")
_ENDING = re.compile(
    r"(?:ending|ends|endend|endet|auf|finit|finissant|acaba|termina|terminada|terminado|finisce|eindigt|eindigend)"
    r"(?:\s+(?:in|with|on|mit|par|en|em|con|op))?\s+[#]?(\d{3,5})(?!\d)",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"(?:order|case|ticket|ref(?:erence)?|bestellung|bestellnummer|fall|vorgang|auftrag|commande|dossier|pedido|caso|"
    r"incidencia|encomenda|processo|ordine|pratica|bestelling|zaak|booking|claim|invoice)"
    r"(?:\s*(?:no|nr|number|nummer|num[eé]ro|n[uú]mero|numero|id))?\.?\s*[:#]?\s*(\d{4,})",
    re.IGNORECASE,
)
_FIGURES = re.compile(r"\d{3}")  # what every reference and every ending holds
_YEAR = re.compile(r"^(?:19|20)\d\d$")
_DIGIT = re.compile(r"\d")
_LEAST_DIGITS = 4
_LEAST_OF_PHONE = 8  # digits


def references(text: str) -> list[Clue]:
    """Give the reference-like codes of a text (``LM-51077`` gives ``lm51077``); years and prices are none."""
    if not _FIGURES.search(text):
        return []
    clues = {}
    for match in (*_CODE.finditer(text), *_NAMED.finditer(text)):
        value = plain(match.group(1))
        if _is_reference(value, text, match.start(1)):
            clues[match.start(1)] = Clue("reference", value, match.start(1), match.end(1))
    return list(clues.values())


def endings(text: str) -> list[Clue]:
    """Give the last digits by which a text names a reference ("order ending 664")."""
    if not _FIGURES.search(text):
        return []
    return [Clue("reference_ending", m.group(1), m.start(1), m.end(1)) for m in _ENDING.finditer(text)]


def emails(text: str) -> list[Clue]:
    """Give the e-mail addresses of a text, in lower case."""
    found = _EMAIL.finditer(text) if "@" in text else ()
    return [Clue("email", m.group().lower().rstrip("."), m.start(), m.end()) for m in found]


def phones(text: str, region: str | None) -> list[Clue]:
    """Give the telephone numbers of a text as E.164; ``region`` (alpha-2) reads numbers without a country code."""
    if len(_DIGIT.findall(text)) < _LEAST_OF_PHONE:
        return []
    found = phonenumbers.PhoneNumberMatcher(text, region or "ZZ", phonenumbers.Leniency.POSSIBLE)
    form = phonenumbers.PhoneNumberFormat.E164
    return [Clue("phone", phonenumbers.format_number(m.number, form), m.start, m.end) for m in found]


def plain(reference: str) -> str:
    """Give a reference in the one spelling that is compared: lower case, letters and digits only."""
    return re.sub(r"[^a-z0-9]", "", reference.lower())


def digits(reference: str) -> str:
    """Give the digits of a reference alone."""
    return re.sub(r"\D", "", reference)


def _is_reference(value: str, text: str, start: int) -> bool:
    enough = len(digits(value)) >= _LEAST_DIGITS or (value[:1].isalpha() and len(digits(value)) >= 3)
    priced = start > 0 and text[start - 1] in "£€$#"
    measure = re.fullmatch(r"\d+(?:ml|cl|kg|km|gb|mb|kwh|st|nd|rd|th|am|pm|k)", value) is not None
    return enough and not _YEAR.match(value) and not measure and not (priced and value.isdigit() and len(value) < 5)
