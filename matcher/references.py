"""References, e-mail addresses and telephone numbers that a text names."""

import re

import phonenumbers

from matcher.clue import Clue
from matcher.folding import fold

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_CODE = re.compile(
    r"(?<![\w@/-])(?<!\d[.,])"
    r"((?:[A-Za-z]{1,8}(?:-[A-Za-z]{1,5})?-?\d{3,}+|(?:\d{1,4}-){0,2}\d{3,}+)(?:-?[A-Za-z0-9]+)*+)(?![\w@])"
)
_LOCATOR = re.compile(r"(?<![\w@#/-])([A-Z\d]{5,8})(?![\w-])")
_SPACED = re.compile(r"(?<![\w@/-])([A-Z]{1,5} \d{3,}+[\w-]*+)(?![\w@])")
_RECORDS = (
    r"(?:orders?|cases?|tickets?|ref|reference|bookings?|claims?|invoices?|complaints?|reservation|tracking|account|"
    r"policy|fault|folio|rma|bestellung(?:en)?|fall|vorgang|auftrag|rechnung|referenz|buchung|reklamation|aktenzeichen|az|konto|"
    r"(?:bestell|auftrags?|vorgangs?|fall|rechnungs?|kunden|sendungs?|ticket|buchungs?|vertrags?|referenz|order|klant|"
    r"zaak|factuur|boekings?|klacht)-?(?:nummer|nr)|commandes?|dossiers?|factures?|reclamations?|compte|pedidos?|"
    r"casos?|incidencias?|facturas?|reclamacion|referencia|reserva|expediente|cuenta|encomendas?|processo|protocolo|"
    r"faturas?|reclamacao|conta|ordin[ei]|pratica|fattura|reclamo|riferimento|prenotazione|segnalazione|conto|"
    r"bestelling(?:en)?|zaak|factuur|klacht|referentie|boeking|rekening)"
)
_FILLER = r"(?:no|nr|num|n|numbers?|nummer|numero|id|ref|reference|code|is|was|s|lautet|ist|est|es)"
_NAMED = re.compile(rf"\b{_RECORDS}\b(?:[\s.:#('°-]{{0,4}}+\b{_FILLER}\b){{0,4}}[\s.:#('°-]{{0,4}}+$")
_ENDING = re.compile(
    r"(?i:(?<!\w)(?:ending|ends?|endend|endet|endziffern?|finit|finissant|terminant|termine|acaba|acabad[oa]|termina|"
    r"terminad[oa]|terminando|finisce|eindigt|eindigend)"
    r"(?:\s+(?:in|with|on|mit|auf|par|en|em|com|con|op|per))?\s+)"
    r"#?(\d{3,5}|(?=[A-Z-]*\d)(?:[A-Z\d]-?){2,5}[A-Z\d])(?![\w-]|[.,]\d)"
)
_ENDS_SO = re.compile(rf"\b(?:{_RECORDS}|numbers?|nummer|numero)\b")
_FIGURES = re.compile(r"\d{3}")  # what every reference holds
_YEAR = re.compile(r"(?:19|20)\d\d")
_DAY = re.compile(r"(?:19|20)\d\d(?:0\d|1[0-2])[0-3]\d(?:t\d*)?|[0-3]\d(?:0\d|1[0-2])(?:19|20)\d\d")
_MEASURE = re.compile(
    r"\d+(?:[mck]?[lmg]|[kmgt]b|k?wh?|m?ah|lbs?|ft|hz|rpm|btu|k?cal|dpi|fps|[kmg]?bit|[kmg]bps|st|nd|rd|th|er|[ap]m|[kpvsx]|"
    r"hrs?|mins?|secs?)"
)
_CURRENCIES = frozenset(("gbp", "eur", "usd", "chf"))
_PRICED = re.compile(r"(?:[£€$]|\b(?:gbp|eur|usd|chf|rs|kr))[\s.]?$")
_COUNTED = re.compile(
    r"(?:[.,]\d{1,2})?\s?(?:[£€$%](?!\s?\d)|(?:gbp|eur|usd|chf|quid|pounds?|euros?|dollars?|bucks?|pfund|livres|libras|"
    r"sterline|pond|franken|francs?|hours?|days?|weeks?|months?|years?|minutes?|points?|miles?|stunden?|tagen?|wochen?|"
    r"monaten?|jahren?|minuten|punkte|heures?|jours?|semaines?|mois|ans|horas?|dias?|semanas?|mes(?:es)?|an[on]s?|"
    r"giorni|settimane|mesi|anni|ore|uur|dagen|weken|maanden|jaar|km)(?![a-z]|\s?\d))"
)
_POSTCODE = re.compile(r"[a-z]-\d{5}|\d{4}[a-z]{2}")
_NATIONAL = re.compile(
    r"(?<![\w+.,/-])(?:\(?0\d{1,4}\)?[ /-]{0,2}\d{2,8}(?:[ -]\d{2,8}){0,4}|0\d(?:\.\d\d){4}|"
    r"\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4})(?![\w-])"
)
_ABROAD = re.compile(r"\+\d[\d ()/-]{6,18}")
_RUNG = re.compile(
    r"\b(?:ring|call|phone|text|tel|t[eé]l[eé]phone|mobile|whatsapp|handy|telefon(?:nummer)?|rufnummer|mobil|rufen|"
    r"portable|appele[rz]|m[oó]vil|tel[eé]fono|ll[aá]m\w*|telem[oó]vel|telefone|lig\w*|cellulare|chiam\w*|mobiel|"
    r"telefoonnummer|bel(?:len)?)"
    r"(?:[ -](?:me|us|him|her|mich|uns|moi|nous|number|no|numero|nummer|on|at|is|unter|auf|au|al|op)){0,3}[ .:]{1,3}"
    r"(\d[\d ()/.-]{4,18})",
    re.IGNORECASE,
)
_DIGIT = re.compile(r"\d")
_RUN = re.compile(r"\d+")
_NEAR = 40  # characters in which the word that names a record must stand
_LEAST_DIGITS = 4
_LEAST_LETTERED = 5  # digits in a row: model numbers have fewer
_LEAST_BARE = 6
_LEAST_GROUPED = 9
_LEAST_OF_PHONE = 8  # digits
_NATIONAL_DIGITS = range(9, 13)


def references(text: str) -> list[Clue]:
    """Give the references of a text (``LM-51077`` gives ``lm51077``): named as such, or of the look of one.

    Years, sums, telephone numbers and postcodes are none, nor are short codes as of models (see ``codes``).
    """
    if not _FIGURES.search(text):
        return []
    found = [match for match in _CODE.finditer(text) if not _is_figure(match, text)]
    named = (m for m in found if _is_named(m, text) or (_looks_so(m) and not _is_dialled(m, text)))
    return [_clue("reference", match) for match in named]


def codes(text: str) -> list[Clue]:
    """Give the codes of letters and digits that are references only where a case is kept under them.

    They are those of the look of ``FN-2041``, and record locators as of bookings: ``K7RTQX``, or ``KWRTQX`` where a
    word before says what it is.
    """
    patterns = (_CODE, _SPACED) if _FIGURES.search(text) else ()
    found = [match for pattern in patterns for match in pattern.finditer(text)]
    found += [match for match in _LOCATOR.finditer(text) if _DIGIT.search(match.group(1)) or _is_named(match, text)]
    clues = {(clue.value, clue.start): clue for clue in (_clue("code", match) for match in found)}.values()
    return [clue for clue in clues if not clue.value.isdigit() and not _MEASURE.fullmatch(clue.value)]


def endings(text: str) -> list[Clue]:
    """Give the last signs by which a text names a reference ("order ending 664", "case ending 07QK" or "W-C-8-N")."""
    if not _DIGIT.search(text):
        return []
    found = (match for match in _ENDING.finditer(text) if _is_ending(match, text))
    return [_clue("reference_ending", match) for match in found]


def emails(text: str) -> list[Clue]:
    """Give the e-mail addresses of a text, in lower case."""
    found = _EMAIL.finditer(text) if "@" in text else ()
    return [Clue("email", m.group().lower().rstrip("."), m.start(), m.end()) for m in found]


def phones(text: str, region: str | None) -> list[Clue]:
    """Give the telephone numbers of a text as E.164; ``region`` (alpha-2) reads numbers without a country code.

    Without a region those are given as they are dialled at home (``07700900123``).
    """
    if len(_DIGIT.findall(text)) < _LEAST_OF_PHONE:
        return []
    found = phonenumbers.PhoneNumberMatcher(text, region or "ZZ", phonenumbers.Leniency.POSSIBLE)
    form = phonenumbers.PhoneNumberFormat.E164
    clues = [Clue("phone", phonenumbers.format_number(m.number, form), m.start, m.end) for m in found]
    return clues if region else [*clues, *_at_home(text)]


def plain(reference: str) -> str:
    """Give a reference in the one spelling that is compared: lower case, letters and digits only."""
    return re.sub(r"[^a-z0-9]", "", reference.lower())


def digits(reference: str) -> str:
    """Give the digits of a reference alone."""
    return re.sub(r"\D", "", reference)


def _clue(code: str, match: re.Match[str]) -> Clue:
    return Clue(code, plain(match.group(1)), match.start(1), match.end(1))


def _is_figure(match: re.Match[str], text: str) -> bool:
    """Whether a code is a year or a sum, or too short to tell one record from another."""
    value = plain(match.group(1))
    least = _LEAST_DIGITS if value[0].isdigit() else _LEAST_DIGITS - 1
    if len(digits(value)) < least or _YEAR.fullmatch(value) or value[:3] in _CURRENCIES:
        return True
    if not value.isdigit():
        return False
    return bool(_PRICED.search(_before(match, text)) or _COUNTED.match(_after(match, text)))


def _is_named(match: re.Match[str], text: str) -> bool:
    return _NAMED.search(_before(match, text)) is not None


def _looks_so(match: re.Match[str]) -> bool:
    """Whether a code has the look of an order number, though no word says so."""
    said, value = match.group(1), plain(match.group(1))
    if _DAY.fullmatch(value) or _MEASURE.fullmatch(said.lower()):
        return False
    if value.isdigit():
        least = _LEAST_GROUPED if "-" in said else _LEAST_BARE
        return len(value) >= least and not value.endswith("000")
    sure = max(map(len, _RUN.findall(said))) >= _LEAST_LETTERED or said.count("-") > 1
    return sure and not _POSTCODE.fullmatch(said.lower())


def _is_ending(match: re.Match[str], text: str) -> bool:
    """Whether a record is named beside an ending, and the figure is no year, sum or count."""
    after = _after(match, text)
    if _YEAR.fullmatch(match.group(1)) or _COUNTED.match(after):
        return False
    return bool(_ENDS_SO.search(_before(match, text)) or _ENDS_SO.search(after))


def _before(match: re.Match[str], text: str) -> str:
    return fold(text[max(match.start() - _NEAR, 0) : match.start()])


def _after(match: re.Match[str], text: str) -> str:
    return fold(text[match.end(1) : match.end(1) + _NEAR])


def _at_home(text: str) -> list[Clue]:
    """Give the telephone numbers that begin as they are dialled within a country."""
    said = ((match, digits(match.group())) for match in _NATIONAL.finditer(text))
    return [Clue("phone", number, m.start(), m.end()) for m, number in said if len(number) in _NATIONAL_DIGITS]


def _is_dialled(match: re.Match[str], text: str) -> bool:
    """Whether figures are part of a telephone number, or follow a word for a call."""
    first = max(match.start() - _NEAR, 0)
    near, place = text[first : match.end() + _NEAR], match.start() - first
    spans = [m.span() for pattern in (_ABROAD, _RUNG) for m in pattern.finditer(near)]
    spans += [(clue.start, clue.end) for clue in _at_home(near)]
    return any(start <= place < end for start, end in spans)
