"""Why a rule hits a text or does not, in sentences: for ``check-config --try`` and for previews of a rule."""

from collections.abc import Iterator, Sequence

import msgspec

from listener.compiled import Choice, CompiledRule, language
from listener.fold import squeeze
from listener.lexicon import Places
from listener.rules import LONGEST_TEXT, Rulebook


class Explanation(msgspec.Struct, frozen=True):
    """One rule beside one text. Where the rule does not hit, the reasons are the conditions that fail."""

    rule: str
    hits: bool
    reasons: tuple[str, ...]


class _Sight(msgspec.Struct, frozen=True):
    text: str
    places: Places
    patterns: frozenset[int]
    lang: str | None


def explain(rulebook: Rulebook, text: str, lang: str | None = None) -> tuple[Explanation, ...]:
    """Explain every rule beside a text, in the order of hits."""
    squeezed = squeeze(text[:LONGEST_TEXT])
    places = rulebook.lexicon.places(squeezed, every=range(len(rulebook.lexicon.terms)))
    sight = _Sight(squeezed, places, rulebook.patterns.match(text[:LONGEST_TEXT]), language(lang))
    hit = {hit.rule for hit in rulebook.hits(text, lang)}
    return tuple(_explanation(rule, sight, rule.config.name in hit) for rule in rulebook.rules)


def _explanation(rule: CompiledRule, sight: _Sight, hits: bool) -> Explanation:
    said = [*_language(rule, sight), *_banned(rule, sight), *_groups(rule, sight), *_pairs(rule, sight)]
    said += _patterns(rule, sight)
    missing = tuple(reason for holds, reason in said if not holds)
    return Explanation(rule.config.name, hits, missing or tuple(reason for _, reason in said))


_Said = Iterator[tuple[bool, str]]


def _language(rule: CompiledRule, sight: _Sight) -> _Said:
    wanted = rule.config.lang
    if not wanted:
        return
    if sight.lang is None:
        yield True, f"lang: the language is not known, so {_listed(wanted)} is not asked for"
    else:
        holds = sight.lang in {language(lang) for lang in wanted}
        yield holds, f"lang: the post is in {sight.lang}, and the rule hears {_listed(wanted)}"


def _banned(rule: CompiledRule, sight: _Sight) -> _Said:
    if not rule.banned.numbers.isdisjoint(sight.places):
        yield False, f"none: {_listed(rule.banned.names)} must not stand in the text, but one does"


def _groups(rule: CompiledRule, sight: _Sight) -> _Said:
    own = rule.groups[: len(rule.groups) - (2 if rule.pairs else 0)]
    for index, group in enumerate(own):
        condition = "any" if rule.config.any and index == 0 else "all"
        yield _met(condition, group, rule, sight)


def _met(condition: str, group: Choice, rule: CompiledRule, sight: _Sight) -> tuple[bool, str]:
    numbers = dict(rule.names)
    found = [name for name in group.names if any(number in sight.places for number in numbers[name])]
    if found:
        return True, f"{condition}: found {_listed(found)}"
    inside = [name for name in group.names if squeeze(name) in sight.text]
    if inside:
        return False, f"{condition}: {_listed(inside)} stands only inside a longer word, handle or address"
    return False, f"{condition}: {_listed(group.names)} does not stand in the text"


def _pairs(rule: CompiledRule, sight: _Sight) -> _Said:
    told = []
    for pair in rule.pairs:
        gap = pair.distance(sight.text, sight.places)
        names = f"{_listed(pair.one.names)} and {_listed(pair.other.names)}"
        if gap is None:
            told.append((False, f"near: {names} do not both stand in the text"))
        else:
            told.append((gap <= pair.within, f"near: {names} stand {gap} words apart, {pair.within} are allowed"))
    yield from [one for one in told if one[0]] or told


def _patterns(rule: CompiledRule, sight: _Sight) -> _Said:
    found = [text for number, text in zip(rule.patterns, rule.config.pattern, strict=True) if number in sight.patterns]
    if found:
        yield True, f"pattern: found {_listed(found)}"
    elif rule.patterns:
        yield False, f"pattern: {_listed(rule.config.pattern)} is not found"


def _listed(names: Sequence[str]) -> str:
    return " or ".join(f'"{name}"' for name in names)
