"""What is said of a command before it is confirmed; tests/console/test_confirmations.py has the sentences in French."""

from __future__ import annotations

import pytest

from classcord.chat.errors import ChatError
from classcord.chat.privacy.vocabulary import Erase
from classcord.chat.requests import Request
from classcord.chat.sanctions.vocabulary import Ban, Bans, SanctionAdded


@pytest.mark.parametrize(
    ("request_", "told"),
    [
        (Ban(target="bob", reason="spam"), "Ban bob for good (reason: spam); `unban bob` lifts it"),
        (
            Ban(target="192.0.2.7", duration=60.0),
            "Ban the address 192.0.2.7 for 1 min, until +60; `unban 192.0.2.7` lifts it",
        ),
        (
            Ban(target="192.0.2.0/24"),
            "Ban all addresses of the network 192.0.2.0/24 for good; `unban 192.0.2.0/24` lifts it",
        ),
        (Ban(target="bob", delete_account=True), "Ban bob for good and delete the account, which cannot be undone"),
        (Erase(user="bob"), "Erase bob and what is kept about this person; this cannot be undone"),
        (
            Erase(user="bob", messages="empty"),
            "Erase bob with the words of all messages of this person; this cannot be undone",
        ),
        (Bans(), "list the bans, kicks and mutes that are in force"),
    ],
)
def test_a_request_says_what_will_happen(request_: Request, told: str) -> None:
    """To whom, until when, why, and how it is undone; a request that nobody confirms says what it is for."""
    assert request_.consequence(lambda seconds: f"+{seconds:g}").render() == told


def test_a_sanction_that_is_there_already_is_named_in_the_refusal() -> None:
    """The store has one sanction of a kind against a name; of two at once the second is refused."""
    added = SanctionAdded(
        sanction_id=1, kind="mute", of="name", target="bob", shown="Bob", by="mod", reason="", added_at=0
    )
    refusal = added.refusal("UNIQUE constraint failed")
    assert isinstance(refusal, ChatError)
    assert "Bob" in refusal.text.render()
