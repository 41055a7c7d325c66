"""The look at an installation says which group and ratio stand against an adverse use, and what lifts it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from countenance.decisions import DEMOGRAPHICS, MeasuredParity, shipped_error_table
from countenance.evaluation import render_error_table
from countenance.runtime import Settings, load_settings
from countenance.runtime.adverse_uses import examine_adverse_uses
from countenance.runtime.build import _Health
from countenance.runtime.error_tables import weights_in_source
from countenance.runtime.networks import choose_networks
from countenance.store import EvidenceScope, KeptErrorTable
from countenance.vision.registry import shipped_manifest
from front_desk import NOON, FrontDesk, front_desk

ALIKE = tuple(MeasuredParity(attribute, ("some", "others"), 1.4, 1.0, 2.9) for attribute in DEMOGRAPHICS)


@pytest.fixture
def hotel(tmp_path: Path) -> Iterator[FrontDesk]:
    with front_desk(tmp_path) as opened:
        yield opened


def told(hotel: FrontDesk, **changes: object) -> Settings:
    given = {"data_folder": hotel.folder, "root_key": "env:ROOT", "models_folder": hotel.folder, **changes}
    return load_settings(overrides=given)


def keep(hotel: FrontDesk, *measured: MeasuredParity) -> None:
    """Keep a table of the deployment's own, with this measured at every level."""
    networks = choose_networks(told(hotel), shipped_manifest())
    table = shipped_error_table(networks.template_model, networks.detectors)
    levels = tuple(replace(level, parity=measured) for level in table.levels)
    own = replace(table, levels=levels, source=(*table.source, *weights_in_source(networks).items()))
    text = render_error_table(own, heading="made up")
    hotel.store.error_tables.put(KeptErrorTable(own.model_id, text, NOON))


def words(hotel: FrontDesk, **changes: object) -> str:
    found = examine_adverse_uses(told(hotel, **changes), store=hotel.store, clock=hotel.clock)
    assert (found.name, found.ok) == ("adverse-uses", True)
    return found.words


def test_what_comes_along_is_refused_with_every_reason_and_what_lifts_it(hotel: FrontDesk) -> None:
    said = words(hotel)
    assert said.startswith("Searches turned against whoever is found are refused.")
    assert "other people than this deployment's" in said
    assert "By gender (women, men), " in said
    assert "Groups by age were not measured." in said
    assert "Groups by origin were not measured." in said
    assert "countenance calibrate" in said
    assert "Nobody states whose faces mobilefacenet-192 learned from" in said


@pytest.mark.parametrize(("high", "ratio"), [(3.01, "3.01 times"), (math.inf, "don't bound")])
def test_the_group_and_the_ratio_are_named(hotel: FrontDesk, high: float, ratio: str) -> None:
    keep(hotel, *ALIKE[1:], replace(ALIKE[0], groups=("young", "old"), high=high))
    said = words(hotel)
    assert f"By {DEMOGRAPHICS[0]} (young, old)" in said
    assert ratio in said
    assert "other people" not in said
    assert DEMOGRAPHICS[1] not in said.replace("age, gender and origin", "")


def test_with_groups_alike_and_the_network_accepted_nothing_is_left(hotel: FrontDesk) -> None:
    keep(hotel, *ALIKE)
    assert words(hotel) == (
        "Searches turned against whoever is found are refused. Nobody states whose faces mobilefacenet-192 "
        "learned from, and no purpose accepts it by name."
    )
    hotel.desk.record_evidence(
        key="purpose",
        content={"statement": "Find one person.", "accepts_networks": ["mobilefacenet-192"]},
        author="officer",
        scope=EvidenceScope(purpose=hotel.site.purpose),
    )
    assert words(hotel).startswith("Neither groups nor network stand against")


def test_a_network_that_is_not_known_is_said_to_refuse(hotel: FrontDesk) -> None:
    assert "no-such-network" in words(hotel, embedder="no-such-network")


def test_it_is_among_what_the_look_at_an_installation_finds(hotel: FrontDesk) -> None:
    findings = _Health(settings=told(hotel), store=hotel.store, clock=hotel.clock)()
    assert "adverse-uses" in {finding.name for finding in findings}
