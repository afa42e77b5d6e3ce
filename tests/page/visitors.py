"""People in front of the web page: each a browser of their own, in a real Chromium, driven by Playwright.

Nothing here waits for a time: Playwright waits until what is looked for is there, with a bound.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Dialog, Locator, Page, expect, sync_playwright

from tests.server import Client, Server

CHROMIUM = shutil.which("chromium-headless-shell")  # the browser without windows, whose own pages cost as much as ours
BOUND = 20_000.0  # milliseconds, for whatever must happen at all
QUIET = (  # no request but ours, and no window
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP school.test 127.0.0.1",
)
WEB = "tcp:{port}:interface=127.0.0.1"
VIOLATIONS = (
    "window.violations = []; addEventListener('securitypolicyviolation', e => violations.push(e.violatedDirective))"
)
STATUSES = """window.statuses = [];
new MutationObserver(() => {
    const status = document.querySelector(".connection-slot")?.textContent;
    if (status && status !== statuses.at(-1)) statuses.push(status);
}).observe(document, { subtree: true, childList: true, characterData: true });"""  # some are shown for a moment only
HARMLESS = re.compile(  # what Chromium says while no server is there, and of a header that has no meaning without TLS
    "WebSocket connection|ERR_CONNECTION_REFUSED|Cross-Origin-Opener-Policy header has been ignored"
)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser, or a skipped test where Debian's package is missing."""
    if CHROMIUM is None:
        pytest.skip("chromium-headless-shell is not installed")
    expect.set_options(timeout=BOUND)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*QUIET, "--no-sandbox"])
        yield browser
        browser.close()


class School:
    """A server with a web page, and who visits it; it can be stopped, and started again where it was."""

    def __init__(self, browser: Browser, folder: Path, *options: str) -> None:
        self.browser = browser
        self.folder = folder
        self.options = options
        self.host = "127.0.0.1"  # to a browser as safe as https; `school.test` is not
        self.visitors: list[Visitor] = []
        self.server = self._start(0)
        self.is_open = True
        self.port = int(self.server.address("web")[1])

    def _start(self, port: int) -> Server:
        return Server(self.folder, "--set", f"listen.web={WEB.format(port=port)}", *self.options)

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}/"

    def stop(self) -> None:
        self.is_open = False
        assert self.server.stop() == 0, self.server.output
        self.server.close()

    def start_again(self) -> None:
        self.server = self._start(self.port)
        self.is_open = True

    def kill(self) -> None:
        """End the server that a failed test has left."""
        if self.is_open:
            self.server.close()

    def visit(self, name: str, **context: Any) -> Visitor:
        """Return somebody new in front of the page; `context` are options of Playwright's new_context."""
        return self.visitor(name, self.browser.new_context(**{"locale": "fr-FR", **context}).new_page())

    def visitor(self, name: str, page: Page) -> Visitor:
        """Return who looks at a page that is open, or opens it."""
        visitor = Visitor(self, name, page)
        self.visitors.append(visitor)
        return visitor

    def member(self, name: str, **context: Any) -> Visitor:
        """Return somebody who has just made an account."""
        return self.visit(name, **context).register()

    def staff(self, name: str, role: str) -> Client:
        """Return a client of somebody with this role: what the page's visitors need of others is quickly done by it."""
        client = self.server.client().register(name).hello()
        assert self.server.ctl("role", name, role).returncode == 0
        return client

    def close(self) -> None:
        """See that no visitor met an error, and that the server has none to report."""
        for visitor in self.visitors:
            visitor.leave()
        self.stop()
        assert "Traceback" not in self.server.logged()


class Visitor:
    """One person in front of one page."""

    def __init__(self, school: School, name: str, page: Page) -> None:
        self.name = name
        self.page = page
        self.troubles: list[str] = []
        self.asked = 0  # how often the browser has asked whether to leave the page
        page.set_default_timeout(BOUND)
        page.add_init_script(VIOLATIONS)
        page.add_init_script(STATUSES)
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        page.on("console", self._heard)
        page.on("dialog", self._asked)
        if page.url == "about:blank":
            page.goto(school.url)

    def _heard(self, message: Any) -> None:
        if message.type in ("error", "warning") and not HARMLESS.search(message.text):
            self.troubles.append(message.text)

    def _asked(self, dialog: Dialog) -> None:
        """Leave the page in spite of what is unsent; the page itself asks in no other way."""
        self.asked += 1
        dialog.accept()

    def leave(self) -> None:
        if not self.page.is_closed():
            self.troubles += self.page.evaluate("window.violations ?? []")
            self.page.close()
        assert not self.troubles, f"{self.name}: {self.troubles}"

    # -- coming in ------------------------------------------------------------------------------------------------

    def register(self, password: str = "azerty") -> Visitor:
        self.page.get_by_role("tab", name="Créer un compte").click()
        self._credentials(password)
        self.press("Créer mon compte")
        return self.inside()

    def login(self, password: str = "azerty") -> Visitor:
        self._credentials(password)
        self.press("Se connecter")
        return self

    def _credentials(self, password: str) -> None:
        self.page.get_by_label("Identifiant", exact=True).fill(self.name)
        self.page.get_by_label("Mot de passe", exact=True).fill(password)

    def inside(self) -> Visitor:
        expect(self.page.locator(".self-name strong")).to_have_text(self.name)
        return self

    # -- doing ----------------------------------------------------------------------------------------------------

    def press(self, button: str, within: Locator | None = None) -> None:
        (within or self.page).get_by_role("button", name=button, exact=True).click()

    def say(self, content: str) -> None:
        """Write a message in the conversation that is open."""
        self.field.fill(content)
        self.field.press("Enter")

    def open(self, name: str) -> None:
        """Open a channel, without its #, or a private conversation from the list."""
        self.entry(name).get_by_role("button").first.click()
        expect(self.page.locator(".conversation-title h2")).to_have_text(name)

    def join(self, channel: str) -> None:
        self.press("Parcourir les salons")
        self.page.locator(".choice", has_text=channel).get_by_role("button").click()

    def do(self, action: str, content: str) -> None:
        """Do something with a message, by the buttons that appear over it."""
        message = self.message(content)
        message.hover()
        self.press(action, message)

    # -- seeing ---------------------------------------------------------------------------------------------------

    @property
    def field(self) -> Locator:
        return self.page.locator("#message")

    def entry(self, name: str) -> Locator:
        """Return the line of a conversation in the list."""
        return self.page.locator(".entry", has=self.page.get_by_text(name, exact=True))

    def message(self, content: str) -> Locator:
        """Return a message by what it says, whole; it may be on its way still."""
        whole = re.compile(rf"^{re.escape(content)}(\s\(modifié\))?$")
        return self.page.locator(".message", has=self.page.locator(".content", has_text=whole))

    def sees(self, content: str, count: int = 1) -> None:
        """Wait until a message is in the history, so many times and not more."""
        arrived = self.page.locator(".message[data-id]", has=self.page.get_by_text(content, exact=True))
        expect(arrived).to_have_count(count)

    def is_back(self) -> None:
        """Wait until the page has said that the link is there again, however short."""
        self.page.wait_for_function("() => statuses.some((each) => each.includes('De nouveau en ligne'))")

    def sees_text(self, text: str) -> None:
        expect(self.page.get_by_text(text).first).to_be_visible()


Visit = Callable[..., Visitor]
