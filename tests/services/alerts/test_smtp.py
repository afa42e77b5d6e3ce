"""A relay that does not answer, as Twisted's client meets it: without sockets, with a clock that the test moves.

What real relays say is in tests/test_mail_relay.py.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from OpenSSL import SSL
from service_identity import VerificationError
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.error import ConnectError
from twisted.internet.error import TimeoutError as NoConnection
from twisted.internet.testing import MemoryReactorClock, StringTransport
from twisted.python.failure import Failure

from classcord.language import translator
from classcord.services.alerts import smtp
from classcord.services.alerts.mail import MailError, Relay, Sent

RELAY = Relay("127.0.0.1", 25, "chat@school.example", ("prof@school.example",))


class Conversation:
    """One mail on its way, and a relay that the test plays."""

    def __init__(self) -> None:
        self.reactor: Any = MemoryReactorClock()
        self.ended: list[Any] = []
        self.sending: Deferred[Sent] = Deferred.fromCoroutine(smtp.deliver(RELAY, b"Subject: x\n\n.\n", self.reactor))
        self.sending.addBoth(self.ended.append)
        self.transport: Any = StringTransport()

    def accept(self) -> None:
        factory = self.reactor.tcpClients[0][2]
        self.protocol = factory.buildProtocol(None)
        self.transport.protocol = self.protocol
        self.protocol.makeConnection(self.transport)

    def says(self, line: bytes) -> bytes:
        """Say a line; return what is answered."""
        self.transport.clear()
        self.protocol.dataReceived(line + b"\r\n")
        while self.transport.producer is not None:
            self.transport.producer.resumeProducing()
        answered: bytes = self.transport.value()
        return answered

    @property
    def why(self) -> str:
        (failure,) = self.ended
        assert failure.check(MailError), failure
        return str(failure.value)


def test_a_relay_that_accepts_no_connection_is_given_up() -> None:
    """Where a firewall swallows everything, a try ends after twenty seconds, with words that say so."""
    mail = Conversation()
    mail.reactor.tcpClients[0][2].clientConnectionFailed(None, Failure(NoConnection()))
    mail.reactor.advance(1)
    assert mail.why.startswith("127.0.0.1:25 does not answer")
    assert mail.reactor.tcpClients[0][3] == smtp.CONNECT_WITHIN


@pytest.mark.parametrize("begun", [False, True])
def test_a_relay_that_falls_silent_is_given_up(begun: bool) -> None:
    """A connection on which nothing comes, or nothing more, is ended after half a minute; nothing is left running."""
    mail = Conversation()
    mail.accept()
    if begun:
        assert mail.says(b"220 relay").startswith(b"EHLO school.example")
    mail.reactor.advance(smtp.ANSWER_WITHIN + smtp.LINGER)
    assert mail.why.startswith("127.0.0.1:25 does not answer")
    assert mail.transport.disconnecting or mail.transport.disconnected


def test_a_relay_that_takes_its_time_is_bounded() -> None:
    """One that answers every line at the last moment does not hold a mail for hours."""
    mail = Conversation()
    mail.accept()
    mail.says(b"220 relay")
    for line in (b"250-relay", b"250-more", b"250-and more", b"250-and so on"):
        mail.reactor.advance(smtp.ANSWER_WITHIN - 1)
        mail.says(line)
    assert mail.why.startswith("127.0.0.1:25 does not answer")


def test_a_mail_is_handed_over() -> None:
    """The whole conversation: no machine's name, the dot alone on its line doubled, ended with QUIT."""
    mail = Conversation()
    mail.accept()
    assert mail.says(b"220 relay") == b"EHLO school.example\r\n"
    assert mail.says(b"250 relay") == b"MAIL FROM:<chat@school.example>\r\n"
    assert mail.says(b"250 go on") == b"RCPT TO:<prof@school.example>\r\n"
    assert mail.says(b"250 go on") == b"DATA\r\n"
    assert mail.says(b"354 go on") == b"Subject: x\r\n\r\n..\r\n.\r\n"
    assert mail.says(b"250 taken as \x1b[31m4711").startswith(b"QUIT\r\n")
    (sent,) = mail.ended
    assert sent.said.startswith("taken as ")
    assert "\x1b" not in sent.said
    assert sent.refused == {}


def test_a_stop_ends_a_conversation() -> None:
    """Cancelled at any moment, the connection is cut."""
    mail = Conversation()
    mail.accept()
    mail.says(b"220 relay")
    mail.sending.cancel()
    assert mail.ended[0].check(CancelledError)
    assert mail.transport.disconnected


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ConnectError(113, "No route to host"), "relais:25 est injoignable : aucun chemin ne mène à cette machine."),
        (SSL.Error([("SSL routines", "", "certificate verify failed")]), "n’est pas bon : il a expiré, ou personne en"),
        (VerificationError(errors=[]), "n’est pas bon : il est pour un autre nom de machine. L’hôte"),
        (SSL.Error([("SSL routines", "", "wrong version number")]), "relais:25 : ce qui répond ne parle pas TLS."),
        (
            SSL.Error([("SSL routines", "", "no shared cipher")]),
            ": TLS n’a pas été possible (no shared cipher).",
        ),
        (OSError(24, "Too many open files"), "relais:25 est injoignable : le programme a trop de fichiers ouverts."),
    ],
)
def test_what_fails_is_told_in_the_language_of_the_server(error: Exception, told: str) -> None:
    """No sentence of a library's stands in ours; of OpenSSL's reasons only the name that one looks up."""
    relay = Relay("relais", 25, "chat@lycee.example", ("prof@lycee.example",))
    said = smtp._in_words(error, relay).text.render(translator("fr"))
    assert told in re.sub("[\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}]", " ", said)
