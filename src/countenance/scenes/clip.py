"""A recorded clip, or a recording by a declared camera, looked at for liveness under a permit: the flow.

Rules kept here:

* The clip is bound to its permit by its digest; each frame is counted at the door.
* Frames are overwritten once they were looked at, meshes at the end; no template is made.
* The log holds the outcome, what is suspected and how many frames there were, and no measure.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from countenance.kernel import Box, DeviceId, Door, HeadPose, PlaceId, PurposeId
from countenance.liveness import (
    CLIP_EVERY,
    LIVENESS_OPERATION,
    MOST_CLIP_FRAMES,
    ClipFinding,
    ClipWatcher,
    FaceWatcher,
)
from countenance.scenes.analysis_errand import AnalysisErrand, AnalysisErrands
from countenance.scenes.errors import ClipWithoutTimes
from countenance.vision.motion import FaceFeatures

if TYPE_CHECKING:
    from countenance.authority import AuthorityDesk
    from countenance.capture import FrameSource, StreamDoor
    from countenance.liveness import LivenessDoor
    from countenance.liveness.evidence import Evidence
    from countenance.policy import Verdict
    from countenance.scenes.attended import GuestStatement
    from countenance.store import LogReceipt, Store
    from countenance.vision import SelfLikenessDoor
    from countenance.vision.attributes import EyeLocator

__all__ = ["ClipLiveness", "ClipMoment", "ClipOrder", "ClipResult"]

_SCENE: Final = "clip-liveness"
_AGREED_TO: Final = ("liveness", "at most {most} frames of one clip, looked at for liveness; no template")
_SLACK: Final = 1e-6


@dataclass(frozen=True, slots=True)
class ClipOrder:
    """One clip that somebody wants looked at.

    Attributes:
        source: a video or a declared camera; not entered yet.
        purpose: the registered purpose.
        place: the registered place.
        device: the registered device that the clip came by.
        person: what the person in it said.

    Raises:
        ClipWithoutTimes: if the source has no times.
    """

    source: FrameSource = field(repr=False)
    purpose: PurposeId
    place: PlaceId
    device: DeviceId
    person: GuestStatement

    def __post_init__(self) -> None:
        if not self.source.timed:
            raise ClipWithoutTimes("A folder of pictures is no clip.")

    @property
    def frames(self) -> int:
        """How many frames are looked at, at most."""
        return min(MOST_CLIP_FRAMES, self.source.most_frames)


@dataclass(frozen=True, slots=True, eq=False)
class ClipMoment:
    """What was seen in one frame. Its pixels are overwritten once whoever is told returns.

    Attributes:
        index: the frame's number in the source, from 0.
        seconds: its time.
        pixels: uint8, shape (H, W, 3), RGB. Left out of ``repr``.
        box: the face's; ``None`` if there is none.
        pose: where it points; likewise.
    """

    index: int
    seconds: float
    pixels: NDArray[np.uint8] = field(repr=False)
    box: Box | None
    pose: HeadPose | None


@dataclass(frozen=True, slots=True, eq=False)
class ClipResult:
    """What came of a clip.

    Attributes:
        found: what it shows, each cue alone.
        verdict: every rule that was asked.
        log: where the transparency log holds it.
        models: the networks that looked.
        permit_id: the permit.
        demo: whether it rests on DEMO evidence.
    """

    found: ClipFinding
    verdict: Verdict
    log: LogReceipt
    models: tuple[str, ...]
    permit_id: str
    demo: bool


class ClipLiveness:
    """Looks at clips under permits.

    Args:
        authority: takes down the consent, asks the rules and gives the permit.
        stream_door: opens the source under it.
        liveness_door: lets each frame be looked at under it, and counts.
        likeness_door: lets the face be compared with itself.
        watcher: finds the face, asks passive networks.
        eyes: measures lids.
        cues: each is read alone.
        store: takes the log's entry.
    """

    def __init__(
        self,
        *,
        authority: AuthorityDesk,
        stream_door: StreamDoor,
        liveness_door: LivenessDoor,
        likeness_door: SelfLikenessDoor,
        watcher: FaceWatcher,
        eyes: EyeLocator,
        cues: Sequence[Evidence],
        store: Store,
    ) -> None:
        self._authority = authority
        self._stream_door = stream_door
        self._liveness_door = liveness_door
        self._likeness_door = likeness_door
        self._watcher = watcher
        self._eyes = eyes
        self._cues = tuple(cues)
        self._store = store

    @property
    def model_ids(self) -> tuple[str, ...]:
        """The networks that look, in order."""
        return (*self._watcher.model_ids, self._eyes.model_id, self._likeness_door.model_id)

    def run(self, order: ClipOrder, *, tell: Callable[[ClipMoment], None] | None = None) -> ClipResult:
        """Take down what the person said, then look at the clip under one permit.

        Args:
            order: the clip.
            tell: given each moment; what it keeps it copies.

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
            depicted=order.person,
            budget={Door.CAPTURE: 1, Door.ANALYSE: order.frames + 1},
        )
        entry: dict[str, object] = {"outcome": "failed", "scene": _SCENE}
        try:
            found = self._look(order, errand, tell)
            entry |= {
                "outcome": found.outcome.value,
                "species": [species.value for species in found.species],
                "frames": found.frames,
            }
        finally:
            log = errands.close(errand, entry, drawn=tell is not None)
        claims = errand.granted.claims
        return ClipResult(found, errand.granted.verdict, log, self.model_ids, claims.permit_id, claims.demo)

    def _look(
        self, order: ClipOrder, errand: AnalysisErrand, tell: Callable[[ClipMoment], None] | None
    ) -> ClipFinding:
        permit, request = errand.granted.token, errand.request
        with ExitStack() as to_wipe:
            likeness = self._likeness_door.enter(permit=permit, request=request)
            clip = ClipWatcher(self._watcher, self._eyes, likeness, FaceFeatures())
            to_wipe.callback(clip.wipe)
            stream = to_wipe.enter_context(
                self._stream_door.open(order.source, permit=permit, request=request)
            )
            due = 0.0
            for timed in islice(stream.frames(), order.source.most_frames):
                frame = timed.frame
                try:
                    if timed.seconds < due - _SLACK or clip.frames >= order.frames:
                        continue
                    due = timed.seconds + CLIP_EVERY
                    self._liveness_door.enter(permit=permit, request=request)
                    seen = clip.note(frame, taken=timed.seconds)
                    if tell is not None:
                        tell(ClipMoment(timed.index, timed.seconds, frame.pixels, seen.box, seen.pose))
                finally:
                    frame.wipe()
            return clip.judge(self._cues)
