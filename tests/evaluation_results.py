"""Results of made-up evaluations, for charts and pages."""

from __future__ import annotations

import numpy as np

from countenance.decisions import shipped_error_table
from countenance.evaluation import DiscardPoint, collect_impostors, resample_identities
from countenance.evaluation.congress import borrowed_levels, evidence_levels, measure_congress
from countenance.evaluation.congress_protocol import CongressResult
from countenance.evaluation.identification import MatedSearches
from countenance.evaluation.open_set import OpenSetRow, OpenSetThreshold, SearchScores, measure_open_set
from countenance.evaluation.parity import measure_parity
from countenance.evaluation.people_protocol import (
    IdentificationResult,
    ParityResult,
    QualityCurve,
    QualityResult,
)

__all__ = ["congress_result", "identification_result", "parity_result", "quality_result"]

_RNG = np.random.default_rng(5)
_GENUINE = np.clip(_RNG.normal(0.75, 0.12, 60), -1, 1)
_HIGHEST = np.clip(_RNG.normal(0.45, 0.08, 90), -1, 1)
_MATED = MatedSearches(scores=_GENUINE.astype(np.float32), ranks=np.ones(60, np.int64))


def congress_result() -> CongressResult:
    """Return an exercise on numbers."""
    tail = shipped_error_table("mobilefacenet-192+int8").tail
    assert tail is not None
    measured = measure_congress(
        (*evidence_levels(tail, rates=(0.01, 0.1), people=500), *borrowed_levels()),
        highest=_HIGHEST,
        owners=np.arange(90),
        genuine=_GENUINE,
        mated=_MATED,
        gallery_people=500,
        gallery_pictures=700,
    )
    return CongressResult(
        measured=measured,
        namesakes_left_out=1,
        pictures_without_template=2,
        largest_gallery=tail.largest_gallery(fpir=0.01),
        resumed=0,
        permits=9,
        model_id="made-up",
    )


def identification_result() -> IdentificationResult:
    """Return an open-set search on numbers."""
    tail = shipped_error_table("mobilefacenet-192+int8").tail
    assert tail is not None
    rows: list[OpenSetRow] = []
    for pictures in (1, 3):
        given = OpenSetThreshold(0.1, 0.5, tail.fpir(people=100, threshold=0.5))
        rows += measure_open_set(
            SearchScores(_MATED, np.arange(60), _HIGHEST),
            pictures=pictures,
            thresholds=[given],
            drawn=resample_identities(60, replicates=50, seed=1),
        )
    return IdentificationResult(
        rows=tuple(rows),
        enrolled=60,
        probes=60,
        strangers=90,
        largest_galleries=((0.1, 6923),),
        without_template=0,
        permits=3,
    )


def parity_result(*, bounded: bool = True) -> ParityResult:
    """Return error rates of made-up groups, of which one may have no false match."""
    vectors = np.random.default_rng(3).normal(size=(60, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    levels = measure_parity(
        collect_impostors(vectors, np.arange(60), excluded=(), keep=5000),
        groups={"women": np.arange(20), "men": np.arange(20, 60)},
        levels=[(0.1, 0.3), (0.01, 0.4 if bounded else 0.99)],
        genuine=np.array([0.9, 0.1], np.float32),
        genuine_owners=np.array([0, 30]),
        drawn=resample_identities(60, replicates=50, seed=1),
    )
    return ParityResult(
        levels=levels,
        pictures=60,
        without_template=0,
        without_group=0,
        impostor_comparisons=1770,
        genuine_pairs=2,
        permits=4,
    )


def quality_result() -> QualityResult:
    """Return error versus discard on numbers."""
    points = tuple(DiscardPoint(n / 10, 0.1 * (1 - n / 10), 10 - n) for n in range(8))
    curves = (QualityCurve(1e-3, points), QualityCurve(1e-4, points))
    return QualityResult(curves=curves, pairs=10, not_compared=1, quality=np.linspace(20, 90, 20), permits=2)
