"""Fills a log with random leaves, so that its proofs can be timed at a size.

Rules kept here:

* Only an empty log is filled; the leaves are random commitments without statements, and say nothing.
"""

from __future__ import annotations

import random

from sqlalchemy import insert

from countenance.store._log_models import LogNodeRow
from countenance.store._models import LogEntryRow, LogHeadRow
from countenance.store.errors import LogBroken
from countenance.store.log_nodes import completed, node_position
from countenance.store.merkle import HASH_BYTES, Frontier, leaf_hash
from countenance.store.notes import Checkpoint, sign_note
from countenance.store.store import Store

__all__ = ["fill_log"]

_ROWS_AT_ONCE = 20_000


def fill_log(store: Store, leaves: int, *, seed: int) -> None:
    """Put random leaves into an empty log of an installation that is thrown away afterwards.

    Args:
        store: a new one.
        leaves: how many.
        seed: of the randomness.

    Raises:
        LogBroken: if the log isn't empty.
    """
    draw = random.Random(seed)  # noqa: S311 - nothing secret is drawn
    frontier = Frontier()
    # This package's own writer of its own tables.
    with store._database.write() as session:  # noqa: SLF001
        head = session.get(LogHeadRow, 1)
        if head is None or head.size != 0:
            raise LogBroken("Only an empty log is filled.")
        for first in range(0, leaves, _ROWS_AT_ONCE):
            rows, nodes = [], []
            for position in range(first, min(first + _ROWS_AT_ONCE, leaves)):
                commitment = draw.randbytes(HASH_BYTES)
                rows.append({"position": position, "commitment": commitment, "body": None})
                leaf = leaf_hash(commitment)
                nodes += [
                    {"position": node_position(level, index), "hash": node}
                    for level, index, node in completed(frontier, leaf)
                ]
                frontier = frontier.append(leaf)
            session.execute(insert(LogEntryRow), rows)
            if nodes:
                session.execute(insert(LogNodeRow), nodes)
        key = store.log.key
        text = Checkpoint(key.name, frontier.size, frontier.root()).to_text()
        head.size, head.frontier = frontier.size, b"".join(frontier.peaks)
        head.checkpoint = sign_note(text, key=key, sign=store.signer.sign_bytes)
