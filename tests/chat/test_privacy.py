"""People who erase themselves, and people whom administrators erase."""

from __future__ import annotations

import pytest

from classcord.chat.accounts.vocabulary import LastOwner, SetRole
from classcord.chat.effects import Close, Deliver, Find, Refuse, Reply, TellSecurity, Verify
from classcord.chat.errors import ChatError, NotAllowed, NotFound
from classcord.chat.hub import Hub
from classcord.chat.identity.vocabulary import LoginFailed
from classcord.chat.messages.vocabulary import ReasonNeeded
from classcord.chat.names import check_username
from classcord.chat.people import Session
from classcord.chat.privacy.rules import DAY, EXPORTS_A_DAY
from classcord.chat.privacy.vocabulary import (
    AccountErased,
    DataFound,
    DataKept,
    DataOf,
    DataPart,
    DataRow,
    DataTold,
    DeleteMyAccount,
    Erase,
    Erased,
    ExportMyData,
    ExportPerson,
    TooManyExports,
)
from classcord.chat.roles import Role
from classcord.chat.sanctions.vocabulary import NotThisRole, NotYourself
from classcord.chat.state import LastIds
from tests.chat.hubs import (
    NOON,
    NOON_MS,
    NOON_WRITTEN,
    a_hub,
    add_account,
    applied,
    ask,
    changes_of,
    checked,
    come_in,
    connect,
    decide,
    log_in,
    operates,
    records_of,
    refused,
    trail_of,
)

MINE = DeleteMyAccount(password="azerty")


def a_boss(hub: Hub, role: str = "admin") -> Session:
    add_account(hub, "boss", role)
    return log_in(hub, "boss")


def test_ones_own_account_is_erased_with_its_password() -> None:
    """It is compared like a login's; then the account is gone, its name free, and its sessions are told."""
    hub = a_hub()
    account = add_account(hub, "bob")
    bob, alice = log_in(hub, "bob"), log_in(hub, "alice")
    again = log_in(hub, "bob")
    [verify] = decide(hub, bob, MINE)
    assert isinstance(verify, Verify)
    assert (verify.name, verify.password) == ("bob", "azerty")
    effects = decide(hub, bob, checked(hub, MINE, "bob"))
    [record] = changes_of(effects)
    assert record == AccountErased(
        number=1,
        user_id=account.id,
        name="bob",
        name_key="bob",
        added_at=account.added_at,
        shown="(former member 1)",
        at=NOON_MS,
    )
    assert effects[1:] == [TellSecurity("erased")]
    heard = applied(hub, records_of(effects))
    assert [each.audience for each in heard if isinstance(each, Deliver)] == [(alice,)]
    [told] = [each.event for each in heard if isinstance(each, Deliver)]
    assert told == Erased(user="bob", shown="(former member 1)")
    [close] = [each for each in heard if isinstance(each, Close)]
    assert close.sessions == (bob, again)
    assert "erased" in str(close.why)
    assert hub.state.account("bob") is None


def test_a_wrong_password_erases_nothing() -> None:
    """It is refused like a failed login, and counts as one."""
    hub = a_hub()
    bob = log_in(hub, "bob")
    alert, refuse = decide(hub, bob, checked(hub, MINE, "bob", valid=False))
    assert alert == TellSecurity("login-failed", "bob")
    assert isinstance(refuse, Refuse)
    assert type(refuse.error) is LoginFailed


def test_the_last_owner_stays() -> None:
    """Also if the other one was erased while the password was compared; nobody else would give roles again."""
    hub = a_hub()
    add_account(hub, "boss", "owner")
    add_account(hub, "chief", "owner")
    boss, chief = log_in(hub, "boss"), log_in(hub, "chief")
    decide(hub, boss, MINE)
    ask(hub, chief, Erase(user="boss"))
    assert type(refused(hub, chief, MINE)) is LastOwner
    with pytest.raises(LastOwner):
        decide(hub, chief, checked(hub, MINE, "chief"))


def test_who_has_no_account_has_nothing_to_erase() -> None:
    """A guest, and a connection without a name."""
    hub = a_hub()
    assert isinstance(refused(hub, come_in(hub, "zoé"), MINE), NotAllowed)
    assert isinstance(refused(hub, connect(hub), MINE), ChatError)


def test_a_person_who_is_gone_meanwhile() -> None:
    """Who was erased by an administrator while the password was compared is not erased twice."""
    hub = a_hub()
    bob = log_in(hub, "bob")
    answer = checked(hub, MINE, "bob")
    ask(hub, a_boss(hub), Erase(user="bob"))
    assert isinstance(refused(hub, bob, answer), ChatError)


@pytest.mark.parametrize(
    ("role", "user", "error"),
    [
        ("admin", "boss", NotYourself),
        ("admin", "chief", NotThisRole),
        ("admin", "nobody", NotFound),
        ("moderator", "bob", NotAllowed),
        ("member", "bob", NotAllowed),
    ],
)
def test_who_erases_whom(role: str, user: str, error: type[ChatError]) -> None:
    """Administrators erase people below themselves; nobody else erases anybody else."""
    hub = a_hub()
    add_account(hub, "bob")
    add_account(hub, "chief", "owner")
    assert type(refused(hub, a_boss(hub, role), Erase(user=user))) is error


@pytest.mark.parametrize(("role", "keeps"), [("member", False), ("moderator", True), ("admin", True)])
def test_what_staff_did_stays_in_the_trail(role: str, keeps: bool) -> None:
    """Erasing a moderator does not take away the traces of what was done to others."""
    hub = a_hub()
    add_account(hub, "bob", role)
    [record] = changes_of(decide(hub, a_boss(hub, "owner"), Erase(user="bob", messages="empty")))
    assert isinstance(record, AccountErased)
    assert (record.keeps_acts, record.empties) == (keeps, True)


def test_the_trail_says_that_and_not_who() -> None:
    """The entry of an erasure has neither the name nor the number of the account."""
    hub = a_hub()
    add_account(hub, "bob")
    [entry] = trail_of(decide(hub, a_boss(hub), Erase(user="bob")))
    told = (entry.action, entry.object_type, entry.object_id, entry.before, entry.after)
    assert told == ("account-erased", "erasure", "1", None, '{"messages":"keep"}')


def test_the_numbers_go_on_after_a_start() -> None:
    """What was erased before the start is known, and no number stands for two people."""
    first = a_hub()
    add_account(first, "bob")
    records = records_of(decide(first, a_boss(first), Erase(user="bob")))
    hub = Hub(first.policy, LastIds())
    hub.restore([each for each in records if isinstance(each, AccountErased)])
    assert [each.shown for each in hub.state.erased.values()] == ["(former member 1)"]
    add_account(hub, "eve")
    [record] = changes_of(decide(hub, a_boss(hub), Erase(user="eve")))
    assert isinstance(record, AccountErased)
    assert record.number == 2


def test_nobody_can_have_the_name_of_an_erased_person() -> None:
    """Neither an account nor a guest."""
    with pytest.raises(ChatError):
        check_username("(ancien membre 17)")
    hub = a_hub()
    assert Role.GUEST is hub.role_of("(ancien membre 17)")


# -- what is kept about a person ---------------------------------------------------------------------------------------

PART = DataPart(kept=(DataKept(kind="profile", at=NOON_MS, data="{}"),), kind=7, after=42)


def test_everything_about_oneself_comes_page_by_page() -> None:
    """The answer says where the next page begins, and the last page says that it is the last."""
    hub = a_hub()
    account = add_account(hub, "bob")
    bob = log_in(hub, "bob")
    [find] = decide(hub, bob, ExportMyData(after="3.17"))
    assert isinstance(find, Find)
    assert find.question == DataOf(user_id=account.id, name="bob", name_key="bob", kind=3, after=17)
    [reply] = decide(hub, bob, DataFound(asked=ExportMyData(), found=PART))
    assert isinstance(reply, Reply)
    assert reply.answer == DataTold(rows=(DataRow(kind="profile", at=NOON_WRITTEN, data="{}"),), next="7.42")
    [reply] = decide(hub, bob, DataFound(asked=ExportMyData(), found=DataPart(kept=())))
    assert isinstance(reply, Reply)
    assert reply.answer == DataTold(rows=(), next=None)


def test_an_export_is_read_a_few_times_a_day() -> None:
    """Its pages are not counted with that; the next day it may be read again."""
    hub = a_hub()
    add_account(hub, "bob")
    bob, again = log_in(hub, "bob"), log_in(hub, "bob")
    for _ in range(EXPORTS_A_DAY):
        decide(hub, bob, ExportMyData())
    for session in (bob, again):
        error = refused(hub, session, ExportMyData())
        assert isinstance(error, TooManyExports)
        assert error.code == "rate_limited"
    decide(hub, bob, ExportMyData(after="3.17"))
    decide(hub, bob, ExportMyData(), NOON + DAY)


def test_nobody_uses_up_anothers_exports() -> None:
    """The person reads them while an owner has read them too often, and the other way round."""
    hub = a_hub()
    add_account(hub, "bob")
    bob, chief = log_in(hub, "bob"), operates(hub, "chief", Role.OWNER)
    asked = ExportPerson(user="bob", reason="Demande écrite")
    for _ in range(EXPORTS_A_DAY):
        decide(hub, chief, asked)
    assert isinstance(refused(hub, chief, asked), TooManyExports)
    decide(hub, bob, ExportMyData())
    for _ in range(EXPORTS_A_DAY - 1):
        decide(hub, bob, ExportMyData())
    decide(hub, operates(hub, "other", Role.OWNER), asked)


def test_a_guest_has_no_account_to_be_told_of() -> None:
    """Nor has a key of admin_keys/."""
    hub = a_hub()
    assert isinstance(refused(hub, come_in(hub, "zoé"), ExportMyData()), NotAllowed)
    assert isinstance(refused(hub, operates(hub, "chief", Role.OWNER), ExportMyData()), NotAllowed)


def test_an_owner_reads_for_who_asks() -> None:
    """With a reason that the trail keeps; nobody else does, however high."""
    hub = a_hub()
    add_account(hub, "bob")
    owner, asked = a_boss(hub, "owner"), ExportPerson(user="bob", reason="Demande du 3 mars")
    [entry] = trail_of(decide(hub, owner, asked))
    assert (entry.action, entry.object_id) == ("export-person", "bob")
    assert "3 mars" in str(entry.after)
    [reply] = decide(hub, owner, DataFound(asked=asked, found=PART))
    assert isinstance(reply, Reply)
    assert isinstance(refused(hub, owner, ExportPerson(user="bob", reason=" ")), ReasonNeeded)
    assert isinstance(refused(hub, owner, ExportPerson(user="nobody", reason="x")), NotFound)
    add_account(hub, "head", "admin")
    assert type(refused(hub, log_in(hub, "head"), asked)) is NotAllowed


def test_a_right_that_ended_meanwhile() -> None:
    """Who is no owner any more when the store has answered, or is not there any more, is told nothing."""
    hub = a_hub()
    add_account(hub, "bob")
    add_account(hub, "chief", "owner")
    owner, chief, asked = a_boss(hub, "owner"), log_in(hub, "chief"), ExportPerson(user="bob", reason="x")
    decide(hub, owner, asked)
    ask(hub, chief, SetRole(user="boss", role="admin"))
    assert type(refused(hub, owner, DataFound(asked=asked, found=PART))) is NotAllowed
    bob = log_in(hub, "bob")
    ask(hub, chief, Erase(user="bob"))
    assert isinstance(refused(hub, bob, DataFound(asked=ExportMyData(), found=PART)), NotAllowed)
