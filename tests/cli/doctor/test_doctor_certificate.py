"""The doctor's look at the certificate. OpenSSL is not asked here; the times are the tests' own."""

from __future__ import annotations

import os
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from classcord.cli.cert import authority
from classcord.cli.doctor.checks import certificate
from classcord.services.tls import key_pairs
from classcord.services.tls.certificates import make_self_signed
from tests.cli.doctor.installations import NOON, PaperMachine, findings, installation

NOW = datetime.fromtimestamp(NOON, timezone.utc)


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> authority.Authority:
    folder = tmp_path_factory.mktemp("ca")
    authority.make_authority(folder, "Lycée Jean Moulin", NOW)
    return authority.load_authority(folder)


def give(data: Path, signer: authority.Authority, *names: str, when: datetime = NOW) -> None:
    issued = authority.issue(signer, names or ("chat",), when)
    key_pairs.install(data / "tls", issued.key, issued.chain)


class TestCertificate:
    def test_switched_off(self, tmp_path: Path) -> None:
        """A server without TLS needs none."""
        assert findings(certificate.certificate, installation(tmp_path, listen={"tls": ()})) == [
            "ok: TLS is switched off: [listen] tls and web_tls are empty"
        ]

    def test_none_yet(self, tmp_path: Path) -> None:
        """The first start makes one."""
        [found] = findings(certificate.certificate, installation(tmp_path))
        assert found == f"advice: there is none yet: the first start makes one → classcord init --data {tmp_path}"

    def test_of_somebody_else(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A folder that we may not look into is not taken for an empty one."""
        (tmp_path / "tls").mkdir()
        monkeypatch.setattr(os, "access", lambda *_: False)
        [found] = findings(certificate.certificate, installation(tmp_path))
        assert found.startswith(f"problem: {tmp_path}/tls cannot be looked into: Permission denied → ")

    def test_self_signed(self, tmp_path: Path) -> None:
        """The one of the first start is right, and a better one is mentioned."""
        make_self_signed(tmp_path / "tls", NOW, names=["192.168.1.20"])
        [found] = findings(certificate.certificate, installation(tmp_path))
        assert found.startswith("ok: self-signed, valid until 2029-02-2")

    def test_from_the_schools_authority(self, tmp_path: Path, signer: authority.Authority) -> None:
        """Who has signed it is told."""
        give(tmp_path, signer)
        assert findings(certificate.certificate, installation(tmp_path)) == [
            "ok: from “Lycée Jean Moulin”, valid until 2027-12-21"
        ]

    def test_not_for_its_key(self, tmp_path: Path, signer: authority.Authority) -> None:
        """A pair that does not go together needs action before the next start."""
        give(tmp_path, signer)
        (tmp_path / "tls" / "key.pem").unlink()
        (tmp_path / "tls" / "key.pem").write_bytes(authority.issue(signer, ["chat"], NOW).key)
        [found] = findings(certificate.certificate, installation(tmp_path))
        assert found.startswith("problem: it cannot be used: ")
        assert "this certificate is not for the key in key.pem" in found
        assert "classcord cert server --force" in found

    @pytest.mark.parametrize("missing", ["key.pem", "cert.pem"])
    def test_half_a_pair(self, tmp_path: Path, signer: authority.Authority, missing: str) -> None:
        """One of two files is worse than none: the first start does not put it right."""
        give(tmp_path, signer)
        (tmp_path / "tls" / missing).unlink()
        [found] = findings(certificate.certificate, installation(tmp_path))
        assert found.startswith("problem: it cannot be used: ")

    @pytest.mark.parametrize(
        ("days", "wanted", "found"),
        [
            (-2, 14, "problem: it is valid from 2026-11-"),
            (0, 14, "ok: "),
            (381, 14, "ok: "),
            (383, 14, "problem: it expires on 2027-12-21, in 13 days → classcord cert server NAME…"),
            (383, 0, "ok: "),
            (397, 14, "problem: it has expired on 2027-12-21 → classcord cert server NAME…"),
        ],
    )
    def test_its_time(self, tmp_path: Path, signer: authority.Authority, days: float, wanted: int, found: str) -> None:
        """It begins a day early, and its end is told as early as the alerts tell it."""
        give(tmp_path, signer)
        machine = PaperMachine(now=NOON + days * 86_400)
        [line] = findings(certificate.certificate, installation(tmp_path, certificate_days=wanted), machine)
        assert line.startswith(found)

    @pytest.mark.parametrize(
        ("names", "hostname", "addresses", "is_found"),
        [
            (("chat.lycee.example",), "chat", ["192.168.1.20"], False),
            (("CHAT",), "chat", ["192.168.1.20"], False),
            (("192.168.1.20",), "srv", ["192.168.1.20"], False),
            (("chat.lycee.example", "10.0.0.9", "192.168.1.20"), "srv", ["192.168.1.20", "10.0.0.9"], False),
            (("chat.lycee.example",), "srv.lycee.example", ["192.168.1.20"], True),
            (("127.0.0.1",), "srv", ["127.0.0.1", "192.168.1.20"], True),
            (("chat.lycee.example",), "srv", ["127.0.0.1"], False),  # no network: nothing can be told
        ],
    )
    def test_for_this_machine(
        self,
        tmp_path: Path,
        signer: authority.Authority,
        *,
        names: tuple[str, ...],
        hostname: str,
        addresses: list[str],
        is_found: bool,
    ) -> None:
        """Its name is enough, or its addresses; without any of them, clients may come by another name."""
        give(tmp_path, signer, *names)
        machine = PaperMachine(addresses=addresses)
        machine.hostname = hostname
        found = findings(certificate.certificate, installation(tmp_path), machine)
        assert (len(found) == 2) is is_found
        if is_found:
            assert found[1].startswith(f"advice: it is for {names[0]}, none of which this machine has ({hostname}")
            assert found[1].endswith(f"classcord cert server {hostname} 192.168.1.20")

    def test_an_address_that_it_is_not_for(self, tmp_path: Path, signer: authority.Authority) -> None:
        """Each one that a start shows is wanted where people have no name to call the server by."""
        give(tmp_path, signer, "10.0.0.9")
        machine = PaperMachine(addresses=["192.168.1.20", "10.0.0.9", "2001:db8::1"])
        _validity, found = findings(certificate.certificate, installation(tmp_path), machine)
        assert found == (
            "advice: whoever connects to 192.168.1.20 cannot check it: it is for 10.0.0.9 → classcord cert server "
            "10.0.0.9 192.168.1.20"
        )
        alone = installation(tmp_path, listen={"tls": ("tcp:12346:interface=10.0.0.9",)})
        assert len(findings(certificate.certificate, alone, machine)) == 1

    def test_our_own_is_made_again(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Nobody has to do it."""
        monkeypatch.setattr("socket.gethostname", lambda: "chat")
        make_self_signed(tmp_path / "tls", NOW, names=["10.0.0.9"])
        machine = PaperMachine(addresses=["10.0.0.9", "203.0.113.7"])
        _validity, found = findings(certificate.certificate, installation(tmp_path), machine)
        assert found.startswith("advice: whoever connects to 203.0.113.7 cannot check it: it is for chat, localhost, ")
        assert found.endswith("→ start the server, or wait a minute if it runs: it makes the certificate again")

    def test_a_wildcard(self) -> None:
        """A wildcard covers one level (RFC 9525 §6.3)."""
        assert certificate._covers("*.lycee.example", "chat.lycee.example")
        assert not certificate._covers("*.lycee.example", "a.chat.lycee.example")
        assert not certificate._covers("*.lycee.example", "lycee.example")


def test_times_do_not_depend_on_the_day(signer: authority.Authority) -> None:
    """What the doctor tests stand on: 397 days from a day before."""
    issued = authority.issue(signer, ["chat"], NOW).certificate
    assert issued.not_valid_after_utc - issued.not_valid_before_utc == timedelta(days=397)
