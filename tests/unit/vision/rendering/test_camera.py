from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from countenance.vision.rendering import FilmedBy, Sensor


def edge() -> NDArray[np.uint8]:
    frame = np.full((480, 640, 3), 60, np.uint8)
    frame[:, 320:] = 180
    return frame


def decoded(data: bytes) -> NDArray[np.int16]:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"), np.int16)


def filmed(sensor: Sensor, *, moving: tuple[float, float] = (0, 0), seed: int = 1) -> NDArray[np.int16]:
    return decoded(FilmedBy(sensor, seed=seed).film(edge(), at=0.5, moving=moving))


def test_noise_is_as_strong_as_stated() -> None:
    quiet = filmed(Sensor(noise=0, quality=100, drift=0))
    loud = filmed(Sensor(noise=4, quality=100, drift=0))
    assert quiet[100:200, 100:200].std() < 0.5
    assert 2.5 < loud[100:200, 100:200].std() < 5.0


def test_no_two_frames_are_alike_and_the_same_seed_films_the_same() -> None:
    camera = FilmedBy(Sensor(), seed=3)
    frames = [camera.film(edge(), at=i / 6, moving=(0, 0)) for i in range(20)]
    assert len(set(frames)) == 20
    again = FilmedBy(Sensor(), seed=3)
    assert [again.film(edge(), at=i / 6, moving=(0, 0)) for i in range(20)] == frames


def test_what_moves_is_blurred_along_its_way_alone() -> None:
    still = filmed(Sensor(noise=0, quality=100, drift=0))
    across = filmed(Sensor(noise=0, quality=100, drift=0), moving=(500, 0))
    along = filmed(Sensor(noise=0, quality=100, drift=0), moving=(0, 500))
    between = [int(((row > 70) & (row < 170)).sum()) for row in (still[240, :, 0], across[240, :, 0])]
    assert between[1] >= between[0] + 6
    assert np.abs(along[100:-100] - still[100:-100]).max() <= 3


def test_exposure_drifts_within_its_bound() -> None:
    camera = FilmedBy(Sensor(noise=0, quality=100, drift=0.05), seed=1)
    means = [decoded(camera.film(edge(), at=at, moving=(0, 0))).mean() for at in np.arange(0, 10, 1.0)]
    assert 0.02 < (max(means) - min(means)) / 120 <= 0.11
    assert (edge() == edge()).all()
