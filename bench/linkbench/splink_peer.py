"""Splink 5 on the same rows, as a program of its own because it wants an environment of its own.

``python -m bench.linkbench --export ROWS.json`` writes the records; then, where ``splink>=5`` is installed,
``python bench/linkbench/splink_peer.py ROWS.json RANKED.jsonl`` ranks them, and ``--splink RANKED.jsonl`` adds it.
Splink is trained on the very records that it is measured on; the gates of time and status apply when it is scored.
"""

import json
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

IDENTITY = ("given", "last", "town", "reference")
EXTRACTED = ("product", "matter", "channel", "named", "week", "gender")
LISTS = {"reference": [1], "product": [2, 1], "matter": [3, 2, 1]}
"""Fields that hold several values, with the sizes of what both share that count as levels."""


def rank(records: dict[str, list[dict[str, Any]]], fields: tuple[str, ...]) -> dict[str, list[tuple[str, float]]]:
    """Give for each post the cases of its own company, best first, by Splink's match weight."""
    import pyarrow as pa  # type: ignore[import-not-found, unused-ignore]  # noqa: PLC0415  lies in the peer's environment
    import splink.internals.comparison_library as cl  # type: ignore[import-not-found, unused-ignore]  # noqa: PLC0415
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on  # noqa: PLC0415

    api = DuckDBAPI()
    frames = [
        api.register(pa.Table.from_pylist(records[name]), dataset_display_name=name) for name in ("posts", "cases")
    ]

    def compared(name: str) -> Any:
        if name in LISTS:
            return cl.ArrayIntersectAtSizes(name, LISTS[name])
        if name in ("given", "last"):
            return cl.JaroWinklerAtThresholds(name, [0.92, 0.85]).configure(term_frequency_adjustments=True)
        return cl.ExactMatch(name).configure(term_frequency_adjustments=True)

    def blocked(name: str) -> Any:
        return block_on("world", name, arrays_to_explode=[name]) if name in LISTS else block_on("world", name)

    settings = SettingsCreator(
        link_type="link_only",
        comparisons=[compared(name) for name in fields],
        blocking_rules_to_generate_predictions=[blocked(name) for name in fields if name not in ("channel", "gender")],
        probability_two_random_records_match=1 / 400,
    )
    linker = Linker(frames, settings)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6)
    for name in ("last", "town", "given"):
        linker.training.estimate_parameters_using_expectation_maximisation(block_on("world", name))
    found: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for pair in linker.inference.predict().as_record_list():
        sides = {pair["source_dataset_l"]: pair["unique_id_l"], pair["source_dataset_r"]: pair["unique_id_r"]}
        found[sides["posts"]].append((sides["cases"], float(pair["match_weight"])))
    return {post: sorted(pairs, key=lambda p: -p[1]) for post, pairs in found.items()}


def main() -> None:
    """Rank with identity fields and with all extracted fields."""
    records = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    with Path(sys.argv[2]).open("w", encoding="utf-8") as out:
        for name, fields in (("Splink 5, identity", IDENTITY), ("Splink 5, our fields", IDENTITY + EXTRACTED)):
            for post, ranked in rank(records, fields).items():
                out.write(json.dumps({"method": name, "post": post, "ranked": ranked}) + "\n")


if __name__ == "__main__":
    main()
