"""What processes that ended in the middle left open: closed by the next one that is alone.

Rules kept here:

* Only what was in memory alone counts as gone with the process: pictures, embeddings, what didn't match. What
  was kept isn't erased by a process's end.
* It is said in so many words, and logged once for each permit: nobody claims that the act was finished.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from countenance.kernel import PermitId
from countenance.kernel.canonical import JsonValue

if TYPE_CHECKING:
    from countenance.authority.desk import AuthorityDesk
    from countenance.store import DutyRecord, LogReceipt, Store

__all__ = ["settle_abandoned"]

AUTHOR: Final = "the process that was started next"
_IN_MEMORY: Final = frozenset({"image_deleted", "raw_deleted", "nonmatch_deleted"})
_LOGGED: Final = "processing_log"
_ERASED: Final = "deletion_job"
_GONE: Final = "the process that did it ended without a word; what it had in memory ended with it"
_NOTHING: Final = "the process that did it ended without a word, and had kept nothing"


def settle_abandoned(desk: AuthorityDesk, store: Store) -> int:
    """Close the duties that ended processes left open; return how many.

    Call it only where nobody else is at work: what another process has in memory isn't gone.

    Args:
        desk: takes the records.
        store: where the duties are.
    """
    logged: dict[PermitId, LogReceipt] = {}
    closed = 0
    for duty in store.duties.open():
        if duty.permit_id is None or duty.key not in {*_IN_MEMORY, _LOGGED, _ERASED}:
            continue
        if duty.key == _ERASED and store.references.under(duty.permit_id):
            continue
        with store.together():
            if duty.permit_id not in logged:
                logged[duty.permit_id] = store.log.append("abandoned", {"permit": duty.permit_id})
            desk.discharge(duty.duty_id, content=_said(duty, logged[duty.permit_id]), author=AUTHOR)
        closed += 1
    return closed


def _said(duty: DutyRecord, log: LogReceipt) -> dict[str, JsonValue]:
    if duty.key == _LOGGED:
        return {"log_index": log.index, "leaf_hash": log.leaf_hash}
    return {"done": _NOTHING if duty.key == _ERASED else _GONE}
