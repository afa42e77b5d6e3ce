"""Who somebody is, as an authenticator outside of this server knows it. Knows no account."""

from __future__ import annotations

import msgspec

from classcord.chat.roles import Role


class Profile(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What an authenticator knows of somebody whose password it keeps itself; their first login makes an account of it.

    `name` is written as it is known there. Where many ways of typing a name are one to the authenticator, only the name
    that is one with `name` here is let in, so that one person does not get several accounts.
    """

    name: str
    role: Role = Role.MEMBER
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
