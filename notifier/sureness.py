"""How sure a link is, in words that a person uses, with the number beside them."""

_HARDLY = 0.005
_WORDS = (
    (0.97, "almost certainly"),
    (0.85, "very probably"),
    (0.70, "probably"),
    (0.50, "more likely than not"),
    (0.25, "possibly"),
)


def sure_words(probability: float) -> str:
    """Return "very probably" for 0.94; a link is a hypothesis, so nothing is ever certain."""
    return next((word for least, word in _WORDS if probability >= least), "perhaps")


def percent(probability: float) -> str:
    """Return "94%" or "under 1%", never 0% or 100%: the numbers that would end the discussion."""
    return "under 1%" if probability < _HARDLY else f"{min(max(round(probability * 100), 1), 99)}%"
