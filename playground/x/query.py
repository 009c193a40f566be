"""The part of X's query language that the playground understands."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from playground.x.posts import Post

_TOKEN = re.compile(
    r"\s*(?:(?P<open>\()|(?P<close>\))|(?P<minus>-)(?=[\w\"(@#])"
    r'|(?P<operator>[a-z_]+:(?:"[^"]*"|[^\s()]+))|(?P<phrase>"[^"]*")(?:~(?P<near>\d+))?|(?P<word>[^\s()"]+))'
)
_MENTION = re.compile(r"(?<!\w)@(\w{1,15})")
_HASHTAG = re.compile(r"(?<!\w)#(\w+)")


class QueryError(ValueError):
    """A query that X would refuse."""


@dataclass(frozen=True)
class Document:
    """What a query is asked about: one post, prepared once."""

    tokens: tuple[str, ...]
    text: str
    mentions: frozenset[str]
    hashtags: frozenset[str]
    handle: str
    lang: str
    kinds: frozenset[str]
    to: str
    bio: str
    followers: int


Test = Callable[[Document], bool]


def document(post: Post, *, through_quotes: bool, fold_accents: bool) -> Document:
    """Prepare a post for queries. The stream looks through quotes and keeps accents; search does the opposite."""
    text = post.full_text
    if through_quotes or post.draft.retweet_of is not None:
        text = "\n".join([text, *(other.full_text for other in post.others if _looked_through(post, other))])
    folded = _fold(text, accents=fold_accents)
    parents = {other.id: other.author.handle.casefold() for other in post.others}
    return Document(
        tokens=tuple(re.findall(r"\w+", folded)),
        text=folded,
        mentions=frozenset(name.casefold() for name in _MENTION.findall(text)),
        hashtags=frozenset(_HASHTAG.findall(folded)),
        handle=post.author.handle.casefold(),
        lang=post.draft.lang,
        kinds=frozenset(
            {"retweeted": "retweet", "quoted": "quote", "replied_to": "reply"}[k] for k, _ in post.draft.references()
        ),
        to=parents.get(post.draft.reply_to or 0, ""),
        bio=post.author.bio.casefold(),
        followers=post.author.followers,
    )


def _looked_through(post: Post, other: Post) -> bool:
    return other.id in {post.draft.quote_of, post.draft.retweet_of}


def _fold(text: str, *, accents: bool) -> str:
    folded = text.casefold()
    if not accents:
        return folded
    return "".join(char for char in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(char))


class Query:
    """A compiled query: space means AND, which binds before OR; ``-`` negates; ``lang:`` and ``is:`` need company."""

    def __init__(self, value: str, *, limit: int, stream: bool) -> None:
        if not value.strip() or len(value) > limit:
            raise QueryError(f"The query must have between 1 and {limit} characters")
        self._stream = stream
        self._standalone = False
        self._tokens = _tokens(value)
        self._at = 0
        self._test = self._any()
        if self._at < len(self._tokens):
            raise QueryError("There is a closing parenthesis too many")
        if not self._standalone:
            raise QueryError("Rules must contain at least one positive, non-stopword, standalone clause")

    def matches(self, post: Post) -> bool:
        """Whether the post is one that X would deliver for this query."""
        return self._test(document(post, through_quotes=self._stream, fold_accents=not self._stream))

    def _peek(self) -> str:
        return self._tokens[self._at][0] if self._at < len(self._tokens) else "end"

    def _take(self) -> tuple[str, str]:
        self._at += 1
        return self._tokens[self._at - 1]

    def _any(self) -> Test:
        tests = [self._all()]
        while self._peek() == "or":
            self._take()
            tests.append(self._all())
        return lambda document: any(test(document) for test in tests)

    def _all(self) -> Test:
        tests = []
        while self._peek() not in {"or", "close", "end"}:
            tests.append(self._one(negated=False))
        if not tests:
            raise QueryError("A clause is missing beside OR, or inside parentheses")
        return lambda document: all(test(document) for test in tests)

    def _one(self, *, negated: bool) -> Test:
        kind, value = self._take()
        if kind == "minus":
            inner = self._one(negated=True)
            return lambda document: not inner(document)
        if kind == "open":
            test = self._any()
            if self._peek() != "close":
                raise QueryError("A closing parenthesis is missing")
            self._take()
            return test
        if not negated and (kind != "operator" or value.split(":")[0] in {"from", "to", "bio"}):
            self._standalone = True
        return self._operator(value) if kind == "operator" else _term(kind, _fold(value, accents=not self._stream))

    def _operator(self, value: str) -> Test:
        name, _, wanted = value.partition(":")
        wanted = wanted.strip('"').casefold()
        tests: dict[str, Test] = {
            "from": lambda document: document.handle == wanted.lstrip("@"),
            "to": lambda document: document.to == wanted.lstrip("@"),
            "lang": lambda document: document.lang == wanted,
            "is": lambda document: wanted in document.kinds,
            "bio": lambda document: wanted in document.bio,
            "min_followers": lambda document: document.followers >= int(wanted),
        }
        if name not in tests or (name in {"bio", "min_followers"} and not self._stream):
            raise QueryError(f"Reference to invalid operator '{name}'. Operator is not available here")
        if name == "is" and wanted not in {"retweet", "reply", "quote"}:
            raise QueryError(f"Reference to invalid value '{wanted}' of operator 'is'")
        return tests[name]


def _tokens(value: str) -> list[tuple[str, str]]:
    tokens, at, end = [], 0, len(value.rstrip())
    while at < end:
        found = _TOKEN.match(value, at)
        if found is None or found.lastgroup is None:
            raise QueryError(f"The query cannot be read at character {at}")
        at = found.end()
        kind = next(key for key, part in found.groupdict().items() if part is not None)
        text = found.group(kind)
        if kind == "phrase" and found.group("near"):
            text += "~" + found.group("near")
        tokens.append(("or", text) if kind == "word" and text == "OR" else (kind, text))
    return tokens


def _term(kind: str, value: str) -> Test:
    if kind == "phrase":
        phrase, _, near = value.rpartition("~") if not value.endswith('"') else (value, "", "")
        words = tuple(re.findall(r"\w+", phrase))
        return (lambda document: _within(document.tokens, words, int(near))) if near else _run(words, phrase.strip('"'))
    if value.startswith("@"):
        return lambda document: value[1:] in document.mentions
    if value.startswith("#"):
        return lambda document: value[1:] in document.hashtags
    return _run(tuple(re.findall(r"\w+", value)), value)


def _run(words: tuple[str, ...], raw: str) -> Test:
    if not words:
        return lambda document: raw in document.text
    length = len(words)
    return lambda document: any(
        document.tokens[start : start + length] == words for start in range(len(document.tokens) - length + 1)
    )


def _within(tokens: tuple[str, ...], words: tuple[str, ...], distance: int) -> bool:
    window = len(words) + distance
    starts = range(max(1, len(tokens) - window + 1))
    return any(set(words) <= set(tokens[start : start + window]) for start in starts)
