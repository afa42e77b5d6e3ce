"""docs/FONCTIONNALITES.md held again: each line of its conversations is said to the real service, in memory.

A block ```chat or ```admin has lines `NAME > …` (said, or typed at the console by the owner `prof`) and sentences in
parentheses, `(NAME se déconnecte)` and `(5 s plus tard)`. The other lines are answers: `fresh` writes them anew.
`python -m docs.replay` corrects the page. Knows no other page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from twisted.internet.defer import Deferred, succeed

from classcord.chat.roles import Role
from classcord.chat.text import Text
from classcord.console.carrier import Environment
from classcord.console.programs import Programs
from classcord.console.tools import Tools
from classcord.services.administration.operator_logins import KeyAndPasswordLogins
from classcord.services.export import Exporter
from docs.office import equip
from docs.process import NO_FILE
from docs.room import OWNER, Room, office_holder

PAGE_FILE = Path(__file__).with_name("FONCTIONNALITES.md")
PROMPTS = (f"{OWNER}@ClassCord> ", f"$ ssh -p 2222 {OWNER}@serveur ")  # of a person, and of a script
BLOCK = re.compile(r"^```(chat|admin)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
WIDTH = 6  # of a name
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_INVENTED = re.compile(r"(?<=^mot de passe  )\S+", re.MULTILINE)
_SAID = re.compile(r"(\S+) *> (.*)")
_LATER = re.compile(r"\((\d+) (s|min|h|jours?) plus tard\)")
_AGAIN = re.compile(r"\((\S+) envoie encore (\d+) fois la même ligne, en une seconde\)")
_LEFT = re.compile(r"\((\S+) se déconnecte\)")
_SECONDS = {"s": 1, "min": 60, "h": 3_600, "jour": 86_400, "jours": 86_400}
_TIMES = (
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", "2026-11-20T20:36:32.000Z"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d", "2026-11-20T21:36:32.000+01:00"),
    (r"\d\d/\d\d/\d{4} \d\d:\d\d(:\d\d)?", "20/11/2026 21:36"),
    (r"\[(\d\d/\d\d )?\d\d:\d\d\]", "[21:36]"),
    (r'"version":"[^"]*"', '"version":"…"'),
)


class NoKeys:
    """A folder of keys with nothing in it."""

    def look(self) -> bool:
        return False

    def find(self, name: str, blob: bytes, address: str, now: float) -> None:  # noqa: ARG002
        return None

    roles: Mapping[str, Role] = {}
    files: Mapping[str, Path] = {}
    problems: Sequence[Text] = ()


class Paper:
    """A carrier (console/carrier.py) that keeps what is written to it."""

    def __init__(self) -> None:
        self.text = b""
        self.ended = False

    def write(self, data: bytes) -> None:
        self.text += data

    write_error = write

    def ready(self) -> Deferred[None]:
        return succeed(None)

    def end(self, status: int) -> None:  # noqa: ARG002
        self.ended = True

    def pause(self) -> None:
        """Do nothing: there is no input."""

    resume = pause


class Stage(Room):
    """A room that people leave, and in which time passes while nobody says anything."""

    def heard(self) -> list[tuple[str, str]]:
        """Return who has heard what since the last look."""
        self.settle()
        heard = list(self._heard)
        self._heard.clear()
        return heard

    def wait(self, seconds: int) -> list[tuple[str, str]]:
        """Let time pass; return who has heard what."""
        for _ in range(min(seconds, 60)):
            self.clock.advance(seconds / min(seconds, 60))
        return self.heard()

    def again(self, who: str, line: str, times: int) -> list[tuple[str, str]]:
        """Let somebody send a line many times at once; return who has heard what, each line once."""
        connection = self._connections[who]
        for _ in range(times):
            self.service.submit(connection, connection.session.listener.dialect.decode(line.encode()))
        return list(dict.fromkeys(self.heard()))

    def leave(self, who: str) -> list[tuple[str, str]]:
        """Close somebody's connection from their side; return who has heard what."""
        self.clock.advance(1)
        self.service.disconnected(self._connections.pop(who), "closed")
        return self.heard()


class Replay:
    """The page's server, from its first line to its last: what one block has changed, the next one finds."""

    def __init__(self) -> None:
        self._room = room = Stage()
        equip(room)
        service, clock = room.service, room.clock
        tools = Tools(
            service,
            room.hub,
            KeyAndPasswordLogins(service, room.hub, NoKeys(), clock, passwords=lambda: True, folder="admin_keys"),
            Exporter(room.store, clock),
            clock,
            data=NO_FILE,
            language=lambda: "fr",
            timezone=lambda: ZoneInfo("Europe/Paris"),
            manhole=lambda: False,
        )
        self._programs = Programs(tools, "ssh")
        self._last = ""

    def fresh(self, text: str) -> str:
        """Return a block's content as it is to be: what is said in it, with what follows from it."""
        return "".join(f"{line}\n" for asked in text.splitlines() for line in self._answered(asked))

    def _answered(self, line: str) -> Iterator[str]:
        """Give a line and what follows from it; nothing for a line that is an answer itself."""
        if line.startswith(PROMPTS):
            yield line
            yield from self._typed(line)
            heard = self._room.heard()
        elif later := _LATER.fullmatch(line):
            yield line
            heard = self._room.wait(int(later[1]) * _SECONDS[later[2]])
        elif left := _LEFT.fullmatch(line):
            yield line
            heard = self._room.leave(left[1])
        elif again := _AGAIN.fullmatch(line):
            yield line
            heard = self._room.again(again[1], self._last, int(again[2]))
        elif said := _SAID.fullmatch(line):
            who, self._last = said.groups()
            yield f"{who:{WIDTH}} > {self._last}"
            heard = self._room.hold([(who, self._last)])[0].heard
        else:
            return
        yield from (f"{who:{WIDTH}} < {told}" for who, told in heard)

    def _typed(self, line: str) -> list[str]:
        """Return what the console answers: to a person, if the line stands behind the console's prompt."""
        self._room.clock.advance(1)
        paper = Paper()
        operator = office_holder(self._room)
        around = Environment(terminal=line.startswith(PROMPTS[0]), term="xterm", columns=110, colour=False)
        command = line.removeprefix(PROMPTS[0]).removeprefix(PROMPTS[1])
        program = self._programs(operator, "10.0.0.2", paper, around, command)
        self._room.settle()
        if not paper.ended:  # it asks for a password: none is given
            program.received(b"\r")
            self._room.settle()
        text = _INVENTED.sub("xxxx-xxxx-xxxx-xxxx", _ESCAPES.sub("", paper.text.decode()))
        return [each.rstrip() for each in text.splitlines() if each.strip()]


def fresh(page: str) -> str:
    """Return the page with each answer as the service gives it now."""
    replay = Replay()
    return BLOCK.sub(lambda block: f"```{block[1]}\n{replay.fresh(block[2])}```", page)


def timeless(text: str) -> str:
    """Return `text` with one time for every time, so that two answers can be compared."""
    for pattern, instead in _TIMES:
        text = re.sub(pattern, instead, text)
    return text


def main() -> None:
    """Correct the page."""
    PAGE_FILE.write_text(fresh(PAGE_FILE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
