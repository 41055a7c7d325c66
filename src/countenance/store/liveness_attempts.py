"""How often somebody tried, counted where every process sees it.

Rules kept here:

* A row is found by an HMAC of what it counts, under a key of this deployment: whoever has the file alone
  can't say whose count it is, nor try pseudonyms against it.
* Looking and counting are one transaction: of two attempts at once, the second is judged by the first.
* A row is believed when its MAC fits. That one was taken out of the file can't be seen here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar

from sqlalchemy import LargeBinary, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from countenance.kernel import SubjectId, require_utc
from countenance.store._models import BelievedRow, UtcTime
from countenance.store.database import Database
from countenance.store.integrity import RowMac

__all__ = ["AttemptCount", "LivenessAttempts", "name_of_subject"]

_USE: Final = "liveness-attempts"
_Answer = TypeVar("_Answer")


class LivenessAttemptsRow(BelievedRow):
    """One count, under a keyed name."""

    __tablename__ = "liveness_attempts"

    name: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    attempts: Mapped[int]
    last: Mapped[datetime] = mapped_column(UtcTime)


@dataclass(frozen=True, slots=True)
class AttemptCount:
    """What was counted under one name.

    Attributes:
        attempts: 0 or more.
        last: when the last of them was, UTC; ``None`` if there is none.
    """

    attempts: int = 0
    last: datetime | None = None


def name_of_subject(subject: SubjectId) -> str:
    """Return under which name a person's attempts are counted, over all devices."""
    return f"subject:{subject}"


class LivenessAttempts:
    """The counts of one deployment. Safe to use from several threads and processes.

    Args:
        database: where the rows are kept.
        row_mac: stamps, checks and names them.
    """

    def __init__(self, *, database: Database, row_mac: RowMac) -> None:
        self._database = database
        self._row_mac = row_mac

    def attempt(
        self,
        names: Sequence[str],
        *,
        at: datetime,
        decide: Callable[[tuple[AttemptCount, ...]], tuple[bool, _Answer]],
    ) -> _Answer:
        """Look at counts and, if the decision is yes, add one to each, all in one transaction.

        Args:
            names: what is counted, such as ``subject:sub_x``; each once.
            at: when, aware. A count's time never goes back.
            decide: takes the counts in the order of the names; says whether to count, and what to answer. It
                opens no transaction.

        Returns:
            What ``decide`` answered.

        Raises:
            RecordTampered: if a row isn't as this deployment wrote it.
            StoreBusy: if other changes took too long.
        """
        moment = require_utc(at)
        with self._database.write() as session:
            rows = [self._row(session, name) for name in names]
            counted, answer = decide(tuple(_count(row) for row in rows))
            if counted:
                for name, row in zip(names, rows, strict=True):
                    self._add(session, name, row, moment)
        return answer

    def count(self, name: str) -> AttemptCount:
        """Return what was counted under a name.

        Raises:
            RecordTampered: if its row isn't as this deployment wrote it.
        """
        with self._database.read() as session:
            return _count(self._row(session, name))

    def clear(self, name: str) -> None:
        """Start a name's count anew; nothing happens if there is none."""
        gone = delete(LivenessAttemptsRow).where(LivenessAttemptsRow.name == self._named(name))
        with self._database.write() as session:
            session.execute(gone)

    def clear_subject_in(self, session: Session, subject: SubjectId) -> None:
        """Drop a person's count in a change that is under way; for an erasure."""
        name = self._named(name_of_subject(subject))
        session.execute(delete(LivenessAttemptsRow).where(LivenessAttemptsRow.name == name))

    def forget_before(self, at: datetime) -> int:
        """Drop counts whose last attempt was before a moment; return how many."""
        old = LivenessAttemptsRow.last < require_utc(at)
        with self._database.write() as session:
            # Counted by asking: what execute() returns is typed without a count.
            names = len(session.scalars(select(LivenessAttemptsRow.name).where(old)).all())
            session.execute(delete(LivenessAttemptsRow).where(old))
        return names

    def _named(self, name: str) -> bytes:
        return self._row_mac.name(name, use=_USE)

    def _row(self, session: Session, name: str) -> LivenessAttemptsRow | None:
        row = session.get(LivenessAttemptsRow, self._named(name))
        if row is not None:
            self._row_mac.require(row)
        return row

    def _add(self, session: Session, name: str, row: LivenessAttemptsRow | None, at: datetime) -> None:
        if row is None:
            row = LivenessAttemptsRow(name=self._named(name), attempts=0, last=at)
            session.add(row)
        row.attempts += 1
        row.last = max(row.last, at)
        self._row_mac.stamp(row)


def _count(row: LivenessAttemptsRow | None) -> AttemptCount:
    return AttemptCount() if row is None else AttemptCount(row.attempts, row.last)
