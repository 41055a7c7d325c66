"""Scenes as clips: sample portraits as posters, and a made-up face that talks, for the real flow."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

import weights
from countenance.capture import CaptureLimits, decode
from countenance.kernel import Box, Frame
from countenance.vision import Face, Mesh
from countenance.vision.rendering import FRAME_SIZE, CameraMotion, PosterKind, PosterScene
from scene_tracks import talking

RATE = 15.0


def portrait(name: str = "obama") -> NDArray[np.uint8]:
    """A sample portrait cut to head and shoulders, 400 pixels high."""
    frame = weights.sample_frame(name)
    box = weights.blazeface().detect(frame)[0].box
    side = 2.2 * box.height
    left, top = max(0, int(box.centre.x - side / 2)), max(0, int(box.centre.y - side / 2))
    cut = np.ascontiguousarray(frame.pixels[top : top + int(side), left : left + int(side)])
    return np.asarray(cv2.resize(cut, (400, 400), interpolation=cv2.INTER_AREA), np.uint8)


def poster_frames(
    kind: PosterKind, motion: CameraMotion, *, name: str = "obama", seconds: float = 3.0, seed: int = 5
) -> list[NDArray[np.uint8]]:
    """A sample portrait in a made-up street, frame by frame, 15 a second."""
    picture = portrait(name)
    encoded = PosterScene(kind, motion, seed=seed).frames(lambda _: picture, seconds=seconds)
    return [decode(jpeg, limits=CaptureLimits()) for jpeg in encoded]


def noise_frames(count: int, *, seed: int = 1) -> list[NDArray[np.uint8]]:
    """A wall with a camera's noise on it; nobody is there, but a made-up detector may say otherwise."""
    rng = np.random.default_rng(seed)
    wall = rng.integers(60, 200, (FRAME_SIZE[1], FRAME_SIZE[0], 3))
    noisy = (wall + rng.normal(0, 3, wall.shape) for _ in range(count))
    return [np.clip(one, 0, 255).astype(np.uint8) for one in noisy]


def clip_of(path: Path, frames: list[NDArray[np.uint8]], *, rate: float = RATE) -> Path:
    """Write frames as a video."""
    height, width = frames[0].shape[:2]
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), rate, (width, height))
    for frame in frames:
        writer.write(np.ascontiguousarray(frame[..., ::-1]))
    writer.release()
    return path


@dataclass
class MadeUpDetector:
    """Sees so many faces in every frame, side by side."""

    faces: int = 1
    model_id: str = "made-up-detector"

    def detect(self, frame: Frame) -> tuple[Face, ...]:
        del frame
        return tuple(
            Face(Box(240.0 + 190 * (i - self.faces // 2), 150, 400.0 + 190 * (i - self.faces // 2), 330), 0.9)
            for i in range(self.faces)
        )


@dataclass
class MadeUpMesh:
    """Gives the mesh of somebody who talks, frame by frame, each face its own."""

    opens: float = 2.0
    presence: float = 0.9
    model_id: str = "made-up-mesh"
    _seen: dict[float, int] = field(default_factory=dict)

    def locate(self, frame: Frame, face: Face) -> Mesh:
        del frame
        place = face.box.left
        number = self._seen.get(place, 0)
        self._seen[place] = number + 1
        points = talking(frames=60, opens=self.opens).points[number % 60].copy()
        points[:, 0] += face.box.centre.x - 320
        return Mesh(points, self.presence)


def talking_portrait(
    name: str = "biden", *, seconds: float = 4.0, opens: float = 0.4
) -> list[NDArray[np.uint8]]:
    """A sample portrait whose mouth is drawn open and shut before a wall: what somebody who talks shows.

    It is made up: what is below the lips is moved down and the gap is painted dark. So it is also what a
    screen that plays somebody who talks would show, held still and without an edge.

    Args:
        name: whose portrait; one with shut lips, since lips that were never shut don't open.
        seconds: how long, at 15 frames a second.
        opens: how far the lips part, as a share of the distance between the eyes.
    """
    still = portrait(name)
    points = (
        weights.face_mesh()
        .locate(weights.frame_of(still), weights.blazeface().detect(weights.frame_of(still))[0])
        .points
    )
    eyes = float(np.linalg.norm(points[33, :2] - points[263, :2]))
    lips, chin = float((points[13, 1] + points[14, 1]) / 2), float(points[152, 1])
    left, right = float(points[78, 0]), float(points[308, 0])
    rows, columns = np.mgrid[0:400, 0:400].astype(np.float32)
    across = np.cos(np.clip((columns - (left + right) / 2) / (right - left), -0.5, 0.5) * np.pi)
    rng = np.random.default_rng(3)
    wall = np.asarray(cv2.resize(rng.integers(60, 190, (48, 64, 3)).astype(np.uint8), FRAME_SIZE), np.uint8)
    frames = []
    for number in range(int(seconds * RATE)):
        gap = opens * eyes * abs(np.sin(2.4 * number / RATE)) * across
        below = np.clip(1 - (rows - lips) / (1.6 * (chin - lips)), 0, 1)
        moved = np.where(rows > lips, rows - gap * below, rows).astype(np.float32)
        drawn = cv2.remap(still, columns, moved, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        drawn[(rows > lips) & (moved < lips)] = (45, 22, 22)
        frame = wall.copy()
        sway = round(6 * np.sin(1.1 * number / RATE))
        frame[60:460, 120 + sway : 520 + sway] = drawn
        noisy = frame + rng.normal(0, 2, frame.shape)
        frames.append(np.clip(noisy, 0, 255).astype(np.uint8))
    return frames
