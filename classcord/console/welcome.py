"""What a console begins with: a welcome, or the change of a one-time password.

Knows no terminal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from classcord.chat.accounts.vocabulary import Authenticate, Password
from classcord.chat.errors import BadPassword, ChatError
from classcord.chat.held_messages.vocabulary import Held, HeldListed
from classcord.chat.identity.vocabulary import PasswordSpent
from classcord.chat.join_requests.vocabulary import Requests, RequestsListed
from classcord.chat.reasons import because
from classcord.chat.reports.vocabulary import Reports, ReportsListed
from classcord.chat.text import N_, Text

if TYPE_CHECKING:
    from classcord.chat.roles import Operator
    from classcord.console.interpreter import Asker
    from classcord.console.output import Output
    from classcord.console.tools import Tools
    from classcord.services.chat.local_session import LocalSession

TRIES = 5  # attempts to choose another password


async def greet(tools: Tools, operator: Operator, local: LocalSession, output: Output) -> None:
    """Show the operator's name, and which requests wait for an answer."""
    role = operator.role.word
    output.say(
        N_("ClassCord {version}: you are {name}, {role}. `help` lists the commands."),
        version=tools.policy.version,
        name=operator.name,
        role=role.render(output.translate),
    )
    maintenance, ending = tools.presence.maintenance, tools.service.ending()
    if maintenance is not None:
        words = Text(N_("Maintenance: only moderators and above come in; `maintenance off` ends it. {reason}"))
        output.sentence(Text(words.template, {"reason": because(maintenance) if maintenance else ""}))
    if ending is not None:
        template = N_("The server restarts at {at}; `shutdown cancel` calls it off. {reason}")
        if not ending.restart:
            template = N_("The server stops at {at}; `shutdown cancel` calls it off. {reason}")
        reason = because(ending.reason) if ending.reason else ""
        output.sentence(Text(template, {"at": output.moment(ending.at), "reason": reason}))
    try:
        waiting = await local.ask(Requests())
        reports = await local.ask(Reports())
    except ChatError:  # the operator may not ask; and a console that has ended needs no greeting
        return
    if isinstance(waiting, RequestsListed) and waiting.requests:
        output.say(N_("Requests that wait for an answer: {count}. `requests` lists them."), count=len(waiting.requests))
    if isinstance(reports, ReportsListed) and reports.reports:
        output.say(N_("Open reports: {count}. `reports` lists them."), count=len(reports.reports))
    held = await local.ask(Held())
    if isinstance(held, HeldListed) and held.messages:
        output.say(N_("Messages that wait to be approved: {count}. `held` lists them."), count=len(held.messages))


async def change_password(asker: Asker, local: LocalSession, output: Output) -> bool:
    """Make the operator change the one-time password before anything else; return whether it was changed."""
    translate = output.translate
    output.say(N_("Your password was for one time: choose another one now."))
    old = ""
    for _ in range(TRIES):
        old = old or await asker.secret(translate(N_("The password that you came in with: ")))
        try:
            await local.ask(Authenticate(username=local.session.name, password=old))
        except PasswordSpent:  # it is the right one: the login has used it
            pass
        except ChatError as error:
            output.refusal(error, json=False)
            old = ""
            continue
        new = await asker.secret(translate(N_("New password: ")))
        if new != await asker.secret(translate(N_("The same again: "))):
            output.say(N_("The two are not the same."))
            continue
        try:
            await local.ask(Password(old=old, new=new))
        except ChatError as error:
            output.refusal(error, json=False)
            old = old if isinstance(error, BadPassword) else ""
            continue
        output.say(N_("The password is changed."))
        return True
    output.say(
        N_(
            "Too many tries: the connection is closed. "
            "`classcord ctl passwd {name}` on the server's machine makes a new one."
        ),
        name=local.session.name,
    )
    return False
