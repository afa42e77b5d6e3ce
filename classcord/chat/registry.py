"""The registry of rules: which function decides a request, applies a record, or makes its entry of the audit trail.

A rule registers itself by the annotation of its parameter. Knows no subject.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

if TYPE_CHECKING:
    from classcord.chat.channels.channel import Channel
    from classcord.chat.effects import Effect
    from classcord.chat.held_messages.vocabulary import Waits
    from classcord.chat.people import Person, Session
    from classcord.chat.records import Record
    from classcord.chat.requests import Request
    from classcord.chat.world import World

R = TypeVar("R", bound="Request")
C = TypeVar("C", bound="Record")

Fields = dict[str, Any]
What = tuple[str, str, object, "Fields | None", "Fields | None"]
"""Of an entry of the audit trail: action, type and id of the object, the object before and after."""

Decision = Callable[["World", "Session", R, float], "list[Effect]"]
"""From a world, a session, its request and the time (seconds since 1970) to effects; raises ChatError to refuse."""
Change = Callable[["World", C], "list[Effect]"]
"""From a world and a committed record to effects."""
Entry = Callable[["World", C], "What | None"]
"""From a world and a record that is about to change it to an entry of the audit trail; None for no entry."""
Reservation = Callable[["World", C], None]
"""Notes the ids in a record that was decided before the start, or in another process: they are given out."""
Cancellation = Callable[["World", C], None]
"""Takes back the promises for a record that is not committed."""
Guard = Callable[["World", "Session", "Request", float], None]
"""Refuses a request whose words others would read (Request.told), or lets it pass."""

Due = Callable[["World", float], "list[Record]"]
"""From a world and the time to records of what happens by itself now."""
HoldRule = Callable[["World", "Person", "Channel | Person", str, float], "Waits | None"]
"""From an author, the place of a message (its channel or its recipient), its text and the time to why it waits."""

decisions: dict[type[Request], Decision[Request]] = {}
changes: dict[type[Record], Change[Record]] = {}
entries: dict[type[Record], Entry[Record]] = {}
reservations: dict[type[Record], Reservation[Record]] = {}
cancellations: dict[type[Record], Cancellation[Record]] = {}
guards: list[Guard] = []
clockwork: list[Due] = []
holds: list[HoldRule] = []


def decides(decision: Decision[R]) -> Decision[R]:
    """Register the decision about the kinds of request in the annotation of the parameter `request`."""
    for kind in _kinds(decision, "request", decisions):
        decisions[kind] = cast("Decision[Request]", decision)
    return decision


def decision_of(kind: type[Request]) -> Decision[Request]:
    """Return the decision about a kind of request; an alias without a rule of its own is decided like its parent."""
    return next(decisions[each] for each in kind.__mro__ if each in decisions)


def applies(change: Change[C]) -> Change[C]:
    """Register how to apply the kinds of record in the annotation of the parameter `record`."""
    for kind in _kinds(change, "record", changes):
        changes[kind] = cast("Change[Record]", change)
    return change


def audits(entry: Entry[C]) -> Entry[C]:
    """Register the audit trail's entry of the kinds of record in the annotation of the parameter `record`."""
    for kind in _kinds(entry, "record", entries):
        entries[kind] = cast("Entry[Record]", entry)
    return entry


def reserves(reservation: Reservation[C]) -> Reservation[C]:
    """Register how to reserve the ids in the kinds of record in the annotation of the parameter `record`."""
    for kind in _kinds(reservation, "record", reservations):
        reservations[kind] = cast("Reservation[Record]", reservation)
    return reservation


def reserve(world: World, record: Record) -> None:
    """Never give out an id in a record of the store or of another process again."""
    reservation = reservations.get(type(record))
    if reservation is not None:
        reservation(world, record)


def cancels(cancellation: Cancellation[C]) -> Cancellation[C]:
    """Register how to take back promises for the kinds of record in the annotation of the parameter `record`."""
    for kind in _kinds(cancellation, "record", cancellations):
        cancellations[kind] = cast("Cancellation[Record]", cancellation)
    return cancellation


def abandon(world: World, records: Iterable[Record]) -> None:
    """Take back the promises for records that are not committed."""
    for record in records:
        cancellation = cancellations.get(type(record))
        if cancellation is not None:
            cancellation(world, record)


def guards_words(guard: Guard) -> Guard:
    """Register a guard that is asked before each request whose words others would read."""
    guards.append(guard)
    return guard


def on_time(due: Due) -> Due:
    """Register what is asked once a second for records of what happens by itself, because its time has come.

    Until its records are committed or abandoned, it returns them once.
    """
    clockwork.append(due)
    return due


def holds_messages(rule: HoldRule) -> HoldRule:
    """Register a rule by which messages wait; the rules are asked in the order of the subjects."""
    holds.append(rule)
    return rule


T = TypeVar("T")


def _kinds(rule: Callable[..., object], parameter: str, registered: Mapping[type[T], object]) -> list[type[T]]:
    """Return the classes in the annotation `A` or `A | B` of a parameter; each class has only one rule."""
    names = rule.__annotations__[parameter].split(" | ")
    kinds: list[type[T]] = [rule.__globals__[name] for name in names]
    for kind in kinds:
        if kind in registered:
            raise TypeError(f"{kind.__name__} has two rules: {registered[kind]} and {rule}")
    return kinds
