"""The command line of `classcord chat`: its options, the password, and the mode that they select.

Knows no protocol.
"""

from __future__ import annotations

import argparse
import functools
import getpass
import os
import sys
import time
import warnings
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from classcord import __version__
from classcord.chat.text import N_, Translate
from classcord.cli.chat.console import ClientConsole, PlainConsole, Typist, open_console
from classcord.cli.chat.conversation import Conversation, Object
from classcord.cli.chat.driver import converse
from classcord.cli.chat.failure import Failure
from classcord.cli.chat.modes import Mode, PipeMode, ScriptMode, TerminalMode, decode
from classcord.cli.chat.screen import Screen
from classcord.cli.chat.server_connection import (
    PORT,
    TLS_PORT,
    Address,
    Stream,
    Trust,
    connect,
    fingerprint,
    read_fingerprint,
)
from classcord.language import terminal_language, translator
from classcord.system_errors import in_words

if TYPE_CHECKING:
    from classcord.cli.options import Subparsers

_T = TypeVar("_T")


def configure(subparsers: Subparsers[argparse.ArgumentParser]) -> None:
    """Add `chat` to the command."""
    _ = translator(terminal_language())
    parser = subparsers.add_parser(
        "chat",
        help=_("talk from a terminal, a pipe or a script"),
        description=_(
            "Talk to a ClassCord server. In a terminal, type and read; /help lists the commands. "
            "In a pipe, every line is a message: echo Bonjour | classcord chat --guest cron"
        ),
    )
    text, address, pin = (
        _text,
        _refusing(Address.of, _("not an address")),
        _refusing(read_fingerprint, _("not SHA-256")),
    )
    parser.add_argument(
        "address",
        nargs="?",
        type=address,
        metavar=_("USER@HOST:PORT"),
        help=_("the server, and your account there (default: localhost, as a guest)"),
    )
    parser.add_argument("--guest", type=text, metavar=_("NAME"), help=_("come in without an account"))
    parser.add_argument("--register", action="store_true", help=_("make the account first"))
    parser.add_argument(
        "--password-file", type=Path, metavar=_("FILE"), help=_("read the password from the first line of a file")
    )
    parser.add_argument(
        "--to", type=text, metavar=_("#CHANNEL|NAME"), help=_("whom the lines are for (default: everyone)")
    )
    parser.add_argument("--json", action="store_true", help=_("one JSON object a line, both ways, for scripts"))
    parser.add_argument("--tls", action="store_true", help=_("encrypt (default port: 12346)"))
    trust = parser.add_mutually_exclusive_group()
    trust.add_argument(
        "--fingerprint", type=pin, metavar="sha256:...", help=_("encrypt, and believe only this certificate")
    )
    trust.add_argument(
        "--ca",
        type=Path,
        metavar=_("FILE"),
        help=_("encrypt, and believe what this authority has signed, as your school's"),
    )
    trust.add_argument("--insecure", action="store_true", help=_("encrypt, and believe any certificate"))
    parser.set_defaults(func=functools.partial(run, parser=parser))


def run(arguments: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    """Chat. Returns 0 if everything was sent, 1 after a refusal or a failure, which is printed to standard error."""
    _ = translator(terminal_language())
    _find_guest(arguments, parser, _)
    user = arguments.address.user
    if user and arguments.guest is not None:
        parser.error(_("give an account (USER@HOST) or --guest NAME, not both"))
    if not user and (arguments.register or arguments.password_file):
        parser.error(_("--register and --password-file need an account: USER@HOST"))
    try:
        _talk(arguments, _)
    except Failure as failure:
        print(f"classcord: {failure.text.render(_)}", file=sys.stderr)
        return 1
    return 0


def _find_guest(arguments: argparse.Namespace, parser: argparse.ArgumentParser, _: Translate) -> None:
    """Parse `--guest NAME@HOST`, the form for accounts; no name contains an @."""
    if arguments.guest is not None and "@" in arguments.guest:
        if arguments.address is not None:
            parser.error(_("give the server once: --guest NAME HOST, or --guest NAME@HOST"))
        try:
            whole = Address.of(arguments.guest)
        except ValueError:
            parser.error(_("not an address") + f": {arguments.guest}")
        arguments.guest, arguments.address = whole.user or "", Address(None, whole.host, whole.port)
    elif arguments.address is None:
        arguments.address = Address.of("localhost")


def _talk(arguments: argparse.Namespace, _: Translate) -> None:
    host, port = arguments.address.host, arguments.address.port
    secure = arguments.tls or arguments.insecure or arguments.fingerprint is not None or arguments.ca is not None
    connected = connect(
        host,
        port or (TLS_PORT if secure else PORT),
        Trust(arguments.fingerprint, arguments.insecure, arguments.ca) if secure else None,
    )
    with closing(Stream(connected)) as stream:
        if arguments.insecure:
            note = _(
                "The certificate was not verified. To believe only this one from now on: --fingerprint {fingerprint}"
            )
            print(note.format(fingerprint=fingerprint(connected)), file=sys.stderr)
        conversation = Conversation(_opening(arguments, _, listens=arguments.json or sys.stdin.isatty()))
        interactive = sys.stdin.isatty() and not arguments.json
        with open_console() if interactive else PlainConsole() as console:
            typist = Typist(console)
            mode = _mode(arguments, conversation, console, Screen(_, time.strftime("%Y-%m-%d")))
            try:
                converse(stream, typist, conversation, mode)
            except KeyboardInterrupt:
                if not interactive:
                    raise
            finally:
                typist.dismiss()


def _mode(arguments: argparse.Namespace, conversation: Conversation, console: ClientConsole, screen: Screen) -> Mode:
    target = arguments.to or None
    if arguments.json:
        return ScriptMode(conversation, console.write, target)
    if sys.stdin.isatty():
        return TerminalMode(conversation, console.write, target, screen)
    return PipeMode(conversation, console.write, target, time.monotonic)


def _opening(arguments: argparse.Namespace, _: Translate, *, listens: bool) -> list[Object]:
    """Return the first requests: hello, then the login. A pipe shows nothing, so it says that it does not listen."""
    hello: Object = {
        "type": "hello",
        "protocol": 2,
        "client": f"classcord-chat/{__version__}",
        "encoding": "utf-8",
        "lang": terminal_language(),
        "listens": listens,
    }
    if not arguments.address.user:
        return [hello, {"type": "guest", "username": arguments.guest or ""}]
    account: Object = {"username": arguments.address.user, "password": _password(arguments, _)}
    register: list[Object] = [{"type": "register", **account}] if arguments.register else []
    return [hello, *register, {"type": "login", **account}]


def _password(arguments: argparse.Namespace, _: Translate) -> str:
    if arguments.password_file:
        try:
            return decode(arguments.password_file.read_bytes().partition(b"\n")[0].rstrip(b"\r"))
        except OSError as reason:
            raise Failure("{file}: {reason}", file=arguments.password_file, reason=in_words(reason)) from None
    with warnings.catch_warnings():
        # refuse to read the password from the pipe, or to show it
        warnings.simplefilter("error", getpass.GetPassWarning)
        try:
            password = _text(getpass.getpass(_("Password: ")))
            if arguments.register and password != _text(getpass.getpass(_("Again: "))):
                raise Failure(N_("The two passwords are not the same."))
        except (getpass.GetPassWarning, EOFError):
            raise Failure(N_("There is no terminal to ask for the password; use --password-file.")) from None
    return password


def _text(typed: str) -> str:
    """Return typed text as valid Unicode, whatever the encoding of the terminal."""
    return decode(os.fsencode(typed))


def _refusing(read: Callable[[str], _T], complaint: str) -> Callable[[str], _T]:
    """Return an argument's `type` whose error says what is wrong."""

    def read_argument(argument: str) -> _T:
        try:
            return read(_text(argument))
        except ValueError:
            words = translator(terminal_language())(N_("{complaint}: {argument}"))
            raise argparse.ArgumentTypeError(words.format(complaint=complaint, argument=argument)) from None

    return read_argument
