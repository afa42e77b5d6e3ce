"""A queue that is fair to groups and to their members: each is served in turn, whatever number of items it has.

Knows neither threads nor what the items are.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class FairQueue(Generic[T]):
    """Groups are served in turn, and within a group its members.

    Only the items of one member are first in, first out.
    """

    def __init__(self) -> None:
        self._groups: OrderedDict[Hashable, OrderedDict[Hashable, deque[T]]] = OrderedDict()
        self._sizes: dict[Hashable, int] = {}
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def put(self, group: Hashable, member: Hashable, item: T) -> None:
        """Add an item after the member's other items."""
        self._groups.setdefault(group, OrderedDict()).setdefault(member, deque()).append(item)
        self._sizes[group] = self._sizes.get(group, 0) + 1
        self._size += 1

    def take(self) -> T:
        """Remove and return the next item; its member and its group then become the last in their rounds."""
        group, members = self._groups.popitem(last=False)
        member, items = members.popitem(last=False)
        item = items.popleft()
        if items:
            members[member] = items
        if members:
            self._groups[group] = members
        self._counted_out(group)
        return item

    def largest(self) -> Hashable:
        """Return the group with the most items."""
        return max(self._sizes, key=self._sizes.__getitem__)

    def take_newest(self, group: Hashable) -> T:
        """Of the member of the group whose turn comes last, remove and return the newest item."""
        members = self._groups[group]
        member = next(reversed(members))
        item = members[member].pop()
        if not members[member]:
            del members[member]
        if not members:
            del self._groups[group]
        self._counted_out(group)
        return item

    def _counted_out(self, group: Hashable) -> None:
        self._size -= 1
        self._sizes[group] -= 1
        if not self._sizes[group]:
            del self._sizes[group]
