"""A sheet moves with its face; a door stays where it is."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.evidence import EvidenceContract
from countenance.liveness import Species
from countenance.liveness.evidence import Bearing, Evidence, RidingRectangle, Take
from liveness_heads import PIVOT, flat, head, live_take, seen, shaken, take_of, turned

SHEET = np.array([[-9.0, -11.0, 0.0], [9, -11, 0], [9, 11, 0], [-9, 11, 0]])
MOVES = np.stack([4 * np.sin(np.linspace(0, 6, 60)), np.cos(np.linspace(0, 4, 60)), np.zeros(60)], axis=1)


class TestRidingRectangle(EvidenceContract):
    @pytest.fixture
    def evidence(self) -> Evidence:
        return RidingRectangle()


def held(seed: int, degrees: float) -> Take:
    """A sheet with a face and an edge, moved and turned together."""
    shape, yaw = head(seed), shaken(degrees)
    space = turned(np.concatenate([flat(shape), SHEET]), yaw, 0.0) + MOVES[:, None]
    pixels = seen(space)
    take = take_of(pixels[:, :468], shape, yaw, seed)
    return dataclasses.replace(take, corners=pixels[:, 468:].astype(np.float32))


def before_a_door(seed: int) -> Take:
    """A person who moves in front of a door frame."""
    shape, yaw = head(seed), shaken(25)
    take = take_of(seen(turned(shape, yaw, PIVOT) + MOVES[:, None]), shape, yaw, seed)
    door = np.array([[200, 80], [470, 80], [470, 420], [200, 420]], dtype=np.float32)
    noise = np.random.default_rng(seed).normal(0, 0.5, (60, 4, 2)).astype(np.float32)
    return dataclasses.replace(take, corners=door + noise)


@settings(max_examples=15)
@given(seed=st.integers(0, 2**20), degrees=st.floats(0, 35))
def test_a_sheet_that_is_moved_is_denied(seed: int, degrees: float) -> None:
    reading = RidingRectangle().read(held(seed, degrees))
    assert (reading.bearing, reading.species) == (Bearing.DENIES, Species.PRINT)


@settings(max_examples=15)
@given(seed=st.integers(0, 2**20))
def test_a_door_behind_a_person_is_not(seed: int) -> None:
    assert RidingRectangle().read(before_a_door(seed)).bearing is Bearing.SILENT


def test_a_rectangle_that_never_moves_says_nothing() -> None:
    take = live_take(2, 3.0)
    corners = np.array([[0, 0], [9, 0], [9, 9], [0, 9]], dtype=np.float32)
    still = dataclasses.replace(take, corners=np.tile(corners, (60, 1, 1)))
    assert RidingRectangle().read(still).bearing is Bearing.SILENT


def test_a_rectangle_in_a_few_frames_says_nothing() -> None:
    take = held(2, 20)
    corners = take.corners.copy()
    corners[10:] = np.nan
    assert RidingRectangle().read(dataclasses.replace(take, corners=corners)).bearing is Bearing.SILENT
