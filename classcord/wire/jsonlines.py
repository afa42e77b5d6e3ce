"""The ClassCord protocol: one JSON object a line, in its classic and its modern dialect.

Knows what lines mean, not who may ask nor what the effects are. Source: PROTOCOL.md and its numbered classic rules.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable
from datetime import datetime, tzinfo
from typing import Annotated, Any, ClassVar, TypeVar

import msgspec

from classcord.chat.channels.vocabulary import Joined, Left, MembersListed, Who
from classcord.chat.connections.vocabulary import Heartbeat, Hello
from classcord.chat.conversations.vocabulary import Hidden, MarkerMoved
from classcord.chat.errors import ChatError, UnknownType
from classcord.chat.events import Answer, Event, Notice, Time, written_as
from classcord.chat.files.in_words import in_words
from classcord.chat.held_messages.vocabulary import HeldGone, Waiting
from classcord.chat.join_requests.vocabulary import JoinRequestChanged
from classcord.chat.lessons.telling import sentence as lesson_sentence
from classcord.chat.lessons.vocabulary import LessonTold
from classcord.chat.messages.vocabulary import Acknowledged, Said, SayPrivately
from classcord.chat.pins.vocabulary import Pinned
from classcord.chat.ports import NATIVE, Addressee, Traits
from classcord.chat.presence.vocabulary import StatusChanged
from classcord.chat.privacy.vocabulary import Erased
from classcord.chat.profiles.vocabulary import ProfileChanged
from classcord.chat.quiet_hours.telling import sentence as quiet_hours_sentence
from classcord.chat.quiet_hours.vocabulary import QuietHoursChanged
from classcord.chat.reactions.vocabulary import Reaction
from classcord.chat.reports.vocabulary import Reported
from classcord.chat.requests import Request
from classcord.chat.resuming.vocabulary import Gap, MarksChanged
from classcord.chat.revisions.vocabulary import Deleted, Edited
from classcord.chat.rights.vocabulary import RightsChanged
from classcord.chat.subjects import WIRE
from classcord.chat.text import N_, Text
from classcord.chat.text_commands.vocabulary import Explained
from classcord.chat.typing_notifications.vocabulary import Typing
from classcord.language import translator
from classcord.wire.decoding import decode, fast_decode
from classcord.wire.misspelt import check_fields
from classcord.wire.sentences import SENTENCES
from classcord.wire.values import written

_encode = msgspec.json.Encoder().encode


_TYPE = re.compile(rb'"type"\s*:\s*"\w+"')
_TYPES = frozenset(str(kind.__struct_config__.tag) for kind in WIRE)
_OLDER: frozenset[type[Request]] = frozenset({SayPrivately, Who})  # their types: classic rule 26
_NOTED = _OLDER | {Hello}


class ClassicMessage(msgspec.Struct, frozen=True, omit_defaults=True, gc=False, rename={"sender": "from"}):
    """The fields that every classic client reads; each is always a string (rule 6)."""

    type: Annotated[str, written_as(enum=["message", "private", "system"])]
    subtype: Annotated[str, written_as(enum=["global", "private", "system"])]
    to: str
    content: str
    sender: str
    timestamp: Time
    channel: str | None = None
    code: str | None = None


_Lines = TypeVar("_Lines", bound="JSONLines")


class JSONLines:
    """What both dialects share. Lines are ASCII, unless asked otherwise.

    Java on Windows reads windows-1252 (rule 9). A dialect says the same to every session, so one object serves all of
    them, and is its own encoder.
    """

    traits: ClassVar[Traits]

    def __init__(self, language: str, timezone: tzinfo, encoding: str = "ascii") -> None:
        self.language = language
        self._translate = translator(language)
        self._timezone = timezone
        self._ascii = encoding != "utf-8"
        self._written = functools.lru_cache(maxsize=64)(self._formatted)  # under load many messages have one time

    def _formatted(self, timestamp: str) -> str:
        """Return a time as classic clients print it: of the server's zone, with its offset (rule 23)."""
        return self._local(timestamp).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def _local(self, timestamp: str) -> datetime:
        return datetime.fromisoformat(timestamp.replace("Z", "+00:00")).astimezone(self._timezone)

    @property
    def encoder(self: _Lines) -> _Lines:
        return self

    def begin(self: _Lines, session: Addressee) -> _Lines:  # noqa: ARG002
        return self

    def decode(self, line: bytes) -> Request:
        return decode(line)

    join = staticmethod(b"".join)

    def parts(self, chunk: bytes) -> list[bytes]:
        return chunk.splitlines(keepends=True)

    def _line(self, value: object) -> bytes:
        line = _encode(value)
        if self._ascii and not line.isascii():  # again, with the one library that escapes
            line = json.dumps(msgspec.to_builtins(value), separators=(",", ":")).encode("ascii")
        return line + b"\n"

    def _fields(self, error: ChatError) -> dict[str, Any]:
        fields: dict[str, Any] = {"type": "error", "code": error.code, "message": error.text.render(self._translate)}
        if error.field is not None:
            fields["field"] = error.field
        if error.retry_after is not None:
            fields["retry_after"] = written(error.retry_after)
        if error.until is not None:
            fields["until"] = error.until
        return fields

    def _answer(self, request: Request, answer: Answer) -> dict[str, Any]:
        fields: dict[str, Any] = {"type": request.answered_as or request.wire_name}
        for name, value in msgspec.structs.asdict(answer).items():
            if value is not None:
                fields[name] = value.render(self._translate) if isinstance(value, Text) else written(value)
        if isinstance(request, Who) and isinstance(answer, MembersListed):
            fields["users"] = answer.online
        return fields

    def after_hello(self, language: str, encoding: str) -> Modern:
        return modern(language, self._timezone, encoding)


class Classic(JSONLines):
    """The dialect of clients that were written for the older classroom server."""

    traits = Traits(
        name="classic",
        acknowledges=False,  # rule 7
        history_at_join=True,  # rule 16
        kept_at_login=False,  # rule 16: they come in order within the history
        resumes=False,
        mirrors_own=False,
        answers_same_state=False,  # rule 11: an answer would reset the selected recipient in three of the clients
        hears_own_state=False,  # rule 7: any `status` resets it in five of seven
        enters_by_message=True,  # rules 13 and 28
        commands_in_text=True,  # rule 27
        lists_elsewhere=True,  # rule 22
        spells_own_name=True,  # rule 21
        shows_refusals=False,  # rule 24
        shows_errors=False,
    )

    def __init__(self, language: str, timezone: tzinfo, used: frozenset[type[Request]] = frozenset()) -> None:
        """`used` are the older requests that its clients have sent, out of SayPrivately and Who: rule 26."""
        super().__init__(language, timezone)
        self._used = used

    def begin(self, session: Addressee) -> ClassicSession:  # type: ignore[override]  # noqa: ARG002
        return ClassicSession(self)

    def after(self, request: Request) -> Classic:
        """Return the dialect of a client that has sent this, too: it knows what is named like its own requests."""
        return classic(self.language, self._timezone, self._used | ({type(request)} & _OLDER))

    def decode(self, line: bytes) -> Request:
        """Return the request in a line, whose type may be in upper case (rule 18)."""
        try:
            return decode(line)
        except UnknownType as error:
            asked = error.request_type
            if asked.lower() not in _TYPES or asked.lower() == asked:
                raise
            return decode(_TYPE.sub(lambda found: found[0].lower(), line))

    def event(self, event: Event) -> bytes:
        """Return the event's line, or b"" for an event that these clients do not know."""
        write = self._EVENTS.get(type(event))
        if write is not None:
            return write(self, event)
        say = SENTENCES.get(type(event))
        words = say(event) if say is not None else None
        return b"" if words is None else self._system(words.render(self._translate), event.timestamp)  # type: ignore[attr-defined]

    def earlier(self, event: Event, now: float) -> bytes:
        """Return the line of an earlier message: its content begins with the time, before today with the day (rule 23).

        Not with more: a bubble of 35 characters cuts the text off. A deleted message is left out.
        """
        if not isinstance(event, Said):
            return self.event(event)
        if event.deleted is True:
            return b""
        then, today = self._local(event.timestamp), datetime.fromtimestamp(now, self._timezone)
        when = then.strftime("%H:%M" if then.date() == today.date() else "%d/%m %H:%M")
        return self._said(event, f"[{when}] {event.content}")

    def answer(self, request: Request, answer: Answer) -> bytes:
        """Return the answer's line; a message gets none (rule 7), a command in its text notices (rule 27)."""
        if isinstance(answer, Explained):
            notices = (Notice(content=each, timestamp=answer.told_at) for each in answer.sentences)
            return b"".join(map(self._notice, notices))
        if isinstance(answer, Waiting):
            return self._notice(Notice(content=answer.content, timestamp=answer.timestamp))
        return b"" if isinstance(answer, Acknowledged) else self._line(self._answer(request, answer))

    def error(self, error: ChatError, request: Request | None) -> bytes:
        """Return the error's line.

        Its text under both field names that clients read, with the words that they look for (rule 2). A refused `hello`
        has its `id`: whoever sends one waits for it.
        """
        fields = self._fields(error)
        message = fields["message"]
        if error.marker not in message:
            message = self._translate(N_("{marker}: {why}")).format(
                marker=error.marker, why=message[:1].lower() + message[1:]
            )
        fields |= {"message": message, "error": message}
        is_hello = isinstance(request, Hello) or error.request_type == "hello"
        return self._line(_with_id(request, fields) if is_hello else fields)

    def _said(self, event: Said, content: str | None = None) -> bytes:
        private = event.subtype == "private"
        return self._line(
            ClassicMessage(
                "private" if private and SayPrivately in self._used else "message",
                "private" if private else "global",
                event.to if private else "global",
                in_words(event, self._translate, content),
                event.sender,
                self._written(event.timestamp),
                event.channel if event.subtype == "channel" else None,
            )
        )

    def _notice(self, event: Notice) -> bytes:
        return self._system(event.content.render(self._translate), event.timestamp, event.code)

    def _lesson(self, event: LessonTold) -> bytes:
        when = self._when(event.until, event.timestamp)
        return self._system(lesson_sentence(event, when).render(self._translate), event.timestamp)

    def _quiet_hours(self, event: QuietHoursChanged) -> bytes:
        when = "" if event.until is None else self._when(event.until, event.timestamp)
        return self._system(quiet_hours_sentence(event, when).render(self._translate), event.timestamp)

    def _when(self, until: str, told: str) -> str:
        """Return a time as people read it, with its day if it is another one."""
        at = self._local(until)
        return at.strftime("%H:%M" if at.date() == self._local(told).date() else "%d/%m %H:%M")

    def _edited(self, event: Edited) -> bytes:
        """Return the line of an edit: a message of its author, which says that it is no new one."""
        return self._line(
            ClassicMessage(
                "private" if event.to is not None and SayPrivately in self._used else "message",
                "global" if event.to is None else "private",
                event.to or "global",
                self._translate(N_("(edited) {content}")).format(content=event.content),
                event.sender,
                self._written(event.edited_at),
                event.channel,
            )
        )

    def _system(self, words: str, timestamp: str, code: str | None = None) -> bytes:
        """Return a text from the server in the form that all four clients show (rule 15)."""
        kind = "system" if Who in self._used else "message"
        return self._line(
            ClassicMessage(kind, "system", "global", words, "Serveur", self._written(timestamp), code=code)
        )

    _EVENTS: ClassVar[dict[type[Event], Callable[[Any, Any], bytes]]] = {
        Said: _said,
        StatusChanged: JSONLines._line,
        Notice: _notice,
        LessonTold: _lesson,
        QuietHoursChanged: _quiet_hours,
        Edited: _edited,
    }
    unheard: ClassVar[frozenset[type[Event]]] = frozenset(
        {
            Deleted,
            Erased,
            Gap,
            Heartbeat,
            HeldGone,
            Hidden,
            JoinRequestChanged,
            Joined,
            Left,
            MarkerMoved,
            MarksChanged,
            Pinned,
            ProfileChanged,
            Reaction,
            Reported,
            RightsChanged,
            Typing,
        }
    )
    """The event types that this dialect does not send."""


class ClassicSession:
    """The classic dialect with one session: it remembers which of the older requests its client knows (rule 26).

    Its encoder is one of four, which all sessions have in common that are told events alike.
    """

    traits = Classic.traits

    def __init__(self, encoder: Classic) -> None:
        self.encoder = encoder

    def begin(self, session: Addressee) -> ClassicSession:  # noqa: ARG002
        return self

    def decode(self, line: bytes) -> Request:
        try:
            request = fast_decode(line)  # nearly every line; of thousands a second, each call costs
        except (ValueError, RecursionError):
            request = self.encoder.decode(line)
        if type(request) in _NOTED:
            if type(request) is Hello:
                check_fields(line, request)
            self.encoder = self.encoder.after(request)
        return request

    def answer(self, request: Request, answer: Answer) -> bytes:
        return self.encoder.answer(request, answer)

    def error(self, error: ChatError, request: Request | None) -> bytes:
        return self.encoder.error(error, request)

    def after_hello(self, language: str, encoding: str) -> Modern:
        return self.encoder.after_hello(language, encoding)


class Modern(JSONLines):
    """The dialect after `hello`: events and answers as in chat/events.py, answers with their request's `id`."""

    traits = NATIVE

    def decode(self, line: bytes) -> Request:
        """Return the request in a line; a field that is nearly one of its fields is refused."""
        request = decode(line)
        check_fields(line, request)
        return request

    def event(self, event: Event) -> bytes:
        if isinstance(event, Notice):
            words = event.content.render(self._translate)
            known = {"code": event.code, "kind": event.kind}
            more = {name: value for name, value in known.items() if value is not None}
            return self._line({"type": "system", "content": words, "timestamp": event.timestamp, **more})
        return self._line(event)

    def earlier(self, event: Event, now: float) -> bytes:  # noqa: ARG002
        return self.event(event)

    def answer(self, request: Request, answer: Answer) -> bytes:
        return self._line(_with_id(request, self._answer(request, answer)))

    def error(self, error: ChatError, request: Request | None) -> bytes:
        return self._line(_with_id(request, self._fields(error)))


def _with_id(request: Request | None, fields: dict[str, Any]) -> dict[str, Any]:
    if request is not None and request.id is not msgspec.UNSET:
        fields["id"] = request.id
    return fields


@functools.cache
def classic(language: str, timezone: tzinfo, used: frozenset[type[Request]] = frozenset()) -> Classic:
    """Return the classic dialect: one object for all its sessions, so that the fan-out encodes once for them."""
    return Classic(language, timezone, used)


@functools.cache
def modern(language: str, timezone: tzinfo, encoding: str) -> Modern:
    """Return the modern dialect in one language and encoding; its sessions share the object."""
    return Modern(language, timezone, encoding)
