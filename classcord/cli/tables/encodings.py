"""The text encoding of a table, and the type of other files, recognised from the bytes alone.

A detector by language statistics (charset-normalizer) needs longer texts than a class list; here the question is
narrower: UTF-8, else windows-1252 as Excel writes it on Windows, or MacRoman as Excel writes it on a Mac. Knows no row
and no account.
"""

from __future__ import annotations

import codecs
import itertools
import re
from collections.abc import Callable
from typing import NamedTuple

from classcord.chat.text import N_, Text
from classcord.cli.tables.refusing import ImportRefused

MANY = 2  # so many accents prove MacRoman; a single one may be an unusual password in windows-1252
_NOT_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")  # pictures, archives
_UTF_16_WITHOUT_BOM = re.compile(rb"(?:[\t\r\n -~]\0){4}|(?:\0[\t\r\n -~]){4}")
_FEW = 50  # characters of a text to one control character; a picture has more
_SIGNS = "’‘“”«»–—…€°·§£µ¤²³¨\N{NO-BREAK SPACE}"  # what a French keyboard writes, apart from letters
_HALF_UTF_8 = re.compile(rb"[\xc3\xc5][\x80-\xbf]")  # “é”, “œ” and the like

_NEITHER = N_("is neither a pickle, an SQLite database nor text; save a table as CSV in UTF-8")
_UTF_16 = N_(
    "is neither a pickle, an SQLite database nor text in UTF-8: it is UTF-16, Excel’s “Unicode Text”; "
    "save it as “CSV UTF-8”"
)
_DOUBTFUL = N_(
    "its accents are neither UTF-8 nor, without doubt, windows-1252 or MacRoman; save it as “CSV UTF-8” "
    "(“{windows}” or “{mac}”?)"
)
_MIXED = N_("its accents are in UTF-8 in some places and not in others; save it as “CSV UTF-8”")
_CONTROL = N_("character {column} of the line is none that can be read ({code}); remove it, or write the word anew")
_NO_TABLE = N_("is {kind}; open it and save the sheet as “CSV UTF-8”")


class Decoded(NamedTuple):
    """The text of a table, and the name of its encoding if it is worth a report."""

    text: str
    told: str | None = None


def _is_zip(data: bytes) -> bool:
    return data.startswith(b"PK\x03\x04")


_KINDS: tuple[tuple[Callable[[bytes], bool], str], ...] = (
    (lambda data: _is_zip(data) and b"xl/workbook" in data, N_("an Excel workbook (.xlsx)")),
    (
        lambda data: _is_zip(data) and b"application/vnd.oasis.opendocument.spreadsheet" in data[:200],
        N_("a LibreOffice sheet (.ods)"),
    ),
    (lambda data: _is_zip(data) and b"Index/" in data and b".iwa" in data, N_("a Numbers sheet")),
    (_is_zip, N_("a ZIP archive")),
    (lambda data: data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), N_("an old Excel workbook (.xls)")),
    (lambda data: data.startswith(b"%PDF-"), N_("a PDF document")),
    (lambda data: data.lstrip()[:14].lower().startswith((b"<!doctype html", b"<html", b"<table")), N_("a web page")),
    (lambda data: data.lstrip().startswith(b"<?xml"), N_("an XML document")),
)


def refuse_other_kinds(name: str, data: bytes) -> None:
    """Raise ImportRefused, with the type of the file, for files that are not yet saved as CSV."""
    for is_kind, kind in _KINDS:
        if is_kind(data):
            raise ImportRefused(name, _NO_TABLE, kind=Text(kind))


def decode(name: str, data: bytes) -> Decoded:
    """Return the text of a table; ImportRefused if it is not text, or if its accents are ambiguous."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or _UTF_16_WITHOUT_BOM.match(data):
        raise ImportRefused(name, _UTF_16)
    text = _as_text(data, "utf-8-sig")
    if text is not None:
        return Decoded(text)
    _refuse_controls(name, data)
    if _HALF_UTF_8.search(data):
        raise ImportRefused(name, _MIXED)
    windows, mac = _as_text(data, "windows-1252"), _as_text(data, "mac-roman")
    strange = _STRANGE.search(windows or "")
    if windows is not None and not strange:
        return Decoded(windows)
    if mac is not None and not _STRANGE.search(mac) and _accents(mac) and (b"\n" not in data or _accents(mac) >= MANY):
        return Decoded(mac, "MacRoman")
    if windows is None or strange is None:
        raise ImportRefused(name, _NEITHER)
    if mac is None or not _accents(mac):
        return Decoded(windows)
    place = strange.start()
    raise ImportRefused(name, _DOUBTFUL, windows=_word(windows, place), mac=_word(mac, place))


def _refuse_controls(name: str, data: bytes) -> None:
    """Say where control characters are in what is a text but for these: a few, and no NUL."""
    for encoding in ("utf-8-sig", "windows-1252"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        found = _NOT_TEXT.findall(text)
        if not found or "\0" in found or len(found) > 1 + len(text) // _FEW:
            continue
        place = _NOT_TEXT.search(text)
        assert place is not None
        above = re.split(r"\r\n|\r|\n", text[: place.start()])
        where = f"{name}:{len(above)}"
        raise ImportRefused(where, _CONTROL, column=len(above[-1]) + 1, code=f"U+{ord(place[0]):04X}")


def _as_text(data: bytes, encoding: str) -> str | None:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return None
    return None if _NOT_TEXT.search(text) else text


# A sign that is on no keyboard; or a capital accent or a quote between small letters, which is an accent in the other
# encoding: “prŽnom”, “LŽa”, “No‘l”.
_STRANGE = re.compile(
    rf"[^\x00-\x7fÀ-ÖØ-öø-ÿŒœŠšŽžŸ{_SIGNS}]"
    "|(?<=[a-zß-öø-ÿœšž])[À-ÖØ-ÞŒŠŽŸ]|(?<=[A-Z])[À-ÖØ-ÞŒŠŽŸ](?=[a-z])|(?<=[A-Za-z])[‘“”…](?=[A-Za-z])"
)


def _accents(text: str) -> int:
    """Return how many small accented letters stand beside a plain letter, as in words, up to MANY."""
    return len([*itertools.islice(re.finditer(r"(?<=[A-Za-z])[à-öø-ÿœ]|[à-öø-ÿœ](?=[A-Za-z])", text), MANY)])


def _word(text: str, place: int) -> str:
    """Return the word around an index of a text; both encodings have one byte a character."""
    before = re.split(r"[;,\t\r\n]", text[max(place - 20, 0) : place])[-1]
    return before + re.split(r"[;,\t\r\n]", text[place : place + 20])[0]
