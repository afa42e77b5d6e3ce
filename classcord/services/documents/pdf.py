"""PDF files: headings, paragraphs, lines as they are, tables, and cards to cut out. Knows nothing of what they say.

reportlab writes them; it is the extra `classcord[pdf]`, and is imported when the first document begins.
"""

from __future__ import annotations

import functools
import io
from collections.abc import Sequence
from importlib import import_module, resources
from typing import Any
from xml.sax.saxutils import escape

from classcord.chat.errors import NotAllowed
from classcord.chat.text import N_

FONT = "DejaVuSans"
_MARGIN = 51.0  # points: 18 mm
_PADDING = 6.0  # points: that of the library's frames
_GREY = 0.45
_QUOTED = 28.0  # points from the margin to words that are somebody's own
_SIZES = {"heading": 15.0, "paragraph": 10.0, "line": 8.5, "quoted": 8.5, "name": 13.0, "note": 8.0}
_NARROWEST, _WIDEST = 12, 60  # characters that count for the width of a column
_LABELS = 150  # points: the names of a card's fields, each on one line


class PdfUnavailable(NotAllowed):
    """The library that writes PDF files is not installed."""

    template = N_('PDF files need a library that is not installed here: pip install "classcord[pdf]".')


class Document:
    """A document on A4 pages, which are numbered; texts are written as they are, whatever characters they have."""

    def __init__(self, title: str) -> None:
        """Begin a document; PdfUnavailable if it cannot be written here."""
        self._title = title
        self._platypus = _library("platypus")
        self._parts: list[Any] = []
        self._styles = {name: self._style(name, size) for name, size in _SIZES.items()}

    def _style(self, name: str, size: float) -> Any:
        _library("pdfbase.pdfmetrics").registerFont(_font())
        return _library("lib.styles").ParagraphStyle(
            name,
            fontName=FONT,
            fontSize=size,
            leading=1.35 * size,
            leftIndent=_QUOTED if name == "quoted" else 0,
            spaceAfter=0.5 * size if name in {"heading", "paragraph", "line", "quoted"} else 2,
            splitLongWords=1,
        )

    def heading(self, text: str) -> None:
        self._parts.append(self._text("heading", text))

    def paragraph(self, text: str) -> None:
        self._parts.append(self._text("paragraph", text))

    def lines(self, text: str) -> None:
        """Add lines whose breaks stay where they are."""
        self._lines("line", text)

    def quoted(self, text: str) -> None:
        """Add the lines of what somebody wrote, all of them indented: no other text begins there."""
        self._lines("quoted", text)

    def _lines(self, style: str, text: str) -> None:
        self._parts += [self._text(style, line or "\N{NO-BREAK SPACE}") for line in text.splitlines()]

    def table(self, rows: Sequence[Sequence[str]]) -> None:
        """Add a table; its first row names the columns, and is repeated on each page."""
        cells = [[self._text("line", cell) for cell in row] for row in rows]
        table = self._platypus.LongTable(cells, colWidths=_widths(rows), repeatRows=1)
        table.setStyle([("GRID", (0, 0), (-1, -1), 0.3, _grey()), ("VALIGN", (0, 0), (-1, -1), "TOP")])
        self._parts.append(table)

    def card(self, title: str, fields: Sequence[tuple[str, str]], below: str = "") -> None:
        """Add a card that is on one page whole, with a line to cut along below it."""
        cells = [[self._text("line", name), self._text("paragraph", value)] for name, value in fields]
        table = self._platypus.Table(cells, colWidths=[_LABELS, None])
        everywhere = ((0, 0), (-1, -1))
        narrow = [(side, *everywhere, 1) for side in ("TOPPADDING", "BOTTOMPADDING")]
        table.setStyle([("VALIGN", *everywhere, "MIDDLE"), ("LEFTPADDING", *everywhere, 0), *narrow])
        cut = self._platypus.HRFlowable(width="100%", thickness=0.5, color=_grey(), dash=(4, 4), spaceBefore=5)
        note = [self._platypus.Spacer(1, 3), self._text("note", below)] if below else []
        self._parts.append(
            self._platypus.KeepTogether([self._text("name", title), table, *note, cut, self._platypus.Spacer(1, 9)])
        )

    def as_bytes(self) -> bytes:
        """Return the file; of the same document it is the same at all times."""
        out = io.BytesIO()
        margins = dict.fromkeys(("leftMargin", "rightMargin", "topMargin", "bottomMargin"), _MARGIN)
        template = self._platypus.SimpleDocTemplate(
            out, pagesize=_library("lib.pagesizes").A4, title=_writable(self._title), lang="fr", invariant=1, **margins
        )
        template.build(self._parts, onFirstPage=_numbered, onLaterPages=_numbered)
        return out.getvalue()

    def _text(self, style: str, text: str) -> Any:
        return self._platypus.Paragraph(escape(_writable(text)), self._styles[style])


def _library(name: str) -> Any:
    """Return a module of reportlab, which has no types."""
    try:
        return import_module(f"reportlab.{name}")
    except ImportError as error:
        raise PdfUnavailable from error


@functools.lru_cache(maxsize=1)
def _font() -> Any:
    file = resources.files("classcord.services.documents") / f"{FONT}.ttf"
    return _library("pdfbase.ttfonts").TTFont(FONT, io.BytesIO(file.read_bytes()))


def _widths(rows: Sequence[Sequence[str]]) -> list[float]:
    """Return how wide the columns of a table are: as their longest cells, but none takes the room of the others.

    Left to itself, the library gives all of it to a cell with one long word, and has none for the rest.
    """
    longest = [max(map(len, column)) for column in zip(*rows, strict=True)]
    shares = [min(max(each, _NARROWEST), _WIDEST) for each in longest]
    room = _library("lib.pagesizes").A4[0] - 2 * _MARGIN - 2 * _PADDING
    return [room * each / sum(shares) for each in shares]


def _grey() -> Any:
    return _library("lib.colors").Color(_GREY, _GREY, _GREY)


def _writable(text: str) -> str:
    """Return a text in which what the font does not have is shown as missing, and not left out."""
    known = _font().face.charToGlyph
    return "".join(each if ord(each) in known or each in "\n\t" else "\N{REPLACEMENT CHARACTER}" for each in text)


def _numbered(canvas: Any, document: Any) -> None:
    canvas.setFont(FONT, 8)
    canvas.drawRightString(document.pagesize[0] - _MARGIN, 0.6 * _MARGIN, str(document.page))
