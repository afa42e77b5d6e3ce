"""Commands of administrators from end to end, in memory: typed, decided, stored, shown, and felt by those they hit."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest

from classcord.chat.audit.vocabulary import Audited
from classcord.chat.roles import Operator, Role
from classcord.chat.subjects import COMMANDS
from tests.harness import Client, House, contents, login, say, tell
from tests.office import OWNER, Office, Result, operator

MODERATOR = operator("mod", Role.MODERATOR)
ADMIN = operator("chef", Role.ADMIN)


def trail(house: House) -> list[tuple[str, str]]:
    """Return who did what, of all that is in the audit trail and was done by somebody."""
    kept = [r for group in house.store.groups for commit in group for r in commit.records if isinstance(r, Audited)]
    return [(entry.actor, entry.action) for entry in kept if entry.actor != "server"]


def notices(client: Client) -> list[str]:
    client.house.turn()
    return [line["content"] for line in client.lines() if line.get("subtype") == "system"]


# -- how a command ends -----------------------------------------------------------------------------------------------


def test_exit_statuses(office: Office, house: House) -> None:
    """0 done, with the answer on the output; 1 refused and 2 usage, with the reason on the errors."""
    assert office.run("version").status == 0
    assert office.run("kick nobody --yes") == Result(1, "", "There is no “nobody” here.\n")
    status, out, err = office.run("fly")
    assert (status, out) == (2, "")
    assert err == "there is no command “fly”; `help` lists them\n"
    refused = office.run("kick nobody --yes --json")
    assert json.loads(refused.err)["error"]["code"] == "not_found"
    assert house.chat.connections == {}


def test_a_destructive_command_is_not_run_unasked(office: Office, house: House) -> None:
    """Without a terminal to ask at it takes --yes, and else does nothing."""
    house.member("bob")
    assert office.run("ban bob").status == 2
    assert house.hub.state.person("bob")
    assert office.run("ban bob --yes").status == 0
    assert not house.hub.state.person("bob")


def test_commands_of_a_pipe(office: Office) -> None:
    """Without a command each line of the input is one; the status is of the last that failed."""
    program, paper = office.begin(None)
    program.received(b"version\nfly\n")
    office.house.turn()
    program.received(b"who")
    program.input_ended()
    office.house.turn()
    assert (paper.status, b"fly" in paper.err, b"prof" in paper.out) == (2, True, True)


def test_an_endless_line_of_a_pipe_is_refused(office: Office) -> None:
    """A line that does not end is not gathered for ever."""
    program, paper = office.begin(None)
    program.received(b"x" * 70_000)
    office.house.turn()
    assert paper.status == 2
    assert paper.paused


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - {"tail", "trace", "top", "python", "shutdown", "restart"}))
def test_help_of_every_command(office: Office, name: str) -> None:
    """It shows how the command is written, and each of its examples."""
    status, out, _ = office.run(f"help {name}")
    assert status == 0
    assert out.startswith(name)
    for example in COMMANDS[name].examples:
        assert f"\n  {example}\n" in out


def test_help_shows_what_one_may(office: Office) -> None:
    """A moderator is not shown what only owners may."""
    assert "shutdown" in office.run("help").out
    assert "shutdown" not in office.run("help", MODERATOR).out
    assert "kick" in office.run("help", MODERATOR).out


def test_in_french(house: House, tmp_path: Path) -> None:
    """The server's language is the console's, where its user's is not known."""
    assert Office(house, tmp_path, language="fr").run("bans").out == "Il n’y a rien à montrer.\n"


# -- who is here ------------------------------------------------------------------------------------------------------


def test_who_and_sessions(office: Office, house: House) -> None:
    """People with their addresses, operators among them; connections, also of those who have said nothing."""
    house.member("bob", address="10.1.1.1")
    house.client("10.2.2.2")
    people = json.loads(office.run("who --json").out)
    assert [(p["name"], p["role"], p["state"], p["addresses"]) for p in people] == [
        ("bob", "member", "online", ["10.1.1.1"]),
        ("prof", "owner", "console", ["10.9.9.9"]),
    ]
    rows = json.loads(office.run("sessions --json").out)
    assert [(r["name"], r["address"], r["dialect"]) for r in rows[:2]] == [
        ("bob", "10.1.1.1", "classic"),
        ("", "10.2.2.2", "classic"),
    ]


def test_whois(office: Office, house: House) -> None:
    """All that is known: of somebody who is here, of an account, of a guest; nobody else."""
    house.member("bob")
    house.guest("zoé")
    office.run("mute bob 1h Bruit")
    told = json.loads(office.run("whois BOB --json").out)
    assert (told["name"], told["account"], told["sanctions"][0]["kind"]) == ("bob", True, "mute")
    assert json.loads(office.run("whois zoé --json").out)["role"] == "guest"
    assert office.run("whois nobody").status == 1
    assert "bob" in office.run("whois bob").out


def test_operators_are_in_no_list_and_no_audience(office: Office, house: House) -> None:
    """Classmates do not see who administers, until they are written to."""
    bob = house.member("bob")
    program, paper = office.sit_down()
    assert bob.one({"type": "users"})["users"] == ["bob"]
    bob.ask(say("hello"))
    assert "hello" not in paper.read()
    bob.ask(tell("prof", "help!"))
    assert "[bob → prof] help!" in paper.read()
    program.lost()
    house.turn()
    assert house.hub.state.operators == {}


def test_an_operator_writes_under_their_name(office: Office, house: House) -> None:
    """To everyone, to a channel, to one person, or in the name of the server."""
    bob = house.member("bob")
    office.run("say Bonjour à tous")
    office.run("msg bob Passe me voir")
    office.run("announce Cours annulé")
    lines = [line for line in bob.lines() if line["type"] == "message"]
    assert [(line["from"], line["content"]) for line in lines] == [
        ("prof", "Bonjour à tous"),
        ("prof", "Passe me voir"),
        ("Serveur", "Cours annulé"),
    ]


@pytest.mark.parametrize("role", [Role.MODERATOR, Role.ADMIN, Role.OWNER])
@pytest.mark.parametrize("face", ["console", "chat"])
@pytest.mark.parametrize("to", ["global", "#dev"])
def test_who_has_made_an_announcement_is_kept(office: Office, house: House, role: Role, face: str, to: str) -> None:
    """It speaks as the server: only the audit trail and the audit log say whose words they are."""
    house.member("eve").ask({"type": "join", "channel": "#dev"})
    channel = {} if to == "global" else {"channel": to}
    if face == "chat":
        house.member("zoe", role=role).ask({"type": "announce", "content": "Cours annulé", **channel})
    else:
        words = " ".join(("announce", *channel.values(), "Cours annulé"))
        assert office.run(words, operator("zoe", role)).status == 0
    entries = [r for group in house.store.groups for c in group for r in c.records if isinstance(r, Audited)]
    [entry] = [each for each in entries if each.action == "announce"]
    assert (entry.actor, entry.object_type, entry.object_id) == ("zoe", "announcement", to)
    assert json.loads(entry.after or "") == {"content": "Cours annulé"}
    [line] = [line for line in house.audit if " announce " in line]
    assert line.endswith(f' name="{to}" reason={json.dumps("Cours annulé")}\n')


def test_the_other_consoles_hear_an_announcement(office: Office, house: House) -> None:
    """Whoever sits at a console hears what everybody is told; its author is not told again."""
    (author, his), (_, hers) = office.sit_down(), office.sit_down()
    his.read(), hers.read()
    author.received(b"announce Bient\xc3\xb4t 17 h\r")
    house.turn()
    assert "* Bientôt 17 h" in hers.read()
    assert "* Bientôt 17 h" not in his.read()


# -- sanctions --------------------------------------------------------------------------------------------------------


def test_kick(office: Office, house: House) -> None:
    """They hear why, are closed, and are refused until the time is over."""
    bob = house.member("bob")
    status, out, _ = office.run("kick bob 10m Trop de bruit --yes")
    assert status == 0
    assert "bob" in out
    assert notices(bob) == ["You were thrown out for 10 min. Reason: Trop de bruit"]
    house.pass_time(3)
    assert bob.closed
    back = house.client()
    refused = back.one(login("bob"))
    assert (refused["code"], refused["retry_after"] > 590) == ("kicked", True)
    house.pass_time(600, step=30)
    assert back.one(login("bob"))["status"] == "ok"


def test_mute(office: Office, house: House) -> None:
    """They may write to moderators alone, until they may again."""
    bob, alice = house.member("bob"), house.member("alice")
    house.member("mod", role=Role.MODERATOR)
    office.run("mute bob 10m Insultes")
    assert notices(bob) == ["You may not write for 10 min. Reason: Insultes"]
    assert bob.one(say("x"))["code"] == bob.one(tell("alice", "x"))["code"] == "muted"
    assert bob.ask(tell("mod", "why?")) == []
    assert contents(alice.lines()) == []
    assert office.run("mute bob").status == 1  # it is in force already
    assert office.run("unmute bob").status == 0
    assert notices(bob) == ["You may write again."]
    assert bob.ask(say("thanks")) == []
    assert office.run("unmute bob").status == 1


def test_ban_of_an_account(office: Office, house: House) -> None:
    """For good, until it is lifted; the account stays."""
    bob = house.member("bob")
    assert office.run("BAN:bob --yes").out == (
        "against\tbob\nuntil\tfor good\nnote\tThe account is kept; `deluser bob` deletes it.\n"
    )
    assert office.run("ban bob Triche --yes") == (1, "", "That is in force against “bob” already.\n")
    assert notices(bob)[0].startswith("You are shut out from this server for good.")
    assert house.client().one(login("bob"))["code"] == "banned"
    assert "bob" in office.run("bans").out
    assert office.run("unban bob").status == 0
    assert house.client().one(login("bob"))["status"] == "ok"


def test_ban_with_the_account_deleted(office: Office, house: House) -> None:
    """The account is gone, its messages stay, and the name is not to be had again."""
    bob = house.member("bob")
    bob.ask(say("I was here"))
    assert office.run("ban bob --delete-account --yes", MODERATOR).status == 1
    assert office.run("ban bob --delete-account --yes", ADMIN).status == 0
    assert not house.hub.state.account("bob")
    assert house.client().one({"type": "register", "username": "bob", "password": "azerty"})["code"] == "banned"
    assert "I was here" in office.run("history").out


def test_ban_of_an_address(office: Office, house: House) -> None:
    """Whoever comes from there is told so and closed; those who are here are too."""
    bob = house.member("bob", address="10.3.3.3")
    assert office.run("ban 10.3.3.0/24 1h --yes").status == 0
    assert notices(bob)[0].startswith("You are shut out from this server for 1 h.")
    stranger = house.client("10.3.3.9")
    assert stranger.lines()[0]["code"] == "banned"
    assert house.client("10.4.4.4").one({"type": "users"})["type"] == "users"
    assert office.run("unban 10.3.3.0/24").status == 0
    assert house.client("10.3.3.9").one({"type": "users"})["type"] == "users"


@pytest.mark.house(shared_networks=("10.0.2.0/24",))
def test_addresses_that_are_not_banned(office: Office, house: House) -> None:
    """One's own, one that many share, and a person's whose name looks like one."""
    assert "shut you out" in office.run("ban 10.9.0.0/16 --yes").err
    assert "Many people share" in office.run("ban 10.0.2.2 --yes").err
    house.account("10.5.5.5")  # from a time when such names could be had
    office.run("ban 10.5.5.5 --yes")
    assert house.client("10.5.5.5").one({"type": "users"})["type"] == "users"
    assert house.client("10.6.6.6").one(login("10.5.5.5"))["code"] == "banned"
    assert office.run("ban 10.7.7.7 --yes", MODERATOR).status == 1


@pytest.mark.parametrize(
    "command", ["kick {} --yes", "ban {} --yes", "mute {}", "role {} member", "deluser {} --yes", "passwd {}"]
)
def test_rank(office: Office, house: House, command: str) -> None:
    """Nobody acts on who is not below them, nor on themselves; owners act on every other."""
    house.account("boss", role=Role.OWNER)
    for label in ("moderator", "admin", "owner"):
        house.account(f"a-{label}", role=Role.of(label))
    for actor, target, may in (
        (MODERATOR, "a-moderator", False),
        (MODERATOR, "a-owner", False),
        (ADMIN, "a-admin", False),
        (ADMIN, "a-owner", False),
        (ADMIN, "a-moderator", True),
        (OWNER, "a-owner", True),
    ):
        assert (office.run(command.format(target), actor).status == 0) is may
    house.account("chief", role=Role.OWNER)
    account = house.hub.state.accounts["chief"]
    mine = Operator(name="chief", role=Role.OWNER, by="password", account_id=account.id)
    if not command.startswith("passwd"):  # that is one's own affair
        assert "yourself" in office.run(command.format("chief"), mine).err


# -- accounts ---------------------------------------------------------------------------------------------------------


def test_adduser_and_passwd(office: Office, house: House) -> None:
    """A password is made up and told once; it is right, for one time, and the next one makes it wrong."""
    made = json.loads(office.run("adduser alice --json").out)
    alice = house.client()
    assert alice.ask(login("alice", made["password"]))[0]["must_change"] is True
    assert office.run("adduser alice").status == 1
    other = json.loads(office.run("passwd alice --json").out)
    assert house.client().one(login("alice", made["password"]))["code"] == "login_failed"
    assert house.client().ask(login("alice", other["password"]))[0]["status"] == "ok"
    assert "one time" in house.client().one(login("alice", other["password"]))["message"]
    program, paper = office.begin("passwd alice", terminal=True, term="xterm")
    for _ in range(2):
        assert paper.status is None
        program.received(b"for good\r")
        house.turn()
    assert paper.status == 0
    for _ in range(2):
        assert house.client().ask(login("alice", "for good"))[0]["role"] == "member"
    assert office.run("adduser king owner", ADMIN).status == 1


@pytest.mark.parametrize("command", ["adduser zoe", "passwd alice"])
def test_a_slip_in_a_typed_password(office: Office, house: House, command: str) -> None:
    """It is typed twice, as nobody sees it; where the two differ nothing is done."""
    house.account("alice")
    program, paper = office.begin(command, terminal=True, term="xterm")
    for word in (b"for good\r", b"for goof\r"):
        program.received(word)
        house.turn()
    assert paper.status == 2
    assert b"The two are not the same." in paper.err
    assert house.hub.state.account("zoe") is None
    assert house.client().one(login("alice"))["status"] == "ok"


def test_own_password(house: House) -> None:
    """The old one is asked for, and what cannot be a password is refused."""
    bob = house.modern("bob")
    change = {"type": "password", "old": "azerty", "new": "qwertz"}
    assert bob.one(change | {"old": "wrong"})["code"] == "login_failed"
    assert bob.one(change | {"new": "x"})["code"] == "bad_password"
    assert bob.one(change | {"new": "azerty"})["code"] == "bad_password"
    assert bob.one(change)["status"] == "ok"
    assert house.client().one(login("bob"))["code"] == "login_failed"
    assert house.client().one(login("bob", "qwertz"))["status"] == "ok"
    assert house.modern().one(change)["code"] == "not_identified"


def test_roles_move_people(office: Office, house: House) -> None:
    """Who is promoted hears the staff's channel, and does no more when that is over."""
    bob = house.modern("bob")
    assert office.run("role bob moderator").status == 0
    assert "Your role is moderator now." in [line.get("content") for line in bob.lines()]
    office.run("say #admin secret")
    assert "secret" in [line.get("content") for line in bob.lines()]
    office.run("role bob member")
    office.run("say #admin hidden")
    assert "hidden" not in [line.get("content") for line in bob.lines()]


def test_the_last_owner_stays(office: Office, house: House) -> None:
    """Somebody has to be one."""
    house.account("boss", role=Role.OWNER)
    assert "last owner" in office.run("role boss admin").err
    assert "last owner" in office.run("deluser boss --yes").err
    house.account("other", role=Role.OWNER)
    assert office.run("role boss admin").status == 0


def test_deluser(office: Office, house: House) -> None:
    """They are told and closed; nobody takes the name alone before a day has gone, and the messages stay."""
    bob = house.member("bob")
    bob.ask(say("farewell"))
    assert office.run("deluser bob --yes").status == 0
    assert notices(bob) == ["Your account was deleted."]
    register = {"type": "register", "username": "bob", "password": "azerty"}
    assert house.client().one(register)["code"] == "username_taken"
    assert office.run("adduser bob").status == 0
    assert "farewell" in office.run("history").out


# -- channels ---------------------------------------------------------------------------------------------------------


def test_admission(office: Office, house: House) -> None:
    """A request is stored and told to the staff; the answer is told at once."""
    office.run("create #compta approval")
    mod, bob = house.member("chief", role=Role.MODERATOR), house.member("bob")
    join = {"type": "join", "channel": "#compta"}
    assert [line.get("status") for line in bob.ask(join)][:1] == ["pending"]
    [asked] = [words for words in notices(mod) if "asks to be admitted" in words]
    assert asked == "bob asks to be admitted to #compta. Answer on the web page or at the console."  # no `accept` here
    assert bob.one(join)["code"] == "pending"
    assert "bob" in office.run("requests").out
    assert "bob" in office.run("requests #compta", MODERATOR).out
    assert office.run("ACCEPT:bob:compta").status == 0
    assert notices(bob)[-1] == "You are admitted to #compta."
    assert office.run("accept bob #compta").status == 1
    assert office.run("requests").out == "There is nothing to show.\n"
    assert bob.one(join)["code"] == "already_member"


def test_a_rejection_is_told_days_later(office: Office, house: House) -> None:
    """Whoever was away hears of it after the next login, once."""
    office.run("create #compta approval")
    bob = house.member("bob")
    bob.ask({"type": "join", "channel": "#compta"})
    bob.leave()
    house.pass_time(3 * 86_400, step=3_600)
    office.run("reject bob #compta Réservé")
    words = "Your request for #compta was rejected. Reason: Réservé"
    for times in (1, 0):
        back = house.client()
        back.ask(login("bob"), {"type": "users"})
        assert [line.get("content") for line in back.lines() + back.ask({"type": "users"})].count(words) <= times
        back.leave()
        house.turn()


def test_requests_end(office: Office, house: House) -> None:
    """They are taken back, by leaving too, and expire."""
    office.run("create #compta approval")
    bob = house.member("bob")
    join = {"type": "join", "channel": "#compta"}
    for end in ({"type": "withdraw", "channel": "#compta"}, {"type": "leave", "channel": "#compta"}):
        bob.ask(join)
        assert bob.one(end)["status"] == "ok"
    assert bob.one({"type": "withdraw", "channel": "#compta"})["code"] == "not_in_channel"
    bob.ask(join)
    house.pass_time(15 * 86_400, step=86_400)
    assert office.run("accept bob #compta").status == 1
    assert bob.ask(join)[0]["status"] == "pending"


def test_whoever_admits_is_told_who_waits(office: Office, house: House) -> None:
    """At a moderator's login, and at the beginning of a console."""
    office.run("create #compta approval")
    house.member("bob").ask({"type": "join", "channel": "#compta"})
    _, paper = office.sit_down()
    assert "Requests that wait for an answer: 1." in paper.read()
    house.account("mod", role=Role.MODERATOR)
    mod = house.client()
    heard = mod.ask(login("mod"), {"type": "users"})
    [told] = [str(line["content"]) for line in heard if "wait for an answer" in str(line.get("content"))]
    assert told == "Requests that wait for an answer: 1. Answer on the web page or at the console."


def test_close_and_reopen(office: Office, house: House) -> None:
    """A closed channel is read, not written; the one for everyone is not closed."""
    bob = house.member("bob")
    bob.ask({"type": "join", "channel": "#dev"})
    assert office.run("close #dev --yes").status == 0
    assert notices(bob) == ["#dev is closed; it can only be read."]
    assert bob.one(say("x", channel="#dev"))["code"] == "channel_closed"
    assert office.run("close #dev --yes").status == 1
    assert office.run("reopen #dev").status == 0
    assert notices(bob) == ["#dev is open again."]
    assert bob.ask(say("x", channel="#dev")) == []
    assert office.run("close #général --yes").status == 1


def test_maintenance(office: Office, house: House) -> None:
    """Members are told and closed, and refused with the reason; moderators stay and come in."""
    bob, mod = house.member("bob"), house.member("mod", role=Role.MODERATOR)
    assert office.run("maintenance on Retour à 18 h").status == 0
    assert notices(bob) == ["The server is under maintenance. Reason: Retour à 18 h"]
    assert house.client().one(login("bob"))["code"] == "maintenance"
    assert house.client().one({"type": "guest", "username": "zoé"})["code"] == "maintenance"
    assert house.client().one(login("mod"))["status"] == "ok"
    assert not mod.closed
    assert "prof has begun a maintenance: only moderators and above come in. Reason: Retour à 18 h" in notices(mod)
    office.run("maintenance off")
    assert house.client().one(login("bob"))["status"] == "ok"
    assert notices(mod)[:1] == ["prof has ended the maintenance: everyone may come in again."]


def test_maintenance_alone_tells_what_is(office: Office, house: House) -> None:
    """It changes nothing, and is in no audit trail; `stats` tells it as well."""
    for line, reason, on in (("off", None, False), ("on", None, True), ("on Panne", "Panne", True)):
        assert office.run(f"maintenance {line}").status == 0
        before = len(trail(house))
        told = json.loads(office.run("maintenance --json").out)
        assert told == {"maintenance": on, "maintenance_reason": reason}
        assert len(trail(house)) == before
        assert json.loads(office.run("stats --json").out).items() >= told.items()
    assert "maintenance\tyes\nbecause of\tPanne\n" in office.run("stats").out


def test_an_end_that_is_under_way_is_told(office: Office, house: House) -> None:
    """`stats` says when, and whether the server starts again; a second one is refused with the time that is left."""
    stats = json.loads(office.run("stats --json").out)
    assert (stats["stops_at"], stats["starts_again"]) == (None, None)
    for command, again in (("shutdown", False), ("restart", True)):
        assert office.run(f"{command} 5min --yes").status == 0
        house.pass_time(60)
        stats = json.loads(office.run("stats --json").out)
        left = datetime.fromisoformat(stats["stops_at"].replace("Z", "+00:00")).timestamp() - house.clock.seconds()
        assert (round(left), stats["starts_again"]) == (240, again)
        assert "already, in 4 min" in office.run(f"{command} 1min --yes").err
        assert office.run(command) == (1, "", office.run(f"{command} --yes").err)  # without a question
        assert office.run("shutdown cancel").status == 0
        assert json.loads(office.run("stats --json").out)["stops_at"] is None


def test_a_restart_is_announced_as_one(office: Office, house: House) -> None:
    """Who reads it knows that the server comes back."""
    bob = house.member("bob")
    office.run("restart 5min Mise à jour --yes")
    assert notices(bob) == ["The server restarts in 5 min. Reason: Mise à jour"]


# -- the server -------------------------------------------------------------------------------------------------------


def test_shutdown(office: Office, house: House) -> None:
    """At once, or after a time of which everyone is told; it can be called off."""
    bob = house.member("bob")
    assert office.run("shutdown cancel").status == 1
    office.run("shutdown 2m Mise à jour --yes")
    assert "about to stop or to restart already, in 2 min; `cancel`" in office.run("restart 1m --yes").err
    assert notices(bob) == ["The server stops in 2 min. Reason: Mise à jour"]
    assert office.run("restart 5m --yes").status == 1
    house.pass_time(60)
    assert len(notices(bob)) == 1
    assert office.run("shutdown cancel").status == 0
    assert notices(bob) == ["The server does not stop after all."]
    house.pass_time(120)
    assert office.controls.done == []
    office.run("restart --yes")
    house.pass_time(1)
    assert office.controls.done == ["restart"]


def test_what_is_the_process_own(office: Office) -> None:
    """Log level and settings are changed by whoever runs the process."""
    assert office.run("loglevel debug").status == office.run("reload").status == 0
    assert office.controls.done == ["loglevel debug", "reload"]


def test_stats(office: Office, house: House) -> None:
    """Figures of this moment."""
    house.member("bob").ask(say("x"))
    office.figures.sample()
    told = json.loads(office.run("stats --json").out)
    assert (told["people"], told["accounts"], told["last_message_id"], told["queue"]) == (1, 1, 1, 0)
    assert told["memory"] > 1_000_000


# -- what is kept -----------------------------------------------------------------------------------------------------


def test_the_trail(office: Office, house: House) -> None:
    """Every change, and every refusal of an administrative request, by whom; not what everyone does all day."""
    house.account("bob")
    office.run("mute bob 10m x")
    office.run("unmute bob")
    office.run("deluser bob --yes", MODERATOR)
    office.run("create #projet")
    office.run("topic #projet Mars")
    office.run("export users")
    bob = house.member("eve")
    bob.ask(say("x"), {"type": "kick", "user": "prof"})
    assert trail(house) == [
        ("prof", "mute"),
        ("prof", "sanction-lifted"),
        ("mod", "refused"),
        ("prof", "channel-added"),
        ("prof", "topic-set"),
        ("prof", "export"),
        ("eve", "refused"),
    ]
    entries = json.loads(office.run("audit --json").out)
    assert entries[-1]["actor"] == "eve"
    assert [entry["action"] for entry in json.loads(office.run("audit --action mute --json").out)] == ["mute"]


def test_private_messages_are_for_owners_with_a_reason(office: Office, house: House) -> None:
    """Without one they are not shown; with one that is in the trail."""
    house.account("alice")
    house.member("bob").ask(tell("alice", "secret"))
    question = "history --user bob --other alice"
    assert office.run(question).status == 1
    assert office.run(f"{question} --reason plainte", ADMIN).status == 1
    assert "secret" in office.run(f"{question} --reason plainte").out
    assert ("prof", "read-private") in trail(house)
    assert "secret" not in office.run("export messages").out
    assert "secret" in office.run("export messages --reason plainte").out


def test_hostile_names_and_words_are_shown_harmless(office: Office, house: House) -> None:
    """No control character of anybody's reaches a terminal, nor does anything look like markup."""
    house.member("bob").ask(say("\x1b[2J[bold]red\u202e"))
    out = office.run("history").out
    assert "\\x1b[2J[bold]red\\u202e" in out
    assert "\x1b" not in out
