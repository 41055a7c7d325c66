"""What every scan kernel must keep: no row that counts is excluded, and exact scores have the same bits."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from countenance.gallery import Block, ScanKernel, exact_scores
from countenance.gallery.quantisation import code_probe, code_probes, code_rows, padded

DIMENSIONS = (1, 63, 64, 100, 128, 192, 512, 1000, 1024)


def unit_rows(n: int, dimensions: int, *, seed: int) -> NDArray[np.float32]:
    rows = np.random.default_rng(seed).standard_normal((n, dimensions)).astype(np.float32)
    lengths = np.linalg.norm(rows.astype(np.float64), axis=1, keepdims=True)
    return np.asarray(rows / np.where(lengths > 0, lengths, 1), dtype=np.float32)


def block_of(rows: NDArray[np.float32], *, allowed: NDArray[np.uint8] | None = None) -> Block:
    coded = code_rows(rows)
    room = np.empty(coded.codes.size + 64, dtype=np.uint8)
    start = -room.ctypes.data % 64
    codes = room[start : start + coded.codes.size].reshape(coded.codes.shape)
    codes[...] = coded.codes
    return Block(np.ascontiguousarray(rows), codes, coded.scales, coded.residuals, allowed, len(rows))


@st.composite
def extreme_rows(draw: st.DrawFn) -> NDArray[np.float32]:
    """A few rows of numbers that are hard to round, each of length 1 (or 0)."""
    dimensions = draw(st.sampled_from([1, 7, 64, 70, 192]))
    numbers = st.sampled_from([0.0, 1.0, -1.0, 1e-30, 1e-7, 0.5, -0.49999, 127.0, 1e6])
    row = st.lists(numbers, min_size=dimensions, max_size=dimensions)
    rows = np.array(draw(st.lists(row, min_size=1, max_size=5)))
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(lengths > 0, lengths, 1), dtype=np.float32)


def keeps_bounds(kernel: ScanKernel, rows: NDArray[np.float32], probe: NDArray[np.float32]) -> None:
    block, many = block_of(rows), len(rows)
    single = kernel.survivors(block, probe, code_probe(probe), most=0, floor=-np.inf, capacity=many)
    (batch,) = kernel.batch_survivors(
        block,
        probe[None, :],
        code_probes(probe[None, :]),
        most=0,
        floors=np.array([-np.inf], dtype=np.float32),
        capacity=many,
    )
    true = exact_scores(rows, probe)
    for survivors in (single, batch):
        assert survivors is not None
        assert survivors.rows.size == many
        assert (true <= survivors.uppers).all()
        assert (true >= 2.0 * survivors.scores.astype(np.float64) - survivors.uppers).all()


class ScanKernelContract:
    """Subclass and give ``make_kernel``."""

    def make_kernel(self) -> ScanKernel:
        raise NotImplementedError

    @pytest.fixture
    def kernel(self) -> ScanKernel:
        return self.make_kernel()

    def test_it_says_what_it_is(self, kernel: ScanKernel) -> None:
        assert kernel.name

    @pytest.mark.parametrize("dimensions", DIMENSIONS)
    @pytest.mark.parametrize("count", [1, 3, 4, 5, 1023, 1024, 1025, 2050])
    def test_exact_scores_have_the_same_bits_everywhere(
        self, kernel: ScanKernel, dimensions: int, count: int
    ) -> None:
        rows, probe = unit_rows(count, dimensions, seed=1), unit_rows(1, dimensions, seed=2)[0]
        expected = exact_scores(rows, probe)
        assert np.array_equal(kernel.exact(block_of(rows), probe, None), expected)
        some = np.arange(0, count, 2, dtype=np.int64)[::-1].copy()
        assert np.array_equal(kernel.exact(block_of(rows), probe, some), expected[some])

    @pytest.mark.parametrize("dimensions", DIMENSIONS)
    def test_no_score_leaves_its_bound(self, kernel: ScanKernel, dimensions: int) -> None:
        rows, probe = unit_rows(1500, dimensions, seed=3), unit_rows(1, dimensions, seed=4)[0]
        block = block_of(rows)
        survivors = kernel.survivors(block, probe, code_probe(probe), most=0, floor=-np.inf, capacity=1500)
        assert survivors is not None
        assert survivors.rows.tolist() == list(range(1500))
        true = kernel.exact(block, probe, None)
        width = survivors.uppers.astype(np.float64) - survivors.scores
        assert (np.abs(true - survivors.scores) <= width).all()
        assert width.max() < 0.1

    def test_no_extreme_leaves_its_bound(self, kernel: ScanKernel) -> None:
        @given(st.data())
        def keeps_its_bound(data: st.DataObject) -> None:
            unit, probe = (
                data.draw(extreme_rows()),
                np.float32(data.draw(st.sampled_from([1.0, -1.0, 0.0, 0.3]))),
            )
            keeps_bounds(kernel, unit, unit[0] * probe)

        keeps_its_bound()

    @pytest.mark.parametrize("most", [1, 2, 10, 3000])
    @pytest.mark.parametrize("dimensions", [100, 192, 512])
    def test_none_of_the_best_is_excluded(self, kernel: ScanKernel, dimensions: int, most: int) -> None:
        rows = unit_rows(3000, dimensions, seed=5)
        rows[1500] = rows[7]  # a tie
        rows[2000] = np.nextafter(rows[7], np.float32(1))  # nearly
        block = block_of(rows)
        for probe in (rows[7], -rows[7], unit_rows(1, dimensions, seed=6)[0]):
            true = exact_scores(rows, probe)
            best = np.flatnonzero(true >= np.sort(true)[-min(most, 3000)])
            single = kernel.survivors(
                block, probe, code_probe(probe), most=most, floor=-np.inf, capacity=3000
            )
            (batch,) = kernel.batch_survivors(
                block, probe[None, :], code_probes(probe[None, :]), most=most,
                floors=np.array([-np.inf], dtype=np.float32), capacity=3000,
            )  # fmt: skip
            for survivors in (single, batch):
                assert survivors is not None
                assert set(best) <= set(survivors.rows.tolist())
            if most == 1:
                assert single is not None
                assert single.rows.size < 100  # it does exclude

    @pytest.mark.parametrize("floor", [-1.0, 0.0, 0.05, 0.4, 1.0, 1.1])
    def test_none_that_reaches_the_floor_is_excluded(self, kernel: ScanKernel, floor: float) -> None:
        rows, probe = unit_rows(2000, 192, seed=7), unit_rows(1, 192, seed=8)[0]
        rows[11] = probe
        block = block_of(rows)
        survivors = kernel.survivors(block, probe, code_probe(probe), most=0, floor=floor, capacity=2000)
        assert survivors is not None
        assert set(np.flatnonzero(exact_scores(rows, probe) >= floor)) <= set(survivors.rows.tolist())

    def test_rows_that_take_no_part_are_left_out_and_raise_no_floor(self, kernel: ScanKernel) -> None:
        rows, probe = unit_rows(2000, 192, seed=9), unit_rows(1, 192, seed=10)[0]
        rows[5] = probe
        allowed = np.ones(2000, dtype=np.uint8)
        allowed[5] = 0
        block = block_of(rows, allowed=allowed)
        survivors = kernel.survivors(block, probe, code_probe(probe), most=1, floor=-np.inf, capacity=2000)
        assert survivors is not None
        true = exact_scores(rows, probe)
        true[5] = -np.inf
        assert 5 not in survivors.rows
        assert int(np.argmax(true)) in survivors.rows

    def test_what_does_not_fit_is_said(self, kernel: ScanKernel) -> None:
        rows = np.repeat(unit_rows(1, 192, seed=11), 500, axis=0)
        block, probe = block_of(rows), rows[0]
        assert kernel.survivors(block, probe, code_probe(probe), most=1, floor=-np.inf, capacity=499) is None
        assert (
            kernel.survivors(block, probe, code_probe(probe), most=1, floor=-np.inf, capacity=500) is not None
        )
        two = np.stack([probe, unit_rows(1, 192, seed=12)[0] * np.float32(0)])
        answers = kernel.batch_survivors(
            block,
            two,
            code_probes(two),
            most=1,
            floors=np.array([-np.inf, 0.5], dtype=np.float32),
            capacity=499,
        )
        assert answers[0] is None
        assert answers[1] is not None
        assert answers[1].rows.size == 0

    @pytest.mark.parametrize("many", [1, 3, 4, 5, 64])
    def test_a_batch_leaves_out_no_more_than_it_may(self, kernel: ScanKernel, many: int) -> None:
        rows, probes = unit_rows(2500, 192, seed=13), unit_rows(many, 192, seed=14)
        block = block_of(rows)
        answers = kernel.batch_survivors(
            block,
            probes,
            code_probes(probes),
            most=3,
            floors=np.full(many, -np.inf, dtype=np.float32),
            capacity=2500,
        )
        assert len(answers) == many
        for probe, survivors in zip(probes, answers, strict=True):
            assert survivors is not None
            best = np.argsort(-exact_scores(rows, probe), kind="stable")[:3]
            assert set(best.tolist()) <= set(survivors.rows.tolist())

    def test_an_empty_block_has_no_survivors(self, kernel: ScanKernel) -> None:
        probe = unit_rows(1, 192, seed=15)[0]
        empty = Block(
            np.zeros((8, 192), np.float32), np.zeros((8, padded(192)), np.uint8), np.zeros(8, np.float32),
            np.zeros(8, np.float32), None, 0,
        )  # fmt: skip
        survivors = kernel.survivors(empty, probe, code_probe(probe), most=1, floor=-np.inf, capacity=4)
        assert survivors is not None
        assert survivors.rows.size == 0
