"""Measure what rewriting a graph and mirrored averaging cost and gain: milliseconds a face, in one run.

    python scripts/measure_rewriting.py [--rounds N] [--threads N] [--json]

Made-up faces; the networks take the same time for any input.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable
from importlib import metadata

import numpy as np

from countenance.vision.embedding import DlibResnet128, Embedder, FrFeature512, Mirrored, MobileFaceNet192
from countenance.vision.embedding.mobilefacenet import free_batch
from countenance.vision.registry import ModelStore
from countenance.vision.runtimes import LiteRtSession, OnnxSession, faster_litert_session, faster_session


def ms_a_face(call: Callable[[], object], *, faces: int, rounds: int) -> float:
    """Return the median of a call in milliseconds, over the faces it takes; the first call isn't counted."""
    call()
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return 1000 * statistics.median(times) / faces


def measure(arguments: argparse.Namespace) -> dict[str, object]:
    """Measure, and return figures and conditions."""
    store, threads, rounds = ModelStore(), arguments.threads, arguments.rounds
    source = np.random.default_rng(1)
    content = store.read("fr-feature-512")
    shipped = OnnxSession(content=content, threads=threads)
    rewritten, report = faster_session(content, threads=threads)
    tensor = source.uniform(-1, 1, (8, 3, 112, 112)).astype(np.float32)
    name = shipped.inputs[0].name

    figures: dict[str, float] = {
        "fr_shipped_ms": ms_a_face(lambda: shipped.run({name: tensor[:1]}), faces=1, rounds=rounds)
    }
    for batch in (1, 8) if report.applied else (1,):
        part = tensor[:batch]
        figures[f"fr_rewritten_batch{batch}_ms"] = ms_a_face(
            lambda part=part: rewritten.run({name: part}),  # type: ignore[misc]
            faces=batch,
            rounds=rounds,
        )
    figures["fr_times_faster"] = figures["fr_shipped_ms"] / figures["fr_rewritten_batch1_ms"]
    default = free_batch(store.read("mobilefacenet-192"))
    taken_apart, (fused, fusing) = (
        LiteRtSession(content=default, threads=threads),
        faster_litert_session(default, threads=threads),
    )
    face = {taken_apart.inputs[0].name: source.uniform(-1, 1, (1, 112, 112, 3)).astype(np.float32)}
    figures["default_shipped_ms"] = ms_a_face(lambda: taken_apart.run(face), faces=1, rounds=rounds)
    figures["default_fused_ms"] = ms_a_face(lambda: fused.run(face), faces=1, rounds=rounds)
    embedders: tuple[Embedder, ...] = (
        MobileFaceNet192(content=store.read("mobilefacenet-192"), threads=threads),
        FrFeature512(content=content, threads=threads),
        DlibResnet128(content=store.read("dlib-resnet-128"), threads=threads),
    )
    crop = source.integers(0, 255, (1, 112, 112, 3), np.uint8)
    for embedder in embedders:
        key = embedder.model_id.replace("-", "_")
        mirrored = Mirrored(embedder=embedder)
        for label, which in (("ms", embedder), ("mirrored_ms", mirrored)):
            figures[f"{key}_{label}"] = ms_a_face(
                lambda which=which: which.embed(crop),  # type: ignore[misc]
                faces=1,
                rounds=rounds,
            )
    return {
        "figures": {key: round(value, 2) for key, value in figures.items()},
        "conditions": {
            "rewriting": report.words,
            "fusing": fusing.words,
            "threads": threads,
            "rounds": rounds,
            "versions": {key: metadata.version(key) for key in ("onnxruntime", "ai-edge-litert", "onnx")},
        },
    }


def main() -> int:
    """Read the arguments, measure, print."""
    parser = argparse.ArgumentParser(description="milliseconds a face: as shipped, rewritten, mirrored")
    parser.add_argument("--rounds", type=int, default=60)
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
