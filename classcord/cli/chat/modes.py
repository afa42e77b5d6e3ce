"""The three ways of use: a user at a terminal, a pipe, a script. Each handles lines and events in its own way.

They send requests by the conversation and write to a console; the clock is injected. Knows no socket.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterable

from classcord.chat.text import N_
from classcord.cli.chat.conversation import (
    ClientEvent,
    Conversation,
    ConversationOpened,
    MalformedLine,
    Object,
    RequestGranted,
    RequestRefused,
    message,
    parse,
)
from classcord.cli.chat.failure import Failure
from classcord.cli.chat.screen import Screen, clean, error
from classcord.cli.chat.slash import Exit, Help, Misused, Retarget, read
from classcord.wire.json_text import json_text

Write = Callable[[Iterable[str]], None]

PIPELINE = 20  # messages without an answer at a time, if the server has no rate limit
LATER = 1.0  # seconds before another attempt, if the server gives no number
LATEST = 3600.0  # seconds at most, whatever the server says


def decode(line: bytes) -> str:
    """Return the text of a line in UTF-8, else in Latin-1, which can decode every byte."""
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("latin-1")


class Mode(ABC):
    """Sends to `target`: everyone (None), a #channel or a user. In every mode a refused opening is a Failure."""

    def __init__(self, conversation: Conversation, write: Write, target: str | None) -> None:
        self._conversation = conversation
        self._write = write
        self._target = target
        self._ended = False

    @property
    def prompt(self) -> str:
        """The prompt before the line that is typed."""
        return ""

    @property
    def hidden(self) -> bool:
        """Whether the line that is typed is a secret."""
        return False

    @property
    def ready(self) -> bool:
        """Whether another line can be accepted now."""
        return self._conversation.opened and not self._ended

    @property
    def finished(self) -> bool:
        """Whether the last line was read and every request is answered."""
        return self._ended and not self._conversation.pending

    def resume(self) -> float | None:
        """Do what had to wait; return in how many seconds to call again, None if nothing waits."""
        return None

    def read(self, line: bytes | None) -> None:
        """Handle a line of the input; None is its end. Empty lines are ignored."""
        if line is None:
            self._end()
        elif (text := decode(line.rstrip(b"\r\n"))) and not text.isspace():
            self._say(text)

    def hear(self, event: ClientEvent | MalformedLine) -> None:
        """Handle an event from the server."""
        if isinstance(event, MalformedLine):
            if not self._conversation.opened:
                raise Failure(N_("This is not a ClassCord server, or it wants --tls; check the host and the port."))
            return
        if event.received.get("type") == "heartbeat":
            return  # it was heard: that is all that it says
        self._hear(event)
        if isinstance(event, RequestRefused) and not self._conversation.opened:
            raise Failure("{message}", message=error(event.received))

    def _end(self) -> None:
        self._ended = True

    @abstractmethod
    def _say(self, text: str) -> None: ...

    @abstractmethod
    def _hear(self, event: ClientEvent) -> None: ...


class TerminalMode(Mode):
    """A user types, and reads what the others say."""

    def __init__(self, conversation: Conversation, write: Write, target: str | None, screen: Screen) -> None:
        super().__init__(conversation, write, target)
        self._screen = screen
        self._old: object = None  # the one-time password, until it is changed
        self._new: str | None = None  # the new password, after it was typed once

    @property
    def ready(self) -> bool:
        """Whether the previous request is answered, so that the next prompt shows the right channel."""
        return super().ready and all(asked["type"] == "message" for asked in self._conversation.pending.values())

    @property
    def prompt(self) -> str:
        if self._old is not None:
            return self._screen.translate(N_("New password: ") if self._new is None else N_("The same again: "))
        return f"{clean(self._target)}> "

    @property
    def hidden(self) -> bool:
        return self._old is not None

    def _choose(self, typed: str) -> None:
        """Read the new password, typed twice, that replaces the one-time password."""
        new, self._new = self._new, typed if self._new is None else None
        if new is None:
            return
        if new != typed:
            self._write([self._screen.translate(N_("The two are not the same."))])
            return
        self._conversation.ask({"type": "password", "old": self._old, "new": new})

    def _say(self, text: str) -> None:
        if self._old is not None:
            self._choose(text)
            return
        try:
            typed = read(text, self._target)
        except Misused as command:
            self._write(self._screen.misused(command.usage))
            return
        if isinstance(typed, Retarget):
            self._target = typed.target
        elif isinstance(typed, Help):
            self._write(self._screen.help())
        elif isinstance(typed, Exit):
            self._end()
        else:
            self._conversation.ask(typed)

    def _hear(self, event: ClientEvent) -> None:
        if isinstance(event, RequestRefused) and event.received.get("code") == "already_member" and event.request:
            event = RequestGranted({"type": "join"}, event.request)  # "already a member" counts as a success
        if isinstance(event, ConversationOpened):
            if event.received.get("must_change") is True:
                self._old = event.request.get("password")
            else:
                self._enter()
        elif isinstance(event, RequestGranted):
            self._follow(event)
        if self._conversation.opened:
            self._write(self._screen.lines(event))
        if isinstance(event, ConversationOpened) and self._old is not None:
            self._write([self._screen.translate(N_("Your password was for one time: choose another one now."))])

    def _enter(self) -> None:
        """Join the channel that the user chose."""
        if self._target and self._target.startswith("#"):
            self._conversation.ask({"type": "join", "channel": self._target})

    def _follow(self, event: RequestGranted) -> None:
        """Set the target to the channel that was joined."""
        if event.request["type"] == "password" and self._old is not None:
            self._old = None
            self._write([self._screen.translate(N_("The password is changed."))])
            self._enter()
        asked, channel = event.request["type"], event.received.get("channel", event.request.get("channel"))
        if asked in {"join", "create"} and event.received.get("status") != "pending" and isinstance(channel, str):
            self._target = channel
        elif asked == "leave" and channel == self._target:
            self._target = None


class PipeMode(Mode):
    """Every line is a message; the server must acknowledge every message, in order.

    If the server limits the rate, messages are sent one by one, so that none overtakes one that has to wait.
    """

    _window = 1

    def __init__(
        self, conversation: Conversation, write: Write, target: str | None, clock: Callable[[], float]
    ) -> None:
        super().__init__(conversation, write, target)
        self._clock = clock
        self._again: deque[Object] = deque()
        self._again_at = 0.0

    @property
    def ready(self) -> bool:
        return super().ready and not self._again and len(self._conversation.pending) < self._window

    @property
    def finished(self) -> bool:
        return super().finished and not self._again

    def resume(self) -> float | None:
        if not self._again or self._conversation.pending:
            return None
        if (pause := self._again_at - self._clock()) > 0:
            return pause
        self._conversation.ask(self._again[0])
        return None

    def _say(self, text: str) -> None:
        self._conversation.ask(message(text, self._target))

    def _hear(self, event: ClientEvent) -> None:
        if isinstance(event, ConversationOpened):
            if event.received.get("must_change") is True:
                raise Failure(_ONLY_AT_A_TERMINAL)
            limits = event.greeting.get("limits")
            if isinstance(limits, dict) and limits.get("messages_per_second") == 0:
                self._window = PIPELINE
        elif isinstance(event, RequestGranted) and self._is_again(event.request):
            self._again.popleft()
        elif isinstance(event, RequestRefused) and self._conversation.opened:
            self._refused(event)

    def _is_again(self, request: Object) -> bool:
        return bool(self._again) and request is self._again[0]

    def _refused(self, event: RequestRefused) -> None:
        if event.request is None:
            raise Failure("{message}", message=error(event.received))
        if event.received.get("code") != "rate_limited":
            raise Failure(
                N_("“{content}” was refused: {message}"),
                content=clean(event.request.get("content")),
                message=error(event.received),
            )
        self._window = 1
        if not self._is_again(event.request):
            self._again.append(event.request)
        seconds = event.received.get("retry_after")
        self._again_at = self._clock() + (min(seconds, LATEST) if isinstance(seconds, int | float) else LATER)


_ONLY_AT_A_TERMINAL = N_(
    "This password was for one time, and is used now. Have an administrator make another one, and change it at a "
    "terminal: classcord chat USER@HOST"
)


class ScriptMode(Mode):
    """Writes every received object as one line of ASCII JSON; an input line that is an object is sent unchanged.

    Other lines are messages. At the end of the input, a last `ping` makes sure that objects without an id were
    answered.
    """

    def _say(self, text: str) -> None:
        sent = parse(text)
        if sent is None:
            self._conversation.ask(message(text, self._target))
        else:
            self._conversation.pass_on(sent)

    def _end(self) -> None:
        super()._end()
        self._conversation.ask({"type": "ping"})

    def _hear(self, event: ClientEvent) -> None:
        self._write([json_text(event.received, compact=True, only_ascii=True)])
