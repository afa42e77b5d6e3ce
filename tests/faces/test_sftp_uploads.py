"""What is written to import/ over sftp: how, how much, and what becomes of what does not fit."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import Any

import pytest
from twisted.conch.ssh import filetransfer as fx
from twisted.logger import LogEvent, globalLogPublisher

from classcord.chat.roles import Role
from classcord.faces.ssh.sftp_files import MOST_OPEN
from classcord.faces.ssh.sftp_handles import GAP, Handle, Upload
from classcord.faces.ssh.sftp_quota import MOST_FILES
from tests.faces.sftp_tree import BOUND, PUT, Tree, code, names, refusal


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path / "data")


def upload(tree: Tree, path: bytes = b"/import/a", flags: int = PUT, **keywords: Any) -> Upload:
    opened = tree.files(**keywords).openFile(path, flags, {"permissions": 0o100777})
    assert isinstance(opened, Upload)
    return opened


# -- how ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.ADMIN, Role.OWNER])
def test_a_file_is_uploaded(tree: Tree, role: Role) -> None:
    """In pieces, in any order; it is its owner's alone whatever the client asks for, and noted once."""
    file = upload(tree, role=role)
    file.writeChunk(3, b"def")
    file.writeChunk(0, b"abc")
    file.writeChunk(6, b"")
    assert file.getAttrs()["size"] == 6
    file.close()
    assert tree.imported() == {"a": b"abcdef"}
    assert stat.S_IMODE((tree.data / "import" / "a").stat().st_mode) == 0o600
    assert tree.noted == [("write", "/import/a")]


def test_a_file_is_overwritten_changed_and_continued(tree: Tree) -> None:
    """As its flags say; one that others could read is its owner's alone from then on."""
    tree.put("/import/a", b"long before")
    (tree.data / "import" / "a").chmod(0o666)
    tree.put("/import/a", b"short")
    assert stat.S_IMODE((tree.data / "import" / "a").stat().st_mode) == 0o600
    tree.put("/import/a", b"S", flags=fx.FXF_WRITE)
    tree.put("/import/a", b"er", flags=fx.FXF_WRITE | fx.FXF_CREAT | fx.FXF_APPEND)
    assert tree.imported() == {"a": b"Shorter"}


def test_flags_that_find_what_they_do_not_expect_fail(tree: Tree) -> None:
    """An exclusive new file where one is, a change where none is."""
    tree.put("/import/a", b"a")
    assert code(tree.files().openFile, b"/import/a", PUT | fx.FXF_EXCL, {}) == fx.FX_FAILURE
    assert code(tree.files().openFile, b"/import/b", fx.FXF_WRITE, {}) == fx.FX_NO_SUCH_FILE
    assert tree.imported() == {"a": b"a"}


def test_size_and_times_are_set_permissions_are_not(tree: Tree) -> None:
    """What scp -p sends is taken, by handle or by name; giving a file away is refused and loses nothing."""
    file = upload(tree)
    file.writeChunk(0, b"abcdef")
    file.setAttrs({"permissions": 0o777, "atime": 5, "mtime": 6})
    file.setAttrs({"size": 4})
    assert code(file.setAttrs, {"uid": 0, "gid": 0}) == fx.FX_PERMISSION_DENIED
    file.close()
    found = (tree.data / "import" / "a").stat()
    assert (stat.S_IMODE(found.st_mode), found.st_size) == (0o600, 4)
    files = tree.files()
    files.setAttrs(b"/import/a", {"permissions": 0o666})
    files.setAttrs(b"/import/a", {"size": 2, "atime": 7, "mtime": 8})
    found = (tree.data / "import" / "a").stat()
    assert (stat.S_IMODE(found.st_mode), found.st_size, found.st_atime, found.st_mtime) == (0o600, 2, 7, 8)
    assert code(files.setAttrs, b"/import", {"mtime": 1, "atime": 1}) == fx.FX_PERMISSION_DENIED


def test_uploads_are_renamed_and_removed(tree: Tree) -> None:
    """Within import/, never onto another file; each is noted."""
    tree.put("/import/a", b"a")
    tree.put("/import/b", b"b")
    tree.noted.clear()
    files = tree.files()
    assert code(files.renameFile, b"/import/a", b"/import/b") == fx.FX_FAILURE
    assert code(files.renameFile, b"/import/a", b"/import/a") == fx.FX_FAILURE
    assert code(files.renameFile, b"/import/none", b"/import/c") == fx.FX_NO_SUCH_FILE
    assert code(files.renameFile, b"/import/a", b"/import/" + b"c" * 300) == fx.FX_FAILURE
    assert tree.imported() == {"a": b"a", "b": b"b"}
    files.renameFile(b"/import/a", b"/import/../import/c")
    files.removeFile(b"import/b")
    assert code(files.removeFile, b"import/b") == fx.FX_NO_SUCH_FILE
    assert tree.imported() == {"c": b"a"}
    assert tree.noted == [("rename", "/import/a", "/import/c"), ("remove", "/import/b")]


def test_a_rename_that_fails_leaves_nothing_behind(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    """The name that was taken for it is given back."""

    def fail(*_arguments: object, **_keywords: object) -> None:
        raise OSError(errno.ENOSPC, "full")

    tree.put("/import/a", b"a")
    monkeypatch.setattr(os, "rename", fail)
    assert code(tree.files().renameFile, b"/import/a", b"/import/b") == fx.FX_FAILURE
    assert tree.imported() == {"a": b"a"}


def test_a_file_that_cannot_be_emptied_is_not_left_open(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its descriptor is closed with the refusal."""

    def fail(*_arguments: object) -> None:
        raise OSError(errno.EPERM, "append-only")

    before = sum(1 for _ in Path("/proc/self/fd").iterdir())
    monkeypatch.setattr(os, "ftruncate", fail)
    assert code(tree.files().openFile, b"/import/a", PUT, {}) == fx.FX_PERMISSION_DENIED
    assert sum(1 for _ in Path("/proc/self/fd").iterdir()) == before


# -- how much ----------------------------------------------------------------------------------------------------------


def test_a_new_file_that_is_too_long_is_removed(tree: Tree) -> None:
    """The bound itself fits; past it whoever writes hears the bound, at each write, and half a file stays nowhere."""
    file = upload(tree)
    file.writeChunk(0, b"x" * BOUND)
    assert refusal(file.writeChunk, BOUND, b"x") == (fx.FX_FAILURE, "A file in import/ has at most 1000 bytes.")
    assert tree.imported() == {}
    assert refusal(file.writeChunk, 0, b"x") == (fx.FX_FAILURE, "A file in import/ has at most 1000 bytes.")
    assert refusal(file.setAttrs, {"size": 1})[0] == fx.FX_FAILURE
    file.close()
    assert tree.imported() == {}
    assert tree.noted == [("write", "/import/a"), ("remove", "/import/a")]


def test_a_file_that_was_emptied_to_be_overwritten_is_removed_too(tree: Tree) -> None:
    """What it had was gone when it was opened."""
    tree.put("/import/a", b"before")
    file = upload(tree)
    assert code(file.writeChunk, 0, b"x" * (BOUND + 1)) == fx.FX_FAILURE
    file.close()
    assert tree.imported() == {}


def test_only_the_upload_itself_is_removed(tree: Tree) -> None:
    """Not the file that has its name meanwhile; nothing of it stays under its new one."""
    files = tree.files()
    file = files.openFile(b"/import/a", PUT, {})
    file.writeChunk(0, b"first")
    files.renameFile(b"/import/a", b"/import/b")
    tree.put("/import/a", b"second")
    assert code(file.writeChunk, BOUND, b"x") == fx.FX_FAILURE
    file.close()
    assert tree.imported() == {"a": b"second", "b": b""}


def test_a_file_that_is_continued_keeps_what_it_had(tree: Tree) -> None:
    """It was whole before; and what fits may still be written."""
    tree.put("/import/a", b"x" * 999)
    file = upload(tree, flags=fx.FXF_WRITE)
    assert code(file.writeChunk, 999, b"xx") == fx.FX_FAILURE
    assert code(file.setAttrs, {"size": BOUND + 1}) == fx.FX_FAILURE
    file.writeChunk(999, b"y")
    file.close()
    assert tree.imported() == {"a": b"x" * 999 + b"y"}


@pytest.mark.parametrize("bound", [0, BOUND])
@pytest.mark.parametrize("offset", [GAP + 1, 2**31, 2**63 - 1, 2**63, 2**64 - 1])
def test_holes_are_not_written(tree: Tree, offset: int, bound: int) -> None:
    """However far behind the end a write begins or a size is set, and without any bound as well."""
    for call in (lambda f: f.writeChunk(offset, b"x"), lambda f: f.setAttrs({"size": offset})):
        file = upload(tree, bound=bound)
        assert code(call, file) == fx.FX_FAILURE
        file.close()
        assert tree.imported() == {}


def test_writes_out_of_order_fit(tree: Tree) -> None:
    """A client that sends several pieces at once may begin with the last."""
    file = upload(tree, bound=2 * GAP)
    file.writeChunk(GAP, b"b")
    file.writeChunk(0, b"a" * GAP)
    file.close()
    assert tree.imported() == {"a": b"a" * GAP + b"b"}


def test_no_bound(tree: Tree) -> None:
    """0 switches it off, for one file and for all."""
    tree.put("/import/a", b"x" * 100_000, tree.files(bound=0))
    tree.put("/import/b", b"x" * 100_000, tree.files(bound=0))
    file = upload(tree, b"/import/b", fx.FXF_APPEND, bound=0, total=200_001)
    file.writeChunk(0, b"x")
    assert code(file.writeChunk, 0, b"x") == fx.FX_FAILURE
    file.close()


def test_all_uploads_together_are_bounded(tree: Tree) -> None:
    """Ten times the bound of one by default; hidden files count, several sessions share it, removing makes room."""
    (tree.data / "import" / ".by-hand").write_bytes(b"x" * 500)
    for number in range(9):
        tree.put(f"/import/{number}", b"x" * BOUND)
    one, two = upload(tree, b"/import/one"), upload(tree, b"/import/two")
    one.writeChunk(0, b"x" * 250)
    two.writeChunk(0, b"x" * 250)
    one.writeChunk(0, b"y" * 250)
    refused = "All files in import/ together have at most 10000 bytes; remove some first."
    assert refusal(one.writeChunk, 250, b"x") == (fx.FX_FAILURE, refused)
    tree.files().removeFile(b"/import/0")
    two.writeChunk(250, b"x" * 750)
    for file in (one, two):
        file.close()
    assert set(tree.imported()) == {"two", ".by-hand", *"12345678"}


def test_a_file_that_was_removed_while_it_is_written_takes_nothing_more(tree: Tree) -> None:
    """Its bytes would be on the disk where no count finds them."""
    files = tree.files()
    file = files.openFile(b"/import/a", PUT, {})
    files.removeFile(b"/import/a")
    assert refusal(file.writeChunk, 0, b"x") == (fx.FX_FAILURE, "This file was removed meanwhile.")
    assert file.getAttrs()["size"] == 0
    file.close()


def test_the_number_of_uploads_is_bounded(tree: Tree) -> None:
    """A new one past it is refused; those that are there can be overwritten."""
    for number in range(MOST_FILES):
        (tree.data / "import" / str(number)).touch()
    refused = "import/ holds 100 files already; remove some first."
    assert refusal(tree.put, "/import/new", b"x") == (fx.FX_FAILURE, refused)
    tree.put("/import/0", b"x")
    (tree.data / "import" / "by-hand").touch()
    assert refusal(tree.put, "/import/0", b"x") == (fx.FX_FAILURE, refused)


def test_what_is_opened_and_abandoned_leaves_no_file(tree: Tree) -> None:
    """The end of the session removes uploads without a byte; what was closed, written, or there before stays."""
    tree.put("/import/before", b"before")
    tree.put("/import/emptied", b"before")
    (tree.data / "import" / "empty").touch()
    files = tree.files()
    files.openFile(b"/import/closed", PUT, {}).close()
    files.openFile(b"/import/written", PUT, {}).writeChunk(0, b"x")
    files.openFile(b"/import/before", fx.FXF_WRITE, {})
    files.openFile(b"/import/empty", fx.FXF_WRITE | fx.FXF_CREAT, {})
    for name in ("emptied", *map(str, range(40))):
        files.openFile(f"/import/{name}".encode(), PUT, {})
    files.openFile(b"/import/renamed", PUT, {})
    files.renameFile(b"/import/renamed", b"/import/other")
    tree.noted.clear()
    files.close()
    assert tree.imported() == {"closed": b"", "written": b"x", "before": b"before", "empty": b"", "other": b""}
    assert sorted(tree.noted) == sorted(("remove", f"/import/{name}") for name in ("emptied", *map(str, range(40))))


def test_sessions_of_one_operator_share_the_bound(tree: Tree) -> None:
    """Who opens a second session opens no more files; the end of the first makes room; others are not shut out."""
    opened: set[Handle] = set()
    first, second = tree.files(opened=opened), tree.files(opened=opened)
    for _ in range(MOST_OPEN):
        first.openDirectory(b"/exports")
    assert refusal(second.openDirectory, b"/exports") == (fx.FX_FAILURE, "At most 64 files can be open at a time.")
    assert names(tree.files(), b"/exports") == ["users.csv"]
    first.close()
    assert names(second, b"/exports") == ["users.csv"]


def test_the_number_of_open_handles_is_bounded(tree: Tree) -> None:
    """Of files and folders together; a closed one makes room, and the end of the session closes all."""
    before = sum(1 for _ in Path("/proc/self/fd").iterdir())
    files = tree.files()
    handles: list[Handle] = [files.openFile(b"/exports/users.csv", fx.FXF_READ, {}) for _ in range(MOST_OPEN - 2)]
    handles += [files.openDirectory(b"/exports"), files.openDirectory(b"/")]
    for call in (
        lambda: files.openDirectory(b"/"),
        lambda: files.openDirectory(b"/exports"),
        lambda: files.openFile(b"/exports/users.csv", fx.FXF_READ, {}),
        lambda: files.openFile(b"/import/a", PUT, {}),
    ):
        assert refusal(call) == (fx.FX_FAILURE, "At most 64 files can be open at a time.")
    handles[-1].close()
    handles[-1].close()
    assert names(files, b"/exports") == ["users.csv"]
    handles[0].close()
    files.openFile(b"/import/a", PUT, {})
    files.close()
    files.close()
    assert sum(1 for _ in Path("/proc/self/fd").iterdir()) == before


# -- what the system refuses -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "expected", "words"),
    [
        (errno.ENOSPC, fx.FX_FAILURE, "The disk of the server is full."),
        (errno.EDQUOT, fx.FX_FAILURE, "The disk of the server is full."),
        (errno.EROFS, fx.FX_PERMISSION_DENIED, "The server itself may not do this."),
        (errno.EIO, fx.FX_FAILURE, "The server could not do this; its log says why."),
    ],
)
def test_what_the_system_refuses_is_told_without_its_paths(
    tree: Tree, monkeypatch: pytest.MonkeyPatch, number: int, expected: int, words: str
) -> None:
    """A full or broken disk; what nobody foresaw is in the log. The upload is removed."""
    logged: list[LogEvent] = []
    observer: Any = logged.append
    file = upload(tree)
    file.writeChunk(0, b"one")

    def fail(*_arguments: object) -> int:
        raise OSError(number, os.strerror(number), str(tree.data))

    monkeypatch.setattr(os, "pwrite", fail)
    globalLogPublisher.addObserver(observer)
    try:
        assert refusal(file.writeChunk, 3, b"two") == (expected, words)
    finally:
        globalLogPublisher.removeObserver(observer)
    assert [event.get("name") for event in logged] == (["EIO"] if number == errno.EIO else [])
    assert tree.imported() == {}
    file.close()


def test_a_write_that_the_disk_takes_in_parts_is_whole(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rest follows."""
    pwrite = os.pwrite
    monkeypatch.setattr(os, "pwrite", lambda fd, data, offset: pwrite(fd, data[:3], offset))
    tree.put("/import/a", b"0123456789")
    assert tree.imported() == {"a": b"0123456789"}


def test_a_name_that_the_disk_does_not_take_is_too_long(tree: Tree) -> None:
    """255 bytes are a name, 256 are none."""
    tree.put("/import/" + "é" * 127, b"a")
    assert refusal(tree.put, "/import/" + "é" * 128, b"a") == (fx.FX_FAILURE, "This name is too long.")
