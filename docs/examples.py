"""The examples of docs/protocole.md: conversations held with the real service, in memory, at a fixed time.

So an example can neither be wrong nor grow old. Knows no page; generate.py writes that.
"""

from __future__ import annotations

import itertools
import re
import sys
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
from passlib.context import CryptContext
from twisted.internet.defer import Deferred, succeed
from twisted.internet.task import Clock

from classcord import __version__
from classcord.chat.effects import Commit
from classcord.chat.errors import ChatError
from classcord.chat.events import Answer
from classcord.chat.files.vocabulary import SentFile
from classcord.chat.hub import Hub
from classcord.chat.policy import Policy
from classcord.chat.ports import Dialect, Encoder, Traits
from classcord.chat.registration.rules import new_account
from classcord.chat.registration.vocabulary import Register
from classcord.chat.requests import Request
from classcord.chat.roles import Operator, Role
from classcord.server import first_start as beginning
from classcord.server.chat import Chat
from classcord.services.passwords.local import Hashing, LocalPasswords
from classcord.services.security.security_events import SecurityEvents
from classcord.store.sqlite.database import Database
from classcord.wire.jsonlines import classic
from docs.process import Controls, Mails

NOW = 1_795_206_987  # 2026-11-20, in the evening
_MEMORY = re.compile(r'"memory":\d+')  # of whoever makes the page
TURNS = 12  # of the reactor, in which everything that a line causes has happened
OWNER = "prof"  # has an account in every room
PASSWORD = "tableau noir"  # noqa: S105 (of an account in memory)


class Exchange(NamedTuple):
    """A line of a client's, the lines it was sent because of it, and who else heard what."""

    who: str
    asked: str
    heard: list[tuple[str, str]]


class _Ear:
    """A Listener that keeps what it is written, for the one list of all that was heard.

    It remembers with which kind of answer each kind of request was answered.
    """

    waiting = 0
    portion = sys.maxsize

    def __init__(
        self,
        who: str,
        heard: deque[tuple[str, str]],
        answers: dict[type[Request], type[Answer]],
        closed: Callable[[str], None],
    ) -> None:
        """`closed` is told who was sent away."""
        self.dialect: Dialect = classic("fr", ZoneInfo("Europe/Paris"))
        self._who = who
        self._heard = heard
        self._answers = answers
        self._closed = closed

    @property
    def sink(self) -> _Ear:
        return self

    @property
    def traits(self) -> Traits:
        return self.dialect.traits

    @property
    def encoder(self) -> Encoder[bytes]:
        return self.dialect.encoder

    def answer(self, request: Request, answer: Answer) -> bytes:
        self._answers[type(request)] = type(answer)
        return self.dialect.answer(request, answer)

    def error(self, error: ChatError, request: Request | None) -> bytes:
        return self.dialect.error(error, request)

    def speak(self, language: str, encoding: str) -> None:
        self.dialect = self.dialect.after_hello(language, encoding)

    def pace(self, lasts: Callable[[], bool]) -> None:
        """Do nothing: a page has no time."""

    def when_written(self, then: Callable[[], None]) -> None:
        then()

    def mark(self) -> None:
        """Return no position: a page is read."""

    def acknowledged(self) -> int:
        return 0

    def was_silent(self) -> bool:
        return False  # somebody always says something on a page

    def give_up_after(self, seconds: float) -> None:
        """Do nothing: nobody vanishes."""

    def write(self, chunk: bytes) -> None:
        """Keep each line."""
        lines = (_MEMORY.sub('"memory":64000000', line) for line in chunk.decode().splitlines())
        self._heard += [(self._who, line) for line in lines]

    def close(self, *, after: float = 0) -> None:  # noqa: ARG002
        self._closed(self._who)

    def pause(self) -> None:
        """Do nothing: lines come one at a time."""

    resume = pause


def office_holder(room: Room) -> Operator:
    """Return the owner as an administrator who came in by password: with the account that the room has."""
    account = room.service.hub.state.accounts[OWNER]
    return Operator(name=OWNER, role=Role.OWNER, by="password", fingerprint="SHA256:exemple", account_id=account.id)


class Room:
    """A server in memory, whose clients are named by whoever speaks first under a name.

    It has an owner's account, OWNER with PASSWORD.
    """

    def __init__(self) -> None:
        self.answers: dict[type[Request], type[Answer]] = {}
        self.clock = Clock()
        self.clock.advance(NOW)
        self.store = store = Database.in_memory()
        erased = "(ancien membre {number})"
        self.hub = hub = Hub(Policy(name="ClassCord", version=__version__, other_logins=True, erased_name=erased))
        digests = CryptContext(["hex_sha256"])
        hashing = Hashing(_at_once, digests)
        self.service = Chat(
            hub,
            store,
            size=lambda: 0,
            authenticator=LocalPasswords(store, hashing),
            hashing=hashing,
            security=SecurityEvents(),
            controls=Controls(),
            mails=Mails(),
            timers=self.clock,
            clock=self.clock,
        ).service
        hub.uploads.room = lambda: 1e9
        hub.new_secret = map("jeton-{}".format, itertools.count(1)).__next__
        for commit in beginning.channels(hub, (), NOW):
            self.service.journal.append(commit)
        owner = new_account(hub, Register(username=OWNER, password=""), digests.hash(PASSWORD), Role.OWNER, NOW)
        self.service.journal.append(Commit(None, (owner,)))
        self.settle()
        self._heard: deque[tuple[str, str]] = deque()
        self._connections: dict[str, Any] = {}  # their listeners are ears

    def hold(self, conversation: Iterable[tuple[str, str]]) -> list[Exchange]:
        """Let each say their line, a second apart; return what was said and heard."""
        return [self._exchange(who, line) for who, line in conversation]

    def hold_at_night(self, conversation: Iterable[tuple[str, str]]) -> list[Exchange]:
        """Let each say their line in quiet hours, which begin now and last ten hours."""
        self.service.keep_time()
        begin = int(self.clock.seconds()) * 1000
        self.hub.quiet.set([(begin, begin + 36_000_000)])
        return [self._exchange(who, line, self._second_passes) for who, line in conversation]

    def _second_passes(self) -> None:
        self.service.keep_time()
        self.settle()
        self.service.let_go()

    def _exchange(self, who: str, line: str, then: Callable[[], None] = lambda: None) -> Exchange:
        self.clock.advance(1)
        if who not in self._connections:
            ear = _Ear(who, self._heard, self.answers, self._left)
            self._connections[who] = self.service.connect(ear, address="10.0.0.1", face="tcp")
        connection = self._connections[who]
        try:
            self.service.submit(connection, connection.session.listener.dialect.decode(line.encode()))
        except ChatError as error:
            self.service.bad_line(connection, error)
        self.settle()
        then()
        self.settle()
        heard = list(self._heard)
        self._heard.clear()
        for _, answer in heard:
            self._take_bytes(msgspec.json.decode(answer))
        return Exchange(who, line, heard)

    def _take_bytes(self, answer: dict[str, Any]) -> None:
        """Take the bytes of a file as soon as they may come: those of an image."""
        token = answer.get("file")
        upload = self.hub.uploads.begin(token, self.clock.seconds()) if isinstance(token, str) else None
        if upload is not None:
            image = {"type": "image/png", "digest": "", "width": 640, "height": 480}
            file = SentFile(token=upload.token, name=upload.name, size=upload.size, **image)  # type: ignore[arg-type]
            self.hub.uploads.received(upload, file, self.clock.seconds())

    def _left(self, who: str) -> None:
        connection = self._connections.pop(who, None)
        if connection is not None:
            self.clock.callLater(0, self.service.disconnected, connection, "sent away")

    def settle(self) -> None:
        """Let everything happen that was begun."""
        for _ in range(TURNS):
            self.clock.advance(0)


def _at_once(work: Any, *arguments: object) -> Deferred[Any]:
    return succeed(work(*arguments))


def kind_of(line: str) -> str:
    """Return the `type` of a line."""
    return str(msgspec.json.decode(line)["type"])


MODERN = (
    ("bob", '{"type":"hello","protocol":2,"client":"exemple/1.0","encoding":"utf-8","lang":"fr"}'),
    ("bob", '{"type":"register","username":"bob","password":"motdepasse"}'),
    ("bob", '{"type":"login","username":"bob","password":"motdepasse"}'),
    ("alice", '{"type":"hello","id":1,"protocol":2,"client":"exemple/1.0","encoding":"utf-8","lang":"fr"}'),
    ("alice", '{"type":"register","id":2,"username":"alice","password":"azerty","first_name":"Alice"}'),
    ("alice", '{"type":"register","id":3,"username":"bob","password":"azerty"}'),
    ("alice", '{"type":"login","id":4,"username":"alice","password":"azerty"}'),
    ("zoé", '{"type":"hello","protocol":2,"encoding":"utf-8"}'),
    ("zoé", '{"type":"guest","id":"a","username":"Zoé"}'),
    ("alice", '{"type":"users","id":5}'),
    ("alice", '{"type":"list_users","id":5}'),
    ("alice", '{"type":"userlist","id":5}'),
    ("bob", '{"type":"join","id":6,"channel":"#dev"}'),
    ("alice", '{"type":"join","id":7,"channel":"#dev"}'),
    ("alice", '{"type":"channel_switch","id":7,"channel":"#dev"}'),
    ("alice", '{"type":"message","id":8,"content":"Bonjour à tous"}'),
    ("alice", '{"type":"message","id":9,"channel":"#dev","content":"Le TP est en ligne","client_id":"a7"}'),
    ("alice", '{"type":"message","id":9,"channel":"#dev","content":"Le TP est en ligne","client_id":"a7"}'),
    ("alice", '{"type":"message","id":9,"channel":"#dev","content":"Le TP a changé","client_id":"a7"}'),
    ("bob", '{"type":"react","id":80,"message_id":1,"emoji":"👍"}'),
    ("alice", '{"type":"typing","id":53,"user":"bob"}'),
    ("alice", '{"type":"message","id":10,"subtype":"private","to":"bob","content":"Tu viens ?"}'),
    ("bob", '{"type":"private","id":11,"to":"alice","content":"Oui !"}'),
    ("alice", '{"type":"message","id":12,"subtype":"private","to":"personne","content":"?"}'),
    ("alice", '{"type":"history","id":13,"channel":"#dev","after":0,"limit":2}'),
    ("alice", '{"type":"history","id":14,"user":"bob","limit":1}'),
    ("alice", '{"type":"history","id":14,"user":"bob","around":3,"limit":2}'),
    ("mobile", '{"type":"hello","protocol":2,"client":"mobile/1.0","encoding":"utf-8","lang":"fr"}'),
    ("mobile", '{"type":"login","username":"alice","password":"azerty"}'),
    ("alice", '{"type":"conversations","id":54}'),
    ("alice", '{"type":"read","id":55,"channel":"#général","message_id":9}'),
    ("alice", '{"type":"read","id":56,"user":"bob","message_id":4}'),
    ("alice", '{"type":"hide","id":57,"user":"bob"}'),
    ("mobile", '{"type":"conversations","limit":1}'),
    ("mobile", '{"type":"logout"}'),
    ("alice", '{"type":"search","id":58,"query":"tp lign*","channel":"#dev"}'),
    ("alice", '{"type":"search","id":59,"query":"viens","user":"bob","order":"newest","limit":1}'),
    ("alice", '{"type":"profile","id":96,"last_name":"Martin","email":"alice@example.org","status_text":"En TP"}'),
    ("bob", '{"type":"profile","id":97,"user":"alice"}'),
    ("bob", '{"type":"profile","id":98,"alias":"alice"}'),
    ("alice", '{"type":"profile","id":99,"status_text":""}'),
    ("alice", '{"type":"block","id":86,"user":"bob"}'),
    ("bob", '{"type":"private","id":87,"to":"alice","content":"Alors ?"}'),
    ("alice", '{"type":"blocks","id":88}'),
    ("alice", '{"type":"block","id":89,"user":"bob","on":false}'),
    ("alice", '{"type":"status","id":15,"state":"away"}'),
    ("alice", '{"type":"create","id":16,"channel":"#projet","kind":"private","topic":"Le projet de fin d\'année"}'),
    ("alice", '{"type":"channels","id":17}'),
    ("alice", '{"type":"members","id":18,"channel":"#dev"}'),
    ("alice", '{"type":"who","id":19,"channel":"#dev"}'),
    ("bob", '{"type":"create","id":20,"channel":"#cours"}'),
    ("alice", '{"type":"join_channel","id":21,"channel":"cours"}'),
    ("bob", '{"type":"topic","id":22,"channel":"#cours","topic":"Réseaux, mardi"}'),
    ("alice", '{"type":"topic","id":23,"channel":"#cours"}'),
    (
        "bob",
        '{"type":"description","id":58,"channel":"#cours","description":"Le cours du mardi.\\nPosez vos questions."}',
    ),
    ("alice", '{"type":"description","id":59,"channel":"#cours"}'),
    ("alice", '{"type":"invite","id":60,"channel":"#projet","user":"bob"}'),
    ("bob", '{"type":"invite","id":61,"channel":"#projet","user":"prof"}'),
    ("bob", '{"type":"pin","id":82,"message_id":6}'),
    ("alice", '{"type":"pins","id":83,"user":"bob"}'),
    ("alice", '{"type":"leave","id":24,"channel":"#dev"}'),
    ("alice", '{"type":"ping","id":25}'),
    # who keeps order
    ("prof", '{"type":"hello","protocol":2,"encoding":"utf-8","lang":"fr"}'),
    ("prof", '{"type":"login","username":"prof","password":"tableau noir"}'),
    ("dupont", '{"type":"hello","protocol":2,"encoding":"utf-8","lang":"fr"}'),
    ("dupont", '{"type":"register","username":"dupont","password":"craie"}'),
    ("dupont", '{"type":"login","username":"dupont","password":"craie"}'),
    ("prof", '{"type":"role","id":26,"user":"dupont","role":"moderator"}'),
    ("bob", '{"type":"role","id":27,"user":"alice","role":"owner"}'),
    ("bob", '{"type":"password","id":28,"old":"motdepasse","new":"une phrase longue"}'),
    ("dupont", '{"type":"create","id":29,"channel":"#Comptabilité","kind":"approval"}'),
    ("alice", '{"type":"join","id":30,"channel":"#Comptabilité"}'),
    ("bob", '{"type":"join_channel","id":31,"channel":"#Comptabilité"}'),
    ("dupont", '{"type":"requests","id":32}'),
    ("dupont", '{"type":"accept","id":33,"user":"alice","channel":"#Comptabilité"}'),
    ("dupont", '{"type":"reject","id":34,"user":"bob","channel":"#Comptabilité","reason":"Réservé aux CGO"}'),
    ("bob", '{"type":"join","channel":"#Comptabilité"}'),
    ("bob", '{"type":"withdraw","id":35,"channel":"#Comptabilité"}'),
    ("dupont", '{"type":"announce","id":36,"content":"Cours annulé à 14 h"}'),
    ("dupont", '{"type":"announce","id":37,"channel":"#dev","content":"Le dépôt a changé d\'adresse"}'),
    ("dupont", '{"type":"warn","id":95,"user":"bob","reason":"Restez poli"}'),
    ("dupont", '{"type":"unwarn","id":96,"user":"bob"}'),
    ("dupont", '{"type":"mute","id":38,"user":"bob","duration":3600,"reason":"Trop de bruit"}'),
    ("bob", '{"type":"message","id":39,"content":"Pardon"}'),
    ("dupont", '{"type":"unmute","id":40,"user":"bob"}'),
    ("dupont", '{"type":"kick","id":41,"user":"bob","reason":"Insultes"}'),
    ("dupont", '{"type":"ban","id":42,"target":"bob","duration":604800,"reason":"Insultes"}'),
    ("dupont", '{"type":"ban","id":43,"target":"prof"}'),
    ("prof", '{"type":"ban","id":44,"target":"192.168.1.66","reason":"Pourriels"}'),
    ("dupont", '{"type":"bans","id":45}'),
    ("dupont", '{"type":"unban","id":46,"target":"bob"}'),
    ("dupont", '{"type":"lesson","id":82,"state":"on","channel":"#dev","duration":3600,"reason":"Les tableaux"}'),
    ("alice", '{"type":"message","id":83,"content":"Qui vient ?"}'),
    ("alice", '{"type":"lesson","id":84}'),
    ("dupont", '{"type":"lesson","id":85,"state":"off","channel":"#dev"}'),
    ("dupont", '{"type":"exam","id":86,"state":"on","channel":"#dev","duration":7200,"reason":"Contrôle"}'),
    ("alice", '{"type":"message","id":87,"subtype":"private","to":"bob","content":"Et la 3 ?"}'),
    ("dupont", '{"type":"exam","id":88,"state":"off","channel":"#dev"}'),
    ("alice", '{"type":"private_policy","id":90}'),
    ("prof", '{"type":"private_policy","id":91,"policy":"staff"}'),
    ("alice", '{"type":"message","id":92,"subtype":"private","to":"bob","content":"Tu viens ?"}'),
    ("prof", '{"type":"private_policy","id":93,"policy":"settings"}'),
    ("prof", '{"type":"quiet_hours","id":109,"state":"off","duration":18000,"reason":"Sortie au théâtre"}'),
    ("dupont", '{"type":"invitation_code","id":53,"into":["#dev"],"uses":30,"days":2,"note":"BTS SIO 1"}'),
    ("zoé3", '{"type":"hello","protocol":2,"encoding":"utf-8"}'),
    ("zoé3", '{"type":"register","id":54,"username":"zoé","password":"azerty","code":"ABCD-EFHJ-KMNP"}'),
    ("dupont", '{"type":"invitation_codes","id":55}'),
    ("dupont", '{"type":"end_invitation_code","id":56,"code_id":1}'),
    ("prof", '{"type":"close","id":47,"channel":"#cours"}'),
    ("prof", '{"type":"reopen","id":48,"channel":"#cours"}'),
    ("alice", '{"type":"delete_channel","id":49,"channel":"#projet"}'),
    ("prof", '{"type":"delete_channel","id":50,"channel":"#cours"}'),
    # who administers
    ("prof", '{"type":"accounts","id":120,"search":"lic"}'),
    ("prof", '{"type":"adduser","id":121,"username":"eve","password":"pomme verte"}'),
    ("prof", '{"type":"passwd","id":122,"user":"eve","password":"poire jaune"}'),
    ("prof", '{"type":"password_elsewhere","id":128,"user":"eve"}'),
    ("prof", '{"type":"password_here","id":129,"user":"eve","password":"poire verte"}'),
    ("prof", '{"type":"deluser","id":123,"user":"eve"}'),
    ("dupont", '{"type":"whois","id":124,"user":"alice"}'),
    ("dupont", '{"type":"sessions","id":125,"user":"alice"}'),
    ("prof", '{"type":"audit","id":126,"limit":2,"actor":"prof"}'),
    ("prof", '{"type":"stats","id":127}'),
    ("prof", '{"type":"retention","id":129}'),
    # what becomes of a message
    ("dupont", '{"type":"message","id":60,"content":"Bonjour @alice","reply_to":1}'),
    ("alice", '{"type":"message","id":61,"channel":"#dev","content":"?","reply_to":1}'),
    ("dupont", '{"type":"edit","id":62,"message_id":7,"content":"Bonjour Alice"}'),
    ("alice", '{"type":"edit","id":63,"message_id":7,"content":"Salut"}'),
    ("alice", '{"type":"delete","id":64,"message_id":1}'),
    ("alice", '{"type":"history","id":65,"limit":2}'),
    ("alice", '{"type":"delete","id":66,"message_id":1}'),
    ("alice", '{"type":"react","id":67,"message_id":7,"emoji":"👍"}'),
    # a message is reported
    ("alice", '{"type":"report","id":90,"user":"bob","reason":"Il insiste","category":"harassment"}'),
    ("alice", '{"type":"report","id":91,"message_id":7}'),
    ("dupont", '{"type":"reports","id":92}'),
    ("dupont", '{"type":"report_details","id":93,"report_id":1}'),
    ("dupont", '{"type":"close_report","id":94,"report_id":1,"outcome":"acted","reason":"Nous en avons parlé"}'),
    # a connection is lost
    ("zoé2", '{"type":"hello","protocol":2,"client":"telephone/2.1","encoding":"utf-8"}'),
    ("zoé2", '{"type":"resume","id":70,"session":"jeton-3","after":1}'),
    ("prof2", '{"type":"hello","protocol":2,"client":"telephone/2.1","encoding":"utf-8"}'),
    ("prof2", '{"type":"resume","id":76,"session":"jeton-5","after":7}'),
    ("alice2", '{"type":"hello","protocol":2,"client":"telephone/2.1","encoding":"utf-8"}'),
    ("alice2", '{"type":"resume","id":71,"session":"jeton-0"}'),
    ("alice2", '{"type":"login","id":72,"username":"alice","password":"azerty"}'),
    ("alice", '{"type":"my_sessions","id":73}'),
    ("alice", '{"type":"end_session","id":74,"others":true}'),
    ("alice3", '{"type":"hello","protocol":2,"encoding":"utf-8"}'),
    ("alice3", '{"type":"resume","id":75,"session":"jeton-2","after":1000}'),
    # a message with a file
    ("alice3", '{"type":"login","id":76,"username":"alice","password":"azerty"}'),
    ("alice3", '{"type":"upload","id":77,"channel":"#dev","name":"schéma.png","size":48213}'),
    ("alice3", '{"type":"message","id":78,"channel":"#dev","content":"Le schéma","file":"jeton-9"}'),
    ("alice3", '{"type":"message","id":79,"channel":"#dev","content":"encore","file":"jeton-9"}'),
    # a channel with rules of its own
    ("dupont", '{"type":"create","channel":"#questions","topic":"Avant l\'oral"}'),
    ("alice3", '{"type":"join","channel":"#questions"}'),
    ("prof2", '{"type":"channel_moderator","id":100,"user":"alice","channel":"#questions"}'),
    ("prof2", '{"type":"channel_moderator","id":101,"user":"alice","channel":"#questions","on":false}'),
    ("dupont", '{"type":"channel_settings","id":92,"channel":"#questions","slow":10,"hold":true}'),
    ("alice3", '{"type":"message","id":93,"channel":"#questions","content":"Une question"}'),
    ("alice3", '{"type":"held","id":94}'),
    ("dupont", '{"type":"approve","id":95,"held_id":1}'),
    ("alice3", '{"type":"message","id":96,"channel":"#questions","content":"Encore une"}'),
    ("dupont", '{"type":"channel_settings","channel":"#questions","slow":0}'),
    ("alice3", '{"type":"message","channel":"#questions","content":"Encore une"}'),
    ("dupont", '{"type":"refuse","id":97,"held_id":2,"reason":"Une à la fois"}'),
    ("prof2", '{"type":"channel_settings","id":98,"channel":"#questions","name":"#oral"}'),
    ("dupont", '{"type":"message","channel":"#oral","content":"À demain"}'),
    ("alice3", '{"type":"upload","id":80,"name":"film.mp4","size":4000000000}'),
    ("alice3", '{"type":"history","id":81,"channel":"#dev","limit":1}'),
    ("alice4", '{"type":"hello","protocol":2,"encoding":"utf-8"}'),
    ("alice4", '{"type":"register","id":82,"username":"carole","password":"un mot"}'),
    ("alice4", '{"type":"login","id":83,"username":"carole","password":"un mot"}'),
    ("alice4", '{"type":"delete_my_account","id":84,"password":"un mot","messages":"empty"}'),
    ("alice3", '{"type":"export_my_data","id":86}'),
    ("prof2", '{"type":"evidence","id":88,"report_id":1}'),
    ("prof2", '{"type":"export_person","id":87,"user":"bob","reason":"Demande écrite du 3 mars"}'),
    ("prof2", '{"type":"erase","id":85,"user":"bob"}'),
    ("alice3", '{"type":"logout","id":51}'),
    ("alice3", '{"type":"disconnect","id":52}'),
)
"""Each request at least once, and what makes each event heard."""

QUIET = (
    ("karim", '{"type":"hello","protocol":2,"encoding":"utf-8","lang":"fr"}'),
    ("karim", '{"type":"register","username":"karim","password":"un autre mot"}'),
    ("karim", '{"type":"login","username":"karim","password":"un autre mot"}'),
    ("prof3", '{"type":"hello","protocol":2,"encoding":"utf-8","lang":"fr"}'),
    ("prof3", '{"type":"login","username":"prof","password":"tableau noir"}'),
    ("karim", '{"type":"message","id":110,"content":"Le car est en panne !"}'),
    ("karim", '{"type":"status","id":111,"state":"Dans le car"}'),
    ("karim", '{"type":"quiet_hours","id":112}'),
    ("prof3", '{"type":"quiet_hours","id":113,"state":"off","duration":18000,"reason":"Sortie au théâtre"}'),
    ("prof3", '{"type":"quiet_hours","id":114,"state":"on"}'),
)
"""What is said in quiet hours, after the rest; see Room.hold_at_night."""

CLASSIC = (
    ("alice", '{"password":"azerty","type":"register","username":"alice"}'),
    ("alice", '{"password":"faux","type":"login","username":"alice"}'),
    ("alice", '{"password":"azerty","type":"login","username":"alice"}'),
    ("alice", '{"type":"users"}'),
    ("invité", '{"subtype":"global","from":"Zoé","to":"global","type":"message","content":"coucou é"}'),
    ("alice", '{"subtype":"private","to":"Zoé","type":"message","content":"MP pour Zoé"}'),
    ("alice", '{"subtype":"global","channel":"#dev","type":"message","content":"Ping pour les devs !"}'),
    ("alice", '{"type":"message","content":"/join #dev"}'),
    ("alice", '{"type":"message","content":"/mp Zoé Bonjour"}'),
    ("alice", '{"state":"away","type":"status","user":"alice"}'),
    ("invité", "ceci n'est pas du JSON"),
)
"""What the classroom's clients send, as they write it."""
