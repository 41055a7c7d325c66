"""Memory without a file behind it, aligned, wiped."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from countenance.gallery.memory import Arena


def test_arrays_are_zero_aligned_and_apart() -> None:
    arena = Arena(4096)
    first, second = arena.cut((3, 7), np.float32), arena.cut((5,), np.uint8)
    assert first.ctypes.data % 64 == second.ctypes.data % 64 == 0
    assert not first.any()
    first[...] = 1
    assert not second.any()


def test_what_does_not_fit_is_refused() -> None:
    arena = Arena(64)
    arena.cut((64,), np.uint8)
    with pytest.raises(MemoryError):
        arena.cut((65,), np.uint8)


def test_more_than_the_machine_has_is_refused() -> None:
    with pytest.raises(MemoryError):
        Arena(2**62)


def test_it_is_wiped() -> None:
    arena = Arena(1024)
    array = arena.cut((100,), np.float64)
    array[...] = 3.5
    arena.wipe()
    assert not array.any()


@pytest.mark.skipif(not Path("/proc/self/smaps").is_file(), reason="needs Linux's /proc")
def test_no_file_is_behind_it_and_no_core_dump_takes_it() -> None:
    arena = Arena(8 << 20)
    start = arena.cut((8,), np.uint8).ctypes.data
    found = None
    for line in Path("/proc/self/smaps").read_text(encoding="utf-8").splitlines():
        head = line.split()[0]
        if "-" in head and not head.endswith(":"):
            low, high = (int(part, 16) for part in head.split("-"))
            found = line.split() if low <= start < high else None
        elif found is not None and line.startswith("VmFlags:"):
            assert "dd" in line.split()  # left out of core dumps
            assert "dc" in line.split()  # not handed to a child process
            assert found[4] == "0"  # no inode: nothing on a disk
            return
    pytest.fail("the arena isn't among this process's mappings")
