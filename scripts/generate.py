"""Write every document that is made from the code, or check that none is out of date.

Usage::

    python scripts/generate.py            write
    python scripts/generate.py --check    exit 1 and name what is out of date
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SCRIPTS = Path(__file__).parent
GENERATORS = (
    "draw_architecture.py",
    "document_rules.py",
    "document_records.py",
    "document_matrix.py",
    "document_models.py",
    "document_clocks.py",
    "document_settings.py",
    "document_errors.py",
    "document_licences.py",
)


def main() -> int:
    """Run each generator; return 1 if one of them failed."""
    arguments = sys.argv[1:]
    failed = [
        name
        for name in GENERATORS
        if subprocess.run([sys.executable, str(SCRIPTS / name), *arguments], check=False).returncode != 0
    ]
    for name in failed:
        print(f"out of date or failed: scripts/{name} (run `make generate`)", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
