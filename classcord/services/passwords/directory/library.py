"""A connection to a server of a directory by python-ldap, which alone is imported here, and only when it is needed.

Knows no person and no group.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from classcord.chat.text import N_
from classcord.services.passwords.directory.options import DirectoryOptions
from classcord.services.passwords.directory.visit import DirectoryError, Entry, Link, LinkLost, TooManyFound
from classcord.services.passwords.directory.wire import connected

if TYPE_CHECKING:
    from types import ModuleType


def connect(url: str, options: DirectoryOptions) -> Link:
    """Connect, within TLS where the options say so: the certificate must be valid and for this host."""
    import ldap  # noqa: PLC0415 (an extra, and only a server with a directory needs it)

    opened = connected(url, options)
    try:
        with _answered(ldap):
            connection = ldap.initialize("ldap://", fileno=opened.fileno())  # within TLS already, see wire.py
            opened.detach()  # libldap closes it; a second close could hit a file that was opened since
            connection.set_option(ldap.OPT_PROTOCOL_VERSION, 3)
            connection.set_option(ldap.OPT_REFERRALS, 0)  # else other servers would get the password
            connection.set_option(ldap.OPT_TIMEOUT, options.timeout)
        return _Connection(ldap, connection, options.timeout)
    except BaseException:
        opened.close()
        raise


class _Connection:
    def __init__(self, ldap: ModuleType, connection: Any, timeout: int) -> None:
        self._ldap: Any = ldap
        self._connection = connection
        self._timeout = timeout
        self._no = (  # what servers say to a wrong password, an unknown person, a locked account, a DN that is none
            self._ldap.INVALID_CREDENTIALS,
            self._ldap.INAPPROPRIATE_AUTH,
            self._ldap.UNWILLING_TO_PERFORM,
            self._ldap.CONSTRAINT_VIOLATION,
            self._ldap.INVALID_DN_SYNTAX,
            self._ldap.NO_SUCH_OBJECT,
            self._ldap.INSUFFICIENT_ACCESS,
        )

    def bind(self, who: str, password: str) -> bool:
        with _answered(self._ldap):
            try:
                self._connection.simple_bind_s(who, password)
            except self._no:
                return False
        return True

    def search(self, base: str, sought: str, attributes: Sequence[str], most: int) -> list[Entry]:
        with _answered(self._ldap):
            try:
                rows = self._connection.search_ext_s(
                    base,
                    self._ldap.SCOPE_SUBTREE,
                    sought,
                    list(attributes),
                    timeout=self._timeout,
                    sizelimit=most,
                )
            except self._ldap.SIZELIMIT_EXCEEDED:
                raise TooManyFound from None
        found = [Entry(dn, _texts(values)) for dn, values in rows if dn is not None]  # without a DN: a referral
        if len(found) > most:
            raise TooManyFound
        return found

    def close(self) -> None:
        with suppress(self._ldap.LDAPError):
            self._connection.unbind_s()


def _texts(values: dict[str, list[bytes]]) -> dict[str, list[str]]:
    """Return attributes as texts; a value that is no UTF-8 (a picture, say) is left out."""
    found: dict[str, list[str]] = {}
    for name, each in values.items():
        texts = found.setdefault(name.lower(), [])
        for value in each:
            with suppress(UnicodeDecodeError):
                texts.append(value.decode())
    return found


@contextmanager
def _answered(ldap: Any) -> Iterator[None]:
    try:
        yield
    except ldap.SERVER_DOWN as error:
        raise LinkLost(N_("it answers with an error ({why})"), why=said(error)) from None
    except ldap.LDAPError as error:
        raise DirectoryError(N_("it answers with an error ({why})"), why=said(error)) from None
    except (UnicodeEncodeError, ValueError) as error:  # an option's value, or a name that the library cannot encode
        raise DirectoryError(N_("it cannot be asked ({why})"), why=error) from None


def said(error: Exception) -> str:
    """Return what the library says of an error, on one line: the kind, then the details."""
    details = error.args[0] if error.args and isinstance(error.args[0], dict) else {}
    words = [str(details[key]) for key in ("desc", "info") if details.get(key)]
    return " ".join(": ".join(words or [type(error).__name__]).split())
