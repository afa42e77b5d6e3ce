"""`tail`: what happens is shown as it happens, and what is private is shown to nobody who may not see it."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from typing import cast

import pytest
from twisted.logger import ILogObserver, LogEvent, Logger, globalLogPublisher

from classcord.services.monitoring.tailing import LONGEST, LiveTail
from classcord.services.process import logs
from tests.harness import House, running, say, tell


@pytest.fixture
def file() -> Iterator[list[str]]:
    """The lines of a log file as it is by default."""
    lines: list[str] = []
    observer = logs.observer(lines.append, "debug")
    globalLogPublisher.addObserver(observer)
    yield lines
    globalLogPublisher.removeObserver(observer)


def tail(house: House, only: str = "", *, private: bool = False) -> tuple[LiveTail, list[str]]:
    """Return a tail that has started, and what it shows without the times."""
    shown: list[str] = []
    tail = LiveTail(house.chat, only, private, lambda line: shown.append(line.partition(" ")[2]))
    tail.start()
    return tail, shown


def test_events_and_messages_are_shown_as_they_happen(house: House) -> None:
    """Who comes, what is said and where, with the time in front; after the end nothing."""
    bob = house.member("bob")
    shown: list[str] = []
    watching = LiveTail(house.chat, "", False, shown.append)
    watching.start()
    bob.ask(say("Bonjour {name}"), say("ici", channel="dev"))
    house.client(address="10.0.0.9")
    watching.stop()
    bob.ask(say("unseen"))
    assert all(re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z session", line) for line in shown)
    assert [line.partition(" ")[2] for line in shown] == [
        "session 1: bob -> #général: Bonjour {name}",
        "session 1: bob -> #dev: ici",
        "session 2 connected from 10.0.0.9 by tcp",
    ]


def test_what_is_watched_is_in_no_file(house: House, file: list[str]) -> None:
    """Messages become events while somebody watches; the log that did not ask for them stays as it was."""
    bob = house.member("bob")
    house.member("alice")
    watching, shown = tail(house, private=True)
    bob.ask(say("in public"), tell("alice", "between us"))
    assert len(shown) == 2
    assert not any("public" in line or "between" in line for line in file)
    watching.stop()
    house.events.clear()
    bob.ask(say("nobody watches"))
    assert house.events == []


@pytest.mark.parametrize("private", [True, False])
def test_a_private_message_is_shown_only_where_that_was_asked_for(house: House, private: bool) -> None:
    """Otherwise one sees that it was written, and to whom."""
    bob = house.member("bob")
    house.member("alice")
    _, shown = tail(house, private=private)
    bob.ask(tell("alice", "between us"))
    assert shown == [f"session 1: bob -> alice: {'between us' if private else '(private)'}"]


@pytest.mark.parametrize("private", [True, False])
def test_an_edit_is_shown_like_the_message(house: House, private: bool) -> None:
    """With the new words; of a private message only where that was asked for."""
    bob = house.modern("bob")
    house.member("alice")
    first, second = (bob.ask(line)[0]["message_id"] for line in (say("public"), tell("alice", "between us")))
    _, shown = tail(house, private=private)
    bob.ask(*({"type": "edit", "message_id": number, "content": "new words"} for number in (first, second)))
    assert [line.partition(": ")[2] for line in shown] == [
        "bob -> #général: (edited) new words",
        f"bob -> alice: {'(edited) new words' if private else '(private)'}",
    ]


@pytest.mark.parametrize("private", [True, False])
def test_a_private_message_written_as_a_command_is_no_less_private(house: House, private: bool) -> None:
    """For clients without a button: the recipient is in the text, and so are the words."""
    bob = house.member("bob")
    house.member("alice")
    _, shown = tail(house, private=private)
    bob.ask(say("/mp alice between us"), say("/msg nobody between us"), say("/mpalice between us"))
    bob.ask(tell("alice", "/me whispers"))
    assert [line for line in shown if "->" in line] == [
        f"session 1: bob -> alice: {'between us' if private else '(private)'}",
        f"session 1: bob -> alice: {'* bob whispers' if private else '(private)'}",
    ]
    assert private or not any("between" in line or "whispers" in line for line in shown)


def test_no_format_shows_a_private_message(house: House) -> None:
    """A log that asks for messages, in either format, has none of those while an owner reads them."""
    lines: list[str] = []
    observers = [logs.observer(lines.append, "info", form, messages=True) for form in logs.FORMATS.values()]
    for observer in observers:
        globalLogPublisher.addObserver(observer)
    bob = house.member("bob")
    house.member("alice")
    watching, _ = tail(house, private=True)
    lines.clear()
    bob.ask(tell("alice", "between us"))
    watching.stop()
    for observer in observers:
        globalLogPublisher.removeObserver(observer)
    assert len(lines) == 2
    assert all("(private)" in line and "between us" not in line for line in lines)


def test_only_lines_with_all_the_words_are_shown(house: House) -> None:
    """Whatever their case and order; and what is hidden cannot be searched for."""
    bob = house.member("bob")
    house.member("alice")
    _, shown = tail(house, "ÉTÉ bob")
    _, hidden = tail(house, "secret")
    bob.ask(say("l’été"), say("hiver"), tell("alice", "secret"))
    assert shown == ["session 1: bob -> #général: l’été"]
    assert hidden == []


def test_a_line_is_one_line_without_control_characters(house: House) -> None:
    """What a user typed moves no cursor, and a huge message is shortened."""
    bob = house.member("bob")
    _, shown = tail(house)
    bob.ask(say("a\nb\x1b[2J\u202e"), say("x" * 9000))
    assert shown[0] == "session 1: bob -> #général: a b\\x1b[2J\\u202e"
    assert len(shown[1]) == LONGEST


def test_trouble_is_told_by_its_level_and_noise_is_left_out(house: House) -> None:
    """A warning says that it is one; what is for debugging, and what Conch tells of each packet, is not shown."""
    _, shown = tail(house)
    log = Logger(namespace="somewhere")
    log.debug("a detail")
    Logger(namespace="twisted.conch.ssh").info("a packet")
    log.warn("mind the {gap}", gap="gap")
    assert shown == ["warn: mind the gap"]


def test_several_watch_at_once_and_each_stops_alone(house: House) -> None:
    """Messages are events as long as one of them watches; to stop twice is to stop once."""
    bob = house.member("bob")
    first, seen = tail(house)
    second, seen_too = tail(house)
    first.stop()
    first.stop()
    bob.ask(say("still watched"))
    assert (len(seen), len(seen_too), house.chat.message_log.watchers) == (0, 1, 1)
    second.stop()
    assert house.chat.message_log.watchers == 0


def test_a_show_that_fails_ends_the_tail_and_nothing_else() -> None:
    """The log goes on for all others, without a gap; the message that was on its way arrives."""
    with running(faulty=True) as house:
        bob, alice = house.member("bob"), house.member("alice")

        def fail(_: str) -> None:
            raise ConnectionError

        broken = LiveTail(house.chat, "", False, fail)
        broken.start()
        after: list[LogEvent] = []
        observer = cast(ILogObserver, after.append)
        globalLogPublisher.addObserver(observer)
        bob.ask(say("one"))
        bob.ask(say("two"))
        globalLogPublisher.removeObserver(observer)
        broken.stop()
        assert [event["content"] for event in after if "content" in event] == ["one"]
        assert house.chat.message_log.watchers == 0
        assert [line for line in house.logged if "tail failed" in line] == ["a tail failed"]
        assert [line["content"] for line in alice.lines()] == ["one", "two"]


def test_what_is_logged_while_a_line_is_shown_is_left_out(house: House) -> None:
    """A console that logs what it writes does not see itself for ever."""
    shown: list[str] = []
    log = Logger(namespace="console")

    def show(line: str) -> None:
        shown.append(line)
        log.info("a console has written")

    watching = LiveTail(house.chat, "", False, show)
    watching.start()
    house.client()
    watching.stop()
    assert len(shown) == 1


def test_an_event_of_another_thread_comes_with_the_next_one(house: House) -> None:
    """Consoles are written to in the reactor's thread alone."""
    _, shown = tail(house)
    log = Logger(namespace="thread")
    thread = threading.Thread(target=lambda: log.info("from a thread"))
    thread.start()
    thread.join(10)
    assert shown == []
    log.info("from here")
    assert shown == ["from a thread", "from here"]


def test_what_the_audit_log_says_is_shown(house: House) -> None:
    """A login that fails is seen as it happens, by its name and address."""
    house.account("bob")
    watching, shown = tail(house, "login-failed")
    house.client(address="10.0.0.9").one({"type": "login", "username": "bob", "password": "wrong"})
    watching.stop()
    house.client(address="10.0.0.9").one({"type": "login", "username": "bob", "password": "wrong"})
    assert [line.partition(" name=")[0] for line in shown] == ["login-failed session=1 address=10.0.0.9"]
