"""Prints LinkBench: ``python -m bench.linkbench [--companies 6] [--posts 250] [--seed 0]``."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from bench.linkbench.export import answers as splink_answers
from bench.linkbench.export import export
from bench.linkbench.measure import (
    Answer,
    alert_precision,
    calibration,
    detection,
    interval,
    recall_at,
    threshold_at,
    wrong_case,
)
from bench.linkbench.peers import answer as peer_answer
from bench.linkbench.peers import bm25, by_vectors, same_name
from matcher.encoder import Encoder
from matcher.likeness import Likeness
from matcher.model_file import load
from training.train_linking import Remembering, Sample, samples
from training.train_linking import answer as our_answer

TRAINED_AT = 0.5


def ceiling(found: Sequence[Sample]) -> float:
    """Give the share of linked posts that the facts in them can decide: 1/k for k open cases that fit as well.

    A case fits as well where it tells the same story and lies in the same town, or where neither is said.
    """
    shares = []
    for sample in found:
        row = sample.row
        if row.item.answer not in row.linkable():
            continue
        true = next(case for case in row.cases if case.case_id == row.item.answer)
        told = {case.case_id for case in row.cases if case.text.split(" \n ")[0] == true.text.split(" \n ")[0]}
        place = bool(row.clues.home) and true.town in row.clues.home
        name = bool(row.clues.name.lasts) and bool(set(row.clues.name.lasts) & set(true.name.lasts))
        like = [
            c
            for c in row.cases
            if c.case_id in told & row.linkable()
            and (not place or c.town == true.town)
            and (not name or set(c.name.lasts) & set(true.name.lasts))
        ]
        shares.append(1 / max(len(like), 1))
    return sum(shares) / max(len(shares), 1)


def line(name: str, answers: Sequence[Answer], *, probabilities: bool) -> str:
    """Give one row of the table."""
    bound = load().threshold(0.95) if probabilities else threshold_at(answers, 0.02)
    low, high = interval(answers, 0.02)
    five, _ = alert_precision(answers, bound, 0.05)
    twenty, recall = alert_precision(answers, bound, 0.2)
    error = "{:.3f} / {:.3f}".format(*calibration(answers)) if probabilities else "      -      "
    return (
        f"{name:<24} {recall_at(answers, 1):.3f} {recall_at(answers, 3):.3f}   {detection(answers, 0.005):.3f} "
        f"{detection(answers, 0.01):.3f} {detection(answers, 0.02):.3f} ({low:.2f}-{high:.2f})  "
        f"{detection(answers, 0.02, 'third'):.3f}    {five:.3f} {twenty:.3f} {recall:.3f}"
        f"   {wrong_case(answers, bound):.3f}   {error}"
    )


def kinds(answers: Sequence[Answer], bound: float) -> str:
    """Give how each kind of post fares at a threshold."""
    names = sorted({answer.kind for answer in answers})
    parts = []
    for name in names:
        own = [answer for answer in answers if answer.kind == name]
        linked = sum(answer.top >= bound for answer in own)
        right = sum(answer.top >= bound and answer.right for answer in own)
        parts.append(f"  {name:<14} n {len(own):>4}  linked {linked / len(own):.3f}  right {right / len(own):.3f}")
    return "\n".join(parts)


def main() -> None:
    """Measure every method on the test split."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--companies", type=int, default=6)
    parser.add_argument("--posts", type=int, default=250)
    parser.add_argument("--seed", type=int, default=0, help="first company; the sealed seed is kept elsewhere")
    parser.add_argument("--export", type=Path, help="write the records for splink_peer.py and stop")
    parser.add_argument("--splink", type=Path, help="what splink_peer.py answered to the same companies and posts")
    options = parser.parse_args()
    with Encoder() as encoder:
        remembering = Remembering(encoder)
        found = samples("test", range(options.seed, options.seed + options.companies), options.posts, remembering)
        if options.export:
            export([sample.row for sample in found], options.export)
            return
        likeness = by_vectors(Likeness(remembering.encode))
        ours = [our_answer(sample, load(), TRAINED_AT) for sample in found]
        rows = [sample.row for sample in found]
        table = [("ours", ours, True)]
        table += [
            ("same name", [peer_answer(row, same_name) for row in rows], False),
            ("BM25, text", [peer_answer(row, lambda r: bm25(r, profile=False)) for row in rows], False),
            ("BM25, text and profile", [peer_answer(row, lambda r: bm25(r, profile=True)) for row in rows], False),
            ("sentence vectors", [peer_answer(row, likeness) for row in rows], False),
        ]
    if options.splink:
        table += [(name, own, False) for name, own in splink_answers(rows, options.splink).items()]
    linked = sum(answer.truth is not None for answer in ours)
    print(f"{len(ours)} posts, {linked} with a case; model {load().version}; ceiling of recall@1 {ceiling(found):.3f}")
    print(
        "method                   r@1   r@3     DIR .5%   1%    2%               third   "
        "precision at 5% 20%, recall  wrong   ECE / Brier"
    )
    for name, answers, probabilities in table:
        print(line(name, answers, probabilities=probabilities))
    print(f"\nours by kind, at {load().threshold(0.95):.2f}\n{kinds(ours, load().threshold(0.95))}")
    for lang in sorted({answer.lang for answer in ours}):
        own = [answer for answer in ours if answer.lang == lang and answer.truth]
        if own:
            print(f"  {lang}: n {len(own)}  r@1 {recall_at(own, 1):.3f}")


if __name__ == "__main__":
    main()
