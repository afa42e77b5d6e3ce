"""A connection, whoever it belongs to: lines that ask nothing, and its end."""

from __future__ import annotations

import pytest

from classcord.chat.connections.vocabulary import Disconnect, Finished, Malformed
from classcord.chat.effects import Close
from classcord.chat.errors import BadJSON
from tests.chat.hubs import a_hub, connect, decide


def test_a_client_that_closes_its_side_is_closed() -> None:
    """After its last answer, which stands before this in the pipeline."""
    hub = a_hub()
    assert decide(hub, connect(hub), Finished()) == [Close()]


def test_the_end_of_a_connection_that_was_nobodys_changes_nothing() -> None:
    """There is no session of an account or a guest to end."""
    hub = a_hub()
    assert decide(hub, connect(hub), Disconnect()) == []


def test_a_second_bad_line_before_the_first_answer_is_passed_over() -> None:
    """One refusal is enough for somebody who types by hand (PROTOCOL.md, classic rule 10); later each line has one."""
    hub = a_hub()
    session = connect(hub)
    with pytest.raises(BadJSON):
        decide(hub, session, Malformed(error=BadJSON()))
    assert decide(hub, session, Malformed(error=BadJSON())) == []
    session.answered = True
    with pytest.raises(BadJSON):
        decide(hub, session, Malformed(error=BadJSON()))
