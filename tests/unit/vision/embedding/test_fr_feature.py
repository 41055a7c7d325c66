from __future__ import annotations

import sys

import numpy as np
import pytest

from contract.embedder import EmbedderContract
from countenance.vision import ModelUnusable
from countenance.vision.embedding import Embedder, FrFeature512
from weights import fr_feature, model_bytes, sample_crops


@pytest.mark.models
class TestFrFeature512(EmbedderContract):
    # Source: as in test_mobilefacenet.py.
    COSINES = {  # noqa: RUF012
        ("obama", "obama2"): 0.673,
        ("obama", "obama3"): 0.732,
        ("obama2", "obama3"): 0.666,
        ("obama", "biden"): -0.086,
        ("obama2", "biden"): 0.055,
        ("obama3", "biden"): 0.120,
    }

    @pytest.fixture
    def embedder(self) -> Embedder:
        return fr_feature()

    @staticmethod
    def build(content: bytes) -> Embedder:
        return FrFeature512(content=content)

    def test_its_graph_was_rewritten_and_compared(self) -> None:
        report = fr_feature().rewriting
        assert report.applied
        assert report.largest_difference is not None
        assert report.largest_difference < 1e-5

    def test_without_the_onnx_package_it_gives_the_same_vectors_one_at_a_time(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(sys.modules, "onnx", None)
        plain = FrFeature512(content=model_bytes("fr-feature-512"))
        assert not plain.rewriting.applied
        crops = sample_crops()
        np.testing.assert_allclose(plain.embed(crops), fr_feature().embed(crops), atol=2e-6)

    def test_another_onnx_network_is_refused(self) -> None:
        with pytest.raises(ModelUnusable):
            FrFeature512(content=model_bytes("ultraface-rfb-320"))
