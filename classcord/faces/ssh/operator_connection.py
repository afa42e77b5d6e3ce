"""What a client may open after the login: a limited number of session channels, nothing else. Source: RFC 4254.

Knows which messages are valid when, not what runs in a channel (session_channel.py).
"""

from __future__ import annotations

import struct
from typing import Any

from twisted.conch.ssh.common import NS, getNS
from twisted.conch.ssh.connection import MSG_CHANNEL_OPEN_FAILURE, SSHConnection

from classcord.chat.text import N_
from classcord.faces.ssh.session_channel import SessionChannel

PROHIBITED = 1  # RFC 4254 §5.1
LEAST_PACKET = 256  # bytes; each packet costs the same, however small it is
MOST_REFUSED = 100  # refused channels, after which the connection is closed


class ProtocolViolation(Exception):
    """A message that violates the protocol; its text says how."""


class OperatorConnection(SSHConnection):
    """The channels of a client after the login: a limited number of sessions, nothing else."""

    transport: Any

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._refused = 0
        self._begun: dict[SessionChannel, None] = {}  # channels that may have a running program

    def ssh_CHANNEL_OPEN(self, packet: bytes) -> None:
        """Open a session, or refuse; a client that asks for other channels too often is disconnected."""
        kind, rest = getNS(packet)
        sender, _, max_packet = struct.unpack(">3L", rest[:12])
        factory = self.transport.factory
        limit = factory.limits.max_sessions
        if kind == b"session" and max_packet >= LEAST_PACKET and not (limit and len(self.channels) >= limit):
            super().ssh_CHANNEL_OPEN(packet)  # type: ignore[no-untyped-call]
            return
        refusal = struct.pack(">2L", sender, PROHIBITED) + NS(b"administratively prohibited") + NS(b"")
        self.transport.sendPacket(MSG_CHANNEL_OPEN_FAILURE, refusal)
        self._refused += 1
        if self._refused > MOST_REFUSED:
            self.transport.end(N_("too many channels were asked for"))

    # -- answers to questions that a server never asks: it opens no channel, and requests nothing from its client
    # -----------

    def _unasked(self, packet: bytes) -> None:  # noqa: ARG002
        raise ProtocolViolation("an answer to what was never asked")

    ssh_CHANNEL_OPEN_CONFIRMATION = _unasked  # noqa: N815
    ssh_CHANNEL_OPEN_FAILURE = _unasked  # noqa: N815
    ssh_CHANNEL_SUCCESS = _unasked  # noqa: N815
    ssh_CHANNEL_FAILURE = _unasked  # noqa: N815
    ssh_REQUEST_SUCCESS = _unasked  # noqa: N815
    ssh_REQUEST_FAILURE = _unasked  # noqa: N815

    # -- messages of a channel: there must be one --------------------------------------------------------------------

    def _channel(self, number: int) -> SessionChannel:
        channel: SessionChannel | None = self.channels.get(number)
        if channel is None:
            raise ProtocolViolation("it is about a channel that there is not")
        return channel

    def _known(self, packet: bytes) -> bytes:
        """Return a packet for an existing channel; ProtocolViolation if there is none."""
        if len(packet) < 4:
            raise ProtocolViolation("it is cut short")
        self._channel(*struct.unpack(">L", packet[:4]))
        return packet

    def ssh_CHANNEL_WINDOW_ADJUST(self, packet: bytes) -> None:
        super().ssh_CHANNEL_WINDOW_ADJUST(self._known(packet))  # type: ignore[no-untyped-call]

    def ssh_CHANNEL_EOF(self, packet: bytes) -> None:
        super().ssh_CHANNEL_EOF(self._known(packet))  # type: ignore[no-untyped-call]

    def ssh_CHANNEL_CLOSE(self, packet: bytes) -> None:
        super().ssh_CHANNEL_CLOSE(self._known(packet))  # type: ignore[no-untyped-call]

    def ssh_CHANNEL_REQUEST(self, packet: bytes) -> Any:
        return super().ssh_CHANNEL_REQUEST(self._known(packet))  # type: ignore[no-untyped-call]

    def ssh_CHANNEL_DATA(self, packet: bytes) -> None:
        if self._fits(self._known(packet), 4):
            super().ssh_CHANNEL_DATA(packet)  # type: ignore[no-untyped-call]

    def ssh_CHANNEL_EXTENDED_DATA(self, packet: bytes) -> None:
        if self._fits(self._known(packet), 8):
            super().ssh_CHANNEL_EXTENDED_DATA(packet)  # type: ignore[no-untyped-call]

    def _fits(self, packet: bytes, place: int) -> bool:
        """Whether the data at this index of the packet fit the window; if not, disconnect."""
        number, length = *struct.unpack(">L", packet[:4]), *struct.unpack(">L", packet[place : place + 4])
        channel = self._channel(number)
        if length <= min(channel.localWindowLeft, channel.localMaxPacket):
            return True
        self.transport.end(N_("more was sent than there was room for"))
        return False

    def getChannel(self, channelType: bytes, windowSize: int, maxPacket: int, data: bytes) -> SessionChannel:  # noqa: ARG002, N803
        transport = self.transport
        session = SessionChannel(
            transport.operator,
            transport.address,
            transport.factory,
            remoteWindow=windowSize,
            remoteMaxPacket=min(maxPacket, 32_768),
            conn=self,
        )
        self._begun[session] = None
        return session

    def channelClosed(self, channel: SessionChannel) -> None:
        super().channelClosed(channel)  # type: ignore[no-untyped-call]
        self._begun.pop(channel, None)

    def serviceStopped(self) -> None:
        """End everything that runs in a channel, whatever the state of the connection: the client is gone."""
        try:
            super().serviceStopped()  # type: ignore[no-untyped-call]
        finally:
            begun, self._begun = self._begun, {}
            for session in begun:
                session.lost()

    def adjustWindow(self, channel: SessionChannel, bytesToAdd: int) -> None:  # noqa: N803
        if not channel.paused:
            super().adjustWindow(channel, bytesToAdd)  # type: ignore[no-untyped-call]

    def gotGlobalRequest(self, requestType: bytes, data: bytes) -> int:  # noqa: ARG002, N803
        return 0  # no forwarding
