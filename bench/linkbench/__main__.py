"""Prints LinkBench: ``python -m bench.linkbench [--companies 8] [--posts 200] [--sealed]``.

Ours and its peers answer the same posts under the same gates: cases that were unresolved and older than the post.
Splink 5 takes part where it is installed; it is asked in a process of its own.
"""

import argparse
import importlib.util
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from bench.linkbench.ceiling import ceiling
from bench.linkbench.export import answers as splink_answers
from bench.linkbench.export import export
from bench.linkbench.measure import Answer, linked_of
from bench.linkbench.narratives import NAMED_BY, NarrativesMissing
from bench.linkbench.ours import Ours, Remembering, Sample, samples
from bench.linkbench.peers import answer as peer_answer
from bench.linkbench.peers import bm25, by_vectors, same_name
from bench.linkbench.rows import Row
from bench.linkbench.splits import SPLITS, sealed_seed
from bench.linkbench.table import HEAD, kinds, line, offers, peer_line, probabilities, slices
from matcher.config import LinkingConfig
from matcher.encoder import Encoder
from matcher.likeness import Likeness
from matcher.model_file import SHIPPED, load

SHARES = (0.5, 0.05, 0.2)
TARGET = 0.95


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--companies", type=int, default=8)
    parser.add_argument("--posts", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0, help="the first company of the open part")
    parser.add_argument("--sealed", action="store_true", help="the sealed companies, to measure once a change is done")
    parser.add_argument("--split", choices=SPLITS, default="test")
    parser.add_argument("--model", type=Path, default=SHIPPED, help="weights of linking")
    parser.add_argument("--narratives", type=Path, help=f"real narratives to use instead of the extract ({NAMED_BY})")
    parser.add_argument("--export", type=Path, help="write the records for splink_peer.py and stop")
    parser.add_argument("--splink", type=Path, help="what splink_peer.py answered to the same companies and posts")
    return parser.parse_args()


def _seeds(options: argparse.Namespace) -> list[int | str]:
    first, count = options.seed, options.companies
    return [f"{sealed_seed()}, {n}" for n in range(count)] if options.sealed else list(range(first, first + count))


def splink(rows: Sequence[Row], said: Path | None) -> dict[str, list[Answer]]:
    """Give Splink's answers: those of a file, or those it gives now; none where it is not installed."""
    if said is not None:
        return splink_answers(rows, said)
    if importlib.util.find_spec("splink") is None:
        return {}
    with tempfile.TemporaryDirectory() as folder:
        asked, ranked = Path(folder) / "rows.json", Path(folder) / "ranked.jsonl"
        export(rows, asked)
        peer = [sys.executable, str(Path(__file__).with_name("splink_peer.py")), str(asked), str(ranked)]
        subprocess.run(peer, check=True, capture_output=True)  # noqa: S603  this very program and files of its own
        return splink_answers(rows, ranked)


def main() -> None:
    """Measure every method."""
    options = _options()
    if options.narratives:
        os.environ[NAMED_BY] = str(options.narratives)
    with Encoder() as encoder:
        remembering = Remembering(encoder)
        try:
            found = samples(options.split, _seeds(options), options.posts, remembering)
        except NarrativesMissing as error:
            sys.exit(str(error))
        rows = [sample.row for sample in found]
        if options.export:
            export(rows, options.export)
            return
        likeness = by_vectors(Likeness(remembering.encode))
        peers = {
            "same name": [peer_answer(row, same_name) for row in rows],
            "BM25, text": [peer_answer(row, lambda r: bm25(r, profile=False)) for row in rows],
            "BM25, text and profile": [peer_answer(row, lambda r: bm25(r, profile=True)) for row in rows],
            "sentence vectors": [peer_answer(row, likeness) for row in rows],
        }
    peers |= splink(rows, options.splink)
    _show(options, found, peers)


def _show(options: argparse.Namespace, found: Sequence[Sample], peers: dict[str, list[Answer]]) -> None:
    model = load(options.model)
    ours = Ours(model)
    bound = model.threshold(TARGET)
    answered = list(zip(*(ours.answers(sample, SHARES) for sample in found), strict=True))
    asked = {share: (own, bound) for share, own in zip(SHARES, answered, strict=True)}
    half = answered[0]
    part = "sealed companies" if options.sealed else f"companies from {options.seed}"
    other = sum(answer.lang != "en" for answer in half) / len(half)
    print(
        f"split {options.split}, {part}: {len(half)} posts, {len(linked_of(half))} with a case, {other:.0%} not in "
        f"English; model {model.version}, asserts from {bound:.2f}; ceiling of recall@1, roughly, "
        f"{ceiling([sample.row for sample in found]):.3f}\n{HEAD}"
    )
    print(line("ours", half, {share: asked[share] for share in SHARES[1:]}))
    for name, answers in peers.items():
        print(peer_line(name, answers))
    if not any(name.startswith("Splink") for name in peers):
        print("Splink 5: missing; install splink>=5 beside the product (or name its folder in PYTHONPATH)")
    print(f"\nours: are the probabilities true?\n{probabilities(asked)}")
    print(f"  by the defaults, posts that fit several alike: {_between(ours, found)}")
    least = LinkingConfig().possible_from
    print(f"\nours: are cases offered, from {least:.2f} for the best three together?\n{offers(asked, least)}")
    print(f"\nours by kind, half of the posts with a case\n{kinds(half, bound)}\n\nours by relation and language")
    print(slices(half))


def _between(ours: Ours, found: Sequence[Sample]) -> str:
    """Say how the product decides on posts that fit several cases alike."""
    twins = [(sample.row.item.twins, ours.decision(sample)) for sample in found if sample.row.item.twins]
    said = Counter(linking.decision for _, linking in twins)
    whole = sum(
        linking.decision == "possible" and set(fitting) <= {candidate.case_id for candidate in linking.candidates}
        for fitting, linking in twins
    )
    return f"asked {said['possible']} (all of them shown {whole}), asserted {said['link']}, silent {said['unlinked']}"


if __name__ == "__main__":
    main()
