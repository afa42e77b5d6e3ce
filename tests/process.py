"""The process around a server in memory: what administrators control of it, and the relay of its mails."""

from __future__ import annotations

from pathlib import Path

from twisted.internet.defer import Deferred, succeed

from classcord.services.administration.operations import Reloaded
from classcord.services.alerts.mail import Mail, MailError, Relay, Sent
from classcord.services.backups.backup import MadeBackup
from classcord.store.ports import Contents
from classcord.store.sqlite.library import VERSION


class FakeControls:
    """The process, which notes what it is told."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.reloaded = Reloaded()

    def reload(self) -> Reloaded:
        self.done.append("reload")
        return self.reloaded

    def store_version(self) -> str:
        return VERSION

    def set_log_level(self, level: str) -> None:
        self.done.append(f"loglevel {level}")

    def stop(self, *, restart: bool) -> None:
        self.done.append("restart" if restart else "stop")

    def back_up(self) -> Deferred[MadeBackup]:
        self.done.append("backup")
        contents = Contents(schema=2, newest=2, messages=12, accounts=3)
        return succeed(MadeBackup(Path("backups/classcord-20261120-203627.db.gz"), 2048, contents, 0.25, ()))


class FakeMailer:
    """A relay, which takes every mail until it is told otherwise."""

    def __init__(self) -> None:
        self.taken = True

    async def send(self, mail: Mail) -> tuple[Relay, Sent]:
        if not self.taken:
            raise MailError("the relay says no")
        return Relay("relay", 25, "chat@school", ("prof@school",)), Sent("250 taken", {})
