from __future__ import annotations

import ast
from pathlib import Path

import pytest

from countenance.vision.registry import inert_backend


def test_it_writes_the_least_metadata(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COUNTENANCE_INERT_NAME", "demo")
    monkeypatch.setenv("COUNTENANCE_INERT_VERSION", "1.0")
    folder = inert_backend.prepare_metadata_for_build_wheel(str(tmp_path))
    assert folder == "demo-1.0.dist-info"
    assert (tmp_path / folder / "METADATA").read_text().splitlines() == [
        "Metadata-Version: 2.1",
        "Name: demo",
        "Version: 1.0",
    ]
    assert [path.name for path in (tmp_path / folder).iterdir()] == ["METADATA"]


def test_a_build_needs_nothing() -> None:
    assert inert_backend.get_requires_for_build_wheel({"any": "setting"}) == []


def test_it_answers_under_the_name_that_pip_uses_when_a_package_names_no_backend() -> None:
    backend = inert_backend.__legacy__
    assert backend.get_requires_for_build_wheel() == []
    assert backend.prepare_metadata_for_build_wheel.__name__ == "prepare_metadata_for_build_wheel"


def test_it_runs_in_any_python_alone() -> None:
    tree = ast.parse(Path(inert_backend.__file__).read_text(encoding="utf-8"))
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    imported |= {
        alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names
    }
    assert imported == {"__future__", "os", "pathlib"}
