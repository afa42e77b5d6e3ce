"""One login at one server of a directory: find the person, bind as the person, read the groups.

Blocks, and so runs in a thread. Knows no library: what it needs of a connection is `Link`.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from classcord.chat.names import name_key
from classcord.chat.profiles.vouched import Profile
from classcord.chat.roles import Role
from classcord.chat.text import N_, Text
from classcord.services.passwords.directory.options import DirectoryOptions
from classcord.services.passwords.directory.writing import bind_name, in_filter, is_group
from classcord.system_errors import in_words

PASSWORD_BYTES = 1_024  # the largest password file that is read
MOST_GROUPS = 1_000  # of one person


class Entry(NamedTuple):
    """An entry of the directory; the names of its attributes are in lower case."""

    dn: str
    attributes: dict[str, list[str]]


class DirectoryError(Exception):
    """A server of the directory cannot say whether a password is right; `text` says why, after "the directory: "."""

    def __init__(self, template: str, **values: object) -> None:
        self.text = Text(template, values)
        super().__init__(self.text.render())


class LinkLost(DirectoryError):
    """The server has closed the connection before its answer, as it may at any time: RFC 4511 §4.4.1, §5.3."""


class TooManyFound(Exception):
    """A search has found more than it was to find."""


class Link(Protocol):
    """A connection to a server of the directory; each method raises DirectoryError if it does not answer."""

    def bind(self, who: str, password: str) -> bool:
        """Bind, and return whether the password is right."""

    def search(self, base: str, sought: str, attributes: Sequence[str], most: int) -> list[Entry]:
        """Return the entries below `base` that a filter finds; TooManyFound if there are more than `most`."""

    def close(self) -> None: ...


Connect = Callable[[str, DirectoryOptions], Link]
"""Connects to the server with this URL, within TLS where the options say so; DirectoryError if that fails."""


def visit(connect: Connect, url: str, options: DirectoryOptions, name: str, password: str) -> Profile | None:
    """Return the profile of the person with this name and password; None if there is none, or it is another password.

    Without a password nothing is asked: a bind with a name and no password would succeed and prove nothing (RFC 4513
    §5.1.2). An unknown name costs the same steps as a wrong password. A connection that is lost is made once more.
    """
    if not password or not name:
        return None
    try:
        return _visited(connect, url, options, name, password)
    except LinkLost:
        return _visited(connect, url, options, name, password)


def _visited(connect: Connect, url: str, options: DirectoryOptions, name: str, password: str) -> Profile | None:
    link = connect(url, options)
    try:
        if options.bind_as:
            found = _by_themselves(link, options, name, password)
        else:
            found = _searched(link, options, name, password)
        if found is None:
            return None
        groups = tuple(_groups(link, options, name, found)) if options.wants_groups else ()
        return profile(options, name, found, groups)
    finally:
        link.close()


def look(connect: Connect, url: str, options: DirectoryOptions) -> None:
    """Try a server without anybody's password: connect, bind as the account for searching, and search for nobody."""
    link = connect(url, options)
    try:
        if not options.bind_as:
            bind_as_service(link, options)
            person(link, options, secrets.token_hex(16))
    finally:
        link.close()


def _by_themselves(link: Link, options: DirectoryOptions, name: str, password: str) -> Entry | None:
    who = bind_name(options.bind_as, name)
    if not who or not link.bind(who, password):
        return None
    return person(link, options, name)


def _searched(link: Link, options: DirectoryOptions, name: str, password: str) -> Entry | None:
    bind_as_service(link, options)
    found = person(link, options, name)
    nobody = f"cn={secrets.token_hex(16)},{options.base}"  # for an unknown name, so that this takes as long
    who = found.dn if found is not None else nobody
    if not who or not link.bind(who, password):
        return None
    return found


def bind_as_service(link: Link, options: DirectoryOptions) -> None:
    """Bind as the account that searches, if there is one."""
    if options.bind_dn and not link.bind(options.bind_dn, service_password(options)):
        raise DirectoryError(N_("it refuses the password of {who}"), who=options.bind_dn)


def service_password(options: DirectoryOptions) -> str:
    """Return the first line of the password file; DirectoryError if there is none."""
    try:
        with Path(options.password_file).open("rb") as source:
            line = source.read(PASSWORD_BYTES).partition(b"\n")[0].strip()
    except OSError as error:
        raise DirectoryError(
            N_("the password file {file} cannot be read ({why})"), file=options.password_file, why=in_words(error)
        ) from None
    if not line:
        raise DirectoryError(N_("the password file {file} is empty"), file=options.password_file)
    return line.decode("utf-8", "surrogateescape")


def person(link: Link, options: DirectoryOptions, name: str) -> Entry | None:
    """Return the entry of the one person whom a name means; None if it means nobody, or more than one."""
    sought = options.filter.replace("{name}", in_filter(name))
    wanted = (options.name, options.first_name, options.last_name, options.email, options.groups)
    try:
        found = link.search(options.base, sought, [each for each in wanted if each], 1)
    except TooManyFound:
        return None
    return found[0] if len(found) == 1 else None


def _groups(link: Link, options: DirectoryOptions, name: str, found: Entry) -> Iterator[str]:
    """Yield the DNs of a person's groups: of the attribute, and of the search if there is one."""
    yield from found.attributes.get(options.groups.lower(), [])[:MOST_GROUPS]
    if not options.group_filter:
        return
    bind_as_service(link, options)
    sought = options.group_filter.replace("{dn}", in_filter(found.dn)).replace("{name}", in_filter(name))
    try:
        groups = link.search(options.group_base or options.base, sought, ["cn"], MOST_GROUPS)
    except TooManyFound:
        words = N_("{name} has more than {most} groups: group_filter must find fewer")
        raise DirectoryError(words, name=name, most=MOST_GROUPS) from None
    yield from (each.dn for each in groups)


def profile(options: DirectoryOptions, name: str, found: Entry, groups: Sequence[str]) -> Profile | None:
    """Return what an entry says of a person; None if it has no login name.

    If the settings have groups for roles, the role is the highest of the person's groups, else member.
    """
    names = found.attributes.get(options.name.lower(), [])
    if not names:
        return None
    role = None
    if options.roles:
        roles = (Role.of(role) for group, role in options.roles if any(is_group(group, each) for each in groups))
        role = max(roles, default=Role.MEMBER)
    rooms = (room for group, room in options.channels if any(is_group(group, each) for each in groups))
    return Profile(
        name=next((each for each in names if name_key(each) == name_key(name)), names[0]),
        role=role,
        channels=tuple(dict.fromkeys(rooms)),
        first_name=_first(found, options.first_name),
        last_name=_first(found, options.last_name),
        email=_first(found, options.email),
    )


def _first(found: Entry, attribute: str) -> str | None:
    values = found.attributes.get(attribute.lower(), []) if attribute else []
    return values[0] if values else None
