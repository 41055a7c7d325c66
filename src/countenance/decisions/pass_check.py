"""The check of a holder pass: the person who is here against the template that the person carries.

Rules kept here:

* In this order: the error level is looked up, the file is seen to be a picture, the pass is opened, the rules
  are asked about its holder, the picture is opened. A pass that doesn't hold costs nobody a look at a face.
* The pass has to be opened before the rules can be asked: who its holder is, is sealed in it. What it holds
  is compared under the permit alone, and overwritten if there is none.
* A pass whose key is being replaced is exchanged in the same step, where that is asked for and the person is
  its holder: the new one goes out, the old one is taken back, both or neither.
* No gallery is searched, and nothing of the pass is kept: neither its text nor its serial is in the log.
* The decision is as one of :class:`~countenance.decisions.VerificationDesk`: stated error, sealed record,
  receipt.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from countenance.decisions.decision import Assurance, Decision, Outcome, Role
from countenance.decisions.error_table import ErrorTable, ErrorTableInvalid, Threshold
from countenance.decisions.examination import Look, look_at
from countenance.decisions.order import Verified
from countenance.decisions.receipt import Receipt, sign_receipt
from countenance.decisions.sealed import sealed_content, sealed_context
from countenance.decisions.settlement import settle
from countenance.decisions.words import decision_words
from countenance.kernel import (
    Clock,
    CountenanceError,
    DecisionId,
    DeviceId,
    Door,
    Material,
    PlaceId,
    ProcessingRequest,
    PurposeId,
    RequestId,
    new_id,
    sha256_hex,
)
from countenance.store import DecisionRecord
from countenance.templates import ComparisonDoor, ComparisonScore, Template

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from countenance.authority import AuthorityDesk, Granted
    from countenance.capture import CaptureDoor, PendingPicture
    from countenance.decisions.pace import ComparisonLimits
    from countenance.gallery import HolderPasses, OpenedPass
    from countenance.store import LogReceipt, Store
    from countenance.vision import ExtractionDoor, FaceAnalyser, QualityGate

__all__ = ["CheckedPass", "PassCheckOrder", "PassChecking", "RenewedPass"]

_OPERATIONS = ("capture", "verify")


@dataclass(frozen=True, slots=True)
class PassCheckOrder:
    """One pass that somebody shows.

    Attributes:
        text: of its code. Left out of ``repr``.
        probe: encoded bytes of the picture of the person who shows it. Left out of ``repr``.
        purpose: the stored purpose that it is shown for.
        place: the stored place at which it happens.
        device: the stored device that took the picture.
        error_target: the false match rate asked for; one that the error table offers.
        scene: the scene profile that is carried out, where there is one.
        renew: whether a pass whose key is being replaced is exchanged for a new one.
        caller: who asks, such as the title of a clerk's key, for the count of comparisons alone.
    """

    text: str = field(repr=False)
    probe: bytes = field(repr=False)
    purpose: PurposeId
    place: PlaceId
    device: DeviceId
    error_target: float
    scene: str | None = None
    renew: bool = False
    caller: str | None = None


@dataclass(frozen=True, slots=True)
class RenewedPass:
    """The pass that takes the place of the one that was shown.

    Attributes:
        text: of its code. Left out of ``repr``.
        serial: in hexadecimal digits. Left out of ``repr``.
        purpose: what it is for.
        valid_from: from when, UTC.
        valid_until: until when, exclusive, UTC; when the pass before would have ended.
    """

    text: str = field(repr=False)
    serial: str = field(repr=False)
    purpose: PurposeId
    valid_from: datetime
    valid_until: datetime


@dataclass(frozen=True, slots=True)
class CheckedPass:
    """What the check of a pass hands back.

    Attributes:
        verified: decision, verdict, receipt and place in the log; without previews.
        reissue: whether the key of the pass is being replaced, so that the holder is given a new one.
        renewed: the new one, if it was asked for and the person is the holder.
    """

    verified: Verified
    reissue: bool
    renewed: RenewedPass | None = None


@dataclass(frozen=True, slots=True, eq=False)
class _Errand:
    threshold: Threshold
    request: ProcessingRequest
    granted: Granted
    opened: OpenedPass = field(repr=False)
    picture: PendingPicture = field(repr=False)
    pass_material: Material


@dataclass(frozen=True, slots=True, eq=False)
class _Finding:
    outcome: Outcome
    score: ComparisonScore | None
    look: Look


class PassChecking:
    """Decides whether the person who shows a pass is its holder.

    Args:
        authority: asks the rules and gives the permit.
        capture_door: checks the picture, and opens it under it.
        analyser: finds and judges the faces.
        extraction_door: makes the embedding under it; serves ``verify``.
        comparison_door: compares under it.
        passes: opens passes.
        error_table: which threshold keeps which false match rate, for the extraction door's model.
        store: takes the sealed record, the receipt and the log entry.
        clock: says what time it is.
        quality_gate: what a face must reach to be compared.
        limits: how often a caller, a device and a pass are compared.

    Raises:
        ErrorTableInvalid: if table, passes and extraction door aren't of one network.
    """

    BUDGET: ClassVar[Mapping[Door, int]] = {Door.CAPTURE: 1, Door.EXTRACT: 1, Door.COMPARE: 1}
    """How often each door may be passed for one check."""

    __slots__ = (
        "_analyser", "_authority", "_capture_door", "_clock", "_comparison_door", "_error_table",
        "_extraction_door", "_limits", "_passes", "_quality_gate", "_store",
    )  # fmt: skip

    def __init__(
        self,
        *,
        authority: AuthorityDesk,
        capture_door: CaptureDoor,
        analyser: FaceAnalyser,
        extraction_door: ExtractionDoor,
        comparison_door: ComparisonDoor,
        passes: HolderPasses,
        error_table: ErrorTable,
        store: Store,
        clock: Clock,
        quality_gate: QualityGate,
        limits: ComparisonLimits,
    ) -> None:
        if not error_table.model_id == extraction_door.model_id == passes.model_id:
            msg = "The error table was measured for another embedding model than the one that is set."
            raise ErrorTableInvalid(msg)
        self._authority = authority
        self._capture_door = capture_door
        self._analyser = analyser
        self._extraction_door = extraction_door
        self._comparison_door = comparison_door
        self._passes = passes
        self._error_table = error_table
        self._store = store
        self._clock = clock
        self._quality_gate = quality_gate
        self._limits = limits

    def check(self, order: PassCheckOrder) -> CheckedPass:
        """Check one pass under a permit.

        Args:
            order: the pass, the picture, and what it is shown for.

        Raises:
            ErrorTargetNotOffered: if the false match rate asked for wasn't measured.
            PictureRefused: if the file isn't a picture within the limits.
            PassUnreadable: if it is no pass.
            PassForeign: if it is of another deployment or purpose, or was altered.
            PassNotYetValid: if its time hasn't come.
            PassEnded: if its time, or the time for exchanging it, is over.
            PassRevoked: if it was taken back.
            PassOfAnotherNetwork: if another network made its template.
            TooManyComparisons: if caller, device or pass had as many as it gets.
            RefusedByRule: if the rules say no; the verdict says why.
            PermitRefused: if the permit stops counting on the way, such as by a withdrawn consent.
            CallerError: if place, device or purpose isn't known.
            OperatorError: if a model, the custodian or the store fails.
        """
        threshold = self._error_table.threshold(order.error_target)
        with ExitStack() as to_wipe:
            picture = to_wipe.enter_context(self._capture_door.check(order.probe))
            opened = self._passes.open(order.text, purpose=order.purpose)
            to_wipe.callback(opened.wipe)
            counted = f"pass:{opened.header.serial.hex()}"
            self._limits.take(device=order.device, caller=order.caller, reference=counted)
            errand = self._prepare(order, threshold, picture, opened)
            try:
                finding = self._examine(errand, to_wipe)
                renewed = self._renew(order, opened, finding)
                to_wipe.close()
                verified = self._record(errand, finding, exchanged=renewed is not None)
            except CountenanceError as error:
                to_wipe.close()
                self._record_failure(errand, error)
                raise
        if finding.outcome is Outcome.MATCH:
            self._limits.matched(counted)
        return CheckedPass(verified, opened.reissue, renewed)

    def _renew(self, order: PassCheckOrder, opened: OpenedPass, finding: _Finding) -> RenewedPass | None:
        """Make the pass that takes the place of this one, for its holder alone; nothing is recorded yet."""
        if not (order.renew and opened.reissue and finding.outcome is Outcome.MATCH):
            return None
        made = self._passes.renew(opened, purpose=order.purpose)
        return RenewedPass(
            text=made.to_text(),
            serial=made.header.serial.hex(),
            purpose=order.purpose,
            valid_from=made.header.valid_from,
            valid_until=made.header.valid_until,
        )

    def _prepare(
        self, order: PassCheckOrder, threshold: Threshold, picture: PendingPicture, opened: OpenedPass
    ) -> _Errand:
        pass_material = Material(sha256_hex(order.text.strip().encode()))
        request = ProcessingRequest(
            request_id=RequestId(new_id("req")),
            operations=_OPERATIONS,
            purpose=order.purpose,
            place=order.place,
            device=order.device,
            materials=tuple(sorted((pass_material, picture.material))),
            error_target=threshold.fmr,
            subject=opened.subject,
            scene=order.scene,
        )
        granted = self._authority.permit(request, budget=self.BUDGET)
        return _Errand(threshold, request, granted, opened, picture, pass_material)

    def _examine(self, errand: _Errand, to_wipe: ExitStack) -> _Finding:
        """Open, look, and compare if the face is good enough. All arrays go on ``to_wipe``."""
        frame = self._capture_door.open(errand.picture, permit=errand.granted.token, request=errand.request)
        to_wipe.callback(frame.wipe)
        observations = self._analyser.observe(frame)
        for observation in observations:
            to_wipe.callback(observation.wipe)
        size = (frame.width, frame.height)
        look = look_at(Role.LIVE, observations, frame_size=size, gate=self._quality_gate)
        if look.observation is None or not look.acceptable:
            return _Finding(Outcome.INCONCLUSIVE, None, look)
        embedding = self._extraction_door.extract(
            look.observation,
            material=errand.picture.material,
            permit=errand.granted.token,
            request=errand.request,
        )
        to_wipe.callback(embedding.wipe)
        turned = self._passes.probe(errand.opened, embedding.vector, purpose=errand.request.purpose)
        to_wipe.callback(turned.fill, 0.0)
        score = self._comparison_door.compare(
            self._template(errand, turned, errand.picture.material),
            self._template(errand, errand.opened.reference, errand.pass_material),
            permit=errand.granted.token,
            request=errand.request,
        )
        matches = score.value >= errand.threshold.value
        return _Finding(Outcome.MATCH if matches else Outcome.NO_MATCH, score, look)

    def _template(self, errand: _Errand, vector: NDArray[np.float32], material: Material) -> Template:
        """Return a turned vector as a template of this request; it shares the vector's memory."""
        return Template(
            vector=vector,
            model_id=self._passes.model_id,
            purpose=errand.request.purpose,
            request_digest=errand.request.digest(),
            material=material,
        )

    def _record(self, errand: _Errand, finding: _Finding, *, exchanged: bool) -> Verified:
        decision, request = self._decide(errand, finding), errand.request
        with self._store.together():
            # A consent that was withdrawn meanwhile took with it what was kept: nothing is kept after it.
            self._authority.require_standing(errand.granted, request)
            content = sealed_content(
                decision,
                request=request,
                threshold=errand.threshold,
                score=finding.score,
                looks=[finding.look],
            )
            sealed = self._store.vault.seal(
                errand.opened.subject, request.purpose, content, context=sealed_context(decision)
            )
            log = self._log(errand, {"outcome": decision.outcome.value, "decision": decision.decision_id,
                                     "sealed": sha256_hex(sealed)})  # fmt: skip
            said = Receipt.of(
                decision,
                purpose=request.purpose,
                place=request.place,
                log_index=log.index,
                leaf_hash=log.leaf_hash,
            )
            receipt = sign_receipt(self._store.signer, said)
            self._store.decisions.add(
                DecisionRecord(decision.decision_id, decision.permit_id, decision.decided_at, sealed, receipt)
            )
            if exchanged:
                self._passes.take_back(errand.opened, purpose=request.purpose)
                self._log(errand, {"outcome": "pass exchanged", "decision": decision.decision_id})
            settle(self._authority, errand.granted.claims.duties, log=log)
        return Verified(decision, errand.granted.verdict, receipt, log, previews=())

    def _decide(self, errand: _Errand, finding: _Finding) -> Decision:
        claims, inputs = errand.granted.claims, (finding.look.report,)
        compared = () if finding.score is None else (finding.score.model_id,)
        return Decision(
            decision_id=DecisionId(new_id("dec")),
            outcome=finding.outcome,
            words=decision_words(
                outcome=finding.outcome,
                threshold=errand.threshold,
                inputs=inputs,
                assurance=Assurance.ATTENDED,
                demo=claims.demo,
            ),
            stated_error=errand.threshold.stated,
            inputs=inputs,
            models=tuple(dict.fromkeys((*self._analyser.model_ids, *compared))),
            permit_id=claims.permit_id,
            rule_set=claims.rule_set,
            request_digest=claims.request_digest,
            decided_at=self._clock.now(),
            assurance=Assurance.ATTENDED,
            demo=claims.demo,
        )

    def _record_failure(self, errand: _Errand, error: CountenanceError) -> None:
        """Log that the check failed, and discharge what was done all the same: everything was wiped."""
        with self._store.together():
            log = self._log(errand, {"outcome": "failed", "error": error.code})
            settle(self._authority, errand.granted.claims.duties, log=log)

    def _log(self, errand: _Errand, entry: Mapping[str, object]) -> LogReceipt:
        claims = errand.granted.claims
        bound = {"permit": claims.permit_id, "request": claims.request_digest, "rule_set": claims.rule_set}
        return self._store.log.append(
            "decision", {**entry, **bound}, subject=errand.opened.subject, purpose=errand.request.purpose
        )
