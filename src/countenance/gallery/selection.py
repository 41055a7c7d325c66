"""Which scan runs here.

Rules kept here:

* The fastest that this machine runs is chosen, and whoever asks is told which. The answers are the same.
"""

from __future__ import annotations

from dataclasses import dataclass

from countenance.gallery.kernels import NumpyKernel, ScanKernel
from countenance.gallery.native import NativeKernel, supported
from countenance.gallery.numkong_scan import NumkongKernel, has_numkong

__all__ = ["ScanState", "choose_kernel", "runnable_kernels", "scan_state"]


@dataclass(frozen=True, slots=True)
class ScanState:
    """What scans galleries here.

    Attributes:
        kernel: what is chosen: ``AVX-512 VNNI``, ``AVX2``, ``portable C``, ``numkong`` or ``numpy``.
        compiled: whether that is the compiled scan.
        others: what else would run, the fastest first.
        remedy: what would make it faster; empty where nothing would.
    """

    kernel: str
    compiled: bool
    others: tuple[str, ...]
    remedy: str


def runnable_kernels() -> tuple[ScanKernel, ...]:
    """Return every kernel that runs here, the fastest first; NumPy's is always the last."""
    native = tuple(NativeKernel(one) for one in reversed(supported()))
    between = (NumkongKernel(),) if has_numkong() else ()
    return (*native, *between, NumpyKernel())


def choose_kernel() -> ScanKernel:
    """Return the fastest kernel that runs here."""
    return runnable_kernels()[0]


def scan_state() -> ScanState:
    """Return what scans galleries here, and what would make it faster."""
    chosen, *others = (kernel.name for kernel in runnable_kernels())
    compiled = bool(supported())
    return ScanState(
        kernel=chosen,
        compiled=compiled,
        others=tuple(others),
        remedy="" if compiled else "make native builds the compiled scan, where there is a C compiler.",
    )
