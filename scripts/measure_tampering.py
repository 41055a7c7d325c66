"""Try 1,000 random tamperings of evidence packs and databases, and say how many were found and named.

    PYTHONPATH=src:tests .venv/bin/python scripts/measure_tampering.py [--attempts 1000] [--seed 20261123]

An attempt counts as found if what was changed is named: the member of a pack, or any finding on a database
(a database that doesn't open any more names its error).
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path

from audited_desk import (
    STORED,
    THINGS,
    WAYS,
    TamperedStore,
    audited_desk,
    copied,
    findings_of,
    tamper_store,
    tampered_pack,
)


def main() -> int:
    """Print the figures as one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--attempts", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=20261123)
    asked = parser.parse_args()
    draw = random.Random(asked.seed)  # noqa: S311 - not for secrets
    tried: Counter[str] = Counter()
    missed: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "hotel"
        with audited_desk(root) as audited:
            for _ in range(asked.attempts // 2):
                thing, way = draw.choice(THINGS), draw.choice(WAYS)
                changed, member = tampered_pack(audited.pack, thing, way, draw)
                tried[f"pack, {thing}, {way}"] += 1
                if member not in {where for _, where in findings_of(audited, changed)}:
                    missed.append(f"pack, {thing}, {way}, {member}")
            checkpoint = audited.checkpoint
        for number in range(asked.attempts - asked.attempts // 2):
            thing, way = draw.choice(STORED), draw.choice(WAYS)
            copy = copied(root, Path(folder) / f"copy{number}")
            done = tamper_store(copy, thing, way, draw)
            tried[f"database, {thing}, {way}"] += 1
            if not TamperedStore(copy, checkpoint).findings():
                missed.append(f"database, {done}")
            shutil.rmtree(copy)
    print(
        json.dumps(
            {
                "attempts": sum(tried.values()),
                "found_and_named": sum(tried.values()) - len(missed),
                "missed": missed,
                "tried": dict(sorted(tried.items())),
                "seed": asked.seed,
            },
            indent=2,
        )
    )
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
