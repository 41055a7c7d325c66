"""The page of scenes and jurisdictions is what the rules say, and its links and reasons are there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from countenance.authority import shipped_scene_forms

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "reference" / "scene-matrix.md"
SCRIPTS = ("document_matrix.py", "document_rules.py")


def check(script: str) -> int:
    command = [sys.executable, str(ROOT / "scripts" / script), "--check"]
    return subprocess.run(command, check=False, capture_output=True, cwd=ROOT).returncode


def test_the_pages_of_the_rules_are_what_the_rules_say() -> None:
    assert [script for script in SCRIPTS if check(script)] == [], "run `make generate`"


def test_every_scene_and_jurisdiction_is_on_the_page() -> None:
    forms = shipped_scene_forms()
    text = PAGE.read_text(encoding="utf-8")
    rows = {line.split("|")[1].strip(): line for line in text.splitlines() if line.startswith("| ")}
    header = next(line for line in text.splitlines() if line.startswith("| scene | CN"))
    assert [part.strip() for part in header.split("|")[2:-1]] == list(forms.jurisdictions)
    assert all(scene.scene_id in rows for scene in forms.scenes)


def test_the_impossible_cells_are_told_with_their_reason() -> None:
    text = PAGE.read_text(encoding="utf-8")
    never = [line for line in text.splitlines() if line.startswith("| ") and "| CN | CN-PIPL-26 |" in line]
    assert len(never) == text.count("**no permitted form**") == 2
    assert all("no matter of public security" in line for line in never)
