"""`twistd classcord`: its options, and the service that they create.

It refuses wrong settings before the process becomes a daemon: one line, exit status 2. Knows nothing of chat.
"""

from __future__ import annotations

import atexit
import errno
import gc
import getopt
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import Any

from twisted.application.service import IService
from twisted.internet.error import ReactorNotRunning
from twisted.python import usage

from classcord import __version__
from classcord.chat.text import N_
from classcord.language import refused, speak, terminal_language, translator
from classcord.server import endpoints as listeners
from classcord.server.application import ClassCord
from classcord.server.banner import banner
from classcord.server.startup import prepare
from classcord.services.administration.host_key import HostKeyError
from classcord.services.monitoring.notify import RESTART_STATUS
from classcord.services.process import logs
from classcord.services.process.clock import steady
from classcord.services.process.datafolder import DataFolderError
from classcord.services.process.logs import printable
from classcord.services.tls.certificates import CertificateError
from classcord.settings import Settings, SettingsError, chosen
from classcord.store.ports import StoreError

REFUSED = (SettingsError, DataFolderError, StoreError, CertificateError, HostKeyError, listeners.ListenError)


WORDS = (
    N_("option --%s not recognized"),
    N_("option --%s requires argument"),
    N_("option --%s must not have an argument"),
    N_("option --%s not a unique prefix"),
    N_("option -%s not recognized"),
    N_("option -%s requires argument"),
)
"""Messages of getopt, which twistd uses, for our catalogue (`speak`)."""


class Options(usage.Options):
    """The options of `twistd classcord`; the subcommands of `classcord` that read a server's settings share them."""

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
        """Read the command line.

        A mistake ends with one line and status 2, not with twistd's whole help and status 0.
        """
        speak(getopt, terminal_language())
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
        return chosen(self["config"], [*short, *self.overrides], Path(self["data"]))


def makeService(options: Options) -> IService:  # noqa: N802
    """Return the server for `options`, or exit with status 2 and one line that says why not."""
    from twisted.internet import reactor  # noqa: PLC0415 (the one place that names it, when it is installed)

    steady(reactor)

    try:
        settings = options.settings()
        listeners.check(tuple(chain.from_iterable(settings.listen.for_users().values())))
        prepared = prepare(settings, Path(options["data"]))
        parent: Any = options.parent or {}
        foreground = bool(parent.get("nodaemon"))
        journal = logs.journal(os.environ) if foreground else None
        twistd_logs = bool(parent.get("logfile") or parent.get("syslog"))
        service = ClassCord(
            prepared,
            reactor,
            reload_settings=options.settings,
            end=lambda restart: _end(reactor, restart=restart),
            console=None if twistd_logs else _print if foreground and journal is None else _say_nothing,
            journal=journal.write if journal is not None else None,
            verbose=bool(options["verbose"]) and foreground,
        )
    except REFUSED as error:
        print(refused(error), file=sys.stderr)
        raise SystemExit(2) from None
    _when_running(reactor, service)
    if foreground and journal is None:
        reactor.callWhenRunning(lambda: _print(banner(service)))
    reactor.callWhenRunning(_settle)
    return service


def _settle() -> None:
    """Exclude the objects of the start from garbage collection.

    They stay, and each full collection would take 12 ms more.
    """
    gc.collect()
    gc.freeze()


def _end(reactor: Any, *, restart: bool) -> None:
    """Stop cleanly. For a restart, the process runs its own command line again after everything is closed.

    Under systemd its exit status asks systemd to restart it, so that systemd passes its sockets again.
    """
    if restart and "NOTIFY_SOCKET" in os.environ:
        atexit.register(os._exit, RESTART_STATUS)
    elif restart:
        atexit.register(os.execv, sys.executable, [sys.executable, *sys.orig_argv[1:]])
    with suppress(ReactorNotRunning):  # it is stopping already
        reactor.stop()


def _print(text: str) -> None:
    """Write to the terminal itself: in twistd, text for sys.stdout becomes a log event.

    It is no error if the terminal is closed.
    """
    out = sys.__stdout__
    if out is None:
        return
    try:
        out.buffer.write(text.encode(out.encoding, "backslashreplace"))
        out.flush()
    except OSError as error:
        if error.errno in {errno.EIO, errno.EPIPE}:  # the terminal was closed, or the reader of the pipe has ended
            os.dup2(os.open(os.devnull, os.O_WRONLY), out.fileno())


def _say_nothing(_text: str) -> None:
    """Print nothing: a daemon has no console. Its log is in the data folder, and twistd.log would be a second one."""


def _when_running(reactor: Any, service: ClassCord) -> None:
    """Install our own signal handlers: after a clean stop, twistd would exit with the signal's status."""

    def stop() -> None:
        with suppress(ReactorNotRunning):  # it is stopping already
            reactor.stop()

    def install() -> None:
        at_terminal = os.isatty(0) and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN  # ignored under nohup

        def hang_up() -> None:
            """Stop if the terminal was closed, as other programs do; without a terminal, SIGHUP means a reload."""
            if at_terminal and not os.isatty(0):
                stop()
            else:
                service.reload()

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: reactor.callFromThread(stop))
        signal.signal(signal.SIGHUP, lambda *_: reactor.callFromThread(hang_up))

    reactor.callWhenRunning(install)
