"""Everything that one mention says: the clues of its text and of its author's public profile."""

import re
from collections.abc import Iterable

import msgspec

from matcher.actors import actors
from matcher.channels import cues
from matcher.clue import Clue
from matcher.concepts import Concepts
from matcher.display_name import shown_name
from matcher.folding import Word, fold, stem, words
from matcher.handle import handle_base, handle_parts, spelt_out
from matcher.mention import MentionText
from matcher.names import Names, PersonName
from matcher.numbers import AmountClue, amounts, counts, says_how_many
from matcher.places import Places
from matcher.references import codes, emails, endings, phones, references
from matcher.relation_clue import RelationClue
from matcher.relations import relations, self_strength
from matcher.residence import may_live_there
from matcher.somebody import somebody
from matcher.stopwords import STOPWORDS
from matcher.time_clue import TimeClue
from matcher.times import times

_QUOTED = re.compile(r"[\"“„«»”‘']([^\"“”„«»]{6,80})[\"”“«»’']")
_MARRIED = re.compile(
    r"(?:married to|wife of|husband of|mum of|dad of|verheiratet mit|casada con|mariee? a) (?:@)?(\w+)"
)
_SUBREDDIT = re.compile(r"^\[r/(\w+)\]")
_RATING = re.compile(r"(?<![\d/])\d{1,2}/\d{1,2}(?![\d/])")  # 24/7, 2/10: dates are read before
_MAYBE_ENGLISH = {"en", "un"}  # "und" says that nobody knows
_NAMING = frozenset((
    "call", "calls", "called", "named", "name's", "nennen", "nennt", "heisst", "heissen", "appelle", "appellent",
    "s'appelle", "llama", "llaman", "chiama", "chiamano", "chama", "chamam", "heet", "noemen", "noemt",
))  # fmt: skip
_PETS = "pet"  # the concept: where an animal is about, "she" may be the cat
_DENIED = re.compile(
    r"(?:^|(?<=[.,;:!?(–—-]))\s*(?:not|nicht|pas|niet|n[ãa]o|non|no)\s+"
    r"(late|lost|broken|damaged|cold|wrong|faulty|stolen|dead|versp[äa]tet|kaputt|verloren|besch[äa]digt|cass[ée]e?|"
    r"perdue?|roto|rota|perdido|perdida|quebrado|quebrada|rotto|rotta|perso|kapot|kwijt|beschadigd)(?=\s*[.,;:!?)–—])",
    re.IGNORECASE,
)
_HANDLE = re.compile(r"@[\w.]+|https?://\S+|#")


class PostClues(msgspec.Struct, frozen=True):
    """The clues of one mention, by family. ``stems`` and ``concepts`` hold what the text talks
    about, each with the word that says it. ``codes`` are references only where a case is kept under them; ``thread``
    are those of the post that this one answers, whose author may be somebody else.
    ``nearby`` are the towns of the areas that the profile or the text names; ``called`` are names by which somebody of
    whom the text tells is called."""

    stems: dict[str, str]
    concepts: dict[str, str]
    name: PersonName
    handle: str
    handle_parts: tuple[str, ...]
    references: tuple[Clue, ...] = ()
    codes: tuple[Clue, ...] = ()
    thread: tuple[Clue, ...] = ()
    endings: tuple[Clue, ...] = ()
    emails: tuple[Clue, ...] = ()
    phones: tuple[Clue, ...] = ()
    amounts: tuple[AmountClue, ...] = ()
    counts: tuple[Clue, ...] = ()
    times: tuple[TimeClue, ...] = ()
    cues: dict[str, Clue] = {}
    relations: tuple[RelationClue, ...] = ()
    own_act: float = 0.0
    places: tuple[Clue, ...] = ()
    home: tuple[str, ...] = ()
    nearby: tuple[str, ...] = ()
    quotes: tuple[str, ...] = ()
    people: frozenset[str] = frozenset()
    called: frozenset[str] = frozenset()

    def all_clues(self) -> list[Clue]:
        """Give every clue with a span, for showing what was read."""
        families: tuple[Iterable[Clue], ...] = (
            self.references, self.endings, self.emails, self.phones, self.amounts, self.counts, self.times,
            self.cues.values(), self.relations, self.places,
        )  # fmt: skip
        return [clue for family in families for clue in family]


class ClueReader:
    """Reads clues with the lists of names, places and concepts that it is given."""

    def __init__(self, names: Names, places: Places, concepts: Concepts) -> None:
        """Keep the lists; nothing is loaded here."""
        self._names = names
        self._places = places
        self._concepts = concepts

    def read(self, mention: MentionText) -> PostClues:
        """Give the clues of a mention."""
        text = _HANDLE.sub(lambda match: " " * len(match.group()), _spread_subreddit(mention.text))
        found = words(text)
        said = _without_denied(text, found)
        when = times(text, found, mention.posted_at, lang=mention.lang)
        taken = {position for clue in when for position in range(clue.start, clue.end)}
        taken |= {position for match in _RATING.finditer(text) for position in range(*match.span())}
        sums = amounts(text, found)
        taken |= {position for clue in sums for position in range(clue.start, clue.end)}
        related = relations(text, found, self._names.given_names)
        concepts, own_act = self._concepts.of(said), self_strength(found, self._names.given_names)
        related += self._by_name(text, found, related)
        if not (related or own_act) and (mention.lang or "en").lower()[:2] in _MAYBE_ENGLISH:
            related += somebody(found, animals=_PETS in concepts)
        related += self._bio_relations(mention)
        own, parts = fold(mention.brand), handle_parts(mention.handle)
        home, named = self._home(mention), [clue for clue in self._places.named(found) if clue.value != own]
        return PostClues(
            stems=_about(said, mention.brand),
            concepts=concepts,
            name=spelt_out(shown_name(mention.name or "", self._names), parts, self._names),
            handle=handle_base(mention.handle),
            handle_parts=tuple(parts),
            references=tuple(references(text)),
            codes=tuple(codes(text)),
            thread=tuple(references(mention.context or "")) + tuple(codes(mention.context or "")),
            endings=tuple(endings(text)),
            emails=tuple(emails(mention.text)) + tuple(emails(mention.bio or "")),
            phones=tuple(phones(text, None)),
            amounts=tuple(sums),
            counts=tuple(counts(found, taken)),
            times=tuple(when),
            cues={clue.code: clue for clue in cues(text)},
            relations=tuple(related),
            own_act=own_act,
            places=tuple(named),
            home=tuple(home),
            nearby=self._nearby(home, [clue.value for clue in named]),
            quotes=tuple(fold(match.group(1)).strip() for match in _QUOTED.finditer(text)),
            people=frozenset(_people(text, found, self._names)),
            called=frozenset(_called(text, found, self._names)),
        )

    def _home(self, mention: MentionText) -> list[str]:
        places = self._places.of_location(mention.location) if mention.location else []
        bio = mention.bio or ""
        towns = [clue.value for clue in self._places.named(words(bio), "bio") if may_live_there(bio, clue)]
        return list(dict.fromkeys([*places, *towns]))

    def _nearby(self, home: list[str], named: list[str]) -> tuple[str, ...]:
        """Give the towns of areas; of a profile's only where it names no town, which says more."""
        areas = named if self._places.sure_towns(tuple(home)) else [*home, *named]
        return tuple(dict.fromkeys(town for area in areas for town in self._places.within(area)))

    def _by_name(self, text: str, found: list[Word], related: list[RelationClue]) -> list[RelationClue]:
        named = {clue.named for clue in related}
        return [clue for clue in actors(text, found, self._names.given_names) if clue.named not in named]

    def _bio_relations(self, mention: MentionText) -> list[RelationClue]:
        """Read "married to Bob" and the like: weak, and only where the bio names somebody."""
        if not mention.bio:
            return []
        clues = relations(mention.bio, words(mention.bio), self._names.given_names)
        married = _MARRIED.search(fold(mention.bio))
        named = [msgspec.structs.replace(c, field="bio", strength=0.1) for c in clues if c.named]
        if married and self._names.is_given(married.group(1)):
            said = married.group()
            named.append(
                RelationClue(
                    "relation",
                    said,
                    married.start(),
                    married.end(),
                    "bio",
                    relation="spouse",
                    named=married.group(1),
                    strength=0.1,
                )
            )
        return named


def content_words(found: list[Word]) -> dict[str, str]:
    """Give the stems of the words that carry content, each with the first word that has it."""
    said: dict[str, str] = {}
    for word in found:
        plain = word.text in STOPWORDS or len(word.text) <= 2 or word.text.isdigit()
        if not plain and not says_how_many(word.text):
            said.setdefault(stem(word.text), word.text)
    return said


def _without_denied(text: str, found: list[Word]) -> list[Word]:
    """Leave out what a post says it is not: "Not late, not lost. Broken." """
    denied = {match.start(1) for match in _DENIED.finditer(text)}
    return [word for word in found if word.start not in denied] if denied else found


def _about(found: list[Word], brand: str | None) -> dict[str, str]:
    """Give the content words of a post, less those of the brand's name: they say nothing about the matter."""
    said = content_words(found)
    if not brand:
        return said
    own = {stem(word.text) for word in words(brand)}
    return {one: word for one, word in said.items() if one not in own}


def _people(text: str, found: list[Word], names: Names) -> set[str]:
    """Give the given names that a text writes with a capital, not at the start of a sentence."""
    people = set()
    for word in found:
        bare = word.text.removesuffix("'s")
        capital = text[word.start : word.start + 1].isupper()
        inside = word.start > 1 and text[word.start - 1] == " " and text[word.start - 2] not in ".!?\n"
        if capital and inside and len(bare) > 2 and names.is_given(bare) and bare not in STOPWORDS:
            people.add(bare)
    return people


def _called(text: str, found: list[Word], names: Names) -> set[str]:
    """Give the names by which a text says that somebody is called: "they call me Jonas now"."""
    said = [word.text for word in found]
    return {
        said[at]
        for at, word in enumerate(found)
        if text[word.start].isupper() and names.is_given(said[at]) and not _NAMING.isdisjoint(said[max(at - 3, 0) : at])
    }


def _spread_subreddit(text: str) -> str:
    match = _SUBREDDIT.match(text)
    if match is None:
        return text
    spread = re.sub(r"([a-z])([A-Z])", r"\1 \2", match.group(1))
    return f"{spread}. {text[match.end() :]}"
