"""How events look in a terminal: one or several lines each, in the reader's language and local time.

Other users' text is shown without characters that control the terminal or reverse the line. Knows no terminal: it
returns strings. Unknown events are not shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime

from classcord.chat import words
from classcord.chat.text import N_, Translate
from classcord.cli.chat.conversation import ClientEvent, ConversationOpened, Object, RequestGranted, RequestRefused
from classcord.cli.chat.slash import COMMANDS

_COMMANDING = (
    *range(0x20),  # C0: escape sequences begin here
    *range(0x7F, 0xA0),  # C1: and here, on 8-bit terminals
    *range(0x2028, 0x202F),  # line and paragraph separators; bidirectional embeddings and overrides
    *range(0x2066, 0x206A),  # bidirectional isolates
)
_HARMLESS = dict.fromkeys(_COMMANDING, "\N{REPLACEMENT CHARACTER}") | {ord("\t"): " "}
_NEXT_LINE = "\n      │ "  # so that a line of a message cannot imitate a message

_COMING_AND_GOING = {"online": N_("{name} is here."), "offline": N_("{name} has left.")}
_STATE = N_("{name} is shown as “{state}”.")


def clean(text: object) -> str:
    """Return a user's text as one line without control characters; "" if it is not a text."""
    return text.translate(_HARMLESS) if isinstance(text, str) else ""


def error(received: Object) -> str:
    """Return the server's sentence about a refusal, or its code if there is no sentence."""
    return clean(received.get("message")) or clean(received.get("code")) or "?"


class Screen:
    """The words for each kind of event, through `translate`; `day` is the day of the start (ISO 8601)."""

    def __init__(self, translate: Translate, day: str) -> None:
        self._ = translate
        self._day = day  # of the last message that was shown
        self._presence = ""  # the last line about somebody who came or left: the server may repeat it
        self._views = {
            "message": self._message,
            "edited": self._edited,
            "deleted": self._deleted,
            "history": self._history,
            "system": self._system,
            "status": self._status,
            "joined": self._joined,
            "left": self._left,
            "topic": self._topic,
            "join": self._entered,
            "create": self._entered,
            "leave": self._left,
            "users": self._users,
            "members": self._members,
            "channels": self._channels,
        }
        self._answers = self._views | {"status": self._status_set}

    def translate(self, text: str) -> str:
        """Return one of our own sentences in the reader's language."""
        return self._(text)

    def lines(self, event: ClientEvent) -> list[str]:
        """Return the lines for an event; fields that an answer does not repeat are read from its request."""
        if isinstance(event, ConversationOpened):
            return list(self._welcome(event))
        if isinstance(event, RequestRefused):
            return [f"! {error(event.received)}"]
        if isinstance(event, RequestGranted):
            return list(_view(self._answers, {**event.request, **event.received}))
        return list(_view(self._views, event.received))

    def help(self) -> list[str]:
        """Return the list of all commands."""
        rows = [(self._(command.usage), self._(command.summary)) for command in COMMANDS.values()]
        rows.append((self._("//TEXT"), self._("write a line that begins with a slash")))
        width = max(len(usage) for usage, _summary in rows)
        return [f"{usage:<{width}}  {summary}" for usage, summary in rows]

    def misused(self, usage: str) -> list[str]:
        """Return the usage of a command."""
        return ["! " + self._("Try: {usage}").format(usage=self._(usage))]

    def _welcome(self, opened: ConversationOpened) -> Iterator[str]:
        server = clean(opened.greeting.get("server")) or "ClassCord"
        name = _name({**opened.request, **opened.received})
        yield "* " + self._("{server}: you are {name}. /help lists the commands.").format(server=server, name=name)
        if motd := clean(opened.greeting.get("motd")):
            yield f"* {motd}"

    def _message(self, seen: Object) -> Iterator[str]:
        if seen.get("subtype") == "system":
            yield from self._system(seen)
            return
        if seen.get("subtype") == "private":
            head = f"{clean(seen.get('from'))} → {clean(seen.get('to'))}:"
        else:
            head = f"{clean(seen.get('channel'))} <{clean(seen.get('from'))}>".lstrip()
        sent = _sent(seen)
        if sent and self._day != (day := sent.date().isoformat()):
            self._day = day
            yield f"--- {day} ---"
        content = self._("(deleted)") if seen.get("deleted") is True else _content(seen)
        if isinstance(file := seen.get("file"), dict):
            content = f"{content} [{clean(file.get('name'))}] {clean(file.get('link'))}".strip()
        if "edited_at" in seen:
            content = self._("(edited) {content}").format(content=content)
        yield f"{f'{sent:%H:%M}' if sent else '--:--'} {head} {content}"

    def _edited(self, seen: Object) -> Iterator[str]:
        subtype = "private" if "user" in seen else "channel"
        yield from self._message({**seen, "subtype": subtype, "timestamp": seen.get("edited_at")})

    def _deleted(self, seen: Object) -> Iterator[str]:
        name = clean(seen.get("from"))
        if "user" in seen:
            yield "* " + self._("{name} has deleted a private message.").format(name=name)
        else:
            sentence = self._("{name} has deleted a message in {channel}.")
            yield "* " + sentence.format(name=name, channel=clean(seen.get("channel")))

    def _history(self, seen: Object) -> Iterator[str]:
        messages = _objects(seen.get("messages"))
        if not messages:
            yield "* " + self._("No messages yet.")
            return
        self._day = ""
        for message in messages:
            yield from self._message(message)

    def _system(self, seen: Object) -> Iterator[str]:
        if (content := _content(seen)) != self._presence:
            yield f"* {content}"

    def _status(self, seen: Object) -> Iterator[str]:
        state = clean(seen.get("state"))
        sentence = self._(_COMING_AND_GOING.get(state, _STATE))
        self._presence = sentence.format(name=_name(seen), state=self._word("state", state))
        yield f"* {self._presence}"

    def _status_set(self, seen: Object) -> Iterator[str]:
        yield "* " + self._("The others see you as “{state}”.").format(
            state=self._word("state", clean(seen.get("state")))
        )

    def _joined(self, seen: Object) -> Iterator[str]:
        yield "* " + self._("{name} joined {channel}.").format(name=_name(seen), channel=clean(seen.get("channel")))

    def _left(self, seen: Object) -> Iterator[str]:
        channel = clean(seen.get("channel"))
        if name := _name(seen):
            yield "* " + self._("{name} left {channel}.").format(name=name, channel=channel)
        else:
            yield "* " + self._("You left {channel}.").format(channel=channel)

    def _topic(self, seen: Object) -> Iterator[str]:
        sentence = self._("The topic of {channel}: {topic}")
        if name := _name(seen):
            sentence = self._("{name} changed the topic of {channel}: {topic}")
        topic = clean(seen.get("topic")) or "—"
        yield "* " + sentence.format(name=name, channel=clean(seen.get("channel")), topic=topic)

    def _entered(self, seen: Object) -> Iterator[str]:
        sentence = self._("You are in {channel}. What you type goes there.")
        if seen.get("status") == "pending":
            sentence = self._("You asked to enter {channel}; somebody has to let you in.")
        yield "* " + sentence.format(channel=clean(seen.get("channel")))
        if topic := clean(seen.get("topic")):
            yield f"* {topic}"

    def _users(self, seen: Object) -> Iterator[str]:
        yield "* " + self._("Here: {names}").format(names=_names(seen.get("users")) or self._("nobody"))

    def _members(self, seen: Object) -> Iterator[str]:
        names = _names(seen.get("members")) or self._("nobody")
        yield "* " + self._("In {channel}: {names}").format(channel=clean(seen.get("channel")), names=names)

    def _channels(self, seen: Object) -> Iterator[str]:
        for channel in _objects(seen.get("channels")):
            kind = self._word("kind", clean(channel.get("kind"))) or "?"
            if channel.get("member"):
                kind = self._("{kind}; you are in it").format(kind=kind)
            yield f"  {_name(channel)} ({kind}) {clean(channel.get('topic'))}".rstrip()

    def _word(self, field: str, code: str) -> str:
        """Return the word for one of the server's codes in the reader's language."""
        known = words.word(field, code)
        return code if known is None else known.render(self._)


_View = Callable[[Object], Iterable[str]]


def _view(views: Mapping[str, _View], seen: Object) -> Iterable[str]:
    kind = seen.get("type")
    view = views.get(kind) if isinstance(kind, str) else None
    return view(seen) if view else ()


def _name(seen: object) -> str:
    """Return a name, which is a string or a field of an object."""
    if isinstance(seen, dict):
        seen = next((seen[key] for key in ("user", "username", "name") if key in seen), "")
    return clean(seen)


def _names(seen: object) -> str:
    return ", ".join(map(_name, seen)) if isinstance(seen, list) else ""


def _objects(seen: object) -> list[Object]:
    return [item for item in seen if isinstance(item, dict)] if isinstance(seen, list) else []


def _content(seen: Object) -> str:
    content = seen.get("content")
    return _NEXT_LINE.join(map(clean, content.splitlines())) if isinstance(content, str) else ""


def _sent(seen: Object) -> datetime | None:
    """Return the local time of a timestamp (RFC 3339); None if it is not one."""
    try:
        return datetime.fromisoformat(str(seen.get("timestamp")).replace("Z", "+00:00")).astimezone()
    except (ValueError, OverflowError, OSError):
        return None
