"""Invitation codes: who makes which, who comes in by one, and what a guesser learns."""

from __future__ import annotations

import re

import pytest

from classcord.chat.accounts.vocabulary import DelUser, RoleTooHigh, SetRole
from classcord.chat.audit.vocabulary import Audited
from classcord.chat.channels.vocabulary import ChannelClosed, CloseChannel, DeleteChannel, MemberAdded, MemberRemoved
from classcord.chat.checked_passwords.vocabulary import Hashed
from classcord.chat.effects import Commit, Effect, Hash, Refuse, Reply, TellSecurity
from classcord.chat.errors import BadRequest, ChatError, NotAllowed, NotFound, TooLong
from classcord.chat.hub import Hub
from classcord.chat.invitation_codes import rules
from classcord.chat.invitation_codes.admitting import HOUR, MOST_WRONG, MOST_WRONG_FROM_HERE, MOST_WRONG_FROM_MANY
from classcord.chat.invitation_codes.kept_codes import code_of, spelt
from classcord.chat.invitation_codes.vocabulary import (
    DAY,
    BadInvite,
    CodeInfo,
    CodeMade,
    CodeOfStaff,
    CodesListed,
    EndInvitationCode,
    InvitationCodeEnded,
    InvitationCodes,
    InvitationCodeUsed,
    InviteRequired,
    MakeInvitationCode,
    TooManyCodes,
    TooManyWrongCodes,
    UnknownCode,
)
from classcord.chat.invitations.vocabulary import NoInvitations
from classcord.chat.operators.vocabulary import Operate
from classcord.chat.people import Session
from classcord.chat.policy import Policy
from classcord.chat.registration.vocabulary import Register, RegistrationClosed, UsernameTaken
from classcord.chat.roles import Operator, Permission, Role
from tests.chat.hubs import (
    ADDRESS,
    NOON,
    a_channel,
    a_hub,
    add_account,
    channel,
    commit,
    connect,
    decide,
    log_in,
    secrets,
)


def a_school(registration: str = "invite", **terms: object) -> tuple[Hub, Session]:
    """Return a hub with a moderator's session, #club (private) and #dev; codes are made of known secrets."""
    hub = a_hub(registration=registration, **terms)
    hub.new_secret = secrets()
    add_account(hub, "prof", "moderator")
    hub.restore([a_channel(4, "#club", kind="private", members_from="owner"), a_channel(5, "#bts", kind="approval")])
    return hub, log_in(hub, "prof")


def made(hub: Hub, session: Session, now: float = NOON, **fields: object) -> CodeMade:
    [effect] = [e for e in decide(hub, session, MakeInvitationCode(**fields), now) if isinstance(e, Commit)]  # type: ignore[arg-type]
    commit(hub, [effect])
    assert isinstance(effect.answer, CodeMade)
    return effect.answer


def registers(hub: Hub, name: str, code: str | None, now: float = NOON, **how: bool) -> ChatError | None:
    """Let a stranger register to the end; return the refusal, if there is one."""
    session, request = connect(hub, **how), Register(username=name, password="azerty", code=code)
    try:
        effects = decide(hub, session, request, now)
        refused = next((effect.error for effect in effects if isinstance(effect, Refuse)), None)
        if refused is None:
            assert [type(effect) for effect in effects] == [Hash]
            commit(hub, decide(hub, session, Hashed(asked=request, digest="digest"), now))
    except ChatError as error:
        return error
    return refused


def trail(effects: list[Effect]) -> list[Audited]:
    """Return the entries of the audit trail among effects."""
    records = [record for effect in effects if isinstance(effect, Commit) for record in effect.records]
    return [record for record in records if isinstance(record, Audited)]


def listed(hub: Hub, session: Session, now: float = NOON) -> tuple[CodeInfo, ...]:
    [reply] = decide(hub, session, InvitationCodes(), now)
    assert isinstance(reply, Reply)
    assert isinstance(reply.answer, CodesListed)
    return reply.answer.codes


# -- making -----------------------------------------------------------------------------------------------------------


def test_a_code_is_easy_to_read_aloud_and_hard_to_guess() -> None:
    """Three groups of four letters without any that look or sound alike; another secret is another code."""
    codes = {code_of(f"secret {number}") for number in range(2000)}
    assert len(codes) == 2000
    assert all(re.fullmatch("([ABCDEFHJKMNPQRTWXY34679]{4}-){2}[ABCDEFHJKMNPQRTWXY34679]{4}", code) for code in codes)


@pytest.mark.parametrize(
    "typed", ["abcd-efhj-kmnp", " ABCDEFHJKMNP ", "Abcd efhj kmnp", "ａｂｃｄefhjkmnp", "ab.cd ef/hj kmnp"]
)
def test_a_code_is_the_same_however_it_is_typed(typed: str) -> None:
    assert spelt(typed) == "ABCD-EFHJ-KMNP"


def test_a_code_is_told_whole_and_shown_again() -> None:
    """Its maker learns number, code, role, channels and end, and finds all of it in the list."""
    hub, prof = a_school()
    code = made(hub, prof, into=("#dev", "#bts", "#dev"), uses=30, days=2, note=" BTS SIO 1 ")
    assert code == CodeMade(
        code_id=1,
        code=code_of("token 2"),
        role="member",
        channels=("#dev", "#bts"),
        until="2026-11-22T12:00:00.000Z",
    )
    [info] = listed(hub, prof)
    assert (info.code, info.used, info.uses, info.state) == (code.code, 0, 30, "usable")
    assert (info.note, info.made_by, info.channels) == ("BTS SIO 1", "prof", ("#dev", "#bts"))
    assert code.code not in repr(code) + repr(info) + repr(CodesListed(codes=(info,)))


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"role": "moderator"}, RoleTooHigh),
        ({"role": "owner"}, RoleTooHigh),
        ({"into": ("#rien",)}, NotFound),
        ({"into": ("#général",)}, NoInvitations),
        ({"into": ("#dev",) * 21}, TooLong),
        ({"note": "x" * 101}, TooLong),
        ({"note": "a\u202eb"}, BadRequest),
    ],
)
def test_nobody_gives_more_than_they_have(fields: dict[str, object], refusal: type[ChatError]) -> None:
    """A moderator makes members alone, of channels to which they invite; what cannot be read is refused."""
    hub, prof = a_school()
    with pytest.raises(refusal):
        decide(hub, prof, MakeInvitationCode(**fields))  # type: ignore[arg-type]
    assert not hub.state.invitation_codes


def test_a_code_brings_into_no_channel_that_is_closed_or_not_the_makers() -> None:
    """A private channel that one is not in is not there; one that a moderator made is the moderator's to open."""
    hub, prof = a_school()
    hub.restore([a_channel(6, "#fermé", archived=True), a_channel(7, "#jury", kind="private")])
    for name, refusal in (("#fermé", ChannelClosed), ("#jury", NotFound), ("#club", NotFound)):
        with pytest.raises(refusal):
            decide(hub, prof, MakeInvitationCode(into=(name,)))
    hub.restore([a_channel(8, "#groupe", kind="private", made_by=1)])
    hub.restore([MemberAdded(channel_id=8, user_id=1, since=0)])
    assert made(hub, prof, into=("#groupe",)).channels == ("#groupe",)
    hub.set_policy(Policy())
    hub.permissions[Role.MODERATOR] -= {Permission.ADMIT}
    with pytest.raises(NotAllowed):
        decide(hub, prof, MakeInvitationCode(into=("#bts",)))
    made(hub, prof, into=("#dev",))


def test_codes_of_staff_are_for_one_person_and_a_week() -> None:
    """An administrator makes a moderator by a code, no administrator; such a code makes one account, soon."""
    hub, _ = a_school()
    add_account(hub, "head", "admin")
    head = log_in(hub, "head")
    code = made(hub, head, role="moderator")
    assert registers(hub, "martin", code.code) is None
    martin = hub.state.account("martin")
    assert martin is not None
    assert martin.role is Role.MODERATOR
    with pytest.raises(RoleTooHigh):
        decide(hub, head, MakeInvitationCode(role="admin"))
    for fields in ({"uses": 2}, {"days": 8}):
        with pytest.raises(CodeOfStaff):
            decide(hub, head, MakeInvitationCode(role="moderator", **fields))  # type: ignore[arg-type]


def test_there_is_room_for_so_many_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    """One maker's codes are bounded, and all together."""
    hub, prof = a_school()
    monkeypatch.setattr(rules, "MOST_CODES", 2)
    for _ in range(2):
        made(hub, prof)
    with pytest.raises(TooManyCodes):
        decide(hub, prof, MakeInvitationCode())
    monkeypatch.setattr(rules, "MOST_OF_ALL", 2)
    add_account(hub, "head", "admin")
    with pytest.raises(TooManyCodes):
        decide(hub, log_in(hub, "head"), MakeInvitationCode())


# -- coming in --------------------------------------------------------------------------------------------------------


def test_a_code_makes_an_account_with_its_channels() -> None:
    """The new account is a member of the code's channels that are still open, and the code has one use less."""
    hub, prof = a_school()
    add_account(hub, "head", "owner")
    head = log_in(hub, "head")
    code = made(hub, prof, into=("#dev", "#bts"), uses=2)
    owners = made(hub, head, into=(), uses=2)
    assert registers(hub, "léa", code.code.lower(), modern=False) is None
    lea = hub.state.account("léa")
    assert lea is not None
    assert lea.role is Role.MEMBER
    assert {channel(hub, "#dev").id, channel(hub, "#bts").id} <= lea.channels
    commit(hub, decide(hub, head, CloseChannel(channel="#dev")))
    commit(hub, decide(hub, head, DeleteChannel(channel="#bts")))
    assert registers(hub, "tom", code.code) is None
    tom = hub.state.account("tom")
    assert tom is not None
    assert tom.channels == set()
    assert [(info.used, info.state, info.channels) for info in listed(hub, prof)] == [(2, "used", ("#dev",))]
    assert registers(hub, "max", owners.code) is None


@pytest.mark.parametrize(
    ("by", "is_member", "reaches"), [("prof", True, True), ("prof", False, False), ("chief", True, True)]
)
def test_a_code_brings_into_no_private_channel_that_its_maker_has_left(by: str, is_member: bool, reaches: bool) -> None:
    """Whoever was taken out of a room comes back by no other account; administrators have a way into each."""
    hub, prof = a_school()
    hub.restore([a_channel(8, "#groupe", kind="private")])
    add_account(hub, "chief", "admin")
    maker = {"prof": prof, "chief": log_in(hub, "chief")}[by]
    account = hub.state.account(by)
    assert account is not None
    hub.restore([MemberAdded(channel_id=8, user_id=account.id, since=0)])
    code = made(hub, maker, into=("#groupe",)).code
    if not is_member or by == "chief":
        hub.restore([MemberRemoved(channel_id=8, user_id=account.id)])
    assert registers(hub, "léa", code) is None
    lea = hub.state.account("léa")
    assert lea is not None
    assert (8 in lea.channels) is reaches


def test_without_a_code_nobody_registers_nor_learns_who_is_here() -> None:
    """The refusal is the same whether the name is taken or not; an empty code is none."""
    hub, _ = a_school()
    for name in ("prof", "léa"):
        for code in (None, "", "  "):
            assert isinstance(registers(hub, name, code), InviteRequired)
            assert isinstance(registers(hub, name, code, modern=False), InviteRequired)


def test_every_code_that_does_not_let_in_is_refused_in_one_way() -> None:
    """Wrong, used up, expired, ended, and one whose maker may not give it any more: nobody learns which it was."""
    hub, prof = a_school()
    add_account(hub, "head", "owner")
    head = log_in(hub, "head")
    used, expired, ended = (made(hub, prof, days=1).code for _ in range(3))
    late, gone = made(hub, prof).code, made(hub, head, role="moderator").code
    assert registers(hub, "léa", used) is None
    commit(hub, decide(hub, prof, EndInvitationCode(code_id=3)))
    commit(hub, decide(hub, head, SetRole(user="prof", role="member")))
    refusals = {
        code: registers(hub, "tom", code, NOON + DAY + 1) for code in (used, expired, ended, late, "ABCD-EFHJ-KMNP")
    }
    assert {type(each) for each in refusals.values()} == {BadInvite}
    assert {str(each) for each in refusals.values()} == {str(BadInvite())}
    add_account(hub, "boss", "owner")
    commit(hub, decide(hub, log_in(hub, "boss"), DelUser(user="head")))
    assert isinstance(registers(hub, "eve", gone), BadInvite)
    wrong = decide(hub, connect(hub), Register(username="eve", password="azerty", code="rien"))
    assert wrong[0] == TellSecurity("bad-invite", "eve")


def test_the_maker_may_get_the_right_back() -> None:
    """A code stands on its maker's right of this moment."""
    hub, prof = a_school()
    code = made(hub, prof)
    add_account(hub, "head", "owner")
    head = log_in(hub, "head")
    commit(hub, decide(hub, head, SetRole(user="prof", role="member")))
    assert [(info.state, info.code) for info in listed(hub, head)] == [("void", code.code)]
    with pytest.raises(NotAllowed):
        decide(hub, prof, InvitationCodes())
    commit(hub, decide(hub, head, SetRole(user="prof", role="moderator")))
    assert registers(hub, "léa", code.code) is None


def test_a_code_works_while_everybody_may_register_and_not_while_nobody_may() -> None:
    """With open registration it brings role and channels; while registration is closed, there is none at all."""
    hub, prof = a_school(registration="open")
    code = made(hub, prof, into=("#dev",))
    assert registers(hub, "tom", None) is None
    assert isinstance(registers(hub, "max", "wrong"), BadInvite)
    assert registers(hub, "léa", code.code) is None
    lea = hub.state.account("léa")
    assert lea is not None
    assert lea.channels == {channel(hub, "#dev").id}
    closed, prof = a_school(registration="closed")
    assert isinstance(registers(closed, "eve", made(closed, prof).code), RegistrationClosed)


def test_a_code_does_not_help_to_a_name_that_is_taken() -> None:
    """A refused name costs no use of the code."""
    hub, prof = a_school()
    code = made(hub, prof)
    assert isinstance(registers(hub, "PROF", code.code), UsernameTaken)
    assert registers(hub, "léa", code.code) is None


def test_what_ends_while_the_password_is_hashed_counts() -> None:
    """A code that ends meanwhile makes no account."""
    hub, prof = a_school()
    code = made(hub, prof)
    stranger, request = connect(hub), Register(username="léa", password="azerty", code=code.code)
    assert [type(effect) for effect in decide(hub, stranger, request)] == [Hash]
    commit(hub, decide(hub, prof, EndInvitationCode(code_id=1)))
    with pytest.raises(BadInvite):
        decide(hub, stranger, Hashed(asked=request, digest="digest"))
    assert hub.state.account("léa") is None
    assert isinstance(InvitationCodeUsed(code_id=1, name="léa", at=0).refusal(""), BadInvite)
    assert isinstance(InvitationCodeEnded(code_id=1).refusal(""), UnknownCode)


# -- guessing ---------------------------------------------------------------------------------------------------------


def test_who_guesses_for_one_name_has_to_wait() -> None:
    """After ten wrong codes for a name from an address, no code is tried for it; other names still are."""
    hub, prof = a_school()
    code = made(hub, prof, uses=5).code
    for _ in range(MOST_WRONG):
        assert isinstance(registers(hub, "léa", "wrong"), BadInvite)
    for tried in ("wrong", code):
        refusal = registers(hub, "léa", tried)
        assert isinstance(refusal, TooManyWrongCodes)
        assert refusal.retry_after == HOUR / MOST_WRONG
    assert registers(hub, "tom", code) is None
    assert registers(hub, "léa", code, NOON + HOUR / MOST_WRONG) is None


@pytest.mark.parametrize("shared", [False, True])
def test_who_guesses_for_many_names_has_to_wait(shared: bool) -> None:
    """An address that many share has room for a class that types badly, and an end, too."""
    hub, prof = a_school(shared_networks=(f"{ADDRESS}/32",) if shared else ())
    code = made(hub, prof).code
    most = MOST_WRONG_FROM_MANY if shared else MOST_WRONG_FROM_HERE
    for number in range(most):
        assert isinstance(registers(hub, f"nom{number}", "wrong"), BadInvite)
    assert isinstance(registers(hub, "léa", code), TooManyWrongCodes)


# -- seeing and ending ------------------------------------------------------------------------------------------------


def test_each_sees_their_own_codes_and_who_manages_accounts_all() -> None:
    """The code itself is told to who could make it: nobody rises by a code of somebody above."""
    hub, prof = a_school()
    for name, role in (("collègue", "moderator"), ("adjoint", "admin"), ("head", "owner")):
        add_account(hub, name, role)
    collegue, adjoint, head = (log_in(hub, name) for name in ("collègue", "adjoint", "head"))
    made(hub, prof), made(hub, head, role="admin")
    assert [info.code_id for info in listed(hub, prof)] == [1]
    assert listed(hub, collegue) == ()
    assert [info.code is not None for info in listed(hub, adjoint)] == [True, False]
    assert [info.code is not None for info in listed(hub, head)] == [True, True]
    with pytest.raises(UnknownCode):
        decide(hub, collegue, EndInvitationCode(code_id=1))
    with pytest.raises(NotAllowed):
        decide(hub, adjoint, EndInvitationCode(code_id=2))
    for session, number in ((adjoint, 1), (head, 2)):
        commit(hub, decide(hub, session, EndInvitationCode(code_id=number)))
    assert listed(hub, head) == ()
    with pytest.raises(UnknownCode):
        decide(hub, prof, EndInvitationCode(code_id=1))


def test_operators_make_codes_by_their_key_and_at_the_machine() -> None:
    """A key's codes stand while the key is there, in its role; those of the machine itself always."""
    hub, _ = a_school()
    hub.reserve({"dupont"}, {"dupont": Role.MODERATOR})
    by_key, here = connect(hub), connect(hub)
    commit(hub, decide(hub, by_key, Operate(operator=Operator(name="dupont", role=Role.MODERATOR))))
    commit(hub, decide(hub, here, Operate(operator=Operator(name="root", role=Role.OWNER, by="machine"))))
    keys, machines = made(hub, by_key, uses=3).code, made(hub, here, uses=3).code
    assert [info.code for info in listed(hub, by_key)] == [keys]
    assert [info.code for info in listed(hub, here)] == [keys, machines]
    assert registers(hub, "léa", keys) is None
    hub.reserve((), {})
    assert isinstance(registers(hub, "tom", keys), BadInvite)
    assert registers(hub, "tom", machines) is None


def test_the_audit_trail_says_who_made_used_and_ended_a_code() -> None:
    """Each entry has the code's number; none has the code."""
    hub, prof = a_school()
    code = made(hub, prof, note="SIO")
    stranger, request = connect(hub), Register(username="léa", password="azerty", code=code.code)
    effects = decide(hub, stranger, Hashed(asked=request, digest="digest"))
    entries = trail(effects)
    assert [(entry.action, entry.object_id) for entry in entries] == [("user-added", "2"), ("code-used", "1")]
    assert entries[1].after == '{"made_by":"prof","name":"léa","note":"SIO"}'
    commit(hub, effects)
    ending = trail(decide(hub, prof, EndInvitationCode(code_id=1)))
    assert [(entry.action, entry.before) for entry in ending] == [("code-ended", '{"role":"member","used":1,"uses":1}')]
    making = trail(decide(hub, prof, MakeInvitationCode()))
    assert [entry.action for entry in making] == ["code-made"]
    assert code.code not in repr([*entries, *ending, *making])
