"""What does a client see of a crash? The client of docs/clients/reconnexion.py talks while the server is killed.

    python -m bench.reconnect [--rounds 20] [--seed N]

Two people write to everyone and to each other without a pause, in a client that resumes its session and sends again
what was not acknowledged. When the killed server has been started again often enough, each must have been shown every
message of the other once, and every message must be acknowledged.
"""

from __future__ import annotations

import argparse
import importlib.util
import random
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

if __package__:
    from tests.server import BOUND, Server
else:
    sys.exit("run it from the root of the project: python -m bench.reconnect")

SOURCE = Path(__file__).parent.parent / "docs" / "clients" / "reconnexion.py"
NAMES = ("ada", "blaise")
WINDOW = 32  # messages of one person that may wait for their acknowledgement
PASSWORD = "azerty"
OPTIONS = ("--set", "limits.messages_per_second=0", "--set", "limits.outbox_bytes=0")


def documented() -> Any:
    """Return the module of the client, as the documents show it."""
    spec = importlib.util.spec_from_file_location("reconnexion", SOURCE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Talker:
    """One person: a client, and a thread that writes as fast as it is acknowledged."""

    def __init__(self, name: str, other: str, address: tuple[str, int]) -> None:
        self.name, self.other = name, other
        self.said: list[str] = []
        self.shown: list[str] = []
        self.moved = threading.Condition()
        self._over = False
        self.client = documented().Client(address, name, PASSWORD, show=self._show)
        heard = self.client.heard

        def watched(line: dict[str, Any]) -> None:
            with self.moved:
                heard(line)
                self.moved.notify_all()

        self.client.heard = watched
        self._talking = threading.Thread(target=self._talk, daemon=True)
        self._running = threading.Thread(target=self.client.run, daemon=True)
        self._running.start()
        with self.moved:
            assert self.moved.wait_for(lambda: self.client.session is not None, BOUND), "no login"

    def begin(self) -> None:
        self._talking.start()

    def _show(self, sender: str, content: str) -> None:
        if sender == self.other:
            self.shown.append(content)

    def _talk(self) -> None:
        while True:
            with self.moved:
                self.moved.wait_for(lambda: self._over or len(self.client.waiting) < WINDOW)
                if self._over:
                    return
                content = f"{self.name} {len(self.said)}"
                self.said.append(content)
                private = len(self.said) % 3 == 0
                self.client.say(content, **({"subtype": "private", "to": self.other} if private else {}))

    def until(self, shown: int) -> None:
        """Wait until so many messages were shown."""
        with self.moved:
            assert self.moved.wait_for(lambda: len(self.shown) >= shown, 4 * BOUND), self.shown[-3:]

    def stop(self) -> None:
        """Say no more."""
        with self.moved:
            self._over = True
            self.moved.notify_all()
        self._talking.join()

    def leave(self) -> None:
        self.client.close()
        self._running.join()

    def all_acknowledged(self) -> None:
        with self.moved:
            assert self.moved.wait_for(lambda: not self.client.waiting, 4 * BOUND), self.client.waiting


class Outcome(NamedTuple):
    """What the two clients have seen, in messages."""

    said: int
    shown: int
    lost: int
    doubled: int


def seen(talkers: tuple[Talker, Talker]) -> Outcome:
    """Return what each was shown of what the other has said."""
    lost = doubled = 0
    for one, other in (talkers, talkers[::-1]):
        times = Counter(one.shown)
        lost += len(set(other.said) - times.keys())
        doubled += times.total() - len(times)
    return Outcome(sum(len(t.said) for t in talkers), sum(len(t.shown) for t in talkers), lost, doubled)


def reconnect(folder: Path, rounds: int, seed: int) -> Iterator[Outcome]:
    """Yield what was seen after each kill, and at last when both are silent; only the last must be whole."""
    moments = random.Random(seed)  # noqa: S311 (no secret)
    server = Server(folder, *OPTIONS)
    try:
        with server.client() as client:
            for name in NAMES:
                client.register(name, PASSWORD)
        address = server.address()
        assert isinstance(address, tuple)
        again = (*OPTIONS, "--set", f"listen.chat=tcp:{address[1]}:interface=127.0.0.1")
        talkers = (Talker(NAMES[0], NAMES[1], address), Talker(NAMES[1], NAMES[0], address))
        for talker in talkers:
            talker.begin()
        for _ in range(rounds):
            wanted = len(talkers[0].shown) + moments.randint(100, 1500)
            talkers[0].until(wanted)
            server.crash()
            server.close()
            server = Server(folder, *again)
            yield seen(talkers)
        for talker in talkers:
            talker.stop()
        for talker, other in (talkers, talkers[::-1]):
            talker.all_acknowledged()
            talker.until(len(other.said))
        for talker in talkers:
            talker.leave()
        yield seen(talkers)
    finally:
        server.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=None, help="of the moments at which it is killed")
    options = parser.parse_args()
    seed = options.seed if options.seed is not None else random.randrange(10_000)  # noqa: S311
    print(f"kill -9 while two clients talk, {options.rounds} times (--seed {seed})\n")
    print("round " + "".join(f"{name:>14}" for name in Outcome._fields))
    outcome = Outcome(0, 0, 0, 0)
    with tempfile.TemporaryDirectory(prefix="classcord-reconnect-") as folder:
        for number, outcome in enumerate(reconnect(Path(folder), max(1, options.rounds), seed), 1):
            name = str(number) if number <= options.rounds else "end"
            print(f"{name:5} " + "".join(f"{value:14}" for value in outcome), flush=True)
    print(f"\nsaid {outcome.said} / shown {outcome.shown} / lost = {outcome.lost} / doubled = {outcome.doubled}")
    return 1 if outcome.lost or outcome.doubled else 0


if __name__ == "__main__":
    raise SystemExit(main())
