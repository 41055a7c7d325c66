"""A driver's own device warns them of sleep: the flow.

Rules kept here:

* Warnings go to whoever called, who is the driver's own device; no measure does, and nothing is sent.
* Nothing is kept: the log says that it ran and how it ended, and neither a warning nor a count of them.
* Frames are overwritten once they were looked at; a minute of measures ends with the drive.
* Who isn't permitted isn't looked at. In schools and for judging people at work nobody is.
* Every result says that it isn't validated for safety.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Final

from countenance.kernel import (
    CallerError,
    CountenanceError,
    DeviceId,
    Door,
    PlaceId,
    PurposeId,
    SubjectError,
)
from countenance.liveness import DriverMeasure, DriverWarning, DriverWatch
from countenance.scenes.analysis_errand import AnalysisErrand, AnalysisErrands
from countenance.scenes.analysis_stream import StreamKind, StreamStop
from countenance.vision import choose_face
from countenance.vision.attributes import DROWSINESS_OPERATION

if TYPE_CHECKING:
    from countenance.authority import AuthorityDesk
    from countenance.capture import FrameSource, PermittedStream, StreamDoor, TimedFrame
    from countenance.policy import Verdict
    from countenance.scenes.attended import GuestStatement
    from countenance.store import LogReceipt, Store
    from countenance.vision import FaceAnalyser
    from countenance.vision.attributes import DriverDoor

__all__ = ["DRIVER_PURPOSE", "DriverMoment", "DriverOrder", "DriverResult", "DriverWatching", "NotADrive"]

DRIVER_PURPOSE: Final = PurposeId("pur_driver")
"""The purpose that the warning serves; registered by whoever runs the device."""
_SCENE: Final = "driver-safety"
_AGREED_TO: Final = (
    "driver warning",
    "at most {most} frames of one drive, looked at for shut eyes, yawns and looks away; nothing kept",
)


class NotADrive(CallerError):
    """The pictures have no times, so it can't be said how long eyes were shut."""

    code = "not-a-drive"
    default_remedy = "Give a video or a declared camera."


@dataclass(frozen=True, slots=True)
class DriverOrder:
    """One drive.

    Attributes:
        source: a video or a camera; not entered yet.
        place: the registered place: the driver's own device.
        device: the registered camera on it.
        driver: what the driver said.
        most: how many frames are looked at, at most; at least 1.

    Raises:
        NotADrive: if the source has no times.
        ValueError: if not one frame is to be looked at.
    """

    source: FrameSource = field(repr=False)
    place: PlaceId
    device: DeviceId
    driver: GuestStatement
    most: int

    def __post_init__(self) -> None:
        if not self.source.timed:
            raise NotADrive("A folder of pictures is no drive.")
        if self.most < 1:
            msg = "at least one frame is looked at"
            raise ValueError(msg)

    @property
    def frames(self) -> int:
        """How many frames it can come to."""
        return min(self.most, self.source.most_frames)


@dataclass(frozen=True, slots=True)
class DriverMoment:
    """What is said at one frame.

    Attributes:
        seconds: since the beginning.
        seen: whether the driver's face was.
        ready: whether the baseline is taken, so that eyes are watched.
        warnings: what is to be said now.
    """

    seconds: float
    seen: bool
    ready: bool
    warnings: tuple[DriverWarning, ...]


@dataclass(frozen=True, slots=True, eq=False)
class DriverResult:
    """How a drive went; neither warnings nor measures.

    Attributes:
        stop: why no more frames were looked at.
        frames: how many were looked at.
        error: what stopped it, if it couldn't go on.
        verdict: every rule that was asked.
        log: where the transparency log holds that it ran.
        models: the networks that looked.
        permit_id: the permit.
        demo: whether it rests on DEMO evidence.
    """

    stop: StreamStop
    frames: int
    error: CountenanceError | None
    verdict: Verdict
    log: LogReceipt
    models: tuple[str, ...]
    permit_id: str
    demo: bool


@dataclass(slots=True)
class _Drive:
    """How it goes, while it goes."""

    watch: DriverWatch = field(default_factory=DriverWatch)
    frames: int = 0
    interrupted: bool = False
    error: CountenanceError | None = None

    def stop(self, order: DriverOrder) -> StreamStop:
        if self.error is not None:
            return StreamStop.FAILED
        if self.interrupted:
            return StreamStop.INTERRUPTED
        end = order.source.ended
        ended = end.reason.value if end is not None else ""
        return StreamStop(ended) if ended in (StreamStop.END, StreamStop.LENGTH) else StreamStop.MOST


class DriverWatching:
    """Warns drivers under permits.

    Args:
        authority: takes down the consent, asks the rules and gives the permit.
        stream_door: opens the source under it.
        analyser: finds the faces.
        door: measures the driver's, under it, and counts each frame.
        store: takes the log's entry.
    """

    __slots__ = ("_analyser", "_door", "_errands", "_stream_door")

    def __init__(
        self,
        *,
        authority: AuthorityDesk,
        stream_door: StreamDoor,
        analyser: FaceAnalyser,
        door: DriverDoor,
        store: Store,
    ) -> None:
        self._errands = AnalysisErrands(
            authority=authority, store=store, purpose=DRIVER_PURPOSE, operation=DROWSINESS_OPERATION
        )
        self._stream_door = stream_door
        self._analyser = analyser
        self._door = door

    def run(
        self,
        order: DriverOrder,
        *,
        tell: Callable[[DriverMoment], None],
        stop: Callable[[], bool] = lambda: False,
    ) -> DriverResult:
        """Take down what the driver said, then watch frame by frame under one permit.

        Args:
            order: the drive.
            tell: given each moment, in order.
            stop: asked before each frame whether the driver wants it to end.

        Raises:
            RefusedByRule: if the rules say no, a missing consent included; nothing is opened then.
            DutyOverdue: if an earlier permit's duty at this place is overdue.
            UnknownPlace: if the place isn't registered; nothing is taken down then.
            UnknownDevice: if the device isn't; likewise.
        """
        act, method = _AGREED_TO
        errand = self._errands.begin(
            scene=_SCENE,
            agreed_to=(act, method.format(most=order.frames)),
            materials=order.source.materials,
            where=(order.place, order.device),
            depicted=order.driver,
            budget={Door.CAPTURE: 1, Door.ANALYSE: order.frames},
        )
        drive = _Drive()
        try:
            self._go_through(order, errand, drive, tell, stop)
        except CountenanceError as error:
            drive.error = error
        except BaseException:
            drive.interrupted = True
            self._close(order, errand, drive)
            raise
        return DriverResult(
            stop=drive.stop(order),
            frames=drive.frames,
            error=drive.error,
            verdict=errand.granted.verdict,
            log=self._close(order, errand, drive),
            models=(*self._analyser.model_ids, self._door.model_id),
            permit_id=errand.granted.claims.permit_id,
            demo=errand.granted.claims.demo,
        )

    def _go_through(
        self,
        order: DriverOrder,
        errand: AnalysisErrand,
        drive: _Drive,
        tell: Callable[[DriverMoment], None],
        stop: Callable[[], bool],
    ) -> None:
        stream: PermittedStream = self._stream_door.open(
            order.source, permit=errand.granted.token, request=errand.request
        )
        with stream:
            frames = islice(stream.frames(), order.most)
            while True:
                drive.interrupted = stop()
                timed = None if drive.interrupted else next(frames, None)
                if timed is None:
                    return
                measure = self._measure(errand, timed)
                warnings = drive.watch.note(measure)
                drive.frames += 1
                seen = measure.eyes is not None
                tell(DriverMoment(measure.seconds, seen, drive.watch.ready, warnings))

    def _measure(self, errand: AnalysisErrand, timed: TimedFrame) -> DriverMeasure:
        frame = timed.frame
        with ExitStack() as to_wipe:
            to_wipe.callback(frame.wipe)
            observations = self._analyser.observe(frame)
            for observation in observations:
                to_wipe.callback(observation.wipe)
            try:
                chosen = choose_face(observations, frame_size=(frame.width, frame.height))
            except SubjectError:
                return DriverMeasure(timed.seconds)
            look = self._door.look(frame, chosen, permit=errand.granted.token, request=errand.request)
        return DriverMeasure(timed.seconds, look.eyes, look.mouth, look.yaw, look.pitch)

    def _close(self, order: DriverOrder, errand: AnalysisErrand, drive: _Drive) -> LogReceipt:
        stop = drive.stop(order)
        entry: dict[str, object] = {
            "outcome": stop.value if stop in (StreamStop.FAILED, StreamStop.INTERRUPTED) else "watched",
            "scene": _SCENE,
            "source": StreamKind.of(order.source).value,
            "stop": stop.value,
        }
        if drive.error is not None:
            entry["error"] = drive.error.code
        return self._errands.close(errand, entry, drawn=False)
