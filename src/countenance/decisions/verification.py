"""The verification desk: one probe against one reference, from order to signed receipt.

Rules kept here:

* In this order: the error level is looked up and the files are seen to be pictures, the rules are asked, the
  pictures are opened. A bad file leaves no trace, and a refusal costs nobody a look at a face.
* Every picture that was opened is overwritten before anything is recorded, whatever happened.
* A photograph that can't be judged ends in a decision of its own (inconclusive), with log and receipt.
* A failure leaves a log entry and no open duty that the desk could have discharged; then it is raised.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from countenance.decisions.decision import Assurance, Decision, Outcome, Role
from countenance.decisions.document_check import (
    DocumentReport,
    ReadsDocuments,
    read_reference,
    require_reader,
)
from countenance.decisions.error_table import ErrorTable, ErrorTableInvalid
from countenance.decisions.examination import Look, look_at
from countenance.decisions.order import FacePreview, VerificationOrder, Verified
from countenance.decisions.receipt import Receipt, sign_receipt
from countenance.decisions.reception import ReceivedOrder, receive
from countenance.decisions.sealed import sealed_content, sealed_context
from countenance.decisions.settlement import settle
from countenance.decisions.words import decision_words
from countenance.kernel import (
    Clock,
    CountenanceError,
    DecisionId,
    Door,
    Frame,
    Material,
    PermitRefused,
    ProcessingRequest,
    RequestId,
    new_id,
    sha256_hex,
)
from countenance.store import DecisionRecord
from countenance.templates import ComparisonDoor, ComparisonScore, Template

if TYPE_CHECKING:
    from collections.abc import Mapping

    from countenance.authority import AuthorityDesk, Granted
    from countenance.capture import CaptureDoor, PendingPicture
    from countenance.decisions.pace import ComparisonLimits
    from countenance.store import LogReceipt, Store
    from countenance.vision import ExtractionDoor, FaceAnalyser, FaceObservation, QualityGate

__all__ = ["VerificationDesk"]

_OPERATIONS = ("capture", "verify")


@dataclass(frozen=True, slots=True)
class _Errand:
    """An order with everything that is fixed before a picture is opened."""

    received: ReceivedOrder
    request: ProcessingRequest
    granted: Granted

    @property
    def order(self) -> VerificationOrder:
        return self.received.order


@dataclass(frozen=True, slots=True)
class _Finding:
    """What came out of the pictures. The arrays of its looks are overwritten before it is used."""

    outcome: Outcome
    score: ComparisonScore | None
    looks: tuple[Look, ...]
    previews: tuple[FacePreview, ...]
    document: DocumentReport | None = None


class VerificationDesk:
    """Decides whether two pictures show one person.

    Args:
        authority: asks the rules and gives the permit.
        capture_door: checks the pictures, and opens them under it.
        analyser: finds and judges the faces.
        extraction_door: makes the embeddings under it.
        comparison_door: compares the templates under it.
        error_table: which threshold keeps which false match rate, for the extraction door's model.
        store: takes the sealed record, the receipt and the log entry.
        clock: says what time it is.
        quality_gate: what a face must reach to be compared.
        limits: how often a caller, a device and a reference are compared.
        document_reader: reads the document in the reference; ``None`` where its networks aren't here.
        document_analyser: finds and judges the portrait in a document; ``analyser`` does it if left out.

    Raises:
        ErrorTableInvalid: if the table was measured for another model.
    """

    BUDGET: ClassVar[Mapping[Door, int]] = {Door.CAPTURE: 2, Door.EXTRACT: 2, Door.COMPARE: 1}
    """How often each door may be passed for one verification."""

    __slots__ = (
        "_analyser", "_authority", "_capture_door", "_clock", "_comparison_door", "_document_analyser",
        "_document_reader", "_error_table", "_extraction_door", "_limits", "_quality_gate", "_store",
    )  # fmt: skip

    def __init__(
        self,
        *,
        authority: AuthorityDesk,
        capture_door: CaptureDoor,
        analyser: FaceAnalyser,
        extraction_door: ExtractionDoor,
        comparison_door: ComparisonDoor,
        error_table: ErrorTable,
        store: Store,
        clock: Clock,
        quality_gate: QualityGate,
        limits: ComparisonLimits,
        document_reader: ReadsDocuments | None = None,
        document_analyser: FaceAnalyser | None = None,
    ) -> None:
        if error_table.model_id != extraction_door.model_id:
            msg = "The error table was measured for another embedding model than the one that is set."
            raise ErrorTableInvalid(msg)
        self._authority = authority
        self._capture_door = capture_door
        self._analyser = analyser
        self._extraction_door = extraction_door
        self._comparison_door = comparison_door
        self._error_table = error_table
        self._store = store
        self._clock = clock
        self._quality_gate = quality_gate
        self._limits = limits
        self._document_reader = document_reader
        self._document_analyser = document_analyser or analyser

    def receive(self, order: VerificationOrder) -> ReceivedOrder:
        """Find out what can be known about an order before anybody is asked. Nothing is written down.

        Args:
            order: what is asked, with the two encoded pictures.

        Returns:
            The order for :meth:`carry_out`; whoever has it leaves it, which overwrites the pictures.

        Raises:
            ErrorTargetNotOffered: if the false match rate asked for wasn't measured.
            SamePicture: if both inputs are one file, or one picture in two encodings.
            DocumentReadingUnavailable: if a document has to be read and there is no reader.
            PictureRefused: if an input isn't a picture within the limits.
            TooManyComparisons: if caller, device or reference had as many as it gets.
        """
        require_reader(order.document, self._document_reader)
        with ExitStack() as if_it_fails:
            received = if_it_fails.enter_context(
                receive(order, error_table=self._error_table, capture_door=self._capture_door)
            )
            self._limits.take(device=order.device, caller=order.caller, reference=_counted(received))
            if_it_fails.pop_all()
        return received

    def verify(self, order: VerificationOrder) -> Verified:
        """Receive an order and carry it out; see both."""
        with self.receive(order) as received:
            return self.carry_out(received)

    def carry_out(self, received: ReceivedOrder) -> Verified:
        """Carry out one verification under a permit.

        Args:
            received: what is asked, with the two pictures; both are overwritten afterwards.

        Returns:
            The decision, the verdict that allowed it, the receipt, its place in the log, and a preview
            of each face that was found.

        Raises:
            AgeBandDisagrees: if the document says another age than was stated.
            SubjectError: if the document can't be read as the scene asks, or a check of it doesn't hold.
            RefusedByRule: if the rules say no; the verdict says why.
            DutyOverdue: if an earlier permit's duty is overdue at this place.
            PermitRefused: if the permit stops counting on the way, such as by a withdrawn consent.
            CallerError: if place, device or purpose isn't known.
            OperatorError: if a model or the store fails.
        """
        errand = self._prepare(received)
        try:
            with ExitStack() as to_wipe:
                finding = self._examine(errand, to_wipe)
        except CountenanceError as error:
            self._record_failure(errand, error)
            raise
        with ExitStack() as if_it_fails:
            for preview in finding.previews:
                if_it_fails.callback(preview.wipe)
            try:
                verified = self._record(errand, finding)
            except PermitRefused as error:
                self._record_failure(errand, error)
                raise
            if_it_fails.pop_all()
        if finding.outcome is Outcome.MATCH:
            self._limits.matched(_counted(received))
        return verified

    def _prepare(self, received: ReceivedOrder) -> _Errand:
        order = received.order
        request = ProcessingRequest(
            request_id=RequestId(new_id("req")),
            operations=_OPERATIONS,
            purpose=order.purpose,
            place=order.place,
            device=order.device,
            materials=tuple(sorted((received.reference.material, received.probe.material))),
            error_target=received.threshold.fmr,
            subject=order.subject,
            scene=order.scene,
        )
        granted = self._authority.permit(request, budget=self.BUDGET)
        return _Errand(received, request, granted)

    def _examine(self, errand: _Errand, to_wipe: ExitStack) -> _Finding:
        """Open, look, and compare if both faces are good enough. All arrays go on ``to_wipe``."""
        order = errand.order
        opened = self._open(errand, errand.received.reference, to_wipe)
        live = self._open(errand, errand.received.probe, to_wipe)
        document, page = self._read(errand, opened, to_wipe)
        reference = self._look(page, order.reference_role, to_wipe)
        probe = self._look(live, order.probe_role, to_wipe)
        looks = (reference, probe)
        outcome, score = Outcome.INCONCLUSIVE, None
        if reference.acceptable and probe.acceptable:
            score = self._compare(errand, looks, to_wipe)
            outcome = Outcome.MATCH if score.value >= errand.received.threshold.value else Outcome.NO_MATCH
        previews = tuple(
            FacePreview(look.report.role, look.observation.aligned.copy())
            for look in looks
            if look.observation is not None
        )
        return _Finding(outcome, score, looks, previews, document)

    def _open(self, errand: _Errand, picture: PendingPicture, to_wipe: ExitStack) -> Frame:
        frame = self._capture_door.open(picture, permit=errand.granted.token, request=errand.request)
        to_wipe.callback(frame.wipe)
        return frame

    def _read(self, errand: _Errand, frame: Frame, to_wipe: ExitStack) -> tuple[DocumentReport | None, Frame]:
        """Return what is said of the document, and where to look for the portrait: on its level page."""
        if errand.order.document is None:
            return None, frame
        report, reading = read_reference(frame, errand.order.document, self._document_reader)
        if reading is None:
            return report, frame
        to_wipe.callback(reading.wipe)
        return report, reading.frame

    def _look(self, frame: Frame, role: Role, to_wipe: ExitStack) -> Look:
        analyser = self._analyser if role is Role.LIVE else self._document_analyser
        observations = analyser.observe(frame)
        for observation in observations:
            to_wipe.callback(observation.wipe)
        size = (frame.width, frame.height)
        return look_at(role, observations, frame_size=size, gate=self._quality_gate)

    def _compare(self, errand: _Errand, looks: tuple[Look, Look], to_wipe: ExitStack) -> ComparisonScore:
        materials = (errand.received.reference.material, errand.received.probe.material)
        reference, probe = (
            self._template(errand, look.observation, material, to_wipe)
            for look, material in zip(looks, materials, strict=True)
            if look.observation is not None
        )
        return self._comparison_door.compare(
            probe, reference, permit=errand.granted.token, request=errand.request
        )

    def _template(
        self, errand: _Errand, observation: FaceObservation, material: Material, to_wipe: ExitStack
    ) -> Template:
        embedding = self._extraction_door.extract(
            observation, material=material, permit=errand.granted.token, request=errand.request
        )
        to_wipe.callback(embedding.wipe)
        template = Template(
            vector=embedding.vector,
            model_id=embedding.model_id,
            purpose=errand.request.purpose,
            request_digest=errand.request.digest(),
            material=material,
        )
        to_wipe.callback(template.wipe)
        return template

    def _record(self, errand: _Errand, finding: _Finding) -> Verified:
        decision = self._decide(errand, finding)
        with self._store.together():
            # A consent that was withdrawn meanwhile took with it what was kept: nothing is kept after it.
            self._authority.require_standing(errand.granted, errand.request)
            sealed = self._sealed(errand, finding, decision)
            log = self._log(errand, {"outcome": decision.outcome.value, "decision": decision.decision_id,
                                     "sealed": sha256_hex(sealed)})  # fmt: skip
            receipt = sign_receipt(
                self._store.signer,
                Receipt.of(
                    decision,
                    purpose=errand.request.purpose,
                    place=errand.request.place,
                    log_index=log.index,
                    leaf_hash=log.leaf_hash,
                ),
            )
            self._store.decisions.add(
                DecisionRecord(decision.decision_id, decision.permit_id, decision.decided_at, sealed, receipt)
            )
            settle(self._authority, errand.granted.claims.duties, log=log)
        return Verified(decision, errand.granted.verdict, receipt, log, finding.previews)

    def _sealed(self, errand: _Errand, finding: _Finding, decision: Decision) -> bytes:
        content = sealed_content(
            decision,
            request=errand.request,
            threshold=errand.received.threshold,
            score=finding.score,
            looks=finding.looks,
        )
        return self._store.vault.seal(
            errand.order.subject, errand.request.purpose, content, context=sealed_context(decision)
        )

    def _record_failure(self, errand: _Errand, error: CountenanceError) -> None:
        """Log that the errand failed, and discharge what was done all the same: everything was wiped."""
        with self._store.together():
            log = self._log(errand, {"outcome": "failed", "error": error.code})
            settle(self._authority, errand.granted.claims.duties, log=log)

    def _log(self, errand: _Errand, entry: Mapping[str, object]) -> LogReceipt:
        claims = errand.granted.claims
        bound = {"permit": claims.permit_id, "request": claims.request_digest, "rule_set": claims.rule_set}
        return self._store.log.append(
            "decision", {**entry, **bound}, subject=errand.order.subject, purpose=errand.request.purpose
        )

    def _decide(self, errand: _Errand, finding: _Finding) -> Decision:
        claims = errand.granted.claims
        inputs = tuple(look.report for look in finding.looks)
        assurance = Assurance.ATTENDED if errand.order.liveness is None else Assurance.LIVE
        return Decision(
            decision_id=DecisionId(new_id("dec")),
            outcome=finding.outcome,
            words=decision_words(
                outcome=finding.outcome,
                threshold=errand.received.threshold,
                inputs=inputs,
                assurance=assurance,
                demo=claims.demo,
                document=finding.document,
            ),
            stated_error=errand.received.threshold.stated,
            inputs=inputs,
            models=self._models(finding),
            permit_id=claims.permit_id,
            rule_set=claims.rule_set,
            request_digest=claims.request_digest,
            decided_at=self._clock.now(),
            assurance=assurance,
            demo=claims.demo,
            document=finding.document,
            liveness=errand.order.liveness,
        )

    def _models(self, finding: _Finding) -> tuple[str, ...]:
        """Return the networks whose output was used, each once, in the order of their use."""
        reading: tuple[str, ...] = ()
        if self._document_reader is not None and finding.document is not None and finding.document.read:
            reading = self._document_reader.model_ids
        compared = () if finding.score is None else (finding.score.model_id,)
        looked = (*self._document_analyser.model_ids, *self._analyser.model_ids)
        return tuple(dict.fromkeys((*reading, *looked, *compared)))


def _counted(received: ReceivedOrder) -> str:
    """Return under which name comparisons with a picture are counted."""
    return f"picture:{received.reference.material}"
