"""The bound itself, and that a search leans on it: a bound that is too small is found out."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from contract.scan_kernel import block_of, unit_rows
from countenance.gallery import CertifiedIndex, ScanKernel, exact_scores, runnable_kernels
from countenance.gallery.answers import Wanted, brought_near_one, rounded_down
from countenance.gallery.quantisation import (
    SLACK,
    CodedRows,
    ProbePlanes,
    code_probe,
    code_probes,
    code_rows,
)

KERNELS = runnable_kernels()
NUMBERS = st.floats(-1, 1, width=32)
ANY = st.floats(allow_nan=False, allow_infinity=False, width=32)
WIDTH = 12


def levels_of(planes: ProbePlanes) -> list[int]:
    low = planes.low[0, :WIDTH].astype(int)
    high = planes.high[0, :WIDTH].astype(int) if planes.high.size else 0 * low
    return [int(one) for one in 128 * high + low]


def exact_parts(
    row: NDArray[np.float32], probe: NDArray[np.float32], coded: CodedRows, planes: ProbePlanes
) -> tuple[Fraction, Fraction]:
    """What the codes say and what is true, as fractions: nothing is rounded."""
    rows = [int(code) - 128 for code in coded.codes[0, :WIDTH]]
    scale = Fraction(float(coded.scales[0])) * Fraction(float(planes.scales[0]))
    said = scale * sum(one * other for one, other in zip(rows, levels_of(planes), strict=True))
    true = sum(
        (Fraction(float(x)) * Fraction(float(y)) for x, y in zip(row, probe, strict=True)), Fraction(0)
    )
    return said, true


def half_width(coded: CodedRows, planes: ProbePlanes) -> Fraction:
    lost, error, norm = (
        Fraction(float(one)) for one in (coded.residuals[0], planes.errors[0], planes.norms[0])
    )
    return lost * norm + (1 + lost) * error


@pytest.mark.parametrize("code", [code_probe, lambda probe: code_probes(probe[None, :])], ids=["two", "one"])
def test_no_product_of_codes_is_further_off_than_the_bound_in_exact_arithmetic(code) -> None:  # type: ignore[no-untyped-def] # noqa: ANN001
    @given(arrays(np.float32, WIDTH, elements=NUMBERS), arrays(np.float32, WIDTH, elements=NUMBERS))
    def holds(row: NDArray[np.float32], probe: NDArray[np.float32]) -> None:
        length = max(1.0, float(np.linalg.norm(row.astype(np.float64))))
        row = (row / np.float32(length)).astype(np.float32)
        coded, planes = code_rows(row[None, :]), code(probe)
        said, true = exact_parts(row, probe, coded, planes)
        # 1 + r is for rows of length 1 at most; float32 rounding of the row can pass it by 2^-22.
        assert abs(said - true) <= half_width(coded, planes) + Fraction(1, 2**20) * Fraction(
            float(planes.errors[0])
        )

    holds()


def test_the_bound_is_not_much_larger_than_it_has_to_be() -> None:
    """A probe along what a row lost comes close to it; half the bound would be wrong."""
    row = unit_rows(1, 192, seed=1)[0]
    coded = code_rows(row[None, :])
    lost = row - coded.scales[0] * (coded.codes[0].astype(np.float32) - 128)
    probe = (lost / np.linalg.norm(lost)).astype(np.float32)
    planes = code_probe(probe)
    levels = 128 * planes.high[0].astype(float) + planes.low[0]
    said = float(coded.scales[0]) * float(planes.scales[0]) * ((coded.codes[0].astype(float) - 128) @ levels)
    off = abs(said - float(row.astype(float) @ probe.astype(float)))
    bound = float(coded.residuals[0] * planes.norms[0] + (1 + coded.residuals[0]) * planes.errors[0])
    assert 0.9 * bound < off <= bound


@pytest.mark.parametrize("kernel", KERNELS, ids=lambda kernel: kernel.name)
def test_the_slack_covers_what_float32_rounds_away(kernel: ScanKernel) -> None:
    """With no residual and no error, what is left is rounding: it stays far below the slack."""
    signs = np.random.default_rng(2).choice([-1.0, 1.0], (400, 1024))
    rows = (signs / 32).astype(np.float32)  # 127 a coordinate: nothing is lost
    block = block_of(rows)
    probe = rows[0] * np.float32(0.999)
    survivors = kernel.survivors(block, probe, code_probe(probe), most=0, floor=-np.inf, capacity=400)
    assert survivors is not None
    true = exact_scores(rows, probe)
    assert (true <= survivors.uppers).all()
    lost = np.abs(true - survivors.scores.astype(np.float64)) - (float(code_probe(probe).errors[0]) + 1e-6)
    assert lost.max() < SLACK / 10 or kernel.name in {"numpy", "numkong"}


@pytest.mark.parametrize("kernel", KERNELS, ids=lambda kernel: kernel.name)
@pytest.mark.parametrize("scale", [1e-45, 1e-38, 1e-20, 1e-3, 1.0, 1e3, 1e20, 1e38])
def test_a_probe_of_any_length_is_answered(kernel: ScanKernel, scale: float) -> None:
    """The best of references 1e-7 apart, whatever the probe is multiplied by."""
    base = unit_rows(1, 192, seed=3)[0].astype(np.float64)
    noise = np.random.default_rng(4).standard_normal((300, 192)) / math.sqrt(192)
    rows = base + 1e-7 * noise
    rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    index = CertifiedIndex(dimensions=192, kernel=kernel, chunk_rows=128)
    names = [f"ref_{number:03}" for number in range(300)]
    index.add(names, rows)
    held = np.stack([index.vector(name) for name in names])
    probe = (rows[7].astype(np.float64) * scale).astype(np.float32)
    scores = exact_scores(held, probe)
    true = sorted(zip(names, scores.tolist(), strict=True), key=lambda one: (-one[1], one[0]))
    for answer in (index.search(probe, most=3), index.search_many(probe[None, :], most=3)[0]):
        assert [(one.reference_id, one.score) for one in answer.candidates] == true[:3]
    least = true[2][1]
    some = index.search(probe, most=None, at_least=least)
    assert len(some.candidates) == sum(score >= least for _, score in true)
    index.close()


@pytest.mark.skipif(KERNELS[0].name == "numpy", reason="NumPy's scan has no codes")
def test_a_bound_that_is_too_small_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: were residuals too small, answers would be wrong."""

    def smaller(rows: NDArray[np.float32]) -> CodedRows:
        coded = code_rows(rows)
        return CodedRows(coded.codes, coded.scales, coded.residuals * np.float32(1e-3))

    monkeypatch.setattr("countenance.gallery.index.code_rows", smaller)
    index = CertifiedIndex(dimensions=192, kernel=KERNELS[0])
    base = unit_rows(1, 192, seed=5)[0].astype(np.float64)
    noise = np.random.default_rng(6).standard_normal((2000, 192)) / math.sqrt(192)
    rows = base + 0.02 * noise
    index.add(
        [f"{number:04}" for number in range(2000)],
        (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32),
    )
    held = np.stack([index.vector(f"{number:04}") for number in range(2000)])
    probes = (held[:60].astype(np.float64) + 0.02 * noise[100:160]).astype(np.float32)
    wrong = sum(
        int(index.search(probe).candidates[0].reference_id) != int(np.argmax(exact_scores(held, probe)))
        for probe in probes
    )
    assert wrong > 0
    index.close()


@given(arrays(np.float32, 5, elements=ANY))
def test_a_probe_is_brought_near_one_without_rounding(probe: NDArray[np.float32]) -> None:
    near, exponent = brought_near_one(probe)
    length = float(np.linalg.norm(near.astype(np.float64)))
    if not probe.any():
        assert (length, exponent) == (0.0, 0)
        return
    assert 0.49 < length <= 1.0001
    back = np.ldexp(near.astype(np.float64), exponent)
    # What underflows is smaller than 2^-149 of the probe's own size.
    assert np.abs(back - probe).max() <= math.ldexp(1.0, exponent - 149)


@settings(max_examples=300)
@given(st.floats(allow_nan=False), st.integers(-150, 130), st.floats(-1.01, 1.01))
def test_a_least_score_keeps_its_order_beside_scores(at_least: float, exponent: int, near: float) -> None:
    """Whatever reaches the score that was asked for reaches the floor of the scan."""
    floor = float(rounded_down(np.float64(Wanted.of(None, at_least).floor(exponent))))
    if math.ldexp(near, exponent) >= at_least:
        assert near >= floor


def test_a_score_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="a number"):
        Wanted.of(None, math.nan)
    for endless in (math.inf, -math.inf):
        assert Wanted.of(None, endless).floor(0) == math.copysign(4, endless)
    assert Wanted.of(None, 0.0).floor(-140) == 0.0
