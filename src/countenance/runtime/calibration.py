"""The deployment's own error table, put on file in the installation's records, or taken off it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countenance.evaluation.tables import render_error_table
from countenance.kernel import sha256_hex
from countenance.store import KeptErrorTable

if TYPE_CHECKING:
    from countenance.decisions import ErrorTable
    from countenance.kernel import Clock
    from countenance.store import LogReceipt, Store

__all__ = ["forget_own_table", "keep_own_table"]

_HEADING = "Made by countenance calibrate. Don't edit: an edited table isn't believed."


def keep_own_table(store: Store, table: ErrorTable, *, clock: Clock, author: str) -> LogReceipt:
    """Put a table on file, in the place of an earlier one of its network, and log that.

    Every desk that is opened from then on decides by it.

    Args:
        store: the installation's records.
        table: measured on its own people.
        clock: says what time it is.
        author: who calibrated, by role.
    """
    text = render_error_table(table, heading=_HEADING)
    with store.together():
        store.error_tables.put(KeptErrorTable(table.model_id, text, clock.now()))
        return store.log.append(
            "calibration",
            {
                "outcome": "kept",
                "model": table.model_id,
                "sha256": sha256_hex(text.encode()),
                "levels": [level.asked for level in table.levels],
                "by": author,
            },
        )


def forget_own_table(store: Store, model_id: str, *, author: str) -> bool:
    """Take the deployment's own table of a network off file, and log that; say whether there was one.

    Desks that are opened from then on decide by the table that came along.
    """
    with store.together():
        there = store.error_tables.drop(model_id)
        if there:
            store.log.append("calibration", {"outcome": "forgotten", "model": model_id, "by": author})
    return there
