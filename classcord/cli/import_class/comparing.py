"""What a class list would change: who is new, who moves, who is gone, which channels it needs. Changes nothing.

A person is found again by the login name, among the members of the channels that lists have made: whoever took such a
name before is nobody of the list, unless the administrator says so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from classcord.chat.channels.bounds import MOST_CHANNELS
from classcord.chat.class_lists.list_rooms import class_rooms
from classcord.chat.errors import ChatError
from classcord.chat.names import channel_key, name_key
from classcord.chat.registration.rules import check_new_account
from classcord.chat.registration.vocabulary import Register
from classcord.chat.roles import Role
from classcord.chat.text import N_, Text
from classcord.cli.import_class.class_list import ClassList, Pupil, Refused
from classcord.cli.import_class.class_rooms import YEAR, channel_name, rooms_of
from classcord.cli.import_class.login_names import belongs, login_name, numbered, plain
from classcord.cli.tables.refusing import ImportRefused

if TYPE_CHECKING:
    from classcord.chat.hub import Hub
    from classcord.chat.people import Account

_NO_LOGIN = N_("no login name can be made of “{name}”; give the list a column “identifiant”")
_STRANGER = N_(
    "an account {name} is there already, which no list has made: say --adopt if it is this person's, or give the list "
    "a column “identifiant”"
)
_SAME_NAME = N_("several people are called so, and the list does not say who is who: give it a column “identifiant”")
_SAME_CLASS = N_(
    "“{name}” stands in lines {lines}, in the same class: keep one line if this is one person; if not, give the list a "
    "column “identifiant” that says who is who"
)
_SAME_LOGIN = N_(
    "the “identifiant” {name} stands in lines {lines}: keep one line if this is one person; if not, give each their own"
)
_NO_CHANNEL = N_("“{name}”: no channel can have such a name")
_OTHER_CHANNEL = N_("“{name}”: there is a channel {channel} that no list has made; say --adopt if it is meant")
_BEGUN = N_("the school year {year} has begun already")
_MANY = N_("it needs more than {limit} channels")


@dataclass
class Comparison:
    """What a list would change; channels are meant by their keys, `rooms` has the name of each, and what it is."""

    rooms: dict[str, tuple[str, bool]] = field(default_factory=dict)
    new_rooms: list[str] = field(default_factory=list)
    new: list[tuple[Pupil, str, set[str]]] = field(default_factory=list)
    moved: list[tuple[Account, set[int], set[str]]] = field(default_factory=list)
    """Each account with the channels that it leaves, and those that it enters."""
    same: list[Account] = field(default_factory=list)
    gone: list[tuple[Account, set[int]]] = field(default_factory=list)
    over: dict[int, str] = field(default_factory=dict)
    """The channels of the last year, which a new one closes."""
    refused: list[Refused] = field(default_factory=list)


class Comparing:
    """A class list beside what is stored."""

    def __init__(self, hub: Hub, listed: ClassList, *, adopt: bool, new_year: str = "") -> None:
        """`adopt`: accounts and channels that no list has made are those of this list.

        With `new_year`, the list is the whole school in that year: its channels are new, and those of before are over.
        """
        self._hub = hub
        self._state = hub.state
        self._listed = listed
        self._adopt = adopt
        self._managed = class_rooms(hub)
        self._anew = bool(new_year)
        self._year = new_year or self._state.switches.get(YEAR, "")
        if new_year and new_year == self._state.switches.get(YEAR):
            raise ImportRefused("--new-year", _BEGUN, year=new_year)
        self._found = Comparison(refused=[*listed.refused])
        self._matched: set[int] = set()
        self._names: set[str] = set()

    def compare(self) -> Comparison:
        """Return the comparison; ImportRefused if the list cannot be meant."""
        pupils = [pupil for pupil in self._listed.pupils if self._has_rooms(pupil)]
        if len(self._state.channels) + len(self._found.new_rooms) > MOST_CHANNELS:
            raise ImportRefused("import-class", _MANY, limit=MOST_CHANNELS)
        for base, people in self._by_login(pupils).items():
            self._assign(base, people)
        self._find_gone()
        if self._anew:
            channels = self._state.channels_by_id
            self._found.over = {n: channels[n].name for n in self._managed if not channels[n].archived}
        return self._found

    # -- channels -----------------------------------------------------------------------------------------------------

    def _has_rooms(self, pupil: Pupil) -> bool:
        named = [*((name, True) for name in pupil.classes), *((name, False) for name in pupil.groups)]
        why = next((why for name, is_class in named if (why := self._room(name, is_class=is_class))), None)
        if why is not None:
            self._refuse(pupil, why)
        return why is None

    def _room(self, name: str, *, is_class: bool) -> Text | None:
        """Note the channel of a class or a group; return why it cannot be one."""
        wanted = channel_name(name, self._year)
        if wanted is None:
            return Text(_NO_CHANNEL, {"name": name})
        key, there = channel_key(wanted), self._state.channel(wanted)
        if there is not None and there.id not in self._managed and (not self._adopt or there.members_from is not None):
            return Text(_OTHER_CHANNEL, {"name": name, "channel": there.name})
        if key not in self._found.rooms:
            self._found.rooms[key] = (there.name if there else wanted, is_class)
            if there is None:
                self._found.new_rooms.append(key)
        return None

    def _wanted(self, pupil: Pupil) -> set[str]:
        return {channel_key(str(channel_name(name, self._year))) for name in (*pupil.classes, *pupil.groups)}

    # -- people -------------------------------------------------------------------------------------------------------

    def _by_login(self, pupils: Iterable[Pupil]) -> Mapping[str, list[Pupil]]:
        found: dict[str, list[Pupil]] = defaultdict(list)
        for pupil in pupils:
            base = pupil.username or login_name(pupil.first_name, pupil.last_name)
            if base:
                found[base].append(pupil)
            else:
                self._refuse(pupil, Text(_NO_LOGIN, {"name": pupil.shown}))
        return found

    def _assign(self, base: str, people: list[Pupil]) -> None:
        """Say which account is whose, of all people of one name."""
        own = bool(people[0].username)
        if own and len(people) > 1:
            self._refuse_all(people, Text(_SAME_LOGIN, {"name": base, "lines": _lines(people)}))
            return
        people = people if own else self._without_twins(people)
        known = [account for account in self._accounts(base, exactly=own) if self._is_known(account)]
        waiting = []
        for pupil in people:
            wanted = self._ids(self._wanted(pupil))
            here = [each for each in known if rooms_of(self._hub, each.id, self._managed) & wanted]
            if len(here) == 1 and sum(bool(self._ids(self._wanted(other)) & wanted) for other in people) == 1:
                known.remove(here[0])
                self._is(pupil, here[0])
            else:
                waiting.append(pupil)
        if len(waiting) == 1 and len(known) == 1:
            self._is(waiting[0], known[0])
        elif known and waiting:
            self._refuse_all(waiting, Text(_SAME_NAME))
        else:
            for pupil in waiting:
                self._is_new(pupil, base)

    def _without_twins(self, people: list[Pupil]) -> list[Pupil]:
        """Refuse who stands twice in one class, which may be one person or two; return the others.

        People of one name in several classes are several: a later list finds them again by their classes.
        """
        by_place: dict[tuple[str, str], list[Pupil]] = defaultdict(list)
        for pupil in people:
            for name in {channel_key(str(channel_name(each, self._year))) for each in pupil.classes}:
                by_place[plain(pupil.shown) or name_key(pupil.shown), name].append(pupil)
        twins: set[str] = set()  # their lines
        for each in by_place.values():
            if len(each) > 1:
                text = Text(_SAME_CLASS, {"name": each[0].shown, "lines": _lines(each)})
                for pupil in each:
                    if pupil.line not in twins:
                        twins.add(pupil.line)
                        self._refuse(pupil, text)
        return [pupil for pupil in people if pupil.line not in twins]

    def _accounts(self, base: str, *, exactly: bool) -> list[Account]:
        key = name_key(base)
        accounts = self._state.accounts.values()
        return [each for each in accounts if each.key == key or (not exactly and belongs(each.key, key))]

    def _is_known(self, account: Account) -> bool:
        if account.role is not Role.MEMBER:
            return False
        return self._adopt or bool(rooms_of(self._hub, account.id, self._managed))

    def _ids(self, keys: Iterable[str]) -> set[int]:
        channels = (self._state.channels.get(key) for key in keys)
        return {channel.id for channel in channels if channel is not None}

    def _is(self, pupil: Pupil, account: Account) -> None:
        self._matched.add(account.id)
        looked_at = {n: is_class for n, is_class in self._managed.items() if is_class or self._listed.has_groups}
        wanted, before = self._wanted(pupil), rooms_of(self._hub, account.id, looked_at)
        leaves = set() if self._anew else before - self._ids(wanted)  # what is over, its people still read
        members = {key for key in wanted if (there := self._state.channels.get(key)) and account.id in there.members}
        enters = wanted - members
        if leaves or enters:
            self._found.moved.append((account, leaves, enters))
        else:
            self._found.same.append(account)

    def _is_new(self, pupil: Pupil, base: str) -> None:
        number, name = 1, base
        while name_key(name) in self._names or self._is_anothers(name):
            number += 1
            name = numbered(base, number)
        if self._state.account(name) is not None:
            self._refuse(pupil, Text(_STRANGER, {"name": name}))
            return
        asked = Register(username=name, password="", first_name=pupil.first_name, last_name=pupil.last_name)
        try:
            check_new_account(self._hub, asked, checks_password=False)
        except ChatError as refusal:
            self._refuse(pupil, refusal.text)
            return
        self._names.add(name_key(name))
        self._found.new.append((pupil, name, self._wanted(pupil)))

    def _is_anothers(self, name: str) -> bool:
        """Whether a login name belongs to another person of the lists."""
        account = self._state.account(name)
        return account is not None and self._is_known(account)

    def _find_gone(self) -> None:
        """Find the pupils of a class of this list who are not on the list; a new year looks at all classes."""
        if self._found.refused:
            return  # whoever is refused may be one of them
        classes = {number for number, is_class in self._managed.items() if is_class}
        listed = classes if self._anew else classes & self._ids(self._found.rooms)
        for account in self._state.accounts_by_id.values():
            rooms = rooms_of(self._hub, account.id, self._managed)
            if account.role is Role.MEMBER and rooms & listed and account.id not in self._matched:
                self._found.gone.append((account, rooms))

    def _refuse(self, pupil: Pupil, why: Text) -> None:
        self._found.refused.append(Refused(pupil.line, pupil.shown, why))

    def _refuse_all(self, people: Iterable[Pupil], why: Text) -> None:
        for pupil in people:
            self._refuse(pupil, why)


def _lines(people: Iterable[Pupil]) -> str:
    """Return the numbers of the lines in which these people stand."""
    return ", ".join(pupil.line.rpartition(":")[2] for pupil in people)
