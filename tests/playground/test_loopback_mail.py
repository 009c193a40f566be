"""The loopback mail server keeps letters as they were sent, and fails on command."""

import asyncio
import smtplib
from collections.abc import AsyncIterator

import aiosmtplib
import pytest

from playground.mail import LoopbackMail

LETTER = b"Subject: cans\r\n\r\nfirst\r\n.\r\n..two dots\r\n8 bits: \xc3\xa9\r\n"


@pytest.fixture
async def mail() -> AsyncIterator[LoopbackMail]:
    """A running mail server."""
    async with LoopbackMail() as server:
        yield server


async def send(mail: LoopbackMail, letter: bytes = LETTER) -> None:
    """Send one letter with aiosmtplib."""
    async with aiosmtplib.SMTP(hostname="127.0.0.1", port=mail.port, start_tls=False) as client:
        await client.sendmail("a@example.com", ["b@example.com", "c@example.com"], letter)


async def test_bytes_arrive_as_they_were_sent(mail: LoopbackMail) -> None:
    """Dots at the start of lines and bytes beyond ASCII pass unchanged."""
    await send(mail)
    (letter,) = await mail.wait_for()
    assert letter.raw == LETTER
    assert (letter.sender, letter.recipients) == ("a@example.com", ("b@example.com", "c@example.com"))
    assert letter.message["Subject"] == "cans"


async def test_the_standard_librarys_client_is_served_too(mail: LoopbackMail) -> None:
    """Two letters go over one connection with HELO, RSET and NOOP in between."""

    def converse() -> None:
        with smtplib.SMTP("127.0.0.1", mail.port) as client:
            client.helo()
            client.sendmail("a@example.com", "b@example.com", LETTER)
            client.rset()
            client.noop()
            client.sendmail("a@example.com", "b@example.com", b"Subject: two\r\n\r\n.\r\n")

    await asyncio.to_thread(converse)
    assert [letter.message["Subject"] for letter in mail.letters] == ["cans", "two"]


async def test_commands_out_of_order_are_refused(mail: LoopbackMail) -> None:
    """RCPT before MAIL and DATA before RCPT are a bad sequence; what is unknown is not implemented."""
    reader, writer = await asyncio.open_connection("127.0.0.1", mail.port)
    await reader.readline()
    for command, code in (
        (b"RCPT TO:<a@b.example>", b"503"),
        (b"DATA", b"503"),
        (b"VRFY a", b"502"),
        (b"QUIT", b"221"),
    ):
        writer.write(command + b"\r\n")
        assert (await reader.readline()).startswith(code)
    writer.close()


async def test_a_refusal_hits_once_and_only_whom_it_names(mail: LoopbackMail) -> None:
    """One recipient is refused, the other served; the next letter reaches both."""
    mail.refuse(550, at="RCPT", address="b@example.com")
    await send(mail)
    await send(mail)
    assert [letter.recipients for letter in mail.letters] == [
        ("c@example.com",),
        ("b@example.com", "c@example.com"),
    ]


async def test_a_letter_dropped_after_data_was_kept(mail: LoopbackMail) -> None:
    """The client hears nothing, but the letter lies here."""
    mail.drop_after_data()
    with pytest.raises(aiosmtplib.SMTPServerDisconnected):
        await send(mail)
    assert len(mail.letters) == 1


async def test_it_comes_back_on_its_port(mail: LoopbackMail) -> None:
    """Closed, it refuses connections; started again, it is where it was."""
    port = mail.port
    await mail.close()
    with pytest.raises(aiosmtplib.SMTPConnectError):
        await send(mail)
    await mail.start()
    await send(mail)
    assert mail.port == port
