"""The server ends in the middle of heavy load, by a kill or as by `systemctl stop`; what was acknowledged is stored."""

from __future__ import annotations

import signal
import time
from pathlib import Path

from bench.crash import OPTIONS, Ledger, Load, compare, crash, read_database, read_history
from bench.faults.outcome import Outcome, wrong
from tests.server import Client, Server

ROUNDS, SEED = 5, 7  # of bench/crash.py
EVENTS = 20_000  # of the load before the signal
CROWD = 200  # clients who are there and read nothing until the end
WITHIN = 5.0  # seconds that a stop may take


def killed(folder: Path) -> Outcome:
    """`kill -9` under load, several times on the same data (bench/crash.py)."""
    outcomes = list(crash(folder, ROUNDS, SEED))
    return Outcome(
        {"rounds": ROUNDS, **outcomes[-1]._asdict()},
        wrong(
            messages_were_lost=any(each.lost for each in outcomes),
            messages_were_doubled=any(each.doubled for each in outcomes),
        ),
    )


def stopped(folder: Path, *, events: int = EVENTS, crowd: int = CROWD) -> Outcome:
    """SIGTERM while everybody writes: all is stored, everyone is told, the status is 0, within five seconds."""
    ledger = Ledger()
    server = Server(folder, *OPTIONS)
    try:
        load = Load(server, ledger, "stopped", first=True)
        listeners = [server.client() for _ in range(crowd)]
        for number, client in enumerate(listeners):
            client.send(type="guest", username=f"guest{number}")
            client.until(type="guest", status="ok")
        load.run_until(events)
        began = time.monotonic()
        server.send_signal(signal.SIGTERM)
        status = server.ended()
        took = time.monotonic() - began
        load.ended()
        untold = [f"guest{number}" for number, client in enumerate(listeners) if not _is_told(client)]
        for client in listeners:
            client.close()
        faults = "Traceback" in server.logged()
        server.close()
        server = Server(folder, *OPTIONS)
        outcome = compare(ledger, read_database(server))
        read = compare(ledger, read_history(server))
    finally:
        server.close()
    untold += [name for name, notices in load.notices.items() if not any(map(_says_so, notices))]
    everyone = crowd + len(load.notices)
    return Outcome(
        {
            "sent": outcome.sent,
            "acknowledged": outcome.acknowledged,
            "found": outcome.found,
            "lost": outcome.lost,
            "doubled": outcome.doubled,
            "told": f"{everyone - len(untold)} of {everyone}",
            "stopped within (s)": round(took, 2),
        },
        tuple(f"{name} was not told" for name in untold)
        + wrong(
            messages_were_lost=max(outcome.lost, read.lost) > 0,
            messages_were_doubled=max(outcome.doubled, read.doubled) > 0,
            the_status_is_not_0=status != 0,
            a_traceback_is_in_the_log=faults,
        ),
        wrong(it_took_too_long=took > WITHIN),
    )


def _is_told(client: Client) -> bool:
    """Whether it was told that the server is stopping; what others said may come after that."""
    return any(_says_so(line.get("content", "")) for line in client)


def _says_so(content: str) -> bool:
    return "stopping" in content or "arrête" in content
