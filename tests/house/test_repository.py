"""What must never be in the repository, and what the wheel must hold."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

import countenance

ROOT = Path(__file__).resolve().parents[2]
# Spelt in pieces, so that this file doesn't name them either.
REGISTRIES = re.compile(
    "|".join(("pypi" + r"\.org", "python" + "hosted", "npm" + r"js\.(?:org|com)", "deb" + r"\.debian"))
)
MEDIA = {".jpg", ".jpeg", ".onnx", ".tflite", ".pth", ".dat", ".npy", ".npz", ".mp4", ".avi", ".whl", ".tgz"}


def tracked() -> list[Path]:
    run = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True)
    return [ROOT / name for name in run.stdout.split("\0") if name]


def texts() -> list[tuple[Path, str]]:
    found = []
    for path in tracked():
        try:
            found.append((path, path.read_text(encoding="utf-8")))
        except (UnicodeDecodeError, FileNotFoundError):
            continue
    return found


@pytest.fixture(scope="module", autouse=True)
def _in_a_checkout() -> None:
    assert (ROOT / ".git").exists(), "these tests look at a checkout"


def test_no_file_names_a_package_registry() -> None:
    assert [str(p.relative_to(ROOT)) for p, text in texts() if REGISTRIES.search(text)] == []


def test_no_weights_and_no_photographs() -> None:
    assert [str(p.relative_to(ROOT)) for p in tracked() if p.suffix.lower() in MEDIA] == []


def test_pictures_stand_in_the_documents_and_the_pages_alone() -> None:
    pictures = [
        p.relative_to(ROOT).as_posix() for p in tracked() if p.suffix.lower() in {".png", ".webp", ".gif"}
    ]
    homes = ("docs/images/", "src/countenance/web/static/")
    assert [p for p in pictures if not p.startswith(homes)] == []


def test_requirements_are_pinned_with_hashes() -> None:
    for name in ("runtime", "build", "dev"):
        text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
        pins = re.findall(r"^[A-Za-z0-9_.\-]+(?:\[[^\]]*\])?==\S+", text, re.MULTILINE)
        blocks = re.findall(r"^[A-Za-z0-9].*\\\n(?:    --hash=sha256:[0-9a-f]{64}.*\n)+", text, re.MULTILINE)
        assert pins
        assert len(pins) == len(blocks)


def test_the_runtime_pins_are_the_pins_of_the_tests() -> None:
    def pins(name: str) -> set[str]:
        text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
        return set(re.findall(r"^([A-Za-z0-9_.\-]+==\S+(?: ; [^\\]+)?)", text, re.MULTILINE))

    assert pins("runtime") <= pins("dev")


def test_modules_stay_readable() -> None:
    """A module is one room: 400 lines are the aim, 600 the limit."""
    long = {
        str(p.relative_to(ROOT)): len(text.splitlines())
        for p, text in texts()
        if p.suffix == ".py" and "src" in p.parts and len(text.splitlines()) > 600
    }
    assert long == {}


def test_the_tests_run_from_what_they_say() -> None:
    """``make wheel`` runs the suite from the built wheel: then the package isn't the checkout's."""
    wanted = os.environ.get("COUNTENANCE_TESTED_FROM", "src")
    assert Path(countenance.__file__).is_relative_to((ROOT / wanted).resolve())
