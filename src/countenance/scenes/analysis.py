"""One consented picture described under a permit: pose, eyes, mouth, gaze, points, quality, age, gender.

Rules kept here:

* The file is seen to be a picture before anybody's word is written down: a bad one leaves no trace.
* The person in the picture agreed to this analysis, under a pseudonym; without that the rules refuse.
* Nobody is identified: no template is made, and the permit opens no door that makes one.
* Picture and points end with the act. The log holds which attributes were asked for, and no answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from countenance.kernel import CountenanceError, DeviceId, Door, PlaceId
from countenance.scenes.analysis_errand import ANALYSIS_PURPOSE, AnalysisErrand, AnalysisErrands, analysis_of
from countenance.vision import choose_face
from countenance.vision.attributes import Attribute, FaceAnalysis
from countenance.vision.drawing import draw_analysis

if TYPE_CHECKING:
    from countenance.authority import AuthorityDesk
    from countenance.capture import CaptureDoor, PendingPicture
    from countenance.policy import Verdict
    from countenance.scenes.attended import GuestStatement
    from countenance.store import LogReceipt, Store
    from countenance.vision import FaceAnalyser
    from countenance.vision.attributes import AnalysisDoor

__all__ = ["ANALYSIS_PURPOSE", "AnalysisOrder", "AnalysisResult", "ImageAnalysis"]

_SCENE = "image-analysis"


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

    __slots__ = ("_analyser", "_analysis_door", "_capture_door", "_errands")

    def __init__(
        self,
        *,
        authority: AuthorityDesk,
        capture_door: CaptureDoor,
        analyser: FaceAnalyser,
        analysis_door: AnalysisDoor,
        store: Store,
    ) -> None:
        self._errands = AnalysisErrands(authority=authority, store=store)
        self._capture_door = capture_door
        self._analyser = analyser
        self._analysis_door = analysis_door

    def run(self, order: AnalysisOrder) -> AnalysisResult:
        """See that the file is a picture, take down what the person said, then analyse it under a permit.

        Raises:
            RefusedByRule: if the rules say no, a missing consent included.
            DutyOverdue: if an earlier permit's duty at this place is overdue.
            UnknownPlace: if the place isn't registered; nothing is taken down then.
            UnknownDevice: if the device isn't; likewise.
            PictureRefused: if the file isn't a picture within the limits; likewise.
            NoFaceFound: if there is no face in the picture.
            SeveralFaces: if two are of like size.
        """
        with self._capture_door.check(order.picture) as picture:
            return self._carry_out(order, picture)

    def _carry_out(self, order: AnalysisOrder, pending: PendingPicture) -> AnalysisResult:
        errand = self._errands.begin(
            scene=_SCENE,
            agreed_to=analysis_of("one picture", order.asked),
            materials=(pending.material,),
            where=(order.place, order.device),
            depicted=order.depicted,
            budget=self.BUDGET,
        )
        try:
            with ExitStack() as to_wipe:
                analysis, picture, size = self._look(order, pending, errand, to_wipe)
        except CountenanceError as error:
            self._errands.close(errand, {"outcome": "failed", "error": error.code}, drawn=False)
            raise
        except BaseException:  # an interrupt too leaves its entry, and its duties discharged
            self._errands.close(errand, {"outcome": "interrupted"}, drawn=False)
            raise
        log = self._errands.close(
            errand, {"outcome": "analysed", "attributes": sorted(order.asked)}, drawn=order.drawn
        )
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

    def _look(
        self, order: AnalysisOrder, pending: PendingPicture, errand: AnalysisErrand, to_wipe: ExitStack
    ) -> tuple[FaceAnalysis, NDArray[np.uint8] | None, tuple[int, int]]:
        token, request = errand.granted.token, errand.request
        frame = self._capture_door.open(pending, permit=token, request=request)
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
