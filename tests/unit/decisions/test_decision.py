"""The values of a decision: what they hold, what they show, what they can't hold."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime

import pytest

from countenance.decisions import (
    Assurance,
    Decision,
    InputReport,
    Outcome,
    Role,
    shipped_error_table,
)
from countenance.kernel import DecisionId, PermitId, canonical_json

STATED = shipped_error_table("mobilefacenet-192").threshold(1e-4).stated


def a_decision(**changes: object) -> Decision:
    decision = Decision(
        decision_id=DecisionId("dec_1"),
        outcome=Outcome.MATCH,
        words=("Match.", "At a threshold."),
        stated_error=STATED,
        inputs=(
            InputReport(Role.DOCUMENT, 80, ()),
            InputReport(Role.LIVE, None, ("No face.",), ("no-face-found",)),
        ),
        models=("a", "b"),
        permit_id=PermitId("prm_1"),
        rule_set="a" * 64,
        request_digest="b" * 64,
        decided_at=datetime(2026, 11, 22, 12, tzinfo=UTC),
        assurance=Assurance.ATTENDED,
        demo=True,
    )
    return dataclasses.replace(decision, **changes)  # type: ignore[arg-type]


def test_every_field_is_in_the_json_and_the_json_is_plain() -> None:
    shown = a_decision().to_json()
    assert set(shown) == {field.name for field in dataclasses.fields(Decision)}
    assert json.loads(canonical_json(shown)) == shown
    assert shown["outcome"] == "match"
    assert shown["decided_at"] == "2026-11-22T12:00:00+00:00"
    assert shown["inputs"] == [
        {"role": "document", "quality": 80, "reasons": [], "codes": []},
        {"role": "live", "quality": None, "reasons": ["No face."], "codes": ["no-face-found"]},
    ]


def test_the_stated_error_is_complete_in_json() -> None:
    shown = STATED.to_json()
    assert set(shown) == {field.name for field in dataclasses.fields(STATED)} | {"people"}
    assert shown["people"] == 1
    assert shown["document_portraits"] == "not measured"


@pytest.mark.parametrize("value", [Decision, InputReport, type(STATED)])
def test_no_field_is_for_a_score_or_a_threshold(value: type) -> None:
    names = {field.name for field in dataclasses.fields(value)}
    assert not names & {"score", "threshold", "similarity", "distance", "value"}


def test_a_decision_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        a_decision().outcome = Outcome.NO_MATCH  # type: ignore[misc]


def test_outcomes_are_words() -> None:
    assert [outcome.value for outcome in Outcome] == ["match", "no match", "inconclusive", "unknown", "lead"]


def test_assurance_says_what_was_not_measured() -> None:
    for assurance in set(Assurance) - {Assurance.LIVE}:
        assert "liveness was not measured" in assurance.words.lower()
    assert "self-declared" in Assurance.LIVE.words
    assert "not authenticated" in Assurance.LIVE.words
    assert "not authenticated" in Assurance.ATTENDED.words
    assert "held up" in Assurance.UNATTENDED.words
