"""The slips that pupils are handed out, as HTML and PDF: who it is for, how to log in, where. Nothing else personal.

Knows no store.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import NamedTuple

from classcord.chat.text import N_, Text, Translate
from classcord.cli.import_class.applying import NewPupil
from classcord.services.documents.pdf import Document

_TITLE = N_("How to log in to {server}")
_FIELDS = (N_("login name"), N_("one-time password"), N_("server"), N_("web page"))
_BELOW = N_("At the first login, on the web page, choose a password of your own. Then this slip is worth nothing.")
_STYLE = """
body { font: 11pt/1.4 "DejaVu Sans", Verdana, sans-serif; margin: 1em auto; max-width: 45em; }
section { border-bottom: 1px dashed #777; padding: 4mm 0; break-inside: avoid; }
h2 { font-size: 13pt; margin: 0 0 2mm; }
table { border-collapse: collapse; }
th { font-weight: normal; text-align: left; padding: 0 1.5em 0 0; color: #444; font-size: 9pt; }
td { font-family: "DejaVu Sans Mono", Consolas, monospace; overflow-wrap: anywhere; }
p { font-size: 9pt; margin: 2mm 0 0; }
@page { size: A4; margin: 15mm; }
"""


class Whereabouts(NamedTuple):
    """Where the server is, as people type it; "" where it is not told."""

    name: str
    server: str
    web: str


def _fields(pupil: NewPupil, place: Whereabouts, translate: Translate) -> list[tuple[str, str]]:
    values = (pupil.username, pupil.password, place.server, place.web)
    return [(translate(name), value) for name, value in zip(_FIELDS, values, strict=True) if value]


def as_html(pupils: Sequence[NewPupil], place: Whereabouts, translate: Translate, language: str) -> bytes:
    """Return the slips as a page that needs nothing besides."""
    title = html.escape(Text(_TITLE, {"server": place.name}).render(translate))
    slips = "".join(_slip(pupil, place, translate) for pupil in pupils)
    head = f'<!doctype html>\n<html lang="{language}">\n<meta charset="utf-8">\n<title>{title}</title>\n'
    return f"{head}<style>{_STYLE}</style>\n<h1>{title}</h1>\n{slips}</html>\n".encode()


def _slip(pupil: NewPupil, place: Whereabouts, translate: Translate) -> str:
    rows = "".join(
        f"<tr><th>{html.escape(name)}</th><td>{html.escape(value)}</td></tr>\n"
        for name, value in _fields(pupil, place, translate)
    )
    below = html.escape(translate(_BELOW))
    return f"<section>\n<h2>{html.escape(pupil.name)}</h2>\n<table>\n{rows}</table>\n<p>{below}</p>\n</section>\n"


def as_pdf(pupils: Sequence[NewPupil], place: Whereabouts, translate: Translate) -> bytes:
    """Return the slips as a PDF file; PdfUnavailable without the library for it."""
    document = Document(Text(_TITLE, {"server": place.name}).render(translate))
    for pupil in pupils:
        document.card(pupil.name, _fields(pupil, place, translate), translate(_BELOW))
    return document.as_bytes()
