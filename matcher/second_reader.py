"""The larger network that reads doubtful posts a second time."""

import shutil
import threading
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.graph_session import GraphError, open_graph
from matcher.scratch import scratch

GRAPH, WEIGHTS = "second.int8.onnx", "second.int8.weights"
PACKED = ("second.int8.weights.1.gz", "second.int8.weights.2.gz")
"""The packed weights, cut in two: many places that keep code refuse files above 50 MB."""
FILES = (GRAPH, *PACKED)
WIDTH = 768
_PIECE = 1 << 20

Vectors = NDArray[np.float32]


class SecondReaderError(OSError):
    """The larger network cannot be unpacked; no post is at fault, so that those in hand wait."""


class SecondReader:
    """all-mpnet-base-v2 tuned to complaints, on ONNX Runtime. It takes MiniLM's token ids.

    It is unpacked at the first text, or when that is said, which takes .5 s and 100 MB; texts run alone, as in
    ``Encoder``.
    """

    def __init__(self, folder: Path) -> None:
        """Keep where the graph lies."""
        self._folder = folder
        self._loading = threading.Lock()
        self._session: Any = None

    def read(self, ids: Sequence[int]) -> Vectors:
        """Return a vector for the token ids of one text, shape [768]: it reads all that the first network read."""
        tokens = np.array([ids], np.int64)
        found = self.ready().run(["vector"], {"input_ids": tokens, "attention_mask": np.ones_like(tokens)})
        vector: Vectors = found[0][0]
        return vector

    def ready(self) -> Any:
        """Give the session, opened once; raises SecondReaderError."""
        with self._loading:
            if self._session is None:
                self._session = self._open()
        return self._session

    def _open(self) -> Any:
        """Open the graph beside its unpacked weights, which ONNX Runtime maps; it needs the files no longer then."""
        try:
            with scratch() as folder:
                unpack(self._folder, folder)
                return open_graph(folder / GRAPH, arena=False)
        except (OSError, zlib.error, GraphError) as error:
            raise SecondReaderError(
                f"the larger network in {self._folder} cannot be unpacked ({error}): give the temporary folder "
                "(TMPDIR) 120 MB, install the package again, or set matcher.complaint.second_reading to false"
            ) from error


def unpack(folder: Path, target: Path) -> None:
    """Write the graph and the weights that ``folder`` holds packed to ``target``; raises OSError or zlib.error."""
    shutil.copyfile(folder / GRAPH, target / GRAPH)
    unpacker = zlib.decompressobj(16 + zlib.MAX_WBITS)
    with (target / WEIGHTS).open("wb") as weights:
        for name in PACKED:
            with (folder / name).open("rb") as packed:
                while piece := packed.read(_PIECE):
                    weights.write(unpacker.decompress(piece))
    if not unpacker.eof:
        raise zlib.error("it ends too early")
