"""The words for which messages are held, from a file: one word or expression a line, # begins a comment."""

from __future__ import annotations

from pathlib import Path

from classcord.chat.text import N_, Text
from classcord.chat.word_list.words import words_of
from classcord.durable import read
from classcord.system_errors import in_words

LARGEST = 262_144  # bytes
MOST = 5_000  # entries
LONGEST = 100  # characters of one


class WordListError(Exception):
    """A file cannot be used; `text` says why."""

    def __init__(self, template: str, **values: object) -> None:
        self.text = Text(template, values)
        super().__init__(self.text.render())


_NO_ENTRY = N_("{file}, line {line}: write a word or an expression; a word may end in * for all that begin so.")


def entries(file: Path) -> tuple[str, ...]:
    """Return the entries of a file; WordListError if it cannot be read or understood."""
    name = str(file)
    try:
        content = read(file, LARGEST).decode("utf-8-sig")
    except OSError as error:
        raise WordListError(N_("{file}: it cannot be read: {why}."), file=name, why=in_words(error)) from None
    except UnicodeDecodeError:
        raise WordListError(N_("{file}: this is not UTF-8; save the file as UTF-8."), file=name) from None
    found = []
    for number, line in enumerate(content.splitlines(), 1):
        entry = " ".join(line.partition("#")[0].split())
        if not entry:
            continue
        if len(entry) > LONGEST or not words_of(entry) or "*" in entry[:-1] or (" " in entry and entry[-1] == "*"):
            raise WordListError(_NO_ENTRY, file=name, line=number)
        found.append(entry)
    if len(found) > MOST:
        raise WordListError(N_("{file}: more than {most} entries."), file=name, most=MOST)
    return tuple(found)
