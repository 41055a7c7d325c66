"""The lids and the iris of each eye, found in a close cut of the eye.

Source: Ablavatski et al., "Real-time Pupil Tracking from Monocular Video for Digital Puppetry" (2020),
and ``iris_landmark.tflite`` of MediaPipe. This is geometry, not iris recognition: it yields no identity.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from countenance.kernel import Frame
from countenance.vision.alignment import warp
from countenance.vision.errors import ModelUnusable
from countenance.vision.landmarks.base import Mesh
from countenance.vision.runtimes import InferenceSession, LiteRtSession

__all__ = ["IRIS_POINTS", "LIDS_AT_LEFT", "LIDS_AT_RIGHT", "LID_POINTS", "Eye", "Eyes", "IrisLandmark"]

LID_POINTS: Final = 16
"""Points of the lids of one eye."""

IRIS_POINTS: Final = 5
"""Points of one iris: its centre, then four on its rim."""

LIDS_AT_LEFT: Final = (33, 7, 163, 144, 145, 153, 154, 155, 133, 246, 161, 160, 159, 158, 157, 173)
"""The lid points of the eye at the image's left, as numbers of the mesh: outer corner, lower lid, inner
corner, then the upper lid from the outer side."""

LIDS_AT_RIGHT: Final = (263, 249, 390, 373, 374, 380, 381, 382, 362, 466, 388, 387, 386, 385, 384, 398)
"""The lid points of the eye at the image's right, in the same order."""

_SIDE = 64
_MARGIN = 2.3  # the cut's side over the distance of the eye's corners, as in MediaPipe
_LIDS_SIZE, _IRIS_SIZE = 71 * 3, IRIS_POINTS * 3
_LEAST_WIDTH = 1.0  # pixels


@dataclass(frozen=True, slots=True, eq=False)
class Eye:
    """One eye.

    Attributes:
        lids: float32, shape (16, 2), pixels of the frame: outer corner, seven points of the lower lid from
            the outer side, inner corner, seven of the upper lid from the outer side. Left out of ``repr``.
        iris: float32, shape (5, 2), pixels of the frame: the centre, then four points of the rim. Left out
            of ``repr``. The network draws an iris behind closed lids too.
    """

    lids: NDArray[np.float32] = field(repr=False)
    iris: NDArray[np.float32] = field(repr=False)

    def wipe(self) -> None:
        """Overwrite the points with zeros."""
        for array in (self.lids, self.iris):
            if array.flags.writeable:
                array[...] = 0


@dataclass(frozen=True, slots=True, eq=False)
class Eyes:
    """Both eyes of a face.

    Attributes:
        at_left: the eye at the image's left, which is the person's right one.
        at_right: the eye at the image's right.
    """

    at_left: Eye
    at_right: Eye

    def wipe(self) -> None:
        """Overwrite the points with zeros."""
        self.at_left.wipe()
        self.at_right.wipe()


class IrisLandmark:
    """The iris network.

    Args:
        content: the bytes of ``iris_landmark.tflite``.
        threads: threads of one call.

    Raises:
        ModelUnusable: if the bytes aren't this network.
    """

    __slots__ = ("_input", "_session")

    model_id = "iris-landmark"

    def __init__(self, *, content: bytes, threads: int = 1) -> None:
        self._session: InferenceSession = LiteRtSession(content=content, threads=threads)
        inputs = self._session.inputs
        if len(inputs) != 1 or inputs[0].shape[1:] != (_SIDE, _SIDE, 3) or len(self._session.outputs) != 2:  # noqa: PLR2004
            raise _not_this_network()
        self._input = inputs[0].name

    def locate(self, frame: Frame, mesh: Mesh) -> Eyes:
        """Return the lids and the irises of the face that a mesh lies on.

        Args:
            frame: the picture.
            mesh: the face's mesh, in pixels of the frame.
        """
        corners = mesh.points[:, :2].astype(np.float64)
        return Eyes(
            at_left=self._look(frame, corners[33], corners[133], mirrored=False),
            # The network was made for one side: unflipped, the lids come out half an eye's width away.
            at_right=self._look(frame, corners[362], corners[263], mirrored=True),
        )

    def _look(
        self, frame: Frame, left: NDArray[np.float64], right: NDArray[np.float64], *, mirrored: bool
    ) -> Eye:
        across = right - left
        side = _MARGIN * max(_LEAST_WIDTH, float(np.hypot(*across)))
        angle, scale = math.atan2(across[1], across[0]), _SIDE / side
        cosine, sine = scale * math.cos(angle), scale * math.sin(angle)
        turn = np.array([[cosine, sine], [-sine, cosine]])
        shift = np.array([_SIDE / 2, _SIDE / 2]) - turn @ ((left + right) / 2)
        cut = warp(frame.pixels, np.column_stack([turn, shift]), side=_SIDE)
        seen = cut[:, ::-1] if mirrored else cut
        tensor = np.multiply(seen[None], np.float32(1 / 255), dtype=np.float32)
        outputs = self._session.run({self._input: tensor})
        cut.fill(0)
        tensor.fill(0.0)
        by_size = {value.size: value for value in outputs.values()}
        if set(by_size) != {_LIDS_SIZE, _IRIS_SIZE}:
            raise _not_this_network()
        found = (
            by_size[_LIDS_SIZE].reshape(-1, 3)[:LID_POINTS, :2],
            by_size[_IRIS_SIZE].reshape(-1, 3)[:, :2],
        )
        lids, iris = (_back(points, turn=turn, shift=shift, mirrored=mirrored) for points in found)
        return Eye(lids=lids, iris=iris)


def _back(
    points: NDArray[np.float32], *, turn: NDArray[np.float64], shift: NDArray[np.float64], mirrored: bool
) -> NDArray[np.float32]:
    """Return points of the cut in pixels of the frame."""
    placed = points.astype(np.float64)
    if mirrored:
        placed[:, 0] = _SIDE - placed[:, 0]
    return ((placed - shift) @ np.linalg.inv(turn).T).astype(np.float32)


def _not_this_network() -> ModelUnusable:
    return ModelUnusable("This network isn't the one that finds lids and iris.")
