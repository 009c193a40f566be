"""An alert says why its post counts as a complaint, and admits it where nobody can tell."""

from typing import Any, get_args

import msgspec
import pytest

from matcher.verdict import KINDS, Verdict, Word, complaint_of
from notifier.card import AlertCard, AlertKind
from notifier.complaintline import complaint_line
from notifier.headlines import task
from notifier.transports.email_body import AlertLetter
from notifier.transports.slack_blocks import blocks
from playground.slack.limits import check_blocks
from playground.slack.terminal import render
from tests.notifier.desk import MINUTE, NOON, Desk, a_case

LINE = "Reads as a complaint about a delivery (94%); what decided: “never”, “arrived”"
UNKNOWN = "The model does not know this post's language: it counts as a complaint because the configuration says so"


def judged(**changes: Any) -> dict[str, Any]:
    """Give an assessment as the pipeline keeps it with a mention."""
    words = (Word("never", 1.4), Word("thanks", -1.1), Word("arrived", 0.6))
    verdict = Verdict(True, 0.94, "delivery", 0.5, True, words, "en", "It reads as a complaint.")
    return {"verdict": msgspec.to_builtins(msgspec.structs.replace(verdict, **changes))}


def unknown(**changes: Any) -> dict[str, Any]:
    """Give the assessment of a post in a language that the model does not know."""
    reason = "The model does not know this post's language; by the setting unknown_language it counts as a complaint."
    return judged(**{"cannot_tell": True, "lang": "und", "words": (), "reason": reason, **changes})


async def alerted(desk: Desk, outcome: str, assessment: dict[str, Any]) -> AlertCard:
    """Give what the alert about a post with this assessment says first."""
    await desk.open_case(a_case())
    mention = await desk.post(assessment=assessment)
    alert_id = await desk.conclude(mention, outcome, NOON, [] if outcome == "unlinked" else [("LK-1", 0.9)])
    assert alert_id is not None
    return (await desk.cards(alert_id))[0]


@pytest.mark.parametrize("outcome", get_args(AlertKind))
async def test_an_alert_says_what_the_complaint_is_about_and_which_words_decided(desk: Desk, outcome: str) -> None:
    """Words that spoke against a complaint did not decide that it is one."""
    assert (await alerted(desk, outcome, judged())).complaint == LINE


async def test_an_alert_about_an_unknown_language_names_the_configuration_and_no_percentage(desk: Desk) -> None:
    """What a model that cannot read the post made of it says nothing, so no number and no kind is shown."""
    card = await alerted(desk, "unlinked", unknown())
    assert card.complaint == UNKNOWN
    assert card.headline == ("Look at this post by @jen_h: its language is not known, and no case was found behind it")
    assert "complaint" not in card.headline


async def test_a_case_found_in_an_unknown_language_keeps_its_headline(desk: Desk) -> None:
    """A case that was found is the task, whatever the language."""
    card = await alerted(desk, "link", unknown())
    assert card.complaint == UNKNOWN
    assert card.headline == "Answer Mark Harlow by e-mail about case LK-1, not in public"


@pytest.mark.parametrize("cannot_tell", [False, True])
def test_a_post_taken_for_a_complaint_because_of_a_case_does_not_read_as_one(cannot_tell: bool) -> None:
    """Neither the words nor the configuration decided then."""
    doubtful = msgspec.convert(judged()["verdict"], Verdict)
    doubtful = msgspec.structs.replace(doubtful, complaint=False, probability=0.22, cannot_tell=cannot_tell)
    line = complaint_line({"verdict": msgspec.to_builtins(doubtful.upheld("LK-1"))})
    assert line.endswith("taken for a complaint because it seemed to fit an unresolved case") or "(22%)" in line
    assert not any(part in line for part in ("Reads as", "never", "configuration", "LK-1"))
    assert cannot_tell == ("does not know this post's language" in line)


def test_a_model_of_one_s_own_names_no_words() -> None:
    """The words are the built-in model's, so they did not decide."""
    assert complaint_line(judged(model="acme/complaints")) == "Reads as a complaint about a delivery (94%)"
    assert complaint_line(judged(words=())) == "Reads as a complaint about a delivery (94%)"


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_named_in_plain_words(kind: str) -> None:
    """What the matcher can name, the alert can name."""
    line = complaint_line(judged(kind=kind, words=()))
    assert "_" not in line
    assert (complaint_of(kind) == "a complaint") == (line == "Reads as a complaint (94%)")


@pytest.mark.parametrize("assessment", [None, {}, {"verdict": None}, {"verdict": {"moved": "x"}}, {"verdict": [1]}])
def test_a_verdict_that_was_not_kept_says_nothing(assessment: Any) -> None:
    """Neither the past nor another version breaks an alert."""
    assert complaint_line(assessment) == ""


def test_endless_and_hidden_letters_of_a_word_are_cut() -> None:
    """The words are a stranger's."""
    line = complaint_line(judged(words=tuple(Word("\u202e" + letter * 40_000, 1.0) for letter in "abcdefgh")))
    assert len(line) < 300
    assert "\u202e" not in line


def test_a_headline_about_an_unknown_language_fits_its_line() -> None:
    """Also where the handle is long."""
    assert len(task("unlinked", [], "", "@" + "x" * 90, review=False, cannot_tell=True)) <= 150


async def test_the_words_of_a_removed_post_vanish_from_every_message(desk: Desk) -> None:
    """The line quotes the post."""
    await desk.open_case(a_case())
    mention = await desk.post(assessment=judged())
    alert_id = await desk.conclude(mention, "link", NOON, [("LK-1", 0.9)])
    assert alert_id is not None
    assert "arrived" in (await desk.owed(alert_id))[0].card.decode()
    await desk.remove(mention, NOON + MINUTE)
    for row in await desk.owed(alert_id):
        assert "arrived" not in row.card.decode()
    assert {card.complaint for card in await desk.cards(alert_id)} == {""}


async def test_a_card_of_an_older_version_is_read(desk: Desk) -> None:
    """What was owed before the line existed still goes out."""
    card = await alerted(desk, "link", judged())
    old = {name: value for name, value in msgspec.to_builtins(card).items() if name != "complaint"}
    assert msgspec.json.decode(msgspec.json.encode(old), type=AlertCard).complaint == ""


async def test_slack_and_the_letter_show_the_line_after_the_reasons(desk: Desk) -> None:
    """Small, between why it is this case and the post; markup in a word is dead."""
    card = await alerted(desk, "link", judged(words=(Word("<!channel>", 1.0),)))
    check_blocks(blocks(card))
    small = [block for block in blocks(card) if block["type"] == "context"]
    assert small[0]["elements"][0]["text"].endswith("what decided: “&lt;!channel&gt;”")
    letter = AlertLetter()
    flat = " ".join(render({"blocks": blocks(card)}).replace("│", "").split())
    for text in (flat, letter.text(card, full=True), letter.html(card, full=True)):
        places = [text.find(part) for part in ("Both speak of an empty can", "Reads as a complaint", "EMPTY, @lark")]
        assert -1 not in places
        assert places == sorted(places)
    assert "<!channel>" not in letter.html(card, full=True)
    assert "Reads as" not in letter.text(card, full=False)
