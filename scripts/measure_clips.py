"""Measure what the cues of liveness say of recorded clips: real prints, a real replay, real people.

    python scripts/measure_clips.py DATA_FOLDER [--json]

DATA_FOLDER holds ``pad/nuaa`` (frames and ``protocol.csv``: file, label, run_id, index_in_run) and ``video``
(clips and ``videos.csv``: file, label). Every run and clip is looked at as by ``countenance liveness``,
without a permit of its own: pictures stay in memory, outcomes alone come out. NUAA states no frame rate; its
frames are taken as five a second.

No clip is ever bona fide, since none answered a challenge: counted is how many are suspected. Upper bounds
are Clopper-Pearson's, one-sided, 95 %, over presentations, though several show one person.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from countenance.capture import CaptureLimits, decode
from countenance.evaluation.proportions import upper_share
from countenance.kernel import Frame, Material, sha256_hex
from countenance.liveness import CLIP_EVERY, ClipFinding, ClipWatcher, FaceWatcher, Outcome
from countenance.liveness.evidence import (
    Evidence,
    FrozenFrames,
    IdentityContinuity,
    NoseRelief,
    OneFace,
    RidingRectangle,
)
from countenance.runtime import Settings
from countenance.runtime.error_tables import error_table_in_use
from countenance.runtime.liveness import SAME_FACE_FMR
from countenance.runtime.networks import choose_networks, load_detector, load_embedder, load_mesh
from countenance.runtime.passive_networks import load_passive, passive_verdicts
from countenance.vision import SelfLikeness
from countenance.vision.landmarks import IrisLandmark
from countenance.vision.motion import FaceFeatures
from countenance.vision.registry import ModelStore

RATE = 5.0
Timed = tuple[NDArray[np.uint8], float]


def rows(path: Path) -> list[dict[str, str]]:
    """Return the rows of a list."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def runs(folder: Path) -> Iterator[tuple[str, str, list[Timed]]]:
    """Yield label, name and frames of every run of NUAA, in the order of time."""
    found: dict[tuple[str, str], list[tuple[int, Path]]] = defaultdict(list)
    for row in rows(folder / "protocol.csv"):
        if row["run_id"]:
            label = row["label"].replace("_", " ")
            found[label, row["run_id"]].append((int(row["index_in_run"]), folder / row["file"]))
    for (label, name), frames in sorted(found.items()):
        ordered = [path for _, path in sorted(frames)]
        pictures = [decode(path.read_bytes(), limits=CaptureLimits()) for path in ordered]
        yield label, f"run {name}", [(pixels, i / RATE) for i, pixels in enumerate(pictures)]


def clips(folder: Path) -> Iterator[tuple[str, str, Iterator[Timed]]]:
    """Yield label, name and frames of every clip."""
    for row in rows(folder / "videos.csv"):
        yield row["label"].replace("_", " "), Path(row["file"]).stem, frames_of(folder / row["file"])


def frames_of(path: Path) -> Iterator[Timed]:
    """Yield a clip's frames, at most sixteen a second."""
    capture = cv2.VideoCapture(str(path))
    rate, number, due = capture.get(cv2.CAP_PROP_FPS), 0, 0.0
    while True:
        read, picture = capture.read()
        if not read:
            return
        if number / rate >= due - 1e-6:
            due = number / rate + CLIP_EVERY
            yield np.ascontiguousarray(picture[..., ::-1], np.uint8), number / rate
        number += 1


class Looking:
    """The networks and cues of ``countenance liveness``, with the shipped settings."""

    def __init__(self) -> None:
        settings, models = Settings(), ModelStore()
        networks = choose_networks(settings, models.manifest)
        self._embedder = load_embedder(networks, models, threads=1)
        self._eyes = IrisLandmark(content=models.read(IrisLandmark.model_id))
        self._watcher = FaceWatcher(
            detector=load_detector(networks, models, threads=1),
            mesh=load_mesh(networks, models, threads=1),
            passive=load_passive(settings, models),
        )
        table = error_table_in_use(networks, None).table
        self._cues: tuple[Evidence, ...] = (
            NoseRelief(),
            FrozenFrames(),
            OneFace(),
            RidingRectangle(),
            IdentityContinuity(denied_below=table.threshold(SAME_FACE_FMR).value),
            *passive_verdicts(settings, models.manifest),
        )

    def at(self, frames: Sequence[Timed] | Iterator[Timed]) -> ClipFinding:
        """Return what a clip shows."""
        clip = ClipWatcher(self._watcher, self._eyes, SelfLikeness(self._embedder), FaceFeatures())
        for number, (pixels, taken) in enumerate(frames):
            material = Material(sha256_hex(f"frame {number}".encode()))
            clip.note(Frame(pixels=pixels, material=material), taken=taken)
        return clip.judge(self._cues)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--json", action="store_true")
    stated = parser.parse_args(arguments)
    looking = Looking()
    suspected, bona_fide, total = Counter[str](), Counter[str](), Counter[str]()
    told: list[dict[str, object]] = []
    for source in (runs(stated.data / "pad" / "nuaa"), clips(stated.data / "video")):
        for label, name, frames in source:
            found = looking.at(frames)
            kind = f"{label}, {'run' if name.startswith('run') else 'clip'}"
            total[kind] += 1
            suspected[kind] += found.outcome is Outcome.ATTACK_SUSPECTED
            bona_fide[kind] += found.outcome is Outcome.BONA_FIDE
            told.append(
                {
                    "what": f"{label}: {name}",
                    "outcome": found.outcome.value,
                    "why": found.why,
                    "blinks": len(found.timeline.blinks),
                }
            )
    figures = {
        kind: {
            "n": count,
            "bona_fide": bona_fide[kind],
            "suspected": suspected[kind],
            "inconclusive": count - suspected[kind] - bona_fide[kind],
            "suspected_at_most": round(upper_share(suspected[kind], count), 4),
        }
        for kind, count in sorted(total.items())
    }
    if stated.json:
        print(json.dumps({"presentations": told, "figures": figures}, indent=1))
    else:
        for one in told:
            print(f"{one['what']:42} {one['outcome']:17} {one['why']} Blinks: {one['blinks']}.")
        for kind, figure in figures.items():
            print(f"{kind:28} " + " ".join(f"{name} {value}" for name, value in figure.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
