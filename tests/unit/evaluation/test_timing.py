from __future__ import annotations

import time

import pytest

from countenance.authority import shipped_rules
from countenance.evaluation.timing import Stopwatch, distinct_contexts, spread_of, time_verdicts

RULES, VOCABULARY = shipped_rules()


def test_the_median_and_its_spread() -> None:
    spread = spread_of([float(value) for value in range(101)])
    assert (spread.low, spread.median, spread.high, spread.count) == (5.0, 50.0, 95.0, 101)


def test_of_nothing_there_is_no_median() -> None:
    with pytest.raises(ValueError, match="no measurements"):
        spread_of([])


def test_a_stopwatch_returns_the_result_and_notes_the_time() -> None:
    def slow() -> int:
        time.sleep(0.02)
        return 7

    watch = Stopwatch()
    assert watch.time("one", slow) == 7
    watch.time("shared", lambda: time.sleep(0.02), share=20)
    spreads = watch.spreads()
    assert list(spreads) == ["one", "shared"]
    assert spreads["one"].median >= 20
    assert spreads["shared"].median < spreads["one"].median


def test_no_two_contexts_are_alike() -> None:
    contexts = list(distinct_contexts(RULES, VOCABULARY, count=300, seed=1))
    said = {
        (
            c.operation,
            c.place_kind,
            c.jurisdictions,
            c.at,
            tuple(c.triggers.items()),
            tuple(c.evidence.items()),
        )
        for c in contexts
    }
    assert len(said) == 300
    assert {c.operation for c in contexts} <= set(VOCABULARY.operations)
    assert "*" not in {code for c in contexts for code in c.jurisdictions}


def test_verdicts_are_timed_and_some_allow() -> None:
    spread, allowed = time_verdicts(RULES, VOCABULARY, count=400, seed=2)
    assert spread.count == 400
    assert 0 < spread.low <= spread.median <= spread.high
    # If none or all were allowed, only one way through the rules would have been timed.
    assert 0 < allowed < 400
