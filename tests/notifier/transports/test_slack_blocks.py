"""A card reads well in Slack: first what to do, then until when, whose case, why, the post, what to keep quiet."""

import json
from datetime import timedelta

import msgspec

from notifier.card import AlertCard, EvidenceLine
from notifier.transports.slack_blocks import ACTIONS, blocks, reply_blocks
from playground.slack.limits import check_blocks
from playground.slack.terminal import render


def buttons(card: AlertCard) -> list[tuple[str, str]]:
    """Return the buttons of a card as (action, label), accessories included."""
    elements = [e for b in blocks(card) for e in [*b.get("elements", []), b.get("accessory") or {}]]
    return [(e["action_id"], e["text"]["text"]) for e in elements if e.get("type") == "button"]


def test_the_first_line_says_what_to_do_and_the_order_is_that_of_need(story: AlertCard) -> None:
    """What to do, until when, how sure, whose case, why, the post, what must not be said: in this order."""
    text = render({"blocks": blocks(story)})
    told = [
        "Answer Mark Ellery by e-mail in case LK-20404",
        "Until 14:05 BST, Tue 4 Aug",
        "Very probably the case of Mark Ellery (94%)",
        "The poster is probably not the customer",
        "E-mail case: Empty can in my multipack (Harvest Pale 12 x 440 ml)",
        "waiting 9 days 4 h, since 26 Jul 2026",
        "→ Answer Mark Ellery by e-mail, in the thread",
        "Both tell of one empty can",
        "The profile says Leeds",
        "Jen Ellery (@jen_ellery) on X, 13:05 BST, Tue 4 Aug",
        "Husband e-mailed @LarkmoorBrew over a week ago about an EMPTY can in our 12-pack & nothing",
        "212 followers, 14 likes, 3 reposts, 1 reply",
        "The poster may not be the customer",
        "LK-20391, phone, waiting 11 days",
        "[ Take it ]  [ Not this case ]  [ Not a complaint ]  [ Done ]",
        "For the E-mail support UK team",
    ]
    flat = " ".join(text.replace("│", "").split())
    places = [flat.find(" ".join(part.split())) for part in told]
    assert -1 not in places, told[places.index(-1)]
    assert places == sorted(places)
    assert text.startswith(told[0])


def test_buttons_carry_opaque_ids_alone(story: AlertCard, possible: AlertCard) -> None:
    """A button's value holds the alert's id and, for a candidate, the case's: no name, no text, no address."""
    for card in (story, possible):
        for block in blocks(card):
            for element in [*block.get("elements", []), block.get("accessory") or {}]:
                if element.get("type") == "button":
                    assert element["action_id"] in ACTIONS
                    carried = json.loads(element["value"])
                    assert carried["alert"] == card.alert_id
                    assert set(carried) <= {"alert", "case"}
                    assert carried.get("case") in {None, "LK-20404", "LK-20377"}


def test_a_question_offers_each_candidate(possible: AlertCard) -> None:
    """A possible link is a question: a button for each candidate, what tells them apart, and “None of these”."""
    assert buttons(possible) == [
        ("pick", "It is LK-20404"),
        ("pick", "It is LK-20377"),
        ("take", "Take it"),
        ("not_this_case", "None of these"),
        ("not_a_complaint", "Not a complaint"),
        ("done", "Done"),
    ]
    text = render({"blocks": blocks(possible)})
    assert "58% likely: same surname, same product" in text
    assert "31% likely: same city, another product" in text


def test_a_taken_alert_says_by_whom_and_offers_done_first(story: AlertCard) -> None:
    """Once taken, the message names who and when, and nobody is asked to take it again."""
    taken = msgspec.structs.replace(
        story, state="taken", taken_by="Sam Okafor", taken_at=story.post.posted_at + timedelta(minutes=8)
    )
    assert "Taken by Sam Okafor at 13:13 BST, Tue 4 Aug" in render({"blocks": blocks(taken)})
    assert [action for action, _ in buttons(taken)] == ["done", "not_this_case", "not_a_complaint"]


def test_an_alert_that_is_over_has_no_buttons_and_no_clock(story: AlertCard) -> None:
    """A closed alert says why, and nothing on it can be pressed."""
    closed = msgspec.structs.replace(story, state="closed", closing="the case was answered in the CRM at 13:40")
    text = render({"blocks": blocks(closed)})
    assert "Closed: the case was answered in the CRM at 13:40" in text
    assert "Until 14:05" not in text
    assert buttons(closed) == []


def test_an_alert_that_ended_with_its_case_asks_whoever_took_it(story: AlertCard) -> None:
    closed = msgspec.structs.replace(story, state="closed", closing="the case was resolved in the CRM", asks=True)
    assert [action for action, _ in buttons(closed)] == ["done", "not_this_case"]
    assert "It was this case" in render({"blocks": blocks(closed)})


def test_a_first_contact_has_no_case_to_deny(story: AlertCard) -> None:
    """A complaint without a case offers no “Not this case”."""
    unlinked = msgspec.structs.replace(story, kind="unlinked", case=None, evidence_for=(), evidence_against=())
    assert [action for action, _ in buttons(unlinked)] == ["take", "not_a_complaint", "done"]


def test_endless_content_still_fits_slack(story: AlertCard) -> None:
    """Hundreds of reasons, posts and quiet cases are cut to what a person reads, and Slack accepts the message."""
    reasons = tuple(EvidenceLine("x", 1.0, "& " * 400) for _ in range(300))
    card = msgspec.structs.replace(
        story,
        evidence_for=reasons,
        evidence_against=reasons,
        folded=300,
        folded_lines=("<" * 900,) * 300,
        quiet_cases=("q" * 900,) * 300,
        disclose=("d" * 900,) * 30,
    )
    check_blocks(blocks(card))
    assert "and 292 more" in render({"blocks": blocks(card)})


def test_a_reply_is_short_and_keeps_the_buttons(story: AlertCard) -> None:
    """A reminder in the thread repeats what to do and until when, not the whole case."""
    reminder = msgspec.structs.replace(story, note="reminder", headline="30 minutes left: nobody has taken this yet")
    text = render({"blocks": reply_blocks(reminder)})
    assert "30 minutes left" in text
    assert "[ Take it ]" in text
    assert "Empty can" not in text
