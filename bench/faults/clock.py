"""The machine's time of day jumps a day back and forth while people chat, by libfaketime; timers must not notice.

What is written down has the new time, what is limited by rates and pauses goes on, and history stays in its order.
"""

from __future__ import annotations

import socket
import time
from contextlib import closing, suppress
from datetime import datetime, timezone
from pathlib import Path

from bench.faults.outcome import Impossible, Outcome, wrong
from bench.faults.talk import quantile, talking
from tests.server import BOUND, Client, Server, history

LIBRARIES = "/usr/lib/*/faketime/libfaketimeMT.so.1"
DAY = 86_400
JUMPS = {"a day back": -DAY, "two days on": DAY, "back again": 0}  # seconds from the real time
RATE, BURST = 20, 40  # messages a second, and at once; Talk stays below it
WATCHED = 2.0  # seconds after each jump
LATEST = 5000.0  # milliseconds that the slowest message may take in them; a timer that waits for the old time, a day
OFF = 3600  # seconds by which the time of a message may be another on a busy machine; a jump is a day
FAILURES = 6  # to log in; the next try waits for a second
PATIENCE = 12.0  # seconds within which it has ended, and what was done meanwhile
OPTIONS = ("--set", f"limits.messages_per_second={RATE}", "--set", f"limits.burst={BURST}")


def jumping(folder: Path) -> Outcome:
    """Chat, a flood, failed logins and a stop, after each jump as before it."""
    wrongs: dict[str, bool] = {}
    late: dict[str, bool] = {}
    figures: dict[str, object] = {}
    clock = folder / "clock"
    clock.write_text("+0", "utf-8")
    with Server(folder, *OPTIONS, environment=faked(clock)) as server:
        with talking(server) as talk, server.client() as probe, server.client() as guesser:
            probe.hello().register("probe")
            guesser.hello().register("guesser").ask(type="logout")
            wrongs["nobody is greeted over SSH"] = not _greets_administrators(server)
            for number, (jump, seconds) in enumerate(JUMPS.items()):
                _fail_to_log_in(guesser)
                clock.write_text(f"{seconds:+d}", "utf-8")  # while the next try waits
                jumped = time.monotonic()
                slowest = quantile(talk.latencies(WATCHED), 1.0)
                figures[f"{jump}: slowest message (ms)"] = slowest
                late[f"after {jump}, messages wait"] = slowest > LATEST
                wrongs[f"after {jump}, the chat does not go on"] = not talk.goes_on()
                figures[f"{jump}: time of a message off by (s)"] = off = round(_off(probe, seconds), 1)
                wrongs[f"after {jump}, the time of messages is another"] = abs(off) > OFF
                wrongs[f"after {jump}, a rate is not kept"] = not _rate_is_kept(probe, f"flood{number}")
                wrongs[f"after {jump}, nobody is greeted over SSH"] = not _greets_administrators(server)
                _log_in(guesser)
                took = time.monotonic() - jumped
                figures[f"{jump}: a pause had ended within (s)"] = round(took, 1)
                late[f"after {jump}, a pause does not end"] = took > PATIENCE
            probe.send(type="ping", id="end")
            probe.until(id="end")
            ids = [message["message_id"] for message in history(probe, channel="#général")]
        began = time.monotonic()
        status = server.stop()
        figures["stopped within (s)"] = round(time.monotonic() - began, 1)
        wrongs["the stop was not clean"] = status != 0
        wrongs["a traceback is in the log"] = "Traceback" in server.logged()
    figures["messages in the history"] = len(ids)
    wrongs["the history is not in its order"] = ids != sorted(set(ids))
    return Outcome(figures, wrong(**wrongs), wrong(**late))


def faked(clock: Path) -> dict[str, str]:
    """Return the environment in which the time of day is what a file says, and nothing else is touched."""
    libraries = sorted(map(str, Path("/").glob(LIBRARIES.removeprefix("/"))))
    if not libraries:
        raise Impossible("libfaketime is missing (apt-get install libfaketime)")
    return {
        "LD_PRELOAD": libraries[0],
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "DONT_FAKE_MONOTONIC": "1",  # its name in older versions
    }


def _off(client: Client, seconds: int) -> float:
    """Return by how much the time that a message is given differs from the time of day that should be."""
    client.say("what time is it?", id="time", channel="#général")
    client.until(type="ack", id="time")
    told = history(client, channel="#général")[-1]["timestamp"]
    now = datetime.now(timezone.utc).timestamp() + seconds
    return datetime.fromisoformat(told.replace("Z", "+00:00")).timestamp() - now


def _rate_is_kept(client: Client, tag: str) -> bool:
    """Whether a flood is refused, and somebody who has waited for a moment is heard again."""
    client.send(*({"type": "message", "content": tag, "id": f"{tag}-{number}"} for number in range(3 * BURST)))
    refused = client.until(type="error", code="rate_limited")
    client.until(id=f"{tag}-{3 * BURST - 1}")
    time.sleep(10 / RATE)
    client.say("after the flood", id=f"{tag}-after")
    return bool(refused and client.until(id=f"{tag}-after")["type"] == "ack")


def _greets_administrators(server: Server) -> bool:
    """Whether whoever connects by SSH is spoken to, and has the keys proposed."""
    address = server.address("ssh")
    assert isinstance(address, tuple)
    with closing(socket.create_connection(address, BOUND)) as connection:
        said = b""
        with suppress(TimeoutError):
            while b"curve25519-sha256" not in said and (data := connection.recv(4096)):
                said += data
        return said.startswith(b"SSH-2.0-ClassCord") and b"curve25519-sha256" in said


def _fail_to_log_in(client: Client) -> None:
    """Fail until there are pauses, and leave a try with the right password waiting for the end of one."""
    login = {"type": "login", "username": "guesser"}
    client.send(*({**login, "password": "wrong", "id": number} for number in range(FAILURES)))
    client.send({**login, "password": "azerty", "id": "right"})
    assert client.until(id=FAILURES - 1)["type"] == "error"


def _log_in(client: Client) -> None:
    """Wait until the right password is accepted, and leave."""
    assert client.until(id="right")["type"] != "error"
    client.send(type="logout", id="out")
    client.until(id="out")
