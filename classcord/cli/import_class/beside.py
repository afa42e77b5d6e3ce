"""A class list beside a running server: what is stored is read at one moment, what changes is asked of the server.

The server is asked over its control socket, part by part: it decides, stores and tells each part like any other change.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from classcord.chat.class_lists.vocabulary import (
    MOST_AT_ONCE,
    ListedMove,
    ListedPupil,
    ListedRoom,
    TakeClassList,
)
from classcord.chat.hub import Hub
from classcord.chat.passwords import forms
from classcord.chat.registration.rules import fitting
from classcord.chat.text import N_
from classcord.cli.tables.refusing import ImportRefused
from classcord.faces.control import frames
from classcord.language import terminal_language
from classcord.server.startup import policy
from classcord.services.administration.admin_keys import AdminKeys
from classcord.services.passwords.local import CONTEXT
from classcord.socket_path import reachable
from classcord.system_errors import in_words

if TYPE_CHECKING:
    from classcord.cli.import_class.applying import NewPupil
    from classcord.cli.import_class.comparing import Comparison
    from classcord.settings import Settings
    from classcord.store.ports import Store

T = TypeVar("T")
_UNREACHED = N_("the running server cannot be asked: {why}; stop it, or run this as its user")
_REFUSED = N_("the server refused it: {why} Nothing was stored.")
_HALF = N_(
    "the server took {done} of {count} parts, then: {why} What is stored stays, and its slips hold; import the list "
    "again for the others, with new slips."
)
_CLOSED = N_("it closed the connection.")


def hub_of(store: Store, settings: Settings) -> Hub:
    """Return a hub with what the running server has stored; Unreadable or StoreError if it cannot be read."""
    with store.snapshot() as snapshot:
        stored = snapshot.state()
    hub = Hub(policy(settings), stored.last)
    hub.restore(stored.records)
    hub.reserved = frozenset(AdminKeys(Path(settings.ssh.keys)).files)
    return hub


def parts(
    hub: Hub, found: Comparison, new: list[NewPupil], teachers: Mapping[int, str], *, gone: bool, adopt: bool
) -> list[TakeClassList]:
    """Return what the server is asked: first the channels, then the people, so many at once."""
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        digests = list(threads.map(lambda each: str(CONTEXT.hash(forms(each.password)[0])), new))
    rooms = tuple(ListedRoom(name=name, is_class=is_class) for name, is_class in found.rooms.values())
    pupils = [
        ListedPupil(
            username=name,
            digest=digest,
            first_name=fitting(pupil.first_name),
            last_name=fitting(pupil.last_name),
            email=fitting(pupil.email),
            channels=_names(found, keys),
        )
        for (pupil, name, keys), digest in zip(found.new, digests, strict=True)
    ]
    moves = [*_moves(hub, found, teachers, gone=gone)]
    first = [TakeClassList(rooms=rooms, adopt=adopt)] if rooms else []
    people = [TakeClassList(new=tuple(each)) for each in _pieces(pupils)]
    return [*first, *people, *(TakeClassList(moves=tuple(each)) for each in _pieces(moves))]


def _moves(hub: Hub, found: Comparison, teachers: Mapping[int, str], *, gone: bool) -> Iterator[ListedMove]:
    for account, leaves, enters in found.moved:
        yield ListedMove(username=account.name, leaves=_called(hub, leaves), enters=_names(found, enters))
    for account, leaves in found.gone if gone else ():
        yield ListedMove(username=account.name, leaves=_called(hub, leaves))
    for name in teachers.values():
        yield from (
            ListedMove(username=name, enters=tuple(piece)) for piece in _pieces([*_names(found, set(found.rooms))])
        )


def _names(found: Comparison, keys: set[str]) -> tuple[str, ...]:
    return tuple(found.rooms[key][0] for key in sorted(keys))


def _called(hub: Hub, numbers: set[int]) -> tuple[str, ...]:
    return tuple(hub.state.channel_name(number) for number in sorted(numbers))


def _pieces(things: list[T]) -> Iterator[list[T]]:
    return (things[start : start + MOST_AT_ONCE] for start in range(0, len(things), MOST_AT_ONCE))


def take(path: Path, asked: list[TakeClassList], undo: Callable[[], None]) -> None:
    """Have the server take these parts; `undo` is called if it took none. ImportRefused says how far it came."""
    done = 0
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            with reachable(path) as name:
                connection.connect(name)
            server = _Server(connection)
            for part in asked:
                why = server.refusal(part)
                if why is not None:
                    raise _Stopped(why)
                done += 1
    except (OSError, _Stopped) as error:
        if not done:
            undo()
        if isinstance(error, OSError):
            raise ImportRefused(str(path), _UNREACHED, why=in_words(error)) from None
        words = _HALF if done else _REFUSED
        raise ImportRefused("import-class", words, done=done, count=len(asked), why=str(error)) from None


class _Stopped(Exception):
    """The server takes no more parts; the message says why."""


class _Server:
    """The server's side of the control socket: a line for each part."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._reader = frames.Reader()
        self._lines = b""
        begin = frames.Begin(class_list=True, language=terminal_language())
        connection.sendall(frames.frame(frames.BEGIN, msgspec.json.encode(begin)))

    def refusal(self, part: TakeClassList) -> str | None:
        """Ask for a part; return why it is refused, None if it is stored."""
        self._connection.sendall(frames.frames(frames.INPUT, msgspec.json.encode(part) + b"\n"))
        answer = self._answer()
        return None if answer.get("status") == "ok" else str(answer.get("message") or "")

    def _answer(self) -> dict[str, Any]:
        said = ""
        while b"\n" not in self._lines:
            data = self._connection.recv(frames.LONGEST)
            for kind, payload in self._reader.feed(data):
                if kind == frames.OUTPUT:
                    self._lines += payload
                elif kind == frames.ERRORS:
                    said += payload.decode("utf-8", "replace").strip()
            if not data:
                return {"status": "error", "message": said or _CLOSED}
        line, _, self._lines = self._lines.partition(b"\n")
        answer: dict[str, Any] = msgspec.json.decode(line)
        return answer
