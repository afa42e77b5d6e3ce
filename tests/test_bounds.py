"""Whatever can grow in the running server has a bound, and docs/SECURITE.md says who can use it up.

A container that a class begins empty grows by what somebody does. Each is listed here with what bounds it: a constant
or a setting, something else that is bounded (connections, accounts, channels), or that only the code or those who
administer add to it. A new one is a failure until somebody has asked who can fill it alone.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from classcord.chat.channels.bounds import MOST_CHANNELS, MOST_OWN_CHANNELS
from classcord.chat.held_messages.room import FOR_A_TIME, FOR_PEOPLE
from classcord.chat.identity.rules import MOST_SESSIONS
from classcord.chat.invitation_codes.vocabulary import MOST_CODES
from classcord.chat.join_requests.rules import MOST_ASKED
from classcord.chat.limits import Allowances, LoginThrottle
from classcord.chat.messages.rules import MOST_KEPT
from classcord.chat.paces import CHANGES_A_SECOND, CHANGES_AT_ONCE, LOGINS
from classcord.chat.presence.newcomers import MOST_AWAY
from classcord.chat.quotas import CROWD, ROW, SOURCE
from classcord.chat.resuming.issuing import MOST_GUEST_TOKENS, MOST_GUESTS, MOST_TOKENS
from classcord.chat.revisions.rules import MOST_EDITS
from classcord.chat.search.rules import SEARCHES
from classcord.services.chat.journal import Journal
from classcord.services.chat.lookups import SLOW
from classcord.services.chat.pipeline import MOST_IN_FLIGHT
from classcord.services.chat.visits import MOST as MOST_VISITS
from classcord.services.files.keeping import MOST as MOST_TRANSFERS
from classcord.services.passwords.directory.directory import QUEUE as DIRECTORY_QUEUE
from classcord.services.passwords.local import QUEUE
from classcord.services.passwords.program import QUEUE as PROGRAM_QUEUE
from classcord.services.security.blocking import ADDRESSES
from classcord.settings import LimitsSettings
from classcord.settings.schema import FilesSettings

ROOT = Path(__file__).parents[1]
FOLDERS = ("chat", "services", "console", "faces", "server", "store")
MAKERS = frozenset({"dict", "set", "list", "OrderedDict", "deque", "Counter", "defaultdict"})

BOUNDED_BY = {
    "chat/join_requests/undecided:JoinRequests._requests": "MOST_ASKED of an account, and what it has not heard of",
    "chat/reports/filed:FiledReports._open": "MOST_OPEN",
    "chat/reports/filed:FiledReports._untold": "MOST_OPEN_OF_ONE of an account that is away",
    "chat/held_messages/waiting_messages:HeldMessages._messages": "room.FOR_PEOPLE, room.FOR_A_TIME, a share of each",
    "chat/held_messages/waiting_messages:HeldMessages._named": "held messages",
    "chat/held_messages/waiting_messages:HeldMessages._of": "held messages",
    "chat/held_messages/waiting_messages:HeldMessages._shares": "held messages",
    "chat/held_messages/waiting_messages:HeldMessages._by_person": "held messages",
    "chat/held_messages/waiting_messages:HeldMessages._for_a_time": "held messages",
    "chat/held_messages/waiting_messages:HeldMessages._reasons": "held messages",
    "chat/held_messages/waiting_messages:HeldMessages._channels": "held messages",
    "chat/held_messages/waiting_messages:HeldMessages._leaving": "held messages",
    "chat/word_list/words:WordList._entries": "word_list.MOST of a file",
    "chat/word_list/words:WordList._lengths": "word_list.MOST of a file",
    "chat/word_list/words:WordList._beginnings": "word_list.MOST of a file",
    "chat/world:World.holding": "the rules that hold messages",
    "chat/invitation_codes/kept_codes:KeptCodes._by_id": "MOST_CODES of a maker, MOST_OF_ALL",
    "chat/invitation_codes/kept_codes:KeptCodes._by_code": "MOST_CODES of a maker, MOST_OF_ALL",
    "chat/channels/channel:Channel.members": "accounts",
    "chat/channels/channel:Channel.moderators": "members",
    "chat/people:Account.moderates": "channels",
    "chat/channels/vocabulary:MembersListed.roles": "an answer: the members of a channel",
    "chat/channels/vocabulary:MembersListed.states": "an answer: the members of a channel",
    "chat/channels/channel:Channel.sessions": "connections",
    "services/documents/pdf:Document._parts": "what its maker puts in it",
    "services/files/keeping:KeptFiles._transfers": "keeping.MOST",
    "services/passwords/directory/circuit:Circuit._failed": "the URLs of the settings",
    "services/passwords/program:ProgramPasswords._running": "[login_program] at_once",
    "services/files/keeping:KeptFiles._owners": "transfers",
    "services/files/keeping:KeptFiles._arrived": "what arrives during one comparison, and each hour",
    "services/files/transfers:Transfer._waiting": "MOST_WAITING; then nothing is read",
    "chat/files/quotas_of_files:FileQuotas._quotas": "quotas_of_files.REMEMBERED",
    "chat/files/uploads:Uploads._uploads": "uploads.MOST_OF_ONE of each account, and MOST of all",
    "chat/files/uploads:Uploads._owners": "uploads",
    "chat/accounts/left_people:LeftPeople._left": "MOST",
    "chat/channels/left_names:LeftNames._left": "MOST",
    "chat/limits:Allowances._buckets": "Allowances.KEYS",
    "chat/limits:Sparing._room": "Sparing.KINDS",
    "chat/limits:Sparing._left_out": "Sparing.KINDS",
    "chat/limits:LoginThrottle._failures": "LoginThrottle.PAIRS",
    "chat/quotas:Quotas._quotas": "quotas.REMEMBERED",
    "chat/resuming/vocabulary:WhatWasMissed.details": "an answer: the messages of one replay",
    "chat/sanctions/in_force:Sanctions._by_id": "staff",
    "chat/sanctions/in_force:Sanctions._names": "staff",
    "chat/sanctions/in_force:Sanctions._networks": "staff",
    "chat/lessons/held:Lessons._held": "vocabulary.MOST_HELD",
    "chat/lessons/held:Lessons.ending": "vocabulary.MOST_HELD",
    "chat/lessons/held:Lessons.orphaned": "vocabulary.MOST_HELD",
    "chat/people:Account.channels": "channels",
    "chat/people:Person.sessions": "identity.MOST_SESSIONS",
    "chat/state:State.accounts": "registrations_per_hour of each address",
    "chat/state:State.accounts_by_id": "accounts",
    "chat/state:State.aliases": "accounts: one each",
    "chat/state:State.blocks": "accounts: block_lists.rules.MOST of each",
    "chat/state:State._looks": "accounts, and staff who have keys",
    "chat/state:State.people": "connections",
    "chat/state:State.away": "connections",
    "chat/state:State._visible": "connections",
    "chat/state:State.channels": "MOST_OWN_CHANNELS, channels_per_address",
    "chat/state:State.channels_by_id": "channels",
    "chat/state:State.erased": "accounts that there were: each is erased once",
    "services/backups/erased_list:ErasedList._known": "MOST_BYTES of a file; accounts that there were",
    "chat/state:State.removed": "removal.REMEMBERED",
    "chat/state:State.promised": "connections: one change of each is under way",
    "chat/state:State.sessions": "connections",
    "chat/state:State.arriving": "connections: one change of each is under way",
    "chat/state:State.operators": "[ssh] max_connections",
    "chat/state:State.confined": "connections",
    "chat/state:State.kept": "messages stored: MOST_KEPT of each author",
    "chat/state:State.switches": "code",
    "chat/resuming/tokens:Tokens._by_id": "MOST_TOKENS of an account, MOST_GUEST_TOKENS of a source, MOST_GUESTS",
    "chat/resuming/tokens:Tokens._by_digest": "MOST_TOKENS of an account, MOST_GUEST_TOKENS of a source, MOST_GUESTS",
    "chat/resuming/tokens:Tokens._by_session": "MOST_TOKENS of an account, MOST_GUEST_TOKENS of a source, MOST_GUESTS",
    "chat/resuming/tokens:Tokens._of_owners": "MOST_TOKENS of an account, MOST_GUEST_TOKENS of a source, MOST_GUESTS",
    "chat/text:Text.values": "code",
    "console/lineedit/typeahead:TypeAhead._keys": "operators: MAX_LINE, max_sessions, max_connections",
    "console/lineedit/editor:Editor._outcomes": "operators: MAX_LINE, max_sessions, max_connections",
    "console/lineedit/line_history:LineHistory._entries": "operators: MAX_LINE, max_sessions, max_connections",
    "console/lineedit/line:Line.glyphs": "operators: MAX_LINE, max_sessions, max_connections",
    "console/notices:Notices._kept": "notices.TOLD_LATER",
    "console/tools:Tools.prompts": "operators: MAX_LINE, max_sessions, max_connections",
    "console/views:_Lines._waiting": "operators: MAX_LINE, max_sessions, max_connections",
    "faces/control/socket:Control._when_ready": "operators: MAX_LINE, max_sessions, max_connections",
    "faces/pacing:Pacing._lines": "MOST_LINES, MOST_BYTES: what comes beyond them is written at once",
    "faces/pacing:Pacing._marks": "portions of kept messages: each has a line that waits",
    "faces/outbox:Outbox._uncounted": "[limits] outbox_bytes: each has data that wait",
    "faces/outbox:BoundedOutbox._queue": "[limits] outbox_bytes",
    "faces/ssh/session_channel:SessionChannel._environment": "operators: MAX_LINE, max_sessions, max_connections",
    "faces/ssh/session_channel:SessionChannel._when_ready": "operators: MAX_LINE, max_sessions, max_connections",
    "faces/ssh/session_channel:SessionChannel._input": "operators: MAX_LINE, max_sessions, max_connections",
    "faces/ssh/operator_connection:OperatorConnection._begun": "operators: MAX_LINE, max_sessions, max_connections",
    "faces/ssh/server:AdminSSHFactory._transports": "operators: MAX_LINE, max_sessions, max_connections",
    "faces/ssh/sftp:SFTPSession.openFiles": "operators: MAX_LINE, max_sessions, max_connections",
    "faces/ssh/sftp:SFTPSession.openDirs": "operators: MAX_LINE, max_sessions, max_connections",
    "faces/ssh/sftp_files:Files._open": "operators: MAX_LINE, max_sessions, max_connections",
    "faces/ssh/time_slices:TimeSlices._waiting": "operators: MAX_LINE, max_sessions, max_connections",
    "console/commands/arguments:Arguments._places": "operators: MAX_LINE",
    "console/commands/arguments:Arguments._values": "operators: MAX_LINE",
    "server/administration:AdminServices._opened": "code: one for each listener",
    "server/listening:Listeners.listening": "code: one for each listener",
    "server/listening:Listeners._faces": "code: one for each listener",
    "services/administration/admin_keys:AdminKeys._keys": "staff: files of admin_keys/",
    "services/administration/admin_keys:AdminKeys.files": "staff: files of admin_keys/",
    "services/administration/admin_keys:AdminKeys.problems": "staff: files of admin_keys/",
    "services/alerts/alerts:AlertState.told": "code: one for each kind of alert, and per_hour",
    "services/alerts/alerts:AlertState.sent": "code: one for each kind of alert, and per_hour",
    "services/alerts/alerts:AlertState.left_out": "code: one for each kind of alert, and per_hour",
    "services/alerts/alerts:Alerts.left_out": "code: one for each kind of alert, and per_hour",
    "services/alerts/alerts:Alerts._lasting": "code: one for each kind of alert, and per_hour",
    "services/alerts/alerts:Alerts._ended": "code: one for each kind of alert, and per_hour",
    "services/alerts/mail:MailQueue._waiting": "MailQueue.MOST_WAITING",
    "services/alerts/troubles:GuessingWatch._failures": "GuessingWatch.MANY, GuessingWatch.BLOCKS",
    "services/alerts/troubles:GuessingWatch._blocks": "GuessingWatch.MANY, GuessingWatch.BLOCKS",
    "services/chat/administrators:Administrators._storage_watchers": "code",
    "services/chat/answers:Answers.refusals": "code: one for each error code",
    "services/administration/countdown:Countdown._calls": "staff",
    "services/chat/local_session:LocalSession._asked": "operators",
    "services/chat/replays:Replaying._then": "MOST_HELD: each has messages that are held",
    "services/chat/replays:Replaying._held": "MOST_HELD: beyond it, the replay is left out",
    "services/chat/receipts:_OnItsWay.connections": "identity.MOST_SESSIONS",
    "services/chat/receipts:Receipts._on_their_way": "[limits] outbox_bytes, and what the kernel holds of a connection",
    "services/chat/receipts:Receipts._written": "[limits] outbox_bytes, and what the kernel holds of a connection",
    "services/chat/receipts:Receipts._delivered": "one group of the journal (500 commits)",
    "services/chat/heartbeats:Heartbeats._beats": "connections",
    "services/chat/heartbeats:Heartbeats._looks": "connections",
    "services/chat/batch:Batch.events": "one group of the journal (500 commits)",
    "services/chat/batch:Batch.indexes": "one group of the journal (500 commits)",
    "services/chat/batch:Batch.own": "one group of the journal (500 commits)",
    "services/chat/batch:Batch._chunks": "one group of the journal (500 commits)",
    "services/chat/batch:Batch._joined": "one group of the journal (500 commits)",
    "services/chat/waiting_presence:WaitingPresence._heard": "connections",
    "services/chat/waiting_presence:WaitingPresence._tails": "waiting_presence.MOST",
    "services/process/fair_queue:FairQueue._groups": "accounts.QUEUE, lookups.SLOW",
    "services/process/fair_queue:FairQueue._sizes": "accounts.QUEUE, lookups.SLOW",
    "services/chat/fanout:Fanout._waiting": "fanout.MOST_CHANNELS",
    "services/chat/fanout:Fanout._batches": "one group of the journal (500 commits)",
    "services/chat/fanout:Fanout._answers": "one group of the journal (500 commits)",
    "services/process/logs:LogFiles._missing": "code",
    "services/process/logs:Outputs._observers": "code",
    "services/monitoring/figures:Figures._samples": "code",
    "services/monitoring/json_places:JSONGroup.fields": "code",
    "services/monitoring/metrics:Metrics._logins": "code",
    "services/monitoring/metrics:Metrics._sanctions": "code",
    "services/monitoring/tailing:LiveTail._elsewhere": "operators",
    "services/monitoring/tailing:Busiest._counts": "channels",
    "services/monitoring/tracing:_Tap._traces": "operators: what they watch",
    "services/monitoring/tracing:LiveTrace._connections": "operators: what they watch",
    "services/monitoring/tracing:LiveTrace._taps": "operators: what they watch",
    "services/chat/connection:Connection.backlog": "pipeline.MOST_BACKLOG, and what one read brings",
    "services/chat/connection:ConnectionTable.open": "[limits] connections",
    "services/chat/connection:ConnectionTable._of": "connections, and those that are gone while a commit is under way",
    "services/chat/connection_limits:ConnectionLimits._by_address": "connections",
    "services/security/blocking:BlockedAddresses._failures": "ADDRESSES, FAILURES, NAMES and totals (blocking.py)",
    "services/security/blocking:BlockedAddresses._known": "ADDRESSES, FAILURES, NAMES and their totals (blocking.py)",
    "services/security/blocking:BlockedAddresses._blocks": "ADDRESSES, FAILURES, NAMES and their totals (blocking.py)",
    "services/security/blocking:BlockedAddresses._guesses": "ADDRESSES, FAILURES, NAMES and their totals (blocking.py)",
    "services/security/blocking:BlockedAddresses.closers": "code",
    "services/chat/strangers:_Source.silent": "connections",
    "services/chat/strangers:_Source.guests": "connections",
    "services/chat/strangers:_Source.quiet": "connections",
    "services/chat/strangers:Strangers._sources": "connections",
    "services/chat/strangers:Strangers._silent": "connections",
    "services/chat/strangers:Strangers._by_size": "connections",
    "services/security/gate:Gate.closers": "code",
    "services/security/security_events:SecurityEvents._subscribers": "code",
    "services/process/logs:Outputs._spared": "code: one for each output",
    "services/process/optional_files:OptionalFile._told": "code: one for each file",
    "services/chat/pipeline:Pipeline.lookups": "connections: one each",
    "services/chat/journal:Journal._waiting": "Journal.MOST_WAITING",
    "services/chat/journal:Journal._when_idle": "code",
    "services/chat/journal:Journal.groups": "code",
    "services/chat/journal:Journal.watchers": "code",
    "store/sqlite/removing:Removing.watchers": "code",
    "store/sqlite/database_files:DatabaseFiles._beside": "code: the files beside the database",
    "store/sqlite/audit_chain:_Walk._hashes": "a page of the trail at a time",
    "store/sqlite/audit_chain:_Walk._findings": "a page of the trail at a time",
    "chat/world:World.renewing": "connections: one change of each is under way",
    "chat/world:World.key_roles": "staff who have keys",
    "services/chat/service:ChatService.newcomers": "code: who watches",
    "faces/status:StatusFactory.begun": "status.CONNECTIONS",
    "faces/web/site:WebSite.visits": "visits.MOST",
    "services/chat/visits:Visits._by_source": "visits.MOST, the largest source's oldest gives way",
    "console/lineedit/pasting:Paste._rest": "pasting.LONGEST",
}


def _begins_empty(value: ast.expr | None) -> bool:
    if isinstance(value, ast.Dict):
        return not value.keys
    if isinstance(value, (ast.List, ast.Set)):
        return not value.elts
    if not isinstance(value, ast.Call):
        return False
    made = [value.func, *(word.value for word in value.keywords if word.arg == "default_factory")]
    return any(
        (n.id if isinstance(n, ast.Name) else n.attr if isinstance(n, ast.Attribute) else "") in MAKERS for n in made
    )


def _growing(file: Path) -> Iterator[str]:
    """Yield each attribute of a class in this file that begins as an empty container."""
    module = file.relative_to(ROOT / "classcord").with_suffix("").as_posix()
    for kind in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if not isinstance(kind, ast.ClassDef):
            continue
        for line in ast.walk(kind):
            if not isinstance(line, (ast.Assign, ast.AnnAssign)) or not _begins_empty(line.value):
                continue
            for target in line.targets if isinstance(line, ast.Assign) else [line.target]:
                if isinstance(target, ast.Attribute):
                    yield f"{module}:{kind.name}.{target.attr}"
                elif isinstance(target, ast.Name) and line in kind.body:
                    yield f"{module}:{kind.name}.{target.id}"


def test_whatever_grows_has_a_bound() -> None:
    """Each container of the running program is listed above, and nothing else is."""
    files = (file for folder in FOLDERS for file in sorted((ROOT / "classcord" / folder).rglob("*.py")))
    found = {each for file in files for each in _growing(file)}
    assert found - set(BOUNDED_BY) == set(), "who can fill it alone, and who is shut out then? Say what bounds it"
    assert set(BOUNDED_BY) - found == set()


PAGE = (ROOT / "docs" / "SECURITE.md").read_text(encoding="utf-8").replace("\u00a0", " ").replace("\u202f", " ")
SECTION = re.split(r"\n###? ", PAGE.partition("## Ce qu’une personne peut épuiser\n")[2])[0]


def _number(number: float) -> str:
    return f"{int(number):,}".replace(",", " ")


LIMITS, FILES = LimitsSettings(), FilesSettings()
FIGURES = {
    "connexions du serveur": LIMITS.connections,
    "connexions d’une adresse": LIMITS.connections_per_address,
    "connexions qui lisent la page": MOST_VISITS,
    "connexions d’un compte": MOST_SESSIONS,
    "comptes faits d’une adresse": LIMITS.registrations_per_hour,
    "codes d’invitation d’une personne": MOST_CODES,
    "salons d’un membre": MOST_OWN_CHANNELS,
    "salons d’une adresse": LIMITS.channels_per_address,
    "salons en tout": MOST_CHANNELS,
    "octets d’un compte": LIMITS.stored_bytes_per_day / 1_000_000,
    "octets des invités d’une adresse": LIMITS.stored_bytes_per_day / 1_000_000,
    "octets d’une adresse": LIMITS.stored_bytes_per_day * SOURCE / 1_000_000,
    "octets des invités d’une adresse partagée": LIMITS.stored_bytes_per_day * CROWD / 1_000_000,
    "fichiers d’un compte": FILES.bytes_per_day / 1_000_000,
    "fichiers d’un salon": FILES.channel_bytes_per_day / 1_000_000,
    "fichiers en tout": FILES.total,
    "téléversements à la fois": MOST_TRANSFERS,
    "connexions à un compte": LOGINS,
    "changements de qui administre": CHANGES_AT_ONCE,
    "octets de qui administre": LIMITS.stored_bytes_per_day * SOURCE / 1_000_000,
    "messages gardés pour un absent": MOST_KEPT,
    "messages qui attendent un modérateur": FOR_PEOPLE.messages_of_one,
    "messages qui attendent la fin de la pause": FOR_A_TIME.messages_of_one,
    "modifications d’un message": MOST_EDITS,
    "demandes d’admission": MOST_ASKED,
    "sessions à reprendre d’un compte": MOST_TOKENS,
    "sessions à reprendre des invités d’une adresse": MOST_GUEST_TOKENS,
    "sessions à reprendre de tous les invités": MOST_GUESTS,
    "mots de passe à hacher": QUEUE,
    "connexions à l’annuaire": DIRECTORY_QUEUE,
    "connexions par le programme": PROGRAM_QUEUE,
    "recherches d’une personne": SEARCHES,
    "recherches en attente": SLOW,
    "essais manqués retenus": LoginThrottle.PAIRS,
    "adresses bloquées, connues, qui échouent": ADDRESSES,
    "états des autres, dits à l’arrivée": MOST_AWAY,
    "ce qu’un client n’a pas lu": LIMITS.outbox_bytes / 2**20,
    "ce qui attend le disque": Journal.MOST_WAITING,
}


@pytest.mark.parametrize("what", FIGURES)
def test_the_page_has_the_figure(what: str) -> None:
    """The table of docs/SECURITE.md has a row for each bound, with its default."""
    row = re.search(rf"^\| {re.escape(what)} \| ([^|]*) \|", SECTION, re.MULTILINE)
    assert row is not None, what
    assert row[1].startswith(_number(FIGURES[what]))


def test_the_page_has_no_other_row() -> None:
    rows = re.findall(r"^\| ([^|]*) \|", SECTION, re.MULTILINE)
    assert set(rows) - {"ce qui a une fin", "---"} == set(FIGURES)


def test_the_other_figures_of_the_page() -> None:
    """What a row costs, an address's share of channels, the in-flight commits, and the worst day: twice the share."""
    day = LIMITS.stored_bytes_per_day / 1_000_000
    assert f"Une ligne vide compte {ROW} octets" in SECTION.replace("\n", " ")
    assert f"jamais plus de {MOST_CHANNELS // 2}" in SECTION
    assert f"{MOST_IN_FLIGHT} par connexion" in SECTION
    assert f"{_number(2 * day)} Mo, celui d’une adresse de {_number(2 * day * SOURCE)} Mo" in SECTION
    assert f"{_number(24 * 3_600 * CHANGES_A_SECOND + CHANGES_AT_ONCE)} changements" in SECTION
    assert f"{_number(25 * LOGINS)} connexions" in SECTION
    assert Allowances.KEYS == LoginThrottle.PAIRS
