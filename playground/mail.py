"""A mail server on 127.0.0.1 that keeps what it is sent, with verbs for what goes wrong.

Speaks the part of RFC 5321 that a sending client uses, with 8BITMIME (RFC 6152), PIPELINING (RFC 2920) and SIZE.
"""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from typing import Self

_PATH = re.compile(rb"^(?:FROM|TO):\s*<([^<>]*)>", re.IGNORECASE)
_SIZE = 20 * 1024**2
_EXTENSIONS = ("loopback", "8BITMIME", "PIPELINING", f"SIZE {_SIZE}")


@dataclass(frozen=True, slots=True)
class Letter:
    """One accepted message: its envelope, and its bytes as they were sent."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        """Return the message parsed."""
        parsed = message_from_bytes(self.raw, policy=SMTP)
        if not isinstance(parsed, EmailMessage):
            raise TypeError("the parser gave no EmailMessage")
        return parsed

    def body(self, kind: str = "plain") -> str:
        """Return the text of the ``plain`` or ``html`` part."""
        part = self.message.get_body((kind,))
        return "" if part is None else str(part.get_content()).replace("\r\n", "\n")


@dataclass(slots=True)
class _Envelope:
    sender: str | None = None
    recipients: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Refusal:
    command: bytes
    code: int
    text: str
    times: int
    address: str | None


class LoopbackMail:
    """Receives letters; use it as an async context manager, or ``start`` and ``close`` it."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []
        self.sessions = 0
        self._refusals: list[_Refusal] = []
        self._drops = 0
        self._hangs = 0
        self._changed = asyncio.Condition()
        self._server: asyncio.Server | None = None
        self._open: dict[asyncio.StreamWriter, asyncio.Task[None] | None] = {}
        self.host = "127.0.0.1"
        self.port = 0

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def start(self, port: int = 0) -> None:
        """Listen on a port of 127.0.0.1, a free one unless named."""
        self._server = await asyncio.start_server(self._serve, self.host, port or self.port, limit=_SIZE)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Stop listening and cut every connection."""
        server, self._server = self._server, None
        if server is not None:
            server.close()
            sessions = [task for task in self._open.values() if task is not None]
            for writer in list(self._open):
                writer.transport.abort()
            await asyncio.gather(*sessions, return_exceptions=True)
            await server.wait_closed()

    def refuse(self, code: int = 451, *, at: str = "RCPT", times: int = 1, address: str | None = None) -> None:
        """Answer a command (``MAIL``, ``RCPT``, ``DATA``, ``QUIT``, or ``.`` for the letter itself) with a refusal.

        ``address`` refuses one recipient alone.
        """
        self._refusals.append(_Refusal(at.encode(), code, "refused on command", times, address))

    def drop_after_data(self, times: int = 1) -> None:
        """Keep the next letter, but break the connection instead of saying so."""
        self._drops += times

    def hang(self, times: int = 1) -> None:
        """Take the next letter and never answer it."""
        self._hangs += times

    async def wait_for(self, wanted: int | Callable[[list[Letter]], bool] = 1, patience: float = 10.0) -> list[Letter]:
        """Wait until so many letters lie here, or letters that fit; return them all."""
        fits = wanted if callable(wanted) else lambda letters: len(letters) >= wanted
        async with asyncio.timeout(patience), self._changed:
            await self._changed.wait_for(lambda: fits(self.letters))
        return list(self.letters)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.sessions += 1
        self._open[writer] = asyncio.current_task()
        try:
            await self._converse(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the client left
        finally:
            self._open.pop(writer, None)
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        envelope = _Envelope()
        await _say(writer, 220, "loopback ESMTP")
        while True:
            line = (await reader.readuntil(b"\n")).rstrip(b"\r\n")
            verb, _, rest = line.partition(b" ")
            verb = verb.upper()
            if verb == b"QUIT":
                await _say(writer, *(self._refused(verb) or (221, "bye")))
                return
            if verb in {b"EHLO", b"HELO", b"RSET"}:
                envelope = _Envelope()
                await _say(writer, 250, *(_EXTENSIONS if verb == b"EHLO" else ("OK",)))
                continue
            code, text = self._answer(verb, rest, envelope)
            await _say(writer, code, text)
            if code == 354:
                await self._take(envelope, reader, writer)
                envelope = _Envelope()

    def _answer(self, verb: bytes, rest: bytes, envelope: _Envelope) -> tuple[int, str]:
        path = _PATH.match(rest)
        address = path[1].decode("utf-8", "replace") if path else ""
        refusal = self._refused(verb, address)
        if refusal is not None:
            return refusal
        if verb == b"NOOP":
            return 250, "OK"
        if verb == b"MAIL" and path:
            envelope.sender = address
            return 250, "OK"
        if verb == b"RCPT" and path and envelope.sender is not None:
            envelope.recipients.append(address)
            return 250, "OK"
        if verb == b"DATA" and envelope.recipients:
            return 354, "end with <CRLF>.<CRLF>"
        known = verb in {b"MAIL", b"RCPT", b"DATA"}
        return (503, "bad sequence of commands") if known else (502, "command not implemented")

    async def _take(self, envelope: _Envelope, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lines = []
        while (line := await reader.readuntil(b"\n")) != b".\r\n":
            lines.append(line.removeprefix(b"."))
        refusal = self._refused(b".")
        if refusal is not None:
            await _say(writer, *refusal)
            return
        if self._hangs:
            self._hangs -= 1
            await reader.read()
            raise ConnectionResetError
        await self._keep(Letter(envelope.sender or "", tuple(envelope.recipients), b"".join(lines)))
        if self._drops:
            self._drops -= 1
            writer.transport.abort()
            raise ConnectionResetError
        await _say(writer, 250, "OK, kept")

    async def _keep(self, letter: Letter) -> None:
        self.letters.append(letter)
        async with self._changed:
            self._changed.notify_all()

    def _refused(self, verb: bytes, address: str = "") -> tuple[int, str] | None:
        for refusal in self._refusals:
            if refusal.command == verb and refusal.address in (None, address):
                refusal.times -= 1
                self._refusals = [left for left in self._refusals if left.times > 0]
                return refusal.code, refusal.text
        return None


async def _say(writer: asyncio.StreamWriter, code: int, *lines: str) -> None:
    for line in lines[:-1]:
        writer.write(f"{code}-{line}\r\n".encode())
    writer.write(f"{code} {lines[-1]}\r\n".encode())
    await writer.drain()
