"""Runs a command confined as a systemd unit asks, where no systemd runs: `confined.py UNIT STATE ROOT USER COMMAND...`.

To be started as root by `unshare --mount --ipc`. What of the unit is made true: a read-only system but for the folder
STATE (ProtectSystem=strict), no capabilities, no new privileges, open files, umask, system calls, address families and
namespaces; under a ROOT other than / also /dev, /tmp and /proc of its own. Not made true: a user namespace, the limits
of a control group, RestrictRealtime, RestrictSUIDSGID, LockPersonality, and those of ProtectKernel* that are files.
"""

from __future__ import annotations

import ctypes
import errno
import os
import pwd
import resource
import subprocess
import sys
from pathlib import Path

NO_NEW_PRIVILEGES, DROP_FROM_BOUNDS = 38, 24  # prctl(2)
NAMESPACES = (0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000)  # CLONE_NEW*
FAMILIES = {"AF_UNIX": 1, "AF_INET": 2, "AF_INET6": 10, "AF_NETLINK": 16}
ALLOW, EQUAL, MASKED = 0x7FFF0000, 4, 7  # libseccomp's
LAST_CAPABILITY = 40


def confined(unit: Path, state: Path, *command: str, root: Path = Path("/"), user: str = "root") -> list[str]:
    """Return the command line that runs `command` as the unit asks; only `state` can be written."""
    return ["unshare", "--mount", "--ipc", sys.executable, __file__, str(unit), str(state), str(root), user, *command]


def refused_with(number: int) -> int:
    return 0x00050000 | number


class Comparison(ctypes.Structure):
    """libseccomp's struct scmp_arg_cmp."""

    _fields_ = (("arg", ctypes.c_uint), ("op", ctypes.c_int), ("a", ctypes.c_uint64), ("b", ctypes.c_uint64))


def read(unit: Path) -> dict[str, list[str]]:
    """Return each setting of a unit's file with its values, in their order."""
    settings: dict[str, list[str]] = {}
    for line in unit.read_text("utf-8").splitlines():
        name, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            settings.setdefault(name, []).append(value)
    return settings


def system_calls(filters: list[str]) -> set[str]:
    """Return the names that SystemCallFilter= admits; a line that begins with `~` takes away."""
    admitted: set[str] = set()
    for line in filters:
        names = {name for group in line.lstrip("~").split() for name in members(group)}
        admitted = admitted - names if line.startswith("~") else admitted | names
    return admitted | members("@default")


def members(group: str) -> set[str]:
    """Return the system calls of a group, and of the groups in it, as systemd knows them."""
    if not group.startswith("@"):
        return {group}
    shown = subprocess.run(
        ["systemd-analyze", "syscall-filter", group], capture_output=True, encoding="utf-8", check=True
    ).stdout
    listed = [line.split()[0] for line in shown.splitlines() if line.startswith("    ") and "#" not in line]
    return {name for each in listed for name in members(each)}


class Filter:
    """A filter of system calls that is put together, and then holds for this process and all it becomes."""

    def __init__(self, otherwise: int) -> None:
        self._library = ctypes.CDLL("libseccomp.so.2")
        self._library.seccomp_init.restype = ctypes.c_void_p
        self._context = ctypes.c_void_p(self._library.seccomp_init(ctypes.c_uint32(otherwise)))

    def add(self, action: int, name: str, *comparisons: Comparison) -> None:
        number = self._library.seccomp_syscall_resolve_name(name.encode())
        if number >= 0:  # this machine has it
            given = (Comparison * len(comparisons))(*comparisons)
            done = self._library.seccomp_rule_add_array(
                self._context, ctypes.c_uint32(action), number, len(comparisons), given
            )
            assert done == 0, (name, done)

    def load(self) -> None:
        assert self._library.seccomp_load(self._context) == 0


def as_asked(unit: dict[str, list[str]]) -> Filter:
    """Return the filter of a unit."""
    made = Filter(refused_with(getattr(errno, unit["SystemCallErrorNumber"][-1])))
    special = {"socket", "clone", "clone3", "unshare", "setns"}
    for name in sorted(system_calls(unit["SystemCallFilter"]) - special):
        made.add(ALLOW, name)
    for family in unit["RestrictAddressFamilies"][-1].split():
        made.add(ALLOW, "socket", Comparison(0, EQUAL, FAMILIES[family], 0))
    every = sum(NAMESPACES)
    made.add(ALLOW, "clone", Comparison(0, MASKED, every, 0))
    made.add(refused_with(errno.ENOSYS), "clone3")  # its flags cannot be seen: the C library takes clone instead
    return made


def mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True)


def make_read_only(root: Path, state: Path) -> None:
    """Leave nothing writable but `state`; under another root, give it devices, processes and temporary files."""
    mount("--bind", str(state), str(state))
    if root != Path("/"):
        mount("--rbind", str(root), str(root))
        mount("-t", "proc", "-o", "hidepid=invisible", "proc", str(root / "proc"))
        mount("-t", "tmpfs", "tmpfs", str(root / "tmp"))
        mount("-t", "tmpfs", "tmpfs", str(root / "dev"))
        for device in ("null", "zero", "random", "urandom"):
            (root / "dev" / device).touch()
            mount("--bind", f"/dev/{device}", str(root / "dev" / device))
    mount("-o", "remount,bind,ro", str(root))


def give_up_rights(unit: dict[str, list[str]], user: str) -> None:
    """Become `user`, with the unit's limits and without any capability."""
    library = ctypes.CDLL(None)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = min(int(unit.get("LimitNOFILE", [str(most)])[-1]), most)  # a container may not raise it
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    os.umask(int(unit["UMask"][-1], 8))
    assert unit["CapabilityBoundingSet"] == [""]
    for capability in range(LAST_CAPABILITY + 1):
        library.prctl(DROP_FROM_BOUNDS, capability, 0, 0, 0)
    found = pwd.getpwnam(user)
    os.setgroups([])
    os.setresgid(found.pw_gid, found.pw_gid, found.pw_gid)
    os.setresuid(found.pw_uid, found.pw_uid, found.pw_uid)
    assert library.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0) == 0


def main() -> None:
    file, state, root, user, *command = sys.argv[1:]
    unit = read(Path(file))
    made = as_asked(unit)  # reads what is not to be seen from within
    working = Path.cwd()
    make_read_only(Path(root), Path(state))
    os.chroot(root)
    os.chdir(working if root == "/" else "/")
    give_up_rights(unit, user)
    made.load()
    os.execvp(command[0], command)


if __name__ == "__main__":
    main()
