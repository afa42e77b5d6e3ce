"""The world that every decision looks at: the state, the policy, and the one question about rights.

The hub is a world with decisions. Knows no request.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Iterable, Mapping
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING

from classcord.chat.accounts.left_people import LeftPeople
from classcord.chat.channels.channel import Kind
from classcord.chat.channels.left_names import LeftNames
from classcord.chat.files.quotas_of_files import FileQuotas
from classcord.chat.files.uploads import Uploads
from classcord.chat.limits import Allowances, LoginThrottle
from classcord.chat.quiet_hours.periods import Periods
from classcord.chat.quotas import Quotas
from classcord.chat.roles import Permission, Role, permissions
from classcord.chat.sources import is_own
from classcord.chat.state import LastIds, State
from classcord.chat.text import Text
from classcord.chat.word_list.words import WordList

if TYPE_CHECKING:
    from classcord.chat.audit.vocabulary import Audited
    from classcord.chat.channels.channel import Channel
    from classcord.chat.limits import Quota
    from classcord.chat.people import Account, Person, Session
    from classcord.chat.policy import Policy
    from classcord.chat.records import Record
    from classcord.chat.rights.vocabulary import Right


class World:
    """The state, the policy with its permissions, and the counters of limits."""

    def __init__(self, policy: Policy, last: LastIds | None = None) -> None:
        """`last` are the highest ids ever given out."""
        self.state = State(last or LastIds())
        self.throttle = LoginThrottle()
        self.allowances = Allowances()
        self.typing = Allowances()
        """How often each person is shown as writing, apart from the limits that protect the server."""
        self.pauses = Allowances()
        """When each person may write again in a channel with `slow`."""
        self.left_names = LeftNames()
        self.left_people = LeftPeople()
        self.quotas = Quotas()
        self.file_quotas = FileQuotas()
        self.uploads = Uploads()
        self.holding: set[str] = set()
        """Why messages may have to wait at the moment, beside their channel's `hold` (held_messages/holding.py)."""
        self.quiet = Periods()
        """When quiet hours hold, by the settings (quiet_hours/)."""
        self.words = WordList()
        """The words for which messages wait until a moderator has read them (word_list/)."""
        self.told_rights: dict[Role, tuple[Right, ...]] | None = None
        """What people of each role were told last that they may do (rights/); None: nothing since the start."""
        self.renewing: Counter[int] = Counter()
        """How many changes of the password of an account are under way, by its id."""
        self.replaying = False
        """Whether records of a store or of another process are being applied: they concern no session of this one."""
        self.connections: Container[int] = ()
        """The numbers of all connections, also of those without a name."""
        self.reserved: frozenset[str] = frozenset()
        """The keys of names that belong to administrators' keys, and to nobody else."""
        self.key_roles: Mapping[str, Role] = {}
        """The highest role that the keys of such a name give, if their file can be read."""
        self.new_secret: Callable[[], str] | None = None
        """Returns 256 random bits as a text for URLs, at each call others; without it, no session gets a token."""
        self.written: Callable[[Text], str] = Text.render
        """Returns a sentence in the language of the server, for messages that the server itself stores."""
        self.trail_entry: Callable[[Audited, float], Audited | None] = lambda entry, _: entry
        """Returns the entry of a refusal with the number of entries left out before it; None if it is left out."""
        self.set_policy(policy)

    def set_policy(self, policy: Policy) -> None:
        """Decide by a new policy from now on; sessions keep the rates with which they began."""
        self.policy = policy
        self.permissions = permissions(policy.create_channel, policy.send_files, policy.write_at_any_time)
        self.quotas.set_bytes(policy.stored_bytes_per_day)
        self.shared_networks = tuple(ip_network(each) for each in policy.shared_networks)

    def shares_address(self, address: str) -> bool:
        """Whether many people share an address, so that no limit per address applies; the machine itself counts too."""
        if is_own(address):
            return True
        try:
            parsed = ip_address(address)
        except ValueError:
            return True
        return any(parsed in network for network in self.shared_networks)

    def quotas_of(self, session: Session, now: float) -> tuple[Quota, ...]:
        """Return the quotas of a session's person."""
        return self.quotas.of(session, now, shared=self.shares_address(session.address))

    def session_of(self, record: Record) -> Session | None:
        """Return the session in which a record was decided, if it is still there; None if the server decided it."""
        return self.state.sessions.get(record.session_id)

    def person_of(self, record: Record) -> Person | None:
        """Return the person of that session."""
        session = self.session_of(record)
        return session.person if session else None

    @property
    def takes_files(self) -> bool:
        """Whether messages may carry files: the settings want it, and there is a place for them."""
        return self.policy.files.accepted and self.uploads.room is not None

    # -- rights -------------------------------------------------------------------------------------------------------

    def may(self, person: Person | None, permission: Permission, channel: Channel | None = None) -> bool:
        """Whether a person has a permission now, in this channel if one is given: the one question about rights.

        It is asked at the time of the action, on every face. None stands for a connection without a name. A person with
        a one-time password has only the rights of such a connection, and may change the password. A lowered role or a
        deleted account counts at once, because the account is looked at. The maker of a channel may set its topic, and
        admits people to it if it is private. The moderators of a channel have some rights of moderators in it alone.
        Nobody reads or writes in a channel that does not exist for them; in a read-only channel, only people with that
        right write.
        """
        if person is None:
            return permission is Permission.CONNECT
        granted = self.permissions[person.standing]
        if channel is None:
            return permission in granted
        if not self.may_see(channel, person):
            return False
        if permission in _IN_CHANNEL and Permission.TALK in granted and _has_in_channel(channel, person, permission):
            return True
        if permission is Permission.TALK and channel.read_only and Permission.WRITE_READ_ONLY not in granted:
            return _moderates(channel, person) and Permission.TALK in granted
        if permission is Permission.READ and not self._may_read(channel, person):
            return False
        return permission in granted

    def may_somewhere(self, person: Person, permission: Permission) -> bool:
        """Whether a person has a permission in some channel, as one of its moderators."""
        if permission not in _MODERATORS or person.account is None or not person.account.moderates:
            return False
        return Permission.TALK in self.permissions[person.standing]

    def role_in(self, channel: Channel, account: Account | None, role: Role) -> Role:
        """Return the role with which somebody of this account and `role` acts in a channel, or is acted on."""
        if account is not None and account.id in channel.moderators:
            return max(role, Role.MODERATOR)
        return role

    def role_may(self, role: Role, permission: Permission) -> bool:
        """Whether a role has a permission: for people who are not here yet, or where no person is meant."""
        return permission in self.permissions[role]

    def role_of(self, key: str) -> Role:
        """Return the role that protects the name with this key: an account's, an administrator's key's, else a guest's.

        A key in use counts, and a key in the file too; a file that cannot be read counts as the highest role, so that
        nobody acts on a person who may be above them.
        """
        account, used = self.state.accounts.get(key), self.operator_by_key(key)
        roles = [account.role if account else Role.GUEST]
        if used is not None:
            roles.append(used.role)
        if account is None and key in self.reserved:
            roles.append(self.key_roles.get(key, Role.OWNER))
        return max(roles)

    def resembles_staff(self, name: str, key: str, own: str | None = None) -> bool:
        """Whether `name` looks at a glance like a name or alias of an account that keeps order, other than `own`.

        `key` is the key of `name`; `own` is that of an account.
        """
        return self.state.resembles_staff(name, key, lambda role: self.role_may(role, Permission.KEEP_ORDER), own)

    def reserve(self, keys: Iterable[str], roles: Mapping[str, Role]) -> list[Person]:
        """Reserve these names for administrators' keys with these roles; return the guests who have such a name."""
        self.reserved, self.key_roles = frozenset(keys), roles
        here = (self.state.people.get(key) for key in self.reserved)
        return [person for person in here if person is not None and person.account is None]

    def operator_by_key(self, key: str) -> Person | None:
        """Return the operator with the administrator's key of this name, in the highest role; None if there is none."""
        found = (p for p in self.state.operators.values() if p.key == key and p.operator and p.operator.by == "key")
        return max(found, key=lambda person: person.role, default=None)

    def lowest(self, permission: Permission) -> Role:
        """Return the lowest role that has a permission."""
        return next(role for role in Role if permission in self.permissions[role])

    def may_see(self, channel: Channel, person: Person) -> bool:
        """Whether a channel exists for this person: a private one only for members, and for operators who see all."""
        if channel.kind is not Kind.PRIVATE or self.state.is_member(channel, person):
            return True
        return person.is_operator and self.may(person, Permission.SEE_CHANNELS)

    def _may_read(self, channel: Channel, person: Person) -> bool:
        """Whether a person may read a channel's messages: its members may, and operators for whom it exists."""
        return person.is_operator or self.state.is_member(channel, person)

    def staff(self) -> tuple[Session, ...]:
        """Return the sessions of the people who keep order, on any face."""
        return self.those_who_may(Permission.KEEP_ORDER)

    def those_who_may(self, permission: Permission, channel: Channel | None = None) -> tuple[Session, ...]:
        """Return the sessions of all people who have a permission, in this channel if one is given, on any face."""
        state = self.state
        people = (s for p in state.people.values() if self.may(p, permission, channel) for s in p.sessions)
        return (*people, *(s for s, p in state.operators.items() if self.may(p, permission, channel)))


_MAKERS = frozenset({Permission.SET_TOPIC, Permission.ADMIT})
"""What the maker of a channel may do in it."""
_MODERATORS = frozenset(
    {
        Permission.SET_TOPIC,
        Permission.ADMIT,
        Permission.APPROVE,
        Permission.WRITE_READ_ONLY,
        Permission.DELETE_MESSAGES,
        Permission.SET_CHANNEL,
        Permission.HOLD_LESSON,
        Permission.HANDLE_REPORTS,
    }
)
"""What the moderators of a channel may do in it."""


_IN_CHANNEL = _MAKERS | _MODERATORS


def _has_in_channel(channel: Channel, person: Person, permission: Permission) -> bool:
    if permission in _MODERATORS and _moderates(channel, person):
        return True
    if permission not in _MAKERS or not _is_made_by(channel, person):
        return False
    return permission is Permission.SET_TOPIC or channel.kind is Kind.PRIVATE


def _moderates(channel: Channel, person: Person) -> bool:
    return person.account is not None and person.account.id in channel.moderators


def _is_made_by(channel: Channel, person: Person) -> bool:
    return person.account is not None and channel.made_by == person.account.id
