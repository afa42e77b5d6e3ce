"""What the system refuses, in words: each number that can occur, in both languages, and nowhere in English alone."""

from __future__ import annotations

import errno
import os
import re
import socket
import sqlite3
import ssl
from pathlib import Path

import pytest

from classcord import durable, system_errors
from classcord.chat.text import Text
from classcord.language import translator
from classcord.store.sqlite.in_words import said
from classcord.system_errors import in_words

FRENCH = translator("fr")
SOURCES = Path(durable.__file__).parent
SAID_ONLY_TO_PROGRAMS = {
    "durable.py": "an OSError is raised anew, with the name of the file",
    "server/endpoints.py": "an OSError is raised",
    "services/export.py": "an OSError is raised",
    "services/process/optional_files.py": "a line of the log, in English as all of it",
    "services/passwords/program.py": "a line of the log",
    "faces/ssh/sftp_handles.py": "a line of the log",
    "system_errors.py": "what has no words of ours",
}


@pytest.mark.parametrize("number", list(system_errors._WORDS))
def test_each_number_has_words_in_french(number: int) -> None:
    """They are not the English ones; those are as the C library's, which administrators look up."""
    words = in_words(OSError(number, "whatever the C library says", "/a/file"))
    assert words == in_words(number)
    assert FRENCH(words.template) != words.template
    assert words.render() == os.strerror(number)


def test_what_a_real_system_says(tmp_path: Path) -> None:
    """A missing file, a folder in place of one, a pipe, a port in use, one where nobody listens."""
    os.mkfifo(tmp_path / "pipe")
    said_of = {}
    for name in ("missing", ".", "pipe"):
        with pytest.raises(OSError, match="Errno") as caught:
            durable.read(tmp_path / name)
        said_of[name] = in_words(caught.value).render(FRENCH)
    assert said_of["missing"] == "il n’y a ni fichier ni dossier de ce nom"
    assert said_of["."] == "c’est un dossier"
    assert said_of["pipe"] == "ce n’est pas un fichier ordinaire"
    with socket.socket() as taken, socket.socket() as second:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(OSError, match="Errno") as refused:
            second.connect(taken.getsockname())
        assert in_words(refused.value).render(FRENCH) == "rien n’écoute à cette adresse"
    with socket.socket() as taken, socket.socket() as second:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(OSError, match="Errno") as used:
            second.bind(taken.getsockname())
        assert in_words(used.value).render(FRENCH) == "quelque chose écoute déjà à cette adresse"


def test_a_number_without_words_is_told_with_its_name() -> None:
    """So that it can be looked up; one that the system does not know, too."""
    assert "ENOTTY" in in_words(OSError(errno.ENOTTY, "")).render(FRENCH)
    assert in_words(99_999).render(FRENCH) == "erreur 99999 du système"


def test_names_certificates_and_time() -> None:
    """What looks like an error of the system, and has other numbers, or none."""
    assert in_words(socket.gaierror(socket.EAI_NONAME, "")).render(FRENCH) == "aucune machine n’a ce nom"
    assert in_words(TimeoutError("timed out")).render(FRENCH) == "pas de réponse à temps"
    expired = ssl.SSLCertVerificationError(1, "certificate verify failed")
    expired.verify_code, expired.verify_message = 10, "certificate has expired"
    assert in_words(expired).render(FRENCH) == "il a expiré"
    expired.verify_code = 77
    assert in_words(expired).render(FRENCH) == "certificate has expired"
    assert in_words(ValueError("what we said ourselves")) == Text("{why}", {"why": "what we said ourselves"})
    assert in_words(LookupError()).render() == "LookupError"


def test_plain_words_instead_of_tls(tmp_path: Path) -> None:
    """What a handshake says of a server that speaks something else."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(b"220 mail.school.example ESMTP\r\n")
        with pytest.raises(ssl.SSLError) as caught:
            ssl.create_default_context().wrap_socket(ours, server_hostname="mail.school.example")
    assert in_words(caught.value).render(FRENCH) == "ce qui répond ne parle pas TLS"


def test_what_sqlite_says(tmp_path: Path) -> None:
    """Of a file that is none of its own, of a folder in place of one, and of a mistake of ours."""
    file = tmp_path / "text.db"
    file.write_text("this is no database, and long enough to be read as one" * 10)
    for place, words in ((file, "ce n’est pas une base SQLite"), (tmp_path, "le fichier, ou l’un de ceux d’à côté,")):
        with pytest.raises(sqlite3.Error) as caught:
            sqlite3.connect(place).execute("SELECT * FROM users")
        assert said(caught.value).render(FRENCH).startswith(words)
    with pytest.raises(sqlite3.Error) as caught:
        sqlite3.connect(":memory:").execute("SELECT * FROM users")
    assert said(caught.value).render(FRENCH) == "no such table: users"
    assert said(OSError(errno.EROFS, "")).render(FRENCH) == "ce disque est en lecture seule"


def test_nobody_else_passes_on_english_words() -> None:
    """Who reads an error's own text shows it to programs alone; a new place stands here, or this fails."""
    found = {
        str(file.relative_to(SOURCES))
        for file in SOURCES.rglob("*.py")
        if re.search(r"strerror|verify_message", file.read_text(encoding="utf-8"))
    }
    assert found == SAID_ONLY_TO_PROGRAMS.keys()
