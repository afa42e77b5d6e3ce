"""Sends one mail to a relay by SMTP, with Twisted's client: TLS checked, time limited, every refusal in words.

Import it in a thread, or before the reactor runs: Twisted's module asks for the machine's full name when it is
imported, which may wait for a name server. Knows the bytes of a mail, not its content.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from OpenSSL import SSL
from service_identity import VerificationError
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.defer import TimeoutError as TookTooLong
from twisted.internet.endpoints import HostnameEndpoint, wrapClientTLS
from twisted.internet.error import (
    ConnectError,
    ConnectionClosed,
    ConnectionRefusedError,  # noqa: A004 (not the builtin one)
    DNSLookupError,
    TimeoutError,  # noqa: A004 (not the builtin one)
    UserError,
)
from twisted.internet.interfaces import IDelayedCall
from twisted.internet.ssl import optionsForClientTLS
from twisted.mail import smtp
from twisted.python.failure import Failure

from classcord.chat.text import N_, Text
from classcord.services.alerts.mail import MailError, Relay, Sent
from classcord.services.process.logs import printable
from classcord.system_errors import in_words, tls_in_words

CONNECT_WITHIN = 20.0  # seconds in which the relay must accept the connection
ANSWER_WITHIN = 30.0  # seconds that the relay may take for one answer
ALL_WITHIN = 90.0  # seconds for the whole conversation, however many answers it has
LINGER = 2.0  # seconds until a connection that should close is cut
MOST_LINES = 100  # of one answer
SHOWN = 300  # characters of the relay's answer that are shown


class _Content:
    """A mail's bytes, read in one piece: in several, Twisted's client would miss a dot at the start of a piece."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def read(self, _size: int) -> bytes:
        content, self._content = self._content, b""
        return content


class _Delivery(smtp.ESMTPSender):
    """Sends the one mail, reports the result to its factory once, and closes."""

    debug = False  # the lines of an authentication are not kept, not even in memory
    _hang_up: IDelayedCall | None = None

    def callLater(self, period: float, func: Callable[[], None]) -> IDelayedCall:  # noqa: N802 (Twisted's name)
        """Time the relay's answers by the injected clock, not by the global reactor."""
        later: IDelayedCall = self.factory.clock.callLater(period, func)
        return later

    def lineReceived(self, line: bytes) -> Any:  # noqa: N802 (Twisted's name)
        if len(self.resp) >= MOST_LINES:
            return self.sendError(smtp.SMTPProtocolError(-1, b"an endless answer"))
        return super().lineReceived(line)  # type: ignore[no-untyped-call]

    def esmtpState_starttls(self, code: int, resp: bytes) -> None:  # noqa: N802 (Twisted's name)
        """Begin TLS; end if plain text came after the relay's answer.

        An attacker may have sent it (CVE-2021-38371).
        """
        if self.clearLineBuffer():  # type: ignore[no-untyped-call]
            self.sendError(smtp.SMTPProtocolError(-1, b"lines before the TLS handshake"))
        else:
            super().esmtpState_starttls(code, resp)  # type: ignore[no-untyped-call]

    def sendError(self, exc: Exception) -> None:  # noqa: N802 (Twisted's name)
        self._ended(Failure(exc))

    def sentMail(self, code: int, resp: Any, numOk: int, addresses: list[Any], log: object) -> None:  # noqa: ARG002, N802, N803
        refused = {address: (number, said) for address, number, said in addresses if number not in smtp.SUCCESS}
        if code in smtp.SUCCESS and numOk:
            self._ended((resp, refused))
        else:
            self._ended(Failure(_RefusedByAll(code, resp, refused)))

    def connectionLost(self, reason: Any = None) -> None:  # noqa: N802 (Twisted's name)
        super().connectionLost(reason)  # type: ignore[no-untyped-call]
        if self._hang_up is not None and self._hang_up.active():
            self._hang_up.cancel()
        self.factory.ended(reason)

    def _ended(self, how: object) -> None:
        transport: Any = self.transport
        if self._hang_up is None and transport is not None:
            self.sendLine(b"QUIT")  # type: ignore[no-untyped-call]
            transport.loseConnection()
            self._hang_up = self.factory.clock.callLater(LINGER, transport.abortConnection)
        self.factory.ended(how)


class _RefusedByAll(Exception):
    """The relay accepts the mail for no recipient: code and text of its last answer, and of each recipient's."""

    def __init__(self, code: int, said: Any, refused: dict[bytes, tuple[int, bytes]]) -> None:
        super().__init__(code)
        self.code, self.said, self.refused = code, said, refused


class _Factory(smtp.ESMTPSenderFactory):
    protocol = _Delivery
    noisy = False

    def __init__(self, relay: Relay, content: bytes, clock: Any, context: Any) -> None:
        self.clock = clock
        self.outcome: Deferred[Any] = Deferred()
        secure = relay.security != "none"
        super().__init__(  # type: ignore[no-untyped-call]
            relay.username.encode(),
            relay.password() if relay.username else b"",
            relay.sender,
            relay.to,
            _Content(content),
            Deferred(),
            retries=0,
            timeout=ANSWER_WITHIN,
            contextFactory=context if relay.security == "starttls" else None,
            heloFallback=True,
            requireAuthentication=bool(relay.username),
            requireTransportSecurity=secure,
        )
        self.domain = relay.sender.rpartition("@")[2].encode("ascii")  # the relay need not know this machine's own name

    def ended(self, how: object) -> None:
        if not self.outcome.called:
            self.outcome.callback(how)


async def deliver(
    relay: Relay, content: bytes, reactor: Any, *, context: Callable[[str], Any] = optionsForClientTLS
) -> Sent:
    """Send a mail to the relay; MailError if it accepts it for no recipient.

    `context` makes the TLS side for a host; the default one trusts the system's authorities, and checks the name.
    """
    try:
        return await _deliver(relay, content, reactor, context(relay.host))
    except (MailError, CancelledError):
        raise
    except Exception as error:
        raise _in_words(error, relay) from error


async def _deliver(relay: Relay, content: bytes, reactor: Any, context: Any) -> Sent:
    factory = _Factory(relay, content, reactor, context)
    endpoint: Any = HostnameEndpoint(reactor, relay.host, relay.port, timeout=CONNECT_WITHIN)
    if relay.security == "tls":
        endpoint = wrapClientTLS(context, endpoint)
    conversation = await endpoint.connect(factory)
    try:
        said, refused = await factory.outcome.addTimeout(ALL_WITHIN, reactor)
    except BaseException:
        conversation.transport.abortConnection()
        raise
    return Sent(
        _shown(said), {address.decode(): f"{code} {_shown(words)}" for address, (code, words) in refused.items()}
    )


def _shown(said: Any) -> str:
    """Return the relay's answer on one line, whatever bytes it contains."""
    text = said if isinstance(said, str) else bytes(said or b"").decode("utf-8", "replace")
    return printable(" ".join(text.split()))[:SHOWN]


def _in_words(error: Exception, relay: Relay) -> MailError:
    """Return what is wrong, and what to do."""
    if isinstance(error, _RefusedByAll):
        return _refusal(error, relay)
    code, said = getattr(error, "code", -1), _shown(getattr(error, "resp", b""))
    template = next((words for kinds, words in _WORDS if isinstance(error, kinds)), None)
    if template is None and _is_untrusted(error):
        template = _UNTRUSTED
    if template is None:
        template = N_("{relay} answers: {code} {said}.") if said else N_("{relay}: {why}.")
    return MailError(template, relay=relay, code=code, said=said, why=_why(error), security=relay.security)


def _why(error: Exception) -> Text | str:
    if isinstance(error, SSL.Error):
        return Text(_NOT_TRUSTED) if _is_untrusted(error) else tls_in_words(_reason(error))
    if isinstance(error, VerificationError):
        return Text(_OTHER_NAME)
    if isinstance(error, ConnectError) and isinstance(error.osError, int):
        return in_words(error.osError)
    if isinstance(error, smtp.SMTPClientError):  # its text would contain the conversation
        return type(error).__name__
    return in_words(error) if isinstance(error, OSError) else _shown(str(error)).rstrip(".")


def _reason(error: SSL.Error) -> str:
    """Return what OpenSSL says; pyOpenSSL hands its errors on as a list of library, function and reason."""
    said = error.args[0] if error.args and isinstance(error.args[0], list) else []
    return ", ".join(reason for *_, reason in said if reason) or type(error).__name__


def _is_untrusted(error: Exception) -> bool:
    return isinstance(error, SSL.Error) and "certificate verify failed" in _reason(error)


def _refusal(error: _RefusedByAll, relay: Relay) -> MailError:
    code, said = error.code, _shown(error.said)
    if code == 530 and relay.security == "none":
        return MailError(
            N_('{relay} wants TLS or a login first: set [alerts] security = "starttls", or username: {code} {said}.'),
            relay=relay,
            code=code,
            said=said,
        )
    if error.refused:
        address, (code, words) = next(iter(error.refused.items()))
        return MailError(
            N_("{relay} refuses mails to {address}, look at [alerts] to: {code} {said}."),
            relay=relay,
            address=address.decode(),
            code=code,
            said=_shown(words),
            final=code >= 500,
        )
    return MailError(
        N_("{relay} refuses the mail from {sender}, look at [alerts] sender: {code} {said}."),
        relay=relay,
        sender=relay.sender,
        code=code,
        said=said,
        final=code >= 500,
    )


_UNTRUSTED = N_(
    "the certificate of {relay} is not good: {why}. The host of [alerts] relay must be a name in it, and whoever has "
    "signed it must be known to this machine (update-ca-certificates)."
)
_NOT_TRUSTED = N_("it has expired, or nobody whom this machine trusts has signed it")
_OTHER_NAME = N_("it is for another host name")
_WORDS: tuple[tuple[tuple[type[BaseException], ...], str], ...] = (
    ((DNSLookupError,), N_("there is no host of the name in [alerts] relay, {relay}, that this machine can find.")),
    ((ConnectionRefusedError,), N_("{relay} refuses connections: is the port in [alerts] relay right?")),
    (
        (TookTooLong, TimeoutError, smtp.SMTPTimeoutError),
        N_("{relay} does not answer: is [alerts] relay right, and is there a firewall between?"),
    ),
    ((VerificationError,), _UNTRUSTED),
    (
        (smtp.TLSRequiredError,),
        N_('{relay} offers no STARTTLS: set [alerts] security = "tls" (usual on port 465), or "none".'),
    ),
    ((smtp.TLSError,), N_("{relay} offers STARTTLS, but does not begin it: {code} {said}.")),
    (
        (smtp.AUTHRequiredError, smtp.EHLORequiredError),
        N_("{relay} asks for no password in a way that is known here: leave [alerts] username empty?"),
    ),
    (
        (smtp.AUTHDeclinedError, smtp.AuthenticationError),
        N_("{relay} does not accept the name or the password, look at [alerts] username: {code} {said}."),
    ),
    (
        (smtp.SMTPProtocolError,),
        N_('what answers at {relay} does not speak SMTP: is the port right, or is [alerts] security to be "tls"?'),
    ),
    (
        (ConnectionClosed,),
        N_('{relay} has closed the connection in the middle: is [alerts] security = "{security}" what it wants?'),
    ),
    ((ConnectError, UserError, OSError), N_("{relay} cannot be reached: {why}.")),
    ((smtp.AddressError,), N_("[alerts] sender or to is no mail address that can be used: {why}.")),
)
