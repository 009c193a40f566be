"""What to ask a platform for, so that it sends every post that some rule may hit, and few others."""

import re
from collections.abc import Iterable, Iterator, Sequence

from listener.config import RuleConfig
from listener.fold import squeeze
from listener.sieve import frequency
from listener.terms import Term, parse_term

_HANDLE = re.compile(r"[a-z0-9_]{1,15}")
_TAG = re.compile(r"\w+")


def listen_terms(rules: Sequence[RuleConfig]) -> tuple[str, ...]:
    """Give the terms to filter for on the platform's side, sorted.

    Every post that hits a rule holds one of them, but for rules of patterns alone (see ``unheard``). A phrase is left
    out where one of its words is asked for. Terms are plain: a word, a phrase, ``@handle`` or ``#hashtag``; quoting is
    the source's. A platform's stream may be stricter than our matching: X's is accent-sensitive (docs.x.com, filtered
    stream, build a rule), so an accented term is given with and without its accents, and ``misspellings`` should hold
    what is written otherwise; a plain word is asked for as hashtag and handle too where it can be one.
    """
    asked: dict[str, Term] = {}
    for choices in sorted(map(_choices, rules), key=len):
        if choices and not any(choice.keys() <= asked.keys() for choice in choices):
            cheapest: dict[str, Term] = min(choices, key=lambda choice: _added(choice, asked))
            asked |= cheapest
    return tuple(sorted({spelling for term in _shortest(asked) for spelling in _spellings(term)}))


def unheard(rules: Sequence[RuleConfig]) -> tuple[str, ...]:
    """Name the rules that no platform's filter can serve: they have patterns alone, so give them any or all as well."""
    return tuple(rule.name for rule in rules if not _choices(rule))


def _choices(rule: RuleConfig) -> list[dict[str, Term]]:
    """Give the groups of which a post holds one term each, if it hits the rule."""
    variants = {squeeze(term): others for term, others in rule.misspellings.items()}
    sides = [[term for near in rule.near for term in near.words[side]] for side in (0, 1)]
    groups = [group for group in (rule.any or (), *rule.all, *sides) if group]
    spelled = [[text for term in group for text in (term, *variants.get(squeeze(term), ()))] for group in groups]
    return [{term.folded: term for term in map(parse_term, group)} for group in spelled]


def _added(choice: dict[str, Term], asked: dict[str, Term]) -> float:
    """Estimate how many more posts a choice brings: posts cost money, the number of terms does not."""
    return frequency(term for folded, term in choice.items() if folded not in asked)


def _shortest(asked: dict[str, Term]) -> Iterable[Term]:
    for folded, term in asked.items():
        if not any(word in asked for word in folded.split() if word != folded):
            yield term


def _spellings(term: Term) -> Iterator[str]:
    """Give the term with and without its accents, and a word as the hashtag and the handle that it hits as well."""
    for text in {" ".join(term.text.lower().split()), term.folded}:
        yield text
        if _TAG.fullmatch(text):
            yield f"#{text}"
        if _HANDLE.fullmatch(text):
            yield f"@{text}"
