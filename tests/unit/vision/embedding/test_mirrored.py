from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from contract.embedder import EmbedderContract
from countenance.vision.embedding import Embedder, FrFeature512, Mirrored, MobileFaceNet192
from countenance.vision.registry import shipped_manifest
from weights import fr_feature, mobilefacenet, model_bytes, sample_crops


class Corners:
    """An embedder that can be checked by hand: the first pixel of the first row, and the last."""

    model_id = "corners-2"
    dimension = 2

    def embed(self, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        vectors = crops[:, 0, [0, -1], 0].astype(np.float32)
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


class TestByHand:
    def test_both_pictures_weigh_the_same(self) -> None:
        crops = np.zeros((2, 112, 112, 3), np.uint8)
        crops[0, 0, 0], crops[1, 0, -1] = 200, 7
        vectors = Mirrored(embedder=Corners()).embed(crops)
        np.testing.assert_allclose(vectors, np.full((2, 2), np.sqrt(0.5)), rtol=1e-6)

    def test_a_face_and_its_mirror_image_have_one_vector(self) -> None:
        crops = np.random.default_rng(5).integers(1, 255, (3, 112, 112, 3), np.uint8)
        plain = Mirrored(embedder=Corners()).embed(crops)
        turned = Mirrored(embedder=Corners()).embed(crops[:, :, ::-1])
        np.testing.assert_allclose(plain, turned, rtol=1e-6)

    def test_it_is_another_model(self) -> None:
        mirrored = Mirrored(embedder=Corners())
        assert mirrored.model_id == "corners-2+mirrored"
        assert mirrored.dimension == 2

    def test_no_model_of_the_registry_can_have_its_name(self) -> None:
        assert not any("+" in model_id for model_id in shipped_manifest().ids)

    def test_a_mirror_of_a_mirror_is_refused(self) -> None:
        with pytest.raises(ValueError, match="mirrored already"):
            Mirrored(embedder=Mirrored(embedder=Corners()))


@pytest.mark.models
class TestMirroredMobileFaceNet(EmbedderContract):
    # The plain embedder's cosines (test_mobilefacenet.py) move by at most 0.04: measured here, pinned.
    COSINES = {  # noqa: RUF012
        ("obama", "obama2"): 0.827,
        ("obama", "obama3"): 0.839,
        ("obama2", "obama3"): 0.831,
        ("obama", "biden"): -0.137,
        ("obama2", "biden"): -0.038,
        ("obama3", "biden"): -0.037,
    }

    @pytest.fixture
    def embedder(self) -> Embedder:
        return Mirrored(embedder=mobilefacenet())

    @staticmethod
    def build(content: bytes) -> Embedder:
        return Mirrored(embedder=MobileFaceNet192(content=content))


@pytest.mark.models
@pytest.mark.parametrize("build", [mobilefacenet, fr_feature])
def test_it_is_the_sum_of_two_vectors_brought_to_length_one(build: Callable[[], Embedder]) -> None:
    inner = build()
    crops = sample_crops()
    total = inner.embed(crops) + inner.embed(np.ascontiguousarray(crops[:, :, ::-1]))
    expected = total / np.linalg.norm(total, axis=1, keepdims=True)
    np.testing.assert_allclose(Mirrored(embedder=inner).embed(crops), expected, atol=2e-5)


@pytest.mark.models
def test_mirrored_faces_have_one_vector_with_real_weights() -> None:
    mirrored = Mirrored(embedder=FrFeature512(content=model_bytes("fr-feature-512")))
    crops = sample_crops()
    turned = mirrored.embed(np.ascontiguousarray(crops[:, :, ::-1]))
    np.testing.assert_allclose(mirrored.embed(crops), turned, atol=2e-5)
