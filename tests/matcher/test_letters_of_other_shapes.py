"""Letters of another shape and accents that stand apart are read as what they mean."""

import pytest

from matcher.complaint import ComplaintDecision


@pytest.mark.parametrize("text", ["ｗｏｒｓｔ ａｉｒｌｉｎｅ ｅｖｅｒ", "𝐖𝐨𝐫𝐬𝐭 𝐚𝐢𝐫𝐥𝐢𝐧𝐞 𝐞𝐯𝐞𝐫", "ⓦⓞⓡⓢⓣ ⓐⓘⓡⓛⓘⓝⓔ ⓔⓥⓔⓡ"])
def test_letters_of_another_shape_are_read_as_letters(decision: ComplaintDecision, text: str) -> None:
    shaped, plain = decision.judge([text, "worst airline ever"])
    assert (shaped.lang, shaped.complaint) == ("en", True)
    assert shaped.probability == pytest.approx(plain.probability, abs=0.05)


def test_accents_that_stand_apart_belong_to_their_letters(decision: ComplaintDecision) -> None:
    """Some keyboards and copied texts write é as e and a sign."""
    apart, plain = decision.judge(["Colis jamais arrive\u0301", "Colis jamais arrivé"])
    assert (apart.lang, apart.probability) == (plain.lang, plain.probability)
