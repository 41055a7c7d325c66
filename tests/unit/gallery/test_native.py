"""Where the compiled scan isn't, is broken or is of another version, NumPy's scan is used."""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path
from types import ModuleType

import pytest

from contract.scan_kernel import unit_rows
from countenance.gallery import (
    CertifiedIndex,
    InstructionSet,
    NativeKernel,
    NumkongKernel,
    ScanKernelUnusable,
    choose_kernel,
    has_numkong,
    numkong_scan,
    runnable_kernels,
    scan_state,
    selection,
    supported,
)


def stand_in(monkeypatch: pytest.MonkeyPatch, library: Path) -> None:
    module = ModuleType("countenance_scan")
    module.__dict__["LIBRARY"] = library
    monkeypatch.setitem(sys.modules, "countenance_scan", module)


def test_without_the_library_numpy_scans(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "countenance_scan", None)
    assert supported() == ()
    assert choose_kernel().name == ("numkong" if has_numkong() else "numpy")
    with pytest.raises(ScanKernelUnusable, match="isn't installed"):
        NativeKernel(InstructionSet.PORTABLE)


def test_without_either_library_numpy_scans_and_says_what_would_be_faster(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "countenance_scan", None)
    monkeypatch.setattr(numkong_scan, "has_numkong", lambda: False)
    monkeypatch.setattr(selection, "has_numkong", lambda: False)
    state = scan_state()
    assert (state.kernel, state.compiled, state.others) == ("numpy", False, ())
    assert "make native" in state.remedy
    index = CertifiedIndex(dimensions=192, kernel=choose_kernel())
    rows = unit_rows(50, 192, seed=1)
    index.add([f"ref_{number}" for number in range(50)], rows)
    found = index.search(rows[7])
    assert (found.candidates[0].reference_id, found.kernel) == ("ref_7", "numpy")
    index.close()


@pytest.mark.skipif(not supported(), reason="the compiled scan isn't installed")
def test_where_the_compiled_scan_is_nothing_would_be_faster() -> None:
    state = scan_state()
    assert state.compiled
    assert state.remedy == ""
    assert state.others[-1] == "numpy"
    assert [state.kernel, *state.others] == [kernel.name for kernel in runnable_kernels()]


def test_numkong_that_is_not_here_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "numkong", None)
    with pytest.raises(ScanKernelUnusable, match="numkong isn't installed"):
        NumkongKernel()


def test_a_file_that_is_no_library_is_not_loaded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "_scan.so").write_bytes(b"not a library")
    stand_in(monkeypatch, tmp_path / "_scan.so")
    assert supported() == ()
    with pytest.raises(ScanKernelUnusable, match="can't be loaded"):
        NativeKernel(InstructionSet.PORTABLE)


def test_another_library_is_not_taken_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(monkeypatch, Path(ctypes.CDLL("libm.so.6")._name))
    with pytest.raises(ScanKernelUnusable, match="can't be loaded"):
        NativeKernel(InstructionSet.PORTABLE)
