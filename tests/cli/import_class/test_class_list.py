"""Class lists as other programs write them: who is on them, and what is refused with what would be right."""

from __future__ import annotations

import pytest

from classcord.chat.text import Text
from classcord.cli.import_class.class_list import ClassList, Pupil, columns_of, read_list
from classcord.cli.import_class.login_names import belongs, login_name, numbered
from classcord.cli.tables.refusing import ImportRefused


def read(data: str | bytes, *columns: str, one_class: str = "", told: list[str] | None = None) -> ClassList:
    def tell(text: Text) -> None:
        if told is not None:
            told.append(text.render())

    content = data.encode() if isinstance(data, str) else data
    return read_list("classe.csv", content, columns_of(columns), one_class, tell)


def people(listed: ClassList) -> list[tuple[str, str, tuple[str, ...], tuple[str, ...]]]:
    return [(each.last_name, each.first_name, each.classes, each.groups) for each in listed.pupils]


TWO = [("MARTIN", "Léa", ("BTS SIO 1",), ("A", "B")), ("NOWAK", "Łukasz", ("BTS SIO 1",), ())]


@pytest.mark.parametrize(
    "table",
    [
        "Nom;Prénom;Classe;Groupe(s)\nMARTIN;Léa;BTS SIO 1;A, B\nNOWAK;Łukasz;BTS SIO 1;\n",
        "nom,prenom,division,groupes\nMARTIN,Léa,BTS SIO 1,A|B\nNOWAK,Łukasz,BTS SIO 1,\n",
        "NOM\tPRÉNOM\tCLASSE\tGROUPE\nMARTIN\tLéa\tBTS SIO 1\t[A], [B]\nNOWAK\tŁukasz\tBTS SIO 1\t\n",
        "\ufeffsep=;\r\nÉlève;Classe;Groupes\r\nMARTIN Léa;BTS SIO 1;A, B\r\n;;\r\nNOWAK Łukasz;BTS SIO 1;\r\n",
        """Liste des élèves
Année 2026;;

Nom et prénom;Classe;Groupe(s)
"MARTIN
Léa";BTS SIO 1;A, B
"NOWAK, Łukasz";BTS SIO 1;
""",
    ],
    ids=["semicolons", "commas", "tabs", "excel", "titles and breaks"],
)
def test_each_way_to_write_a_list(table: str) -> None:
    """The same two people, whichever program wrote them; no title, heading or empty row is anybody."""
    listed = read(table)
    assert people(listed) == TWO
    assert listed.refused == []
    assert listed.has_groups


def test_a_list_in_windows_1252() -> None:
    assert people(read("Nom;Prénom;Classe\nMARTIN;Léa;SIO\n".encode("windows-1252")))[0][1] == "Léa"


def test_what_is_not_read_is_told() -> None:
    """The day of birth is nobody's business here."""
    told: list[str] = []
    listed = read("Liste\nNom;Prénom;Né(e) le;Classe\nMARTIN;Léa;01/02/2008;SIO\n", told=told)
    assert "2008" not in repr(listed)
    assert told == [
        "classe.csv:1: passed over, above the names of the columns: Liste",
        "classe.csv:2: columns that are not read: Né(e) le",
    ]


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("", "is empty"),
        ("MARTIN;Léa;SIO\nNOWAK;Luc;SIO\n", "here are: MARTIN, Léa, SIO"),
        ("Famille;Prénom;Classe\nMARTIN;Léa;SIO\n", "--column"),
        ("Nom;Prénom\nMARTIN;Léa\n", "--class NAME"),
        ("Nom;Prénom;Nom de famille;Classe\nMARTIN;Léa;MARTIN;SIO\n", "two columns"),
        ("a;b;c\nNom;Prénom;Classe\nMARTIN;Léa;SIO\n", "stand above"),
        (b"PK\x03\x04 xl/workbook", "Excel workbook"),
    ],
)
def test_a_list_that_is_unclear_is_refused_whole(table: str | bytes, words: str) -> None:
    """In one line, that says what would be right: never an account from a heading."""
    with pytest.raises(ImportRefused) as refused:
        read(table)
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)


def test_columns_and_class_can_be_told() -> None:
    """A heading of one's own is named once; one class needs no column."""
    listed = read("Famille;Petit nom\nMARTIN;Léa\n", "Famille=nom", "petit nom=prénom", one_class="SIO 1")
    assert people(listed) == [("MARTIN", "Léa", ("SIO 1",), ())]
    assert not listed.has_groups
    for wrong in ("Famille", "=nom", "Famille=famille"):
        with pytest.raises(ImportRefused, match="one of: nom, prenom"):
            columns_of([wrong])


def test_a_row_that_is_unclear_is_nobody() -> None:
    """It is named with its line; the others are read."""
    listed = read(
        'Élève;Classe\nMARTIN Léa;SIO\nTout Petit;SIO\nMARTIN;SIO\n;SIO\nNOWAK Luc;\n"ouvert;SIO\n'
        + "x" * 1200
        + ";SIO\n"
    )
    assert [pupil.first_name for pupil in listed.pupils] == ["Léa"]
    assert [refused.line for refused in listed.refused] == [f"classe.csv:{line}" for line in range(3, 9)]


@pytest.mark.parametrize(
    ("first", "last", "login"),
    [
        ("Marie-Line", "MARTIN DUPONT", "marie-line.martin-dupont"),
        ("Léa Marie Louise", "D’Artagnan", "lea.dartagnan"),
        ("Łukasz", "Ørsted", "lukasz.orsted"),
        ("Zoë", "ÇELİK", "zoe.celik"),
        ("José", "DE LA PEÑA", "jose.de-la-pena"),
        ("Ana", "x" * 60, "ana." + "x" * 36),
        ("محمد", "Martin", ""),
        ("Léa", "?", ""),
        ("", "Martin", ""),
    ],
)
def test_login_names(first: str, last: str, login: str) -> None:
    """In letters that every keyboard has; where there are none, the list has to say the name."""
    assert login_name(first, last) == login


def test_people_of_one_name_are_numbered() -> None:
    assert [numbered("lea.martin", number) for number in (1, 2, 3)] == ["lea.martin", "lea.martin2", "lea.martin3"]
    assert belongs("lea.martin12", "lea.martin")
    assert not belongs("lea.martin-dupont", "lea.martin")


def test_a_pupil_is_shown_as_on_the_slip() -> None:
    assert Pupil("", "MARTIN", "Léa", (), (), "", "").shown == "Léa MARTIN"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "windows-1252"])
@pytest.mark.parametrize("control", [*(chr(n) for n in range(1, 32) if chr(n) not in "\t\n\r"), "\x7f"])
def test_a_control_character_is_named_by_its_place(encoding: str, control: str) -> None:
    """Whatever the encoding: no sentence about accents, but the line, the character and its code."""
    table = f"Nom;Prénom;Classe\r\nMARTIN;Léa;SIO\r\nNOWAK;Łuk{control}asz;SIO\r\n".replace("Ł", "L")
    with pytest.raises(ImportRefused) as caught:
        read(table.encode(encoding))
    assert str(caught.value).startswith("classe.csv:3: character 10 of the line ")
    assert f"(U+{ord(control):04X})" in str(caught.value)


@pytest.mark.parametrize("data", [bytes(range(256)), b"Nom;Pr\0nom;Classe\nA;B;C\n", b"\x01\x02\x03\x04" * 40])
def test_what_is_no_text_is_not_called_one(data: bytes) -> None:
    with pytest.raises(ImportRefused) as caught:
        read(data)
    assert "of the line" not in str(caught.value)
