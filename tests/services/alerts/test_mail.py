"""A mail as it is composed, and the queue in front of the relay, with a clock and a relay that the test plays."""

from __future__ import annotations

from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any, cast

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.logger import ILogObserver, LogEvent, formatEvent, globalLogPublisher

from classcord.chat.text import Text
from classcord.services.alerts.mail import BODY_CHARS, SUBJECT_CHARS, Mail, MailError, MailQueue, Relay, Sent, compose
from classcord.services.alerts.mail import relay as relay_of
from tests.harness import BEGINNING

RELAY = Relay("smtp.school.example", 25, "chat@school.example", ("prof@school.example", "head@school.example"))
MAIL = Mail("disk", BEGINNING, Text("The disk is full"), (Text("First."), Text("Second é 日本.")))


def composed(mail: Mail = MAIL, *, name: str = "ClassCord", language: str = "en") -> EmailMessage:
    content = compose(mail, RELAY, name=name, language=language)
    return message_from_bytes(content, policy=default)


# -- the mail -----------------------------------------------------------------------------------------------------


def test_a_mail_says_what_readers_and_their_rules_need() -> None:
    """Who, whom, when, that no answer is wanted, what kind; the text as it is."""
    mail = composed()
    assert mail["From"] == "ClassCord <chat@school.example>"
    assert mail["To"] == "prof@school.example, head@school.example"
    assert mail["Date"].datetime.timestamp() == int(BEGINNING)
    assert mail["Subject"] == "[ClassCord] The disk is full"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-ClassCord-Alert"] == "disk"
    assert mail.get_content().startswith("First.\n\nSecond é 日本.\n\nThis mail was written by")


def test_a_mail_is_in_the_language_of_the_server() -> None:
    """Sentences are translated, those within others as well."""
    text = Text("Nothing can be stored: {reason}. Messages wait until it can.", {"reason": Text("wrong password")})
    assert "Rien ne peut" in composed(Mail("x", 0, text, (text,)), language="fr")["Subject"]


def test_two_mails_are_two_and_tell_nothing_of_the_machine() -> None:
    """Message-IDs differ, and have the sender's domain."""
    first, second = composed()["Message-ID"], composed()["Message-ID"]
    assert first != second
    assert first.endswith("@school.example>")


@pytest.mark.parametrize(
    "evil", ["x\r\nBcc: all@school.example", "x\n\nbody", "x\0\x1b[31m", "x\u2028Bcc: y", "x\x85z"]
)
def test_no_text_begins_a_header(evil: str) -> None:
    """What a name or a sentence holds stays in its header and commands no terminal."""
    mail = composed(Mail("disk", BEGINNING, Text("{x}", {"x": evil}), (Text("{x}", {"x": evil}),)), name=evil)
    content = compose(MAIL, RELAY, name=evil, language="en")
    assert mail["Bcc"] is None
    assert set(mail.keys()) == set(composed().keys())
    assert content.isascii()
    assert b"\r" not in content  # the sender ends lines by itself
    assert not set(mail["Subject"]) & set("\r\n\0\x1b\u2028\x85")
    assert not set(mail.get_content()) & set("\r\0\x1b\u2028\x85")


def test_a_mail_is_bounded() -> None:
    """An endless reason makes no endless mail; lines stay within what SMTP allows (RFC 5321 §4.5.3.1.6)."""
    words = Text("{x}", {"x": "é" * 1_000_000})
    content = compose(Mail("disk", 0, words, (words,)), RELAY, name="ClassCord", language="en")
    assert len(message_from_bytes(content, policy=default)["Subject"]) == SUBJECT_CHARS
    assert len(content) < 10 * BODY_CHARS
    assert max(map(len, content.splitlines())) <= 998


# -- the settings -------------------------------------------------------------------------------------------------


def test_a_password_is_the_first_line_of_its_file(tmp_path: Path) -> None:
    """It is read when it is needed; a file that is missing or empty is told by its name."""
    file = tmp_path / "password"
    relay = RELAY._replace(username="chat", password_file=str(file))
    with pytest.raises(MailError, match="cannot be read"):
        relay.password()
    file.write_bytes(b"\n")
    with pytest.raises(MailError, match="is empty"):
        relay.password()
    file.write_bytes("s3cret µ\r\nmore\n".encode())
    assert relay.password() == "s3cret µ".encode()


def test_a_relay_is_read_with_its_port() -> None:
    """Names, IPv4 and IPv6 addresses; what is shown of it can be written back."""
    for place, host, port in (("smtp:25", "smtp", 25), ("10.0.0.1:587", "10.0.0.1", 587), ("[::1]:465", "::1", 465)):
        relay = relay_of(place, sender="a@b", to=("c@d", ""))
        assert (relay.host, relay.port, relay.to, str(relay)) == (host, port, ("c@d",), place)


# -- the queue ----------------------------------------------------------------------------------------------------


class Office:
    """A MailQueue whose relay the test plays: `answers` are what it does with each mail."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.tried: list[str] = []
        self.under_way: Deferred[Sent] | None = None
        self.answers: list[Exception | Sent] = []
        self.mail_queue = MailQueue(lambda: RELAY, lambda mail, _: mail.kind.encode(), self._deliver, self.clock)

    async def _deliver(self, _: Relay, content: bytes) -> Sent:
        self.tried.append(content.decode())
        if not self.answers:
            self.under_way = Deferred()
            return await self.under_way
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def put(self, *kinds: str) -> None:
        for kind in kinds:
            self.mail_queue.put(MAIL._replace(kind=kind))

    @property
    def delays(self) -> list[float]:
        return [call.getTime() - self.clock.seconds() for call in self.clock.getDelayedCalls()]


TAKEN = Sent("250 taken", {})
AWAY = MailError("{relay} does not answer", relay=RELAY)
NEVER = MailError("no such mailbox", final=True)


@pytest.fixture
def logged() -> Iterator[list[str]]:
    """What is logged, a failure by its sentence."""
    lines: list[str] = []

    def observe(event: LogEvent) -> None:
        lines.append(formatEvent(event))

    globalLogPublisher.addObserver(cast("ILogObserver", observe))
    yield lines
    globalLogPublisher.removeObserver(cast("ILogObserver", observe))


def test_mails_go_one_after_the_other(logged: list[str]) -> None:
    """The second waits until the relay has taken the first; what the relay said is logged."""
    office = Office()
    office.put("a", "b")
    assert office.tried == ["a"]
    assert office.under_way is not None
    office.answers = [TAKEN]
    office.under_way.callback(Sent("250 first", {"nobody@school.example": "550 who?"}))
    assert office.tried == ["a", "b"]
    assert office.mail_queue.waiting == 0
    assert "a mail was sent by smtp.school.example:25: 250 first" in logged
    assert "the relay refuses mails to nobody@school.example: 550 who?" in logged


def test_a_relay_that_is_away_is_tried_again_ever_later(logged: list[str]) -> None:
    """The waits double up to half an hour; after twelve tries the mail is given up, and the next one is tried."""
    office = Office()
    office.answers = [*[AWAY] * MailQueue.TRIES, TAKEN]
    office.put("a", "b")
    waits = []
    while office.delays:
        (wait,) = office.delays
        waits.append(wait)
        office.clock.advance(wait)
    assert waits == [30, 60, 120, 240, 480, 960, 1800, 1800, 1800, 1800, 1800]
    assert office.tried == ["a"] * MailQueue.TRIES + ["b"]
    assert office.mail_queue.waiting == 0
    assert any("does not answer Trying again in 30 s" in line for line in logged)
    assert any(line.startswith("a mail is given up") for line in logged)


def test_a_mail_that_nobody_will_ever_take_is_given_up_at_once(logged: list[str]) -> None:
    """A final refusal is not tried again; what comes after it goes."""
    office = Office()
    office.answers = [NEVER, TAKEN]
    office.put("a", "b")
    assert office.tried == ["a", "b"]
    assert "a mail is given up: no such mailbox" in logged


def test_a_fault_of_ours_is_logged_and_the_queue_goes_on(logged: list[str]) -> None:
    """An exception of another kind costs the one mail."""
    office = Office()
    office.answers = [ZeroDivisionError(), TAKEN]
    office.put("a", "b")
    assert office.tried == ["a", "b"]
    assert "a mail could not be sent" in logged


def test_the_queue_is_bounded(logged: list[str]) -> None:
    """With fifty that wait, one more is not taken, with a line in the log."""
    office = Office()
    office.put(*("x" * 60))
    assert office.mail_queue.waiting == MailQueue.MOST_WAITING
    assert logged.count("a mail is not sent: 50 wait for the relay already") == 10


@pytest.mark.parametrize("answers", [[], [AWAY]])
def test_a_stop_leaves_nothing_behind(answers: list[Any], logged: list[str]) -> None:
    """A stop ends a try and a wait; nothing is sent afterwards, and what is lost is counted in the log."""
    office = Office()
    office.answers = answers
    office.put("a", "b")
    office.mail_queue.stop()
    assert office.delays == []
    office.put("c")
    assert office.tried == ["a"]
    assert "2 mails were not sent before the stop" in logged


def test_a_try_goes_past_the_queue() -> None:
    """`test-mail` says at once what the relay says, whatever waits."""
    office = Office()
    office.put("a")
    office.answers = [AWAY]
    tried = Deferred.fromCoroutine(office.mail_queue.send(MAIL))
    failure: Any = []
    tried.addErrback(failure.append)
    assert failure[0].check(MailError)
    assert office.mail_queue.waiting == 1
