"""Genuine aiosmtplib against two mail servers: what their answers mean for another try."""

import asyncio
import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from email import message_from_bytes
from email.policy import SMTP
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd import smtp as strict
from aiosmtpd.handlers import Sink
from pydantic import SecretStr, ValidationError

from notifier.transport import Owed, TransportError
from notifier.transports.email import EmailConfig, EmailTransport
from playground.mail import LoopbackMail

Make = Callable[..., Owed]
Failure = Callable[[Any], Awaitable[TransportError]]
Mailbox = Callable[..., EmailTransport]
Config = Callable[..., EmailConfig]


@asynccontextmanager
async def strict_server(handler: Any, outer_tls: ssl.SSLContext | None = None, **options: Any) -> AsyncIterator[int]:
    """Run aiosmtpd, a server by others, and give its port."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: strict.SMTP(handler, loop=loop, **options), "127.0.0.1", 0, ssl=outer_tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()


@pytest.mark.parametrize(
    ("at", "code", "permanent"),
    [("MAIL", 451, False), ("RCPT", 450, False), ("RCPT", 550, True), ("DATA", 452, False), (".", 552, True)],
)
async def test_the_servers_code_decides_about_another_try(
    mail: LoopbackMail, make_owed: Make, at: str, code: int, permanent: bool, failure: Failure, mailbox: Mailbox
) -> None:
    """4xx passes, 5xx is permanent, at whatever command; nothing has arrived then, and the next try succeeds."""
    mail.refuse(code, at=at)
    error = await failure(mailbox().send(make_owed()))
    assert (error.permanent, error.unsure) == (permanent, False)
    assert str(code) in str(error)
    await mailbox().send(make_owed())
    assert len(mail.letters) == 1


async def test_one_refused_recipient_does_not_cost_the_others_their_letter(
    mail: LoopbackMail, make_owed: Make, mailbox: Mailbox
) -> None:
    """A partial refusal is delivered, named in the receipt, and not repeated to those who have it."""
    both = ["gone@larkmoor.example", "email-team@larkmoor.example"]
    mail.refuse(550, at="RCPT", address="gone@larkmoor.example")
    receipt = await mailbox(to=both).send(make_owed())
    assert receipt.refused == ("gone@larkmoor.example",)
    assert mail.letters[0].recipients == ("email-team@larkmoor.example",)


async def test_recipients_put_off_in_part_are_tried_again(
    mail: LoopbackMail, make_owed: Make, failure: Failure, mailbox: Mailbox
) -> None:
    """Where nobody was served and one refusal passes, the whole letter is tried again."""
    both = ["gone@larkmoor.example", "grey@larkmoor.example"]
    mail.refuse(550, at="RCPT", address=both[0])
    mail.refuse(450, at="RCPT", address=both[1])
    assert not (await failure(mailbox(to=both).send(make_owed()))).permanent


async def test_a_failed_farewell_does_not_undo_the_letter(
    mail: LoopbackMail, make_owed: Make, mailbox: Mailbox
) -> None:
    """Once the letter is accepted, whatever QUIT brings is no reason to send it again."""
    mail.refuse(421, at="QUIT")
    await mailbox().send(make_owed())
    assert len(mail.letters) == 1


async def test_a_silent_server_is_left_after_the_timeout(
    mail: LoopbackMail, make_owed: Make, failure: Failure, mailbox: Mailbox
) -> None:
    """A server that never answers the letter leaves it open whether it was kept."""
    mail.hang()
    async with asyncio.timeout(5):
        error = await failure(mailbox(timeout=timedelta(milliseconds=300)).send(make_owed()))
    assert (error.permanent, error.unsure) == (False, True)


async def test_an_unreachable_server_certainly_got_nothing(
    mail: LoopbackMail, make_owed: Make, failure: Failure, mailbox: Mailbox
) -> None:
    """A refused connection is passing and sure, and the text says what to check."""
    await mail.close()
    error = await failure(mailbox().send(make_owed()))
    assert (error.permanent, error.unsure) == (False, False)
    assert "check host, port and tls" in str(error)


async def test_a_server_without_starttls_is_refused(
    mail: LoopbackMail, make_owed: Make, failure: Failure, mailbox: Mailbox
) -> None:
    """A letter is not sent in the clear where the configuration asks for protection."""
    error = await failure(mailbox(tls="starttls").send(make_owed()))
    assert error.permanent
    assert mail.letters == []


async def test_check_asks_for_every_recipient_and_sends_nothing(
    mail: LoopbackMail, failure: Failure, mailbox: Mailbox
) -> None:
    """The doctor finds a refused recipient before an alert does."""
    assert "1 recipient(s)" in await mailbox().check()
    mail.refuse(550, at="RCPT")
    assert (await failure(mailbox().check())).permanent
    assert mail.letters == []


async def test_the_letter_passes_a_second_server(make_owed: Make, email_config: Config) -> None:
    """aiosmtpd, a strict server by others, takes the same letter."""
    kept: list[bytes] = []

    class Keep(Sink):
        async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
            kept.append(envelope.content)
            return "250 kept"

    async with strict_server(Keep()) as port:
        await EmailTransport("email-team", email_config(port)).send(make_owed())
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


@pytest.mark.parametrize("tls", ["starttls", "tls"])
@pytest.mark.parametrize("trusted", [True, False])
async def test_a_certificate_must_be_trusted(
    certificate: Path,
    make_owed: Make,
    monkeypatch: pytest.MonkeyPatch,
    trusted: bool,
    tls: str,
    failure: Failure,
    email_config: Config,
) -> None:
    """Over either kind of TLS a letter goes only to a server whose certificate the machine trusts."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate / "cert.pem"))
    inner: dict[str, Any] = {"tls_context": context, "require_starttls": True} if tls == "starttls" else {}
    async with strict_server(Sink(), context if tls == "tls" else None, **inner) as port:
        sending = EmailTransport("email-team", email_config(port, tls=tls)).send(make_owed())
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
def test_wrong_settings_are_named(wrong: dict[str, Any], message: str, email_config: Config) -> None:
    """A setting that would fail at night fails when the file is read."""
    with pytest.raises(ValidationError, match=message):
        email_config(25, **wrong)
