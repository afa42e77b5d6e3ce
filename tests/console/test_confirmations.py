"""What is confirmed, and in which words: what will happen, and how it is undone."""

from __future__ import annotations

from datetime import timezone

import pytest

from classcord.chat.accounts.vocabulary import DelUser
from classcord.chat.channels.vocabulary import DeleteChannel
from classcord.chat.operations.vocabulary import Restart, Shutdown
from classcord.chat.privacy.vocabulary import Erase
from classcord.chat.requests import Request
from classcord.chat.roles import Role
from classcord.chat.sanctions.vocabulary import Ban, Kick
from classcord.chat.subjects import COMMANDS
from classcord.console.commands.tables import moment
from classcord.language import translator
from tests.harness import House
from tests.office import Office, operator


def test_only_what_cannot_be_undone_says_so() -> None:
    """Every command that asks tells what will happen; what another command undoes names that one."""
    asking = {name for name, kind in COMMANDS.items() if kind.destructive}
    assert asking == {*("ban", "delete", "deluser", "erase", "delchannel", "password-elsewhere", "shutdown", "restart")}
    assert {
        n for n, kind in COMMANDS.items() if "consequence" in {k for c in kind.__mro__[:-3] for k in vars(c)}
    } >= asking


@pytest.mark.parametrize(
    ("request_", "english", "french"),
    [
        (
            Ban(target="bob", duration=5_400.0, reason="triche"),
            "Ban bob for 1 h 30 min, until +5400 (reason: triche); `unban bob` lifts it",
            (
                "Bannir bob pendant 1 h 30 min, jusqu’au +5400 (motif\N{NO-BREAK SPACE}: triche) ; "
                "`unban bob` lève la sanction"
            ),
        ),
        (
            Ban(target="10.0.0.7", duration=60.0),
            "Ban the address 10.0.0.7 for 1 min, until +60; `unban 10.0.0.7` lifts it",
            "Bannir l’adresse 10.0.0.7 pendant 1 min, jusqu’au +60 ; `unban 10.0.0.7` lève la sanction",
        ),
        (
            Ban(target="10.0.0.0/24"),
            "Ban all addresses of the network 10.0.0.0/24 for good; `unban 10.0.0.0/24` lifts it",
            None,
        ),
        (Ban(target="bob"), "Ban bob for good; `unban bob` lifts it", None),
        (
            Ban(target="bob", delete_account=True),
            "Ban bob for good and delete the account, which cannot be undone",
            None,
        ),
        (DeleteChannel(channel="#dev"), "Delete the channel #dev; this cannot be undone", None),
        (DelUser(user="bob"), "Delete the account bob; this cannot be undone", None),
        (Erase(user="bob"), "Erase bob and what is kept about this person; this cannot be undone", None),
        (
            Erase(user="bob", messages="empty"),
            "Erase bob with the words of all messages of this person; this cannot be undone",
            None,
        ),
        (Shutdown(delay=300.0), "Stop the server in 5 min, at +300; `shutdown cancel` calls it off", None),
        (Restart(delay=60.0), "Restart the server in 1 min, at +60; `shutdown cancel` calls it off", None),
        (Restart(), "Restart the server now: everyone is disconnected for a moment", None),
    ],
)
def test_the_words(request_: Request, english: str, french: str | None) -> None:
    """Whom it hits, for how long and until when, and the reason."""
    told = request_.consequence(lambda seconds: f"+{seconds:g}")
    assert told.render() == english
    shown = told.render(translator("fr")).replace("\N{NARROW NO-BREAK SPACE}", " ")
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


def test_a_script_reads_what_was_understood(office: Office, house: House) -> None:
    """Without --yes nothing is done; the question says whom it would have hit and until when, in the house's zone."""
    house.account("bob")
    refused = office.run("ban bob 1 semaine Triche")
    until = moment(house.clock.seconds() + 604_800, translate=str, timezone=timezone.utc)
    assert refused.status == 2
    assert refused.err.splitlines() == [
        f"Ban bob for 1 week, until {until} (reason: Triche); `unban bob` lifts it. Go on?",
        "Nothing was done; --yes goes on without a question.",
    ]
    assert not house.hub.state.sanctions


@pytest.mark.parametrize("command", ["mute", "kick", "ban"])
def test_an_answer_says_what_was_understood(office: Office, house: House, command: str) -> None:
    """Against whom, until when, and why: who mistook the order of words sees it."""
    house.account("bob")
    said = office.run(f"{command} bob 1h Triche --yes").out
    assert [line.partition("\t")[0] for line in said.splitlines()][:3] == ["against", "until", "reason"]
    assert said.splitlines()[2] == "reason\tTriche"


def test_a_ban_without_an_end_says_so(office: Office, house: House) -> None:
    """An answer without an end would leave it open."""
    house.account("bob")
    assert "until\tfor good" in office.run("ban bob --yes").out.splitlines()


def test_a_maintenance_says_what_it_does(office: Office, house: House) -> None:
    """Who comes in now, how many it has cost their connection, and how it ends."""
    house.member("bob")
    assert "people disconnected: 1. `maintenance off` ends it." in office.run("maintenance on").out
    assert "Everyone may come in again." in office.run("maintenance off").out
