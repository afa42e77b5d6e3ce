"""What is to be known of a directory to ask it, and what is missing or contradictory in that. Opens nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.util import find_spec
from typing import NamedTuple

from classcord.chat.text import N_, Text

NEEDED = "ldap"  # the module of python-ldap


class Fault(NamedTuple):
    """A setting of [ldap] that cannot be, by its key and a sentence."""

    key: str
    text: Text


class DirectoryOptions(NamedTuple):
    """The directory: its servers in the order in which they are tried, how people and their groups are found in it.

    `bind_as` is the name by which people bind themselves, with `{name}` in it; if it is empty, they are searched for as
    `bind_dn`, or anonymously. `timeout` is in seconds, and counts for each step. `roles` and `channels` have pairs: a
    group, by its DN or by its name alone, and the role or the channel that it brings.
    """

    urls: tuple[str, ...]
    base: str
    filter: str = "(uid={name})"
    bind_dn: str = ""
    password_file: str = ""
    bind_as: str = ""
    starttls: bool = True
    ca_file: str = ""
    timeout: int = 5
    name: str = "uid"
    first_name: str = "givenName"
    last_name: str = "sn"
    email: str = "mail"
    groups: str = "memberOf"
    group_base: str = ""
    group_filter: str = ""
    roles: tuple[tuple[str, str], ...] = ()
    channels: tuple[tuple[str, str], ...] = ()

    @property
    def wants_groups(self) -> bool:
        return bool(self.roles or self.channels)

    def encrypts(self, url: str) -> bool:
        """Whether passwords are sent to this server within TLS."""
        return self.starttls or url.lower().startswith("ldaps:")


def faults(options: DirectoryOptions) -> Iterator[Fault]:
    """Yield what is missing or contradictory; nothing if no directory is set."""
    if not options.urls:
        return
    if not options.base:
        yield Fault(
            "base", Text(N_("[ldap] base is empty: say below which entry people are, as in dc=school,dc=example."))
        )
    if not options.name:
        yield Fault("name", Text(N_("[ldap] name is empty: say which attribute has the login name, such as uid.")))
    for key in ("filter", "bind_as"):
        value = getattr(options, key)
        if (value or key == "filter") and not _has(value, "{name}"):
            words = N_("[ldap] {key} must have {place} where the typed name is put, and no other braces.")
            yield Fault(key, Text(words, {"key": key, "place": "{name}"}))
    if options.group_filter and not (_has(options.group_filter, "{dn}") or _has(options.group_filter, "{name}")):
        words = N_("[ldap] {key} must have {place} where the person is put, and no other braces.")
        yield Fault("group_filter", Text(words, {"key": "group_filter", "place": "{dn}"}))
    if options.bind_as and options.bind_dn:
        words = N_("[ldap] bind_as and bind_dn exclude each other: people bind by themselves, or are searched for.")
        yield Fault("bind_as", Text(words))
    if bool(options.bind_dn) != bool(options.password_file):
        missing = "password_file" if options.bind_dn else "bind_dn"
        yield Fault(
            missing, Text(N_("[ldap] bind_dn and password_file go together: {key} is empty."), {"key": missing})
        )
    if options.wants_groups and not (options.groups or options.group_filter):
        words = N_("[ldap] roles and channels need groups: set groups (an attribute of people) or group_filter.")
        yield Fault("groups", Text(words))


def _has(template: str, place: str) -> bool:
    """Whether a template names a place, and none that there is not."""
    return place in template and not re.search(r"[{}]", template.replace("{name}", "").replace("{dn}", ""))


def missing_library() -> Text | None:
    """Return the sentence that says what to install if python-ldap is not there."""
    if find_spec(NEEDED) is not None:
        return None
    return Text(
        N_(
            '[ldap] needs python-ldap: install it beside ClassCord by pip install "classcord[ldap]", on Debian after '
            "apt-get install gcc python3-dev libldap2-dev libsasl2-dev."
        )
    )
