"""The ports of a session: listener, encoder, dialect and its traits; services, faces and wire/ fill them.

Knows no transport.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Protocol, TypeVar

import msgspec

if TYPE_CHECKING:
    from classcord.chat.errors import ChatError
    from classcord.chat.events import Answer, Event
    from classcord.chat.requests import Request

Chunk = TypeVar("Chunk")
"""A piece of a session's output: bytes on a connection, a tuple of objects within the process."""
Chunk_contra = TypeVar("Chunk_contra", contravariant=True)
"""The same, for a port that only takes chunks."""


class Traits(msgspec.Struct, frozen=True, kw_only=True):
    """The differences between dialects: rules and services ask for a trait, never for a dialect by its name."""

    name: str
    """The dialect's name in the list of sessions; chat/words.py has its translation."""
    acknowledges: bool
    """A message is answered when it is stored (PROTOCOL.md, `ack`); otherwise its author only hears of failures."""
    history_at_join: bool
    """The channels' history follows the first `users` after a login; otherwise the client asks for it."""
    kept_at_login: bool
    """Kept private messages follow the login at once; otherwise they follow `users`, or come some seconds later."""
    resumes: bool
    """A login is answered with a token, by which the session can be resumed on another connection."""
    mirrors_own: bool
    """A private message reaches its author's other sessions too."""
    answers_same_state: bool
    """A `status` that changes nothing is answered."""
    hears_own_state: bool
    """A `status` is answered, and told to its author's other sessions; otherwise nobody hears their own state."""
    enters_by_message: bool
    """A first message without a login gives its author a name; otherwise it is refused."""
    commands_in_text: bool
    """A text such as `/join #dev` is a command, because its clients have no button for it."""
    lists_elsewhere: bool
    """A client that sends `status` before its first `users` reads that list elsewhere, and shows bursts badly."""
    spells_own_name: bool
    """People read their own name as they typed it; otherwise as it is written in the account or for the guest."""
    shows_refusals: bool
    """Its clients show the refusal of a message as an error; otherwise the author gets a notice with its code."""
    shows_errors: bool
    """Its clients show errors to a person who is logged in; otherwise a notice says why the connection ends."""


NATIVE = Traits(
    name="modern",
    acknowledges=True,
    history_at_join=False,
    kept_at_login=True,
    resumes=True,
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
"""The traits of clients written for this server, and of sessions within the process."""


class Encoder(Protocol[Chunk]):
    """Makes chunks of events; one object serves all listeners to which an event is told in the same way."""

    def event(self, event: Event) -> Chunk:
        """Return the event's chunk; an empty one if there are no words for it."""

    def earlier(self, event: Event, now: float) -> Chunk:
        """Return the chunk of a message from before the session came; `now` is in seconds since 1970."""

    def parts(self, chunk: Chunk) -> Iterable[Chunk]:
        """Split a joined chunk into its chunks, each of one event or answer."""

    def join(self, chunks: Iterable[Chunk]) -> Chunk:
        """Return these chunks as one, in their order."""


class Sink(Protocol[Chunk_contra]):
    """Where chunks are written."""

    def write(self, chunk: Chunk_contra, /) -> None:
        """Send a chunk, or keep it until it can be sent. Never blocks; does nothing after a close."""


class Listener(Protocol[Chunk]):
    """The receiver of a session's answers and events.

    `encoder` encodes events, once for all listeners with the same encoder; the listener itself encodes answers and
    errors, because they are for this session alone. The chunks are then written, in the order of the chat.
    """

    @property
    def traits(self) -> Traits:
        """The traits of its dialect."""

    @property
    def encoder(self) -> Encoder[Chunk]:
        """The encoder that makes chunks of events for it."""

    @property
    def sink(self) -> Sink[Chunk]:
        """Where its chunks are written at present.

        A group's fan-out writes there, not to the listener: it visits every listener, and each object on the way costs.
        """

    @property
    def waiting(self) -> int:
        """The number of bytes that are written and not yet sent."""

    @property
    def portion(self) -> int:
        """The number of kept messages that its client shows when they are written together."""

    def answer(self, request: Request, answer: Answer) -> Chunk:
        """Return the answer's chunk; an empty one if the dialect gives no answer."""

    def error(self, error: ChatError, request: Request | None) -> Chunk:
        """Return the refusal's chunk."""

    def write(self, chunk: Chunk) -> None:
        """Write a chunk to the sink."""

    def close(self, *, after: float) -> None:
        """End the connection when everything is sent, at the latest after `after` seconds."""

    def pause(self) -> None:
        """Read no more from the connection for now."""

    def resume(self) -> None:
        """Read on."""

    def speak(self, language: str, encoding: str) -> None:
        """From the next chunk on, speak as a `hello` has asked."""

    def pace(self, lasts: Callable[[], bool]) -> None:
        """Put a pause between the lines of a burst, as long as `lasts` says so and until `speak`."""

    def when_written(self, then: Callable[[], None]) -> None:
        """Call `then` when what was written waits for no pause any more; at once if nothing does.

        It is not called if lines that wait are lost with their connection.
        """

    def mark(self) -> int | None:
        """Return the position behind what was written; None if no machine acknowledges it: then it has arrived.

        Positions grow. After a close, and for what the connection did not take, it is one that is never acknowledged.
        """

    def acknowledged(self) -> int:
        """Return the position up to which the peer's machine has acknowledged everything.

        Once the connection is lost, the answer is what was known of it last.
        """

    def was_silent(self) -> bool:
        """Return whether nothing was written since the last call, which may cost the next write a little."""

    def give_up_after(self, seconds: float) -> None:
        """Have the connection end when its peer's machine leaves data unacknowledged for so long."""


class Addressee(Protocol):
    """The part of a session that its dialect may know."""

    @property
    def name(self) -> str:
        """Its present name, "" while it has none."""


class Dialect(Protocol):
    """How one session's requests, answers and events are written in bytes; wire/ has the dialects.

    A dialect that remembers nothing of a session is one object for all sessions. A dialect that does, as IRC remembers
    the nick, is one object for each session, and these objects share one encoder.
    """

    @property
    def traits(self) -> Traits:
        """Its traits."""

    @property
    def encoder(self) -> Encoder[bytes]:
        """The encoder that makes lines of events, for all sessions with the same language and encoding."""

    def begin(self, session: Addressee) -> Dialect:
        """Return the dialect object for one session."""

    def decode(self, line: bytes) -> Request:
        """Return the request in a line; ChatError if there is none that can be understood."""

    def answer(self, request: Request, answer: Answer) -> bytes:
        """Return the answer's line, or b"" if this dialect gives no answer."""

    def error(self, error: ChatError, request: Request | None) -> bytes:
        """Return the refusal's line."""

    def after_hello(self, language: str, encoding: str) -> Dialect:
        """Return the dialect that follows a `hello`."""
