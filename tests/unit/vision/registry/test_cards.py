from __future__ import annotations

import dataclasses

import pytest

from countenance.vision.registry import Job, MeasuredFact, TrainingSets, model_card, shipped_manifest
from synthetic_packages import entry, operator_source, source, wheel


@pytest.mark.parametrize("model_id", shipped_manifest().ids)
def test_a_card_says_everything_that_the_entry_knows_and_does_not_know(model_id: str) -> None:
    shipped = shipped_manifest().entry(model_id)
    card = model_card(shipped)
    assert card.startswith(f"## {model_id}\n")
    for words in (*shipped.card.limits, *shipped.unknown, shipped.licence.found, shipped.provenance):
        assert words in card
    for pin in (shipped.sha256, shipped.member, shipped.source.words):
        assert pin in card


def test_a_figure_never_stands_without_its_conditions() -> None:
    shipped = entry(source=source(wheel()))
    fact = MeasuredFact(figure="9 of 10", conditions="ten pictures of a wall")
    card = model_card(dataclasses.replace(shipped, card=dataclasses.replace(shipped.card, measured=(fact,))))
    assert "- 9 of 10 (ten pictures of a wall)" in card


def test_what_was_not_measured_says_so() -> None:
    assert "Not measured." in model_card(entry(source=source(wheel())))


def test_an_operators_model_is_marked() -> None:
    card = model_card(entry(source=operator_source(), default=False))
    assert "supplied by the operator on 2026-01-02" in card
    assert "member:" not in card


@pytest.mark.parametrize("model_id", shipped_manifest().ids)
def test_a_recognition_networks_card_says_whose_faces_it_learned_from(model_id: str) -> None:
    shipped = shipped_manifest().entry(model_id)
    says_so = f"unless its purpose accepts `{model_id}` by name" in model_card(shipped)
    assert says_so is (shipped.job is Job.EMBED)


def test_stated_training_sets_are_named_and_not_vouched_for() -> None:
    network = dataclasses.replace(
        entry(source=operator_source(), default=False),
        job=Job.EMBED,
        dataset_provenance=TrainingSets.STATED,
        training_sets=("A set of 10,000 people",),
    )
    card = model_card(network)
    assert "Stated, not checked:" in card
    assert "- A set of 10,000 people" in card
    assert "`unknown`" not in card
