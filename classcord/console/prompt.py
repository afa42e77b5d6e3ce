"""The prompt of a console: the operator, the server, and whether maintenance or a stop of the server is under way.

Knows no line editor.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from classcord.chat.text import N_

if TYPE_CHECKING:
    from classcord.chat.roles import Operator
    from classcord.console.output import Output
    from classcord.console.tools import Tools


def prompt(tools: Tools, operator: Operator, output: Output) -> str:
    """Return `prof@ClassCord [maintenance]> `, in colours if the terminal has colours."""
    translate = output.translate
    name = f"{operator.name}@{tools.policy.name}"
    marks = []
    if tools.presence.maintenance is not None:
        marks.append(translate(N_("maintenance")))
    if (ending := tools.service.ending()) is not None:
        marks.append(translate(N_("restart") if ending.restart else N_("stop")))
    mark = f" [{', '.join(marks)}]" if marks else ""
    if not output.colour:
        return f"{name}{mark}> "
    return f"\x1b[1;36m{name}\x1b[0m" + (f"\x1b[1;33m{mark}\x1b[0m> " if mark else "> ")
