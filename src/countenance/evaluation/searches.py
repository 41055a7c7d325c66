"""Many against many: each probe against all references of a set, under permits.

Rules kept here:

* The permit is asked before a score is computed: one passage for each probe, however many references there
  are, as at the door of a gallery. It names the probe's picture and the set of references.
* References are one a person, as the product enrols: the mean of the pictures' unit vectors, of length 1.
* Scores stay with whoever measures; aggregates alone leave this package.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from countenance.evaluation.permission import EVALUATE, EvaluationAuthority
from countenance.evaluation.reading import EvaluationProgress, ReadPictures, in_parts
from countenance.kernel import Door, Material, Passage, PermitVerifier, canonical_sha256

__all__ = ["CrossComparison", "Faces", "faces_of", "mean_references"]

_LEAST_LENGTH = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Faces:
    """Vectors to be compared, probes or references.

    Attributes:
        vectors: float32, shape (n, d), each of length 1. Left out of ``repr``.
        owners: int64, shape (n,): whose they are.
        materials: the pictures of each; a probe has one.
    """

    vectors: NDArray[np.float32] = field(repr=False)
    owners: NDArray[np.int64]
    materials: tuple[tuple[Material, ...], ...]

    def __post_init__(self) -> None:
        """Refuse what doesn't belong together.

        Raises:
            ValueError: if the shapes differ.
        """
        if not len(self.vectors) == self.owners.size == len(self.materials):
            msg = "each vector has one owner, and the pictures that it is made of"
            raise ValueError(msg)

    def __len__(self) -> int:
        return int(self.owners.size)

    def wipe(self) -> None:
        """Overwrite the vectors with zeros."""
        self.vectors[...] = 0.0


def faces_of(read: ReadPictures, owners: NDArray[np.int64], chosen: NDArray[np.integer]) -> Faces:
    """Return the faces of some pictures, those without a template left out.

    Args:
        read: all pictures.
        owners: int64, shape (pictures,).
        chosen: which pictures, as numbers.
    """
    there = chosen[read.found[chosen]]
    return Faces(
        _unit(read.vectors[there]), owners[there], tuple((read.materials[number],) for number in there)
    )


def mean_references(faces: Faces) -> Faces:
    """Return one reference for each person: the mean of its unit vectors, brought to length 1 again."""
    people, places = np.unique(faces.owners, return_inverse=True)
    sums = np.zeros((people.size, faces.vectors.shape[1]), dtype=np.float32)
    np.add.at(sums, places, faces.vectors)
    materials: list[list[Material]] = [[] for _ in people]
    for place, own in zip(places, faces.materials, strict=True):
        materials[place].extend(own)
    return Faces(_unit(sums), people, tuple(tuple(sorted(set(own))) for own in materials))


class CrossComparison:
    """Compares each probe with all references.

    Args:
        authority: asks for the permits of the data set.
        verifier: decides whether a permit opens the door, and counts.
        batch: searches under one permit.
    """

    __slots__ = ("_authority", "_batch", "_verifier", "permits")

    def __init__(self, *, authority: EvaluationAuthority, verifier: PermitVerifier, batch: int = 64) -> None:
        self._authority = authority
        self._verifier = verifier
        self._batch = batch
        self.permits = 0

    def admit(
        self, probes: Sequence[Material], references: Sequence[Material], *, progress: EvaluationProgress
    ) -> None:
        """Have each probe's search of a set of references permitted and counted; nothing is compared yet.

        Raises:
            RefusedByRule: if the rules say no.
            PermitRefused: if what a permit rests on is withdrawn meanwhile.
        """
        progress.begins("searches", len(probes))
        named = Material(canonical_sha256(sorted(set(references))))
        for part in in_parts(tuple(probes), self._batch):
            request, granted = self._authority.for_searches(part, references=named, searches=len(part))
            self.permits += 1
            for material in part:
                self._verifier.admit(granted.token, Passage(Door.COMPARE, EVALUATE, request, material))
            progress.moved(len(part))

    def scores(
        self, probes: Faces, references: Faces, *, progress: EvaluationProgress
    ) -> NDArray[np.float32]:
        """Return the cosine of each probe with each reference.

        Returns:
            float32, shape (probes, references).

        Raises:
            RefusedByRule: as for :meth:`admit`.
            PermitRefused: likewise.
        """
        self.admit(
            [material for own in probes.materials for material in own],
            [material for own in references.materials for material in own],
            progress=progress,
        )
        found: NDArray[np.float32] = np.clip(probes.vectors @ references.vectors.T, -1.0, 1.0)
        return found


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    lengths = np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), _LEAST_LENGTH)
    unit: NDArray[np.float32] = (vectors / lengths).astype(np.float32)
    return unit
