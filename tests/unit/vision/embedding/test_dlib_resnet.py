from __future__ import annotations

import sys
from functools import cache

import numpy as np
import pytest

from contract.embedder import EmbedderContract
from countenance.vision import ModelUnusable
from countenance.vision.embedding import DlibResnet128, Embedder
from weights import model_bytes, sample_crops


@cache
def dlib_resnet() -> DlibResnet128:
    return DlibResnet128(content=model_bytes("dlib-resnet-128"))


@pytest.mark.models
class TestDlibResnet128(EmbedderContract):
    # Measured here, and a crop that moves by part of a pixel changes them. That the network gives dlib's own
    # vectors is shown in runtimes/test_dlib_network.py.
    COSINES = {  # noqa: RUF012
        ("obama", "obama2"): 0.956,
        ("obama", "obama3"): 0.971,
        ("obama2", "obama3"): 0.944,
        ("obama", "biden"): 0.816,
        ("obama2", "biden"): 0.831,
        ("obama3", "biden"): 0.806,
    }
    TOLERANCE = 0.01
    GAP = 0.1
    LEAST_OF_ONE = 0.97

    @pytest.fixture
    def embedder(self) -> Embedder:
        return dlib_resnet()

    @staticmethod
    def build(content: bytes) -> Embedder:
        return DlibResnet128(content=content)

    def test_without_the_onnx_package_it_says_what_to_install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        content = model_bytes("dlib-resnet-128")
        monkeypatch.setitem(sys.modules, "onnx", None)
        with pytest.raises(ModelUnusable, match="onnx package") as caught:
            DlibResnet128(content=content)
        assert "pip install onnx" in caught.value.remedy


@pytest.mark.models
def test_the_chip_shows_the_face_where_dlib_expects_it() -> None:
    embedder = dlib_resnet()
    # dlib's mean shape in a chip of 150 pixels with padding 0.25: the eyes' middles and the nose.
    for aligned, chip in [
        ((38.6, 53.9), (47.7, 47.1)),
        ((72.7, 54.5), (100.3, 47.1)),
        ((56.3, 77.8), (74.0, 87.8)),
    ]:
        spot = np.zeros((112, 112, 3), np.uint8)
        x, y = round(aligned[0]), round(aligned[1])
        spot[y - 1 : y + 2, x - 1 : x + 2] = 255
        rows, columns = np.nonzero(embedder._chip(spot)[..., 0] > 100)
        assert (columns.mean(), rows.mean()) == pytest.approx(chip, abs=3.5)


@pytest.mark.models
def test_the_last_rows_of_the_chip_are_repeated_not_black() -> None:
    chip = dlib_resnet()._chip(sample_crops()[0])
    assert chip.shape == (150, 150, 3)
    assert chip[-1].any()
    # From about three rows of the aligned face below its edge on, every row is the edge again.
    assert np.array_equal(chip[-1], chip[-3]) or np.abs(chip[-1].astype(int) - chip[-3]).max() <= 3
