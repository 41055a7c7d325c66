"""The certified search is timed, and every answer of it compared with a full scan."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import numpy as np
import pytest

from countenance.evaluation.search_peers import PEERS, installed_peers, random_references
from countenance.evaluation.search_timing import one_core
from countenance.gallery import CertifiedIndex, SearchAnswer
from evaluation_folder import ask

CORES = len(os.sched_getaffinity(0))
SMALL = ("--rows", "3000", "--probes", "4", "--batch", "3")


def test_every_answer_is_compared_with_a_full_scan() -> None:
    status, said = ask("bench", "search", *SMALL, "--dimensions", "64", "--dimensions", "192", "--alone")
    figures = said["figures"]
    assert status == 0
    assert figures["mismatches"] == 0
    for size in ("3k_64", "3k_192"):
        assert figures[f"answers_compared_{size}"] == 3 * 4 + 3 * 3 + (4 if CORES > 1 else 0)
        assert figures[f"percent_of_bound_{size}"] > 0
        assert figures[f"certified_top_1_{size}_ms_median"] > 0
        assert figures[f"certified_top_1_batch_3_{size}_ms_median"] > 0
        assert 0 < figures[f"resident_{size}_gib"] <= figures[f"peak_{size}_gib"]
        if CORES > 1:
            assert figures[f"times_faster_on_{CORES}_cores_{size}"] > 0
    assert said["conditions"]["left_out"] == ", ".join(sorted(PEERS))


def test_the_libraries_that_are_here_are_timed_beside_ours() -> None:
    status, said = ask("bench", "search", *SMALL, "--dimensions", "64")
    assert status == 0
    assert "numpy" in installed_peers()
    for peer in installed_peers():
        assert said["figures"][f"times_faster_than_{peer}_3k_64"] > 0
        assert said["figures"][f"{peer}_batch_3_3k_64_ms_median"] > 0
        assert said["figures"][f"{peer}_wrong_answers_3k_64_count"] <= 4
    assert said["figures"]["numpy_wrong_answers_3k_64_count"] == 0


def test_a_wrong_answer_is_counted_and_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    right = CertifiedIndex.search

    def wrong(self: CertifiedIndex, probe: np.ndarray, **asked: object) -> SearchAnswer:
        return right(self, -probe, **asked)  # type: ignore[arg-type]

    monkeypatch.setattr(CertifiedIndex, "search", wrong)
    status, said = ask("bench", "search", *SMALL, "--dimensions", "64", "--alone")
    assert status == 1
    # Of each probe the best one and the best ten; the threshold is the wrong one's own.
    assert said["figures"]["mismatches"] >= 8


def test_times_are_drawn(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    status, _ = ask(
        "bench", "search", *SMALL, "--dimensions", "64", "--alone", "--plot", str(tmp_path / "search.svg")
    )
    assert status == 0
    assert (
        "certified top 1" in (tmp_path / "search.svg").read_text(encoding="utf-8")
        or (tmp_path / "search.svg").stat().st_size > 5000
    )


def test_hard_queries_are_answered_as_a_full_scan_answers_them() -> None:
    status, said = ask("bench", "search", "--check", "24", "--dimensions", "192", "--dimensions", "512")
    figures = said["figures"]
    assert status == 0
    assert figures["mismatches"] == 0
    kernels = said["conditions"]["kernels"].split(", ")
    assert "numpy" in kernels
    for dimensions in (192, 512):
        assert figures[f"queries_{dimensions}"] == 24
        assert figures[f"answers_compared_{dimensions}"] == 4 * 24 * len(kernels)
        assert figures[f"mismatches_numpy_{dimensions}"] == 0


def test_a_wrong_answer_to_a_hard_query_is_counted_and_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    right = CertifiedIndex.search

    def wrong(self: CertifiedIndex, probe: np.ndarray, **asked: object) -> SearchAnswer:
        return right(self, -probe, **asked)  # type: ignore[arg-type]

    monkeypatch.setattr(CertifiedIndex, "search", wrong)
    status, said = ask("bench", "search", "--check", "12", "--dimensions", "16")
    assert status == 1
    assert said["figures"]["mismatches"] > 12
    assert said["figures"]["mismatches_random_16"] > 0
    assert "mismatches_zero_16" not in said["figures"]  # minus zero is zero


def test_references_are_the_same_for_the_same_seed() -> None:
    first = np.concatenate(list(random_references(70_000, 8, seed=1)))
    again = np.concatenate(list(random_references(70_000, 8, seed=1)))
    assert first.shape == (70_000, 8)
    assert np.array_equal(first, again)
    assert np.allclose(np.linalg.norm(first, axis=1), 1, atol=1e-5)


def test_one_core_is_given_back() -> None:
    before = os.sched_getaffinity(0)
    with one_core():
        assert len(os.sched_getaffinity(0)) == 1
    assert os.sched_getaffinity(0) == before


def test_a_library_that_is_not_here_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    there = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "faiss" else there(name))
    assert not {"faiss_flat", "faiss_sq8"} & set(installed_peers())
