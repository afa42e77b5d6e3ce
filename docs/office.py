"""A console in memory: each command is asked once of the real service, so that its answer can be shown as it is.

Knows no page; administration.py writes that.
"""

from __future__ import annotations

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from classcord.chat.events import Answer
from classcord.chat.operators.vocabulary import Operate
from classcord.chat.requests import Request
from classcord.console.commands import commandline
from classcord.services.chat.local_session import LocalSession
from classcord.services.security.security_events import AuthenticationFailed
from docs.room import Room, office_holder

GUESSING = "203.0.113.7"
GUESSES = 10
SCENE = (
    ("alice", '{"type":"hello","protocol":2}'),
    ("alice", '{"type":"register","username":"alice","password":"azerty"}'),
    ("alice", '{"type":"login","username":"alice","password":"azerty"}'),
    ("bob", '{"type":"register","username":"bob","password":"motdepasse"}'),
    ("bob", '{"type":"login","username":"bob","password":"motdepasse"}'),
    ("prof", '{"type":"hello","protocol":2}'),
    ("prof", '{"type":"login","username":"prof","password":"tableau noir"}'),
    ("prof", '{"type":"create","channel":"#Comptabilité","kind":"approval"}'),
    ("prof", '{"type":"channel_settings","channel":"#dev","hold":true}'),
    ("alice", '{"type":"message","channel":"#dev","content":"Une question"}'),
    ("alice", '{"type":"message","channel":"#dev","content":"Qui vient à la piscine ?"}'),
    ("prof", '{"type":"channel_settings","channel":"#dev","hold":false}'),
    ("prof", '{"type":"logout"}'),
    ("alice", '{"type":"join","channel":"#Comptabilité"}'),
    ("bob", '{"type":"join","channel":"#Comptabilité"}'),
    ("bob", '{"type":"message","content":"Dégage"}'),
    ("alice", '{"type":"report","user":"bob","reason":"Il insiste","category":"insult"}'),
)
LINES = """\
who
whois bob
users
sessions
channels
create #jury private Notes de stage
topic #jury Notes de mars
description #jury Les notes de mars, et qui les saisit
invite alice #jury
members #dev
say #dev Le TP est en ligne
msg bob Passe me voir
history #dev 20
messages #dev 20
search ligne --channel #dev
delete 1
versions 1
announce Cours annulé à 14 h
channel #jury
channel #jury --hold on --slow 30
moderator alice #jury
held
approve 1
refuse 2 Hors sujet
requests
accept alice #Comptabilité
reject bob #Comptabilité Réservé aux CGO
close #jury
reopen #jury
delchannel #jury
reports
report 1
close-report 1 acted Nous en avons parlé
evidence 1
warn bob Restez poli
mute bob 1h Insultes
bans
unwarn bob
unmute bob
kick bob 10m Trop de bruit
ban bob 7d Insultes
unban bob
adduser dupont
passwd dupont
password-elsewhere dupont
password-here dupont
role dupont moderator
audit 2
deluser dupont
export-person bob Demande écrite du 3 mars
erase bob
addcode #Comptabilité --uses 30 --days 7 --note "BTS CGO 1"
codes
delcode 1
stats
retention
version
top
tail
trace alice
export users
python
loglevel debug
reload
backup
blocks
unblock 203.0.113.7
test-mail
lesson on #dev 1h Les tableaux
lesson off #dev
exam on #dev 2h Contrôle --addresses 10.1.2.0/24
exam off #dev
private-policy staff
private-policy settings
quiet-hours
maintenance off
shutdown 5m Mise à jour
cancel
restart 1m Mise à jour
"""


def equip(room: Room) -> None:
    """Give a room what administrators' commands work on."""
    service, clock = room.service, room.clock
    service.gate.blocks.set_rule(after=GUESSES, within=600, seconds=3600, exempt=lambda _: False)
    for _ in range(GUESSES):
        failed = AuthenticationFailed(at=clock.seconds(), address=GUESSING, name="alice", reason="wrong password")
        service.security.tell(failed)


class Office:
    """A room, and an owner's session at the console."""

    def __init__(self) -> None:
        self.room = Room()
        self.room.hold(SCENE)
        equip(self.room)
        service, clock = self.room.service, self.room.clock
        self._local = LocalSession(service, clock, address="10.0.0.2", face="ssh")
        self.ask(Operate(operator=office_holder(self.room)))

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
        answered: Deferred[Answer] = self._local.ask(request)
        self.room.settle()
        outcomes: list[Answer | Failure] = []
        answered.addBoth(outcomes.append)
        (outcome,) = outcomes
        if isinstance(outcome, Failure):
            outcome.raiseException()
        return outcome
