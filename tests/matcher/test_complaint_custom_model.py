"""A Hugging Face model may judge complaints instead; what is missing is said at start."""

import importlib.util

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


@pytest.mark.parametrize("labels", [{}, {"FINE": "not"}, {"gripe": "complaint"}])
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
