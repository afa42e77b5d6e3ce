"""What handing one batch to many sockets costs: a copy for each (`send`), or shared pages (`sendfile`).

    python bench/pages.py

Prints microseconds a socket for several sizes, reading on another core: where `sendfile` begins to win is the source of
SharedPages.LEAST in classcord/faces/outbox.py.
"""

from __future__ import annotations

import os
import select
import socket
import statistics
import time

SOCKETS = 200
ROUNDS = 40


def read_everything(address: tuple[str, int]) -> None:
    """Connect and read, until the other side closes."""
    if hasattr(os, "sched_setaffinity") and (os.cpu_count() or 1) > 1:
        os.sched_setaffinity(0, {1})
    sockets = {s.fileno(): s for s in (socket.create_connection(address) for _ in range(SOCKETS))}
    poll = select.epoll()
    for number in sockets:
        poll.register(number, select.EPOLLIN)
    buffer = bytearray(1 << 20)
    while True:
        for number, _ in poll.poll():
            if not sockets[number].recv_into(buffer):
                return


def copies(sockets: list[socket.socket], data: bytes) -> None:
    """Send `data` to each socket."""
    for each in sockets:
        each.send(data)


def pages(sockets: list[socket.socket], data: bytes) -> None:
    """Put `data` into an anonymous file once, and let the kernel hand on its pages."""
    file = os.memfd_create("bench", os.MFD_CLOEXEC)
    os.write(file, data)
    for each in sockets:
        os.sendfile(each.fileno(), file, 0, len(data))
    os.close(file)


def main() -> None:
    """Measure each size both ways in turn, and print the medians."""
    for size in (1_800, 7_000, 14_000, 28_000, 57_000):
        with socket.create_server(("127.0.0.1", 0)) as server:
            child = os.fork()
            if not child:
                read_everything(server.getsockname())
                os._exit(0)
            sockets = [server.accept()[0] for _ in range(SOCKETS)]
        for each in sockets:
            each.setblocking(False)
            each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        data = b"x" * size
        times: dict[str, list[float]] = {"send": [], "sendfile": []}
        for _ in range(ROUNDS):
            for name, way in (("send", copies), ("sendfile", pages)):
                begun = time.perf_counter()
                way(sockets, data)
                times[name].append(time.perf_counter() - begun)
                time.sleep(0.01)  # the reader catches up
        for each in sockets:
            each.close()
        os.waitpid(child, 0)
        row = "  ".join(f"{name} {statistics.median(t) / SOCKETS * 1e6:6.2f} µs" for name, t in times.items())
        print(f"{size:6} bytes  {row}")


if __name__ == "__main__":
    main()
