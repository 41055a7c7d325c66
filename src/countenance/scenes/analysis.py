"""One consented picture described under a permit: pose, eyes, mouth, gaze, points, quality, age, gender.

Rules kept here:

* The person in the picture agreed to this analysis, under a pseudonym; without that the rules refuse.
* Nobody is identified: no template is made, and the permit opens no door that makes one.
* Picture and points end with the act. The log holds which attributes were asked for, and no answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Final

import numpy as np
from numpy.typing import NDArray

from countenance.authority import UnknownDevice, UnknownPlace, record_guest_consent
from countenance.kernel import (
    CountenanceError,
    DeviceId,
    Door,
    Material,
    PlaceId,
    ProcessingRequest,
    PurposeId,
    RequestId,
    SubjectId,
    new_id,
    sha256_hex,
)
from countenance.vision import choose_face
from countenance.vision.attributes import ANALYSE_OPERATION, Attribute, FaceAnalysis
from countenance.vision.drawing import draw_analysis

if TYPE_CHECKING:
    from countenance.authority import AuthorityDesk, Granted
    from countenance.capture import CaptureDoor
    from countenance.kernel.canonical import JsonValue
    from countenance.policy import Verdict
    from countenance.scenes.attended import GuestStatement
    from countenance.store import LogReceipt, Store
    from countenance.vision import FaceAnalyser
    from countenance.vision.attributes import AnalysisDoor

__all__ = ["ANALYSIS_PURPOSE", "AnalysisOrder", "AnalysisResult", "ImageAnalysis"]

ANALYSIS_PURPOSE: Final = PurposeId("pur_analysis")
"""The purpose that an analysis serves; registered by whoever runs the installation."""

_SCENE = "image-analysis"
_AUTHOR = "analysis desk"
_AGREED_TO = ("analysis", "one analysis of one picture, for the attributes that were named")
_NOTHING_IS_COMPARED = 0.5
"""A request states an error target; with no comparison there is no match that it could be the error of."""

_DONE: Mapping[str, str] = {
    "image_deleted": "the decoded picture and the aligned faces were overwritten in memory; none was written",
    "raw_deleted": "meshes, eyes and aligned faces were overwritten in memory; no template was made",
}


@dataclass(frozen=True, slots=True)
class AnalysisOrder:
    """One analysis that somebody asks for.

    Attributes:
        picture: the encoded picture; left out of ``repr``.
        place: the registered place.
        device: the registered device that the picture came by.
        depicted: what the person in the picture said.
        asked: what to say about the face; not empty.
        drawn: whether the picture is wanted back with the answers drawn on it.
    """

    picture: bytes = field(repr=False)
    place: PlaceId
    device: DeviceId
    depicted: GuestStatement
    asked: frozenset[Attribute]
    drawn: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class AnalysisResult:
    """What comes back.

    Attributes:
        analysis: what was asked.
        picture: the picture with the answers drawn on it, uint8, shape (height, width, 3), RGB, where it
            was wanted; left out of ``repr``. Whoever shows it wipes it.
        size: width and height of the picture in pixels.
        verdict: every rule that was asked.
        log: where the transparency log holds it.
        models: the networks that looked, in order.
        permit_id: the permit.
        demo: whether it rests on DEMO evidence.
    """

    analysis: FaceAnalysis
    picture: NDArray[np.uint8] | None = field(repr=False)
    size: tuple[int, int]
    verdict: Verdict
    log: LogReceipt
    models: tuple[str, ...]
    permit_id: str
    demo: bool


@dataclass(frozen=True, slots=True)
class _Errand:
    order: AnalysisOrder
    request: ProcessingRequest
    granted: Granted
    subject: SubjectId


class ImageAnalysis:
    """Analyses pictures under permits.

    Args:
        authority: takes down the consent, asks the rules and gives the permit.
        capture_door: opens the picture under it.
        analyser: finds and judges the faces.
        analysis_door: says what was asked, under it.
        store: takes the log's entry.
    """

    BUDGET: ClassVar[Mapping[Door, int]] = {Door.CAPTURE: 1, Door.ANALYSE: 1}
    """How often each door may be passed. The doors that make or compare templates stay shut."""

    __slots__ = ("_analyser", "_analysis_door", "_authority", "_capture_door", "_store")

    def __init__(
        self,
        *,
        authority: AuthorityDesk,
        capture_door: CaptureDoor,
        analyser: FaceAnalyser,
        analysis_door: AnalysisDoor,
        store: Store,
    ) -> None:
        self._authority = authority
        self._capture_door = capture_door
        self._analyser = analyser
        self._analysis_door = analysis_door
        self._store = store

    def run(self, order: AnalysisOrder) -> AnalysisResult:
        """Take down what the person said, then analyse the picture under a permit.

        Raises:
            RefusedByRule: if the rules say no, a missing consent included.
            DutyOverdue: if an earlier permit's duty at this place is overdue.
            UnknownPlace: if the place isn't registered; nothing is taken down then.
            UnknownDevice: if the device isn't; likewise.
            NoFaceFound: if there is no face in the picture.
            SeveralFaces: if two are of like size.
            CallerError: if the picture can't be opened.
        """
        errand = self._prepare(order)
        try:
            with ExitStack() as to_wipe:
                analysis, picture, size = self._look(errand, to_wipe)
        except CountenanceError as error:
            self._close(errand, {"outcome": "failed", "error": error.code})
            raise
        log = self._close(errand, {"outcome": "analysed", "attributes": sorted(order.asked)})
        return AnalysisResult(
            analysis=analysis,
            picture=picture,
            size=size,
            verdict=errand.granted.verdict,
            log=log,
            models=(*self._analyser.model_ids, *analysis.models),
            permit_id=errand.granted.claims.permit_id,
            demo=errand.granted.claims.demo,
        )

    def _prepare(self, order: AnalysisOrder) -> _Errand:
        subject = SubjectId(new_id("sub"))
        self._take_down(order, subject)
        request = ProcessingRequest(
            request_id=RequestId(new_id("req")),
            operations=(ANALYSE_OPERATION, "capture"),
            purpose=ANALYSIS_PURPOSE,
            place=order.place,
            device=order.device,
            materials=(Material(sha256_hex(order.picture)),),
            error_target=_NOTHING_IS_COMPARED,
            subject=subject,
            scene=_SCENE,
        )
        return _Errand(order, request, self._authority.permit(request, budget=self.BUDGET), subject)

    def _take_down(self, order: AnalysisOrder, subject: SubjectId) -> None:
        registrar = self._authority.registrar
        if order.place not in registrar.places():
            raise UnknownPlace("The place isn't registered.")
        if order.device not in registrar.devices():
            raise UnknownDevice("The device isn't registered.")
        record_guest_consent(
            self._authority,
            subject=subject,
            place=order.place,
            purpose=ANALYSIS_PURPOSE,
            consents=order.depicted.consents,
            age_band=order.depicted.age_band.value,
            language=order.depicted.language,
            stated_by=order.depicted.stated_by,
            signed=order.depicted.signed,
            agreed_to=_AGREED_TO,
        )

    def _look(
        self, errand: _Errand, to_wipe: ExitStack
    ) -> tuple[FaceAnalysis, NDArray[np.uint8] | None, tuple[int, int]]:
        token, request, order = errand.granted.token, errand.request, errand.order
        frame = self._capture_door.open(order.picture, permit=token, request=request)
        to_wipe.callback(frame.wipe)
        observations = self._analyser.observe(frame)
        for observation in observations:
            to_wipe.callback(observation.wipe)
        size = (frame.width, frame.height)
        chosen = choose_face(observations, frame_size=size)
        analysis = self._analysis_door.analyse(
            frame, chosen, asked=order.asked, permit=token, request=request
        )
        return analysis, draw_analysis(frame.pixels, analysis) if order.drawn else None, size

    def _close(self, errand: _Errand, entry: Mapping[str, object]) -> LogReceipt:
        """Write the log's entry and discharge what was done; what can't be done here stays open."""
        claims = errand.granted.claims
        bound = {"permit": claims.permit_id, "request": claims.request_digest, "rule_set": claims.rule_set}
        log = self._store.log.append(
            "analysis", {**entry, **bound}, subject=errand.subject, purpose=ANALYSIS_PURPOSE
        )
        for duty in claims.duties:
            content: dict[str, JsonValue]
            if duty.key in _DONE:
                content = {"done": _DONE[duty.key]}
            elif duty.key == "processing_log":
                content = {"log_index": log.index, "leaf_hash": log.leaf_hash}
            else:
                continue
            self._authority.discharge(duty.duty_id, content=content, author=_AUTHOR)
        return log
