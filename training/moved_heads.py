"""Linear heads that were learnt at full precision, moved to the vectors of the int8 graph."""

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import Ridge

LEAST_MOVED = 300.0

Floats = NDArray[np.float64]


def moved(vectors: Floats, weights: Floats, bias: Floats, said: Floats) -> tuple[Floats, Floats]:
    """Move ``weights`` [heads, width] and ``bias`` [heads] so far that on ``vectors`` they say what was ``said``.

    They are fitted to what the full-precision network says [texts, heads], not to the labels: it knows its rows by
    heart, and fitted to the labels the heads would be far too sure.
    """
    off = said - (vectors @ weights.T + bias)
    model = Ridge(alpha=LEAST_MOVED, solver="cholesky").fit(vectors, off)
    left = off - model.predict(vectors)
    strays, rest = np.abs(off[:, 0]).mean(), np.abs(left[:, 0]).mean()
    print(f"log odds of int8 stray from full precision by {strays:.3f}, {rest:.3f} when moved")
    return weights + model.coef_, bias + model.intercept_
