"""A console in memory: each command is asked once of the real service, so that its answer can be shown as it is.

Knows no page; administration.py writes that.
"""

from __future__ import annotations

from pathlib import Path

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from classcord.chat.events import Answer
from classcord.chat.requests import Operate, Request
from classcord.chat.roles import Role
from classcord.chat.state import Operator
from classcord.services.direct import Direct
from classcord.services.figures import Figures
from classcord.services.operations import Operations
from classcord.wire import commandline
from docs.examples import OWNER, Room

NO_FILE = Path("database-in-memory")
SCENE = (
    ("alice", '{"type":"hello","protocol":2}'),
    ("alice", '{"type":"register","username":"alice","password":"azerty"}'),
    ("alice", '{"type":"login","username":"alice","password":"azerty"}'),
    ("bob", '{"type":"register","username":"bob","password":"motdepasse"}'),
    ("bob", '{"type":"login","username":"bob","password":"motdepasse"}'),
    ("prof", '{"type":"hello","protocol":2}'),
    ("prof", '{"type":"login","username":"prof","password":"tableau noir"}'),
    ("prof", '{"type":"create","channel":"#Comptabilité","kind":"approval"}'),
    ("prof", '{"type":"logout"}'),
    ("alice", '{"type":"join","channel":"#Comptabilité"}'),
    ("bob", '{"type":"join","channel":"#Comptabilité"}'),
    ("alice", '{"type":"join","channel":"#dev"}'),
)
LINES = """\
who
whois bob
users
sessions
channels
create #jury private Notes de stage
topic #jury Notes de mars
members #dev
say #dev Le TP est en ligne
msg bob Passe me voir
history #dev 20
announce Cours annulé à 14 h
requests
accept alice #Comptabilité
reject bob #Comptabilité Réservé aux CGO
close #jury
reopen #jury
mute bob 1h Insultes
bans
unmute bob
kick bob 10m Trop de bruit
ban bob 7d Insultes
unban bob
adduser dupont
passwd dupont
role dupont moderator
audit 2
deluser dupont
stats
version
top
tail
trace alice
export users
python
loglevel debug
reload
maintenance off
shutdown 5m Mise à jour
cancel
restart 1m Mise à jour
"""


class Office:
    """A room, and an owner's session at the console."""

    def __init__(self) -> None:
        self.room = Room()
        self.room.hold(SCENE)
        service, clock = self.room.service, self.room.clock
        figures = Figures(service, service.journal, NO_FILE, clock)
        service.operations = Operations(service, self.room.memory, figures, _Controls(), clock)
        self._direct = Direct(service, clock, address="10.0.0.2", face="ssh")
        self.ask(Operate(operator=Operator(name=OWNER, role=Role.OWNER, fingerprint="SHA256:exemple")))

    def answers(self) -> dict[type[Request], tuple[str, Answer]]:
        """Return of each command a line, and what it is answered with."""
        return dict(map(self._answer, LINES.splitlines()))

    def _answer(self, line: str) -> tuple[type[Request], tuple[str, Answer]]:
        self.room.clock.advance(1)
        asked = commandline.read(line)
        assert asked is not None
        assert asked.request is not None
        return type(asked.request), (line, self.ask(asked.request))

    def ask(self, request: Request) -> Answer:
        """Return what a request is answered with; raise its refusal."""
        answered: Deferred[Answer] = self._direct.ask(request)
        self.room.settle()
        outcomes: list[Answer | Failure] = []
        answered.addBoth(outcomes.append)
        (outcome,) = outcomes
        if isinstance(outcome, Failure):
            outcome.raiseException()
        return outcome


class _Controls:
    """A process that nobody moves."""

    def reload(self) -> None:
        """Do nothing."""

    def set_log_level(self, level: str) -> None:
        """Do nothing."""

    def stop(self, *, restart: bool) -> None:
        """Do nothing."""
