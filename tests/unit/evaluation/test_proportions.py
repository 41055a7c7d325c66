from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countenance.evaluation import rule_of_three
from countenance.evaluation.proportions import share_interval, upper_share


@pytest.mark.parametrize(
    ("seen", "of", "low", "high"),
    [
        # Agresti & Coull (1998), section 1: 0 of 10 gives [0, 0.308]; the others by the beta quantile.
        (0, 10, 0.0, 0.30849710781876083),
        (10, 10, 0.6915028921812392, 1.0),
        (1, 10, 0.002528578544448053, 0.4450161177764459),
        (5, 10, 0.1870860284474346, 0.8129139715525654),
    ],
)
def test_the_exact_interval(seen: int, of: int, low: float, high: float) -> None:
    assert share_interval(seen, of) == pytest.approx((low, high), abs=1e-9)


def test_none_of_many_has_a_closed_form_near_the_rule_of_three() -> None:
    assert upper_share(0, 235) == pytest.approx(1 - 0.05 ** (1 / 235), abs=1e-12)
    assert upper_share(0, 1000) == pytest.approx(rule_of_three(1000), rel=0.01)


@given(st.integers(1, 400).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_the_interval_holds_what_was_seen_and_means_what_it_says(case: tuple[int, int]) -> None:
    seen, of = case
    low, high = share_interval(seen, of)
    assert 0.0 <= low <= seen / of <= high <= 1.0
    assert upper_share(seen, of) <= high
    if seen < of:
        tail = sum(math.comb(of, k) * high**k * (1 - high) ** (of - k) for k in range(seen + 1))
        assert tail == pytest.approx(0.025, abs=1e-6)


@pytest.mark.parametrize(("seen", "of"), [(0, 0), (-1, 3), (4, 3)])
def test_no_share_of_nobody(seen: int, of: int) -> None:
    with pytest.raises(ValueError, match="share"):
        share_interval(seen, of)
    with pytest.raises(ValueError, match="share"):
        upper_share(seen, of)


@pytest.mark.parametrize("confidence", [0.0, 1.0, 1.5])
def test_a_confidence_lies_between(confidence: float) -> None:
    with pytest.raises(ValueError, match="share"):
        upper_share(1, 2, confidence=confidence)
