"""The keyed rotation: scores stay, keys are unlinkable, re-keying needs nobody."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from countenance.templates import KeyedRotation

VECTORS = Path(__file__).parents[2] / "vectors" / "templates"
ONE, OTHER = bytes(range(32)), bytes(range(1, 33))


def units(n: int, dimensions: int, seed: int = 3) -> NDArray[np.float32]:
    drawn = np.random.default_rng(seed).standard_normal((n, dimensions))
    rows: NDArray[np.float32] = (drawn / np.linalg.norm(drawn, axis=1, keepdims=True)).astype(np.float32)
    return rows


def test_the_golden_vector() -> None:
    lines = (VECTORS / "rotation_v1.txt").read_text(encoding="utf-8").splitlines()
    expected = np.array([float(line) for line in lines if line and not line.startswith("#")])
    plain = np.zeros(expected.size, dtype=np.float32)
    plain[0] = 1.0
    turned = KeyedRotation(ONE, dimensions=expected.size).protect(plain)
    np.testing.assert_allclose(turned, expected, atol=2e-7)


@pytest.mark.parametrize("dimensions", [2, 3, 128, 192, 512])
def test_scores_stay(dimensions: int) -> None:
    rotation = KeyedRotation(ONE, dimensions=dimensions)
    left, right = units(300, dimensions), units(300, dimensions, seed=4)
    before = left.astype(np.float64) @ right.astype(np.float64).T
    after = rotation.protect(left).astype(np.float64) @ rotation.protect(right).astype(np.float64).T
    assert np.abs(before - after).max() < 1e-6
    assert np.abs(np.linalg.norm(rotation.protect(left), axis=1) - 1).max() < 1e-6


@settings(max_examples=30)
@given(st.binary(min_size=32, max_size=32), st.integers(2, 40))
def test_every_matrix_is_orthogonal(secret: bytes, dimensions: int) -> None:
    identity = np.eye(dimensions, dtype=np.float32)
    matrix = KeyedRotation(secret, dimensions=dimensions).protect(identity).astype(np.float64)
    np.testing.assert_allclose(matrix @ matrix.T, np.eye(dimensions), atol=1e-6)


def test_one_vector_is_turned_as_many_are() -> None:
    rotation, rows = KeyedRotation(ONE, dimensions=64), units(5, 64)
    together = rotation.protect(rows)
    for row, turned in zip(rows, together, strict=True):
        np.testing.assert_allclose(rotation.protect(row), turned, atol=1e-7)


def test_two_keys_are_not_alike() -> None:
    rows = units(2000, 192)
    first = KeyedRotation(ONE, dimensions=192).protect(rows)
    second = KeyedRotation(OTHER, dimensions=192).protect(rows)
    cosines = np.einsum("ij,ij->i", first, second)
    # One matrix keeps its own small mean over many people, about 1/sqrt(d) of one vector's spread.
    assert abs(cosines.mean()) < 0.03
    assert np.abs(cosines).max() < 0.4
    assert abs(np.einsum("ij,ij->i", first, rows).mean()) < 0.03


def test_over_many_keys_the_mean_is_zero() -> None:
    plain = units(1, 32)[0]
    turned = np.array(
        [KeyedRotation(i.to_bytes(32, "big"), dimensions=32).protect(plain) for i in range(800)]
    )
    assert np.abs(turned.mean(axis=0)).max() < 4.5 / np.sqrt(32 * 800)
    # Uniform on the sphere: a coordinate's variance is 1/d.
    assert np.abs(turned.var(axis=0) * 32 - 1).max() < 0.35


def test_both_determinants_occur() -> None:
    identity = np.eye(5, dtype=np.float32)
    signs = {
        np.sign(np.linalg.det(KeyedRotation(i.to_bytes(32, "big"), dimensions=5).protect(identity)))
        for i in range(20)
    }
    assert signs == {-1.0, 1.0}


def test_the_dimensions_are_part_of_the_key() -> None:
    small = KeyedRotation(ONE, dimensions=4).protect(np.eye(4, dtype=np.float32))
    large = KeyedRotation(ONE, dimensions=5).protect(np.eye(5, dtype=np.float32))
    assert np.abs(small - large[:4, :4]).max() > 0.1


@pytest.mark.parametrize("dimensions", [3, 192])
def test_re_keying_needs_nobody(dimensions: int) -> None:
    rows = units(200, dimensions)
    old, new = KeyedRotation(ONE, dimensions=dimensions), KeyedRotation(OTHER, dimensions=dimensions)
    moved = old.to(new).move(old.protect(rows))
    np.testing.assert_allclose(moved, new.protect(rows), atol=4e-7)
    probe = units(1, dimensions, seed=9)[0]
    plain = rows.astype(np.float64) @ probe
    assert np.abs(moved.astype(np.float64) @ new.protect(probe) - plain).max() < 1e-6


def test_an_old_probe_finds_nobody_under_the_new_key() -> None:
    rows = units(500, 192)
    old, new = KeyedRotation(ONE, dimensions=192), KeyedRotation(OTHER, dimensions=192)
    scores = np.einsum("ij,ij->i", old.protect(rows), old.to(new).move(old.protect(rows)))
    assert abs(scores.mean()) < 0.03


@pytest.mark.parametrize(
    ("secret", "dimensions"), [(b"", 8), (bytes(31), 8), (bytes(33), 8), (ONE, 1), (ONE, 1025)]
)
def test_what_is_out_of_range_is_refused(secret: bytes, dimensions: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        KeyedRotation(secret, dimensions=dimensions)


@pytest.mark.parametrize(
    "rows", [units(1, 7)[0], units(2, 9), units(2, 8).astype(np.float64)], ids=["7", "9", "64"]
)
def test_other_vectors_are_refused(rows: NDArray[np.float32]) -> None:
    rotation = KeyedRotation(ONE, dimensions=8)
    with pytest.raises(ValueError, match="float32"):
        rotation.protect(rows)
    with pytest.raises(ValueError, match="float32"):
        rotation.to(KeyedRotation(OTHER, dimensions=8)).move(rows)


def test_rotations_of_other_dimensions_have_no_transfer() -> None:
    with pytest.raises(ValueError, match="same dimensions"):
        KeyedRotation(ONE, dimensions=8).to(KeyedRotation(ONE, dimensions=9))


def test_wiped_it_turns_to_nothing_and_shows_nothing() -> None:
    rotation = KeyedRotation(ONE, dimensions=8)
    assert repr(rotation) == "KeyedRotation(dimensions=8)"
    assert repr(rotation.to(rotation)) == "Transfer(dimensions=8)"
    rotation.wipe()
    assert not rotation.protect(units(2, 8)).any()
