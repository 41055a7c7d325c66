"""What stands against an adverse use: a wide ratio, none at all, a group not measured, other people."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countenance.decisions import (
    DEMOGRAPHICS,
    LARGEST_RATIO,
    MeasuredParity,
    parity_shortfalls,
    shipped_error_table,
)

GENDER = MeasuredParity("gender", ("women", "men"), 2.14, 1.69, 2.78)
ALL = tuple(replace(GENDER, attribute=attribute) for attribute in DEMOGRAPHICS)
RATIOS = st.floats(1.0, 100.0) | st.just(math.inf)


def test_all_measured_here_and_bounded_stands() -> None:
    assert parity_shortfalls(ALL, own_people=True) == ()


def test_other_people_are_no_evidence() -> None:
    (said,) = parity_shortfalls(ALL, own_people=False)
    assert "other people" in said


@pytest.mark.parametrize("left_out", range(len(DEMOGRAPHICS)))
def test_what_was_not_measured_fails_by_name(left_out: int) -> None:
    measured = [one for n, one in enumerate(ALL) if n != left_out]
    assert parity_shortfalls(measured, own_people=True) == (
        f"Groups by {DEMOGRAPHICS[left_out]} were not measured.",
    )


def test_nothing_measured_fails_in_everything() -> None:
    assert len(parity_shortfalls((), own_people=False)) == 1 + len(DEMOGRAPHICS)


@pytest.mark.parametrize(
    ("high", "said"),
    [(3.0, None), (3.01, "3.01 times"), (math.inf, "don't bound")],
)
def test_the_upper_bound_is_what_counts(high: float, said: str | None) -> None:
    found = parity_shortfalls((*ALL[1:], replace(ALL[0], high=high)), own_people=True)
    assert (found == ()) is (said is None)
    assert said is None or said in found[0]
    assert said is None or found[0].startswith(f"By {ALL[0].attribute} (women, men), ")


@given(st.lists(st.tuples(st.sampled_from(DEMOGRAPHICS), RATIOS), max_size=6), st.booleans())
def test_it_stands_only_with_every_attribute_within_the_limit(
    drawn: list[tuple[str, float]], own: bool
) -> None:
    measured = [replace(GENDER, attribute=name, ratio=1.0, low=1.0, high=high) for name, high in drawn]
    stands = not parity_shortfalls(measured, own_people=own)
    covered = {one.attribute for one in measured} == set(DEMOGRAPHICS)
    assert stands is (own and covered and all(one.high <= LARGEST_RATIO for one in measured))


@pytest.mark.parametrize(
    "changes",
    [
        {"groups": ("women",)},
        {"groups": ("women", "women")},
        {"ratio": 0.9},
        {"low": 0.5},
        {"high": math.nan},
        {"low": 2.0, "high": 1.5},
    ],
)
def test_a_ratio_that_cannot_be_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"groups or more|isn't below"):
        replace(GENDER, **changes)  # type: ignore[arg-type]


def test_it_is_said_in_one_phrase() -> None:
    assert GENDER.words == "gender (women, men): 2.14 [1.69, 2.78]"
    assert replace(GENDER, high=math.inf).words.endswith("[1.69, unbounded]")


def test_a_threshold_has_the_ratio_of_the_next_stricter_level() -> None:
    table = shipped_error_table("mobilefacenet-192+int8")
    loose, middle, strict = (
        replace(level, parity=(replace(GENDER, ratio=1.0 + n, low=1.0, high=9.0),))
        for n, level in enumerate(table.levels)
    )
    table = replace(table, levels=(loose, middle, strict))
    assert table.parity_at(loose.threshold - 0.1) == loose.parity
    assert table.parity_at(loose.threshold) == loose.parity
    assert table.parity_at(loose.threshold + 1e-6) == middle.parity
    assert table.parity_at(strict.threshold) == strict.parity
    assert table.parity_at(strict.threshold + 1e-6) == ()
