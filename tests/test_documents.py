"""The French pages for pupils and administrators: their conversations, commands, settings and links are true."""

from __future__ import annotations

import ast
import importlib.util
import os
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from twisted.python.usage import UsageError

from classcord import cli
from classcord.chat.subjects import COMMANDS, WIRE
from classcord.console.commands import commandline
from classcord.settings import Settings, chosen
from classcord.tap import Options
from docs import replay
from docs.schema import is_alias, wire_name

ROOT = Path(__file__).parent.parent
NAMES = ("DOC_CONNEXION.md", "FONCTIONNALITES.md", "exploitation.md", "realisation.md")
PAGES = {name: (ROOT / "docs" / name).read_text(encoding="utf-8") for name in NAMES}
FEATURES = PAGES["FONCTIONNALITES.md"]
BLOCKS = replay.BLOCK.findall(FEATURES)
FLAGS = re.MULTILINE | re.DOTALL
PROGRAMS = re.compile(  # of Debian and of the JDK
    "adduser|apt|awk|cat|cd|chmod|chown|cp|crontab|curl|date|df|dpkg|du|echo|fail2ban-client|fail2ban-regex|free|git|"
    "grep|gunzip|head|hostname|install|ip|java|javac|journalctl|keytool|less|logrotate|ls|mkdir|mv|nc|openssl|ping|printf|ps|rm|scp|sftp|sha256sum|"
    "python3|sqlite3|ss|ssh|ssh-audit|ssh-keygen|strace|systemd-analyze|tail|tar|timedatectl|top|ufw|unzip|uptime|watch|zgrep"
)


# -- FONCTIONNALITES.md: held again ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def held_again() -> list[str]:
    """What each block of the page is to contain."""
    return [content for _, content in replay.BLOCK.findall(replay.fresh(FEATURES))]


@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_conversation_is_what_the_service_answers(number: int, held_again: list[str]) -> None:
    """Said again to the real service, each line is answered as the page shows it."""
    shown = BLOCKS[number][1].splitlines()
    assert [replay.timeless(line) for line in shown] == [
        replay.timeless(line) for line in held_again[number].splitlines()
    ], "if the new answers are right: python -m docs.replay"


def test_a_wrong_answer_is_noticed() -> None:
    """A page that shows another answer, or leaves one out, is not what `fresh` makes of it."""
    asked = '```chat\nalice  > {"type":"users"}\n'
    right = replay.fresh(asked + "```")
    assert right == asked + 'alice  < {"type":"users","users":[]}\n```'
    for wrong in (asked + 'alice  < {"type":"users","users":["bob"]}\n```', asked + "```"):
        assert replay.timeless(replay.fresh(wrong)) != replay.timeless(wrong)


def test_every_request_is_shown() -> None:
    """Each request that a client may send is sent on the page."""
    sent = set(re.findall(r'^\S+ +> \{"type":"(\w+)"', FEATURES, re.MULTILINE))
    assert {wire_name(kind) for kind in WIRE if not is_alias(kind)} - sent == set()


def test_every_command_is_shown() -> None:
    """Each command of the console is typed on the page, or named with what it is for."""
    typed = set(re.findall(r"^(?:prof@ClassCord> |\$ ssh -p 2222 prof@serveur )(\S+)", FEATURES, re.MULTILINE))
    assert set(COMMANDS) - typed - set(re.findall(r"`([\w-]+)`", FEATURES)) == set()


# -- DOC_CONNEXION.md: its client, which tests/system/test_document_clients.py compiles and runs -----------------------


def test_client_is_short() -> None:
    """The client in Java has forty lines, as the page promises."""
    client = re.findall(r"^```java\n(.*?)^```$", PAGES["DOC_CONNEXION.md"], FLAGS)[0]
    assert 30 < len(client.splitlines()) <= 40


# -- what is typed -----------------------------------------------------------------------------------------------------


def _typed(page: str) -> Iterator[str]:
    """Give each line of the page that is typed in a terminal or in the administrators' console."""
    for block in re.findall(r"^```(?:console|admin)\n(.*?)^```", page, re.MULTILINE | re.DOTALL):
        yield from re.findall(r"^(?:[$#]|prof@ClassCord>) .*$", block.replace("\\\n", ""), re.MULTILINE)


def refusal(line: str) -> str | None:
    """Return why a line cannot be typed, or None."""
    prompt, _, typed = line.partition(" ")
    if prompt.endswith(">"):
        return _console(typed)
    words: list[str] = []
    lexer = shlex.shlex(typed, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    for token in (*lexer, ";"):
        if token not in {";", "|", "&&", "||"}:
            words.append(token)
            continue
        refused = _program(words)
        if refused is not None:
            return refused
        words = []
    return None


def _program(words: list[str]) -> str | None:
    """Return why this program does not exist, or does not take these arguments."""
    while words and (words[0] == "sudo" or re.fullmatch(r"[A-Z_]+=.*", words[0])):
        words = words[3:] if words[1:2] == ["-u"] else words[1:]
    words = words[: next((place for place, word in enumerate(words) if word in {">", ">>", "<"}), len(words))]
    program, arguments = re.sub(r"^(?:\.venv|/usr/lib/classcord)/bin/", "", words[0]), words[1:]
    known = {
        "classcord": _classcord,
        "twistd": _twistd,
        "make": _make,
        "python": _python,
        "systemctl": _unit,
        "./start_server.sh": _script,
    }
    if program in known:
        return known[program](arguments)
    if program in {"ssh", "/usr/bin/ssh"}:
        arguments = [each for each in arguments if each != "-n"]
    if program in {"ssh", "/usr/bin/ssh"} and len(arguments) > 3:
        return _console(shlex.join(arguments[3:]))
    return None if PROGRAMS.fullmatch(program) else f"no program {program}"


def _console(line: str) -> str | None:
    try:
        asked = commandline.read(line)
    except commandline.UsageError as error:
        return str(error)
    return None if asked is not None else "nothing is asked"


def _classcord(arguments: list[str]) -> str | None:
    try:
        parsed = cli._parser().parse_args([os.fsdecode(each.encode()) for each in arguments])  # as a shell hands them
    except SystemExit as end:
        return None if end.code == 0 else f"classcord refuses {arguments}"
    command = getattr(parsed, "command", None)
    return _console(shlex.join(command)) if command else None


def _twistd(arguments: list[str]) -> str | None:
    place = arguments.index("classcord")
    try:
        Options().parseOptions(arguments[place + 1 :])
    except (SystemExit, UsageError) as error:
        return f"twistd classcord refuses {arguments}: {error}"
    return None


def _make(arguments: list[str]) -> str | None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    missing = [each for each in arguments if "=" not in each and not re.search(f"^{each}:", makefile, re.MULTILINE)]
    return f"make has no {missing}" if missing else None


def _unit(arguments: list[str]) -> str | None:
    units = {file.name for folder in ("systemd", "copies") for file in (ROOT / "etc" / folder).glob("classcord*")}
    units |= {name.removesuffix(".service") for name in units}
    missing = [each for each in arguments if each.startswith("classcord") and each not in units]
    return f"no unit {missing}" if missing else None


def _python(arguments: list[str]) -> str | None:
    """A module of ours is there; a program on the line can be read, and finds what it imports."""
    if arguments[:1] == ["-m"] and importlib.util.find_spec(arguments[1]) is not None:
        return None
    if arguments[:1] != ["-c"]:
        return f"no module {arguments[1:2]}"
    for node in ast.walk(ast.parse(arguments[1])):
        if isinstance(node, ast.ImportFrom) and node.module is not None:
            module = importlib.import_module(node.module)
            missing = [each.name for each in node.names if not hasattr(module, each.name)]
            if missing:
                return f"{node.module} has no {missing}"
    return None


def _script(arguments: list[str]) -> str | None:
    script = (ROOT / "start_server.sh").read_text(encoding="utf-8")
    options = arguments[1:] if arguments and re.search(f"^{arguments[0]}\\)$", script, re.MULTILINE) else arguments
    return _twistd(["classcord", *options])


@pytest.mark.parametrize("name", NAMES)
def test_commands_exist(name: str) -> None:
    """Each command that a page tells to type exists, and takes the arguments that it is given."""
    refused = {line: why for line in _typed(PAGES[name]) if (why := refusal(line)) is not None}
    assert refused == {}


@pytest.mark.parametrize(
    "line",
    [
        "$ classcord fly",
        "$ classcord check-config --colour",
        "$ classcord ctl fly",
        "$ ssh -p 2222 prof@serveur kick",
        "prof@ClassCord> kick",
        "$ sudo -u classcord classcord fly",
        "$ cat file | classcrod ctl who",
        "$ twistd -n classcord --fly",
        "$ make coffee",
        "$ ./start_server.sh fly",
        "$ systemctl restart classcord-fly",
    ],
)
def test_a_wrong_command_is_noticed(line: str) -> None:
    """A command that does not exist, or is not written so, is refused."""
    assert refusal(line) is not None


def unknown_settings(page: str) -> list[tuple[str, str]]:
    """Return the settings of running text and of command lines that there are not."""
    named = re.findall(r"`\[([a-z]+)\](?: (\w+))?", page) + re.findall(r"--set (\w+)\.(\w+)=", page)
    settings = Settings()
    return [
        (section, key)
        for section, key in named
        if not hasattr(settings, section) or (key and key not in getattr(settings, section).__struct_encode_fields__)
    ]


@pytest.mark.parametrize("name", NAMES)
def test_settings_exist(name: str) -> None:
    """Each setting that a page names is one, in the section where it is."""
    assert unknown_settings(PAGES[name]) == []
    assert unknown_settings("`[limits] relay`, `[speed]`, --set log.colour=1") != []


def test_settings_are_right(tmp_path: Path) -> None:
    """Each example of settings is taken as it stands."""
    file = tmp_path / "classcord.toml"
    examples = [each for page in PAGES.values() for each in re.findall(r"^```toml\n(.*?)^```", page, FLAGS)]
    assert examples
    for example in examples:
        file.write_text(example, encoding="utf-8")
        chosen(str(file), ())


# -- links and typography ----------------------------------------------------------------------------------------------


def _anchors(page: Path) -> set[str]:
    headings = re.findall("^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", NAMES)
def test_links_lead_somewhere(name: str) -> None:
    """Each file of a link or in backquotes is there, and so is the heading that a link leads to."""
    here = ROOT / "docs"
    lost = []
    for file, _, anchor in (link.partition("#") for link in re.findall(r"\]\((?!https?:)([^)\s]+)\)", PAGES[name])):
        target = here / (file or name)
        if not target.exists() or (anchor and anchor not in _anchors(target)):
            lost.append(f"{file}#{anchor}")
    files = re.findall(r"`((?:classcord|docs|tests|etc|bench)/[\w./-]+)`", PAGES[name])
    assert lost + [file for file in files if not (ROOT / file).exists()] == []


@pytest.mark.parametrize("name", NAMES)
def test_typography_is_french(name: str) -> None:
    """No line can begin with a mark that belongs to the word before it: ; ! ? » follow U+202F, a colon U+00A0."""
    prose = re.sub(r"^```.*?^```|^    .*?$|`[^`\n]*`|\]\([^)]*\)|<!--.*?-->", "x", PAGES[name], flags=FLAGS)
    assert re.findall(r".{0,20}(?: [;!?»:]|« |[^\W\d_][;!?»]|\u202f:|\u00a0[;!?»]).{0,10}", prose) == []
