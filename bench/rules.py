"""Keyword rules beside a loop of compiled regexes and beside bare ahocorasick_rs, in one process, interleaved.

``python -m bench.rules [--texts FILE] [--posts N] [--rounds N]``. Posts are synthetic unless a JSONL file (plain or
gzip) with a ``text`` column is given; rules are synthetic too: invented brands with a handle, a hashtag and phrases,
a third of them with one of five context words, a fifth with terms that must not stand there.
"""

import argparse
import gzip
import json
import random
import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from ahocorasick_rs import AhoCorasick

from listener.config import RuleConfig
from listener.fold import fold, joins
from listener.rules import Rulebook
from listener.terms import parse_term

SIZES = (20, 200, 2000)
_ONSETS = ("b", "br", "d", "dr", "f", "g", "gr", "k", "l", "m", "n", "p", "pr", "r", "s", "st", "t", "tr", "v", "w")
_NUCLEI = ("a", "e", "i", "o", "u", "ai", "ea", "ou")
_CODAS = ("", "", "l", "m", "n", "r", "s", "t", "nd", "rk", "st")
_EMOJI = ("😂", "🙄", "❤️", "👍🏽", "🔥", "😡", "🍺", "👩‍💻")
_ACCENTS = str.maketrans({"u": "ü", "k": "ç"})

Read = Callable[[str], object]


class Words:
    """An invented language with Zipf's frequencies, so that no real text is needed."""

    def __init__(self, rng: random.Random, size: int = 20_000) -> None:
        self._rng = rng
        made: dict[str, None] = {}
        while len(made) < size:
            made["".join(self._syllable() for _ in range(1 + (len(made) > 60) + rng.randrange(2)))] = None
        self.all = tuple(made)
        self._weights = [1 / (rank + 2.7) for rank in range(size)]

    def draw(self, count: int) -> list[str]:
        """Draw words as they stand in posts: few words often, most words rarely."""
        return self._rng.choices(self.all, self._weights, k=count)

    def brand(self) -> str:
        """Make a name of three syllables."""
        return "".join(self._syllable() for _ in range(3))

    def _syllable(self) -> str:
        return self._rng.choice(_ONSETS) + self._rng.choice(_NUCLEI) + self._rng.choice(_CODAS)


def make_rules(words: Words, count: int) -> list[RuleConfig]:
    """Make rules with about four terms each."""
    rules = []
    for index in range(count):
        brand = words.brand()
        terms = [f"@{brand}", f"#{brand}", f"{words.brand()} {words.draw(1)[0]}"]
        context = [words.draw(5)] if index % 3 == 0 else []
        none = words.draw(2) if index % 5 == 0 else None
        rules.append(
            RuleConfig.model_validate({"name": f"r{index}", "brand": brand, "any": terms, "all": context, "none": none})
        )
    return rules


def make_posts(rng: random.Random, words: Words, rules: Sequence[RuleConfig], count: int) -> list[str]:
    """Make posts of about 90 characters, half of them not ASCII, some 1.5 % with a term of a rule."""
    return [_post(rng, words, rules) for _ in range(count)]


def _post(rng: random.Random, words: Words, rules: Sequence[RuleConfig]) -> str:
    tokens = words.draw(max(3, int(rng.gauss(11, 5))))
    if rng.random() < 0.6:
        tokens.insert(0, "@" + rng.choice(words.all))
    if rng.random() < 0.015:
        tokens.insert(rng.randrange(len(tokens)), rng.choice(rng.choice(rules).any or ("",)))
    text = " ".join(tokens)
    if rng.random() < 0.35:
        text += " " + rng.choice(_EMOJI) * rng.randint(1, 3)
    if rng.random() < 0.1:
        text = text.replace(" ", " “", 1) + "” …"
    if rng.random() < 0.08:
        text = text.translate(_ACCENTS)
    return text.capitalize() if rng.random() < 0.7 else text


def load_posts(path: Path, rng: random.Random, count: int, rules: Sequence[RuleConfig]) -> list[str]:
    """Read real posts and plant a term of a rule into 1.5 % of them."""
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    texts = [str(row["text"]) for row in map(json.loads, data.split(b"\n")[:-1]) if row.get("text")]
    posts = [rng.choice(texts) for _ in range(count)]
    return [f"{post} {rng.choice(rng.choice(rules).any or ('',))}" if rng.random() < 0.015 else post for post in posts]


def regex_loop(rules: Sequence[RuleConfig]) -> Callable[[str], list[str]]:
    """Give the usual way: a compiled pattern for each term, tried one after the other over the folded text."""
    compiled = {}
    for term in {term for rule in rules for group in rule.groups() for term in group}:
        folded = parse_term(term).folded
        left = r"(?<!\w)" if joins(folded[0]) or folded[0] in "@#" else ""
        compiled[term] = re.compile(
            left + re.escape(folded).replace(r"\ ", r"\s+") + (r"(?!\w)" if joins(folded[-1]) else "")
        )

    def hits(text: str) -> list[str]:
        folded = fold(text)
        seen = {term for term, pattern in compiled.items() if pattern.search(folded)}
        return [rule.name for rule in rules if _holds(rule, seen)]

    return hits


def _holds(rule: RuleConfig, seen: set[str]) -> bool:
    if not seen or not seen.intersection(rule.any or ()):
        return False
    return all(seen.intersection(group) for group in rule.all) and not seen.intersection(rule.none or ())


def bare_automaton(rules: Sequence[RuleConfig]) -> Read:
    """Give the floor: fold, and one pass of ahocorasick_rs over all terms, with no boundary and no rule."""
    terms = sorted({parse_term(term).folded for rule in rules for group in rule.groups() for term in group})
    find = AhoCorasick(terms).find_matches_as_indexes
    return lambda text: find(fold(text), True)


def interleaved(readers: dict[str, tuple[Read, Sequence[str]]], rounds: int) -> dict[str, float]:
    """Give the best posts/s of each reader over rounds in which all take turns."""
    best = dict.fromkeys(readers, 0.0)
    for _ in range(rounds):
        for name, (read, posts) in readers.items():
            started = time.perf_counter()
            for post in posts:
                read(post)
            best[name] = max(best[name], len(posts) / (time.perf_counter() - started))
    return best


def build_ms(rules: Sequence[RuleConfig]) -> float:
    """Give the best time of five to make a rulebook of validated rules, in milliseconds."""
    times = []
    for _ in range(5):
        started = time.perf_counter()
        Rulebook(rules)
        times.append(time.perf_counter() - started)
    return min(times) * 1000


def measure(size: int, options: argparse.Namespace) -> dict[str, float]:
    """Measure one number of rules; checks first that the rulebook and the loop agree."""
    rng = random.Random(options.seed)
    words = Words(rng)
    rules = make_rules(words, size)
    if options.texts:
        posts = load_posts(options.texts, rng, options.posts, rules)
    else:
        posts = make_posts(rng, words, rules, options.posts)
    rulebook, loop = Rulebook(rules), regex_loop(rules)
    few = posts[: max(60, 20_000 // size)]
    for post in few:
        assert {hit.rule for hit in rulebook.hits(post)} == set(loop(post)), ascii(post)
    readers: dict[str, tuple[Read, Sequence[str]]] = {
        "rules": (rulebook.hits, posts),
        "fold + automaton": (bare_automaton(rules), posts),
        "fold": (fold, posts),
        "regexes": (loop, few),
    }
    hits = sum(bool(rulebook.hits(post)) for post in posts) / len(posts)
    return {**interleaved(readers, options.rounds), "build ms": build_ms(rules), "hits": hits}


def main() -> None:
    """Print one line per number of rules, and the two ratios that the design asks for."""
    parser = argparse.ArgumentParser(prog="python -m bench.rules", description=__doc__)
    parser.add_argument("--texts", type=Path, help="JSONL of real posts with a text column, plain or .gz")
    parser.add_argument("--posts", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    print("k posts/s, one thread, best of interleaved rounds")
    print(" rules     ours  fold+ac     fold   regexes  ours/ac  ours/re   hits  build ms")
    speeds = {}
    for size in SIZES:
        found = measure(size, options)
        ours, automaton, loop = found["rules"], found["fold + automaton"], found["regexes"]
        speeds[size] = ours
        print(
            f"{size:>6} {ours / 1e3:>8.0f} {automaton / 1e3:>8.0f} {found['fold'] / 1e3:>8.0f} {loop / 1e3:>9.3f}"
            f" {ours / automaton:>8.2f} {ours / loop:>8.0f} {found['hits']:>6.1%} {found['build ms']:>9.1f}"
        )
    print(f"{SIZES[-1]} rules cost {speeds[SIZES[0]] / speeds[SIZES[-1]]:.2f} x what {SIZES[0]} do")


if __name__ == "__main__":
    main()
