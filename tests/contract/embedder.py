"""What every embedder does. Subclass it, give ``embedder``, and it runs on the sample photographs.

It isn't an accuracy figure: four photographs show that something is broken, never that it is good.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from countenance.vision import ModelUnusable
from countenance.vision.embedding import Embedder
from weights import PEOPLE, sample_crops

PAIRS = [(a, b) for index, a in enumerate(PEOPLE) for b in PEOPLE[index + 1 :]]


class EmbedderContract:
    """Fixtures to give: ``embedder``, ``build``, and ``COSINES`` for the sample photographs by pair.

    ``GAP`` and ``LEAST_OF_ONE`` are overridden where a network's cosines lie closer together.
    """

    COSINES: dict[tuple[str, str], float]
    TOLERANCE = 0.02
    GAP = 0.3  # between the least of one person and the most of two
    LEAST_OF_ONE = 0.75  # after a small change of the picture

    @pytest.fixture
    def embedder(self) -> Embedder:
        raise NotImplementedError

    @staticmethod
    def build(content: bytes) -> Embedder:
        raise NotImplementedError

    @pytest.fixture
    def crops(self) -> NDArray[np.uint8]:
        return sample_crops()

    def test_vectors_have_the_stated_shape_and_length_one(
        self, embedder: Embedder, crops: NDArray[np.uint8]
    ) -> None:
        vectors = embedder.embed(crops)
        assert vectors.shape == (len(crops), embedder.dimension)
        assert vectors.dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)

    def test_it_is_repeatable(self, embedder: Embedder, crops: NDArray[np.uint8]) -> None:
        first = embedder.embed(crops)
        embedder.embed(crops[::-1].copy())
        assert np.array_equal(embedder.embed(crops), first)

    @pytest.mark.parametrize("count", [1, 2, 3, 5, 16, 17])
    def test_a_batch_gives_what_single_faces_give(
        self, embedder: Embedder, crops: NDArray[np.uint8], count: int
    ) -> None:
        batch = crops[np.arange(count) % len(crops)].copy()
        batch[:, :4] = np.arange(count, dtype=np.uint8)[:, None, None, None]  # no two are the same
        together = embedder.embed(batch)
        alone = np.concatenate([embedder.embed(crop[None]) for crop in batch])
        np.testing.assert_allclose(together, alone, atol=2e-5)

    @pytest.mark.parametrize(("first", "second"), PAIRS, ids=["-".join(pair) for pair in PAIRS])
    def test_the_sample_photographs_have_the_published_cosines(
        self, embedder: Embedder, crops: NDArray[np.uint8], first: str, second: str
    ) -> None:
        vectors = embedder.embed(crops)
        cosine = float(vectors[PEOPLE.index(first)] @ vectors[PEOPLE.index(second)])
        assert cosine == pytest.approx(self.COSINES[first, second], abs=self.TOLERANCE)

    def test_one_person_is_nearer_than_another(self, embedder: Embedder, crops: NDArray[np.uint8]) -> None:
        vectors = embedder.embed(crops)
        scores = vectors @ vectors.T
        same = scores[:3, :3][~np.eye(3, dtype=bool)]
        assert same.min() > scores[3, :3].max() + self.GAP

    @pytest.mark.parametrize(
        "change",
        [
            pytest.param(lambda crop: crop[:, ::-1], id="mirrored"),
            pytest.param(lambda crop: (crop * 0.6).astype(np.uint8), id="darker"),
            pytest.param(lambda crop: cv2.GaussianBlur(crop, (0, 0), 0.8), id="softer"),
            pytest.param(lambda crop: np.repeat(crop.mean(axis=2, keepdims=True), 3, axis=2), id="grey"),
        ],
    )
    def test_a_person_stays_the_same_person(
        self, embedder: Embedder, crops: NDArray[np.uint8], change: object
    ) -> None:
        assert callable(change)
        changed = np.stack([np.ascontiguousarray(change(crop)).astype(np.uint8) for crop in crops])
        before, after = embedder.embed(crops), embedder.embed(changed)
        assert (before * after).sum(axis=1).min() > self.LEAST_OF_ONE

    def test_the_crops_are_not_changed(self, embedder: Embedder, crops: NDArray[np.uint8]) -> None:
        mine = crops.copy()
        embedder.embed(mine)
        assert np.array_equal(mine, crops)

    def test_the_vectors_belong_to_the_caller(self, embedder: Embedder, crops: NDArray[np.uint8]) -> None:
        first = embedder.embed(crops)
        kept = first.copy()
        embedder.embed(crops[::-1].copy())
        assert np.array_equal(first, kept)
        first.fill(0.0)
        assert np.array_equal(embedder.embed(crops), kept)

    def test_threads_never_mix_their_faces(self, embedder: Embedder, crops: NDArray[np.uint8]) -> None:
        expected = embedder.embed(crops)
        jobs = list(range(len(crops))) * 6
        with ThreadPoolExecutor(max_workers=4) as pool:
            found = list(pool.map(lambda row: embedder.embed(crops[row : row + 1])[0], jobs))
        np.testing.assert_allclose(np.stack(found), expected[jobs], atol=2e-5)

    @pytest.mark.parametrize(
        "wrong",
        [
            pytest.param(np.zeros((112, 112, 3), np.uint8), id="one-face-without-a-batch"),
            pytest.param(np.zeros((0, 112, 112, 3), np.uint8), id="no-face"),
            pytest.param(np.zeros((1, 128, 128, 3), np.uint8), id="another-size"),
            pytest.param(np.zeros((1, 3, 112, 112), np.uint8), id="channels-first"),
            pytest.param(np.zeros((1, 112, 112, 3), np.float32), id="floats"),
        ],
    )
    def test_what_is_no_aligned_face_is_refused(self, embedder: Embedder, wrong: NDArray[np.uint8]) -> None:
        with pytest.raises(ValueError, match="aligned faces are uint8"):
            embedder.embed(wrong)

    def test_it_says_which_model_it_is(self, embedder: Embedder) -> None:
        assert f"-{embedder.dimension}" in embedder.model_id

    def test_another_network_is_unusable(self) -> None:
        with pytest.raises(ModelUnusable):
            self.build(b"no network")
