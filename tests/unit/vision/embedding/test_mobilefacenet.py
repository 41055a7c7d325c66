from __future__ import annotations

import numpy as np
import pytest

from contract.embedder import EmbedderContract
from countenance.vision import ModelUnusable
from countenance.vision.embedding import Embedder, MobileFaceNet192, MobileFaceNet192EightBit
from countenance.vision.embedding.mobilefacenet import free_batch
from countenance.vision.runtimes import LiteRtSession
from weights import mobilefacenet, model_bytes, sample_crops


@pytest.mark.models
class TestMobileFaceNet192(EmbedderContract):
    # Source: the pipeline of the model card (near detector, mesh in two passes, five points), measured
    # before this code was written and independently of it.
    COSINES = {  # noqa: RUF012
        ("obama", "obama2"): 0.803,
        ("obama", "obama3"): 0.819,
        ("obama2", "obama3"): 0.810,
        ("obama", "biden"): -0.131,
        ("obama2", "biden"): -0.031,
        ("obama3", "biden"): -0.004,
    }

    @pytest.fixture
    def embedder(self) -> Embedder:
        return mobilefacenet()

    @staticmethod
    def build(content: bytes) -> Embedder:
        return MobileFaceNet192(content=content)


@pytest.mark.models
class TestMobileFaceNet192OnTwoThreads(TestMobileFaceNet192):
    """Several threads take several faces at once."""

    @pytest.fixture
    def embedder(self) -> Embedder:
        return MobileFaceNet192(content=model_bytes("mobilefacenet-192"), threads=2)


@pytest.mark.models
class TestMobileFaceNet192EightBit(TestMobileFaceNet192):
    """Rounded weights: other vectors, the same people."""

    @pytest.fixture
    def embedder(self) -> Embedder:
        return MobileFaceNet192EightBit(content=model_bytes("mobilefacenet-192"))

    @staticmethod
    def build(content: bytes) -> Embedder:
        return MobileFaceNet192EightBit(content=content)

    def test_its_vectors_are_near_those_of_the_file_and_not_the_same(self, embedder: Embedder) -> None:
        cosines = (embedder.embed(sample_crops()) * mobilefacenet().embed(sample_crops())).sum(axis=1)
        assert (cosines > 0.99).all()
        assert (cosines < 0.999_999).all()

    def test_it_is_a_model_of_its_own(self, embedder: Embedder) -> None:
        assert embedder.model_id == "mobilefacenet-192+int8"


@pytest.mark.models
class TestFreeBatch:
    def test_the_patched_file_gives_the_vectors_of_the_file_as_it_is(self) -> None:
        content = model_bytes("mobilefacenet-192")
        pair = ((sample_crops()[:2].astype(np.float32) - 127.5) / 128).astype(np.float32)
        shipped = LiteRtSession(content=content).run({"input": pair})["embeddings"]
        patched = LiteRtSession(content=free_batch(content)).run({"input": pair})["embeddings"]
        assert np.array_equal(shipped, patched)

    def test_four_bytes_change_and_no_weight(self) -> None:
        content = model_bytes("mobilefacenet-192")
        patched = free_batch(content)
        changed = [i for i, (a, b) in enumerate(zip(content, patched, strict=True)) if a != b]
        assert changed == [5_176_108, 5_176_109, 5_176_110, 5_176_111]

    def test_it_is_done_once(self) -> None:
        with pytest.raises(ModelUnusable):
            free_batch(free_batch(model_bytes("mobilefacenet-192")))

    def test_another_network_is_refused(self) -> None:
        with pytest.raises(ModelUnusable):
            MobileFaceNet192(content=model_bytes("iris-landmark"))
