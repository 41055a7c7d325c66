"""Somebody passes a street camera or a gate: who of what is seen is a person, under a permit.

Rules kept here:

* A clip is looked at under a permit for liveness, bound to its digest; each frame is counted at the door.
* Of whoever is shown to be a person, one picture of that face alone is kept, in memory, for one decision. Of
  depictions and of what is undetermined nothing is.
* No template is made. The log holds how many faces were what, and no measure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import islice
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

import numpy as np
from numpy.typing import NDArray

from countenance.kernel import (
    Box,
    DeviceId,
    Door,
    Material,
    PlaceId,
    PurposeId,
    sha256_hex,
)
from countenance.liveness import (
    LIVENESS_OPERATION,
    JudgedFace,
    PersonShown,
    SceneFace,
    SceneFaces,
    SceneJudge,
    Shown,
    person_shown,
)
from countenance.scenes.analysis_errand import AnalysisErrand, AnalysisErrands
from countenance.scenes.errors import ClipWithoutTimes
from countenance.vision.drawing import png_of

if TYPE_CHECKING:
    from countenance.authority import AuthorityDesk
    from countenance.capture import FrameSource, StreamDoor
    from countenance.liveness import LivenessDoor
    from countenance.policy import Verdict
    from countenance.scenes.attended import GuestStatement
    from countenance.store import LogReceipt, Store
    from countenance.vision import FaceDetector, MeshLocator

__all__ = ["PassageMoment", "PassageOrder", "PassageResult", "PassageWatching", "ShownPicture"]

_SCENE: Final = "passage"
_AGREED_TO: Final = (
    "liveness",
    "at most {most} frames of one passage, looked at for whether a person is there; no template",
)
_AROUND: Final = 1.2
"""Widths of the face to each side that a picture of it shows."""
_EVERY: Final = 1 / 16
"""Seconds between two frames that are looked at, at least: what was measured was measured at 15 a second."""
_SLACK: Final = 1e-6
_STRAIGHT: Final = 15.0
"""Degrees of yaw and pitch up to which a face counts as looking into the camera."""


@dataclass(frozen=True, slots=True)
class PassageOrder:
    """One clip of whoever passes.

    Attributes:
        source: a video or a declared camera; not entered yet.
        purpose: the registered purpose.
        place: the registered place.
        device: the registered camera.
        passer: what whoever passes said.
        most: how many frames are looked at, at most; at least 1.

    Raises:
        ClipWithoutTimes: if the source has no times.
        ValueError: if not one frame is to be looked at.
    """

    source: FrameSource = field(repr=False)
    purpose: PurposeId
    place: PlaceId
    device: DeviceId
    passer: GuestStatement
    most: int

    def __post_init__(self) -> None:
        if not self.source.timed:
            raise ClipWithoutTimes("A folder of pictures can't show that a person is there.")
        if self.most < 1:
            msg = "at least one frame is looked at"
            raise ValueError(msg)

    @property
    def frames(self) -> int:
        """How many frames it can come to."""
        return min(self.most, self.source.most_frames)


@dataclass(frozen=True, slots=True)
class ShownPicture:
    """The one picture of somebody who was shown to be there. Leaving it forgets it.

    Attributes:
        number: which of the faces.
        shown: what a decision may take; bound to the picture.
        encoded: the picture, a PNG of that face and what is around it. Left out of ``repr``.
    """

    number: int
    shown: PersonShown
    encoded: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, eq=False)
class PassageResult:
    """What was seen.

    Attributes:
        faces: every face and what it is, in the order in which they came.
        persons: a picture of each that was shown to be a person.
        frames: how many frames were looked at.
        verdict: every rule that was asked.
        log: where the transparency log holds it.
        models: the networks that looked.
        permit_id: the permit.
        demo: whether it rests on DEMO evidence.
    """

    faces: tuple[JudgedFace, ...]
    persons: tuple[ShownPicture, ...]
    frames: int
    verdict: Verdict
    log: LogReceipt
    models: tuple[str, ...]
    permit_id: str
    demo: bool


@dataclass(frozen=True, slots=True, eq=False)
class PassageMoment:
    """What is said at one frame. Its pixels are overwritten once whoever is told returns.

    Attributes:
        index: the frame's number in the source, from 0.
        pixels: uint8, shape (H, W, 3), RGB. Left out of ``repr``.
        faces: what is there, and what each was shown to be by now.
    """

    index: int
    pixels: NDArray[np.uint8] = field(repr=False)
    faces: tuple[tuple[SceneFace, Shown], ...]


@dataclass(slots=True)
class _Clearest:
    """The clearest picture of every face so far; overwritten when a clearer one comes."""

    pictures: dict[int, tuple[float, NDArray[np.uint8]]] = field(default_factory=dict)

    def note(self, pixels: NDArray[np.uint8], standing: tuple[SceneFace, ...]) -> None:
        for one in standing:
            off = max(abs(one.pose.yaw), abs(one.pose.pitch))
            clear = one.box.width / (1.0 + max(0.0, off - _STRAIGHT))
            if one.number not in self.pictures or clear > self.pictures[one.number][0]:
                self.forget(one.number)
                self.pictures[one.number] = clear, _around(pixels, one.box)

    def forget(self, number: int) -> None:
        if number in self.pictures:
            self.pictures.pop(number)[1][...] = 0

    def encoded(self, number: int) -> bytes:
        return png_of(self.pictures[number][1])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number in tuple(self.pictures):
            self.forget(number)


class PassageWatching:
    """Looks at clips under permits.

    Args:
        authority: takes down the consent, asks the rules and gives the permit.
        stream_door: opens the source under it.
        liveness_door: lets each frame be looked at under it, and counts.
        detector: finds faces.
        mesh: finds the points of one.
        store: takes the log's entry.
    """

    __slots__ = ("_authority", "_detector", "_liveness_door", "_mesh", "_store", "_stream_door")

    def __init__(
        self,
        *,
        authority: AuthorityDesk,
        stream_door: StreamDoor,
        liveness_door: LivenessDoor,
        detector: FaceDetector,
        mesh: MeshLocator,
        store: Store,
    ) -> None:
        self._authority = authority
        self._stream_door = stream_door
        self._liveness_door = liveness_door
        self._detector = detector
        self._mesh = mesh
        self._store = store

    def run(
        self, order: PassageOrder, *, tell: Callable[[PassageMoment], None] | None = None
    ) -> PassageResult:
        """Take down what the passer said, then look at the clip under one permit.

        Args:
            order: the clip.
            tell: given each frame's moment; what it keeps it copies.

        Raises:
            RefusedByRule: if the rules say no, a missing consent included; nothing is opened then.
            DutyOverdue: if an earlier permit's duty at this place is overdue.
            UnknownPlace: if the place isn't registered; nothing is taken down then.
            UnknownDevice: if the device isn't; likewise.
            CountenanceError: if the clip can't be read to its end.
        """
        errands = AnalysisErrands(
            authority=self._authority,
            store=self._store,
            purpose=order.purpose,
            operation=LIVENESS_OPERATION,
        )
        act, method = _AGREED_TO
        errand = errands.begin(
            scene=_SCENE,
            agreed_to=(act, method.format(most=order.frames)),
            materials=order.source.materials,
            where=(order.place, order.device),
            depicted=order.passer,
            budget={Door.CAPTURE: 1, Door.ANALYSE: order.frames},
        )
        judge = SceneJudge(SceneFaces(detector=self._detector, mesh=self._mesh))
        with ExitStack() as at_the_end, _Clearest() as clearest:
            entry: dict[str, object] = {"outcome": "failed", "scene": _SCENE}
            closing = at_the_end.enter_context(_Closing(errands, errand, entry))
            try:
                frames = self._go_through(order, errand, judge, clearest, tell)
            finally:
                faces = judge.end()
            entry |= {"outcome": "watched", "frames": frames, "faces": _counted(faces)}
            persons = tuple(
                _picture(face, clearest) for face in faces if face.judgement.shown is Shown.PERSON
            )
        claims = errand.granted.claims
        return PassageResult(
            faces=faces,
            persons=persons,
            frames=frames,
            verdict=errand.granted.verdict,
            log=closing.receipt(),
            models=judge.model_ids,
            permit_id=claims.permit_id,
            demo=claims.demo,
        )

    def _go_through(
        self,
        order: PassageOrder,
        errand: AnalysisErrand,
        judge: SceneJudge,
        clearest: _Clearest,
        tell: Callable[[PassageMoment], None] | None,
    ) -> int:
        permit, request = errand.granted.token, errand.request
        count, due = 0, 0.0
        with self._stream_door.open(order.source, permit=permit, request=request) as stream:
            for timed in islice(stream.frames(), order.most):
                with ExitStack() as to_wipe:
                    to_wipe.callback(timed.frame.wipe)
                    # The first instant of the next interval counts, whatever rounding made of it.
                    if timed.seconds < due - _SLACK:
                        continue
                    due = timed.seconds + _EVERY
                    self._liveness_door.enter(permit=permit, request=request)
                    standing = judge.note(timed.frame, taken=timed.seconds)
                    clearest.note(timed.frame.pixels, standing)
                    count += 1
                    if tell is not None:
                        seen = tuple((one, judge.so_far(one.number)) for one in standing)
                        tell(PassageMoment(timed.index, timed.frame.pixels, seen))
        return count


@dataclass(slots=True)
class _Closing:
    """Writes the log's entry however the clip ends."""

    errands: AnalysisErrands
    errand: AnalysisErrand
    entry: dict[str, object]
    written: LogReceipt | None = None

    def receipt(self) -> LogReceipt:
        if self.written is None:
            msg = "the entry is written once the clip is over"
            raise AssertionError(msg)
        return self.written

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.written = self.errands.close(self.errand, self.entry, drawn=False)


def _picture(face: JudgedFace, clearest: _Clearest) -> ShownPicture:
    encoded = clearest.encoded(face.number)
    shown = person_shown(face.judgement, material=Material(sha256_hex(encoded)))
    return ShownPicture(face.number, shown, encoded)


def _around(pixels: NDArray[np.uint8], box: Box) -> NDArray[np.uint8]:
    height, width = pixels.shape[:2]
    reach = (0.5 + _AROUND) * max(box.width, box.height)
    x, y = box.centre.x, box.centre.y
    left, right = max(0, int(x - reach)), min(width, int(x + reach))
    top, bottom = max(0, int(y - reach)), min(height, int(y + reach))
    return pixels[top:bottom, left:right].copy()


def _counted(faces: tuple[JudgedFace, ...]) -> dict[str, int]:
    counts = Counter(face.judgement.shown.value for face in faces)
    return {shown.value: counts[shown.value] for shown in Shown}
