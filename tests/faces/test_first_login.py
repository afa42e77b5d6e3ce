"""A directory vouches for somebody whom the server does not know: what that is worth on every face.

The faces are enumerated: the chat lets in at the first login, who administers has an account beforehand.
"""

from __future__ import annotations

import pytest

from classcord.chat.passwords import ELSEWHERE
from classcord.chat.roles import Role
from tests.directory import Directory
from tests.faces.ssh_line import SUCCESS, Gate
from tests.faces.test_rights_on_every_face import CHAT, OPERATORS, begin, by_password, chat
from tests.harness import PASSWORD, House, login, say

pytestmark = pytest.mark.house(authenticator=Directory)

SECRET = "le mot de passe du lycée"


@pytest.fixture
def directory(house: House) -> Directory:
    assert isinstance(house.authenticator, Directory)
    house.authenticator.add("léa", SECRET, first_name="Léa", email="lea@example.org")
    house.authenticator.add("prof", SECRET, role=Role.OWNER)
    return house.authenticator


@pytest.mark.usefixtures("directory")
@pytest.mark.parametrize("face", CHAT)
def test_a_first_login_lets_in_and_is_heard(house: House, face: str) -> None:
    """One answer, a stored account, a place in the chat; and the next login is one like any other."""
    bob, lea = house.member("bob"), chat(house, face)
    assert lea.ask(login("léa", "wrong"))[-1]["code"] == "login_failed"
    answer = lea.ask(login("LÉA", SECRET))[0]
    own = "LÉA" if face == "classic" else "léa"  # as it was typed (classic rule 21)
    assert (answer["type"], answer["username"]) == ("login", own)
    bob.raw()
    lea.ask(say("bonjour"))
    assert [line["from"] for line in bob.lines() if line.get("content") == "bonjour"] == ["léa"]
    assert house.store.asked(
        "SELECT name, role, first_name, email, password_hash FROM users WHERE name_key = 'léa'"
    ) == [("léa", "member", "Léa", "lea@example.org", ELSEWHERE)]
    assert chat(house, face).ask(login("léa", SECRET))[0]["username"] == "léa"
    assert house.store.asked("SELECT count(*) FROM users WHERE name_key = 'léa'") == [1]


@pytest.mark.usefixtures("directory")
@pytest.mark.parametrize("face", OPERATORS)
def test_a_password_at_ssh_makes_no_account(house: House, gate: Gate, face: str) -> None:
    """Whatever role the directory gives; somebody who has come in to the chat before may administer by it."""
    gate.set(manhole=True)
    client, answers = by_password(gate, "prof", SECRET)
    assert answers != [SUCCESS]
    assert house.hub.state.account("prof") is None
    assert house.store.asked("SELECT count(*) FROM users") == [0]
    assert house.client().ask(login("prof", SECRET))[0]["username"] == "prof"
    client, answers = by_password(gate, "prof", SECRET)
    assert answers == [SUCCESS]
    assert not begin(client, face).is_closed


@pytest.mark.parametrize("face", [*CHAT, "ssh"])
def test_a_directory_opens_no_account_that_has_a_password_here(
    house: House, gate: Gate, directory: Directory, face: str
) -> None:
    """The `chef` of the directory is not the one of this server, by either password."""
    house.account("chef", role=Role.OWNER)
    directory.add("chef", SECRET, role=Role.OWNER)
    for password in (SECRET, PASSWORD):
        if face == "ssh":
            assert by_password(gate, "chef", password)[1] != [SUCCESS]
        else:
            assert chat(house, face).ask(login("chef", password))[-1]["code"] == "login_failed"
    del directory.people["chef"]
    if face == "ssh":
        assert by_password(gate, "chef")[1] == [SUCCESS]
    else:
        assert chat(house, face).ask(login("chef"))[0]["username"] == "chef"


@pytest.mark.parametrize("face", [*CHAT, "ssh"])
def test_a_directory_account_has_no_password_here(house: House, gate: Gate, directory: Directory, face: str) -> None:
    """Taken out of the directory, it is opened by nothing: not by an empty password, not by its reserved digest."""
    house.client().ask(login("prof", SECRET))
    del directory.people["prof"]
    for password in (SECRET, "", ELSEWHERE, PASSWORD):
        if face == "ssh":
            assert by_password(gate, "prof", password)[1] != [SUCCESS]
        else:
            assert chat(house, face).ask(login("prof", password))[-1]["code"] == "login_failed"


EN = "The password of “léa” is not kept on this server: it is changed where it is kept."
FR = "Le mot de passe de «\u202fléa\u202f» n’est pas conservé sur ce serveur\u00a0: il se change là où il l’est."


@pytest.mark.usefixtures("directory")
@pytest.mark.parametrize(("lang", "words"), [("en", EN), ("fr", FR)])
def test_its_password_is_not_changed_here(house: House, lang: str, words: str) -> None:
    """Whoever asks for it hears that, in their language and with a code of its own."""
    client = house.modern(lang=lang)
    client.ask(login("léa", SECRET))
    for old in (SECRET, "wrong"):
        answer = client.one({"type": "password", "old": old, "new": "un autre"})
        assert (answer["code"], answer["message"]) == ("password_elsewhere", words)


@pytest.mark.usefixtures("directory")
def test_nor_at_a_console(house: House, gate: Gate) -> None:
    """`passwd` refuses it with and without a password, and leaves the digest alone."""
    house.account("chef", role=Role.OWNER)
    house.client().ask(login("léa", SECRET))
    session = begin(by_password(gate, "chef")[0], "console")
    session.read()
    for typed in (("",), ("azertyui", "azertyui")):
        session.type("passwd léa\r")
        for line in typed:
            session.type(f"{line}\r")
        assert EN in session.read()
    assert house.store.asked("SELECT password_hash FROM users WHERE name_key = 'léa'") == [ELSEWHERE]
