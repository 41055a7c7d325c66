from __future__ import annotations

import pytest

from contract.embedder import EmbedderContract
from countenance.vision import ModelUnusable
from countenance.vision.embedding import Embedder, FrFeature512
from weights import fr_feature, model_bytes


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

    def test_another_onnx_network_is_refused(self) -> None:
        with pytest.raises(ModelUnusable):
            FrFeature512(content=model_bytes("ultraface-rfb-320"))
