"""Genuine aiosmtplib against two mail servers: letters that thread, repeat under one id, and carry no tricks."""

import asyncio
import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import SMTP
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiosmtpd import smtp as strict
from aiosmtpd.handlers import Sink
from pydantic import SecretStr, ValidationError

from notifier.card import AlertCard
from notifier.transport import Owed, TransportError
from notifier.transports.email import EmailConfig, EmailTransport
from playground.mail import LoopbackMail

Make = Callable[..., Owed]
NOW = datetime(2026, 8, 4, 12, 8, tzinfo=UTC)


def config(port: int, **changes: Any) -> EmailConfig:
    """Return the receiver's configuration, pointed at a local server."""
    plain: dict[str, Any] = {
        "kind": "email",
        "to": ["email-team@larkmoor.example"],
        "from": "Backchannel <alerts@larkmoor.example>",
        "host": "127.0.0.1",
        "port": port,
        "tls": "none",
        "timeout": timedelta(seconds=5),
    }
    return EmailConfig.model_validate(plain | changes)


def transport(mail: LoopbackMail, receiver: str = "email-team", **changes: Any) -> EmailTransport:
    """Return a way to the loopback mail server."""
    return EmailTransport(receiver, config(mail.port, **changes), now=lambda: NOW)


@asynccontextmanager
async def strict_server(handler: Any, **options: Any) -> AsyncIterator[int]:
    """Run aiosmtpd, a server by others, and give its port."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: strict.SMTP(handler, loop=loop, **options), "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()


async def failure(doing: Any) -> TransportError:
    """Return the error that a call raises."""
    with pytest.raises(TransportError) as caught:
        await doing
    return caught.value


@pytest.fixture
async def mail() -> AsyncIterator[LoopbackMail]:
    """The team's mail server."""
    async with LoopbackMail() as server:
        yield server


async def test_the_letter_says_it_all_in_both_parts(mail: LoopbackMail, make_owed: Make) -> None:
    """What to do stands in the subject and first in both parts; case, reasons, post and warning follow in order."""
    receipt = await transport(mail).send(make_owed())
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


async def test_machines_are_told_not_to_answer(mail: LoopbackMail, make_owed: Make) -> None:
    """Out-of-office replies to an alert would go to nobody's good."""
    await transport(mail).send(make_owed())
    message = mail.letters[0].message
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Auto-Response-Suppress"] == "All"
    assert message["List-Id"] == "<email-team.alerts.larkmoor.example>"
    assert message["Date"] == "Tue, 04 Aug 2026 12:08:00 +0000"


async def test_a_repeat_shares_its_message_id(mail: LoopbackMail, make_owed: Make) -> None:
    """The server dies after DATA: the send is unsure, and the second copy carries the same Message-ID."""
    mail.drop_after_data()
    error = await failure(transport(mail).send(make_owed()))
    assert (error.unsure, error.permanent) == (True, False)
    assert await transport(mail).find(make_owed(), NOW) is None
    await transport(mail).send(make_owed(attempt=2))
    ids = [letter.message["Message-ID"] for letter in mail.letters]
    assert len(ids) == 2
    assert len(set(ids)) == 1


async def test_message_ids_differ_by_alert_step_and_receiver(
    mail: LoopbackMail, make_owed: Make, story: AlertCard
) -> None:
    """Each message has an id of its own, and no id tells of a person or a case."""
    await transport(mail).send(make_owed())
    await transport(mail).send(make_owed(step_key="escalated"))
    await transport(mail).send(make_owed(receiver="head-of-support"))
    await transport(mail).send(make_owed(alert_id="b81e00"))
    ids = {letter.message["Message-ID"] for letter in mail.letters}
    assert len(ids) == 4
    assert all(name.endswith("@larkmoor.example>") and "LK-" not in name for name in ids)


async def test_follow_ups_thread_below_the_first_letter(mail: LoopbackMail, make_owed: Make, story: AlertCard) -> None:
    """A reminder refers to the first letter, is marked as important and does not repeat the case."""
    first = await transport(mail).send(make_owed())
    reminder = msgspec.structs.replace(story, note="reminder", headline="30 minutes left: nobody has taken this yet")
    await transport(mail).send(make_owed(reminder, kind="thread", step_key="remind", anchor=first.remote_ref))
    message = mail.letters[1].message
    assert message["In-Reply-To"] == first.remote_ref["message_id"]
    assert message["References"] == first.remote_ref["message_id"]
    assert message["Importance"] == "high"
    assert message["Subject"] == "30 minutes left: nobody has taken this yet"
    assert "Both tell of one empty can" not in mail.letters[1].body()


async def test_an_edit_is_not_mailed(mail: LoopbackMail, make_owed: Make, story: AlertCard) -> None:
    """Nobody is mailed that a colleague took an alert; the reference to the first letter is kept."""
    first = await transport(mail).send(make_owed())
    taken = msgspec.structs.replace(story, state="taken", taken_by="Sam Okafor")
    receipt = await transport(mail).send(make_owed(taken, kind="edit", step_key="taken", anchor=first.remote_ref))
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
    mail: LoopbackMail, make_owed: Make, story: AlertCard, poison: str
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
    await transport(mail, receiver=poison or "x").send(make_owed(card, receiver=poison or "x"))
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


async def test_html_is_dead_text_and_loads_nothing(mail: LoopbackMail, make_owed: Make, story: AlertCard) -> None:
    """Markup in a post is shown, not obeyed; no image, script or style sheet is fetched; foreign schemes vanish."""
    nasty = "</div><script>alert(1)</script><img src=https://evil.example/p.gif onerror=x>"
    post = msgspec.structs.replace(story.post, text=nasty, name=nasty, url="javascript:alert(1)")
    await transport(mail).send(make_owed(msgspec.structs.replace(story, post=post)))
    page = mail.letters[0].body("html")
    for live in ("<script", "<img", "<link", "javascript:", "url(", "@import", "<style"):
        assert live not in page
    assert "&lt;script&gt;" in page


async def test_every_link_shows_where_it_leads(mail: LoopbackMail, make_owed: Make) -> None:
    """Beside each link stands the host that it opens."""
    await transport(mail).send(make_owed())
    page = mail.letters[0].body("html")
    assert "open on x.com</a>" in page
    assert "(crm.example.com)" in page
    assert "(backchannel.example.com)" in page


async def test_a_dot_at_the_start_of_a_line_survives(mail: LoopbackMail, make_owed: Make, story: AlertCard) -> None:
    """A line that is a single dot ends a letter in SMTP, but not ours."""
    post = msgspec.structs.replace(story.post, text="first\n.\n..\nlast")
    await transport(mail).send(make_owed(msgspec.structs.replace(story, post=post)))
    assert "> first\n> .\n> ..\n> last" in mail.letters[0].body()


@pytest.mark.parametrize(
    ("at", "code", "permanent"),
    [("MAIL", 451, False), ("RCPT", 450, False), ("RCPT", 550, True), ("DATA", 452, False), (".", 552, True)],
)
async def test_the_servers_code_decides_about_another_try(
    mail: LoopbackMail, make_owed: Make, at: str, code: int, permanent: bool
) -> None:
    """4xx passes, 5xx is permanent, at whatever command; nothing has arrived then, and the next try succeeds."""
    mail.refuse(code, at=at)
    error = await failure(transport(mail).send(make_owed()))
    assert (error.permanent, error.unsure) == (permanent, False)
    assert str(code) in str(error)
    await transport(mail).send(make_owed())
    assert len(mail.letters) == 1


async def test_one_refused_recipient_does_not_cost_the_others_their_letter(mail: LoopbackMail, make_owed: Make) -> None:
    """A partial refusal is delivered, named in the receipt, and not repeated to those who have it."""
    both = ["gone@larkmoor.example", "email-team@larkmoor.example"]
    mail.refuse(550, at="RCPT", address="gone@larkmoor.example")
    receipt = await transport(mail, to=both).send(make_owed())
    assert receipt.refused == ("gone@larkmoor.example",)
    assert mail.letters[0].recipients == ("email-team@larkmoor.example",)


async def test_recipients_put_off_in_part_are_tried_again(mail: LoopbackMail, make_owed: Make) -> None:
    """Where nobody was served and one refusal passes, the whole letter is tried again."""
    both = ["gone@larkmoor.example", "grey@larkmoor.example"]
    mail.refuse(550, at="RCPT", address=both[0])
    mail.refuse(450, at="RCPT", address=both[1])
    assert not (await failure(transport(mail, to=both).send(make_owed()))).permanent


async def test_a_silent_server_is_left_after_the_timeout(mail: LoopbackMail, make_owed: Make) -> None:
    """A server that never answers the letter leaves it open whether it was kept."""
    mail.hang()
    async with asyncio.timeout(5):
        error = await failure(transport(mail, timeout=timedelta(milliseconds=300)).send(make_owed()))
    assert (error.permanent, error.unsure) == (False, True)


async def test_an_unreachable_server_certainly_got_nothing(mail: LoopbackMail, make_owed: Make) -> None:
    """A refused connection is passing and sure, and the text says what to check."""
    await mail.close()
    error = await failure(transport(mail).send(make_owed()))
    assert (error.permanent, error.unsure) == (False, False)
    assert "check host, port and tls" in str(error)


async def test_a_server_without_starttls_is_refused(mail: LoopbackMail, make_owed: Make) -> None:
    """A letter is not sent in the clear where the configuration asks for protection."""
    error = await failure(transport(mail, tls="starttls").send(make_owed()))
    assert error.permanent
    assert mail.letters == []


async def test_check_asks_for_every_recipient_and_sends_nothing(mail: LoopbackMail) -> None:
    """The doctor finds a refused recipient before an alert does."""
    assert "1 recipient(s)" in await transport(mail).check()
    mail.refuse(550, at="RCPT")
    assert (await failure(transport(mail).check())).permanent
    assert mail.letters == []


async def test_the_letter_passes_a_second_server(make_owed: Make) -> None:
    """aiosmtpd, a strict server by others, takes the same letter."""
    kept: list[bytes] = []

    class Keep(Sink):
        async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
            kept.append(envelope.content)
            return "250 kept"

    async with strict_server(Keep()) as port:
        await EmailTransport("email-team", config(port)).send(make_owed())
    message = message_from_bytes(kept[0], policy=SMTP)
    assert not message.defects
    assert message["Subject"].startswith("Answer Mark Ellery")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for localhost that nobody has signed but itself."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("this machine lacks openssl")
    folder = tmp_path_factory.mktemp("tls")
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
    new = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    subprocess.run([*new, *files, *subject], check=True, capture_output=True)
    return folder


@pytest.mark.parametrize("trusted", [True, False])
async def test_a_certificate_must_be_trusted(
    certificate: Path, make_owed: Make, monkeypatch: pytest.MonkeyPatch, trusted: bool
) -> None:
    """Over STARTTLS a letter goes only to a server whose certificate the machine trusts."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate / "cert.pem"))
    async with strict_server(Sink(), tls_context=context, require_starttls=True) as port:
        sending = EmailTransport("email-team", config(port, tls="starttls")).send(make_owed())
        if trusted:
            await sending
        else:
            assert "certificate is not accepted" in str(await failure(sending))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"to": ["a@b.example\r\nBcc: c@d.example"]}, "one plain address"),
        ({"to": []}, "at least 1"),
        ({"from": "Larkmoor <not an address>"}, "one plain address"),
        ({"from": "Lark\nmoor <a@b.example>"}, "on one line"),
        ({"username": SecretStr("u")}, "or neither"),
        ({"username": SecretStr("u"), "password": SecretStr("p")}, "never sent unprotected"),
        ({"tsl": "tls"}, "Extra inputs"),
    ],
)
def test_wrong_settings_are_named(wrong: dict[str, Any], message: str) -> None:
    """A setting that would fail at night fails when the file is read."""
    with pytest.raises(ValidationError, match=message):
        config(25, **wrong)
