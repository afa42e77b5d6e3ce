"""What a server does, and may refuse, before it runs: it locks its folder and restores its hub.

Knows no reactor; a command for a stopped server begins in the same way.
"""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import datetime, timezone
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from twisted.logger import Logger

from classcord import __version__
from classcord.chat.audit import trail
from classcord.chat.effects import Commit
from classcord.chat.hub import Hub
from classcord.chat.policy import FileLimits, Policy
from classcord.chat.retention.vocabulary import PurgeEnded
from classcord.chat.roles import Role
from classcord.chat.text import N_
from classcord.language import translator
from classcord.server import first_start as beginning
from classcord.server.web_address import web_address
from classcord.services.administration.admin_keys import AdminKeys
from classcord.services.administration.signing_keys import signing_key
from classcord.services.passwords.local import CONTEXT, one_time_password
from classcord.services.process.datafolder import DataFolder
from classcord.services.process.network_cards import addresses
from classcord.services.retention.purged_list import PurgedList
from classcord.services.tls.certificates import CertificateError, follow, make_again, make_self_signed
from classcord.settings.listen_addresses import listen_address
from classcord.store.ports import StoreError
from classcord.store.urls import store_at

if TYPE_CHECKING:
    from classcord.settings import Settings
    from classcord.store.ports import Outcomes, Store, Stored

log = Logger()


def policy(settings: Settings) -> Policy:
    """Return the part of the settings that decisions depend on."""
    limits, accounts, files = settings.limits, settings.accounts, settings.files
    return Policy(
        name=settings.server.name,
        version=__version__,
        motd=settings.server.motd,
        language=settings.server.language,
        erased_name=translator(settings.server.language)(N_("(former member {number})")),
        registration=accounts.registration,
        guests=accounts.guests,
        min_password=accounts.min_password,
        other_logins=bool(settings.ldap.urls or settings.login_program.command),
        create_channel=Role.of(settings.channels.create),
        send_files=Role.of(files.send),
        write_at_any_time=Role.of(settings.quiet_hours.exempt),
        content_chars=limits.content_chars,
        line_bytes=limits.line_bytes,
        messages_per_second=limits.messages_per_second if limits.burst else 0,
        burst=limits.burst,
        heartbeat=limits.heartbeat,
        bad_lines=limits.bad_lines,
        history_lines=limits.history_lines,
        private_policy=settings.private_messages.policy,
        announce_below=limits.announce_below,
        registrations_per_hour=limits.registrations_per_hour,
        stored_bytes_per_day=limits.stored_bytes_per_day,
        channels_per_address=limits.channels_per_address,
        listed_channels=tuple(channel.name for channel in settings.channels.listed),
        session_days=accounts.session_days,
        request_days=settings.channels.request_days,
        files=FileLimits(
            accepted=files.accept,
            file_bytes=files.file_bytes,
            bytes_per_day=files.bytes_per_day,
            channel_bytes_per_day=files.channel_bytes_per_day,
            kinds=files.kinds,
        ),
        web_address=web_address(settings),
        help_number=settings.reports.help_number,
        retention=settings.retention.durations(),
        shared_networks=limits.shared_addresses,
    )


class Prepared:
    """A data folder that is locked, and the hub restored from it."""

    def __init__(self, settings: Settings, folder: DataFolder, store: Store, hub: Hub, stored: Stored) -> None:
        self.settings = settings
        self.folder = folder
        self.store = store
        self.hub = hub
        self.backup = stored.backup
        self.keeps_space = stored.keeps_space

    def tell_upgrade(self) -> None:
        """Write into the log what became of an older database."""
        if self.backup is not None:
            log.warn("the database was upgraded; its backup is {backup}", backup=self.backup)
        if self.keeps_space is not None:
            log.warn(
                "the database file will not become smaller when messages go, as it could not be written anew ({why}); "
                "the next start tries again",
                why=self.keeps_space.render(),
            )

    def purge_again(self, now: float) -> None:
        """Remove what an older backup has brought back, before anybody reads it."""
        purged = PurgedList((self.folder.path, self.folder.backups))
        purged.read()
        runs = self.hub.state.purges
        run = purged.run_again(runs, now)
        if run is None:
            return
        log.warn("an older database is back; what has had its time is removed again before anybody reads it")
        if runs.under_way:
            self._sweep(runs.number, now)
        self.keep([Commit(None, (run,))])
        self._sweep(run.number, now)

    def _sweep(self, number: int, now: float) -> None:
        """Take all steps of the run that is under way, and end it."""
        counts = self.store.sweep(partial(signing_key, self.folder.path))
        end = PurgeEnded(number=number, at=int(now * 1000), gone=counts)
        self.keep([Commit(None, (end, *trail.entries(self.hub, (end,), None, now)))])

    def keep(self, commits: list[Commit]) -> Outcomes:
        """Store and apply commits while no server runs; return the errors of refused ones, by index."""
        outcomes = self.store.write_now(commits)
        for place, commit in enumerate(commits):
            if place not in outcomes:
                self.hub.restore(commit.records)
        return outcomes


def prepare(settings: Settings, data: Path, *, anew: bool = False) -> Prepared:
    """Create or open the data folder; DataFolderError, StoreError or CertificateError if it cannot be used.

    `anew`: if a server has run here and its database is missing, create a new one instead of refusing.
    """
    folder = DataFolder(data)
    folder.hold()
    try:
        store = store_at(settings.storage.url, folder.path, synchronous=settings.storage.synchronous)
        if not anew:
            folder.check_not_lost(store.file, store.log)
        return _prepared(settings, folder, store)
    except BaseException as error:
        folder.release()
        if isinstance(error, OSError):
            raise folder.unusable(error) from None
        raise


def _prepared(settings: Settings, folder: DataFolder, store: Store) -> Prepared:
    folder.make_folders(store.file)
    stored = store.prepare(folder.backups)
    hub = Hub(policy(settings), stored.last)
    hub.restore(stored.records)
    hub.reserved = frozenset(AdminKeys(Path(settings.ssh.keys)).files)
    prepared = Prepared(settings, folder, store, hub, stored)
    now = time.time()
    prepared.purge_again(now)
    commits = beginning.channels(hub, settings.channels.listed, now)
    if commits:
        prepared.keep(commits)
    if not hub.state.accounts:
        password = one_time_password()
        beginning.keep_password(folder.first_password, password)
        if prepared.keep(beginning.first_account(hub, CONTEXT.hash(password), now)):
            raise StoreError(N_("{database}: the first account could not be made"), database=store.file)
    tls, moment, names = settings.tls.path(folder.path), datetime.now(timezone.utc), [settings.server.name]
    if not make_self_signed(tls, moment, names):
        with suppress(CertificateError):  # the existing certificate stays
            if not make_again(tls, moment, names):
                places = map(listen_address, settings.listen.encrypts())
                hosts = [place.host for place in places if place and place.port]
                follow(tls, moment, names, addresses(hosts))
    return prepared
