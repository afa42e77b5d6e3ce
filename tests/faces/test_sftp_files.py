"""What is seen and read over sftp, and what is not: each rule of the tree, asked without a connection."""

from __future__ import annotations

import errno
import os
import socket
import stat
from pathlib import Path
from typing import Any

import pytest
from twisted.conch.interfaces import ISFTPFile, ISFTPServer
from twisted.conch.ssh import filetransfer as fx
from zope.interface.verify import verifyObject

from classcord.chat.roles import Role
from classcord.faces.ssh.sftp_files import Files
from classcord.faces.ssh.sftp_handles import LONGEST_READ
from tests.faces.sftp_tree import PUT, Tree, code, names


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path / "data")


def test_conch_finds_what_it_calls(tree: Tree) -> None:
    """The tree and its files have the methods that conch's server calls."""
    files = tree.files()
    assert verifyObject(ISFTPServer, files)
    assert verifyObject(ISFTPFile, files.openFile(b"/exports/users.csv", fx.FXF_READ, {}))
    assert verifyObject(ISFTPFile, files.openFile(b"/import/new", PUT, {}))
    assert files.gotVersion(3, {}) == {}
    files.close()


# -- who sees what -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "seen"),
    [
        (Role.OWNER, ["backups", "exports", "import"]),
        (Role.ADMIN, ["import"]),
        (Role.MODERATOR, []),
        (Role.MEMBER, []),
        (Role.GUEST, []),
    ],
)
def test_each_role_sees_its_folders(tree: Tree, role: Role, seen: list[str]) -> None:
    """Owners see all three, administrators import/, others nothing; what is not seen cannot be named either."""
    files = tree.files(role)
    assert names(files, b"/") == seen
    for folder in {"exports", "backups", "import"} - set(seen):
        path = f"/{folder}".encode()
        for call in (files.openDirectory, lambda p: files.getAttrs(p, True)):
            assert code(call, path) == fx.FX_NO_SUCH_FILE
        assert code(files.openFile, path + b"/users.csv", fx.FXF_READ, {}) == fx.FX_NO_SUCH_FILE
        assert code(files.openFile, path + b"/new", PUT, {}) == fx.FX_NO_SUCH_FILE


def test_whoever_tries_what_is_not_theirs_is_noted(tree: Tree) -> None:
    """An administrator who asks for a backup is refused, and that is noted; a mistyped name is not worth it."""
    files = tree.files(Role.ADMIN)
    (tree.data / "backups" / "all.db").write_bytes(b"all")
    assert code(files.openFile, b"/backups/all.db", fx.FXF_READ, {}) == fx.FX_NO_SUCH_FILE
    assert code(files.openFile, b"/exprots/users.csv", fx.FXF_READ, {}) == fx.FX_NO_SUCH_FILE
    assert code(files.removeFile, b"/import/none") == fx.FX_NO_SUCH_FILE
    assert tree.noted == [("read refused", "/backups/all.db")]


def test_folders_are_made_when_they_are_needed(tmp_path: Path) -> None:
    """They are their owner's alone."""
    files = Files(tmp_path, lambda _: True, 1000, lambda action, path, to="": None)
    assert names(files, b"exports") == []
    files.openFile(b"/import/a", PUT, {}).close()
    assert names(files, b"/") == ["backups", "exports", "import"]
    assert {each.name: stat.S_IMODE(each.stat().st_mode) for each in tmp_path.iterdir()} == {
        "exports": 0o700,
        "backups": 0o700,
        "import": 0o700,
    }


def test_a_folder_that_is_a_link_is_not_followed(tree: Tree, tmp_path: Path) -> None:
    """Nor does it take the others with it."""
    (tree.data / "backups").rmdir()
    (tree.data / "backups").symlink_to("/etc")
    files = tree.files()
    assert names(files, b"/") == ["exports", "import"]
    assert code(files.openDirectory, b"/backups") == fx.FX_PERMISSION_DENIED
    assert code(files.openFile, b"/backups/passwd", fx.FXF_READ, {}) == fx.FX_PERMISSION_DENIED


# -- reading -----------------------------------------------------------------------------------------------------------


def test_exports_are_read_in_pieces(tree: Tree) -> None:
    """From any offset, at most 64 KiB at once, to the end; and it is noted once."""
    content = os.urandom(2 * LONGEST_READ + 5)
    (tree.data / "exports" / "big").write_bytes(content)
    file = tree.files().openFile(b"/exports/big", fx.FXF_READ, {})
    assert file.readChunk(0, 2**32 - 1) == content[:LONGEST_READ]
    assert file.readChunk(LONGEST_READ, 10) == content[LONGEST_READ:][:10]
    assert file.readChunk(2 * LONGEST_READ, 32768) == content[-5:]
    for end in (len(content), 2**63, 2**64 - 1):
        with pytest.raises(EOFError):
            file.readChunk(end, 1)
    assert file.getAttrs()["size"] == len(content)
    file.close()
    file.close()
    assert tree.noted == [("read", "/exports/big")]


def test_what_can_be_read_cannot_be_changed(tree: Tree) -> None:
    """Exports and backups are neither written, removed, renamed nor set, and stay as they were."""
    files = tree.files()
    path = b"/exports/users.csv"
    for flags in (fx.FXF_WRITE, fx.FXF_READ | fx.FXF_WRITE, PUT, fx.FXF_CREAT, fx.FXF_TRUNC, fx.FXF_APPEND):
        assert code(files.openFile, path, flags, {}) == fx.FX_PERMISSION_DENIED
    for new in (b"/backups/new", b"/new"):
        assert code(files.openFile, new, PUT, {}) == fx.FX_PERMISSION_DENIED
    assert code(files.removeFile, path) == fx.FX_PERMISSION_DENIED
    assert code(files.renameFile, path, b"/import/users.csv") == fx.FX_PERMISSION_DENIED
    assert code(files.renameFile, path, b"/exports/other") == fx.FX_PERMISSION_DENIED
    assert code(files.setAttrs, path, {"size": 0}) == fx.FX_PERMISSION_DENIED
    reading = files.openFile(path, fx.FXF_READ, {})
    assert code(reading.writeChunk, 0, b"x") == fx.FX_PERMISSION_DENIED
    assert code(reading.setAttrs, {"size": 0}) == fx.FX_PERMISSION_DENIED
    tree.put("/import/a", b"a")
    assert code(files.renameFile, b"/import/a", b"/exports/a") == fx.FX_PERMISSION_DENIED
    assert names(files, b"exports") == ["users.csv"]
    assert (tree.data / path.decode()[1:]).read_text("utf-8") == "alice\nbob\n"
    assert tree.imported() == {"a": b"a"}
    files.close()


def test_what_is_uploaded_is_not_read_again(tree: Tree) -> None:
    """A list of people may have their passwords in it; the one who put it there has it, others need not."""
    tree.put("/import/a", b"a")
    files = tree.files()
    for flags in (fx.FXF_READ, fx.FXF_READ | fx.FXF_WRITE, 0):
        assert code(files.openFile, b"/import/a", flags, {}) == fx.FX_PERMISSION_DENIED
    writing = files.openFile(b"/import/a", fx.FXF_WRITE, {})
    assert code(writing.readChunk, 0, 1) == fx.FX_PERMISSION_DENIED
    writing.close()


def test_a_listing_tells_names_sizes_and_times(tree: Tree) -> None:
    """As `ls -l` has it, and no account of the machine is in it; accents are UTF-8."""
    file = tree.data / "exports" / os.fsdecode("élèves.csv".encode())
    file.write_bytes(b"x" * 77)
    os.utime(file, (5, 1_000_000_000))
    (tree.data / "exports" / "users.csv").unlink()
    listing = tree.files().openDirectory(b"/exports/")
    ((name, line, known),) = listing
    listing.close()
    assert name.decode() == "élèves.csv"
    assert known == {"size": 77, "permissions": stat.S_IFREG | 0o400, "atime": 5, "mtime": 1_000_000_000}
    fields = line.decode().split()
    assert (fields[:5], fields[-1]) == (["-r--------", "1", "classcord", "classcord", "77"], "élèves.csv")


def test_times_that_sftp_cannot_say_are_told_as_near_as_it_can(tree: Tree) -> None:
    """It has 32 bits: before 1970 is 1970, after 2106 is 2106."""
    file = tree.data / "exports" / "users.csv"
    os.utime(file, (-5, 2**33))
    known = tree.files().getAttrs(b"/exports/users.csv", True)
    assert (known["atime"], known["mtime"]) == (0, 2**32 - 1)


def test_a_folder_that_cannot_be_listed_costs_no_descriptor(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the last descriptor is the folder's own, it is given back."""

    def none_left(_folder: int) -> None:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    files = tree.files()
    before = sum(1 for _ in Path("/proc/self/fd").iterdir())
    monkeypatch.setattr(os, "scandir", none_left)
    assert code(files.openDirectory, b"/exports") == fx.FX_FAILURE
    monkeypatch.undo()
    assert sum(1 for _ in Path("/proc/self/fd").iterdir()) == before


def test_many_files_are_listed_one_after_the_other(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first is told before the last is looked at; one removed meanwhile is left out."""
    for number in range(50):
        (tree.data / "exports" / f"{number}").touch()
    listing = tree.files().openDirectory(b"exports")
    entries = iter(listing)
    told = {next(entries)[0].decode()}
    for number in range(50):
        (tree.data / "exports" / f"{number}").unlink()
    told |= {name.decode() for name, _line, _known in entries}
    listing.close()
    assert len(told) <= 2


# -- no way out --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "real"),
    [
        (b"", b"/"),
        (b".", b"/"),
        (b"/", b"/"),
        (b"..", b"/"),
        (b"/../../..", b"/"),
        (b"import/", b"/import"),
        (b"//import//./a", b"/import/a"),
        (b"/import/../exports/a", b"/exports/a"),
        (b"/a/../../b", b"/b"),
        (b"../../etc/passwd", b"/etc/passwd"),
        ("/import/été".encode(), "/import/été".encode()),
    ],
)
def test_paths_are_of_this_tree_alone(tree: Tree, path: bytes, real: bytes) -> None:
    """The root has nothing above it, and what is there or not makes no difference."""
    assert tree.files().realPath(path) == real


@pytest.mark.parametrize(
    "path",
    [
        b"/secret",
        b"/log",
        b"/log/audit.log",
        b"../secret",
        b"/exports/../secret",
        b"/exports/../../secret",
        b"/etc/passwd",
        b"/exports/users.csv/../../../secret",
        b"/exports/a/b",
        b"/exports/none",
    ],
)
def test_nothing_else_is_there(tree: Tree, path: bytes) -> None:
    """Neither the rest of the data folder nor of the machine."""
    files = tree.files()
    assert code(files.getAttrs, path, True) == fx.FX_NO_SUCH_FILE
    assert code(files.openFile, path, fx.FXF_READ, {}) == fx.FX_NO_SUCH_FILE
    assert code(files.openDirectory, path) == fx.FX_NO_SUCH_FILE


@pytest.mark.parametrize(
    "path",
    [
        b"/import/.hidden",
        b"/import/...",
        b"/.ssh/authorized_keys",
        b"/import/a\0b",
        b"/import/\x1b[2J",
        b"/import/a\nb",
        b"/import/\xff",
        "/import/a\u202eb".encode(),
        "/import/\x85".encode(),
        b"/import/\xed\xa0\x80",
        b"/import/" + b"/" * 5000,
    ],
)
def test_names_that_hide_or_command_are_refused(tree: Tree, path: bytes) -> None:
    """Wherever they are used, with nothing made; what is noted of it commands no terminal either."""
    files = tree.files()
    for call in (
        files.realPath,
        files.openDirectory,
        files.removeFile,
        lambda p: files.getAttrs(p, True),
        lambda p: files.setAttrs(p, {}),
        lambda p: files.openFile(p, PUT, {}),
        lambda p: files.renameFile(p, b"/import/b"),
    ):
        assert code(call, path) == fx.FX_PERMISSION_DENIED
    tree.put("/import/a", b"a")
    assert code(files.renameFile, b"/import/a", path) == fx.FX_PERMISSION_DENIED
    assert tree.imported() == {"a": b"a"}
    assert all(part.isprintable() for entry in tree.noted for part in entry)


def test_what_could_not_be_asked_for_is_not_listed(tree: Tree) -> None:
    """Hidden names, names that command or are not UTF-8, links and what is no file."""
    folder = os.fsencode(tree.data / "exports")
    for name in (b".partial", b"a\nb", b"\xff", b"\x1b[2J"):
        Path(os.fsdecode(folder + b"/" + name)).touch()
    (tree.data / "exports" / "link").symlink_to("users.csv")
    (tree.data / "exports" / "folder").mkdir()
    os.link(tree.data / "secret", tree.data / "exports" / "hard")
    os.mkfifo(tree.data / "exports" / "fifo")
    assert names(tree.files(), b"exports") == ["users.csv"]


def _symlink(at: Path, secret: Path) -> None:
    at.symlink_to(secret)


def _dangling(at: Path, secret: Path) -> None:
    at.symlink_to(secret.with_name("new"))


def _hard_link(at: Path, secret: Path) -> None:
    at.hardlink_to(secret)


def _fifo(at: Path, _secret: Path) -> None:
    os.mkfifo(at)


def _socket(at: Path, _secret: Path) -> None:
    here = Path.cwd()
    os.chdir(at.parent)  # the path of a socket is short
    try:
        socket.socket(socket.AF_UNIX).bind(at.name)
    finally:
        os.chdir(here)


def _folder(at: Path, _secret: Path) -> None:
    at.mkdir()


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize("made", [_symlink, _dangling, _hard_link, _fifo, _socket, _folder])
def test_only_regular_files_with_one_name_are_served(tree: Tree, made: Any) -> None:
    """A link of either kind, a FIFO, a socket, a folder: not read, written, emptied, set, removed or renamed."""
    files, secret = tree.files(), tree.data / "secret"
    for folder in ("exports", "import"):
        made(tree.data / folder / "x", secret)
    for call in (
        lambda: files.openFile(b"/exports/x", fx.FXF_READ, {}),
        lambda: files.openFile(b"/import/x", PUT, {}),
        lambda: files.openFile(b"/import/x", fx.FXF_WRITE, {}),
        lambda: files.openFile(b"/import/x", fx.FXF_WRITE | fx.FXF_APPEND, {}),
        lambda: files.getAttrs(b"/exports/x", True),
        lambda: files.getAttrs(b"/exports/x", False),
        lambda: files.setAttrs(b"/import/x", {"size": 0}),
        lambda: files.removeFile(b"/import/x"),
        lambda: files.renameFile(b"/import/x", b"/import/y"),
    ):
        assert code(call) == fx.FX_PERMISSION_DENIED
    assert secret.read_text("utf-8") == "secret"
    assert not secret.with_name("new").exists()
    assert [each.name for each in (tree.data / "import").iterdir()] == ["x"]


def test_a_link_made_during_an_upload_is_not_written_through(tree: Tree) -> None:
    """The upload goes on into its own file; one that got a second name takes nothing more."""
    files, incoming = tree.files(), tree.data / "import"
    upload = files.openFile(b"/import/a", PUT, {})
    upload.writeChunk(0, b"one")
    (incoming / "a").rename(incoming / "b")
    (incoming / "a").symlink_to(tree.data / "secret")
    upload.writeChunk(3, b"two")
    assert ((incoming / "b").read_bytes(), (tree.data / "secret").read_text("utf-8")) == (b"onetwo", "secret")
    (tree.data / "elsewhere").hardlink_to(incoming / "b")
    assert code(upload.writeChunk, 6, b"more") == fx.FX_PERMISSION_DENIED
    upload.close()
    assert (tree.data / "elsewhere").read_bytes() == b""
    assert (tree.data / "secret").read_text("utf-8") == "secret"


def test_no_links_folders_or_extensions(tree: Tree) -> None:
    """None is made, read or removed."""
    files = tree.files()
    assert code(files.makeDirectory, b"/import/x", {}) == fx.FX_PERMISSION_DENIED
    assert code(files.removeDirectory, b"/import") == fx.FX_PERMISSION_DENIED
    assert code(files.makeLink, b"/import/x", b"/etc/passwd") == fx.FX_OP_UNSUPPORTED
    assert code(files.readLink, b"/import/x") == fx.FX_OP_UNSUPPORTED
    assert code(files.extendedRequest, b"hardlink@openssh.com", b"") == fx.FX_OP_UNSUPPORTED
    assert code(files.openDirectory, b"/exports/users.csv") == fx.FX_FAILURE
    for folder in (b"/", b"/exports", b"/import"):
        for flags in (fx.FXF_READ, PUT):
            assert code(files.openFile, folder, flags, {}) == fx.FX_PERMISSION_DENIED
    assert tree.imported() == {}
