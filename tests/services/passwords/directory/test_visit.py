"""One login at a directory: what is asked of it, in which order, and what comes of the answers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from classcord.chat.profiles.vouched import Profile
from classcord.chat.roles import Role
from classcord.services.passwords.directory.options import DirectoryOptions
from classcord.services.passwords.directory.visit import DirectoryError, Entry, Link, LinkLost, TooManyFound, visit

URL = "ldap://directory.example"
BASE = "dc=x"
SERVICE = "cn=classcord,dc=x"


class FakeLink:
    """A directory of people: `known` are the passwords by DN, `people` and `groups` what searches find."""

    def __init__(self) -> None:
        self.known: dict[str, str] = {SERVICE: "service", "uid=lea,dc=x": "azerty", "lea@x.example": "azerty"}
        self.people = [Entry("uid=lea,dc=x", {"uid": ["Lea"], "givenname": ["Léa"], "sn": ["M."], "mail": ["l@x.org"]})]
        self.groups: list[Entry] = []
        self.asked: list[str] = []
        self.failing = ""
        self.too_many = ""
        self.losing = 0  # connections that the server closes at the first bind

    def bind(self, who: str, password: str) -> bool:
        assert who
        assert password
        self.asked.append(f"bind {who}" if not who.startswith("cn=") or who == SERVICE else "bind nobody")
        self._fail("bind")
        if self.losing:
            self.losing -= 1
            raise LinkLost("closed")
        return self.known.get(who) == password

    def search(self, base: str, sought: str, attributes: Sequence[str], most: int) -> list[Entry]:
        groups = list(attributes) == ["cn"]
        self.asked.append(f"search {base} {sought}")
        self._fail("search")
        if self.too_many == ("groups" if groups else "people"):
            raise TooManyFound
        found = self.groups if groups else self.people
        return [each for each in found if groups or _finds(sought, each.attributes["uid"][0])][:most]

    def close(self) -> None:
        self.asked.append("close")

    def _fail(self, step: str) -> None:
        if step == self.failing:
            raise DirectoryError("gone")


def _finds(sought: str, name: str) -> bool:
    return any(f"({key}={name})".lower() in sought.lower() for key in ("uid", "sAMAccountName"))


@pytest.fixture
def link() -> FakeLink:
    return FakeLink()


@pytest.fixture
def options(tmp_path: Path) -> DirectoryOptions:
    file = tmp_path / "password"
    file.write_text("service\nnever read\n", "utf-8")
    return DirectoryOptions(urls=(URL,), base=BASE, bind_dn=SERVICE, password_file=str(file))


def asked(link: FakeLink, options: DirectoryOptions, name: str = "lea", password: str = "azerty") -> Profile | None:
    def connect(url: str, _: DirectoryOptions) -> Link:
        assert url == URL
        return link

    return visit(connect, URL, options, name, password)


def test_a_person_is_searched_for_and_binds(link: FakeLink, options: DirectoryOptions) -> None:
    """As the account for searching first; the profile has the directory's spelling of the name."""
    assert asked(link, options) == Profile(name="Lea", first_name="Léa", last_name="M.", email="l@x.org")
    assert link.asked == [f"bind {SERVICE}", "search dc=x (uid=lea)", "bind uid=lea,dc=x", "close"]


def test_a_connection_that_is_lost_is_made_once_more(link: FakeLink, options: DirectoryOptions) -> None:
    """A server may close one at any time; one that does so again lets nobody log in."""
    link.losing = 1
    assert asked(link, options) is not None
    assert link.asked[:3] == [f"bind {SERVICE}", "close", f"bind {SERVICE}"]
    link.losing = 2
    with pytest.raises(LinkLost):
        asked(link, options)


def test_a_wrong_password_and_an_unknown_name_take_the_same_steps(link: FakeLink, options: DirectoryOptions) -> None:
    """Else the time would tell who is in the directory."""
    assert asked(link, options, password="wrong") is None
    wrong, link.asked = link.asked, []
    assert asked(link, options, name="nobody", password="wrong") is None
    assert [each.split()[0] for each in link.asked] == [each.split()[0] for each in wrong]
    assert link.asked[2] == "bind nobody"


@pytest.mark.parametrize(("name", "password"), [("lea", ""), ("", "azerty")])
def test_without_a_password_nothing_is_asked(
    link: FakeLink, options: DirectoryOptions, name: str, password: str
) -> None:
    """A bind without a password is no proof: it succeeds (RFC 4513 §5.1.2)."""
    assert asked(link, options, name, password) is None
    assert link.asked == []


def test_nothing_that_is_typed_widens_the_search(link: FakeLink, options: DirectoryOptions) -> None:
    """The name is a value in the filter, and never a part of it."""
    assert asked(link, options, name="*)(uid=lea") is None
    assert link.asked[1] == r"search dc=x (uid=\2a\29\28uid=lea)"


def test_a_filter_may_have_the_name_twice(link: FakeLink, options: DirectoryOptions) -> None:
    """As for Active Directory, where people know two names of theirs."""
    options = options._replace(filter="(|(sAMAccountName={name})(userPrincipalName={name}))")
    assert asked(link, options) is not None
    assert link.asked[1] == "search dc=x (|(sAMAccountName=lea)(userPrincipalName=lea))"


def test_who_is_meant_must_be_one_person(link: FakeLink, options: DirectoryOptions) -> None:
    """Of two nobody knows which one is logging in."""
    link.too_many = "people"
    assert asked(link, options) is None


def test_an_entry_without_the_name_is_nobody(link: FakeLink, options: DirectoryOptions) -> None:
    """The account here is called as the directory writes it."""
    assert asked(link, options._replace(name="sAMAccountName")) is None


def test_of_several_names_the_typed_one_counts(link: FakeLink, options: DirectoryOptions) -> None:
    """Else whoever has two would never come in by the second."""
    link.people = [Entry("uid=lea,dc=x", {"uid": ["lea", "lmartin"]})]
    found = asked(link, options)
    assert found is not None
    assert found.name == "lea"


def test_people_may_bind_by_themselves(link: FakeLink, options: DirectoryOptions) -> None:
    """By a template, and are searched for afterwards, by themselves; a wrong password ends it before the search."""
    options = options._replace(bind_as="{name}@x.example", bind_dn="", password_file="")
    assert asked(link, options) is not None
    assert link.asked == ["bind lea@x.example", "search dc=x (uid=lea)", "close"]
    link.asked = []
    assert asked(link, options, password="wrong") is None
    assert link.asked == ["bind lea@x.example", "close"]
    link.asked = []
    assert asked(link, options, name="lea@y") is None
    assert link.asked == ["close"]


def test_a_search_may_be_anonymous(link: FakeLink, options: DirectoryOptions) -> None:
    """Without an account for it nothing is bound before the person."""
    assert asked(link, options._replace(bind_dn="", password_file="")) is not None
    assert link.asked == ["search dc=x (uid=lea)", "bind uid=lea,dc=x", "close"]


@pytest.mark.parametrize("step", ["bind", "search"])
def test_a_directory_that_fails_says_nothing_of_the_password(
    link: FakeLink, options: DirectoryOptions, step: str
) -> None:
    """Neither yes nor no: the error goes on, and the connection is closed."""
    link.failing = step
    with pytest.raises(DirectoryError):
        asked(link, options)
    assert link.asked[-1] == "close"


@pytest.mark.parametrize("content", [None, "", "\n", "another password"])
def test_a_search_that_may_not_be_is_a_failure(link: FakeLink, options: DirectoryOptions, content: str | None) -> None:
    """A missing, empty or wrong password of the account for searching is nobody's wrong password."""
    file = Path(options.password_file)
    file.unlink()
    if content is not None:
        file.write_text(content, "utf-8")
    with pytest.raises(DirectoryError):
        asked(link, options)


# -- groups -----------------------------------------------------------------------------------------------------------

ROLES = (("profs", "moderator"), ("cn=direction,ou=groups,dc=x", "admin"))
ROOMS = (("2nde-A", "2nde-A"), ("profs", "salle des profs"), ("2nde-A", "2nde-A"))


def in_groups(link: FakeLink, options: DirectoryOptions, *groups: str, **more: Any) -> tuple[Any, ...]:
    link.people[0].attributes["memberof"] = list(groups)
    found = asked(link, options._replace(roles=ROLES, channels=ROOMS, **more))
    assert found is not None
    return found.role, found.channels


def test_groups_give_a_role_and_rooms(link: FakeLink, options: DirectoryOptions) -> None:
    """The highest role of all of them; who is in none is a member, in no room."""
    assert in_groups(link, options, "cn=profs,dc=x", "cn=Direction,ou=groups,dc=x") == (
        Role.ADMIN,
        ("salle des profs",),
    )
    assert in_groups(link, options, "cn=2nde-A,dc=x") == (Role.MEMBER, ("2nde-A",))
    assert in_groups(link, options, "cn=direction,ou=eleves,dc=x") == (Role.MEMBER, ())
    assert in_groups(link, options) == (Role.MEMBER, ())


def test_without_groups_for_roles_the_directory_says_no_role(link: FakeLink, options: DirectoryOptions) -> None:
    """Then roles are given here."""
    link.people[0].attributes["memberof"] = ["cn=2nde-A,dc=x"]
    found = asked(link, options._replace(channels=ROOMS))
    assert found is not None
    assert (found.role, found.channels) == (None, ("2nde-A",))


def test_groups_are_searched_for_by_who_searched_for_the_person(link: FakeLink, options: DirectoryOptions) -> None:
    """With the DN as a value of the filter; the search binds again, because people may not see groups."""
    link.groups = [Entry("cn=profs,dc=x", {})]
    found = in_groups(link, options, groups="", group_filter="(member={dn})", group_base="ou=groups,dc=x")
    assert found == (Role.MODERATOR, ("salle des profs",))
    assert link.asked[3:] == [f"bind {SERVICE}", "search ou=groups,dc=x (member=uid=lea,dc=x)", "close"]


def test_nested_groups_are_a_filter(link: FakeLink, options: DirectoryOptions) -> None:
    """Active Directory follows them by its own rule."""
    nested = "(member:1.2.840.113556.1.4.1941:={dn})"
    link.people = [Entry(r"CN=Martin\, Léa (2A),dc=x", {"uid": ["lea"]})]
    link.known[link.people[0].dn] = "azerty"
    in_groups(link, options, group_filter=nested)
    assert link.asked[-2] == r"search dc=x (member:1.2.840.113556.1.4.1941:=CN=Martin\5c, Léa \282A\29,dc=x)"


def test_too_many_groups_are_a_failure(link: FakeLink, options: DirectoryOptions) -> None:
    """A role is never guessed from some of them."""
    link.too_many = "groups"
    with pytest.raises(DirectoryError):
        in_groups(link, options, group_filter="(member={dn})")
