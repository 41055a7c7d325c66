"""What the enrolment desk does after every errand: it puts on file what it did and saw, after it was done.

What it can't do (tell a person, erase what has no end) stays open with its deadline.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Final

from countenance.kernel import DutyClaim
from countenance.kernel.canonical import JsonValue

if TYPE_CHECKING:
    from countenance.authority import AuthorityDesk
    from countenance.store import LogReceipt

__all__ = ["AUTHOR", "settle"]

AUTHOR: Final = "enrolment desk"
"""Who states it: the part of the system that did it."""

_WIPED: Final[Mapping[str, str]] = {
    "image_deleted": "the decoded pictures and aligned faces were overwritten in memory; none was written",
    "raw_deleted": "the embeddings were overwritten in memory; none was written",
}
_ERASED: Final = "deletion_job"
_SCHEDULED: Final = (
    "the sweep erases it when the consent or a term of the purpose is over; a withdrawal at once"
)
_NOTHING: Final = "nothing was kept, so nothing is left to erase"
_KEPT: Final = {True: "; one sealed template is kept", False: "; nothing is kept"}
_LOGGED: Final = "processing_log"


def settle(
    authority: AuthorityDesk,
    duties: tuple[DutyClaim, ...],
    *,
    log: LogReceipt,
    kept: bool,
    until: datetime | None = None,
) -> tuple[DutyClaim, ...]:
    """Discharge the duties of a permit that this desk has done; return those that stay open.

    Call it when every array but the fused vector was overwritten and the entry is in the log.

    Args:
        authority: takes the records.
        duties: those of the permit.
        log: where the errand stands in the transparency log.
        kept: whether a sealed template is kept.
        until: until when; ``None`` where nothing says, and then its erasure isn't scheduled.
    """
    left = []
    for duty in duties:
        if duty.key in _WIPED:
            done: dict[str, JsonValue] = {"done": _WIPED[duty.key] + _KEPT[kept]}
        elif duty.key == _ERASED and not kept:
            done = {"done": _NOTHING}
        elif duty.key == _ERASED and until is not None:
            done = {"done": _SCHEDULED, "at": until.isoformat()}
        elif duty.key == _LOGGED:
            done = {"log_index": log.index, "leaf_hash": log.leaf_hash}
        else:
            left.append(duty)
            continue
        authority.discharge(duty.duty_id, content=done, author=AUTHOR)
    return tuple(left)
