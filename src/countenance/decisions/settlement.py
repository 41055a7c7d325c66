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

__all__ = ["AUTHOR", "SEARCHED", "settle"]

AUTHOR = "verification desk"
"""Who states it: the part of the system that did it."""

_WIPED: Mapping[str, str] = {
    "image_deleted": "the decoded pictures and aligned faces were overwritten in memory; none was written",
    "raw_deleted": "the embeddings and templates were overwritten in memory; none was written",
    "nonmatch_deleted": "nothing was compared with but the one reference, and nothing of either is kept",
}
_LOGGED = "processing_log"
SEARCHED: Mapping[str, str] = {
    **_WIPED,
    "nonmatch_deleted": "the probe was overwritten in memory whatever was found; none was written",
    "explanation": "the decision's sentences, its rules and its receipt were given with the answer",
}
"""What a search wipes and gives, in words."""


def settle(
    authority: AuthorityDesk,
    duties: tuple[DutyClaim, ...],
    *,
    log: LogReceipt,
    done: Mapping[str, str] = _WIPED,
    author: str = AUTHOR,
) -> tuple[DutyClaim, ...]:
    """Discharge the duties of a permit that this desk has done.

    Call it when every array was overwritten and the entry is in the log.

    Args:
        authority: takes the records.
        duties: those of the permit.
        log: where the errand stands in the transparency log.
        done: what this desk does after every errand, in words, by the key of the duty.
        author: which desk it is.

    Returns:
        The duties that stay open.
    """
    left = []
    for duty in duties:
        if duty.key in done:
            authority.discharge(duty.duty_id, content={"done": done[duty.key]}, author=author)
        elif duty.key == _LOGGED:
            where: dict[str, JsonValue] = {"log_index": log.index, "leaf_hash": log.leaf_hash}
            authority.discharge(duty.duty_id, content=where, author=author)
        else:
            left.append(duty)
    return tuple(left)
