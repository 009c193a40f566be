"""How LinkBench counts offers."""

from bench.linkbench.measure import Answer, offered

SHARED = [("C-1", 0.1), ("C-2", 0.06), ("C-3", 0.05)]


def answer(truth: str | None, ranked: list[tuple[str, float]], twins: tuple[str, ...] = ()) -> Answer:
    return Answer(ranked, truth, "owner" if truth else "lonely", "self" if truth else None, twins=twins)


def test_the_best_three_are_offered_together_and_must_hold_the_case() -> None:
    linked = [
        answer("C-3", SHARED),
        answer("C-9", [("C-1", 0.8), ("C-9", 0.1)]),
        answer("C-4", [*SHARED, ("C-4", 0.04)]),
        answer("C-1", [("C-1", 0.1)]),
        answer("C-1", []),
    ]
    lonely = [answer(None, SHARED), answer(None, [("C-1", 0.19)]), answer(None, [])]
    fits_two = answer("C-1", [("C-1", 0.5), ("C-2", 0.5)], twins=("C-1", "C-2"))
    assert offered([*linked, *lonely, fits_two], 0.2) == (2 / 5, 1 / 3)
    assert offered([], 0.2) == (0.0, 0.0)
