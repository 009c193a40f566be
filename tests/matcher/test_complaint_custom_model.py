"""A Hugging Face model may judge complaints instead; what is missing is said at start."""

import importlib.util
from types import SimpleNamespace
from typing import Any

import pytest

from matcher.complaint import ComplaintDecision
from matcher.config import ComplaintConfig
from matcher.custom_model import CustomDecision, CustomModelError, custom_decision, decision_for
from matcher.encoder import Encoder

HAS_TORCH = importlib.util.find_spec("torch") is not None
LABELS = {"GRIPE": "complaint", "FINE": "not"}


class FakePipeline:
    """Scores a text as a gripe where it holds the word bad, and counts its calls."""

    class model:  # noqa: N801 - the real pipeline's attribute
        class config:  # noqa: N801 - the real model's attribute
            id2label = {0: "FINE", 1: "GRIPE"}  # noqa: RUF012 - as in the real model

    def __init__(self) -> None:
        self.calls: list[list[str]] = []

    def __call__(self, texts: list[str], **options: object) -> list[list[dict[str, object]]]:
        assert options["top_k"] is None
        assert options["truncation"] is True
        self.calls.append(texts)
        return [self._scored(0.9 if "bad" in text else 0.2) for text in texts]

    def _scored(self, gripe: float) -> list[dict[str, object]]:
        return [{"label": "FINE", "score": 1 - gripe}, {"label": "GRIPE", "score": gripe}]


class OtherPipeline:
    """Gives every text the same scores by label; ``longest`` tokens fit, and one without padding takes no batch."""

    def __init__(
        self, scores: dict[str, float], *, longest: int = 512, pads: bool = True, independent: bool = False
    ) -> None:
        kind = "multi_label_classification" if independent else None
        self.model = SimpleNamespace(config=SimpleNamespace(id2label=dict(enumerate(scores)), problem_type=kind))
        self.tokenizer = SimpleNamespace(model_max_length=longest)
        self._scores = scores
        self._longest = longest
        self._pads = pads

    def __call__(self, texts: list[str], **options: Any) -> list[list[dict[str, object]]]:
        for text in texts:
            if min(len(text.split()), options["max_length"]) > self._longest:
                raise IndexError("index out of range in self")
        if not self._pads and len({len(text) for text in texts}) > 1:
            raise ValueError("Asking to pad but the tokenizer does not have a padding token.\nPlease select one")
        return [[{"label": label, "score": score} for label, score in self._scores.items()] for _ in texts]


@pytest.fixture(scope="module")
def builtin():
    with Encoder() as encoder:
        yield ComplaintDecision(encoder)


def config(**changes: object) -> ComplaintConfig:
    return ComplaintConfig.model_validate({"model": "acme/gripes", "labels": LABELS, **changes})


def test_the_custom_model_decides_and_is_named(builtin: ComplaintDecision) -> None:
    """Its labels are mapped by the configuration; the verdicts keep the order of the posts."""
    pipeline = FakePipeline()
    verdicts = CustomDecision(pipeline, builtin, config()).judge(["a much longer fine post", "bad", "fine"])
    assert [verdict.complaint for verdict in verdicts] == [False, True, False]
    assert verdicts[1].probability == pytest.approx(0.9)
    assert "acme/gripes" in verdicts[1].reason
    assert len(pipeline.calls) == 1


def test_a_post_is_judged_with_what_it_answers(builtin: ComplaintDecision) -> None:
    """The custom model reads a short reply and its context as one text; a longer one stands alone."""
    answers = ["same", "I had quite a nice evening there"]
    short, long = CustomDecision(FakePipeline(), builtin, config()).judge(answers, ["bad beer"] * 2)
    assert (short.complaint, long.complaint) == (True, False)


def test_thresholds_of_the_configuration_hold(builtin: ComplaintDecision) -> None:
    """A brand's own threshold goes before the general one."""
    decision = CustomDecision(FakePipeline(), builtin, config(threshold=0.1, brands={"calm": 0.95}))
    verdicts = decision.judge(["bad", "bad"], brands=["calm", "other"])
    assert [verdict.complaint for verdict in verdicts] == [False, True]


def test_lone_surrogates_reach_no_model(builtin: ComplaintDecision) -> None:
    """Text that no tokenizer takes is made readable first."""
    pipeline = FakePipeline()
    CustomDecision(pipeline, builtin, config()).judge(["bad \ud800"])
    assert pipeline.calls == [["bad ?"]]


def raised(error: Exception) -> Any:
    """Give a way of loading that fails so."""

    def load(name: str) -> object:
        raise error

    return load


@pytest.mark.parametrize(
    ("independent", "scores", "probability"),
    [
        (False, {"A": 0.5, "B": 0.3, "C": 0.2}, 0.8),
        (False, {"A": 0.9, "B": 0.8, "C": 0.1}, 1.0),
        (True, {"A": 0.9, "B": 0.8, "C": 0.1}, 0.9),
    ],
    ids=["a sum where labels exclude each other", "never more than 1", "the likeliest of independent labels"],
)
def test_several_labels_of_complaints_make_one_probability(
    builtin: ComplaintDecision, independent: bool, scores: dict[str, float], probability: float
) -> None:
    labels = {"A": "complaint", "B": "complaint", "C": "not"}
    decision = CustomDecision(OtherPipeline(scores, independent=independent), builtin, config(labels=labels))
    (verdict,) = decision.judge(["bad beer"])
    assert verdict.probability == pytest.approx(probability)
    assert f"({probability:.0%})" in verdict.reason


@pytest.mark.parametrize("score", [float("nan"), 3.2, -0.5])
def test_what_is_no_probability_is_refused(builtin: ComplaintDecision, score: float) -> None:
    """Neither a nan nor a raw logit decides anything."""
    decision = CustomDecision(OtherPipeline({"GRIPE": score, "FINE": 0.1}), builtin, config())
    with pytest.raises(CustomModelError, match=r"acme/gripes gives .* where a probability is due"):
        decision.judge(["bad beer"])


def test_no_words_are_said_to_have_decided(builtin: ComplaintDecision) -> None:
    """Those of the built-in model decided nothing here."""
    text = "my order never arrived and nobody answers, bad"
    assert builtin.judge([text])[0].words
    (verdict,) = CustomDecision(FakePipeline(), builtin, config()).judge([text])
    assert (verdict.complaint, verdict.words) == (True, ())


def test_each_label_needs_a_meaning(builtin: ComplaintDecision) -> None:
    """A label that is left out would silently count as no complaint."""
    pipeline = OtherPipeline({"A": 0.2, "B": 0.5, "C": 0.3})
    with pytest.raises(CustomModelError, match=r"labels whose meaning is not given: B, C: its labels are A, B, C"):
        CustomDecision(pipeline, builtin, config(labels={"A": "complaint"}))


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OSError("We couldn't connect to 'https://huggingface.co'\nCheck it"), "We couldn't connect to"),
        (OSError(""), r"cannot be loaded \(OSError\)"),
        (KeyError("acme"), "KeyError: 'acme'"),
        (ImportError("this tokenizer needs sentencepiece"), "needs sentencepiece"),
        (RuntimeError("size mismatch"), "RuntimeError: size mismatch"),
    ],
)
def test_whatever_loading_raises_names_the_model_and_the_next_step(
    builtin: ComplaintDecision, error: Exception, told: str
) -> None:
    with pytest.raises(CustomModelError, match=told) as refused:
        custom_decision(config(), builtin, raised(error))
    assert "the model acme/gripes cannot be loaded" in str(refused.value)
    assert "check matcher.complaint.model" in str(refused.value)


def test_texts_are_cut_to_what_a_model_can_read(builtin: ComplaintDecision) -> None:
    """Networks for short posts have 128 positions and break on more."""
    decision = custom_decision(config(), builtin, lambda _: OtherPipeline({"GRIPE": 0.9, "FINE": 0.1}, longest=128))
    assert decision.judge(["bad " * 5000])[0].complaint


def test_a_network_of_few_positions_is_not_asked_for_more(builtin: ComplaintDecision) -> None:
    """A tokenizer that knows no length leaves it to the network, which may keep two positions for itself."""
    pipeline = OtherPipeline({"GRIPE": 0.9, "FINE": 0.1}, longest=128)
    pipeline.tokenizer.model_max_length = int(1e30)
    pipeline.model.config.max_position_embeddings = 130
    assert custom_decision(config(), builtin, lambda _: pipeline).judge(["bad " * 5000])[0].complaint


@pytest.mark.parametrize(
    ("pipeline", "told"),
    [
        (OtherPipeline({"GRIPE": 0.9, "FINE": 0.1}, pads=False), "cannot judge posts .ValueError: Asking to pad"),
        (OtherPipeline({"GRIPE": 3.2, "FINE": 0.1}), "3.2 where a probability is due"),
    ],
    ids=["no padding", "no probabilities"],
)
def test_a_model_that_cannot_judge_fails_at_start(
    builtin: ComplaintDecision, pipeline: OtherPipeline, told: str
) -> None:
    """And not with the first two posts that come together."""
    with pytest.raises(CustomModelError, match=told):
        custom_decision(config(), builtin, lambda _: pipeline)


@pytest.mark.parametrize("labels", [{}, {"FINE": "not"}, {"FINE": "not", "GRIPE": "not"}, {"gripe": "complaint"}])
def test_labels_that_do_not_fit_are_named(builtin: ComplaintDecision, labels: dict[str, str]) -> None:
    """The message lists the model's own labels and the key to fill."""
    with pytest.raises(CustomModelError, match=r"its labels are FINE, GRIPE; say under matcher\.complaint\.labels"):
        CustomDecision(FakePipeline(), builtin, config(labels=labels))


def test_builtin_needs_no_model(builtin: ComplaintDecision) -> None:
    """The default configuration gives the built-in decision."""
    with Encoder() as encoder:
        assert isinstance(decision_for(ComplaintConfig(), encoder), ComplaintDecision)


@pytest.mark.skipif(HAS_TORCH, reason="torch is installed, so the extra is not missing")
def test_a_missing_extra_names_the_command(builtin: ComplaintDecision) -> None:
    """Without torch the service says at start what to install."""
    with pytest.raises(CustomModelError, match=r"pip install 'backchannel\[torch\]'"):
        custom_decision(config(), builtin)


@pytest.mark.skipif(not HAS_TORCH, reason="torch is missing: pip install 'backchannel[torch]'")
def test_a_missing_model_is_named(builtin: ComplaintDecision, tmp_path) -> None:
    """A model that is not there is an error that names it."""
    with pytest.raises(CustomModelError, match="cannot be loaded"):
        custom_decision(config(model=str(tmp_path / "nowhere")), builtin)


@pytest.mark.skipif(not HAS_TORCH, reason="torch is missing: pip install 'backchannel[torch]'")
def test_a_real_model_judges_in_batches(builtin: ComplaintDecision, tmp_path) -> None:
    """A sequence-classification model saved on disk goes through the real pipeline."""
    from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

    from matcher.encoder import MODEL_DIR

    tokenizer = PreTrainedTokenizerFast.from_pretrained(str(MODEL_DIR), local_files_only=True)
    small = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=64,
        id2label={0: "FINE", 1: "GRIPE"},
        label2id={"FINE": 0, "GRIPE": 1},
    )
    BertForSequenceClassification(small).save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    decision = custom_decision(config(model=str(tmp_path)), builtin)
    verdicts = decision.judge(["bad beer", "", "x" * 9000])
    assert all(0.0 <= verdict.probability <= 1.0 for verdict in verdicts)
