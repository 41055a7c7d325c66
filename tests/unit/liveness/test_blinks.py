"""Blinks are found against the person's own open eyes, and nothing else is called one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from countenance.liveness import blinks_in

RATE = 15.0


def series(
    frames: int = 90, *, own: float = 0.4, seed: int = 1
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Eyes that stay open, with a network's jitter."""
    jitter = np.random.default_rng(seed).normal(0, 0.01, frames)
    return np.arange(frames) / RATE, own + jitter


def test_lids_that_fall_and_rise_are_a_blink() -> None:
    taken, opened = series()
    opened[30:34] = (0.25, 0.1, 0.12, 0.28)
    (blink,) = blinks_in(taken, opened)
    assert blink.at == pytest.approx(31 / RATE)
    assert blink.seconds == pytest.approx(5 / RATE)
    assert blink.depth == pytest.approx(0.25, abs=0.02)


@pytest.mark.parametrize("own", [0.2, 0.3, 0.5])
def test_narrow_eyes_blink_as_wide_ones_do(own: float) -> None:
    taken, opened = series(own=own)
    opened[20:23] = 0.4 * own
    opened[60:62] = 0.3 * own
    assert len(blinks_in(taken, opened)) == 2


def test_eyes_that_stay_open_do_not_blink() -> None:
    assert blinks_in(*series()) == ()


@pytest.mark.parametrize(
    "down",
    [
        pytest.param(slice(20, 45), id="shut for long"),
        pytest.param(slice(0, 4), id="shut at the beginning"),
        pytest.param(slice(86, 90), id="shut at the end"),
    ],
)
def test_lids_that_were_not_seen_to_fall_and_rise_are_no_blink(down: slice) -> None:
    taken, opened = series()
    opened[down] = 0.1
    assert blinks_in(taken, opened) == ()


@pytest.mark.parametrize("gap", [slice(34, 37), slice(27, 30)])
def test_beside_a_gap_nothing_is_known(gap: slice) -> None:
    taken, opened = series()
    opened[30:34] = 0.1
    opened[gap] = np.nan
    assert blinks_in(taken, opened) == ()


@pytest.mark.parametrize("openness", [np.full(90, np.nan), np.zeros(90), np.full(5, 0.4)])
def test_what_was_not_measured_has_no_blinks(openness: NDArray[np.float64]) -> None:
    assert blinks_in(np.arange(len(openness)) / RATE, openness) == ()


@given(seed=st.integers(0, 200), at=st.lists(st.integers(2, 26), max_size=5, unique=True))
@settings(max_examples=40, deadline=None)
def test_every_blink_that_is_apart_from_others_is_counted_once(seed: int, at: list[int]) -> None:
    taken, opened = series(seed=seed)
    for place in at:
        opened[3 * place : 3 * place + 2] = 0.1
    apart = len(at) - sum(place + 1 in at for place in at)
    found = blinks_in(taken, opened)
    assert apart <= len(found) <= len(at)
    assert all(0 < blink.depth < 0.75 for blink in found)
