"""The encoder's tokenizer, loaded from the shipped files and never from the network."""

import os
from pathlib import Path

os.environ.setdefault("TRANSFORMERS_NO_ADVISORY_WARNINGS", "1")

from transformers import PreTrainedTokenizerFast

MAX_TOKENS = 256
_MAX_CHARACTERS = 8 * MAX_TOKENS


class Tokenizer:
    """Texts to token ids: whole posts up to 256 tokens, unpadded; the rest of a longer text is cut off."""

    def __init__(self, folder: Path) -> None:
        """Load ``tokenizer.json`` from ``folder``."""
        self._tokenizer = PreTrainedTokenizerFast.from_pretrained(str(folder), local_files_only=True)

    def ids(self, texts: list[str]) -> list[list[int]]:
        """Return the token ids of each text, with the leading and trailing marks of the model."""
        clean = [readable(text) for text in texts]
        rows: list[list[int]] = self._tokenizer(clean, truncation=True, max_length=MAX_TOKENS)["input_ids"]
        return rows


def readable(text: str) -> str:
    """Cut ``text`` to what can matter and replace lone surrogates, which the tokenizer refuses."""
    return text[:_MAX_CHARACTERS].encode("utf-8", "replace").decode("utf-8")
