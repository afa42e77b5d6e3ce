"""Answers about what accounts say of themselves."""

from __future__ import annotations

import sqlite3

from classcord.chat.profiles.vocabulary import ProfileOf, StoredProfile
from classcord.store.sqlite.answers.registry import answers
from classcord.store.sqlite.statements import PROFILES


@answers
def profile(connection: sqlite3.Connection, question: ProfileOf) -> StoredProfile | None:
    row = connection.execute(PROFILES.profile.sql, {"user_id": question.user_id}).fetchone()
    if row is None:
        return None
    alias, first_name, last_name, email, status_text = row
    return StoredProfile(alias=alias, first_name=first_name, last_name=last_name, email=email, status_text=status_text)
