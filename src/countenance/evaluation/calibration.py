"""From a deployment's own photographs to its own error table: read, compared under permits, measured, wiped.

Rules kept here:

* Every picture is read with each detector that the deployment's desks use, and a comparison counts for every
  pair of them: at a desk the two faces may be found by different ones.
* A level that the data can't measure isn't offered; a table without one is none. The tail is fitted where
  there are people enough, and is left out otherwise.
* Groups are what the list says. An attribute of which it says nothing isn't measured, and the table says so.
* Templates and scores stay in here; what comes out are aggregates.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

from countenance.decisions import DEMOGRAPHICS, ErrorLevel, ErrorTable, ImpostorTail
from countenance.decisions.error_table import in_words
from countenance.evaluation.datasets import DatasetInvalid
from countenance.evaluation.genuine import genuine_pairs
from countenance.evaluation.impostors import ImpostorComparisons, TooFewComparisons, collect_impostors
from countenance.evaluation.people import PeopleSet
from countenance.evaluation.rates import resample_identities
from countenance.evaluation.reading import EvaluationProgress, PictureReader, ReadPictures
from countenance.evaluation.searches import CrossComparison
from countenance.evaluation.tables import measure_levels
from countenance.evaluation.tail_fit import fit_impostor_tail

__all__ = ["LEAST_PEOPLE", "RATES", "Calibration", "CalibrationOrder", "CalibrationResult"]

RATES: Final = (1e-3, 1e-4, 1e-5)
"""The false match rates that a table may offer, where the data can measure them."""
LEAST_PEOPLE: Final = 100
"""Fewer than so many people say too little about an interval over people; the house's own floor."""
CALIBRATED: Final = "calibrated"
"""The label of such a table; it says how far it goes, and nothing about whose it is."""
_KEPT_SHARE: Final = 0.02
_LEAST_KEPT: Final = 10_000
_TAIL_REPLICATES: Final = 500
_LEAST_IN_GROUP: Final = 2
_LIMITS: Final = (
    "Says how often strangers like the people in these photographs are taken for one another; not others.",
    "Compared live to live: portraits in documents were not measured.",
    "Whether the embedding network was trained on some of these people isn't known.",
)


@dataclass(frozen=True, slots=True)
class CalibrationOrder:
    """What a table is to say of itself.

    Attributes:
        model_id: the embedding network of the readers.
        detectors: what each reader finds faces with, in their order.
        mirrored: whether mirrored vectors are added.
        measured_on: whose photographs, in a few words; stands in every decision, with how many people had a
            face that was found.
        measured_at: the day.
        conditions: how the figures were made.
        source: where the photographs come from.
    """

    model_id: str
    detectors: tuple[str, ...]
    mirrored: bool
    measured_on: str
    measured_at: date
    conditions: Mapping[str, str]
    source: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CalibrationResult:
    """A table, and what it rests on.

    Attributes:
        table: the deployment's own.
        not_offered: rates that the data are too few to measure.
        people: of whom there is a template.
        pictures: how many were looked at.
        without_template: in how many no detector found a face.
        impostor_comparisons: in all.
        genuine_comparisons: in all.
        groups: for each attribute, how many people are in each group.
        genuine_histogram: float64, shape (2, bins): lower edges, share of comparisons of one person.
        impostor_tail: float64, shape (2, n): scores, rising, and the share of impostor comparisons that reach
            each.
        permits: how many were used.
    """

    table: ErrorTable
    not_offered: tuple[float, ...]
    people: int
    pictures: int
    without_template: int
    impostor_comparisons: int
    genuine_comparisons: int
    groups: Mapping[str, Mapping[str, int]]
    genuine_histogram: NDArray[np.float64]
    impostor_tail: NDArray[np.float64]
    permits: int


@dataclass(frozen=True, slots=True, eq=False)
class _Read:
    """What was read of everybody of whom there is a template; people are numbered anew, from 0."""

    reads: tuple[ReadPictures, ...]
    place: Mapping[int, int]
    owners: NDArray[np.int64]
    found: NDArray[np.bool_]

    def vectors(self) -> NDArray[np.float32]:
        return np.concatenate([read.vectors[read.found] for read in self.reads])

    def identities(self) -> NDArray[np.int64]:
        owners = [np.array([self.place[int(n)] for n in self.owners[read.found]]) for read in self.reads]
        return np.concatenate(owners).astype(np.int64)


class Calibration:
    """Measures one deployment's table.

    Args:
        readers: read the pictures, each with another detector; one at least.
        comparison: asks for the permits of comparisons.
        replicates: of the bootstrap over people.
        seed: of the bootstrap.
    """

    __slots__ = ("_comparison", "_readers", "_replicates", "_seed")

    def __init__(
        self,
        *,
        readers: Sequence[PictureReader],
        comparison: CrossComparison,
        replicates: int = 2000,
        seed: int = 1,
    ) -> None:
        self._readers = tuple(readers)
        self._comparison = comparison
        self._replicates = replicates
        self._seed = seed

    def run(
        self,
        people: PeopleSet,
        order: CalibrationOrder,
        *,
        attributes: Mapping[str, Mapping[str, Sequence[int]]],
        progress: EvaluationProgress,
    ) -> CalibrationResult:
        """Measure a table.

        Args:
            people: whose photographs.
            order: what the table is to say of itself.
            attributes: by what the list groups people: attribute to group to who is in it, as numbers of
                people.
            progress: is told how far it is.

        Raises:
            DatasetInvalid: if there are too few people, or nobody has two pictures.
            TooFewComparisons: if not even the loosest level can be measured.
            RefusedByRule: if the rules don't permit it; nothing was read then.
        """
        _require_enough(people.people)
        read = self._read(people, progress)
        _require_enough(len(read.place))
        there = [read.reads[0].materials[n] for n in np.flatnonzero(read.found)]
        self._comparison.admit(there, there, progress=progress)
        progress.begins("figures", len(RATES) + 1)
        genuine, owners = self._genuine(people, read)
        comparisons = _impostors(people, read)
        drawn = resample_identities(len(read.place), replicates=self._replicates, seed=self._seed)
        groups = _placed(attributes, read.place)
        levels = _levels(comparisons, (genuine, owners), groups, drawn=drawn, progress=progress)
        tail = _tail(comparisons, drawn, groups)
        progress.moved(1)
        table = _table(order, people=len(read.place), levels=levels, tail=tail, attributes=tuple(groups))
        for one, reader in zip(read.reads, self._readers, strict=True):
            one.wipe()
            reader.forget()
        return CalibrationResult(
            table=table,
            not_offered=RATES[len(levels) :],
            people=len(read.place),
            pictures=len(people.pictures),
            without_template=int((~read.found).sum()),
            impostor_comparisons=comparisons.total,
            genuine_comparisons=genuine.size,
            groups={name: {group: m.size for group, m in own.items()} for name, own in groups.items()},
            genuine_histogram=_histogram(genuine),
            impostor_tail=_reaching(comparisons),
            permits=sum(one.permits for one in read.reads) + self._comparison.permits,
        )

    def _read(self, people: PeopleSet, progress: EvaluationProgress) -> _Read:
        reads = tuple(reader.read(people.pictures, progress=progress) for reader in self._readers)
        for one in reads:
            lengths = np.linalg.norm(one.vectors, axis=1, keepdims=True)
            np.divide(one.vectors, lengths, out=one.vectors, where=lengths > 0)
        found = np.any([one.found for one in reads], axis=0)
        known = np.unique(people.owners[found])
        return _Read(reads, {int(person): n for n, person in enumerate(known)}, people.owners, found)

    def _genuine(self, people: PeopleSet, read: _Read) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Return the scores of pairs of one person, for every pair of detectors, and whose they are."""
        pairs = genuine_pairs(people)
        scores, owners = [], []
        for one, other in itertools.product(read.reads, read.reads):
            both = one.found[pairs[:, 0]] & other.found[pairs[:, 1]] if len(pairs) else np.zeros(0, np.bool_)
            own = pairs[both]
            scores.append(np.einsum("ij,ij->i", one.vectors[own[:, 0]], other.vectors[own[:, 1]]))
            owners.append(np.array([read.place[int(n)] for n in people.owners[own[:, 0]]], dtype=np.int64))
        joined = np.concatenate(scores).astype(np.float32)
        if not joined.size:
            raise DatasetInvalid("Nobody has two pictures in which a face was found.")
        return joined, np.concatenate(owners)


def _require_enough(people: int) -> None:
    if people < LEAST_PEOPLE:
        msg = (
            f"There are photographs of {people} people with a face that was found; {LEAST_PEOPLE} are needed."
        )
        raise DatasetInvalid(msg, remedy="Calibrate on more people, or keep the table that came along.")


def _impostors(people: PeopleSet, read: _Read) -> ImpostorComparisons:
    vectors = read.vectors()
    return collect_impostors(
        vectors,
        read.identities(),
        excluded=[(read.place[a], read.place[b]) for a, b in people.one_person if {a, b} <= set(read.place)],
        keep=max(_LEAST_KEPT, round(_KEPT_SHARE * len(vectors) ** 2 / 2)),
    )


def _placed(
    attributes: Mapping[str, Mapping[str, Sequence[int]]], place: Mapping[int, int]
) -> dict[str, dict[str, NDArray[np.int64]]]:
    """Return who is in each group by the new numbers; an attribute of one group says nothing."""
    placed: dict[str, dict[str, NDArray[np.int64]]] = {}
    for attribute, groups in attributes.items():
        own = {
            group: np.array(sorted(place[n] for n in members if n in place), dtype=np.int64)
            for group, members in groups.items()
        }
        kept = {group: members for group, members in own.items() if members.size}
        if len(kept) >= _LEAST_IN_GROUP:
            placed[attribute] = kept
    return placed


def _masks(
    groups: Mapping[str, Mapping[str, NDArray[np.int64]]], people: int
) -> dict[str, NDArray[np.bool_]]:
    masks = {}
    for attribute, own in groups.items():
        for group, members in own.items():
            mask = np.zeros(people, dtype=np.bool_)
            mask[members] = True
            masks[f"two people ({attribute}: {group})"] = mask
    return masks


def _levels(
    comparisons: ImpostorComparisons,
    genuine: tuple[NDArray[np.float32], NDArray[np.int64]],
    groups: Mapping[str, Mapping[str, NDArray[np.int64]]],
    *,
    drawn: NDArray[np.int16],
    progress: EvaluationProgress,
) -> tuple[ErrorLevel, ...]:
    """Measure as many levels as the data can, the loosest first.

    Raises:
        TooFewComparisons: if there is none.
    """
    levels: list[ErrorLevel] = []
    masks = _masks(groups, comparisons.images.size)
    for rate in RATES:
        try:
            (level,) = measure_levels(
                comparisons,
                rates=(rate,),
                drawn=drawn,
                genuine_scores=genuine[0],
                genuine_identities=genuine[1],
                groups={name: (mask, mask) for name, mask in masks.items() if mask.sum() >= _LEAST_IN_GROUP},
                attributes=groups,
            )
        except TooFewComparisons:
            if not levels:
                raise
            break
        if levels and level.threshold <= levels[-1].threshold:
            break
        levels.append(level)
        progress.moved(1)
    return tuple(levels)


def _tail(
    comparisons: ImpostorComparisons,
    drawn: NDArray[np.int16],
    groups: Mapping[str, Mapping[str, NDArray[np.int64]]],
) -> ImpostorTail | None:
    masks = _masks(groups, comparisons.images.size)
    try:
        return fit_impostor_tail(comparisons, drawn=drawn[:_TAIL_REPLICATES], groups=masks)
    except TooFewComparisons:
        return None


def _table(
    order: CalibrationOrder,
    *,
    people: int,
    levels: tuple[ErrorLevel, ...],
    tail: ImpostorTail | None,
    attributes: Sequence[str],
) -> ErrorTable:
    not_measured = [name for name in DEMOGRAPHICS if name not in attributes]
    limits = list(_LIMITS)
    if not_measured:
        limits.append(f"Groups by {', '.join(not_measured)}: not measured.")
    limits += [
        f"A false match rate of {in_words(rate)}: too few comparisons to measure it."
        for rate in RATES[len(levels) :]
    ]
    if tail is None:
        limits.append("Searches: too few different people to say anything.")
    return ErrorTable(
        model_id=order.model_id,
        detectors=order.detectors,
        mirrored=order.mirrored,
        label=CALIBRATED,
        measured_on=f"{order.measured_on}, {people:,} people",
        document_portraits="not measured",
        source=(*order.source.items(), ("people", str(people))),
        conditions=tuple(order.conditions.items()),
        limits=tuple(limits),
        measured_at=order.measured_at,
        levels=levels,
        tail=tail,
    )


def _histogram(genuine: NDArray[np.float32]) -> NDArray[np.float64]:
    counts, edges = np.histogram(genuine, bins=60, range=(-0.2, 1.0))
    return np.stack([edges[:-1], counts / max(1, genuine.size)])


def _reaching(comparisons: ImpostorComparisons) -> NDArray[np.float64]:
    """Return the share of impostor comparisons above some scores, from the loosest kept to the highest."""
    scores = comparisons.scores
    at = np.linspace(float(scores[-1]), float(scores[0]), 200)
    # Falling scores: how many reach a value is their place from the top.
    reach = np.searchsorted(-scores, -at, side="right") / comparisons.total
    return np.stack([at, reach])
