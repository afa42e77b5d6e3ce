"""Mentions: which accounts a message calls by `@name`. Changes nothing: the message itself tells people.

Only who may read a message is mentioned in it. So nobody hears of a channel or a conversation that is not theirs, and
the author does not learn from the answer who else has an account.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from classcord.chat.mentions.vocabulary import Mentioned, MentionedByEdit, MentionsLeft, MentionsRead
from classcord.chat.names import LONGEST, converses, with_keys
from classcord.chat.registry import applies

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from classcord.chat.channels.channel import Channel
    from classcord.chat.effects import Effect
    from classcord.chat.people import Account
    from classcord.chat.world import World

MOST = 20  # in one message; further ones are left out


def mentioned(
    world: World, content: str, author_id: int | None, channel: Channel | None = None, conversation: str = ""
) -> tuple[int, ...]:
    """Return the ids of the accounts that a message of a channel or a conversation mentions, in the order of the ids.

    A name is the longest that fits: `@Jean Paul` means Jean only if nobody who reads the message is called Jean Paul.
    The author is not mentioned, nor is everyone (`@tous`, `@#général`). Cheap without an `@`.
    """
    if "@" not in content:
        return ()
    accounts = world.state.accounts
    found: set[int] = set()
    for names in _names(with_keys(content)):
        for key in names:
            account = accounts.get(key)
            if account is not None and _may_read(account, channel, conversation):
                if account.id != author_id:
                    found.add(account.id)
                break
        if len(found) == MOST:
            break
    return tuple(sorted(found))


def _may_read(account: Account, channel: Channel | None, conversation: str) -> bool:
    if channel is None:
        return converses(account.id, conversation)
    return account.id in channel.members or channel.includes(account.role)


def _names(text: str) -> Iterable[Iterable[str]]:
    """Return for each `@` in a text the names that may be meant, the longest first.

    The `@` of an address, `eve@example.org`, begins no name.
    """
    return map(_plain_beginnings, _PLAIN.findall(text)) if text.isascii() else _any_names(text)


_PLAIN = re.compile(r"@(?<![\w-]@)([\w.-]+(?: [\w.-]+)*)", re.ASCII)
"""What can call somebody in a text of ASCII: words with one space between two."""


def _plain_beginnings(words: str) -> Iterable[str]:
    """Return all the words, then those without the last, and so on."""
    words = words[:LONGEST_KEY]
    if "." in words:  # it may be of the name or of the sentence
        return _any_beginnings(words, 0, len(words))
    beginnings = [words]
    while " " in words:
        words = words.rpartition(" ")[0]
        beginnings.append(words)
    return beginnings


def _any_names(text: str) -> Iterator[Iterator[str]]:
    """Yield the same for any text, by a look at each character."""
    start = text.find("@")
    while start >= 0:
        if not (start and _is_within_a_name(text, start - 1)):
            stop = text.find("@", start + 1)
            yield _any_beginnings(text, start + 1, min(len(text) if stop < 0 else stop, start + 1 + LONGEST_KEY))
        start = text.find("@", start + 1)


def _any_beginnings(text: str, start: int, stop: int) -> Iterator[str]:
    for end in range(stop, start, -1):
        if end == len(text) or not _is_within_a_name(text, end):
            yield text[start:end]


def _is_within_a_name(text: str, index: int) -> bool:
    """Whether the character at an index goes on with a name; a dot does if a letter follows it."""
    character = text[index]
    if character == ".":
        return text[index + 1 : index + 2].isalnum()
    return character.isalnum() or character in "_-" or unicodedata.category(character)[0] == "M"


LONGEST_KEY = 2 * LONGEST  # characters: a capital letter may have a small one of several characters


@applies
def only_stored(world: World, record: Mentioned | MentionedByEdit | MentionsLeft | MentionsRead) -> list[Effect]:
    return []
