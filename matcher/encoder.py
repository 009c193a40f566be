"""Sentence vectors from the shipped int8 graph, off the event loop."""

import asyncio
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from matcher import second_reader
from matcher.graph_session import GraphError, open_graph
from matcher.second_reader import SecondReader
from matcher.tokenizer import Tokenizer, TokenizerError

MODEL_DIR = Path(__file__).parent / "model"
GRAPH, WEIGHTS = "encoder.int8.onnx", "encoder.int8.weights"
WIDTH = 384
_CHUNK = 16
_MEND = "run `make model`, or install the package again"

Vectors = NDArray[np.float32]


class EncoderFilesError(RuntimeError):
    """The encoder's files are not where they should be, or are damaged."""


class Encoder:
    """Two networks on ONNX Runtime in one graph, 384 numbers per text: MiniLM, and MiniLM tuned to complaints.

    They share the embeddings; only the one that is asked runs. A third, larger one reads doubtful posts again.

    Each text runs through the graph alone: dynamic int8 scales its activations per run, so in a shared batch a
    post's vector would depend on its neighbours, and on one thread batches are no faster (PERFORMANCE.md section 2).
    """

    def __init__(self, folder: Path = MODEL_DIR, workers: int | None = None) -> None:
        """Load graph and tokenizer from ``folder``; ``workers`` threads share it (default: the cores, at most 2).

        Raises EncoderFilesError.
        """
        for name in (GRAPH, WEIGHTS, "tokenizer.json", *second_reader.FILES):
            if not (folder / name).is_file():
                raise EncoderFilesError(f"{folder / name} is missing: {_MEND}")
        graph = (folder / GRAPH).resolve()  # ONNX Runtime takes no weights by way of a symbolic link
        try:
            self._tokenizer = Tokenizer(folder)
            self._session: Any = open_graph(graph)
        except (TokenizerError, GraphError) as error:
            raise EncoderFilesError(f"in {folder} {error}: {_MEND}") from error
        self._reading = threading.Lock()  # the tokenizer sets its own truncation at each call, so one call at a time
        self._second = SecondReader(folder)
        self._workers = workers or min(os.cpu_count() or 1, 2)
        self._pool = ThreadPoolExecutor(self._workers, thread_name_prefix="encoder")
        self._front = ThreadPoolExecutor(1, thread_name_prefix="encoder-front")

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors that say what ``texts`` are about, shape [len(texts), 384]; worker threads share them."""
        return self._run(texts, tuned=False)

    def meant(self, texts: Sequence[str]) -> Vectors:
        """Return vectors that say how ``texts`` are meant, shape [len(texts), 384]: what the complaint heads read."""
        return self._run(texts, tuned=True)

    def again(self, texts: Sequence[str]) -> Vectors:
        """Return what the larger network finds in ``texts``, shape [len(texts), 768]: some 15 ms a text and thread."""
        vectors = np.zeros((len(texts), second_reader.WIDTH), np.float32)
        self._shared(texts, lambda ids, row: np.copyto(vectors[row], self._second.read(ids)))
        return vectors

    def prepare_second(self) -> None:
        """Unpack the larger network now rather than at the first doubtful post; raises SecondReaderError."""
        self._second.ready()

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """Like ``encode``, without holding up the event loop."""
        return await asyncio.get_running_loop().run_in_executor(self._front, self.encode, texts)

    def close(self) -> None:
        """Stop the worker threads once their current texts are done."""
        self._front.shutdown()
        self._pool.shutdown()

    def __enter__(self) -> Self:
        """Hand out the encoder itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the worker threads."""
        self.close()

    def _run(self, texts: Sequence[str], *, tuned: bool) -> Vectors:
        vectors, switch = np.zeros((len(texts), WIDTH), np.float32), np.array(tuned)
        self._shared(texts, lambda ids, row: np.copyto(vectors[row], self._vector(ids, switch)))
        return vectors

    def _vector(self, ids: list[int], tuned: NDArray[np.bool_]) -> Vectors:
        tokens = np.array([ids], np.int64)
        feed = {"input_ids": tokens, "attention_mask": np.ones_like(tokens), "tuned": tuned}
        vector: Vectors = self._session.run(["vector"], feed)[0][0]
        return vector

    def _shared(self, texts: Sequence[str], work: Callable[[list[int], int], None]) -> None:
        """Call ``work`` with the token ids and the row of each text; the worker threads share them."""
        if not texts:
            return
        with self._reading:
            ids = self._tokenizer.ids(list(texts))

        def some(rows: range) -> None:
            for row in rows:
                work(ids[row], row)

        for _ in self._pool.map(some, _chunks(len(ids), self._workers)):
            pass


def _chunks(count: int, workers: int) -> Iterator[range]:
    """Cut ``count`` rows into runs small enough that no worker waits long for another."""
    size = max(1, min(_CHUNK, -(-count // workers)))
    return (range(start, min(start + size, count)) for start in range(0, count, size))
