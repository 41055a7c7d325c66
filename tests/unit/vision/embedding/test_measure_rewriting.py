"""The script that measures rewriting, at one round."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).resolve().parents[4] / "scripts" / "measure_rewriting.py"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("measure_rewriting", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["measure_rewriting"] = module
    spec.loader.exec_module(module)
    return module


def test_the_first_call_isnt_counted_and_the_median_is_a_faces(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []
    # Starts and ends of three calls that take 8, 80 and 16 ms.
    clock = iter([0.0, 0.008, 1.0, 1.08, 2.0, 2.016])
    monkeypatch.setattr(script.time, "perf_counter", lambda: next(clock))
    took = script.ms_a_face(lambda: calls.append(1), faces=8, rounds=3)
    assert took == pytest.approx(2.0)
    assert len(calls) == 4


@pytest.mark.models
def test_one_round(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["measure_rewriting.py", "--rounds", "1", "--json"])
    assert script.main() == 0
    report = json.loads(capsys.readouterr().out)
    figures, conditions = report["figures"], report["conditions"]
    assert {"fr_shipped_ms", "fr_rewritten_batch1_ms", "default_shipped_ms", "default_fused_ms"} <= set(
        figures
    )
    for model in ("mobilefacenet_192", "fr_feature_512", "dlib_resnet_128"):
        assert figures[f"{model}_ms"] > 0
        assert figures[f"{model}_mirrored_ms"] > 0
    times = figures["fr_shipped_ms"] / figures["fr_rewritten_batch1_ms"]
    assert figures["fr_times_faster"] == pytest.approx(times, rel=0.02)
    assert (conditions["rounds"], conditions["threads"]) == (1, 1)
    assert conditions["rewriting"]
    assert conditions["fusing"]


def test_it_prints_a_table(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(script, "measure", lambda arguments: {"figures": {"rounds": arguments.rounds}})
    monkeypatch.setattr(sys, "argv", ["measure_rewriting.py", "--rounds", "5"])
    assert script.main() == 0
    assert capsys.readouterr().out.split() == ["figures", "rounds", "5"]
