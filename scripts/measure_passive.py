"""Measure what the passive networks say of real prints, a real replay and real people, each network alone.

    python scripts/measure_passive.py DATA_FOLDER [--networks FOLDER] [--json]

DATA_FOLDER holds ``pad/nuaa`` (frames and ``protocol.csv``: file, label, run_id), ``video`` (clips and
``videos.csv``: file, label) and ``not_faces`` (pictures and ``not_faces.csv``: file, depicts_human_face).
FOLDER holds the operator's own networks as ``.onnx`` files, found by their SHA-256; the packaged one comes
from the models folder. Pictures stay in memory, counts alone come out.

A presentation is a run of NUAA, one of its single frames, or a clip, of which each fifth frame is shown. It
is judged as in a session: the median of at least three frames; a single frame is judged by itself and
counted apart. Rates are those of ISO/IEC 30107-3: APCER is the share of attacks that a network would confirm,
BPCER the share of bona fide presentations that it would deny, APNRR and BPNRR the shares of which it says
nothing because the frame doesn't give the face enough room. What lies between the two thresholds is counted
as *undecided*. Upper bounds are Clopper-Pearson's, one-sided, 95 %, over presentations, though several show
one person.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np

from countenance.capture import CaptureLimits, decode
from countenance.evaluation.proportions import upper_share
from countenance.kernel import Frame, Material, sha256_hex
from countenance.liveness.evidence import PassiveVerdict
from countenance.vision.detection import BlazeFaceShort
from countenance.vision.passive import KNOWN_PASSIVE, ContextNetwork
from countenance.vision.registry import ModelStore

EVERY = 5
VERDICT = PassiveVerdict("any", may_confirm=True)
ATTACKS = ("print", "print, single frames", "replay", "depiction, fed in")
Group = tuple[str, tuple[Frame, ...], int]
"""What it is, its frames, and how many answers a verdict takes."""


def frame(path: Path) -> Frame:
    """Return a picture as the product decodes it."""
    content = path.read_bytes()
    return Frame(pixels=decode(content, limits=CaptureLimits()), material=Material(sha256_hex(content)))


def rows(path: Path) -> list[dict[str, str]]:
    """Return the rows of a list."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def printed(folder: Path) -> Iterator[Group]:
    """Yield the runs of NUAA, then its single frames, each as a presentation."""
    runs: dict[tuple[str, str], list[Path]] = defaultdict(list)
    for row in rows(folder / "protocol.csv"):
        label = row["label"].replace("bona_fide", "bona fide")
        if row["run_id"]:
            runs[label, row["run_id"]].append(folder / row["file"])
        else:
            yield f"{label}, single frames", (frame(folder / row["file"]),), 1
    for (label, _), paths in runs.items():
        yield label, tuple(frame(path) for path in paths), VERDICT.least_frames


def clips(folder: Path) -> Iterator[Group]:
    """Yield the clips that show one person, or a replay of one."""
    for row in rows(folder / "videos.csv"):
        if row["label"] not in {"bona_fide", "replay"}:
            continue
        label = row["label"].replace("bona_fide", "bona fide")
        yield label, tuple(each_fifth(folder / row["file"])), VERDICT.least_frames


def each_fifth(path: Path) -> Iterator[Frame]:
    """Yield each fifth frame of a clip."""
    capture = cv2.VideoCapture(str(path))
    number = 0
    while True:
        read, picture = capture.read()
        if not read:
            return
        if number % EVERY == 0:
            pixels = np.ascontiguousarray(picture[..., ::-1], dtype=np.uint8)
            yield Frame(pixels=pixels, material=Material(sha256_hex(f"{path.name}{number}".encode())))
        number += 1


def depictions(folder: Path) -> Iterator[Group]:
    """Yield paintings, figures and drawings of people; they are files, and no paper is in them."""
    for row in rows(folder / "not_faces.csv"):
        if row["depicts_human_face"] == "yes":
            yield "depiction, fed in", (frame(folder / row["file"]),), 1


def networks(folder: Path | None) -> tuple[ContextNetwork, ...]:
    """Return the packaged network and those of a folder that are known."""
    store = ModelStore()
    found = [("fr-liveness", store.read("fr-liveness"))]
    found += (
        [(path.stem.lower(), path.read_bytes()) for path in sorted(folder.glob("*.onnx"))] if folder else []
    )
    known = [(name, KNOWN_PASSIVE.get(sha256_hex(content)), content) for name, content in found]
    return tuple(
        ContextNetwork(model_id=name, spec=spec, content=content)
        for name, spec, content in known
        if spec is not None
    )


def answers(
    frames: Sequence[Frame], detector: BlazeFaceShort, looking: Sequence[ContextNetwork]
) -> list[list[float]]:
    """Return what each network says of the frames that give its crop; frames without a face give nothing."""
    said: list[list[float]] = [[] for _ in looking]
    for one in frames:
        faces = sorted(detector.detect(one), key=lambda face: face.box.width, reverse=True)
        for network, values in zip(looking, said, strict=True):
            live = network.live(one, faces[0].box) if faces else None
            if live is not None:
                values.append(live)
    return said


def described(kind: str, all_values: Sequence[Sequence[float]], least: int) -> dict[str, object]:
    """Return the counts and rates of one kind of presentation and one network."""
    answered = [float(np.median(values)) for values in all_values if len(values) >= least]
    single = np.array([value for values in all_values for value in values])
    shown, count = len(all_values), len(answered)
    confirmed = sum(value >= VERDICT.confirmed_from for value in answered)
    denied = sum(value < VERDICT.denied_below for value in answered)
    attack = kind in ATTACKS
    wrong = confirmed if attack else denied
    return {
        "presentations": shown,
        "apnrr" if attack else "bpnrr": round((shown - count) / shown, 4),
        "answered": count,
        "confirmed": confirmed,
        "undecided": count - confirmed - denied,
        "denied": denied,
        "apcer" if attack else "bpcer": round(wrong / count, 4) if count else None,
        "at_most": round(upper_share(wrong, count), 4) if count else None,
        "frames": len(single),
        "frame_quantiles": [round(float(v), 4) for v in np.quantile(single, [0, 0.05, 0.5, 0.95, 1])]
        if len(single)
        else None,
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--networks", type=Path)
    parser.add_argument("--json", action="store_true")
    stated = parser.parse_args(arguments)
    detector = BlazeFaceShort(content=ModelStore().read("blazeface-short-range"))
    looking = networks(stated.networks)
    said: dict[tuple[str, int], list[list[list[float]]]] = defaultdict(list)
    for source, folder in ((printed, "pad/nuaa"), (clips, "video"), (depictions, "not_faces")):
        for kind, frames, least in source(stated.data / folder):
            said[kind, least].append(answers(frames, detector, looking))
    figures = {
        network.model_id: {
            kind: described(kind, [each[place] for each in found], least)
            for (kind, least), found in sorted(said.items())
        }
        for place, network in enumerate(looking)
    }
    if stated.json:
        print(json.dumps(figures, indent=1))
    else:
        for model_id, kinds in figures.items():
            for kind, figure in kinds.items():
                print(
                    f"{model_id:18} {kind:26} "
                    + " ".join(f"{name} {value}" for name, value in figure.items())
                )
    return 0


if __name__ == "__main__":
    sys.exit(main())
