"""What ``config.yaml`` says about listening: the rules and our own accounts."""

import re
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ValidationInfo,
    WithJsonSchema,
    model_validator,
)

from ledger.section import Section
from listener.fold import squeeze
from listener.patterns import compile_pattern
from listener.terms import parse_term

_LANGUAGE = re.compile(r"[a-z]{2,3}")


def _text(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError('write it in quotes, such as "no": without them YAML reads a yes or a no')
    if isinstance(value, int | float):
        raise ValueError(f'write it in quotes, "{value}": without them YAML reads a number')
    return value


def _listed(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


def _term(value: str) -> str:
    parse_term(value)
    return value


def _pattern(value: str, info: ValidationInfo) -> str:
    try:
        compile_pattern(value)
    except ValueError as error:
        raise ValueError(f"a pattern of rule '{info.data.get('name', '?')}' cannot be used, {error}") from None
    return value


def _language(value: str) -> str:
    code = value.casefold()
    if not _LANGUAGE.fullmatch(code):
        raise ValueError(f"'{value}' is no language code: write two or three letters, such as en, de or es")
    return code


def bare_handle(value: str) -> str:
    """Give a handle in lower case and without the platform's sign: ``@Larkmoor`` and ``u/larkmoor`` are one."""
    return value.strip().casefold().removeprefix("/").removeprefix("u/").lstrip("@")


def _handle(value: str) -> str:
    handle = bare_handle(value)
    if not handle or any(char.isspace() for char in handle):
        raise ValueError(f"'{value}' is no handle: write it as the platform shows it, such as @larkmoor or u/larkmoor")
    return handle


Term = Annotated[str, BeforeValidator(_text), AfterValidator(_term)]
"""A word, a phrase in quotes, an @handle or a #hashtag. Case, accents and width do not matter."""

_LIST_OR_ONE = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}

Terms = Annotated[tuple[Term, ...], BeforeValidator(_listed), Field(min_length=1), WithJsonSchema(_LIST_OR_ONE)]
"""Terms of which one is enough; a single one may be written without a list."""

_GROUPS = {"anyOf": [{"type": "string"}, {"type": "array", "items": _LIST_OR_ONE}]}

Groups = Annotated[tuple[Terms, ...], BeforeValidator(_listed), WithJsonSchema(_GROUPS)]
"""Groups of terms; of each, one is enough."""

_Pattern = Annotated[str, BeforeValidator(_text), AfterValidator(_pattern)]
Patterns = Annotated[tuple[_Pattern, ...], BeforeValidator(_listed), WithJsonSchema(_LIST_OR_ONE)]
"""Regular expressions in the syntax of re2, of which one is enough."""

_Language = Annotated[str, BeforeValidator(_text), AfterValidator(_language)]
Languages = Annotated[tuple[_Language, ...], BeforeValidator(_listed), WithJsonSchema(_LIST_OR_ONE)]
"""Languages by their code of ISO 639."""


class NearConfig(Section):
    """Two terms that stand close together, in either order. ``within: 1`` means side by side."""

    words: Annotated[tuple[Terms, Terms], Field(description="two terms; each may be a list of which one is enough")]
    within: int = Field(default=5, ge=1, le=50, description="the largest distance in words")


class RuleConfig(Section):
    """One keyword rule. A post hits it when every condition that is given holds.

    A plain word also hits as hashtag and as handle; ``@larkmoor`` and ``#larkmoor`` hit only as such. ``none`` and
    ``misspellings`` take the same kinds of terms. A post whose language its platform does not tell passes ``lang``.
    """

    name: str = Field(min_length=1, max_length=80, description="how the rule is called in explanations and reports")
    brand: str = Field(min_length=1, max_length=80, description="the brand that a hit is about")
    any: Terms | None = Field(default=None, description="one of these has to stand in the post")
    all: Groups = Field(default=(), description="each has to; an entry that is a list needs one of its terms")
    none: Terms | None = Field(default=None, description="none of these may")
    near: tuple[NearConfig, ...] = Field(default=(), description="one of these pairs has to stand close together")
    lang: Languages = Field(default=(), description="hear only posts in these languages, such as [en, de]")
    pattern: Patterns = Field(default=(), description="one of these regular expressions (re2) has to be found")
    misspellings: dict[Term, Terms] = Field(default={}, description="other spellings that count as the term")
    priority: int = Field(default=0, description="of several hits, the highest names the brand of the mention")

    @model_validator(mode="after")
    def _hears_something(self) -> Self:
        if not (self.any or self.all or self.near or self.pattern):
            raise ValueError(f"rule '{self.name}' would hear nothing: add any, all, near or pattern")
        return self

    @model_validator(mode="after")
    def _misspells_its_own_terms(self) -> Self:
        used = {squeeze(term) for group in self.groups() for term in group}
        for term in self.misspellings:
            if squeeze(term) not in used:
                raise ValueError(f"rule '{self.name}' lists misspellings of '{term}' but never uses it: add it to any")
        return self

    def groups(self) -> tuple[tuple[str, ...], ...]:
        """Give all groups of terms, those of ``none`` included."""
        nears = tuple(side for near in self.near for side in near.words)
        return (self.any or (), *self.all, self.none or (), *nears)


def _named_once(rules: tuple[RuleConfig, ...]) -> tuple[RuleConfig, ...]:
    seen: set[str] = set()
    for rule in rules:
        if rule.name in seen:
            raise ValueError(f"two rules are called '{rule.name}': give each a name of its own")
        seen.add(rule.name)
    return rules


Rules = Annotated[tuple[RuleConfig, ...], AfterValidator(_named_once)]
"""All rules of a configuration; names are unique."""

OwnAccounts = dict[str, Annotated[tuple[Annotated[str, AfterValidator(_handle)], ...], BeforeValidator(_listed)]]
"""Our own handles by platform, ``{x: ["@larkmoor"], reddit: [u/larkmoor]}``: what they post is no mention."""
