"""The gate of a server in memory: whom it blocks, whom it refuses, what they hear, and what others notice of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from twisted.internet.address import IPv4Address, IPv6Address

from classcord.chat.roles import Operator, Role
from classcord.chat.sanctions.vocabulary import SanctionAdded
from classcord.services.chat.acceptor import NOTED_AT_ONCE
from tests.harness import House, login, running, say
from tests.office import Office
from tests.services.security.test_blocking import HOME, SCHOOL

# -- blocked ----------------------------------------------------------------------------------------------------------


def _strict(house: House, after: int = 20) -> None:
    house.chat.gate.blocks.set_rule(after=after, within=600, seconds=900, exempt=lambda _: False)


def _guess(house: House, address: str, times: int) -> None:
    """Try passwords, each on a name of its own and a connection of its own, so that nothing else slows it down."""
    for _ in range(times):
        client = house.client(address)
        client.ask(login(f"nobody{len(house.clients)}", "wrong"))
        client.leave()


def test_a_blocked_address_hears_why_and_until_when() -> None:
    """One line, as an answer that clients understand, and the end of the connection; nobody else notices."""
    with running() as house:
        _strict(house)
        _guess(house, HOME, 20)
        refused = house.client(HOME)
        house.turn()
        (line,) = refused.lines()
        assert (line["type"], line["code"]) == ("error", "blocked")
        house.pass_time(3)
        assert refused.closed
        assert house.client(SCHOOL).ask(login("x"))[0]["code"] == "login_failed"
        house.pass_time(900)
        assert house.client(HOME).ask(login("x"))[0]["code"] == "login_failed"


def test_guesses_under_way_make_no_room_for_each_other() -> None:
    """A hundred connections that guess at once may fail no more often than one that guesses again and again."""
    with running() as house:
        _strict(house)
        house.hasher.holding = True
        guessers = [house.client(HOME) for _ in range(100)]
        for number, client in enumerate(guessers):
            client.send(login(f"nobody{number}", "wrong"))
        for _ in range(20):
            assert house.chat.gate.refusal(HOME, "tcp") is None
            house.hasher.let_go()
        assert house.chat.gate.refusal(HOME, "tcp") is not None


def test_who_is_logged_in_stays_and_who_is_not_goes() -> None:
    """The last guess is answered before its connection is closed, and both that are closed hear why."""
    with running() as house:
        _strict(house, after=2)  # for alice, and for the silent one
        alice = house.member("alice", address=HOME)
        silent = house.client(HOME)
        guesser = house.client(HOME)
        elsewhere = house.client(SCHOOL)
        answers = [line for number in range(4) for line in guesser.ask(login("bob", str(number)))]
        assert [answer["code"] for answer in answers] == ["login_failed"] * 4 + ["blocked"]
        house.pass_time(3)
        assert (silent.closed, guesser.closed) == (True, True)
        assert [line["code"] for line in silent.lines()] == ["blocked"]
        assert (alice.closed, elsewhere.closed) == (False, False)
        house.member("carol").send(say("still there?"))
        house.turn()
        assert [line["content"] for line in alice.lines() if line.get("from") == "carol"] == ["still there?"]


def test_a_classroom_of_which_three_guess_does_not_lock_itself_out() -> None:
    """Thirty at one address, not said to be shared: the three guess from the first moment, the others come in and talk.

    The three open a new connection for each guess, on other names each time: nothing holds them up but the rule.
    """
    with running() as house:
        _strict(house)
        pupils = [f"pupil{number}" for number in range(27)]
        for name in pupils:
            house.account(name)
        clients = {name: house.client(SCHOOL) for name in pupils[:10]}  # these have their window open already
        _guess(house, SCHOOL, 60)
        for name in pupils:
            clients[name] = client = clients.get(name) or house.client(SCHOOL)
            assert client.ask(login(name))[0].get("status") == "ok", name
            _guess(house, SCHOOL, 40)
        assert [block.guarded for block in house.chat.gate.blocks.now()] == [True]
        for client in clients.values():
            client.raw()
        clients["pupil0"].send(say("bonjour"))
        house.turn()
        heard = [name for name in pupils if any(line.get("content") == "bonjour" for line in clients[name].lines())]
        assert heard == pupils[1:]
        assert house.client(SCHOOL).ask(login("pupil9"))[0]["status"] == "ok"  # again, after a crash of the client
        answers = [house.client(SCHOOL).one(login("admin", "guess"))["code"] for _ in range(5)]
        assert answers == ["login_failed"] * 3 + ["blocked"] * 2


def test_many_tries_at_once_gain_nothing_in_a_guarded_classroom() -> None:
    """Those that wait for their pause are not looked at any more when the first of them have failed."""
    with running() as house:
        _strict(house, after=3)
        for name in ("alice", "bob", "chloé"):
            house.member(name, address=SCHOOL)
        _guess(house, SCHOOL, 40)
        assert house.chat.gate.blocks.now()[0].guarded
        before, house.hasher.holding = house.hasher.calls, True
        crowd = [house.client(SCHOOL) for _ in range(50)]
        for client in crowd:
            client.send(login("admin", "guess"))
        while house.hasher.held:
            house.hasher.let_go()
            house.turn()
        house.pass_time(10)
        codes = [line["code"] for client in crowd for line in client.lines()]
        assert codes == ["login_failed"] * 5 + ["blocked"] * 45
        assert house.hasher.calls == before + 5


def test_administrators_see_blocks_and_lift_them(tmp_path: Path) -> None:
    """`blocks` is a table, `unblock` lets in again and is in the audit log; moderators may neither."""
    with running() as house:
        _strict(house)
        office = Office(house, tmp_path)
        _guess(house, HOME, 20)
        assert HOME in office.run("blocks").out
        moderator = Operator(name="surveillant", role=Role.MODERATOR)
        assert [office.run(command, moderator).status for command in ("blocks", f"unblock {HOME}")] == [1, 1]
        assert house.client(HOME).ask(login("x"))[0]["code"] == "blocked"
        assert office.run(f"unblock {HOME}").status == 0
        assert house.client(HOME).ask(login("x"))[0]["code"] == "login_failed"
        assert office.run(f"unblock {HOME}").status == 1
        told = [line.split()[1] for line in house.audit if "block" in line]
        assert told == ["blocked", "unblocked", "unblock"]  # the second was of nobody


# -- lists of networks ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("allow", "deny", "address", "admitted"),
    [
        ((), (), HOME, True),
        (("192.0.2.0/24",), (), SCHOOL, True),
        (("192.0.2.0/24",), (), HOME, False),
        (("192.0.2.0/24",), (SCHOOL,), SCHOOL, False),
        ((), ("203.0.113.0/24",), HOME, False),
        ((), ("203.0.113.0/24",), SCHOOL, True),
        (("192.0.2.0/24",), ("0.0.0.0/0", "::/0"), "127.0.0.1", True),
        (("192.0.2.0/24",), ("0.0.0.0/0", "::/0"), "::1", True),
        ((), ("2001:db8::/32",), "2001:db8::1", False),
        (("192.0.2.0/24",), (), "2001:db8::1", False),
        (("192.0.2.0/24",), (), "::ffff:192.0.2.7", True),
        ((), ("192.0.2.0/24",), "::ffff:192.0.2.7", False),
    ],
)
def test_who_may_connect(allow: tuple[str, ...], deny: tuple[str, ...], address: str, admitted: bool) -> None:
    """`deny` counts more than `allow`, no `allow` is everyone, and the machine itself always may."""
    with running() as house:
        house.chat.gate.set_lists(allow=allow, deny=deny)
        peer = (IPv6Address if ":" in address else IPv4Address)("TCP", address, 1)
        client = house.client(peer=peer)
        house.turn()
        lines = client.lines()
        assert [line["code"] for line in lines] == ([] if admitted else ["not_allowed"])
        house.pass_time(3)
        assert client.closed is not admitted


def test_a_flood_of_refusals_does_not_fill_the_log() -> None:
    """Some are told one by one, then how many there were besides."""
    with running() as house:
        house.chat.gate.set_lists(allow=(), deny=(HOME,))
        for _ in range(1000):
            house.client(HOME)
        assert len([line for line in house.logged if "was refused" in line]) == 20
        house.pass_time(10, step=1)
        house.client(HOME)
        assert "(980 more such lines were left out before this one)" in house.logged[-1]


def test_who_is_banned_makes_nobody_go() -> None:
    """In a full server the oldest silent connection makes room for the next one, but not for who is refused anyway."""
    with running(connections=2) as house:
        house.hub.restore([_ban(HOME)])
        first, _ = house.client(SCHOOL), house.client(SCHOOL)
        assert house.client(HOME).lines()[0]["code"] == "banned"
        house.chat.gate.set_lists(allow=(), deny=("203.0.113.8",))
        assert house.client("203.0.113.8").lines()[0]["code"] == "not_allowed"
        house.pass_time(3)
        assert not first.closed
        house.client(SCHOOL)
        house.turn()
        assert first.closed


def _ban(address: str) -> SanctionAdded:
    return SanctionAdded(
        sanction_id=1, kind="ban", of="network", target=address, shown=address, by="admin", reason="", added_at=0
    )


def test_a_flood_of_connections_does_not_fill_the_log() -> None:
    """Whoever connects and goes is logged so many times; who says a name then is, with where they come from."""
    with running() as house:
        for _ in range(NOTED_AT_ONCE + 50):
            house.client(HOME).leave()
        begun = sum("connected from" in line for line in house.logged)
        ended = sum(" ended: " in line for line in house.logged)
        assert (begun, ended) == (NOTED_AT_ONCE, NOTED_AT_ONCE)
        house.guest("Zoé")
        session = f"session {NOTED_AT_ONCE + 51}"
        told = [line.split(" (")[0] for line in house.logged if line.startswith(session)]
        assert told[:2] == [f"{session} connected from 10.0.0.1 by tcp", f"{session} is Zoé, guest"]
