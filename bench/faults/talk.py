"""People who chat at a steady pace, and how long each message takes from its writer to its readers."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tests.server import BOUND, Client, Server

EVERY = 0.025  # seconds between two messages, whoever writes them
WRITERS, READERS = 4, 4
MARK = "said at "


class Talk:
    """Writers who say something in turn to everyone; every reader notes when it comes."""

    def __init__(self, server: Server, *, first: bool = True) -> None:
        """`first` when the accounts have to be made."""
        self.sent = 0
        self.acknowledged = 0
        self._latencies: list[float] = []
        self._over = threading.Event()
        self._heard = threading.Condition()
        enter = Client.register if first else Client.login
        self._writers = [enter(server.client().hello(), f"writer{number}") for number in range(WRITERS)]
        self._readers = [enter(server.client().hello(), f"reader{number}") for number in range(READERS)]
        self._threads = [threading.Thread(target=self._listen, args=(each,)) for each in self._writers]
        self._threads += [threading.Thread(target=self._note, args=(each,)) for each in self._readers]
        self._threads.append(threading.Thread(target=self._write))
        for thread in self._threads:
            thread.start()

    def _write(self) -> None:
        due = time.monotonic()
        while not self._over.wait(max(0.0, due - time.monotonic())):
            due += EVERY
            writer = self._writers[self.sent % WRITERS]
            try:
                writer.say(f"{MARK}{time.monotonic()}", id=self.sent)
            except OSError:
                return
            self.sent += 1

    def _listen(self, writer: Client) -> None:
        for line in writer:
            if line["type"] == "ack":
                with self._heard:
                    self.acknowledged += 1
                    self._heard.notify_all()

    def _note(self, reader: Client) -> None:
        for line in reader:
            if line["type"] == "message" and line["content"].startswith(MARK):
                self._latencies.append(time.monotonic() - float(line["content"].removeprefix(MARK)))

    def goes_on(self, messages: int = 20) -> bool:
        """Wait until so many more messages are acknowledged; return whether that came to be."""
        with self._heard:
            wanted = self.acknowledged + messages
            return self._heard.wait_for(lambda: self.acknowledged >= wanted, BOUND)

    def latencies(self, seconds: float) -> list[float]:
        """Return how long messages took during the next `seconds`, in milliseconds."""
        before = len(self._latencies)
        self._over.wait(seconds)
        return sorted(1000 * each for each in self._latencies[before:])

    def end(self) -> None:
        self._over.set()
        self._threads[-1].join(BOUND)
        for client in (*self._writers, *self._readers):
            with suppress(OSError):  # it has ended already
                client.socket.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(BOUND)
        for client in (*self._writers, *self._readers):
            client.close()


@contextmanager
def talking(server: Server) -> Iterator[Talk]:
    """People chat until the end of the block."""
    talk = Talk(server)
    try:
        yield talk
    finally:
        talk.end()


def quantile(ordered: list[float], part: float) -> float:
    """Return the value below which this part of an ordered list lies; infinity of an empty one."""
    return round(ordered[min(len(ordered) - 1, int(part * len(ordered)))], 1) if ordered else float("inf")
