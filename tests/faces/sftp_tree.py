"""A data folder as sftp shows it, for the tests of the sftp subsystem."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import pytest
from twisted.conch.ssh import filetransfer as fx

from classcord.chat.roles import Role
from classcord.faces.ssh.sftp_files import Files
from classcord.faces.ssh.sftp_handles import Handle, SFTPRefused
from tests.chat.hubs import a_hub

BOUND = 1000
PUT = fx.FXF_WRITE | fx.FXF_CREAT | fx.FXF_TRUNC  # as OpenSSH opens to upload


class Tree:
    """A data folder, what an owner does in it, and what was noted."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.noted: list[tuple[str, ...]] = []
        for folder in ("exports", "backups", "import", "log"):
            (data / folder).mkdir(parents=True)
        (data / "exports" / "users.csv").write_text("alice\nbob\n", "utf-8")
        (data / "secret").write_text("secret", "utf-8")

    def files(
        self,
        role: Role = Role.OWNER,
        bound: int = BOUND,
        total: int | None = None,
        opened: set[Handle] | None = None,
    ) -> Files:
        return Files(self.data, partial(a_hub().role_may, role), bound, self.note, total=total, opened=opened)

    def note(self, action: str, path: str, to: str = "") -> None:
        self.noted.append((action, path, to) if to else (action, path))

    def put(self, path: str, content: bytes, files: Files | None = None, flags: int = PUT) -> None:
        upload = (files or self.files()).openFile(path.encode(), flags, {})
        upload.writeChunk(0, content)
        upload.close()

    def imported(self) -> dict[str, bytes]:
        return {each.name: each.read_bytes() for each in (self.data / "import").iterdir()}


def names(files: Files, path: bytes) -> list[str]:
    listing = files.openDirectory(path)
    found = sorted(name.decode() for name, _line, _attributes in listing)
    listing.close()
    return found


def refusal(call: Any, *arguments: Any) -> tuple[int, str]:
    with pytest.raises(SFTPRefused) as caught:
        call(*arguments)
    return caught.value.code, caught.value.message


def code(call: Any, *arguments: Any) -> int:
    return refusal(call, *arguments)[0]
