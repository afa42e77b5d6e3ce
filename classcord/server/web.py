"""Assembles the web: the page's files, and the address of the chat beside them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import classcord
from classcord.chat.text import N_
from classcord.faces.web.data_notice import DataNotice
from classcord.faces.web.entrance import Entrance
from classcord.faces.web.files import FilesResource
from classcord.faces.web.handshake import WebSocketResource
from classcord.faces.web.site import WebSite
from classcord.faces.web.static_files import static_files
from classcord.faces.web.websocket import WebFace, WebSocketChat
from classcord.language import translator

if TYPE_CHECKING:
    from twisted.web.resource import IResource

    from classcord.faces.web.files import FileStorage
    from classcord.settings import Settings

PAGE = Path(classcord.__file__).parent / "page"
NOTICES = {"fr": "notice.html", "en": "notice.en.html"}
CHAT = b"/chat"
FILES = b"/files/"

page = cache(partial(static_files, PAGE))  # once for all ports


def web_site(
    face: WebFace,
    settings: Callable[[], Settings],
    trusts: Callable[[str], bool],
    reactor: Any,
    files: FileStorage | None = None,
) -> WebSite:
    """Return the site of one open port; `trusts` tells whether an address is a trusted proxy."""
    resources: dict[bytes, IResource] = dict(page())
    resources[CHAT] = WebSocketResource(partial(WebSocketChat, face), lambda: frozenset(settings().web.origins))
    for language, name in NOTICES.items():
        template = (PAGE / name).read_text("utf-8")
        resources[f"/{name}".encode()] = DataNotice(template, partial(_facts, settings, language))
    if files is not None:
        resources[FILES] = FilesResource(files, reactor, lambda: translator(settings().server.language))
    entrance = Entrance(face.service, face.name, trusts)
    site = WebSite(resources, entrance, reactor)
    gate = face.service.gate
    gate.closers.append(site.end_from)
    return site


def _facts(settings: Callable[[], Settings], language: str) -> dict[str, str]:
    """Return what the notice about people's data says of this server, as its settings are now."""
    translate, now = translator(language), settings()
    kept, number = now.retention, now.reports.help_number
    accounts, help_ = N_("at once"), N_("You can call {number} too: it is free and confidential.")
    return {
        "messages": _months(translate, max(kept.everyone, kept.channels, kept.private)),
        "accounts": translate(N_("{time} later")).format(time=_months(translate, kept.accounts))
        if kept.accounts
        else translate(accounts),
        "help": translate(help_).format(number=number) if number else "",
    }


def _months(translate: Callable[[str], str], months: int) -> str:
    """Return so many months in words."""
    years, rest = divmod(months, 12)
    if rest:
        return translate(N_("1 month") if months == 1 else N_("{count} months")).format(count=months)
    return translate(N_("1 year") if years == 1 else N_("{count} years")).format(count=years)
