"""dlib's own face recognition, put together as the ``face_recognition`` package does it.

HOG detector, five points, chip of 150 pixels, ResNet of 29 layers, 128 values. For benchmarks alone, with the
extra ``bench``; nothing is identified with it.
"""

from __future__ import annotations

import importlib
from importlib import metadata, util
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from countenance.kernel import OperatorError

__all__ = ["DlibNotInstalled", "DlibPipeline"]

_POINTS: Final = "shape_predictor_5_face_landmarks.dat"
_NETWORK: Final = "dlib_face_recognition_resnet_model_v1.dat"


class DlibNotInstalled(OperatorError):
    """A comparison with dlib was asked for, and dlib or its weights aren't installed."""

    code = "dlib-not-installed"
    default_remedy = 'Install both with: pip install "countenance[bench]".'


class DlibPipeline:
    """Finds the largest face of a picture and turns it into 128 values, by dlib alone.

    Raises:
        DlibNotInstalled: if dlib or its weights aren't there.
    """

    __slots__ = ("_detector", "_network", "_points", "version")

    def __init__(self) -> None:
        try:
            dlib: Any = importlib.import_module("dlib")
        except ImportError as error:
            msg = "dlib isn't installed."
            raise DlibNotInstalled(msg) from error
        folder = _weights()
        self._detector = dlib.get_frontal_face_detector()
        self._points = dlib.shape_predictor(str(folder / _POINTS))
        self._network = dlib.face_recognition_model_v1(str(folder / _NETWORK))
        self.version = metadata.version("dlib-bin")

    def locate(self, pixels: NDArray[np.uint8], *, upsample: int) -> Any | None:  # noqa: ANN401 - dlib's own
        """Return the five points of the largest face as dlib holds them, ``None`` if no face is found.

        Args:
            pixels: uint8, shape (height, width, 3), RGB.
            upsample: as for :meth:`embed`.
        """
        faces = self._detector(pixels, upsample)
        if not faces:
            return None
        return self._points(pixels, max(faces, key=lambda box: box.width()))

    def embed(self, pixels: NDArray[np.uint8], *, upsample: int) -> NDArray[np.float32] | None:
        """Return the vector of the largest face, ``None`` if no face is found.

        Args:
            pixels: uint8, shape (height, width, 3), RGB.
            upsample: how often the picture is doubled before faces are looked for; 1 is the
                ``face_recognition`` package's default.

        Returns:
            float32, shape (128,).
        """
        points = self.locate(pixels, upsample=upsample)
        if points is None:
            return None
        return np.asarray(self._network.compute_face_descriptor(pixels, points, 1), dtype=np.float32)


def _weights() -> Path:
    """Return the folder of dlib's weights. The package isn't run: its code wants setuptools, its files don't.

    Raises:
        DlibNotInstalled: if it isn't there.
    """
    found = util.find_spec("face_recognition_models")
    if found is None or not found.submodule_search_locations:
        msg = "dlib's weights aren't installed."
        raise DlibNotInstalled(msg)
    return Path(found.submodule_search_locations[0]) / "models"
