"""What a server in the foreground prints when it is ready: its addresses, and the file of the first password.

Knows no protocol.
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

from classcord import __version__
from classcord.chat.text import N_, readable
from classcord.language import translator
from classcord.server import endpoints as listeners
from classcord.server.first_start import FIRST_ACCOUNT
from classcord.server.listening import ENCRYPTED
from classcord.services.process.network_cards import CardAddress, own_addresses, reached

if TYPE_CHECKING:
    from classcord.chat.text import Translate
    from classcord.server.application import ClassCord
    from classcord.services.tls.certificates import ReloadingContext

URLS = {"web": "http://", "web_tls": "https://"}
_LOOPBACK = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 (read, not bound)


def banner(service: ClassCord) -> str:
    """Return the lines, in the server's language."""
    settings, administration = service.settings, service.administration
    _ = translator(settings.server.language)
    folder = service.prepared.folder
    names = {
        "tcp": _(N_("Chat")),
        "tls": _(N_("Chat, encrypted")),
        "ssh": _(N_("Administration")),
        "web": _(N_("Web page")),
        "web_tls": _(N_("Web page, encrypted")),
    }
    rows: list[tuple[str, str]] = []
    own = list(own_addresses())
    for face, port in service.listeners.listening:
        if face in names:
            ways = _ways(face, port.getHost(), own, service.listeners.certificate, _)
            rows += [(name, way) for name, way in zip((names[face], *[""] * len(ways)), ways, strict=False)]
    certificate = service.listeners.certificate
    if certificate is not None:
        rows.append((_(N_("Fingerprint")), f"sha256:{certificate.fingerprint()}"))
    rows.append((_(N_("SSH host key")), administration.host_key.fingerprint))
    rows.append((_(N_("Data")), str(folder.path)))
    maintenance = service.presence.maintenance
    if maintenance is not None:
        words = _(N_("only moderators and above come in; `classcord ctl maintenance off` ends it. {reason}"))
        rows.append((_(N_("Maintenance")), readable(words.format(reason=maintenance).strip())))
    if folder.first_password.exists():
        where = _(N_("{name}, with the password in {file}")).format(name=FIRST_ACCOUNT, file=folder.first_password)
        rows.append((_(N_("First account")), where))
    width = max(len(name) for name, _value in rows)
    ready = _(N_("ready; Ctrl-C stops it"))
    lines = [f"ClassCord {__version__} — {ready}"]
    lines += [f"  {name:{width}}  {value}" for name, value in rows]
    return "\n".join(lines) + "\n"


def _ways(
    face: str, listening: Any, own: Sequence[CardAddress], certificate: ReloadingContext | None, translate: Translate
) -> list[str]:
    """Return one line for each address at which others reach a listener; for SSH the command, for the page its URL.

    An address that only this machine can use is shown only if there is no other.
    """
    host, port = getattr(listening, "host", None), getattr(listening, "port", None)
    if host is None:
        return [listeners.place(listening)]
    ways = reached(host, own) or [CardAddress(ip_address(_LOOPBACK.get(host, host)), "")]
    several = len({way.card for way in ways}) > 1
    lines = []
    for way in ways:
        address = str(way.address)
        if face == "ssh":
            lines.append(f"ssh -p {port} {FIRST_ACCOUNT}@{address}")
            continue
        notes = [way.card] if several else []
        if face in ENCRYPTED and certificate is not None and not certificate.covers(address):
            notes.append(translate(N_("not in the certificate")))
        place = f"[{address}]:{port}" if way.address.version == 6 else f"{address}:{port}"
        place = f"{URLS[face]}{place}/" if face in URLS else place
        lines.append(f"{place}  ({', '.join(notes)})" if notes else place)
    return lines
