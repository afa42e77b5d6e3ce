"""Writes docs/protocole.md, docs/protocol.schema.json and docs/administration.md from the code: `make docs`.

tests/test_docs.py and tests/test_admin_docs.py compare them with what this writes now. Here is the protocol, made from
the words of the subjects (chat/subjects.py); the schema is made by schema.py, administration.md by
administration.py, the examples by examples.py; the words of the page are in words/.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from classcord.chat.channels.channel import Kind
from classcord.chat.events import Event
from classcord.chat.requests import Request
from classcord.chat.roles import Permission, Role, permissions
from classcord.chat.subjects import EVENTS, WIRE
from classcord.language import translator
from classcord.wire.jsonlines import ClassicMessage
from docs import administration
from docs.examples import CLASSIC, MODERN, QUIET
from docs.fields import table
from docs.room import Exchange, Room, kind_of
from docs.schema import ERROR, Protocol, codes, is_alias, wire_name
from docs.words import EVENT_WORDS, NOTES, PAGE, PERMISSIONS, REFUSALS, REMEDIES, REQUESTS, SESSIONS

HERE = Path(__file__).parent
PAGE_FILE = HERE / "protocole.md"
CLIENTS = HERE / "clients"
SCHEMA_FILE = HERE / "protocol.schema.json"


def main() -> None:
    """Write the files."""
    for file, text in files().items():
        file.write_text(text, encoding="utf-8")


def files() -> dict[Path, str]:
    """Return what the files are to contain."""
    room = Room()
    exchanges = [*room.hold(MODERN), *room.hold_at_night(QUIET)]
    schema = Protocol(room)
    return {
        PAGE_FILE: "".join(_page(schema, exchanges)),
        SCHEMA_FILE: json.dumps(schema.document(), ensure_ascii=False, indent=2) + "\n",
        administration.PAGE_FILE: administration.page(),
    }


def _page(schema: Protocol, exchanges: list[Exchange]) -> Iterator[str]:
    yield PAGE.format(
        classic=_conversation(Room().hold(CLASSIC)),
        classic_fields="".join(table(schema.of(ClassicMessage))),
        kinds=", ".join(f"`{kind.value}`" for kind in Kind),
    )
    yield SESSIONS.format(
        py=CLIENTS.joinpath("reconnexion.py").read_text(encoding="utf-8"),
        java=CLIENTS.joinpath("Reconnexion.java").read_text(encoding="utf-8"),
    )
    yield REQUESTS
    for kind, mine in in_order(exchanges).items():
        yield from _request(schema, kind, mine)
    yield "\n## Les événements\n"
    for event in EVENTS:
        yield from _event(schema, event, exchanges)
    yield REFUSALS
    yield from table(ERROR, ("type", "code", "message"))
    yield "\n| `code` | texte en français | ce que fait le client |\n| --- | --- | --- |\n"
    french = translator("fr")
    for code, kinds in codes().items():
        texts = dict.fromkeys(french(kind.template) for kind in kinds)
        yield f"| `{code}` | {'<br>'.join(texts)} | {REMEDIES[code]} |\n"


def in_order(exchanges: list[Exchange]) -> dict[type[Request], list[Exchange]]:
    """Return the conversation cut into the pieces that the page shows with each request, in the order of time.

    A piece begins where a request is asked for the first time. An alias belongs to its request.
    """
    requests = {wire_name(kind): kind.__bases__[0] if is_alias(kind) else kind for kind in WIRE}
    pieces: dict[type[Request], list[Exchange]] = {}
    for exchange in exchanges:
        kind = requests[kind_of(exchange.asked)]
        if kind not in pieces:
            now = pieces[kind] = []
        now.append(exchange)
    return pieces


def _request(schema: Protocol, kind: type[Request], exchanges: list[Exchange]) -> Iterator[str]:
    others = [f"`{wire_name(other)}`" for other in WIRE if other.__bases__[0] is kind]
    yield f"\n### `{wire_name(kind)}`\n\n{_sentence(kind.summary)}\n"
    yield f"{PERMISSIONS[_who_may(kind.permission)]}\n"
    if others:
        yield f"Autre nom accepté : {', '.join(others)}.\n"
    yield from table(schema.of(kind), ("type",))
    yield f"\nRéponse (`{kind.answered_as or wire_name(kind)}`) :\n"
    yield from table(schema.answers[kind], ("type",))
    for name, row in schema.rows(kind):
        yield f"\nChaque objet de `{name}` :\n"
        yield from table(row)
    if wire_name(kind) in NOTES:
        yield f"\n{NOTES[wire_name(kind)]}\n"
    yield f"\n```\n{_conversation(exchanges)}\n```\n"


SETTINGS = {Permission.CREATE_CHANNEL: "setting", Permission.SEND_FILES: "setting_files"}
"""The permissions whose lowest role a setting names."""


def _who_may(permission: Permission) -> str:
    """Return the lowest role that has a permission, or that nobody needs one."""
    if permission is Permission.CONNECT:
        return "anyone"
    if permission in SETTINGS:
        return SETTINGS[permission]
    table = permissions(Role.MEMBER)
    return next(role.label for role in Role if permission in table[role])


def _event(schema: Protocol, kind: type[Event], exchanges: list[Exchange]) -> Iterator[str]:
    name = wire_name(kind)
    yield f"\n### `{name}` — {EVENT_WORDS[name]}\n"
    yield from table(schema.of(kind), ("type",))
    heard = ((who, line) for e in exchanges for who, line in e.heard if kind_of(line) == name and not _answers(e, line))
    examples = ((who, line) for who, line in heard if "message_id" in line or name != "message")
    who, example = next(examples, None) or ("bob", msgspec.json.encode(kind()).decode())  # the room is never silent
    yield f"\n```\n{who} < {example}\n```\n"


def _answers(exchange: Exchange, line: str) -> bool:
    asked, heard = msgspec.json.decode(exchange.asked), msgspec.json.decode(line)
    return "id" in heard and heard["id"] == asked.get("id")


def _sentence(words: str) -> str:
    words = translator("fr")(words)
    return f"{words[0].upper()}{words[1:]}{'' if words.endswith('…') else '.'}\n"


_HEAD, _SOME_HEAD = re.compile(r"\b\d+:[0-9a-f]{64}\b"), "55:0c1f…"
"""A head of the audit trail: what is random in its entries makes it another one each time."""


def _conversation(exchanges: list[Exchange]) -> str:
    width = max(len(exchange.who) for exchange in exchanges)
    lines = []
    for exchange in exchanges:
        lines.append(f"{exchange.who:{width}} > {exchange.asked}")
        lines += [f"{who:{width}} < {_HEAD.sub(_SOME_HEAD, line)}" for who, line in exchange.heard]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
