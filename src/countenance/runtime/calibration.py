"""The deployment's own error table, put on file in the installation's records, or taken off it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countenance.evaluation.tables import render_error_table
from countenance.kernel import sha256_hex
from countenance.runtime.error_tables import TableInUse, error_table_in_use
from countenance.runtime.networks import choose_networks
from countenance.runtime.opening import open_store
from countenance.store import KeptErrorTable
from countenance.store.sqlite import DATABASE_FILE
from countenance.vision.registry import ModelStore

if TYPE_CHECKING:
    from countenance.decisions import ErrorTable
    from countenance.kernel import Clock
    from countenance.runtime.settings import Settings
    from countenance.store import LogReceipt, Store

__all__ = ["forget_own_table", "keep_own_table", "table_for"]

_HEADING = "Made by countenance calibrate. Don't edit: an edited table isn't believed."


def table_for(settings: Settings, *, clock: Clock, documents: bool = False) -> TableInUse:
    """Return the table by which an installation with these settings decides; without one, what came along.

    Args:
        settings: name the networks, and where the installation's records are, if there are any.
        clock: says what time it is.
        documents: whether portraits in documents are compared as well.

    Raises:
        ErrorTableInvalid: if there is none for these networks, or the deployment's own can't be used.
        RecordTampered: if somebody changed it.
        OperatorError: if there are records and they can't be opened.
    """
    networks = choose_networks(settings, ModelStore(folder=settings.models_folder).manifest)
    kept_in = settings.data_folder if settings.database is not None else settings.data_folder / DATABASE_FILE
    if not kept_in.exists():
        return error_table_in_use(networks, None, documents=documents)
    with open_store(settings, clock=clock) as store:
        return error_table_in_use(networks, store, documents=documents)


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
