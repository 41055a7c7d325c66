"""Measure how fast a list of consents is filed, and what a kill -9 in the middle of it leaves.

Made-up people consent at a demonstration's pass desk, on disk. A first process files the list until it is
killed, as often as asked; the last files the same list to its end. Without kills the rate is printed:
it is of the whole, with the opening of the store.

    PYTHONPATH=src python scripts/measure_consents.py --people 1000 --kills 5
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Final

from countenance.authority import DemoDoor
from countenance.enrolment.consents import import_consents, read_consents
from countenance.runtime.demo import DemoFolder, demo_settings
from countenance.runtime.demo_door import prepare_demo_pass_desk
from countenance.runtime.opening import open_records
from countenance.runtime.settings import Settings

_SEED: Final = 20261123


def main() -> int:
    """Print the figures as JSON; 1 if anything was lost, filed twice or is found wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1000)
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)  # given to the process that is killed
    asked = parser.parse_args()
    if asked.folder is not None:
        _file(asked.folder, aloud=True)
        return 0
    with tempfile.TemporaryDirectory() as root:
        figures = _measured(Path(root), asked.people, asked.kills)
    print(json.dumps({"outcome": "measured", "figures": figures}, indent=2))
    return 1 if figures["lost"] or figures["halves_or_doubles"] or figures["findings"] else 0


def _measured(root: Path, people: int, kills: int) -> dict[str, float]:
    _door(root)
    lines = "".join(f"sub_{number:06d},adult,en\n" for number in range(people))
    (root / "consents.csv").write_text(f"subject,age_band,language\n{lines}", encoding="ascii")
    draw, lost, told = random.Random(_SEED), 0, 0  # noqa: S311 - nothing secret is drawn
    for _ in range(kills):
        told = _killed(root, until=told + draw.randint(1, max(1, people // (kills + 1))), after=draw.random())
        lost += max(0, told - len(_records(root)))
    on_file = len(_records(root))
    began = time.perf_counter()
    _file(root, aloud=False)
    seconds = time.perf_counter() - began
    counts = _records(root)
    whole = max(counts.values())
    with open_records(_settings(root)) as records:
        findings = len(records.store.check_records()) + len(records.store.log.verify().findings)
    return {
        "people": people,
        "filed_before_last_run": on_file,
        **({} if kills else {"filed_per_second": round(people / seconds, 1)}),
        "kills": kills,
        "lost": lost + people - len(counts),
        "halves_or_doubles": sum(count != whole for count in counts.values()),
        "findings": findings,
    }


def _killed(root: Path, *, until: int, after: float) -> int:
    """Kill a process some time after it said that so many were dealt with; return what it said last."""
    command = [sys.executable, __file__, "--folder", str(root)]
    told = 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None  # noqa: S101 - for the types
        for line in process.stdout:
            told = int(line)
            if told >= until:
                time.sleep(after)
                process.send_signal(signal.SIGKILL)
                break
        later = [int(line) for line in process.stdout if line.endswith("\n")]
    return max([told, *later])


def _file(root: Path, *, aloud: bool) -> None:
    door = _door(root)
    with open_records(_settings(root)) as records:
        import_consents(
            records.authority,
            read_consents(root / "consents.csv"),
            place=door.place,
            purpose=door.purpose,
            stated_by="officer",
            valid_for=timedelta(days=365),
            moved=lambda count: print(count, flush=True) if aloud else None,
        )


def _records(root: Path) -> dict[str, int]:
    """Return how many records each person has."""
    counts: dict[str, int] = {}
    with open_records(_settings(root)) as records:
        for record in records.store.evidence.at(records.clock.now()):
            if record.scope.subject is not None:
                counts[record.scope.subject] = counts.get(record.scope.subject, 0) + 1
    return counts


def _door(root: Path) -> DemoDoor:
    return prepare_demo_pass_desk(Settings(), folder=root / "demo", jurisdiction="EU")


def _settings(root: Path) -> Settings:
    return demo_settings(Settings(), DemoFolder(root / "demo"))


if __name__ == "__main__":
    raise SystemExit(main())
