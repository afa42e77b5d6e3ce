"""The profile of a person, from an authenticator outside this server. Knows no account."""

from __future__ import annotations

import msgspec

from classcord.chat.roles import Role


class Profile(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A person as the authenticator that keeps the password knows them; the first login makes an account of it.

    `name` is written as the authenticator writes it. The authenticator may accept a name typed in many ways; only a
    name that equals `name` by this server's rules may log in, so that one person does not get several accounts.
    `role` is the role that each login gives; None if the authenticator does not say, and then a new account is a member
    and the others keep their roles. `channels` are the channels that each login makes the person a member of.
    """

    name: str
    role: Role | None = None
    channels: tuple[str, ...] = ()
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
