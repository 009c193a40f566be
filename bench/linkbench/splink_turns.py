"""Splink 5 on one post at a time, where it is installed: the peer of linking's speed, by identity fields."""

import importlib.util
from collections.abc import Callable
from typing import Any

from bench.linkbench.posts import Item
from bench.linkbench.world import World
from matcher.display_name import shown_name
from matcher.names import shared_names
from matcher.places import shared_places

Turn = Callable[[Item], Any]

_FIELDS = ("given", "last", "town")


def splink_turns(company: World) -> Turn | None:
    """Give what looks one post up by ``predict_between`` over the open cases, or None without splink 5."""
    if importlib.util.find_spec("splink") is None:
        return None
    import pyarrow as pa  # type: ignore[import-not-found, unused-ignore]  # noqa: PLC0415  lies in the peer's environment
    import splink.internals.comparison_library as cl  # type: ignore[import-not-found, unused-ignore]  # noqa: PLC0415
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on  # noqa: PLC0415

    api = DuckDBAPI()
    held = [_case(one) for one in company.held if one.case.resolved_at is None]
    cases = api.register(pa.Table.from_pylist(held), dataset_display_name="cases")
    comparisons = [cl.JaroWinklerAtThresholds(name, [0.92, 0.85]) for name in ("given", "last")]
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[*comparisons, cl.ExactMatch("town")],
        blocking_rules_to_generate_predictions=[block_on("last"), block_on("given", "town")],
        probability_two_random_records_match=1 / len(held),
    )
    linker = Linker(cases, settings)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6)
    numbers = iter(range(10**9))

    def turn(item: Item) -> Any:
        """Register the post under a name of its own, which splink asks for, and score it against the cases."""
        post = api.register(pa.Table.from_pylist([_post(item)]), dataset_display_name=f"post_{next(numbers)}")
        return linker.inference.predict_between(cases, post, warning_mode="never").as_record_list()

    return turn


def _case(held: Any) -> dict[str, str | None]:
    owner = shared_names().person(held.case.customer.name)
    town = shared_places().town(held.case.customer.city or "")
    return {
        "unique_id": held.case.case_id,
        "given": owner.given or None,
        "last": owner.last or None,
        "town": town or None,
    }


def _post(item: Item) -> dict[str, str | None]:
    shown = shown_name(item.mention.name or "", shared_names())
    homes = shared_places().of_location(item.mention.location) if item.mention.location else []
    return dict(
        zip(
            ("unique_id", *_FIELDS),
            ("post", shown.given or None, shown.last or None, next(iter(homes), None)),
            strict=True,
        )
    )
