"""What a line typed in the terminal means: a message, or a command that begins with a slash.

`COMMANDS` lists all commands; /help is generated from it. Knows no terminal and no answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec

from classcord.chat.text import N_
from classcord.chat.words import CHANNEL_KINDS, STATES
from classcord.cli.chat.conversation import Object, message
from classcord.language import code_of


class Misused(Exception):
    """A command with missing or wrong arguments; `usage` shows its form."""

    def __init__(self, usage: str) -> None:
        self.usage = usage
        super().__init__(usage)


class Retarget(msgspec.Struct, frozen=True):
    """Set the target of the next messages: this #channel or user, or everyone (None)."""

    target: str | None


class Help(msgspec.Struct, frozen=True):
    """Show the commands."""


class Exit(msgspec.Struct, frozen=True):
    """End the program."""


Typed = Object | Retarget | Help | Exit
_Reading = Callable[[str, "str | None"], "Typed | None"]


class SlashCommand(msgspec.Struct, frozen=True):
    """`read` turns the text after the name, and the current target, into a request; None if the text is wrong."""

    usage: str
    summary: str
    read: _Reading


def read(line: str, target: str | None) -> Typed:
    """Parse a line; raises Misused if it cannot be understood."""
    if not line.startswith("/"):
        return message(line, target)
    if line.startswith("//"):
        return message(line[1:], target)
    name, _space, rest = line[1:].partition(" ")
    command = COMMANDS.get(name.lower())
    if command is None:
        raise Misused("/help")
    typed = command.read(rest.strip(), target)
    if typed is None:
        raise Misused(command.usage)
    return typed


def _msg(rest: str, _target: str | None) -> Typed | None:
    match = re.fullmatch(r'(?:"([^"]+)"|(\S+))\s+(.+)', rest)
    return message(match[3], match[1] or match[2]) if match else None


def _to(rest: str, _target: str | None) -> Typed:
    return Retarget(rest.strip('"') or None)


def _on_channel(request: str) -> _Reading:
    """Parse a command about one channel: the channel in the text, else the current target."""

    def read_channel(rest: str, target: str | None) -> Typed | None:
        channel = rest or target
        return {"type": request, "channel": channel} if _is_channel(channel) else None

    return read_channel


def _create(rest: str, _target: str | None) -> Typed | None:
    channel, _space, kind = rest.partition(" ")
    return {"type": "create", "channel": channel, "kind": _kind(kind)} if _is_channel(channel) else None


def _kind(word: str) -> str:
    return code_of(word.strip(), CHANNEL_KINDS) or "open"


def _topic(rest: str, target: str | None) -> Typed | None:
    if _is_channel(rest):
        target, _space, rest = rest.partition(" ")
    if target is not None and not _is_channel(target):
        return None
    where: Object = {} if target is None else {"channel": target}  # the server knows which channel "everyone" is
    return {"type": "topic", **where, "topic": rest.strip()} if rest else {"type": "topic", **where}


def _who(rest: str, _target: str | None) -> Typed | None:
    if not rest:
        return {"type": "users"}
    return {"type": "members", "channel": rest} if _is_channel(rest) else None


def _history(rest: str, target: str | None) -> Typed | None:
    match = re.fullmatch(r'(?:"([^"]+)"|(?![0-9]{1,9}$)(\S+))?\s*([0-9]{1,9})?', rest)
    if match is None:
        return None
    place = match[1] or match[2] or target
    where: Object = {} if place is None else {"channel" if _is_channel(place) else "user": place}
    return {"type": "history", **where, "limit": int(match[3] or 20)}


def _is_channel(name: str | None) -> bool:
    return name is not None and len(name) > 1 and name.startswith("#")


COMMANDS: dict[str, SlashCommand] = {
    "msg": SlashCommand(N_("/msg NAME TEXT"), N_("write to one person; a name of several words in quotes"), _msg),
    "to": SlashCommand(N_("/to [#CHANNEL|NAME]"), N_("choose whom the lines you type are for; alone, everyone"), _to),
    "join": SlashCommand(N_("/join #CHANNEL"), N_("enter a channel"), _on_channel("join")),
    "leave": SlashCommand(N_("/leave [#CHANNEL]"), N_("leave a channel"), _on_channel("leave")),
    "create": SlashCommand(N_("/create #CHANNEL [open|private|approval]"), N_("make a channel"), _create),
    "topic": SlashCommand(N_("/topic [#CHANNEL] [TEXT]"), N_("read or set the topic of a channel"), _topic),
    "who": SlashCommand(N_("/who [#CHANNEL]"), N_("list the people who are here, or the members of a channel"), _who),
    "channels": SlashCommand("/channels", N_("list the channels"), lambda _rest, _target: {"type": "channels"}),
    "history": SlashCommand(N_("/history [#CHANNEL|NAME] [20]"), N_("read the last messages"), _history),
    "status": SlashCommand(
        N_("/status STATE"),
        N_("say how present you are: online, away, dnd, invisible…"),
        lambda rest, _target: {"type": "status", "state": code_of(rest, STATES)} if rest else None,
    ),
    "help": SlashCommand("/help", N_("show this list"), lambda _rest, _target: Help()),
    "quit": SlashCommand("/quit", N_("leave"), lambda _rest, _target: Exit()),
}
