from __future__ import annotations

import numpy as np
import pytest

from countenance.decisions import Interval
from countenance.evaluation import resample_identities
from countenance.evaluation.identification import MatedSearches
from countenance.evaluation.open_set import (
    OpenSetThreshold,
    SearchScores,
    measure_open_set,
    measured_threshold,
)

SCORES = SearchScores(
    mated=MatedSearches(scores=np.array([0.9, 0.7, 0.4, -np.inf], np.float32), ranks=np.array([1, 2, 1, 9])),
    owners=np.array([0, 0, 1, 1]),
    highest=np.array([0.3, 0.5, 0.8, -np.inf]),
)
DRAWN = resample_identities(2, replicates=100, seed=1)


def test_the_threshold_of_these_strangers_lets_as_many_through_as_allowed() -> None:
    assert measured_threshold(SCORES.highest, 0.25) > 0.5
    assert (measured_threshold(SCORES.highest, 0.25) <= SCORES.highest).sum() == 1
    assert measured_threshold(SCORES.highest, 0.1) > 0.8


def test_below_the_threshold_not_first_and_no_template_are_misses() -> None:
    given = OpenSetThreshold(0.25, 0.45, Interval(0.1, 0.4))
    evidence, own = measure_open_set(SCORES, pictures=3, thresholds=[given], drawn=DRAWN)
    assert (evidence.fnir.seen, evidence.fnir.of) == (3, 4)
    assert evidence.fpir == 0.5
    assert evidence.fpir_interval.low < 0.5 < evidence.fpir_interval.high
    assert evidence.threshold is given
    assert own.threshold.predicted is None
    assert own.fpir == 0.25
    assert evidence.pictures == own.pictures == 3


def test_no_searches_no_rate() -> None:
    nobody = SearchScores(SCORES.mated, SCORES.owners, np.empty(0))
    with pytest.raises(ValueError, match="no searches"):
        measure_open_set(nobody, pictures=1, thresholds=[], drawn=DRAWN)
