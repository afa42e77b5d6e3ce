"""What a server in the foreground says when it is ready: where it is reached, and where the first password is."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from twisted.internet.interfaces import IAddress

from classcord import __version__
from classcord.chat.text import N_, readable
from classcord.language import translator
from classcord.server import endpoints as listeners
from classcord.server.first_start import FIRST_ACCOUNT
from classcord.services.tls.certificates import own_addresses

if TYPE_CHECKING:
    from classcord.server.application import ClassCord


def banner(service: ClassCord) -> str:
    """Return the lines, in the server's language."""
    _ = translator(service.settings.server.language)
    folder = service.prepared.folder
    names = {"tcp": _(N_("Chat")), "tls": _(N_("Chat, encrypted")), "ssh": _(N_("Administration"))}
    rows = [
        (names[face], _how_to_reach(face, port.getHost()))
        for face, port in service.connections.listening
        if face in names
    ]
    certificate = service.connections.certificate
    if certificate is not None:
        rows.append((_(N_("Fingerprint")), f"sha256:{certificate.fingerprint()}"))
    rows.append((_(N_("SSH host key")), service.administration.host_key.fingerprint))
    rows.append((_(N_("Data")), str(folder.path)))
    maintenance = service.chat.hub.state.maintenance
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


def _how_to_reach(face: str, address: IAddress) -> str:
    """Return where others reach a listener; of SSH, the command."""
    place = _reached(address)
    host, colon, port = place.rpartition(":")
    return f"ssh -p {port} {FIRST_ACCOUNT}@{host.strip('[]')}" if face == "ssh" and colon and port.isdigit() else place


def _reached(address: IAddress) -> str:
    """Return where others reach what listens at `address`: for all addresses of this machine, one of them."""
    host = getattr(address, "host", "")
    if host in ("0.0.0.0", "::"):  # noqa: S104 (read, not bound)
        return listeners.place(type(address)(address.type, _own_address(host), address.port))  # type: ignore[attr-defined,call-arg]
    return listeners.place(address)


def _own_address(any_host: str) -> str:
    """Return an address of the same family under which other machines may reach this one."""
    loopback = "127.0.0.1" if any_host == "0.0.0.0" else "::1"  # noqa: S104
    mine = [ipaddress.ip_address(each) for each in own_addresses()]
    family = ipaddress.ip_address(loopback).version
    return next((str(a) for a in mine if a.version == family and not (a.is_loopback or a.is_link_local)), loopback)
