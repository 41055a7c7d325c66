"""What follows a yes: permits and how often they were used, duties, decisions.

Rules kept here:

* A use of a permit is counted by one UPDATE that fails when the limit is reached; two threads or two
  processes can't both have the last one.
* A duty stays open until evidence on file discharges it. A duty's row that isn't as it was written raises,
  which blocks whatever asked.
* A decision's content is sealed by whoever made it; this package can't read it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy import select, update

from countenance.kernel import (
    CaseId,
    DecisionId,
    DutyId,
    EvidenceId,
    PermitId,
    PlaceId,
    PurposeId,
    require_utc,
)
from countenance.store._models import DecisionKeyRow, DecisionRow, DutyRow, PermitRow, PermitUseRow
from countenance.store.database import Database, insert_into
from countenance.store.errors import RecordUnknown
from countenance.store.integrity import RowMac
from countenance.store.values import DecisionRecord, DutyRecord, PermitRecord
from countenance.store.vault import sealed_under

__all__ = ["DecisionRecords", "DutyRecords", "PermitRecords"]

_ANY_PURPOSE: Final = "*"
_INCIDENT: Final = "inc_"
"""How the identifier of a case that obliges begins; permits begin otherwise."""


class _ActRecords:
    """Where the rows are kept, and what stamps them."""

    def __init__(self, *, database: Database, row_mac: RowMac) -> None:
        self._database = database
        self._row_mac = row_mac


class PermitRecords(_ActRecords):
    """The permits that were issued, and their uses.

    Args:
        database: where the rows are kept.
        row_mac: stamps and checks them.
    """

    def record(self, permit: PermitRecord) -> None:
        """Put a permit on file; do it before it is handed out.

        Raises:
            RecordExists: if the identifier is taken.
        """
        row = PermitRow(
            permit_id=permit.permit_id,
            request_digest=permit.request_digest,
            epoch=permit.epoch,
            issued_at=permit.issued_at,
            not_after=permit.not_after,
        )
        self._row_mac.stamp(row)
        with self._database.write() as session:
            session.add(row)

    def get(self, permit_id: PermitId) -> PermitRecord:
        """Return a permit.

        Raises:
            RecordUnknown: if none with this identifier was issued.
            RecordTampered: if its row isn't as this deployment wrote it.
        """
        with self._database.read() as session:
            row = session.get(PermitRow, permit_id)
        if row is None:
            raise RecordUnknown("No permit with this identifier was issued here.")
        self._row_mac.require(row)
        return PermitRecord(
            PermitId(row.permit_id), row.request_digest, row.epoch, row.issued_at, row.not_after
        )

    def spend(self, permit_id: PermitId, door: str, limit: int) -> bool:
        """Count one passage through a door.

        Args:
            permit_id: under which permit.
            door: which door.
            limit: how many passages the permit allows.

        Returns:
            Whether there was one left; if not, nothing was counted.

        Raises:
            RecordUnknown: if no such permit was issued.
        """
        with self._database.write() as session:
            first = insert_into(session, PermitUseRow).values(permit_id=permit_id, door=door, used=0)
            session.execute(first.on_conflict_do_nothing())
            spent = session.scalar(
                update(PermitUseRow)
                .where(
                    PermitUseRow.permit_id == permit_id,
                    PermitUseRow.door == door,
                    PermitUseRow.used < limit,
                )
                .values(used=PermitUseRow.used + 1)
                .returning(PermitUseRow.used),
                execution_options={"synchronize_session": False},
            )
        return spent is not None

    def uses(self, permit_id: PermitId) -> Mapping[str, int]:
        """Return how often each door was passed under a permit; doors never tried are left out."""
        with self._database.read() as session:
            rows = session.scalars(select(PermitUseRow).where(PermitUseRow.permit_id == permit_id)).all()
        return {row.door: row.used for row in rows}


class DutyRecords(_ActRecords):
    """What has to be done after an act.

    Args:
        database: where the rows are kept.
        row_mac: stamps and checks them.
    """

    def add(self, duty: DutyRecord) -> None:
        """Put a duty on file.

        Raises:
            RecordExists: if the identifier is taken.
            RecordUnknown: if it names evidence that isn't on file.
        """
        row = DutyRow(
            duty_id=duty.duty_id,
            key=duty.key,
            rule=duty.rule,
            permit_id=duty.permit_id or duty.case_id or "",
            place=duty.place,
            purpose=duty.purpose or _ANY_PURPOSE,
            due=duty.due,
            discharged_by=duty.discharged_by,
            discharged_at=duty.discharged_at,
        )
        self._row_mac.stamp(row)
        with self._database.write() as session:
            session.add(row)

    def get(self, duty_id: DutyId) -> DutyRecord:
        """Return a duty.

        Raises:
            RecordUnknown: if there is none with this identifier.
            RecordTampered: if its row isn't as this deployment wrote it.
        """
        with self._database.read() as session:
            row = session.get(DutyRow, duty_id)
        if row is None:
            raise RecordUnknown("No duty with this identifier is on file.")
        return self._value_of(row)

    def discharge(self, duty_id: DutyId, evidence_id: EvidenceId, at: datetime) -> DutyRecord:
        """Close a duty with the evidence that it was done. A second discharge changes nothing.

        Args:
            duty_id: which duty.
            evidence_id: the evidence; has to be on file.
            at: when it was done; aware.

        Returns:
            The duty as it is now.

        Raises:
            RecordUnknown: if the duty or the evidence isn't on file.
            RecordTampered: if the duty's row isn't as this deployment wrote it.
        """
        with self._database.write() as session:
            row = session.get(DutyRow, duty_id)
            if row is None:
                raise RecordUnknown("No duty with this identifier is on file.")
            duty = self._value_of(row)
            if duty.discharged_at is None:
                row.discharged_by, row.discharged_at = evidence_id, require_utc(at)
                self._row_mac.stamp(row)
                duty = replace(duty, discharged_by=evidence_id, discharged_at=row.discharged_at)
        return duty

    def open(
        self, *, place: PlaceId | None = None, purpose: PurposeId | None = None
    ) -> tuple[DutyRecord, ...]:
        """Return the duties that aren't discharged, the one due first in front.

        Args:
            place: only those of this place; all places if left out.
            purpose: only those for this purpose, or for whatever is done; all if left out.

        Raises:
            RecordTampered: if a row isn't as this deployment wrote it.
        """
        wanted = select(DutyRow).where(DutyRow.discharged_at.is_(None))
        if place is not None:
            wanted = wanted.where(DutyRow.place == place)
        if purpose is not None:
            wanted = wanted.where(DutyRow.purpose.in_((purpose, _ANY_PURPOSE)))
        with self._database.read() as session:
            rows = session.scalars(wanted.order_by(DutyRow.due, DutyRow.duty_id)).all()
        return tuple(self._value_of(row) for row in rows)

    def _value_of(self, row: DutyRow) -> DutyRecord:
        self._row_mac.require(row)
        of_case = row.permit_id.startswith(_INCIDENT)
        return DutyRecord(
            duty_id=DutyId(row.duty_id),
            key=row.key,
            rule=row.rule,
            permit_id=None if of_case else PermitId(row.permit_id),
            case_id=CaseId(row.permit_id) if of_case else None,
            place=PlaceId(row.place),
            purpose=None if row.purpose == _ANY_PURPOSE else PurposeId(row.purpose),
            due=row.due,
            discharged_by=None if row.discharged_by is None else EvidenceId(row.discharged_by),
            discharged_at=row.discharged_at,
        )


class DecisionRecords(_ActRecords):
    """The decisions that were made, each under a permit on file.

    Args:
        database: where the rows are kept.
        row_mac: stamps and checks them.
    """

    def add(self, decision: DecisionRecord) -> None:
        """Put a decision on file.

        Raises:
            RecordExists: if the identifier is taken.
            RecordUnknown: if it names a permit that wasn't issued here.
        """
        row = DecisionRow(
            decision_id=decision.decision_id,
            permit_id=decision.permit_id,
            decided_at=decision.decided_at,
            sealed=decision.sealed,
            receipt=decision.receipt,
        )
        self._row_mac.stamp(row)
        key = DecisionKeyRow(decision_id=decision.decision_id, key_id=sealed_under(decision.sealed))
        with self._database.write() as session:
            session.add_all((row, key))

    def get(self, decision_id: DecisionId) -> DecisionRecord:
        """Return a decision.

        Raises:
            RecordUnknown: if there is none with this identifier.
            RecordTampered: if its row isn't as this deployment wrote it.
        """
        with self._database.read() as session:
            row = session.get(DecisionRow, decision_id)
        if row is None:
            raise RecordUnknown("No decision with this identifier is on file.")
        self._row_mac.require(row)
        return DecisionRecord(
            DecisionId(row.decision_id), PermitId(row.permit_id), row.decided_at, row.sealed, row.receipt
        )

    def all_ids(self) -> tuple[DecisionId, ...]:
        """Return the identifiers of all decisions, the oldest first."""
        with self._database.read() as session:
            ids = session.scalars(
                select(DecisionRow.decision_id).order_by(DecisionRow.decided_at, DecisionRow.decision_id)
            ).all()
        return tuple(DecisionId(one) for one in ids)
