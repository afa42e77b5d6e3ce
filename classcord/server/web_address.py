"""The web address of this machine, as other machines reach it: for the links in messages. Knows no message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from classcord.services.process.network_cards import addresses
from classcord.settings.listen_addresses import listen_address

if TYPE_CHECKING:
    from classcord.settings import Settings


def web_address(settings: Settings) -> str:
    """Return the address of the settings, or that of a listener: without encryption first; "" if there is none."""
    if settings.web.address:
        return settings.web.address
    listen = settings.listen
    for scheme, endpoints in (("http", listen.web), ("https", listen.web_tls)):
        for place in map(listen_address, endpoints):
            if place is not None and place.port:
                for host in addresses([place.host]) or ["localhost"]:
                    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{place.port}"
    return ""
