"""Rules and posts for property tests, made of few pieces so that they meet often."""

from hypothesis import strategies as st

from listener.config import RuleConfig

TERMS = [
    *("can", "empty", "empty can", "can of", "@can", "#can", "cän", "缶", "空き缶", "o'can", "can-of", "🍺", "❤️", "a"),
    *("can can", "straße", "of 缶", "c++", "_can"),
]
PIECES = [
    *("can", "empty", "of", "CAN", "Càn", "ｃａｎ", "scan", "cans", "a", "o", "++", "c", "straße", "STRASSE", "@", "#"),
    *(" ", " ", "  ", "\n", "\t", "\u00a0", "\x1f", "\u2028", "_", "__", "'", "’", "-", "‑", "…", ".", ",", "🍺"),
    *("❤️", "❤", "缶", "空き缶", "か", "\u3099", "\u200b", "\u200d", "\u0301", "\ud800", "x", "é", "İ", "ß", "한"),
]

groups = st.lists(st.sampled_from(TERMS), min_size=1, max_size=3)
nears = st.fixed_dictionaries({"words": st.tuples(groups, groups), "within": st.integers(1, 4)})
conditions = st.fixed_dictionaries(
    {},
    optional={
        "any": groups,
        "all": st.lists(groups, min_size=1, max_size=2),
        "none": groups,
        "near": st.lists(nears, min_size=1, max_size=2),
        "lang": st.lists(st.sampled_from(["en", "de"]), min_size=1, max_size=2),
        "priority": st.integers(0, 2),
    },
).filter(lambda rule: rule.keys() & {"any", "all", "near"})
variants = st.sampled_from(["cann", "kan", "lee re", "缶詰"])
texts = st.lists(st.sampled_from([*PIECES, "cann", "kan", "缶詰"]), max_size=14).map("".join)


@st.composite
def rules(draw: st.DrawFn) -> list[RuleConfig]:
    """Draw up to five rules, some with a misspelling of a term that they use."""
    made = []
    for index, rule in enumerate(draw(st.lists(conditions, min_size=1, max_size=5))):
        config = RuleConfig.model_validate({"name": f"r{index}", "brand": "b", **rule})
        term = draw(st.none() | st.sampled_from([term for group in config.groups() for term in group]))
        spelled = {} if term is None else {term: draw(st.lists(variants, min_size=1, max_size=2))}
        made.append(RuleConfig.model_validate({"name": f"r{index}", "brand": "b", **rule, "misspellings": spelled}))
    return made
