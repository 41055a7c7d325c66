"""How long each step takes on this machine, from the encoded picture to the comparison score.

    python scripts/bench_pipeline.py [--rounds N] [--threads N] [--json]

Runs on the sample photographs: as they are, and cut to 250 x 250 pixels around the face. Each step is
timed on its own, in turn, in one process; the figure is the median over all rounds and photographs.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import platform
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from rich.console import Console
from rich.progress import track
from rich.table import Table

from countenance.capture import CaptureLimits, decode
from countenance.kernel import Frame, Material, OperatorError, sha256_hex
from countenance.vision import FaceAnalyser
from countenance.vision.alignment import align
from countenance.vision.detection import BlazeFaceShort, UltraFaceRfb320
from countenance.vision.embedding import FrFeature512, MobileFaceNet192
from countenance.vision.landmarks import FaceMesh468, five_points, head_pose
from countenance.vision.quality import FaceQualityAssessor
from countenance.vision.registry import ModelStore, SampleStore

T = TypeVar("T")
PEOPLE = ("obama", "obama2", "obama3", "biden")
BATCH = 8
SMALL_SIDE = 250
CUT = 2.2  # the small picture's side over the face's
LIMITS = CaptureLimits()


class Stopwatch:
    """Collects the milliseconds of named steps."""

    def __init__(self) -> None:
        self.times: dict[str, list[float]] = defaultdict(list)

    def time(self, step: str, work: Callable[[], T]) -> T:
        """Do the work once and note how long it took."""
        start = time.perf_counter()
        result = work()
        self.times[step].append(1000 * (time.perf_counter() - start))
        return result

    def medians(self) -> dict[str, float]:
        """Return the median milliseconds of each step."""
        return {f"{step}_ms_median": round(statistics.median(times), 3) for step, times in self.times.items()}


class Pipeline:
    """The networks of the check-in, and the other ones of each kind."""

    def __init__(self, store: ModelStore, *, threads: int) -> None:
        self.near = BlazeFaceShort(content=store.read("blazeface-short-range"), threads=threads)
        self.small = UltraFaceRfb320(content=store.read("ultraface-rfb-320"), threads=threads)
        self.mesh = FaceMesh468(content=store.read("face-landmark-468"), threads=threads)
        self.embedder = MobileFaceNet192(content=store.read("mobilefacenet-192"), threads=threads)
        self.second = FrFeature512(content=store.read("fr-feature-512"), threads=threads)
        self.quality = FaceQualityAssessor()
        self.analyser = FaceAnalyser(detector=self.near, mesh=self.mesh, quality=self.quality)


def steps(watch: Stopwatch, pipeline: Pipeline, data: bytes, *, size: str) -> None:
    """Time every step on one encoded picture."""
    pixels = watch.time(f"decode_{size}", lambda: decode(data, limits=LIMITS))
    frame = Frame(pixels=pixels, material=Material(sha256_hex(data)))
    face = watch.time(f"detect_blazeface_{size}", lambda: pipeline.near.detect(frame))[0]
    watch.time(f"detect_ultraface_{size}", lambda: pipeline.small.detect(frame))
    mesh = watch.time("mesh_two_passes", lambda: pipeline.mesh.locate(frame, face))
    points = five_points(mesh.points)
    aligned = watch.time("align", lambda: align(frame.pixels, points))
    pose = watch.time("pose", lambda: head_pose(mesh.points))
    watch.time(
        "quality",
        lambda: pipeline.quality.assess(frame=frame, mesh=mesh, pose=pose, aligned=aligned, points=points),
    )
    one, many = aligned[None], np.repeat(aligned[None], BATCH, axis=0)
    vectors = watch.time("embed_mobilefacenet", lambda: pipeline.embedder.embed(one))
    watch.time(f"embed_mobilefacenet_batch_of_{BATCH}", lambda: pipeline.embedder.embed(many))
    watch.time("embed_fr_feature", lambda: pipeline.second.embed(one))
    watch.time("compare", lambda: float(vectors[0] @ vectors[0]))
    watch.time(f"whole_{size}", lambda: whole(pipeline, data))


def whole(pipeline: Pipeline, data: bytes) -> NDArray[np.float32]:
    """From the encoded picture to the vector, with quality, as the check-in does it."""
    frame = Frame(pixels=decode(data, limits=LIMITS), material=Material(sha256_hex(data)))
    observation = pipeline.analyser.observe(frame)[0]
    return pipeline.embedder.embed(observation.aligned[None])


def small_copy(data: bytes, pipeline: Pipeline) -> bytes:
    """Return the picture cut to 250 x 250 pixels around its face, as a JPEG."""
    pixels = decode(data, limits=LIMITS)
    box = pipeline.near.detect(Frame(pixels=pixels, material=Material("")))[0].box
    half, centre = CUT * box.width / 2, box.centre
    area = (round(centre.x - half), round(centre.y - half), round(centre.x + half), round(centre.y + half))
    buffer = io.BytesIO()
    Image.fromarray(pixels).crop(area).resize((SMALL_SIDE, SMALL_SIDE)).save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


def measure(*, rounds: int, threads: int, quiet: bool) -> dict[str, dict[str, object]]:
    """Time everything; the first round warms up and isn't counted."""
    models, samples = ModelStore(), SampleStore()
    large = [samples.read(name) for name in PEOPLE]
    loading = Stopwatch()
    pipeline = loading.time("load_all_networks", lambda: Pipeline(models, threads=threads))
    small = [small_copy(data, pipeline) for data in large]
    watch = Stopwatch()
    for turn in track(range(rounds + 1), "rounds", console=Console(stderr=True, quiet=quiet)):
        current = watch if turn else Stopwatch()
        for data in large:
            steps(current, pipeline, data, size="large")
        for data in small:
            steps(current, pipeline, data, size="250px")
    figures: dict[str, object] = {**loading.medians(), **watch.medians()}
    figures[f"embed_mobilefacenet_batch_of_{BATCH}_per_face_ms_median"] = round(
        statistics.median(watch.times[f"embed_mobilefacenet_batch_of_{BATCH}"]) / BATCH, 3
    )
    return {"figures": figures, "conditions": conditions(large, rounds=rounds, threads=threads)}


def conditions(pictures: list[bytes], *, rounds: int, threads: int) -> dict[str, object]:
    """Return on what was measured."""
    sizes = [decode(data, limits=LIMITS).shape for data in pictures]
    return {
        "data": f"{len(pictures)} sample portraits, {', '.join(f'{w}x{h}' for h, w, _ in sizes)} pixels, one "
        f"face each; the same cut to {SMALL_SIDE}x{SMALL_SIDE}",
        "rounds": rounds,
        "threads": threads,
        "processors": os.cpu_count(),
        "load_before": round(os.getloadavg()[0], 2),
        "processor": processor_name(),
        "python": platform.python_version(),
        "versions": {
            name: metadata.version(name)
            for name in ("ai-edge-litert", "onnxruntime", "opencv-python-headless", "numpy", "pillow")
        },
    }


def processor_name() -> str:
    """Return the processor's name as Linux states it, else its architecture."""
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.machine()


def main() -> int:
    """Read the arguments, measure, print."""
    parser = argparse.ArgumentParser(description="How long each step takes on this machine")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    try:
        report = measure(rounds=arguments.rounds, threads=arguments.threads, quiet=arguments.json)
    except OperatorError as error:
        print(error.diagnostics(), file=sys.stderr)
        return 2
    if arguments.json:
        print(json.dumps(report, indent=2))
        return 0
    table = Table("figure", "milliseconds")
    for name, value in report["figures"].items():
        table.add_row(name.removesuffix("_ms_median").replace("_", " "), f"{value:8.3f}")
    console = Console()
    console.print(table)
    for name, value in report["conditions"].items():
        console.print(f"{name}: {value}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
