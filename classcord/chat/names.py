"""Usernames and channel names: normalise, compare, refuse. Knows no account and no channel.

Names are compared by their key: RFC 8266 (the PRECIS profile for nicknames, case-mapped) for people, the same without
accents and `#` for channels. Source of the rules: PROTOCOL.md, classic rules 12, 13 and 18.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Callable

from precis_i18n import get_profile

from classcord.chat.errors import BadAlias, BadRequest, BadUsername
from classcord.chat.lookalikes import rough_looks, rough_looks_of
from classcord.chat.text import N_, Text

LONGEST = 64  # characters of a name
DEFAULT_GUEST = "invité"
GUEST_KEY = "~"  # begins the part of a conversation's key that is a name: of a guest, or of a key in admin_keys/
GUEST_MARK = " (invité)"  # it contains characters that no account's name may have
DEFAULT_CHANNEL = "#général"
STAFF_CHANNEL = "#admin"

_PUNCTUATION = frozenset("_-. ")
_LETTERS_AND_MARKS = frozenset({"Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc"})
_MOST_MARKS = 4  # in a row: no language needs more; more would cover the lines around (UTS #39 §5.4)
_OTHER_NAMES = {"ARABIC-INDIC": "ARABIC", "EXTENDED": "ARABIC", "IDEOGRAPHIC": "CJK"}  # Unicode's names of scripts
_WRITTEN_TOGETHER = (  # scripts that one language mixes
    frozenset({"CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA"}),
    frozenset({"CJK", "HANGUL"}),
    frozenset({"CJK", "BOPOMOFO"}),
)
_NICKNAME = get_profile("NicknameCaseMapped")
_DOTS = re.compile("([ij])\u0307+")


@functools.lru_cache(maxsize=8192)
def name_key(name: str) -> str:
    """Return the key by which `name` is compared; two names with one key are one name. Never fails."""
    key = _enforced(name)
    if key is None:  # nobody ever gets such a name
        return unicodedata.normalize("NFKC", name).casefold()
    dotless = _DOTS.sub(r"\1", key)  # dots that nobody sees above the letter's own dot
    return unicodedata.normalize("NFC", dotless)  # a mark after such a dot is now on the letter


def with_keys(text: str) -> str:
    """Return a text in which each allowed name is written as its key, so that keys can be looked for in it."""
    if text.isascii():
        return text.lower()
    lower = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).lower())
    return unicodedata.normalize("NFC", _DOTS.sub(r"\1", lower))


def _enforced(name: str) -> str | None:
    """Return `name` after the profile; None if the profile refuses it, for invisible characters among others."""
    if len(unicodedata.normalize("NFKC", name)) > 2 * LONGEST:  # one character may stand for eighteen
        return None
    try:
        return str(_NICKNAME.enforce(name))
    except UnicodeEncodeError:
        return None


RESERVED = frozenset(
    name_key(name)
    for name in (
        "global",
        "serveur",
        "server",
        "system",
        "système",
        "systeme",
        "tous",
        "tout le monde",
        "all",
        "everyone",
        "classcord",
        "invité",
        "invite",
        "guest",
        "null",
        "undefined",
    )
)


STAFF_NAMES = frozenset(
    name_key(name)
    for name in (
        "root",
        "console",
        "localhost",
        "owner",
        "propriétaire",
        "administrator",
        "administrateur",
        "administratrice",
        "moderator",
        "modérateur",
        "modératrice",
        "general",
        DEFAULT_CHANNEL.removeprefix("#"),
    )
)
"""Names that only a key may have: roles and places of people who keep order, and everyone's channel."""


_RESERVED_LOOKS = rough_looks_of(RESERVED)
_STAFF_LOOKS = rough_looks_of(STAFF_NAMES)
_FIRST_LOOKS = rough_looks_of({"admin"})


def check_username(name: str) -> str:
    """Return `name` in its normal form, or raise BadUsername with the reason."""
    return _checked(name, RESERVED | STAFF_NAMES, _RESERVED_LOOKS | _STAFF_LOOKS)


def check_key_name(name: str) -> str:
    """Return the name of a key in its normal form, or raise BadUsername: a key may be called `root`."""
    return _checked(name, RESERVED, _RESERVED_LOOKS)


def _checked(name: str, reserved: frozenset[str], looks: frozenset[str]) -> str:
    name = unicodedata.normalize("NFKC", name)
    flaw = _flaw(name)
    if flaw is None and name_key(name) in reserved:
        flaw = N_("it is reserved")
    elif flaw is None and not looks.isdisjoint(rough_looks(name, name_key(name))):
        flaw = N_("it looks like a reserved name")
    if flaw is not None:
        raise BadUsername(field="username", why=Text(flaw))
    return name


def _flaw(name: str) -> str | None:
    """Return why nobody can have the name `name`, given in NFKC; None if somebody can."""
    if not name.strip():
        return N_("it is empty")
    if len(name) > LONGEST:
        return N_("it is longer than 64 characters")
    if name != name.strip() or "  " in name:
        return N_("spaces only stand single, between words")
    if not _writable(name):
        return N_("letters, digits, _ - . and single spaces make a name")
    if not any(character.isalnum() for character in name):
        return N_("it has no letter and no digit")
    if not _one_script(name):
        return N_("its letters come from several scripts")
    if is_like_an_address(name):
        return N_("it looks like an address")
    return None


def is_like_reserved(name: str) -> bool:
    """Whether `name` looks at a glance like a name of the server's own, or of its staff's."""
    return not (_RESERVED_LOOKS | _STAFF_LOOKS).isdisjoint(rough_looks(name, name_key(name)))


def is_like_the_first(name: str) -> bool:
    """Whether `name` looks like the first account's: only staff may make that one, and it may have been deleted."""
    return not _FIRST_LOOKS.isdisjoint(rough_looks(name, name_key(name)))


def is_like_an_address(name: str) -> bool:
    """Whether a ban could not tell if `name` is a person or an address: digits with dots, as in 10.0.0.5 or 10.0."""
    return "." in name and all(c == "." or c.isdecimal() for c in unicodedata.normalize("NFKC", name))


def check_alias(alias: str) -> str:
    """Return `alias` in its normal form, or raise BadAlias; the rules for names hold for aliases."""
    try:
        return check_username(alias)
    except BadUsername as error:
        raise BadAlias(field="alias", why=error.text.values["why"]) from None


def guest_name(wanted: str, taken: Callable[[str], bool], resembles: Callable[[str], bool] = lambda _: False) -> str:
    """Return the name that a guest gets: as close to `wanted` as possible, never one that is `taken` (asked by key).

    Nor a name that `resembles` another person's. No impersonation and no refusal (PROTOCOL.md classic rule 13).
    """
    base = "".join(c for c in unicodedata.normalize("NFKC", wanted) if _allowed(c))
    base = " ".join(base.split())[:LONGEST].strip()
    if _flaw(base) is not None:
        base = DEFAULT_GUEST
    key = name_key(base)
    is_like_staff = is_like_reserved(base) or is_like_the_first(base)
    if not taken(key) and (base == DEFAULT_GUEST or not (is_like_staff or resembles(base))):
        return base
    if base != DEFAULT_GUEST:
        base = base[: LONGEST - len(GUEST_MARK)].strip() + GUEST_MARK
        if not taken(name_key(base)):
            return base
    return _numbered(base, taken)


def _numbered(base: str, taken: Callable[[str], bool]) -> str:
    """Return `base` with a free number, the lowest if there is no gap: a thousand equal names cost twenty questions."""
    base = base[: LONGEST - 8].strip()
    high = 2
    while taken(name_key(f"{base} {high}")):
        high *= 2
    low = high // 2  # a number that is taken (or 1, the name without a number)
    while high - low > 1:
        middle = (low + high) // 2
        if taken(name_key(f"{base} {middle}")):
            low = middle
        else:
            high = middle
    return f"{base} {high}"


@functools.lru_cache(maxsize=8192)
def channel_key(name: str) -> str:
    """Return the key by which a channel's name is compared: without `#`, accents and case."""
    decomposed = unicodedata.normalize("NFKD", name.strip().lstrip("#"))
    return "".join(c for c in decomposed if not unicodedata.combining(c)).casefold()


def check_channel(name: str, field: str = "channel") -> str:
    """Return `name` as a channel's name with its `#`; BadRequest if it cannot be one."""
    bare = unicodedata.normalize("NFKC", name).strip().removeprefix("#")
    if not bare or len(bare) > LONGEST or " " in bare or not _writable(bare) or not channel_key(bare):
        raise BadRequest(field=field, why=Text(N_("letters, digits, _ - and . make the name of a channel, 64 at most")))
    if not _one_script(bare):
        raise BadRequest(field=field, why=Text(N_("its letters come from several scripts")))
    if name_key(bare) in RESERVED:
        raise unavailable(field)
    return f"#{bare}"


def unavailable(field: str = "channel") -> BadRequest:
    """Return the refusal of an unavailable channel name, the same for a reserved name and a private channel's."""
    return BadRequest(field=field, why=Text(N_("this name is not available; choose another one")))


def conversation(one: int | str, other: int | str) -> str:
    """Return the key of the conversation of two people: an account is given by its id, a guest by its name key."""
    return ":".join(sorted((_part(one), _part(other))))


def converses(who: int | str, key: str) -> bool:
    """Whether `who`, an account's id or a guest's name key, is one of the two people of the conversation `key`."""
    return _part(who) in key.split(":")


def others_part(who: int | str, key: str) -> str:
    """Return the part of the key of a conversation that stands for the other person; one's own in a soliloquy."""
    first, _, second = key.partition(":")
    return second if first == _part(who) else first


def _part(who: int | str) -> str:
    return f"{GUEST_KEY}{who}" if isinstance(who, str) else str(who)


def conversing(key: str) -> list[int | str]:
    """Return the two people of the conversation `key`: the ids of accounts, the name keys of guests."""
    return [each[1:] if each.startswith("~") else int(each) for each in key.split(":")]


def _allowed(character: str) -> bool:
    return character in _PUNCTUATION or unicodedata.category(character) in _LETTERS_AND_MARKS or character.isdecimal()


def _writable(name: str) -> bool:
    """Whether `name` has only characters for names, all visible; marks must be on a letter, and only a few in a row."""
    if not all(_allowed(character) for character in name) or _enforced(name) is None:
        return False
    marks = "".join("m" if unicodedata.category(c)[0] == "M" else " " for c in name)
    return not marks.startswith("m") and "m" * (_MOST_MARKS + 1) not in marks


def _one_script(name: str) -> bool:
    """Whether `name` is in one script, or in scripts that one language mixes; ASCII digits belong to every script.

    Other digits and marks count too: a Bengali zero would pass for an o.
    """
    scripts = {_script(c) for c in name if c.isalpha() or not c.isascii()} - {"COMBINING"}
    return len(scripts) <= 1 or any(scripts <= together for together in _WRITTEN_TOGETHER)


def _script(character: str) -> str:
    """Return the script of a character: the first word of its Unicode name."""
    word = unicodedata.name(character, "UNKNOWN").split()[0]
    return _OTHER_NAMES.get(word, word)
