"""Accounts from older classroom servers, one row each: checked, added, reported.

Knows neither the files (see older_files.py) nor our own storage; the caller adds the accounts.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from twisted.internet.defer import CancelledError
from twisted.logger import Logger

from classcord.chat.errors import BadPassword, BadRequest, ChatError, ServerFault, TooLong
from classcord.chat.names import LONGEST, name_key
from classcord.chat.registration.vocabulary import UsernameTaken
from classcord.chat.text import N_, Text, Translate
from classcord.cli.tables.csv_rows import MAX_CHARACTERS
from classcord.cli.tables.refusing import ImportRefused, printable, words_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

MAX_ACCOUNTS = 100_000  # in one file

TOO_MANY = N_("has more than {limit} accounts; split it")
NAME_AND_PASSWORD: Sequence[str | None] = ("username", "password")  # the fields of a row without a heading

log = Logger()


class BadRow(BadRequest):
    """One row of a file is not an account."""

    template = N_("This row is not an account: {why}")


class NameRepeated(UsernameTaken):
    """An earlier row of the same file has the same name."""

    template = N_("This name was already added, from {line}.")


@dataclass(frozen=True)
class ImportedUser:
    """An account as an older server stored it, before our checks.

    `secret` is a clear password, unless `hashed`: then hex SHA-256, bcrypt or argon2id. `line` is the place in the
    file, as compilers write it: `class.csv:12`.
    """

    username: str
    secret: str = field(repr=False)  # so that no traceback writes a password into a log
    hashed: bool
    alias: str | None
    first_name: str | None
    last_name: str | None
    email: str | None
    line: str


@dataclass(frozen=True)
class Skipped:
    """A row that was not imported; `username` is empty if the row has none."""

    line: str
    username: str
    refusal: ChatError

    @property
    def why(self) -> Text:
        """What is wrong with it."""
        return self.refusal.text


Row = ImportedUser | Skipped


@dataclass(frozen=True)
class ImportReport:
    """The result for each row of a file, in order."""

    added: list[ImportedUser] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)

    def render(self, translate: Translate = str) -> list[str]:
        """Return lines for an administrator's terminal: two totals, then why each row was skipped."""
        sums = [
            Text(N_("Accounts added: {count}"), {"count": len(self.added)}),
            Text(N_("Rows skipped: {count}"), {"count": len(self.skipped)}),
        ]
        rows = [": ".join(filter(None, [row.line, row.username, row.why.render(translate)])) for row in self.skipped]
        return [printable(line) for line in [*(text.render(translate) for text in sums), *rows]]

    def render_added(self) -> list[str]:
        """Return one line for each new account: its place in the file, its name, and its other fields."""
        lines = []
        for row in self.added:
            known = [row.alias and f"({row.alias})", row.first_name, row.last_name, row.email and f"<{row.email}>"]
            lines.append(" ".join([f"{row.line}: {row.username}", *filter(None, known)]))
        return [printable(line) for line in lines]

    def as_json(self, translate: Translate = str) -> dict[str, list[dict[str, str]]]:
        """Return the report for programs, without passwords; `code` is stable, `reason` is in one language."""
        return {
            "added": [{"line": row.line, "username": row.username} for row in self.added],
            "skipped": [
                {"line": row.line, "username": row.username, "code": row.refusal.code, "reason": reason}
                for row in self.skipped
                for reason in [row.why.render(translate)]
            ],
        }


async def import_users(rows: Iterable[Row], add: Callable[[ImportedUser], Awaitable[object]]) -> ImportReport:
    """Add the accounts one after the other and report each row; a bad row does not stop the others.

    `add` raises a ChatError for an account that cannot be added: the name exists already (it is never overwritten), or
    is not allowed. It is not called for a row without a usable password, or with a name that this import has just
    added.
    """
    report = ImportReport()
    lines: dict[str, str] = {}  # where each added name stands in the file, by its comparison key
    for row in rows:
        if isinstance(row, Skipped):
            report.skipped.append(row)
            continue
        try:
            _check_unique(row, lines)
            _check_secret(row.secret)
            await add(row)
        except ChatError as refusal:
            report.skipped.append(Skipped(row.line, row.username, refusal))
        except CancelledError:
            raise
        except Exception:
            log.failure("import of {line} failed", line=row.line)
            report.skipped.append(Skipped(row.line, row.username, ServerFault(reference=row.line)))
        else:
            report.added.append(row)
            lines[name_key(row.username)] = row.line
    return report


def _check_unique(user: ImportedUser, lines: Mapping[str, str]) -> None:
    earlier = lines.get(name_key(user.username))
    if earlier is not None:
        raise NameRepeated(field="username", line=earlier)


def _check_secret(secret: str) -> None:
    if not secret:
        raise BadPassword(field="password", why=Text(N_("it is empty")))
    # half of a UTF-16 pair: it cannot be hashed
    if any(unicodedata.category(character) == "Cs" for character in secret):
        raise BadPassword(field="password", why=Text(N_("it has characters that are not text")))


# One row, of any file

_SHA256 = re.compile(r"[0-9a-fA-F]{64}")  # what the older classroom servers store
# Anybody can cause the verification of a hash by a login: costs that would stop the server (a gigabyte, a minute) are
# refused.
_BCRYPT = re.compile(r"\$2[aby]\$(0[4-9]|1[0-5])\$[./0-9A-Za-z]{53}")
_ARGON2ID = re.compile(r"\$argon2id\$v=19\$m=\d{1,6},t=\d,p=\d{1,2}\$[+/0-9A-Za-z]+\$[+/0-9A-Za-z]+")
_LOOKS_HASHED = re.compile(r"\$(2[aby]|argon2[a-z]*)\$")


def as_row(line: str, fields: Sequence[str | None], values: Sequence[object]) -> Row:
    """Make an account of the values of a row; unknown fields, and SQL's NULL, are ignored."""
    known = {name: value for name, value in zip(fields, values, strict=False) if name is not None and value is not None}
    try:
        texts = {name: _text(value) for name, value in known.items()}
        secret = texts.get("password_hash") or texts.get("password", "")
        hashed = _is_hash(secret, expected=bool(texts.get("password_hash")))
    except ChatError as refusal:
        username = known.get("username")
        return Skipped(line, username[:LONGEST] if isinstance(username, str) else "", refusal)
    return ImportedUser(
        username=texts.get("username", ""),
        secret=secret,
        hashed=hashed,
        alias=texts.get("alias") or None,
        first_name=texts.get("first_name") or None,
        last_name=texts.get("last_name") or None,
        email=texts.get("email") or None,
        line=line,
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise BadRow(why=Text(N_("a value is not text")))
    if len(value) > MAX_CHARACTERS:
        raise TooLong(limit=MAX_CHARACTERS)
    return value


def is_known_hash(secret: str) -> bool:
    return any(kind.fullmatch(secret) for kind in (_SHA256, _BCRYPT, _ARGON2ID))


def _is_hash(secret: str, *, expected: bool) -> bool:
    """Whether a secret is a hash and not a clear password; BadPassword for a hash that we cannot verify.

    If it counted as a clear password, the text of the hash would become the password.
    """
    if is_known_hash(secret):
        return True
    if expected or _LOOKS_HASHED.match(secret):
        why = Text(N_("its hash is neither SHA-256 in hexadecimal, bcrypt nor argon2id, or too costly to verify"))
        raise BadPassword(field="password", why=why)
    return False


COLUMNS_TOLD = N_("{where}: columns that are not read: {columns}")


# Headings of columns, in CSV and SQLite alike

_HEADINGS = {
    "username": (
        *("username", "user_name", "user", "login", "log_in", "login_name", "account", "account_name"),
        *("nom_utilisateur", "nom_d_utilisateur", "nom_de_l_utilisateur", "utilisateur", "identifiant"),
        *("identifiant_de_connexion", "nom_de_connexion", "nom_de_compte", "compte"),
    ),
    "password": (
        *("password", "pass_word", "passwd", "pass", "pwd", "initial_password", "mot_de_passe", "motdepasse"),
        *("mot_passe", "mdp", "mot_de_passe_initial", "mot_de_passe_provisoire"),
    ),
    "password_hash": ("password_hash", "hashed_password", "hash"),
    "alias": ("alias", "nickname", "nick", "display_name", "pseudo", "pseudonyme", "surnom", "nom_affiche"),
    "first_name": ("first_name", "firstname", "given_name", "forename", "prenom", "prenoms"),
    "last_name": ("last_name", "lastname", "surname", "family_name", "nom", "nom_de_famille"),
    "email": (
        *("email", "e_mail", "mail", "email_address", "e_mail_address", "mail_address", "courriel", "mel"),
        *("adresse_email", "adresse_e_mail", "adresse_mail", "adresse_mel", "adresse_electronique"),
        *("adresse_courriel", "adresse_de_courriel", "courrier_electronique", "adresse_de_messagerie"),
    ),
}
_FIELDS = {heading: name for name, headings in _HEADINGS.items() for heading in headings}


def field_of(heading: str) -> str | None:
    """Return the field that a column heading means, or None; accents, case and separators do not matter."""
    return _FIELDS.get("_".join(words_of(heading)))


def check_columns(where: str, fields: Sequence[str | None]) -> None:
    """Refuse columns that do not say which is the name and which is the password."""
    known = [name for name in fields if name is not None]
    if len(set(known)) < len(known):
        raise ImportRefused(where, N_("two columns have the same meaning; keep one of them"))
    if "username" not in known or not {"password", "password_hash"} & set(known):
        raise ImportRefused(where, N_("columns named “username” and “password” or “password_hash” are wanted"))
