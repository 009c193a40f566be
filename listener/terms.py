"""Terms: the words, phrases, @handles and #hashtags of a rule, and where one stands in a text."""

import re
import unicodedata

import msgspec

from listener.fold import joins, squeeze

LONGEST_TERM = 200
_WORDY = re.compile(r"[^\W_]")
_SIGNS = "@#"
_EMPHASIS = 4


class TermError(ValueError):
    """A term cannot be listened for; the text says what to write instead."""


class Term(msgspec.Struct, frozen=True, gc=False):
    """One spelling to look for. ``text`` is as configured, ``folded`` as it is compared.

    ``left`` and ``right`` say whether a boundary has to stand on that side: beside a letter it must, beside an emoji
    or in a script without spaces it need not. A handle or a hashtag needs one before its sign, so that ``@brand``
    is not found in ``info@brand.example``.
    """

    text: str
    folded: str
    left: bool
    right: bool

    def stands(self, text: str, start: int, end: int) -> bool:
        """Tell whether what was found at ``text[start:end]``, in squeezed text, is no part of a longer word."""
        before = text[start - 1] if start else " "
        after = text[end] if end < len(text) else " "
        if self._free(before, after):
            return True
        return "_" in (before, after) and self._emphasised(text, start, end)

    def _free(self, before: str, after: str) -> bool:
        return not (self.left and joins(before)) and not (self.right and joins(after))

    def _emphasised(self, text: str, start: int, end: int) -> bool:
        """``_term_`` is Markdown for emphasis, while ``term_``, ``@_term`` and ``a_term_b`` are other names."""
        before, after = text[max(0, start - _EMPHASIS) : start], text[end : end + _EMPHASIS]
        if not before.endswith("_") or not after.startswith("_"):
            return False
        before, after = before.rstrip("_") or " ", after.lstrip("_") or " "
        return before[-1] not in _SIGNS and self._free(before[-1], after[0])


def parse_term(text: str) -> Term:
    """Make a term of what the configuration holds; raises TermError."""
    folded = squeeze(text)
    if folded.isascii() and folded.isalnum() and len(folded) <= LONGEST_TERM:
        return Term(text, folded, left=True, right=True)
    if not folded.strip(_SIGNS):
        raise TermError("a term is empty: write a word, a phrase, @handle or #hashtag, or remove the entry")
    if len(folded) > LONGEST_TERM:
        raise TermError(f"a term is longer than {LONGEST_TERM} characters: write the few words that matter")
    if not _WORDY.search(folded) and not any(unicodedata.category(char) == "So" for char in folded):
        raise TermError(f"'{text}' holds no letter, digit or emoji: write one, or use a pattern")
    signed = folded[0] in _SIGNS
    if signed and " " in folded:
        raise TermError(f"'{text}' starts like a handle but has a space: write two terms, or leave the sign out")
    return Term(text, folded, left=signed or joins(folded[0]), right=joins(folded[-1]))
