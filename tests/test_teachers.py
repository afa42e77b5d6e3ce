"""The page for teachers against the program: what `trace` shows of a pupil's client that writes wrong JSON."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.harness import House
from tests.office import Office

DOCS = Path(__file__).parents[1] / "docs"
TRACE = re.compile(r"^prof@ClassCord> trace (\S+)\n.*?^```$", re.DOTALL | re.MULTILINE)


SENT = [
    b"{'type':'login','username':'alice','password':'azerty'}\n",
    b'{"type":"login","username":"alice","password":"azerty"}\n',
    b'{"type":"message","contenu":"Bonjour"}\n',
    b'{"type":"message","content":"Bonjour"}\r\n',
]


def shown(page: str) -> re.Match[str]:
    found = TRACE.search((DOCS / page).read_text("utf-8"))
    assert found is not None
    return found


def traced(tmp_path: Path, sent: list[bytes], target: str) -> list[str]:
    """Return what a console in French shows of a client that sends these lines, without the times."""
    house = House(announce_below=0, language="fr")
    office = Office(house, tmp_path, language="fr")
    house.account("alice")
    program, paper = office.sit_down()
    program.received(f"trace {target}\r".encode())
    house.turn()
    paper.read()
    client = house.client("192.168.1.50")
    for line in sent:
        client.ask(line)
    return [line.split(" ", 1)[1].rstrip() for line in paper.read().splitlines()]


@pytest.mark.parametrize("page", ["ENSEIGNANTS.md", "DOC_CONNEXION.md"])
def test_the_trace_of_the_page_is_the_trace_of_the_server(page: str, tmp_path: Path) -> None:
    """Each line that the page has the client send is answered as the page says; times and numbers aside."""
    found = shown(page)
    lines = [line.split(" ", 1)[1] for line in found[0].splitlines() if re.match(r"\d{4}-\d\d-\d\dT", line)]
    seen = traced(tmp_path, SENT, found[1])
    assert [re.sub(r"^\d+", "N", line) for line in lines] == [re.sub(r"^\d+", "N", line) for line in seen]


def test_both_readmes_link_the_page() -> None:
    """Whoever teaches finds it."""
    for readme in ("README.md", "README.fr.md"):
        assert "docs/ENSEIGNANTS.md" in (DOCS.parent / readme).read_text("utf-8")
