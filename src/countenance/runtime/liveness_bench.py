"""What a frame of a liveness session costs, and whether as many sessions as there is room for run at once."""

from __future__ import annotations

import io
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from countenance.authority import (
    Author,
    AuthorityDesk,
    DemoSite,
    Role,
    record_guest_consent,
    seed_demo,
    shipped_rules,
)
from countenance.evaluation.timing import Spread, spread_of
from countenance.kernel import CountenanceError, SubjectId, SystemClock, new_id
from countenance.liveness import AttemptLimits, FaceWatcher, Limit, SessionsFull
from countenance.runtime.liveness import LivenessRoom, liveness_room
from countenance.runtime.observing import observers_here
from countenance.runtime.settings import Settings
from countenance.scenes.liveness_values import LivenessOpened, LivenessOrder
from countenance.store import Store, create_root_key, key_provider

__all__ = ["FRAME_SIZE", "LivenessTimes", "noisy_frames", "time_liveness"]

FRAME_SIZE: Final = (640, 480)
"""Width and height of the frames that are sent."""

_QUALITY: Final = 80
_ALONE: Final = 60
_A_SECOND: Final = 5.0
"""Frames a second that these state: passive networks are shown a few of them, as in a session."""

_AT_ONCE: Final = 2
_UNLIMITED: Final = Limit(free=1000, cap=1000)
"""For the bench's one device, which opens more sessions than a desk in a day."""
_MILLI: Final = 1e3
_SENDER: Final = "bench"


@dataclass(frozen=True, slots=True)
class LivenessTimes:
    """What was timed and counted.

    Attributes:
        frame: milliseconds of one frame, decoded, looked at and noted, while no other is.
        processor: milliseconds of a processor that it took; the same on a machine that has other work.
        sessions: how many were open at once.
        frames: how many frames they sent.
        refused: how many of these weren't taken.
        lost: sessions that couldn't be ended with a result.
        answered: milliseconds from when a frame was due until it was answered.
        retry_after: seconds that one session too many was told to wait; ``None`` if it was let in.
        resident: bytes by which the process grew from before the first session to before their end.
    """

    frame: Spread
    processor: Spread
    sessions: int
    frames: int
    refused: int
    lost: int
    answered: Spread
    retry_after: int | None
    resident: int


def noisy_frames(photograph: bytes, *, count: int, seed: int) -> tuple[bytes, ...]:
    """Return a photograph as a camera would send it again and again: JPEG, noise of its own in each.

    Args:
        photograph: an encoded picture.
        count: how many.
        seed: of the noise.
    """
    with Image.open(io.BytesIO(photograph)) as opened:
        pixels = np.asarray(opened.convert("RGB").resize(FRAME_SIZE), dtype=np.int16)
    rng = np.random.default_rng(seed)
    return tuple(_encoded(np.clip(pixels + rng.integers(-3, 4, pixels.shape), 0, 255)) for _ in range(count))


def _encoded(pixels: np.ndarray[tuple[int, ...], np.dtype[np.int16]]) -> bytes:
    written = io.BytesIO()
    Image.fromarray(pixels.astype(np.uint8)).save(written, "JPEG", quality=_QUALITY)
    return written.getvalue()


def time_liveness(
    settings: Settings,
    *,
    frames: Sequence[bytes],
    sessions: int,
    rate: float,
    seconds: float,
    moved: Callable[[int], None] = lambda _: None,
    watcher: FaceWatcher | None = None,
) -> LivenessTimes:
    """Open sessions at a new demonstration's desk in a temporary folder and send all of them frames.

    Frames are looked at by two threads, as in the server.

    Args:
        settings: which networks.
        frames: what is sent, one after the other; no two alike.
        sessions: how many are open at once.
        rate: frames a second of each.
        seconds: for how long; below twenty.
        moved: called with how many frames were answered so far.
        watcher: looks at frames; one over the settings' networks if left out.
    """
    with _desk(settings, sessions=sessions, watcher=watcher) as desk:
        before = _resident()
        alone, worked = desk.alone(frames)
        opened = [desk.open() for _ in range(sessions)]
        retry_after = desk.one_too_many()
        course = _Course(desk.room, frames, moved)
        course.run(opened, rate=rate, seconds=seconds)
        grown = max(_resident() - before, 0)
        lost = sum(not desk.ends(session) for session in opened)
    return LivenessTimes(
        frame=spread_of(alone),
        processor=spread_of(worked),
        sessions=sessions,
        frames=course.sent,
        refused=course.refused,
        lost=lost,
        answered=spread_of(course.waits),
        retry_after=retry_after,
        resident=grown,
    )


@dataclass(frozen=True, slots=True)
class _Desk:
    """A demonstration's desk with sessions."""

    room: LivenessRoom
    authority: AuthorityDesk
    site: DemoSite

    def open(self) -> LivenessOpened:
        subject = SubjectId(new_id("sub"))
        record_guest_consent(
            self.authority,
            subject=subject,
            place=self.site.place,
            purpose=self.site.purpose,
            consents=True,
            age_band="adult",
            language="en",
            stated_by=_SENDER,
        )
        at = (self.site.place, self.site.desk_device)
        order = LivenessOrder("hotel-checkin", *at, None, _SENDER, subject)
        return self.room.open(order, author=Author(Role.CLERK, _SENDER))

    def alone(self, frames: Sequence[bytes]) -> tuple[list[float], list[float]]:
        """Time single frames by the clock and by the processor; the first isn't counted."""
        opened = self.open()
        times, worked = [], []
        for number in range(_ALONE + 1):
            start, processor = time.perf_counter(), time.process_time()
            self.room.take(
                opened.session,
                frames[number % len(frames)],
                number=number,
                taken=number / _A_SECOND,
                opened_by=_SENDER,
            )
            times.append(_MILLI * (time.perf_counter() - start))
            worked.append(_MILLI * (time.process_time() - processor))
        self.ends(opened)
        return times[1:], worked[1:]

    def one_too_many(self) -> int | None:
        try:
            self.open()
        except SessionsFull as error:
            return error.retry_after
        return None

    def ends(self, opened: LivenessOpened) -> bool:
        try:
            self.room.end(opened.session, opened_by=_SENDER)
        except CountenanceError:
            return False
        return True


@dataclass(slots=True)
class _Course:
    """Sends frames of many sessions when they are due."""

    room: LivenessRoom
    frames: Sequence[bytes]
    moved: Callable[[int], None]
    sent: int = 0
    refused: int = 0
    waits: list[float] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self, opened: Sequence[LivenessOpened], *, rate: float, seconds: float) -> None:
        start = time.perf_counter()
        due = sorted(
            (number / rate + i / (rate * len(opened)), i, number)
            for i in range(len(opened))
            for number in range(int(rate * seconds))
        )
        with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
            for at, i, number in due:
                time.sleep(max(0.0, start + at - time.perf_counter()))
                pool.submit(self._send, opened[i], i, number, start + at, at)

    def _send(self, opened: LivenessOpened, i: int, number: int, due: float, taken: float) -> None:
        frame = self.frames[(number * 7 + i) % len(self.frames)]
        taken_in = True
        try:
            self.room.take(opened.session, frame, number=number, taken=taken, opened_by=_SENDER)
        except CountenanceError:
            taken_in = False
        with self._lock:
            self.sent += 1
            self.refused += not taken_in
            self.waits.append(_MILLI * (time.perf_counter() - due))
            self.moved(self.sent)


@contextmanager
def _desk(settings: Settings, *, sessions: int, watcher: FaceWatcher | None) -> Iterator[_Desk]:
    root = Path(tempfile.mkdtemp(prefix="countenance-bench-"))
    try:
        uri = f"file:{root / 'root.key'}"
        create_root_key(uri)
        clock = SystemClock()
        with Store.create(root / "data", key_provider=key_provider(uri), clock=clock, demo=True) as store:
            rules, vocabulary = shipped_rules()
            authority = AuthorityDesk(
                store=store,
                rules=rules,
                vocabulary=vocabulary,
                clock=clock,
                observers=observers_here(settings, store=store, clock=clock, serving=False),
                permit_lifetime=timedelta(minutes=2),
                look_every=timedelta(minutes=2),
            )
            site = seed_demo(authority)
            room = liveness_room(
                settings.model_copy(update={"liveness_sessions": sessions}),
                store=store,
                authority=authority,
                clock=clock,
                watcher=watcher,
                limits=AttemptLimits(counts=store.liveness_attempts, clock=clock, device=_UNLIMITED),
            )
            yield _Desk(room, authority, site)
            room.close()
    finally:
        shutil.rmtree(root, ignore_errors=True)


def _resident() -> int:
    """Return the bytes that this process holds in memory, as Linux counts them."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096
