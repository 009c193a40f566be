"""Who posts for whom: how often, in which words, and how often they share a surname and a town (all guesses)."""

RELATIONS: dict[str, tuple[float, dict[str, tuple[str, ...]], float, float]] = {
    "spouse": (
        0.34,
        {"m": ("my husband", "my fella", "hubby", "my partner"), "f": ("my wife", "the wife", "my girlfriend")},
        0.62,
        0.95,
    ),
    "child": (0.2, {"m": ("my dad", "my father"), "f": ("my mum", "my mam", "my mother")}, 0.75, 0.4),
    "parent": (0.14, {"m": ("my son", "my lad"), "f": ("my daughter",)}, 0.75, 0.4),
    "sibling": (0.08, {"m": ("my brother",), "f": ("my sister",)}, 0.65, 0.45),
    "friend": (0.09, {"m": ("my mate", "a friend of mine"), "f": ("my best friend", "a friend of mine")}, 0.0, 0.6),
    "neighbour": (
        0.06,
        {"m": ("the man next door", "my neighbour"), "f": ("the lady next door", "my neighbour")},
        0.0,
        1.0,
    ),
    "flatmate": (0.04, {"m": ("my flatmate",), "f": ("my flatmate",)}, 0.0, 1.0),
    "colleague": (0.05, {"m": ("my colleague",), "f": ("my colleague", "our office manager")}, 0.0, 0.85),
}
