"""Delivers alerts to a mailbox: one letter per alert and step, threaded, with an id that a repeat shares."""

import hashlib
import re
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime, parseaddr
from typing import Annotated, Literal, Self

import aiosmtplib
import structlog
from pydantic import AfterValidator, ConfigDict, Field, model_validator

from ledger.section import Duration, Secret, Section
from notifier.transport import Owed, Receipt, TransportError
from notifier.transports.email_body import AlertLetter
from notifier.transports.plain import one_line, shorten

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")
_SUBJECT_LIMIT = 200
_FAREWELL = 5.0
_PORTS = {"none": 25, "starttls": 587, "tls": 465}


class _Wire(EmailPolicy):
    """Writes ASCII headers on one line.

    Python folds a long one right behind its name, which several mail programs show as an empty subject or fail to
    thread by (``Message-ID:`` on a line of its own). RFC 5322 section 2.1.1 allows 998 characters.
    """

    def fold_binary(self, name: str, value: str) -> bytes:
        """Return one header as bytes."""
        return (_LONG if str(value).isascii() else _FOLDED).fold_binary(name, value)


_FOLDED = EmailPolicy(linesep="\r\n", cte_type="7bit")
_LONG = _FOLDED.clone(max_line_length=990)
_WIRE = _Wire(linesep="\r\n", cte_type="7bit")

_log = structlog.get_logger(__name__)


def _address(value: str) -> str:
    if _ADDRESS.fullmatch(value) is None:
        raise ValueError("write one plain address such as email-team@example.com")
    return value


def _mailbox(value: str) -> str:
    _address(parseaddr(value)[1])
    if not value.isprintable():
        raise ValueError("write an address such as Backchannel <alerts@example.com>, on one line")
    return value


Address = Annotated[str, AfterValidator(_address)]


class EmailConfig(Section):
    """A mailbox that alerts go to. One receiver per team's mailbox: a letter is repeated to all or to none."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    kind: Literal["email"]
    to: list[Address] = Field(min_length=1, description="Who gets the letters: the team's mailbox.")
    sender: Annotated[str, AfterValidator(_mailbox)] = Field(
        alias="from", description="Who the letters come from, such as Backchannel <alerts@example.com>."
    )
    host: str = Field(min_length=1, description="The mail server that takes our letters.")
    port: int | None = Field(None, ge=1, le=65535, description="Its port; 587, 465 or 25 unless set, as tls says.")
    tls: Literal["none", "starttls", "tls"] = Field("starttls", description="How the connection is protected.")
    username: Secret | None = Field(None, description="The login, where the server wants one.")
    password: Secret | None = Field(None, description="Its password.")
    domain: str | None = Field(
        None, pattern=r"^[A-Za-z0-9.-]+$", description="What Message-IDs end in; the sender's domain unless set."
    )
    timeout: Duration = Field(timedelta(seconds=20), description="How long one command to the server may take.")

    @model_validator(mode="after")
    def _login_is_whole_and_protected(self) -> Self:
        if (self.username is None) != (self.password is None):
            raise ValueError("set username and password, or neither")
        if self.username is not None and self.tls == "none":
            raise ValueError("a password is never sent unprotected: set tls to starttls or tls")
        return self


class EmailTransport:
    """One receiver's way to its mailbox; every letter uses a connection of its own."""

    def __init__(
        self, receiver: str, config: EmailConfig, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._receiver = receiver
        self._config = config
        self._now = now
        self._letters = AlertLetter()
        self._sender = parseaddr(config.sender)[1]
        self._domain = config.domain or self._sender.rpartition("@")[2]
        self._where = f"receiver {receiver}, mail server {config.host}"

    async def send(self, owed: Owed) -> Receipt:
        """Send one letter. A change of the first message is not mailed: nobody wants a letter that says “taken”."""
        if owed.kind == "edit":
            return Receipt(owed.anchor or {}, skipped=True)
        letter = self._letter(owed)
        async with self._session() as server:
            refused, _ = await server.sendmail(self._sender, list(self._config.to), letter.as_bytes())
        if refused:
            codes = sorted({code for code, _ in refused.values()})
            _log.warning("recipients_refused", receiver=self._receiver, count=len(refused), codes=codes)
        return Receipt({"message_id": str(letter["Message-ID"])}, refused=tuple(refused))

    async def find(self, owed: Owed, since: datetime) -> Receipt | None:  # noqa: ARG002 - the protocol's signature
        """Return None: no mail server can be asked. A repeat carries the same Message-ID, so mailboxes may fold it."""
        return None

    async def check(self) -> str:
        """Log in and ask whether the server takes letters for every recipient, without sending one."""
        async with self._session() as server:
            await server.mail(self._sender)
            for address in self._config.to:
                await server.rcpt(address)
            await server.rset()
        return f"mail server {self._config.host}, {len(self._config.to)} recipient(s), tls {self._config.tls}"

    async def close(self) -> None:
        """Do nothing: no connection outlives its letter."""

    def _letter(self, owed: Owed) -> EmailMessage:
        letter = EmailMessage(policy=_WIRE)
        letter["From"] = self._config.sender
        letter["To"] = ", ".join(self._config.to)
        letter["Subject"] = shorten(one_line(owed.card.headline), _SUBJECT_LIMIT) or "Alert"
        letter["Date"] = format_datetime(self._now())
        letter["Message-ID"] = self._message_id(owed)
        self._thread(letter, owed)
        letter["List-Id"] = f"<{_label(self._receiver)}.alerts.{self._domain}>"
        letter["Auto-Submitted"] = "auto-generated"
        letter["X-Auto-Response-Suppress"] = "All"
        if owed.card.note in {"reminder", "escalation"}:
            letter["Importance"] = "high"
        full = owed.kind == "new"
        letter.set_content(self._letters.text(owed.card, full=full), cte="quoted-printable")
        letter.add_alternative(self._letters.html(owed.card, full=full), subtype="html", cte="quoted-printable")
        return letter

    def _thread(self, letter: EmailMessage, owed: Owed) -> None:
        first = (owed.anchor or {}).get("message_id")
        if first and re.fullmatch(r"<[^<>\s]+>", first):
            letter["In-Reply-To"] = first
            letter["References"] = first

    def _message_id(self, owed: Owed) -> str:
        """Return the same id for every attempt at one message, from what names it for ever."""
        alert = owed.alert_id or owed.card.alert_id
        name = "\0".join((alert, owed.step_key, owed.receiver)).encode("utf-8", "surrogatepass")
        return f"<{hashlib.sha256(name).hexdigest()[:32]}@{self._domain}>"

    @asynccontextmanager
    async def _session(self) -> AsyncIterator[aiosmtplib.SMTP]:
        server = self._server()
        try:
            await server.connect()
            yield server
            with suppress(aiosmtplib.SMTPException, OSError):  # the letter is accepted, whatever the farewell brings
                await server.quit(timeout=_FAREWELL)
        except (aiosmtplib.SMTPException, OSError) as error:
            raise self._explained(error) from error
        finally:
            server.close()

    def _server(self) -> aiosmtplib.SMTP:
        config = self._config
        return aiosmtplib.SMTP(
            hostname=config.host,
            port=config.port or _PORTS[config.tls],
            username=config.username.get_secret_value() if config.username else None,
            password=config.password.get_secret_value() if config.password else None,
            use_tls=config.tls == "tls",
            start_tls=config.tls == "starttls",
            timeout=config.timeout.total_seconds(),
        )

    def _explained(self, error: Exception) -> TransportError:
        if isinstance(error, aiosmtplib.SMTPResponseException | aiosmtplib.SMTPRecipientsRefused):
            return self._answered(error)
        if isinstance(error, aiosmtplib.SMTPNotSupported) or type(error) is aiosmtplib.SMTPException:
            return TransportError(f"{self._where}: {error.message}: check tls and port", permanent=True)
        if isinstance(error.__cause__, ssl.SSLError) or isinstance(error, ssl.SSLError):
            return TransportError(
                f"{self._where}: its certificate is not accepted: check host, and the certificate's end"
            )
        if isinstance(error, aiosmtplib.SMTPConnectError):
            return TransportError(f"{self._where}: cannot be reached: check host, port and tls")
        return TransportError(f"{self._where}: the connection broke off ({type(error).__name__})", unsure=True)

    def _answered(self, error: aiosmtplib.SMTPResponseException | aiosmtplib.SMTPRecipientsRefused) -> TransportError:
        """Return a passing error for 4xx, also where only some of the recipients were put off."""
        step = "the log of the mail server says why"
        if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
            code, step = min(refusal.code for refusal in error.recipients), "check the addresses in `to`"
        else:
            code = error.code
        if isinstance(error, aiosmtplib.SMTPAuthenticationError):
            step = "check the secrets that username and password name"
        return TransportError(f"{self._where}: it refused with {code}: {step}", permanent=500 <= code < 600)


def _label(receiver: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", receiver.lower()).strip("-") or "team"
