"""The ``matcher`` section of ``config.yaml``: how complaints are told from other posts."""

from typing import Annotated, Literal

from pydantic import Field

from ledger.section import Section

BUILTIN = "builtin"

Probability = Annotated[float, Field(gt=0.0, lt=1.0)]


class ComplaintConfig(Section):
    """Which model decides what a complaint is, and from which probability.

    ``model`` is ``builtin`` or the name (or folder) of a Hugging Face sequence-classification model, which needs
    ``pip install 'backchannel[torch]'``; ``labels`` then says which of that model's labels mean a complaint.
    """

    model: str = Field(default=BUILTIN, min_length=1, description="builtin, or the name of a Hugging Face model")
    labels: dict[str, Literal["complaint", "not"]] = Field(
        default_factory=dict, description="the custom model's labels, each 'complaint' or 'not'"
    )
    threshold: Probability | None = Field(
        default=None, description="from which probability a post is a complaint; the model's own where it is left out"
    )
    brands: dict[str, Probability] = Field(default_factory=dict, description="a threshold of its own per brand")
    unknown_language: Literal["complaint", "not"] = Field(
        default="complaint", description="what a post counts as whose language the model does not know; alerts say so"
    )


class MatcherConfig(Section):
    """Everything the matcher can be told."""

    complaint: ComplaintConfig = ComplaintConfig()
