"""Any Hugging Face sequence-classification model, named in the configuration, as the judge of complaints."""

import importlib.util
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from matcher.complaint import ComplaintDecision, leans
from matcher.config import BUILTIN, ComplaintConfig
from matcher.encoder import MODEL_DIR, Encoder
from matcher.heads import Heads
from matcher.threshold import given
from matcher.tokenizer import MAX_TOKENS, readable
from matcher.verdict import Verdict, complaint_of
from matcher.wording import tokens

BATCH = 16
THRESHOLD = 0.5
"""From which score a post is a complaint, unless the configuration says otherwise."""

_CUT = {"truncation": True, "max_length": MAX_TOKENS}


class CustomModelError(RuntimeError):
    """The model named in the configuration cannot be used."""


class CustomDecision:
    """A named model decides what a complaint is; kind, severity and words still come from the built-in one."""

    def __init__(self, pipeline: Any, builtin: ComplaintDecision, config: ComplaintConfig) -> None:
        """Take a ready ``transformers`` pipeline; ``custom_decision`` makes one from a configuration."""
        self._pipeline = pipeline
        self._builtin = builtin
        self._config = config
        self._labels = complaint_labels(_labels_of(pipeline), config)

    def judge(
        self,
        texts: Sequence[str],
        contexts: Sequence[str | None] | None = None,
        langs: Sequence[str | None] | None = None,
        brands: Sequence[str | None] | None = None,
    ) -> list[Verdict]:
        """Give one verdict per text, in their order; it works on the CPU: call it in a thread."""
        verdicts = self._builtin.judge(texts, contexts, langs, brands)
        scores = self._scores([_joined(*pair) for pair in zip(texts, contexts or [None] * len(texts), strict=True)])
        limits = [self.threshold(brand) for brand in brands or [None] * len(texts)]
        return [self._said(*row) for row in zip(verdicts, scores, limits, strict=True)]

    def _scores(self, texts: list[str]) -> list[float]:
        """Sum the probabilities of the labels that mean a complaint, per text."""
        if not texts:
            return []
        order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
        found = self._pipeline([texts[place] for place in order], top_k=None, batch_size=BATCH, **_CUT)
        scores = [0.0] * len(texts)
        for place, labels in zip(order, found, strict=True):
            scores[place] = sum(float(row["score"]) for row in labels if row["label"] in self._labels)
        return scores

    def threshold(self, brand: str | None) -> float:
        """Return the probability from which a post about ``brand`` is a complaint."""
        return given(self._config, brand, THRESHOLD).value

    def _said(self, verdict: Verdict, score: float, limit: float) -> Verdict:
        complaint = score >= limit
        what = complaint_of(verdict.kind) if complaint else "no complaint"
        return msgspec.structs.replace(
            verdict,
            complaint=complaint,
            probability=score,
            reason=f"The model {self._config.model} reads it as {what} ({score:.0%}).",
            words=verdict.words if complaint == verdict.complaint and not verdict.cannot_tell else (),
            cannot_tell=False,
            model=self._config.model,
        )


def decision_for(config: ComplaintConfig, encoder: Encoder) -> ComplaintDecision | CustomDecision:
    """Return the judge that ``config`` asks for."""
    builtin = ComplaintDecision(encoder, config)
    return builtin if config.model == BUILTIN else custom_decision(config, builtin)


def shipped_threshold(config: ComplaintConfig) -> float:
    """Return the threshold that comes with the model of a configuration."""
    return Heads.load(MODEL_DIR).card.threshold if config.model == BUILTIN else THRESHOLD


def custom_decision(config: ComplaintConfig, builtin: ComplaintDecision) -> CustomDecision:
    """Load the model that ``config`` names, from the local cache or the hub; takes seconds: call it at start."""
    if importlib.util.find_spec("torch") is None:
        raise CustomModelError(
            f"the model {config.model} needs torch, which is not installed: run pip install 'backchannel[torch]', "
            "or set matcher.complaint.model to builtin"
        )
    return CustomDecision(_pipeline(config.model), builtin, config)


def complaint_labels(labels: Sequence[str], config: ComplaintConfig) -> frozenset[str]:
    """Return which of the model's ``labels`` mean a complaint, or say what the configuration must still name."""
    unknown = sorted(set(config.labels) - set(labels))
    named = {label for label, meaning in config.labels.items() if meaning == "complaint"}
    if unknown or not named:
        problem = f"has no label {', '.join(unknown)}" if unknown else "has no label that means a complaint"
        raise CustomModelError(
            f"the model {config.model} {problem}: its labels are {', '.join(labels)}; "
            "say under matcher.complaint.labels what each means, complaint or not"
        )
    return frozenset(named)


def _pipeline(name: str) -> Any:
    import torch  # noqa: PLC0415 - an optional extra that takes seconds to import
    from transformers import pipeline  # noqa: PLC0415 - the same

    torch.set_num_threads(1)
    try:
        return pipeline("text-classification", model=name, device="cpu")
    except (OSError, ValueError) as error:
        raise CustomModelError(
            f"the model {name} cannot be loaded ({str(error).splitlines()[0]}): check matcher.complaint.model, "
            "and that this machine may reach huggingface.co or already holds the model"
        ) from error


def _labels_of(pipeline: Any) -> list[str]:
    names: Mapping[int, str] = pipeline.model.config.id2label
    return [names[place] for place in sorted(names)]


def _joined(text: str, context: str | None) -> str:
    return readable(f"{text}\n{context}" if context and leans(tokens(text)) else text)
