from __future__ import annotations

import re

import pytest

from countenance.vision import Component, QualityMeasure
from countenance.vision.quality.wording import every_reason, reason_for


def measure(component: Component, value: float | None) -> QualityMeasure:
    return QualityMeasure(
        component=component, value=value, unit="degree", quality=None if value is None else 10
    )


@pytest.mark.parametrize("component", list(Component))
@pytest.mark.parametrize("value", [-30.0, 0.01, 30.0])
def test_every_component_has_words_advice_and_a_code(component: Component, value: float) -> None:
    reason = reason_for(measure(component, value))
    assert reason.component is component
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", reason.code)
    assert reason.words.endswith(".")
    assert reason.advice.endswith(".")
    assert not re.search(r"\d", reason.words + reason.advice)


@pytest.mark.parametrize(
    ("component", "value", "code"),
    [
        (Component.HEAD_POSE_PITCH, 35.0, "head-down"),
        (Component.HEAD_POSE_PITCH, -35.0, "head-up"),
        (Component.HEAD_SIZE, 0.03, "head-too-small"),
        (Component.HEAD_SIZE, 1.05, "head-too-large"),
        (Component.SHARPNESS, 0.02, "blurred"),
        (Component.FACE_OCCLUSION_PREVENTION, 0.1, "face-covered"),
    ],
)
def test_the_code_says_which_way_it_is_wrong(component: Component, value: float, code: str) -> None:
    assert reason_for(measure(component, value)).code == code


def test_no_two_wrongs_share_a_code() -> None:
    codes = [reason_for(measure(component, 30.0)).code for component in Component]
    assert len(set(codes)) == len(codes)


def test_every_reason_that_can_be_given_is_listed_once() -> None:
    listed = every_reason()
    given = {
        reason_for(measure(component, value)) for component in Component for value in (-30.0, 0.01, 30.0)
    }
    assert set(listed) == given
    assert [reason.code for reason in listed] == sorted({reason.code for reason in given})


def test_what_was_not_measured_is_no_reason() -> None:
    with pytest.raises(ValueError, match="no reason"):
        reason_for(measure(Component.FACE_OCCLUSION_PREVENTION, None))
