"""Mails to the people who look after the server: how one is written, and the queue for the school's relay.

Knows no socket and no SMTP: `deliver` does that (smtp.py). Does not know what causes a mail either (alerts.py).
"""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import Callable, Coroutine, Iterator, Mapping
from datetime import datetime, timezone
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import default
from email.utils import format_datetime
from pathlib import Path
from typing import Any, Literal, NamedTuple

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger
from twisted.python.failure import Failure

from classcord.chat.text import N_, Text, is_readable
from classcord.language import translator
from classcord.system_errors import in_words

SUBJECT_CHARS = 150
BODY_CHARS = 20_000
PASSWORD_BYTES = 1_024  # the largest password file that is read


class MailError(Exception):
    """The relay has not accepted a mail; `text` says what is wrong and what to do, and contains no secret.

    `final` means that another attempt cannot help.
    """

    def __init__(self, template: str, *, final: bool = False, **values: object) -> None:
        self.text = Text(template, values)
        self.final = final
        super().__init__(self.text.render())


class Relay(NamedTuple):
    """The relay for mails, their sender and their recipients."""

    host: str
    port: int
    sender: str
    to: tuple[str, ...]
    security: Literal["none", "starttls", "tls"] = "none"
    username: str = ""
    password_file: str = ""

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def password(self) -> bytes:
        """Return the password that its file contains now; MailError if there is none."""
        return password(self.password_file)


def password(file: str) -> bytes:
    """Return the first line of a password file; MailError if there is none."""
    try:
        with Path(file).open("rb") as source:
            lines = source.read(PASSWORD_BYTES).splitlines()
    except OSError as error:
        raise MailError(
            N_("[alerts] password_file: {file} cannot be read: {why}."), file=file, why=in_words(error)
        ) from None
    if not lines or not lines[0].strip():
        raise MailError(N_("[alerts] password_file: {file} is empty."), file=file)
    return lines[0].strip()


def faults(
    place: str, *, sender: str, to: tuple[str, ...], security: str = "none", username: str = "", password_file: str = ""
) -> Iterator[MailError]:
    """Yield everything that is missing or wrong in the settings of the relay; nothing if no relay is set."""
    if not place:
        return
    if not sender:
        yield MailError(N_("No mails are sent: [alerts] {key} is empty."), key="sender", final=True)
    if not any(to):
        yield MailError(N_("No mails are sent: [alerts] {key} is empty."), key="to", final=True)
    if username and not password_file:
        yield MailError(N_("No mails are sent: [alerts] username is set, but password_file is empty."), final=True)
    if password_file and not username:
        yield MailError(N_("No mails are sent: [alerts] password_file is set, but username is empty."), final=True)
    if username and security == "none":
        yield MailError(
            N_('No mails are sent: a password is not sent unencrypted; set [alerts] security = "starttls" or "tls".'),
            final=True,
        )


def relay(
    place: str,
    *,
    sender: str,
    to: tuple[str, ...],
    security: Literal["none", "starttls", "tls"] = "none",
    username: str = "",
    password_file: str = "",
) -> Relay:
    """Return the relay of the settings, such as `smtp.school.example:25`; MailError says what is missing."""
    if not place:
        raise MailError(N_("No mails are sent: [alerts] relay is empty."), final=True)
    for fault in faults(place, sender=sender, to=to, security=security, username=username, password_file=password_file):
        raise fault
    host, _, port = place.rpartition(":")
    people = tuple(filter(None, to))
    return Relay(host.strip("[]"), int(port), sender, people, security, username, password_file)


class Mail(NamedTuple):
    """The content of a mail; `kind` is a stable word by which the reader's mail rules can sort it."""

    kind: str
    at: float  # seconds since 1970
    subject: Text
    body: tuple[Text, ...]  # paragraphs


class Sent(NamedTuple):
    """The relay has accepted a mail: its last answer, and the recipients that it refused, each with the answer."""

    said: str
    refused: Mapping[str, str]


Deliver = Callable[[Relay, bytes], Coroutine[Any, Any, Sent]]
"""Sends a mail to a relay; MailError if the relay accepts it for no recipient."""


def compose(mail: Mail, relay: Relay, *, name: str, language: str) -> bytes:
    """Return a mail as bytes for the relay, with lines that end with a line feed; `name` is the server's name."""
    _ = translator(language)
    domain = relay.sender.rpartition("@")[2]
    message = EmailMessage(policy=default.clone(cte_type="7bit"))
    message["Subject"] = _one_line(f"[{name}] {mail.subject.render(_)}")[:SUBJECT_CHARS]
    message["From"] = Address(_one_line(name), addr_spec=relay.sender)
    message["To"] = ", ".join(relay.to)
    message["Date"] = format_datetime(datetime.fromtimestamp(mail.at, timezone.utc))
    message["Message-ID"] = f"<{secrets.token_hex(16)}@{domain}>"  # make_msgid would reveal the process number
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: prevents automatic replies such as holiday notices
    message["X-Auto-Response-Suppress"] = "All"  # the same for Exchange, MS-OXCMAIL 2.2.3.2.14
    message["X-ClassCord-Alert"] = mail.kind
    signature = Text(N_("This mail was written by the ClassCord server “{name}”."), {"name": name})
    body = "\n\n".join(_readable(paragraph.render(_)) for paragraph in (*mail.body, signature))
    message.set_content(f"{body[:BODY_CHARS]}\n", cte="quoted-printable")
    return message.as_bytes()


def _one_line(text: str) -> str:
    """Return a header's text without characters that could end it or begin another header."""
    return "".join(c if is_readable(c) else " " for c in text)


def _readable(text: str) -> str:
    return "\n".join(map(_one_line, text.split("\n")))


class MailQueue:
    """The queue of mails for the relay: one is sent at a time; the pause grows each time the relay fails."""

    log = Logger()

    MOST_WAITING = 50
    TRIES = 12
    FIRST_RETRY, LONGEST_RETRY = 30.0, 1800.0  # seconds; doubled from the first to the last: some four hours in all

    def __init__(
        self,
        relay: Callable[[], Relay],
        write: Callable[[Mail, Relay], bytes],
        deliver: Deliver,
        clock: IReactorTime,
    ) -> None:
        """`relay` returns the current relay or raises MailError; `write` composes."""
        self._relay = relay
        self._write = write
        self._deliver = deliver
        self._clock = clock
        self._waiting: deque[Mail] = deque()
        self._tries = 0  # attempts for the first mail in the queue
        self._under_way: Deferred[None] | None = None
        self._again: IDelayedCall | None = None
        self._stopped = False

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    def put(self, mail: Mail) -> None:
        """Queue a mail; it is sent as soon as the relay accepts it."""
        if self._stopped:
            return
        if len(self._waiting) >= self.MOST_WAITING:
            self.log.error("a mail is not sent: {count} wait for the relay already", count=len(self._waiting))
            return
        self._waiting.append(mail)
        self._go_on()

    async def send(self, mail: Mail) -> tuple[Relay, Sent]:
        """Send a mail at once, outside the queue; MailError if the relay does not accept it."""
        relay = self._relay()
        return relay, await self._deliver(relay, self._write(mail, relay))

    def stop(self) -> None:
        """Stop sending; the log counts the mails that are lost."""
        self._stopped = True
        if self._waiting:
            self.log.warn("{count} mails were not sent before the stop", count=len(self._waiting))
        if self._again is not None and self._again.active():
            self._again.cancel()
        if self._under_way is not None:
            self._under_way.cancel()

    def _go_on(self) -> None:
        waits = self._again is not None and self._again.active()
        if self._waiting and not waits and self._under_way is None and not self._stopped:
            self._under_way = Deferred.fromCoroutine(self._first())
            self._under_way.addErrback(self._failed).addCallback(self._done)

    async def _first(self) -> None:
        mail = self._waiting[0]
        relay, sent = await self.send(mail)
        self._waiting.popleft()
        self._tries = 0
        self.log.info("a mail was sent by {relay}: {said}", relay=relay, said=sent.said)
        for address, said in sent.refused.items():
            self.log.warn("the relay refuses mails to {address}: {said}", address=address, said=said)

    def _failed(self, failure: Failure) -> None:
        if failure.check(CancelledError):
            return
        error = failure.value
        self._tries += 1
        if not isinstance(error, MailError):
            self.log.failure("a mail could not be sent", failure)
        elif not error.final and self._tries < self.TRIES:
            delay = min(self.LONGEST_RETRY, self.FIRST_RETRY * 2.0 ** (self._tries - 1))
            self.log.warn("a mail was not sent: {why} Trying again in {delay:.0f} s.", why=error, delay=delay)
            self._again = self._clock.callLater(delay, self._go_on)
            return
        else:
            self.log.error("a mail is given up: {why}", why=error)
        self._waiting.popleft()
        self._tries = 0

    def _done(self, _: object) -> None:
        self._under_way = None
        self._go_on()
