"""Several lines pasted at a prompt: each is a command, if the user confirms that. Knows no key and no command."""

from __future__ import annotations

from typing import TYPE_CHECKING

from classcord.chat.text import N_
from classcord.console.lineedit.pasting import LINES
from classcord.services.process.logs import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from classcord.console.interpreter import Asker
    from classcord.console.output import Output


async def commands_of(lines: Sequence[str] | None, asker: Asker, output: Output) -> list[str]:
    """Show the lines and ask for confirmation; return the commands to run, none if the user refuses.

    `lines` is None if the paste was too large.
    """
    translate = output.translate
    if lines is None:
        refusal = translate(N_("That is too much to be pasted: {most} lines at most. Nothing was run."))
        output.error(refusal.format(most=LINES))
        return []
    commands = [line for line in map(str.strip, lines) if line]
    for line in commands:
        output.line(f"  {printable(line)}")
    question = translate(N_("{count} lines were pasted. Run each of them as a command?"))
    if await asker.confirmed(question.format(count=len(commands))):
        return commands
    output.error(translate(N_("Nothing was run.")))
    return []
