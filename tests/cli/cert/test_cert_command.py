"""`classcord cert ca`, `cert server` and `cert show` as they are typed, on real folders."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta, timezone
from functools import partial
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from classcord.cli.cert import authority
from classcord.services.tls.certificates import look_at, make_self_signed
from tests.cli.conftest import Run

pytestmark = pytest.mark.usefixtures("_elsewhere_in_english")


@pytest.fixture
def run(classcord: Run) -> Run:
    """Return what runs `classcord cert ...`."""
    return partial(classcord, "cert")


def one_line(err: str) -> str:
    assert err.startswith("classcord: ")
    assert err.count("\n") == 1
    return err


class TestCa:
    def test_says_what_to_do_next(self, run: Run, tmp_path: Path) -> None:
        """It shows the authority, where its key is, the next command, and how people come to trust it."""
        status, out, err = run("ca", "--name", "Lycée Jean Moulin")
        assert (status, err) == (0, "")
        certificate = tmp_path / "var" / "ca" / "ca.crt"
        fingerprint = authority.shown(x509.load_pem_x509_certificate(certificate.read_bytes())).fingerprint
        assert out.splitlines()[:3] == [
            f"Certificate  {certificate}",
            "Subject      Lycée Jean Moulin",
            "Issuer       itself (self-signed)",
        ]
        assert fingerprint in out
        assert f"Key: {tmp_path}/var/ca/ca.key " in out
        assert "\nNext: classcord cert server NAME-OR-ADDRESS…\n" in out
        for program in ("keytool -importcert", "Firefox", "update-ca-certificates", "openssl s_client"):
            assert program in out

    def test_elsewhere(self, run: Run, tmp_path: Path) -> None:
        """On a USB stick; the next command then says where."""
        stick = tmp_path / "usb stick"
        status, out, _ = run("ca", "--name", "Lycée", "--directory", stick)
        assert status == 0
        assert f"\nNext: classcord cert server NAME-OR-ADDRESS… --directory '{stick}'\n" in out
        assert not (tmp_path / "var").exists()
        assert run("server", "chat", "--directory", stick)[0] == 0

    def test_there_is_one(self, run: Run, tmp_path: Path) -> None:
        """A second one is refused, and the first stays."""
        run("ca", "--name", "Lycée")
        before = (tmp_path / "var" / "ca" / "ca.key").read_bytes()
        status, out, err = run("ca", "--name", "Lycée")
        assert (status, out) == (2, "")
        assert "is there already" in one_line(err)
        assert (tmp_path / "var" / "ca" / "ca.key").read_bytes() == before

    def test_asked_wrongly(self, run: Run) -> None:
        """Without a name, or with one that cannot be shown, nothing is made."""
        assert run("ca")[0] == 2
        assert run()[0] == 2
        status, _, err = run("ca", "--name", "a\nb")
        assert status == 2
        one_line(err)
        assert not Path("var").exists()


class TestServer:
    @pytest.fixture(autouse=True)
    def _with_an_authority(self, run: Run) -> None:
        assert run("ca", "--name", "Lycée")[0] == 0

    def test_makes_a_pair(self, run: Run, tmp_path: Path) -> None:
        """The pair is where the server looks for it, and what it is for is shown."""
        status, out, err = run("server", "chat.lycee.example", "192.168.1.20")
        assert (status, err) == (0, "")
        assert (
            "Subject      chat.lycee.example\nIssuer       Lycée\nNames        chat.lycee.example, 192.168.1.20\n"
            in out
        )
        assert out.endswith("A running server takes it within a minute; at once with `classcord ctl reload`.\n")
        assert authority.shown(look_at(tmp_path / "var" / "tls")).names == ("chat.lycee.example", "192.168.1.20")

    def test_where_the_settings_say(self, run: Run, tmp_path: Path) -> None:
        """[tls] directory counts as it does for the server."""
        assert run("server", "chat", "--set", f"tls.directory={tmp_path}/ssl")[0] == 0
        look_at(tmp_path / "ssl")
        assert not (tmp_path / "var" / "tls").exists()

    def test_replaces_what_classcord_has_made(self, run: Run, tmp_path: Path) -> None:
        """The certificate of the first start, and one from this authority, need no --force."""
        make_self_signed(tmp_path / "var" / "tls", datetime.now(timezone.utc))
        for name in ("first.example", "second.example"):
            assert run("server", name)[0] == 0
            assert authority.shown(look_at(tmp_path / "var" / "tls")).names == (name,)

    @pytest.mark.parametrize("what", ["foreign", "garbage", "half"])
    def test_keeps_what_it_has_not_made(self, run: Run, tmp_path: Path, what: str) -> None:
        """What somebody has put there stays, whatever it is, until --force says otherwise."""
        tls = tmp_path / "var" / "tls"
        tls.mkdir()
        if what == "foreign":
            authority.make_authority(tmp_path / "other", "Lycée", datetime.now(timezone.utc))
            issued = authority.issue(authority.load_authority(tmp_path / "other"), ["old"], datetime.now(timezone.utc))
            (tls / "key.pem").write_bytes(issued.key)
            (tls / "cert.pem").write_bytes(issued.chain)
        else:
            (tls / "key.pem").write_bytes(b"garbage")
            if what == "garbage":
                (tls / "cert.pem").symlink_to("nowhere")
        before = (tls / "key.pem").read_bytes()
        status, out, err = run("server", "chat")
        assert (status, out) == (1, "")
        assert "ClassCord has not made the certificate that is there; --force replaces it." in one_line(err)
        assert (tls / "key.pem").read_bytes() == before
        assert run("server", "chat", "--force")[0] == 0
        assert authority.shown(look_at(tls)).names == ("chat",)

    def test_a_name_that_is_none(self, run: Run) -> None:
        """Nothing is made of a list with a mistake in it; what is shown of it commands no terminal."""
        status, out, err = run("server", "chat", "192.168.1.256\x1b[2J")
        assert (status, out) == (2, "")
        assert "“192.168.1.256\\x1b[2J” is neither a host name nor an address" in one_line(err)
        assert not Path("var/tls").exists()

    def test_asked_wrongly(self, run: Run, tmp_path: Path) -> None:
        """No name, no authority, settings that are wrong."""
        assert run("server")[0] == 2
        status, _, err = run("server", "chat", "--directory", tmp_path / "nowhere")
        assert status == 2
        assert "`classcord cert ca` makes an authority" in one_line(err)
        assert run("server", "chat", "--set", "tls.directroy=x")[0] == 2

    def test_an_authority_that_has_ended(self, run: Run, tmp_path: Path) -> None:
        """What nobody would trust any more is not made."""
        authority.make_authority(tmp_path / "old", "Lycée", datetime.now(timezone.utc) - timedelta(days=4_000))
        status, _, err = run("server", "chat", "--directory", tmp_path / "old")
        assert status == 2
        assert "make another one" in one_line(err)


class TestShow:
    def test_table(self, run: Run, tmp_path: Path) -> None:
        """Who, for what, until when, and the fingerprint."""
        run("ca", "--name", "Lycée")
        run("server", "chat", "10.0.0.5")
        status, out, err = run("show")
        assert (status, err) == (0, "")
        assert re.fullmatch(
            rf"Certificate  {tmp_path}/var/tls/cert.pem\n"
            r"Subject      chat\nIssuer       Lycée\nNames        chat, 10\.0\.0\.5\n"
            r"Valid        20\d\d-\d\d-\d\d \d\d:\d\d – 20\d\d-\d\d-\d\d \d\d:\d\d UTC\n"
            r"Fingerprint  sha256:(?:[0-9A-F]{2}:){31}[0-9A-F]{2}\n",
            out,
        )

    def test_json(self, run: Run, tmp_path: Path) -> None:
        """The same for scripts."""
        make_self_signed(tmp_path / "var" / "tls", datetime.now(timezone.utc), names=["10.0.0.5"])
        status, out, _ = run("show", "--json")
        found = json.loads(out)
        expected = authority.shown(look_at(tmp_path / "var" / "tls"))
        assert status == 0
        assert found["self_signed"] is True
        assert found["sha256"] == expected.fingerprint
        assert tuple(found["names"]) == expected.names
        assert datetime.fromisoformat(found["valid_until"]) == expected.valid_until
        assert set(found) == {"subject", "issuer", "self_signed", "names", "valid_from", "valid_until", "sha256"}

    def test_none(self, run: Run, tmp_path: Path) -> None:
        """Where there is none, or none that can be used, the exit status is 1 and one line says which file."""
        status, out, err = run("show")
        assert (status, out) == (1, "")
        assert f"{tmp_path}/var/tls/key.pem: No such file or directory." in one_line(err)
        make_self_signed(tmp_path / "var" / "tls", datetime.now(timezone.utc))
        (tmp_path / "var" / "tls" / "cert.pem").write_text("garbage", "utf-8")
        status, out, err = run("show")
        assert (status, out) == (1, "")
        assert "cert.pem: this is no certificate in PEM." in one_line(err)

    def test_what_others_have_written(self, run: Run, tmp_path: Path) -> None:
        """Names in a certificate command no terminal."""
        run("ca", "--name", "Lycée")
        tls = tmp_path / "var" / "tls"
        tls.mkdir()
        signer = authority.load_authority(tmp_path / "var" / "ca")
        issued = authority.issue(signer, ["chat"], datetime.now(timezone.utc))
        hostile = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "\x1b[2Jchat")]))
            .issuer_name(signer.certificate.subject)
            .public_key(issued.certificate.public_key())
            .serial_number(7)
            .not_valid_before(issued.certificate.not_valid_before_utc)
            .not_valid_after(issued.certificate.not_valid_after_utc)
            .sign(signer.key, hashes.SHA256())
        )
        (tls / "key.pem").write_bytes(issued.key)
        (tls / "cert.pem").write_bytes(hostile.public_bytes(Encoding.PEM))
        status, out, _ = run("show")
        assert status == 0
        assert "Subject      ?[2Jchat\n" in out
        assert "Names        –\n" in out
