"""Decisions about private messages by the roles of the two people. Knows no channel.

What was accepted before a change is delivered, and a conversation stays readable. Who keeps order can always be written
to, and always answers.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from classcord.chat.effects import Commit, Deliver, Effect, Reply, TellSecurity
from classcord.chat.errors import BadRequest, NotAllowed
from classcord.chat.private_policy.matrix import ALL, NoPolicy, pairs_of, policy_of, sentence
from classcord.chat.private_policy.vocabulary import (
    SETTINGS,
    PolicyIsSo,
    PolicyRow,
    PrivateClosed,
    PrivatePolicy,
    PrivatePolicyChanged,
    PrivatePolicySet,
    PrivatePolicyTold,
)
from classcord.chat.registry import applies, audits, decides
from classcord.chat.roles import Permission, Role
from classcord.chat.state import PRIVATE_POLICY
from classcord.chat.text import N_, Text
from classcord.chat.times import rfc3339
from classcord.chat.word_list.vocabulary import PRIVATE

if TYPE_CHECKING:
    from classcord.chat.people import Person, Session
    from classcord.chat.registry import What
    from classcord.chat.world import World

NAMED = 3  # people who keep order that a refusal names


def policy_in_force(world: World) -> str:
    """Return the policy that was set in the running server, else that of the settings."""
    return world.state.switches.get(PRIVATE_POLICY) or world.policy.private_policy


def role_may_write_to(world: World, writer: Role, reader: Role) -> bool:
    """Whether a role may write privately to another."""
    if world.role_may(writer, Permission.KEEP_ORDER) or world.role_may(reader, Permission.KEEP_ORDER):
        return True
    return (writer, reader) in pairs_of(policy_in_force(world))


def check_may_write_privately(world: World, person: Person, other: Person) -> None:
    """Refuse what goes from one person to another alone, if the policy closes that; notes to oneself stay."""
    if policy_in_force(world) == ALL or role_may_write_to(world, person.role, other.role) or person.is_same(other):
        return
    raise PrivateClosed(name=other.name, instead=instead(world))


def instead(world: World) -> Text:
    """Return the sentence that says to whom one may write: some of those who keep order and are here."""
    here = (p for p in world.state.people.values() if world.may(p, Permission.KEEP_ORDER) and not p.hidden)
    names = ", ".join(person.name for person in islice(here, NAMED))
    return Text(_TO_THESE, {"names": names}) if names else Text(_TO_STAFF)


_TO_THESE = N_("You may write to those who keep order here, now: {names}.")
_TO_STAFF = N_("You may write to those who keep order here: moderators and above.")


@decides
def private_policy(world: World, session: Session, request: PrivatePolicy, now: float) -> list[Effect]:
    if request.policy is None:
        return [Reply(request, _told(world, policy_in_force(world)))]
    if not world.may(session.person, Permission.SET_RULES):
        raise NotAllowed
    value = "" if request.policy.strip().casefold() == SETTINGS else _checked(request.policy)
    if value == world.state.switches.get(PRIVATE_POLICY, ""):
        raise PolicyIsSo
    record = PrivatePolicySet(value=value, at=int(now * 1000))
    answer = _told(world, value or world.policy.private_policy, by_settings=not value)
    return [Commit(session, (record,), request, answer), TellSecurity("private-policy", value or SETTINGS)]


def _checked(policy: str) -> str:
    try:
        return policy_of(policy)
    except NoPolicy as error:
        raise BadRequest(field="policy", why=error.text) from None


def _told(world: World, policy: str, *, by_settings: bool | None = None) -> PrivatePolicyTold:
    """Return what a policy means; `by_settings` as it is now, if it is not given."""
    if by_settings is None:
        by_settings = not world.state.switches.get(PRIVATE_POLICY)
    open_to = _open_to(world, policy)
    meaning = sentence(policy)
    if world.words.private:
        meaning = Text("{meaning} {words}", {"meaning": meaning, "words": Text(PRIVATE)})
    rows = tuple(PolicyRow(role=role, may_write_to=readers) for role, readers in open_to.items())
    return PrivatePolicyTold(policy=policy, by_settings=by_settings, meaning=meaning, roles=rows)


def _open_to(world: World, policy: str) -> dict[str, tuple[str, ...]]:
    pairs = pairs_of(policy)
    staff = {role for role in Role if world.role_may(role, Permission.KEEP_ORDER)}
    return {
        writer.label: tuple(r.label for r in Role if writer in staff or r in staff or (writer, r) in pairs)
        for writer in Role
    }


@applies
def private_policy_set(world: World, record: PrivatePolicySet) -> list[Effect]:
    before = policy_in_force(world)
    world.state.switches[PRIVATE_POLICY] = record.value
    policy = policy_in_force(world)
    if policy == before:  # nobody can do anything else than a moment ago
        return []
    event = PrivatePolicyChanged(
        policy=policy,
        roles=_open_to(world, policy),
        user=record.actor or world.policy.name,
        timestamp=rfc3339(record.at),
    )
    session = world.session_of(record)
    operators = tuple(each for each in world.state.operators if each is not session)
    return [Deliver(event, (*world.state.everyone(), *operators), session)]


@audits
def _audited_private_policy_set(world: World, record: PrivatePolicySet) -> What:
    before = {"value": world.state.switches.get(PRIVATE_POLICY, "")}
    return "setting-set", "setting", PRIVATE_POLICY, before, {"value": record.value}
