"""Measure how many faces each detector finds, how many it invents, and how long it takes.

    python scripts/measure_detection.py DATA_FOLDER [--threads N] [--grids N] [--json]

DATA_FOLDER holds ``groups`` (pictures and ``labels.csv``: file, faces, nose_points), ``not_faces`` (pictures
and ``not_faces.csv``: file, depicts_human_face) and ``congress`` (portraits and ``manifest.csv``), from which
grids and cards with faces of known widths are put together in memory. A face counts as found if some box
holds its nose (groups) or overlaps its own box (grids, cards) and no other face took that box; every other
box is a false find. "After mesh" counts only boxes in which the mesh network sees a face too, as the product
does. Pictures stay in memory, counts alone come out.
"""

from __future__ import annotations

import argparse
import csv
import json
import statistics
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from countenance.capture import CaptureLimits, decode
from countenance.kernel import Box, Frame, Material, Point, sha256_hex
from countenance.vision import FaceDetector
from countenance.vision.detection import (
    BlazeFaceFullRange,
    BlazeFaceShort,
    FirstThatFinds,
    Tiled,
    UltraFaceRfb320,
)
from countenance.vision.landmarks import FaceMesh468
from countenance.vision.registry import ModelStore

WIDTHS = (120, 80, 50, 30, 20)
"""Face widths of the grids in pixels."""
SMALL, LARGE = (640, 480), (1920, 1440)
CARD = (1012, 638)
CARD_WIDTHS = (150, 100, 70)
LEAST_PRESENCE = 0.5
OVERLAP = 0.3
GREY = 128


@dataclass(frozen=True, slots=True)
class Scene:
    """A picture and where its faces are: their boxes, or points that a box has to hold."""

    pixels: NDArray[np.uint8]
    boxes: tuple[Box, ...] = ()
    points: tuple[Point, ...] = ()


@dataclass(slots=True)
class Count:
    """What a detector did on a set of pictures."""

    faces: int = 0
    found: int = 0
    false: int = 0

    def add(self, scene: Scene, found: Sequence[Box]) -> None:
        """Count one picture."""
        left = list(found)
        targets: tuple[Box | Point, ...] = (*scene.boxes, *scene.points)
        for target in targets:
            self.faces += 1
            hit = next((box for box in left if holds(box, target)), None)
            if hit is not None:
                self.found += 1
                left.remove(hit)
        self.false += len(left)


def holds(box: Box, target: Box | Point) -> bool:
    """Whether a finding is that face."""
    if isinstance(target, Box):
        return box.intersection_over_union(target) >= OVERLAP
    return box.left <= target.x <= box.right and box.top <= target.y <= box.bottom


def read(path: Path) -> NDArray[np.uint8]:
    """Return a picture as the product decodes it."""
    return decode(path.read_bytes(), limits=CaptureLimits())


def frame(pixels: NDArray[np.uint8]) -> Frame:
    """Return a frame for a detector."""
    return Frame(pixels=pixels, material=Material(sha256_hex(b"measured")))


def groups(folder: Path) -> Iterator[Scene]:
    """Yield the labelled group pictures; those without marked noses are skipped here and said so."""
    with (folder / "labels.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            points = [point.split(":") for point in row["nose_points"].split()]
            if len(points) != int(row["faces"]):
                continue
            yield Scene(
                pixels=read(folder / row["file"]), points=tuple(Point(float(x), float(y)) for x, y in points)
            )


def not_faces(folder: Path) -> Iterator[Scene]:
    """Yield the pictures that depict no human face, not even a painted one."""
    with (folder / "not_faces.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["depicts_human_face"] == "no":
                yield Scene(pixels=read(folder / row["file"]))


def portraits(folder: Path, most: int) -> list[tuple[NDArray[np.uint8], Box]]:
    """Return portraits with the box of the face in them.

    The box is the mean of what the detectors find that find exactly one face; a portrait in which fewer than
    two of the three do is left out, so that no detector chooses the pictures alone.
    """
    with (folder / "manifest.csv").open(encoding="utf-8", newline="") as file:
        files = [row["file"] for row in csv.DictReader(file)]
    store = ModelStore()
    judges = networks(store, threads=1)
    chosen: list[tuple[NDArray[np.uint8], Box]] = []
    for name in files[:: max(len(files) // (2 * most), 1)]:
        pixels = read(folder / name)
        found = [boxes_of(judge, pixels) for judge in judges.values()]
        alone = [boxes[0] for boxes in found if len(boxes) == 1]
        if len(alone) >= 2 and len(chosen) < most:  # noqa: PLR2004
            middle = np.mean([[box.left, box.top, box.right, box.bottom] for box in alone], axis=0)
            chosen.append((pixels, Box(*(float(side) for side in middle))))
    return chosen


def grid(
    faces: Sequence[tuple[NDArray[np.uint8], Box]],
    *,
    width: int,
    size: tuple[int, int],
    start: int,
    most: int,
) -> Scene:
    """Return a grey picture with head-and-shoulders of that face width in rows, loosely set.

    Args:
        faces: portraits to take in turn, from ``start`` on.
        width: width of each face in pixels.
        size: width and height of the picture.
        start: which portrait is first.
        most: at most so many faces; a large picture isn't filled.
    """
    sheet = np.full((size[1], size[0], 3), GREY, np.uint8)
    cell = 2 * width
    boxes: list[Box] = []
    places = [(x, y) for y in range(0, size[1] - cell, cell) for x in range(0, size[0] - cell, cell)]
    for number, (x, y) in enumerate(places[:: max(len(places) // most, 1)][:most]):
        pixels, box = faces[(start + number) % len(faces)]
        head, inner = cut(pixels, box, cell=cell, width=width)
        sheet[y : y + head.shape[0], x : x + head.shape[1]] = head
        boxes.append(Box(x + inner.left, y + inner.top, x + inner.right, y + inner.bottom))
    return Scene(pixels=sheet, boxes=tuple(boxes))


def cut(pixels: NDArray[np.uint8], box: Box, *, cell: int, width: int) -> tuple[NDArray[np.uint8], Box]:
    """Return the square around a face scaled so that the face has that width, and the face's box in it."""
    scale = width / box.width
    side = cell / scale
    left, top = box.centre.x - side / 2, box.centre.y - side / 2
    height, wide = pixels.shape[:2]
    near = (max(round(left), 0), max(round(top), 0))
    far = (min(round(left + side), wide), min(round(top + side), height))
    part = pixels[near[1] : far[1], near[0] : far[0]]
    size = (max(min(round(part.shape[1] * scale), cell), 1), max(min(round(part.shape[0] * scale), cell), 1))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    head = np.asarray(cv2.resize(part, size, interpolation=way), np.uint8)
    sides = (
        (box.left - near[0]) * scale,
        (box.top - near[1]) * scale,
        (box.right - near[0]) * scale,
        (box.bottom - near[1]) * scale,
    )
    return head, Box(*sides)


def card(face: tuple[NDArray[np.uint8], Box], *, width: int) -> Scene:
    """Return a card of 1,012 x 638 pixels with one portrait, its face of that width, at its left."""
    sheet = np.full((CARD[1], CARD[0], 3), 235, np.uint8)
    for line in range(8):  # what is printed beside a portrait
        cv2.rectangle(
            sheet, (400, 120 + 55 * line), (900 - 35 * (line % 3), 140 + 55 * line), (60, 60, 70), -1
        )
    head, box = cut(face[0], face[1], cell=2 * width, width=width)
    sheet[150 : 150 + head.shape[0], 50 : 50 + head.shape[1]] = head
    return Scene(pixels=sheet, boxes=(Box(50 + box.left, 150 + box.top, 50 + box.right, 150 + box.bottom),))


def boxes_of(detector: FaceDetector, pixels: NDArray[np.uint8]) -> list[Box]:
    """Return the boxes that a detector finds, the surest first."""
    return [face.box for face in detector.detect(frame(pixels))]


def networks(store: ModelStore, *, threads: int) -> dict[str, FaceDetector]:
    """Return the three networks by themselves."""
    return {
        "short": BlazeFaceShort(content=store.read("blazeface-short-range"), threads=threads),
        "full": BlazeFaceFullRange(content=store.read("blazeface-full-range-sparse"), threads=threads),
        "ultraface": UltraFaceRfb320(content=store.read("ultraface-rfb-320"), threads=threads),
    }


def detectors(store: ModelStore, *, threads: int) -> dict[str, FaceDetector]:
    """Return the networks and the arrangements of them, by the name used in the figures."""
    single = networks(store, threads=threads)
    return {
        **single,
        "short_then_ultraface": FirstThatFinds(detectors=[single["short"], single["ultraface"]]),
        "short_then_full": FirstThatFinds(detectors=[single["short"], single["full"]]),
        "full_tiled": Tiled(detector=single["full"]),
        "ultraface_tiled": Tiled(detector=single["ultraface"]),
    }


def scenes(folder: Path, *, grids: int) -> dict[str, list[Scene]]:
    """Return the pictures to count on, by the name used in the figures."""
    faces = portraits(folder / "congress", 48)
    made: dict[str, list[Scene]] = {
        "groups": list(groups(folder / "groups")),
        "not_faces": list(not_faces(folder / "not_faces")),
    }
    for width in CARD_WIDTHS:
        made[f"card_{width}px"] = [card(face, width=width) for face in faces]
    for name, size in (("640", SMALL), ("1920", LARGE)):
        for width in WIDTHS:
            made[f"grid{name}_{width}px"] = [
                grid(faces, width=width, size=size, start=number * 12, most=12) for number in range(grids)
            ]
    return made


def measure(arguments: argparse.Namespace) -> dict[str, object]:
    """Measure, and return figures and conditions."""
    pictures = scenes(arguments.folder, grids=arguments.grids)
    figures: dict[str, float] = {}
    mesh = FaceMesh468(content=ModelStore().read("face-landmark-468"), threads=arguments.threads)
    for name, detector in detectors(ModelStore(), threads=arguments.threads).items():
        for place, group in pictures.items():
            plain, seen, seconds = Count(), Count(), []
            for scene in group:
                picture = frame(scene.pixels)
                start = time.perf_counter()
                found = detector.detect(picture)
                seconds.append(time.perf_counter() - start)
                plain.add(scene, [face.box for face in found])
                real = [face for face in found if mesh.locate(picture, face).presence >= LEAST_PRESENCE]
                seen.add(scene, [face.box for face in real])
            for stage, count in (("", plain), ("_after_mesh", seen)):
                if count.faces:
                    share = round(100 * count.found / count.faces, 1)
                    figures[f"{name}_{place}_found_percent{stage}"] = share
                figures[f"{name}_{place}_false_finds{stage}"] = count.false
            figures[f"{name}_{place}_ms_median"] = round(1000 * statistics.median(seconds), 2)
    return {"figures": figures, "conditions": conditions(arguments, pictures)}


def conditions(arguments: argparse.Namespace, pictures: Mapping[str, Sequence[Scene]]) -> dict[str, object]:
    """Return what was measured on."""
    return {
        "data": {
            place: f"{len(group)} pictures, {sum(len(s.boxes) + len(s.points) for s in group)} faces"
            for place, group in pictures.items()
        },
        "found": f"box overlaps the face's own by {OVERLAP} (grids, card) or holds its nose (groups)",
        "threads": arguments.threads,
        "versions": {
            name: metadata.version(name)
            for name in ("ai-edge-litert", "onnxruntime", "opencv-python-headless", "numpy")
        },
    }


def main() -> int:
    """Read the arguments, measure, print."""
    parser = argparse.ArgumentParser(description="recall, false finds and time of each face detector")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--grids", type=int, default=4, help="pictures of each grid, 12 faces or fewer each")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    report = measure(arguments)
    if arguments.json:
        print(json.dumps(report, indent=2))
        return 0
    for part, values in report.items():
        print(part)
        for name, value in dict(values).items():  # type: ignore[call-overload]
            print(f"  {name:46} {value}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
