"""Where administrators log in, on every face: it checks a key or a password, and begins the session.

Knows accounts and keys, no protocol.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger

from classcord.chat.accounts.vocabulary import Authenticate, Known
from classcord.chat.errors import ChatError, NotAllowed
from classcord.chat.identity.vocabulary import LoginFailed
from classcord.chat.operators.rules import check_may_operate
from classcord.chat.operators.vocabulary import Operate
from classcord.chat.roles import Operator, Role
from classcord.chat.text import N_, Text
from classcord.language import translator
from classcord.services.chat.local_session import LocalSession
from classcord.services.security import security_events

if TYPE_CHECKING:
    from classcord.chat.events import Event
    from classcord.chat.world import World
    from classcord.services.chat.ports import Names
    from classcord.services.chat.service import ChatService


class OperatorLogins(Protocol):
    """What a face needs to log administrators in."""

    def admits(self, address: str) -> bool:
        """Whether a client at this address may connect at all."""

    async def by_password(self, name: str, password: str, address: str) -> Operator:
        """Check a password and return the operator.

        ChatError (LoginFailed, Busy, NotAllowed...) if it is wrong, or if the account may not administer.
        """

    def by_key(self, name: str, blob: bytes, address: str) -> Operator | None:
        """Return the operator with this public key (in SSH wire format), or None; the caller checks the signature.

        ChatError if the operator may not log in now: Banned, Kicked...
        """

    def key_refused(self, name: str, address: str, reason: str) -> None:
        """Report that a login by key has failed."""

    def in_words(self, error: ChatError) -> str:
        """Return the text of a refusal in the server's language."""

    def how_to_log_in(self) -> str:
        """Return the sentence that tells a user without key and password how to add a key."""

    def translate(self, template: str) -> str:
        """Return a sentence in the server's language."""


class OperatorKey(Protocol):
    """An administrator's public key."""

    @property
    def name(self) -> str: ...
    @property
    def role(self) -> Role: ...
    @property
    def fingerprint(self) -> str: ...


class OperatorKeys(Protocol):
    """The keys of admin_keys/."""

    @property
    def files(self) -> Mapping[str, Path]:
        """The key files, by the comparison key of the name that each stands for."""

    @property
    def roles(self) -> Mapping[str, Role]:
        """The highest role of each name whose file can be read."""

    @property
    def problems(self) -> Sequence[Text]:
        """The files and lines that were ignored, and why."""

    def look(self) -> bool: ...
    def find(self, name: str, blob: bytes, address: str, now: float) -> OperatorKey | None: ...


class KeyAndPasswordLogins:
    """The logins of a running server, by a key of admin_keys/ or an account's password."""

    log = Logger()

    def __init__(
        self,
        service: ChatService,
        world: World,
        keys: OperatorKeys,
        clock: IReactorTime,
        *,
        passwords: Callable[[], bool],
        folder: str,
    ) -> None:
        """`passwords` says whether accounts may log in by password now; `folder` is where keys are added."""
        self._service = service
        self._world = world
        self._names: Names = world.state
        self._keys = keys
        self._clock = clock
        self._passwords = passwords
        self._folder = folder
        self._told: frozenset[str] = frozenset()
        self.reserve()

    def admits(self, address: str) -> bool:
        return self._service.gate.refusal(address, "ssh") is None

    async def by_password(self, name: str, password: str, address: str) -> Operator:
        if not self._passwords():
            raise NotAllowed
        asking = LocalSession(self._service, self._clock, address=address, face="ssh")
        try:
            known = await asking.ask(Authenticate(username=name, password=password))
        except Exception:  # as in `open`
            asking.end()
            raise
        asking.end()
        if not isinstance(known, Known):
            raise LoginFailed
        return Operator(
            name=known.name,
            role=Role.of(known.role),
            by="password",
            account_id=known.account_id,
            must_change=known.must_change,
            login=asking.session.id,
        )

    def by_key(self, name: str, blob: bytes, address: str) -> Operator | None:
        self.look()
        if self._names.named(name) is not None:  # the key would be taken for this other person
            return None
        now = self._clock.seconds()
        key = self._keys.find(name, blob, address, now)
        if key is None:
            return None
        operator = Operator(name=key.name, role=key.role, fingerprint=key.fingerprint)
        check_may_operate(self._world, operator, address, now)
        return operator

    def still_there(self, operator: Operator, blob: bytes, address: str) -> bool:
        """Whether an operator may still administer; an operator with a key needs the same key, with the same role."""
        try:
            check_may_operate(self._world, operator, address, self._clock.seconds())
            return operator.by != "key" or self.by_key(operator.name, blob, address) == operator
        except ChatError:
            return False

    def look(self) -> None:
        """Read the keys again if they have changed."""
        if self._keys.look():
            self.reserve()

    def reserve(self) -> None:
        """Reserve the names of all key files, even of unreadable ones; a guest with such a name loses it."""
        for person in self._world.reserve(self._keys.files, self._keys.roles):
            self._service.turn_out(person, Text(N_("{name} is the name of an administrator."), {"name": person.name}))

    def tell_problems(self) -> None:
        """Write to the log what is wrong with the keys; each problem once while it lasts."""
        problems = [*self._keys.problems, *clashes(self._keys.files, self._names)]
        found = dict.fromkeys(problem.render() for problem in problems)
        for problem in found:
            if problem not in self._told:
                self.log.warn("{problem}", problem=problem)
        self._told = frozenset(found)

    def key_refused(self, name: str, address: str, reason: str) -> None:
        failed = security_events.AuthenticationFailed(
            at=self._clock.seconds(), address=address, name=name, reason=reason
        )
        self._service.security.tell(failed)

    def in_words(self, error: ChatError) -> str:
        return error.text.render(translator(self._world.policy.language))

    def translate(self, template: str) -> str:
        return translator(self._world.policy.language)(template)

    def how_to_log_in(self) -> str:
        words = translator(self._world.policy.language)(
            N_("To administer this server, put your public key into {folder}/NAME.pub on its machine.")
        )
        return words.format(folder=self._folder)

    async def open(
        self,
        operator: Operator,
        *,
        address: str,
        face: str,
        heard: Callable[[Event], None] | None,
        ended: Callable[[], None],
        changes_password: bool = False,
    ) -> LocalSession:
        """Begin and return an operator's session; ChatError if the operator may not log in any more.

        `changes_password`: whether an operator with a one-time password can change it on this face; if not, the login
        is refused.
        """
        local = LocalSession(self._service, self._clock, address=address, face=face, heard=heard, ended=ended)
        try:
            await local.ask(Operate(operator=operator, changes_password=changes_password))
        except Exception:  # not GeneratorExit: this coroutine is being closed then, and `end` would continue it
            local.end()
            raise
        return local


def clashes(files: Mapping[str, Path], names: Names) -> Iterator[Text]:
    """Yield the key files that are ignored because an account has the name: the owner of the key would be unclear."""
    for key, file in files.items():
        account = names.named(key)
        if account is not None:
            yield Text(
                N_(
                    "{file}: the key does not count, for {name} is an account; give the file another name, "
                    "or delete the account (deluser {name})"
                ),
                {"file": file, "name": account.name},
            )
