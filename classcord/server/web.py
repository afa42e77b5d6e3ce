"""Assembles the web: the page's files, and the address of the chat beside them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import classcord
from classcord.faces.web.handshake import WebSocketResource
from classcord.faces.web.site import WebSite
from classcord.faces.web.static_files import static_files
from classcord.faces.web.websocket import WebFace, WebSocketChat

if TYPE_CHECKING:
    from classcord.settings.schema import WebSettings

PAGE = Path(classcord.__file__).parent / "page"
CHAT = b"/chat"


def web_site(face: WebFace, settings: Callable[[], WebSettings], reactor: Any) -> WebSite:
    """Return the site of one open port."""
    gate = face.service.gate
    chat = WebSocketResource(partial(WebSocketChat, face), lambda: frozenset(settings().origins))
    resources = {**static_files(PAGE), CHAT: chat}
    site = WebSite(resources, reactor, lambda address: gate.refusal(address, face.name) is None)
    gate.closers.append(site.end_from)
    return site
