"""Who checks passwords, put together: the local ones, the directory, the program, in this order."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from classcord.chat.roles import Role
from classcord.services.passwords.directory.directory import Directory, in_thread
from classcord.services.passwords.directory.library import connect
from classcord.services.passwords.in_order import InOrder
from classcord.services.passwords.program import LoginProgram, ProgramPasswords

if TYPE_CHECKING:
    from classcord.chat.hub import Hub
    from classcord.services.passwords.authenticator import Authenticator
    from classcord.services.passwords.directory.options import DirectoryOptions
    from classcord.settings import Settings


def logins(settings: Callable[[], Settings], local: Authenticator, hub: Hub, reactor: Any) -> InOrder:
    """Return the authenticator of a server; what its settings name is read at each login."""

    def directory() -> DirectoryOptions | None:
        ldap = settings().ldap
        return ldap.options() if ldap.urls else None

    def program() -> LoginProgram | None:
        chosen = settings().login_program
        if not chosen.command:
            return None
        return LoginProgram(chosen.command, chosen.timeout, chosen.at_once, Role.of(chosen.highest_role))

    outside = (Directory(directory, in_thread(reactor), reactor, connect), ProgramPasswords(program, reactor))
    return InOrder(local, hub.state.account, outside)
