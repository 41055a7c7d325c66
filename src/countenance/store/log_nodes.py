"""Hashes of the log's subtrees, so that a proof doesn't read every leaf.

Rules kept here:

* Subtrees of 64 leaves and more have their hash in a row; it is written with the leaf that completes them.
* The hashes are a shortcut, never a source: what is made of them is checked against the signed head, and
  made of the leaves where it doesn't hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from countenance.store._log_models import LogNodeRow
from countenance.store._models import LogEntryRow
from countenance.store.database import insert_into
from countenance.store.merkle import Frontier, leaf_hash, node_hash, root_of

__all__ = ["LOWEST_LEVEL", "StoredNodes", "add_nodes", "completed", "node_position"]

LOWEST_LEVEL = 6
_LEVEL_BITS = 48


def node_position(level: int, index: int) -> int:
    """Return the number under which a subtree's hash is kept."""
    return level << _LEVEL_BITS | index


def completed(before: Frontier, leaf: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Yield level, index and hash of each kept subtree that a leaf completes."""
    peaks, size, level, node = list(before.peaks), before.size, 0, leaf
    while size & 1:
        node, level, size = node_hash(peaks.pop(), node), level + 1, size >> 1
        if level >= LOWEST_LEVEL:
            yield level, size, node


def add_nodes(session: Session, before: Frontier, leaf: bytes) -> None:
    """Keep the hashes of the subtrees that a leaf completes."""
    for level, index, node in completed(before, leaf):
        row = insert_into(session, LogNodeRow).values(position=node_position(level, index), hash=node)
        session.execute(row.on_conflict_do_update(index_elements=["position"], set_={"hash": node}))


class StoredNodes:
    """Gives subtrees' hashes out of one state of the database.

    Args:
        session: sees that state.
    """

    __slots__ = ("_blocks", "_known", "_session")

    def __init__(self, session: Session) -> None:
        self._session = session
        self._blocks: dict[int, list[bytes]] = {}
        self._known: dict[int, bytes] = {}

    def load(self, wanted: Iterable[tuple[int, int]]) -> None:
        """Read the hashes of these subtrees (level and index) at once."""
        positions = [node_position(level, index) for level, index in wanted if level >= LOWEST_LEVEL]
        rows = self._session.execute(
            select(LogNodeRow.position, LogNodeRow.hash).where(LogNodeRow.position.in_(positions))
        )
        self._known.update((position, node) for position, node in rows)

    def node(self, level: int, index: int) -> bytes:
        """Return the root of a perfect subtree.

        Raises:
            ValueError: if its leaves aren't all there.
        """
        if level < LOWEST_LEVEL:
            first = index << level
            block = self._block(first >> LOWEST_LEVEL)
            start = first & ((1 << LOWEST_LEVEL) - 1)
            leaves = block[start : start + (1 << level)]
            if len(leaves) != 1 << level:
                msg = "the log isn't that long"
                raise ValueError(msg)
            return root_of(leaves)
        kept = self._known.get(node_position(level, index))
        if kept is None:
            kept = self._session.scalar(
                select(LogNodeRow.hash).where(LogNodeRow.position == node_position(level, index))
            )
        if kept is not None:
            return kept
        if level == LOWEST_LEVEL:
            return root_of(self._block(index))
        return node_hash(self.node(level - 1, 2 * index), self.node(level - 1, 2 * index + 1))

    def _block(self, number: int) -> list[bytes]:
        if number not in self._blocks:
            first = number << LOWEST_LEVEL
            commitments = self._session.scalars(
                select(LogEntryRow.commitment)
                .where(LogEntryRow.position >= first, LogEntryRow.position < first + (1 << LOWEST_LEVEL))
                .order_by(LogEntryRow.position)
            ).all()
            self._blocks[number] = [leaf_hash(one) for one in commitments]
        return self._blocks[number]
