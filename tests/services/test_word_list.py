"""Words from a file: comments, lines that are no entry, and a file that cannot be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from classcord.services.word_list import LARGEST, MOST, WordListError, entries


def written(folder: Path, content: str | bytes) -> Path:
    file = folder / "mots.txt"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return file


def test_entries(tmp_path: Path) -> None:
    """One a line, with single spaces; with the mark that some editors begin a file with."""
    content = "\ufeff# Établie par l'équipe\n\ncrétin   # et ses amis\nferme  ta gueule\ndébil*\n"
    assert entries(written(tmp_path, content)) == ("crétin", "ferme ta gueule", "débil*")
    assert entries(written(tmp_path, "")) == ()


@pytest.mark.parametrize("line", ["!!!", "*", "a*b", "ferme ta*", "x" * 101])
def test_what_is_no_entry(tmp_path: Path, line: str) -> None:
    with pytest.raises(WordListError, match="line 2: write a word"):
        entries(written(tmp_path, f"bon\n{line}\n"))


def test_a_file_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(WordListError, match="cannot be read"):
        entries(tmp_path / "nothing")
    with pytest.raises(WordListError, match="cannot be read"):
        entries(written(tmp_path, b"x" * (LARGEST + 1)))
    with pytest.raises(WordListError, match="UTF-8"):
        entries(written(tmp_path, b"cr\xe9tin"))
    with pytest.raises(WordListError, match="more than"):
        entries(written(tmp_path, "a\n" * (MOST + 1)))
