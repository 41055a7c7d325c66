"""Kill a writing process at random moments and say what was lost.

    PYTHONPATH=src:tests .venv/bin/python scripts/measure_kills.py [--kills N] [--postgresql server] [--enrol]

After each kill -9 the installation is opened again: every acknowledged record has to be there, rows and log
have to agree, the log has to verify. With ``--enrol`` it is an enrolling process that is killed: consent,
permit, pictures, search, reference; whoever was told so has to be found by their face. With ``--postgresql``
the records are on a server of its own, and the process or that server is killed. Power loss isn't measured:
the operating system keeps what was written.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

import killed_enrolment
import killed_writer
from killed_enrolment import KilledEnrolment
from killed_writer import Killed
from postgresql_cluster import running_cluster


def main() -> int:
    """Print the figures as one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--seed", type=int, default=20261123)
    parser.add_argument("--each", type=int, default=20, help="kills of one installation")
    parser.add_argument("--postgresql", choices=["writer", "server"], help="who is killed")
    parser.add_argument("--enrol", action="store_true", help="kill enrolments, not plain writing")
    asked = parser.parse_args()
    draw = random.Random(asked.seed)  # noqa: S311 - not for secrets
    kind = KilledEnrolment if asked.enrol else Killed
    begin, kill = (
        (killed_enrolment.prepare, killed_enrolment.kill_once)
        if asked.enrol
        else (killed_writer.prepare, killed_writer.kill_once)
    )
    total: Any = kind()
    while total.kills < asked.kills:
        seen: Any = kind()
        with tempfile.TemporaryDirectory() as folder, ExitStack() as running:
            cluster = running.enter_context(running_cluster()) if asked.postgresql else None
            begin(Path(folder), cluster.new() if cluster else None)
            killed = cluster if asked.postgresql == "server" else None
            for _ in range(min(asked.each, asked.kills - total.kills)):
                kill(Path(folder), draw, seen, killed)
        for name, value in asdict(seen).items():
            setattr(total, name, getattr(total, name) + value)
        print(f"{total.kills} of {asked.kills} kills", file=sys.stderr)
    print(json.dumps({**asdict(total), "seed": asked.seed, "power_loss": "not measured"}, indent=2))
    return 1 if total.lost or total.findings or getattr(total, "half", 0) else 0


if __name__ == "__main__":
    sys.exit(main())
