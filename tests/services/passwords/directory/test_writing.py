"""How names are written in filters and DNs, and how the DNs of groups are compared."""

from __future__ import annotations

import pytest

from classcord.services.passwords.directory.writing import bind_name, in_dn, in_filter, is_group, parts


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("léa", "léa"),
        ("*", r"\2a"),
        ("a)(uid=*", r"a\29\28uid=\2a"),
        ("a\\b", r"a\5cb"),
        ("a\0b", r"a\00b"),
    ],
)
def test_nothing_in_a_name_means_something_in_a_filter(value: str, written: str) -> None:
    """RFC 4515: asterisks, brackets, backslashes and NUL are written as their codes."""
    assert in_filter(value) == written


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("léa", "léa"),
        ("Martin, Léa", r"Martin\, Léa"),
        ("a,dc=autre", r"a\,dc\=autre"),
        ("#a", r"\#a"),
        (" a ", r"\ a\ "),
        ('a+"b"<c>;d\\', r"a\+\"b\"\<c\>\;d\\"),
        ("a\0", r"a\00"),
    ],
)
def test_nothing_in_a_name_means_something_in_a_dn(value: str, written: str) -> None:
    """RFC 4514; what is written so is read as it was."""
    assert in_dn(value) == written
    if "\0" not in value:
        assert parts(f"cn={written},dc=x")[0] == ("cn", " ".join(value.casefold().split()))


@pytest.mark.system
def test_the_library_writes_the_same() -> None:
    """Where python-ldap is installed, its own functions are the measure."""
    filters = pytest.importorskip("ldap.filter")
    dns = pytest.importorskip("ldap.dn")
    for value in ("léa", "a)(uid=*", "a\\b", "Martin, Léa", "#a", " a ", 'a+"b"<c>;d'):
        assert in_filter(value) == filters.escape_filter_chars(value)
        assert dns.str2dn(f"cn={in_dn(value)}") == dns.str2dn(f"cn={dns.escape_dn_chars(value)}")


@pytest.mark.parametrize(
    ("template", "name", "bound"),
    [
        ("uid={name},ou=people,dc=x", "a,b", r"uid=a\,b,ou=people,dc=x"),
        ("{name}@ecole.example", "lea", "lea@ecole.example"),
        ("ECOLE\\{name}", "lea", "ECOLE\\lea"),
        ("{name}@ecole.example", "lea@autre", None),
        ("{name}@ecole.example", "AUTRE\\lea", None),
        ("{name}@ecole.example", "a b", None),
    ],
)
def test_people_bind_by_a_dn_or_as_active_directory_writes_it(template: str, name: str, bound: str | None) -> None:
    """A name that would be another domain's is nobody's."""
    assert bind_name(template, name) == bound


@pytest.mark.parametrize(
    ("wanted", "group", "same"),
    [
        ("profs", "cn=Profs,ou=groups,dc=x", True),
        ("PROFS", "CN=profs, OU=groups, DC=x", True),
        ("profs", "cn=élèves,ou=profs,dc=x", False),
        ("Élèves", "cn=\\C3\\A9l\\C3\\A8ves,dc=x", True),
        ("cn=profs,ou=groups,dc=x", "CN=Profs, ou=Groups,DC=X", True),
        ("cn=profs,ou=groups,dc=x", "cn=profs,ou=eleves,dc=x", False),
        ("cn=profs,ou=groups,dc=x", "cn=profs,ou=groups,dc=x,dc=y", False),
        ("a, b", r"cn=a\, b,dc=x", True),
        ("", "", False),
        ("profs", "profs", False),
        ("cn=profs,dc=x", "no dn at all", False),
    ],
)
def test_a_group_is_known_by_its_dn_or_by_its_name(wanted: str, group: str, same: bool) -> None:
    """Case and blanks do not count, escapes are read; a whole DN must be the whole DN."""
    assert is_group(wanted, group) is same
