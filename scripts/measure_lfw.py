"""Measure 1:1 verification on Labeled Faces in the Wild with the product's own pipeline.

    python scripts/measure_lfw.py LFW_FOLDER [--embedder ID] [--mirrored] [--detector ID] [--threads N]
        [--json]

LFW_FOLDER holds a folder of pictures per name and ``pairs.csv`` (set, name_a, n_a, name_b, n_b, same).
Per set the threshold is taken from the other sets and the accuracy counted on it. A developer's tool on a
data set made for this; pictures and vectors stay in memory, aggregates alone come out.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import time
from collections.abc import Callable, Iterable
from importlib import metadata
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track

from countenance.capture import CaptureLimits, decode
from countenance.kernel import Frame, Material, sha256_hex
from countenance.vision import FaceAnalyser, FaceChoice, FaceDetector, choose_face
from countenance.vision.detection import BlazeFaceFullRange, BlazeFaceShort, UltraFaceRfb320
from countenance.vision.embedding import DlibResnet128, Embedder, FrFeature512, Mirrored, MobileFaceNet192
from countenance.vision.landmarks import FaceMesh468
from countenance.vision.registry import ModelStore

EMBEDDERS: dict[str, Callable[..., Embedder]] = {
    "mobilefacenet-192": MobileFaceNet192,
    "fr-feature-512": FrFeature512,
    "dlib-resnet-128": DlibResnet128,
}
DETECTORS: dict[str, Callable[..., FaceDetector]] = {
    "blazeface-short-range": BlazeFaceShort,
    "blazeface-full-range-sparse": BlazeFaceFullRange,
    "ultraface-rfb-320": UltraFaceRfb320,
}
BATCH = 16
FALSE_MATCH_RATE = 1e-3


def embed_pictures(
    paths: list[Path], *, analyser: FaceAnalyser, embedder: Embedder, quiet: bool
) -> dict[Path, NDArray[np.float32]]:
    """Return one vector for each picture in which a face was found."""
    found: dict[Path, NDArray[np.float32]] = {}
    waiting: list[tuple[Path, NDArray[np.uint8]]] = []
    console = Console(stderr=True, quiet=quiet)
    for path in track(paths, "pictures", console=console):
        data = path.read_bytes()
        frame = Frame(pixels=decode(data, limits=CaptureLimits()), material=Material(sha256_hex(data)))
        faces = analyser.observe(frame)
        if faces:
            face = choose_face(faces, frame_size=(frame.width, frame.height), rule=FaceChoice(like_size=None))
            waiting.append((path, face.aligned))
        if len(waiting) == BATCH:
            found.update(_embed(waiting, embedder=embedder))
            waiting.clear()
    if waiting:
        found.update(_embed(waiting, embedder=embedder))
    return found


def _embed(
    waiting: Iterable[tuple[Path, NDArray[np.uint8]]], *, embedder: Embedder
) -> dict[Path, NDArray[np.float32]]:
    paths, crops = zip(*waiting, strict=True)
    return dict(zip(paths, embedder.embed(np.stack(crops)), strict=True))


def best_threshold(scores: NDArray[np.float64], same: NDArray[np.bool_]) -> float:
    """Return the threshold (score >= it is a match) with the fewest errors."""
    candidates = np.concatenate([np.unique(scores), [np.inf]])
    genuine, impostor = np.sort(scores[same]), np.sort(scores[~same])
    misses = np.searchsorted(genuine, candidates, side="left")
    false = len(impostor) - np.searchsorted(impostor, candidates, side="left")
    return float(candidates[int(np.argmin(misses + false))])


def fold_accuracies(
    scores: NDArray[np.float64], same: NDArray[np.bool_], folds: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return the share of right answers of each set, at the threshold of the others."""
    accuracies = []
    for fold in np.unique(folds):
        inside = folds == fold
        threshold = best_threshold(scores[~inside], same[~inside])
        accuracies.append(float(((scores[inside] >= threshold) == same[inside]).mean()))
    return np.asarray(accuracies)


def measure(arguments: argparse.Namespace) -> dict[str, object]:
    """Measure, and return figures and conditions."""
    folder: Path = arguments.folder
    with (folder / "pairs.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))

    def picture(name: str, number: str) -> Path:
        return folder / name / f"{name}_{int(number):04d}.jpg"

    pairs = [(picture(r["name_a"], r["n_a"]), picture(r["name_b"], r["n_b"])) for r in rows]
    same = np.array([r["same"] == "1" for r in rows])
    folds = np.array([int(r["set"]) for r in rows])
    store = ModelStore()
    analyser = FaceAnalyser(
        detector=DETECTORS[arguments.detector](
            content=store.read(arguments.detector), threads=arguments.threads
        ),
        mesh=FaceMesh468(content=store.read("face-landmark-468"), threads=arguments.threads),
    )
    embedder = EMBEDDERS[arguments.embedder](
        content=store.read(arguments.embedder), threads=arguments.threads
    )
    if arguments.mirrored:
        embedder = Mirrored(embedder=embedder)
    paths = sorted({path for pair in pairs for path in pair})
    start = time.perf_counter()
    vectors = embed_pictures(paths, analyser=analyser, embedder=embedder, quiet=arguments.json)
    seconds = time.perf_counter() - start
    # A picture without a face can't be compared: the answer for its pairs is "no match".
    scores = np.array(
        [float(vectors[a] @ vectors[b]) if a in vectors and b in vectors else -1.0 for a, b in pairs]
    )
    accuracies = fold_accuracies(scores, same, folds)
    impostors = np.sort(scores[~same])
    # A false match rate of 1e-3 allows so many of the impostor pairs; the next one sets the threshold.
    strict = impostors[len(impostors) - 1 - int(FALSE_MATCH_RATE * len(impostors))]
    return {
        "figures": {
            "accuracy_percent": round(100 * float(accuracies.mean()), 2),
            "accuracy_standard_error_percent": round(
                100 * float(accuracies.std(ddof=1) / np.sqrt(len(accuracies))), 2
            ),
            "true_match_at_fmr_1e-3_percent": round(100 * float((scores[same] > strict).mean()), 2),
            "impostor_score_median": round(float(np.median(impostors)), 3),
            "impostor_score_highest": round(float(impostors[-1]), 3),
            "genuine_score_median": round(float(np.median(scores[same])), 3),
            "pictures_without_face": len(paths) - len(vectors),
            "picture_ms_mean": round(1000 * seconds / len(paths), 1),
        },
        "conditions": {
            "data": f"LFW, sets {', '.join(map(str, np.unique(folds)))}; {len(rows)} pairs "
            f"({int(same.sum())} of one person), {len(paths)} pictures",
            "pipeline": [*analyser.model_ids, embedder.model_id],
            "mirrored": arguments.mirrored,
            "threads": arguments.threads,
            "versions": {
                name: metadata.version(name)
                for name in ("ai-edge-litert", "onnxruntime", "opencv-python-headless", "numpy", "pillow")
            },
        },
    }


def main() -> int:
    """Read the arguments, measure, print."""
    parser = argparse.ArgumentParser(description="1:1 verification on LFW with the product's own pipeline")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--embedder", choices=sorted(EMBEDDERS), default="mobilefacenet-192")
    parser.add_argument("--detector", choices=sorted(DETECTORS), default="blazeface-short-range")
    parser.add_argument("--mirrored", action="store_true", help="add the vector of the mirrored face")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    report = measure(arguments)
    if arguments.json:
        print(json.dumps(report, indent=2))
        return 0
    for part, values in report.items():
        print(part)
        for name, value in dict(values).items():  # type: ignore[call-overload]
            print(f"  {name:34} {value}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
