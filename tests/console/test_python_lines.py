"""What is kept of a line of Python: never a password, and all else where that is certain."""

from __future__ import annotations

import pytest

from classcord.console.python_lines import without_passwords

HIDDEN = "hunter2"


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ('adduser("bob", password="hunter2")', "adduser('bob', password=***)"),
        ('adduser("bob", password="""hunter2""")', "adduser('bob', password=***)"),
        ('adduser("bob", password="hun" "hunter2")', "adduser('bob', password=***)"),
        ('adduser("bob", password="x" + "hunter2")', "adduser('bob', password=***)"),
        ('adduser("bob", password=f"{1}hunter2")', "adduser('bob', password=***)"),
        ('adduser("bob", "member", "hunter2")', "adduser('bob', 'member', ***)"),
        ('passwd("bob", "hunter2")', "passwd('bob', ***)"),
        ('passwd(*["bob", "hunter2"])', "passwd(***)"),
        ('passwd("bob", **{"password": "hunter2"})', "passwd('bob', *****)"),
        ('passwd("bob", **dict(x="hunter2"))', "passwd('bob', *****)"),
        ('password = "hunter2"', "password = ***"),
        ('asked = {"password": "hunter2"}', "asked = {'password': ***}"),
        ('  for n in "ab": passwd(n, password="hunter2")', "for n in 'ab':\n    passwd(n, password=***)"),
        ('adduser("bob", password="hunter2', 'adduser("bob", password=***'),
        ('passwd("bob", "hunter2"', "passwd***"),
        ('passwd("bob" "hunter2)', "passwd***"),
        ("passwd bob hunter2", "passwd***"),
        ('password_here("bob", "hunter2")', "password_here('bob', ***)"),
    ],
)
def test_a_password_is_masked_however_it_is_written(line: str, kept: str) -> None:
    """As the argument that it is, where a command has no place for it, and in what is no Python."""
    shown = without_passwords(line)
    assert HIDDEN not in shown
    assert shown == kept


@pytest.mark.parametrize(
    "line", ["1+1", 'kick("bob",  "10m")', 'say = "new"', 'adduser( "bob" )', "hub.state", 'x = "']
)
def test_what_has_no_password_is_kept_as_it_was_typed(line: str) -> None:
    """With its spaces and quotes."""
    assert without_passwords(line) == line


def test_a_statement_of_several_lines_is_masked_to_its_end() -> None:
    """The second line alone would look like any text."""
    assert without_passwords('"hunter2")', ['passwd("bob",']) == "***"
    assert without_passwords('    password="hunter2")', ["adduser(", '    "bob",']) == "    password=***"
    assert without_passwords('    kick("bob")', ["if True:"]) == '    kick("bob")'
