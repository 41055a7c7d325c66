"""A demonstration's desk for simulated liveness sessions: everything real but the person and the time.

Rules kept here:

* Doors, permits, rules, store, log, networks, challenge, judge and cues are the installation's own; the
  clock alone is set by hand, so that a session of twenty seconds takes as long as its frames do.
* It lies in a temporary folder that is removed with it.
"""

from __future__ import annotations

import random
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from countenance.authority import (
    Author,
    AuthorityDesk,
    DemoSite,
    Role,
    record_guest_consent,
    seed_demo,
    shipped_rules,
)
from countenance.evaluation.following import Told
from countenance.evaluation.liveness_attempts import NON_RESPONSE, Attempt
from countenance.evaluation.presentations import Performance
from countenance.kernel import CountenanceError, FixedClock, Frame, SubjectId, new_id
from countenance.liveness import AttemptLimits, FaceWatcher, Limit, Prompt, Sighting
from countenance.liveness.evidence import parallax
from countenance.runtime.liveness import LivenessRoom, liveness_room
from countenance.runtime.networks import choose_networks, load_detector, load_embedder, load_mesh
from countenance.runtime.observing import observers_here
from countenance.runtime.settings import Settings
from countenance.scenes.liveness_values import LivenessOrder, LivenessResult
from countenance.store import Store, create_root_key, key_provider
from countenance.vision.embedding import Embedder
from countenance.vision.registry import ModelStore

__all__ = ["FRAME_EVERY", "SentFrame", "SimulatedDesk", "simulated_desk"]

FRAME_EVERY: Final = 0.16
"""Seconds between frames, as the page sends them."""

_NOON: Final = datetime(2026, 1, 5, 12, tzinfo=UTC)
_BETWEEN: Final = timedelta(seconds=30)
_ON_THE_WAY: Final = (0.03, 0.09)
"""Seconds from a frame until it is looked at."""

_MOST_FRAMES: Final = 130
_SENDER: Final = "simulation"
_UNLIMITED: Final = Limit(free=10**6, cap=10**6)
_LEAST_SEEN: Final = 0.5


@dataclass(frozen=True, slots=True)
class SentFrame:
    """One frame as a device sends it.

    Attributes:
        number: its place in the stream, counted by the device.
        taken: seconds by the device's clock.
        sent: seconds by the server's clock at which it arrives.
        picture: the encoded picture. Left out of ``repr``.
    """

    number: int
    taken: float
    sent: float
    picture: bytes = field(repr=False)


class NotingWatcher(FaceWatcher):
    """Looks as the product does, and keeps the meshes of one session to say what its relief was."""

    __slots__ = ("meshes", "seen")

    meshes: list[NDArray[np.float32]]
    seen: int

    def look(self, frame: Frame) -> Sighting:
        """Return what a frame shows, and note its mesh."""
        sighting = super().look(frame)
        self.seen += 1
        if sighting.points is not None:
            self.meshes.append(sighting.points.copy())
        return sighting

    def begin(self) -> None:
        """Forget the session before."""
        self.meshes, self.seen = [], 0

    @property
    def found(self) -> float:
        """Share of the frames in which there was a face."""
        return len(self.meshes) / max(self.seen, 1)

    @property
    def relief(self) -> float | None:
        """Parallax in degrees over all frames with a face; ``None`` where there are too few."""
        if len(self.meshes) < 3:  # noqa: PLR2004 - what parallax asks for
            return None
        try:
            return round(parallax(np.stack(self.meshes)).across, 2)
        except np.linalg.LinAlgError:
            return None


@dataclass(slots=True, eq=False)
class SimulatedDesk:
    """A desk at which performances are shown to real sessions.

    Attributes:
        room: opens sessions, takes frames.
        authority: takes down what the person said.
        site: of the demonstration.
        clock: set by hand.
        draws: from which challenges are drawn.
        watcher: looks.
    """

    room: LivenessRoom
    authority: AuthorityDesk
    site: DemoSite
    clock: FixedClock
    draws: random.Random
    watcher: NotingWatcher
    _now: datetime = field(init=False, default=_NOON)

    def attempt(self, performance: Performance, *, identity: int, challenge: int) -> Attempt:
        """Show a performance to a session of its own.

        Args:
            performance: what is presented.
            identity: of the portrait, for the record.
            challenge: the seed of what is asked; the same seed asks the same.
        """
        self._begin(challenge)
        frames = 0
        try:
            session, prompt = self._open(SubjectId(new_id("sub")))
            told = Told(prompt)
            lag = random.Random(challenge + 1)  # noqa: S311 - a simulated network, nothing secret
            for number in range(_MOST_FRAMES):
                taken = number * FRAME_EVERY + lag.uniform(0.0, 0.01)
                picture = performance.frame(taken, told)
                self.clock.move_to(self._now + timedelta(seconds=taken + lag.uniform(*_ON_THE_WAY)))
                progress = self.room.take(session, picture, number=number, taken=taken, opened_by=_SENDER)
                frames += 1
                told = Told(progress.prompt, progress.reach)
                if progress.ended:
                    break
            result = self.room.end(session, opened_by=_SENDER)
        except CountenanceError as error:
            return self._attempt(performance, identity, frames, NON_RESPONSE, advice=(error.code,))
        finally:
            self._now = self.clock.now()
        return self._judged(performance, identity, frames, result)

    def answer(self, frames: Iterable[SentFrame], *, challenge: int) -> LivenessResult:
        """Send frames to a session of its own as they are, whatever it asks, and end it.

        Args:
            frames: in the order in which they are sent.
            challenge: the seed of what is asked.

        Raises:
            CountenanceError: if a frame isn't taken, or the session can't be ended.
        """
        self._begin(challenge)
        session, _ = self._open(SubjectId(new_id("sub")))
        try:
            for frame in frames:
                self.clock.move_to(self._now + timedelta(seconds=frame.sent))
                self.room.take(
                    session, frame.picture, number=frame.number, taken=frame.taken, opened_by=_SENDER
                )
            return self.room.end(session, opened_by=_SENDER)
        finally:
            self._now = self.clock.now()

    def _begin(self, challenge: int) -> None:
        self._now += _BETWEEN
        self.clock.move_to(self._now)
        self.draws.seed(challenge)
        self.watcher.begin()

    def _open(self, subject: SubjectId) -> tuple[str, Prompt]:
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
        order = LivenessOrder("hotel-checkin", self.site.place, self.site.desk_device, None, _SENDER, subject)
        opened = self.room.open(order, author=Author(Role.CLERK, _SENDER))
        return opened.session, opened.prompt

    def _judged(
        self, performance: Performance, identity: int, frames: int, result: LivenessResult
    ) -> Attempt:
        outcome = result.statement.outcome.value
        if self.watcher.found < _LEAST_SEEN:
            outcome = NON_RESPONSE
        return self._attempt(
            performance,
            identity,
            frames,
            outcome,
            suspected=tuple(species.value for species in result.statement.species),
            advice=tuple(advice.name.lower() for advice in result.advice),
        )

    def _attempt(
        self,
        performance: Performance,
        identity: int,
        frames: int,
        outcome: str,
        *,
        suspected: tuple[str, ...] = (),
        advice: tuple[str, ...] = (),
    ) -> Attempt:
        return Attempt(
            performance.instrument, identity, outcome, suspected, advice, self.watcher.relief, frames
        )


@contextmanager
def simulated_desk(settings: Settings) -> Iterator[SimulatedDesk]:
    """Open a demonstration's desk in a temporary folder.

    Args:
        settings: name the networks.

    Raises:
        ModelMissing: if weights aren't here.
    """
    root = Path(tempfile.mkdtemp(prefix="countenance-simulated-"))
    try:
        uri = f"file:{root / 'root.key'}"
        create_root_key(uri)
        clock = FixedClock(_NOON)
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
            draws, watcher = random.Random(0), _watcher(settings)  # noqa: S311 - the same again on purpose
            limits = AttemptLimits(counts=store.liveness_attempts, clock=clock, device=_UNLIMITED)
            room = liveness_room(
                settings,
                store=store,
                authority=authority,
                clock=clock,
                watcher=watcher,
                chance=draws,
                limits=limits,
                embedder=_embedder(settings),
            )
            yield SimulatedDesk(room, authority, seed_demo(authority), clock, draws, watcher)
            room.close()
    finally:
        shutil.rmtree(root, ignore_errors=True)


def _embedder(settings: Settings) -> Embedder:
    models = ModelStore(folder=settings.models_folder)
    return load_embedder(choose_networks(settings, models.manifest), models, threads=settings.threads)


def _watcher(settings: Settings) -> NotingWatcher:
    models = ModelStore(folder=settings.models_folder)
    networks = choose_networks(settings, models.manifest)
    watcher = NotingWatcher(
        detector=load_detector(networks, models, threads=settings.threads),
        mesh=load_mesh(networks, models, threads=settings.threads),
    )
    watcher.begin()
    return watcher
