"""The check of the files that messages carry: whether each content is there. Only reads names and sizes."""

from __future__ import annotations

from collections.abc import Iterator

from classcord.chat.text import N_
from classcord.cli.doctor.checks.findings import Finding, ok, problem
from classcord.cli.doctor.checks.installation import Installation
from classcord.cli.doctor.checks.machine import Machine
from classcord.services.files.content_folder import ContentFolder
from classcord.store.ports import Unreadable

MB = 1_000_000


def contents(installation: Installation, machine: Machine) -> Iterator[Finding]:
    """Each content that a message needs is there, whole; what no message needs goes by itself."""
    folder = ContentFolder(installation.data / "files")
    try:
        needed = installation.inspection.contents()
    except Unreadable:  # another check reports what is wrong with it
        return
    found = dict(folder.contents())
    missing = sorted(digest for digest, size in needed.items() if found.get(digest) != size)
    values: dict[str, object] = {"folder": folder.path, "count": len(found), "size": sum(found.values()) // MB}
    if missing:
        yield problem(
            N_("{missing} files of messages are missing or cut short in {folder}, such as {first}"),
            N_("copy them out of {backups}, or of the folder `files` of a backup kept elsewhere; names stay the same"),
            missing=len(missing),
            first=missing[0],
            backups=installation.data / "backups" / "files",
            **values,
        )
        return
    spare = len(found.keys() - needed.keys())
    if spare:
        yield ok(
            N_("{count} files of messages, {size} MB; {spare} of them no message has, these go soon"),
            spare=spare,
            **values,
        )
    else:
        yield ok(N_("{count} files of messages, {size} MB"), **values)
