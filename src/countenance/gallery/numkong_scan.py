"""The scan by numkong's products of bytes, where that library is and the compiled scan isn't.

Rules kept here:

* The codes, the bound and what is done with both are the compiled scan's; only the products are numkong's.
  They are whole numbers below 2^24, so that nothing is rounded.
* A probe is coded in one plane: coarser than the compiled scan's two, so more rows are scored in full.
* The rows' codes are copied a few at a time, as signed bytes; the copy is overwritten.
"""

from __future__ import annotations

import importlib
import importlib.util
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from countenance.gallery.errors import ScanKernelUnusable
from countenance.gallery.kernels import Block, NumpyKernel, Survivors, kept
from countenance.gallery.memory import overwrite
from countenance.gallery.quantisation import SLACK, ProbePlanes, code_probes

__all__ = ["NumkongKernel", "has_numkong"]

_LIBRARY: Final = "numkong"
_SIGN: Final = 0x80
"""Changes ``q + 128`` as an unsigned byte into ``q`` as a signed one."""
_ROWS_AT_ONCE: Final = 2048
"""Their codes fit into a processor's second cache at 512 dimensions."""


def has_numkong() -> bool:
    """Return whether the library is here."""
    return importlib.util.find_spec(_LIBRARY) is not None


class NumkongKernel:
    """Products of bytes by numkong, the rest by NumPy.

    Raises:
        ScanKernelUnusable: if the library isn't installed.
    """

    __slots__ = ("_numkong", "_numpy")

    def __init__(self) -> None:
        try:
            self._numkong: Any = importlib.import_module(_LIBRARY)
        except ImportError:
            raise ScanKernelUnusable("numkong isn't installed.") from None
        self._numpy = NumpyKernel()

    @property
    def name(self) -> str:
        """What runs."""
        return _LIBRARY

    def survivors(
        self, block: Block, probe: NDArray[np.float32], planes: ProbePlanes, *, most: int, floor: float,
        capacity: int,
    ) -> Survivors | None:  # fmt: skip
        """See :class:`~countenance.gallery.kernels.ScanKernel`."""
        del planes
        probes = probe[None, :]
        floors = np.array([floor], dtype=np.float32)
        return self.batch_survivors(
            block, probes, code_probes(probes), most=most, floors=floors, capacity=capacity
        )[0]

    def batch_survivors(
        self, block: Block, probes: NDArray[np.float32], planes: ProbePlanes, *, most: int,
        floors: NDArray[np.float32], capacity: int,
    ) -> tuple[Survivors | None, ...]:  # fmt: skip
        """See :class:`~countenance.gallery.kernels.ScanKernel`."""
        products = self._products(block, planes.low)
        scales, residuals = block.scales[: block.count], block.residuals[: block.count]
        answers = []
        for one in range(probes.shape[0]):
            norm, error = planes.norms[one], planes.errors[one]
            scores = scales * planes.scales[one] * products[one]
            width = residuals * norm + (np.float32(1) + residuals) * error + np.float32(SLACK)
            answers.append(kept(block, scores, width, most=most, floor=float(floors[one]), capacity=capacity))
        return tuple(answers)

    def exact(
        self, block: Block, probe: NDArray[np.float32], rows: NDArray[np.int64] | None
    ) -> NDArray[np.float64]:
        """See :class:`~countenance.gallery.kernels.ScanKernel`."""
        return self._numpy.exact(block, probe, rows)

    def _products(self, block: Block, low: NDArray[np.int8]) -> NDArray[np.float32]:
        """Return the products of each probe with each row, float32, shape (m, block.count)."""
        many = low.shape[0]
        found = np.empty((many, block.count), dtype=np.float32)
        signed = np.empty((_ROWS_AT_ONCE, low.shape[1]), dtype=np.uint8)
        packed = self._numkong.dots_pack(low) if many > 1 else None
        for start in range(0, block.count, _ROWS_AT_ONCE):
            stop = min(start + _ROWS_AT_ONCE, block.count)
            part = signed[: stop - start]
            np.bitwise_xor(block.codes[start:stop], _SIGN, out=part)
            codes = part.view(np.int8)
            if packed is None:
                found[:, start:stop] = np.asarray(self._numkong.cdist(low, codes, "inner"))
            else:
                found[:, start:stop] = np.asarray(self._numkong.dots_packed(codes, packed)).T
        overwrite(signed)
        return found
