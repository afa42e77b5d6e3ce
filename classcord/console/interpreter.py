"""Runs command lines for one operator: reads them, asks the chat, shows the answer. Knows no keys and no terminal."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from classcord.chat.errors import ChatError, NeedsTerminal, NotAllowed
from classcord.chat.requests import AddUser, Passwd, Python, Request, Shutdown
from classcord.chat.roles import Permission
from classcord.chat.rules.moderation import refuses_at_once
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
    """Who answers questions: a person at a terminal, or a pipe."""

    async def confirmed(self, question: str) -> bool:
        """Whether a destructive command is to be run."""

    async def secret(self, question: str) -> str:
        """Return a password, unseen; empty where none is given."""


class Console(Asker, Protocol):
    """The program that commands are run for, and where they are shown."""

    has_terminal: bool
    """Whether a person can be shown a Python prompt."""

    async def show_pages(self, text: str) -> None:
        """Show a long text, where there is a terminal for it a page at a time."""

    async def open_python(self) -> int:
        """Run a Python prompt to its end; NeedsTerminal where there is no terminal for it."""

    def live_view_begins(self) -> None:
        """Take note that a view begins which goes on until it is stopped."""

    def leave(self) -> None:
        """End the console: `exit` was typed."""


View = Callable[["Interpreter", Any, "Answer"], Coroutine[Any, Any, int]]
"""Shows what a command brings, where that is more than its one answer; returns the exit status."""


class Interpreter:
    """One operator's session, and what it is shown by."""

    is_live = False
    """Whether a view runs that goes on until it is stopped."""

    def __init__(  # noqa: PLR0917
        self,
        operator: Operator,
        local: LocalSession,
        output: Output,
        console: Console,
        tools: Tools,
        views: Mapping[type[Request], View],
    ) -> None:
        """`views` show the answers of some requests, by what `tools` have."""
        self.operator = operator
        self.local = local
        self.output = output
        self.console = console
        self.tools = tools
        self._views = views

    @property
    def allowed(self) -> frozenset[Permission]:
        """What this operator may at this moment."""
        return frozenset(permission for permission in Permission if self.local.may(permission))

    async def run(self, line: str) -> int:
        """Run one command line and return its exit status; never raises a refusal."""
        output = self.output
        try:
            asked = commandline.read(line, self._is_channel)
        except commandline.UsageError as error:
            output.error(error.text.render(output.translate))
            return USAGE
        if asked is None:  # nothing was typed
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
        """Around a view that goes on until it is stopped."""
        self.is_live = True
        self.console.live_view_begins()
        try:
            yield
        finally:
            self.is_live = False

    def _is_channel(self, word: str) -> bool:
        """Whether a word names a channel that this operator may see."""
        world, person = self.tools.world, self.local.session.person
        channel = world.state.channel(word)
        return channel is not None and person is not None and world.may_see(channel, person)

    def _check(self, request: Request) -> None:
        """Refuse what could not be done, before the hub keeps in the audit trail that it was."""
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
            refused = True  # by whoever counts down: it says how much time is left
        if request.destructive and not (yes or refused):
            will = printable(request.consequence(self._moment).render(output.translate))
            question = output.translate(N_("{what}. Go on?")).format(what=will)
            if not await self.console.confirmed(question):
                output.error(output.translate(N_("Nothing was done; --yes goes on without a question.")))
                return USAGE
        if isinstance(request, (AddUser, Passwd)) and not (request.password or refused):
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
