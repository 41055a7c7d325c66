"""The store as one object: a data folder opened with its root key.

Rules kept here:

* The root key unwraps the master key of the deployment; keys for MACs, data keys and the signing key hang
  below the master key, each under its own label. With another root key nothing opens.
* The root key isn't in the data folder.
* The deployment's own row is checked before anything else is read: its id, and whether it is a demo's.
* Closing empties the write-ahead log into the database file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import select
from sqlalchemy.orm import Session

from countenance.kernel import Clock, DeploymentId, KeyProvider, canonical_json, new_id, sha256_hex
from countenance.store._models import Base, BelievedRow, DeploymentRow
from countenance.store.acts import DecisionRecords, DutyRecords, PermitRecords
from countenance.store.api_keys import ApiKeyRecords
from countenance.store.at_work import AtWork
from countenance.store.backup import (
    BACKUP_KIND,
    BackupFile,
    BackupRecord,
    BackupRecords,
    backup_key,
    master_context,
)
from countenance.store.case_steps import CaseSteps
from countenance.store.comparison_dues import ComparisonDues
from countenance.store.database import Database
from countenance.store.directory import DeviceRecords, PlaceRecords, PurposeRecords
from countenance.store.enrolments import DeviceEnrolments
from countenance.store.erasure import Erasures
from countenance.store.erasure_journal import ErasureJournal
from countenance.store.error_tables import OwnErrorTables
from countenance.store.errors import (
    KeyNotUnwrapped,
    RecordTampered,
    RootKeyWrong,
    SealBroken,
    StoreExists,
    StoreMissing,
    StoreUnreadable,
)
from countenance.store.evidence import EvidenceRecords
from countenance.store.holds import HoldRecords
from countenance.store.integrity import RowMac
from countenance.store.key_providers import key_provider as provider_named
from countenance.store.liveness_attempts import LivenessAttempts
from countenance.store.log import TransparencyLog
from countenance.store.look_alikes import LookAlikes
from countenance.store.outside import OutsideIssuers
from countenance.store.pass_revocations import PassRevocations
from countenance.store.population import Population
from countenance.store.postgresql import PostgresqlDatabase
from countenance.store.purpose_keys import PurposeKeys
from countenance.store.references import ReferenceRecords
from countenance.store.retention_items import RetentionRecords
from countenance.store.root_key import RootKey, refuse_key_inside
from countenance.store.sealing import derive_key, new_key, seal, unseal
from countenance.store.signing import Ed25519Signer, new_signing_key
from countenance.store.sqlite import DATABASE_FILE, SqliteDatabase, check_modes, create_file, make_folder
from countenance.store.values import Deployment
from countenance.store.vault import Vault
from countenance.store.wire import Wire

__all__ = ["Store", "TamperedRow"]

_MAC_KEY = "record-mac"
_COUNTS_CHECKPOINTS = "r0005"
"""The first schema that counts the checkpoints which were kept."""
_DATA_KEY_WRAPPING = "data-key-wrapping"
_WIRE = "wire"
_SIGNING_KEY_WRAPPING = "signing-key-wrapping"


@dataclass(frozen=True, slots=True)
class TamperedRow:
    """A row that isn't as this deployment wrote it.

    Attributes:
        table: in which table.
        identifier: its primary key as text.
    """

    table: str
    identifier: str


class Store:
    """Records, vault, signer and log of one deployment. Make one with :meth:`create` or :meth:`open`.

    A context manager; safe to use from several threads. Several processes may have the same folder open.

    Attributes:
        deployment: which deployment this is.
        purposes: the registered purposes.
        places: the registered places.
        devices: the registered devices.
        evidence: what is on file.
        enrolments: the devices' keys and status.
        issuers: bodies outside that vouch for records.
        permits: what was permitted, and how often it was used.
        duties: what has to be done after an act.
        decisions: what was decided, sealed.
        api_keys: who may call.
        vault: seals values for a subject and a purpose.
        signer: signs statements of this deployment.
        log: the transparency log.
        holds: whose records are held back from erasure.
        cases: incidents and people's requests, step by step.
        backups: which backups were made.
        retention: what is held about people, and how late it has been.
        erasures: erases people.
        population: how many people something is held about.
        root_key: wraps all other keys; can be replaced.
        at_work: which processes of this machine may have pictures in memory.
        wire: seals what processes of this deployment say to each other.
        purpose_keys: what protects the templates of one purpose apart from those of others.
        references: the enrolled references, sealed.
        pass_revocations: the holder passes that were taken back.
        error_tables: what this deployment measured on its own people.
        look_alikes: which references were close to one another when the later one was enrolled.
        comparison_dues: until when the comparisons that were asked for reach, by keyed names.
        liveness_attempts: how often liveness was tried, by keyed names.
    """

    def __init__(
        self,
        *,
        database: Database,
        deployment: Deployment,
        keys: _Keys,
        root: KeyProvider,
        provider_of: Callable[[str], KeyProvider],
        clock: Clock,
        folder: Path,
    ) -> None:
        self._database = database
        self._row_mac = keys.row_mac
        self.deployment = deployment
        self.signer = Ed25519Signer(private_key=keys.signing_key)
        self.vault = Vault(
            database=database,
            wrapping_key=keys.data_key_wrapping,
            deployment=deployment.deployment_id,
            row_mac=keys.row_mac,
            clock=clock,
        )
        self.purposes = PurposeRecords(database=database, row_mac=keys.row_mac)
        self.places = PlaceRecords(database=database, row_mac=keys.row_mac)
        self.devices = DeviceRecords(database=database, row_mac=keys.row_mac)
        self.evidence = EvidenceRecords(
            database=database, row_mac=keys.row_mac, vault=self.vault, demo=deployment.demo
        )
        self.enrolments = DeviceEnrolments(database=database, row_mac=keys.row_mac, evidence=self.evidence)
        self.issuers = OutsideIssuers(database=database, row_mac=keys.row_mac, evidence=self.evidence)
        self.permits = PermitRecords(database=database, row_mac=keys.row_mac)
        self.duties = DutyRecords(database=database, row_mac=keys.row_mac)
        self.decisions = DecisionRecords(database=database, row_mac=keys.row_mac)
        self.api_keys = ApiKeyRecords(database=database, row_mac=keys.row_mac)
        self.log = TransparencyLog(
            database=database,
            signer=self.signer,
            vault=self.vault,
            deployment=deployment.deployment_id,
            clock=clock,
            row_mac=keys.row_mac,
        )
        self._backup_key = keys.backup
        self.holds = HoldRecords(database=database, row_mac=keys.row_mac, vault=self.vault)
        self.cases = CaseSteps(database=database, row_mac=keys.row_mac, vault=self.vault)
        self.backups = BackupRecords(database=database, row_mac=keys.row_mac)
        self.population = Population(database=database)
        self.retention = RetentionRecords(database=database, row_mac=keys.row_mac, log=self.log)
        self.purpose_keys = PurposeKeys(
            database=database,
            row_mac=keys.row_mac,
            deployment=deployment.deployment_id,
            root=root,
            provider_of=provider_of,
            clock=clock,
        )
        self.root_key = RootKey(
            database=database,
            row_mac=keys.row_mac,
            deployment=deployment.deployment_id,
            provider=root,
            purpose_keys=self.purpose_keys,
            log=self.log,
            folder=folder,
        )
        self.at_work = AtWork(folder=folder, shared=isinstance(database, PostgresqlDatabase))
        self.wire = Wire(key=keys.wire, deployment=deployment.deployment_id)
        self.pass_revocations = PassRevocations(database=database, row_mac=keys.row_mac)
        self.liveness_attempts = LivenessAttempts(database=database, row_mac=keys.row_mac)
        self.comparison_dues = ComparisonDues(database=database, row_mac=keys.row_mac)
        self.error_tables = OwnErrorTables(database=database, row_mac=keys.row_mac)
        self.look_alikes = LookAlikes(database=database, row_mac=keys.row_mac)
        self.references = ReferenceRecords(
            database=database, row_mac=keys.row_mac, vault=self.vault, keys=self.purpose_keys
        )
        self.erasures = Erasures(
            database=database,
            vault=self.vault,
            references=self.references,
            attempts=self.liveness_attempts,
            log=self.log,
            evidence=self.evidence,
            row_mac=keys.row_mac,
            clock=clock,
        )

    @classmethod
    def create(
        cls,
        folder: Path,
        *,
        key_provider: KeyProvider,
        clock: Clock,
        demo: bool = False,
        provider_of: Callable[[str], KeyProvider] = provider_named,
        database_url: str | None = None,
    ) -> Store:
        """Make a new store in a folder and open it.

        Args:
            folder: the data folder; made (0700) where it is missing.
            key_provider: holds the root key, which lies elsewhere.
            clock: says when things happen.
            demo: whether DEMO evidence is to be believed here; can't be changed later.
            provider_of: gives the custodian of a purpose's key by its URI.
            database_url: the empty PostgreSQL database for the records; a file in the folder if left out.

        Raises:
            RootKeyInsideStore: if the root key's file lies in the folder.
            StoreExists: if there is a store already.
            DatabaseUnfit: if the PostgreSQL database isn't one that keeps records safely.
            StoreExposed: if the folder is there and others can use it.
            StoreMissing: if the folder can't be made.
        """
        refuse_key_inside(folder, key_provider)
        database = _new_database(folder, database_url)
        try:
            # At once, so that a store that was interrupted on the way here never opens.
            with database.write() as session:
                if database.upgrade(fresh=True) and session.scalar(select(DeploymentRow)) is not None:
                    raise StoreExists("There is a store in the database already.")  # noqa: TRY301
                row, keys = _new_deployment(key_provider, clock=clock, demo=demo)
                store = cls(
                    database=database,
                    deployment=_deployment_of(row),
                    keys=keys,
                    root=key_provider,
                    provider_of=provider_of,
                    clock=clock,
                    folder=folder,
                )
                store.evidence.begin()
                store.log.begin()
                session.add(row)
        except BaseException:
            database.close()
            if database_url is None:
                for leftover in folder.glob(f"{DATABASE_FILE}*"):
                    leftover.unlink()
            raise
        return store

    @classmethod
    def open(
        cls,
        folder: Path,
        *,
        key_provider: KeyProvider,
        clock: Clock,
        provider_of: Callable[[str], KeyProvider] = provider_named,
        database_url: str | None = None,
    ) -> Store:
        """Open the store in a folder, and bring its tables to this version.

        Args:
            folder: the data folder.
            key_provider: holds the root key with which the store was created.
            clock: says when things happen.
            provider_of: gives the custodian of a purpose's key by its URI.
            database_url: the PostgreSQL database with the records; a file in the folder if left out.

        Raises:
            RootKeyInsideStore: if the root key's file lies in the folder.
            DatabaseUnfit: if the PostgreSQL database isn't one that keeps records safely.
            StoreUnreachable: if its server doesn't answer.
            RootKeyWrong: if the root key is another one.
            StoreMissing: if there is no store.
            StoreExposed: if others can use the folder or a file in it.
            StoreNewer: if a newer version wrote it.
            StoreUnreadable: if the file is damaged or isn't a store.
            RecordTampered: if the deployment's row isn't as it was written.
        """
        refuse_key_inside(folder, key_provider)
        database = _found_database(folder, database_url)
        try:
            moved = database.upgrade()
            row = _deployment_row(database)
            keys = _keys_of(row, key_provider)
            store = cls(
                database=database,
                deployment=_deployment_of(row),
                keys=keys,
                root=key_provider,
                provider_of=provider_of,
                clock=clock,
                folder=folder,
            )
            store.vault.forget_names()
            if moved < _COUNTS_CHECKPOINTS:
                store.log.begin_keeping()
        except BaseException:
            database.dispose()
            raise
        return store

    @contextmanager
    def together(self) -> Iterator[None]:
        """Keep everything that this thread changes inside, at the end and at once, or nothing of it.

        Records, log entries and counts that belong to one act are written so: one wait for the disk, and no
        crash leaves half of it. Nothing that was changed inside may be told to anybody before the end.

        Raises:
            StoreBusy: if other changes took too long, or the disk is full.
        """
        with self._database.write():
            yield

    @property
    def changing(self) -> bool:
        """Whether this thread is inside :meth:`together`, or another change that isn't kept yet."""
        return self._database.changing

    @contextmanager
    def one_state(self) -> Iterator[None]:
        """Let all that this thread reads inside be of one state of the store, over one connection.

        What is changed inside isn't seen inside.

        Raises:
            StoreUnreadable: if the database is damaged.
            StoreBusy: if it can't be read just now.
        """
        with self._database.one_state():
            yield

    def journal(self, path: Path) -> ErasureJournal:
        """Return the erasure journal of this deployment at a path."""
        return ErasureJournal(path=path, signer=self.signer, deployment=self.deployment.deployment_id)

    def back_up(self, path: Path, backup: BackupRecord) -> str:
        """Write one state of this store into a sealed file, while others go on reading and writing.

        Args:
            path: the file; must not be there.
            backup: what the backup is called and how long it is kept; put on record by the caller.

        Returns:
            The file's SHA-256, 64 hexadecimal digits.

        Raises:
            BackupElsewhere: if the records are on a database server, which has its own tools for it.
            BackupUnreadable: if it can't be written.
        """
        content = BackupFile.copy_of(self._database)
        deployment = self.deployment.deployment_id
        manifest = {
            "backup": backup.backup_id,
            "bytes": len(content),
            "deployment": deployment,
            "last_day": backup.last_day.isoformat(),
            "made_at": backup.made_at.isoformat(),
            "sha256": sha256_hex(content),
        }
        header = {
            "backup": backup.backup_id,
            "deployment": deployment,
            # As it is now: another process may have rotated the root key.
            "master": _deployment_row(self._database).wrapped_master_key.hex(),
        }
        file = BackupFile(header, self.signer.sign(manifest, kind=BACKUP_KIND))
        return file.write(path, content, key=self._backup_key)

    def check_records(self) -> tuple[TamperedRow, ...]:
        """Return every row, of every table that is believed, that isn't as this deployment wrote it."""
        found = []
        with self._database.read() as session:
            for mapper in Base.registry.mappers:
                if issubclass(mapper.class_, BelievedRow):
                    found += self._check_table(session, mapper.class_)
        return tuple(sorted(found, key=lambda one: (one.table, one.identifier)))

    def close(self) -> None:
        """Empty the write-ahead log into the database file and close it."""
        self.at_work.end()
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Store({self.deployment.deployment_id!r}, demo={self.deployment.demo})"

    def _check_table(self, session: Session, row_type: type[BelievedRow]) -> list[TamperedRow]:
        names = [column.name for column in row_type.__table__.primary_key]
        rows = session.scalars(select(row_type).execution_options(yield_per=1000))
        return [
            TamperedRow(row_type.__tablename__, ",".join(_as_text(getattr(row, name)) for name in names))
            for row in rows
            if not self._row_mac.fits(row)
        ]


@dataclass(frozen=True, slots=True, repr=False)
class _Keys:
    """What hangs below the master key."""

    row_mac: RowMac
    data_key_wrapping: bytes
    signing_key: bytes
    backup: bytes
    wire: bytes


def _new_database(folder: Path, url: str | None) -> Database:
    if url is None:
        return SqliteDatabase(path=create_file(folder))
    make_folder(folder)
    return _fit(PostgresqlDatabase(url=url))


def _found_database(folder: Path, url: str | None) -> Database:
    if url is None:
        path = folder / DATABASE_FILE
        if not path.is_file():
            raise StoreMissing("There is no store in the data folder.")
        check_modes(folder)
        return SqliteDatabase(path=path)
    if not folder.is_dir():
        raise StoreMissing("There is no data folder.")
    check_modes(folder)
    return _fit(PostgresqlDatabase(url=url))


def _fit(database: PostgresqlDatabase) -> PostgresqlDatabase:
    try:
        database.require_fit()
    except BaseException:
        database.dispose()
        raise
    return database


def _new_deployment(key_provider: KeyProvider, *, clock: Clock, demo: bool) -> tuple[DeploymentRow, _Keys]:
    deployment = DeploymentId(new_id("dep"))
    master, signing_key = new_key(), new_signing_key()
    wrapping = derive_key(master, salt=deployment.encode(), label=_SIGNING_KEY_WRAPPING)
    row = DeploymentRow(
        id=1,
        deployment_id=deployment,
        demo=demo,
        created_at=clock.now(),
        wrapped_master_key=key_provider.wrap(master, context=master_context(deployment)),
        wrapped_signing_key=seal(wrapping, signing_key, associated=_signing_context(deployment)),
    )
    keys = _keys_below(master, deployment, signing_key)
    keys.row_mac.stamp(row)
    return row, keys


def _deployment_row(database: Database) -> DeploymentRow:
    with database.read() as session:
        row: DeploymentRow | None = session.scalar(select(DeploymentRow))
    if row is None:
        raise StoreUnreadable(
            "The store was never finished.",
            remedy="Remove the data folder and create the store again.",
        )
    return row


def _keys_of(row: DeploymentRow, key_provider: KeyProvider) -> _Keys:
    deployment = DeploymentId(row.deployment_id)
    try:
        master = key_provider.unwrap(row.wrapped_master_key, context=master_context(deployment))
    except KeyNotUnwrapped:
        raise RootKeyWrong("The root key isn't the one with which this store was created.") from None
    wrapping = derive_key(master, salt=deployment.encode(), label=_SIGNING_KEY_WRAPPING)
    try:
        signing_key = unseal(wrapping, row.wrapped_signing_key, associated=_signing_context(deployment))
    except SealBroken:
        raise RecordTampered("The wrapped signing key isn't as this installation wrote it.") from None
    keys = _keys_below(master, deployment, signing_key)
    keys.row_mac.require(row)
    return keys


def _keys_below(master: bytes, deployment: DeploymentId, signing_key: bytes) -> _Keys:
    salt = deployment.encode()
    return _Keys(
        row_mac=RowMac(key=derive_key(master, salt=salt, label=_MAC_KEY), deployment=deployment),
        data_key_wrapping=derive_key(master, salt=salt, label=_DATA_KEY_WRAPPING),
        signing_key=signing_key,
        backup=backup_key(master, deployment),
        wire=derive_key(master, salt=salt, label=_WIRE),
    )


def _signing_context(deployment: str) -> bytes:
    return canonical_json({"deployment": deployment, "key": "signing"})


def _deployment_of(row: DeploymentRow) -> Deployment:
    return Deployment(DeploymentId(row.deployment_id), row.demo, row.created_at)


def _as_text(value: object) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)
