"""How fast many people are enrolled from a folder, what memory that takes, and what a kill -9 leaves.

Rules kept here:

* The command itself is measured, as a user runs it, in a process of its own, on the demonstration's staff
  door.
* The pictures are a folder's; where it holds fewer than are asked for, they are used again, mirrored and
  turned. Each counts as a person, so many are close to somebody: the run states that a reviewer looked.
* A process is killed in the middle and started again. What the store had acknowledged before is counted
  after.
"""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from PIL import Image, ImageOps

from countenance.authority import DemoDoor
from countenance.kernel import OperatorError, SystemClock
from countenance.runtime.demo import DemoFolder, demo_settings
from countenance.runtime.demo_door import prepare_demo_door
from countenance.runtime.opening import open_records
from countenance.runtime.settings import Settings

__all__ = ["BenchFailed", "EnrolmentTimes", "time_enrolment"]

_KILLED_AT: Final = 0.4
_LOOK_EVERY: Final = 1.0
_TURNED: Final = (0.0, 5.0, -5.0, 9.0, -9.0)
_MIB: Final = 2**20


class BenchFailed(OperatorError):
    """The command that was measured didn't do what it is for."""

    code = "bench-failed"
    default_remedy = "Run the command itself to see why: countenance enrol --demo."


@dataclass(frozen=True, slots=True)
class EnrolmentTimes:
    """What was measured.

    Attributes:
        people: how many were asked to be enrolled, each with one picture.
        enrolled: how many are.
        left_out: why the others aren't, by code.
        consents_seconds: from the start until the first is enrolled: start and filing of consents.
        seconds: of enrolling, both processes together, starts left out.
        memory_mib: resident memory of the second process at the end, after ``memory_early_mib`` at a quarter
            of what it enrolled.
        memory_early_mib: see there.
        before_kill: references that the store had acknowledged when the process was killed.
        after_kill: references that were there afterwards.
        went_on_with: how many people the second process found enrolled.
        resume_seconds: from its start to the first that it enrolled.
        findings: what was wrong with records and log at the end.
        store_mib: size of the store's files.
    """

    people: int
    enrolled: int
    left_out: dict[str, int]
    consents_seconds: float
    seconds: float
    memory_mib: float
    memory_early_mib: float
    before_kill: int
    after_kill: int
    went_on_with: int
    resume_seconds: float
    findings: int
    store_mib: float


@dataclass(slots=True)
class _Watched:
    """What was seen of one process."""

    begun: float
    first: float | None = None
    last: float = 0.0
    count: int = 0
    memory: list[tuple[int, float]] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        """From the first that was enrolled to the last."""
        return 0.0 if self.first is None else self.last - self.first


def time_enrolment(
    settings: Settings,
    pictures: Sequence[Path],
    *,
    people: int,
    moved: Callable[[int], None] = lambda _: None,
) -> EnrolmentTimes:
    """Enrol made-up people from real pictures, with a kill in the middle.

    Args:
        settings: say which networks; the data folder is a temporary one.
        pictures: files of faces; used again, changed, where there are too few.
        people: how many, at least 20.
        moved: called with how many are enrolled so far.

    Raises:
        BenchFailed: if the command fails otherwise than by the kill.
    """
    root = Path(tempfile.mkdtemp(prefix="countenance-bench-"))
    try:
        folder, consents = _people_in(root, pictures, people)
        door = prepare_demo_door(settings, folder=root / "demo", jurisdiction="EU")
        command = [
            *(sys.executable, "-m", "countenance.cli", "enrol", "--demo", "--folder", str(root / "demo")),
            *("--people", str(folder), "--looked-at-by", "reviewer", "--json"),
        ]
        bench = _Bench(demo_settings(settings, DemoFolder(root / "demo")), door, moved)
        killed = bench.run([*command, "--consents", str(consents)], until=int(people * _KILLED_AT))
        after, started = bench.enrolled(), time.perf_counter()
        whole = bench.run(command, until=None)
        document = bench.said
        counts = document["people"]
        memory = whole.memory or [(0, 0.0)]
        early = next(
            (mib for count, mib in memory if count >= after + (whole.count - after) // 4), memory[-1][1]
        )
        return EnrolmentTimes(
            people=people,
            enrolled=bench.enrolled(),
            left_out=dict(document["why_left_out"]),
            consents_seconds=(killed.first or killed.last) - killed.begun,
            seconds=(killed.last - (killed.first or killed.last))
            + (whole.last - (whole.first or whole.last)),
            memory_mib=memory[-1][1],
            memory_early_mib=early,
            before_kill=killed.count,
            after_kill=after,
            went_on_with=counts["already"],
            resume_seconds=(whole.first or whole.last) - started,
            findings=bench.findings(),
            store_mib=sum(one.stat().st_size for one in (root / "demo" / "data").rglob("*")) / _MIB,
        )
    finally:
        shutil.rmtree(root, ignore_errors=True)


class _Bench:
    """Starts the command and looks at it from outside."""

    def __init__(self, settings: Settings, door: DemoDoor, moved: Callable[[int], None]) -> None:
        self._settings = settings
        self._door = door
        self._moved = moved
        self.said: dict[str, Any] = {}

    def enrolled(self) -> int:
        """Return how many references the store has, as another process sees it."""
        with open_records(self._settings) as records:
            return records.store.references.count(self._door.purpose)

    def findings(self) -> int:
        """Return how much is wrong with records and log."""
        with open_records(self._settings, clock=SystemClock()) as records:
            return len(records.store.check_records()) + len(records.store.log.verify().findings)

    def run(self, command: Sequence[str], *, until: int | None) -> _Watched:
        """Run it to its end, or kill it once so many are enrolled."""
        begun, before = time.perf_counter(), self.enrolled()
        seen = _Watched(begun=begun)
        with (
            tempfile.TemporaryFile() as out,
            open_records(self._settings) as records,
            # Its arguments are ours alone.
            subprocess.Popen(list(command), stdout=out, stderr=subprocess.DEVNULL) as process,  # noqa: S603
        ):
            while process.poll() is None:
                time.sleep(_LOOK_EVERY)
                now, seen.count = time.perf_counter(), records.store.references.count(self._door.purpose)
                if seen.count > before:
                    seen.first = seen.first or now
                    seen.last = now
                    resident = _resident_mib(process.pid)
                    if resident:  # none once it has ended
                        seen.memory.append((seen.count, resident))
                self._moved(seen.count)
                if until is not None and seen.count >= until:
                    process.send_signal(signal.SIGKILL)
            out.seek(0)
            words = out.read()
        if until is None:
            self.said = _document(words)
        elif process.returncode != -signal.SIGKILL:
            raise BenchFailed("The command ended before it was killed.")
        return seen


def _document(words: bytes) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(words)
    except ValueError:
        raise BenchFailed("The command didn't answer.") from None
    if "people" not in found:
        raise BenchFailed("The command refused.")
    return found


def _resident_mib(process: int) -> float:
    try:
        status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    except OSError:
        return 0.0
    for line in status.splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def _people_in(root: Path, pictures: Sequence[Path], people: int) -> tuple[Path, Path]:
    """Write a folder for each person, with one picture, and the list of consents."""
    folder, consents = root / "people", root / "consents.csv"
    lines = ["subject,age_band,language"]
    for number in range(people):
        own = folder / f"sub_{number:06d}"
        own.mkdir(parents=True)
        _write(pictures[number % len(pictures)], own / "1.jpg", again=number // len(pictures))
        lines.append(f"{own.name},adult,en")
    consents.write_text("\n".join(lines) + "\n", encoding="ascii")
    return folder, consents


def _write(source: Path, target: Path, *, again: int) -> None:
    """Copy a picture; the second time mirrored, then turned, so that no two are one picture."""
    if again == 0 and source.suffix.lower() in {".jpg", ".jpeg"}:
        shutil.copyfile(source, target)
        return
    with Image.open(source) as image:
        changed = image.convert("RGB")
    if again % 2:
        changed = ImageOps.mirror(changed)
    turn = _TURNED[(again // 2) % len(_TURNED)]
    changed.rotate(turn, resample=Image.Resampling.BICUBIC).save(target, "JPEG", quality=92)
