from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).resolve().parents[4] / "scripts" / "measure_passive.py"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("measure_passive", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["measure_passive"] = module
    spec.loader.exec_module(module)
    return module


def test_an_attack_is_wrongly_classified_if_it_is_confirmed(script: ModuleType) -> None:
    figure = script.described("print", [[0.0, 0.0, 0.0], [0.95, 0.95, 0.0], [0.5, 0.5, 0.5], [1.0, 1.0]], 3)
    assert (figure["presentations"], figure["answered"]) == (4, 3)
    assert figure["apnrr"] == 0.25
    assert (figure["confirmed"], figure["undecided"], figure["denied"]) == (1, 1, 1)
    assert figure["apcer"] == pytest.approx(1 / 3, abs=1e-4)
    assert "bpcer" not in figure


def test_a_person_is_wrongly_classified_if_denied(script: ModuleType) -> None:
    figure = script.described("bona fide", [[0.0, 0.0, 0.0], [0.95, 0.95, 0.0]], 3)
    assert figure["bpcer"] == 0.5
    assert figure["bpnrr"] == 0.0


def test_where_nothing_was_answered_there_is_no_rate(script: ModuleType) -> None:
    figure = script.described("replay", [[], [1.0]], 3)
    assert (figure["apnrr"], figure["apcer"], figure["at_most"]) == (1.0, None, None)
    assert figure["frames"] == 1
