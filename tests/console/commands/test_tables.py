"""Answers as people and programs read them."""

from __future__ import annotations

import json
from datetime import timezone

import msgspec
import pytest

from classcord.chat.accounts.vocabulary import AccountInfo, AccountsListed
from classcord.chat.audit.vocabulary import AuditRead, AuditRow
from classcord.chat.channels.channel import Kind
from classcord.chat.channels.vocabulary import ChannelInfo, ChannelsListed
from classcord.chat.errors import NotFound
from classcord.chat.events import Answer, Done
from classcord.chat.lessons.vocabulary import LessonShown
from classcord.chat.messages.vocabulary import Acknowledged, HistoryRead, Said
from classcord.chat.operations.vocabulary import SessionInfo, SessionsListed, StatsTold
from classcord.chat.operators.vocabulary import PersonTold, Watching
from classcord.chat.presence.vocabulary import UsersListed
from classcord.chat.sanctions.vocabulary import Kicked, Sanctioned, SanctionInfo
from classcord.chat.text import Text
from classcord.console.commands.tables import as_json, error_json, render
from classcord.language import translator

WHEN = "2026-11-20T20:36:27.607Z"
ACCOUNTS = AccountsListed(accounts=(AccountInfo(name="bob\x1b[2J", role="member", online=True, added=WHEN),))
STATS = StatsTold(
    version="1",
    since=WHEN,
    uptime=90_061.0,
    connections=2,
    people=1,
    accounts=1,
    channels=3,
    last_message_id=9,
    messages_per_second=1.5,
    commit_p50=0.0012,
    commit_p99=1.25,
    group_size=None,
    queue=0,
    memory=64_000_000,
    database=512,
)


def shown(answer: Answer, *, columns: int = 80, colour: bool = False, language: str = "en") -> str:
    return render(answer, columns=columns, colour=colour, translate=translator(language), timezone=timezone.utc)


def test_a_table_fits_its_window() -> None:
    """Whatever the width, no line is longer, and nothing is lost."""
    for columns in (30, 60, 200):
        lines = shown(ACCOUNTS, columns=columns).splitlines()
        assert max(map(len, lines)) <= columns
    assert "2026-11-20 20:36:27" in shown(ACCOUNTS)
    assert "20/11/2026 20:36:27" in shown(ACCOUNTS, language="fr")


def test_what_changed_is_read_without_json() -> None:
    """At a terminal an audit entry has names and values, and times as times; a program gets it as it is."""
    payload = '{"reason":"trop\\u001b","target":"bob","until":1795203387607,"to":["a"],"then":null,"bom":false}'
    row = AuditRow(
        id=1,
        at=WHEN,
        actor="prof",
        actor_address=None,
        action="password-changed",
        object_type="sanction",
        object_id="3",
        before="not JSON",
        after=payload,
    )
    table = shown(AuditRead(entries=(row,)), columns=240, language="fr")
    for said in ("motif = trop\\x1b", "contre = bob", "jusqu’à = 20/11/2026 19:36:27", 'à = ["a"]', "then = –"):
        assert said in table
    assert "bom = non" in table
    assert "not JSON" in table
    assert "password-changed" in shown(AuditRead(entries=(row,)), columns=100)
    assert shown(AuditRead(entries=(row,))).splitlines() == [
        "1  2026-11-20 20:36:27  prof  –  password-changed  sanction  3",
        "    before  not JSON",
        "    after  reason = trop\\x1b, against = bob, until = 2026-11-20 19:36:27, to =",
        '        ["a"], then = –, bom = no',
    ]
    assert payload.replace("\\", "") in shown(AuditRead(entries=(row,)), columns=0).replace("\\", "")


@pytest.mark.parametrize("columns", range(80, 111))
def test_the_audit_trail_tears_no_word(columns: int) -> None:
    """In the windows that people have, each of its words stands whole on one line, and no line is too long."""
    payload = '{"name":"#informatique-terminale-groupe-deux","kind":"approval","topic":"Questions et réponses"}'
    row = AuditRow(
        id=123_456,
        at=WHEN,
        actor="jean.dupont-lefebvre",
        actor_address="2001:db8:1:2:3:4:5:6",
        action="password-changed",
        object_type="join-request",
        object_id="123",
        before=payload,
        after=payload,
    )
    lines = shown(AuditRead(entries=(row,)), columns=columns, language="fr").splitlines()
    assert max(map(len, lines)) <= columns
    words = " ".join(lines).split()
    for whole in ("jean.dupont-lefebvre", "2001:db8:1:2:3:4:5:6", "20:36:27", "changé", "d’admission", "réponses"):
        assert whole in words
    assert "#informatique-terminale-groupe-deux," in words


def test_codes_have_words_for_people_alone() -> None:
    """A French table has no code of ours in it; English ones, and programs, have them as they are."""
    channels = ChannelsListed(
        channels=tuple(
            ChannelInfo(name=f"#{n}", kind=kind.value, topic="", members=0, member=False, read_only=False, closed=False)
            for n, kind in enumerate(Kind)
        )
    )
    french = [line.split("\t")[1] for line in shown(channels, columns=0, language="fr").splitlines()]
    assert french == ["sorte", "pour tous", "ouvert", "sur demande", "privé"]
    assert [line.split("\t")[1] for line in shown(channels, columns=0).splitlines()[1:]] == [k.value for k in Kind]
    assert [row["kind"] for row in json.loads(as_json(channels))] == [k.value for k in Kind]
    assert "\tmembre\t" in shown(ACCOUNTS, columns=0, language="fr")
    assert '"role":"member"' in as_json(ACCOUNTS)


def test_numbers_stay_numbers() -> None:
    """What lies between 1000 and 1024 has no exponent; days have their letter."""
    almost = msgspec.structs.replace(STATS, memory=1_020 * 1024, uptime=200_000.0)
    assert "1020 kB" in shown(almost)
    assert "2 d 7 h" in shown(almost)
    assert "2 j 7 h" in shown(almost, language="fr")


def test_every_field_has_a_name() -> None:
    """An answer to a message says its number and its time, in words."""
    assert shown(Acknowledged(message_id=7, timestamp=WHEN)) == "number  7\ntime    2026-11-20 20:36:27\n"


def test_nothing_that_users_typed_commands_a_terminal() -> None:
    """Control characters are written out, and there is no markup."""
    assert "bob\\x1b[2J" in shown(ACCOUNTS)
    answer = UsersListed(users=("[bold red]x[/]", "\u202eevil"))
    assert shown(answer).splitlines() == ["[bold red]x[/]", "\\u202eevil"]


def test_colours_only_where_they_are_wanted() -> None:
    """Without them there is no escape sequence at all."""
    assert "\x1b[" in shown(ACCOUNTS, colour=True)
    assert "\x1b" not in shown(ACCOUNTS)


def test_a_program_gets_tabs() -> None:
    """Without a terminal a row is a line, its cells between tabs."""
    assert shown(ACCOUNTS, columns=0) == "name\trole\there\tadded\nbob\\x1b[2J\tmember\tyes\t2026-11-20 20:36:27\n"
    assert "version\t1\n" in shown(STATS, columns=0)


def test_sizes_and_times_are_readable() -> None:
    """In the units and with the comma of the language; what is not known is left out."""
    english, french = shown(STATS), shown(STATS, language="fr")
    assert "61 MB" in english
    assert "61 Mo" in french
    assert "1.2 ms" in english
    assert "1,2 ms" in french
    assert "1.25 s" in english
    assert "25 h 1 min" in english
    assert "512 B" in english
    assert "commits together" not in english


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.5, "500 ms"), (59, "59 s"), (61, "1 min"), (7_300, "2 h 1 min"), (200_000, "2 d 7 h")]
)
def test_how_long_it_runs(seconds: float, words: str) -> None:
    """In two units at the most."""
    told = StatsTold(**{name: getattr(STATS, name) for name in STATS.__struct_fields__} | {"uptime": seconds})
    assert f" {words}\n" in shown(told)


def test_rows_within_a_row() -> None:
    """A person's sanctions and channels stand on their line."""
    sanction = SanctionInfo(kind="mute", target="bob", by="prof", since=WHEN, until=None, reason="")
    told = PersonTold(
        name="bob",
        role="member",
        account=True,
        password_kept="local",
        state="offline",
        since=None,
        addresses=(),
        sessions=(1, 2),
        channels=("#dev",),
        waits_for=(),
        sanctions=(sanction,),
    )
    words = shown(told)
    assert "1, 2" in words
    assert "mute, against bob, by prof, since 2026-11-20 20:36:27" in words
    both = msgspec.structs.replace(told, sanctions=(sanction, msgspec.structs.replace(sanction, kind="kick")))
    french = shown(both, language="fr", columns=0)
    assert "en vigueur\tsilence, contre bob, par prof, depuis 20/11/2026 20:36:27; expulsion, contre" in french
    assert "since" not in shown(msgspec.structs.replace(told, sanctions=()))


def test_rows_within_a_row_told_briefly() -> None:
    """Of what is held in a channel the table says what it is and until when; its other rules, `lesson` lists."""
    held = LessonShown(kind="exam", channel="#dev", until=WHEN, write="staff", private="staff")
    row = ChannelInfo(
        name="#dev", kind="open", topic="", members=2, member=True, read_only=False, closed=False, lesson=held
    )
    lines = shown(ChannelsListed(channels=(row,)), columns=0).splitlines()
    assert lines[0].endswith("\tlesson")
    assert lines[1].endswith("\texam, until 2026-11-20 20:36:27")


def test_what_has_little_to_say() -> None:
    """Done, nothing, and a watch that begins."""
    assert shown(Done()) == "Done.\n"
    assert shown(SessionsListed(sessions=())) == "There is nothing to show.\n"
    assert shown(Watching()) == ""
    assert "note" in shown(Sanctioned(target="bob", until=None, hint=Text("x {y}", {"y": 1})))


def test_a_history() -> None:
    """One message a line: when, where, who, what; further lines are set back."""
    fields = {"message_id": 1, "sender": "bob", "content": "a\nb", "timestamp": WHEN}
    public = Said(subtype="channel", channel="#dev", to="#dev", **fields)  # type: ignore[arg-type]
    private = Said(subtype="private", channel=None, to="eve", **fields)  # type: ignore[arg-type]
    assert shown(HistoryRead(messages=(public, private), more=False)) == (
        "2026-11-20 20:36:27 #dev <bob> a\n    b\n2026-11-20 20:36:27 → eve <bob> a\n    b\n"
    )
    assert shown(HistoryRead(messages=(), more=False)) == "There is nothing to show.\n"


def test_json() -> None:
    """A table is an array of its rows, anything else an object, with the wire's names."""
    assert json.loads(as_json(ACCOUNTS)) == [{"name": "bob\x1b[2J", "role": "member", "online": True, "added": WHEN}]
    assert json.loads(as_json(Sanctioned(target="b", until=None, hint=Text("x {y}", {"y": 1}))))["hint"] == "x 1"
    assert json.loads(as_json(SessionsListed(sessions=()))) == []
    row = SessionInfo(session=1, name="", address="-", face="tcp", dialect="classic", since=WHEN, waiting=0)
    assert json.loads(as_json(SessionsListed(sessions=(row,))))[0]["waiting"] == 0
    refusal = Kicked(retry_after=2.5, lasting=Text("for good"), reason=Text("x"))
    assert json.loads(error_json(refusal, str))["error"]["retry_after"] == 2.5
    assert json.loads(error_json(NotFound(field="user", name="x"), str))["error"]["field"] == "user"
