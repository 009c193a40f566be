"""The rulebook: which rules a post hits. Pure, immutable, rebuilt when the configuration changes."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from listener.ballot import Ballot, bits
from listener.compiled import CompiledRule, compile_rule
from listener.config import RuleConfig, bare_handle
from listener.fold import align, squeeze
from listener.lexicon import LexiconBuilder, Places, Span
from listener.patterns import PatternList, Patterns
from listener.post import Post
from listener.sieve import Sieve, rarest

LONGEST_TEXT = 50_000
"""Characters of a post that are read; the longest posts of X (25,000) and Reddit (40,000) fit whole."""


class Hit(msgspec.Struct, frozen=True):
    """A rule that a post hit, and the terms and patterns of it that were found, as the configuration spells them."""

    rule: str
    brand: str
    terms: tuple[str, ...]


class Rulebook:
    """All rules, ready to read posts. Hits come with the highest priority first, then in the configured order."""

    def __init__(self, rules: Sequence[RuleConfig], own_accounts: Mapping[str, Iterable[str]] | None = None) -> None:
        """Build the automata; ``own_accounts`` are our handles by platform."""
        spellings, patterns = LexiconBuilder(), PatternList()
        ordered = sorted(rules, key=lambda rule: -rule.priority)
        self.rules = tuple(compile_rule(rule, spellings, patterns.numbers(rule.pattern)) for rule in ordered)
        self.lexicon = spellings.build()
        self.patterns = patterns.build()
        self._wordless = Patterns([text for rule in self.rules if not rule.groups for text in rule.config.pattern])
        self._sieve = Sieve(term for rule in self.rules for term in rarest(rule, self.lexicon))
        self._ballot = Ballot(self.rules)
        self._in_pairs = frozenset(number for rule in self.rules for pair in rule.pairs for number in pair.numbers)
        self._own = {
            platform: frozenset(map(bare_handle, handles)) for platform, handles in (own_accounts or {}).items()
        }

    def hears(self, post: Post, platform: str) -> tuple[Hit, ...]:
        """Give the rules that a post hits; none for pure reposts and for what our own accounts say on that platform."""
        if post.repost_of is not None:
            return ()
        hits = self.hits(post.text, post.lang)
        if hits and bare_handle(post.author.handle) in self._own.get(platform, ()):
            return ()
        return hits

    def hits(self, text: str, lang: str | None = None) -> tuple[Hit, ...]:
        """Give the rules that a text hits; of a text over LONGEST_TEXT characters only the beginning is read.

        ``lang`` is what the platform says (BCP 47); None or a code for "cannot tell" passes every rule.
        """
        text = text[:LONGEST_TEXT]
        if not self._sieve.passes(text) and not self._wordless.match(text):
            return ()
        return self._weigh(text, lang)

    def spans(self, text: str, hit: Hit) -> tuple[Span, ...]:
        """Give where the terms of a hit stand in the text as it was written, in order of place."""
        squeezed, origins = align(text[:LONGEST_TEXT])
        wanted = [
            number for rule in self.rules if rule.config.name == hit.rule for _, ns in rule.names for number in ns
        ]
        places = self.lexicon.places(squeezed, every=wanted)
        spans = {(start, end) for number in wanted for start, end in places.get(number, ())}
        return tuple(sorted((origins[start], origins[end - 1] + 1) for start, end in spans))

    def _weigh(self, text: str, lang: str | None) -> tuple[Hit, ...]:
        squeezed = squeeze(text)
        places = self.lexicon.places(squeezed, every=self._in_pairs)
        standing = [self.rules[number] for number in bits(self._ballot.standing(places, lang))]
        found = self.patterns.match(text) if any(rule.patterns for rule in standing) else frozenset()
        return tuple([_hit(rule, places, found) for rule in standing if _holds(rule, squeezed, places, found)])


def _holds(rule: CompiledRule, squeezed: str, places: Places, found: frozenset[int]) -> bool:
    return (not rule.patterns or not found.isdisjoint(rule.patterns)) and rule.near_holds(squeezed, places)


def _hit(rule: CompiledRule, places: Places, found: frozenset[int]) -> Hit:
    config, terms = rule.config, rule.found(places)
    if rule.patterns:
        terms += tuple(text for number, text in zip(rule.patterns, config.pattern, strict=True) if number in found)
    return Hit(config.name, config.brand, terms)
