"""The sftp subsystem: conch's server for version 3, with limits, over any console carrier.

It answers one request after the other, a few in each turn, and none while answers wait to be sent. Knows what a packet
is, not what a file is; the carrier knows SSH.
"""

from __future__ import annotations

from typing import Any

from twisted.conch.ssh import filetransfer as fx
from twisted.conch.ssh.common import NS
from twisted.conch.ssh.filetransfer import FileTransferServer
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater
from twisted.logger import Logger, LogLevel
from twisted.python.failure import Failure

from classcord.chat.errors import ServerFault
from classcord.chat.text import N_, Text, Translate
from classcord.console.carrier import Carrier
from classcord.faces.ssh.sftp_files import Files
from classcord.faces.ssh.sftp_handles import Attributes, SFTPRefused, system_errors
from classcord.faces.ssh.sftp_packets import ANSWERS, LAYOUTS, LONGEST_PACKET, MalformedPacket, check, number, string

VERSION = (3).to_bytes(4, "big")
AT_A_TIME = 16  # requests in one turn
MOST_WAITING = 2 * LONGEST_PACKET  # bytes of requests; after a pause, a carrier still delivers what it has
MOST_SAID = 200  # lines on standard error, in one session

_TOLD_BY_CODE = frozenset({fx.FXP_STAT, fx.FXP_LSTAT, fx.FXP_FSTAT, fx.FXP_REALPATH, fx.FXP_EXTENDED})
"""Requests that clients send by themselves to find something out: users need not see that one is refused."""

_PIPELINED = frozenset({fx.FXP_READ, fx.FXP_WRITE, fx.FXP_FSETSTAT})
"""Requests that clients send in advance, before they have read a refusal."""


class _Errors(Logger):
    """Conch's log without its line for each packet, which shows what a client has sent."""

    def emit(self, level: Any, format: str | None = None, **kwargs: object) -> None:  # noqa: A002
        if level >= LogLevel.error:
            super().emit(level, format, **kwargs)


class SFTPSession(FileTransferServer):
    """One session of sftp; the Program of a carrier.

    OpenSSH shows only the meaning of a refusal's code, never its sentence: so the sentence is also sent to standard
    error, which ssh shows in the terminal.
    """

    _log = _Errors()

    def __init__(self, files: Files, carrier: Carrier, clock: IReactorTime, translate: Translate = str) -> None:
        """`translate` is for the administrator's language."""
        FileTransferServer.__init__(self, avatar=files)
        self._files = files
        self._carrier = carrier
        self._clock = clock
        self._translate = translate
        self._input = bytearray()
        self._greeted = False
        self._busy = False  # whether requests are being answered, or wait for it
        self._input_ended = False
        self._over = False
        self._kind = fx.FXP_INIT  # the type of the request that is being answered
        self._said = 0
        self._last_said = ""

    # -- Program, called by the carrier --------------------------------------------------------------------------------

    def received(self, data: bytes) -> None:
        if self._over:
            return
        self._input += data
        self._serve()
        if len(self._input) > MOST_WAITING:
            self._break_off(Text(N_("Too many requests at a time.")))

    def input_ended(self) -> None:
        """Answer the requests that have come, then end."""
        self._input_ended = True
        self._serve()

    def resized(self, columns: int, rows: int) -> None:
        """Ignore it: sftp has no window."""

    def lost(self) -> None:
        """Close what is open; may be called twice."""
        self._over = True
        self._input.clear()
        self._files.close()
        self.openFiles: dict[bytes, object] = {}
        self.openDirs: dict[bytes, object] = {}

    # -- requests in turn -----------------------------------------------------------------------------------------

    def _serve(self) -> None:
        if not self._busy and not self._over:
            self._busy = True
            Deferred.fromCoroutine(self._answer_all()).addErrback(self._failed)

    async def _answer_all(self) -> None:
        """Answer the requests that have come, as fast as answers can be sent, with turns for others."""
        try:
            answered = 0
            while self._answer_one():
                answered += 1
                await self._when(self._carrier.ready())
                if answered % AT_A_TIME == 0:
                    await self._when(deferLater(self._clock, 0))
        except MalformedPacket:
            self._break_off(Text(N_("This is not sftp.")))
        except ConnectionError:
            self.lost()
        finally:
            self._busy = False
        if self._input_ended and not self._over:
            self._end(0)

    async def _when(self, possible: Deferred[None]) -> None:
        """Wait; meanwhile a client's data stay in the network."""
        if possible.called:
            return await possible
        self._carrier.pause()
        await possible
        if not self._over:
            self._carrier.resume()
        return None

    def _answer_one(self) -> bool:
        """Answer the first request; return False if there is no complete one."""
        if self._over or len(self._input) < 4:
            return False
        length = number(self._input, 0)
        if not 5 <= length <= LONGEST_PACKET:  # at least a type and an id
            raise MalformedPacket
        if len(self._input) < 4 + length:
            return False
        kind, packet = self._input[4], bytes(self._input[5 : 4 + length])
        del self._input[: 4 + length]
        self._answer(kind, packet)
        return True

    def _answer(self, kind: int, packet: bytes) -> None:
        if (kind == fx.FXP_INIT) is self._greeted or kind in ANSWERS:
            raise MalformedPacket
        self._kind = kind
        if kind not in _PIPELINED:
            self._last_said = ""
        if kind == fx.FXP_INIT:
            self._greeted = True
            self.sendPacket(fx.FXP_VERSION, VERSION)  # whatever extensions the client has, we use none
        elif kind not in LAYOUTS:
            self._sendStatus(packet[:4], fx.FX_OP_UNSUPPORTED, b"")
        else:
            check(kind, packet)
            if self._has_handle(LAYOUTS[kind][0], packet):
                getattr(self, f"packet_{self.packetTypes[kind]}")(packet)
            else:
                self._refuse(packet[:4], fx.FX_FAILURE, Text(N_("There is no such handle.")))

    def _has_handle(self, field: str, packet: bytes) -> bool:
        """Whether the handle at the beginning of a request is open, or the request has none."""
        handles = {"h": {*self.openFiles, *self.openDirs}, "f": self.openFiles, "d": self.openDirs}.get(field)
        return handles is None or string(packet, 4) in handles

    def _break_off(self, why: Text) -> None:
        self._say(why.render(self._translate))
        self._end(1)

    def _end(self, status: int) -> None:
        self.lost()
        self._carrier.end(status)

    def _failed(self, failure: Failure) -> None:
        self._break_off(self._fault(failure))

    def _fault(self, failure: Failure) -> Text:
        """Log an error of ours; return the sentence for the user."""
        reference = f"sftp-{int(self._clock.seconds() * 1000):x}"
        self._log.failure("fault {reference}", failure, reference=reference)
        return ServerFault(reference=reference).text

    # -- where conch's server is not enough ----------------------------------------------------------------------------

    def sendPacket(self, kind: int, data: bytes) -> None:
        if not self._over:
            self._carrier.write((len(data) + 1).to_bytes(4, "big") + bytes([kind]) + data)

    def _parseAttributes(self, data: bytes) -> tuple[Attributes, bytes]:
        """Return the attributes at the end of a request, without extended ones."""
        flags = number(data, 0) & ~fx.FILEXFER_ATTR_EXTENDED
        attrs, _ = FileTransferServer._parseAttributes(self, flags.to_bytes(4, "big") + data[4:])
        return attrs, b""

    def _ebStatus(self, reason: Failure, request: bytes, _words: bytes = b"") -> None:
        try:
            with system_errors():
                reason.raiseException()
        except EOFError:
            self._sendStatus(request, fx.FX_EOF, b"")
        except SFTPRefused as refused:
            self._refuse(request, refused.code, refused.text)
        except Exception:
            self._refuse(request, fx.FX_FAILURE, self._fault(reason))

    def _sendStatus(self, request: bytes, code: int, words: bytes, language: bytes = b"") -> None:
        self.sendPacket(fx.FXP_STATUS, request + code.to_bytes(4, "big") + NS(words) + NS(language))

    def _refuse(self, request: bytes, code: int, text: Text) -> None:
        words = text.render(self._translate)
        self._sendStatus(request, code, words.encode())
        if code in {fx.FX_FAILURE, fx.FX_PERMISSION_DENIED} and self._kind not in _TOLD_BY_CODE:
            self._say(words)

    def _say(self, words: str) -> None:
        """Write it to standard error, but only once for several writes that were sent in advance."""
        if not self._over and words != self._last_said and self._said < MOST_SAID:
            self._said += 1
            self._last_said = words
            self._carrier.write_error(f"{words}\n".encode())
