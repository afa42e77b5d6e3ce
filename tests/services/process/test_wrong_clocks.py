"""Clocks that are wrong at the first start, as those of a Raspberry Pi, and right later: what was made is made good."""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from twisted.internet.address import IPv4Address
from twisted.internet.task import Clock

from classcord.chat.roles import Role
from classcord.chat.times import rfc3339
from classcord.cli.doctor.checks import storage
from classcord.server import listening as connections
from classcord.server.listening import Listeners
from classcord.services.backups.backup import Rotation, kept
from classcord.services.backups.backup_files import BackupName
from classcord.services.process.datafolder import DataFolder
from classcord.services.tls.certificates import (
    CERTIFICATE,
    KEY,
    ReloadingContext,
    follow,
    is_self_made,
    look_at,
    make_again,
    make_self_signed,
)
from classcord.settings import ListenSettings, Settings
from tests.backups import ALL, backups, database
from tests.cli.doctor.installations import PaperMachine, findings, installation
from tests.harness import House


def moment(year: int, month: int = 1, day: int = 1, hour: int = 0) -> datetime:
    return datetime(year, month, day, hour, tzinfo=timezone.utc)


RIGHT = moment(2026, 11, 20)
WRONG = [
    moment(1970),
    moment(1999, 12, 31),
    moment(2024, 12),
    moment(2049, 12, 31, 23),
    moment(2050),
    moment(2106, 2, 7),
]


@pytest.mark.parametrize("then", WRONG, ids=str)
def test_our_certificate_is_made_again(tmp_path: Path, then: datetime) -> None:
    """With the same key, once the clock is right, and once only; until then what is there is shown."""
    make_self_signed(tmp_path, then, ["Classe"])
    key, first = (tmp_path / KEY).read_bytes(), look_at(tmp_path)
    ReloadingContext(tmp_path)  # OpenSSL reads it whatever its dates are (RFC 5280 §4.1.2.5: from 2050 on another form)
    assert first.not_valid_before_utc == then - timedelta(days=1)
    assert is_self_made(first)
    assert make_again(tmp_path, RIGHT, ["192.168.1.20"])
    made = look_at(tmp_path)
    assert made.not_valid_before_utc == RIGHT - timedelta(days=1)
    names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert "192.168.1.20" in map(str, names.get_values_for_type(x509.IPAddress))
    assert (tmp_path / KEY).read_bytes() == key
    ReloadingContext(tmp_path)
    assert not make_again(tmp_path, RIGHT + timedelta(days=1))


@pytest.mark.parametrize("now", [moment(1970), moment(2024, 12, 31), moment(2100), moment(2049)], ids=str)
def test_a_clock_that_is_wrong_now_makes_nothing(tmp_path: Path, now: datetime) -> None:
    """A good certificate does not fall to a clock that has jumped, nor is one that has expired made again."""
    make_self_signed(tmp_path, RIGHT)
    before = (tmp_path / CERTIFICATE).read_bytes()
    assert not make_again(tmp_path, now)
    assert (tmp_path / CERTIFICATE).read_bytes() == before


def foreign(folder: Path, start: datetime, days: int = 825) -> None:
    """Make what `openssl req -x509 -newkey ec -days 825` makes: self-signed, of the same kind and length as ours."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "chat")])
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=days))
        .add_extension(identifier, critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder.mkdir()
    (folder / CERTIFICATE).write_bytes(certificate.public_bytes(Encoding.PEM))
    (folder / KEY).write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


@pytest.mark.parametrize("start", [moment(1970), moment(2030), moment(2049)], ids=str)
def test_a_users_own_certificate_is_never_touched(tmp_path: Path, start: datetime) -> None:
    """Whatever its dates are, and be it as like ours as openssl makes one; nor is one that cannot be read."""
    foreign(tmp_path / "tls", start)
    before = (tmp_path / "tls" / CERTIFICATE).read_bytes()
    assert not make_again(tmp_path / "tls", RIGHT)
    assert follow(tmp_path / "tls", RIGHT, [], ["10.0.0.5"]) == ()
    assert (tmp_path / "tls" / CERTIFICATE).read_bytes() == before
    (tmp_path / "tls" / CERTIFICATE).write_bytes(b"garbage")
    assert not make_again(tmp_path / "tls", RIGHT)
    assert (tmp_path / "tls" / CERTIFICATE).read_bytes() == b"garbage"


def test_while_the_server_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """NTP sets the clock a while after the start: within a minute new connections are shown a good certificate."""
    monkeypatch.setattr(connections, "_raise_open_files", lambda: 1000.0)
    folder = DataFolder(tmp_path)
    settings = Settings(listen=ListenSettings(chat=(), tls=("tcp:0",), ssh=(), web=(), web_tls=()))
    make_self_signed(settings.tls.path(folder.path), moment(1970))
    now = [moment(1970).timestamp()]
    reactor: Any = Clock()
    house = House()
    made = Listeners(lambda: settings, folder, chat=house.chat, reactor=reactor, now=lambda: now[0])
    assert made.certificate is not None
    made._looks.start(connections.LOOK_AT_CERTIFICATE, now=False)
    reactor.advance(connections.LOOK_AT_CERTIFICATE)
    assert made.certificate.ends().year == 1972
    now[0] = RIGHT.timestamp()
    reactor.advance(connections.LOOK_AT_CERTIFICATE)
    assert made.certificate.ends() == RIGHT + timedelta(days=824)
    pem = (settings.tls.path(folder.path) / CERTIFICATE).read_text("utf-8")
    assert made.certificate.fingerprint().replace(":", "").lower() == _sum(ssl.PEM_cert_to_DER_cert(pem))


def test_a_new_address_while_the_server_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Within a minute new connections are shown a certificate for it, and who administers is told, once."""
    monkeypatch.setattr(connections, "_raise_open_files", lambda: 1000.0)
    folder = DataFolder(tmp_path)
    settings = Settings(listen=ListenSettings(chat=(), tls=("tcp:0",), ssh=(), web=(), web_tls=()))
    make_self_signed(settings.tls.path(folder.path), RIGHT)
    reactor: Any = Clock()
    house = House()
    admin = house.member("prof", role=Role.ADMIN)
    made = Listeners(lambda: settings, folder, chat=house.chat, reactor=reactor, now=RIGHT.timestamp)
    assert made.certificate is not None
    before = made.certificate.fingerprint()
    asked: list[str] = []

    def found(hosts: Iterable[str]) -> list[str]:
        asked.extend(hosts)
        return ["203.0.113.7"]

    monkeypatch.setattr(connections, "addresses", found)
    listening: Any = SimpleNamespace(getHost=lambda: IPv4Address("TCP", "0.0.0.0", 12346))
    made.listening.append(("tls", listening))
    made._looks.start(connections.LOOK_AT_CERTIFICATE, now=False)
    for _ in range(3):
        reactor.advance(connections.LOOK_AT_CERTIFICATE)
    assert asked == ["0.0.0.0"] * 3
    after = made.certificate.fingerprint()
    assert after != before
    assert made.certificate.covers("203.0.113.7")
    told = [line["content"] for line in admin.lines() if after in str(line.get("content"))]
    assert len(told) == 1
    assert "203.0.113.7" in told[0]


def _sum(content: bytes) -> str:
    digest = hashes.Hash(hashes.SHA256())
    digest.update(content)
    return digest.finalize().hex()


# -- names, lines and rules --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("when", [*WRONG, RIGHT], ids=str)
def test_lines_and_names_have_any_year(when: datetime) -> None:
    """A line of the log, and the name of a backup, that is read again."""
    assert rfc3339(int(when.timestamp() * 1000)) == f"{when:%Y-%m-%dT%H:%M:%S}.000Z"
    assert BackupName.read(str(BackupName(when, 1))) == BackupName(when, 1)


@pytest.mark.parametrize("when", [*WRONG, moment(9999, 12, 31)], ids=str)
def test_a_backup_is_made_in_any_year(tmp_path: Path, when: datetime) -> None:
    """Also where gzip's own time, of 32 bits, has no room for it (RFC 1952 §2.3.1: until 2106)."""
    path = database(tmp_path)
    made = backups(tmp_path, when.timestamp()).make(path, ALL)
    assert made.file.name == str(BackupName(when, 1))
    assert backups(tmp_path, when.timestamp()).verify(made.file).messages == 3


KEEP = Rotation(hourly=24, daily=7, weekly=4)


def test_rotation_keeps_what_a_right_clock_has_made() -> None:
    """A day and a night of wrong backups, one an hour, leave the days and weeks of 2026 that there is room for."""
    good = {BackupName(RIGHT - timedelta(days=day), 1) for day in range(60)}
    assert {name.when.year for name in kept(good, KEEP)} == {2026}
    for year in (1970, 2049):
        wrong = {BackupName(moment(year) + timedelta(hours=hour), 1) for hour in range(24)}
        stays = kept(good | wrong, KEEP)
        assert len([name for name in stays if name in good]) >= 6
        assert max(good) in stays


# -- the doctor --------------------------------------------------------------------------------------------------------


def test_the_doctor_names_backups_from_the_future(tmp_path: Path) -> None:
    """They do not hide that the newest real one is old."""
    (tmp_path / "classcord.db").touch()
    (tmp_path / "backups").mkdir()
    for when in (RIGHT - timedelta(days=30), moment(2049)):
        (tmp_path / "backups" / str(BackupName(when, 1))).touch()
    old, later, *_ = findings(storage.backups, installation(tmp_path), PaperMachine(now=RIGHT.timestamp()))
    assert old.startswith("problem: the newest backup, classcord-20261021-000000.db.gz, is 30 days old")
    assert "classcord-20490101-000000.db.gz has a name from the future" in later
