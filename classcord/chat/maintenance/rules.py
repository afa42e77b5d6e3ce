"""Maintenance is switched on and off: only people who keep order may log in. Knows no sanction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from classcord.chat.effects import Close, Commit, Deliver, Effect, Reply, TellSecurity
from classcord.chat.events import Notice, Performed
from classcord.chat.maintenance.vocabulary import (
    Maintained,
    MaintainedBecause,
    Maintenance,
    MaintenanceTold,
    SettingSet,
)
from classcord.chat.reasons import because, checked_reason
from classcord.chat.registry import applies, audits, decides
from classcord.chat.roles import Permission
from classcord.chat.state import MAINTENANCE
from classcord.chat.text import N_, Text
from classcord.chat.times import rfc3339

if TYPE_CHECKING:
    from collections.abc import Iterator

    from classcord.chat.people import Person, Session
    from classcord.chat.registry import What
    from classcord.chat.world import World


_EVERYONE = Text(N_("Everyone may come in again."))


@decides
def maintenance(world: World, session: Session, request: Maintenance, now: float) -> list[Effect]:
    if request.state is None:
        found = world.state.maintenance
        return [Reply(request, MaintenanceTold(maintenance=found is not None, maintenance_reason=found or None))]
    value = f"on {checked_reason(request.reason)}".strip() if request.state == "on" else "off"
    answer = Performed(notes=(_EVERYONE if value == "off" else _only_staff(world),))
    record = SettingSet(name=MAINTENANCE, value=value, at=int(now * 1000))
    return [Commit(session, (record,), request, answer), TellSecurity(MAINTENANCE, value)]


def _only_staff(world: World) -> Text:
    """Return the sentence that says what a maintenance does, and how it ends."""
    out = sum(1 for _ in _not_staff(world))
    template = N_("Only moderators and above come in now; people disconnected: {count}. `maintenance off` ends it.")
    return Text(template, {"count": out})


def _not_staff(world: World) -> Iterator[Person]:
    return (person for person in world.state.people.values() if not world.may(person, Permission.KEEP_ORDER))


_BEGUN = N_("{by} has begun a maintenance: only moderators and above come in. {reason}")
_ENDED = N_("{by} has ended the maintenance: everyone may come in again.")


@applies
def setting_set(world: World, record: SettingSet) -> list[Effect]:
    world.state.switches[record.name] = record.value
    if record.actor is None or record.name != MAINTENANCE:
        return []
    session = world.session_of(record)
    reason = world.state.maintenance
    words = _ENDED if reason is None else _BEGUN
    values: dict[str, object] = {"by": record.actor, "reason": because(reason) if reason else ""}
    staff = tuple(each for each in world.staff() if each is not session)
    told: list[Effect] = (
        [Deliver(Notice(content=Text(words, values), timestamp=rfc3339(record.at)), staff)] if staff else []
    )
    if reason is None:
        return told
    others = tuple(each for person in _not_staff(world) for each in person.sessions)
    return [*told, Close(maintained(reason).text, others)] if others else told


@audits
def _audited_setting_set(world: World, record: SettingSet) -> What:
    before = {"value": world.state.switches.get(record.name, "")}
    return "setting-set", "setting", record.name, before, {"value": record.value}


def maintained(reason: str) -> Maintained:
    return MaintainedBecause(reason=because(reason)) if reason else Maintained()
