"""The doctor's look at the network: listeners, firewall, and the NAT in front of the machine."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from classcord.cli.doctor.checks import network
from classcord.cli.doctor.checks.machine import OpenFile, ProgramResult
from classcord.settings.listen_addresses import ListenAddress, listen_address
from tests.cli.doctor.installations import PaperMachine, findings, installation

HERE = Path("/srv/classcord")
IN_USE = errno.EADDRINUSE


@pytest.mark.parametrize(
    ("endpoint", "place"),
    [
        ("tcp:12345", ListenAddress(port=12345)),
        ("tcp:12347:interface=127.0.0.1", ListenAddress(host="127.0.0.1", port=12347)),
        ("tcp6:12345", ListenAddress(host="::", port=12345)),
        ("tcp6:12345:interface=\\:\\:1", ListenAddress(host="::1", port=12345)),
        ("unix:/run/classcord/chat", ListenAddress(path="/run/classcord/chat")),
        ("tcp:0", None),
        ("systemd:domain=INET6:name=chat", None),
        ("nonsense", None),
    ],
)
def test_listen_address_of_an_endpoint(endpoint: str, place: ListenAddress | None) -> None:
    """Twisted itself says where an endpoint listens; one that is given its socket, or any port, has no place."""
    assert listen_address(endpoint) == place


CHAT = {"chat": ("tcp:12345",)}


class TestPorts:
    def test_free(self) -> None:
        """A stopped server finds its ports free."""
        listen = {"chat": ("tcp:12345", "unix:/run/chat"), "ssh": ("tcp:2222",), "tls": ()}
        assert findings(network.ports, installation(HERE, listen=listen)) == [
            "ok: free for the server: chat tcp:12345, chat unix:/run/chat, ssh tcp:2222"
        ]

    @pytest.mark.parametrize("running", [True, None])
    def test_ours(self, running: bool | None) -> None:
        """A running server holds them, and answers; so may one of which we cannot tell whether it is this one."""
        machine = PaperMachine(taken={12345: IN_USE}, speaking=["chat"])
        assert findings(network.ports, installation(HERE, listen=CHAT, running=running), machine) == [
            "ok: our server answers on chat tcp:12345"
        ]

    @pytest.mark.parametrize(
        ("face", "endpoint", "remedy"),
        [
            ("metrics", "tcp:12347:interface=127.0.0.1", "ss -ltnp sport = :12347"),
            ("chat", "tcp6:12347", "ss -ltnp sport = :12347"),
            ("chat", "unix:/run/chat", "lsof /run/chat"),
        ],
    )
    @pytest.mark.parametrize("speaks", [True, False])
    def test_whose_it_is(self, tmp_path: Path, face: str, endpoint: str, remedy: str, speaks: bool) -> None:
        """The system says which sockets our process has: another program that holds the place is not taken for it."""
        lock = tmp_path / "lock"
        lock.touch()
        identity = (lock.stat().st_dev, lock.stat().st_ino)
        tcp = "  sl  local_address rem_address st tx rx tr tm retrnsmt uid timeout inode"
        machine = PaperMachine(
            taken={12347: IN_USE, "/run/chat": IN_USE},
            speaking=[face] if speaks else [],
            files={
                "/proc/net/tcp": f"{tcp}\n 0: 0100007F:303B 00000000:0000 0A 0:0 0:0 0 1000 0 4711 1\n"
                " 1: 0100007F:303B 0100007F:9999 01 0:0 0:0 0 1000 0 99 1\n",
                "/proc/net/tcp6": f"{tcp}\n 0: {'0' * 32}:303B {'0' * 32}:0000 0A 0:0 0:0 0 1000 0 4711 1\n",
                "/proc/net/unix": "Num RefCount Protocol Flags Type St Inode Path\n"
                "0: 00000002 00000000 00010000 0001 01 4711 /run/chat\n"
                "0: 00000003 00000000 00000000 0001 03 99 /run/chat\n"
                "0: 00000003 00000000 00000000 0001 03 98\n",
            },
        )
        seen = installation(tmp_path, listen={face: (endpoint,)}, running=True, process=7)
        ours = OpenFile("/proc/7/fd/3", str(lock), identity)
        machine.opened[7] = [ours, OpenFile("/proc/7/fd/4", "socket:[99]", (8, 99))]
        assert findings(network.ports, seen, machine) == [
            (
                f"problem: another program listens on {face} {endpoint}, so our server does not"
                f" → {remedy} says what it is; stop it and restart our server, or choose another place in [listen]"
            ),
        ]
        machine.opened[7] = [ours, OpenFile("/proc/7/fd/4", "socket:[4711]", (8, 4711))]
        unknown = PaperMachine(taken={12347: IN_USE, "/run/chat": IN_USE}, speaking=[face] if speaks else [])
        for who in (machine, unknown):
            [found] = findings(network.ports, seen, who)
            assert found.startswith("ok: our server answers on" if speaks else "problem: something is on")

    def test_silent(self) -> None:
        """A server that holds a port and says nothing needs action."""
        machine = PaperMachine(taken={12345: IN_USE})
        assert findings(network.ports, installation(HERE, listen=CHAT, running=True), machine) == [
            (
                "problem: something is on chat tcp:12345, but it does not answer as our server does"
                " → ss -ltnp sport = :12345 says what it is; classcord.log says why the server is silent"
            ),
        ]

    @pytest.mark.parametrize("running", [False, None])
    def test_somebody_elses(self, running: bool | None) -> None:
        """Before a start, another program on our port needs action."""
        machine = PaperMachine(taken={12345: IN_USE})
        [found] = findings(network.ports, installation(HERE, listen=CHAT, running=running), machine)
        assert found.startswith("problem: something else listens on chat tcp:12345 already → ss -ltnp sport = :12345 ")

    def test_another_servers(self) -> None:
        """A ClassCord with another data folder is told from other programs."""
        machine = PaperMachine(taken={12345: IN_USE}, speaking=["chat"])
        [found] = findings(network.ports, installation(HERE, listen=CHAT), machine)
        assert found.startswith("problem: another server, with another data folder, answers on chat tcp:12345 → ss ")

    def test_figures_for_everyone(self) -> None:
        """Figures without a login are for this machine, unless somebody has thought of it; as they come, they are."""
        for interface, words in (("", ["advice: whoever reaches this machine"]), (":interface=127.0.0.1", [])):
            found = findings(network.ports, installation(HERE, listen={"metrics": (f"tcp:12347{interface}",)}))
            assert [finding[: len(words[0])] for finding in found if not finding.startswith("ok")] == words

    def test_a_unix_socket(self) -> None:
        """A socket's remedy names its file, quoted."""
        machine = PaperMachine(taken={"/run/my chat": IN_USE})
        [found] = findings(network.ports, installation(HERE, listen={"chat": ("unix:/run/my chat",)}), machine)
        assert found.endswith("→ lsof '/run/my chat' says what it is; stop it, or choose another place in [listen]")

    def test_other_settings(self) -> None:
        """A running server that listens elsewhere has other settings than the doctor was given."""
        [found] = findings(network.ports, installation(HERE, listen=CHAT, running=True))
        assert found.startswith("advice: the server is running, but nothing listens on chat tcp:12345: ")

    @pytest.mark.parametrize(
        ("error", "words"),
        [
            (errno.EACCES, "only the administrator of the machine may listen on chat tcp:12345"),
            (errno.EADDRNOTAVAIL, "this machine does not have the address of chat tcp:12345"),
            (errno.EAFNOSUPPORT, "chat tcp:12345 cannot be listened on: Address family not supported by protocol"),
        ],
    )
    def test_cannot_be_listened_on(self, error: int, words: str) -> None:
        """What would keep the server from starting needs action before it does."""
        [found] = findings(network.ports, installation(HERE, listen=CHAT), PaperMachine(taken={12345: error}))
        assert found.startswith(f"problem: {words} → ")

    @pytest.mark.parametrize(
        ("endpoint", "proxies", "proxied"),
        [
            ("tcp:12345", (), False),
            ("tcp:12345", ("127.0.0.0/8",), True),
            ("tcp:12345", ("10.0.0.0/8", "::1/128"), False),
            ("tcp6:12345", ("::1/128",), True),
            ("tcp:12345:interface=10.0.0.5", ("10.0.0.0/8",), True),
            ("tcp:12345:interface=10.0.0.5", ("127.0.0.0/8",), False),
            ("tcp:12345:interface=localhost", ("127.0.0.0/8",), False),
        ],
    )
    def test_behind_a_proxy(self, endpoint: str, proxies: tuple[str, ...], proxied: bool) -> None:
        """Where the machine itself is a trusted proxy, the server waits for a header before it speaks."""
        machine = PaperMachine(taken={12345: IN_USE, 12347: IN_USE}, speaking=["chat", "metrics"])
        listen = {"chat": (endpoint,), "metrics": ("tcp:12347",)}
        findings(network.ports, installation(HERE, listen=listen, running=True, trusted_proxies=proxies), machine)
        assert machine.proxied == {"chat": proxied, "metrics": False}


NFT = """table inet filter {
  chain input {
    type filter hook input priority filter; policy %s;
    ct state established,related accept
    tcp dport { 22, %s } accept
  }
  chain forward { type filter hook forward priority filter; policy drop; }
}"""


class TestFirewall:
    def look(self, user: int = 1000, **programs: ProgramResult) -> list[str]:
        named = {"ufw": "ufw status", "nft": "nft list ruleset", "iptables": "iptables -S INPUT"}
        machine = PaperMachine(programs={named[name]: ran for name, ran in programs.items()})
        machine.user = user
        listen = {"chat": ("tcp:12345", "unix:/x"), "tls": ("tcp:12346",), "ssh": ("tcp:2222:interface=127.0.0.1",)}
        listen["metrics"] = ("tcp:12347",)
        return findings(network.firewall, installation(HERE, listen=listen), machine)

    def test_none(self) -> None:
        """Without a firewall nothing is refused."""
        assert self.look() == ["ok: no firewall of this machine refuses anything"]

    def test_ufw(self) -> None:
        """A port that others come to and ufw does not mention is worth a word; the machine's own ports are not."""
        open_rules = "Status: active\n\nTo   Action  From\n22/tcp  ALLOW  Anywhere\n12345/tcp  ALLOW  Anywhere\n"
        assert self.look(ufw=ProgramResult(0, open_rules)) == [
            "advice: ufw refuses what it does not know, and does not mention 12346 → ufw allow 12346/tcp"
        ]
        assert self.look(ufw=ProgramResult(0, open_rules + "12346 ALLOW Anywhere\n")) == ["ok: ufw mentions our ports"]

    def test_ufw_in_ranges(self) -> None:
        """A range mentions what is in it, and a number within another one is no mention."""
        active = "Status: active\n"
        assert self.look(ufw=ProgramResult(0, active + "12340:12350/tcp ALLOW Anywhere")) == [
            "ok: ufw mentions our ports"
        ]
        assert "12345, 12346" in self.look(ufw=ProgramResult(0, active + "123450 10.12345.1.2 112346"))[0]

    def test_ufw_switched_off(self) -> None:
        """A firewall that is not in force refuses nothing."""
        assert self.look(ufw=ProgramResult(0, "Status: inactive\n")) == ["ok: ufw is there, and switched off"]

    def test_nftables(self) -> None:
        """With a chain of input that drops, the ports should stand somewhere."""
        assert self.look(ufw=ProgramResult(1, ""), nft=ProgramResult(0, NFT % ("drop", "80"))) == [
            (
                "advice: nftables refuses what it does not know, and does not mention 12345, 12346"
                " → add `tcp dport 12345 accept` to the chain of input in /etc/nftables.conf"
            ),
        ]
        assert self.look(nft=ProgramResult(0, NFT % ("drop", "12345-12346"))) == ["ok: nftables mentions our ports"]

    def test_nftables_that_refuse_nothing(self) -> None:
        """A policy of another chain is none of input's."""
        assert self.look(nft=ProgramResult(0, NFT % ("accept", "80"))) == [
            "ok: no firewall of this machine refuses anything"
        ]

    @pytest.mark.parametrize("rules", ["-P INPUT DROP\n", "-P INPUT ACCEPT\n-A INPUT -j REJECT --reject-with icmp\n"])
    def test_iptables(self, rules: str) -> None:
        """Whether by its policy or by its last rule."""
        [found] = self.look(iptables=ProgramResult(0, rules))
        assert found.startswith("advice: iptables refuses what it does not know, and does not mention 12345, 12346")
        assert found.endswith("iptables -I INPUT -p tcp --dport 12345 -j ACCEPT")

    def test_iptables_that_refuse_nothing(self) -> None:
        """An empty table lets everybody in."""
        assert self.look(iptables=ProgramResult(0, "-P INPUT ACCEPT\n")) == [
            "ok: no firewall of this machine refuses anything"
        ]

    def test_rules_that_only_root_reads(self) -> None:
        """What we may not see is said, and is no fault."""
        assert self.look(nft=ProgramResult(1, "")) == ["ok: nftables is there; only root may read its rules"]
        assert self.look(user=0, nft=ProgramResult(1, "")) == ["ok: no firewall of this machine refuses anything"]


def routes(gateway: str, destination: str = "00000000") -> dict[str, str]:
    return {"/proc/net/route": f"Iface\tDestination\tGateway \tFlags\neth0\t{destination}\t{gateway}\t0003\t0\n"}


VIRTUALBOX = routes("0202000A")
DOCKER = routes("010011AC")


class TestNat:
    def look(self, machine: PaperMachine, *shared: str) -> list[str]:
        return findings(network.nat, installation(HERE, shared_addresses=shared), machine)

    @pytest.mark.parametrize(
        "machine",
        [
            PaperMachine(files=VIRTUALBOX),
            PaperMachine(addresses=["127.0.0.1", "10.0.2.15"]),
        ],
    )
    def test_virtualbox(self, machine: PaperMachine) -> None:
        """The forwarding that is needed is told, and that everybody comes from one address then."""
        assert self.look(machine) == [
            (
                "advice: this machine is behind the NAT of VirtualBox (or QEMU): others get in by forwarded ports only"
                ' → VBoxManage modifyvm NAME --natpf1 "classcord,tcp,,2222,,2222", for each of 2222, 12345, 12346'
            ),
            (
                "advice: everybody comes from 10.0.2.2 then, and shares its limits"
                ' → [limits] shared_addresses = ["10.0.2.2"] in the settings'
            ),
        ]

    def test_docker(self) -> None:
        """In a container the bridge stands in front."""
        machine = PaperMachine(files=DOCKER, programs={"test -e /.dockerenv": ProgramResult(0, "")})
        forwarding, sharing = self.look(machine)
        assert "in a container, behind docker's bridge" in forwarding
        assert forwarding.endswith("docker run -p 2222:2222 …, for each of 2222, 12345, 12346")
        assert sharing.endswith('[limits] shared_addresses = ["172.17.0.1"] in the settings')

    def test_podman(self) -> None:
        """Other containers say so to their first process."""
        machine = PaperMachine(files=DOCKER | {"/proc/1/environ": "container=podman\0HOME=/root\0"})
        assert len(self.look(machine)) == 2

    def test_known_to_the_settings(self) -> None:
        """Whoever has listed the address has read this."""
        [found] = self.look(PaperMachine(files=VIRTUALBOX), "10.0.2.0/24")
        assert found.startswith("ok: this machine is behind the NAT of VirtualBox (or QEMU), which the settings know")

    @pytest.mark.parametrize(
        "machine",
        [
            PaperMachine(),
            PaperMachine(files=routes("0101A8C0")),
            PaperMachine(files=routes("0202000A", destination="0000FEA9")),
            PaperMachine(files=DOCKER),  # a network of 172.16.0.0/12 that is no container's
        ],
    )
    def test_none(self, machine: PaperMachine) -> None:
        """An ordinary network has nothing in front."""
        assert self.look(machine) == ["ok: no NAT of a virtual machine or a container is in front of this machine"]
