"""The work of `classcord init`, while no server runs: it opens the data folder as the server does.

Knows no database.
"""

from __future__ import annotations

import argparse
import os
import shlex

from classcord.cli.options import program, say_refused
from classcord.cli.stopped_server import REFUSED, Inventory, held
from classcord.language import terminal_language, translator
from classcord.settings import chosen


def run(arguments: argparse.Namespace) -> int:
    """Prepare the server. Returns the exit status, 2 after one line that says why it was refused."""
    try:
        return _init(arguments)
    except REFUSED as error:
        return say_refused(error, arguments)


def _init(arguments: argparse.Namespace) -> int:
    _ = translator(terminal_language())
    settings = chosen(arguments.config, arguments.overrides, arguments.data)
    before = Inventory(settings, arguments.data)
    with held(settings, arguments.data, anew=arguments.new):
        print("\n".join(before.report()))
    command = [program("twistd"), "-n", "classcord", "--data", str(arguments.data)]
    command += ["--config", arguments.config] if arguments.config else []
    command += [word for override in arguments.overrides for word in ("--set", override)]
    if "CLASSCORD_DATA" not in os.environ:  # a package and a container are started in another way
        print(_("Start the server: {command}").format(command=shlex.join(command)))
    return 0
