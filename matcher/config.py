"""The ``matcher`` section of ``config.yaml``: how complaints are told from other posts and linked to cases."""

import re
from datetime import time, timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints, ValidationInfo, field_validator

from ledger.section import Duration, Section

BUILTIN = "builtin"

_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")

Probability = Annotated[float, Field(gt=0.0, lt=1.0)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2)]


class ComplaintConfig(Section):
    """Which model decides what a complaint is, and from which probability.

    ``model`` is ``builtin`` or the name (or folder) of a Hugging Face sequence-classification model, which needs
    ``pip install 'backchannel[torch]'``; ``labels`` then says which of that model's labels mean a complaint.
    A threshold in ``brands`` stands above what is learnt; without ``learn``, none that was learnt is in use.
    """

    model: str = Field(default=BUILTIN, min_length=1, description="builtin, or the name of a Hugging Face model")
    labels: dict[str, Literal["complaint", "not"]] = Field(
        default_factory=dict, description="the custom model's labels, each 'complaint' or 'not'"
    )
    threshold: Probability | None = Field(
        default=None, description="from which probability a post is a complaint; the model's own where it is left out"
    )
    brands: dict[str, Probability] = Field(default_factory=dict, description="a threshold of its own per brand")
    learn: bool = Field(
        default=True, description="whether answers to alerts may raise the threshold of a brand that has none here"
    )
    may_miss: float = Field(
        default=0.05, ge=0.0, le=0.5, description="the share of complaints that a learnt threshold may pass over"
    )
    second_reading: bool = Field(
        default=True,
        description="whether a larger network reads again what the first leaves in doubt, unless many posts wait",
    )
    competitors: list[Name] = Field(
        default_factory=list,
        description="names and handles of other companies: what a post says of them is no complaint about a brand",
    )
    unknown_language: Literal["complaint", "not"] = Field(
        default="complaint", description="what a post counts as whose language the model does not know; alerts say so"
    )

    @property
    def reads_twice(self) -> bool:
        """Whether the larger network is needed."""
        return self.second_reading and self.model == BUILTIN

    @field_validator("labels")
    @classmethod
    def _of_a_custom_model(cls, labels: dict[str, str], info: ValidationInfo) -> dict[str, str]:
        if labels and info.data.get("model") == BUILTIN:
            raise ValueError("the built-in model has no labels: name a custom model beside them, or delete them")
        return labels

    @field_validator("competitors")
    @classmethod
    def _that_name_somebody(cls, competitors: list[str]) -> list[str]:
        empty = next((name for name in competitors if not any(sign.isalnum() for sign in name)), None)
        if empty is not None:
            raise ValueError(f"{empty!r} names nobody: write the name or the handle of another company")
        return competitors


def _every_day(value: str) -> str:
    if not _TIME.fullmatch(value):
        raise ValueError("write a time of day such as 03:30")
    if value[:2] in ("01", "02"):
        raise ValueError("clocks are set back and forth between 01:00 and 03:00: choose another time, such as 03:30")
    return value


class LearningConfig(Section):
    """When the weights of linking are refitted from what people answered; ``at`` is in ``notifier.timezone``."""

    enabled: bool = Field(default=True, description="whether weights that prove better come into force by themselves")
    at: Annotated[str, AfterValidator(_every_day)] = Field(
        default="03:30", description="local time of the nightly refit, not between 01:00 and 03:00"
    )

    @property
    def time_of_day(self) -> time:
        """The local time of the nightly refit."""
        return time.fromisoformat(self.at)


class LinkingConfig(Section):
    """How surely a complaint must belong to a case, and what is known of this company's customers and products.

    ``prevalence`` is the share of complaints that have an unresolved case behind them; ``target_precision`` is the
    share of asserted links that shall be right: the threshold follows from it.
    """

    prevalence: Probability = Field(default=0.2, description="share of complaints that have an unresolved case")
    target_precision: Probability = Field(default=0.95, description="share of asserted links that shall be right")
    possible_from: Probability = Field(default=0.15, description="from which probability cases are offered")
    show_above: Probability = Field(default=0.06, description="least part of the best one's probability to be shown")
    channels: tuple[Literal["email", "phone", "chat", "in_person", "partner"], ...] = Field(
        default=("email", "phone"), description="channels whose cases are linked; cases of others still compete"
    )
    third_party: Literal["review", "auto"] = Field(
        default="review", description="review: a link of somebody other than the customer waits for a person's word"
    )
    resolved_for: Duration = Field(
        default=timedelta(days=120), description="how long a resolved case still competes with the open ones"
    )
    clock_skew: Duration = Field(default=timedelta(minutes=2), description="how far the CRM's clock may be ahead")
    places: dict[str, str] = Field(
        default_factory=dict, description="names that the gazetteer lacks, with their town: {the Ouseburn: Newcastle}"
    )
    synonyms: dict[str, list[str]] = Field(
        default_factory=dict, description="words of your products and troubles by concept: {kombucha: [fizzy tea]}"
    )
    learning: LearningConfig = LearningConfig()


class MatcherConfig(Section):
    """Everything the matcher can be told."""

    complaint: ComplaintConfig = ComplaintConfig()
    linking: LinkingConfig = LinkingConfig()
