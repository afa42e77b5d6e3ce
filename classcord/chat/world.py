"""What every decision looks at: the state, the terms of this server, and the one question about rights.

Knows no request. The hub is one, with its decisions.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING

from classcord.chat.channel import Kind
from classcord.chat.limits import Allowances, LoginThrottle
from classcord.chat.quotas import Quotas
from classcord.chat.roles import Permission, Role, permissions
from classcord.chat.sources import is_own
from classcord.chat.state import LastIds, State

if TYPE_CHECKING:
    from classcord.chat.audit.vocabulary import Audited
    from classcord.chat.channel import Channel
    from classcord.chat.limits import Quota
    from classcord.chat.people import Person, Session
    from classcord.chat.policy import Policy
    from classcord.chat.records import Record


class World:
    """The state, the policy and the permissions that follow from it, and who has failed to log in."""

    def __init__(self, policy: Policy, last: LastIds | None = None) -> None:
        """`last` are the highest ids that were ever given out."""
        self.state = State(last or LastIds())
        self.throttle = LoginThrottle()
        self.allowances = Allowances()
        self.quotas = Quotas()
        self.replaying = False
        """Whether records of a store or of another process are being made true: they concern no session of ours."""
        self.connections: Container[int] = ()
        """The numbers of all connections, also of people who have not said who they are."""
        self.reserved: frozenset[str] = frozenset()
        """Keys of the names that the administrators' keys stand for: nobody else's."""
        self.key_roles: Mapping[str, Role] = {}
        """The highest role that the keys of such a name give, where their file can be read."""
        self.spared: Callable[[Audited, float], Audited | None] = lambda entry, _: entry
        """Returns the entry of something refused with the count of those left out before it; None if it is left out."""
        self.set_policy(policy)

    def set_policy(self, policy: Policy) -> None:
        """Decide by other terms from now on; sessions keep the rates they began with."""
        self.policy = policy
        self.permissions = permissions(policy.create_channel)
        self.quotas.set_bytes(policy.stored_bytes_per_day)
        self.shared_networks = tuple(ip_network(each) for each in policy.shared_networks)

    def shares_address(self, address: str) -> bool:
        """Whether many people share an address, so that nothing is counted by it; the machine itself is one."""
        if is_own(address):
            return True
        try:
            parsed = ip_address(address)
        except ValueError:
            return True
        return any(parsed in network for network in self.shared_networks)

    def quotas_of(self, session: Session, now: float) -> tuple[Quota, ...]:
        """Return what a session's person draws on when something is stored for them."""
        return self.quotas.of(session, now, shared=self.shares_address(session.address))

    def session_of(self, record: Record) -> Session | None:
        """Return the session in which a record was decided, if it is still there; None where the server did it."""
        return self.state.sessions.get(record.session_id)

    def person_of(self, record: Record) -> Person | None:
        """Return whose session that is."""
        session = self.session_of(record)
        return session.person if session else None

    # -- rights -------------------------------------------------------------------------------------------------------

    def may(self, person: Person | None, permission: Permission, channel: Channel | None = None) -> bool:
        """Whether somebody may do this now, in this channel where one is named: the one question about rights.

        It is asked at the time of the act, on every face. Nobody (None) may what a connection may that has said no
        name; who has to change a one-time password, no more than that and to change it. A role that was lowered and an
        account that was deleted count at once, for it is the account that is looked at. Of a channel somebody may set
        the topic who made it; nobody reads or writes in one that does not exist for them, and in a read-only one only
        who has that right writes.
        """
        if person is None:
            return permission is Permission.CONNECT
        granted = self.permissions[person.standing]
        if channel is None:
            return permission in granted
        if not self.may_see(channel, person):
            return False
        if permission is Permission.SET_TOPIC and Permission.TALK in granted and _is_made_by(channel, person):
            return True
        if permission is Permission.TALK and channel.read_only and Permission.WRITE_READ_ONLY not in granted:
            return False
        if permission is Permission.READ and not self._may_read(channel, person):
            return False
        return permission in granted

    def role_may(self, role: Role, permission: Permission) -> bool:
        """Whether this role has a right, whoever has the role: for who is not here yet, or not meant as a person."""
        return permission in self.permissions[role]

    def role_of(self, key: str) -> Role:
        """Return the role that protects whoever has the name with this key: an account's, a key's, else a guest's.

        A key that is used counts as well as the one in the file, and a file that cannot be read as the highest role:
        nobody acts on somebody who may stand above them.
        """
        account, used = self.state.accounts.get(key), self.operator_by_key(key)
        roles = [account.role if account else Role.GUEST]
        if used is not None:
            roles.append(used.role)
        if account is None and key in self.reserved:
            roles.append(self.key_roles.get(key, Role.OWNER))
        return max(roles)

    def resembles_staff(self, name: str, key: str) -> bool:
        """Whether `name` looks at a glance like the name of an account that keeps order; `key` is its own."""
        return self.state.resembles_staff(name, key, lambda role: self.role_may(role, Permission.KEEP_ORDER))

    def reserve(self, keys: Iterable[str], roles: Mapping[str, Role]) -> list[Person]:
        """Keep these names for the administrators' keys, whose roles these are; return the guests who have one."""
        self.reserved, self.key_roles = frozenset(keys), roles
        here = (self.state.people.get(key) for key in self.reserved)
        return [person for person in here if person is not None and person.account is None]

    def operator_by_key(self, key: str) -> Person | None:
        """Return who administers by the key of this name now, in their highest role; None if nobody does."""
        found = (p for p in self.state.operators.values() if p.key == key and p.operator and p.operator.by == "key")
        return max(found, key=lambda person: person.role, default=None)

    def lowest(self, permission: Permission) -> Role:
        """Return the role from which on one has a right."""
        return next(role for role in Role if permission in self.permissions[role])

    def may_see(self, channel: Channel, person: Person) -> bool:
        """Whether a channel exists for this person: a private one for its members, and for operators who see all."""
        if channel.kind is not Kind.PRIVATE or self.state.is_member(channel, person):
            return True
        return person.is_operator and self.may(person, Permission.SEE_CHANNELS)

    def _may_read(self, channel: Channel, person: Person) -> bool:
        """Whether somebody may read what was said: whoever is in the channel; an operator, wherever they may see."""
        return person.is_operator or self.state.is_member(channel, person)

    def staff(self) -> tuple[Session, ...]:
        """Return the sessions of those who keep order, on whichever face."""
        return self.those_who_may(Permission.KEEP_ORDER)

    def those_who_may(self, permission: Permission) -> tuple[Session, ...]:
        """Return the sessions of all who have a right, on whichever face."""
        state = self.state
        people = (s for p in state.people.values() if self.may(p, permission) for s in p.sessions)
        return (*people, *(s for s, p in state.operators.items() if self.may(p, permission)))


def _is_made_by(channel: Channel, person: Person) -> bool:
    return person.account is not None and channel.made_by == person.account.id
