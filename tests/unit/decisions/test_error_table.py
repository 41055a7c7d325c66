"""The error table: what is offered, what is refused, what its file must say."""

from __future__ import annotations

import re
import tomllib
from importlib import resources
from typing import Any

import pytest
import tomli_w
from hypothesis import given
from hypothesis import strategies as st

from countenance.decisions import (
    ErrorTableInvalid,
    ErrorTargetNotOffered,
    Interval,
    parse_error_table,
    shipped_error_table,
)
from countenance.decisions.error_table import ErrorTable, in_words, shipped_error_tables

SHIPPED = "mobilefacenet-192"


def shipped_document() -> dict[str, Any]:
    file = resources.files("countenance.decisions").joinpath("error_tables", f"{SHIPPED}.toml")
    return tomllib.loads(file.read_text(encoding="utf-8"))


def changed(*path: str | int, value: object = None) -> str:
    """The shipped table with one member set, or taken out if no value is given."""
    document = shipped_document()
    holder: Any = document
    for step in path[:-1]:
        holder = holder[step]
    if value is None:
        del holder[path[-1]]
    else:
        holder[path[-1]] = value
    return tomli_w.dumps(document)


def test_the_shipped_table_offers_three_levels_and_says_how_far_it_goes() -> None:
    table = shipped_error_table(SHIPPED)
    assert table.model_id == SHIPPED
    assert table.offered == (1e-3, 1e-4, 1e-5)
    assert table.label == "development"
    assert table.document_portraits == "not measured"
    assert "LFW" in table.measured_on
    assert table.source
    assert table.conditions
    assert any("documents" in limit for limit in table.limits)


def test_the_shipped_table_is_of_one_piece() -> None:
    table = shipped_error_table(SHIPPED)
    for level in table.levels:
        assert level.fmr_interval.low <= level.fmr <= level.fmr_interval.high
        assert level.fmr_interval.high == pytest.approx(level.asked, rel=0.05)
        assert level.fnmr_interval.low <= level.fnmr <= level.fnmr_interval.high
        assert level.threshold == level.threshold_interval.high
        assert level.false_matches >= 30
        assert level.worst_group_fmr is not None
        assert level.worst_group_fmr >= level.fmr
        assert level.elsewhere_fmr is not None
    fnmrs = [level.fnmr for level in table.levels]
    assert fnmrs == sorted(fnmrs)


@pytest.mark.parametrize("fmr", [1e-3, 1e-4, 1e-5, 0.1**4])
def test_an_offered_rate_has_a_threshold_and_states_its_error(fmr: float) -> None:
    threshold = shipped_error_table(SHIPPED).threshold(fmr)
    stated = threshold.stated
    assert threshold.fmr == stated.asked == pytest.approx(fmr)
    assert (stated.low, stated.high) == (threshold.interval.low, threshold.interval.high)
    assert stated.low <= stated.fmr <= stated.high
    assert stated.label == "development"
    assert re.match(r"one in [\d,]+ for two women \(95 % interval ", stated.worst_group)
    assert re.match(r"one in [\d,]+ for 384 official portraits of 254 people \(", stated.elsewhere)
    for part in (in_words(stated.fmr), stated.measured_on, "development table", stated.worst_group):
        assert part in threshold.worded
    assert str(threshold.value) not in threshold.worded


@pytest.mark.parametrize(
    "fmr",
    [
        pytest.param(1e-6, id="rarer-than-measured"),
        pytest.param(1e-2, id="more-often-than-measured"),
        pytest.param(5e-4, id="between"),
        pytest.param(1.01e-4, id="nearly"),
        pytest.param(0.0, id="never"),
        pytest.param(-1e-4, id="negative"),
        pytest.param(float("nan"), id="nan"),
        pytest.param(float("inf"), id="infinite"),
    ],
)
def test_any_other_rate_is_refused_and_the_offer_is_named(fmr: float) -> None:
    with pytest.raises(ErrorTargetNotOffered) as refusal:
        shipped_error_table(SHIPPED).threshold(fmr)
    for offered in ("0.001 (one in 1,000)", "0.0001 (one in 10,000)", "1e-05 (one in 100,000)"):
        assert offered in refusal.value.message
    assert "0.5351" not in refusal.value.diagnostics()


@given(st.floats(1e-9, 0.9))
def test_nothing_is_interpolated(fmr: float) -> None:
    table = shipped_error_table(SHIPPED)
    try:
        threshold = table.threshold(fmr)
    except ErrorTargetNotOffered:
        assert all(abs(fmr - offered) > 1e-12 for offered in table.offered)
    else:
        assert threshold.value in [level.threshold for level in table.levels]


def test_without_a_group_and_other_people_it_says_not_measured() -> None:
    document = shipped_document()
    for level in document["level"]:
        for key in [key for key in level if key.startswith(("worst_group", "elsewhere"))]:
            del level[key]
    threshold = parse_error_table(tomli_w.dumps(document)).threshold(1e-4)
    assert threshold.stated.worst_group == "not measured"
    assert threshold.stated.elsewhere == "not measured"
    assert "Worst measured group: not measured." in threshold.worded


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("model_id = ", id="no-toml"),
        pytest.param(changed("label"), id="no-label"),
        pytest.param(changed("source"), id="no-source"),
        pytest.param(changed("conditions", value={}), id="empty-conditions"),
        pytest.param(changed("limits", value=[]), id="no-limits"),
        pytest.param(changed("document_portraits"), id="silent-about-documents"),
        pytest.param(changed("level", value=[]), id="no-level"),
        pytest.param(changed("surprise", value=1), id="unknown-member"),
        pytest.param(changed("level", 0, "threshold", value=1.5), id="threshold-above-one"),
        pytest.param(changed("level", 0, "threshold", value=float("nan")), id="threshold-nan"),
        pytest.param(changed("level", 0, "asked", value=0.0), id="asked-zero"),
        pytest.param(changed("level", 0, "asked", value=1.0), id="asked-always"),
        pytest.param(changed("level", 0, "fmr_interval", value=[0.5, 0.1]), id="interval-turned-round"),
        pytest.param(changed("level", 0, "fmr_interval", value=[0.1]), id="half-an-interval"),
        pytest.param(changed("level", 0, "fnmr"), id="no-fnmr"),
        pytest.param(changed("level", 1, "asked", value=0.01), id="levels-out-of-order"),
        pytest.param(changed("level", 1, "threshold", value=0.3), id="rarer-with-a-lower-threshold"),
    ],
)
def test_a_file_that_is_no_table_is_refused(text: str) -> None:
    with pytest.raises(ErrorTableInvalid):
        parse_error_table(text)


def test_a_model_without_a_table_decides_nothing() -> None:
    with pytest.raises(ErrorTableInvalid, match="no measured error table"):
        shipped_error_table("../mobilefacenet-192")


@pytest.mark.parametrize("table", shipped_error_tables(), ids=lambda table: table.model_id)
def test_every_shipped_table_says_what_it_belongs_to(table: ErrorTable) -> None:
    assert shipped_error_table(table.model_id, table.detectors) == table
    assert table.mirrored == table.model_id.endswith("+mirrored")
    conditions = dict(table.conditions)
    assert table.model_id in conditions["pipeline"]
    assert all(detector in conditions["pipeline"] for detector in table.detectors)
    assert "live" in conditions["both_sides"]
    assert table.document_portraits == "not measured"


def test_each_combination_has_one_table() -> None:
    combinations = [(table.model_id, table.detectors) for table in shipped_error_tables()]
    assert len(set(combinations)) == len(combinations)


def test_mirrored_and_plain_have_thresholds_of_their_own() -> None:
    plain = shipped_error_table("mobilefacenet-192").threshold(1e-4)
    mirrored = shipped_error_table("mobilefacenet-192+mirrored").threshold(1e-4)
    assert plain.value != mirrored.value


def test_a_detector_that_was_not_measured_is_refused_with_what_was() -> None:
    with pytest.raises(ErrorTableInvalid) as caught:
        shipped_error_table("mobilefacenet-192", {"ultraface-rfb-320", "blazeface-full-range-sparse"})
    assert "mobilefacenet-192 with ultraface-rfb-320 and blazeface-short-range" in caught.value.message
    assert (
        "scripts/measure_error_table.py LFW_FOLDER --embedder mobilefacenet-192"
        " --detector blazeface-full-range-sparse --detector ultraface-rfb-320 --write FILE"
    ) in caught.value.remedy


def test_the_command_for_a_mirrored_table_says_so() -> None:
    with pytest.raises(ErrorTableInvalid) as caught:
        shipped_error_table("my-arcface-512+mirrored", ("ultraface-rfb-320",))
    assert "--embedder my-arcface-512 --mirrored --detector ultraface-rfb-320" in caught.value.remedy


@pytest.mark.parametrize(("model_id", "mirrored"), [("m+mirrored", "false"), ("m", "true")])
def test_a_table_that_contradicts_itself_about_mirroring_is_refused(model_id: str, mirrored: str) -> None:
    text = changed("model_id", value=model_id).replace("mirrored = false", f"mirrored = {mirrored}")
    with pytest.raises(ErrorTableInvalid, match="mirrored"):
        parse_error_table(text)


@pytest.mark.parametrize(
    ("rate", "words"),
    [
        (1.0, "one in 1"),
        (0.5, "one in 2"),
        (0.06018, "one in 17"),
        (1e-3, "one in 1,000"),
        (8.131e-05, "one in 12,000"),
        (9.967e-05, "one in 10,000"),
        (2.354e-04, "one in 4,200"),
        (5.953e-06, "one in 170,000"),
        (0.0, "none"),
    ],
)
def test_rates_in_words(rate: float, words: str) -> None:
    assert in_words(rate) == words


@pytest.mark.parametrize("rate", [-0.1, 1.1, float("nan")])
def test_what_is_no_rate_has_no_words(rate: float) -> None:
    with pytest.raises(ValueError, match="a rate lies in"):
        in_words(rate)


@given(st.floats(1e-8, 0.1))
def test_words_are_within_five_in_a_hundred_of_the_rate(rate: float) -> None:
    times = int(in_words(rate).removeprefix("one in ").replace(",", ""))
    assert 1 / times == pytest.approx(rate, rel=0.051)


@pytest.mark.parametrize("ends", [(2.0, 1.0), (float("nan"), 1.0), (0.0, float("inf"))])
def test_an_interval_has_two_ends_in_order(ends: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="two finite ends"):
        Interval(*ends)


TAIL = """
[tail]
floor = 0.35
ceiling = 0.6
coefficients = [-4.6, -18.5, -36.0]
covariance = [[0.0014, 0.0048, -0.0077], [0.0048, 0.366, -2.358], [-0.0077, -2.358, 34.5]]
spread = 0.6931

[[tail.group]]
words = "two women"
log_ratio = 0.9
covariance = [0.0, 0.0, 0.0, 0.008]
"""


def without_tail() -> str:
    document = shipped_document()
    document.pop("tail", None)
    return tomli_w.dumps(document)


def test_a_table_may_have_a_tail() -> None:
    assert parse_error_table(without_tail()).tail is None
    tail = parse_error_table(without_tail() + TAIL).tail
    assert tail is not None
    assert (tail.floor, tail.ceiling, tail.spread) == (0.35, 0.6, 0.6931)
    assert tail.coefficients == (-4.6, -18.5, -36.0)
    assert tail.covariance[1] == (0.0048, 0.366, -2.358)
    (group,) = tail.groups
    assert (group.words, group.log_ratio, group.covariance) == ("two women", 0.9, (0.0, 0.0, 0.0, 0.008))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("floor = 0.35", "floor = 0.7"),
        ("floor = 0.35", "floor = nan"),
        ("-18.5, -36.0]", "18.5, -36.0]"),
        ("spread = 0.6931", "spread = -1.0"),
        ("spread = 0.6931", "spread = 0.7\nthreshold = 0.4"),
        ("0.0, 0.008]", "0.0, -0.008]"),
        ("covariance = [0.0, 0.0, 0.0, 0.008]", "covariance = [0.008]"),
    ],
)
def test_a_tail_that_isnt_one_is_refused(old: str, new: str) -> None:
    assert old in TAIL
    with pytest.raises(ErrorTableInvalid):
        parse_error_table(without_tail() + TAIL.replace(old, new))
