"""The words of the word list. Decides nothing."""

from __future__ import annotations

from classcord.chat.held_messages.vocabulary import EditWaits
from classcord.chat.text import N_


class ListedWords(EditWaits):
    """A word of the list stands where nothing can wait for a moderator."""

    template = N_("A moderator would have to read this first, and here it cannot wait: please choose other words.")


PRIVATE = N_(
    "A word list of the school is for private messages, too: one with such a word is read by a moderator before it is "
    "delivered, and you are told."
)
