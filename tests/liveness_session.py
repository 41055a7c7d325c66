"""Liveness sessions on a real front desk, of people whom a test makes up.

The networks alone are made up: a frame spells in its first pixels how the head of that frame is turned, and
the made-up mesh is a bowl with a nose, seen by a pinhole camera. Doors, permits, rules, store, log, cues and
signatures are the product's own.
"""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from countenance.capture import CaptureLimits, SentFrameDoor
from countenance.kernel import Box, DeviceId, Frame, PlaceId, Point, SubjectId
from countenance.liveness import (
    AttemptLimits,
    ChallengeSessions,
    FaceWatcher,
    LivenessDoor,
    Measurement,
    Step,
)
from countenance.liveness.evidence import PassiveVerdict
from countenance.scenes import AgeBand, GuestStatement, shipped_profiles
from countenance.scenes.liveness import LivenessFlow, shipped_cues
from countenance.scenes.liveness_values import (
    LivenessOpened,
    LivenessOrder,
    LivenessProgress,
    LivenessResult,
)
from countenance.vision import Face, Mesh
from countenance.vision.passive import PassiveNetwork
from front_desk import FrontDesk, front_desk
from liveness_heads import AWAY, FOCAL, PIVOT, head, seen
from liveness_performances import performance

CLERK = "key_clerk"
AGREED = GuestStatement(consents=True, age_band=AgeBand.ADULT, language="en", stated_by="clerk")
RATE = 6.0
"""Frames a second that the made-up device sends."""

_EYES, _MOUTH = (33, 263), (61, 291)
_TOP, _CHIN = 10, 152


def face_shape(seed: int) -> NDArray[np.float64]:
    """A made-up face whose eyes, mouth, brow and chin lie where a pose is read from."""
    shape = head(seed)
    shape[list(_EYES), 0], shape[list(_EYES), 1] = (-4.4, 4.4), -3.0
    shape[list(_MOUTH), 0], shape[list(_MOUTH), 1] = (-2.4, 2.4), 3.5
    shape[[_TOP, _CHIN], 0], shape[[_TOP, _CHIN], 1] = 0.0, (-7.0, 7.0)
    shape[[*_EYES, *_MOUTH, _TOP, _CHIN], 2] = -0.9
    return shape


def spelled(measurement: Measurement, *, faces: int = 1, flat: bool = False, seed: int = 0) -> bytes:
    """A small PNG that says how the head of this frame is turned; the rest is a camera's noise."""
    rng = np.random.default_rng([seed, measurement.number])
    pixels = rng.integers(0, 256, (64, 64, 3), dtype=np.uint8)
    told = np.array([measurement.yaw, measurement.pitch, measurement.size, faces, flat], dtype=np.float64)
    raw = np.frombuffer(told.tobytes(), dtype=np.uint8)
    pixels.reshape(-1)[: raw.size] = raw
    written = io.BytesIO()
    Image.fromarray(pixels).save(written, "PNG")
    return written.getvalue()


def _told(frame: Frame) -> NDArray[np.float64]:
    return np.frombuffer(frame.pixels.reshape(-1)[:40].tobytes())


class SpelledFaces:
    """Finds as many faces as a frame spells."""

    model_id = "made-up-detector"

    def detect(self, frame: Frame) -> tuple[Face, ...]:
        count = int(_told(frame)[3])
        return tuple(
            Face(Box(10, 10, 40 - i, 40 - i), 0.9, (Point(20, 20), Point(30, 20))) for i in range(count)
        )


class Opinion:
    """A passive network that always says the same, and counts how often it was asked."""

    def __init__(self, live: float | None, model_id: str = "made-up-opinion") -> None:
        self.model_id = model_id
        self._live = live
        self.asked = 0

    def live(self, frame: Frame, box: Box) -> float | None:  # noqa: ARG002
        self.asked += 1
        return self._live


class SpelledMesh:
    """Turns a made-up head, or a sheet with its picture, as a frame spells."""

    model_id = "made-up-mesh"

    def __init__(self, seed: int = 1) -> None:
        self._shape = face_shape(seed)
        self._noise = np.random.default_rng(seed)

    def locate(self, frame: Frame, face: Face) -> Mesh:  # noqa: ARG002
        yaw, pitch, size, _, flat = _told(frame)
        points = np.empty((468, 3), dtype=np.float32)
        # What a network imagines of a sheet is a whole head that turns; what is seen of it stays flat.
        solid = _turned(self._shape, yaw, pitch)
        sheet = self._shape * [1, 1, 0]
        moved = _turned(sheet, yaw, pitch, pivot=0.0) if flat else solid
        scale = size / 200.0
        points[:, :2] = (seen(moved[None])[0] - [320, 240]) * scale + [320, 240]
        points[:, 2] = -solid[:, 2] * FOCAL / AWAY * scale
        points += self._noise.normal(0, 0.25, points.shape).astype(np.float32)
        return Mesh(points, 1.0)


def _turned(
    shape: NDArray[np.float64], yaw: float, pitch: float, pivot: float = PIVOT
) -> NDArray[np.float64]:
    a, b = np.radians(yaw), np.radians(pitch)
    x, y, z = shape[:, 0], shape[:, 1], shape[:, 2] + pivot
    y, z = y * np.cos(b) + z * np.sin(b), -y * np.sin(b) + z * np.cos(b)
    x, z = x * np.cos(a) + z * np.sin(a), -x * np.sin(a) + z * np.cos(a)
    return np.stack([x, y, z - pivot], axis=1)


@dataclass
class LivenessDesk:
    """A flow on a front desk, and what a test does with it."""

    hotel: FrontDesk
    flow: LivenessFlow
    sessions: ChallengeSessions
    limits: AttemptLimits

    def order(self, **changes: object) -> LivenessOrder:
        order = LivenessOrder(
            "hotel-checkin", self.hotel.site.place, self.hotel.site.desk_device, AGREED, CLERK
        )
        return replace(order, **changes)  # type: ignore[arg-type]

    def open(self, **changes: object) -> LivenessOpened:
        return self.flow.open(self.order(**changes))

    def steps(self) -> tuple[Step, ...]:
        """What the only session that is open will ask: no caller can see it."""
        (session,) = self.sessions._open.values()
        return session.challenge.steps

    def perform(
        self,
        opened: LivenessOpened,
        measurements: list[Measurement] | None = None,
        *,
        spell: Callable[[Measurement], bytes] = spelled,
        tell: Callable[[LivenessProgress], None] = lambda _: None,
    ) -> LivenessProgress:
        """Send frames as a device does, in the clock's time."""
        rng = np.random.default_rng(3)
        shown = measurements or performance(self.steps(), rng, rate=RATE)
        start = self.hotel.clock.now()
        for one in shown:
            self.hotel.clock.move_to(start + timedelta(seconds=one.arrived))
            told = self.flow.take(
                opened.session, spell(one), number=one.number, taken=one.taken, opened_by=CLERK
            )
            tell(told)
            if told.ended:
                break
        return told

    def end(self, opened: LivenessOpened) -> LivenessResult:
        return self.flow.end(opened.session, opened_by=CLERK)


@contextmanager
def liveness_desk(
    root: Path,
    *,
    capacity: int = 20,
    seed: int = 5,
    passive: Sequence[PassiveNetwork] = (),
    may_confirm: bool = True,
    **parts: object,
) -> Iterator[LivenessDesk]:
    """Open a front desk with liveness sessions, and with passive networks if any are given."""
    with front_desk(root) as hotel:
        chance = random.Random(seed)  # noqa: S311
        sessions = ChallengeSessions(
            clock=hotel.clock, chance=chance, nonce=lambda: chance.randbytes(32), capacity=capacity
        )
        limits = AttemptLimits(counts=hotel.store.liveness_attempts, clock=hotel.clock)
        flow = LivenessFlow(
            profiles=shipped_profiles(),
            authority=hotel.desk,
            frame_door=SentFrameDoor(verifier=hotel.desk.verifier, limits=CaptureLimits(), clock=hotel.clock),
            liveness_door=LivenessDoor(verifier=hotel.desk.verifier),
            watcher=FaceWatcher(detector=SpelledFaces(), mesh=SpelledMesh(), passive=passive),
            sessions=sessions,
            limits=limits,
            cues=shipped_cues([PassiveVerdict(one.model_id, may_confirm=may_confirm) for one in passive]),
            store=hotel.store,
            clock=hotel.clock,
        )
        yield LivenessDesk(hotel, flow, sessions, limits)


ELSEWHERE = (PlaceId("plc_nowhere"), DeviceId("dev_nothing"), SubjectId("sub_known"))
