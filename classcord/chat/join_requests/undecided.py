"""The join requests that wait, and those whose result the author does not know yet. Knows no clock."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from classcord.chat.join_requests.vocabulary import JoinDecided, JoinRequested


PENDING, ACCEPTED, REJECTED, WITHDRAWN, EXPIRED = "pending", "accepted", "rejected", "withdrawn", "expired"


class JoinRequests:
    """The waiting requests, and the ended requests whose authors do not know it yet. `now` is in milliseconds."""

    def __init__(self) -> None:
        self._requests: dict[int, JoinRequested] = {}

    def add(self, request: JoinRequested) -> None:
        self._requests[request.request_id] = request

    def decided(self, decision: JoinDecided) -> JoinRequested:
        """Note the result of a request, and return the request."""
        request = msgspec.structs.replace(
            self._requests.pop(decision.request_id),
            state=decision.state,
            decided_by=decision.decided_by,
            reason=decision.reason,
        )
        if not decision.told:
            self._requests[request.request_id] = request
        return request

    def get(self, request_id: int) -> JoinRequested | None:
        """Return a request, if it waits or its author does not know its result."""
        return self._requests.get(request_id)

    def forget(self, request_id: int) -> JoinRequested | None:
        """Take a request out, and return it if it was there."""
        return self._requests.pop(request_id, None)

    def about(self, *, user_id: int | None = None, channel_id: int | None = None) -> list[JoinRequested]:
        """Return the requests of an account, or for a channel."""
        return [r for r in self._requests.values() if user_id == r.user_id or channel_id == r.channel_id]

    def forget_user(self, user_id: int) -> None:
        """Forget all requests of an account."""
        self._requests = {i: r for i, r in self._requests.items() if r.user_id != user_id}

    def forget_channel(self, channel_id: int) -> list[JoinRequested]:
        """Forget all requests for a channel; return those that still waited."""
        gone = [r for r in self._requests.values() if r.channel_id == channel_id]
        self._requests = {i: r for i, r in self._requests.items() if r.channel_id != channel_id}
        return [r for r in gone if r.state == PENDING]

    def waiting(self, now: float) -> Iterator[JoinRequested]:
        """Yield the requests that wait for an answer, the oldest first."""
        return (r for r in self._requests.values() if r.state == PENDING and r.expires_at > now)

    def of(self, user_id: int, channel_id: int) -> JoinRequested | None:
        """Return the undecided request of an account for a channel, even if its time is up."""
        return next(
            (
                r
                for r in self._requests.values()
                if (r.user_id, r.channel_id, r.state) == (user_id, channel_id, PENDING)
            ),
            None,
        )

    def untold(self, user_id: int, now: float) -> list[JoinRequested]:
        """Return the requests of an account whose end it does not know: decided ones, and those whose time is up."""
        return [
            r for r in self._requests.values() if r.user_id == user_id and (r.state != PENDING or r.expires_at <= now)
        ]
