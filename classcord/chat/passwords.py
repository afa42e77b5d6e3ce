"""Passwords: the form in which they are compared, and the refusal of bad ones. Knows no digest and no account.

Two keyboards may encode `é` in two ways; RFC 8265 (the PRECIS profile OpaqueString) says which passwords are equal.
"""

from __future__ import annotations

from precis_i18n import get_profile

from classcord.chat.errors import BadPassword, TooLong
from classcord.chat.text import N_, Text

ELSEWHERE = "!"
"""In place of a digest: this password is not kept here, but checked by another authenticator.

As in /etc/shadow, no password has this digest.
"""
LONGEST = 1000  # characters; hashing more would be useless work
_OPAQUE = get_profile("OpaqueString")


def prepared(password: str) -> str | None:
    """Return the form in which a password is hashed and compared; None if RFC 8265 does not accept the password."""
    if password.isascii() and password.isprintable() and password:
        return password
    try:
        return str(_OPAQUE.enforce(password))
    except UnicodeEncodeError:
        return None


def forms(password: str) -> tuple[str, ...]:
    """Return the forms to compare with a digest, in this order: the prepared form, then the typed form.

    Digests of older servers, and from before passwords were prepared, are of the typed form. Mostly both are equal.
    """
    form = prepared(password)
    return (password,) if form is None or form == password else (form, password)


def check_password(password: str, least: int, *, field: str) -> str:
    """Return the form of a new password to hash; refuse a bad password. `field` is the request's field with it."""
    least = max(1, least)
    if not password:
        raise BadPassword(field=field, why=Text(N_("it has fewer than {least} characters"), {"least": least}))
    if len(password) > LONGEST:
        raise TooLong(field=field, limit=LONGEST)
    try:
        form = prepared(password) or str(_OPAQUE.enforce(password))
    except UnicodeEncodeError as error:
        raise BadPassword(field=field, why=_flaw(password[error.start])) from None
    if len(form) < least:
        raise BadPassword(field=field, why=Text(N_("it has fewer than {least} characters"), {"least": least}))
    if len(form) > LONGEST:
        raise TooLong(field=field, limit=LONGEST)
    return form


def _flaw(character: str) -> Text:
    if not character.isprintable() and ord(character) < 0xA0:
        return Text(N_("it has a character that cannot be typed"))
    return Text(N_("it has the character {code}, which no password may have"), {"code": f"U+{ord(character):04X}"})
