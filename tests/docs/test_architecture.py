"""The picture in ARCHITECTURE.md is the code's."""

from __future__ import annotations

import configparser
import importlib
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest

import countenance

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
PACKAGES = sorted(m.name for m in pkgutil.iter_modules(countenance.__path__) if not m.name.startswith("_"))


def drawn_floors() -> list[list[str]]:
    """Return the floors of the first drawing, top first."""
    drawing = TEXT.split("```")[1]
    names = [re.split(r"\s{2,}", line)[0] for line in drawing.strip().splitlines()]
    return [name.split(" | ") for name in names]


def contract_floors() -> list[list[str]]:
    contracts = configparser.ConfigParser()
    contracts.read(ROOT / ".importlinter")
    lines = contracts["importlinter:contract:floors"]["layers"].strip().splitlines()
    return [[name.strip() for name in line.split("|")] for line in lines]


def test_the_floors_drawn_are_the_floors_enforced() -> None:
    assert drawn_floors() == contract_floors()


def test_every_package_is_drawn_once() -> None:
    assert sorted(name for floor in drawn_floors() for name in floor) == PACKAGES


def test_the_arrows_are_the_imports_of_the_code() -> None:
    run = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "draw_architecture.py"), "--check"], check=False
    )
    assert run.returncode == 0, "run `make generate`"


@pytest.mark.parametrize("name", PACKAGES)
def test_a_package_states_its_rules_and_its_surface(name: str) -> None:
    package = importlib.import_module(f"countenance.{name}")
    assert package.__doc__, f"{name} has no docstring"
    assert "rules" in package.__doc__.lower(), f"{name} doesn't state the rules that it keeps"
    surface = package.__all__
    assert len(surface) == len(set(surface))
    assert [n for n in surface if not hasattr(package, n)] == []
