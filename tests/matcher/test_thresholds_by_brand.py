"""Verdicts are held against the threshold of their brand: config.yaml first, then what was learnt, then the shipped."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from matcher.config import ComplaintConfig
from matcher.threshold import ByBrand, Threshold, fingerprint, given
from matcher.verdict import Verdict

LEARNT = Threshold(0.62, "learnt", 34, datetime(2026, 11, 21, 3, 30, tzinfo=UTC))


class Saying:
    """A model that reads the probability from the text; ``?`` is a language that it does not know."""

    def __init__(self, config: ComplaintConfig) -> None:
        self._config = config

    def threshold(self, brand: str | None) -> float:
        return given(self._config, brand, 0.5).value

    def judge(
        self, texts: Sequence[str], contexts: Any, langs: Any, brands: Sequence[str | None], *, hurried: bool = False
    ) -> Sequence[Verdict]:
        return [self._one(text, brand) for text, brand in zip(texts, brands, strict=True)]

    def _one(self, text: str, brand: str | None) -> Verdict:
        chance = float(text.strip("?"))
        unknown = "?" in text
        complaint = unknown or chance >= self.threshold(brand)
        return Verdict(complaint, chance, "other", 0.5, True, (), "en", "As read.", cannot_tell=unknown)


def judged(text: str, brand: str = "Larkmoor", **config: Any) -> Verdict:
    """Judge one post where 62% was learnt for Larkmoor."""
    settings = ComplaintConfig(**config)
    (verdict,) = ByBrand(Saying(settings), settings, "v1", {"Larkmoor": LEARNT}).judge([text], [None], [None], [brand])
    return verdict


def test_a_post_below_a_learnt_threshold_is_no_complaint_and_the_reason_says_who_moved_it() -> None:
    verdict = judged("0.55")
    assert not verdict.complaint
    assert verdict.reason == (
        "It reads somewhat like a complaint (55%), but the threshold of Larkmoor was moved to 62% by 34 answers on "
        "21 Nov."
    )


def test_a_complaint_above_a_learnt_threshold_says_so_too() -> None:
    verdict = judged("0.62")
    assert verdict.complaint
    assert verdict.moved == "the threshold of Larkmoor was moved to 62% by 34 answers on 21 Nov"
    assert verdict.reason == "As read. The threshold of Larkmoor was moved to 62% by 34 answers on 21 Nov."


def test_a_brand_without_answers_keeps_its_threshold_and_nothing_is_said() -> None:
    verdict = judged("0.55", brand="Brackwater")
    assert (verdict.complaint, verdict.reason, verdict.moved) == (True, "As read.", "")


def test_what_is_no_complaint_anyway_says_nothing_of_thresholds() -> None:
    assert judged("0.2").reason == "As read."


@pytest.mark.parametrize(
    "config", [{"brands": {"Larkmoor": 0.5}}, {"learn": False}, {"threshold": 0.7}], ids=["brand", "off", "general"]
)
def test_the_configuration_wins_over_what_was_learnt(config: dict[str, Any]) -> None:
    """A brand's own threshold, learning switched off, or a general threshold that is higher."""
    limit = config.get("threshold", 0.5)
    below, above = judged(f"{limit - 0.01}", **config), judged(f"{limit}", **config)
    assert (below.complaint, above.complaint) == (False, True)
    assert (above.threshold, above.moved) == (limit, "")


def test_a_general_threshold_that_is_lower_leaves_the_learnt_one_in_use() -> None:
    assert not judged("0.6", threshold=0.4).complaint


def test_an_unknown_language_is_left_to_the_setting() -> None:
    """Its probability says nothing, so no threshold is held against it."""
    assert judged("0.1?").complaint


def test_every_verdict_keeps_its_threshold_and_its_model_for_learning() -> None:
    """So that answers can be counted later for the model that they are about, and from where they were asked."""
    for brand, limit in (("Larkmoor", 0.62), ("Brackwater", 0.5)):
        verdict = judged("0.9", brand=brand)
        assert (verdict.threshold, verdict.version) == (limit, "v1")


def test_the_moved_brands_are_told_and_no_others() -> None:
    config = ComplaintConfig()
    judge = ByBrand(Saying(config), config, "v1", {"Larkmoor": LEARNT})
    assert judge.moved(["Brackwater", "Larkmoor"]) == [LEARNT.moved("Larkmoor")]
    assert judge.with_learnt({}).moved(["Larkmoor"]) == []


def test_another_model_or_other_labels_have_another_fingerprint(tmp_path: Path) -> None:
    """What was learnt of one model's probabilities says nothing of another's."""
    shipped = fingerprint(ComplaintConfig())
    assert shipped == fingerprint(ComplaintConfig(threshold=0.9))
    (tmp_path / "complaint.json").write_text("other heads")
    named = [ComplaintConfig(model="acme/a", labels={"A": "complaint"}), ComplaintConfig(model="acme/b"),
             ComplaintConfig(model="acme/a", labels={"B": "complaint"})]  # fmt: skip
    found = {shipped, fingerprint(ComplaintConfig(), tmp_path), *map(fingerprint, named)}
    assert len(found) == 5
