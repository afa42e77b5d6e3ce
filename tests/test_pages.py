"""Every page of the project against the program: what it tells to type, its links, and the words it says exist."""

from __future__ import annotations

import argparse
import importlib.util
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from classcord import cli
from classcord.chat.channels import bounds as channel_bounds
from classcord.chat.errors import ChatError
from classcord.chat.identity import sessions
from classcord.chat.requests import subclasses
from classcord.chat.rights.vocabulary import Right
from classcord.chat.subjects import COMMANDS, EVENTS, WIRE
from classcord.cli.cert import authority
from classcord.services.administration import key_lines
from classcord.services.chat import pipeline, strangers
from classcord.services.security import blocking
from classcord.settings import Settings
from classcord.store.sqlite import migrate
from classcord.tap import Options
from docs import replay
from tests.server import running
from tests.test_documents import refusal, unknown_settings
from tests.test_language import french

ROOT = Path(__file__).parent.parent
FILES = sorted([*(ROOT / "docs").glob("*.md"), *ROOT.glob("README*.md")])
PAGES = {file.name: file.read_text(encoding="utf-8") for file in FILES}
SECURITY = PAGES["SECURITE.md"]
FLAGS = re.MULTILINE | re.DOTALL

every_page = pytest.mark.parametrize("name", PAGES)


def spans(page: str) -> list[str]:
    """Return what stands between backquotes in running text."""
    return re.findall(r"(?<!`)`([^`\n]+)`(?!`)", re.sub(r"^```.*?^```", "", page, flags=FLAGS))


def typed(page: str) -> Iterator[str]:
    """Give each line that a page tells to type, in a block of either kind, without what is said beside it."""
    fenced = re.findall(r"^```(?:console|admin)\n(.*?)^```", page, FLAGS)
    indented = re.findall(r"(?:^ {4,}.*\n)+", re.sub(r"^```.*?^```", "", page, flags=FLAGS), re.MULTILINE)
    for block in (*fenced, *indented):
        for line in re.findall(r"^ *([$] .*|prof@ClassCord> .*)$", block.replace("\\\n", ""), re.MULTILINE):
            yield re.sub(r" {2,}# .*", "", line)


def within(line: str) -> str:
    """Return what a line of Docker's runs in the container of the server; a line of the machine as it is."""
    run = re.match(r"\$ docker compose (?:exec|run)(.*?)(?: --entrypoint (\w+))?((?: --?\w+)*) classcord (.*)", line)
    if run is None:
        return re.sub(r"^\$ (?:docker|for) .*", "$ echo", line)
    inside = f"{run[2]} {run[4]}" if run[2] else run[4]
    return f"$ {inside}" if inside.startswith(("classcord ", "cat ", "tail ", "sh ")) else "$ echo"


# -- what is typed -----------------------------------------------------------------------------------------------------


@every_page
def test_commands_exist(name: str) -> None:
    """Each command in a block exists, and takes the arguments and options that it is given."""
    assert {line: why for line in typed(PAGES[name]) if (why := refusal(within(line))) is not None} == {}


@every_page
def test_commands_of_running_text_exist(name: str) -> None:
    """So does each `classcord …` of the running text; words in capitals stand for what one types there."""
    commands = [span for span in spans(PAGES[name]) if re.match(r"(?:\.venv/bin/)?classcord [a-z-]", span)]
    commands = [f"$ {re.sub('[…›|].*', '', each)}".strip() for each in commands if "FILE" not in each.upper().split()]
    assert {line: why for line in commands if (why := refusal(line)) is not None and not _is_group(line)} == {}


def _is_group(line: str) -> bool:
    """Whether a line only names a command that wants more, such as `classcord cert`."""
    return line.rsplit(maxsplit=1)[-1] in {"cert", "audit", "restore"}


SHOWN = {  # an option alone, and what administration.md says to be refused
    *("ban --delete-account", "ban bob 1.5h", "ban bob 10 insultes", "ban bob Triche 1h"),
    *("ban bob pendant une semaine", "kick bob jusqu'à lundi"),
}


@every_page
def test_commands_of_the_console_in_running_text_exist(name: str) -> None:
    """So does each of the console's, such as `role NOM member`: the first word of such a span is a command's."""
    stand_for = {"NOM": "bob", "ADRESSE": "10.0.0.1", "COMMANDE": "who", "NAME": "bob"}
    lines = [" ".join(stand_for.get(word, word) for word in span.split()) for span in spans(PAGES[name])]
    lines = [line for line in lines if line.partition(" ")[0] in COMMANDS and " " in line and "|" not in line]
    refused = {line for line in lines if refusal(f"prof@ClassCord> {line}") is not None}
    assert {
        line for line in refused if not re.match(r"python -m |(?:audit|backup) (?:verify|purge|--)", line)
    } - SHOWN == set()


@every_page
def test_what_is_measured_can_be_measured_again(name: str) -> None:
    """Each program of bench/ that a page names is there, takes the word behind it, and each test it names exists."""
    lost = []
    for module, word in re.findall(r"python -m (bench\.\w+|docs\.\w+)(?: ([a-z][\w-]*))?", PAGES[name]):
        spec = importlib.util.find_spec(module)
        files = [*Path(spec.origin).parent.glob("*.py")] if spec and spec.origin else []
        source = "".join(file.read_text(encoding="utf-8") for file in files)
        if not source or not re.search(rf"\b{word.replace('-', '[-_]')}\b", source):
            lost.append((module, word))
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.findall(r"`make ([a-z-]+)`", PAGES[name])
    lost += [("make", target) for target in targets if not re.search(f"^{target}:", makefile, re.MULTILINE)]
    assert lost == []


# -- where links and words lead ----------------------------------------------------------------------------------------


def anchors(page: str) -> set[str]:
    headings = re.findall("^#+ (.*)$", re.sub(r"^```.*?^```", "", page, flags=FLAGS), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.name))
def test_links_lead_somewhere(file: Path) -> None:
    """Each file of a link is there, and so is the heading."""
    lost = []
    for link in re.findall(r"\]\((?!https?:)([^)\s]+)\)", PAGES[file.name]):
        to, _, anchor = link.partition("#")
        target = file.parent / (to or file.name)
        if not target.exists() or (anchor and anchor not in anchors(target.read_text(encoding="utf-8"))):
            lost.append(link)
    assert lost == []


@pytest.mark.parametrize("name", ["README.md", "README.fr.md"])
def test_every_page_is_in_the_list_of_pages(name: str) -> None:
    """Whoever begins at the README finds each page of docs/."""
    assert [
        file.name for file in FILES if file.parent.name == "docs" and f"(docs/{file.name})" not in PAGES[name]
    ] == []


@every_page
def test_files_exist(name: str) -> None:
    """Each file of the project that a page names is there."""
    inside = r"(?:classcord|docs|tests|etc|bench|packaging|admin_keys|twisted)/[\w./*-]+"
    named = [span for span in spans(PAGES[name]) if re.fullmatch(inside, span)]
    assert [
        span for span in named if not any(ROOT.glob(span.rstrip("/"))) and "NOM" not in span and "NAME" not in span
    ] == []


def test_classes_and_functions_of_the_architecture_exist() -> None:
    """Each class, method and constant that architecture.md names is in the code."""
    code = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "classcord").rglob("*.py"))
    named = [
        span for span in spans(PAGES["architecture.md"]) if re.match(r"[A-Z][A-Za-z]+(?:\.[a-z_]\w*)?(?:\(|$)", span)
    ]
    foreign = {"LoopingCall", "UNIQUE", "COMMIT", "NOM", "NAME", "DATA"}  # of Twisted's, of SQL, and placeholders
    words = {word for span in named for word in re.findall(r"\w+", span.partition("(")[0])} - foreign
    assert len(words) > 30
    assert [word for word in sorted(words) if not re.search(rf"\b{word}\b", code)] == []


@every_page
def test_settings_exist(name: str) -> None:
    """Each setting that a page names is one, in the section where it is."""
    assert unknown_settings(PAGES[name].replace("`[fail]`", "")) == []  # which is a mark of ssh-audit's


# -- codes and names ---------------------------------------------------------------------------------------------------


def _fields(kind: type) -> set[str]:
    return set(getattr(kind, "__struct_encode_fields__", ()))


def codes() -> set[str]:
    return {kind.code for kind in subclasses(ChatError) if kind.code}


def known_words() -> set[str]:
    """Return the words with an underscore that mean something: settings, requests, fields, codes, columns, figures."""
    settings = Settings()
    words = {key for section in _fields(Settings) for key in _fields(type(getattr(settings, section)))}
    words |= {word for kind in (*WIRE, *EVENTS, *subclasses(msgspec.Struct)) for word in _fields(kind)} | codes()
    words |= {str(kind.__struct_config__.tag) for kind in (*WIRE, *EVENTS)}
    words |= set(re.findall(r"\w+", "\n".join(step.sql for step in migrate.steps())))
    words |= {path.stem for path in ROOT.rglob("*.*") if ".venv" not in path.parts} | {
        path.name for path in ROOT.iterdir()
    }
    words |= set(get_args(Right))
    words |= {"schema_version", "applied_at", "sqlite_sequence"}  # tables of every database
    return words | {"ssh_host_ed25519_key", "retry_after"}  # a file of the data folder, a field of refusals


TO_COME: set[str] = set()
"""What the contract names and the server does not know yet."""


@every_page
def test_words_with_an_underscore_exist(name: str) -> None:
    """A key, a code, a field or a column that a page names between backquotes is one of the program's."""
    named = {span for span in spans(PAGES[name]) if re.fullmatch(r"[a-z0-9]+(?:_[a-z0-9]+)+", span)}
    others = "".join((ROOT / file).read_text(encoding="utf-8") for file in ("compose.yaml", "pyproject.toml"))
    if name == "architecture.md":
        others += "".join(file.read_text(encoding="utf-8") for file in (ROOT / "classcord").rglob("*.py"))
    to_come = TO_COME if name == "PROTOCOL.md" else set()
    assert sorted(named - known_words() - set(re.findall(r"\w+", others))) == sorted(to_come & named)


@every_page
def test_codes_of_refusals_exist(name: str) -> None:
    """Each refusal that a page shows has a code that the server knows."""
    assert set(re.findall(r'"code":"([^"A-Z]*)"', PAGES[name])) - codes() == set()


def test_every_code_is_explained() -> None:
    """The table of protocole.md has each code that the server sends, and no other."""
    page = PAGES["protocole.md"]
    table = page[page.index("| `code` | texte en français |") :]
    assert set(re.findall(r"^\| `(\w+)` \|", table.partition("\n")[2], re.MULTILINE)) == codes()


def options_of(parser: argparse.ArgumentParser) -> set[str]:
    """Return the options of a parser and of its commands."""
    found: set[str] = set()
    for action in parser._actions:
        found |= set(action.option_strings)
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                found |= options_of(command)
    return found


OTHERS = {  # of Docker's and systemd's, and of ssh's; and endings of words
    *("--network", "--volumes", "--entrypoint", "--failed", "-L", "-R", "-D", "-A", "-X", "-N"),
    *("-etm", "-refused", "-shm", "-wal", "-yes"),
}
OURS = re.compile(r"(?:classcord|twistd|import-users|export|restore|backup|ban|audit) ")


@every_page
def test_options_of_running_text_exist(name: str) -> None:
    """Each option that a page names, alone or behind a program of ours, is an option of the command or the console."""
    known = options_of(cli._parser()) | {f"--{option.rstrip('=')}" for option in Options().longOpt}
    known |= {f"--{field.replace('_', '-')}" for kind in COMMANDS.values() for field in _fields(kind)} | {"--yes"}
    ours = [span for span in spans(PAGES[name]) if span.startswith("-") or OURS.match(span)]
    named = {word for span in ours for word in re.findall(r"(?:^|\s|\[)(--?[a-z][\w-]*)", span)}
    assert sorted(named - known - OTHERS) == []


@every_page
def test_variables_of_the_environment_exist(name: str) -> None:
    """Each variable that a page tells to set is read somewhere."""
    sources = [*(ROOT / "classcord").rglob("*.py"), ROOT / "compose.yaml", ROOT / "Dockerfile", ROOT / "Makefile"]
    known = "".join(file.read_text(encoding="utf-8") for file in sources)
    named = {word for span in spans(PAGES[name]) for word in re.findall(r"\b[A-Z]+_[A-Z_]+\b", span)}
    assert [word for word in sorted(named - {"MOT_DE_PASSE"}) if word not in known] == []


# -- conversations -----------------------------------------------------------------------------------------------------


def conversations(page: str) -> list[list[str]]:
    """Return the exchanges of a page that are typed line by line at a plain connection."""
    blocks = re.findall(r"^\$ nc localhost 12345\n((?:[^$`\n].*\n)+)", page, re.MULTILINE)
    return [block.splitlines() for block in blocks]


def test_conversations_for_pupils_are_what_the_service_answers() -> None:
    """Each line of DOC_CONNEXION.md that is typed into nc is answered as the page shows, by the service in memory."""
    (lines,) = conversations(PAGES["DOC_CONNEXION.md"])
    room = replay.Stage()
    heard = [(line, [told for who, told in room.hold([("nc", line)])[0].heard if who == "nc"]) for line in lines[::2]]
    assert [part for line, (answer,) in heard for part in (line, answer)] == lines


@pytest.mark.parametrize(
    ("name", "who", "said"), [("README.md", "carol", "Hello everyone"), ("README.fr.md", "alice", "Bonjour à tous")]
)
def test_conversation_of_the_readme_is_what_the_service_answers(name: str, who: str, said: str) -> None:
    """After what is said above it on the page, bob is answered as the page shows; where it has dots, more may come."""
    (lines,) = conversations(PAGES[name].replace("\n    ", "\n"))
    room = replay.Stage()
    room.hold([(who, f'{{"type":"{kind}","username":"{who}","password":"azerty"}}') for kind in ("register", "login")])
    room.hold([(who, json.dumps({"type": "message", "content": said}))])
    room.leave(who)
    heard: list[str] = []
    for line in lines:
        if line == "..." or replay.timeless(line) in heard:
            continue
        if '"from"' in line:  # of somebody else, who says it now
            text = json.loads(line)["content"]
            asked = [
                ("zoé", '{"type":"guest","username":"Zoé"}'),
                ("zoé", json.dumps({"type": "message", "content": text})),
            ]
        else:
            asked = [("bob", line)]
        heard += [replay.timeless(told) for each in room.hold(asked) for to, told in each.heard if to == "bob"]
    shown = [
        replay.timeless(line) for line in lines if '"status":"ok"' in line or '"from"' in line or '"users":' in line
    ]
    assert [line for line in shown if line not in heard] == []
    assert len(shown) >= 5


SAMPLES = re.compile(r"^ *(ClassCord [\d.]+ — .*)\n((?: +(?:[A-ZÉ][^\n]*|…)\n)+)", re.MULTILINE)
DOCTOR = re.compile(r"^(?:ok|conseil|défaut) {2,}(\S[^\n]*?) {2,}", re.MULTILINE)


@every_page
def test_samples_have_the_words_of_the_program(name: str) -> None:
    """What a page shows of the banner and of the doctor is called as the server calls it, in French."""
    texts = {str(message.string) for message in french()}
    said = {label.replace("\u00a0", " ") for label in texts} | {"Chat"}
    shown = {line.strip() for head, rows in SAMPLES.findall(PAGES[name]) for line in rows.splitlines()}
    labels = {re.split(r" {2,}", line)[0] for line in shown if line != "…"} | set(DOCTOR.findall(PAGES[name]))
    assert sorted(labels - said) == []
    if name in {"README.md", "README.fr.md", "DOC_CONNEXION.md", "CONTAINERS.md", "exploitation.md"}:
        assert labels


# -- figures -----------------------------------------------------------------------------------------------------------

UNITS = {
    "Ko": 1000,
    "Mo": 1000**2,
    "Go": 1000**3,
    "Kio": 1024,
    "Mio": 1024**2,
    "Gio": 1024**3,
    "heure": 3600,
    "heures": 3600,
    "jour": 86_400,
    "jours": 86_400,
}


def numbers(text: str) -> set[float]:
    """Return the numbers of a French sentence, in their units and as they stand; no limit is 0."""
    found = {0.0} if "aucune limite" in text else set()
    for digits, unit in re.findall(r"(\d+(?:[\s\u00a0\u202f]\d{3})*(?:,\d+)?)[\s\u00a0\u202f]*([A-Za-z]*)", text):
        number = float(re.sub(r"[\s\u00a0\u202f]", "", digits).replace(",", "."))
        found |= {number, number * UNITS.get(unit, 1)}
    return found


def defaults() -> dict[str, list[float]]:
    """Return the defaults of each key, of whatever section."""
    settings = Settings()
    known: dict[str, list[float]] = {}
    for section in settings.__struct_fields__:
        for key in getattr(getattr(settings, section), "__struct_fields__", ()):
            value = getattr(getattr(settings, section), key)
            if isinstance(value, int | float) and not isinstance(value, bool):
                known.setdefault(key, []).append(value)
    return known


def test_limits_of_the_table_are_the_defaults() -> None:
    """Each row of the tables of limits in SECURITE.md that names a setting has the setting's default."""
    rows = re.findall(r"^\| [^|]* \| ([^|]*) \| ((?:`\w+`(?:, )?)+) \|$", SECURITY, re.MULTILINE)
    rows += [(cell, cell) for cell in re.findall(r"(?<=\| )[^|\n]*\(`\w+`\)[^|\n]*(?= \|)", SECURITY)]
    wrong = [
        (key, cell)
        for cell, keys in rows
        for key in re.findall(r"`(\w+)`", keys)
        if key not in codes() and numbers(cell) and not set(defaults().get(key, [-1.0])) & numbers(cell)
    ]
    assert len(rows) > 8
    assert wrong == []


def test_numbers_are_read_as_the_french_write_them() -> None:
    assert numbers("65\N{NARROW NO-BREAK SPACE}536 octets, 4 Mio, 2,5 s, aucune limite") >= {65_536, 4_194_304, 2.5, 0}


@pytest.mark.parametrize(
    ("name", "words", "figure"),
    [
        ("SECURITE.md", r"`\[limits\] block_after` échecs \((\d+)\)", Settings().limits.block_after),
        ("SECURITE.md", r"en `block_within` secondes \((\d+)\)", Settings().limits.block_within),
        ("SECURITE.md", r"bloquée\s+`block_seconds` \((\d+)\)", Settings().limits.block_seconds),
        ("SECURITE.md", r"partir de (trois) comptes", blocking.CLASSROOM),
        ("SECURITE.md", r"ne s’est trompé \((dix) au plus\)", blocking.BYSTANDERS),
        ("SECURITE.md", r"plus de (cent) connexions sans compte", strangers.CLASS),
        ("SECURITE.md", r"clé RSA a au moins (\d+) bits", key_lines.LEAST_RSA),
        ("SECURITE.md", r"(quatre) caractères suffisent par défaut", Settings().accounts.min_password),
        ("FONCTIONNALITES.md", r"(cinq) demandes par seconde à la longue", Settings().limits.messages_per_second),
        ("FONCTIONNALITES.md", r"à la longue, (vingt-cinq) d’un coup", Settings().limits.burst),
        ("FONCTIONNALITES.md", r"au bout de (\d+) secondes", sessions.KEPT_AFTER),
        ("DOC_CONNEXION.md", r"plus de (cinq) demandes par seconde", Settings().limits.messages_per_second),
        ("DOC_CONNEXION.md", r"ligne de plus de (\d+) Ko", Settings().limits.line_bytes // 1024),
        ("exploitation.md", r"Un certificat vaut (\d+) jours", authority.SERVER_DAYS.days),
        ("exploitation.md", r"L’autorité vaut (dix) ans", authority.YEARS.days / 365),
        ("protocole.md", r"Un membre fait (\d+) salons au plus", channel_bounds.MOST_OWN_CHANNELS),
        ("protocole.md", r"d'une adresse, il y en a (\d+) au plus", Settings().limits.channels_per_address),
        ("architecture.md", r"pipeline up to (\d+) commits", pipeline.MOST_IN_FLIGHT),
        ("architecture.md", r"Past (\d+) requests", pipeline.MOST_BACKLOG),
    ],
)
def test_figures_are_those_of_the_program(name: str, words: str, figure: float) -> None:
    """A figure in running text is the setting's default, or the bound in the code."""
    in_words = {"trois": 3, "quatre": 4, "cinq": 5, "dix": 10, "cent": 100, "vingt-cinq": 25}
    (said,) = re.findall(words, PAGES[name])
    assert in_words.get(said, said) in {figure, str(int(figure))}


# -- the data folder ---------------------------------------------------------------------------------------------------


def test_files_of_the_data_folder_are_explained(tmp_path: Path) -> None:
    """Everything that a server puts into DATA, while it runs and when it has stopped, is in the page's table."""
    page = PAGES["exploitation.md"]
    table = page[page.index("Tout ce que le serveur écrit est dans DATA") : page.index("Dans les exemples qui")]
    explained = {name.strip("/").partition("/")[0] for name in re.findall(r"`([^`]+)`", table)}
    explained |= {f"classcord.db{rest}" for rest in ("-wal", "-shm")}
    with running(tmp_path) as server:
        found = {file.name for file in server.data.iterdir()}
    found |= {file.name for file in server.data.iterdir()}
    assert {"classcord.db", "tls", "control", "first-password"} <= found
    assert sorted(found - explained) == []
