"""Proofs are timed on a real log, and every one holds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from countenance.cli.app import app
from countenance.kernel import FixedClock, KeyProvider
from countenance.store import LogBroken, Store, create_root_key, fill_log, key_provider
from front_desk import NOON


def test_proofs_are_timed_and_hold() -> None:
    answer = CliRunner().invoke(app, ["bench", "log", "--leaves", "1000", "--proofs", "20", "--json"])
    assert answer.exit_code == 0, answer.output
    figures = json.loads(answer.stdout)["figures"]
    assert figures["proofs_that_did_not_hold"] == 0
    assert 0 < figures["inclusion_proof_ms_p5"] <= figures["inclusion_proof_ms_p95"]
    assert figures["leaves"] == 1000


@pytest.fixture
def provider(tmp_path: Path) -> KeyProvider:
    create_root_key(f"file:{tmp_path / 'root.key'}")
    return key_provider(f"file:{tmp_path / 'root.key'}")


def test_only_an_empty_log_is_filled(tmp_path: Path, provider: KeyProvider) -> None:
    with Store.create(tmp_path / "data", key_provider=provider, clock=FixedClock(NOON)) as store:
        fill_log(store, 130, seed=1)
        assert store.log.size() == 130
        store.log.append("registered", {})
        with pytest.raises(LogBroken):
            fill_log(store, 1, seed=1)
