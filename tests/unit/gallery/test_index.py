"""The index answers what a full scan answers, whatever was added, removed and asked."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from contract.scan_kernel import unit_rows
from countenance.gallery import (
    CertifiedIndex,
    IndexFull,
    NumpyKernel,
    ReferenceExists,
    ReferenceUnknown,
    ScanKernel,
    SearchAnswer,
    SearchFilter,
    VectorUnusable,
    exact_scores,
    runnable_kernels,
)

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
KERNELS: tuple[ScanKernel, ...] = tuple(reversed(runnable_kernels()))


BOOLEANS = st.booleans()


def names(count: int) -> list[str]:
    return [f"ref_{i:06}" for i in range(count)]


def full_search(
    held: dict[str, NDArray[np.float32]],
    probe: NDArray[np.float32],
    *,
    most: int | None,
    at_least: float | None,
) -> list[tuple[str, float]]:
    """The answer from first principles: score all, sort, cut."""
    if not held:
        return []
    scores = exact_scores(np.stack(list(held.values())), probe)
    best = sorted(zip(held, scores.tolist(), strict=True), key=lambda one: (-one[1], one[0]))
    if at_least is not None:
        best = [one for one in best if one[1] >= at_least]
    return best[:most]


def found(answer: SearchAnswer) -> list[tuple[str, float]]:
    assert answer.certified
    return [(one.reference_id, one.score) for one in answer.candidates]


@pytest.fixture(params=KERNELS, ids=lambda kernel: kernel.name)
def index(request: pytest.FixtureRequest) -> Iterator[CertifiedIndex]:
    one = CertifiedIndex(dimensions=192, kernel=request.param, chunk_rows=700, capacity=128)
    yield one
    one.close()


def test_it_answers_what_a_full_scan_answers(index: CertifiedIndex) -> None:
    rows = unit_rows(2000, 192, seed=1)
    rows[1000] = rows[3]
    rows[1001] = -rows[3]
    index.add(names(2000), rows)
    held = {name: index.vector(name) for name in names(2000)}
    probes = [rows[3], -rows[3], np.zeros(192, np.float32), *unit_rows(20, 192, seed=2)]
    for most, at_least in (
        (1, None),
        (10, None),
        (2000, None),
        (None, 0.2),
        (None, 1.0),
        (3, 0.1),
        (None, -1.0),
    ):
        expected = [full_search(held, probe, most=most, at_least=at_least) for probe in probes]
        assert [found(index.search(probe, most=most, at_least=at_least)) for probe in probes] == expected
        together = index.search_many(np.stack(probes), most=most, at_least=at_least)
        assert [found(answer) for answer in together] == expected


@settings(max_examples=60)
@given(st.data())
def test_it_keeps_answering_so_whatever_comes_and_goes(data: st.DataObject) -> None:
    kernel = data.draw(st.sampled_from(KERNELS))
    index = CertifiedIndex(
        dimensions=8, kernel=kernel, chunk_rows=5, capacity=3, threads=data.draw(st.integers(1, 3))
    )
    # Few different vectors, so that ties and duplicates abound.
    vectors = unit_rows(6, 8, seed=data.draw(st.integers(0, 5)))
    held: dict[str, NDArray[np.float32]] = {}
    for step in range(data.draw(st.integers(1, 25))):
        goes: bool = data.draw(BOOLEANS)
        if held and goes:
            gone = data.draw(st.sampled_from(sorted(held)))
            index.remove(gone)
            del held[gone]
        else:
            name = f"r{step}"
            index.add([name], vectors[data.draw(st.integers(0, 5))][None, :])
            held[name] = index.vector(name)
        probe = vectors[data.draw(st.integers(0, 5))]
        most = data.draw(st.sampled_from([1, 2, 4, None]))
        at_least = data.draw(st.sampled_from([None, 0.0, 0.9])) if most else 0.5
        assert found(index.search(probe, most=most, at_least=at_least)) == full_search(
            held, probe, most=most, at_least=at_least
        )
        assert len(index) == len(held)
    index.close()


def test_validity_and_groups_say_who_takes_part(index: CertifiedIndex) -> None:
    rows = unit_rows(3, 192, seed=3)
    index.add(["now"], rows[:1], valid_from=NOON, valid_until=NOON + timedelta(hours=1), group=1)
    index.add(["later"], rows[:1], valid_from=NOON + timedelta(hours=1), group=2)
    index.add(["always"], rows[1:2], group=2)

    def asked(only: SearchFilter) -> list[str]:
        answer = index.search(rows[0], most=3, only=only)
        assert answer.compared == len(answer.candidates)
        return sorted(one.reference_id for one in answer.candidates)

    assert asked(SearchFilter()) == ["always", "later", "now"]
    assert asked(SearchFilter(at=NOON)) == ["always", "now"]
    assert asked(SearchFilter(at=NOON - timedelta(seconds=1))) == ["always"]
    assert asked(SearchFilter(at=NOON + timedelta(hours=1))) == ["always", "later"]
    assert asked(SearchFilter(groups=frozenset({2}))) == ["always", "later"]
    assert asked(SearchFilter(at=NOON, groups=frozenset({2}))) == ["always"]
    assert asked(SearchFilter(groups=frozenset())) == []


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(st.none() | st.integers(-3, 3), st.none() | st.integers(-3, 3), st.integers(0, 2)),
        min_size=1,
        max_size=12,
    ),
    st.lists(st.integers(0, 11), max_size=4),
    st.integers(-4, 4),
)
def test_each_reference_has_its_own_validity(
    dated: list[tuple[int | None, int | None, int]], gone: list[int], asked: int
) -> None:
    rows, hour = unit_rows(len(dated), 192, seed=11), timedelta(hours=1)
    index = CertifiedIndex(dimensions=192, kernel=NumpyKernel(), chunk_rows=5)
    index.add(
        names(len(dated)),
        rows,
        valid_from=[None if since is None else NOON + since * hour for since, _, _ in dated],
        valid_until=[None if until is None else NOON + until * hour for _, until, _ in dated],
        group=[group for _, _, group in dated],
    )
    there = dict(zip(names(len(dated)), dated, strict=True))
    for one in gone:
        if there.pop(names(12)[one], None) is not None:
            index.remove(names(12)[one])
    at = NOON + asked * hour
    valid = {
        name
        for name, (since, until, _) in there.items()
        if (since is None or since <= asked) and (until is None or asked < until)
    }
    for groups in (None, frozenset({0, 2})):
        answer = index.search(rows[0], most=12, only=SearchFilter(at=at, groups=groups))
        expected = {name for name in valid if groups is None or there[name][2] in groups}
        assert {one.reference_id for one in answer.candidates} == expected
        assert answer.compared == len(expected)
    index.close()


def test_moments_are_one_for_all_or_one_for_each(index: CertifiedIndex) -> None:
    with pytest.raises(VectorUnusable, match="one moment"):
        index.add(["a", "b"], unit_rows(2, 192, seed=12), valid_from=[NOON])
    assert len(index) == 0


def test_an_empty_index_finds_nobody(index: CertifiedIndex) -> None:
    probe = unit_rows(1, 192, seed=4)
    assert found(index.search(probe[0])) == []
    assert [found(one) for one in index.search_many(probe)] == [[]]
    assert index.search_many(np.empty((0, 192), np.float32)) == ()


@pytest.mark.parametrize(
    "vectors",
    [
        np.zeros((1, 192), np.float32),
        np.full((1, 192), np.nan, np.float32),
        np.full((1, 192), 1.0, np.float32),
        np.ones((1, 191), np.float32),
        np.ones((1, 192), np.float64),
        np.ones((2, 192), np.float32) / np.sqrt(192, dtype=np.float32),
    ],
    ids=["zero", "not a number", "too long", "too few", "wide numbers", "two for one name"],
)
def test_a_vector_that_is_none_is_refused(index: CertifiedIndex, vectors: NDArray[np.float32]) -> None:
    with pytest.raises(VectorUnusable):
        index.add(["one"], vectors)
    assert len(index) == 0


def test_a_probe_that_is_none_is_refused(index: CertifiedIndex) -> None:
    with pytest.raises(VectorUnusable):
        index.search(np.full(192, np.inf, np.float32))
    with pytest.raises(VectorUnusable):
        index.search(np.zeros(191, np.float32))


def test_a_search_says_what_it_wants(index: CertifiedIndex) -> None:
    for most in (None, 0, -1):
        with pytest.raises(ValueError, match="how many it wants"):
            index.search(np.zeros(192, np.float32), most=most)


def test_a_name_is_taken_once_and_nothing_is_added_by_halves(index: CertifiedIndex) -> None:
    rows = unit_rows(3, 192, seed=5)
    index.add(["a"], rows[:1])
    for twice in (["b", "a"], ["b", "b"]):
        with pytest.raises(ReferenceExists):
            index.add(twice, rows[:2])
    assert len(index) == 1
    assert "b" not in index


def test_it_holds_no_more_than_it_may() -> None:
    index = CertifiedIndex(dimensions=192, kernel=NumpyKernel(), largest=2, chunk_rows=4)
    index.add(["a"], unit_rows(1, 192, seed=6))
    with pytest.raises(IndexFull):
        index.add(["b", "c"], unit_rows(2, 192, seed=7))
    assert len(index) == 1


def test_what_is_not_there_is_not_removed(index: CertifiedIndex) -> None:
    with pytest.raises(ReferenceUnknown):
        index.remove("nobody")
    with pytest.raises(ReferenceUnknown):
        index.vector("nobody")


def test_a_removed_reference_leaves_no_byte(index: CertifiedIndex) -> None:
    rows = unit_rows(900, 192, seed=8)
    index.add(names(900), rows)
    vectors = [index.vector(name) for name in ("ref_000000", "ref_000699", "ref_000899")]
    for name in ("ref_000000", "ref_000699", "ref_000899"):
        index.remove(name)
    arenas = [bytes(chunk._arena._map) for chunk in index._chunks]
    assert any(index.vector("ref_000001").tobytes() in arena for arena in arenas)  # the scan can find one
    assert not any(vector.tobytes() in arena for vector in vectors for arena in arenas)
    assert not any(name in chunk.ids for chunk in index._chunks for name in ("ref_000000", "ref_000699"))


def test_holes_are_filled_before_more_memory_is_taken(index: CertifiedIndex) -> None:
    index.add(names(1400), unit_rows(1400, 192, seed=9))
    chunks = len(index._chunks)
    index.remove("ref_000005")
    index.add(["new"], unit_rows(1, 192, seed=10))
    assert len(index._chunks) == chunks


def test_searches_and_changes_at_once_give_whole_answers() -> None:
    index = CertifiedIndex(dimensions=64, kernel=KERNELS[-1], chunk_rows=128, threads=2)
    fixed = unit_rows(300, 64, seed=11)
    index.add(names(300), fixed)
    wrong: list[str] = []
    stop = threading.Event()

    def search() -> None:
        while not stop.is_set():
            for i in range(0, 300, 17):
                best = index.search(fixed[i]).candidates[0]
                if best.reference_id != f"ref_{i:06}" or abs(best.score - 1) > 1e-5:
                    wrong.append(best.reference_id)

    searchers = [threading.Thread(target=search) for _ in range(2)]
    for thread in searchers:
        thread.start()
    others = unit_rows(200, 64, seed=12)
    for i, other in enumerate(others):
        index.add([f"z{i}"], other[None, :])
        if i >= 5:
            index.remove(f"z{i - 5}")
    stop.set()
    for thread in searchers:
        thread.join(30)
    assert wrong == []
    index.close()


def test_a_score_is_not_shown(index: CertifiedIndex) -> None:
    rows = unit_rows(1, 192, seed=13)
    index.add(["a"], rows)
    answer = index.search(rows[0])
    assert repr(answer.candidates[0]) == "Candidate(reference_id='a')"
    assert "0.9" not in repr(answer)
    assert "1.0" not in repr(answer)


@pytest.mark.parametrize(
    ("dimensions", "threads", "capacity"), [(0, 1, 1), (1025, 1, 1), (8, 0, 1), (8, 1, 0)]
)
def test_numbers_out_of_range_are_refused(dimensions: int, threads: int, capacity: int) -> None:
    with pytest.raises(ValueError, match="dimensions"):
        CertifiedIndex(dimensions=dimensions, kernel=NumpyKernel(), threads=threads, capacity=capacity)
