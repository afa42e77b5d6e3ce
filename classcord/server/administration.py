"""Assembles the administrators' side of the server: keys, logins, console, SSH, the control socket.

Only modules of this folder name concrete classes.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from twisted.internet.defer import CancelledError, Deferred
from twisted.logger import Logger

from classcord.chat.errors import ChatError
from classcord.chat.operators.vocabulary import Touched
from classcord.chat.text import N_
from classcord.console.class_lists import ClassLists
from classcord.console.programs import Programs
from classcord.console.tools import Tools
from classcord.faces.control.socket import ControlFactory
from classcord.faces.ssh.server import AdminSSHFactory, SSHLimits
from classcord.faces.ssh.sftp import SFTPSession
from classcord.faces.ssh.sftp_files import Files
from classcord.faces.ssh.sftp_handles import Handle
from classcord.language import translator
from classcord.server.first_start import FIRST_ACCOUNT
from classcord.services.administration.admin_keys import AdminKeys
from classcord.services.administration.host_key import host_key
from classcord.services.administration.operator_logins import KeyAndPasswordLogins
from classcord.services.chat.local_session import LocalSession
from classcord.services.export import Exporter
from classcord.services.process.optional_files import OptionalFile
from classcord.services.process.periodic import Periodic

if TYPE_CHECKING:
    from twisted.internet.interfaces import IReactorTime
    from twisted.python.failure import Failure

    from classcord.chat.roles import Operator
    from classcord.chat.text import Translate
    from classcord.chat.world import World
    from classcord.console.carrier import Carrier, Program
    from classcord.services.administration.countdown import Countdown
    from classcord.services.chat.ports import Names
    from classcord.services.chat.service import ChatService
    from classcord.services.monitoring.figures import Figures
    from classcord.services.process.datafolder import DataFolder
    from classcord.settings import Settings
    from classcord.store.ports import OpenStore

EVERY = 1.0  # seconds between two checks of the keys


class AdminServices:
    """Starts and stops with the server."""

    def __init__(
        self,
        settings: Callable[[], Settings],
        folder: DataFolder,
        *,
        chat: ChatService,
        world: World,
        figures: Figures,
        countdown: Countdown,
        database: OpenStore,
        reactor: Any,
        clock: IReactorTime,
    ) -> None:
        """`settings` returns the current settings; `clock` tells the time of day."""
        self._settings = settings
        self._clock = clock
        self._folder = folder
        self._names: Names = world.state
        ssh = settings().ssh
        self.keys = AdminKeys(Path(ssh.keys), strict=lambda: settings().ssh.strict_modes)
        self.logins = KeyAndPasswordLogins(chat, world, self.keys, clock, passwords=self._passwords, folder=ssh.keys)
        self._figures = figures
        self._countdown = countdown
        self.tools = Tools(
            chat,
            world,
            self.logins,
            Exporter(database, clock),
            clock,
            data=folder.path,
            language=lambda: settings().server.language,
            timezone=lambda: ZoneInfo(settings().server.timezone),
            manhole=lambda: settings().ssh.manhole,
        )
        self._opened: dict[str, set[Handle]] = {}  # open sftp files of each operator
        self._looks = Periodic(self._look, reactor)
        self.host_key = host_key(folder.path)
        self.ssh = AdminSSHFactory(
            self.host_key.key,
            self.logins,
            Programs(self.tools, "ssh"),
            reactor,
            limits=self._limits,
            passwords=self._passwords,
            banner=self._banner,
            files=self._files,
        )
        gate, blocks = chat.gate, chat.gate.blocks
        blocks.closers.append(self.ssh.end_strangers)
        gate.closers.append(self.ssh.end_from)
        self.control = ControlFactory(Programs(self.tools, "control"), ClassLists(self.tools, "control"))

    def _passwords(self) -> bool:
        return self._settings().ssh.passwords

    def _limits(self) -> SSHLimits:
        ssh = self._settings().ssh
        return SSHLimits(
            login_grace=ssh.login_grace,
            max_tries=ssh.max_tries,
            max_connections=ssh.max_connections,
            max_sessions=ssh.max_sessions,
            idle_timeout=ssh.idle_timeout,
        )

    def _banner(self) -> str:
        """Return the line that a client shows before the login; in ASCII, as terminals differ."""
        return f"ClassCord - {self.host_key.fingerprint}"

    def _files(self, operator: Operator, address: str, carrier: Carrier) -> Program:
        """Start an sftp program; each file that is opened or changed is written into the audit trail."""
        translate = translator(self._settings().server.language)

        def begin(local: LocalSession) -> Program:
            def audit(action: str, path: str, to: str = "") -> None:
                name, refused = f"file-{action}".replace(" ", "-"), action.endswith(" refused")
                touched = Touched(action=name, path=f"{path} {to}".strip(), refused=refused)
                local.ask(touched).addErrback(lambda _: None)  # the session has ended in the meantime

            opened = self._opened.setdefault(operator.name, set())
            files = Files(self._folder.path, local.may, self._settings().ssh.import_bytes, audit, opened=opened)
            return SFTPSession(files, carrier, self._clock, translate)

        opening = _Opening(begin, carrier, translate)
        session = self.logins.open(operator, address=address, face="sftp", heard=None, ended=opening.ended)
        opening.wait(Deferred.fromCoroutine(session))
        return opening

    def start(self) -> None:
        self.logins.tell_problems()
        self._looks.start(EVERY)

    def stop(self) -> None:
        self._looks.stop()
        self._countdown.forget()

    def _look(self) -> None:
        self._figures.sample()
        self.logins.look()
        self.logins.tell_problems()
        self._end_revoked()
        self.tools.end_forbidden_prompts()
        self._forget_first_password()

    def _end_revoked(self) -> None:
        """Close the connections of operators who may not administer any more: key, role, password or sanction."""
        for connection in self.ssh.connections():
            operator = connection.operator
            if operator is not None and not self.logins.still_there(operator, connection.key, connection.address):
                by_key, other = N_("your key is not accepted any more"), N_("you may not administer any more")
                connection.end(by_key if operator.by == "key" else other)

    def _forget_first_password(self) -> None:
        """Remove the file with the first account's password when the password has been changed."""
        account = self._names.account(FIRST_ACCOUNT)
        if account is None or not account.must_change or account.renewals:
            OptionalFile(self._folder.first_password).remove()


class _Opening:
    """A program that starts when its session in the chat has begun, and ends it; input before that is kept."""

    log = Logger()

    def __init__(self, begin: Callable[[LocalSession], Program], carrier: Carrier, translate: Translate) -> None:
        self._begin = begin
        self._carrier = carrier
        self._translate = translate
        self._local: LocalSession | None = None
        self._program: Program | None = None
        self._early = b""
        self._input_ended = self._over = False
        self._opened: Deferred[LocalSession] | None = None

    def wait(self, opened: Deferred[LocalSession]) -> None:
        """Start the program when the session has begun; until then read no more."""
        self._carrier.pause()
        self._opened = opened
        opened.addCallbacks(self._begun, self._refused).addErrback(self._failed)

    def _begun(self, local: LocalSession) -> None:
        if self._over:
            local.end("nobody is there any more")
            return
        self._local = local
        self._program = self._begin(local)
        if self._early:
            self._program.received(self._early)
        if self._input_ended:
            self._program.input_ended()
        self._carrier.resume()

    def _refused(self, failure: Failure) -> None:
        error = failure.value
        if not isinstance(error, ChatError):
            failure.raiseException()
        elif not self._over:
            words = error.text.render(self._translate)
            self._carrier.write_error(f"{words}\n".encode())
            self.ended()

    def _failed(self, failure: Failure) -> None:
        """End what could not start; if the client has left in the meantime, that is no error."""
        if not failure.check(CancelledError):
            self.log.failure("the files could not be opened", failure)
            self.ended()

    def received(self, data: bytes) -> None:
        if self._program is not None:
            self._program.received(data)
        else:
            self._early += data

    def input_ended(self) -> None:
        self._input_ended = True
        if self._program is not None:
            self._program.input_ended()

    def resized(self, columns: int, rows: int) -> None:
        """Ignore it: sftp has no window."""

    def ended(self) -> None:
        """End the session and the carrier, which closes open files."""
        self.lost()
        self._carrier.end(1)

    def lost(self) -> None:
        self._over = True
        if self._opened is not None:
            self._opened.cancel()  # if it has not begun
        if self._program is not None:
            self._program.lost()
        if self._local is not None:
            self._local.end("the files are done")
