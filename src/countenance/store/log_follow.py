"""Keeps looking at a transparency log, at a cost that doesn't grow with it.

Rules kept here:

* The first look takes the whole log. Each later one takes what is new and a stretch of what was seen before,
  and goes round: whatever is changed in an old entry is found within one round.
* Of what was seen before, leaf and sealed statement are compared with hashes of what was seen; only what
  differs is opened again.
* What is new is counted onto the tree that was seen, and its root compared with the signed head: a leaf that
  was changed, dropped, moved or put between changes the root.
* A log that doesn't hold is taken from the beginning again, and nothing is believed of it meanwhile.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from countenance.store._models import LogEntryRow, LogHeadRow
from countenance.store.database import Database
from countenance.store.log_check import LogWalk, against_head, check_log
from countenance.store.log_entries import LogEntry
from countenance.store.merkle import HASH_BYTES, leaf_hash
from countenance.store.notes import NoteKey

__all__ = ["LogFollower"]

_ROWS_AT_ONCE = 1000


class LogFollower:
    """Follows one log. Not safe to use from several threads at once.

    Args:
        database: where the log is.
        key: the log's key.
        read: gives the entry of a row, or ``None`` where the statement isn't what the leaf commits to.
    """

    __slots__ = ("_bodies", "_database", "_hashes", "_key", "_next", "_read", "_walk")

    def __init__(
        self,
        *,
        database: Database,
        key: NoteKey,
        read: Callable[[Session, LogEntryRow], LogEntry | None],
    ) -> None:
        self._database = database
        self._key = key
        self._read = read
        self._begin()

    @property
    def size(self) -> int:
        """How many leaves were seen and held."""
        return self._walk.frontier.size

    def look(self, *, again: int) -> bool:
        """Take what is new, and some of the earlier leaves once more.

        Args:
            again: how many earlier leaves.

        Returns:
            Whether the log holds, as far as was looked.
        """
        with self._database.read() as session:
            whole = (
                self.size > 0
                or check_log(session, key=self._key, read=lambda row: self._read(session, row)).ok
            )
            holds = whole and self._take_new(session) and self._take_again(session, again)
        if not holds:
            self._begin()
        return holds

    def _begin(self) -> None:
        self._walk = LogWalk(wanted=set())
        self._hashes = bytearray()
        self._bodies = bytearray()
        self._next = 0

    def _take_new(self, session: Session) -> bool:
        rows = select(LogEntryRow).where(LogEntryRow.position >= self.size).order_by(LogEntryRow.position)
        for row in session.scalars(rows.execution_options(yield_per=_ROWS_AT_ONCE)):
            self._walk.take(row, self._read(session, row))
            self._hashes += leaf_hash(row.commitment)
            self._bodies += _digest(row.body)
        if self._walk.findings or self._walk.bare - self._walk.announced:
            return False
        return not against_head(session.get(LogHeadRow, 1), self._walk.frontier, self._key)

    def _take_again(self, session: Session, many: int) -> bool:
        first, last = self._next, min(self._next + many, self.size)
        rows = session.execute(
            select(LogEntryRow.position, LogEntryRow.commitment, LogEntryRow.body).where(
                LogEntryRow.position >= first, LogEntryRow.position < last
            )
        ).all()
        self._next = last if last < self.size else 0
        return len(rows) == last - first and all(
            self._still_holds(session, position, commitment, body) for position, commitment, body in rows
        )

    def _still_holds(self, session: Session, position: int, commitment: bytes, body: bytes | None) -> bool:
        place = slice(position * HASH_BYTES, (position + 1) * HASH_BYTES)
        if leaf_hash(commitment) != self._hashes[place]:
            return False
        if _digest(body) == self._bodies[place]:
            return True
        row = session.get(LogEntryRow, position)
        entry = None if row is None else self._read(session, row)
        if entry is None or (body is None and position not in self._walk.announced):
            return False
        self._bodies[place] = _digest(body)
        return True


def _digest(body: bytes | None) -> bytes:
    return hashlib.sha256(body or b"").digest()
