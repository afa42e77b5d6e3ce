"""Runs command lines for one operator: parses them, sends the request, shows the answer.

Knows no keys and no terminal.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from classcord.chat.accounts.vocabulary import AddUser, CheckHere, Passwd
from classcord.chat.errors import ChatError, NotAllowed
from classcord.chat.operations.vocabulary import Shutdown
from classcord.chat.operators.vocabulary import NeedsTerminal, Python
from classcord.chat.requests import Request
from classcord.chat.roles import Permission
from classcord.chat.sanctions.targets import refuses_at_once
from classcord.chat.text import N_
from classcord.console.commands import commandline, guide
from classcord.services.process.logs import printable

if TYPE_CHECKING:
    from classcord.chat.events import Answer
    from classcord.chat.roles import Operator
    from classcord.console.output import Output
    from classcord.console.tools import Tools
    from classcord.services.chat.local_session import LocalSession

DONE, REFUSED, USAGE = 0, 1, 2  # exit statuses


class Asker(Protocol):
    """Answers questions: a person at a terminal, or a pipe."""

    async def confirmed(self, question: str) -> bool:
        """Whether to run a destructive command."""

    async def secret(self, question: str) -> str:
        """Return a password, typed without echo; empty if none is given."""


class Console(Asker, Protocol):
    """The program that runs commands, and shows their output."""

    has_terminal: bool
    """Whether a Python prompt can be shown."""

    async def show_pages(self, text: str) -> None:
        """Show a long text, page by page if there is a terminal."""

    async def open_python(self) -> int:
        """Run a Python prompt until it ends; NeedsTerminal if there is no terminal for it."""

    def live_view_begins(self) -> None:
        """Note that a live view begins, which runs until it is stopped."""

    def leave(self) -> None:
        """End the console: the user has typed `exit`."""


View = Callable[["Interpreter", Any, "Answer"], Coroutine[Any, Any, int]]
"""Shows the results of a command that has more than one answer; returns the exit status."""


class Interpreter:
    """One operator's session, with the means to show it."""

    is_live = False
    """Whether a live view runs, which only a stop ends."""

    def __init__(  # noqa: PLR0917
        self,
        operator: Operator,
        local: LocalSession,
        output: Output,
        console: Console,
        tools: Tools,
        views: Mapping[type[Request], View],
    ) -> None:
        """`views` show the answers of some requests, with the help of `tools`."""
        self.operator = operator
        self.local = local
        self.output = output
        self.console = console
        self.tools = tools
        self._views = views

    @property
    def allowed(self) -> frozenset[Permission]:
        """The operator's permissions at this moment."""
        return frozenset(permission for permission in Permission if self.local.may(permission))

    async def run(self, line: str) -> int:
        """Run one command line and return its exit status; a refusal is never raised."""
        output = self.output
        try:
            asked = commandline.read(line, self._is_channel)
        except commandline.UsageError as error:
            output.error(error.text.render(output.translate))
            return USAGE
        if asked is None:  # the line is empty
            return DONE
        if asked.leave:
            self.console.leave()
            return DONE
        if asked.clear:
            output.clear()
            return DONE
        if asked.help is not None:
            table = self.tools.world.permissions
            if asked.help:
                text = guide.of_command(asked.help, output.translate, table)
            else:
                text = guide.overview(self.allowed, output.translate)
            await self.console.show_pages(text)
            return DONE
        assert asked.request is not None
        return await self._ask(asked.request, json=asked.json, yes=asked.yes)

    @contextmanager
    def live(self) -> Iterator[None]:
        """Mark a live view as running, until the end of the `with`."""
        self.is_live = True
        self.console.live_view_begins()
        try:
            yield
        finally:
            self.is_live = False

    def _is_channel(self, word: str) -> bool:
        """Whether a word is the name of a channel that this operator may see."""
        world, person = self.tools.world, self.local.session.person
        channel = world.state.channel(word)
        return channel is not None and person is not None and world.may_see(channel, person)

    def _check(self, request: Request) -> None:
        """Refuse what is impossible, before the hub writes into the audit trail that it was done."""
        if isinstance(request, Python) and self.local.may(request.permission):
            if not self.tools.manhole():
                raise NotAllowed
            if not self.console.has_terminal:
                raise NeedsTerminal

    def _moment(self, seconds: float) -> str:
        return self.output.moment(self.tools.clock.seconds() + seconds)

    async def _ask(self, request: Request, *, json: bool, yes: bool) -> int:
        output = self.output
        refused = refuses_at_once(self.tools.world, self.local.session, request)
        if isinstance(request, Shutdown) and self.tools.service.ending() is not None:
            refused = True  # the countdown refuses it: it knows how much time is left
        if request.destructive and not (yes or refused):
            will = printable(request.consequence(self._moment).render(output.translate))
            question = output.translate(N_("{what}. Go on?")).format(what=will)
            if not await self.console.confirmed(question):
                output.error(output.translate(N_("Nothing was done; --yes goes on without a question.")))
                return USAGE
        if isinstance(request, (AddUser, CheckHere, Passwd)) and not (request.password or refused):
            password = await self.console.secret(output.translate(N_("Password (empty: one is made up): ")))
            if password and password != await self.console.secret(output.translate(N_("The same again: "))):
                output.error(output.translate(N_("The two are not the same.")))
                return USAGE
            request = msgspec.structs.replace(request, password=password)
        try:
            self._check(request)
            answer = await self.local.ask(request)
            view = self._views.get(type(request))
            if view is not None:
                return await view(self, request, answer)
        except ChatError as error:
            output.refusal(error, json=json)
            return REFUSED
        output.answer(answer, json=json)
        return DONE
