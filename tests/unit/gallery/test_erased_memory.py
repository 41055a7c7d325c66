"""What was erased is nowhere in the process: another process reads all of its memory and looks for it.

The process under test gets its vectors through a pipe, so that nobody but the index ever holds them there,
and overwrites what it read them into. Looked for are the vector as it was given, as it is held, in float64 on
its way in, and its codes, unsigned and signed.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from contract.scan_kernel import unit_rows
from countenance.gallery import runnable_kernels
from countenance.gallery import vectors as unit
from countenance.gallery.quantisation import code_rows

pytestmark = pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs Linux's /proc")

ROWS, WIDTH, CHUNK = 40, 192, 16
GONE = (3, 15, 17, 39)  # amid a chunk, its last (moved once 3 is gone), amid the next, the very last
KEPT = (2, 14, 30)
AT_ONCE = 16 << 20

PROCESS = """
import os, sys
import numpy as np
from countenance.gallery import CertifiedIndex, runnable_kernels
rows, width, chunk, chosen = *map(int, sys.argv[1:4]), sys.argv[4]
given = np.zeros((rows, width), np.float32)
room, got = memoryview(given).cast("B"), 0
while got < len(room):
    got += os.readv(0, [room[got:]])
kernel = next(one for one in runnable_kernels() if one.name == chosen)
index = CertifiedIndex(dimensions=width, kernel=kernel, chunk_rows=chunk)
for start in range(0, rows, 10):  # chunks grow
    index.add([f"ref_{i}" for i in range(start, start + 10)], given[start : start + 10])
given.fill(0)
probe = np.random.default_rng(99).standard_normal(width).astype(np.float32)
def look():
    index.search(probe, most=rows)
    index.search(probe, most=None, at_least=-10.0)
    if chosen != "numpy":
        index.search_many(np.stack([probe, -probe]), most=rows)
while True:
    look()
    os.write(1, b"+")
    said = os.read(0, 1)
    if said == b"r":
        for name in map(int, sys.argv[5].split(",")):
            index.remove(f"ref_{name}")
    elif said == b"c":
        index.close()
    else:
        break
"""


@contextmanager
def process(kernel: str, rows: NDArray[np.float32]) -> Iterator[subprocess.Popen[bytes]]:
    sizes = [str(number) for number in (ROWS, WIDTH, CHUNK)]
    source = str(Path(unit.__file__).parents[2])
    with subprocess.Popen(
        [sys.executable, "-c", PROCESS, *sizes, kernel, ",".join(map(str, GONE))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        bufsize=0,
        env={**os.environ, "PYTHONPATH": source, "OPENBLAS_NUM_THREADS": "1"},
    ) as running:
        told(running, rows.tobytes())
        yield running
        assert running.stdin is not None
        running.stdin.close()
        running.wait(30)


def told(running: subprocess.Popen[bytes], words: bytes) -> None:
    """Tell the process something and wait until it has done it."""
    assert running.stdin is not None
    assert running.stdout is not None
    running.stdin.write(words)
    assert running.stdout.read(1) == b"+"


def traces(rows: NDArray[np.float32]) -> dict[int, tuple[bytes, ...]]:
    """What each row could be found by: 64 bytes from the middle of everything that is made of it."""
    held = unit.unit_rows(rows)
    codes = code_rows(held).codes
    forms = (rows, held, held.astype(np.float64), codes, codes ^ 0x80)
    return {number: tuple(form[number].tobytes()[64:128] for form in forms) for number in range(len(rows))}


def found(pid: int, looked_for: dict[int, tuple[bytes, ...]]) -> dict[int, set[int]]:
    """Return which forms of which rows lie in a process's memory."""
    seen: dict[int, set[int]] = {number: set() for number in looked_for}
    maps = Path(f"/proc/{pid}/maps").read_text(encoding="utf-8").splitlines()
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:  # noqa: PTH123 - unbuffered
        for part in memory_of(memory, maps):
            for number, forms in looked_for.items():
                seen[number] |= {form for form, trace in enumerate(forms) if trace in part}
    return seen


def memory_of(memory: object, maps: list[str]) -> Iterator[bytes]:
    for line in maps:
        place, rights = line.split()[:2]
        if not rights.startswith("rw") or "[v" in line:
            continue
        low, high = (int(end, 16) for end in place.split("-"))
        for start in range(low, high, AT_ONCE):
            length = min(AT_ONCE + 64, high - start)
            try:
                yield os.pread(memory.fileno(), length, start)  # type: ignore[attr-defined]
            except OSError:  # a mapping that can't be read, such as a device's
                continue


@pytest.mark.parametrize("kernel", [one.name for one in runnable_kernels()])
def test_an_erased_reference_is_nowhere_in_the_process(kernel: str) -> None:
    rows = unit_rows(ROWS, WIDTH, seed=1) * np.float32(1.0001)  # not yet of length 1
    looked_for = {number: trace for number, trace in traces(rows).items() if number in {*GONE, *KEPT}}
    with process(kernel, rows) as running:
        try:
            before = found(running.pid, looked_for)
        except PermissionError:
            pytest.skip("this user may not read another process's memory")
        # As held, and its codes; nothing else was left behind on the way in.
        assert before == {number: {1, 3} for number in looked_for}
        told(running, b"r")
        after = found(running.pid, looked_for)
        assert {number: after[number] for number in GONE} == {number: set() for number in GONE}
        assert {number: after[number] for number in KEPT} == {number: {1, 3} for number in KEPT}
        told(running, b"c")
        assert found(running.pid, looked_for) == {number: set() for number in looked_for}
