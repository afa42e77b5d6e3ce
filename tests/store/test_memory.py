"""The store in memory keeps the contract, so what is proved over it holds over SQLite."""

from __future__ import annotations

import pytest

from classcord.chat.records import Record
from classcord.chat.state import LastIds
from classcord.store.memory import Memory
from classcord.store.ports import StorageTrouble
from tests.store import contract, contract_administration
from tests.store.examples import BEGUN, commit, said


class MemoryStore(contract_administration.StoreContract):
    def open(self) -> contract.Store:
        self.memory = Memory()
        return self.memory

    async def restart(self) -> tuple[list[Record], LastIds]:
        return self.memory.stored()

    async def test_trouble(self) -> None:
        """A write in trouble fails with its reason and stores nothing; afterwards it is stored once."""
        await self.keep(*BEGUN)
        self.memory.trouble = "the disk is full"
        with pytest.raises(StorageTrouble, match=r"^the disk is full$"):
            await self.keep(commit(said(1)))
        assert self.memory.tables.messages == {}
        self.memory.trouble = None
        await self.keep(commit(said(1)))
        assert list(self.memory.tables.messages) == [1]
