"""The matrix of a private policy: which role writes privately to which. Knows no person and no request.

A policy is a word, or a list of pairs: `member>member, guest>member`. The pairs are of roles that do not keep order:
whoever keeps order writes to everyone, and is written to by everyone, whatever the policy says.
"""

from __future__ import annotations

import functools
from itertools import product

from classcord.chat.roles import Role
from classcord.chat.text import N_, Text

ALL, MEMBERS, STAFF = "all", "members", "staff"
Pairs = frozenset[tuple[Role, Role]]
"""Who writes, and to whom."""
PUPILS = (Role.GUEST, Role.MEMBER)
"""The roles of which a policy speaks; roles.py gives the right to keep order to all others."""
POLICIES: dict[str, Pairs] = {
    ALL: frozenset(product(PUPILS, PUPILS)),
    MEMBERS: frozenset({(Role.MEMBER, Role.MEMBER)}),
    STAFF: frozenset(),
}
SENTENCES = {
    ALL: N_("Private messages: everyone may write to everyone."),
    MEMBERS: N_("Private messages: guests write only to those who keep order here, and hear only from them."),
    STAFF: N_("Private messages: only to those who keep order here, and from them."),
}
_OWN = N_("Private messages: {pairs}; with those who keep order here, always.")
_NONE = N_("“{pair}” is no pair of roles: write guest>member, of the roles guest and member")
_STAFF = N_("“{pair}” is always open: who keeps order writes to everyone, and everyone to them")


class NoPolicy(ValueError):
    """A text is no policy; `text` says what would be one."""

    def __init__(self, text: Text) -> None:
        self.text = text
        super().__init__(text.render())


def policy_of(text: str) -> str:
    """Return a policy in its one form: a word, or pairs in order, each once; NoPolicy if it is none."""
    words = text.strip().casefold()
    pairs = POLICIES[words] if words in POLICIES else frozenset(map(_pair, words.split(",")))
    return next((word for word, open_ in POLICIES.items() if open_ == pairs), None) or _written(pairs)


@functools.lru_cache(maxsize=16)
def pairs_of(policy: str) -> Pairs:
    """Return the open pairs of a policy in its one form; none of one that this version does not know."""
    try:
        return POLICIES[policy] if policy in POLICIES else frozenset(map(_pair, policy.split(",")))
    except NoPolicy:
        return POLICIES[STAFF]


def sentence(policy: str) -> Text:
    """Return what a policy means."""
    return Text(SENTENCES[policy]) if policy in SENTENCES else Text(_OWN, {"pairs": policy.replace(",", ", ")})


def _pair(text: str) -> tuple[Role, Role]:
    try:
        writer, reader = (Role.of(each.strip()) for each in text.split(">"))
    except ValueError:
        raise NoPolicy(Text(_NONE, {"pair": text.strip()[:40]})) from None
    if writer not in PUPILS or reader not in PUPILS:
        raise NoPolicy(Text(_STAFF, {"pair": text.strip()}))
    return writer, reader


def _written(pairs: Pairs) -> str:
    return ",".join(f"{writer.label}>{reader.label}" for writer, reader in sorted(pairs))
