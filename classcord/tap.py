"""`twistd classcord`: its options, and the service they make.

Whatever can be refused is refused here, before the process becomes a daemon: one line, exit status 2.
"""

from __future__ import annotations

import atexit
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from twisted.application.service import IService
from twisted.internet.error import ReactorNotRunning
from twisted.python import usage

from classcord import __version__, listeners
from classcord.application import ClassCord, prepare
from classcord.banner import banner
from classcord.chat.text import N_
from classcord.language import refusal, terminal_language, translator
from classcord.services.certificates import CertificateError
from classcord.services.datafolder import DataFolderError
from classcord.services.host_key import HostKeyError
from classcord.services.logs import printable
from classcord.settings import Settings, SettingsError, chosen
from classcord.store.migrate import SchemaError

REFUSED = (SettingsError, DataFolderError, SchemaError, CertificateError, HostKeyError, listeners.ListenError)


class Options(usage.Options):
    """The options of `twistd classcord`, which the `classcord` command's server commands share."""

    synopsis = "[options]"
    optParameters = [  # noqa: RUF012 (Twisted's way)
        ["config", "c", None, "settings file (default: etc/classcord.toml if it is there)"],
        ["data", "d", "var", "folder that the server writes in"],
        ["port", "p", None, "short for --set listen.chat=tcp:PORT"],
        ["tls", None, None, "short for --set listen.tls=tcp:PORT"],
        ["ssh", None, None, "short for --set listen.ssh=tcp:PORT"],
        ["web", None, None, "short for --set listen.web=tcp:PORT"],
    ]
    optFlags = [["verbose", "v", "show connections and messages on the console"]]  # noqa: RUF012
    compData = usage.Completions(optActions={"config": usage.CompleteFiles("*.toml"), "data": usage.CompleteDirs()})

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.overrides: list[str] = []

    def opt_set(self, override: str) -> None:
        """Change one setting: section.key=value (may be given several times; wins over the file)"""
        self.overrides.append(override)

    def opt_version(self) -> None:
        """Say which ClassCord this is"""
        print(f"ClassCord {__version__}")
        raise SystemExit(0)

    def parseOptions(self, options: Sequence[str] | None = None) -> None:  # noqa: N802
        """Read the command line; a mistake ends in one line and status 2, not in twistd's whole help and status 0."""
        try:
            super().parseOptions(options)  # type: ignore[no-untyped-call]
        except usage.UsageError as error:
            words = translator(terminal_language())(N_("{why}; `twistd classcord --help` lists the options."))
            why = printable(str(error).rstrip(".")).replace("\n", r"\n")
            print(f"classcord: {words.format(why=why)}", file=sys.stderr)
            raise SystemExit(2) from None

    def settings(self) -> Settings:
        """Return the settings that these options ask for; SettingsError if they are refused."""
        short = [
            f"listen.{key}={'tcp:' if self[option].isdecimal() else ''}{self[option]}"
            for option, key in (("port", "chat"), ("tls", "tls"), ("ssh", "ssh"), ("web", "web"))
            if self[option] is not None
        ]
        return chosen(self["config"], [*short, *self.overrides])


def makeService(options: Options) -> IService:  # noqa: N802
    """Return the server that `options` ask for, or end with status 2 and one line that says why not."""
    from twisted.internet import reactor  # noqa: PLC0415 (the one place that names it, when it is installed)

    try:
        settings = options.settings()
        listeners.check((*settings.listen.chat, *settings.listen.tls, *settings.listen.ssh))
        prepared = prepare(settings, Path(options["data"]))
        parent: Any = options.parent or {}
        foreground = bool(parent.get("nodaemon"))
        twistd_logs = bool(parent.get("logfile") or parent.get("syslog"))
        service = ClassCord(
            prepared,
            reactor,
            reload_settings=options.settings,
            end=lambda restart: _end(reactor, restart=restart),
            console=None if twistd_logs else _print if foreground else _say_nothing,
            verbose=bool(options["verbose"]) and foreground,
        )
    except REFUSED as error:
        print(f"classcord: {refusal(error)}", file=sys.stderr)
        raise SystemExit(2) from None
    _when_running(reactor, service)
    if foreground:
        reactor.callWhenRunning(lambda: _print(banner(service)))
    return service


def _end(reactor: Any, *, restart: bool) -> None:
    """Stop cleanly; to begin anew, the process runs its own command line again when all is closed."""
    if restart:
        atexit.register(os.execv, sys.executable, [sys.executable, *sys.orig_argv[1:]])
    with suppress(ReactorNotRunning):  # it is stopping already
        reactor.stop()


def _print(text: str) -> None:
    """Write to the terminal itself: what goes by `sys.stdout` becomes a log event in twistd."""
    out = sys.__stdout__
    if out is not None:
        out.buffer.write(text.encode(out.encoding, "backslashreplace"))
        out.flush()


def _say_nothing(_text: str) -> None:
    """A daemon has no console: its log is in the data folder, and twistd.log would be a second one."""


def _when_running(reactor: Any, service: ClassCord) -> None:
    """Answer signals by ourselves: twistd would end with the signal's status after a clean stop."""

    def stop() -> None:
        with suppress(ReactorNotRunning):  # it is stopping already
            reactor.stop()

    def install() -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: reactor.callFromThread(stop))
        signal.signal(signal.SIGHUP, lambda *_: reactor.callFromThread(service.reload))

    reactor.callWhenRunning(install)
