"""Commands in the text of a classic message, as the rules decide them (classic rule 27)."""

from __future__ import annotations

import pytest

from classcord.chat.channels.vocabulary import MemberRemoved
from classcord.chat.effects import Commit, Effect, Reply
from classcord.chat.errors import ChatError, NotAllowed, NotFound
from classcord.chat.hub import Hub
from classcord.chat.messages.vocabulary import MessageAdded, PrivateMessageAdded, Say
from classcord.chat.people import Session
from classcord.chat.roles import Permission, Role
from classcord.chat.text_commands.rules import may_be_command
from classcord.chat.text_commands.vocabulary import Explained
from tests.chat.hubs import a_channel, a_hub, ask, come_in, decide, log_in, records_of


def told(effects: list[Effect]) -> list[str]:
    """Return the sentences by which a command is answered."""
    answers = [effect.answer for effect in effects if isinstance(effect, Reply | Commit)]
    return [each.render() for answer in answers if isinstance(answer, Explained) for each in answer.sentences]


def typed(hub: Hub, session: Session, text: str) -> list[str]:
    """Write a text as far as its commit; return how it is answered."""
    effects = decide(hub, session, Say(content=text))
    answer = told(effects)
    ask(hub, session, Say(content=text))
    return answer


@pytest.fixture
def hub() -> Hub:
    return a_hub()


@pytest.fixture
def bob(hub: Hub) -> Session:
    return log_in(hub, "bob", modern=False)


def test_a_text_that_is_no_command_is_a_message(hub: Hub, bob: Session) -> None:
    """A path, a slash alone, a slash and a space; and two slashes are one in the message."""
    for text, said in (("/etc/hosts", "/etc/hosts"), ("/ oui", "/ oui"), ("/", "/"), ("//help", "/help")):
        [record] = records_of(decide(hub, bob, Say(content=text)))
        assert isinstance(record, MessageAdded)
        assert record.content == said


def test_an_unknown_command_is_not_handed_out(hub: Hub, bob: Session) -> None:
    """A sentence says so; a very long one is cut."""
    [sentence] = told(decide(hub, bob, Say(content="/danse")))
    assert "/danse" in sentence
    [sentence] = told(decide(hub, bob, Say(content="/" + "a" * 500)))
    assert "a" * 20 + "…" in sentence
    assert "a" * 21 not in sentence


@pytest.mark.parametrize("text", ["/join", "/mp", "/mp bob", "/me"])
def test_a_command_without_what_it_needs_is_explained(hub: Hub, bob: Session, text: str) -> None:
    """The answer shows the right form, and nothing is stored."""
    effects = decide(hub, bob, Say(content=text))
    assert any(f"{text.split(maxsplit=1)[0]} " in sentence for sentence in told(effects))
    assert records_of(effects) == []


def test_plain_messages_go_to_the_channel_that_was_joined(hub: Hub, bob: Session) -> None:
    """Until `/leave` or another `/join`; the channel of everyone is left by joining it."""
    assert "#dev" in " ".join(typed(hub, bob, "/join #dev"))
    [record] = records_of(decide(hub, bob, Say(content="ici")))
    assert isinstance(record, MessageAdded)
    assert record.channel_id == 2
    assert "#dev" in " ".join(typed(hub, bob, "/join dev"))  # twice
    assert typed(hub, bob, "/join #général")
    [record] = records_of(decide(hub, bob, Say(content="à tous")))
    assert isinstance(record, MessageAdded)
    assert record.channel_id == 1
    typed(hub, bob, "/join #dev")
    assert "#dev" in " ".join(typed(hub, bob, "/leave"))
    [record] = records_of(decide(hub, bob, Say(content="à tous")))
    assert isinstance(record, MessageAdded)
    assert record.channel_id == 1


def test_leaving_another_channel_changes_nothing_about_the_one_written_to(hub: Hub, bob: Session) -> None:
    """Somebody may leave a channel by its name while they write in another."""
    hub.restore([a_channel(4, "#jeux")])
    typed(hub, bob, "/join #jeux")
    typed(hub, bob, "/join #dev")
    assert "#jeux" in " ".join(typed(hub, bob, "/leave #jeux"))
    [record] = records_of(decide(hub, bob, Say(content="ici")))
    assert isinstance(record, MessageAdded)
    assert record.channel_id == 2
    assert typed(hub, bob, "/leave")
    assert typed(hub, bob, "/leave")  # there is nothing to leave: what is written goes to everyone


def test_a_channel_that_does_not_exist_for_somebody_is_not_found(hub: Hub, bob: Session) -> None:
    """A command shows no more than its request does."""
    for text in ("/join #admin", "/join #rien", "/leave #rien", "/who #admin"):
        with pytest.raises(NotFound):
            decide(hub, bob, Say(content=text))


def test_a_channel_with_approval_is_asked_for(hub: Hub, bob: Session) -> None:
    """What is written goes on to everyone until somebody accepts."""
    hub.restore([a_channel(4, "#club", kind="approval")])
    typed(hub, bob, "/join #club")
    [record] = records_of(decide(hub, bob, Say(content="à tous")))
    assert isinstance(record, MessageAdded)
    assert record.channel_id == 1


def test_lists_are_told_in_a_sentence(hub: Hub, bob: Session) -> None:
    """Channels with their members, the people of the channel that is written to, and all commands."""
    log_in(hub, "alice", modern=False)
    assert "#dev (0)" in " ".join(typed(hub, bob, "/rooms"))
    assert "alice" in " ".join(typed(hub, bob, "/who"))
    typed(hub, bob, "/join #dev")
    assert "alice" not in " ".join(typed(hub, bob, "/who"))
    assert len(typed(hub, bob, "/help")) > 5


def test_a_person_is_written_to(hub: Hub, bob: Session) -> None:
    """By `/mp` and `/msg`, also somebody whose name has spaces; a text that looks like a command is a text."""
    log_in(hub, "Marie Claire", modern=False)
    for text, content in (
        ("/mp Marie Claire bonjour à toi", "bonjour à toi"),
        ("/MSG Marie Claire /help", "/help"),
    ):
        [record] = records_of(decide(hub, bob, Say(content=text)))
        assert isinstance(record, PrivateMessageAdded)
        assert (record.recipient, record.content) == ("Marie Claire", content)
    with pytest.raises(NotFound):
        decide(hub, bob, Say(content="/mp personne bonjour"))


def test_somebody_says_what_they_do(hub: Hub, bob: Session) -> None:
    """A message like another, that begins with their name."""
    [record] = records_of(decide(hub, bob, Say(content="/me réfléchit")))
    assert isinstance(record, MessageAdded)
    assert record.content == "* bob réfléchit"


def test_a_guest_does_what_a_guest_may(hub: Hub) -> None:
    """A command is decided like its request."""
    hub.restore([a_channel(4, "#profs", guests=False)])
    zoe = come_in(hub, "Zoé", modern=False)
    with pytest.raises(ChatError) as refused:
        decide(hub, zoe, Say(content="/join #profs"))
    assert isinstance(refused.value, NotAllowed)
    assert told(decide(hub, zoe, Say(content="/help")))


def test_a_modern_session_has_no_commands_in_its_text(hub: Hub) -> None:
    """Its client has buttons; a text is a text."""
    [record] = records_of(decide(hub, log_in(hub, "eve"), Say(content="/help")))
    assert isinstance(record, MessageAdded)
    assert record.content == "/help"


def test_a_name_that_may_be_two_peoples_is_asked_for_in_quotes(hub: Hub, bob: Session) -> None:
    """Whoever takes the name `eve je` reads nothing that somebody writes to eve; quotes say who is meant."""
    log_in(hub, "eve", modern=False), come_in(hub, "eve je", modern=False)
    effects = decide(hub, bob, Say(content="/mp eve je te dis un secret"))
    assert records_of(effects) == []
    [sentence] = told(effects)
    assert '"eve"' in sentence
    assert '"eve je"' in sentence
    for quoted, content in (('/mp "eve" je te dis', "je te dis"), ('/mp "eve je" te dis', "te dis")):
        [record] = records_of(decide(hub, bob, Say(content=quoted)))
        assert isinstance(record, PrivateMessageAdded)
        assert record.content == content


def test_a_command_needs_the_right_of_its_request(hub: Hub, bob: Session) -> None:
    """A server may one day take a right from a role: then the command is refused as its request is."""
    granted = hub.permissions[Role.MEMBER]
    hub.permissions = hub.permissions | {Role.MEMBER: granted - {Permission.JOIN}}
    with pytest.raises(NotAllowed):
        decide(hub, bob, Say(content="/join #dev"))


def test_who_was_put_out_of_the_channel_writes_to_everyone_after_leave(hub: Hub, bob: Session) -> None:
    """There is nothing to leave any more, and what is written goes to everyone again."""
    typed(hub, bob, "/join #dev")
    assert bob.person is not None
    assert bob.person.account is not None
    hub.restore([MemberRemoved(channel_id=2, user_id=bob.person.account.id)])
    assert typed(hub, bob, "/leave")
    [record] = records_of(decide(hub, bob, Say(content="à tous")))
    assert isinstance(record, MessageAdded)
    assert record.channel_id == 1


@pytest.mark.parametrize(
    ("text", "may_be"), [("/mp bob x", True), ("/", True), ("//mp", False), ("bonjour", False), ("", False)]
)
def test_a_text_that_may_be_a_command_may_be_private(text: str, may_be: bool) -> None:
    """What is shown to somebody who watches leaves out what may be meant for one person."""
    assert may_be_command(text) is may_be
