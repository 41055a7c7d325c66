from __future__ import annotations

import pytest

from countenance.vision import Component, QualityGate, QualityMeasure, QualityReport


def report(unified: int, *qualities: int | None) -> QualityReport:
    measures = tuple(
        QualityMeasure(
            component=component, value=None if quality is None else 1.0, unit="pixel", quality=quality
        )
        for component, quality in zip(Component, qualities, strict=False)
    )
    return QualityReport(measures=measures, unified=unified, reasons=())


@pytest.mark.parametrize(
    ("found", "acceptable"),
    [
        pytest.param(report(80, 90, 80), True, id="good"),
        pytest.param(report(30, 10, 50), True, id="just-at-both-limits"),
        pytest.param(report(29, 10, 50), False, id="unified-below"),
        pytest.param(report(70, 9, 100), False, id="one-component-below"),
        pytest.param(report(80, 90, None), True, id="not-measured-does-not-harm"),
        pytest.param(report(80, None, None), False, id="nothing-measured"),
        pytest.param(report(80), False, id="empty"),
    ],
)
def test_a_gate_asks_for_the_whole_and_for_each_part(found: QualityReport, acceptable: bool) -> None:
    assert found.acceptable(QualityGate(least_unified=30, least_component=10)) is acceptable


@pytest.mark.parametrize("limits", [{"least_unified": 101}, {"least_unified": -1}, {"least_component": 101}])
def test_limits_lie_between_0_and_100(limits: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="between 0 and 100"):
        QualityGate(**limits)


def test_a_measure_is_found_by_its_component() -> None:
    found = report(80, 90, None)
    first, second = list(Component)[:2]
    assert found.measure(first).measured
    assert not found.measure(second).measured
    with pytest.raises(KeyError):
        found.measure(Component.HEAD_SIZE)
