"""Draw the picture of the page on depictions: a sample portrait in a made-up street, each scene judged.

    python scripts/draw_depictions.py [OUT.png]

Needs the weights and the samples (``countenance models pull``, ``countenance samples pull``). The portraits
are in the public domain; what stands at each face is what the product said at the end of that scene.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from countenance.capture import CaptureLimits, decode
from countenance.kernel import Box, Frame, Material, sha256_hex
from countenance.liveness import SceneFaces, SceneJudge, Shown
from countenance.vision.detection import BlazeFaceShort
from countenance.vision.drawing import LabelledFace, draw_faces
from countenance.vision.landmarks import FaceMesh468
from countenance.vision.registry import ModelStore, SampleStore
from countenance.vision.rendering import CameraMotion, PosterKind, PosterScene

SECONDS = 4.0
SCENES = (
    (PosterKind.WALL, CameraMotion.WALK, "obama"),
    (PosterKind.BUS, CameraMotion.STILL, "biden"),
    (PosterKind.BANNER, CameraMotion.PAN, "obama2"),
    (PosterKind.SHIRT, CameraMotion.STILL, "biden"),
    (PosterKind.HELD, CameraMotion.HANDHELD, "obama"),
    (PosterKind.BUS, CameraMotion.HANDHELD, "obama3"),
)
COLOURS = {Shown.PERSON: (0, 114, 78), Shown.DEPICTION: (170, 60, 0), Shown.UNDETERMINED: (90, 90, 90)}


def portrait(name: str, detector: BlazeFaceShort) -> NDArray[np.uint8]:
    """Return a sample portrait cut to head and shoulders, 400 pixels high."""
    pixels = decode(SampleStore().read(name), limits=CaptureLimits())
    face = detector.detect(Frame(pixels=pixels, material=Material(sha256_hex(name.encode()))))[0].box
    half = 1.1 * face.height
    left, top = max(0, int(face.centre.x - half)), max(0, int(face.centre.y - half))
    cut = np.ascontiguousarray(pixels[top : top + int(2 * half), left : left + int(2 * half)])
    return np.asarray(cv2.resize(cut, (400, 400), interpolation=cv2.INTER_AREA), np.uint8)


def judged(kind: PosterKind, motion: CameraMotion, name: str) -> NDArray[np.uint8]:
    """Return the middle frame of a scene, with what its faces were said to be at its end."""
    store = ModelStore()
    detector = BlazeFaceShort(content=store.read(BlazeFaceShort.model_id))
    judge = SceneJudge(
        SceneFaces(detector=detector, mesh=FaceMesh468(content=store.read(FaceMesh468.model_id)))
    )
    picture = portrait(name, detector)
    scene = PosterScene(kind, motion, seed=11)
    middle = int(SECONDS * scene.frames_a_second / 2)
    shown: NDArray[np.uint8] = np.zeros((1, 1, 3), np.uint8)
    boxes: list[tuple[int, Box]] = []
    for number, jpeg in enumerate(scene.frames(lambda _: picture, seconds=SECONDS)):
        pixels = decode(jpeg, limits=CaptureLimits())
        material = Material(sha256_hex(str(number).encode()))
        standing = judge.note(Frame(pixels=pixels, material=material), taken=number / scene.frames_a_second)
        if number == middle:
            shown, boxes = pixels.copy(), [(face.number, face.box) for face in standing]
    said = {face.number: face.judgement.shown for face in judge.end()}
    faces = [LabelledFace(box, said[number].value, COLOURS[said[number]]) for number, box in boxes]
    return draw_faces(shown, faces, hidden=False)


def main(arguments: Sequence[str] | None = None) -> None:
    """Draw."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("out", type=Path, nargs="?", default=Path("docs/images/depictions.png"))
    out = parser.parse_args(arguments).out
    tiles = [cv2.resize(judged(*one), (400, 300), interpolation=cv2.INTER_AREA) for one in SCENES]
    rows = [np.hstack(tiles[start : start + 3]) for start in range(0, len(tiles), 3)]
    # A palette of 256 colours makes the file a fifth as large.
    Image.fromarray(np.asarray(np.vstack(rows), np.uint8)).quantize(256).save(out)


if __name__ == "__main__":
    main()
