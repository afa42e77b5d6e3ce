"""Decisions about a connection, with or without a name: hello, ping, lines that are no request, and its end."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from classcord.chat.connections.vocabulary import Disconnect, Finished, Hello, Malformed, Ping, Quit, Welcome
from classcord.chat.effects import (
    Close,
    Commit,
    Effect,
    Reply,
    Speak,
)
from classcord.chat.errors import BadRequest
from classcord.chat.events import Done
from classcord.chat.identity.rules import left
from classcord.chat.identity.vocabulary import SessionEnded
from classcord.chat.registry import decides
from classcord.chat.text import N_, Text, can_be_shown

if TYPE_CHECKING:
    from classcord.chat.people import Session
    from classcord.chat.world import World


LONGEST_CLIENT = 64  # characters of a client's name that are kept
LANGUAGES = ("fr", "en")
PROTOCOL = 2
ENCODINGS = {"": "ascii", "utf8": "utf-8", "ascii": "ascii", "usascii": "ascii"}
"""The encodings by what a client calls them, without case and hyphens."""
FEATURES = (
    "ack",
    "blocks",
    "channels",
    "client_id",
    "conversations",
    "delete",
    "edit",
    "guests",
    "history",
    "mentions",
    "pins",
    "private",
    "profiles",
    "reactions",
    "resume",
    "reply_to",
    "search",
    "typing",
)
FILES_FEATURE = "files"  # only where messages may carry files


@decides
def hello(world: World, session: Session, request: Hello, now: float) -> list[Effect]:
    """Begin the modern dialect, or refuse it.

    Another protocol or encoding would be misread, so it is refused. A language is a wish: `lang` of the answer is the
    one that will be used, and "fr-CA" and "fr_FR.UTF-8" are French.
    """
    policy = world.policy
    if request.protocol != PROTOCOL:
        why = Text(N_("this server speaks protocol {protocol}"), {"protocol": PROTOCOL})
        raise BadRequest(field="protocol", why=why)
    encoding = ENCODINGS.get(request.encoding.lower().replace("-", ""))
    if encoding is None:
        raise BadRequest(field="encoding", why=Text(N_("“encoding” is “utf-8” or “ascii”")))
    wanted = re.split("[-_]", request.lang.lower(), maxsplit=1)[0]
    language = wanted if wanted in LANGUAGES else session.language
    limits = {
        "line_bytes": policy.line_bytes,
        "content_chars": policy.content_chars,
        "messages_per_second": policy.messages_per_second,
        "burst": policy.burst,
        "min_password": policy.min_password,
    }
    if world.takes_files:
        limits["file_bytes"] = policy.files.file_bytes
    welcome = Welcome(
        server=policy.name,
        version=policy.version,
        protocol=PROTOCOL,
        encoding=encoding,
        lang=language,
        limits=limits,
        auth=("password", "guest") if policy.guests else ("password",),
        features=(*FEATURES, FILES_FEATURE) if world.takes_files else FEATURES,
        motd=policy.motd,
        registration=policy.registration,
        heartbeat=policy.heartbeat,
    )
    speak = Speak(language, encoding, request.listens, client_name(request.client), policy.heartbeat)
    return [speak, Reply(request, welcome)]


def client_name(given: str) -> str:
    """Return a client's name as others may read it."""
    shown = " ".join(given.split())[:LONGEST_CLIENT]
    return shown if can_be_shown(shown) else ""


@decides
def finished(world: World, session: Session, request: Finished, now: float) -> list[Effect]:
    return [Close()]


@decides
def quit_(world: World, session: Session, request: Quit, now: float) -> list[Effect]:
    """Log the session out if it is logged in, and end the connection (classic rule 18)."""
    if session.row is None:
        return [Reply(request, Done()), Close()]
    return [*left(world, session, request, now), Close()]


@decides
def disconnect(world: World, session: Session, request: Disconnect, now: float) -> list[Effect]:
    if session.row is None:
        return []
    return [Commit(session, (SessionEnded(session_id=session.row, ended_at=int(now * 1000)),))]


AWAITED = frozenset({"register", "login", "guest", "users", "list_users", "userlist"})
"""The types of requests after which clients take the next line for the answer."""


@decides
def malformed(world: World, session: Session, request: Malformed, now: float) -> list[Effect]:
    """Refuse a line that is no request; before the first answered request only once (classic rule 10).

    A client that sent a login, even a malformed one, waits for its one answer (classic rule 2).
    """
    if request.error.request_type in AWAITED:
        session.answered = True
    if not session.answered:
        if session.complained:
            return []
        session.complained = True
    raise request.error.untraced()


@decides
def ping(world: World, session: Session, request: Ping, now: float) -> list[Effect]:
    return [Reply(request, Done())]
