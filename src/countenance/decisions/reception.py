"""What a desk finds out before anybody is asked: the error level, and that the files are two pictures.

Rules kept here:

* It takes no consent and no permit, and nothing of it is written down: a bad file leaves no trace.
* No face is looked for. That there is none, or that it is too small, takes a look, and so a permit.
* The decoded pictures stay shut (:class:`countenance.capture.PendingPicture`) and are overwritten.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Self

from countenance.decisions.order import SamePicture, VerificationOrder

if TYPE_CHECKING:
    from countenance.capture import CaptureDoor, PendingPicture
    from countenance.decisions.error_table import ErrorTable, Threshold

__all__ = ["ReceivedOrder", "receive"]


@dataclass(frozen=True, slots=True, eq=False)
class ReceivedOrder:
    """An order that can be carried out as far as can be known. Leaving it overwrites both pictures.

    Attributes:
        order: what is asked.
        threshold: that of the error level asked for.
        reference: the picture that is compared with, shut.
        probe: the picture of the person who is here, shut.
    """

    order: VerificationOrder
    threshold: Threshold
    reference: PendingPicture = field(repr=False)
    probe: PendingPicture = field(repr=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.reference.wipe()
        self.probe.wipe()


def receive(order: VerificationOrder, *, error_table: ErrorTable, capture_door: CaptureDoor) -> ReceivedOrder:
    """Look up the error level and see that the order's files are two pictures.

    Args:
        order: what is asked.
        error_table: which error levels there are.
        capture_door: says whether bytes are a picture within the limits.

    Raises:
        ErrorTargetNotOffered: if the false match rate asked for wasn't measured.
        SamePicture: if both inputs are one file, or one picture in two encodings.
        PictureRefused: if one of them isn't a picture within the limits.
    """
    threshold = error_table.threshold(order.error_target)
    order.materials()  # told by their hashes, two equal files aren't decoded
    with ExitStack() as if_it_fails:
        reference = if_it_fails.enter_context(capture_door.check(order.reference))
        probe = if_it_fails.enter_context(capture_door.check(order.probe))
        if probe.same_as(reference):
            msg = "Both inputs are one picture, encoded twice."
            raise SamePicture(msg)
        if_it_fails.pop_all()
    return ReceivedOrder(order, threshold, reference, probe)
