"""The disk fails under load: it is full, or the database's files cannot be written; then it works again.

What was acknowledged must be stored, what was refused must not be, and what waited meanwhile is stored in the end.
"""

from __future__ import annotations

import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.crash import LONG, OPTIONS, Found, Ledger, Load, compare, read_database, read_history
from bench.faults.outcome import Impossible, Outcome, wrong
from tests.server import BOUND, Client, Server

SIZE = 64  # megabytes of the small disk
FIRST, AFTER = 2_000, 500  # events of the load before the trouble, and acknowledgements after it
LASTS = 5.5  # seconds of trouble: the server is patient for 5 before it refuses


def disk_full(folder: Path) -> Outcome:
    """A small disk is filled to the last byte by somebody else, who then makes room again."""
    with small_disk(folder):
        return _trouble(folder, lambda _: _fill(folder / "filler"), lambda _: (folder / "filler").unlink())


def read_only(folder: Path) -> Outcome:
    """The files of the database become immutable, for whoever has them open as well; then they can be written again."""
    _need_immutable(folder)

    def change(sign: str) -> Callable[[Server], None]:
        return lambda server: _chattr(sign, *(server.data / f"classcord.db{part}" for part in ("", "-wal")))

    return _trouble(folder, change("+i"), change("-i"))


def _trouble(folder: Path, begin: Callable[[Server], None], end: Callable[[Server], None]) -> Outcome:
    ledger = Ledger()
    server = Server(folder, *OPTIONS)
    try:
        load = Load(server, ledger, "trouble", first=True)
        stranger = server.client().hello().register("stranger")
        load.run_until(FIRST)
        try:
            began = time.monotonic()
            begin(server)
            server.wait_for("nothing can be stored")
            noticed = time.monotonic() - began
            time.sleep(LASTS)
            asked = time.monotonic()
            refused = _is_refused(stranger, ledger)  # who has nothing under way hears it at once
            refused_within = time.monotonic() - asked
        finally:
            end(server)
        ended = time.monotonic()
        acknowledged = len(ledger.acknowledged)
        works_again = load.expect("ack").wait(LONG)
        back_after = time.monotonic() - ended
        goes_on = all(load.expect("ack").wait(LONG) for _ in range(AFTER))
        status = server.stop()
        load.ended()
        stranger.close()
        faults = "Traceback" in server.logged()
        server.close()
        server = Server(folder, *OPTIONS)
        by_clients, in_file = read_history(server), read_database(server)
    finally:
        server.close()
    outcome = compare(ledger, in_file)
    stored = Counter(found.content for found in in_file.elements())
    return Outcome(
        {
            "sent": outcome.sent,
            "acknowledged": outcome.acknowledged,
            "of them after the trouble": outcome.acknowledged - acknowledged,
            "refused": len(ledger.refused),
            "noticed after (s)": round(noticed, 2),
            "refused within (s)": round(refused_within, 3),
            "works again after (s)": round(back_after, 2),
            "lost": outcome.lost,
            "doubled": outcome.doubled,
        },
        wrong(
            messages_were_lost=outcome.lost > 0,
            messages_were_doubled=outcome.doubled > 0,
            what_was_refused_is_stored=bool(ledger.refused & stored.keys()),
            clients_read_something_else=_lost(ledger, by_clients) > 0,
            what_cannot_be_stored_was_not_refused=not refused,
            it_does_not_work_again=not works_again or not goes_on,
            the_stop_was_not_clean=status != 0,
            a_traceback_is_in_the_log=faults,
        ),
    )


def _is_refused(client: Client, ledger: Ledger) -> bool:
    """Say something; return whether that is refused at once, for a reason that programs understand."""
    content = "trouble/stranger/0"
    ledger.sent.add(content)
    ledger.refused.add(content)
    client.say(content, id=content)
    line = client.until(id=content)
    return bool(line["type"] == "error" and line["code"] == "storage_unavailable")


def _lost(ledger: Ledger, found: Counter[Found]) -> int:
    return compare(ledger, found).lost


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """Mount a file system of SIZE megabytes on a folder; Impossible for who is not root."""
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}m,mode=700", "classcord-fault", str(folder)]
    _run(mount, "a small disk cannot be mounted")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=False, timeout=BOUND)  # noqa: S603, S607


def _fill(file: Path) -> None:
    """Take all the room that there is."""
    block = bytes(1_000_000)
    with file.open("wb", buffering=0) as out:
        try:
            while out.write(block) == len(block):
                pass
            while out.write(bytes(4096)):
                pass
        except OSError:  # the disk is full
            return


def _need_immutable(folder: Path) -> None:
    """Raise Impossible where an open file of this folder's disk can be written however it is marked."""
    file = folder / "trial"
    with file.open("wb", buffering=0) as out:
        _chattr("+i", file)
        try:
            out.write(b"x")
        except OSError:
            return
        finally:
            _chattr("-i", file)
            file.unlink()
    raise Impossible(f"files in {folder} can be written when they are immutable")


def _chattr(sign: str, *files: Path) -> None:
    _run(["chattr", sign, *map(str, files)], "no file can be made immutable")


def _run(command: list[str], why: str) -> None:
    try:
        done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=BOUND, check=False)  # noqa: S603
    except FileNotFoundError:
        raise Impossible(f"{why}: {command[0]} is missing") from None
    if done.returncode:
        raise Impossible(f"{why}: {done.stderr.strip()}")
