"""Assembles the web: the page's files, and the address of the chat beside them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import classcord
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
CHAT = b"/chat"
FILES = b"/files/"

_page = cache(partial(static_files, PAGE))  # once for all ports


def web_site(
    face: WebFace,
    settings: Callable[[], Settings],
    trusts: Callable[[str], bool],
    reactor: Any,
    files: FileStorage | None = None,
) -> WebSite:
    """Return the site of one open port; `trusts` tells whether an address is a trusted proxy."""
    resources: dict[bytes, IResource] = dict(_page())
    resources[CHAT] = WebSocketResource(partial(WebSocketChat, face), lambda: frozenset(settings().web.origins))
    if files is not None:
        resources[FILES] = FilesResource(files, reactor, lambda: translator(settings().server.language))
    entrance = Entrance(face.service, face.name, trusts)
    site = WebSite(resources, entrance, reactor)
    gate = face.service.gate
    gate.closers.append(site.end_from)
    return site
