"""The wiring of people's rights: erasing, holding, exporting, sweeping, backing up."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from countenance.authority import Act, Author, installed_rules, shipped_roles
from countenance.cases import (
    ErasureDesk,
    HoldDesk,
    RequestDesk,
    SubjectExporter,
    Sweeper,
    shipped_clocks,
)
from countenance.kernel import Clock, CountenanceError, SystemClock, new_id
from countenance.policy import RuleSet, Vocabulary
from countenance.runtime.metrics import Metrics
from countenance.runtime.opening import journal_path, open_store
from countenance.runtime.settings import Settings
from countenance.store import (
    BackupElsewhere,
    BackupRecord,
    JournaledBackup,
    Restored,
    Store,
    key_provider,
    replay_erasures,
    restore_backup,
)

__all__ = [
    "BackupDesk",
    "MadeBackup",
    "PeopleDesk",
    "SweepTimer",
    "open_people_desk",
    "people_desk",
    "replay",
    "restore",
]

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class MadeBackup:
    """A backup that was made.

    Attributes:
        backup_id: its identifier.
        last_day: until which day it is kept; then it has to be deleted.
        sha256: of the file, 64 hexadecimal digits.
    """

    backup_id: str
    last_day: date
    sha256: str


class BackupDesk:
    """Makes backups under roles, with the log and the journal.

    Args:
        store: what is backed up; never handed out.
        settings: say how long a backup is kept, and where the journal lies.
        clock: says what time it is.
    """

    __slots__ = ("_clock", "_settings", "_store")

    def __init__(self, *, store: Store, settings: Settings, clock: Clock) -> None:
        self._store = store
        self._settings = settings
        self._clock = clock

    def back_up(self, path: Path, *, author: Author) -> MadeBackup:
        """Write a sealed backup into a new file, while the server goes on.

        The journal and the log have it before the file is there: a backup that nobody knows of would be in
        no certificate.

        Raises:
            RoleMayNot: if the author's role may not.
            BackupElsewhere: if the records are on a database server.
            BackupUnreadable: if it can't be written.
            ErasureJournalMissing: if the journal can't be written.
        """
        shipped_roles().require(author.role, Act.BACK_UP)
        if self._settings.database is not None:
            raise BackupElsewhere("The records are on a PostgreSQL server.")
        now = self._clock.now()
        last_day = now.date() + timedelta(days=self._settings.backup_keep_days)
        backup = BackupRecord(new_id("bak"), now, last_day)
        with self._store.together():
            self._store.backups.add(backup)
            entry = {"backup": backup.backup_id, "by": str(author), "last_day": last_day.isoformat()}
            self._store.log.append("backup-made", entry)
            journal = self._store.journal(journal_path(self._settings))
            journal.backed_up(JournaledBackup(backup.backup_id, now, last_day))
        return MadeBackup(backup.backup_id, last_day, self._store.back_up(path, backup))


@dataclass(frozen=True, slots=True, eq=False)
class PeopleDesk:
    """What people may ask for, and what goes by itself.

    Attributes:
        erasures: erases, with a certificate.
        holds: places and lifts legal holds.
        exporter: gathers everything about a person.
        sweeper: lets go of what has to go.
        backups: makes backups.
        requests: takes people's requests and answers them.
    """

    erasures: ErasureDesk
    holds: HoldDesk
    exporter: SubjectExporter
    sweeper: Sweeper
    backups: BackupDesk
    requests: RequestDesk


def people_desk(
    settings: Settings,
    *,
    store: Store,
    rules: RuleSet,
    vocabulary: Vocabulary,
    clock: Clock,
    certified: Callable[[bool], None] | None = None,
) -> PeopleDesk:
    """Put the desks together over an open store; tell ``certified`` of each deletion certificate."""
    roles, journal = shipped_roles(), store.journal(journal_path(settings))
    sweeper = Sweeper(
        store=store,
        rules=rules,
        vocabulary=vocabulary,
        clock=clock,
        journal=journal,
        decision_keep=timedelta(days=settings.decision_keep_days),
        largest_jump=timedelta(days=settings.largest_clock_jump_days),
    )
    erasures = ErasureDesk(
        store=store, rules=rules, roles=roles, clock=clock, journal=journal, certified=certified
    )
    exporter = SubjectExporter(store=store, sweeper=sweeper, roles=roles, clock=clock)
    return PeopleDesk(
        erasures=erasures,
        holds=HoldDesk(store=store, roles=roles, clock=clock),
        exporter=exporter,
        sweeper=sweeper,
        backups=BackupDesk(store=store, settings=settings, clock=clock),
        requests=RequestDesk(
            store=store,
            erasures=erasures,
            exporter=exporter,
            rules=rules,
            clocks=shipped_clocks(),
            roles=roles,
            clock=clock,
        ),
    )


@contextmanager
def open_people_desk(settings: Settings, *, clock: Clock | None = None) -> Iterator[PeopleDesk]:
    """Open the installation's records, without networks, and yield the desks.

    Raises:
        ErasuresNotReplayed: if somebody put an earlier state of the store back.
        OperatorError: if the store can't be opened.
    """
    clock = clock or SystemClock()
    rules, vocabulary = installed_rules(settings.rules_folder)
    with open_store(settings, clock=clock) as store:
        yield people_desk(settings, store=store, rules=rules, vocabulary=vocabulary, clock=clock)


def restore(
    settings: Settings, path: Path, *, author: Author, journal: Path | None = None, clock: Clock | None = None
) -> Restored:
    """Put a backup back as the store of the installation; see :func:`countenance.store.restore_backup`.

    Args:
        settings: name the data folder, which has no store in it, the root key and the journal.
        path: the backup.
        author: who restores.
        journal: the erasure journal, where it isn't the one that the settings name.
        clock: says which day it is.

    Raises:
        RoleMayNot: if the author's role may not.
        BackupElsewhere: if the records are on a database server.
        OperatorError: if it can't be restored; then nothing was put in place.
    """
    shipped_roles().require(author.role, Act.BACK_UP)
    if settings.database is not None:
        raise BackupElsewhere("The records are on a PostgreSQL server.")
    return restore_backup(
        path,
        folder=settings.data_folder,
        journal=journal or journal_path(settings),
        key_provider=key_provider(settings.root_key),
        clock=clock or SystemClock(),
    )


def replay(settings: Settings, *, author: Author, clock: Clock | None = None) -> int:
    """Erase again what the journal says in a store that somebody put back; return in how many files.

    Raises:
        RoleMayNot: if the author's role may not.
        ErasureJournalMissing: if there is no journal.
        ErasureJournalBroken: if it was altered.
    """
    shipped_roles().require(author.role, Act.BACK_UP)
    provider, clock = key_provider(settings.root_key), clock or SystemClock()
    with Store.open(
        settings.data_folder, key_provider=provider, clock=clock, database_url=settings.database
    ) as store:
        return replay_erasures(store, store.journal(journal_path(settings)).read())


class SweepTimer:
    """Sweeps in the background while a server runs. A context manager.

    A sweep that fails is logged and tried again the next time; the server goes on.

    Args:
        sweeper: sweeps; nobody else may use this one meanwhile.
        seconds: between two sweeps.
        metrics: counts them.
    """

    __slots__ = ("_metrics", "_seconds", "_stop", "_sweeper", "_thread")

    def __init__(self, *, sweeper: Sweeper, seconds: float, metrics: Metrics | None = None) -> None:
        self._metrics = metrics
        self._sweeper = sweeper
        self._seconds = seconds
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sweeper", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        waiting: float = 0
        while not self._stop.wait(waiting):
            waiting = self._seconds
            try:
                swept = self._sweeper.sweep()
            except CountenanceError as error:
                _logger.warning("the sweep didn't run: %s", error.code)
                if self._metrics is not None:
                    self._metrics.sweep_failed(error.code)
            else:
                if self._metrics is not None:
                    self._metrics.swept(swept)
                gone = (swept.records, swept.decisions, swept.people, swept.references)
                _logger.info("swept: %d records, %d decisions, %d data keys, %d references", *gone)
