"""The scan written in C, where its library is installed (``countenance-scan``) and fits this processor."""

from __future__ import annotations

import ctypes
from enum import IntEnum
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from countenance.gallery.errors import ScanKernelUnusable
from countenance.gallery.kernels import Block, Survivors
from countenance.gallery.quantisation import SLACK, ProbePlanes

__all__ = ["InstructionSet", "NativeKernel", "supported"]

_ABI: Final = 1
_OUT_OF_MEMORY: Final = -2


class InstructionSet(IntEnum):
    """What the library can run with, the slowest first."""

    PORTABLE = 0
    AVX2 = 1
    AVX512_VNNI = 2


_NAMES: Final = {
    InstructionSet.PORTABLE: "portable C",
    InstructionSet.AVX2: "AVX2",
    InstructionSet.AVX512_VNNI: "AVX-512 VNNI",
}


class NativeKernel:
    """One instruction set of the library.

    Args:
        instructions: which.

    Raises:
        ScanKernelUnusable: if the library isn't installed, is of another version, or this processor doesn't
            have the instructions.
    """

    __slots__ = ("_instructions", "_library")

    def __init__(self, instructions: InstructionSet) -> None:
        self._library = _load()
        if not self._library.countenance_scan_supports(int(instructions)):
            msg = f"This processor doesn't run {_NAMES[instructions]}."
            raise ScanKernelUnusable(msg)
        self._instructions = instructions

    @property
    def name(self) -> str:
        """What runs."""
        return _NAMES[self._instructions]

    def survivors(
        self, block: Block, probe: NDArray[np.float32], planes: ProbePlanes, *, most: int, floor: float,
        capacity: int,
    ) -> Survivors | None:  # fmt: skip
        """See :class:`~countenance.gallery.kernels.ScanKernel`."""
        del probe
        high, low = _aligned(planes.high), _aligned(planes.low)
        rows = np.empty(capacity, dtype=np.int64)
        scores = np.empty(capacity, dtype=np.float32)
        uppers = np.empty(capacity, dtype=np.float32)
        found = self._library.countenance_scan_candidates(
            int(self._instructions), _at(block.codes), _at(block.scales), _at(block.residuals),
            _at(block.allowed), 0, block.count, block.codes.shape[1], _at(high), _at(low),
            int(planes.corrections[0]), float(planes.scales[0]), float(planes.norms[0]),
            float(planes.errors[0]),
            SLACK, min(most, block.count), floor, capacity, _at(rows), _at(scores), _at(uppers),
        )  # fmt: skip
        if found == _OUT_OF_MEMORY:
            raise MemoryError
        return None if found < 0 else Survivors(rows[:found], scores[:found], uppers[:found])

    def batch_survivors(
        self, block: Block, probes: NDArray[np.float32], planes: ProbePlanes, *, most: int,
        floors: NDArray[np.float32], capacity: int,
    ) -> tuple[Survivors | None, ...]:  # fmt: skip
        """See :class:`~countenance.gallery.kernels.ScanKernel`."""
        many = probes.shape[0]
        low = _aligned(planes.low)
        rows = np.empty((many, capacity), dtype=np.int64)
        scores = np.empty((many, capacity), dtype=np.float32)
        uppers = np.empty((many, capacity), dtype=np.float32)
        counts = np.empty(many, dtype=np.int64)
        status = self._library.countenance_scan_batch(
            int(self._instructions), _at(block.codes), _at(block.scales), _at(block.residuals),
            _at(block.allowed), 0, block.count, block.codes.shape[1], _at(low), many,
            _at(planes.corrections), _at(planes.scales), _at(planes.norms), _at(planes.errors), SLACK,
            min(most, block.count), _at(np.ascontiguousarray(floors, dtype=np.float32)), capacity,
            _at(rows), _at(scores), _at(uppers), _at(counts),
        )  # fmt: skip
        if status == _OUT_OF_MEMORY:
            raise MemoryError
        return tuple(
            None if counts[one] < 0
            else Survivors(rows[one, : counts[one]], scores[one, : counts[one]], uppers[one, : counts[one]])
            for one in range(many)
        )  # fmt: skip

    def exact(
        self, block: Block, probe: NDArray[np.float32], rows: NDArray[np.int64] | None
    ) -> NDArray[np.float64]:
        """See :class:`~countenance.gallery.kernels.ScanKernel`."""
        count = block.count if rows is None else rows.size
        scores = np.empty(count, dtype=np.float64)
        wanted = None if rows is None else np.ascontiguousarray(rows, dtype=np.int64)
        self._library.countenance_scan_rescore(
            _at(block.exact), block.exact.shape[1], _at(wanted), 0, count,
            _at(np.ascontiguousarray(probe)), _at(scores),
        )  # fmt: skip
        return scores


def supported() -> tuple[InstructionSet, ...]:
    """Return the instruction sets that this processor and the installed library share, slowest first.

    Returns:
        None of them if the library isn't installed.
    """
    try:
        library = _load()
    except ScanKernelUnusable:
        return ()
    return tuple(one for one in InstructionSet if library.countenance_scan_supports(int(one)))


def _load() -> ctypes.CDLL:
    try:
        package = import_module("countenance_scan")
    except ImportError:
        raise ScanKernelUnusable("The compiled scan isn't installed.") from None
    try:
        library = ctypes.CDLL(str(Path(package.LIBRARY)))
        abi = library.countenance_scan_abi()
    except (OSError, AttributeError) as error:
        raise ScanKernelUnusable("The compiled scan can't be loaded.") from error
    if abi != _ABI:
        raise ScanKernelUnusable("The compiled scan is of another version.")
    real, whole, place, flag = ctypes.c_float, ctypes.c_int64, ctypes.c_void_p, ctypes.c_int32
    library.countenance_scan_candidates.restype = whole
    library.countenance_scan_candidates.argtypes = [
        flag, place, place, place, place, whole, whole, whole, place, place, flag, real, real, real, real,
        whole, real, whole, place, place, place,
    ]  # fmt: skip
    library.countenance_scan_batch.restype = whole
    library.countenance_scan_batch.argtypes = [
        flag, place, place, place, place, whole, whole, whole, place, whole, place, place, place, place, real,
        whole, place, whole, place, place, place, place,
    ]  # fmt: skip
    library.countenance_scan_rescore.restype = None
    library.countenance_scan_rescore.argtypes = [place, whole, place, whole, whole, place, place]
    return library


def _at(array: NDArray[Any] | None) -> int | None:
    return None if array is None else array.ctypes.data


def _aligned(plane: NDArray[np.int8]) -> NDArray[np.int8]:
    """Return the plane at an address that is a multiple of 64."""
    if plane.ctypes.data % 64 == 0 and plane.flags.c_contiguous:
        return plane
    room = np.empty(plane.size + 64, dtype=np.int8)
    start = -room.ctypes.data % 64
    moved = room[start : start + plane.size].reshape(plane.shape)
    moved[...] = plane
    return moved
