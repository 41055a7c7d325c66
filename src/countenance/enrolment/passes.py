"""The issuing of holder passes: a person's pictures become a sealed template that the person takes along.

Rules kept here:

* In this order: the files are seen to be pictures, the rules are asked for ``capture`` and ``enrol``, the
  pictures are opened, the samples are fused, the pass is sealed.
* Nothing of it is stored but a log entry and the records of what was done. The entry doesn't name the serial:
  whoever reads the log can't tell whose pass one is.
* A pass ends no later than the consent on which it rests.
* Every picture and vector is overwritten before anything is recorded, whatever happened.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from countenance.enrolment.errors import NoUsableSample
from countenance.enrolment.order import EnrolmentOrder, SampleLeftOut
from countenance.enrolment.samples import receive_pictures
from countenance.enrolment.settlement import settle
from countenance.enrolment.taking import MadeTemplate, TemplateTaking, basis_of
from countenance.kernel import (
    Clock,
    CountenanceError,
    Door,
    PermitId,
    PermitRefused,
    ProcessingRequest,
    PurposeId,
    RequestId,
    new_id,
)

if TYPE_CHECKING:
    from countenance.authority import AuthorityDesk, Granted
    from countenance.capture import CaptureDoor, PendingPicture
    from countenance.gallery import HolderPasses
    from countenance.store import LogReceipt, Store
    from countenance.templates import HolderPass

__all__ = ["IssuedPass", "PassIssuing"]

_OPERATIONS: Final = ("capture", "enrol")


@dataclass(frozen=True, slots=True)
class IssuedPass:
    """A pass that goes to the person now.

    Attributes:
        text: of its code. Left out of ``repr``.
        serial: in hexadecimal digits; what takes it back if it is lost. Left out of ``repr``.
        purpose: what it is for.
        valid_from: from when, UTC.
        valid_until: until when, exclusive, UTC.
        samples: how many pictures it was made from.
        quality: the least unified quality among them, 0 to 100.
        left_out: the pictures that aren't in it, and why.
        permit_id: under which permit.
        log: where the entry stands in the transparency log.
    """

    text: str = field(repr=False)
    serial: str = field(repr=False)
    purpose: PurposeId
    valid_from: datetime
    valid_until: datetime
    samples: int
    quality: int
    left_out: tuple[SampleLeftOut, ...]
    permit_id: PermitId
    log: LogReceipt


class PassIssuing:
    """Issues holder passes. No gallery is searched and none is written.

    Args:
        authority: asks the rules and gives the permit.
        capture_door: checks the pictures.
        taking: makes one template of them under the permit.
        passes: seals it.
        store: takes the log entry.
        clock: says what time it is.
    """

    __slots__ = ("_authority", "_capture_door", "_clock", "_passes", "_store", "_taking")

    def __init__(
        self,
        *,
        authority: AuthorityDesk,
        capture_door: CaptureDoor,
        taking: TemplateTaking,
        passes: HolderPasses,
        store: Store,
        clock: Clock,
    ) -> None:
        self._authority = authority
        self._capture_door = capture_door
        self._taking = taking
        self._passes = passes
        self._store = store
        self._clock = clock

    def issue(self, order: EnrolmentOrder, *, valid_for: timedelta) -> IssuedPass:
        """Issue one pass under a permit.

        Args:
            order: to whom, for what, from which pictures.
            valid_for: how long it is to hold, at least a second; a consent that ends sooner ends it sooner.

        Raises:
            ValueError: if it is to hold for less than a second.
            NoUsableSample: if none of the pictures can be used; the remedy says what to change.
            SamplesDisagree: if they don't show one person.
            RefusedByRule: if the rules say no; the verdict says why.
            PermitRefused: if the permit stops counting on the way, such as by a withdrawn consent.
            CallerError: if place, device or purpose isn't known.
            OperatorError: if a model, the custodian or the store fails.
        """
        if valid_for < timedelta(seconds=1):
            msg = "a pass holds for a second or longer"
            raise ValueError(msg)
        with ExitStack() as to_wipe:
            pictures, refused = receive_pictures(order.pictures, self._capture_door, to_wipe)
            if not pictures:
                raise NoUsableSample(refused)
            request = _request(order, tuple(pictures.values()))
            count = len(pictures)
            granted = self._authority.permit(request, budget={Door.CAPTURE: count, Door.EXTRACT: count})
            try:
                made = self._taking.take(granted, request, pictures, refused, to_wipe)
                sealed = self._seal(order, granted, made, valid_for)
                to_wipe.close()
                return self._record(order, granted, request, made, sealed)
            except CountenanceError as error:
                to_wipe.close()
                self._record_failure(order, granted, error)
                raise

    def _seal(
        self, order: EnrolmentOrder, granted: Granted, made: MadeTemplate, valid_for: timedelta
    ) -> HolderPass:
        now = self._clock.now()
        _, until = basis_of(granted, self._store)
        end = now + valid_for
        return self._passes.make(
            subject=order.subject,
            purpose=order.purpose,
            template=made.fused.vector,
            valid_from=now,
            valid_until=end if until is None else min(end, until),
        )

    def _record(
        self,
        order: EnrolmentOrder,
        granted: Granted,
        request: ProcessingRequest,
        made: MadeTemplate,
        sealed: HolderPass,
    ) -> IssuedPass:
        with self._store.together():
            # Whose consent was withdrawn meanwhile gets no pass.
            self._authority.require_standing(granted, request)
            log = self._log(order, granted, {"outcome": "pass issued"})
            settle(self._authority, granted.claims.duties, log=log, kept=False)
        return IssuedPass(
            text=sealed.to_text(),
            serial=sealed.header.serial.hex(),
            purpose=order.purpose,
            valid_from=sealed.header.valid_from,
            valid_until=sealed.header.valid_until,
            samples=len(made.fused.kept),
            quality=made.quality,
            left_out=made.left_out,
            permit_id=granted.claims.permit_id,
            log=log,
        )

    def _record_failure(self, order: EnrolmentOrder, granted: Granted, error: CountenanceError) -> None:
        with self._store.together():
            log = self._log(order, granted, {"outcome": "no pass issued", "error": error.code})
            if not isinstance(error, PermitRefused):
                settle(self._authority, granted.claims.duties, log=log, kept=False)

    def _log(self, order: EnrolmentOrder, granted: Granted, entry: dict[str, object]) -> LogReceipt:
        claims = granted.claims
        bound = {"permit": claims.permit_id, "request": claims.request_digest, "rule_set": claims.rule_set}
        return self._store.log.append(
            "enrolment", {**entry, **bound}, subject=order.subject, purpose=order.purpose
        )


def _request(order: EnrolmentOrder, pictures: tuple[PendingPicture, ...]) -> ProcessingRequest:
    return ProcessingRequest(
        request_id=RequestId(new_id("req")),
        operations=_OPERATIONS,
        purpose=order.purpose,
        place=order.place,
        device=order.device,
        materials=tuple(sorted(one.material for one in pictures)),
        error_target=order.error_target,
        subject=order.subject,
        scene=order.scene,
    )
