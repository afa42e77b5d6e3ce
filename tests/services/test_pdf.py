"""PDF files: what is in them is written with the font that comes along, and is the same each time."""

from __future__ import annotations

import sys

import pytest

from classcord.services.documents.pdf import Document, PdfUnavailable


def _written(title: str) -> bytes:
    document = Document(title)
    document.heading("Łukasz & <b>Zoé</b>")
    document.paragraph("Ce que «\u202ftout le monde\u202f» lit, et 漢 que la police n’a pas. " * 30)
    document.lines("une ligne\n\n  une autre")
    document.table([["nom", "valeur"], *([str(number), "x" * number] for number in range(80))])
    document.card("Łukasz Nowak", [("identifiant", "lukasz.nowak"), ("serveur", "chat.example.org:12345")], "À garder.")
    return document.as_bytes()


def test_a_document_is_a_pdf_file_with_its_font() -> None:
    """Its letters come along, so that it is printed alike everywhere; long tables go on on the next page."""
    content = _written("Essai")
    assert content.startswith(b"%PDF-1.")
    assert content.rstrip().endswith(b"%%EOF")
    assert b"DejaVuSans" in content
    assert b"/FontFile2" in content
    assert content.count(b"/Type /Page\n") + content.count(b"/Type /Page ") >= 3


def test_only_quoted_words_are_indented() -> None:
    """On each line of theirs, also where a long one goes on: nobody's words begin where the document's own do."""
    document = Document("Essai")
    document.quoted("un\n\ndeux " + "x " * 900)
    quoted = {part.style.leftIndent for part in document._parts}
    assert len(quoted) == 1
    assert quoted.pop() > 0
    document._parts.clear()
    document.heading("un")
    document.paragraph("un")
    document.lines("un\ndeux")
    assert {part.style.leftIndent for part in document._parts} == {0}


HOSTILE = {
    "a long word": "y" * 2_000,
    "long words": ("y" * 300 + " ") * 5,
    "control characters": "".join(map(chr, range(32))),
    "right to left": "\u202eabc\u2066שלום مرحبا",
    "markup": "<b>x</b> &amp; <para><img src='file:///etc/passwd'/></para>",
    "combining": "e" + "\u0301" * 2_000,
    "half a pair": "\ud800",
    "line separators": "a\u2028b\u2029c\x85d\x1ce",
    "nothing": "",
    "blank": " \u00a0\t " * 200,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("columns", [1, 2, 4, 6])
def test_whatever_somebody_wrote_is_written(text: str, columns: int) -> None:
    """In each place of a document: otherwise the author of a report or of a message decides that there is none."""
    document = Document(text)
    document.heading(text)
    document.paragraph(text)
    document.lines(text)
    document.quoted(text)
    for place in range(columns):
        document.table([["nom"] * columns, [text if each == place else "x" for each in range(columns)]])
    document.card(text[:300], [(text[:100], text[:300]), ("serveur", "x")], text[:300])
    assert document.as_bytes().rstrip().endswith(b"%%EOF")


def test_the_same_document_is_the_same_file() -> None:
    """So its hash can be compared."""
    assert _written("Essai") == _written("Essai")
    assert _written("Essai") != _written("Autre")


def test_without_the_library_it_is_said_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "reportlab"]:
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setitem(sys.modules, "reportlab", None)
    with pytest.raises(PdfUnavailable) as refused:
        Document("Essai")
    assert "classcord[pdf]" in str(refused.value)
