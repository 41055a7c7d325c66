"""Where the compiled scan isn't, is broken or is of another version, NumPy's scan is used."""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path
from types import ModuleType

import pytest

from countenance.gallery import InstructionSet, NativeKernel, ScanKernelUnusable, choose_kernel, supported


def stand_in(monkeypatch: pytest.MonkeyPatch, library: Path) -> None:
    module = ModuleType("countenance_scan")
    module.__dict__["LIBRARY"] = library
    monkeypatch.setitem(sys.modules, "countenance_scan", module)


def test_without_the_library_numpy_scans(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "countenance_scan", None)
    assert supported() == ()
    assert choose_kernel().name == "numpy"
    with pytest.raises(ScanKernelUnusable, match="isn't installed"):
        NativeKernel(InstructionSet.PORTABLE)


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
