"""Enrolled references: sealed templates, each under one person, one purpose and one key of that purpose.

Rules kept here:

* The template is sealed twice: under the purpose's key, so that nothing opens without that purpose's
  custodian, and around it under the person's data key, so that destroying that key erases it.
* Both seals name deployment, reference, person, purpose, model and version of the key. A blob that is put
  into another row, purpose or deployment doesn't open.
* Every change counts up a number of its purpose, in the same transaction. Who keeps references in memory
  compares it before it answers, whichever process the change came from, and is told once it is on disk.
* What a template says is no matter of this module; it takes bytes and gives them back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, delete, func, or_, select
from sqlalchemy.orm import Session

from countenance.kernel import EvidenceId, PermitId, PlaceId, PurposeId, SubjectId, require_utc
from countenance.store._gallery_models import ReferenceRow, ReferenceStateRow
from countenance.store.database import Database
from countenance.store.errors import RecordTampered, RecordUnknown
from countenance.store.integrity import RowMac
from countenance.store.known_rows import KnownRows
from countenance.store.look_alikes import forget_look_alikes
from countenance.store.purpose_keys import Opener, PurposeKeys
from countenance.store.vault import Vault

__all__ = ["OpenedReference", "ReferenceChange", "ReferenceRecord", "ReferenceRecords", "ReferenceState"]

_USE: Final = "reference"
_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class ReferenceRecord:
    """An enrolled reference without its template.

    Attributes:
        reference_id: its identifier, such as ``ref_k5x3...``.
        subject: whose, by pseudonym.
        purpose: the one purpose that it serves.
        model_id: the network that made the template.
        key_version: which of the purpose's keys protects it.
        place: where it takes part; ``None``: anywhere.
        valid_from: from when, UTC.
        valid_until: until when, exclusive, UTC; ``None``: until it is erased.
        samples: how many pictures it was made from.
        added_at: when it was enrolled, UTC.
        permit_id: the permit under which it was; ``None`` for what the system made itself.
        consent_id: the consent, or other basis on file, that it rests on.
    """

    reference_id: str
    subject: SubjectId
    purpose: PurposeId
    model_id: str
    key_version: int
    place: PlaceId | None
    valid_from: datetime
    valid_until: datetime | None
    samples: int
    added_at: datetime
    permit_id: PermitId | None = None
    consent_id: EvidenceId | None = None


@dataclass(frozen=True, slots=True)
class OpenedReference:
    """A reference with its template as it was given to be sealed."""

    record: ReferenceRecord
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class ReferenceState:
    """How many changes a purpose's references have seen, and how many of these took some away."""

    changes: int = 0
    removals: int = 0


@dataclass(frozen=True, slots=True)
class ReferenceChange:
    """What was changed: told once it is on disk.

    Attributes:
        purpose: of which purpose.
        removed: the references that are gone.
        state: the purpose's state after it.
    """

    purpose: PurposeId
    removed: tuple[str, ...]
    state: ReferenceState


class ReferenceRecords:
    """The enrolled references of one store. Safe to use from several threads.

    Args:
        database: where the rows are kept.
        row_mac: stamps and checks them.
        vault: has the people's data keys.
        keys: has the purposes' keys.
    """

    def __init__(self, *, database: Database, row_mac: RowMac, vault: Vault, keys: PurposeKeys) -> None:
        self._database = database
        self._row_mac = row_mac
        self._vault = vault
        self._keys = keys
        self._states = KnownRows(ReferenceStateRow, row_mac=row_mac, value_of=_state)
        self._listeners: list[Callable[[ReferenceChange], None]] = []

    def add(self, references: Sequence[OpenedReference]) -> None:
        """Seal references and put them on file; all of them or none.

        Raises:
            RecordExists: if an identifier is taken.
            PurposeKeyMissing: if a purpose has no key of the version that a record names.
        """
        with self._database.write() as session:
            for purpose in sorted({one.record.purpose for one in references}):
                state = self._advance(session, purpose)
                for one in references:
                    if one.record.purpose == purpose:
                        session.add(self._sealed(one, change=state.changes))
                session.flush()
                self._tell(ReferenceChange(purpose, (), state))

    def get(self, reference_id: str) -> ReferenceRecord:
        """Return a reference without its template.

        Raises:
            RecordUnknown: if there is none.
            RecordTampered: if the row isn't as this deployment wrote it.
        """
        with self._database.read() as session:
            return _record(self._row(session, reference_id))

    def open(self, reference_id: str) -> OpenedReference:
        """Return a reference with its template.

        Raises:
            RecordUnknown: if there is none.
            RecordTampered: if the row isn't as this deployment wrote it.
            SealBroken: if the template was sealed for another row, purpose or deployment.
            RootKeyError: if the purpose's custodian doesn't answer.
        """
        with self._database.read() as session:
            return self._opened(session, self._row(session, reference_id))

    def of(self, subject: SubjectId, purpose: PurposeId | None = None) -> tuple[ReferenceRecord, ...]:
        """Return a person's references, for one purpose or all, the oldest first."""
        wanted = select(ReferenceRow).where(*_about(subject, purpose))
        with self._database.read() as session:
            rows = session.scalars(wanted.order_by(ReferenceRow.added_at, ReferenceRow.reference_id)).all()
        for row in rows:
            self._row_mac.require(row)
        return tuple(_record(row) for row in rows)

    def count(self, purpose: PurposeId, *, model_id: str | None = None) -> int:
        """Return how many references a purpose has, of one model or of all."""
        wanted = select(func.count()).select_from(ReferenceRow).where(ReferenceRow.purpose == purpose)
        if model_id is not None:
            wanted = wanted.where(ReferenceRow.model_id == model_id)
        with self._database.read() as session:
            return session.scalar(wanted) or 0

    def under(self, permit_id: PermitId) -> bool:
        """Say whether a reference was enrolled under a permit."""
        wanted = select(ReferenceRow.reference_id).where(ReferenceRow.permit_id == permit_id).limit(1)
        with self._database.read() as session:
            return session.scalar(wanted) is not None

    def state(self, purpose: PurposeId) -> ReferenceState:
        """Return how many changes the purpose's references have seen.

        Raises:
            RecordTampered: if the row isn't as this deployment wrote it.
        """
        with self._database.read() as session:
            return self._states.get(session, purpose) or ReferenceState()

    def identifiers(self, purpose: PurposeId, *, subject: SubjectId | None = None) -> frozenset[str]:
        """Return the identifiers of the references of a purpose, of everybody or of one person."""
        wanted = select(ReferenceRow.reference_id).where(ReferenceRow.purpose == purpose)
        if subject is not None:
            wanted = wanted.where(ReferenceRow.subject == subject)
        with self._database.read() as session:
            return frozenset(session.scalars(wanted))

    def changed_since(
        self, purpose: PurposeId, changes: int, *, holds: Callable[[str], bool] = lambda _: True
    ) -> Iterator[OpenedReference]:
        """Give the references of a purpose that came, or were sealed anew, after so many changes.

        They are read as they are taken, so that memory stays flat; read within one state of the store.

        Args:
            purpose: whose.
            changes: how many were seen before.
            holds: says of an identifier whether it is wanted; the others aren't opened.

        Raises:
            RecordTampered: if a row isn't as this deployment wrote it.
            SealBroken: if a template was sealed for another row, purpose or deployment.
        """
        wanted = (
            select(ReferenceRow.__table__)
            .where(ReferenceRow.purpose == purpose, ReferenceRow.change > changes)
            .execution_options(yield_per=_AT_ONCE)
        )
        openers: dict[int, Opener] = {}
        with self._database.read() as session:
            for some in session.execute(wanted).partitions():
                rows = [row for row in some if holds(row.reference_id)]
                for row in rows:
                    self._row_mac.require_columns(ReferenceRow, row._asdict())
                self._vault.read_keys_in(session, [row.sealed for row in rows])
                for row in rows:
                    if row.key_version not in openers:
                        openers[row.key_version] = self._keys.opener(purpose, row.key_version, use=_USE)
                    yield self._opened(session, row, openers[row.key_version])

    def candidates(
        self, now: datetime, *, older_than: datetime, most: int, after: str = ""
    ) -> tuple[tuple[str, ReferenceRecord | None], ...]:
        """Return references that may have to go now, by identifier; which do, their timers say.

        Args:
            now: the moment, aware: what no longer takes part then is among them.
            older_than: what was enrolled before this moment is looked at as well.
            most: at most so many.
            after: only identifiers after this one.

        Returns:
            The identifiers in order, each with its record; ``None`` for a row that isn't as it was written.
        """
        wanted = (
            select(ReferenceRow)
            .where(or_(ReferenceRow.valid_until <= now, ReferenceRow.added_at <= older_than))
            .where(ReferenceRow.reference_id > after)
            .order_by(ReferenceRow.reference_id)
            .limit(most)
        )
        with self._database.read() as session:
            rows = session.scalars(wanted).all()
        return tuple((row.reference_id, self._believed(row)) for row in rows)

    def remove(self, reference_ids: Sequence[str]) -> None:
        """Take references off file, all of them or none; the person's keys stay for the rest.

        Raises:
            RecordUnknown: if one isn't there.
        """
        with self._database.write() as session:
            gone = self._take(session, ReferenceRow.reference_id.in_(sorted(reference_ids)))
            if len(gone) != len(set(reference_ids)):
                raise RecordUnknown("No reference has this identifier.")

    def remove_in(self, session: Session, subject: SubjectId, purpose: PurposeId | None) -> int:
        """Take a person's references off file in a transaction that is open already; return how many."""
        return len(self._take(session, *_about(subject, purpose)))

    def seal_anew(
        self,
        purpose: PurposeId,
        version: int,
        *,
        moved: Callable[[Sequence[OpenedReference]], Sequence[bytes]],
        most: int = _AT_ONCE,
    ) -> int:
        """Move some references that are under another key of their purpose to one version; return how many.

        Each call is one transaction, so that others read and write between two, and a crash loses nothing.

        Args:
            purpose: of which purpose.
            version: the key to which they are moved.
            moved: gives the templates as they are under that key.
            most: how many at most.
        """
        wanted = (
            select(ReferenceRow)
            .where(ReferenceRow.purpose == purpose, ReferenceRow.key_version != version)
            .order_by(ReferenceRow.reference_id)
            .limit(most)
        )
        with self._database.write() as session:
            rows = session.scalars(wanted).all()
            if not rows:
                return 0
            for row in rows:
                self._row_mac.require(row)
            contents = moved([self._opened(session, row) for row in rows])
            state = self._advance(session, purpose)
            for row, content in zip(rows, contents, strict=True):
                row.key_version, row.change = version, state.changes
                row.sealed = self._seal(_record(row), content)
                self._row_mac.stamp(row)
            session.flush()
            self._tell(ReferenceChange(purpose, (), state))
            return len(rows)

    def listen(self, listener: Callable[[ReferenceChange], None]) -> Callable[[], None]:
        """Tell of every change made through this store, once it is on disk; return what ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def _take(self, session: Session, *conditions: ColumnElement[bool]) -> list[str]:
        taken = session.execute(
            delete(ReferenceRow).where(*conditions).returning(ReferenceRow.reference_id, ReferenceRow.purpose)
        ).all()
        forget_look_alikes(session, [row.reference_id for row in taken])
        for purpose in sorted({PurposeId(row.purpose) for row in taken}):
            state = self._advance(session, purpose, removing=True)
            removed = tuple(row.reference_id for row in taken if row.purpose == purpose)
            self._tell(ReferenceChange(purpose, removed, state))
        return [row.reference_id for row in taken]

    def _advance(self, session: Session, purpose: PurposeId, *, removing: bool = False) -> ReferenceState:
        row = session.get(ReferenceStateRow, purpose)
        if row is None:
            row = ReferenceStateRow(purpose=purpose, changes=0, removals=0)
            session.add(row)
        else:
            self._row_mac.require(row)
        row.changes += 1
        row.removals += removing
        self._row_mac.stamp(row)
        session.flush()
        return _state(row)

    def _tell(self, change: ReferenceChange) -> None:
        def tell() -> None:
            for listener in tuple(self._listeners):
                listener(change)

        self._database.afterwards(tell)

    def _believed(self, row: ReferenceRow) -> ReferenceRecord | None:
        try:
            self._row_mac.require(row)
        except RecordTampered:
            return None
        return _record(row)

    def _row(self, session: Session, reference_id: str) -> ReferenceRow:
        row = session.get(ReferenceRow, reference_id)
        if row is None:
            raise RecordUnknown("No reference has this identifier.")
        self._row_mac.require(row)
        return row

    def _sealed(self, one: OpenedReference, *, change: int) -> ReferenceRow:
        record = one.record
        row = ReferenceRow(
            reference_id=record.reference_id,
            subject=record.subject,
            purpose=record.purpose,
            model_id=record.model_id,
            key_version=record.key_version,
            sealed=self._seal(record, one.content),
            place=record.place,
            valid_from=require_utc(record.valid_from),
            valid_until=None if record.valid_until is None else require_utc(record.valid_until),
            samples=record.samples,
            added_at=require_utc(record.added_at),
            permit_id=record.permit_id,
            consent_id=record.consent_id,
            change=change,
        )
        self._row_mac.stamp(row)
        return row

    def _seal(self, record: ReferenceRecord, content: bytes) -> bytes:
        context = _context(record)
        inner = self._keys.seal(
            record.purpose,
            record.key_version,
            content,
            use=_USE,
            associated={**context, "subject": record.subject},
        )
        return self._vault.seal(record.subject, record.purpose, inner, context=context)

    def _opened(
        self, session: Session, row: ReferenceRow | Row[Any], opener: Opener | None = None
    ) -> OpenedReference:
        record = _record(row)
        context = _context(record)
        inner = self._vault.open_in(session, record.subject, record.purpose, row.sealed, context=context)
        opener = opener or self._keys.opener(record.purpose, record.key_version, use=_USE)
        return OpenedReference(record, opener(inner, {**context, "subject": record.subject}))


def _about(subject: SubjectId, purpose: PurposeId | None) -> tuple[ColumnElement[bool], ...]:
    whose = ReferenceRow.subject == subject
    return (whose,) if purpose is None else (whose, ReferenceRow.purpose == purpose)


def _context(record: ReferenceRecord) -> dict[str, str]:
    """Return what both seals are bound to besides person, purpose and deployment."""
    return {
        "key_version": str(record.key_version),
        "model": record.model_id,
        "record": "reference",
        "reference": record.reference_id,
    }


def _state(row: ReferenceStateRow) -> ReferenceState:
    return ReferenceState(row.changes, row.removals)


def _record(row: ReferenceRow | Row[Any]) -> ReferenceRecord:
    return ReferenceRecord(
        reference_id=row.reference_id,
        subject=SubjectId(row.subject),
        purpose=PurposeId(row.purpose),
        model_id=row.model_id,
        key_version=row.key_version,
        place=None if row.place is None else PlaceId(row.place),
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        samples=row.samples,
        added_at=row.added_at,
        permit_id=None if row.permit_id is None else PermitId(row.permit_id),
        consent_id=None if row.consent_id is None else EvidenceId(row.consent_id),
    )
