"""Who may write privately to whom, by their roles: the ways from one person to another, and the change of the rule."""

from __future__ import annotations

from itertools import product

import pytest

from classcord.chat.channels.vocabulary import Create
from classcord.chat.effects import Effect, Find, Reply
from classcord.chat.errors import AlreadySo, BadRequest, ChatError, NotAllowed
from classcord.chat.files.vocabulary import UploadFile
from classcord.chat.hub import Hub
from classcord.chat.invitations.vocabulary import Invite
from classcord.chat.maintenance.vocabulary import SettingSet
from classcord.chat.messages.vocabulary import (
    NO_DETAILS,
    HandOver,
    PrivateMessageAdded,
    Say,
    SayPrivately,
    StoredMessage,
)
from classcord.chat.people import Session
from classcord.chat.pins.vocabulary import Pin, PinFound, PinState
from classcord.chat.private_policy.matrix import POLICIES, PUPILS, NoPolicy, pairs_of, policy_of, sentence
from classcord.chat.private_policy.rules import policy_in_force, role_may_write_to
from classcord.chat.private_policy.vocabulary import (
    PrivateClosed,
    PrivatePolicy,
    PrivatePolicyChanged,
    PrivatePolicySet,
    PrivatePolicyTold,
)
from classcord.chat.reactions.vocabulary import React, ReactedTo, ReactionsFound
from classcord.chat.requests import Request
from classcord.chat.resends.vocabulary import Named
from classcord.chat.revisions.vocabulary import Edit, ToEdit
from classcord.chat.roles import Permission, Role
from classcord.chat.subjects import WIRE
from classcord.chat.typing_notifications.vocabulary import ShowTyping
from classcord.wire.jsonlines import Classic, Modern
from tests.chat.hubs import (
    NOON_MS,
    Ear,
    a_hub,
    add_account,
    answered,
    ask,
    changes_of,
    come_in,
    commit,
    decide,
    heard_by,
    log_in,
    moderator,
    operates,
    person_of,
    records_of,
    trail_of,
)

PSST = PrivateMessageAdded(
    message_id=7, at=NOON_MS, conversation="1:2", author="bob", author_id=2, recipient="alice", content="psst"
)
FOUND = StoredMessage(message=PSST, details=NO_DETAILS)
WAYS: dict[str, Request] = {  # in which one person reaches another alone; the message 7 is bob's to alice
    "message": Say(content="psst", subtype="private", to="alice"),
    "to": Say(content="psst", to="ALICE"),
    "named": Say(content="psst", to="alice", client_id="7"),
    "private": SayPrivately(content="psst", to="alice"),
    "reply": Say(content="psst", to="alice", reply_to=7),
    "/mp": Say(content="/mp alice psst"),
    "/msg": Say(content='/msg "alice" psst'),
    "typing": ShowTyping(user="alice"),
    "upload": UploadFile(user="alice", name="a.txt", size=1),
    "invite": Invite(user="alice", channel="#entre-nous"),
    "edit": ToEdit(asked=Edit(message_id=7, content="tsst"), found=FOUND),
    "react": ReactionsFound(asked=React(message_id=7, emoji="👍"), found=ReactedTo(message=PSST)),
    "pin": PinFound(asked=Pin(message_id=7), found=PinState(message=PSST)),
}
ALSO_NAME_A_PERSON = {  # requests that name a person and write nothing to them
    "history",
    "conversations",
    "read",
    "hide",
    "search",
    "pins",
    "profile",
    "block",
    "role",
    "kick",
    "mute",
    "unmute",
    "accept",
    "reject",
    "channel_moderator",
    "requests",
    "status",
    "deluser",
    "passwd",
    "password_elsewhere",
    "password_here",
    "whois",
    "sessions",
    "erase",
    "export_person",
    "report",
    "warn",
    "unwarn",
}


def a_school(policy: str = "staff") -> tuple[Hub, Session, Session]:
    """Return a hub with a policy, alice (1) and bob (2), who has made a private channel."""
    hub = a_hub(private_policy="all")
    hub.uploads.room = lambda: 1e9
    alice, bob = log_in(hub, "alice"), log_in(hub, "bob")
    ask(hub, bob, Create(channel="#entre-nous", kind="private"))
    set_policy(hub, policy)
    return hub, alice, bob


def set_policy(hub: Hub, policy: str) -> None:
    hub.restore([PrivatePolicySet(value=policy, at=NOON_MS)])


def refusal(hub: Hub, session: Session, request: Request) -> ChatError | None:
    """Return why a request is refused, whether by an error or after a look into the store; None if it is done."""
    try:
        effects = decide(hub, session, request)
    except ChatError as error:
        return error
    for effect in effects:
        if isinstance(effect, Find) and isinstance(effect.question, Named):
            with pytest.raises(ChatError) as caught:
                decide(hub, session, effect.result(asked=request, found=None))
            return caught.value
    return None


def speaks(session: Session, asked: Request) -> Session:
    """Let a session speak the dialect in which a request means something: commands are classic."""
    ear = session.listener
    assert isinstance(ear, Ear)
    ear.traits = (Classic if getattr(asked, "content", "")[:1] == "/" else Modern).traits
    return session


@pytest.mark.parametrize("asked", WAYS.values(), ids=list(WAYS))
class TestWays:
    def test_are_closed_between_pupils(self, asked: Request) -> None:
        """By one code, whichever way; the sentence names who keeps order and is here."""
        hub, _, bob = a_school()
        error = refusal(hub, speaks(bob, asked), asked)
        assert isinstance(error, PrivateClosed)
        assert error.code == "private_closed"
        assert "moderators and above" in error.text.render()
        moderator(hub, "prof")
        error = refusal(hub, speaks(bob, asked), asked)
        assert isinstance(error, PrivateClosed)
        assert error.text.render().endswith("now: prof.")

    def test_are_open_to_staff(self, asked: Request) -> None:
        """A pupil may always write to who keeps order, and is answered."""
        hub, alice, bob = a_school()
        for person in (alice, bob):
            account = person_of(person).account
            assert account is not None
            account.role = Role.MODERATOR
            assert refusal(hub, speaks(bob, asked), asked) is None
            account.role = Role.MEMBER

    def test_are_open_without_a_policy(self, asked: Request) -> None:
        """Nothing is changed for whoever wants no such rule."""
        hub, _, bob = a_school("all")
        assert refusal(hub, speaks(bob, asked), asked) is None


def test_no_way_is_forgotten() -> None:
    """Each request that names another person is one of the ways, or writes nothing to the person."""
    naming = {
        str(kind.__struct_config__.tag) for kind in WIRE if {"user", "to"} & set(kind.__struct_fields__)
    }  # a new request must be placed here
    mine = {each.origin.wire_name for each in WAYS.values()}
    assert naming <= mine | ALSO_NAME_A_PERSON, naming - mine - ALSO_NAME_A_PERSON


@pytest.mark.parametrize("policy", ["all", "members", "staff", "guest>member", "guest>guest,member>guest"])
@pytest.mark.parametrize(("writer", "reader"), list(product(Role, Role)))
def test_the_matrix(policy: str, writer: Role, reader: Role) -> None:
    """Every pair of roles: the policy speaks of those who do not keep order, and of nobody else."""
    hub = a_hub(private_policy=policy)
    staff = {role for role in Role if hub.role_may(role, Permission.KEEP_ORDER)}
    assert staff == set(Role) - set(PUPILS)
    expected = bool({writer, reader} & staff) or (writer, reader) in pairs_of(policy)
    assert role_may_write_to(hub, writer, reader) is expected
    if policy in {"all", "staff"}:
        assert expected is (policy == "all" or bool({writer, reader} & staff))


def test_guests_are_pupils_too() -> None:
    """Who logs out and comes back as a guest reaches nobody; with `members` members still write to each other."""
    hub, _, bob = a_school("members")
    zoe = come_in(hub, "Zoé")
    assert isinstance(refusal(hub, zoe, WAYS["message"]), PrivateClosed)
    assert isinstance(refusal(hub, bob, Say(content="psst", to="Zoé")), PrivateClosed)
    assert refusal(hub, bob, WAYS["message"]) is None


def test_notes_to_oneself() -> None:
    """A person may write to themselves whatever the policy says."""
    hub, alice, _ = a_school()
    assert refusal(hub, alice, WAYS["message"]) is None


def test_staff_are_reached_in_any_state() -> None:
    """Away, at the console, by a key, or with a one-time password: a pupil may write to them, and they write to all."""
    hub, _, bob = a_school()
    add_account(hub, "prof", "moderator").must_change = True
    assert refusal(hub, bob, Say(content="aide", to="prof")) is None
    key = operates(hub, "root", Role.OWNER)
    assert refusal(hub, bob, Say(content="aide", to="root")) is None
    assert refusal(hub, key, WAYS["message"]) is None


def test_who_loses_the_role_is_a_pupil_at_once() -> None:
    """The account's role counts, also in an open session."""
    hub, _, _ = a_school()
    prof = moderator(hub, "prof")
    assert refusal(hub, prof, WAYS["message"]) is None
    account = person_of(prof).account
    assert account is not None
    account.role = Role.MEMBER
    assert isinstance(refusal(hub, prof, WAYS["message"]), PrivateClosed)


def test_nothing_is_named_that_is_hidden() -> None:
    """A refusal names nobody of the staff who is invisible."""
    hub, _, bob = a_school()
    prof = moderator(hub, "prof")
    person_of(prof).state = "invisible"
    error = refusal(hub, bob, WAYS["message"])
    assert error is not None
    assert "prof" not in error.text.render()


def test_an_open_channel_is_no_conversation() -> None:
    """An invitation to an open channel, where everyone may read, is let through."""
    hub, _, bob = a_school()
    ask(hub, bob, Create(channel="#exposé"))
    assert refusal(hub, bob, Invite(user="alice", channel="#exposé")) is None


def test_what_was_accepted_is_delivered() -> None:
    """A message that waited when the policy changed is handed over, and the conversation is read as before."""
    hub, alice, bob = a_school("all")
    effects = decide(hub, bob, WAYS["message"])
    set_policy(hub, "staff")
    assert [getattr(event, "content", None) for event in heard_by(alice, commit(hub, effects))] == ["psst"]
    assert decide(hub, alice, HandOver())


# -- changing it ------------------------------------------------------------------------------------------------------


def told(hub: Hub, session: Session) -> PrivatePolicyTold:
    answer = answered(hub, session, PrivatePolicy())
    assert isinstance(answer, PrivatePolicyTold)
    return answer


def change(hub: Hub, session: Session, policy: str) -> list[Effect]:
    return ask(hub, session, PrivatePolicy(policy=policy))


def test_everyone_may_read_it() -> None:
    """With what it means for each role."""
    hub = a_hub(private_policy="members")
    answer = told(hub, come_in(hub, "Zoé"))
    assert (answer.policy, answer.by_settings) == ("members", True)
    rows = {row.role: row.may_write_to for row in answer.roles}
    assert rows["guest"] == ("moderator", "admin", "owner")
    assert rows["member"] == ("member", "moderator", "admin", "owner")
    assert rows["moderator"] == tuple(role.label for role in Role)


def test_it_is_switched_live() -> None:
    """It counts at once, everyone hears it but who did it, and the audit trail keeps before and after."""
    hub, alice, bob = a_school("all")
    boss = operates(hub, "boss", Role.ADMIN)
    effects = decide(hub, boss, PrivatePolicy(policy=" STAFF "))
    assert changes_of(effects) == [PrivatePolicySet(value="staff", at=NOON_MS)]
    (entry,) = trail_of(effects)
    assert (entry.action, entry.object_id) == ("setting-set", "private_policy")
    assert ('"all"' in str(entry.before), '"staff"' in str(entry.after)) == (True, True)
    follow = commit(hub, effects)
    (event,) = heard_by(alice, follow)
    assert isinstance(event, PrivatePolicyChanged)
    assert (event.policy, event.user, event.roles["member"]) == ("staff", "boss", ("moderator", "admin", "owner"))
    assert heard_by(boss, follow) == []
    assert isinstance(refusal(hub, bob, WAYS["message"]), PrivateClosed)
    with pytest.raises(AlreadySo):
        change(hub, boss, "staff")


def test_it_survives_a_restart_and_gives_way_to_the_settings() -> None:
    """The stored switch wins over the settings until `settings` is asked for."""
    hub = a_hub(private_policy="members")
    hub.restore([SettingSet(name="private_policy", value="staff")])  # as a start reads it
    boss = operates(hub, "boss", Role.OWNER)
    assert (told(hub, boss).policy, told(hub, boss).by_settings) == ("staff", False)
    change(hub, boss, "settings")
    assert (told(hub, boss).policy, told(hub, boss).by_settings) == ("members", True)


def test_nobody_is_told_what_changes_nothing() -> None:
    """Writing down what the settings say already is stored, and no news."""
    hub = a_hub(private_policy="staff")
    alice, boss = log_in(hub, "alice"), operates(hub, "boss", Role.ADMIN)
    assert heard_by(alice, change(hub, boss, "staff")) == []


def test_the_right_to_change_it() -> None:
    """A moderator reads it; the change is for whoever may set rules."""
    hub, _, _ = a_school()
    with pytest.raises(NotAllowed):
        decide(hub, moderator(hub), PrivatePolicy(policy="all"))
    assert told(hub, log_in(hub, "mod")).policy == "staff"


@pytest.mark.parametrize("text", ["", "none", "member", "member>", ">", "member>teacher", "a>b>c", "staff,all", "é>è"])
def test_no_policy(text: str) -> None:
    """What is none is refused, with what would be right; nothing is changed."""
    hub, _, _ = a_school()
    with pytest.raises(BadRequest) as caught:
        change(hub, operates(hub, "boss", Role.ADMIN), text)
    assert caught.value.field == "policy"
    assert "guest>member" in caught.value.text.render()


@pytest.mark.parametrize("text", ["member>moderator", "owner>guest", "guest>guest,admin>member"])
def test_staff_are_no_part_of_a_policy(text: str) -> None:
    """A pair with who keeps order is refused: it cannot be closed, so it need not be opened."""
    with pytest.raises(NoPolicy) as caught:
        policy_of(text)
    assert "always open" in str(caught.value)


def test_one_form() -> None:
    """Pairs in any order, spelling and number are one policy; pairs that a word says are the word."""
    assert policy_of(" Member>Member , guest>member,guest > member") == "guest>member,member>member"
    assert policy_of("member>member") == "members"
    assert policy_of(",".join(f"{w.label}>{r.label}" for w, r in product(PUPILS, PUPILS))) == "all"
    for policy in (*POLICIES, "guest>member,member>member"):
        assert policy_of(policy) == policy
        assert "{" not in sentence(policy).render()


def test_a_policy_of_a_newer_version() -> None:
    """What cannot be read closes rather than opens."""
    hub = a_hub()
    hub.restore([SettingSet(name="private_policy", value="parents")])
    assert policy_in_force(hub) == "parents"
    assert not role_may_write_to(hub, Role.MEMBER, Role.MEMBER)
    assert role_may_write_to(hub, Role.MEMBER, Role.MODERATOR)


def test_a_policy_in_force_stores_nothing_else() -> None:
    """A refused message leaves no record."""
    hub, _, bob = a_school()
    with pytest.raises(PrivateClosed):
        records_of(decide(hub, bob, WAYS["message"]))
    assert isinstance(decide(hub, bob, PrivatePolicy())[0], Reply)
