"""The kernels that run here, each against the one contract; and each against the others."""

from __future__ import annotations

import numpy as np
import pytest

from contract.scan_kernel import ScanKernelContract, block_of, unit_rows
from countenance.gallery import (
    InstructionSet,
    NativeKernel,
    NumkongKernel,
    NumpyKernel,
    ScanKernel,
    choose_kernel,
    has_numkong,
    supported,
)
from countenance.gallery.quantisation import code_probe, code_probes


def native(instructions: InstructionSet) -> ScanKernel:
    if instructions not in supported():
        pytest.skip(f"{instructions.name}: not built, or not on this processor")
    return NativeKernel(instructions)


class TestNumpy(ScanKernelContract):
    def make_kernel(self) -> ScanKernel:
        return NumpyKernel()


class TestNumkong(ScanKernelContract):
    def make_kernel(self) -> ScanKernel:
        if not has_numkong():
            pytest.skip("numkong: not installed")
        return NumkongKernel()


class TestPortable(ScanKernelContract):
    def make_kernel(self) -> ScanKernel:
        return native(InstructionSet.PORTABLE)


class TestAvx2(ScanKernelContract):
    def make_kernel(self) -> ScanKernel:
        return native(InstructionSet.AVX2)


class TestAvx512Vnni(ScanKernelContract):
    def make_kernel(self) -> ScanKernel:
        return native(InstructionSet.AVX512_VNNI)


@pytest.mark.skipif(len(supported()) < 2, reason="one instruction set at most")
@pytest.mark.parametrize("dimensions", [1, 64, 100, 128, 192, 320, 512, 1024])
def test_the_instruction_sets_agree_to_the_last_bit(dimensions: int) -> None:
    rows, probes = unit_rows(1500, dimensions, seed=1), unit_rows(5, dimensions, seed=2)
    rows[0], rows[1] = 0, 1 / np.sqrt(dimensions)
    block = block_of(rows)
    kernels = [NativeKernel(one) for one in supported()]
    planes, batch = code_probe(probes[0]), code_probes(probes)
    floors = np.full(5, -np.inf, dtype=np.float32)
    singles = [
        kernel.survivors(block, probes[0], planes, most=0, floor=-np.inf, capacity=1500) for kernel in kernels
    ]
    batches = [
        kernel.batch_survivors(block, probes, batch, most=2, floors=floors, capacity=1500)
        for kernel in kernels
    ]
    for single, many in zip(singles, batches, strict=True):
        assert single is not None
        assert singles[0] is not None
        assert np.array_equal(single.scores, singles[0].scores)
        assert np.array_equal(single.uppers, singles[0].uppers)
        for mine, first in zip(many, batches[0], strict=True):
            assert mine is not None
            assert first is not None
            assert np.array_equal(mine.rows, first.rows)
            assert np.array_equal(mine.scores, first.scores)


@pytest.mark.skipif(not supported(), reason="the compiled scan isn't installed")
def test_the_widest_products_do_not_overflow() -> None:
    rows = np.full((8, 1024), 1 / 32, dtype=np.float32)
    rows[4:] *= -1
    block = block_of(rows)
    for probe in (rows[0], rows[4]):
        for instructions in supported():
            survivors = NativeKernel(instructions).survivors(
                block, probe, code_probe(probe), most=0, floor=-np.inf, capacity=8
            )
            assert survivors is not None
            assert np.allclose(survivors.scores, rows @ probe, atol=1e-3)


@pytest.mark.skipif(not supported(), reason="the compiled scan isn't installed")
def test_the_fastest_that_runs_is_chosen() -> None:
    assert choose_kernel().name == NativeKernel(supported()[-1]).name
