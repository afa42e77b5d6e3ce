"""The loop: the network and the typist on one side, the conversation and its mode on the other.

Knows no protocol.
"""

from __future__ import annotations

import math
import selectors
import time

from classcord.chat.text import N_
from classcord.cli.chat.console import Typist
from classcord.cli.chat.conversation import Conversation
from classcord.cli.chat.failure import Failure
from classcord.cli.chat.modes import Mode
from classcord.cli.chat.server_connection import Stream

PATIENCE = 60.0  # seconds without data from a server that owes an answer


def converse(stream: Stream, typist: Typist, conversation: Conversation, mode: Mode) -> None:
    """Carry lines and data both ways until the mode is finished; raises Failure if that fails."""
    heard_at = time.monotonic()
    with selectors.DefaultSelector() as selector:
        selector.register(typist, selectors.EVENT_READ)
        selector.register(stream, selectors.EVENT_READ)
        while not mode.finished:
            pause = mode.resume()
            stream.send(conversation.data_to_send())
            if mode.ready and not typist.busy and not stream.stuck:
                typist.ask(mode.prompt, hidden=mode.hidden)
            selector.modify(stream, selectors.EVENT_READ | (selectors.EVENT_WRITE if stream.stuck else 0))
            patience = PATIENCE if conversation.pending and pause is None else math.inf
            alive_until = heard_at + conversation.silence
            wait = min(patience, alive_until - time.monotonic(), math.inf if pause is None else pause)
            ready = {key.fileobj for key, _events in selector.select(None if wait == math.inf else wait)}
            if stream in ready:
                heard_at = time.monotonic()
                _receive(stream, conversation, mode)
            elif time.monotonic() >= alive_until:
                raise Failure(N_("The connection is lost: the server has not been heard for some time."))
            if typist in ready:
                for line in typist.take():
                    mode.read(line)
            if not ready and wait == patience:
                raise Failure(N_("The server does not answer any more."))


def _receive(stream: Stream, conversation: Conversation, mode: Mode) -> None:
    for data in stream.receive():
        if not data:
            if mode.finished:
                return
            if conversation.greeted:
                raise Failure(N_("The server closed the connection."))
            raise Failure(N_("The server closed the connection at once. Does it want --tls?"))
        for event in conversation.receive(data):
            mode.hear(event)
