"""Measure what faces in scenes are called: posters of people and paintings, screens, and people in clips.

    python scripts/measure_depictions.py DATA_FOLDER [--people N] [--scenes N] [--seed N] [--jobs N] [--json]

DATA_FOLDER holds ``not_faces`` (pictures and ``not_faces.csv``: file, kind), ``lfw`` (a folder a person) and
``video`` (clips and ``videos.csv``: file, label). Pictures stay in memory, counts alone come out.

Every picture of ``not_faces`` and N people's portraits are hung into moving scenes (simulated:
:mod:`countenance.vision.rendering.posters`), each into so many of the 25 pairs of support and camera motion,
drawn by the seed. One that is called a person in any track is an error. The real clips are cut into pieces of
six seconds; a piece is called a person if any track is. Bounds are Clopper-Pearson's, one-sided, 95 %, over
scenes and pieces, though several show one picture or person. Screens that play a clip of a person who talks
are counted apart: they aren't withstood.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from countenance.capture import CaptureLimits, decode
from countenance.evaluation.proportions import upper_share
from countenance.kernel import Frame, Material, sha256_hex
from countenance.liveness import JudgedFace, SceneFaces, SceneJudge, Shown, judge_image
from countenance.vision.detection import BlazeFaceShort
from countenance.vision.landmarks import FaceMesh468
from countenance.vision.registry import ModelStore
from countenance.vision.rendering import CameraMotion, PosterKind, PosterScene

SECONDS = 4.0
PIECE = 6.0
SIDE = 500
PAIRS = tuple(product(PosterKind, CameraMotion))
Timed = tuple[NDArray[np.uint8], float]


@dataclass(frozen=True)
class Job:
    """One scene: what hangs in it, how, and under which name its result is counted."""

    group: str
    picture: Path
    kind: PosterKind
    motion: CameraMotion
    seed: int
    playing: bool = False


@cache
def networks() -> tuple[BlazeFaceShort, FaceMesh468]:
    """Return the networks of this process."""
    store = ModelStore()
    detector = BlazeFaceShort(content=store.read("blazeface-short-range"))
    return detector, FaceMesh468(content=store.read("face-landmark-468"))


def judged(frames: Iterable[Timed]) -> tuple[JudgedFace, ...]:
    """Return what every face in frames is called."""
    detector, mesh = networks()
    judge = SceneJudge(SceneFaces(detector=detector, mesh=mesh))
    for number, (pixels, taken) in enumerate(frames):
        material = Material(sha256_hex(f"frame {number}".encode()))
        judge.note(Frame(pixels=np.ascontiguousarray(pixels), material=material), taken=taken)
    return judge.end()


def called(faces: Sequence[JudgedFace]) -> str:
    """Return what a scene counts as: the worst error first."""
    shown = [face.judgement.shown for face in faces]
    for one in (Shown.PERSON, Shown.DEPICTION, Shown.UNDETERMINED):
        if one in shown:
            return one.value
    return "no face"


def clip_frames(path: Path, *, every: int = 2) -> Iterator[Timed]:
    """Yield each second frame of a clip, at most 720 pixels high, and its time."""
    capture = cv2.VideoCapture(str(path))
    rate, number = capture.get(cv2.CAP_PROP_FPS), 0
    while True:
        read, picture = capture.read()
        if not read:
            return
        if number % every == 0:
            scale = min(1.0, 720 / picture.shape[0])
            small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
            yield np.asarray(small[..., ::-1], np.uint8), number / rate
        number += 1


def shown_by(job: Job) -> Callable[[float], NDArray[np.uint8]]:
    """Return what the poster of a scene shows: a portrait, a picture, or a clip that plays."""
    if job.playing:
        pictures = [fitted(pixels) for pixels, at in clip_frames(job.picture) if at < SECONDS]
        return lambda at: pictures[min(int(at * 15), len(pictures) - 1)]
    pixels = decode(job.picture.read_bytes(), limits=CaptureLimits())
    if job.group.endswith("portraits"):
        pixels = pixels[30:225, 40:210]
    picture = fitted(pixels)
    return lambda _: picture


def fitted(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a picture whose longer side is 500 pixels."""
    scale = SIDE / max(pixels.shape[:2])
    small = cv2.resize(np.ascontiguousarray(pixels), None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)


def scene(job: Job) -> tuple[str, str]:
    """Carry one out; return its group and what it was called."""
    cv2.setNumThreads(1)
    poster = PosterScene(job.kind, job.motion, seed=job.seed)
    encoded = poster.frames(shown_by(job), seconds=SECONDS)
    rate = poster.frames_a_second
    frames = ((decode(jpeg, limits=CaptureLimits()), number / rate) for number, jpeg in enumerate(encoded))
    return job.group, called(judged(frames))


def jobs(data: Path, *, people: int, scenes: int, seed: int) -> Iterator[Job]:
    """Yield the scenes."""
    chance = random.Random(seed)  # noqa: S311 - a draw that can be repeated, and keeps no secret
    sources = [
        (f"posters of {row['kind']}s", data / "not_faces" / row["file"])
        for row in rows(data / "not_faces" / "not_faces.csv")
    ]
    folders = sorted(path for path in (data / "lfw").iterdir() if path.is_dir())
    drawn = chance.sample(folders, min(people, len(folders)))
    sources += [("posters of portraits", min(folder.glob("*.jpg"))) for folder in drawn]
    for group, picture in sources:
        for kind, motion in chance.sample(PAIRS, scenes):
            yield Job(group, picture, kind, motion, chance.randrange(1 << 30))
    for name, (kind, motion) in product(("woman_talking.mp4", "man_handheld.mp4"), PAIRS):
        flat = kind in {PosterKind.WALL, PosterKind.BUS, PosterKind.HELD}
        if flat:
            group = "screens that play a person who talks"
            yield Job(group, data / "video" / name, kind, motion, chance.randrange(1 << 30), playing=True)


def rows(path: Path) -> list[dict[str, str]]:
    """Return the rows of a list."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def clips(folder: Path) -> dict[str, Counter[str]]:
    """Return what the pieces of every clip were called, by its label and name."""
    found: dict[str, Counter[str]] = {}
    for row in rows(folder / "videos.csv"):
        pieces: dict[int, list[Timed]] = defaultdict(list)
        for pixels, at in clip_frames(folder / row["file"]):
            pieces[int(at // PIECE)].append((pixels, at))
        name = f"{row['label'].replace('_', ' ')}: {Path(row['file']).stem}"
        found[name] = Counter(called(judged(piece)) for piece in pieces.values())
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--people", type=int, default=60)
    parser.add_argument("--scenes", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--json", action="store_true")
    stated = parser.parse_args(arguments)
    singles = Counter(judge_image().shown.value for _ in rows(stated.data / "not_faces" / "not_faces.csv"))
    counted: dict[str, Counter[str]] = defaultdict(Counter)
    planned = list(jobs(stated.data, people=stated.people, scenes=stated.scenes, seed=stated.seed))
    with ProcessPoolExecutor(stated.jobs) as pool:
        for number, (group, name) in enumerate(pool.map(scene, planned, chunksize=4)):
            counted[group][name] += 1
            print(f"\r{number + 1} of {len(planned)} scenes", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    figures = {"single pictures": described(singles)}
    figures |= {group: described(each) for group, each in sorted(counted.items())}
    figures |= {f"clip, {name}": described(each) for name, each in clips(stated.data / "video").items()}
    if stated.json:
        print(json.dumps(figures, indent=1))
    else:
        for group, figure in figures.items():
            print(f"{group:48} " + " ".join(f"{name} {value}" for name, value in figure.items()))
    return 0


def described(each: Counter[str]) -> dict[str, object]:
    """Return counts, and how many may be called a person at most."""
    total = sum(each.values())
    names = (*(shown.value for shown in Shown), "no face")
    return {
        "n": total,
        **{name: each[name] for name in names},
        "person_at_most": round(upper_share(each[Shown.PERSON.value], total), 4),
    }


if __name__ == "__main__":
    sys.exit(main())
