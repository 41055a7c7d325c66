"""OpenCV works on the thread that asks, and the pixels are the same as on many."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from countenance.vision.alignment import warp

SIZES = {"small": (250, 250), "upright": (1000, 615), "broad": (333, 1001)}


@pytest.fixture
def threads() -> Iterator[Callable[[int], None]]:
    """Set OpenCV's threads; afterwards they are what they were."""
    before = cv2.getNumThreads()
    yield cv2.setNumThreads
    cv2.setNumThreads(before)


@pytest.mark.parametrize(
    "module", ["countenance.vision", "countenance.vision.detection", "countenance.vision.runtimes"]
)
def test_opencv_has_one_thread_once_the_networks_are_imported(module: str) -> None:
    program = (
        f"import cv2; cv2.setNumThreads(4); assert cv2.getNumThreads() == 4\n"
        f"import {module}; print(cv2.getNumThreads())"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "1"


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
@pytest.mark.parametrize("way", [cv2.INTER_AREA, cv2.INTER_LINEAR], ids=["area", "linear"])
def test_a_picture_shrinks_to_the_same_pixels_on_any_number_of_threads(
    size: tuple[int, int], way: int, threads: Callable[[int], None]
) -> None:
    pixels = _noise(size)
    results = []
    for count in (1, 2, 4):
        threads(count)
        results.append(cv2.resize(pixels, (128, 128), interpolation=way))
    assert len({result.tobytes() for result in results}) == 1


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
@pytest.mark.parametrize("scale", [1.7, 0.6, 0.13], ids=["grown", "shrunk", "averaged first"])
def test_a_face_is_cut_to_the_same_pixels_on_any_number_of_threads(
    size: tuple[int, int], scale: float, threads: Callable[[int], None]
) -> None:
    pixels = _noise(size)
    matrix = np.array([[scale, -0.1 * scale, -20.0], [0.1 * scale, scale, -10.0]])
    results = []
    for count in (1, 2, 4):
        threads(count)
        results.append(warp(pixels, matrix, side=112))
    assert results[0].any()
    assert len({result.tobytes() for result in results}) == 1


def _noise(size: tuple[int, int]) -> NDArray[np.uint8]:
    return np.random.default_rng(7).integers(0, 256, (*size, 3), dtype=np.uint8)
