"""What a session has to hear by, and how it is spoken to: ports that services, faces and dialects fill.

Knows no transport.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol, TypeVar

import msgspec

if TYPE_CHECKING:
    from classcord.chat.errors import ChatError
    from classcord.chat.events import Answer, Event
    from classcord.chat.requests import Request

Chunk = TypeVar("Chunk")
"""A piece of what a session hears: bytes on a connection, a tuple of objects within the process."""


class Traits(msgspec.Struct, frozen=True, kw_only=True):
    """In what dialects differ for rules and services, which ask for a trait and never for a dialect by its name."""

    name: str
    """What administrators read in the list of sessions; chat/words.py has its translation."""
    acknowledges: bool
    """A message is answered when it is stored (PROTOCOL.md, `ack`); else its author hears of failures alone."""
    history_at_join: bool
    """The first `users` after a login is followed by the channels' history; else a client asks for it."""
    kept_at_login: bool
    """Kept private messages follow the login at once; else they follow `users`, or come some seconds later."""
    mirrors_own: bool
    """A private message reaches its author's other sessions as well."""
    answers_same_state: bool
    """A `status` that changes nothing is answered."""
    hears_own_state: bool
    """A `status` is answered, and told to the other sessions of who sent it; else nobody hears their own state."""
    enters_by_message: bool
    """The first message of nobody makes its author somebody; else it is refused."""
    commands_in_text: bool
    """A text such as `/join #dev` is a command: its clients have no button for that."""
    lists_elsewhere: bool
    """A `status` before the first `users` is of a client that reads its first list elsewhere, and bursts badly."""
    spells_own_name: bool
    """Whoever it is sent to reads their own name as they typed it; else as the account or the guest has it."""
    shows_refusals: bool
    """Its clients show the refusal of a message as an error; else the author is told by a notice with its code."""
    shows_errors: bool
    """Its clients show an error to somebody who is logged in; else a notice says why the connection ends."""


NATIVE = Traits(
    name="modern",
    acknowledges=True,
    history_at_join=False,
    kept_at_login=True,
    mirrors_own=True,
    answers_same_state=True,
    hears_own_state=True,
    enters_by_message=False,
    commands_in_text=False,
    lists_elsewhere=False,
    spells_own_name=False,
    shows_refusals=True,
    shows_errors=True,
)
"""What clients expect that are written for this server, and sessions within the process."""


class Encoder(Protocol[Chunk]):
    """Makes chunks of events; one object for all listeners that are told an event in the same way."""

    def event(self, event: Event) -> Chunk:
        """Return the event's chunk; an empty one if there are no words for it."""

    def earlier(self, event: Event, now: float) -> Chunk:
        """Return the chunk of a message that was said before the session came; `now` is in seconds since 1970."""

    def parts(self, chunk: Chunk) -> Iterable[Chunk]:
        """Return the chunks that one was joined of, each of one event or answer."""

    def join(self, chunks: Iterable[Chunk]) -> Chunk:
        """Return these chunks as one, in their order."""


class Listener(Protocol[Chunk]):
    """What a session has: it is given the session's answers, and the events that the session hears.

    Events are encoded by `encoder`, once for all listeners that have the same one; answers and errors are encoded by
    the listener itself, for they are the session's own. What was encoded is then written, in the order of the chat.
    """

    @property
    def traits(self) -> Traits:
        """What rules and services need to know of its dialect."""

    @property
    def encoder(self) -> Encoder[Chunk]:
        """What makes chunks of events for it."""

    @property
    def waiting(self) -> int:
        """How many bytes are written and not yet sent."""

    def answer(self, request: Request, answer: Answer) -> Chunk:
        """Return the answer's chunk; an empty one if the dialect gives none."""

    def error(self, error: ChatError, request: Request | None) -> Chunk:
        """Return the refusal's chunk."""

    def write(self, chunk: Chunk) -> None:
        """Send a chunk, or keep it until it can be sent. Never blocks; after a close it does nothing."""

    def close(self, *, after: float) -> None:
        """End the connection when all is sent, or `after` seconds later at the latest."""

    def pause(self) -> None:
        """Read no more from the connection for now."""

    def resume(self) -> None:
        """Read on."""

    def speak(self, language: str, encoding: str) -> None:
        """Speak as a `hello` has asked, from the next chunk on."""


class Addressee(Protocol):
    """What a dialect may know of the session that it speaks to."""

    @property
    def name(self) -> str:
        """Who it is at the moment, "" while it is nobody."""


class Dialect(Protocol):
    """How one session asks and is answered, in bytes; wire/ has the dialects.

    A dialect that has nothing to remember of a session is one object for all sessions. One that has, as IRC has the
    nick, is an object for each, and these have one encoder in common.
    """

    @property
    def traits(self) -> Traits:
        """What rules and services need to know of it."""

    @property
    def encoder(self) -> Encoder[bytes]:
        """What makes lines of events, for all who speak it in the same language and encoding."""

    def begin(self, session: Addressee) -> Dialect:
        """Return the dialect in which one session is spoken to."""

    def decode(self, line: bytes) -> Request:
        """Return what a line asks; ChatError if it asks nothing that can be understood."""

    def answer(self, request: Request, answer: Answer) -> bytes:
        """Return the answer's line, or b"" if this dialect gives none."""

    def error(self, error: ChatError, request: Request | None) -> bytes:
        """Return the refusal's line."""

    def after_hello(self, language: str, encoding: str) -> Dialect:
        """Return the dialect that follows a `hello`."""
