"""The process around a server in memory, as the pages show it: what administrators control, and the mails."""

from __future__ import annotations

from pathlib import Path

from twisted.internet.defer import Deferred, succeed

from classcord.services.administration.operations import Reloaded
from classcord.services.alerts.mail import Mail, Relay, Sent
from classcord.services.backups.backup import MadeBackup
from classcord.store.ports import Contents
from classcord.store.sqlite.library import VERSION

NO_FILE = Path("database-in-memory")


class Controls:
    """A process that nobody moves."""

    def reload(self) -> Reloaded:
        """Change nothing."""
        return Reloaded()

    def store_version(self) -> str:
        """Return the version of the library that the store uses."""
        return VERSION

    def set_log_level(self, level: str) -> None:
        """Do nothing."""

    def stop(self, *, restart: bool) -> None:
        """Do nothing."""

    def back_up(self) -> Deferred[MadeBackup]:
        """Say what a backup might be."""
        file = Path("/srv/classcord/backups/classcord-20261120-203627-by-hand.db.gz")
        return succeed(MadeBackup(file, 218_733, Contents(schema=2, newest=2, messages=14_201, accounts=27), 0.412, ()))


class Mails:
    """A relay that takes everything."""

    async def send(self, _letter: Mail) -> tuple[Relay, Sent]:
        """Say that it was taken."""
        relay = Relay("smtp.ecole.example", 25, "chat@ecole.example", ("prof@ecole.example",))
        return relay, Sent("250 2.0.0 Ok: queued as 4F1B2C", {})
