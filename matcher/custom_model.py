"""Any Hugging Face sequence-classification model, named in the configuration, as the judge of complaints."""

import importlib.util
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec

from matcher.complaint import ComplaintDecision
from matcher.config import BUILTIN, ComplaintConfig
from matcher.encoder import MODEL_DIR, Encoder
from matcher.heads import Heads
from matcher.reading import leans
from matcher.targets import Decision, OfUs
from matcher.threshold import given
from matcher.tokenizer import MAX_TOKENS, readable
from matcher.urgency import urgent
from matcher.verdict import Verdict, complaint_of
from matcher.wording import own_words, spelt, tokens

BATCH = 16
THRESHOLD = 0.5
"""From which score a post is a complaint, unless the configuration says otherwise."""

_HELD_BACK = 2
"""Positions at most that a network keeps for itself: RoBERTa's kin number those of a text from 2 on."""

_TRIAL = ("good", "not good " * MAX_TOKENS)
"""A short text and one that has to be cut: a model that cannot read both together fails at start, and not later."""

_NO_PROBABILITIES = "name a model that gives probabilities under matcher.complaint.model"


class CustomModelError(RuntimeError):
    """The model named in the configuration cannot be used."""


class CustomDecision:
    """A named model decides what a complaint is; kind and severity still come from the built-in one.

    Which words decided is not known of such a model, so its verdicts name none.
    """

    def __init__(self, pipeline: Any, builtin: ComplaintDecision, config: ComplaintConfig) -> None:
        """Take a ready ``transformers`` pipeline; ``custom_decision`` makes one from a configuration."""
        self._pipeline = pipeline
        self._builtin = builtin
        self._config = config
        labels = _labels_of(pipeline)
        self._labels = complaint_labels(labels, config)
        self._independent = len(labels) == 1 or _setting(pipeline, "problem_type") == "multi_label_classification"
        self._cut = {"truncation": True, "max_length": _longest(pipeline)}

    def judge(
        self,
        texts: Sequence[str],
        contexts: Sequence[str | None] | None = None,
        langs: Sequence[str | None] | None = None,
        brands: Sequence[str | None] | None = None,
        *,
        hurried: bool = False,
    ) -> list[Verdict]:
        """Give one verdict per text, in their order; it works on the CPU: call it in a thread.

        Raises CustomModelError where the model gives no probability, such as nan.
        """
        verdicts = self._builtin.judge(texts, contexts, langs, brands, hurried=hurried)
        scores = self._scores([_joined(*pair) for pair in zip(texts, contexts or [None] * len(texts), strict=True)])
        limits = [self.threshold(brand) for brand in brands or [None] * len(texts)]
        return [self._said(*row) for row in zip(texts, verdicts, scores, limits, strict=True)]

    def try_out(self) -> None:
        """Let the model judge two texts of unequal length; raises CustomModelError where it cannot."""
        next_step = "name another one under matcher.complaint.model"
        with _blamed(self._config.model, "was loaded but cannot judge posts", next_step):
            self._scores(list(_TRIAL))

    def _scores(self, texts: list[str]) -> list[float]:
        """Give the probability of a complaint per text."""
        if not texts:
            return []
        order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
        found = self._pipeline([texts[place] for place in order], top_k=None, batch_size=BATCH, **self._cut)
        scores = [0.0] * len(texts)
        for place, labels in zip(order, found, strict=True):
            scores[place] = self._together([float(row["score"]) for row in labels if row["label"] in self._labels])
        return scores

    def _together(self, scores: Sequence[float]) -> float:
        """Join the probabilities of the labels that mean a complaint: a sum where one label excludes the others.

        Labels that are independent of each other (sigmoid) may all be likely at once: the likeliest counts.
        """
        for score in scores:
            if not 0.0 <= score <= 1.0:
                raise CustomModelError(
                    f"the model {self._config.model} gives {score} where a probability is due: {_NO_PROBABILITIES}"
                )
        return max(scores, default=0.0) if self._independent else min(sum(scores), 1.0)

    def threshold(self, brand: str | None) -> float:
        """Return the probability from which a post about ``brand`` is a complaint."""
        return given(self._config, brand, THRESHOLD).value

    def _said(self, text: str, verdict: Verdict, score: float, limit: float) -> Verdict:
        complaint = score >= limit
        verdict = urgent(msgspec.structs.replace(verdict, complaint=complaint), own_words(text))
        what = complaint_of(verdict.kind) if complaint else "no complaint"
        return msgspec.structs.replace(
            verdict,
            complaint=complaint,
            probability=score,
            reason=f"The model {self._config.model} reads it as {what} ({score:.0%}).",
            words=(),
            cannot_tell=False,
            model=self._config.model,
        )


def decision_for(config: ComplaintConfig, encoder: Encoder) -> Decision:
    """Return the judge that ``config`` asks for."""
    builtin = ComplaintDecision(encoder, config)
    decision = builtin if config.model == BUILTIN else custom_decision(config, builtin)
    return OfUs(decision, config.competitors) if config.competitors else decision


def shipped_threshold(config: ComplaintConfig) -> float:
    """Return the threshold that comes with the model of a configuration."""
    return Heads.load(MODEL_DIR).card.threshold if config.model == BUILTIN else THRESHOLD


def open_pipeline(name: str) -> Any:
    """Open a ``transformers`` pipeline on the CPU, from the local cache or the hub; it takes seconds, or tries long."""
    if importlib.util.find_spec("torch") is None:
        raise CustomModelError(
            f"the model {name} needs torch, which is not installed: run pip install 'backchannel[torch]', "
            "or set matcher.complaint.model to builtin"
        )
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    import torch  # noqa: PLC0415 - an optional extra that takes seconds to import
    from transformers import pipeline  # noqa: PLC0415 - the same

    torch.set_num_threads(1)
    return pipeline("text-classification", model=name, device="cpu")


def custom_decision(
    config: ComplaintConfig, builtin: ComplaintDecision, load: Callable[[str], Any] = open_pipeline
) -> CustomDecision:
    """Load the model that ``config`` names and try it out: call it in a thread. Raises CustomModelError alone."""
    next_step = (
        "check matcher.complaint.model, that this machine may reach huggingface.co or already holds the model, "
        "and that the packages it needs are installed"
    )
    with _blamed(config.model, "cannot be loaded", next_step):
        pipeline = load(config.model)
    decision = CustomDecision(pipeline, builtin, config)
    decision.try_out()
    return decision


def complaint_labels(labels: Sequence[str], config: ComplaintConfig) -> frozenset[str]:
    """Return which of the model's ``labels`` mean a complaint, or say what the configuration must still name."""
    problem = _misfit(labels, config)
    if problem:
        raise CustomModelError(
            f"the model {config.model} {problem}: its labels are {', '.join(labels)}; "
            "say under matcher.complaint.labels what each means, complaint or not"
        )
    return frozenset(label for label, meaning in config.labels.items() if meaning == "complaint")


def _misfit(labels: Sequence[str], config: ComplaintConfig) -> str:
    unknown = sorted(set(config.labels) - set(labels))
    if unknown:
        return f"has no label {', '.join(unknown)}"
    missing = [label for label in labels if label not in config.labels]
    if missing:
        return f"has labels whose meaning is not given: {', '.join(missing)}"
    return "" if "complaint" in config.labels.values() else "has no label that means a complaint"


def _labels_of(pipeline: Any) -> list[str]:
    names: Mapping[int, str] = pipeline.model.config.id2label
    return [names[place] for place in sorted(names)]


def _setting(pipeline: Any, name: str) -> Any:
    return getattr(pipeline.model.config, name, None)


def _longest(pipeline: Any) -> int:
    """Return how many tokens of a text are read: as many as the built-in model reads, or what the network can."""
    known = getattr(getattr(pipeline, "tokenizer", None), "model_max_length", None) or MAX_TOKENS
    positions = _setting(pipeline, "max_position_embeddings")
    fitting = positions - _HELD_BACK if isinstance(positions, int) and positions > _HELD_BACK else MAX_TOKENS
    return min(MAX_TOKENS, int(known), fitting)


@contextmanager
def _blamed(model: str, what: str, next_step: str) -> Iterator[None]:
    """Turn whatever a model raises into CustomModelError: transformers and the hub raise errors of every kind."""
    try:
        yield
    except CustomModelError:
        raise
    except Exception as error:
        raise CustomModelError(f"the model {model} {what} ({_told(error)}): {next_step}") from error


def _told(error: Exception) -> str:
    """Say an error in one line, by its kind alone where it says nothing."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__


def _joined(text: str, context: str | None) -> str:
    text = spelt(text)
    return readable(f"{text}\n{context}" if context and leans(tokens(text)) else text)
