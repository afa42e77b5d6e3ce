"""What every store does for administrators: join requests, sanctions, deleted accounts, Trail and Exports.

Import the module, not the class: a test module's names are collected.
"""

from __future__ import annotations

from typing import Any

from classcord.chat.accounts.vocabulary import UserRemoved
from classcord.chat.invitation_codes.vocabulary import (
    BadInvite,
    InvitationCodeEnded,
    InvitationCodeUsed,
    UnknownCode,
)
from classcord.chat.join_requests.vocabulary import Pending
from classcord.chat.sanctions.vocabulary import AlreadySanctioned, SanctionLifted
from classcord.store.ports import AuditEntry
from tests.store import contract
from tests.store.examples import (
    AT,
    BEGUN,
    HISTORY,
    asked,
    audited,
    channel,
    commit,
    decided,
    invited_by,
    member,
    restored,
    said,
    sanctioned,
    started,
    user,
    whispered,
)

NO_FILE = dict.fromkeys(("file", "file_type", "file_size", "file_digest"))
"""The columns of a message without a file."""


class StoreContract(contract.StoreContract):
    """The contract with that; who passes it gives `open` and `restart`."""

    # -- who asks, who is sanctioned, who is gone ---------------------------------------------------------------------

    async def test_one_request_waits(self) -> None:
        """Of one account and channel one request waits at a time; after its end the next may be made."""
        await self.keep(*BEGUN, commit(asked(1), asked(2, 1)))
        outcomes = await self.refusals(commit(asked(3)), commit(decided(1, "expired"), asked(4)), commit(asked(5)))
        assert {place: type(error) for place, error in outcomes.items()} == {0: Pending, 2: Pending}

    async def test_one_sanction_is_in_force(self) -> None:
        """Of two administrators who mute one person the second hears that it is done; not after the first one's end."""
        await self.keep(*BEGUN, commit(sanctioned(1, added_at=0, until=500)))
        again = [
            commit(sanctioned(2, added_at=499)),
            commit(sanctioned(3, added_at=500, until=900)),
            commit(sanctioned(4, added_at=600, kind="ban"), sanctioned(17, kind="warn"), sanctioned(18, kind="warn")),
            commit(sanctioned(5, added_at=600)),
            commit(SanctionLifted(sanction_id=3, by="Zoé", lifted_at=650), sanctioned(6, added_at=700)),
            commit(sanctioned(7, "léa", added_at=700)),
            commit(sanctioned(8, added_at=800)),
        ]
        outcomes = await self.refusals(*again)
        assert {place: type(error) for place, error in outcomes.items()} == dict.fromkeys((0, 3, 6), AlreadySanctioned)

    async def test_the_last_use_of_an_invitation_code(self) -> None:
        """Of two people who come by its last use one has an account; nobody comes by an ended one."""
        await self.keep(*BEGUN, commit(invited_by(1, uses=1)), commit(invited_by(2, expires_at=AT + 5)))
        by = InvitationCodeUsed
        outcomes = await self.refusals(
            commit(user(3, "léa"), by(code_id=1, name="léa", at=AT), member(1, 3)),
            commit(user(4, "tom"), by(code_id=1, name="tom", at=AT), member(1, 4)),
            commit(user(5, "eve"), by(code_id=2, name="eve", at=AT + 5)),
            commit(InvitationCodeEnded(code_id=2)),
            commit(user(6, "max"), by(code_id=2, name="max", at=AT)),
            commit(InvitationCodeEnded(code_id=2)),
        )
        wanted = {1: BadInvite, 2: BadInvite, 4: BadInvite, 5: UnknownCode}
        assert {place: type(error) for place, error in outcomes.items()} == wanted
        records, last = await self.restart()
        assert last.invitation_code == 2
        hub = restored(records, last)
        assert set(hub["accounts"]) == {"zoé", "bob", "léa"}  # type: ignore[call-overload]
        assert [(code.code_id, code.used) for code in hub["invitation_codes"]] == [(1, 1)]  # type: ignore[attr-defined]

    async def test_removed_account(self) -> None:
        """With an account go its memberships and requests; what it said stays under its name, its id is not reused."""
        await self.keep(*BEGUN, commit(channel(2, "#dev", made_by=2), member(2, 2), member(2, 1), asked(1)))
        await self.keep(commit(started(1, 2), said(1, author="Bob", author_id=2), whispered(2, waiting_for=2)))
        await self.keep(commit(UserRemoved(user_id=2)), commit(user(3, "bob")))
        records, last = await self.restart()
        assert (last.user, last.join_request) == (3, 1)
        hub = restored(records, last)
        assert hub["waiting"] == []
        assert hub["channels"]["#dev"][-2:] == (None, {1})  # type: ignore[index]
        assert await self.store.page(channel_id=1, limit=9) == [said(1, author="Bob")]
        assert await self.store.page(conversation="1:2", limit=9) == [whispered(2)]

    # -- the audit trail ----------------------------------------------------------------------------------------------

    async def test_entries(self) -> None:
        """Entries are numbered from 1 in the order of their commits, and come field by field, the latest last."""
        entries = [audited(1), audited(2, before=None, after=None), audited(3, actor="", object_id="'; --\0é")]
        await self.keep(*BEGUN, commit(entries[0]), commit(said(1), entries[1], said(2), entries[2]))
        await self.restart()
        found = await self.store.entries(limit=9)
        assert [entry.id for entry in found] == [1, 2, 3]
        names = [name for name in AuditEntry.__struct_fields__ if name != "id"]
        assert [[getattr(e, name) for name in names] for e in found] == [
            [getattr(r, name) for name in names] for r in entries
        ]

    async def test_pages_of_entries(self) -> None:
        """Entries are read a page at a time, of all or of one actor, of one action, or of both."""
        await self.keep(*(commit(audited(actor=f"a{n % 2}", action="ban" if n % 3 else "mute")) for n in range(1, 13)))

        async def ids(**where: Any) -> list[int]:
            return [entry.id for entry in await self.store.entries(**where)]

        assert await ids(limit=3) == [10, 11, 12]
        assert await ids(limit=3, before_id=10) == [7, 8, 9]
        assert await ids(limit=100, before_id=3) == [1, 2]
        assert await ids(limit=2, actor="a1") == [9, 11]
        assert await ids(limit=2, actor="a1", before_id=9) == [5, 7]
        assert await ids(limit=9, action="mute") == [3, 6, 9, 12]
        assert await ids(limit=9, action="mute", actor="a0", before_id=12) == [6]
        assert await ids(limit=9, actor="A1") == []
        assert await ids(limit=2, before_id=2**70) == [11, 12]

    async def test_refused_changes_leave_no_entry(self) -> None:
        """An entry is stored with the change that it is about, or not at all; no number is left out for it."""
        await self.keep(*BEGUN)
        group = [
            commit(user(3, "Léa"), audited(1)),
            commit(user(4, "zoé"), audited(2)),
            commit(audited(3), user(5, "bob")),
            commit(user(6, "Tom"), audited(4)),
        ]
        assert list(await self.refusals(*group)) == [1, 2]
        entries = await self.store.entries(limit=9)
        assert [(entry.id, entry.at - audited().at) for entry in entries] == [(1, 1), (2, 4)]

    # -- exports ------------------------------------------------------------------------------------------------------

    async def test_exports(self) -> None:
        """Whole tables come row by row with the names of their columns, no password among them."""
        await self.keep(*HISTORY)
        columns, users = await self.store.rows("users", after_id=0, limit=9)
        assert (columns[:4], [row[1] for row in users]) == (
            ["id", "name", "role", "alias"],
            ["Zoé", "Bob", "Léa", "(1)"],
        )
        assert {"alias", "first_name", "last_name", "email", "status_text"} < {*columns}
        assert not {"password_hash", "digest of Zoé"} & {*columns, *users[0]}
        columns, messages = await self.store.rows("messages", after_id=1, limit=2)
        assert [dict(zip(columns, row, strict=True)) for row in messages] == [
            {
                "id": 2,
                "at": 2 + said(0).at,
                "channel": "#dev",
                "author": "Léa",
                "recipient": None,
                "content": "Bonjour",
                "edited_at": None,
                "deleted_at": None,
                **NO_FILE,
            },
            {
                "id": 3,
                "at": 3 + said(0).at,
                "channel": None,
                "author": "Zoé",
                "recipient": "Bob",
                "content": "psst",
                "edited_at": None,
                "deleted_at": None,
                **NO_FILE,
            },
        ]
        columns, changed = await self.store.rows("messages", after_id=7, limit=2)
        assert [dict(zip(columns, row, strict=True))["content"] for row in changed] == ["Bonsoir", ""]
        assert [row[6:8] for row in changed] == [(AT + 20, None), (None, AT + 30)]
        columns, entries = await self.store.rows("audit", after_id=2, limit=9)
        assert [dict(zip(columns, row, strict=True))["id"] for row in entries] == [3, 4]
        assert (await self.store.rows("audit", after_id=4, limit=9))[1] == []
