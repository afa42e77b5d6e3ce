"""Answers about the files of messages."""

from __future__ import annotations

import sqlite3

from classcord.chat.files.vocabulary import FileBytes, FileDigests, FileNamed, FilesSince, StoredFile
from classcord.store.sqlite.answers.registry import answers
from classcord.store.sqlite.statements import FILES


@answers
def file_named(connection: sqlite3.Connection, question: FileNamed) -> StoredFile | None:
    row = connection.execute(FILES.named.sql, {"token": question.token}).fetchone()
    return None if row is None else stored_file(*row)


def stored_file(*row: object) -> StoredFile:
    """Return the file of a row, whose columns are its fields in their order."""
    return StoredFile(**dict(zip(StoredFile.__struct_fields__, row, strict=True)))  # type: ignore[arg-type]


@answers
def files_since(connection: sqlite3.Connection, question: FilesSince) -> FileBytes:
    since = question.since
    return FileBytes(
        of_account=FILES.of_account_since(connection, user_id=question.user_id, since=since),
        of_channel=FILES.of_channel_since(connection, channel_id=question.channel_id, since=since),
    )


@answers
def file_digests(connection: sqlite3.Connection, question: FileDigests) -> frozenset[str]:  # noqa: ARG001
    return frozenset(digest for digest, _ in connection.execute(FILES.contents.sql))
