"""Until when the comparisons that were asked for reach, counted where every process sees it.

Rules kept here:

* A row is found by an HMAC of what it counts, under a key of this deployment: whoever has the file alone
  can't say whose reference was asked for, nor how often a caller asked.
* Looking and counting are one transaction: of two comparisons at once, the second is judged by the first.
* A row whose moment has passed says nothing more, and is dropped with the next one that is made.
* A row is believed when its MAC fits. That one was taken out of the file can't be seen here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final, TypeVar

from sqlalchemy import LargeBinary, delete
from sqlalchemy.orm import Mapped, Session, mapped_column

from countenance.kernel import require_utc
from countenance.store._models import BelievedRow, UtcTime
from countenance.store.database import Database
from countenance.store.integrity import RowMac

__all__ = ["ComparisonDues"]

_USE: Final = "comparison-dues"
_Answer = TypeVar("_Answer")


class ComparisonDueRow(BelievedRow):
    """One moment, under a keyed name."""

    __tablename__ = "comparison_dues"

    name: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    due: Mapped[datetime] = mapped_column(UtcTime, index=True)


class ComparisonDues:
    """The moments of one deployment. Safe to use from several threads and processes.

    Args:
        database: where the rows are kept.
        row_mac: stamps, checks and names them.
    """

    def __init__(self, *, database: Database, row_mac: RowMac) -> None:
        self._database = database
        self._row_mac = row_mac

    def take(
        self,
        names: Sequence[str],
        *,
        at: datetime,
        decide: Callable[[tuple[datetime | None, ...]], tuple[Sequence[datetime] | None, _Answer]],
    ) -> _Answer:
        """Look at moments and, if the decision is yes, move each, all in one transaction.

        Args:
            names: what is counted, such as ``device:dev_x``; each once.
            at: when, aware.
            decide: takes the moments in the order of the names, ``None`` where there is none; answers with
                the new ones, or with ``None`` to leave all as they are, and what to hand back. It opens no
                transaction.

        Returns:
            What ``decide`` handed back.

        Raises:
            RecordTampered: if a row isn't as this deployment wrote it.
            StoreBusy: if other changes took too long.
        """
        moment = require_utc(at)
        with self._database.write() as session:
            rows = [self._row(session, name) for name in names]
            dues, answer = decide(tuple(None if row is None else row.due for row in rows))
            if dues is not None:
                for name, row, due in zip(names, rows, dues, strict=True):
                    self._put(session, name, row, require_utc(due))
                session.execute(delete(ComparisonDueRow).where(ComparisonDueRow.due < moment))
        return answer

    def due(self, name: str) -> datetime | None:
        """Return the moment that stands under a name, UTC; ``None`` if there is none.

        Raises:
            RecordTampered: if its row isn't as this deployment wrote it.
        """
        with self._database.read() as session:
            row = self._row(session, name)
            return None if row is None else row.due

    def clear(self, name: str) -> None:
        """Drop what stands under a name; nothing happens if there is nothing."""
        gone = delete(ComparisonDueRow).where(ComparisonDueRow.name == self._named(name))
        with self._database.write() as session:
            session.execute(gone)

    def _named(self, name: str) -> bytes:
        return self._row_mac.name(name, use=_USE)

    def _row(self, session: Session, name: str) -> ComparisonDueRow | None:
        row = session.get(ComparisonDueRow, self._named(name))
        if row is not None:
            self._row_mac.require(row)
        return row

    def _put(self, session: Session, name: str, row: ComparisonDueRow | None, due: datetime) -> None:
        if row is None:
            row = ComparisonDueRow(name=self._named(name), due=due)
            session.add(row)
        row.due = due
        self._row_mac.stamp(row)
        session.flush()
