"""A school year, from the class list to the next one: docs/FONCTIONNALITES.md tells it as a chapter.

Each step is seen by four: Léa's classic client (a raw socket), Hugo's modern one, Zoé in front of the web page, in a
real Chromium, and the headmaster at the console, by OpenSSH.
"""

from __future__ import annotations

import html
import json
import re
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.page.visitors import School, Visitor, chromium
from tests.server import BOUND, Client, run_classcord
from tests.system.test_openssh import Administrator
from tests.test_quiet_hours_on_the_wire import WHOLE_DAYS

pytestmark = pytest.mark.system

HEADS = "Nom;Prénom;Classe\n"
CLASS = f"{HEADS}MARTIN;Léa;SIO 1\nNOWAK;Hugo;SIO 1\nPETIT;Zoé;SIO 1\n"
NEXT_YEAR = f"{HEADS}PETIT;Zoé;SIO 2\nNEUF;Tom;SIO 1\n"
ROOM, CLUB = "#SIO-1", "#club"
LEA, HUGO, ZOE = "lea.martin", "hugo.nowak", "zoe.petit"
NIGHT = ("--set", "quiet_hours.on=true", *WHOLE_DAYS)
SECRET = "craie blanche"
IN_THE_ROOM = "127.0.0.2"
ONLY_FROM_THERE = "on n’entre que depuis la salle"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


class Year:
    """The school, and the four who see each step."""

    def __init__(self, school: School, folder: Path) -> None:
        self.school = school
        self.folder = folder
        self.head = Administrator(school.server, folder)
        self.key = self.head.make_key("dupont")
        self.codes: dict[str, str] = {}
        self.clients: list[Client] = []
        self.zoe: Visitor

    # -- what they do -------------------------------------------------------------------------------------------------

    def console(self, command: str, status: int = 0) -> str:
        """Let the headmaster type a command; return what is shown."""
        done = self.head.ssh(self.key, command, name="dupont")
        assert done.returncode == status, (command, done.stdout, done.stderr)
        return done.stdout + done.stderr

    def rows(self, command: str) -> Any:
        return json.loads(self.console(f"{command} --json"))

    def import_class(self, table: str, *options: str) -> dict[str, Any]:
        """Import a class list as the office writes it; return what the command says it has done."""
        file = self.folder / "classe.csv"
        file.write_text(table, encoding="windows-1252")
        where = ("--data", str(self.school.server.data), "--json")
        done = run_classcord(self.folder, "import-class", str(file), *where, *options)
        assert done.returncode == 0, done.stderr
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer

    def connect(self, source: str = "") -> Client:
        """Return a new connection, from this address."""
        self.clients.append(Client(self.school.server.address("tcp"), source=source))
        return self.clients[-1]

    def begin(self) -> None:
        """Let Léa and Hugo open their clients anew, as after each start of the server."""
        self.end()
        self.head.server = self.school.server
        self.lea, self.hugo = self.connect(), self.connect().hello()

    def end(self) -> None:
        while self.clients:
            with suppress(OSError):
                self.clients.pop().close()

    def asked(self, **request: Any) -> Any:
        """Return the answer to a request of Hugo's."""
        self.hugo.send(id="asked", **request)
        return self.hugo.until(id="asked")

    def told_lea(self, words: str) -> dict[str, Any]:
        """Return the next sentence of the server that Léa reads with these words in it."""
        for line in self.lea:
            if line.get("subtype") == "system" and words in line["content"]:
                found: dict[str, Any] = line
                return found
        raise AssertionError(words)

    # -- the year -----------------------------------------------------------------------------------------------------

    def the_list(self) -> None:
        """The list is shown first, then stored, beside the running server; each pupil has a slip with a code."""
        self.console("quiet-hours off 12h Rentrée")  # whenever the test runs, it is night
        assert [each["user"] for each in self.import_class(CLASS)["new"]] == [LEA, HUGO, ZOE]
        assert LEA not in self.console("users")
        self.zoe = self.school.visit(ZOE)
        self.nobody_comes_in()
        stored = self.import_class(CLASS, "--apply")
        slips = Path(next(each for each in stored["slips"] if each.endswith(".html"))).read_text("utf-8")
        cells = [html.unescape(each) for each in re.findall("<td>(.*?)</td>", slips)]
        self.codes = {name: cells[cells.index(name) + 1] for name in (LEA, HUGO, ZOE)}
        assert {each["name"] for each in self.rows("users")} >= {LEA, HUGO, ZOE}
        self.nobody_comes_in()
        assert [each["name"] for each in self.rows("channels") if each["name"] == ROOM] == [ROOM]

    def nobody_comes_in(self) -> None:
        """Without a slip nobody does, before the import and after it; and nobody makes an account by themselves."""
        assert self.lea.ask(type="login", username=LEA, password="azerty")["code"] == "login_failed"
        assert self.asked(type="login", username=HUGO, password="azerty")["code"] == "login_failed"
        self.zoe.page.reload()
        self.zoe.login("azerty")
        expect(self.zoe.page.get_by_role("alert")).to_have_text("Nom ou mot de passe incorrect.")
        expect(self.zoe.page.get_by_role("tab", name="Créer un compte")).to_have_count(0)

    def the_first_day(self) -> None:
        """Everybody comes in with the code of their slip, once, chooses a password, and is in their class."""
        answer = self.lea.ask(type="login", username=LEA, password=self.codes[LEA])
        assert (answer["status"], answer["must_change"]) == ("ok", True)
        assert "une fois" in self.lea.read()["content"]
        self.lea.send(type="password", old=self.codes[LEA], new=SECRET)
        assert self.lea.until(type="password")["status"] == "ok"
        assert self.connect().ask(type="login", username=LEA, password=self.codes[LEA])["code"] == ("login_failed")
        assert self.asked(type="login", username=HUGO, password=self.codes[HUGO])["must_change"] is True
        assert self.asked(type="channels")["code"] == "not_allowed"
        assert self.asked(type="password", old=self.codes[HUGO], new=SECRET)["status"] == "ok"
        self.come_in()
        self.zoe.login(self.codes[ZOE])
        self.zoe.page.get_by_label("Nouveau mot de passe", exact=True).fill(SECRET)
        self.zoe.page.get_by_label("Confirmez le mot de passe", exact=True).fill(SECRET)
        self.zoe.press("Choisir et entrer")
        self.zoe.inside()
        expect(self.zoe.entry("SIO-1")).to_be_visible()
        assert {each["name"] for each in self.rows("who")} >= {LEA, HUGO, ZOE}
        self.zoe.open("SIO-1")
        self.zoe.say("Bonjour la classe")
        assert self.hugo.until(type="message", channel=ROOM)["content"] == "Bonjour la classe"
        assert self.lea.until(content="Bonjour la classe")["from"] == ZOE
        assert "Bonjour la classe" in self.console(f"history {ROOM}")

    def come_in(self) -> None:
        """Let Léa and Hugo log in with their own passwords, as on every other day."""
        self.begin()
        assert self.lea.ask(type="login", username=LEA, password=SECRET)["status"] == "ok"
        self.lea.send(type="users")
        self.lea.until(type="users")
        assert self.asked(type="login", username=HUGO, password=SECRET)["status"] == "ok"

    def a_club(self) -> None:
        """A room for which one asks; Hugo moderates it, and lets the others in: he, and nobody else of the class."""
        self.console(f"create {CLUB} approval")
        assert self.asked(type="join", channel=CLUB)["status"] == "pending"
        self.console(f"accept {HUGO} {CLUB}")
        self.console(f"moderator {HUGO} {CLUB}")
        assert self.hugo.until(type="moderator_changed")["on"] is True
        self.lea.say(f"/join {CLUB}")
        self.told_lea(CLUB)
        self.zoe.press("Parcourir les salons")
        self.zoe.press("Demander à entrer", self.zoe.page.locator(".choice", has_text="club"))
        expect(self.zoe.page.locator(".choice", has_text="club")).to_contain_text("Demande en attente")
        self.zoe.page.keyboard.press("Escape")
        waiting = {each["user"] for each in self.asked(type="requests")["requests"]}
        assert waiting == {each["user"] for each in self.rows("requests")} == {LEA, ZOE}
        for name in (LEA, ZOE):
            assert self.asked(type="accept", channel=CLUB, user=name)["status"] == "ok"
        self.told_lea(CLUB)
        expect(self.zoe.entry("club")).to_be_visible()
        assert self.rows("requests") == []
        assert {LEA, HUGO, ZOE} == set(self.rows(f"members {CLUB}")["members"])
        assert self.asked(type="accept", channel=ROOM, user="x")["code"] in {"not_allowed", "not_found"}

    def an_exam(self) -> None:
        """In it nobody writes but to the staff; who comes in the middle knows it, and so does the list of rooms."""
        self.console(f"exam on {ROOM} 2h Contrôle")
        assert self.hugo.until(type="lesson", state="begun")["reason"] == "Contrôle"
        assert self.asked(type="message", channel=CLUB, content="la 3 ?")["code"] == "exam"
        self.told_lea("Contrôle")
        self.lea.say("la 3 ?")
        assert self.lea.until(code="exam")["subtype"] == "system"
        bar = self.zoe.page.locator(".lesson-bar.exam")
        expect(bar).to_contain_text(f"Contrôle dans {ROOM}")
        expect(self.zoe.page.locator(".composer-closed")).to_contain_text("Pendant le contrôle")
        self.come_in()
        self.told_lea("Contrôle")
        held = next(each for each in self.asked(type="channels")["channels"] if each["name"] == ROOM)["lesson"]
        assert (held["kind"], held["write"]) == ("exam", "staff")
        (row,) = self.rows("exam")
        assert (row["channel"], row["people"]) == (ROOM, 3)
        self.console(f"exam off {ROOM}")
        assert self.hugo.until(type="lesson", state="ended")["channel"] == ROOM
        self.told_lea("fini")
        expect(bar).to_have_count(0)
        self.zoe.say("Ouf")
        self.zoe.sees("Ouf")
        self.from_the_room_alone()

    def from_the_room_alone(self) -> None:
        """With the addresses of the room, whoever is elsewhere is shut out and reads why; from there one comes in."""
        self.console(f"exam on {ROOM} 1h Brevet --addresses {IN_THE_ROOM}")
        (row,) = self.rows("exam")
        assert row["addresses"] == [f"{IN_THE_ROOM}/32"]
        *_, told = self.lea
        assert ONLY_FROM_THERE in told["content"]
        *_, told = self.hugo
        assert "only from the room" in told["content"]
        self.zoe.sees_text(ONLY_FROM_THERE)
        expect(self.zoe.page.get_by_label("Identifiant", exact=True)).to_be_visible()
        self.begin()
        for client, name in ((self.lea, LEA), (self.hugo, HUGO)):
            assert client.ask(type="login", username=name, password=SECRET)["code"] == "exam"
        self.end()
        self.lea, self.hugo = self.connect(IN_THE_ROOM), self.connect(IN_THE_ROOM).hello()
        for client, name in ((self.lea, LEA), (self.hugo, HUGO)):
            assert client.ask(type="login", username=name, password=SECRET)["status"] == "ok"
        assert self.asked(type="message", channel=ROOM, content="la 3 ?")["code"] == "exam"
        self.console(f"exam off {ROOM}")
        assert self.hugo.until(type="lesson", state="ended")["channel"] == ROOM
        self.told_lea("fini")
        self.zoe.login(SECRET).inside()
        self.zoe.open("SIO-1")

    def a_night(self) -> None:
        """In quiet hours what pupils write waits, and everybody is told; when they end, everybody reads it."""
        self.console("quiet-hours on")
        assert self.hugo.until(type="quiet_hours", state="begun")["until"]
        self.told_lea("est gardé")
        self.zoe.say("Qui dort ?")
        self.zoe.sees_text("visible par vous uniquement")
        answer = self.asked(type="message", channel=ROOM, content="Moi non")
        assert (answer["status"], answer["why"]) == ("held", "quiet_hours")
        assert self.rows("quiet-hours")["held_messages"] == 2
        self.lea.send(type="ping")
        heard = list(iter(self.lea.read, {"type": "ping", "status": "ok"}))
        assert not [line for line in heard if line.get("content") in {"Qui dort ?", "Moi non"}]
        self.console("quiet-hours off 12h Voyage")
        assert self.hugo.until(content="Qui dort ?")["from"] == ZOE
        assert [self.lea.until(content=each)["from"] for each in ("Qui dort ?", "Moi non")] == [ZOE, HUGO]
        self.zoe.sees("Moi non")
        assert self.rows("quiet-hours")["held_messages"] == 0

    def a_report(self) -> None:
        """Hugo reports what Léa has written; the staff reads it, with what stood around it; Léa knows nothing."""
        self.lea.say("Zoé, tu es nulle", channel=ROOM, subtype="channel", to=ROOM)
        said = self.hugo.until(type="message", content="Zoé, tu es nulle")
        self.zoe.sees("Zoé, tu es nulle")
        told = self.asked(type="report", message_id=said["message_id"], reason="Elle se moque", category="insult")
        assert "3018" in told["thanks"]
        (row,) = self.rows("reports")
        assert (row["author"], row["reporter"], row["channel"]) == (LEA, HUGO, ROOM)
        assert "Zoé, tu es nulle" in self.console("report 1")
        assert self.asked(type="reports")["reports"] == [], "it is not of the room that he moderates"
        self.lea.send(type="ping")
        heard = list(iter(self.lea.read, {"type": "ping", "status": "ok"}))
        assert [line for line in heard if line.get("subtype") == "system"] == []
        expect(self.zoe.page.get_by_role("button", name="Modération")).to_have_count(0)

    def a_sanction(self) -> None:
        """The message goes for everybody, its author is muted and reads why; who has reported learns the outcome."""
        number = self.rows("report 1")["message_id"]
        self.console(f"mute {LEA} 1h Moqueries")
        self.told_lea("Moqueries")
        self.lea.say("Pardon")
        assert "Moqueries" in self.lea.until(code="muted")["content"]
        self.console(f"delete {number} --yes")
        assert self.hugo.until(type="deleted")["message_id"] == number
        self.zoe.sees("Zoé, tu es nulle", 0)
        self.console("close-report 1 acted Parlé avec elle")
        assert "Parlé avec elle" in self.hugo.until(type="system")["content"]
        assert "Zoé, tu es nulle" in self.console("report 1"), "the copy stays"
        assert json.loads(self.console("evidence 1"))["unchanged"] is True

    def an_export(self) -> None:
        """Everybody reads what is kept about them; of somebody else only the school does, with a written reason."""
        mine = self.asked(type="export_my_data")["rows"]
        assert any("Elle se moque" in row["data"] for row in mine if row["kind"] == "reports")
        self.lea.send(type="export_my_data")
        hers = self.lea.until(type="export_my_data")["rows"]
        assert not [row for row in hers if row["kind"] == "reports"]
        assert [json.loads(row["data"])["reason"] for row in hers if row["kind"] == "sanctions"] == ["Moqueries"]
        assert self.asked(type="export_person", user=LEA, reason="curieux")["code"] == "not_allowed"
        assert "Moqueries" in self.console(f"export-person {LEA} Demande écrite du 3 mars")
        assert "Demande écrite du 3 mars" in self.console("audit --limit 5")
        self.zoe.press("Réglages")
        settings = self.zoe.page.get_by_role("dialog")
        self.zoe.press("Mes données", settings)
        with self.zoe.page.expect_download() as saved:
            self.zoe.press("Télécharger (JSON)", settings)
        saved.value.save_as(self.folder / "zoe.json")
        kept = json.loads((self.folder / "zoe.json").read_text("utf-8"))["kept"]
        assert "Bonjour la classe" in [each["content"] for each in kept if each["kind"] == "messages"]
        assert not [each for each in kept if each["kind"] in {"sanctions", "reports"}]
        self.zoe.page.keyboard.press("Escape")

    def an_erasure(self) -> None:
        """Léa leaves the school: her account is gone at once, what she wrote is nobody's, and the trail still holds."""
        self.console(f"unmute {LEA}")
        self.told_lea("")
        self.lea.say("Au revoir", channel=ROOM, subtype="channel", to=ROOM)
        self.zoe.sees("Au revoir")
        assert self.hugo.until(content="Au revoir")["from"] == LEA
        self.console(f"erase {LEA} --yes")
        *_, last = self.lea
        assert last["subtype"] == "system", "she reads why, and the connection ends"
        assert self.hugo.until(type="erased")
        assert LEA not in {each["name"] for each in self.rows("users")}
        until = time.monotonic() + BOUND  # what she wrote is anonymised by steps, in the seconds that follow
        while LEA in {each["from"] for each in self.asked(type="history", channel=ROOM)["messages"]}:
            assert time.monotonic() < until
        self.zoe.sees("Au revoir")
        expect(self.zoe.page.locator(".message", has_text=LEA)).to_have_count(0)
        again = self.connect().ask(type="login", username=LEA, password=SECRET)
        assert again["code"] == "login_failed"

    def the_next_year(self) -> None:
        """With the new list: last year's room is read and not written, who is gone stays out, who stays moves up."""
        self.zoe.page.evaluate("statuses.length = 0")  # she was back once already, after the exam
        self.school.stop()
        assert self.import_class(NEXT_YEAR, "--new-year", "2027")["rooms"] == ["#SIO-2-2027", "#SIO-1-2027"]
        self.import_class(NEXT_YEAR, "--new-year", "2027", "--apply")
        self.school.start_again()
        self.begin()
        assert self.asked(type="login", username=HUGO, password=SECRET)["code"] == "banned"
        self.zoe.is_back()
        expect(self.zoe.entry("SIO-2-2027")).to_be_visible()
        classic = self.lea.ask(type="login", username=ZOE, password=SECRET)
        assert classic["status"] == "ok"
        self.lea.say("encore là", channel=ROOM, subtype="channel", to=ROOM)
        assert self.lea.until(code="channel_closed")
        closed = {each["name"] for each in self.rows("channels") if each["closed"]}
        assert closed == {ROOM}


def test_a_school_year(browser: Browser, tmp_path: Path) -> None:
    """From September to September; each step is asserted by all four."""
    (tmp_path / "keys").mkdir(mode=0o700)
    school = School(
        browser,
        tmp_path,
        *("--set", "limits.messages_per_second=0", "--set", "accounts.registration=closed"),
        *("--set", f"ssh.keys={tmp_path / 'keys'}"),
        *NIGHT,
    )
    year = Year(school, tmp_path)
    try:
        year.begin()
        year.the_list()
        year.the_first_day()
        year.a_club()
        year.an_exam()
        year.a_night()
        year.a_report()
        year.a_sanction()
        year.an_export()
        year.an_erasure()
        year.the_next_year()
        school.close()
    finally:
        year.end()
        school.kill()
