"""How evaluations on one set of people are carried out: read, compared under permits, measured, wiped.

Rules kept here:

* Every comparison is permitted first: each picture's search of the others is one passage.
* Thresholds are those that a desk with these networks would use; none is chosen on the data at hand, unless a
  figure says so.
* Templates and scores stay in here; what comes out are aggregates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from countenance.decisions import ErrorTable, SearchNotMeasured
from countenance.evaluation.congress import evidence_levels
from countenance.evaluation.datasets import DatasetInvalid
from countenance.evaluation.discard import DiscardPoint, error_versus_discard
from countenance.evaluation.genuine import genuine_pairs, genuine_scores
from countenance.evaluation.identification import MatedSearches
from countenance.evaluation.impostors import collect_impostors
from countenance.evaluation.open_set import (
    OpenSetDivision,
    OpenSetRow,
    OpenSetThreshold,
    SearchScores,
    divide_open_set,
    measure_open_set,
)
from countenance.evaluation.parity import ParityLevel, measure_parity
from countenance.evaluation.people import MEN, WOMEN, PeopleSet
from countenance.evaluation.rates import resample_identities
from countenance.evaluation.reading import EvaluationProgress, PictureReader, ReadPictures
from countenance.evaluation.searches import CrossComparison, Faces, faces_of, mean_references

__all__ = ["IdentificationResult", "ParityResult", "PeopleEvaluation", "QualityCurve", "QualityResult"]

_KEPT_SHARE: Final = 0.02
"""Of all comparisons the highest so many are kept: twenty times what the loosest level lets pass."""
_LEAST_KEPT: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ParityResult:
    """Error rates by group.

    Attributes:
        levels: level by level of the error table.
        pictures: how many were looked at.
        without_template: in how many no face was found.
        without_group: people of whom the list says no group.
        impostor_comparisons: in all.
        genuine_pairs: in all.
        permits: how many were used.
    """

    levels: tuple[ParityLevel, ...]
    pictures: int
    without_template: int
    without_group: int
    impostor_comparisons: int
    genuine_pairs: int
    permits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentificationResult:
    """Open-set search.

    Attributes:
        rows: for each number of pictures and rate, from evidence and on these strangers.
        enrolled: how many people are.
        probes: mated searches.
        strangers: searches of people who aren't enrolled.
        largest_galleries: at each rate, how many people the evidence supports.
        without_template: pictures.
        permits: how many were used.
    """

    rows: tuple[OpenSetRow, ...]
    enrolled: int
    probes: int
    strangers: int
    largest_galleries: tuple[tuple[float, int], ...]
    without_template: int
    permits: int


@dataclass(frozen=True, slots=True)
class QualityCurve:
    """Error versus discard at one level.

    Attributes:
        asked: the false match rate of the threshold.
        points: from nothing left out on.
    """

    asked: float
    points: tuple[DiscardPoint, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityResult:
    """Does leaving out pictures of low quality lower the error?

    Attributes:
        curves: level by level of the error table.
        pairs: of one person, both with a template.
        not_compared: pairs of which one picture gave no template.
        quality: float64, shape (2 * pairs,): rising; of the pictures of the pairs.
        permits: how many were used.
    """

    curves: tuple[QualityCurve, ...]
    pairs: int
    not_compared: int
    quality: NDArray[np.float64]
    permits: int


class PeopleEvaluation:
    """Carries out evaluations on one set of people.

    Args:
        reader: reads the pictures.
        comparison: asks for the permits of comparisons, and compares.
        table: of the networks in use.
        replicates: of the bootstrap over people.
        seed: of the bootstrap.
    """

    __slots__ = ("_comparison", "_reader", "_replicates", "_seed", "_table")

    def __init__(
        self,
        *,
        reader: PictureReader,
        comparison: CrossComparison,
        table: ErrorTable,
        replicates: int = 1000,
        seed: int = 1,
    ) -> None:
        self._reader = reader
        self._comparison = comparison
        self._table = table
        self._replicates = replicates
        self._seed = seed

    def parity(self, people: PeopleSet, *, progress: EvaluationProgress) -> ParityResult:
        """Measure error rates by gender, as the list says it, at the table's thresholds.

        Raises:
            DatasetInvalid: if the list says no gender of two people each.
            RefusedByRule: if the rules don't permit it; nothing was read then.
        """
        _require_two_each([people.members(name).size for name in (WOMEN, MEN)])
        read = self._read(people, progress)
        there = np.flatnonzero(read.found)
        self._comparison.admit(
            [read.materials[n] for n in there], [read.materials[n] for n in there], progress=progress
        )
        pairs = genuine_pairs(people)
        progress.begins("figures", 1)
        # Everybody keeps a number, so that groups and draws fit; who has no template has no pictures either.
        known, owners = np.unique(people.owners[there], return_inverse=True)
        place = {int(person): n for n, person in enumerate(known)}
        groups = {
            name: np.array([place[int(n)] for n in people.members(name) if int(n) in place], dtype=np.int64)
            for name in (WOMEN, MEN)
        }
        _require_two_each([members.size for members in groups.values()])
        comparisons = collect_impostors(
            read.vectors[there],
            owners.astype(np.int64),
            excluded=[(place[a], place[b]) for a, b in people.one_person if a in place and b in place],
            keep=max(_LEAST_KEPT, round(_KEPT_SHARE * there.size**2 / 2)),
        )
        alive = np.array([int(person) in place for person in people.owners[pairs[:, 0]]], dtype=np.bool_)
        levels = measure_parity(
            comparisons,
            groups=groups,
            levels=[(level.asked, level.threshold) for level in self._table.levels],
            genuine=genuine_scores(pairs[alive], read.vectors, read.found),
            genuine_owners=np.array([place[int(n)] for n in people.owners[pairs[alive, 0]]], dtype=np.int64),
            drawn=resample_identities(known.size, replicates=self._replicates, seed=self._seed),
        )
        progress.moved(1)
        self._done(read)
        return ParityResult(
            levels=levels,
            pictures=len(people.pictures),
            without_template=int((~read.found).sum()),
            without_group=sum(group is None for group in people.groups),
            impostor_comparisons=comparisons.total,
            genuine_pairs=len(pairs),
            permits=read.permits + self._comparison.permits,
        )

    def identification(
        self,
        people: PeopleSet,
        *,
        pictures: Sequence[int],
        rates: Sequence[float],
        progress: EvaluationProgress,
    ) -> IdentificationResult:
        """Enrol some people with so many pictures each and search for all others.

        Args:
            people: enrolled are those with more pictures than the largest of ``pictures``.
            pictures: of how many pictures a reference is made, each at least 1.
            rates: FPIRs, in (0, 1).
            progress: is told how far it is.

        Raises:
            DatasetInvalid: if fewer than two people have so many pictures, or nobody has fewer.
            SearchNotMeasured: if the table has no tail.
            RefusedByRule: if the rules don't permit it; nothing was read then.
        """
        tail = self._table.tail
        if tail is None:
            raise SearchNotMeasured("The error table of these networks says nothing about a search.")
        division = divide_open_set(people, most=max(pictures))
        if division is None:
            msg = f"Two people with more than {max(pictures)} pictures and one with fewer are needed."
            raise DatasetInvalid(msg, remedy="State smaller numbers with --references.")
        read = self._read(people, progress)
        rows: list[OpenSetRow] = []
        for count in pictures:
            scores, enrolled = self._searched(people, read, division, count=count, progress=progress)
            drawn = resample_identities(
                int(scores.owners.max()) + 1, replicates=self._replicates, seed=self._seed
            )
            levels = evidence_levels(tail, rates=rates, people=enrolled)
            thresholds = [
                OpenSetThreshold(rate, level.value, level.predicted, level.extrapolated)
                for rate, level in zip(rates, levels, strict=True)
            ]
            rows += measure_open_set(scores, pictures=count, thresholds=thresholds, drawn=drawn)
        self._done(read)
        return IdentificationResult(
            rows=tuple(rows),
            enrolled=len(division.references),
            probes=division.probes.size,
            strangers=division.strangers.size,
            largest_galleries=tuple((rate, tail.largest_gallery(fpir=rate)) for rate in rates),
            without_template=int((~read.found).sum()),
            permits=read.permits + self._comparison.permits,
        )

    def quality(self, people: PeopleSet, *, progress: EvaluationProgress) -> QualityResult:
        """Measure error versus discard by unified quality, at the table's thresholds.

        Raises:
            DatasetInvalid: if nobody has two pictures with a template.
            RefusedByRule: if the rules don't permit it; nothing was read then.
        """
        pairs = genuine_pairs(people)
        read = self._read(people, progress)
        compared = pairs[read.found[pairs].all(axis=1)] if len(pairs) else pairs
        if not len(compared):
            raise DatasetInvalid("Nobody has two pictures in which a face was found.")
        self._comparison.admit(
            [read.materials[n] for n in compared[:, 0]],
            [read.materials[n] for n in compared[:, 1]],
            progress=progress,
        )
        scores = genuine_scores(compared, read.vectors, read.found)
        quality = read.quality[compared].astype(np.float64)
        curves = tuple(
            QualityCurve(level.asked, error_versus_discard(scores, quality, level.threshold))
            for level in self._table.levels
        )
        self._done(read)
        return QualityResult(
            curves=curves,
            pairs=len(compared),
            not_compared=len(pairs) - len(compared),
            quality=np.sort(quality.ravel()),
            permits=read.permits + self._comparison.permits,
        )

    def _read(self, people: PeopleSet, progress: EvaluationProgress) -> ReadPictures:
        read = self._reader.read(people.pictures, progress=progress)
        lengths = np.linalg.norm(read.vectors, axis=1, keepdims=True)
        np.divide(read.vectors, lengths, out=read.vectors, where=lengths > 0)
        return read

    def _done(self, read: ReadPictures) -> None:
        read.wipe()
        self._reader.forget()

    def _searched(
        self,
        people: PeopleSet,
        read: ReadPictures,
        division: OpenSetDivision,
        *,
        count: int,
        progress: EvaluationProgress,
    ) -> tuple[SearchScores, int]:
        """Enrol with the first so many pictures, and search; return how many were enrolled, too."""
        references = mean_references(faces_of(read, people.owners, division.references[:, :count].ravel()))
        if not len(references):
            raise DatasetInvalid("No picture of those to be enrolled gave a template.")
        highest = np.full(division.strangers.size, -np.inf)
        strangers = faces_of(read, people.owners, division.strangers)
        if len(strangers):
            scores = self._comparison.scores(strangers, references, progress=progress)
            highest[read.found[division.strangers]] = scores.max(axis=1)
        owners = people.owners[division.probes]
        mated = self._mated(faces_of(read, people.owners, division.probes), references, progress)
        # Without a template, or enrolled with none: missed.
        own = np.full(owners.size, -np.inf, dtype=np.float32)
        ranks = np.full(owners.size, len(references) + 1, dtype=np.int64)
        there = read.found[division.probes] & np.isin(owners, references.owners)
        own[there], ranks[there] = mated.scores, mated.ranks
        _, numbers = np.unique(owners, return_inverse=True)
        found = SearchScores(MatedSearches(scores=own, ranks=ranks), numbers.astype(np.int64), highest)
        return found, len(references)

    def _mated(self, probes: Faces, references: Faces, progress: EvaluationProgress) -> MatedSearches:
        """Search for those who have a reference."""
        enrolled = np.isin(probes.owners, references.owners)
        if not enrolled.any():
            return MatedSearches(scores=np.empty(0, np.float32), ranks=np.empty(0, np.int64))
        chosen = Faces(
            probes.vectors[enrolled],
            probes.owners[enrolled],
            tuple(probes.materials[n] for n in np.flatnonzero(enrolled)),
        )
        scores = self._comparison.scores(chosen, references, progress=progress)
        return MatedSearches.of_matrix(scores, np.searchsorted(references.owners, chosen.owners))


def _require_two_each(sizes: Sequence[int]) -> None:
    if min(sizes) < 2:  # noqa: PLR2004
        msg = "There aren't two women and two men, as the list says who is which, with a face that was found."
        raise DatasetInvalid(msg, remedy="Add a column gender (F or M) to manifest.csv or people.csv.")
