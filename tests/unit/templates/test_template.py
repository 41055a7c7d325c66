"""The template and the score: what they accept, what they hide, what wiping does."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from countenance.kernel import Material, PurposeId
from countenance.templates import ComparisonScore, Template

UNIT = np.full(4, 0.5, dtype=np.float32)


def a_template(vector: np.ndarray) -> Template:
    return Template(
        vector=vector,
        model_id="model-a",
        purpose=PurposeId("pur_1"),
        request_digest="d" * 64,
        material=Material("a" * 64),
    )


@pytest.mark.parametrize(
    ("vector", "error"),
    [
        pytest.param(UNIT.astype(np.float64), TypeError, id="float64"),
        pytest.param(UNIT.reshape(2, 2), ValueError, id="two-dimensions"),
        pytest.param(np.empty(0, dtype=np.float32), ValueError, id="empty"),
        pytest.param(UNIT * np.float32(1.01), ValueError, id="too-long"),
        pytest.param(UNIT * np.float32(0.99), ValueError, id="too-short"),
        pytest.param(np.zeros(4, dtype=np.float32), ValueError, id="zeros"),
        pytest.param(np.array([np.nan, 0, 0, 0], dtype=np.float32), ValueError, id="nan"),
        pytest.param(np.array([np.inf, 0, 0, 0], dtype=np.float32), ValueError, id="infinite"),
    ],
)
def test_what_is_no_unit_vector_is_no_template(vector: np.ndarray, error: type[Exception]) -> None:
    with pytest.raises(error):
        a_template(vector)


def test_wiping_zeroes_the_very_array_that_was_given() -> None:
    vector = UNIT.copy()
    template = a_template(vector)
    assert template.has_unit_length()
    template.wipe()
    assert not vector.any()
    assert not template.has_unit_length()


def test_a_template_that_cannot_be_wiped_does_not_go_unnoticed() -> None:
    vector = UNIT.copy()
    vector.flags.writeable = False
    with pytest.raises(ValueError, match="read-only"):
        a_template(vector).wipe()


def test_repr_shows_neither_vector_nor_score() -> None:
    assert "0.5" not in repr(a_template(UNIT.copy()))
    assert "vector" not in repr(a_template(UNIT.copy()))
    shown = repr(ComparisonScore(value=0.123456, model_id="model-a"))
    assert "0.123" not in shown
    assert "value" not in shown


def test_templates_and_scores_have_no_equality_by_content() -> None:
    assert a_template(UNIT.copy()) != a_template(UNIT.copy())
    assert ComparisonScore(value=0.5, model_id="m") != ComparisonScore(value=0.5, model_id="m")


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_a_score_is_a_cosine_or_refused(value: float) -> None:
    if -1.0 <= value <= 1.0:
        assert ComparisonScore(value=value, model_id="m").value == value
    else:
        assert math.isnan(value) or abs(value) > 1.0
        with pytest.raises(ValueError, match="cosine"):
            ComparisonScore(value=value, model_id="m")
