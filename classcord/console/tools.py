"""What the console's programs use besides the chat's answers; the application assembles it. Names no concrete class."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from twisted.internet.interfaces import IReactorTime

from classcord.services.process.optional_files import OptionalFile

if TYPE_CHECKING:
    from classcord.chat.policy import Policy
    from classcord.chat.world import World
    from classcord.services.administration.operator_logins import KeyAndPasswordLogins
    from classcord.services.chat.ports import Names, Presence
    from classcord.services.chat.service import ChatService
    from classcord.services.export import Exporter


class Prompt(Protocol):
    """A Python prompt."""

    def end(self) -> None:
        """End it; the console that opened it continues."""


class Tools:
    """One object for a server."""

    def __init__(
        self,
        service: ChatService,
        world: World,
        logins: KeyAndPasswordLogins,
        export: Exporter,
        clock: IReactorTime,
        *,
        data: Path,
        language: Callable[[], str],
        timezone: Callable[[], tzinfo],
        manhole: Callable[[], bool],
    ) -> None:
        """`data` is the data folder; `manhole` says whether owners may open a Python prompt."""
        self.service = service
        self.world = world
        self.presence: Presence = world.state
        self._names: Names = world.state
        self.logins = logins
        self.export = export
        self.clock = clock
        self.data = data
        self.language = language
        self.timezone = timezone
        self.manhole = manhole
        self.prompts: dict[Prompt, None] = {}
        """The open Python prompts."""

    @property
    def policy(self) -> Policy:
        """The terms of this server at this moment."""
        return self.world.policy

    def end_forbidden_prompts(self) -> None:
        """End the open Python prompts, if the settings forbid them now."""
        if not self.manhole():
            for prompt in list(self.prompts):
                prompt.end()

    # -- names to complete (console/commands/completion.py) ------------------------------------------------------------

    def people(self) -> Iterable[str]:
        return [person.name for person in self._names.people.values()]

    def accounts(self) -> Iterable[str]:
        return [account.name for account in self._names.accounts.values()]

    def channels(self) -> Iterable[str]:
        return [channel.name for channel in self._names.channels.values()]

    # -- each administrator's history ---------------------------------------------------------------------------------

    def history(self, key: str) -> Sequence[str]:
        """Return the lines that an administrator has typed, the oldest first."""
        return self._history_file(key).text().splitlines()

    def keep_history(self, key: str, entries: Sequence[str]) -> None:
        """Save the lines that an administrator has typed; no other user can read them."""
        self._history_file(key).save("".join(f"{entry}\n" for entry in entries).encode("utf-8", "replace"))

    def _history_file(self, key: str) -> OptionalFile:
        return OptionalFile(self.data / "history" / f"{key.encode().hex()}.txt", makes_folder=True)
