"""PROTOCOL.md, classic rule 27: commands in the text, for clients without buttons."""

from __future__ import annotations

from typing import Any

import pytest

from classcord.chat.channels.vocabulary import ChannelRemoved
from classcord.chat.roles import Role
from classcord.chat.text_commands import rules
from classcord.language import LANGUAGES
from tests.chat.test_sanctions import a_sanction
from tests.harness import Client, House, contents, notices, running, say, tell


def told(client: Client, text: str, **more: Any) -> list[str]:
    """Type a text for everyone; return the sentences that answer it, and check that there is nothing else."""
    received = client.ask(say(text, **more))
    assert {(line["type"], line.get("subtype")) for line in received} <= {("message", "system")}
    return notices(received)


def three(house: House) -> tuple[Client, Client, Client]:
    """Return alice, bob who is in #dev, and carol who is not."""
    alice, bob, carol = house.member("alice"), house.member("bob"), house.member("carol")
    bob.ask({"type": "join", "channel": "#dev"})
    for client in (alice, bob, carol):
        client.raw()
    return alice, bob, carol


def test_rule_27_join_sends_plain_messages_there_until_leave(house: House) -> None:
    """Rule 27: and the notice says so; a named channel, or a person, is still what is named."""
    alice, bob, carol = three(house)
    (sentence,) = told(alice, "/join #dev")
    assert "#dev" in sentence
    assert "/leave" in sentence
    alice.ask(say("for dev"), say("for all", channel="#général"), tell("carol", "psst"))
    assert [(line.get("channel"), line["content"]) for line in bob.lines()] == [("#dev", "for dev"), (None, "for all")]
    assert contents(carol.lines()) == ["for all", "psst"]
    assert told(alice, "/leave") == ["You have left #dev. What you write goes to everyone again."]
    alice.ask(say("for all again"))
    assert contents(carol.lines()) == contents(bob.lines()) == ["for all again"]
    bob.ask(say("without alice", channel="#dev"))
    assert alice.raw() == b""


def test_rule_27_commands_twice(house: House) -> None:
    """Rule 27: a second time, a command says what is so; `/join` of everyone's channel is the way back, too."""
    alice, bob, carol = three(house)
    assert told(alice, "/join dev") == told(alice, "/JOIN  #Dev ")
    assert told(alice, "/join general") == ["What you write goes to everyone again."]
    alice.ask(say("hello"))
    assert contents(carol.lines()) == ["hello"]
    told(alice, "/join dev")
    assert told(alice, "/leave") != told(alice, "/leave") == ["What you write goes to everyone again."]
    assert contents(bob.lines()) == ["hello"]


def test_rule_27_what_was_meant_for_a_channel_is_never_told_to_all(house: House) -> None:
    """Rule 27: also when the channel is gone, or has put its member out; `/leave` is the way back."""
    alice, _, carol = three(house)
    told(alice, "/join #dev")
    channel = house.hub.state.channel("#dev")
    assert channel is not None
    house.hub.apply(ChannelRemoved(channel_id=channel.id, by="prof", at=0))
    for _ in range(2):
        assert [line["code"] for line in alice.ask(say("secret"))] == ["not_found"]
    assert carol.raw() == b""
    assert told(alice, "/leave") == ["What you write goes to everyone again."]
    alice.ask(say("hello"))
    assert contents(carol.lines()) == ["hello"]


def test_rule_27_another_person_on_the_connection_writes_to_everyone(house: House) -> None:
    """Rule 27: a `/join` is of whoever typed it."""
    alice, _, carol = three(house)
    told(alice, "/join #dev")
    alice.ask({"type": "guest", "username": "Zoé"})
    carol.raw()
    alice.ask(say("hello"))
    assert contents(carol.lines()) == ["hello"]


def test_rule_27_lists(house: House) -> None:
    """Rule 27: `/rooms` has the channels that one may see, `/who` who is where one writes, or in another channel."""
    alice, bob, carol = three(house)
    assert told(alice, "/rooms") == ["Channels: #général (3), #dev (1)"]
    assert told(alice, "/who") == ["In #général: alice, bob, carol"]
    assert told(alice, "/who dev") == ["In #dev: bob"]
    told(alice, "/join dev")
    assert told(alice, "/who") == ["In #dev: bob, alice"]
    assert len(told(alice, "/help")) == 8
    assert contents(bob.lines() + carol.lines()) == []


@pytest.mark.parametrize("word", ["mp", "msg", "MP"])
def test_rule_27_mp_is_a_private_message(house: House, word: str) -> None:
    """Rule 27: to somebody whose name may have spaces; slashes in it are text. Its author reads that it was sent."""
    jean, bob, alice = house.member("Jean Paul"), house.member("Jean"), house.member("alice")
    for client in (jean, bob):
        client.raw()
    assert told(alice, f'/{word} "jean paul" salut toi') == ["Sent to Jean Paul alone."]
    assert told(alice, f"/{word} jean  /join #dev") == ["Sent to Jean alone."]
    assert [(line["subtype"], line["to"], line["content"]) for line in jean.lines()] == [
        ("private", "Jean Paul", "salut toi")
    ]
    assert contents(bob.lines()) == ["/join #dev"]
    assert [line["code"] for line in alice.ask(say(f"/{word} nobody hello"))] == ["not_found"]
    assert told(alice, f"/{word} jean") == ["/mp needs a name and a text: /mp bob Hello"]


def test_rule_27_mp_goes_to_nobody_if_several_may_be_meant(house: House) -> None:
    """Rule 27: whoever takes the name “bob je” does not read what others write to bob; quotes say who is meant."""
    alice, bob = house.member("alice"), house.member("bob")
    thief = house.client()
    thief.ask({"type": "guest", "username": "Bob je"})
    for client in (alice, bob, thief):
        client.raw()
    for text in ("/mp bob je suis là", "/mp bob je"):
        assert told(alice, text) == [
            'Nothing was sent, because several people may be meant: "bob", "bob je". Quote the name: /mp "bob je" Hello'
        ]
    assert (bob.raw(), thief.raw()) == (b"", b"")
    assert told(alice, '/mp "bob" je suis là') == ["Sent to bob alone."]
    assert told(alice, '/msg "bob je"  toi') == ["Sent to Bob je alone."]
    assert told(alice, "/mp bob salut") == ["Sent to bob alone."]
    assert (contents(bob.lines()), contents(thief.lines())) == (["je suis là", "salut"], ["toi"])
    for text in ('/mp "bob je', '/mp "bob"', '/mp "" x', f'/mp "{"a " * 99}" x'):
        assert told(alice, text) == ["/mp needs a name and a text: /mp bob Hello"]


COMMANDS = ["/join #dev", "/leave", "/rooms", "/who", "/mp carol hello", "/msg carol hello", "/me dances", "/help"]
COMMANDS += ["/report carol", "/signaler carol Insultes"]


@pytest.mark.parametrize("text", COMMANDS)
@pytest.mark.parametrize("kind", [{"type": "message", "to": "bob"}, {"type": "private", "to": "bob"}])
def test_rule_27_each_command_in_each_form_of_a_private_message(house: House, text: str, kind: dict[str, str]) -> None:
    """Rule 27: `private` is a message too; a command does the same in both, and only `/me` is for bob."""
    alice, bob, _ = three(house)
    sentences = [line["content"] for line in alice.ask(kind | {"content": text})]
    assert sentences
    assert not any("error" in sentence for sentence in sentences)
    assert contents(bob.lines()) == (["* alice dances"] if text == "/me dances" else [])


def test_rule_27_all_commands_are_tried() -> None:
    """Rule 27: also one that is new."""
    assert {text.split()[0][1:] for text in COMMANDS} == set(rules._COMMANDS)


def test_rule_27_hello_ends_what_join_began(house: House) -> None:
    """Rule 27: a modern client has no `/leave`: its plain messages go to everyone."""
    alice, bob, carol = three(house)
    told(alice, "/join #dev")
    alice.ask({"type": "hello", "protocol": 2})
    alice.ask(say("for all", id=1))
    assert contents(carol.lines()) == contents(bob.lines()) == ["for all"]


def test_rule_27_me_is_said_where_one_writes(house: House) -> None:
    """Rule 27: to everyone, to the channel, or to the person whose window it was typed in."""
    alice, bob, carol = three(house)
    assert told(alice, "/me dances") == ["* alice dances"]
    assert contents(carol.lines()) == contents(bob.lines()) == ["* alice dances"]
    assert notices(alice.ask(tell("bob", "/me winks"))) == ["Sent to bob alone."]
    assert (contents(carol.lines()), contents(bob.lines())) == ([], ["* alice winks"])
    told(alice, "/join dev"), told(alice, "/me codes")
    assert (contents(carol.lines()), contents(bob.lines())) == ([], ["* alice codes"])


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("//join #dev", "/join #dev"),
        ("//", "/"),
        ("/ join", "/ join"),
        ("/", "/"),
        ("/etc/hosts", "/etc/hosts"),
        ("/2", "/2"),
        ("/o/ hello", "/o/ hello"),
        ("a /join #dev", "a /join #dev"),
        (" /join #dev", " /join #dev"),
    ],
)
def test_rule_27_what_is_text(house: House, typed: str, read: str) -> None:
    """Rule 27: two slashes, a slash and a space, a path; in a private message too."""
    alice, bob, _ = three(house)
    assert alice.ask(say(typed), tell("bob", typed)) == []
    assert contents(bob.lines()) == [read, read]


@pytest.mark.parametrize("message", [say("/danse avec moi"), tell("bob", "/danse avec moi")])
def test_rule_27_an_unknown_command_is_not_handed_out(house: House, message: dict[str, Any]) -> None:
    """Rule 27: somebody may have mistyped a command, whose words are not for others; nor is it stored."""
    alice, bob, carol = three(house)
    (sentence,) = notices(alice.ask(message))
    assert "/danse" in sentence
    assert (bob.raw(), carol.raw()) == (b"", b"")
    assert house.store.asked("SELECT count(*) FROM messages") == [0]


def test_rule_27_commands_of_somebody_muted(house: House) -> None:
    """Rule 27: what others read is refused, what they do not is done."""
    alice, bob, carol = three(house)
    house.hub.restore([a_sanction("mute", "alice", Role.MODERATOR)])
    for text in ("/me shouts", "/mp bob hello"):
        assert [line["code"] for line in alice.ask(say(text))] == ["muted"]
    assert "#dev" in told(alice, "/join #dev")[0]
    assert [line["code"] for line in alice.ask(say("hello"))] == ["muted"]
    assert contents(bob.lines() + carol.lines()) == []


def test_rule_27_commands_of_a_stranger(house: House) -> None:
    """Rule 27: whoever is nobody becomes a guest by them, like by any text, and has no more rights than a guest."""
    bob, zoe = house.member("bob"), house.client()
    house.member("owner", role=Role.OWNER)
    (sentence,) = told(zoe, "/join #dev", **{"from": "Zoé"})
    assert "#dev" in sentence
    assert [line["code"] for line in zoe.ask(say("/join #admin"))] == ["not_found"]
    assert contents(bob.lines()) == []


@pytest.mark.parametrize("text", ["/" + "x" * 9_999, "/me " + "x" * 9_996, "/mp " + "x" * 9_996, "/mp " + "x " * 4_998])
def test_rule_27_ten_thousand_characters(house: House, text: str) -> None:
    """Rule 27: the longest command is answered by one short sentence, and reaches nobody."""
    alice, bob, _ = three(house)
    (line,) = alice.ask(say(text))
    assert line["subtype"] == "system"
    assert len(line["content"]) < 300
    assert bob.raw() == b""


def test_rule_27_a_modern_client_has_no_commands(house: House) -> None:
    """Rule 27: it has requests; a text is a text."""
    bob, new = house.member("bob"), house.modern("alice")
    bob.raw()
    assert [line["type"] for line in new.ask(say("/join #dev", id=1), say("//x", id=2))] == ["ack", "ack"]
    assert contents(bob.lines()) == ["/join #dev", "//x"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_rule_27_people_read_their_language(language: str) -> None:
    """Rule 27: French first."""
    with running(language=language) as house:
        alice = house.member("alice")
        french = told(alice, "/rooms")[0].startswith("Salons\u00a0:")
        assert french is (language == "fr")
