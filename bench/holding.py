"""What it costs a channel message that messages may have to wait: quiet hours by day and by night, and a word list.

    python -m bench.holding [rounds]

First `Hub.decide` alone, for each rule a message of ten words, then the whole way of a message as in bench/hotpath.py.
All are microseconds of the processor for a message, the median of the rounds, so that other programs change little.
At night the room is one of those that quiet hours leave out: elsewhere each message waits, and none takes that way.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable

if __package__:
    from bench.hotpath import NOW, stages
else:
    sys.exit("run it from the root of the project: python -m bench.holding")

from classcord.chat.hub import Hub
from classcord.chat.messages.vocabulary import Say
from classcord.chat.people import Session
from classcord.chat.word_list.rules import go_by_list
from classcord.chat.word_list.words import WordList
from tests.chat.hubs import a_hub, come_in

NOW_MS, HOUR = int(NOW * 1000), 3_600_000
ENTRIES = 4_000
MANY = 2_000  # decisions in a round
GROUP, GROUPS = 320, 40
ROOM = "#général"
PLAIN = "on se retrouve demain devant la salle 12 pour le projet"
ASCII = "on se retrouve devant la salle 12 pour finir le projet"

Set = Callable[[Hub], None]
"""Sets a hub to a case."""


def off(hub: Hub) -> None:
    """Leave it as it is: no message may have to wait."""


def day(hub: Hub) -> None:
    """Have quiet hours tonight."""
    hub.quiet.set([(NOW_MS + HOUR, NOW_MS + 2 * HOUR)])
    hub.due(NOW)


def night(hub: Hub) -> None:
    """Have quiet hours now, but not in this room."""
    (room,) = (channel for channel in hub.state.channels_by_id.values() if channel.name == ROOM)
    hub.quiet.set([(NOW_MS - HOUR, NOW_MS + HOUR)], frozenset({room.key}))
    hub.due(NOW)


def waiting(hub: Hub) -> None:
    """Have quiet hours now, in this room too: the message waits."""
    night(hub)
    hub.quiet.rooms = frozenset()


def listed(hub: Hub) -> None:
    """Have a word list of the size that a school could find somewhere; a tenth of it are expressions or beginnings."""
    words = [f"mot{number}x" for number in range(ENTRIES * 9 // 10)]
    words += [f"début{number}*" for number in range(ENTRIES // 20)] + [f"deux mots {n}" for n in range(ENTRIES // 20)]
    go_by_list(hub, WordList(words))


CASES: dict[str, tuple[Set, str]] = {
    "off": (off, PLAIN),
    "quiet hours, by day": (day, PLAIN),
    "quiet hours, in a room without": (night, PLAIN),
    "quiet hours, it waits": (waiting, PLAIN),
    f"{ENTRIES:,} words, no accent": (listed, ASCII),
    f"{ENTRIES:,} words, with accents": (listed, PLAIN.replace("demain", "là-bas à côté")),
}


def decided(hub: Hub, session: Session, text: str) -> float:
    """Return the microseconds of one decision."""
    request = Say(content=text)
    begun = time.process_time()
    for _ in range(MANY):
        hub.decide(session, request, NOW)
    return (time.process_time() - begun) / MANY * 1e6


def a_session(case: Set) -> tuple[Hub, Session]:
    hub = a_hub(messages_per_second=0, stored_bytes_per_day=0)
    session = come_in(hub, "zoé", now=NOW)
    case(hub)
    return hub, session


def main(rounds: int) -> None:
    """Measure in turns, and print the medians."""
    hubs = {name: (*a_session(case), text) for name, (case, text) in CASES.items()}
    found: dict[str, list[float]] = {name: [] for name in CASES}
    for _ in range(rounds):
        for name, (hub, session, text) in hubs.items():
            found[name].append(decided(hub, session, text))
    print(f"{'Hub.decide':34}{'µs':>8}")
    for name, times in found.items():
        print(f"{name:34}{statistics.median(times):8.2f}")
    print(f"\n{'the whole way':34}{'read':>8}{'write':>8}{'release':>8}{'index':>8}{'sum':>8}")
    for name, (case, text) in CASES.items():
        if case is waiting:
            continue
        costs = stages(GROUP, GROUPS, text.encode(), case, clock=time.process_time)
        print(f"{name:34}" + "".join(f"{cost:8.2f}" for cost in (*costs.values(), sum(costs.values()))))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 15)
