"""Hard queries against a full search: every kernel, every kind; and that a wrong answer would be seen."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from countenance.evaluation.search_check import QUERY_KINDS, awkward_gallery, check_search, full_search
from countenance.gallery import CertifiedIndex, SearchAnswer, runnable_kernels

KERNELS = runnable_kernels()
Search = Callable[..., SearchAnswer]


def nothing(_done: int) -> None:
    """Progress that nobody looks at."""


@pytest.mark.parametrize("dimensions", [192, 512])
@pytest.mark.parametrize("kernel", KERNELS, ids=lambda kernel: kernel.name)
def test_every_kernel_answers_what_a_full_search_answers(kernel: object, dimensions: int) -> None:
    found = check_search(dimensions=dimensions, queries=72, seed=7, moved=nothing, kernels=[kernel])  # type: ignore[list-item]
    assert sum(found.mismatches.values()) == 0
    assert sum(found.answers.values()) == 4 * 72
    assert found.all_scored > 0  # the gallery holds more equal references than may be left over
    assert found.float32_worse > 0  # plain float32 does get some of them wrong


@pytest.mark.exhaustive
@pytest.mark.parametrize("dimensions", [192, 512])
def test_thousands_of_queries_are_answered_so(dimensions: int) -> None:
    found = check_search(dimensions=dimensions, queries=2000, seed=8, moved=nothing)
    assert sum(found.mismatches.values()) == 0


@pytest.mark.parametrize("width", [2, 3, 65])
def test_few_dimensions_are_searched_too(width: int) -> None:
    found = check_search(dimensions=width, queries=24, seed=9, moved=nothing, kernels=KERNELS[-1:])
    assert sum(found.mismatches.values()) == 0


def test_a_missing_last_candidate_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    right: Search = CertifiedIndex.search

    def short(self: CertifiedIndex, probe: object, **asked: object) -> SearchAnswer:
        answer = right(self, probe, **asked)
        kept = answer.candidates[:-1] if len(answer.candidates) > 1 else answer.candidates
        return SearchAnswer(kept, answer.compared, answer.rescored, answer.certified, answer.kernel)

    monkeypatch.setattr(CertifiedIndex, "search", short)
    found = check_search(dimensions=16, queries=12, seed=1, moved=nothing, kernels=KERNELS[:1])
    assert found.mismatches[KERNELS[0].name] >= 12
    assert all(found.by_kind[kind] > 0 for kind in QUERY_KINDS)


def test_every_kind_is_asked_and_progress_is_told() -> None:
    done: list[int] = []
    check_search(dimensions=8, queries=13, seed=2, moved=done.append, kernels=KERNELS[:1])
    assert done == list(range(1, 14))


def test_the_gallery_is_awkward() -> None:
    rows = awkward_gallery(192, seed=3)
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-6)
    different = np.unique(rows, axis=0, return_counts=True)[1]
    assert different.max() >= 256  # more of one than may be left over
    assert (different == 5).sum() >= 40
    near = rows.astype(np.float64) @ rows.astype(np.float64).T
    assert near.min() == pytest.approx(-1, abs=1e-6)
    assert ((rows != 0).sum(axis=1) == 1).any()
    assert (np.abs(rows[rows != 0]) < 1e-40).any()  # denormal coordinates


@given(
    st.lists(st.sampled_from([0.0, -0.5, 0.25, 0.25000000001, 1.0]), min_size=1, max_size=12),
    st.sampled_from([None, 1, 3, 20]),
    st.sampled_from([None, -1.0, 0.25, 2.0]),
)
def test_the_full_search_sorts_and_cuts(scores: list[float], most: int | None, least: float | None) -> None:
    names = [f"r{number % 7}{number}" for number in range(len(scores))]
    expected = sorted(
        ((name, score) for name, score in zip(names, scores, strict=True) if least is None or score >= least),
        key=lambda one: (-one[1], one[0]),
    )[:most]
    assert full_search(names, np.array(scores), most=most, at_least=least) == expected
