"""What an alert says, sentence by sentence, and what none of them may ever say."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any, get_args
from urllib.parse import unquote

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.records import CaseMessage, Channel, Customer
from notifier.card import AlertCard
from notifier.config import Policy
from notifier.disclosure import hide_names
from notifier.schedule import schedule
from notifier.sureness import percent, sure_words
from notifier.waiting import at_clock, lasted
from tests.notifier.desk import MINUTE, NOON, Desk, a_case, phone_case

HOUR = timedelta(hours=1)


async def first_card(desk: Desk, **post: Any) -> AlertCard:
    """Give what the usual alert says first."""
    return (await desk.cards(await desk.complaint(**post)))[0]


async def test_a_link_says_what_to_do_whose_case_and_how_sure(desk: Desk) -> None:
    """The first line is a task; below it stand the case, its age, and the probability in words and as a number."""
    card = await first_card(desk)
    assert card.headline == "Answer Mark Harlow by e-mail about case LK-1, not in public"
    assert card.sure == "very probably the case of Mark Harlow (94%)"
    assert card.case is not None
    assert (card.case.customer, card.case.waiting) == ("Mark Harlow", "9 days 4 h")
    assert card.case.contact == "answer Mark Harlow by e-mail, in the thread of case LK-1"
    assert [line.code for line in card.evidence_for] == ["relation", "product"]
    assert [line.code for line in card.evidence_against] == ["city"]
    assert (card.post.followers, card.post.likes, card.post.url) == (212, 14, "https://x.example/wife/status/1")


async def test_a_poster_who_is_somebody_else_is_told_nothing(desk: Desk) -> None:
    """The wife's post names her husband's case: the alert says who she may be, and that she is told nothing."""
    card = await first_card(desk)
    assert card.poster.startswith("The poster is probably not the customer")
    assert "husband, wife or partner" in card.poster
    assert card.disclose[0] == (
        "Tell @jen_h nothing about the case, not even that there is one: it belongs to Mark Harlow."
    )


async def test_the_clock_counts_from_the_post_in_the_desk_s_time_zone(desk: Desk) -> None:
    """The 60 minutes run from the post, not from the alert, and are shown as the team's own clock shows them."""
    summer = datetime(2026, 7, 1, 12, tzinfo=UTC)
    alert_id = await desk.complaint(summer + 6 * MINUTE, posted_at=summer)
    card = (await desk.cards(alert_id))[0]
    assert card.deadline == summer + HOUR
    assert card.clock == (
        "60 min from the post at 13:00; unless somebody takes it: reminder at 13:30, escalation at 14:00"
    )


async def test_a_phone_case_is_answered_by_phone(desk: Desk) -> None:
    """Whom to contact and how follows from the case's own channel."""
    await desk.open_case(phone_case())
    alert_id = await desk.conclude(await desk.post(), "link", NOON, [("LK-2", 0.9)])
    assert alert_id is not None
    card = (await desk.cards(alert_id))[0]
    assert card.headline == "Ring Mark Harlow back about case LK-2, not in public"
    assert card.case is not None
    assert card.case.contact == "ring Mark Harlow back on the number in case LK-2"
    assert card.case.waiting == "3 days"


async def test_a_link_under_review_is_worded_as_a_hypothesis(desk: Desk) -> None:
    """Where a person is to confirm first, the task is to check first."""
    await desk.open_case(a_case())
    alert_id = await desk.conclude(await desk.post(), "link", NOON, [("LK-1", 0.9)], mode="review")
    assert alert_id is not None
    headline = (await desk.cards(alert_id))[0].headline
    assert headline == "Check that case LK-1 is meant, then answer Mark Harlow by e-mail"


async def test_a_possible_link_is_a_question_with_at_most_three_cases(desk: Desk) -> None:
    """The team is asked which case it is, and is told that most of them belong to other people."""
    for number in range(1, 5):
        await desk.open_case(a_case(f"LK-{number}", customer=Customer(f"C{number}", f"Pat Jones {number}")))
    wanted = [("LK-1", 0.4), ("LK-2", 0.3), ("LK-3", 0.2), ("LK-4", 0.05)]
    alert_id = await desk.conclude(await desk.post(), "possible", NOON, wanted)
    assert alert_id is not None
    card = (await desk.cards(alert_id))[0]
    assert card.headline == "Find out which of 3 cases this is about, if any; start with LK-1 of Pat Jones 1"
    assert card.sure == "very probably one of these (90% together), but it is not clear which"
    assert [case.case_id for case in card.candidates] == ["LK-1", "LK-2", "LK-3"]
    assert all(case.differs for case in card.candidates)
    assert "most of them belong to other people" in card.disclose[0]
    assert card.case is None


async def test_an_unlinked_complaint_says_that_no_case_was_found(desk: Desk) -> None:
    """First contacts are told to look, and that nobody knows the poster."""
    alert_id = await desk.conclude(await desk.post(platform="reddit", author={"handle": "bob"}), "unlinked", NOON)
    assert alert_id is not None
    card = (await desk.cards(alert_id))[0]
    assert card.headline == "Look at this complaint by u/bob: no case was found behind it"
    assert card.disclose[0].startswith("Nobody knows who u/bob is")
    assert (card.case, card.candidates, card.sure) == (None, (), "")


async def test_the_silent_cases_are_named(desk: Desk) -> None:
    """Older unresolved cases about the same product, of the same brand, for which nobody was alerted, are listed."""
    for number, days in ((10, 31), (11, 20), (12, 2)):
        await desk.open_case(a_case(f"LK-{number}", opened_at=NOON - timedelta(days=days)))
    await desk.open_case(a_case("LK-13", opened_at=NOON - timedelta(days=40), brand="Other"))
    await desk.open_case(a_case("LK-14", opened_at=NOON - timedelta(days=40), product="Cider"))
    await desk.conclude(await desk.post(), "link", NOON, [("LK-11", 0.9)])
    card = await first_card(desk)
    assert card.quiet_cases == ("LK-10: e-mail case of team email-care, waiting 31 days",)


async def test_the_wait_counts_from_the_first_unanswered_message(desk: Desk) -> None:
    """An automatic acknowledgement answers nobody; an answer starts a new wait."""
    opened = NOON - timedelta(days=9)
    acknowledged = CaseMessage(opened + MINUTE, "system", "We have received your message.")
    answered = CaseMessage(opened + 24 * HOUR, "agent", "Please send us a photo of the can and the batch code.")
    again = CaseMessage(NOON - 5 * HOUR, "customer", "Here is the photo.")
    first = CaseMessage(opened, "customer", "One can was empty.")
    card = await first_card(desk, case=a_case(opened_at=opened, messages=(first, acknowledged)))
    assert card.case is not None
    assert card.case.waiting == "9 days"
    await desk.open_case(a_case("LK-7", opened_at=opened, messages=(first, acknowledged, answered, again)))
    alert_id = await desk.conclude(await desk.post(), "link", NOON, [("LK-7", 0.9)])
    assert alert_id is not None
    assert (await desk.cards(alert_id))[0].case.waiting == "5 h"  # type: ignore[union-attr]


async def test_a_post_heard_too_late_says_so(desk: Desk) -> None:
    """The team reads that the hour was over before anybody could know, and until when they have now."""
    card = await first_card(desk, posted_at=NOON - 3 * HOUR)
    assert card.clock.startswith("heard late: the post is from 09:00, so its 60 min were over before we heard it")
    assert card.deadline == NOON + 30 * MINUTE


async def test_the_fallback_sees_initials_only(desk: Desk) -> None:
    """A receiver that does not own the case is shown no name, not in the evidence either."""
    card = await first_card(desk, case=a_case(channel="chat", subject="Mark's empty can"))
    text = msgspec.json.encode(card).decode()
    assert "Harlow" not in text
    assert "Mark" not in text
    assert card.headline == "Answer M. H. in the chat about case LK-1, not in public"


async def test_a_customer_without_a_name_is_called_the_customer(desk: Desk) -> None:
    """A case of a person whose name the CRM does not know reads well all the same."""
    card = await first_card(desk, case=a_case(customer=Customer("C1", " ")))
    assert card.headline == "Answer the customer by e-mail about case LK-1, not in public"


PUBLIC_ACT = re.compile(r"\b(reply|answer|comment|respond)\b[^.]*\b(publicly|in public|under the post)", re.I)


@pytest.mark.parametrize("outcome", ["link", "possible", "unlinked"])
@pytest.mark.parametrize("relation", [None, "self", "cousin_in_law"])
async def test_no_text_invites_to_speak_of_the_case_in_public(desk: Desk, outcome: str, relation: str | None) -> None:
    """T13: every card warns, no sentence suggests a public answer, and no link of ours tells whose case it is."""
    for channel in get_args(Channel):
        case = await desk.open_case(a_case(f"LK-{channel}", channel=channel, url=None))
        mention = await desk.post()
        alert_id = await desk.conclude(mention, outcome, NOON, [(case.case_id, 0.9)], relation=relation)
        assert alert_id is not None
        await desk.click("take", alert_id, NOON)
        for card in await desk.cards(alert_id):
            check_discretion(card, linked=outcome != "unlinked")


def check_discretion(card: AlertCard, *, linked: bool) -> None:
    """Hold one card against the rules for what may be said, and to whom."""
    said = [card.headline, card.poster, card.clock, *card.disclose, *(case.contact for case in card.candidates)]
    assert not any(PUBLIC_ACT.search(line) and "not in public" not in line for line in said), said
    assert any("under the post" in line.casefold() for line in card.disclose)
    assert len(card.headline) <= 150
    assert card.inbox_url is not None
    assert not any(word in unquote(card.inbox_url) for word in ("Mark", "Harlow", "LK-", "@", "jen"))
    if linked:
        assert "probably" in card.poster or "not known" in card.poster


async def test_a_deleted_post_leaves_no_word_in_any_message(desk: Desk) -> None:
    """T20: text, author and link of a removed post vanish from messages sent and owed; the case stays."""
    mention = await desk.post(text="secret words", author={"handle": "jen_h", "name": "Jen H"})
    await desk.open_case(a_case())
    alert_id = await desk.conclude(mention, "link", NOON, [("LK-1", 0.94)], relation="spouse")
    assert alert_id is not None
    await desk.remove(mention, NOON + MINUTE)
    rows = await desk.owed(alert_id)
    assert rows[-1].kind == "edit"
    for row in rows:
        text = row.card.decode()
        assert not any(word in text for word in ("secret", "jen_h", "Jen H", "my husband", "/status/"))
    card = (await desk.cards(alert_id))[-1]
    assert card.post.text == "[deleted on its platform]"
    assert card.headline == "Answer Mark Harlow by e-mail about case LK-1, not in public"


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(seconds=20), "under a minute"),
        (timedelta(seconds=-5), "under a minute"),
        (25 * MINUTE, "25 min"),
        (3 * HOUR + 10 * MINUTE, "3 h 10 min"),
        (24 * HOUR, "1 day"),
        (timedelta(days=9, hours=4, minutes=59), "9 days 4 h"),
        (timedelta(days=31, hours=4), "31 days"),
    ],
)
def test_a_length_of_time_is_said_in_two_units(span: timedelta, words: str) -> None:
    """Nobody reads seconds of a wait of nine days."""
    assert lasted(span) == words


def test_a_moment_of_another_day_carries_its_date() -> None:
    """An escalation after midnight cannot be mistaken for one today; summer time is minded."""
    late = datetime(2026, 3, 28, 23, 30, tzinfo=UTC)
    assert at_clock(late, "Europe/Berlin", late) == "00:30"
    assert at_clock(late + HOUR, "Europe/Berlin", late - HOUR) == "01:30 on 29 Mar"
    assert at_clock(late + 2 * HOUR, "Europe/Berlin", late + HOUR) == "03:30"


def test_next_to_no_chance_reads_so() -> None:
    assert [percent(one) for one in (0.0003, 0.006, 0.94, 0.999)] == ["under 1%", "1%", "94%", "99%"]


@given(st.floats(0, 1))
def test_nothing_is_ever_certain(probability: float) -> None:
    """A link is a hypothesis: the number never reads 0% or 100%, and the words never say sure."""
    assert percent(probability) not in {"0%", "100%"}
    assert sure_words(probability) in {
        "perhaps",
        "possibly",
        "more likely than not",
        "probably",
        "very probably",
        "almost certainly",
    }


@given(st.text(alphabet="abcdefgh ", min_size=3, max_size=20), st.text(max_size=30))
def test_a_hidden_name_is_nowhere_in_the_text(name: str, around: str) -> None:
    """Whatever stands around it, no part of the name of two letters or more is left as a word."""
    hidden = hide_names(f"{around} {name} {name.upper()}", [name])
    words = re.findall(r"\w+", hidden.casefold())
    assert not [part for part in name.split() if len(part) > 1 and part in words and part not in around.casefold()]


@given(
    late=st.integers(-600, 60 * 24 * 60),
    within=st.integers(2, 240),
    least=st.integers(0, 300),
    remind=st.none() | st.integers(1, 239),
)
def test_a_schedule_is_in_order_however_late_a_post_is_heard(
    late: int, within: int, least: int, remind: int | None
) -> None:
    """Nothing lies in the past, the reminder comes before the escalation, and the promise counts from the post."""
    if remind is not None and remind >= within:
        remind = None
    policy = Policy(
        respond_within=within * MINUTE,
        remind_after=None if remind is None else remind * MINUTE,
        at_least=least * MINUTE,
    )
    posted = NOON - late * MINUTE
    times = schedule(policy, posted, NOON)
    assert times.due_at == min(posted, NOON) + policy.respond_within
    assert times.escalate_at >= NOON + min(policy.at_least, policy.respond_within)
    assert times.escalate_at >= times.due_at
    if times.remind_at is not None:
        assert NOON <= times.remind_at <= times.escalate_at


def test_the_usual_schedule_is_thirty_and_sixty_minutes_from_the_post() -> None:
    """Heard at once: a reminder at 30 minutes, the end at 60, both from the post."""
    times = schedule(Policy(), NOON, NOON + MINUTE)
    assert (times.remind_at, times.escalate_at, times.late) == (NOON + 30 * MINUTE, NOON + HOUR, False)
