"""The work of `classcord doctor`: read the settings, run the checks, show the findings.

Knows no single check.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text as Rich

from classcord.chat.text import N_, Text, Translate, is_readable
from classcord.cli.doctor.checks import (
    CHECKS,
    GENERAL,
    Examined,
    Installation,
    Level,
    Machine,
    ThisMachine,
    examine,
    holder,
    is_held,
)
from classcord.cli.doctor.checks.findings import Finding, ok, problem
from classcord.cli.options import as_started, say_refused
from classcord.language import terminal_language, translator
from classcord.server.listening import OWN_FILES
from classcord.settings import DEFAULT_FILE, Settings, SettingsError, chosen
from classcord.store.urls import store_at
from classcord.wire.json_text import json_text

WIDTH = 110  # columns at most: longer lines are hard to read
PLAIN_WIDTH = 10_000  # columns if the output is not a terminal: nothing is folded
_WORDS = {Level.OK: N_("ok"), Level.ADVICE: N_("advice"), Level.PROBLEM: N_("to do")}
_STYLES = {Level.OK: "green", Level.ADVICE: "yellow", Level.PROBLEM: "bold red"}


def run(arguments: argparse.Namespace, machine: Machine | None = None) -> int:
    """Report. Returns 0 if nothing needs action, 1 if something does, 2 if a --set option is wrong."""
    try:
        found = _examined(arguments, machine or ThisMachine())
    except SettingsError as error:
        return say_refused(error, arguments)
    said = _Said(arguments)
    print(json_text(_as_json(found, said), only_ascii=True) if arguments.json else _table(found, said), flush=True)
    return 1 if _count(found, Level.PROBLEM) else 0


def _examined(arguments: argparse.Namespace, machine: Machine) -> list[Examined]:
    """Return the findings; SettingsError if the overrides are wrong, for then it is unclear what was meant."""
    title = N_("Settings")
    wrong: Sequence[Text] = ()
    try:
        settings = chosen(arguments.config, arguments.overrides, arguments.data)
    except SettingsError as error:
        if error.settings is None:
            _check_overrides(arguments, error)
            alone = (Examined("settings", title, _refused(text)) for text in error.texts)
            return [*alone, *examine(_unknown(arguments.data), machine, GENERAL)]
        settings, wrong = error.settings, error.texts
    findings = [_refused(text) for text in wrong] or [_read(arguments.config)]
    told = [Examined("settings", title, finding) for finding in findings]
    return [*told, *examine(installation(settings, arguments.data.absolute()), machine, CHECKS)]


def _check_overrides(arguments: argparse.Namespace, refused: SettingsError) -> None:
    """Raise the refusal again, unless the file is refused without the overrides, too."""
    try:
        chosen(arguments.config)
    except SettingsError as error:
        if error.settings is None:
            return
    raise refused


def _refused(text: Text) -> Finding:
    return problem("{why}", N_("correct it; `classcord check-config` says whether it is right"), why=text)


def _read(config: str | None) -> Finding:
    if config or DEFAULT_FILE.exists():
        return ok(N_("{file} is right"), file=config or DEFAULT_FILE)
    return ok(N_("there is no {file} here: these are the built-in defaults"), file=DEFAULT_FILE)


def _unknown(data: Path) -> Installation:
    return installation(Settings(), data.absolute())


def installation(settings: Settings, data: Path) -> Installation:
    """Return what the checks need to know of a server."""
    listen, limits = settings.listen, settings.limits
    faces = {**listen.for_users(), "metrics": listen.metrics}
    return Installation(
        data=data,
        running=is_held(data / "lock"),
        process=holder(data / "lock"),
        store=store_at(settings.storage.url, data, synchronous=settings.storage.synchronous),
        tls=settings.tls.path(data),
        keys=Path(settings.ssh.keys),
        strict_modes=settings.ssh.strict_modes,
        passwords=settings.ssh.passwords,
        listen=faces,
        secrets=tuple(Path(file) for file in (settings.alerts.password_file, settings.ldap.password_file) if file),
        trusted_proxies=listen.trusted_proxies,
        shared_addresses=limits.shared_addresses,
        connections=limits.connections,
        own_files=OWN_FILES,
        mail=settings.alerts.mail(),
        directory=settings.ldap.options() if settings.ldap.urls else None,
        login_program=settings.login_program.command,
        free_disk=settings.alerts.free_disk,
        certificate_days=settings.alerts.certificate_days,
        retention=settings.retention.durations(),
        weekly_backups=settings.backup.weekly,
    )


def _count(found: Sequence[Examined], level: Level) -> int:
    return sum(each.finding.level is level for each in found)


class _Said:
    """How sentences are written: in one language, with commands as they must be typed for this server."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self.translate = translator(terminal_language())
        self._arguments = arguments

    def __call__(self, text: Text | None) -> str | None:
        """Return a sentence; text from files and programs is shown without control characters."""
        if text is None:
            return None
        rendered = as_started(text.render(self.translate), self._arguments)
        return "".join(c if is_readable(c) else "?" for c in rendered)


def _as_json(found: Sequence[Examined], said: _Said) -> dict[str, object]:
    return {
        "problems": _count(found, Level.PROBLEM),
        "advice": _count(found, Level.ADVICE),
        "findings": [
            {
                "check": each.check,
                "level": finding.level.value,
                "text": said(finding.text),
                "remedy": said(finding.remedy),
            }
            for each in found
            for finding in [each.finding]
        ],
    }


def _table(found: Sequence[Examined], said: _Said) -> str:
    """Return one line a finding, with its remedy below; the name of a check stands only at its first finding."""
    is_terminal = sys.stdout.isatty()
    width = min(WIDTH, shutil.get_terminal_size().columns) if is_terminal else PLAIN_WIDTH
    console = Console(width=width, force_terminal=is_terminal, highlight=False, emoji=False, markup=False)
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    for no_wrap in (True, True, False):
        table.add_column(no_wrap=no_wrap, overflow="fold")
    translate, before = said.translate, ""
    for each in found:
        finding = each.finding
        title = "" if each.check == before else translate(each.title)
        before = each.check
        lines = Rich(said(finding.text) or "")
        remedy = said(finding.remedy)
        if remedy:
            lines.append(f"\n→ {remedy}", style="cyan")
        table.add_row(Rich(translate(_WORDS[finding.level]), style=_STYLES[finding.level]), title, lines)
    with console.capture() as captured:
        console.print(table)
        console.print()
        console.print(_summary(found, translate))
    return "\n".join(line.rstrip() for line in captured.get().splitlines())


def _summary(found: Sequence[Examined], translate: Translate) -> str:
    problems, advice = _count(found, Level.PROBLEM), _count(found, Level.ADVICE)
    if not problems and not advice:
        return translate(N_("All is well."))
    if not problems:
        return translate(N_("Nothing needs action. Advice: {advice}")).format(advice=advice)
    return translate(N_("To do: {problems}. Advice: {advice}")).format(problems=problems, advice=advice)
