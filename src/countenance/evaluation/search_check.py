"""Whether the certified search answers what a full search answers, on queries made to break it.

Rules kept here:

* The full search scores every reference in float64 from the float32 vectors that are held, sorts all and
  cuts: none of the search's bounds, codes or kernels is in it. Identifiers and scores have to be the same, to
  the last bit.
* Every kernel that runs here answers every query, one at a time and several in one pass.
* The gallery is as awkward as the queries: ties, duplicates, neighbours 1e-7 apart, opposites, axes, and more
  equal references than a chunk may leave over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from countenance.gallery import CertifiedIndex, ScanKernel, SearchAnswer, exact_scores, runnable_kernels

__all__ = ["QUERY_KINDS", "CheckedSearch", "awkward_gallery", "check_search", "full_search"]

Rows = NDArray[np.float32]
Found = list[tuple[str, float]]

_CHUNK_ROWS: Final = 500
_CAPACITY: Final = 128
_TOGETHER: Final = 64
_TEN: Final = 10
_ROUNDING: Final = 1e-12


@dataclass(frozen=True, slots=True)
class CheckedSearch:
    """What a check found.

    Attributes:
        dimensions: of a vector.
        references: how many were searched.
        queries: how many probes.
        answers: how many answers were compared, by kernel.
        mismatches: how many of them differ from the full search, by kernel.
        by_kind: mismatches by the kind of query.
        all_scored: answers for which the bound excluded so little that a chunk was scored in full.
        float32_worse: probes for which a plain float32 product puts a worse reference first.
    """

    dimensions: int
    references: int
    queries: int
    answers: Mapping[str, int]
    mismatches: Mapping[str, int]
    by_kind: Mapping[str, int]
    all_scored: int
    float32_worse: int


def _unit(rows: NDArray[np.float64]) -> Rows:
    lengths = np.linalg.norm(rows, axis=-1, keepdims=True)
    return np.asarray(rows / lengths, dtype=np.float32)


def awkward_gallery(dimensions: int, *, seed: int) -> Rows:
    """Return references that are hard to tell apart, float32, shape (n, d), each of length 1.

    Args:
        dimensions: of a vector, at least 2.
        seed: of the generator.
    """
    generator = np.random.default_rng(seed)
    random = _unit(generator.standard_normal((600, dimensions)))
    near = random[:200].astype(np.float64)
    noise = generator.standard_normal((200, dimensions)) / np.sqrt(dimensions)
    axes = np.eye(dimensions)[: min(dimensions, 64)]
    signs = generator.choice([-1.0, 1.0], (64, dimensions))
    faint = np.full((4, dimensions), 1e-42)
    faint[np.arange(4), np.arange(4) % dimensions] = 1.0
    parts = [
        random,
        _unit(near + 1e-7 * noise),
        np.nextafter(random[:50], np.float32(1)),
        np.repeat(random[200:240], 4, axis=0),  # five of each
        np.repeat(random[240:241], 2 * _CAPACITY, axis=0),  # more than a chunk may leave over
        -random[:100],
        axes.astype(np.float32),
        -axes.astype(np.float32),
        _unit(signs),
        _unit(random[300:301].astype(np.float64) + 0.02 * generator.standard_normal((100, dimensions))),
        faint.astype(np.float32),
    ]
    rows = np.concatenate(parts)
    return np.ascontiguousarray(rows[generator.permutation(len(rows))])


def _random(_held: Rows, pick: np.random.Generator, dimensions: int) -> Rows:
    return _unit(pick.standard_normal(dimensions))


def _enrolled(held: Rows, pick: np.random.Generator, _dimensions: int) -> Rows:
    return np.array(held[pick.integers(len(held))])


def _nearby(held: Rows, pick: np.random.Generator, dimensions: int) -> Rows:
    noise = pick.standard_normal(dimensions) / np.sqrt(dimensions)
    return _unit(_enrolled(held, pick, dimensions) + 1e-7 * noise)


def _opposite(held: Rows, pick: np.random.Generator, dimensions: int) -> Rows:
    return -_enrolled(held, pick, dimensions)


def _between(held: Rows, pick: np.random.Generator, dimensions: int) -> Rows:
    one, other = _enrolled(held, pick, dimensions), _enrolled(held, pick, dimensions)
    return np.asarray(one + other, dtype=np.float32)


def _zero(_held: Rows, _pick: np.random.Generator, dimensions: int) -> Rows:
    return np.zeros(dimensions, dtype=np.float32)


def _axis(_held: Rows, pick: np.random.Generator, dimensions: int) -> Rows:
    probe = np.zeros(dimensions, dtype=np.float32)
    probe[pick.integers(dimensions)] = pick.choice([-1.0, 1.0])
    return probe


def _signs(_held: Rows, pick: np.random.Generator, dimensions: int) -> Rows:
    return pick.choice(np.array([-1, 1], dtype=np.float32), dimensions)


def _huge(held: Rows, pick: np.random.Generator, dimensions: int) -> Rows:
    return np.asarray(_nearby(held, pick, dimensions) * np.float32(10.0 ** pick.integers(3, 38)))


def _tiny(held: Rows, pick: np.random.Generator, dimensions: int) -> Rows:
    return np.asarray(_nearby(held, pick, dimensions) * np.float32(10.0 ** -pick.integers(3, 35)))


def _denormal(held: Rows, pick: np.random.Generator, dimensions: int) -> Rows:
    return np.asarray(_nearby(held, pick, dimensions) * np.float64(1e-41), dtype=np.float32)


def _uneven(held: Rows, pick: np.random.Generator, dimensions: int) -> Rows:
    scales = 10.0 ** pick.integers(-30, 30, dimensions)
    return np.asarray(_enrolled(held, pick, dimensions) * scales, dtype=np.float32)


QUERY_KINDS: Final[Mapping[str, Callable[[Rows, np.random.Generator, int], Rows]]] = {
    "random": _random,
    "enrolled": _enrolled,
    "near_duplicate": _nearby,
    "antipodal": _opposite,
    "between_two": _between,
    "zero": _zero,
    "one_hot": _axis,
    "signs": _signs,
    "huge": _huge,
    "tiny": _tiny,
    "denormal": _denormal,
    "uneven": _uneven,
}
"""How a query is made: from the held references, a generator and the number of dimensions."""


def full_search(
    names: Sequence[str], scores: NDArray[np.float64], *, most: int | None, at_least: float | None
) -> Found:
    """Return the answer from first principles: sort all by score, ties by name, then cut.

    Args:
        names: of the references.
        scores: float64, shape (n,): of each.
        most: how many best ones; ``None``: all.
        at_least: the least score; ``None``: any.
    """
    order = np.lexsort((np.asarray(names), -scores))
    if at_least is not None:
        order = order[: int(np.count_nonzero(scores >= at_least))]
    return [(str(names[one]), float(scores[one])) for one in order[:most]]


def _least_scores(scores: NDArray[np.float64]) -> tuple[float, ...]:
    """Return least scores that are hard to get right: those that references have, and their neighbours."""
    ordered = np.sort(scores)[::-1]
    best, tenth = float(ordered[0]), float(ordered[_TEN])
    return (
        best,
        tenth,
        float(np.nextafter(tenth, np.inf)),
        float(np.nextafter(best, np.inf)),
        float(np.nextafter(tenth, -np.inf)),
        (best + tenth) / 2,
    )


def check_search(
    *,
    dimensions: int,
    queries: int,
    seed: int,
    moved: Callable[[int], None],
    kernels: Sequence[ScanKernel] | None = None,
) -> CheckedSearch:
    """Answer queries by every kernel and compare each answer with the full search.

    Each probe asks for the best one, the best ten and all that reach a score; then again in batches of 64,
    for the best ten.

    Args:
        dimensions: of a vector, at least 2.
        queries: how many probes.
        seed: of gallery and queries.
        moved: told how many probes are done.
        kernels: what scans, each with an index of its own; all that run here if left out.
    """
    check = _Check(dimensions, seed, runnable_kernels() if kernels is None else kernels)
    waiting: list[tuple[str, Rows, NDArray[np.float64]]] = []
    for number, (kind, probe) in enumerate(check.probes(queries)):
        waiting.append((kind, probe, check.one(kind, probe, number)))
        if len(waiting) == _TOGETHER or number == queries - 1:
            check.together(waiting)
            waiting = []
        moved(number + 1)
    return check.close(queries)


class _Check:
    """Indexes of the same references, one for each kernel, and what they got wrong."""

    def __init__(self, dimensions: int, seed: int, kernels: Sequence[ScanKernel]) -> None:
        self._generator = np.random.default_rng(seed + 1)
        rows = awkward_gallery(dimensions, seed=seed)
        order = self._generator.permutation(len(rows))
        self._names = [f"ref_{number:05}" for number in order]
        self._indexes = [
            CertifiedIndex(dimensions=dimensions, kernel=one, chunk_rows=_CHUNK_ROWS, capacity=_CAPACITY)
            for one in kernels
        ]
        passing = [f"gone_{number:05}" for number in range(50)]
        for index in self._indexes:
            index.add(passing, rows[: len(passing)])
            index.add(self._names, rows)
            for name in passing:  # holes, and rows that moved into them
                index.remove(name)
        self._held = np.stack([self._indexes[0].vector(name) for name in self._names])
        self._answers = {index.kernel.name: 0 for index in self._indexes}
        self._mismatches = dict(self._answers)
        self._by_kind = dict.fromkeys(QUERY_KINDS, 0)
        self._all_scored = self._float32_worse = 0

    def probes(self, count: int) -> Iterator[tuple[str, Rows]]:
        kinds = tuple(QUERY_KINDS.items())
        for number in range(count):
            kind, make = kinds[number % len(kinds)]
            yield kind, make(self._held, self._generator, self._held.shape[1])

    def one(self, kind: str, probe: Rows, number: int) -> NDArray[np.float64]:
        """Compare what one probe finds; the scores of the full search."""
        scores = exact_scores(self._held, probe)
        self._require_sums(scores, probe)
        with np.errstate(over="ignore", invalid="ignore"):
            plain = int(np.argmax(np.nan_to_num(self._held @ probe)))
        self._float32_worse += bool(scores[plain] < scores.max())
        least = _least_scores(scores)[number // len(QUERY_KINDS) % 6]
        for most, at_least in ((1, None), (_TEN, None), (None, least)):
            true = full_search(self._names, scores, most=most, at_least=at_least)
            for index in self._indexes:
                self._compare(index, kind, index.search(probe, most=most, at_least=at_least), true)
        return scores

    def together(self, waiting: Sequence[tuple[str, Rows, NDArray[np.float64]]]) -> None:
        """Compare what several probes find in one pass."""
        probes = np.stack([probe for _, probe, _ in waiting])
        truths = [full_search(self._names, scores, most=_TEN, at_least=None) for _, _, scores in waiting]
        for index in self._indexes:
            answers = index.search_many(probes, most=_TEN)
            for (kind, _, _), answer, true in zip(waiting, answers, truths, strict=True):
                self._compare(index, kind, answer, true)

    def close(self, queries: int) -> CheckedSearch:
        for index in self._indexes:
            index.close()
        return CheckedSearch(
            dimensions=self._held.shape[1],
            references=len(self._held),
            queries=queries,
            answers=self._answers,
            mismatches=self._mismatches,
            by_kind=self._by_kind,
            all_scored=self._all_scored,
            float32_worse=self._float32_worse,
        )

    def _compare(self, index: CertifiedIndex, kind: str, answer: SearchAnswer, true: Found) -> None:
        same = [(one.reference_id, one.score) for one in answer.candidates] == true and answer.certified
        name = index.kernel.name
        self._answers[name] += 1
        self._mismatches[name] += not same
        self._by_kind[kind] += not same
        self._all_scored += answer.rescored > _CAPACITY

    def _require_sums(self, scores: NDArray[np.float64], probe: Rows) -> None:
        """Compare the full search's own sums with NumPy's product."""
        wide = probe.astype(np.float64)
        other = self._held.astype(np.float64) @ wide
        if np.abs(scores - other).max() > _ROUNDING * float(np.sqrt(wide @ wide)):
            msg = "the full search's scores aren't the products of the vectors"
            raise ArithmeticError(msg)
