"""A key and its certificate put in place as one: whoever reads at any moment reads two that go together."""

from __future__ import annotations

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from pathlib import Path

import pytest

from classcord.cli.cert import authority
from classcord.services.tls import key_pairs
from classcord.services.tls.certificates import CertificateError, ReloadingContext, look_at, make_self_signed

NOW = datetime.now(timezone.utc)
BOUND = 20.0  # seconds
NAMES = ("key.pem", "cert.pem")


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> authority.Authority:
    folder = tmp_path_factory.mktemp("ca")
    authority.make_authority(folder, "Lycée", NOW)
    return authority.load_authority(folder)


def read(directory: Path) -> tuple[bytes, bytes]:
    return (directory / "key.pem").read_bytes(), (directory / "cert.pem").read_bytes()


def a_pair(signer: authority.Authority) -> tuple[bytes, bytes]:
    issued = authority.issue(signer, ["chat"], NOW)
    return issued.key, issued.chain


def loose(directory: Path, pair: tuple[bytes, bytes]) -> None:
    """Put a pair there as people do: two files."""
    directory.mkdir(exist_ok=True)
    for name, content in zip(NAMES, pair, strict=True):
        (directory / name).write_bytes(content)


def visible(directory: Path) -> list[str]:
    return sorted(each.name for each in directory.iterdir() if not each.name.startswith("."))


class TestInstall:
    def test_in_a_folder_that_is_not_there(self, tmp_path: Path, signer: authority.Authority) -> None:
        """Folders are made, for their owner alone, and so are the files."""
        directory = tmp_path / "data" / "tls"
        pair = a_pair(signer)
        key_pairs.install(directory, *pair)
        assert read(directory) == pair
        assert visible(directory) == ["cert.pem", "key.pem"]
        for each in (directory, directory.parent, (directory / "key.pem").resolve().parent):
            assert stat.S_IMODE(each.stat().st_mode) == 0o700
        assert stat.S_IMODE((directory / "key.pem").stat().st_mode) == 0o600

    def test_in_place_of_another(self, tmp_path: Path, signer: authority.Authority) -> None:
        """Again and again: the newest is there, and nothing of those before."""
        first, second, third = (a_pair(signer) for _ in range(3))
        loose(tmp_path, first)
        for pair in (second, third):
            key_pairs.install(tmp_path, *pair)
            assert read(tmp_path) == pair
        assert visible(tmp_path) == ["cert.pem", "key.pem"]
        assert len([each for each in tmp_path.iterdir() if each.name.startswith(".pair-")]) == 1

    @pytest.mark.parametrize("alone", NAMES)
    def test_in_place_of_half_a_pair(self, tmp_path: Path, signer: authority.Authority, alone: str) -> None:
        """A key without its certificate, or the other way round, is replaced by both."""
        (tmp_path / alone).write_bytes(b"old")
        pair = a_pair(signer)
        key_pairs.install(tmp_path, *pair)
        assert read(tmp_path) == pair

    def test_in_place_of_links(self, tmp_path: Path, signer: authority.Authority) -> None:
        """Links are replaced, and what they lead to stays as it is."""
        elsewhere = tmp_path / "letsencrypt"
        old, new = a_pair(signer), a_pair(signer)
        loose(elsewhere, old)
        directory = tmp_path / "tls"
        directory.mkdir()
        for name in NAMES:
            (directory / name).symlink_to(elsewhere / name)
        key_pairs.install(directory, *new)
        assert (read(directory), read(elsewhere)) == (new, old)

    def test_after_a_kill(self, tmp_path: Path, signer: authority.Authority) -> None:
        """What an interrupted installation has left is removed by the next one."""
        (tmp_path / ".pair-killed").mkdir()
        (tmp_path / ".pair-killed" / "key.pem").write_bytes(b"half")
        (tmp_path / ".pair-0123").symlink_to("nowhere")
        key_pairs.install(tmp_path, *a_pair(signer))
        assert not (tmp_path / ".pair-killed").exists()
        assert not (tmp_path / ".pair-0123").is_symlink()

    def test_the_folder_is_followed(self, tmp_path: Path, signer: authority.Authority) -> None:
        """The whole folder may be moved: links are relative."""
        pair = a_pair(signer)
        key_pairs.install(tmp_path / "a", *pair)
        (tmp_path / "a").rename(tmp_path / "b")
        assert read(tmp_path / "b") == pair

    def test_impossible(self, tmp_path: Path, signer: authority.Authority) -> None:
        """A file in the folder's place is told, with its name."""
        (tmp_path / "tls").touch()
        with pytest.raises(CertificateError, match=f"{tmp_path}/tls: "):
            key_pairs.install(tmp_path / "tls", *a_pair(signer))


class Watching:
    """Looks at a folder each time that something is renamed in it, as a server that reloads might."""

    def __init__(self, directory: Path, monkeypatch: pytest.MonkeyPatch, stop_before: int = -1) -> None:
        self.seen: list[tuple[bytes, bytes]] = []
        self._usual = Path.rename
        self._directory, self._stop_before = directory, stop_before
        monkeypatch.setattr(Path, "rename", lambda source, target: self._rename(source, target))  # noqa: PLW0108 (binds)

    def _rename(self, source: Path, target: Path) -> Path:
        if len(self.seen) == self._stop_before:
            raise KeyboardInterrupt
        result = self._usual(source, target)
        look_at(self._directory)  # both are there, and go together
        self.seen.append(read(self._directory))
        return result


class TestAtEachMoment:
    def test_what_is_seen(self, tmp_path: Path, signer: authority.Authority, monkeypatch: pytest.MonkeyPatch) -> None:
        """From two loose files on, a reader finds the old pair until it finds the new one, and no mixture."""
        old, new, newest = (a_pair(signer) for _ in range(3))
        loose(tmp_path, old)
        watching = Watching(tmp_path, monkeypatch)
        key_pairs.install(tmp_path, *new)
        assert watching.seen == [old, old, old, new]
        key_pairs.install(tmp_path, *newest)
        assert watching.seen[4:] == [newest]

    @pytest.mark.parametrize("steps", range(4))
    def test_after_a_failure(
        self, tmp_path: Path, signer: authority.Authority, monkeypatch: pytest.MonkeyPatch, steps: int
    ) -> None:
        """Wherever it is interrupted, the old pair is in use, and the next installation succeeds."""
        old, new = a_pair(signer), a_pair(signer)
        loose(tmp_path, old)
        with monkeypatch.context() as interrupted:
            Watching(tmp_path, interrupted, stop_before=steps)
            with pytest.raises(KeyboardInterrupt):
                key_pairs.install(tmp_path, *new)
        assert read(tmp_path) == old
        look_at(tmp_path)
        assert not any(each.is_symlink() for each in tmp_path.glob(".pair-*"))
        key_pairs.install(tmp_path, *new)
        assert read(tmp_path) == new
        assert len([each for each in tmp_path.iterdir() if each.name.startswith(".pair-")]) == 1

    def test_several_at_once(self, tmp_path: Path, signer: authority.Authority) -> None:
        """Those who install at the same time wait for each other: one whole pair stays, and none of their traces."""
        pairs = [a_pair(signer) for _ in range(12)]
        with ThreadPoolExecutor(4) as people:
            for done in [people.submit(key_pairs.install, tmp_path / "tls", *pair) for pair in pairs]:
                done.result(BOUND)
        assert read(tmp_path / "tls") in pairs
        assert len(list((tmp_path / "tls").glob(".pair-*"))) == 1

    def test_a_server_that_looks(self, tmp_path: Path, signer: authority.Authority) -> None:
        """The server's own watch notices the new pair, once, and uses it."""
        make_self_signed(tmp_path, NOW)
        context = ReloadingContext(tmp_path)
        assert not context.reload_if_changed()
        issued = authority.issue(signer, ["chat"], NOW)
        key_pairs.install(tmp_path, issued.key, issued.chain)
        assert context.reload_if_changed()
        assert context.fingerprint() == authority.shown(issued.certificate).fingerprint
        assert not context.reload_if_changed()
        assert context.refused is None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_what_root_makes_is_the_servers(tmp_path: Path, signer: authority.Authority) -> None:
    """Under sudo the pair becomes the folder's owner's, who has to read it."""
    data = tmp_path / "data"
    data.mkdir()
    os.chown(data, 4_321, 4_322)
    directory = data / "tls"
    key_pairs.install(directory, *a_pair(signer))
    for each in (directory, directory / "key.pem", directory / "cert.pem", (directory / "key.pem").resolve().parent):
        status = each.stat()
        assert (status.st_uid, status.st_gid) == (4_321, 4_322)
