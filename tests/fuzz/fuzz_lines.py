"""A fuzz target: mutated lines into a whole server in memory. What must hold is an answer or a close, and a clean log.

    python -m tests.fuzz.fuzz_lines [seconds] [seed]

Finds by random mutation; where atheris is installed, by coverage: `python -m tests.fuzz.fuzz_lines --atheris`, then
libFuzzer's own arguments. A failure prints the bytes that cause it. tests/fuzz/test_fuzz.py runs a little of it.
"""

from __future__ import annotations

import gc
import importlib
import random
import sys
import time
from collections.abc import Sequence

from twisted.logger import LogEvent, capturedLogs

from tests.harness import Client, House, encoded, login, objects, register, running, say, tell

CORPUS: tuple[bytes, ...] = (
    *(
        encoded(request)
        for request in (
            register("carol"),
            login("carol"),
            login("alice"),
            login("alice", "wrong"),
            say("coucou é"),
            say("coucou", **{"from": "Zoé"}),
            say("ping", channel="#dev"),
            tell("bob", "MP"),
            tell("dave", "kept"),
            {"type": "users"},
            {"type": "list_users"},
            {"type": "status", "state": "away", "user": "alice"},
            {"type": "status", "state": "invisible"},
            {"type": "private", "to": "alice", "content": "x", "id": 1},
            {"type": "hello", "protocol": 2, "client": "f/1", "encoding": "utf-8", "lang": "fr", "id": 0},
            {"type": "guest", "username": "Zoé", "id": ""},
            {"type": "logout", "id": None},
            {"type": "ping", "id": 1.5},
            {"type": "history", "channel": "#général", "before": 3, "limit": 2, "id": 7},
            {"type": "history", "user": "bob", "after": 0},
            {"type": "channels"},
            {"type": "members", "channel": "dev"},
            {"type": "who", "channel": "#dev"},
            {"type": "join", "channel": "dev"},
            {"type": "leave", "channel": "dev"},
            {"type": "join_channel", "channel": "general"},
            {"type": "topic", "channel": "#club", "topic": "{x}"},
            {"type": "create", "channel": "#club", "kind": "private", "topic": "échecs"},
        )
    ),
    b'{"type":"message","content":"caf\xe9"}\r\n',
    b"\n",
    b"\r\n",
    b"[]\n",
    b'"x"\n',
    b"{}\n",
    b"\xff\xfe\n",
)
TOKENS: tuple[bytes, ...] = (
    b'"',
    b"\\",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"\n",
    b"\r",
    b"\x00",
    b"null",
    b"true",
    b"-1",
    b"1e309",
    b"0",
    b"9007199254740992",
    b"9223372036854775808",
    b"1" * 40,
    b"\\ud800",
    b"\\u0000",
    b"\\u202e",
    b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80",
    b"\xc3",
    "é".encode(),
    "İ".encode(),
    "ﷺ".encode(),
    "e\u0301".encode(),
    "😀".encode(),
    b"#",
    b"global",
    b"alice",
    b"admin",
    b"[" * 2000,
    b"x" * 300,
    b"type",
    b"content",
    b"-verified",
    b" ",
)

TOGETHER = 100  # attacks between two looks at what nobody handled


class Fault(AssertionError):
    """What must hold does not."""


def mutated(chance: random.Random) -> bytes:
    """Return some lines, most of them damaged."""
    data = bytearray(b"".join(chance.choices(CORPUS, k=chance.randint(1, 6))))
    for _ in range(chance.choice((0, 1, 1, 2, 4, 16))):
        start = chance.randrange(len(data) + 1)
        end = min(len(data), start + chance.choice((0, 0, 1, 4, 20)))
        fill = chance.choice((b"", bytes([chance.randrange(256)]), chance.choice(TOKENS), bytes(data[:end])))
        data[start:end] = fill[:4000]
    return bytes(data)


def pieces(data: bytes, chance: random.Random) -> list[bytes]:
    cuts = sorted(chance.choices(range(len(data) + 1), k=chance.choice((0, 1, 3))))
    return [data[start:end] for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True)]


def attack(house: House, data: bytes, chance: random.Random) -> None:
    """Send it as somebody, in pieces; raise Fault unless all that must hold holds."""
    witness = house.member("alice")
    attacker = _somebody(house, chance)
    for piece in pieces(data, chance):
        attacker.send(piece)
        if chance.random() < 0.5:
            house.turn()
    house.pass_time(6)
    checked_lines(attacker)
    if chance.random() < 0.5:
        attacker.leave()
    witness.raw()
    answers = witness.ask({"type": "ping"})
    if [line["type"] for line in answers].count("ping") != 1:
        raise Fault(f"the others are not answered any more: {answers}")
    for client in (witness, attacker):
        client.leave()
    house.turn()
    if house.hub.state.people or house.chat.connections or house.chat.pipeline.lookups:
        raise Fault("somebody is still there who has left")
    if not house.journal.idle:
        raise Fault("the journal waits for something")
    if house.faults:
        raise Fault(house.faults[0])


def _somebody(house: House, chance: random.Random) -> Client:
    kind = chance.randrange(4)
    if kind == 0:
        return house.client()
    return house.member("bob") if kind == 1 else house.guest("Zoé") if kind == 2 else house.modern("bob")


def checked_lines(client: Client) -> None:
    """Raise Fault unless every line that was received is an object, in ASCII if nothing else was asked for."""
    data = client.raw()
    try:
        objects(data.decode().encode("ascii", "replace") if b'"encoding":"utf-8"' in data else data)
    except (AssertionError, ValueError) as error:
        raise Fault(f"this is no output: {error}") from error


def once(seed: int, data: bytes | None = None) -> None:
    """Attack a fresh server with what a seed gives."""
    chance = random.Random(seed)
    attacked = mutated(chance) if data is None else data
    with running(faulty=True, line_bytes=3000, bad_lines=20, messages_per_second=0) as house:
        house.account("alice")
        house.account("bob")
        house.account("dave")
        try:
            attack(house, attacked, chance)
        except Exception as error:
            raise Fault(f"seed {seed}, {attacked!r}: {error}") from error


def run(seconds: float, seed: int = 0, most: int = sys.maxsize) -> int:
    """Attack until the time is over, `most` times at most; return how often."""
    end = time.monotonic() + seconds
    count = 0
    while count < most and time.monotonic() < end:
        with capturedLogs() as events:
            for _ in range(min(TOGETHER, most - count)):
                once(seed + count)
                count += 1
            _check_for_unhandled(events, seed + count)
    return count


def _check_for_unhandled(events: Sequence[LogEvent], seed: int) -> None:
    """Raise Fault if a Deferred failed and nobody looked: that is logged when it is collected, some time later."""
    gc.collect()
    failures = [str(event["log_failure"]) for event in events if event.get("log_failure") is not None]
    if failures:
        raise Fault(f"one of the {TOGETHER} seeds before {seed}: {failures[0]}")


def run_atheris(arguments: list[str]) -> None:
    """Let atheris choose the bytes; it does not return."""

    def test_one_input(data: bytes) -> None:
        once(0, data)

    fuzzer = importlib.import_module("atheris")
    fuzzer.instrument_all()
    fuzzer.Setup(arguments, test_one_input)
    fuzzer.Fuzz()


def main(arguments: list[str]) -> None:
    if arguments[:1] == ["--atheris"]:
        run_atheris([sys.argv[0], *arguments[1:]])
    seconds = float(arguments[0]) if arguments else 60.0
    seed = int(arguments[1]) if len(arguments) > 1 else random.SystemRandom().randrange(1 << 32)
    print(f"{run(seconds, seed)} attacks from seed {seed} on, no fault")


if __name__ == "__main__":
    main(sys.argv[1:])
