"""Holder passes that were taken back, by serial.

Rules kept here:

* A row says nothing about a person: a random serial, a purpose, two times.
* A revocation stays until the pass would have ended by itself; one of a pass whose end isn't known stays.
* A row is believed when its MAC fits. That one was taken out of the file by somebody else can't be seen
  here; the log has an entry for each.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import delete, select

from countenance.kernel import PurposeId, require_utc
from countenance.store._gallery_models import PassRevocationRow
from countenance.store.database import Database
from countenance.store.errors import RecordUnknown
from countenance.store.integrity import RowMac

__all__ = ["PassRevocation", "PassRevocations"]


@dataclass(frozen=True, slots=True)
class PassRevocation:
    """One pass that was taken back.

    Attributes:
        serial: its 16 random bytes. Left out of ``repr``.
        purpose: what it was for.
        revoked_at: when it was taken back, UTC.
        until: when it would have ended by itself, UTC; ``None`` where that isn't known.
    """

    serial: bytes = field(repr=False)
    purpose: PurposeId
    revoked_at: datetime
    until: datetime | None


class PassRevocations:
    """What was taken back in one deployment. Safe to use from several threads.

    Args:
        database: where the rows are kept.
        row_mac: stamps and checks them.
    """

    def __init__(self, *, database: Database, row_mac: RowMac) -> None:
        self._database = database
        self._row_mac = row_mac

    def revoke(
        self, serial: bytes, purpose: PurposeId, *, at: datetime, until: datetime | None = None
    ) -> PassRevocation:
        """Take a pass back for good; a second time changes nothing.

        Args:
            serial: of the pass.
            purpose: what it is for.
            at: when, aware.
            until: when it would end by itself, aware.

        Returns:
            The revocation as it stands.

        Raises:
            RecordUnknown: if the serial was taken back for another purpose.
            RecordTampered: if its row isn't as this deployment wrote it.
        """
        with self._database.write() as session:
            row = session.get(PassRevocationRow, serial)
            if row is not None:
                known = self._value_of(row)
                if known.purpose != purpose:
                    raise RecordUnknown("No pass of this purpose has this serial.")
                return known
            row = PassRevocationRow(
                serial=serial,
                purpose=purpose,
                revoked_at=require_utc(at),
                until=None if until is None else require_utc(until),
            )
            self._row_mac.stamp(row)
            session.add(row)
        return PassRevocation(serial, purpose, row.revoked_at, row.until)

    def find(self, serial: bytes) -> PassRevocation | None:
        """Return the revocation of a serial; ``None`` if the pass wasn't taken back.

        Raises:
            RecordTampered: if its row isn't as this deployment wrote it.
        """
        with self._database.read() as session:
            row = session.get(PassRevocationRow, serial)
            return None if row is None else self._value_of(row)

    def all(self) -> tuple[PassRevocation, ...]:
        """Return all, the oldest first.

        Raises:
            RecordTampered: if a row isn't as this deployment wrote it.
        """
        wanted = select(PassRevocationRow).order_by(PassRevocationRow.revoked_at, PassRevocationRow.serial)
        with self._database.read() as session:
            return tuple(self._value_of(row) for row in session.scalars(wanted).all())

    def forget_ended(self, *, at: datetime) -> int:
        """Drop revocations of passes that have ended by themselves; return how many.

        Args:
            at: the present moment, aware.
        """
        ended = delete(PassRevocationRow).where(PassRevocationRow.until <= require_utc(at))
        with self._database.write() as session:
            # Counted by asking: what execute() returns is typed without a count.
            wanted = select(PassRevocationRow.serial).where(PassRevocationRow.until <= require_utc(at))
            count = len(session.scalars(wanted).all())
            session.execute(ended)
        return count

    def _value_of(self, row: PassRevocationRow) -> PassRevocation:
        self._row_mac.require(row)
        return PassRevocation(row.serial, PurposeId(row.purpose), row.revoked_at, row.until)
