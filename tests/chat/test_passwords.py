"""Which passwords are one, and which are none: RFC 8265's profile OpaqueString."""

from __future__ import annotations

import unicodedata

import pytest

from classcord.chat.accounts.vocabulary import AddUser, Authenticate, Passwd, Password, PasswordChanged
from classcord.chat.checked_passwords.vocabulary import Verified
from classcord.chat.effects import Commit, Hash, Reply
from classcord.chat.errors import BadPassword, TooLong
from classcord.chat.passwords import LONGEST, check_password, forms, prepared
from classcord.chat.registration.vocabulary import Register
from classcord.chat.requests import Request
from tests.chat.hubs import a_hub, add_account, checked, connect, decide, log_in

COMPOSED = "été à Noël"
DECOMPOSED = unicodedata.normalize("NFD", COMPOSED)


@pytest.mark.parametrize(
    ("typed", "form"),
    [
        (COMPOSED, COMPOSED),
        (DECOMPOSED, COMPOSED),
        ("été\N{NO-BREAK SPACE}à Noël", COMPOSED),
        (" azerty ", " azerty "),
        ("Azerty", "Azerty"),
        ("azerty", "azerty"),
        ("ﬁn", "ﬁn"),
        ("漢字🎉", "漢字🎉"),
    ],
)
def test_what_is_hashed(typed: str, form: str) -> None:
    """Accents are composed and spaces are one space; case, width and what stands at the ends stay as they are."""
    assert prepared(typed) == form
    assert check_password(typed, 4 if len(form) > 3 else 1, field="password") == form


@pytest.mark.parametrize("typed", ["azerty", COMPOSED, "ﬁn", "a\0b", "a\tb", "\N{FAMILY}\u200d", ""])
def test_one_form_is_compared_once(typed: str) -> None:
    """A second computation would cost as much as the first; what has no prepared form is compared as it was typed."""
    assert forms(typed) == (typed,)


def test_two_forms() -> None:
    """The prepared one comes first: nearly all digests are of it."""
    assert forms(DECOMPOSED) == (COMPOSED, DECOMPOSED)


@pytest.mark.parametrize("code", [*range(0x20), *range(0x7F, 0xA0)])
def test_control_characters(code: int) -> None:
    """None becomes part of a password, wherever it stands."""
    for typed in (f"azerty{chr(code)}", f"{chr(code)}azerty", f"é{chr(code)}azerty"):
        with pytest.raises(BadPassword, match="cannot be typed"):
            check_password(typed, 4, field="new")


@pytest.mark.parametrize("character", ["\u200d", "\u200b", "\u202e", "\ufeff", "\ufffe", "\ud800", "\ue000"])
def test_characters_that_nobody_sees(character: str) -> None:
    """The refusal says which one it is, for nobody sees it."""
    with pytest.raises(BadPassword) as error:
        check_password(f"aze{character}rty", 4, field="new")
    assert error.value.field == "new"
    assert f"U+{ord(character):04X}" in error.value.text.render()


def test_length() -> None:
    """Characters are counted as they are hashed: three that are typed as six are three."""
    with pytest.raises(BadPassword, match="fewer than 4 characters"):
        check_password(unicodedata.normalize("NFD", "ééé"), 4, field="password")
    assert check_password("éééé", 4, field="password") == "éééé"
    for nothing in (0, 1):
        with pytest.raises(BadPassword, match="fewer than 1 characters"):
            check_password("", nothing, field="password")
    assert check_password("a" * LONGEST, 4, field="password")
    for typed in ("a" * (LONGEST + 1), "é" * LONGEST + "e\u0301"):
        with pytest.raises(TooLong):
            check_password(typed, 4, field="password")


@pytest.mark.parametrize(
    "request_",
    [
        AddUser(username="bob", role="member", password=DECOMPOSED),
        Passwd(user="alice", password=DECOMPOSED),
        Register(username="bob", password=DECOMPOSED),
        Verified(asked=Password(old="azerty", new=DECOMPOSED), version=(1, 0), valid=True),
    ],
)
def test_every_new_password_is_hashed_in_its_form(request_: Request) -> None:
    """Whoever sets it, and for whom."""
    hub = a_hub()
    add_account(hub, "boss", "owner")
    add_account(hub, "alice")
    (effect,) = decide(hub, log_in(hub, "boss") if type(request_) is not Register else connect(hub), request_)
    assert isinstance(effect, Hash)
    assert effect.password == COMPOSED


def test_none_given_is_made_up() -> None:
    """`adduser` and `passwd` without a password are no empty one."""
    hub = a_hub()
    add_account(hub, "boss", "owner")
    request = AddUser(username="bob", role="member")
    assert decide(hub, log_in(hub, "boss"), request) == [Hash(request, "")]


def test_an_administrators_digest_is_made_anew() -> None:
    """Also by a login over SSH; the answer does not wait for the storage, which may be what is to be mended."""
    hub = a_hub()
    account = add_account(hub, "boss", "owner")
    asked = Authenticate(username="boss", password=DECOMPOSED)
    reply, stored = decide(hub, connect(hub), checked(hub, asked, "boss", rehashed="new"))
    assert isinstance(reply, Reply)
    assert isinstance(stored, Commit)
    assert (stored.session, stored.request) == (None, None)
    assert stored.records == (
        PasswordChanged(user_id=account.id, password_hash="new", must_change=False, rehashed=True),
    )
