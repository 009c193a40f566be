"""A letter says it all, threads, repeats under one id, and carries no tricks."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import pytest

from notifier.card import AlertCard
from notifier.transport import Owed, TransportError
from notifier.transports.email import EmailConfig, EmailTransport
from playground.mail import LoopbackMail

Make = Callable[..., Owed]
Failure = Callable[[Any], Awaitable[TransportError]]
Mailbox = Callable[..., EmailTransport]
Config = Callable[..., EmailConfig]


async def test_the_letter_says_it_all_in_both_parts(mail: LoopbackMail, make_owed: Make, mailbox: Mailbox) -> None:
    """What to do stands in the subject and first in both parts; case, reasons, post and warning follow in order."""
    receipt = await mailbox().send(make_owed())
    (letter,) = mail.letters
    message = letter.message
    assert letter.recipients == ("email-team@larkmoor.example",)
    assert message["Subject"] == "Answer Mark Ellery by e-mail in case LK-20404, not in public"
    assert receipt.remote_ref == {"message_id": message["Message-ID"]}
    told = [
        "Answer Mark Ellery",
        "Until 14:05 BST, Tue 4 Aug",
        "Very probably the case of Mark Ellery (94%)",
        "E-mail case: Empty can in my multipack",
        "waiting 9 days 4 h, since 26 Jul 2026",
        "Both tell of one empty can",
        "The profile says Leeds",
        "Jen Ellery (@jen_ellery) on X, 13:05 BST",
        "EMPTY can in our 12-pack",
        "212 followers",
        "confirm to her that there is a case",
        "LK-20391, phone, waiting 11 days",
    ]
    for kind in ("plain", "html"):
        text = letter.body(kind)
        text = text[text.find("<h1") :] if kind == "html" else text
        places = [text.find(part) for part in told]
        assert -1 not in places, (kind, told[places.index(-1)])
        assert places == sorted(places), kind


async def test_machines_are_told_not_to_answer(mail: LoopbackMail, make_owed: Make, mailbox: Mailbox) -> None:
    """Out-of-office replies to an alert would go to nobody's good."""
    await mailbox().send(make_owed())
    message = mail.letters[0].message
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Auto-Response-Suppress"] == "All"
    assert message["List-Id"] == "<email-team.alerts.larkmoor.example>"
    assert message["Date"] == "Tue, 04 Aug 2026 12:08:00 +0000"


async def test_a_repeat_shares_its_message_id(
    mail: LoopbackMail, make_owed: Make, story: AlertCard, failure: Failure, mailbox: Mailbox
) -> None:
    """The server dies after DATA: the send is unsure, and the second copy carries the same Message-ID."""
    mail.drop_after_data()
    error = await failure(mailbox().send(make_owed()))
    assert (error.unsure, error.permanent) == (True, False)
    assert await mailbox().find(make_owed(), story.post.posted_at) is None
    await mailbox().send(make_owed(attempt=2))
    ids = [letter.message["Message-ID"] for letter in mail.letters]
    assert len(ids) == 2
    assert len(set(ids)) == 1


async def test_message_ids_differ_by_alert_step_and_receiver(
    mail: LoopbackMail, make_owed: Make, story: AlertCard, mailbox: Mailbox
) -> None:
    """Each message has an id of its own, and no id tells of a person or a case."""
    await mailbox().send(make_owed())
    await mailbox().send(make_owed(step_key="escalated"))
    await mailbox().send(make_owed(receiver="head-of-support"))
    await mailbox().send(make_owed(alert_id="b81e00"))
    ids = {letter.message["Message-ID"] for letter in mail.letters}
    assert len(ids) == 4
    assert all(name.endswith("@larkmoor.example>") and "LK-" not in name for name in ids)


async def test_follow_ups_thread_below_the_first_letter(
    mail: LoopbackMail, make_owed: Make, story: AlertCard, mailbox: Mailbox
) -> None:
    """A reminder refers to the first letter, is marked as important and does not repeat the case."""
    first = await mailbox().send(make_owed())
    reminder = msgspec.structs.replace(story, note="reminder", headline="30 minutes left: nobody has taken this yet")
    await mailbox().send(make_owed(reminder, kind="thread", step_key="remind", anchor=first.remote_ref))
    message = mail.letters[1].message
    assert message["In-Reply-To"] == first.remote_ref["message_id"]
    assert message["References"] == first.remote_ref["message_id"]
    assert message["Importance"] == "high"
    assert message["Subject"] == "30 minutes left: nobody has taken this yet"
    assert "Both tell of one empty can" not in mail.letters[1].body()


async def test_an_edit_is_not_mailed(mail: LoopbackMail, make_owed: Make, story: AlertCard, mailbox: Mailbox) -> None:
    """Nobody is mailed that a colleague took an alert; the reference to the first letter is kept."""
    first = await mailbox().send(make_owed())
    taken = msgspec.structs.replace(story, state="taken", taken_by="Sam Okafor")
    receipt = await mailbox().send(make_owed(taken, kind="edit", step_key="taken", anchor=first.remote_ref))
    assert receipt.skipped
    assert receipt.remote_ref == first.remote_ref
    assert len(mail.letters) == 1


@pytest.mark.parametrize(
    "poison",
    [
        "x\r\nBcc: thief@evil.example\r\n\r\nhello",
        "x\nBcc: thief@evil.example",
        "x\u2028Bcc: thief@evil.example",
        "x\x00\x0b\x0c\x85Bcc: thief@evil.example",
        "lone \ud83d surrogate \udc00",
        "\u202eexe.fdp",
        "=?utf-8?q?Bcc=3A_thief?=",
        "z" * 5000,
        "",
    ],
)
async def test_no_text_breaks_out_of_its_field(
    mail: LoopbackMail, make_owed: Make, story: AlertCard, poison: str, mailbox: Mailbox
) -> None:
    """Line breaks, lone surrogates and encoded words in any text give one valid letter to the one recipient."""
    assert story.case is not None
    card = msgspec.structs.replace(
        story,
        headline=poison,
        team=poison,
        taken_by=poison,
        case=msgspec.structs.replace(story.case, customer=poison, subject=poison),
        post=msgspec.structs.replace(story.post, text=poison, name=poison, handle=poison or "x"),
    )
    await mailbox(receiver=poison or "x").send(make_owed(card, receiver=poison or "x"))
    (letter,) = mail.letters
    message = letter.message
    assert letter.recipients == ("email-team@larkmoor.example",)
    assert "Bcc" not in message
    assert set(message.keys()) == {
        *("From", "To", "Subject", "Date", "Message-ID", "List-Id", "Auto-Submitted", "X-Auto-Response-Suppress"),
        *("MIME-Version", "Content-Type"),
    }
    assert len(message["Subject"]) <= 200
    assert not message.defects
    letter.raw.decode("ascii")
    assert letter.body("html").count("<body") == 1


async def test_html_is_dead_text_and_loads_nothing(
    mail: LoopbackMail, make_owed: Make, story: AlertCard, mailbox: Mailbox
) -> None:
    """Markup in a post is shown, not obeyed; no image, script or style sheet is fetched; foreign schemes vanish."""
    nasty = "</div><script>alert(1)</script><img src=https://evil.example/p.gif onerror=x>"
    post = msgspec.structs.replace(story.post, text=nasty, name=nasty, url="javascript:alert(1)")
    await mailbox().send(make_owed(msgspec.structs.replace(story, post=post)))
    page = mail.letters[0].body("html")
    for live in ("<script", "<img", "<link", "javascript:", "url(", "@import", "<style"):
        assert live not in page
    assert "&lt;script&gt;" in page


async def test_every_link_shows_where_it_leads(mail: LoopbackMail, make_owed: Make, mailbox: Mailbox) -> None:
    """Beside each link stands the host that it opens."""
    await mailbox().send(make_owed())
    page = mail.letters[0].body("html")
    assert "open on x.com</a>" in page
    assert "(crm.example.com)" in page
    assert "(backchannel.example.com)" in page


async def test_a_dot_at_the_start_of_a_line_survives(
    mail: LoopbackMail, make_owed: Make, story: AlertCard, mailbox: Mailbox
) -> None:
    """A line that is a single dot ends a letter in SMTP, but not ours."""
    post = msgspec.structs.replace(story.post, text="first\n.\n..\nlast")
    await mailbox().send(make_owed(msgspec.structs.replace(story, post=post)))
    assert "> first\n> .\n> ..\n> last" in mail.letters[0].body()


async def test_a_long_headline_stays_on_the_subjects_line(
    mail: LoopbackMail, make_owed: Make, story: AlertCard, mailbox: Mailbox
) -> None:
    """A subject of 150 characters is not folded behind its name; one beyond ASCII keeps to RFC 2047."""
    for text in ("Answer " + "somebody " * 15 + "by e-mail", "Antworten Sie Frau Müller-Lüdenscheidt " * 4):
        await mailbox().send(make_owed(msgspec.structs.replace(story, headline=text)))
    plain, coded = mail.letters
    assert f"\r\nSubject: Answer {'somebody ' * 15}by e-mail\r\n".encode() in plain.raw
    words = re.findall(rb"=\?utf-8\?\S+\?=", coded.raw)
    assert words
    assert max(map(len, words)) <= 75
    assert coded.message["Subject"] == ("Antworten Sie Frau Müller-Lüdenscheidt " * 4).strip()
