"""Each import contract is broken on purpose, and the break is seen.

A contract that can't fail keeps nothing. For each one a copy of the package gets one offending import
planted; the linter, run on the copy, must report exactly that contract.
"""

from __future__ import annotations

import configparser
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

import countenance

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = Path(countenance.__file__).parent


@dataclass(frozen=True, slots=True)
class Violation:
    """One planted line: which contract it breaks, in which file, and what it says."""

    contract: str
    file: str
    line: str


VIOLATIONS = {
    "up: store asks authority": Violation("floors", "store/planted.py", "import countenance.authority"),
    "sideways: templates asks vision": Violation(
        "floors", "templates/planted.py", "import countenance.vision"
    ),
    "sideways: api asks web": Violation("floors", "api/planted.py", "import countenance.web"),
    "a package without a floor": Violation("floors", "attic/__init__.py", ""),
    "a scene reaches the gallery": Violation(
        "gallery-guarded", "scenes/planted.py", "import countenance.gallery"
    ),
    "a decision reaches the network": Violation(
        "embedder-guarded", "decisions/planted.py", "import countenance.vision.embedding"
    ),
    "policy counts with numpy": Violation("policy-pure", "policy/planted.py", "import numpy"),
    "the kernel loads numpy": Violation("kernel-bare", "kernel/planted.py", "import numpy"),
    "authority does its own crypto": Violation(
        "crypto-in-store", "authority/planted.py", "import cryptography"
    ),
    "web opens the database": Violation("crypto-in-store", "web/planted.py", "import sqlalchemy"),
    "decisions runs a network": Violation("networks-in-vision", "decisions/planted.py", "import onnxruntime"),
    "scenes draws with OpenCV": Violation("pixels-in-leaves", "scenes/planted.py", "import cv2"),
    "runtime decodes a video": Violation("pixels-in-leaves", "runtime/planted.py", "import av"),
    "a case calls out": Violation("no-outbound-client", "cases/planted.py", "import httpx"),
    "authority speaks HTTP": Violation("web-on-top", "authority/planted.py", "import fastapi"),
    "two packages in a circle": Violation("no-cycles", "kernel/planted.py", "import countenance.policy"),
}


def lint(folder: Path) -> str:
    """Run the linter on the copy in the folder; return what it says."""
    run = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()", "--no-cache"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    return run.stdout + run.stderr


def names_by_contract() -> dict[str, str]:
    """Return the title of each contract by its id."""
    contracts = configparser.ConfigParser()
    contracts.read(ROOT / ".importlinter")
    return {
        section.split(":")[2]: contracts[section]["name"]
        for section in contracts.sections()
        if section.startswith("importlinter:contract:")
    }


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copytree(PACKAGE, tmp_path / "countenance", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / ".importlinter", tmp_path)
    return tmp_path


def test_the_code_keeps_every_contract(copy: Path) -> None:
    said = lint(copy)
    assert f"Contracts: {len(names_by_contract())} kept, 0 broken." in said, said


@pytest.mark.parametrize("violation", VIOLATIONS.values(), ids=VIOLATIONS.keys())
def test_a_planted_violation_is_reported(copy: Path, violation: Violation) -> None:
    planted = copy / "countenance" / violation.file
    planted.parent.mkdir(exist_ok=True)
    planted.write_text(violation.line + "\n", encoding="utf-8")
    said = lint(copy)
    title = names_by_contract()[violation.contract]
    assert re.search(rf"^{re.escape(title)}.* BROKEN", said, re.MULTILINE), said


def test_every_contract_has_a_planted_violation() -> None:
    assert {violation.contract for violation in VIOLATIONS.values()} == set(names_by_contract())
