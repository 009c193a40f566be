"""The encoder's tokenizer, loaded from the shipped files and never from the network."""

from pathlib import Path

import tokenizers

MAX_TOKENS = 256
_MAX_CHARACTERS = 8 * MAX_TOKENS


class TokenizerError(ValueError):
    """``tokenizer.json`` cannot be read."""


class Tokenizer:
    """Texts to token ids: whole posts up to 256 tokens, unpadded; the rest of a longer text is cut off."""

    def __init__(self, folder: Path) -> None:
        """Load ``tokenizer.json`` from ``folder``; raises TokenizerError."""
        try:
            self._tokenizer = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
        except Exception as error:  # the library raises no kind of its own
            raise TokenizerError("tokenizer.json is damaged") from error
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._tokenizer.no_padding()

    def ids(self, texts: list[str]) -> list[list[int]]:
        """Return the token ids of each text, with the leading and trailing marks of the model."""
        return [found.ids for found in self._tokenizer.encode_batch_fast([readable(text) for text in texts])]


def readable(text: str) -> str:
    """Cut ``text`` to what can matter and replace lone surrogates, which the tokenizer refuses."""
    return text[:_MAX_CHARACTERS].encode("utf-8", "replace").decode("utf-8")
