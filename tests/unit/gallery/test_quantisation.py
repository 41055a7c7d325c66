"""Rows and probes as integers: what they lose is never more than they say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from countenance.gallery.quantisation import code_probe, code_probes, code_rows, padded

NUMBERS = st.floats(-1, 1, width=32)


@pytest.mark.parametrize(("dimensions", "bytes_"), [(1, 64), (64, 64), (65, 128), (192, 192), (512, 512)])
def test_rows_are_padded_to_whole_registers(dimensions: int, bytes_: int) -> None:
    assert padded(dimensions) == bytes_


@given(arrays(np.float32, (4, 20), elements=NUMBERS))
def test_a_residual_covers_what_a_row_loses(rows: np.ndarray) -> None:
    coded = code_rows(rows)
    back = coded.scales[:, None].astype(np.float64) * (coded.codes[:, :20].astype(np.float64) - 128)
    assert (np.linalg.norm(rows - back, axis=1) <= coded.residuals).all()
    assert (coded.codes[:, 20:] == 128).all()  # padding stands for zero
    assert (coded.codes >= 1).all()
    assert (coded.scales > 0).all()


@given(arrays(np.float32, 20, elements=st.floats(-1e6, 1e6, width=32)))
def test_an_error_covers_what_a_probe_loses(probe: np.ndarray) -> None:
    planes = code_probe(probe)
    levels = 128 * planes.high[0, :20].astype(np.int64) + planes.low[0, :20]
    back = float(planes.scales[0]) * levels
    assert np.linalg.norm(probe.astype(np.float64) - back) <= planes.errors[0]
    assert np.linalg.norm(probe.astype(np.float64)) <= planes.norms[0]
    assert planes.corrections[0] == 128 * levels.sum()
    assert np.abs(planes.high).max() <= 63  # so that 16-bit sums of two products can't overflow
    assert np.abs(planes.low.astype(np.int64)).max() <= 64


@given(arrays(np.float32, (3, 20), elements=st.floats(-10, 10, width=32)))
def test_an_error_covers_what_probes_lose_in_one_plane(probes: np.ndarray) -> None:
    planes = code_probes(probes)
    back = planes.scales[:, None].astype(np.float64) * planes.low[:, :20]
    assert (np.linalg.norm(probes - back, axis=1) <= planes.errors).all()
    assert (planes.corrections == 128 * planes.low.astype(np.int64).sum(axis=1)).all()


def test_nothing_becomes_nothing() -> None:
    zero = np.zeros(192, dtype=np.float32)
    planes = code_probe(zero)
    assert not planes.high.any()
    assert not planes.low.any()
    assert (code_rows(zero[None, :]).codes == 128).all()
