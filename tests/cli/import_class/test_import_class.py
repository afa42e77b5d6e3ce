"""`classcord import-class`: shown first, stored with --apply; read again, it is compared."""

from __future__ import annotations

import json
import sqlite3
import time
from contextlib import closing
from datetime import date, datetime, timedelta, timezone, tzinfo
from pathlib import Path
from typing import Any

import pytest

from classcord.chat.retention.rules import accounts_to_erase
from classcord.cli.import_class import run as import_class
from classcord.cli.stopped_server import held
from classcord.settings import chosen
from tests.cli.accounts import accounts, logs_in
from tests.cli.conftest import Run

LIST = """\
Nom;Prénom;Né(e) le;Classe;Groupe(s)
MARTIN;Léa;01/02/2008;SIO 1;SIO 1 A
DUPONT;Marie;03/04/2008;SIO 1;
DUPONT;Marie;05/06/2008;CG 1;
NOWAK;Łukasz;07/08/2008;SIO 1;SIO 1 A
"""


@pytest.fixture
def school(classcord: Run) -> Run:
    """Return what runs `classcord ...` beside a server that has an account of a teacher."""
    classcord("init")
    Path("prof.csv").write_text("identifiant;mot de passe\nprof;craie blanche\n", encoding="utf-8")
    assert classcord("import-users", "prof.csv")[0] == 0
    return classcord


def imported(run: Run, table: str, *options: str, status: int = 0) -> dict[str, Any]:
    Path("liste.csv").write_text(table, encoding="utf-8")
    ended, out, err = run("import-class", "liste.csv", "--json", *options)
    assert ended == status, err
    answer: dict[str, Any] = json.loads(out)
    return answer


def members() -> dict[str, set[str]]:
    """Return who is in which channel that a list has made."""
    sql = "SELECT c.name, u.name FROM memberships JOIN channels c ON c.id = channel_id JOIN users u ON u.id = user_id"
    found: dict[str, set[str]] = {}
    with closing(sqlite3.connect("var/classcord.db")) as database:
        for channel, user in database.execute(sql):
            found.setdefault(channel, set()).add(user)
    return found


def test_nothing_is_stored_without_apply(school: Run) -> None:
    """It says who would be new, and in which channels."""
    before = Path("var/classcord.db").read_bytes()
    answer = imported(school, LIST)
    assert [each["user"] for each in answer["new"]] == ["lea.martin", "marie.dupont", "marie.dupont2", "lukasz.nowak"]
    assert answer["rooms"] == ["#SIO-1", "#SIO-1-A", "#CG-1"]
    assert not answer["applied"]
    assert set(accounts()) == {"admin", "prof"}
    assert not Path("var/slips").exists()
    assert before


def test_a_list_makes_accounts_channels_and_slips(school: Run) -> None:
    """Each pupil has an account with a one-time password, which is on the slip and nowhere else."""
    answer = imported(school, LIST, "--apply", "--teacher", "prof")
    assert members() == {
        "#SIO-1": {"lea.martin", "marie.dupont", "lukasz.nowak", "prof"},
        "#SIO-1-A": {"lea.martin", "lukasz.nowak", "prof"},
        "#CG-1": {"marie.dupont2", "prof"},
    }
    lea = accounts()["lea.martin"]
    assert (lea["must_change"], lea["role"], lea["first_name"], lea["last_name"]) == (1, "member", "Léa", "MARTIN")
    page, pdf = map(Path, answer["slips"])
    assert [file.stat().st_mode & 0o777 for file in (page, pdf, page.parent)] == [0o600, 0o600, 0o700]
    text = page.read_text(encoding="utf-8")
    assert "Łukasz NOWAK" in text
    assert "2008" not in text
    password = text.split("<td>lea.martin</td></tr>")[1].split("<td>")[1].split("</td>")[0]
    assert logs_in("lea.martin", password)
    assert pdf.read_bytes().startswith(b"%PDF")
    dumped = Path("var/classcord.db").read_bytes()
    assert password.encode() not in dumped


def test_slips_of_another_import_stay(school: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two lists imported in one second, each has its own: the passwords are nowhere else."""

    class OneSecond(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> OneSecond:
            return cls(2026, 9, 1, 8, 0, 0, tzinfo=tz)

    monkeypatch.setattr(import_class, "datetime", OneSecond)
    first = imported(school, LIST, "--apply")["slips"]
    before = [Path(each).read_bytes() for each in first]
    second = imported(school, "Nom;Prénom;Classe\nNEUF;Zoé;SIO 1\n", "--apply")["slips"]
    assert set(first).isdisjoint(second)
    assert [Path(each).read_bytes() for each in first] == before
    assert "zoe.neuf" in Path(second[0]).read_text(encoding="utf-8")


def test_the_name_of_a_list_is_shown_without_control_characters(school: Run) -> None:
    """A file that somebody has sent may be called anything."""
    Path("l\x1b[2J.csv").write_text("Nom;Prénom;Classe\n;Zoé;SIO 1\n", encoding="utf-8")
    ended, out, err = school("import-class", "l\x1b[2J.csv")
    assert ended == 1, err
    assert "[2J.csv:2" in out
    assert "\x1b" not in out + err


def test_the_same_list_again_changes_nothing(school: Run) -> None:
    imported(school, LIST, "--apply")
    digest = accounts()["lea.martin"]["password_hash"]
    again = imported(school, LIST, "--apply")
    assert (again["new"], again["moved"], again["gone"], again["same"], again["slips"]) == ([], [], [], 4, [])
    assert accounts()["lea.martin"]["password_hash"] == digest


def test_another_list_is_a_difference(school: Run) -> None:
    """Who is new, moves, and is gone; these leave the channels only if one says so, and keep their accounts."""
    imported(school, LIST, "--apply")
    other = "Nom;Prénom;Classe;Groupes\nMARTIN;Léa;SIO 2;\nDUPONT;Marie;SIO 1;\nNEUF;Zoé;SIO 1;\n"
    shown = imported(school, other)
    assert [each["user"] for each in shown["new"]] == ["zoe.neuf"]
    assert shown["moved"] == [{"user": "lea.martin", "left": "#SIO-1, #SIO-1-A", "channels": "#SIO-2"}]
    assert [each["user"] for each in shown["gone"]] == ["lukasz.nowak"]  # of CG 1 this list says nothing
    imported(school, other, "--apply")
    assert members()["#SIO-1"] == {"marie.dupont", "lukasz.nowak", "zoe.neuf"}
    imported(school, other, "--apply", "--gone")
    assert members()["#SIO-1"] == {"marie.dupont", "zoe.neuf"}
    assert "lukasz.nowak" in accounts()


def test_people_of_one_name_are_told_apart_by_their_classes(school: Run) -> None:
    """As long as one of them stays; if both move, the list has to say who is who."""
    imported(school, LIST, "--apply")
    moved = "Nom;Prénom;Classe\nDUPONT;Marie;CG 1;\nDUPONT;Marie;SIO 2;\n"
    answer = imported(school, moved)
    assert answer["moved"] == [{"user": "marie.dupont", "left": "#SIO-1", "channels": "#SIO-2"}]
    both = imported(school, "Nom;Prénom;Classe\nDUPONT;Marie;CG 2;\nDUPONT;Marie;SIO 2;\n", status=1)
    assert [each["name"] for each in both["refused"]] == ["Marie DUPONT"] * 2
    named = "Identifiant;Nom;Prénom;Classe\nmarie.dupont;DUPONT;Marie;CG 2\nmarie.dupont2;DUPONT;Marie;SIO 2\n"
    assert [each["user"] for each in imported(school, named)["moved"]] == ["marie.dupont", "marie.dupont2"]


def test_who_took_a_name_before_is_nobody_of_the_list(school: Run) -> None:
    """A stranger who registered as a pupil comes into no class; nor does a channel of that name become one."""
    Path("autres.csv").write_text("identifiant;mot de passe\nlea.martin;azerty\n", encoding="utf-8")
    school("import-users", "autres.csv")
    table = "Nom;Prénom;Classe\nMARTIN;Léa;SIO 1\nNOWAK;Luc;dev\n"
    answer = imported(school, table, status=1)
    assert [each["name"] for each in answer["refused"]] == ["Luc NOWAK", "Léa MARTIN"]
    assert "--adopt" in answer["refused"][0]["reason"]
    adopted = imported(school, table, "--adopt", "--apply")
    assert adopted["moved"] == [{"user": "lea.martin", "left": "-", "channels": "#SIO-1"}]
    assert members()["#dev"] == {"luc.nowak"}
    assert logs_in("lea.martin", "azerty")


def test_no_list_makes_anybody_of_staff_a_pupil(school: Run) -> None:
    """An account with a role is never found on a list, and a name of the server's is no login name."""
    table = "Identifiant;Nom;Prénom;Classe\nadmin;CHEF;Anne;SIO 1\nserveur;X;Y;SIO 1\n;Z;محمد;SIO 1\n"
    answer = imported(school, table, "--adopt", status=1)
    assert len(answer["refused"]) == 3
    assert answer["new"] == []


def test_a_new_year(school: Run) -> None:
    """Last year's channels are closed and stay their people's, this year's are new; who is gone is shut out."""
    imported(school, LIST, "--apply")
    listed = "Nom;Prénom;Classe\nMARTIN;Léa;SIO 2\nDUPONT;Marie;SIO 1\nNEUF;Zoé;SIO 1\n"
    refused = imported(school, listed, "--new-year", "2027", status=1)
    assert [each["name"] for each in refused["refused"]] == ["Marie DUPONT"]  # one of two, and both have moved
    listed = "Identifiant;" + listed.replace("\n", "\n;").removesuffix(";").replace(";DUPONT", "marie.dupont;DUPONT")
    shown = imported(school, listed, "--new-year", "2027")
    assert shown["closed"] == ["#SIO-1", "#SIO-1-A", "#CG-1"]
    assert shown["rooms"] == ["#SIO-2-2027", "#SIO-1-2027"]
    assert sorted(each["user"] for each in shown["gone"]) == ["lukasz.nowak", "marie.dupont2"]
    with closing(sqlite3.connect("var/classcord.db")) as database:
        assert list(database.execute("SELECT name FROM users WHERE left_at IS NOT NULL")) == []  # it was only shown
    assert date.fromisoformat(shown["erased_from"]) > datetime.now(timezone.utc).date() + timedelta(days=80)
    imported(school, listed, "--new-year", "2027", "--apply")
    assert members()["#SIO-1"] == {"lea.martin", "marie.dupont", "lukasz.nowak"}
    assert members()["#SIO-1-2027"] == {"marie.dupont", "zoe.neuf"}
    with closing(sqlite3.connect("var/classcord.db")) as database:
        archived = {name for (name,) in database.execute("SELECT name FROM channels WHERE archived")}
        left = {name for (name,) in database.execute("SELECT name FROM users WHERE left_at IS NOT NULL")}
        banned = {name for (name,) in database.execute("SELECT target FROM sanctions WHERE kind = 'ban'")}
    assert archived == {"#SIO-1", "#SIO-1-A", "#CG-1"}
    assert left == {"lukasz.nowak", "marie.dupont2"}
    assert banned == {"lukasz.nowak", "marie.dupont2"}
    again = imported(school, listed)  # the year is known from now on
    assert (again["new"], again["moved"], again["gone"], again["same"]) == ([], [], [], 3)
    Path("liste.csv").write_text(listed, encoding="utf-8")
    for year, words in (("2027", "has begun already"), ("#", "a year is wanted")):
        status, _, err = school("import-class", "liste.csv", "--new-year", year, "--apply")
        assert status == 2
        assert words in err


def test_leavers_are_erased(school: Run) -> None:
    """Three months later they are due; whoever is on a list again before is let in, and stays."""
    imported(school, LIST, "--apply")
    listed = "Nom;Prénom;Classe\nMARTIN;Léa;SIO 2\n"
    imported(school, listed, "--new-year", "2027", "--apply")
    assert due(0) == []
    assert due(93 * 86_400) == ["lukasz.nowak", "marie.dupont", "marie.dupont2"]
    back = "Nom;Prénom;Classe\nMARTIN;Léa;SIO 2\nNOWAK;Łukasz;SIO 2\n"
    imported(school, back, "--adopt", "--apply")
    assert due(93 * 86_400) == ["marie.dupont", "marie.dupont2"]
    with closing(sqlite3.connect("var/classcord.db")) as database:
        lifted = [name for (name,) in database.execute("SELECT target FROM sanctions WHERE lifted_at IS NOT NULL")]
    assert lifted == ["lukasz.nowak"]


def due(later: float) -> list[str]:
    """Return the accounts that the retention job erases so many seconds from now."""
    with held(chosen(None), Path("var")) as prepared:
        return sorted(account.name for account in accounts_to_erase(prepared.hub, time.time() + later))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("nowhere.csv",), "cannot be read: No such file or directory"),
        (("liste.csv", "--teacher", "nobody"), "There is no “nobody” here."),
        (("liste.csv", "--column", "x"), "“NAME=nom” is wanted"),
        (("liste.csv", "--data", "elsewhere"), "no database yet"),
        (("liste.csv", "--apply", "--slips", "liste.csv"), "nothing was stored"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(school: Run, options: tuple[str, ...], words: str) -> None:
    Path("liste.csv").write_text(LIST, encoding="utf-8")
    status, out, err = school("import-class", *options)
    assert (status, out) == (2, "")
    assert words in err
    assert len(accounts()) == 2


def test_a_server_that_runs_is_asked(beside_data: Run, held: None) -> None:
    """What would change is shown from what it has stored; if it does not answer, nothing is, and no slip stays."""
    answer = imported(beside_data, LIST)
    assert len(answer["new"]) == 4
    status, _, err = beside_data("import-class", "liste.csv", "--apply")
    assert status == 2
    assert "the running server cannot be asked: No such file or directory" in err
    assert list(Path("var/slips").iterdir()) == []
    status, _, err = beside_data("import-class", "liste.csv", "--new-year", "2027")
    assert (status, "while the server is stopped" in err) == (2, True)


def test_what_a_terminal_shows(school: Run) -> None:
    """One line a person, then the sums, where the slips are, and what was not done."""
    Path("liste.csv").write_text(LIST + "SEUL;;;SIO 1;\n", encoding="utf-8")
    status, out, err = school("import-class", "liste.csv")
    assert status == 1
    assert out.splitlines() == [
        "lea.martin: new, in #SIO-1, #SIO-1-A",
        "marie.dupont: new, in #SIO-1",
        "marie.dupont2: new, in #CG-1",
        "lukasz.nowak: new, in #SIO-1, #SIO-1-A",
        "liste.csv:6: SEUL: it has no name and first name",
        "New channels: #CG-1, #SIO-1, #SIO-1-A",
        "New: 4; moved: 0; unchanged: 0; not on the list any more: 0; refused: 1",
        "Who is gone can be said when no row is refused.",
        "Nothing was stored; with --apply, this is done.",
    ]
    assert err == "classcord: liste.csv:1: columns that are not read: Né(e) le\n"


def test_who_changes_classes_is_told_in_words(school: Run) -> None:
    """Whoever had none enters one, whoever leaves only a group leaves it; in a new year the class before is named."""
    imported(school, LIST, "--apply")
    Path("autres.csv").write_text("identifiant;mot de passe\nzoe.neuf;craie blanche\n", encoding="utf-8")
    school("import-users", "autres.csv")
    table = "Nom;Prénom;Classe;Groupes\nMARTIN;Léa;SIO 1;\nNOWAK;Łukasz;SIO 2;\nNEUF;Zoé;SIO 2;\n"
    Path("liste.csv").write_text(table, encoding="utf-8")
    _, out, _ = school("import-class", "liste.csv", "--adopt")
    assert out.splitlines()[:3] == [
        "lea.martin: leaves #SIO-1-A",
        "lukasz.nowak: moves from #SIO-1, #SIO-1-A to #SIO-2",
        "zoe.neuf: enters #SIO-2",
    ]
    _, out, _ = school("import-class", "liste.csv", "--adopt", "--new-year", "2027")
    assert out.splitlines()[:3] == [
        "lea.martin: moves from #SIO-1, #SIO-1-A to #SIO-1-2027",
        "lukasz.nowak: moves from #SIO-1, #SIO-1-A to #SIO-2-2027",
        "zoe.neuf: enters #SIO-2-2027",
    ]


TWICE = {
    "Nom;Prénom;Classe\nDUPONT;Marie;SIO 1\nMARTIN;Léa;SIO 1\nDUPONT;Marie;SIO 1\n": (
        "“Marie DUPONT” stands in lines 2, 4, in the same class"
    ),
    "Nom;Prénom;Classe;Groupes\nDUPOND;Zoé;[SIO 1],[CG 1];A\nMARTIN;Léa;SIO 1;\nDupond;Zoe;CG 1,SIO 1;B\n": (
        "“Zoé DUPOND” stands in lines 2, 4, in the same class"
    ),
    "Identifiant;Nom;Prénom;Classe\nmd;DUPONT;Marie;SIO 1\n;MARTIN;Léa;SIO 1\nmd;DURAND;Maud;SIO 2\n": (
        "the “identifiant” md stands in lines 2, 4"
    ),
}


@pytest.mark.parametrize("table", TWICE)
def test_whoever_stands_twice_in_a_list_is_nobody_yet(school: Run, table: str) -> None:
    """One person or two? Both lines are named, nothing is guessed, and a new year does not begin with it."""
    answer = imported(school, table, status=1)
    assert [each["user"] for each in answer["new"]] == ["lea.martin"]
    assert [each["line"] for each in answer["refused"]] == ["liste.csv:2", "liste.csv:4"]
    assert [TWICE[table] in each["reason"] for each in answer["refused"]] == [True, True]
    assert school("import-class", "liste.csv", "--new-year", "2027", "--apply")[0] == 2


def test_two_of_one_name_in_one_class_are_told_apart_by_the_list(school: Run) -> None:
    """By their login names; other first names behind the same first one make others, too."""
    table = "Identifiant;Nom;Prénom;Classe\nmarie.dupont;DUPONT;Marie;SIO 1\nmarie.dupont2;DUPONT;Marie;SIO 1\n"
    table += ";NOWAK;Jean Paul;SIO 1\n;NOWAK;Jean Luc;SIO 1\n"
    names = ["marie.dupont", "marie.dupont2", "jean.nowak", "jean.nowak2"]
    assert [each["user"] for each in imported(school, table)["new"]] == names
