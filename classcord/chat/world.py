"""What every decision looks at: the state, and the terms of this server. The hub is one, with its decisions.

Knows no request.
"""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_network
from typing import TYPE_CHECKING, Any

from classcord.chat.limits import LoginThrottle
from classcord.chat.roles import permissions
from classcord.chat.state import LastIds, State

if TYPE_CHECKING:
    from classcord.chat.effects import Effect
    from classcord.chat.policy import Policy
    from classcord.chat.session import Session

Decision = Callable[[Any, "Session", Any, float], "list[Effect]"]
"""From a world, a session, its request and the time (seconds since 1970) to effects; raises ChatError to refuse."""
Change = Callable[[Any, Any, "Session | None"], "list[Effect]"]
"""From a world, a committed record and the session that asked for it to what follows."""


class World:
    """The state, the policy and the permissions that follow from it, and who has failed to log in."""

    def __init__(self, policy: Policy, last: LastIds | None = None) -> None:
        """`last` are the highest ids that were ever given out."""
        self.state = State(last or LastIds())
        self.throttle = LoginThrottle()
        self.reserved: frozenset[str] = frozenset()
        """Keys of the names that the administrators' keys stand for: nobody else's."""
        self.set_policy(policy)

    def set_policy(self, policy: Policy) -> None:
        """Decide by other terms from now on; sessions keep the rates they began with."""
        self.policy = policy
        self.permissions = permissions(policy.create_channel)
        self.shared_networks = tuple(ip_network(each) for each in policy.shared_networks)
