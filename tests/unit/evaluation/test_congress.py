from __future__ import annotations

import numpy as np
import pytest

from countenance.decisions import shipped_error_table
from countenance.evaluation.congress import (
    BORROWED_COSINES,
    CongressLevel,
    CongressMeasured,
    borrowed_levels,
    evidence_levels,
    measure_congress,
)
from countenance.evaluation.identification import MatedSearches
from countenance.evaluation.proportions import share_interval, upper_share

TAIL = shipped_error_table("mobilefacenet-192+int8").tail
HIGHEST = np.array([0.9, 0.4, 0.7, 0.2, -np.inf])
OWNERS = np.array([0, 0, 1, 2, 3])
GENUINE = np.array([0.8, 0.5, -np.inf, 0.9])
MATED = MatedSearches(scores=GENUINE.astype(np.float32), ranks=np.array([1, 1, 9, 2]))


def rows(*values: float) -> CongressMeasured:
    return measure_congress(
        [CongressLevel(f"cosine {value}", value) for value in values],
        highest=HIGHEST,
        owners=OWNERS,
        genuine=GENUINE,
        mated=MATED,
        gallery_people=100,
        gallery_pictures=120,
    )


def test_searches_and_people_are_counted_apart() -> None:
    row = rows(0.4).rows[0]
    assert (row.false_matches, row.people_named) == (3, 2)
    assert row.fpir == 3 / 5
    assert (row.people_interval.low, row.people_interval.high) == share_interval(2, 4)
    assert row.people_upper == upper_share(2, 4)


def test_a_score_that_reaches_the_threshold_names() -> None:
    assert [row.false_matches for row in rows(0.9, np.nextafter(0.9, 1.0)).rows] == [1, 0]


def test_what_a_threshold_costs() -> None:
    row = rows(0.6).rows[0]
    assert (row.true_matches, row.true_match_rate) == (2, 0.5)
    # Found, but not first; and without a template: both are missed.
    assert row.fnir == 3 / 4
    assert (row.true_match_interval.low, row.true_match_interval.high) == share_interval(2, 4)


def test_what_it_was_counted_on() -> None:
    measured = rows(0.6)
    assert (measured.probes, measured.people, measured.pairs) == (5, 4, 4)
    assert (measured.gallery_people, measured.gallery_pictures) == (100, 120)
    assert measured.highest.tolist() == [0.9, 0.7, 0.4, 0.2, -np.inf]
    assert measured.genuine[0] == 0.9


def test_nobody_searched_and_nobody_with_two_portraits_are_no_exercise() -> None:
    none = np.empty(0)
    with pytest.raises(ValueError, match="no searches"):
        measure_congress(
            [], highest=none, owners=none.astype(int), genuine=GENUINE, mated=MATED, gallery_people=1,
            gallery_pictures=1,
        )  # fmt: skip
    with pytest.raises(ValueError, match="no pairs"):
        measure_congress(
            [], highest=HIGHEST, owners=OWNERS, genuine=none, mated=MATED, gallery_people=1,
            gallery_pictures=1,
        )  # fmt: skip


def test_the_threshold_follows_from_the_rate_and_the_people() -> None:
    assert TAIL is not None
    loose, strict = evidence_levels(TAIL, rates=(0.1, 0.01), people=500)
    (crowd,) = evidence_levels(TAIL, rates=(0.1,), people=5000)
    assert loose.value < strict.value
    assert loose.value < crowd.value
    assert loose.value == TAIL.threshold_for_search(fpir=0.1, people=500).value
    assert loose.predicted == TAIL.fpir(people=500, threshold=loose.value)
    assert loose.asked == 0.1
    assert loose.words == "one stranger in 10, worked out for 500 people"


def test_beyond_the_evidence_it_is_called_extrapolated() -> None:
    assert TAIL is not None
    largest = TAIL.largest_gallery(fpir=0.01)
    inside, outside = (evidence_levels(TAIL, rates=(0.01,), people=n)[0] for n in (largest, 4 * largest))
    assert not inside.extrapolated
    assert outside.extrapolated


@pytest.mark.parametrize(("rate", "people"), [(0.0, 5), (1.0, 5), (0.1, 0)])
def test_a_rate_and_people_are_needed(rate: float, people: int) -> None:
    assert TAIL is not None
    with pytest.raises(ValueError, match="people"):
        evidence_levels(TAIL, rates=(rate,), people=people)


def test_a_borrowed_threshold_promises_nothing() -> None:
    levels = borrowed_levels()
    assert tuple(level.value for level in levels) == BORROWED_COSINES
    for level in levels:
        assert level.asked is None
        assert level.predicted is None
        assert "another network" in level.words
