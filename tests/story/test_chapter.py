"""The chapter of docs/FONCTIONNALITES.md about a school year tells the steps that the test plays, in their order."""

from __future__ import annotations

import re
from pathlib import Path

HERE = Path(__file__)
STEPS = {
    "the_list": "La liste de classe",
    "the_first_day": "Le premier jour",
    "a_club": "Un club",
    "an_exam": "Un contrôle",
    "a_night": "Une nuit",
    "a_report": "Un signalement",
    "a_sanction": "Une sanction",
    "an_export": "Ce que l’on sait de moi",
    "an_erasure": "Un départ",
    "the_next_year": "L’année suivante",
}


def test_the_chapter_and_the_test_tell_the_same() -> None:
    """A step that is played has its section, with what is typed in it; a section is a step that is played."""
    test = HERE.with_name("test_school_year.py").read_text("utf-8")
    played = re.findall(r"^        year\.(\w+)\(\)$", test, re.MULTILINE)
    page = (HERE.parents[2] / "docs" / "FONCTIONNALITES.md").read_text("utf-8")
    chapter = page.partition("\n## Une année scolaire\n")[2].partition("\n## ")[0]
    assert [each for each in played if each not in {"begin", "end"}] == list(STEPS)
    assert re.findall(r"^### (.*)$", chapter, re.MULTILINE) == list(STEPS.values())
    options = ("import-class", "--apply", "--new-year")
    for word in (*options, "export_my_data", "erase", "evidence", "exam on", "quiet-hours off 12h Voyage", "/join"):
        assert word in chapter
        assert word in test
