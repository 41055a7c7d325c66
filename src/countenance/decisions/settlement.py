"""What the desk does after every errand: it puts on file that what the permit obliged to was done.

Rules kept here:

* Only what this desk itself did and saw is stated, and only after it was done.
* What it can't do (keep a log for months, let a person review) stays open with its deadline.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from countenance.kernel import DutyClaim
from countenance.kernel.canonical import JsonValue

if TYPE_CHECKING:
    from countenance.authority import AuthorityDesk
    from countenance.store import LogReceipt

__all__ = ["AUTHOR", "settle"]

AUTHOR = "verification desk"
"""Who states it: the part of the system that did it."""

_WIPED: Mapping[str, str] = {
    "image_deleted": "the decoded pictures and aligned faces were overwritten in memory; none was written",
    "raw_deleted": "the embeddings and templates were overwritten in memory; none was written",
    "nonmatch_deleted": "nothing was compared with but the one reference, and nothing of either is kept",
}
_LOGGED = "processing_log"


def settle(
    authority: AuthorityDesk, duties: tuple[DutyClaim, ...], *, log: LogReceipt
) -> tuple[DutyClaim, ...]:
    """Discharge the duties of a permit that this desk has done.

    Call it when every array was overwritten and the entry is in the log.

    Args:
        authority: takes the records.
        duties: those of the permit.
        log: where the errand stands in the transparency log.

    Returns:
        The duties that stay open.
    """
    left = []
    for duty in duties:
        if duty.key in _WIPED:
            authority.discharge(duty.duty_id, content={"done": _WIPED[duty.key]}, author=AUTHOR)
        elif duty.key == _LOGGED:
            where: dict[str, JsonValue] = {"log_index": log.index, "leaf_hash": log.leaf_hash}
            authority.discharge(duty.duty_id, content=where, author=AUTHOR)
        else:
            left.append(duty)
    return tuple(left)
