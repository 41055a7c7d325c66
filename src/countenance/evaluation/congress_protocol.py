"""How the Congress exercise is carried out: two sets read, searched and wiped.

Rules kept here:

* Whoever of the probes may be in the gallery, by name, is searched by nobody; the list says so too.
* The pair of a person is the earliest portrait of the first collection and the first of the last.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from countenance.decisions import ImpostorTail
from countenance.evaluation.congress import (
    CongressMeasured,
    borrowed_levels,
    evidence_levels,
    measure_congress,
)
from countenance.evaluation.datasets import DatasetInvalid
from countenance.evaluation.identification import MatedSearches
from countenance.evaluation.namesakes import people_named_in
from countenance.evaluation.people import PeopleSet
from countenance.evaluation.reading import EvaluationProgress, PictureReader, ReadPictures
from countenance.evaluation.searches import CrossComparison, Faces, faces_of, mean_references

__all__ = ["CongressExercise", "CongressResult", "pairs_of_portraits", "strangers_of"]

_NO_TEMPLATE: Final = -np.inf


@dataclass(frozen=True, slots=True, eq=False)
class CongressResult:
    """What the exercise found out, and on what.

    Attributes:
        measured: the figures.
        namesakes_left_out: people of the probes who may be in the gallery, by name.
        pictures_without_template: of both sets.
        largest_gallery: how many people the evidence supports at the first rate asked for.
        resumed: pictures whose sealed embedding an earlier, interrupted run had kept.
        permits: how many permits were used.
        model_id: the embedder.
    """

    measured: CongressMeasured
    namesakes_left_out: int
    pictures_without_template: int
    largest_gallery: int
    resumed: int
    permits: int
    model_id: str


def strangers_of(probes: PeopleSet, gallery: PeopleSet) -> NDArray[np.bool_]:
    """Return who of the probes is in the gallery under no name, bool, shape (people,).

    Raises:
        DatasetInvalid: if nobody is.
    """
    stranger = np.array([not other for other in probes.also_named], dtype=np.bool_)
    named = [(name,) if name else () for name in probes.names]
    stranger[list(people_named_in(named, gallery.names))] = False
    if not stranger.any():
        raise DatasetInvalid("Everybody of the probes may be in the gallery, by name.")
    return stranger


def pairs_of_portraits(probes: PeopleSet) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the two pictures of each person who has two: the first, and the first of the last collection.

    Where all pictures are of one collection, the first and the last.

    Returns:
        Two arrays int64, shape (pairs,): pictures as numbers.

    Raises:
        DatasetInvalid: if nobody has two.
    """
    earlier, later = [], []
    for person in range(probes.people):
        own = np.flatnonzero(probes.owners == person)
        latest = own[probes.collections[own] == probes.collections[own[-1]]]
        last = latest[0] if latest[0] != own[0] else own[-1]
        if last != own[0]:
            earlier.append(own[0])
            later.append(last)
    if not earlier:
        raise DatasetInvalid("Nobody of the probes has two pictures: what a threshold costs can't be said.")
    return np.array(earlier, dtype=np.int64), np.array(later, dtype=np.int64)


class CongressExercise:
    """Carries out the exercise.

    Args:
        reader: reads the pictures.
        comparison: searches.
        tail: of the networks in use.
        model_id: the embedder.
    """

    __slots__ = ("_comparison", "_model_id", "_reader", "_tail")

    def __init__(
        self, *, reader: PictureReader, comparison: CrossComparison, tail: ImpostorTail, model_id: str
    ) -> None:
        self._reader = reader
        self._comparison = comparison
        self._tail = tail
        self._model_id = model_id

    def run(
        self, probes: PeopleSet, gallery: PeopleSet, *, rates: Sequence[float], progress: EvaluationProgress
    ) -> CongressResult:
        """Search everybody of the probes in the gallery.

        Args:
            probes: people who aren't in the gallery; some with two portraits, years apart.
            gallery: one reference is made for each person.
            rates: FPIRs to work out thresholds for, in (0, 1); the first is the one that is reported.
            progress: is told how far it is.

        Raises:
            RefusedByRule: if the rules don't permit it; nothing was read then.
            DatasetInvalid: if the sets don't hold what is needed.
            RateBeyondTail: if no threshold keeps a rate.
        """
        stranger = strangers_of(probes, gallery)
        pairs = pairs_of_portraits(probes)
        read = self._reader.read(probes.pictures + gallery.pictures, progress=progress)
        count = len(probes.pictures)
        # People of both sets are numbered on: nobody is in both.
        owners = np.concatenate([probes.owners, gallery.owners + probes.people])
        references = mean_references(faces_of(read, owners, np.arange(count, owners.size)))
        if not len(references):
            raise DatasetInvalid("No picture of the gallery gave a template.")
        searched = np.flatnonzero(stranger[probes.owners])
        highest = self._highest(read, owners, searched, references, progress)
        genuine, mated = self._mated(read, owners, pairs, references, progress)
        # Who may be in the gallery already isn't missed by being found there.
        alone = stranger[owners[pairs[1]]]
        levels = evidence_levels(self._tail, rates=rates, people=len(references)) + borrowed_levels()
        measured = measure_congress(
            levels,
            highest=highest,
            owners=owners[searched],
            genuine=genuine,
            mated=MatedSearches(scores=mated.scores[alone], ranks=mated.ranks[alone]),
            gallery_people=len(references),
            gallery_pictures=int(read.found[count:].sum()),
        )
        result = CongressResult(
            measured=measured,
            namesakes_left_out=int((~stranger).sum()),
            pictures_without_template=int((~read.found).sum()),
            largest_gallery=self._tail.largest_gallery(fpir=rates[0]),
            resumed=read.resumed,
            permits=read.permits + self._comparison.permits,
            model_id=self._model_id,
        )
        read.wipe()
        references.wipe()
        self._reader.forget()
        return result

    def _highest(
        self,
        read: ReadPictures,
        owners: NDArray[np.int64],
        searched: NDArray[np.int64],
        references: Faces,
        progress: EvaluationProgress,
    ) -> NDArray[np.float64]:
        """Return the highest score of each search; a picture without a template names nobody."""
        faces = faces_of(read, owners, searched)
        highest = np.full(searched.size, _NO_TEMPLATE)
        if len(faces):
            scores = self._comparison.scores(faces, references, progress=progress)
            highest[read.found[searched]] = scores.max(axis=1)
        return highest

    def _mated(
        self,
        read: ReadPictures,
        owners: NDArray[np.int64],
        pairs: tuple[NDArray[np.int64], NDArray[np.int64]],
        references: Faces,
        progress: EvaluationProgress,
    ) -> tuple[NDArray[np.float64], MatedSearches]:
        """Add the earlier portraits to the gallery and search for the later ones."""
        earlier, later = pairs
        both = read.found[earlier] & read.found[later]
        genuine = np.full(earlier.size, _NO_TEMPLATE)
        ranks = np.full(earlier.size, len(references) + earlier.size, dtype=np.int64)
        if both.any():
            added = faces_of(read, owners, earlier)
            everybody = Faces(
                np.concatenate([references.vectors, added.vectors]),
                np.concatenate([references.owners, added.owners]),
                references.materials + added.materials,
            )
            faces = faces_of(read, owners, later[both])
            scores = self._comparison.scores(faces, everybody, progress=progress)
            place = {int(owner): n for n, owner in enumerate(everybody.owners)}
            right = np.array([place[int(owner)] for owner in faces.owners], dtype=np.int64)
            mated = MatedSearches.of_matrix(scores, right)
            genuine[both], ranks[both] = mated.scores, mated.ranks
        return genuine, MatedSearches(scores=genuine.astype(np.float32), ranks=ranks)
