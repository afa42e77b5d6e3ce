"""The doctor's look at the data folder: is it there, who may read its secrets, how much room there is."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from classcord.cli.doctor.checks import files
from classcord.cli.doctor.checks.machine import Disk
from tests.cli.doctor.installations import PaperMachine, findings, installation

MB = 1_000_000


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder as the server leaves it: everything its owner's alone."""
    folder = tmp_path / "data"
    for each in (folder, folder / "tls", folder / "backups", folder / "log"):
        each.mkdir(mode=0o700)
    for name in ("classcord.db", "classcord.db-wal", "ssh_host_ed25519_key", "tls/key.pem", "backups/old.db.gz"):
        write(folder / name)
    return folder


def write(file: Path, mode: int = 0o600, size: int = 0) -> Path:
    file.touch()
    os.truncate(file, size)
    file.chmod(mode)
    return file


class TestFolder:
    def test_not_there_yet(self, tmp_path: Path) -> None:
        """Before the first start there is none, and the remedy makes it."""
        data = tmp_path / "my data"
        assert findings(files.folder, installation(data)) == [
            f"advice: there is no folder {data} yet: the first start makes it → classcord init --data '{data}'"
        ]

    def test_not_a_folder(self, tmp_path: Path) -> None:
        """A file in its place needs action."""
        file = write(tmp_path / "data")
        assert findings(files.folder, installation(file)) == [
            f"problem: {file} is not a folder → choose another one with --data"
        ]

    def test_below_a_file(self, tmp_path: Path) -> None:
        """A folder that can never be is no folder that the first start makes."""
        file = write(tmp_path / "data")
        [found] = findings(files.folder, installation(file / "deeper"))
        assert found.startswith(f"problem: {file}/deeper cannot be looked into: Not a directory")

    def test_empty(self, tmp_path: Path) -> None:
        """A folder without a database is as good as none."""
        [found] = findings(files.folder, installation(tmp_path))
        assert found.startswith("advice: nothing is in ")

    @pytest.mark.parametrize("running", [False, None])
    @pytest.mark.parametrize("left", ["classcord.db-wal", "backups/old.db.gz", "log/audit.log"])
    def test_without_its_database(self, tmp_path: Path, left: str, running: bool | None) -> None:
        """Where something shows that there was one, it needs action: a first start would begin anew."""
        (tmp_path / left).parent.mkdir(exist_ok=True)
        trace = write(tmp_path / left, size=1)
        assert findings(files.folder, installation(tmp_path, running=running)) == [
            (
                f"problem: {tmp_path}/classcord.db is missing, but {trace} is there: the database was moved or removed"
                " → put it back, or: classcord restore FILE, with the newest backup"
            )
        ]
        write(trace)
        [found] = findings(files.folder, installation(tmp_path, running=running))
        assert found.startswith("advice: nothing is in "), "an empty file tells nothing"

    @pytest.mark.parametrize("size", [0, 1])
    def test_without_its_database_while_a_server_runs(self, tmp_path: Path, size: int) -> None:
        """The server has it still: nothing is begun anew, and nothing restored over it."""
        write(tmp_path / "classcord.db-wal", size=size)
        assert findings(files.folder, installation(tmp_path, running=True)) == [
            (
                f"problem: {tmp_path}/classcord.db is missing, and a server is running with {tmp_path}"
                " → leave the server running until the database is back in its place"
            )
        ]

    def test_of_somebody_else(self, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Who may not look is told how to ask."""
        monkeypatch.setattr(os, "access", lambda *_: False)
        assert findings(files.folder, installation(data)) == [
            (
                f"problem: {data} cannot be looked into: Permission denied"
                f" → ask as the user that the server runs as: sudo -u {data.owner()} classcord doctor"
            ),
        ]

    @pytest.mark.parametrize(("running", "words"), [(True, "a server is"), (False, "no server is")])
    def test_in_use(self, data: Path, running: bool, words: str) -> None:
        """Whether a server runs is told."""
        assert findings(files.folder, installation(data, running=running)) == [f"ok: {data}, {words} running with it"]


class TestRights:
    def test_private(self, data: Path) -> None:
        """What the server makes is private enough for the doctor."""
        assert findings(files.rights, installation(data)) == ["ok: nobody but the server can read its secrets"]

    @pytest.mark.parametrize(
        "name",
        [
            "classcord.db",
            "classcord.db-wal",
            "ssh_host_ed25519_key",
            "tls/key.pem",
            "backups/old.db.gz",
            "first-password",
            "audit_key",
            "ca/ca.key",
            "log/classcord.log",
            "exports/users.csv",
            "control",
        ],
    )
    @pytest.mark.parametrize("mode", [0o604, 0o620])
    def test_a_secret_that_others_can_read_or_write(self, data: Path, name: str, mode: int) -> None:
        """Each secret is looked at; the remedy names it."""
        data.chmod(0o755)
        secret = data / name
        secret.parent.mkdir(exist_ok=True)
        secret.parent.chmod(0o755)
        write(secret, mode)
        found = findings(files.rights, installation(data))
        assert f"problem: others may read {secret} → chmod go-rwx {secret}" in found

    def test_a_closed_folder_protects_what_is_in_it(self, data: Path) -> None:
        """Rights that nobody can make use of are no finding."""
        write(data / "classcord.db", 0o644)
        write(data / "backups" / "old.db.gz", 0o666)
        assert findings(files.rights, installation(data)) == ["ok: nobody but the server can read its secrets"]

    @pytest.mark.parametrize(("folder", "is_found"), [(0o710, True), (0o701, False), (0o755, True)])
    def test_a_group_by_its_own_way(self, data: Path, folder: int, is_found: bool) -> None:
        """A group reads what it has rights to where it may come in, not where others may."""
        data.chmod(folder)
        secret = write(data / "classcord.db", 0o640)
        line = f"problem: others may read {secret} → chmod go-rwx {secret}"
        assert (line in findings(files.rights, installation(data))) is is_found

    def test_several(self, data: Path) -> None:
        """Many files are one finding, and one command puts them right, whatever they are called."""
        for each in (data, data / "backups"):
            each.chmod(0o711)
        (data / "backups").chmod(0o755)
        first, second = (write(data / "backups" / name, 0o644) for name in ("a.gz", "it's.gz"))
        [found] = [line for line in findings(files.rights, installation(data)) if "others may read" in line]
        quoted = str(second).replace("'", "'\"'\"'")
        assert found == f"problem: others may read {first} (+1) → chmod go-rwx {first} '{quoted}'"

    def test_the_host_key_in_the_open(self, data: Path) -> None:
        """What is told of all secrets is not told twice of this one."""
        data.chmod(0o755)
        key = write(data / "ssh_host_ed25519_key", 0o644)
        assert len([line for line in findings(files.rights, installation(data)) if str(key) in line]) == 1

    @pytest.mark.parametrize("mode", [0o640, 0o604])
    def test_the_host_key(self, data: Path, mode: int) -> None:
        """The server does not take such a host key even in a closed folder."""
        key = write(data / "ssh_host_ed25519_key", mode)
        assert findings(files.rights, installation(data)) == [
            f"problem: others may read {key}: the server refuses such a key → chmod 600 {key}"
        ]

    @pytest.mark.parametrize(("mode", "is_found"), [(0o600, False), (0o640, False), (0o644, True)])
    def test_a_key_elsewhere_may_be_a_groups(self, data: Path, tmp_path: Path, mode: int, is_found: bool) -> None:
        """A key outside of the data folder may be read by a group, as Debian's ssl-cert, and by no others."""
        tls = tmp_path / "ssl"
        tls.mkdir()
        key = write(tls / "key.pem", mode)
        line = f"problem: others may read {key} → chmod go-rwx {key}"
        assert (line in findings(files.rights, installation(data, tls=tls))) is is_found

    @pytest.mark.parametrize(("mode", "is_found"), [(0o600, False), (0o644, True)])
    def test_the_password_of_the_mail_relay(self, data: Path, tmp_path: Path, mode: int, is_found: bool) -> None:
        """A file that the settings name as a secret is one."""
        file = write(tmp_path / "smtp-password", mode)
        line = f"problem: others may read {file} → chmod go-rwx {file}"
        assert (line in findings(files.rights, installation(data, secrets=(file,)))) is is_found

    @pytest.mark.parametrize("mode", [0o720, 0o702])
    def test_a_folder_that_others_may_write_in(self, data: Path, mode: int) -> None:
        """Whoever may write in the folder may replace what is in it."""
        data.chmod(mode)
        found = findings(files.rights, installation(data))
        assert f"problem: others may write in {data}, and so replace everything in it → chmod 700 {data}" in found

    @pytest.mark.parametrize("mode", [0o750, 0o701, 0o704])
    def test_a_folder_that_others_may_enter(self, data: Path, mode: int) -> None:
        """With all secrets private this is only worth a word."""
        data.chmod(mode)
        assert findings(files.rights, installation(data)) == [f"advice: others may look into {data} → chmod 700 {data}"]

    def test_a_file_that_root_has_left(self, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A file of another owner than the folder's cannot be used by the server."""
        usual = files._status
        nobodys = data / "classcord.db-wal"
        monkeypatch.setattr(
            files, "_status", lambda f: SimpleNamespace(st_uid=4_000_000, st_mode=0o600) if f == nobodys else usual(f)
        )
        [found] = findings(files.rights, installation(data))
        assert found.startswith(f"problem: {nobodys} does not belong to ")
        assert found.endswith(f": {data}")
        assert " → chown -R " in found

    def test_no_folder(self, tmp_path: Path) -> None:
        """What is not there has no rights."""
        assert findings(files.rights, installation(tmp_path / "nowhere")) == []


class TestDisk:
    def test_room_enough(self, data: Path) -> None:
        """The figures are told."""
        write(data / "classcord.db", size=7 * MB)
        assert findings(files.disk, installation(data), PaperMachine(disk=Disk(900 * MB))) == [
            "ok: 900 MB are free, the database has 7"
        ]

    @pytest.mark.parametrize(("wanted", "level"), [(500, "ok"), (501, "problem"), (0, "ok")])
    def test_less_than_the_settings_want(self, data: Path, wanted: int, level: str) -> None:
        """The doctor wants what the alerts want; 0 wants nothing."""
        [found] = findings(files.disk, installation(data, free_disk=wanted), PaperMachine(disk=Disk(500 * MB)))
        assert found.startswith(f"{level}: 500 MB are free")
        assert ("[alerts] free_disk wants 501" in found) is (level == "problem")

    @pytest.mark.parametrize(("size", "level"), [(300, "ok"), (301, "advice")])
    def test_no_room_for_copies(self, data: Path, size: int, level: str) -> None:
        """Backups and upgrades need twice the database's size for a while."""
        write(data / "classcord.db", size=size * MB)
        [found] = findings(files.disk, installation(data), PaperMachine(disk=Disk(600 * MB)))
        assert found.startswith(f"{level}: 600 MB are free")

    @pytest.mark.parametrize(
        ("free", "of", "level"),
        [(999, 10_000, "problem"), (1_000, 10_000, "ok"), (19_999, 1_000_000, "problem"), (0, 0, "ok")],
    )
    def test_inodes(self, data: Path, free: int, of: int, level: str) -> None:
        """Room for a thousand files is needed, and for one in fifty; some file systems do not count them."""
        [found] = findings(files.disk, installation(data), PaperMachine(disk=Disk(900 * MB, free, of)))
        assert found.startswith(level)
        assert ("(inodes)" in found) is (level == "problem")
