"""What is confirmed, and in which words: what will happen, and how it is undone."""

from __future__ import annotations

import pytest

from classcord.chat.requests import COMMANDS, Ban, DeleteChannel, DelUser, Kick, Request, Restart, Shutdown
from classcord.chat.roles import Role
from classcord.language import translator
from tests.harness import House
from tests.office import Office, operator


def test_only_what_cannot_be_undone_says_so() -> None:
    """Every command that asks tells what will happen; what another command undoes names that one."""
    asking = {name for name, kind in COMMANDS.items() if kind.destructive}
    assert asking == {"ban", "deluser", "delchannel", "shutdown", "restart"}
    assert {
        n for n, kind in COMMANDS.items() if "consequence" in {k for c in kind.__mro__[:-3] for k in vars(c)}
    } >= asking


@pytest.mark.parametrize(
    ("request_", "english", "french"),
    [
        (
            Ban(target="bob", duration=5_400.0, reason="triche"),
            "Ban bob for 1 h 30 min (reason: triche); `unban bob` lifts it",
            "Bannir bob pendant 1 h 30 min (motif\N{NO-BREAK SPACE}: triche) ; `unban bob` lève la sanction",
        ),
        (Ban(target="bob"), "Ban bob for good; `unban bob` lifts it", None),
        (
            Ban(target="bob", delete_account=True),
            "Ban bob for good and delete the account, which cannot be undone",
            None,
        ),
        (DeleteChannel(channel="#dev"), "Delete the channel #dev; this cannot be undone", None),
        (DelUser(user="bob"), "Delete the account bob; this cannot be undone", None),
        (Shutdown(delay=300.0), "Stop the server in 5 min; `shutdown cancel` calls it off", None),
        (Restart(delay=60.0), "Restart the server in 1 min; `shutdown cancel` calls it off", None),
        (Restart(), "Restart the server now: everyone is disconnected for a moment", None),
    ],
)
def test_the_words(request_: Request, english: str, french: str | None) -> None:
    """With the duration in words, and the reason."""
    assert request_.consequence().render() == english
    shown = request_.consequence().render(translator("fr")).replace("\N{NARROW NO-BREAK SPACE}", " ")
    assert french is None or shown == french


def test_what_can_be_undone_is_done_at_once(office: Office, house: House) -> None:
    """A kick is lifted by `unban`, a closed channel opened again: nothing is asked."""
    house.member("bob")
    assert not Kick.destructive
    assert office.run("kick bob").status == 0
    assert house.hub.state.person("bob") is None
    assert office.run("unban bob").status == 0
    assert office.run("close #dev").status == 0
    assert office.run("reopen #dev").status == 0


def test_a_channel_that_one_may_not_see_is_not_told_of(office: Office, house: House) -> None:
    """A word that is the name of a private channel is a word like any other for who is not in it."""
    assert office.run("create #jury private").status == 0
    mod = operator("surveillant", Role.MODERATOR)
    assert office.run("say jury demain").status == 2
    assert office.run("say jury demain", mod).status == 0


@pytest.mark.parametrize("target", ["10.0.0.5/24", "192.168.1", "192.168.1.*"])
def test_a_near_miss_of_a_network_bans_nobody(office: Office, house: House, target: str) -> None:
    """The refusal of the rules is the same over the chat protocol."""
    refused = office.run(f"ban {target} --yes")
    assert (refused.status, "write" in refused.err) == (1, True)
    assert office.run(f"unban {target}").status == 1
    assert not house.hub.state.sanctions
    assert "leave the duration out" in office.run("ban 10.0.0.5 0 --yes").err
