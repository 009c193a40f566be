"""The complaint decision: what it decides, why, in which languages, and what the configuration may move."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.complaint import ComplaintDecision
from matcher.config import ComplaintConfig
from matcher.encoder import Encoder
from matcher.heads import Heads, HeadsMissingError
from matcher.verdict import KINDS, complaint_of
from matcher.wording import as_written, tokens

COMPLAINTS = {
    "no_reply": "I emailed @larkmill twice about my order and nobody has replied for three weeks",
    "delivery": "@larkmill my parcel never arrived and the tracking still says out for delivery",
    "billing": "@larkmill you charged my card twice and I want a refund",
    "outage": "@larkmill the app is down again and the site keeps crashing",
    "staff": "@larkmill the man at the counter was so rude to my mother",
}
OTHERS = (
    "Thank you @larkmill, lovely service today!",
    "@larkmill are you open on Sunday?",
    "Larkmill is hiring baristas in Leeds, apply now",
    "Larkmill opens a new shop in York",
    "good morning everyone, coffee first",
)
FOREIGN = {
    "de": "Seit drei Wochen warte ich auf eine Antwort, keiner meldet sich. Unverschämt!",
    "fr": "Toujours aucune réponse à mes mails, je veux être remboursé",
    "es": "Nadie contesta mis correos y el pedido no ha llegado, qué vergüenza",
    "pt": "Ninguém responde aos meus emails e a encomenda não chegou, péssimo atendimento",
    "it": "Nessuna risposta alle mie mail e il pacco non è mai arrivato, servizio pessimo",
    "nl": "Niemand reageert op mijn mails en het pakket is nog steeds niet bezorgd, slechte service",
}


@pytest.mark.parametrize(("kind", "text"), COMPLAINTS.items())
def test_a_complaint_is_told_with_its_kind(decision: ComplaintDecision, kind: str, text: str) -> None:
    """Plain complaints are complaints, of the kind that they name."""
    (verdict,) = decision.judge([text])
    assert verdict.complaint
    assert verdict.kind == kind
    assert verdict.lang == "en"
    assert 0.0 < verdict.severity <= 1.0


@pytest.mark.parametrize("text", OTHERS)
def test_praise_questions_adverts_and_news_are_no_complaints(decision: ComplaintDecision, text: str) -> None:
    """What merely names the brand is left alone."""
    (verdict,) = decision.judge([text])
    assert not verdict.complaint
    assert "does not read as a complaint" in verdict.reason


@pytest.mark.parametrize(("lang", "text"), FOREIGN.items())
def test_complaints_are_told_in_seven_languages(decision: ComplaintDecision, lang: str, text: str) -> None:
    """German, French, Spanish, Portuguese, Italian and Dutch are read, and named."""
    (verdict,) = decision.judge([text])
    assert (verdict.lang, verdict.complaint, verdict.cannot_tell) == (lang, True, False)


def test_the_words_that_decided_are_named(decision: ComplaintDecision) -> None:
    """The reason quotes words of the post that spoke for a complaint, heaviest first."""
    (verdict,) = decision.judge([COMPLAINTS["no_reply"]])
    weights = [abs(word.weight) for word in verdict.words]
    assert weights == sorted(weights, reverse=True)
    named = [word.text for word in verdict.words if word.weight > 0]
    assert set(named) & {"nobody", "replied", "twice", "emailed", "weeks"}
    assert f"“{named[0]}”" in verdict.reason
    assert verdict.reason.startswith("It reads as a complaint that nobody replied (")


@pytest.mark.parametrize("text", ["@larkmill ???", "@larkmill 12 £40 !!!", "@larkmill", "£40 for that @larkmill?"])
def test_handles_numbers_marks_and_little_words_are_named_by_no_reason(decision: ComplaintDecision, text: str) -> None:
    """They count, but a support lead can read nothing in them."""
    (verdict,) = decision.judge([text])
    assert verdict.words == ()
    assert "most of all" not in verdict.reason


def test_an_emoji_and_a_shout_are_named_as_they_stand_in_the_post(decision: ComplaintDecision) -> None:
    """Neither the emoji's name nor a small letter replaces what somebody wrote."""
    (verdict,) = decision.judge(["@larkmill NOTHING arrived 😡😡"])
    assert {"NOTHING", "😡"} <= {word.text for word in verdict.words}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_said_in_plain_words(kind: str) -> None:
    """What a complaint is about continues the sentence; what none of the names fits says nothing."""
    said = complaint_of(kind)
    assert said == "a complaint" if kind == "other" else said.startswith(("a complaint about ", "a complaint that "))


@given(st.text())
def test_each_token_has_one_written_form(text: str) -> None:
    """Weights are laid on tokens and shown by their written forms, so the two run side by side."""
    assert len(as_written(text)) == len(tokens(text))


def test_an_unanswered_case_needs_a_reply_and_chatter_does_not(decision: ComplaintDecision) -> None:
    """Whoever waits for an answer is told apart from whoever does not."""
    waiting, chatting = decision.judge([COMPLAINTS["no_reply"], "good morning everyone, coffee first"])
    assert waiting.needs_reply
    assert not chatting.needs_reply


@pytest.mark.parametrize(
    ("text", "claimed"),
    [
        ("Zamówienie nadal nie przyszło i nikt nie odpowiada na moje maile", None),
        ("注文した商品がまだ届きません", None),
        ("طلبي لم يصل بعد ولا أحد يرد", "ar"),
        ("Siparişim hâlâ gelmedi, kimse cevap vermiyor", "tr"),
    ],
)
@pytest.mark.parametrize("setting", ["complaint", "not"])
def test_an_unknown_language_is_left_to_the_configuration(
    encoder: Encoder, text: str, claimed: str | None, setting: str
) -> None:
    """The model says that it cannot tell, and what the setting made of it."""
    decision = ComplaintDecision(encoder, ComplaintConfig(unknown_language=setting))
    (verdict,) = decision.judge([text], langs=[claimed])
    assert verdict.cannot_tell
    assert verdict.lang == "und"
    assert verdict.complaint is (setting == "complaint")
    assert "does not know this post's language" in verdict.reason


def test_a_short_post_is_read_in_the_language_the_platform_names(decision: ComplaintDecision) -> None:
    """Too few letters to tell: the platform's tag counts, and English where there is none."""
    given, none = decision.judge(["nein!", "no!!"], langs=["de", None])
    assert (given.lang, none.lang) == ("de", "en")


def test_a_brand_may_have_a_threshold_of_its_own(encoder: Encoder) -> None:
    """The same post is a complaint about one brand and none about a stricter one."""
    decision = ComplaintDecision(encoder, ComplaintConfig(threshold=0.01, brands={"calm": 0.999}))
    one, other = decision.judge(["the new lid is not great"] * 2, brands=["Larkmill", "calm"])
    assert one.probability == other.probability
    assert one.complaint
    assert not other.complaint


def test_a_short_reply_is_read_with_the_post_it_answers(decision: ComplaintDecision) -> None:
    """'Same here' is a complaint below a complaint, not below a thank-you."""
    below = ["My order never arrived and nobody answers my emails", "Lovely beer, thank you so much!"]
    grumble, cheer = decision.judge(["same here", "same here"], contexts=below)
    assert grumble.probability > cheer.probability + 0.2


GRIPE = "My order never arrived and nobody answers my emails @larkmill"
ANSWER = "Sorry to hear that, please DM us your order number"


@pytest.mark.parametrize(
    ("text", "context", "complaint"),
    [
        ("@larkmill any update?", GRIPE, True),
        ("still nothing", ANSWER, True),
        ("immer noch nichts", "Hallo Jule, Ihre Bestellung sollte heute ankommen. LG Svenja", True),
        ("done, thank you", ANSWER, False),
        ("DM sent", ANSWER, False),
        ("yes it works, thanks", "Our engineers have fixed the fault in your area. Is it working?", False),
        ("😂", GRIPE, False),
        ("same here", "Lovely beer, thank you so much!", False),
    ],
)
def test_a_short_reply_means_what_it_says_below_what_it_answers(
    decision: ComplaintDecision, text: str, context: str, complaint: bool
) -> None:
    """Below a complaint, below the brand's own answer, below praise; a mere laugh agrees with nothing."""
    (verdict,) = decision.judge([text], contexts=[context])
    assert (verdict.complaint, verdict.cannot_tell) == (complaint, False)


@pytest.mark.parametrize(
    "text",
    [
        "What a lovely photo of the harbour that is, thank you for sharing it",
        COMPLAINTS["delivery"],
        COMPLAINTS["staff"],
    ],
)
@pytest.mark.parametrize("context", [GRIPE, ANSWER, "Lovely beer, thank you so much!"])
def test_a_long_reply_or_quote_stands_alone(decision: ComplaintDecision, text: str, context: str) -> None:
    """Whoever quotes somebody's complaint with words of their own is judged by these."""
    assert decision.judge([text], contexts=[context]) == decision.judge([text])


def test_the_words_that_decided_are_the_repliers_own(decision: ComplaintDecision) -> None:
    """What somebody else wrote is never named as the reason."""
    (verdict,) = decision.judge(["@larkmill any update?"], contexts=[GRIPE])
    assert {word.text for word in verdict.words} <= {"@", "any", "update", "?"}


def test_what_a_short_reply_answers_tells_its_language(decision: ComplaintDecision) -> None:
    """Two words alone are too few to tell."""
    reply, greeting = "nada todavía", "Hola, ¿has recibido ya tu pedido? Un saludo"
    (verdict,) = decision.judge([reply], contexts=[greeting])
    assert (verdict.lang, verdict.cannot_tell) == ("es", False)


def test_the_same_post_has_the_same_verdict_in_any_company(decision: ComplaintDecision) -> None:
    """A verdict does not depend on the posts judged with it, nor on when."""
    text = COMPLAINTS["delivery"]
    assert decision.judge([text]) == decision.judge([*OTHERS, text, "x" * 5000])[len(OTHERS) : len(OTHERS) + 1]


@pytest.mark.parametrize("text", ["", " ", "\x00", "\ud800", "@", "😡", "0" * 100_000, "https://x.example/1"], ids=repr)
def test_poison_gets_a_verdict(decision: ComplaintDecision, text: str) -> None:
    """No text breaks the decision."""
    (verdict,) = decision.judge([text])
    assert 0.0 <= verdict.probability <= 1.0
    assert verdict.kind in KINDS


def test_no_post_gives_no_verdict(decision: ComplaintDecision) -> None:
    """An empty batch is answered with an empty list."""
    assert decision.judge([]) == []


def test_missing_heads_name_the_next_step(tmp_path) -> None:
    """Without trained heads the model says where they should be and how to get them."""
    with pytest.raises(HeadsMissingError, match="run `make model`"):
        Heads.load(tmp_path)
