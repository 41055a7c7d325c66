"""Parallax of the skin: heads have it, sheets don't, and it denies only what turned."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

import weights
from countenance.capture import CaptureLimits, decode
from countenance.evaluation.following import Moved, told_by
from countenance.evaluation.presentations import Instrument, Performance
from countenance.liveness import Advice, Species
from countenance.liveness.evidence import Bearing, appearance_parallax, read_appearance
from countenance.vision.motion import FaceFeatures, Matches
from countenance.vision.rendering import Stance
from liveness_heads import FOCAL, PIVOT, flat, head, seen, turned
from rendered_heads import head as rendered_head
from rendered_heads import watcher

TURNED = np.array([0.0, 25.0, -25.0])


def matched(
    shape: np.ndarray[tuple[int, ...], np.dtype[np.float64]], *, pivot: float, seed: int = 1
) -> list[Matches]:
    """What would be left of points of a shape that turns to both sides, had they been features."""
    rng = np.random.default_rng(seed)
    yaw = 25 * np.sin(np.linspace(0, 2 * np.pi, 24))
    first = seen(turned(shape, np.zeros(1), pivot))[0]
    found = []
    for pixels in seen(turned(shape, yaw, pivot)):
        onto, _ = cv2.findHomography(pixels, first, cv2.RANSAC, 8.0)
        taken = cv2.perspectiveTransform(pixels[None], onto)[0]
        found.append(Matches(first, taken - first + rng.normal(0, 0.3, first.shape)))
    return found


def mesh_of(
    shape: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    whole = shape.copy()
    whole[[33, 263], 0] = (-4.4, 4.4)
    points = np.empty((468, 3), np.float32)
    points[:, :2] = seen(turned(whole, np.zeros(1), PIVOT))[0]
    points[:, 2] = -whole[:, 2] * FOCAL / 60
    return points


@pytest.mark.parametrize("seed", range(4))
def test_a_head_has_parallax_and_a_sheet_none(seed: int) -> None:
    shape = head(seed)
    mesh = mesh_of(shape)
    of_head = appearance_parallax(mesh, matched(shape, pivot=PIVOT))
    of_sheet = appearance_parallax(mesh, matched(flat(shape), pivot=0.0))
    assert of_head > 25
    assert of_sheet < 5


def test_a_few_wild_features_change_little() -> None:
    shape = head(2)
    mesh, clean = mesh_of(shape), matched(shape, pivot=PIVOT)
    rng = np.random.default_rng(5)
    wild = []
    for one in clean:
        left = one.left.copy()
        left[rng.choice(len(left), 40, replace=False)] += rng.normal(0, 8, (40, 2))
        wild.append(Matches(one.first, left))
    assert appearance_parallax(mesh, wild) == pytest.approx(appearance_parallax(mesh, clean), rel=0.2)


def test_too_few_frames_say_nothing() -> None:
    shape = head(1)
    assert np.isnan(appearance_parallax(mesh_of(shape), matched(shape, pivot=PIVOT)[:5]))


@pytest.mark.parametrize(
    ("figure", "yaw", "bearing", "advice"),
    [
        pytest.param(3.0, TURNED, Bearing.DENIES, None, id="flat"),
        pytest.param(40.0, TURNED, Bearing.SILENT, None, id="a head: it never confirms"),
        pytest.param(3.0, TURNED / 2, Bearing.SILENT, Advice.REACH_THE_MARK, id="hardly turned"),
        pytest.param(np.nan, TURNED, Bearing.SILENT, Advice.MORE_LIGHT, id="nothing in common"),
        pytest.param(np.nan, np.empty(0), Bearing.SILENT, Advice.REACH_THE_MARK, id="no frames"),
    ],
)
def test_it_denies_what_turned_and_is_flat(
    figure: float,
    yaw: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
    bearing: Bearing,
    advice: Advice | None,
) -> None:
    reading = read_appearance(figure, yaw=yaw)
    assert (reading.bearing, reading.advice, reading.cue) == (bearing, advice, None)
    assert reading.species is (Species.PRINT if bearing is Bearing.DENIES else None)


@pytest.mark.models
@pytest.mark.parametrize(
    ("instrument", "least", "most"),
    [
        (Instrument.BONA_FIDE, 30.0, 150.0),
        (Instrument.FLAT_PRINT, 0.0, 12.0),
        (Instrument.BENT_PRINT, 0.0, 12.0),
    ],
)
def test_rendered_heads_and_prints_lie_apart_before_the_real_network(
    instrument: Instrument, least: float, most: float
) -> None:
    """Where the mesh network imagines depth on bent prints, the skin shows none."""
    moves = tuple(
        Moved(i / 15, Stance(yaw=0 if i < 8 else float(28 * np.sin((i - 8) / 40 * 2 * np.pi))))
        for i in range(49)
    )
    shown = Performance(instrument, rendered_head(), 3, None, moves)
    features, matches, first = FaceFeatures(), [], None
    for i in range(0, 49, 3):
        pixels = decode(shown.frame(i / 15, told_by((), 0.0)), limits=CaptureLimits())
        points = watcher().look(weights.frame_of(pixels)).points
        assert points is not None
        found = features.match(np.asarray(pixels[..., 1]), points)
        if first is None:
            first = points.copy()
        elif found is not None:
            matches.append(found)
    assert first is not None
    assert least <= appearance_parallax(first, matches) < most
