"""A folder, a video or a camera described frame by frame under one permit, of one person who agreed to it.

Rules kept here:

* One stream is one subject: whoever is in it agreed to the analysis of at most so many frames of it. Nobody
  is identified, so it can't be seen here whether another person came into the picture; whoever wrote the
  consent down answers for that, and a frame with two faces of like size is passed over.
* Each frame passes the stream door's clock, and each face the analysis door, which counts and looks at the
  evidence again: a consent that is withdrawn in the middle stops the stream at the next face.
* What was told about a frame is overwritten once it was told. Nothing of it is kept, and no template made.
* The log's entry is written however the stream ends. It holds counts and codes, no answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from countenance.kernel import CountenanceError, DeviceId, Door, PlaceId, SubjectError
from countenance.scenes.analysis_errand import AnalysisErrand, AnalysisErrands, analysis_of
from countenance.vision import choose_face
from countenance.vision.attributes import Attribute, FaceAnalysis
from countenance.vision.drawing import draw_analysis

if TYPE_CHECKING:
    from countenance.authority import AuthorityDesk
    from countenance.capture import FrameSource, PermittedStream, Skipped, SourceEnd, StreamDoor, TimedFrame
    from countenance.policy import Verdict
    from countenance.scenes.attended import GuestStatement
    from countenance.store import LogReceipt, Store
    from countenance.vision import FaceAnalyser
    from countenance.vision.attributes import AnalysisDoor

__all__ = ["FrameOutcome", "StreamAnalysis", "StreamKind", "StreamOrder", "StreamResult", "StreamStop"]

_SCENE = "stream-analysis"


class StreamKind(StrEnum):
    """What is looked at."""

    FOLDER = "folder"
    VIDEO = "video"
    CAMERA = "camera"

    @classmethod
    def of(cls, source: FrameSource) -> StreamKind:
        """Return what a source is."""
        if source.device is not None:
            return cls.CAMERA
        return cls.VIDEO if source.timed else cls.FOLDER


_AGREED_TO: Mapping[StreamKind, str] = {
    StreamKind.FOLDER: "at most {most} pictures of one folder",
    StreamKind.VIDEO: "at most {most} frames of one video",
    StreamKind.CAMERA: "at most {most} frames of one recording by a camera",
}


class StreamStop(StrEnum):
    """Why no more frames were looked at."""

    END = "end"
    LENGTH = "length"
    MOST = "most"
    INTERRUPTED = "interrupted"
    FAILED = "failed"

    @property
    def words(self) -> str:
        """The reason for a reader."""
        return _WORDS[self]


_WORDS = {
    StreamStop.END: "there is no more",
    StreamStop.LENGTH: "it lasted as long as was asked for",
    StreamStop.MOST: "so many were asked for",
    StreamStop.INTERRUPTED: "it was interrupted",
    StreamStop.FAILED: "it couldn't go on",
}


@dataclass(frozen=True, slots=True)
class StreamOrder:
    """One analysis of a stream that somebody asks for.

    Attributes:
        source: where the frames come from; not entered yet.
        place: the registered place.
        device: the registered device that they come by; a camera's own.
        depicted: what the person in the pictures said.
        asked: what to say about the face; not empty.
        most: how many frames are looked at, at most; at least 1.
        drawn: whether each frame is wanted back with the answers drawn on it.

    Raises:
        ValueError: if not one frame is to be looked at.
    """

    source: FrameSource = field(repr=False)
    place: PlaceId
    device: DeviceId
    depicted: GuestStatement
    asked: frozenset[Attribute]
    most: int
    drawn: bool = False

    def __post_init__(self) -> None:
        if self.most < 1:
            msg = "at least one frame is looked at"
            raise ValueError(msg)

    @property
    def frames(self) -> int:
        """How many frames it can come to."""
        return min(self.most, self.source.most_frames)


@dataclass(frozen=True, slots=True, eq=False)
class FrameOutcome:
    """What came of one frame. Its arrays are overwritten once whoever is told returns.

    Attributes:
        index: the frame's number in the source, from 0; those that were passed over count.
        seconds: its time; ``None`` where the source has none.
        size: width and height in pixels.
        analysis: what was asked; ``None`` if no face could be chosen.
        picture: the frame with the answers drawn on it, uint8, shape (height, width, 3), RGB, where it was
            wanted; left out of ``repr``.
        error: why no face could be chosen.
    """

    index: int
    seconds: float | None
    size: tuple[int, int]
    analysis: FaceAnalysis | None
    picture: NDArray[np.uint8] | None = field(repr=False)
    error: SubjectError | None


@dataclass(frozen=True, slots=True, eq=False)
class StreamResult:
    """How a stream went.

    Attributes:
        kind: what was looked at.
        stop: why no more frames were looked at.
        described: how many frames a face was described in.
        passed_over: how many had none that could be chosen, by the code of the reason.
        unreadable: the pictures of a folder that couldn't be taken in, by number and code.
        seen: how many pictures the source went through.
        seconds: the time of the last of them; ``None`` where the source has none.
        error: what stopped it, if it couldn't go on.
        verdict: every rule that was asked.
        log: where the transparency log holds it.
        models: the networks that looked, in order.
        permit_id: the permit.
        demo: whether it rests on DEMO evidence.
    """

    kind: StreamKind
    stop: StreamStop
    described: int
    passed_over: Mapping[str, int]
    unreadable: tuple[Skipped, ...]
    seen: int
    seconds: float | None
    error: CountenanceError | None
    verdict: Verdict
    log: LogReceipt
    models: tuple[str, ...]
    permit_id: str
    demo: bool


@dataclass(slots=True)
class _Course:
    """How a stream goes, while it goes."""

    described: int = 0
    passed_over: Counter[str] = field(default_factory=Counter)
    models: tuple[str, ...] = ()
    interrupted: bool = False
    error: CountenanceError | None = None

    def note(self, outcome: FrameOutcome) -> None:
        if outcome.analysis is not None:
            self.described += 1
            self.models = outcome.analysis.models
        if outcome.error is not None:
            self.passed_over[outcome.error.code] += 1

    def stop(self, end: SourceEnd | None) -> StreamStop:
        if self.error is not None:
            return StreamStop.FAILED
        if self.interrupted:
            return StreamStop.INTERRUPTED
        ended = end.reason.value if end is not None else ""
        return StreamStop(ended) if ended in (StreamStop.END, StreamStop.LENGTH) else StreamStop.MOST

    def entry(self, order: StreamOrder, stop: StreamStop) -> dict[str, object]:
        """Return what the log holds: outcomes, counts and codes."""
        end = order.source.ended
        unreadable = Counter(skipped.code for skipped in end.skipped) if end is not None else Counter()
        entry: dict[str, object] = {
            "outcome": stop.value if stop in (StreamStop.FAILED, StreamStop.INTERRUPTED) else "analysed",
            "attributes": sorted(order.asked),
            "source": StreamKind.of(order.source).value,
            "described": self.described,
            "passed_over": dict(sorted(self.passed_over.items())),
            "unreadable": dict(sorted(unreadable.items())),
            "stop": stop.value,
        }
        return entry | ({"error": self.error.code} if self.error is not None else {})


def _goes_on() -> bool:
    return False


class StreamAnalysis:
    """Analyses streams under permits.

    Args:
        authority: takes down the consent, asks the rules and gives the permit.
        stream_door: opens the source under it.
        analyser: finds and judges the faces.
        analysis_door: says what was asked, under it, and counts each frame.
        store: takes the log's entry.
    """

    __slots__ = ("_analyser", "_analysis_door", "_errands", "_stream_door")

    def __init__(
        self,
        *,
        authority: AuthorityDesk,
        stream_door: StreamDoor,
        analyser: FaceAnalyser,
        analysis_door: AnalysisDoor,
        store: Store,
    ) -> None:
        self._errands = AnalysisErrands(authority=authority, store=store)
        self._stream_door = stream_door
        self._analyser = analyser
        self._analysis_door = analysis_door

    def run(
        self,
        order: StreamOrder,
        *,
        tell: Callable[[FrameOutcome], None],
        stop: Callable[[], bool] = _goes_on,
    ) -> StreamResult:
        """Take down what the person said, then analyse frame by frame under one permit.

        What stops the stream once it is permitted comes back in the result, with all that was told before.

        Args:
            order: what to analyse.
            tell: given each frame's outcome, in the order of the source. What it has to keep it copies.
            stop: asked before each frame whether somebody wants it to end.

        Raises:
            RefusedByRule: if the rules say no, a missing consent included; nothing is opened then.
            DutyOverdue: if an earlier permit's duty at this place is overdue.
            UnknownPlace: if the place isn't registered; nothing is taken down then.
            UnknownDevice: if the device isn't; likewise.
        """
        errand = self._begin(order)
        course = _Course()
        try:
            self._go_through(order, errand, course, tell, stop)
        except CountenanceError as error:
            course.error = error
        except BaseException:
            course.interrupted = True
            self._close(order, errand, course)
            raise
        return self._result(order, errand, course)

    def _begin(self, order: StreamOrder) -> AnalysisErrand:
        kind = StreamKind.of(order.source)
        return self._errands.begin(
            scene=_SCENE,
            agreed_to=analysis_of(_AGREED_TO[kind].format(most=order.frames), order.asked),
            materials=order.source.materials,
            where=(order.place, order.device),
            depicted=order.depicted,
            budget={Door.CAPTURE: 1, Door.ANALYSE: order.frames},
        )

    def _go_through(
        self,
        order: StreamOrder,
        errand: AnalysisErrand,
        course: _Course,
        tell: Callable[[FrameOutcome], None],
        stop: Callable[[], bool],
    ) -> None:
        stream: PermittedStream = self._stream_door.open(
            order.source, permit=errand.granted.token, request=errand.request
        )
        with stream:
            frames = islice(stream.frames(), order.most)
            while True:
                course.interrupted = stop()
                timed = None if course.interrupted else next(frames, None)
                if timed is None:
                    return
                with ExitStack() as to_wipe:
                    outcome = self._look(order, errand, timed, to_wipe)
                    course.note(outcome)
                    tell(outcome)

    def _look(
        self,
        order: StreamOrder,
        errand: AnalysisErrand,
        timed: TimedFrame,
        to_wipe: ExitStack,
    ) -> FrameOutcome:
        frame = timed.frame
        to_wipe.callback(frame.wipe)
        size = (frame.width, frame.height)
        seconds = timed.seconds if order.source.timed else None
        observations = self._analyser.observe(frame)
        for observation in observations:
            to_wipe.callback(observation.wipe)
        try:
            chosen = choose_face(observations, frame_size=size)
        except SubjectError as error:
            return FrameOutcome(timed.index, seconds, size, None, None, error)
        analysis = self._analysis_door.analyse(
            frame, chosen, asked=order.asked, permit=errand.granted.token, request=errand.request
        )
        to_wipe.callback(analysis.wipe)
        drawn = draw_analysis(frame.pixels, analysis) if order.drawn else None
        if drawn is not None:
            to_wipe.callback(drawn.fill, 0)
        return FrameOutcome(timed.index, seconds, size, analysis, drawn, None)

    def _close(self, order: StreamOrder, errand: AnalysisErrand, course: _Course) -> LogReceipt:
        entry = course.entry(order, course.stop(order.source.ended))
        return self._errands.close(errand, entry, drawn=order.drawn and course.described > 0)

    def _result(self, order: StreamOrder, errand: AnalysisErrand, course: _Course) -> StreamResult:
        source, end, claims = order.source, order.source.ended, errand.granted.claims
        return StreamResult(
            kind=StreamKind.of(source),
            stop=course.stop(end),
            described=course.described,
            passed_over=dict(course.passed_over),
            unreadable=end.skipped if end is not None else (),
            seen=end.seen if end is not None else 0,
            seconds=end.seconds if end is not None and source.timed else None,
            error=course.error,
            verdict=errand.granted.verdict,
            log=self._close(order, errand, course),
            models=(*self._analyser.model_ids, *course.models),
            permit_id=claims.permit_id,
            demo=claims.demo,
        )
