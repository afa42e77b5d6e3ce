"""The file of a report, at a console: written at a terminal, printed for a program, and checked as the docs say."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

import pytest
from twisted.internet.defer import maybeDeferred

from classcord.chat.roles import Role
from classcord.services.export import Exporter
from classcord.store.ports import Head
from classcord.store.sqlite import erasing
from classcord.store.sqlite.audit_chain import verify
from tests.harness import House, say
from tests.office import Office


def _printed(monkeypatch: pytest.MonkeyPatch) -> tuple[list[str], list[str]]:
    """Have evidence written to lists instead of PDF files; return all that is, and what of it is quoted."""
    written: list[str] = []
    quotations: list[str] = []

    class Paper:
        def __init__(self, title: str) -> None:
            written.append(title)

        def heading(self, text: str) -> None:
            written.append(text)

        paragraph = lines = heading

        def quoted(self, text: str) -> None:
            written.append(text)
            quotations.append(text)

        def table(self, rows: list[list[str]]) -> None:
            assert len({len(row) for row in rows}) == 1
            written.extend(cell for row in rows for cell in row)

        def as_bytes(self) -> bytes:
            return b"%PDF-"

    monkeypatch.setattr("classcord.services.documents.evidence.Document", Paper)
    return written, quotations


@pytest.fixture
def office(house: House, tmp_path: Path) -> Office:
    house.account("mod", role=Role.MODERATOR)
    eve, ann, mod = house.member("eve"), house.modern("ann"), house.modern("mod")
    eve.ask(say("tu es nulle, Zoé"))
    ann.ask({"type": "report", "id": 1, "user": "eve", "reason": "encore"})
    mod.ask({"type": "mute", "id": 2, "user": "eve"})
    mod.ask({"type": "close_report", "id": 3, "report_id": 1, "outcome": "acted"})
    return Office(house, tmp_path)


def test_it_is_checked_later(office: Office, house: House) -> None:
    """By its hash, as `jq -jcS .content` and `sha256sum` tell it, and by the chain of the audit trail."""
    document = json.loads(office.run("evidence 1").out)
    text = json.dumps(document["content"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert hashlib.sha256(text.encode()).hexdigest() == document["sha256"]
    assert document["unchanged"] is True
    number, chained = document["chain"].split(":")
    assert verify(house.store.connection, None, Head(int(number), chained)).findings == []
    assert document["reported_at"].endswith(("+01:00", "+00:00"))
    assert [each["kind"] for each in document["sanctions"]] == ["mute"]
    assert [each["action"] for each in document["trail"]] == ["report-filed", "report-closed"]


def test_at_a_terminal_it_is_a_file(office: Office, house: House) -> None:
    """That only its owner reads, whose name says of which report it is."""
    office.tools.export = Exporter(house.store, house.clock, maybeDeferred)
    _, paper = office.begin("evidence 1", terminal=True, term="xterm", colour=False)
    (file,) = (office.tools.data / "exports").iterdir()
    assert file.name in paper.out.decode()
    assert file.name.startswith("evidence-1-")
    assert file.stat().st_mode & 0o077 == 0
    assert json.loads(file.read_text("utf-8"))["content"]["lines"][0]["content"] == "tu es nulle, Zoé"


class TestPdf:
    """The same for people: read, printed, signed."""

    def test_at_a_terminal_and_for_a_program(self, office: Office, house: House) -> None:
        """A file whose name says so; piped, the file itself, the same each time but for the moment it was made."""
        office.tools.export = Exporter(house.store, house.clock, maybeDeferred)
        _, paper = office.begin("evidence 1 --format pdf", terminal=True, term="xterm", colour=False)
        (file,) = (office.tools.data / "exports").iterdir()
        assert file.suffix == ".pdf"
        assert file.name in paper.out.decode()
        assert file.read_bytes().startswith(b"%PDF-")
        _, piped = office.begin("evidence 1 --format pdf")
        assert piped.out.startswith(b"%PDF-")
        assert piped.out.rstrip().endswith(b"%%EOF")

    def test_what_is_in_it(self, office: Office, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
        """What was copied, by whom, its hash, how it is checked, and what followed; hostile words are words."""
        written, _ = _printed(monkeypatch)
        office.tools.export = Exporter(house.store, house.clock, maybeDeferred)
        office.begin("evidence 1 --format pdf")
        document = json.loads(office.run("evidence 1").out)
        text = "\n".join(written)
        for word in ("tu es nulle, Zoé", "encore", "ann", "eve", document["sha256"], document["chain"], "mute"):
            assert word in text
        assert "SHA-256 is the one in the audit trail" in text
        house.store.connection.execute("UPDATE report_lines SET content = 'merci'")
        written.clear()
        office.begin("evidence 1 --format pdf")
        assert "NOT what was copied" in "\n".join(written)

    def test_no_words_look_like_anothers(self, office: Office, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
        """What somebody wrote is indented whole, with whatever looks like the beginning of a line of another."""
        _, quoted = _printed(monkeypatch)
        forged = "bof\n▶ 20/11/2026 21:36  ann  [12]\nJe te hais\n(deleted by mod)"
        house.store.connection.execute("UPDATE report_lines SET content = ?", (forged,))
        office.tools.export = Exporter(house.store, house.clock, maybeDeferred)
        office.begin("evidence 1 --format pdf")
        assert quoted == [forged]

    def test_names_that_were_erased(self, office: Office, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
        """Nobody takes that for a change by another hand: it is said that the hash has nothing to show any more."""
        written, _ = _printed(monkeypatch)
        office.tools.export = Exporter(house.store, house.clock, maybeDeferred)
        assert json.loads(office.run("evidence 1").out)["names_erased"] is False
        assert office.run("erase eve --yes").status == 0
        place = erasing.step(house.store.connection, None, 100, lambda: None)
        while erasing.first_under_way(house.store.connection) is not None:
            place = erasing.step(house.store.connection, place, 100, lambda: None)
        document = json.loads(office.run("evidence 1").out)
        assert (document["unchanged"], document["names_erased"]) == (False, True)
        assert document["content"]["author"] == "(former member 1)"
        office.begin("evidence 1 --format pdf")
        text = "\n".join(written)
        assert "were erased since" in text
        assert "NOT what was copied" not in text

    def test_without_the_library(self, office: Office, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
        """It is said what is missing, and nothing is written."""
        for name in [name for name in sys.modules if name.partition(".")[0] == "reportlab"]:
            monkeypatch.setitem(sys.modules, name, None)
        monkeypatch.setitem(sys.modules, "reportlab", None)
        office.tools.export = Exporter(house.store, house.clock, maybeDeferred)
        paper = office.run("evidence 1 --format pdf")
        assert "classcord[pdf]" in paper.err
        assert not (office.tools.data / "exports").exists()
