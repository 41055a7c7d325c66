"""The identification desk: one probe among the people who are enrolled for a purpose, from order to receipt.

Rules kept here:

* In this order: the file is seen to be a picture, the threshold is worked out from rate and people, the rules
  are asked, the picture is opened, one face is searched for. What can't be stated costs nobody a look.
* Where faces hang on walls and pass on buses, nothing is searched for that isn't shown to be a person.
* Of several faces the one that is meant is searched for, and no template is made of another; if it can't be
  said which, nobody is.
* Every picture and vector is overwritten before anything is recorded, whatever happened; nobody who is
  enrolled is named in the log.
* A failure leaves a log entry and no open duty that the desk could have discharged.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, ClassVar, Final, Self

from countenance.decisions.decision import Assurance, Outcome, Role
from countenance.decisions.error_table import ErrorTable, ErrorTableInvalid
from countenance.decisions.examination import Look, look_at
from countenance.decisions.identification import Conclusion, SearchLevel, conclude, search_level
from countenance.decisions.identification_record import (
    IdentificationDecision,
    IdentificationOrder,
    Identified,
    candidates_of,
    receipt_of,
    sealed_search,
    search_context,
)
from countenance.decisions.identification_words import identification_words
from countenance.decisions.order import FacePreview
from countenance.decisions.receipt import sign_receipt
from countenance.decisions.settlement import SEARCHED, settle
from countenance.kernel import (
    Clock,
    CountenanceError,
    DecisionId,
    Door,
    PermitRefused,
    ProcessingRequest,
    RequestId,
    new_id,
    sha256_hex,
)
from countenance.liveness import require_person
from countenance.store import DecisionRecord
from countenance.templates import Template

if TYPE_CHECKING:
    from collections.abc import Mapping

    from countenance.authority import AuthorityDesk, Granted
    from countenance.capture import CaptureDoor, PendingPicture
    from countenance.decisions.pace import ComparisonLimits
    from countenance.decisions.search_door import SearchDoor
    from countenance.gallery import Gallery
    from countenance.kernel import DutyClaim
    from countenance.store import LogReceipt, Store
    from countenance.vision import ExtractionDoor, FaceAnalyser, QualityGate

__all__ = ["REVIEW", "TWO_REVIEWS", "IdentificationDesk", "ReceivedSearch"]

AUTHOR: Final = "identification desk"
REVIEW: Final = "human_review"
TWO_REVIEWS: Final = "human_review.two"
_OPERATIONS: Final = ("capture", "identify")
_AUTOMATIC: Final = ("capture", "decide_auto", "identify")


@dataclass(frozen=True, slots=True, eq=False)
class ReceivedSearch:
    """An order that can be carried out as far as can be known. Leaving it overwrites the picture.

    Attributes:
        order: what is asked.
        level: the threshold for those who are enrolled now.
        probe: the picture, shut.
    """

    order: IdentificationOrder
    level: SearchLevel
    probe: PendingPicture = field(repr=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.probe.wipe()


@dataclass(frozen=True, slots=True, eq=False)
class _Errand:
    received: ReceivedSearch
    request: ProcessingRequest
    granted: Granted

    @property
    def order(self) -> IdentificationOrder:
        return self.received.order


@dataclass(frozen=True, slots=True, eq=False)
class _Finding:
    """What came of the picture. The arrays of its look are overwritten before it is used."""

    level: SearchLevel
    conclusion: Conclusion | None
    look: Look
    previews: tuple[FacePreview, ...]


class IdentificationDesk:
    """Searches for people who are enrolled.

    Args:
        authority: asks the rules and gives the permit.
        capture_door: checks the picture, and opens it under it.
        analyser: finds and judges the faces.
        extraction_door: makes the embedding under it; serves ``identify``.
        search_door: searches under it.
        gallery: says how many people there are.
        error_table: which threshold keeps which rate, for the extraction door's model.
        store: takes the sealed record, the receipt and the log entry.
        clock: says what time it is.
        quality_gate: what a face must reach to be searched for.
        limits: how often a caller and a device search.

    Raises:
        ErrorTableInvalid: if table, gallery and extraction door aren't of one network.
    """

    BUDGET: ClassVar[Mapping[Door, int]] = {Door.CAPTURE: 1, Door.EXTRACT: 1, Door.COMPARE: 1}
    """How often each door may be passed for one search."""

    __slots__ = (
        "_analyser", "_authority", "_capture_door", "_clock", "_error_table", "_extraction_door", "_gallery",
        "_limits", "_quality_gate", "_search_door", "_store",
    )  # fmt: skip

    def __init__(
        self,
        *,
        authority: AuthorityDesk,
        capture_door: CaptureDoor,
        analyser: FaceAnalyser,
        extraction_door: ExtractionDoor,
        search_door: SearchDoor,
        gallery: Gallery,
        error_table: ErrorTable,
        store: Store,
        clock: Clock,
        quality_gate: QualityGate,
        limits: ComparisonLimits,
    ) -> None:
        if not error_table.model_id == extraction_door.model_id == gallery.model_id == search_door.model_id:
            msg = "The error table was measured for another embedding model than the one that is set."
            raise ErrorTableInvalid(msg)
        self._authority = authority
        self._capture_door = capture_door
        self._analyser = analyser
        self._extraction_door = extraction_door
        self._search_door = search_door
        self._gallery = gallery
        self._error_table = error_table
        self._store = store
        self._clock = clock
        self._quality_gate = quality_gate
        self._limits = limits

    def receive(self, order: IdentificationOrder) -> ReceivedSearch:
        """Find out what can be known before anybody is asked. Nothing is written down.

        Raises:
            GalleryEmpty: if nobody is enrolled for the purpose.
            FpirNotOffered: if the rate isn't one that a search may have.
            SearchNotMeasured: if the table says nothing about searches.
            GalleryBeyondEvidence: if more people are enrolled than the evidence supports.
            PictureRefused: if the file isn't a picture within the limits.
            NotShownToBeAPerson: if the place is a street or a gate, and only a face was shown.
            TooManyComparisons: if caller or device had as many searches as it gets.
        """
        level = self._level(order, self._gallery.count(order.purpose))
        with ExitStack() as if_it_fails:
            received = if_it_fails.enter_context(
                ReceivedSearch(order, level, self._capture_door.check(order.probe))
            )
            self._require_person(received)
            self._limits.take(device=order.device, caller=order.caller)
            if_it_fails.pop_all()
        return received

    def identify(self, order: IdentificationOrder) -> Identified:
        """Receive an order and carry it out; see both."""
        with self.receive(order) as received:
            return self.carry_out(received)

    def carry_out(self, received: ReceivedSearch) -> Identified:
        """Carry out one search under a permit.

        Args:
            received: what is asked, with the picture, which is overwritten afterwards.

        Raises:
            RefusedByRule: if the rules say no; the verdict says why.
            DutyOverdue: if an earlier permit's duty is overdue at this place.
            PermitRefused: if the permit stops counting on the way, such as by a withdrawn consent.
            GalleryBeyondEvidence: if too many people were enrolled meanwhile.
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
                identified = self._record(errand, finding)
            except PermitRefused as error:
                self._record_failure(errand, error)
                raise
            if_it_fails.pop_all()
        return identified

    def _require_person(self, received: ReceivedSearch) -> None:
        order = received.order
        place = self._authority.registrar.places().get(order.place)
        # A place that isn't registered is refused where the permit is asked for.
        if place is not None:
            require_person(order.shown, place_kind=place.kind, material=received.probe.material)

    def _level(self, order: IdentificationOrder, people: int) -> SearchLevel:
        return search_level(self._error_table, fpir=order.fpir, people=people)

    def _prepare(self, received: ReceivedSearch) -> _Errand:
        order = received.order
        request = ProcessingRequest(
            request_id=RequestId(new_id("req")),
            operations=_AUTOMATIC if order.automatic else _OPERATIONS,
            purpose=order.purpose,
            place=order.place,
            device=order.device,
            materials=(received.probe.material,),
            error_target=order.fpir,
            subject=order.subject,
            scene=order.scene,
        )
        granted = self._authority.permit(
            request, budget=self.BUDGET, largest_gallery=received.level.stated.largest_gallery
        )
        return _Errand(received, request, granted)

    def _examine(self, errand: _Errand, to_wipe: ExitStack) -> _Finding:
        """Open, look, and search if the face is good enough. All arrays go on ``to_wipe``."""
        received, permit = errand.received, errand.granted.token
        frame = self._capture_door.open(received.probe, permit=permit, request=errand.request)
        to_wipe.callback(frame.wipe)
        observations = self._analyser.observe(frame)
        for observation in observations:
            to_wipe.callback(observation.wipe)
        size = (frame.width, frame.height)
        look = look_at(Role.LIVE, observations, frame_size=size, gate=self._quality_gate)
        if look.observation is None:
            return _Finding(received.level, None, look, ())
        previews = (FacePreview(Role.LIVE, look.observation.aligned.copy()),)
        if not look.acceptable:
            return _Finding(received.level, None, look, previews)
        try:
            level, conclusion = self._search(errand, look, to_wipe)
        except CountenanceError:
            previews[0].wipe()
            raise
        return _Finding(level, conclusion, look, previews)

    def _search(self, errand: _Errand, look: Look, to_wipe: ExitStack) -> tuple[SearchLevel, Conclusion]:
        material, permit, request = errand.received.probe.material, errand.granted.token, errand.request
        if look.observation is None:
            msg = "a face is searched for"
            raise ValueError(msg)
        embedding = self._extraction_door.extract(
            look.observation, material=material, permit=permit, request=request
        )
        to_wipe.callback(embedding.wipe)
        template = Template(
            vector=embedding.vector,
            model_id=embedding.model_id,
            purpose=request.purpose,
            request_digest=request.digest(),
            material=material,
        )
        to_wipe.callback(template.wipe)
        searched = self._search_door.search(
            template,
            permit=permit,
            request=request,
            at=self._clock.now(),
            level_for=lambda people: self._level(errand.order, people),
        )
        conclusion = conclude(
            searched.found,
            level=searched.level,
            automatic=errand.order.automatic,
            two_reviewers=_reviewers(errand.granted.claims.duties) > 1,
        )
        return searched.level, conclusion

    def _record(self, errand: _Errand, finding: _Finding) -> Identified:
        decision, request = self._decide(errand, finding), errand.request
        with self._store.together():
            # A consent that was withdrawn meanwhile took with it what was kept: nothing is kept after it.
            self._authority.require_standing(errand.granted, request)
            content = sealed_search(
                decision,
                request=request,
                level=finding.level,
                conclusion=finding.conclusion,
                look=finding.look,
            )
            sealed = self._store.vault.seal(
                errand.order.subject, request.purpose, content, context=search_context(decision)
            )
            log = self._log(errand, {"outcome": decision.outcome.value, "decision": decision.decision_id,
                                     "people": decision.stated_error.people,
                                     "sealed": sha256_hex(sealed)})  # fmt: skip
            said = receipt_of(decision, request=request, log_index=log.index, leaf_hash=log.leaf_hash)
            receipt = sign_receipt(self._store.signer, said)
            self._store.decisions.add(
                DecisionRecord(decision.decision_id, decision.permit_id, decision.decided_at, sealed, receipt)
            )
            self._settle(errand, log)
        return Identified(decision, errand.granted.verdict, receipt, log, finding.previews)

    def _decide(self, errand: _Errand, finding: _Finding) -> IdentificationDecision:
        claims, stated, conclusion = errand.granted.claims, finding.level.stated, finding.conclusion
        models = self._analyser.model_ids
        words = identification_words(conclusion, stated=stated, probe=finding.look.report, demo=claims.demo)
        return IdentificationDecision(
            decision_id=DecisionId(new_id("dec")),
            outcome=Outcome.INCONCLUSIVE if conclusion is None else conclusion.outcome,
            words=(*words, Assurance.UNATTENDED.words),
            stated_error=stated,
            candidates=candidates_of(conclusion, stated),
            holds=() if conclusion is None else conclusion.holds,
            reviewers=_reviewers(claims.duties),
            inputs=(finding.look.report,),
            models=models if conclusion is None else (*models, self._search_door.model_id),
            permit_id=claims.permit_id,
            rule_set=claims.rule_set,
            request_digest=claims.request_digest,
            decided_at=self._clock.now(),
            assurance=Assurance.UNATTENDED,
            demo=claims.demo,
        )

    def _record_failure(self, errand: _Errand, error: CountenanceError) -> None:
        """Log that the search failed, and discharge what was done all the same: everything was wiped."""
        with self._store.together():
            self._settle(errand, self._log(errand, {"outcome": "failed", "error": error.code}))

    def _settle(self, errand: _Errand, log: LogReceipt) -> None:
        settle(self._authority, errand.granted.claims.duties, log=log, done=SEARCHED, author=AUTHOR)

    def _log(self, errand: _Errand, entry: Mapping[str, object]) -> LogReceipt:
        claims = errand.granted.claims
        bound = {"permit": claims.permit_id, "request": claims.request_digest, "rule_set": claims.rule_set}
        return self._store.log.append(
            "decision", {**entry, **bound}, subject=errand.order.subject, purpose=errand.request.purpose
        )


def _reviewers(duties: tuple[DutyClaim, ...]) -> int:
    """Return how many people have to look at it, by the duties of the permit."""
    keys = {duty.key for duty in duties}
    return 2 if TWO_REVIEWS in keys else int(REVIEW in keys)
