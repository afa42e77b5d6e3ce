"""Who is here and who of them is away: kept from one arrival to the next, and always as if they were counted anew."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from classcord.chat.effects import Reply
from classcord.chat.hub import Hub
from classcord.chat.identity.vocabulary import Guest, Logout
from classcord.chat.people import Session
from classcord.chat.presence.vocabulary import Status, Users, UsersListed
from tests.chat.hubs import a_hub, ask, come_in, connect, decide, log_in

NAMES = ("alice", "bob", "carol", "dave", "eve")
STATES = ("online", "away", "dnd", "invisible", "offline")
_STEPS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(("in", "guest", "out", "other")), st.integers(0, 4), st.just("")),
        st.tuples(st.just("state"), st.integers(0, 4), st.sampled_from(STATES)),
    ),
    max_size=40,
)


def _does(hub: Hub, sessions: dict[int, Session], what: str, who: int, state: str) -> None:
    session = sessions.get(who)
    if session is None or session.person is None:
        if what == "in":
            sessions[who] = log_in(hub, NAMES[who])
        elif what == "guest":
            sessions[who] = come_in(hub, f"guest {who}")
    elif what == "out":
        ask(hub, session, Logout())
    elif what == "other":
        ask(hub, session, Guest(username=f"another {who}"))
    elif what == "state":
        ask(hub, session, Status(state=state))


@given(steps=_STEPS)
def test_the_lists_are_as_if_they_were_made_anew(steps: list[tuple[str, int, str]]) -> None:
    """Each visible person once, in the order of arrival, whoever was invisible meanwhile; and who is not online."""
    hub = a_hub()
    sessions: dict[int, Session] = {}
    for what, who, state in steps:
        _does(hub, sessions, what, who, state)
        here = [person for person in hub.state.people.values() if not person.hidden]
        assert hub.state.visible() == tuple(person.name for person in here)
        assert set(hub.state.away.values()) == {person for person in here if person.state != "online"}


def _listed(hub: Hub, session: Session) -> tuple[str, ...]:
    reply = decide(hub, session, Users())[0]
    assert isinstance(reply, Reply)
    assert isinstance(reply.answer, UsersListed)
    return reply.answer.users


def test_a_list_spells_only_the_own_name_as_it_was_typed() -> None:
    """In its place among the others (classic rule 21)."""
    hub = a_hub()
    log_in(hub, "Bob")
    session = connect(hub, modern=False)
    come_in(hub, "zoé", session)
    log_in(hub, "Dave")
    session.called = "ZOÉ"
    assert _listed(hub, session) == ("Bob", "ZOÉ", "Dave")
    session.called = "another"
    ask(hub, session, Status(state="invisible"))
    assert _listed(hub, session) == ("Bob", "Dave")
