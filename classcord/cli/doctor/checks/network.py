"""Checks of the network: listeners, firewall, and a NAT in front of this machine. Opens no port, changes no rule."""

from __future__ import annotations

import errno
import re
import shlex
from collections.abc import Iterator
from ipaddress import ip_address, ip_network

from classcord.chat.text import N_, Text
from classcord.cli.doctor.checks.findings import Finding, advice, ok, problem
from classcord.cli.doctor.checks.installation import Installation
from classcord.cli.doctor.checks.machine import Machine
from classcord.durable import identity
from classcord.settings.listen_addresses import ListenAddress, listen_address
from classcord.system_errors import in_words

VIRTUALBOX = "10.0.2.2"  # the gateway of VirtualBox's NAT (manual, §6.3), and of QEMU's
DOCKER = ip_network("172.16.0.0/12")  # Docker's address range for bridges, 172.17.0.0/16 first
LOOPBACK = ("127.0.0.1", "::1")
_LISTENS = "0A"  # TCP_LISTEN, include/net/tcp_states.h
_ACCEPTS = 0x10000  # __SO_ACCEPTCON, include/uapi/linux/net.h


def listen_addresses(installation: Installation) -> Iterator[tuple[str, str, ListenAddress]]:
    """Yield each listening address, with its face and endpoint."""
    for face, endpoints in installation.listen.items():
        for endpoint in endpoints:
            place = listen_address(endpoint)
            if place is not None:
                yield face, endpoint, place


def ports(installation: Installation, machine: Machine) -> Iterator[Finding]:
    """Each listening address is free, or our own server listens there and answers.

    If we cannot tell whether a server runs with this data folder, a listener that answers correctly counts as ours.
    """
    free, speaking = [], []
    for face, endpoint, place in listen_addresses(installation):
        if face == "metrics" and place.port and place.host not in LOOPBACK:
            yield advice(
                N_("whoever reaches this machine can read the server's figures on {endpoint}"),
                N_('[listen] metrics = ["tcp:{port}:interface=127.0.0.1"], unless the firewall is closed there'),
                endpoint=endpoint,
                port=place.port,
            )
        refused = machine.bind(place)
        speaks = refused == errno.EADDRINUSE and machine.speaks(
            face, place, proxied=_is_proxied(installation, face, place)
        )
        if refused == errno.EADDRINUSE and _holds(installation, machine, place) is False:
            yield problem(
                N_("another program listens on {face} {endpoint}, so our server does not"),
                N_("{what} says what it is; stop it and restart our server, or choose another place in [listen]"),
                face=face,
                endpoint=endpoint,
                what=_who_listens(place),
            )
        elif speaks and installation.running is not False:
            speaking.append(f"{face} {endpoint}")
        elif refused:
            yield _taken(installation, face, endpoint, place, refused, speaks=speaks)
        elif installation.running:
            yield advice(
                N_("the server is running, but nothing listens on {face} {endpoint}: it has other settings"),
                N_("give the doctor the same --config and --set as the server; or restart it: classcord ctl restart"),
                face=face,
                endpoint=endpoint,
            )
        else:
            free.append(f"{face} {endpoint}")
    if speaking:
        yield ok(N_("our server answers on {places}"), places=", ".join(speaking))
    if free:
        yield ok(N_("free for the server: {places}"), places=", ".join(free))


def _holds(installation: Installation, machine: Machine, place: ListenAddress) -> bool | None:
    """Whether the running server itself listens there; None if the system does not say."""
    if not installation.running or installation.process is None:
        return None
    open_files = machine.files_of(installation.process)
    if identity(installation.data / "lock") not in {each.identity for each in open_files}:
        return None  # the number of a process of another machine or container; or we may not look
    holders = set(_listeners(machine, place))
    return any(each.path in holders for each in open_files) if holders else None


def _listeners(machine: Machine, place: ListenAddress) -> Iterator[str]:
    """Yield the sockets that listen there, in the notation of /proc/PID/fd; proc_pid_net(5)."""
    if place.path:
        for line in machine.read("/proc/net/unix").splitlines()[1:]:
            fields = line.split(maxsplit=7)
            if len(fields) == 8 and fields[7] == place.path and int(fields[3], 16) & _ACCEPTS:
                yield f"socket:[{fields[6]}]"
        return
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in machine.read(table).splitlines()[1:]:
            fields = line.split()
            if len(fields) > 9 and fields[3] == _LISTENS and int(fields[1].rpartition(":")[2], 16) == place.port:
                yield f"socket:[{fields[9]}]"


def _is_proxied(installation: Installation, face: str, place: ListenAddress) -> bool:
    """Whether the server treats us as a trusted proxy: our source address is the address that we connect to."""
    return not place.path and face != "metrics" and _contains(installation.trusted_proxies, place.reached)


def _taken(
    installation: Installation, face: str, endpoint: str, place: ListenAddress, refused: int, *, speaks: bool
) -> Finding:
    values: dict[str, object] = {"face": face, "endpoint": endpoint}
    if refused == errno.EACCES:
        return problem(
            N_("only the administrator of the machine may listen on {face} {endpoint}"),
            N_("choose a port from 1024 on"),
            **values,
        )
    if refused == errno.EADDRNOTAVAIL:
        return problem(
            N_("this machine does not have the address of {face} {endpoint}"),
            N_("correct [listen]; `ip -brief address` shows what it has"),
            **values,
        )
    if refused != errno.EADDRINUSE:
        return problem(
            N_("{face} {endpoint} cannot be listened on: {why}"),
            N_("correct [listen]"),
            why=in_words(refused),
            **values,
        )
    which = N_("{what} says what it is; stop it, or choose another place in [listen]")
    values["what"] = _who_listens(place)
    if speaks:
        return problem(N_("another server, with another data folder, answers on {face} {endpoint}"), which, **values)
    if installation.running:
        return problem(
            N_("something is on {face} {endpoint}, but it does not answer as our server does"),
            N_("{what} says what it is; classcord.log says why the server is silent"),
            **values,
        )
    return problem(N_("something else listens on {face} {endpoint} already"), which, **values)


def _who_listens(place: ListenAddress) -> str:
    """Return the command that shows which program listens there."""
    return f"lsof {shlex.quote(place.path)}" if place.path else f"ss -ltnp sport = :{place.port}"


def _contains(networks: tuple[str, ...], address: str) -> bool:
    try:
        known = ip_address(address)
    except ValueError:  # a network card may be given by name
        return False
    return any(known in ip_network(network) for network in networks)


def _public_ports(installation: Installation) -> list[int]:
    """Return the ports to which other machines connect."""
    return sorted(
        {
            place.port
            for face, _endpoint, place in listen_addresses(installation)
            if place.port and face != "metrics" and place.host not in LOOPBACK
        }
    )


def firewall(installation: Installation, machine: Machine) -> Iterator[Finding]:
    """A firewall that refuses unknown traffic should name our ports; only advice, because rules can be anything."""
    wanted = _public_ports(installation)
    ufw = machine.run("ufw", "status")
    if ufw and ufw.status == 0:
        if "Status: active" not in ufw.output:
            yield ok(N_("ufw is there, and switched off"))
            return
        yield from _hint("ufw", wanted, ufw.output, N_("ufw allow {port}/tcp"))
        return
    for name, command in (("nftables", ("nft", "list", "ruleset")), ("iptables", ("iptables", "-S", "INPUT"))):
        rules = machine.run(*command)
        if rules and rules.status == 0 and _refuses(rules.output):
            remedy = {
                "nftables": N_("add `tcp dport {port} accept` to the chain of input in /etc/nftables.conf"),
                "iptables": N_("iptables -I INPUT -p tcp --dport {port} -j ACCEPT"),
            }[name]
            yield from _hint(name, wanted, rules.output, remedy)
            return
        if rules and rules.status != 0 and machine.user != 0:
            yield ok(N_("{name} is there; only root may read its rules"), name=name)
            return
    yield ok(N_("no firewall of this machine refuses anything"))


def _refuses(rules: str) -> bool:
    """Whether the firewall refuses traffic that no rule accepts."""
    return bool(
        re.search(r"hook input[^}]*policy drop", rules)
        or re.search(r"^-P INPUT (DROP|REJECT)", rules, re.MULTILINE)
        or re.search(r"^-A INPUT -j (DROP|REJECT)", rules, re.MULTILINE)
    )


def _hint(name: str, wanted: list[int], rules: str, remedy: str) -> Iterator[Finding]:
    missing = [port for port in wanted if not _mentions(rules, port)]
    if missing:
        yield advice(
            N_("{name} refuses what it does not know, and does not mention {ports}"),
            remedy,
            name=name,
            ports=", ".join(map(str, missing)),
            port=missing[0],
        )
    else:
        yield ok(N_("{name} mentions our ports"), name=name)


def _mentions(rules: str, port: int) -> bool:
    """Whether a port stands in the rules, alone or in a range."""
    if re.search(rf"(?<![\d.]){port}(?![\d.])", rules):
        return True
    return any(int(low) <= port <= int(high) for low, high in re.findall(r"\b(\d{1,5})[:-](\d{1,5})\b", rules))


def nat(installation: Installation, machine: Machine) -> Iterator[Finding]:
    """Behind a NAT, other machines reach only forwarded ports, and all have the same address."""
    gateway = _gateway(machine.read("/proc/net/route"))
    ports_wanted = _public_ports(installation)
    if gateway == VIRTUALBOX or "10.0.2.15" in machine.addresses():
        yield from _behind(
            installation,
            N_("behind the NAT of VirtualBox (or QEMU)"),
            VIRTUALBOX,
            N_('VBoxManage modifyvm NAME --natpf1 "classcord,tcp,,{port},,{port}", for each of {ports}'),
            ports_wanted,
        )
    elif gateway and ip_address(gateway) in DOCKER and _in_container(machine):
        yield from _behind(
            installation,
            N_("in a container, behind docker's bridge"),
            gateway,
            N_("docker run -p {port}:{port} …, for each of {ports}"),
            ports_wanted,
        )
    else:
        yield ok(N_("no NAT of a virtual machine or a container is in front of this machine"))


def _behind(installation: Installation, where: str, gateway: str, remedy: str, wanted: list[int]) -> Iterator[Finding]:
    values: dict[str, object] = {"where": Text(where), "gateway": gateway}
    values |= {"ports": ", ".join(map(str, wanted)), "port": wanted[0] if wanted else 12345}
    if _contains(installation.shared_addresses, gateway):
        yield ok(
            N_("this machine is {where}, which the settings know; others get in by forwarded ports: {ports}"), **values
        )
        return
    yield advice(N_("this machine is {where}: others get in by forwarded ports only"), remedy, **values)
    yield advice(
        N_("everybody comes from {gateway} then, and shares its limits"),
        N_('[limits] shared_addresses = ["{gateway}"] in the settings'),
        **values,
    )


def _gateway(routes: str) -> str:
    """Return the default gateway from /proc/net/route, proc_pid_net(5): hexadecimal, in the host's byte order."""
    for line in routes.splitlines()[1:]:
        fields = line.split()
        if len(fields) > 2 and fields[1] == "00000000":
            number = bytes.fromhex(fields[2])[::-1]  # all machines that run Docker and VirtualBox are little-endian
            return str(ip_address(number))
    return ""


def _in_container(machine: Machine) -> bool:
    """Docker creates an empty file, so only its existence counts; podman and others show it in process 1."""
    found = machine.run("test", "-e", "/.dockerenv")
    return (found is not None and found.status == 0) or "container=" in machine.read("/proc/1/environ")
