"""The wiring of simulated liveness evaluations: portraits under a permit, attempts on every processor.

Rules kept here:

* Portraits are opened under permits of operation ``evaluate``, as for any evaluation; heads made from them
  live in memory alone, and what is kept of an attempt holds no picture and no mesh.
* Every process has a desk of its own in a temporary folder. An interrupted run goes on with the portraits
  that it hasn't finished.
* Which portrait gets which challenge is a matter of its number: the same list gives the same attempts.
"""

from __future__ import annotations

import multiprocessing
import multiprocessing.util
import random
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from contextlib import ExitStack
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from countenance import __version__
from countenance.capture import CaptureDoor, CaptureLimits, PictureRefused, decode
from countenance.evaluation.charts import Chart
from countenance.evaluation.datasets import DatasetInvalid, DatasetProvenance
from countenance.evaluation.following import Moved, acted
from countenance.evaluation.liveness_attempts import Attempt, AttemptFile
from countenance.evaluation.liveness_words import frames_strip
from countenance.evaluation.people import PeopleSet
from countenance.evaluation.permission import EvaluationAuthority, register_evaluation
from countenance.evaluation.presentations import Instrument, perform
from countenance.evaluation.reading import EvaluationProgress
from countenance.kernel import Clock, Frame, Material, SystemClock, canonical_sha256, sha256_hex
from countenance.liveness import FaceWatcher, Step, challenge_steps
from countenance.runtime.evaluation import (
    evaluation_capture,
    evaluation_desk,
    open_evaluation_store,
    shipped_jurisdictions,
)
from countenance.runtime.liveness import face_watcher
from countenance.runtime.liveness_desk import SimulatedDesk, simulated_desk
from countenance.runtime.settings import Settings
from countenance.vision.registry import SampleStore
from countenance.vision.rendering import PortraitUnusable, head_from_portrait, require_frontal

__all__ = ["LivenessRun", "Part", "Portraits", "evaluate_liveness", "read_portraits", "sample_strip"]

_BATCH: Final = 64
_SEEDS: Final = 1000


class Part(StrEnum):
    """Which people of a list are taken."""

    DEVELOPMENT = "development"
    CHECK = "check"
    ALL = "all"

    def takes(self, number: int) -> bool:
        """Whether the person of this number is of it: even ones are for development."""
        return self is Part.ALL or (number % 2 == 0) is (self is Part.DEVELOPMENT)


@dataclass(frozen=True, slots=True, eq=False)
class Portraits:
    """Portraits of which heads can be made.

    Attributes:
        list_sha256: of the list.
        people: number of each person in the list.
        pixels: of each, uint8, shape (H, W, 3). Left out of ``repr``.
        meshes: of each, float32, shape (468, 3). Left out of ``repr``.
        left_out: how many people had none that can be used.
    """

    list_sha256: str
    people: tuple[int, ...]
    pixels: tuple[NDArray[np.uint8], ...] = field(repr=False)
    meshes: tuple[NDArray[np.float32], ...] = field(repr=False)
    left_out: int

    def __len__(self) -> int:
        return len(self.people)


@dataclass(frozen=True, slots=True)
class LivenessRun:
    """What is presented.

    Attributes:
        instruments: which; a replay that matches brings the bona fide presentation along.
        folder: where finished attempts lie.
        processes: how many at once.
        fresh: forget what an interrupted run has kept.
    """

    instruments: tuple[Instrument, ...]
    folder: Path
    processes: int
    fresh: bool = False


def read_portraits(
    settings: Settings,
    *,
    people: PeopleSet,
    identities: int,
    part: Part,
    folder: Path,
    provenance: DatasetProvenance | None,
    jurisdictions: tuple[str, ...] = (),
    clock: Clock | None = None,
) -> Portraits:
    """Open portraits until there are as many heads as asked for, one of each person.

    Args:
        settings: name the networks and the limits on pictures.
        people: whose.
        identities: how many; 2 or more.
        part: of the list.
        folder: where the evaluation's own records lie or will lie.
        provenance: what the operator states; ``None`` files nothing, so that the rules refuse.
        jurisdictions: whose rules hold; all that have rules here if left out.
        clock: its time; the machine's own if left out.

    Raises:
        RefusedByRule: if the rules say no.
        DatasetInvalid: if there are fewer than two usable portraits.
        OperatorError: if networks are missing, or the folder is foreign.
    """
    clock = clock or SystemClock()
    first = {int(owner): n for n, owner in reversed(list(enumerate(people.owners)))}
    asked = [owner for owner in sorted(first) if part.takes(owner)]
    found: list[tuple[int, NDArray[np.uint8], NDArray[np.float32]]] = []
    tried = 0
    with open_evaluation_store(folder.expanduser().absolute(), clock) as store:
        desk = evaluation_desk(settings, store, clock)
        site = register_evaluation(
            desk,
            list_sha256=people.sha256,
            provenance=provenance,
            jurisdictions=jurisdictions or shipped_jurisdictions(),
        )
        reader = _Reader(
            EvaluationAuthority(desk=desk, site=site),
            evaluation_capture(settings, desk),
            face_watcher(settings),
        )
        for start in range(0, len(asked), _BATCH):
            batch = asked[start : start + _BATCH]
            for owner, made in zip(
                batch, reader.read([people.pictures[first[o]] for o in batch]), strict=True
            ):
                if len(found) == identities:
                    break
                tried += 1
                if made is not None:
                    found.append((owner, *made))
            if len(found) == identities:
                break
    if len(found) < 2:  # noqa: PLR2004 - behind a cut-out print stands somebody else
        raise DatasetInvalid("Fewer than two portraits look straight into the camera.")
    return Portraits(
        people.sha256,
        tuple(owner for owner, _, _ in found),
        tuple(pixels for _, pixels, _ in found),
        tuple(mesh for _, _, mesh in found),
        tried - len(found),
    )


def sample_strip(settings: Settings, *, sample: str) -> Chart:
    """Draw a frame of every instrument, from a public-domain sample portrait.

    Args:
        settings: name the networks.
        sample: of whom.

    Raises:
        OperatorError: if the sample or the networks aren't here.
        PortraitUnusable: if it doesn't look straight into the camera.
    """
    portrait = SampleStore().read(sample)
    frame = Frame(pixels=decode(portrait, limits=CaptureLimits()), material=Material(sha256_hex(portrait)))
    points = face_watcher(settings).look(frame).points
    if points is None:
        raise PortraitUnusable("The portrait shows no face.")
    return frames_strip(head_from_portrait(frame.pixels, points))


@dataclass(frozen=True, slots=True)
class _Reader:
    authority: EvaluationAuthority
    capture: CaptureDoor
    watcher: FaceWatcher

    def read(self, paths: Sequence[Path]) -> Iterator[tuple[NDArray[np.uint8], NDArray[np.float32]] | None]:
        """Yield pixels and mesh of each portrait; ``None`` for one that makes no head."""
        try:
            data = [path.read_bytes() for path in paths]
        except OSError as error:
            raise DatasetInvalid("A picture of the data set can't be read.") from error
        materials = [Material(sha256_hex(each)) for each in data]
        request, granted = self.authority.for_pictures(materials, pictures=len(data))
        for each in data:
            try:
                picture = self.capture.check(each)
            except PictureRefused:
                yield None
                continue
            with picture:
                frame = self.capture.open(picture, permit=granted.token, request=request)
                sighting = self.watcher.look(frame)
                if sighting.points is None or sighting.faces != 1:
                    yield None
                    continue
                try:
                    require_frontal(sighting.points)
                except PortraitUnusable:
                    yield None
                    continue
                yield frame.pixels.copy(), sighting.points.copy()


def evaluate_liveness(
    settings: Settings, *, portraits: Portraits, run: LivenessRun, progress: EvaluationProgress
) -> tuple[Attempt, ...]:
    """Present every instrument of every portrait to a session of its own; interrupted, it goes on.

    Args:
        settings: name the networks; each process takes one thread.
        portraits: of whom.
        run: what is presented, and by how many processes.
        progress: is told of every portrait that is finished.

    Returns:
        All attempts, in the order of portraits and instruments.
    """
    kept = AttemptFile(run.folder / f"{_named(settings, portraits, run)}.jsonl")
    if run.fresh:
        kept.forget()
    wanted = set(run.instruments)
    have: dict[int, list[Attempt]] = {}
    for attempt in kept.load():
        have.setdefault(attempt.identity, []).append(attempt)
    done = {i: own for i, own in have.items() if {a.instrument for a in own} >= wanted}
    left = [i for i in range(len(portraits)) if i not in done]
    progress.begins("portraits", len(portraits))
    progress.moved(len(portraits) - len(left))
    for number, made in _finished(settings, portraits, run, left):
        kept.keep(made)
        done[number] = list(made)
        progress.moved(1)
    order = list(Instrument)
    flat = [attempt for number in sorted(done) for attempt in done[number]]
    return tuple(sorted(flat, key=lambda a: (a.identity, order.index(a.instrument))))


def _named(settings: Settings, portraits: Portraits, run: LivenessRun) -> str:
    told = {
        "list": portraits.list_sha256,
        "people": list(portraits.people),
        "instruments": sorted(one.value for one in run.instruments),
        "with": [settings.detector or "", __version__],
    }
    return f"liveness-{canonical_sha256(told)[:16]}"


def _finished(
    settings: Settings, portraits: Portraits, run: LivenessRun, left: Sequence[int]
) -> Iterator[tuple[int, tuple[Attempt, ...]]]:
    one = settings.model_copy(update={"threads": 1})

    def job(number: int) -> _Job:
        wearer = (number + 1) % len(portraits)
        return _Job(
            number,
            portraits.pixels[number],
            portraits.meshes[number],
            portraits.pixels[wearer],
            portraits.meshes[wearer],
            run.instruments,
        )

    if run.processes == 1:
        with simulated_desk(one) as desk:
            for number in left:
                yield number, _attempts(desk, job(number))
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(
        max_workers=run.processes, mp_context=context, initializer=_open_here, initargs=(one,)
    ) as pool:
        waiting: dict[Future[tuple[Attempt, ...]], int] = {
            pool.submit(_here, job(number)): number for number in left
        }
        for future in as_completed(waiting):
            yield waiting[future], future.result()


@dataclass(frozen=True, slots=True, eq=False)
class _Job:
    number: int
    pixels: NDArray[np.uint8] = field(repr=False)
    mesh: NDArray[np.float32] = field(repr=False)
    wearer_pixels: NDArray[np.uint8] = field(repr=False)
    wearer_mesh: NDArray[np.float32] = field(repr=False)
    instruments: tuple[Instrument, ...]


def _attempts(desk: SimulatedDesk, job: _Job) -> tuple[Attempt, ...]:
    head = head_from_portrait(job.pixels, job.mesh)
    wearer = head_from_portrait(job.wearer_pixels, job.wearer_mesh)
    seed = _SEEDS * (job.number + 1)
    live: list[Moved] = []
    made = []
    for place, instrument in enumerate(Instrument):
        replay = instrument is Instrument.MATCHING_REPLAY
        if instrument not in job.instruments and not (
            instrument is Instrument.BONA_FIDE and Instrument.MATCHING_REPLAY in job.instruments
        ):
            continue
        # A replay that matches is asked what the bona fide presentation was asked; every other one, anew.
        challenge = seed if replay or instrument is Instrument.BONA_FIDE else seed + place
        performance = perform(
            instrument,
            head,
            seed=seed + place,
            wearer=wearer,
            recording=_recording(instrument, seed, live),
        )
        made.append(desk.attempt(performance, identity=job.number, challenge=challenge))
        if instrument is Instrument.BONA_FIDE:
            live = list(performance.moves)
    return tuple(one for one in made if one.instrument in job.instruments)


def _recording(instrument: Instrument, seed: int, live: Iterable[Moved]) -> tuple[Moved, ...]:
    if instrument is Instrument.MATCHING_REPLAY:
        return tuple(live)
    if instrument is Instrument.CANNED_REPLAY:
        return acted(_another_challenge(seed), seed=seed)
    return ()


def _another_challenge(seed: int) -> tuple[Step, ...]:
    return challenge_steps(random.Random(seed + _SEEDS // 2))  # noqa: S311 - the same again on purpose


_HERE = ExitStack()
_DESKS: list[SimulatedDesk] = []
"""The one desk of a process of its own."""


def _open_here(settings: Settings) -> None:
    _DESKS.append(_HERE.enter_context(simulated_desk(settings)))
    multiprocessing.util.Finalize(None, _HERE.close, exitpriority=10)


def _here(job: _Job) -> tuple[Attempt, ...]:
    return _attempts(_DESKS[0], job)
