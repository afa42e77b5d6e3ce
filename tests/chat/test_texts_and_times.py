"""Sentences that wait for their language, refusals, and times as they are written."""

from __future__ import annotations

import string
from datetime import datetime, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classcord.chat import errors
from classcord.chat.checked_passwords.vocabulary import Hashed, Verified
from classcord.chat.errors import BadRequest, ChatError
from classcord.chat.identity.vocabulary import Login, LoginFailed
from classcord.chat.registration.vocabulary import Register, UsernameTaken
from classcord.chat.requests import subclasses
from classcord.chat.text import N_, Text
from classcord.chat.times import rfc3339

CODES = frozenset(
    {
        "file_too_large",
        "file_type",
        "no_room",
        "bad_json",
        "bad_request",
        "unknown_type",
        "line_too_long",
        "too_long",
        "not_identified",
        "login_failed",
        "username_taken",
        "bad_username",
        "bad_password",
        "bad_token",
        "registration_closed",
        "invite_required",
        "bad_invite",
        "rate_limited",
        "busy",
        "storage_unavailable",
        "too_many_connections",
        "not_found",
        "not_in_channel",
        "already_member",
        "not_allowed",
        "read_only",
        "channel_closed",
        "conflict",
        "pending",
        "maintenance",
        "muted",
        "kicked",
        "banned",
        "private_closed",
        "lesson",
        "exam",
        "held",
        "quiet_hours",
        "blocked",
        "mail_not_sent",
        "settings_refused",
        "password_elsewhere",
    }
)
FRENCH = {"It is {what}.": "C’est {what}.", "late": "tard"}


def test_a_text_without_a_language_is_english() -> None:
    """A template is the English sentence; its values are filled in by name."""
    assert Text(N_("{name} is here."), {"name": "Zoé"}).render() == "Zoé is here."


def test_a_text_is_translated_before_it_is_filled_in() -> None:
    """The template is looked up as it stands, and a value that is a text is translated with it."""
    text = Text("It is {what}.", {"what": Text("late")})
    assert text.render(lambda template: FRENCH[template]) == "C’est tard."


def test_braces_in_a_value_stay_as_they_are() -> None:
    """What somebody typed is never taken for a template."""
    assert Text("{words}", {"words": "{0.__class__} {name}"}).render() == "{0.__class__} {name}"


@pytest.mark.parametrize("kind", [c for c in subclasses(ChatError) if c.__module__ == errors.__name__])
def test_every_refusal_has_a_stable_code_and_a_sentence(kind: type[ChatError]) -> None:
    """Each refusal has one of PROTOCOL.md's codes, and a sentence that its values fill."""
    names = [name for _, name, _, _ in string.Formatter().parse(kind.template) if name]
    values: dict[str, Any] = {name: f"<{name}>" for name in names}
    error = kind(**values)
    assert kind.code in CODES
    assert str(error) == kind.template.format(**values)
    assert error.field is None
    assert error.retry_after is None


def test_the_protocols_codes_are_all_there() -> None:
    """Each code of the page has its refusal."""
    assert {kind.code for kind in subclasses(ChatError)} == CODES


def test_a_refusal_carries_what_helps_its_client() -> None:
    """The field at fault and the time to wait go beside the text."""
    error = BadRequest(field="to", retry_after=1.5, why=Text("late"))
    assert (error.field, error.retry_after) == ("to", 1.5)
    assert error.text == Text("Bad request: {why}", {"why": Text("late")})


def test_classic_clients_find_the_words_they_look_for() -> None:
    """The older clients search the text of these two refusals (PROTOCOL.md, transcripts)."""
    assert "already exists" in str(UsernameTaken())
    assert str(LoginFailed()) == "Login failed."


@pytest.mark.parametrize(
    ("milliseconds", "written"),
    [
        (0, "1970-01-01T00:00:00.000Z"),
        (1_795_206_987_607, "2026-11-20T20:36:27.607Z"),
        (1_795_206_987_007, "2026-11-20T20:36:27.007Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
        (4_102_444_800_000, "2100-01-01T00:00:00.000Z"),
    ],
)
def test_times_are_written_in_utc_with_milliseconds(milliseconds: int, written: str) -> None:
    """A time is RFC 3339 in UTC with three decimals and Z, whatever zone the server is in."""
    assert rfc3339(milliseconds) == written


@given(st.integers(0, 4_000_000_000_000))
@settings(max_examples=60)
def test_a_written_time_is_read_back_to_the_millisecond(milliseconds: int) -> None:
    """Nothing is rounded away."""
    read = datetime.fromisoformat(rfc3339(milliseconds).replace("Z", "+00:00"))
    seconds, rest = divmod(milliseconds, 1000)
    assert read == datetime.fromtimestamp(seconds, timezone.utc).replace(microsecond=rest * 1000)


def test_no_request_shows_its_password() -> None:
    """What a log or a traceback may print of a request holds no secret."""
    login = Login(username="bob", password="azerty")
    register = Register(username="bob", password="azerty")
    for request in (
        login,
        register,
        Verified(asked=login, version=(1, 0), valid=True, rehashed="azerty"),
        Hashed(asked=register, digest="azerty"),
    ):
        assert "azerty" not in repr(request)
        assert "azerty" not in str([request])
