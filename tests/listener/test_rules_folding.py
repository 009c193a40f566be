"""Folding takes shortcuts by lists of characters; every character of the lists is checked here."""

import re
import sys
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from listener.fold import HARMLESS, STABLE, align, fold, joins, sift, squeeze
from listener.sieve import even

TEXT = st.text(st.characters() | st.sampled_from("ｶﾞか\u3099ßİıéÅ\u0301\u200b\ufe0f\u200d\ud800’—\u1112\u1161\u11ab ½ﬁ"))


def listed(ranges: str) -> list[str]:
    """Give the characters of a list, without ASCII."""
    return re.findall(f"[{ranges}]", "".join(map(chr, range(0x80, sys.maxunicode + 1))))


def test_every_stable_character_in_lower_case_folds_to_itself() -> None:
    for char in listed(STABLE):
        plain = unicodedata.normalize("NFC", unicodedata.normalize("NFKD", char.lower()).casefold())
        assert plain == char.lower(), ascii(char)
        assert fold(char) == char.lower(), ascii(char)


def test_no_harmless_character_is_or_becomes_part_of_a_latin_word() -> None:
    for char in listed(HARMLESS):
        folded = fold(char)
        assert folded in (char, "") or not any(joins(one) or one in "@#" for one in folded), ascii(char)
        assert folded == char or folded.isascii(), ascii(char)
        assert not char.isspace(), ascii(char)


def test_every_mark_that_composes_is_composed_before_folding() -> None:
    for code in range(sys.maxunicode + 1):
        parts = unicodedata.decomposition(chr(code)).split()
        if len(parts) == 2 and parts[0][0] != "<":
            apart = "".join(chr(int(part, 16)) for part in parts)
            assert fold(apart) == fold(unicodedata.normalize("NFC", apart)), hex(code)


@given(TEXT)
def test_folding_twice_changes_nothing(text: str) -> None:
    assert squeeze(squeeze(text)) == squeeze(text)


@given(TEXT)
def test_folding_never_fails_and_leaves_what_utf_8_can_hold(text: str) -> None:
    assert fold(text).encode() is not None


@given(TEXT)
def test_every_word_that_folding_gives_is_left_by_the_sieve(text: str) -> None:
    sifted = even(sift(text))
    for word in re.findall(r"[a-z0-9]+(?: [a-z0-9]+)*", squeeze(text)):
        assert word.encode() in sifted


@given(TEXT)
def test_aligning_gives_the_squeezed_text_and_rising_places_in_the_original(text: str) -> None:
    squeezed, origins = align(text)
    assert squeezed == squeeze(text)
    assert origins == sorted(origins)
    assert len(origins) == len(squeezed)
    assert all(0 <= origin < len(text) for origin in origins)
