"""Assembles the web: the page's files, and the address of the chat beside them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import classcord
from classcord.faces.web.entrance import Entrance
from classcord.faces.web.handshake import WebSocketResource
from classcord.faces.web.site import WebSite
from classcord.faces.web.static_files import static_files
from classcord.faces.web.websocket import WebFace, WebSocketChat

if TYPE_CHECKING:
    from classcord.settings.schema import WebSettings

PAGE = Path(classcord.__file__).parent / "page"
CHAT = b"/chat"

_page = cache(partial(static_files, PAGE))  # once for all ports


def web_site(
    face: WebFace, settings: Callable[[], WebSettings], trusts: Callable[[str], bool], reactor: Any
) -> WebSite:
    """Return the site of one open port; `trusts` tells whether an address is a trusted proxy."""
    chat = WebSocketResource(partial(WebSocketChat, face), lambda: frozenset(settings().origins))
    entrance = Entrance(face.service, face.name, trusts)
    site = WebSite({**_page(), CHAT: chat}, entrance, reactor)
    face.service.gate.closers.append(site.end_from)
    return site
