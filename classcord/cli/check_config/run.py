"""The work of `classcord check-config`: it reads the settings as a start does, and changes nothing."""

from __future__ import annotations

import argparse
import sys

from classcord.cli.options import say_refused
from classcord.language import terminal_language, translator
from classcord.settings import DEFAULT_FILE, SettingsError, chosen


def run(arguments: argparse.Namespace) -> int:
    """Check the settings. Returns the exit status, 2 after one line that says why they were refused."""
    try:
        return _check_config(arguments)
    except SettingsError as error:
        return say_refused(error, arguments)


def _check_config(arguments: argparse.Namespace) -> int:
    chosen(arguments.config, arguments.overrides, arguments.data)
    if not arguments.config and not DEFAULT_FILE.exists():
        _ = translator(terminal_language())
        print(_("There is no {file} here: these are the built-in defaults.").format(file=DEFAULT_FILE), file=sys.stderr)
    print("ok")
    return 0
