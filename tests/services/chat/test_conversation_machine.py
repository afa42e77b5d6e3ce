"""Random people talk, lose connections, send again, edit, delete, come back; a plain model says what each must see.

The server is whole: hub, journal, SQL in memory, and the modern dialect in bytes. A restart is a new server with the
same store. Nobody receives what they may not read, nobody present misses a message, no device sees one twice, and all
see the messages in one order.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from classcord.chat.roles import Role
from tests.harness import PASSWORD, Client, House, Store

PEOPLE = ("ann", "bob", "cyd")
CHANNELS = ("#général", "#dev", "#club")
MOST_DEVICES = 7
RATES: dict[str, Any] = {"messages_per_second": 0.0, "history_lines": 0}


@dataclass(eq=False)
class Sent:
    """A message as the model knows it."""

    message_id: int
    author: str
    place: str  # a channel, or "ann bob" for a conversation
    content: str
    said: str  # what its content was at first
    readers: frozenset[str]  # who could read it when it was stored
    deleted: bool = False
    approved: bool = False  # it has waited


@dataclass(eq=False)
class Device:
    """One client of a person; while it is deaf, what the server writes to it is lost with its connection."""

    name: str
    client: Client
    token: str = ""
    deaf: bool = False
    seen: list[int] = field(default_factory=list)
    last: int = 0  # the highest message id that it knows of
    unacknowledged: dict[str, Any] | None = None  # the request whose answer it has not read


class Conversation(RuleBasedStateMachine):
    """The rules; each leaves everything settled, so that the next one finds a quiet server."""

    devices = Bundle("devices")

    @initialize()
    def open(self) -> None:
        self.secrets = itertools.count(1)
        self.house = self._house()
        for name in PEOPLE:
            self.house.account(name)
        self.sent: dict[int, Sent] = {}
        self.members: dict[str, set[str]] = {channel: set() for channel in CHANNELS}
        self.members["#général"] = set(PEOPLE)
        self.here: list[Device] = []
        self.made: list[Device] = []
        self.numbers = 0
        self.policy, self.lesson = "all", False
        self.house.account("prof", role=Role.ADMIN)
        maker = self._login("ann")
        self._ask(maker, {"type": "create", "channel": "#club", "kind": "private"})
        self.members["#club"].add("ann")
        self._gone(maker)

    # -- coming and going ---------------------------------------------------------------------------------------------

    @rule(target=devices, name=st.sampled_from(PEOPLE))
    def arrive(self, name: str) -> Device:
        """A person logs in on a new device, and reads all private messages that were kept."""
        if len(self.here) >= MOST_DEVICES:
            self._gone(self.here[0])
        return self._login(name)

    @rule(device=devices)
    def go_deaf(self, device: Device) -> None:
        """The link dies, and nobody has noticed yet."""
        device.deaf = True

    @rule(device=devices)
    def vanish(self, device: Device) -> None:
        self._gone(device)

    @rule(device=devices)
    def resume(self, device: Device) -> None:
        """A device comes back on another network: it gets what it has missed, in order, and then what is new."""
        if not device.token:
            return
        self._connect(device)
        known = device.last
        lines = self._ask(device, {"type": "resume", "session": device.token, "after": known})
        answers = [line for line in lines if line["type"] == "resume"]
        assert [line.get("status") for line in answers] == ["ok"], lines
        if device not in self.here:
            self.here.append(device)
        missing = {
            m.message_id
            for m in self.sent.values()
            if m.message_id > known and device.name in m.readers and self._may_read(device.name, m)
        }
        assert missing <= set(device.seen), (missing, device.seen)

    @rule()
    def restart(self) -> None:
        """The server dies and is started again; who was here is not."""
        self.house.turn()
        self._read_all()
        for device in [*self.here]:
            self._gone(device)
        self.house = self._house(self.house.store)

    # -- talking ------------------------------------------------------------------------------------------------------

    @rule(device=devices, channel=st.sampled_from(CHANNELS), sent_by_id=st.booleans())
    def say(self, device: Device, channel: str, sent_by_id: bool) -> None:
        self._say(device, {"type": "message", "channel": channel}, channel, sent_by_id=sent_by_id)

    @rule(device=devices, to=st.sampled_from(PEOPLE), sent_by_id=st.booleans())
    def whisper(self, device: Device, to: str, sent_by_id: bool) -> None:
        request = {"type": "message", "subtype": "private", "to": to}
        self._say(device, request, " ".join(sorted({device.name, to})), sent_by_id=sent_by_id)

    @rule(device=devices)
    def send_again(self, device: Device) -> None:
        """A client that has not read the answer sends the same again, by any device of the same person."""
        unanswered = next((d for d in self._all(device.name) if d.unacknowledged is not None), None)
        if unanswered is None or not self._can_ask(device):
            return
        request, unanswered.unacknowledged = unanswered.unacknowledged, None
        assert request is not None
        (was,) = [m for m in self.sent.values() if m.said == request["content"] and m.author == device.name]
        (answer,) = [line for line in self._ask(device, request) if line["type"] in {"ack", "error"}]
        assert answer["type"] == "ack", answer
        assert answer["message_id"] == was.message_id

    @rule(device=devices, number=st.integers(0, 40))
    def edit(self, device: Device, number: int) -> None:
        message = self._one(number)
        if message is None or not self._can_ask(device):
            return
        self.numbers += 1
        content = f"edited {self.numbers}"
        (answer,) = self._answer(device, {"type": "edit", "message_id": message.message_id, "content": content})
        allowed = message.author == device.name and not message.deleted and self._may_write(device.name, message)
        assert (answer["type"] == "edit") is allowed, answer
        if allowed:
            message.content = content
        elif not self._may_read(device.name, message):
            assert answer["code"] == "not_found"

    @rule(device=devices, number=st.integers(0, 40))
    def delete(self, device: Device, number: int) -> None:
        message = self._one(number)
        if message is None or not self._can_ask(device):
            return
        (answer,) = self._answer(device, {"type": "delete", "message_id": message.message_id})
        allowed = message.author == device.name and not message.deleted and self._may_read(device.name, message)
        assert (answer["type"] == "delete") is allowed, answer
        if allowed:
            message.deleted, message.content = True, ""
        elif not self._may_read(device.name, message):
            assert answer["code"] == "not_found"

    # -- channels -----------------------------------------------------------------------------------------------------

    @rule(device=devices)
    def join(self, device: Device) -> None:
        if self._can_ask(device):
            self._ask(device, {"type": "join", "channel": "#dev"})
            self.members["#dev"].add(device.name)

    @rule(device=devices)
    def leave(self, device: Device) -> None:
        if self._can_ask(device):
            self._ask(device, {"type": "leave", "channel": "#dev"})
            self.members["#dev"].discard(device.name)

    # -- what a school decides ----------------------------------------------------------------------------------------

    @rule(policy=st.sampled_from(("all", "staff")))
    def private_policy(self, policy: str) -> None:
        """From then on pupils write privately to each other, or not, in every way."""
        if policy != self.policy:
            self._staff({"type": "private_policy", "policy": policy})
            self.policy = policy

    @rule(on=st.booleans())
    def hold_lesson(self, on: bool) -> None:
        """A lesson for everyone: nobody but the staff writes; the same again prolongs it."""
        if on or self.lesson:
            answer = self._staff({"type": "lesson", "state": "on" if on else "off", "duration": 36_000})
            assert len(answer["lessons"]) == on
            self.lesson = on

    @rule(device=devices, approve=st.booleans())
    def say_where_messages_wait(self, device: Device, approve: bool) -> None:
        """Nobody hears it before it is approved; refused, nobody ever does."""
        if not self._can_ask(device) or self.lesson:
            return
        self._staff({"type": "channel_settings", "channel": "#dev", "hold": True})
        self.numbers += 1
        content = f"word {self.numbers}"
        self._ask(device, {"type": "message", "channel": "#dev", "content": content, "id": "held"})
        self.members["#dev"].add(device.name)
        (held,) = self._staff({"type": "held"})["messages"]
        assert (held["user"], held["content"]) == (device.name, content)
        stored = self.house.store.asked("SELECT coalesce(max(id), 0) FROM messages")[0]
        kind = {"type": "approve"} if approve else {"type": "refuse", "reason": "non"}
        self._staff({**kind, "held_id": held["held_id"]})
        number = self.house.store.asked("SELECT coalesce(max(id), 0) FROM messages")[0]
        assert (number > stored) is approve
        if approve:
            self.sent[number] = Sent(
                number, device.name, "#dev", content, content, frozenset(self.members["#dev"]), approved=True
            )
        self._read_all()
        self._staff({"type": "channel_settings", "channel": "#dev", "hold": False})

    @rule(device=devices, number=st.integers(0, 40))
    def report(self, device: Device, number: int) -> None:
        """Whoever reads a message of somebody else reports it; the staff closes it, and can be asked again."""
        message = self._one(number)
        if message is None or not self._can_ask(device):
            return
        (answer,) = self._answer(device, {"type": "report", "message_id": message.message_id})
        if answer.get("code") == "rate_limited":
            return
        allowed = self._may_read(device.name, message) and message.author != device.name
        assert (answer["type"] == "report") is allowed, answer
        if not allowed:
            assert answer["code"] == ("not_allowed" if self._may_read(device.name, message) else "not_found")
            return
        (row,) = self._staff({"type": "reports"})["reports"]
        assert (row["author"], row["reporter"]) == (message.author, device.name)
        shown = self._staff({"type": "report_details", "report_id": row["report_id"]})
        texts = [line["content"] for line in shown["lines"] if line["mark"] == "reported"]
        assert texts[0] == message.said, "what it said first, whatever became of it"
        self._staff({"type": "close_report", "report_id": row["report_id"], "outcome": "unfounded"})

    @rule(name=st.sampled_from(PEOPLE))
    def warn(self, name: str) -> None:
        """A warning takes nothing from anybody: the other rules hold as before."""
        self._staff({"type": "warn", "user": name, "reason": "doucement"})

    @rule()
    def come_by_a_code_and_be_erased(self) -> None:
        """A code makes one account, in its channel; erased, it is gone, and its words stay as nobody's."""
        self.numbers += 1
        name = f"new{self.numbers}"
        made = self._staff({"type": "invitation_code", "into": ["#dev"], "uses": 1})
        newcomer = self.house.modern()
        register = {"type": "register", "username": name, "password": PASSWORD, "code": made["code"]}
        assert newcomer.one(register)["status"] == "ok"
        assert newcomer.one({**register, "username": f"{name}b"})["code"] == "bad_invite"
        assert name in self._staff({"type": "members", "channel": "#dev"})["members"]
        self._staff({"type": "erase", "user": name})
        assert name not in self._staff({"type": "members", "channel": "#dev"})["members"]
        assert newcomer.one({"type": "login", "username": name, "password": PASSWORD})["code"] == "login_failed"
        newcomer.leave()
        self._read_all()

    def _staff(self, request: dict[str, Any]) -> dict[str, Any]:
        """Let the school's staff do something, which must be done; return the answer."""
        client = self.house.modern("prof")
        answers = [line for line in client.ask({**request, "id": "staff"}) if line.get("id") == "staff"]
        assert [line["type"] for line in answers] == [request["type"]], answers
        client.leave()
        self._read_all()
        return answers[0]

    # -- what must hold -----------------------------------------------------------------------------------------------

    @rule(device=devices, place=st.sampled_from((*CHANNELS, *PEOPLE)))
    def read_history(self, device: Device, place: str) -> None:
        """The history has every message of the place, in its order, as it is now; nobody reads another's."""
        if not self._can_ask(device):
            return
        where = {"channel": place} if place in CHANNELS else {"user": place}
        key = place if place in CHANNELS else " ".join(sorted({device.name, place}))
        (answer,) = self._answer(device, {"type": "history", "after": 0, "limit": 200, **where})
        if place in CHANNELS and device.name not in self.members[place]:
            assert answer["type"] == "error"
            return
        found = [(m["message_id"], m["content"], m.get("deleted", False)) for m in answer["messages"]]
        assert found == [(m.message_id, m.content, m.deleted) for m in self.sent.values() if m.place == key]

    @invariant()
    def nothing_is_wrong(self) -> None:
        if not hasattr(self, "house"):
            return
        count = "SELECT count(*) FROM messages WHERE author <> 'Serveur'"  # the server tells the staff of reports
        assert self.house.store.asked(count) == [len(self.sent)]

    # -- the plain model ----------------------------------------------------------------------------------------------

    def _one(self, number: int) -> Sent | None:
        messages = [*self.sent.values()]
        return messages[-1 - number % len(messages)] if messages else None

    def _may_read(self, name: str, message: Sent) -> bool:
        if message.place in CHANNELS:
            return name in self.members[message.place]
        return name in message.place.split(" ")

    def _may_write(self, name: str, message: Sent) -> bool:
        return self._may_read(name, message) and self._is_open(name, message.place)

    def _is_open(self, name: str, place: str) -> bool:
        """Whether the school lets people write there now; notes to oneself are nobody's business."""
        if place == name:
            return True
        return not self.lesson and (place in CHANNELS or self.policy == "all")

    def _all(self, name: str) -> list[Device]:
        return [device for device in self.made if device.name == name]

    def _can_ask(self, device: Device) -> bool:
        return device in self.here and not device.deaf

    def _house(self, store: Store | None = None) -> House:
        house = House(store=store, **RATES)
        house.hub.new_secret = lambda: f"{next(self.secrets):043}"  # no server gives out one of the server before it
        return house

    # -- clients ------------------------------------------------------------------------------------------------------

    def _login(self, name: str) -> Device:
        device = Device(name, self.house.modern())
        self.here.append(device)
        self.made.append(device)
        (answer,) = self._answer(device, {"type": "login", "username": name, "password": PASSWORD})
        assert answer["type"] == "login", answer
        device.token = answer.get("session", "")
        device.last = max(self.sent, default=0)
        return device

    def _connect(self, device: Device) -> None:
        """Give a device a new connection; the old one is still open for the server, if nobody has noticed."""
        device.client = self.house.modern()
        device.deaf = False

    def _gone(self, device: Device) -> None:
        if not device.deaf:
            self._read(device)
        device.client.raw()
        if not device.client.closed:
            device.client.leave()
        if device in self.here:
            self.here.remove(device)

    def _ask(self, device: Device, request: dict[str, Any]) -> list[dict[str, Any]]:
        """Send a request; everybody reads what comes; return what this device has read."""
        device.client.send(request)
        self.house.turn()
        lines = self._read(device)
        self._read_all()
        return lines

    def _answer(self, device: Device, request: dict[str, Any]) -> list[dict[str, Any]]:
        return [line for line in self._ask(device, {**request, "id": "asked"}) if line.get("id") == "asked"]

    def _read_all(self) -> None:
        for device in self.here:
            if not device.deaf:
                self._read(device)

    def _read(self, device: Device) -> list[dict[str, Any]]:
        """Read what has come; each message is new to this device, in order, and one that its person may read."""
        lines = device.client.lines()
        for line in lines:
            if line["type"] == "message":
                number = line["message_id"]
                assert number > max(device.seen, default=0), (number, device.seen)
                device.seen.append(number)
                device.last = max(device.last, number)
                sent = self.sent.get(number)
                assert sent is None or device.name in sent.readers or self._may_read(device.name, sent)
            elif line["type"] == "ack":
                device.last = max(device.last, line.get("message_id", 0))  # one that waits has none
        return lines

    def _say(self, device: Device, request: dict[str, Any], place: str, *, sent_by_id: bool) -> None:
        """Say something new: whoever is here and may read it reads it now, the author's own device excepted."""
        if device not in self.here:
            return
        self.numbers += 1
        request = {**request, "content": f"word {self.numbers}"}
        if sent_by_id:
            request["client_id"] = f"c{self.numbers}"
        elif device.deaf:
            return  # nobody could know whether it was stored
        allowed = place not in CHANNELS or device.name in self.members[place] or place == "#dev"
        allowed = allowed and self._is_open(device.name, place)
        stored = self.house.store.asked("SELECT coalesce(max(id), 0) FROM messages")[0]
        device.client.send(request)
        self.house.turn()
        number = self.house.store.asked("SELECT coalesce(max(id), 0) FROM messages")[0]
        assert (number > stored) is allowed
        if not allowed:
            self._read_all()
            return
        if place == "#dev":
            self.members["#dev"].add(device.name)
        readers = self.members[place] if place in CHANNELS else place.split(" ")
        said = str(request["content"])
        self.sent[number] = Sent(number, device.name, place, said, said, frozenset(readers))
        self._read_all()
        for other in self.here:
            if not other.deaf and other.name in readers and other is not device:
                assert number in other.seen, (number, other.name, other.seen)
        if device.deaf:
            device.unacknowledged = request if sent_by_id else None


TestConversation = Conversation.TestCase
TestConversation.settings = settings(max_examples=30, stateful_step_count=50)
