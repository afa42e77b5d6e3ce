"""Commands in the text of a message: each becomes the request that it stands for (classic rule 27).

That request is decided like any other, and the answer is sentences. Knows decisions only by the registry.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from classcord.chat import registry
from classcord.chat.channels.channel import Kind
from classcord.chat.channels.vocabulary import Channels, ChannelsListed, Join, Leave, Members, MembersListed
from classcord.chat.effects import Commit, Effect, Find, Reply
from classcord.chat.errors import NotAllowed
from classcord.chat.finding import visible_channel
from classcord.chat.messages.vocabulary import PrivateMessageAdded, Say
from classcord.chat.names import LONGEST, name_key
from classcord.chat.registry import applies, decides
from classcord.chat.reports import rules as reports
from classcord.chat.reports.telling import thanks
from classcord.chat.reports.vocabulary import Report, ToReportInText
from classcord.chat.text import N_, Text
from classcord.chat.text_commands.vocabulary import Explained, TalksIn
from classcord.chat.times import rfc3339

if TYPE_CHECKING:
    from classcord.chat.channels.channel import Channel
    from classcord.chat.events import Answer
    from classcord.chat.people import Person, Session
    from classcord.chat.records import Record
    from classcord.chat.requests import Request
    from classcord.chat.world import World

_COMMAND = re.compile(r"/([^\W\d_][\w-]*)(?:\s+|$)")  # not `/ `, `/etc/hosts`, `/2`, `/!\`
_SHOWN = 20  # characters of an unknown command in its refusal


def command(world: World, session: Session, request: Say, now: float) -> list[Effect] | None:
    """Return the effects of a text that is a command; None if it is no command."""
    found = _COMMAND.match(request.content)
    if found is None:
        return None
    word, rest = found[1].casefold(), request.content[found.end() :].strip()
    run = _COMMANDS.get(word)
    if run is not None:
        return run(world, session, request, rest, now)
    shown = word if len(word) <= _SHOWN else f"{word[:_SHOWN]}…"
    words = N_("There is no command /{word}; /help lists them. It was not handed out: a text begins with //{word}.")
    return [_told(request, now, Text(words, {"word": shown}))]


def may_be_command(content: str) -> bool:
    """Whether a text begins like a command, known or mistyped; in doubt it does."""
    return content[:1] == "/" and content[:2] != "//"


def talks_in(session: Session) -> int | None:
    """Return the channel to which a session's plain messages go; None if its dialect has no `/leave`."""
    channel_id = session.talks_in
    return channel_id if channel_id is None or session.traits.commands_in_text else None


@applies
def talks_there(world: World, record: TalksIn) -> list[Effect]:
    session = world.session_of(record)
    if session is not None:
        session.talks_in = record.channel_id
    return []


def without_escape(request: Say) -> Say:
    """Return the message with one slash at its beginning instead of two."""
    return msgspec.structs.replace(request, content=request.content[1:]) if request.content[:2] == "//" else request


def _told(request: Say, now: float, *sentences: Text) -> Effect:
    return Reply(request, Explained(sentences=sentences, told_at=rfc3339(int(now * 1000))))


def _decided(world: World, session: Session, meant: Request, now: float) -> list[Effect]:
    """Decide the request that a command stands for; ChatError if it is refused."""
    if not world.may(session.person, meant.permission):
        raise NotAllowed
    return registry.decision_of(type(meant))(world, session, meant, now)


def _talking(session: Session, channel_id: int | None, request: Say, now: float, sentence: Text) -> list[Effect]:
    """Return the change of where a session's plain messages go, and the sentence that says it."""
    done = Commit(session, (TalksIn(channel_id=channel_id),), request)
    return _answered([done], request, now, sentence)


def _answered(effects: list[Effect], request: Say, now: float, sentence: Text | None, *more: Record) -> list[Effect]:
    """Return the effects, with more records, and with a sentence as their answer, or without an answer."""
    at = rfc3339(int(now * 1000))
    answer = None if sentence is None else Explained(sentences=(sentence,), told_at=at)
    return [
        msgspec.structs.replace(each, records=(*each.records, *more), request=request, answer=answer)
        if isinstance(each, Commit) and each.request is not None
        else each
        for each in effects
    ]


def _person(session: Session) -> Person:
    assert session.person is not None
    return session.person


def _spoken_in(world: World, session: Session) -> Channel | None:
    channel_id = talks_in(session)
    return None if channel_id is None else world.state.channels_by_id.get(channel_id)


_GOES_THERE = N_("You are in {channel}: what you write to everyone goes there, until /leave or another /join.")
_TO_EVERYONE = N_("What you write goes to everyone again.")


def _join(world: World, session: Session, request: Say, rest: str, now: float) -> list[Effect]:
    if not rest:
        return [_told(request, now, Text(N_("/join needs the name of a channel: /join #dev")))]
    person = _person(session)
    channel = visible_channel(world, person, rest)
    if channel is world.state.default:
        return _talking(session, None, request, now, Text(_TO_EVERYONE))
    there = Text(_GOES_THERE, {"channel": channel.name})
    if world.state.is_member(channel, person):
        return _talking(session, channel.id, request, now, there)
    effects = _decided(world, session, Join(channel=channel.name), now)
    if channel.kind is Kind.APPROVAL:  # a notice already says that the request waits
        return _answered(effects, request, now, None)
    return _answered(effects, request, now, there, TalksIn(channel_id=channel.id))


def _leave(world: World, session: Session, request: Say, rest: str, now: float) -> list[Effect]:
    person, spoken_in = _person(session), _spoken_in(world, session)
    if not rest and spoken_in is None:  # it may have been deleted
        return _talking(session, None, request, now, Text(_TO_EVERYONE))
    channel = visible_channel(world, person, rest) if rest else spoken_in
    assert channel is not None
    is_member = world.state.is_member(channel, person)
    if channel is spoken_in and (channel.includes(person.role) or not is_member):
        return _talking(session, None, request, now, Text(_TO_EVERYONE))
    effects = _decided(world, session, Leave(channel=channel.name), now)
    name: dict[str, object] = {"channel": channel.name}
    if not is_member:  # only the request to be a member was left
        return _answered(effects, request, now, Text(N_("Your request for {channel} is withdrawn."), name))
    if session.talks_in is not None and channel is not spoken_in:
        return _answered(effects, request, now, Text(N_("You have left {channel}."), name))
    words = N_("You have left {channel}. What you write goes to everyone again.")
    return _answered(effects, request, now, Text(words, name), TalksIn(channel_id=None))


def _rooms(world: World, session: Session, request: Say, rest: str, now: float) -> list[Effect]:
    listed = _read(world, session, Channels(), now)
    assert isinstance(listed, ChannelsListed)
    names = ", ".join(f"{each.name} ({each.members})" for each in listed.channels)
    return [_told(request, now, Text(N_("Channels: {channels}"), {"channels": names}))]


def _who(world: World, session: Session, request: Say, rest: str, now: float) -> list[Effect]:
    spoken_in = _spoken_in(world, session)
    listed = _read(world, session, Members(channel=rest or (spoken_in.name if spoken_in else None)), now)
    assert isinstance(listed, MembersListed)
    values: dict[str, object] = {"channel": listed.channel, "names": ", ".join(listed.online)}
    return [_told(request, now, Text(N_("In {channel}: {names}"), values))]


def _read(world: World, session: Session, meant: Request, now: float) -> Answer:
    """Return the answer to a request that only reads; what else follows from it is for a client that asked it."""
    reply = _decided(world, session, meant, now)[0]
    assert isinstance(reply, Reply)
    return reply.answer


def _private(world: World, session: Session, request: Say, rest: str, now: float) -> list[Effect]:
    found = _recipients(world, rest)
    if len(found) > 1:  # whoever takes the name “bob je” must not read what somebody writes to bob
        values: dict[str, object] = {"names": ", ".join(f'"{name}"' for name, _ in found), "name": found[-1][0]}
        words = N_('Nothing was sent, because several people may be meant: {names}. Quote the name: /mp "{name}" Hello')
        return [_told(request, now, Text(words, values))]
    ((name, said),) = found
    if not name or not said:
        return [_told(request, now, Text(N_("/mp needs a name and a text: /mp bob Hello")))]
    content = f"/{said}" if said.startswith("/") else said  # it is a text, even if it looks like a command
    effects = _decided(world, session, Say(subtype="private", to=name, content=content), now)
    return _answered(effects, request, now, _sent(effects))


def _sent(effects: list[Effect]) -> Text | None:
    """Return the sentence that a private message was sent, without its words: `trace` shows notices."""
    for effect in effects:
        if isinstance(effect, Commit) and isinstance(effect.records[0], PrivateMessageAdded):
            return Text(N_("Sent to {name} alone."), {"name": effect.records[0].recipient})
    return None


def _recipients(world: World, rest: str) -> list[tuple[str, str]]:
    """Separate a name from the words after it: each known name, because names have spaces; else the first word.

    A quoted name is the only one. No name is longer than LONGEST, so only that many characters are tried.
    """
    if rest.startswith('"'):
        name, ended, words = rest[1:].partition('"')
        return [(name.strip() if ended and len(name) <= LONGEST else "", words.strip())]
    found: dict[str, tuple[str, str]] = {}
    for index, character in enumerate(f"{rest} "[: LONGEST + 1]):
        if character == " " and _is_somebody(world, rest[:index]):
            found.setdefault(name_key(rest[:index]), (rest[:index], rest[index:].strip()))
    first, _, words = rest.partition(" ")
    return list(found.values()) or [(first, words.strip())]


def _is_somebody(world: World, name: str) -> bool:
    key = name_key(name)
    return key in world.state.accounts or world.state.addressee(key) is not None


def _me(world: World, session: Session, request: Say, rest: str, now: float) -> list[Effect]:
    if not rest:
        return [_told(request, now, Text(N_("/me needs a text: /me is thinking")))]
    content = f"* {_person(session).name} {rest}"
    effects = _decided(world, session, msgspec.structs.replace(request, content=content), now)
    return _answered(effects, request, now, _sent(effects) or Text("{content}", {"content": content}))


def _report(world: World, session: Session, request: Say, rest: str, now: float) -> list[Effect]:
    meant = _meant(world, rest)
    if meant is None:
        return [_told(request, now, Text(N_("/report needs a name, and may have a reason: /report bob Insults")))]
    if not world.may(session.person, meant.permission):
        raise NotAllowed
    return [Find(request, reports.in_question(world, session, meant, now), ToReportInText)]


def _meant(world: World, rest: str) -> Report | None:
    """Return the report that a command means: of the newest message of a person that can be read here."""
    name, reason = _recipients(world, rest)[-1]
    return Report(user=name, reason=reason) if name else None


@decides
def report_found(world: World, session: Session, request: ToReportInText, now: float) -> list[Effect]:
    asked = request.asked
    command = _COMMAND.match(asked.content)
    meant = _meant(world, asked.content[command.end() :].strip()) if command is not None else None
    assert meant is not None
    effects = reports.filed(world, session, meant, request.found, now)
    return _answered(effects, asked, now, thanks(world))


_HELP = (
    N_("/join #dev: enter a channel, and write there"),
    N_("/leave: leave it, and write to everyone again"),
    N_("/rooms: list the channels"),
    N_("/who: list who is in the channel where you write"),
    N_("/mp bob Hello: write to one person (or /msg)"),
    N_("/me is thinking: say what you do"),
    N_("/report bob Insults: show the newest message of somebody to moderators (or /signaler)"),
    N_("//word: write a text that begins with a slash"),
)


def _help(world: World, session: Session, request: Say, rest: str, now: float) -> list[Effect]:
    return [_told(request, now, *map(Text, _HELP))]


_Command = Callable[["World", "Session", Say, str, float], "list[Effect]"]
_COMMANDS: dict[str, _Command] = {
    "join": _join,
    "leave": _leave,
    "rooms": _rooms,
    "who": _who,
    "mp": _private,
    "msg": _private,
    "me": _me,
    "report": _report,
    "signaler": _report,
    "help": _help,
}
