"""Class lists as spreadsheets write them: which line names the columns, what is no row, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classcord.chat.text import Text
from classcord.cli.import_users import importing
from classcord.cli.import_users.importing import ImportedUser, Row, Skipped
from classcord.cli.import_users.older_files import MAX_BYTES, read_users
from classcord.cli.tables.refusing import ImportRefused
from classcord.language import translator

LISTS = Path(__file__).with_name("class_lists")


class Reading:
    """What a file gave: its rows, and what was told of it."""

    def __init__(self, rows: list[Row], told: list[Text]) -> None:
        self.rows = rows
        self.told = [text.render() for text in told]

    @property
    def accounts(self) -> list[tuple[str, str, str | None, str | None]]:
        assert all(isinstance(row, ImportedUser) for row in self.rows), self.rows
        return [(r.username, r.secret, r.first_name, r.email) for r in self.rows if isinstance(r, ImportedUser)]


Read = Callable[..., Reading]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Return what writes a table and reads it."""

    def read(content: bytes | str, *, heading: bool = True) -> Reading:
        path = tmp_path / "class.csv"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        told: list[Text] = []
        return Reading(read_users(path, heading=heading, tell=told.append), told)

    return read


@pytest.fixture
def refusal(read: Read) -> Callable[..., str]:
    """Return what reads a table that is refused, and gives the one line that says why."""

    def refusal(content: bytes | str, *, heading: bool = True) -> str:
        with pytest.raises(ImportRefused) as caught:
            read(content, heading=heading)
        line = str(caught.value)
        assert "\n" not in line
        assert line.startswith("class.csv:")
        return line

    return refusal


# The lists of schools


@pytest.mark.parametrize(
    ("name", "first_names", "mails", "told"),
    [
        ("01-english-heading", (None, None), (None, None), ""),
        (
            "02-title-above",
            (None, None),
            (None, None),
            ":1: passed over, above the names of the columns: Classe de SIO2",
        ),
        ("03-sep-line", (None, None), (None, None), ""),
        ("04-typographic", ("Léa", "Tom"), (None, None), ""),
        ("05-quoted-break", ("Léa Marie", "Tom"), (None, None), ""),
        ("06-empty-rows", (None, None), ("lea@example.org", "tom@example.org"), ""),
        ("07-mac-heading", ("Léa", "Zoé"), (None, None), ": read as MacRoman"),
        ("08-no-heading", (None, None), (None, None), ":1: taken for an account, as it names no columns: lea"),
    ],
)
def test_lists_of_schools_make_their_pupils_and_nobody_else(
    read: Read, name: str, first_names: tuple[str | None, ...], mails: tuple[str | None, ...], told: str
) -> None:
    """Each list makes lea and tom with what its columns say, and tells what was passed over."""
    found = read((LISTS / f"{name}.csv").read_bytes())
    pupils = zip(("lea", "tom"), ("azerty1", "azerty2"), first_names, mails, strict=True)
    assert found.accounts == list(pupils)
    assert found.told == ([f"class.csv{told}"] if told else [])


def test_every_list_of_the_folder_is_tried() -> None:
    """A list that is added to the folder is added to the test above."""
    tried = test_lists_of_schools_make_their_pupils_and_nobody_else.pytestmark[0].args[1]  # type: ignore[attr-defined]
    assert {case[0] for case in tried} == {path.stem for path in LISTS.glob("*.csv")}


# The line that names the columns

EVERY_HEADING = [(heading, field) for field, headings in importing._HEADINGS.items() for heading in headings]


@pytest.mark.parametrize("mark", [";", ",", "\t"])
@pytest.mark.parametrize(("heading", "field"), EVERY_HEADING)
def test_no_heading_that_we_know_becomes_an_account(read: Read, heading: str, field: str, mark: str) -> None:
    """Each word, as it is typed with spaces and a capital, names its column."""
    typed = heading.replace("_", " ").capitalize()
    beside = [
        name for name in ("username", "password") if name != field and (field, name) != ("password_hash", "password")
    ]
    values = {"username": "lea", "password": "azerty1", field: "lea" if field == "username" else "a" * 64}
    table = [mark.join([typed, *beside]), mark.join(values[name] for name in (field, *beside))]
    (row,) = read("\n".join(table)).rows
    assert isinstance(row, ImportedUser)
    assert row.username == "lea"


@pytest.mark.parametrize(
    "heading",
    [
        "Nom d'utilisateur;Mot de passe",
        "Nom d’utilisateur;Mot de passe",
        "NOM D`UTILISATEUR;MOT DE PASSE",
        "Nom_d_utilisateur;mot-de-passe",
        "« Identifiant »;Mot\N{NO-BREAK SPACE}de\N{NO-BREAK SPACE}passe\N{NO-BREAK SPACE}:",
        '"Identifiant";"Mot\nde passe"',
        "\ufeffidentifiant;\u200bmot de passe",
        " UserName ; PassWord ",
    ],
)
def test_how_a_heading_is_written_does_not_matter(read: Read, heading: str) -> None:
    """Apostrophes, quotes, capitals, line breaks and spaces of any width are no difference."""
    assert read(f"{heading}\nlea;azerty1\n").accounts == [("lea", "azerty1", None, None)]


@pytest.mark.parametrize(
    "first",
    [
        "Élève;Mot de passe",
        "Name,Password",
        "Pupil\tSecret",
        "Nom de l’élève;Clé",
        "Numéro;Code",
        "User;x",
        "Qui;Quoi",
        "Student name,Initial code",
        "Prénom et nom;azerty",
        "Accès;Sésame",
    ],
)
def test_a_first_line_that_may_be_a_heading_is_asked_about(read: Read, refusal: Callable[..., str], first: str) -> None:
    """Words that we cannot use are no account; the refusal says what to do, and the option takes the line for one."""
    mark = next(mark for mark in ";,\t" if mark in first)
    table = f"{first}\nlea{mark}azerty1\ntom{mark}azerty2\n"
    assert "--no-heading" in (line := refusal(table)) or "are wanted" in line
    assert read(table, heading=False).accounts[1:] == [("lea", "azerty1", None, None), ("tom", "azerty2", None, None)]


def test_a_column_of_hashes_has_no_clear_password_on_top(refusal: Callable[..., str]) -> None:
    """Where every other row has a hash, the first line is rather a heading."""
    assert "is this an account" in refusal(f"qui;quoi\nlea;{'a' * 64}\ntom;{'b' * 64}\n")


@pytest.mark.parametrize(
    "first", ["Zoé;Azerty", "zoé;password", "nick;azerty", "Nomi;azerty", "Zoé Noël;Mot à retenir"]
)
def test_a_first_account_needs_no_option(read: Read, first: str) -> None:
    """What looks like the accounts below it is one, and that is told."""
    found = read(f"{first}\nLéa;Soleil\nTom;Lune\nAna;Mars\n")
    assert len(found.accounts) == 4
    assert found.told == [f"class.csv:1: taken for an account, as it names no columns: {first.partition(';')[0]}"]


@pytest.mark.parametrize(
    "title", ["Classe de SIO2", "Classe de SIO2;;", '"Lycée ; 2026"', "Login", ";;Liste", "Élèves, 2026"]
)
def test_titles_above_the_heading_are_passed_over(read: Read, title: str) -> None:
    """A line of one value, and empty ones, may stand above; each is told with its line."""
    found = read(f"{title}\n\n;;\nidentifiant;mot de passe;prénom\nlea;azerty1;Léa\n")
    assert found.accounts == [("lea", "azerty1", "Léa", None)]
    (told,) = found.told
    assert told.startswith("class.csv:1: passed over, above the names of the columns: ")


def test_accounts_above_the_heading_are_not_lost(read: Read, refusal: Callable[..., str]) -> None:
    """Rows of several values above the line that names the columns are no titles: the table is refused."""
    table = "lea;azerty1\nlogin;password\ntom;azerty2\n"
    assert refusal(table).startswith("class.csv:2: this line names the columns, but rows of several values stand above")
    assert len(read(table, heading=False).accounts) == 3


@pytest.mark.parametrize(
    ("heading", "problem"),
    [
        ("nom;prénom;mot de passe", "here are: nom (last_name), prénom (first_name), mot de passe (password)"),
        ("identifiant;classe", "here are: identifiant (username), classe (?)"),
        (
            "identifiant;mot de passe;mail;courriel",
            "two columns have the same meaning; keep one of them: mail, courriel",
        ),
        ("identifiant;login;mot de passe;x", "keep one of them: identifiant, login"),
    ],
)
def test_a_heading_that_does_not_say_enough_is_told_what_it_says(
    refusal: Callable[..., str], heading: str, problem: str
) -> None:
    """The refusal names the columns as they are written, with what they were understood as."""
    assert refusal(f"{heading}\na;b;c;d\n").endswith(problem)


def test_an_empty_column_of_the_same_meaning_is_no_second_one(read: Read) -> None:
    """Of two columns for mail, the one in which something stands is read."""
    found = read("identifiant;mot de passe;mail;courriel;classe\nlea;azerty1;;lea@example.org;SIO2\n")
    assert found.accounts == [("lea", "azerty1", None, "lea@example.org")]
    assert found.told == ["class.csv:1: columns that are not read: mail, classe"]


# Rows


@pytest.mark.parametrize("sep", ["sep=;", "SEP=;", '"sep=;"', "sep=;;;", "\ufeffsep=;"])
def test_the_line_by_which_excel_knows_the_separator_is_no_row(read: Read, sep: str) -> None:
    """With a heading and without one; the accounts keep the numbers of their lines."""
    assert read(f"{sep}\r\nidentifiant;mot de passe\r\nlea;a,b,c,d\r\n").accounts == [("lea", "a,b,c,d", None, None)]
    without = read(f"{sep}\r\nlea;azerty1\r\n")
    assert [row.line for row in without.rows] == ["class.csv:2"]


def test_separators_of_excel(read: Read, refusal: Callable[..., str]) -> None:
    """A tab and a comma may be named; another mark is refused by name."""
    assert read("sep=\t\nlea\tazerty;1\n").accounts == [("lea", "azerty;1", None, None)]
    assert read("sep=,\nlea,azerty;1\n").accounts == [("lea", "azerty;1", None, None)]
    assert "class.csv:1: “sep=|”: a comma, a semicolon or a tab is wanted" in refusal("sep=|\nlea|azerty\n")


@pytest.mark.parametrize("empty", [";;", " ; ;", "\N{NO-BREAK SPACE};\ufeff;\u200b", '"";"";""', "", "\t"])
def test_empty_rows_are_no_accounts(read: Read, empty: str) -> None:
    """Wherever they stand, and whatever of no width is in them."""
    table = f"{empty}\nidentifiant;mot de passe;nom\n{empty}\nlea;azerty1;\n{empty}\n{empty}"
    assert read(table).accounts == [("lea", "azerty1", None, None)]


def test_a_line_break_in_quotes_is_a_space(read: Read) -> None:
    """In names, of any width; the row counts by its first line, and the next one keeps its own."""
    found = read('login;mdp;prénom;mail\nlea;a;"Léa\r\n\r\nMarie";"lea@\nx.fr"\ntom;"b;""c""";Tom;\n')
    assert found.accounts == [("lea", "a", "Léa Marie", "lea@ x.fr"), ("tom", 'b;"c"', "Tom", None)]
    assert [row.line for row in found.rows] == ["class.csv:2", "class.csv:6"]


def test_quotes_that_nobody_closes_cost_one_row(read: Read) -> None:
    """The rows below it are read, with and without quotes of their own."""
    rows = read('login;mdp\nlea;"azerty1\ntom;azerty2\n"zoé";"x"\nana;azerty3\n').rows
    assert isinstance(rows[0], Skipped)
    assert str(rows[0].refusal) == "This row is not an account: its quotes do not match"
    assert [row.username for row in rows[1:]] == ["tom", "zoé", "ana"]


@given(passwords=st.lists(st.text("azé;,\t\"' \N{NO-BREAK SPACE}", min_size=1, max_size=8), min_size=1, max_size=5))
def test_any_password_comes_back_from_a_quoted_table(
    tmp_path_factory: pytest.TempPathFactory, passwords: list[str]
) -> None:
    """Quotes, separators and spaces of a password are its own."""
    path = tmp_path_factory.mktemp("quoted") / "class.csv"
    quoted = ['"' + password.replace('"', '""') + '"' for password in passwords]
    path.write_text("login;mdp\n" + "".join(f"p{n};{q}\n" for n, q in enumerate(quoted)), "utf-8")
    rows = read_users(path)
    assert [row.secret for row in rows if isinstance(row, ImportedUser)] == passwords


def test_spaces_around_a_password_are_kept_and_told(read: Read) -> None:
    """For a pupil would type it without; those around names go."""
    found = read("login;mdp;prénom\n lea\N{NO-BREAK SPACE};azerty1 ; Léa\N{NO-BREAK SPACE}\n")
    assert found.accounts == [("lea", "azerty1 ", "Léa", None)]
    assert found.told == ["class.csv:2: the password begins or ends with a space, which is kept: lea"]


# Bytes


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "windows-1252", "mac-roman"])
@pytest.mark.parametrize(
    "names",
    [
        ["Zoé", "Léa", "Noël"],
        ["François", "Hélène", "Cœur d’Été"],
        ["ÉLODIE", "Chloë", "Aïcha", "Benoît"],
        ["Noëlle", "Maïa"],
    ],
)
def test_accents_of_every_spreadsheet_are_read(read: Read, names: list[str], encoding: str, ending: str) -> None:
    """UTF-8, windows-1252 and MacRoman are told apart by what stands within words, and MacRoman is told."""
    table = ending.join(["identifiant;mot de passe;prénom", *(f"p{n};azerty;{name}" for n, name in enumerate(names))])
    found = read(table.encode(encoding))
    assert [account[2] for account in found.accounts] == names
    assert found.told == (["class.csv: read as MacRoman"] if encoding == "mac-roman" else [])


def test_accents_that_may_be_read_in_two_ways_are_refused(refusal: Callable[..., str]) -> None:
    """One sign decides nothing: it is shown in both encodings, and no password is changed in silence."""
    line = refusal("identifiant;mot de passe\nlea;pa™ss\n".encode("windows-1252"))
    assert "save it as “CSV UTF-8” (“pa™ss” or “paôss”?)" in line


def test_signs_of_a_french_keyboard_are_no_doubt(read: Read) -> None:
    """What a password may have in windows-1252 is read as such."""
    found = read("identifiant;mot de passe;prénom\nlea;§£µ¤²³¨°€;Léa\n".encode("windows-1252"))
    assert (found.accounts, found.told) == ([("lea", "§£µ¤²³¨°€", "Léa", None)], [])


def test_two_encodings_in_one_file_are_refused(refusal: Callable[..., str]) -> None:
    """Lines pasted from elsewhere do not turn the names of the others into signs."""
    mixed = "identifiant;mot de passe;prénom\nlea;azerty;Léa\n".encode() + "zoe;azerty;Zoé\n".encode("windows-1252")
    assert "in UTF-8 in some places and not in others" in refusal(mixed)


ZIP = b"PK\x03\x04\x14\0\0\0\x08\0"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (ZIP + b"[Content_Types].xml...xl/workbook.xml", "an Excel workbook (.xlsx)"),
        (ZIP + b"mimetypeapplication/vnd.oasis.opendocument.spreadsheetPK", "a LibreOffice sheet (.ods)"),
        (ZIP + b"Index/Document.iwa", "a Numbers sheet"),
        (ZIP + b"holiday.jpg", "a ZIP archive"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "an old Excel workbook (.xls)"),
        (b"%PDF-1.7\n%\xe2\xe3", "a PDF document"),
        (b"\r\n<HTML><table><tr><td>login", "a web page"),
        (b'<?xml version="1.0"?><Workbook>', "an XML document"),
    ],
)
def test_what_is_no_csv_is_named_for_what_it_is(refusal: Callable[..., str], content: bytes, kind: str) -> None:
    """The refusal says what the file is, and what to save it as, whatever its name."""
    assert refusal(content) == f"class.csv: is {kind}; open it and save the sheet as “CSV UTF-8”"


def test_what_is_no_csv_is_named_in_french_too(read: Read) -> None:
    """The kind of file is a sentence of the catalogue as well."""
    with pytest.raises(ImportRefused) as caught:
        read(ZIP + b"[Content_Types].xml...xl/workbook.xml")
    told = caught.value.text.render(translator("fr"))
    assert "un classeur Excel (.xlsx)" in told


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_unicode_text_of_excel_is_named(refusal: Callable[..., str], encoding: str) -> None:
    """UTF-16, with its mark or without."""
    assert "it is UTF-16, Excel’s “Unicode Text”" in refusal("identifiant\tmot de passe\nlea\ta\n".encode(encoding))


def test_a_huge_workbook_is_refused_without_being_read_whole(refusal: Callable[..., str]) -> None:
    """Whatever the size, what it is comes first; a table past the limit is refused by its size."""
    assert "an Excel workbook" in refusal(ZIP + b"xl/workbook.xml" + bytes(MAX_BYTES))
    assert "is larger than" in refusal(b"lea;azerty\n" * (MAX_BYTES // 10))


@pytest.mark.parametrize("content", ["", "\ufeff", ";;;\n;;\n", "\n\n", "sep=;\n", "sep=;\n;;\n"])
def test_a_table_of_nothing_is_refused(refusal: Callable[..., str], content: str) -> None:
    assert refusal(content) == "class.csv: is empty; a name and a password a line are wanted"


def test_rows_that_are_too_long_cost_themselves(read: Read) -> None:
    """A row longer than any account is skipped; the next one is read."""
    rows = read(f"login;mdp\nlea;{'x' * 200_000}\ntom;azerty\n").rows
    assert isinstance(rows[0], Skipped)
    assert str(rows[0].refusal) == "Too long: the limit is 1000 characters."
    assert rows[1].username == "tom"
