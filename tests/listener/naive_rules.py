"""What a rule means, written as plainly as can be: every term at every place, every pair of places, no shortcut."""

import unicodedata

from listener.config import RuleConfig
from listener.fold import SOLO, squeeze


def naive_hits(rules: list[RuleConfig], text: str, lang: str | None) -> list[str]:
    """Name the rules that a text hits; patterns are left out."""
    folded = squeeze(text)
    return [rule.name for rule in sorted(rules, key=lambda rule: -rule.priority) if _hits(rule, folded, lang)]


def _hits(rule: RuleConfig, text: str, lang: str | None) -> bool:
    if rule.lang and lang not in (None, "und") and lang.split("-")[0] not in rule.lang:
        return False
    groups = ([rule.any] if rule.any else []) + list(rule.all)
    if not all(_places(rule, group, text) for group in groups):
        return False
    if rule.none and _places(rule, rule.none, text):
        return False
    return not rule.near or any(_near(rule, near.words[0], near.words[1], near.within, text) for near in rule.near)


def _near(rule: RuleConfig, ones: tuple[str, ...], others: tuple[str, ...], within: int, text: str) -> bool:
    for one in _places(rule, ones, text):
        for other in _places(rule, others, text):
            first, second = sorted((one, other))
            if first[1] <= second[0] and _words(text, first[1], second[0]) + 1 <= within:
                return True
    return False


def _words(text: str, start: int, end: int) -> int:
    """Count the words that begin in a stretch."""
    return sum(_begins_word(text, index) for index in range(start, end))


def _begins_word(text: str, index: int) -> bool:
    char, before = text[index], text[index - 1] if index else " "
    if not (char.isalnum() or char == "_"):
        return False
    if _solo(char) or not (before.isalnum() or before == "_") or _solo(before):
        return not (before == "'" and index > 1 and _word_char(text[index - 2]) and not _solo(char))
    return False


def _word_char(char: str) -> bool:
    return (char.isalnum() or char == "_") and not _solo(char)


def _places(rule: RuleConfig, terms: tuple[str, ...], text: str) -> list[tuple[int, int]]:
    variants = {squeeze(term): others for term, others in rule.misspellings.items()}
    spellings = [squeeze(one) for term in terms for one in (term, *variants.get(squeeze(term), ()))]
    places = []
    for spelling in spellings:
        for start in range(len(text) - len(spelling) + 1):
            end = start + len(spelling)
            if text[start:end] == spelling and _whole(text, start, end):
                places.append((start, end))
    return places


def _whole(text: str, start: int, end: int) -> bool:
    if _free(text, start, end, start, end):
        return True
    left, right = start, end
    while left > 0 and text[left - 1] == "_" and start - left < 3:
        left -= 1
    while right < len(text) and text[right] == "_" and right - end < 3:
        right += 1
    emphasised = left < start and right > end and (left == 0 or text[left - 1] not in "@#")
    return emphasised and _free(text, left, right, start, end)


def _free(text: str, left: int, right: int, start: int, end: int) -> bool:
    before = text[left - 1] if left else " "
    after = text[right] if right < len(text) else " "
    needs_left = _joins(text[start]) or text[start] in "@#"
    return not (needs_left and _joins(before)) and not (_joins(text[end - 1]) and _joins(after))


def _joins(char: str) -> bool:
    return (char.isalnum() or char == "_" or unicodedata.category(char) in ("Mn", "Mc")) and not _solo(char)


def _solo(char: str) -> bool:
    ranges = [(SOLO[i], SOLO[i + 2]) for i in range(0, len(SOLO), 3)]
    return any(low <= char <= high for low, high in ranges)
