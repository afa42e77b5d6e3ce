"""The accounts that a file adds: checked as a registration is, and stored. Knows no file and no terminal."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from classcord.chat.audit import trail
from classcord.chat.effects import Commit
from classcord.chat.errors import BadUsername, ChatError, ServerFault
from classcord.chat.hub import Hub
from classcord.chat.lookalikes import looks
from classcord.chat.names import check_alias, check_username, name_key
from classcord.chat.passwords import forms
from classcord.chat.registration.rules import check_new_account, new_account
from classcord.chat.registration.vocabulary import NameOfKey, Register, UserAdded, UsernameTaken
from classcord.chat.roles import Role
from classcord.chat.text import N_, Text
from classcord.cli.import_users.importing import ImportedUser, ImportReport, Row, Skipped, import_users
from classcord.server.startup import Prepared
from classcord.services.passwords.local import CONTEXT

BATCH = 100  # accounts stored in one transaction: Ctrl-C loses at most a second or two of hashing


class NewAccounts:
    """The accounts of a file that can be added: checked as a registration is, and against each other."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._users: list[tuple[ImportedUser, Register]] = []
        self._looks: set[str] = set()  # the skeletons of the names in the file

    def check(self, rows: Sequence[Row]) -> ImportReport:
        """Return the report for a file, as if all valid accounts were stored."""
        checking = import_users(rows, self._check)
        try:
            checking.send(None)
        except StopIteration as done:
            report: ImportReport = done.value
            return report
        raise AssertionError("nothing in it waits")

    async def _check(self, user: ImportedUser) -> None:
        state = self._hub.state
        asked = self._as_registration(user)
        if name_key(user.username) in self._hub.reserved:
            raise NameOfKey(field="username", name=user.username)
        check_new_account(self._hub, asked)
        self._check_looks(asked)
        state.promised.add(name_key(user.username))
        if user.alias:
            state.promised.add(name_key(user.alias))
        self._users.append((user, asked))

    def _check_looks(self, asked: Register) -> None:
        """Refuse a name that looks like another name in the same file."""
        names = [check_username(asked.username), *([check_alias(asked.alias)] if asked.alias else [])]
        seen = frozenset().union(*(looks(name, name_key(name)) for name in names))
        if not self._looks.isdisjoint(seen):
            raise BadUsername(field="username", why=Text(N_("it looks like the name of somebody else")))
        self._looks |= seen

    def _as_registration(self, user: ImportedUser) -> Register:
        # The length of a hashed password is unknown: a text that is long enough replaces it for this check.
        password = "*" * max(1, self._hub.policy.min_password) if user.hashed else user.secret
        return Register(
            username=user.username,
            password=password,
            alias=user.alias,
            first_name=user.first_name,
            last_name=user.last_name,
            email=user.email,
        )

    def existed(self, row: Skipped) -> bool:
        """Whether a row was skipped only because its account already exists in the store (not earlier in the file)."""
        return type(row.refusal) is UsernameTaken and self._hub.state.account(row.username) is not None

    def store(self, prepared: Prepared, report: ImportReport) -> None:
        """Hash the clear passwords and store the accounts.

        Accounts refused at this stage are added to the report's skipped.
        """
        with ThreadPoolExecutor(os.cpu_count()) as threads:
            for start in range(0, len(self._users), BATCH):
                batch = self._users[start : start + BATCH]
                digests = threads.map(_digest, (user for user, _asked in batch))
                commits = [
                    self._kept(new_account(self._hub, asked, digest, Role.MEMBER, time.time()))
                    for (_user, asked), digest in zip(batch, digests, strict=True)
                ]
                for place, error in prepared.keep(commits).items():
                    user = batch[place][0]
                    known = error if isinstance(error, ChatError) else ServerFault(reference=user.line)
                    report.added.remove(user)
                    report.skipped.append(Skipped(user.line, user.username, known))

    def _kept(self, added: UserAdded) -> Commit:
        """Return the commit for an account, with its entry of the audit trail."""
        return Commit(None, (added, *trail.entries(self._hub, (added,), None, time.time(), actor="import-users")))


def _digest(user: ImportedUser) -> str:
    return user.secret if user.hashed else str(CONTEXT.hash(forms(user.secret)[0]))
