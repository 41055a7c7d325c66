"""Runs the command line as a user does: another process, its own home, exit status and both streams."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import countenance
from countenance.vision.registry import default_models_folder

__all__ = ["Answer", "run_countenance", "user_environment"]


@dataclass(frozen=True)
class Answer:
    status: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """The one object of ``--json``; fails if there is anything else on standard output."""
        found: dict[str, Any] = json.loads(self.out)
        return found


def run_countenance(
    *arguments: str | Path, home: Path, environment: Mapping[str, str] | None = None
) -> Answer:
    """Run a command in a home folder that holds nothing of this user's; weights and samples stay shared."""
    home.mkdir(parents=True, exist_ok=True)
    finished = subprocess.run(
        [sys.executable, "-m", "countenance.cli", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=300,
        cwd=home,
        check=False,
        env=user_environment(home) | dict(environment or {}),
    )
    return Answer(finished.returncode, finished.stdout, finished.stderr)


def user_environment(home: Path) -> dict[str, str]:
    """Return the environment of a user with that home.

    The package is the one that the tests themselves run, by an absolute path: the command's working folder is
    another one.
    """
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith(("COUNTENANCE_", "XDG_"))
    }
    return inherited | {
        "HOME": str(home),
        "COUNTENANCE_MODELS_FOLDER": str(default_models_folder()),
        "COLUMNS": "110",
        "PYTHONPATH": str(Path(countenance.__file__).parents[1]),
    }
