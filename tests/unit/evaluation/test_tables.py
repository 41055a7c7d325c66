"""From synthetic comparisons to the file that a desk reads."""

from __future__ import annotations

import dataclasses
import tomllib
from datetime import date

import numpy as np
import pytest

from countenance.decisions import ErrorTable, Interval, parse_error_table
from countenance.evaluation import (
    Elsewhere,
    collect_impostors,
    false_match_rate,
    measure_levels,
    render_error_table,
    resample_identities,
)
from countenance.evaluation.tables import Groups

PEOPLE = 200


def measured(groups: Groups | None = None, elsewhere: Elsewhere | None = None) -> ErrorTable:
    generator = np.random.default_rng(1)
    vectors = generator.normal(size=(PEOPLE, 8))
    women = np.arange(PEOPLE) < 50
    vectors[women] += 0.9  # women of this synthetic people resemble one another more
    embeddings = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    comparisons = collect_impostors(embeddings, np.arange(PEOPLE), excluded=[], keep=10**6)
    levels = measure_levels(
        comparisons,
        rates=(0.1, 0.01),
        drawn=resample_identities(PEOPLE, replicates=100, seed=2),
        genuine_scores=generator.uniform(0.5, 1.0, 300).astype(np.float32),
        genuine_identities=generator.integers(0, PEOPLE, 300),
        groups={"two women": (women, women), "two men": (~women, ~women), "mixed": (women, ~women)}
        if groups is None
        else groups,
        elsewhere=elsewhere,
    )  # fmt: skip
    return ErrorTable(
        model_id="synthetic-8",
        detectors=("near-finder", "far-finder"),
        mirrored=False,
        label="test",
        measured_on="synthetic vectors",
        document_portraits="not measured",
        source=(("people", str(PEOPLE)), ("note", 'quotes "inside", a back\\slash and ümlaut')),
        conditions=(("replicates", "100"),),
        limits=("It says nothing about faces.", "Nor about\ttabs."),
        measured_at=date(2026, 11, 22),
        levels=levels,
    )


def test_the_asked_rate_is_the_upper_end_of_what_was_measured() -> None:
    for level in measured().levels:
        assert level.threshold == level.threshold_interval.high
        assert level.threshold_interval.low < level.threshold
        assert level.fmr < level.asked
        assert level.fmr_interval.low <= level.fmr <= level.fmr_interval.high
        assert level.fmr_interval.high == pytest.approx(level.asked, rel=0.15)
        assert level.threshold == round(level.threshold, 4)


def test_a_rarer_false_match_costs_more_false_non_matches() -> None:
    often, rarely = measured().levels
    assert rarely.threshold > often.threshold
    assert rarely.false_matches < often.false_matches
    assert rarely.fnmr >= often.fnmr


def test_the_worst_group_stands_in_the_table() -> None:
    for level in measured().levels:
        assert level.worst_group == "two women"
        assert level.worst_group_fmr is not None
        assert level.worst_group_fmr > level.fmr
        assert level.worst_group_fmr_interval is not None


def test_no_group_is_no_group() -> None:
    for level in measured(groups={}).levels:
        assert level.worst_group is None
        assert level.worst_group_fmr is None
        assert level.worst_group_fmr_interval is None


def test_other_people_are_tried_at_the_same_threshold() -> None:
    generator = np.random.default_rng(9)
    vectors = generator.normal(size=(120, 8)) + 0.5  # these resemble one another more
    others = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    comparisons = collect_impostors(others, np.arange(120), excluded=[], keep=10**5)
    elsewhere = Elsewhere("120 other vectors", comparisons, resample_identities(120, replicates=100, seed=3))
    table = measured(elsewhere=elsewhere)
    for level in table.levels:
        assert level.elsewhere == "120 other vectors"
        assert level.elsewhere_fmr == pytest.approx(false_match_rate(comparisons.scores, level.threshold))
        assert level.elsewhere_fmr is not None
        assert level.elsewhere_fmr > level.asked
    read = parse_error_table(render_error_table(table, heading="x"))
    assert [level.elsewhere for level in read.levels] == ["120 other vectors"] * 2
    assert " for 120 other vectors (95 % interval " in read.threshold(0.01).stated.elsewhere
    assert all(level.elsewhere is None for level in measured().levels)


@pytest.mark.parametrize("groups", [None, {}], ids=["with-groups", "without-groups"])
def test_what_is_written_is_what_is_read(groups: Groups | None) -> None:
    table = measured(groups)
    text = render_error_table(table, heading="Made by a test.\n\nNot for use.")
    assert text.startswith("# Made by a test.\n#\n# Not for use.\n")
    read = parse_error_table(text)
    assert dataclasses.replace(read, levels=()) == dataclasses.replace(table, levels=())
    for mine, theirs in zip(table.levels, read.levels, strict=True):
        assert theirs.asked == mine.asked
        assert theirs.threshold == mine.threshold
        assert theirs.fmr == pytest.approx(mine.fmr, rel=1e-3)
        assert theirs.worst_group == mine.worst_group
        assert isinstance(theirs.fmr_interval, Interval)
    assert render_error_table(read, heading="x") == render_error_table(
        parse_error_table(render_error_table(read, heading="y")), heading="x"
    )


def test_the_file_holds_aggregates_only() -> None:
    document = tomllib.loads(render_error_table(measured(), heading="Made by a test."))
    numbers = [value for level in document["level"] for value in level.values()]
    assert all(isinstance(value, float | int | str | list) for value in numbers)
    assert max(len(value) for value in numbers if isinstance(value, list)) == 2
