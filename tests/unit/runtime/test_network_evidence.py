"""Whose faces a network learned from: unknown refuses an adverse use until its purpose names the network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from contract.observer import ObserverContract
from countenance.authority import EvidenceNotAccepted, Observer, shipped_rules
from countenance.kernel import DeviceId, PurposeId
from countenance.kernel.canonical import JsonValue
from countenance.policy import Vocabulary
from countenance.runtime import load_settings
from countenance.runtime.network_evidence import NetworkObserver, network_observer
from countenance.store import Device, EvidenceRecord, EvidenceScope
from countenance.vision.registry import ModelEntry, TrainingSets, shipped_manifest
from front_desk import NOON, FrontDesk, front_desk, new_desk, system_observers

UNKNOWN = shipped_manifest().entry("mobilefacenet-192")
STATED = replace(
    UNKNOWN, dataset_provenance=TrainingSets.STATED, training_sets=("A set that its makers name",)
)
VOCABULARY = shipped_rules()[1]
ADVERSE = ("identify_live", "retro_search", "watchlist")
KEY = "network_provenance"


@pytest.fixture
def vocabulary() -> Vocabulary:
    """The words of the rules."""
    return VOCABULARY


@pytest.fixture
def hotel(tmp_path: Path) -> Iterator[FrontDesk]:
    with front_desk(tmp_path) as opened:
        yield opened


def observer(hotel: FrontDesk, network: ModelEntry | None = UNKNOWN) -> NetworkObserver:
    return NetworkObserver(store=hotel.store, clock=hotel.clock, vocabulary=VOCABULARY, network=network)


def accept(
    hotel: FrontDesk, *networks: str, author: str = "officer", scope: EvidenceScope | None = None
) -> EvidenceRecord:
    """File the purpose anew, with the networks that it accepts."""
    content: Mapping[str, JsonValue] = {
        "statement": "Look for people who are sought by order of a court.",
        "accepts_networks": list(networks),
    }
    return hotel.desk.record_evidence(
        key="purpose",
        content=content,
        author=author,
        scope=scope or EvidenceScope(purpose=hotel.site.purpose),
    )


def accepting(hotel: FrontDesk, network: ModelEntry = UNKNOWN) -> list[PurposeId | None]:
    return [seen.scope.purpose for seen in observer(hotel, network).observe()]


class TestNetwork(ObserverContract):
    @pytest.fixture
    def seeing(self, hotel: FrontDesk) -> Observer:
        return observer(hotel, STATED)

    @pytest.fixture
    def blind(self, hotel: FrontDesk) -> Observer:
        return observer(hotel)


def test_no_shipped_network_has_stated_training_sets() -> None:
    embedders = [entry for entry in shipped_manifest().entries if entry.job.value == "embed"]
    assert len(embedders) >= 3
    assert {entry.dataset_provenance for entry in embedders} == {TrainingSets.UNKNOWN}


def test_stated_sets_are_reported_with_their_names_for_everybody(hotel: FrontDesk) -> None:
    (seen,) = observer(hotel, STATED).observe()
    assert seen.scope == EvidenceScope()
    assert seen.content["training_sets"] == ["A set that its makers name"]


def test_a_network_that_is_in_no_registry_is_vouched_for_by_nobody(hotel: FrontDesk) -> None:
    accept(hotel, "mobilefacenet-192")
    assert observer(hotel, None).observe() == ()


def test_a_purpose_accepts_a_network_by_its_name_and_no_other(hotel: FrontDesk) -> None:
    assert accepting(hotel) == []
    accept(hotel, "fr-feature-512")
    assert accepting(hotel) == []
    accept(hotel, "fr-feature-512", "mobilefacenet-192")
    assert accepting(hotel) == [hotel.site.purpose]
    (seen,) = observer(hotel).observe()
    assert seen.content == {
        "network": "mobilefacenet-192",
        "dataset_provenance": "unknown",
        "accepted": True,
    }


def test_accepting_twice_is_reported_once(hotel: FrontDesk) -> None:
    accept(hotel, "mobilefacenet-192")
    accept(hotel, "mobilefacenet-192")
    assert accepting(hotel) == [hotel.site.purpose]


def test_an_acceptance_that_was_withdrawn_accepts_nothing(hotel: FrontDesk) -> None:
    record = accept(hotel, "mobilefacenet-192")
    hotel.clock.move_to(NOON + timedelta(minutes=1))
    hotel.desk.withdraw_evidence(record.evidence_id, by="officer", reason="another network is being sought")
    hotel.clock.move_to(NOON + timedelta(minutes=2))
    assert accepting(hotel) == []


def test_an_acceptance_for_one_place_is_none_for_the_purpose(hotel: FrontDesk) -> None:
    accept(
        hotel, "mobilefacenet-192", scope=EvidenceScope(purpose=hotel.site.purpose, place=hotel.site.place)
    )
    assert accepting(hotel) == []


# At the desk.

WATCH = DeviceId("dev_watch")


def watching(hotel: FrontDesk) -> None:
    """Register a device that says it is for adverse searches."""
    if WATCH not in hotel.desk.registrar.devices():
        hotel.desk.registrar.add_device(
            Device(WATCH, "A camera that watches", hotel.site.place, ("capture", *ADVERSE), NOON)
        )


def missing(hotel: FrontDesk, operation: str, network: ModelEntry = UNKNOWN) -> set[str]:
    """What a real desk says is missing for an act, with everything looked at."""
    watching(hotel)
    observers = (*system_observers(hotel.store, hotel.clock), observer(hotel, network))
    desk = new_desk(hotel.store, hotel.clock, observers=observers)
    verdict = desk.judge(hotel.request(operations=("capture", operation), device=WATCH))
    assert not verdict.allowed
    return {key for wanted in verdict.missing for key in wanted.alternatives}


@pytest.mark.parametrize("operation", ADVERSE)
def test_an_adverse_use_is_refused_until_the_purpose_names_the_network(
    hotel: FrontDesk, operation: str
) -> None:
    assert KEY in missing(hotel, operation)
    accept(hotel, "dlib-resnet-128")
    assert KEY in missing(hotel, operation)
    accept(hotel, "mobilefacenet-192")
    assert KEY not in missing(hotel, operation)


def test_a_network_that_is_changed_is_accepted_anew(hotel: FrontDesk) -> None:
    accept(hotel, "mobilefacenet-192")
    assert KEY not in missing(hotel, "watchlist")
    assert KEY in missing(hotel, "watchlist", shipped_manifest().entry("fr-feature-512"))


def test_a_withdrawn_acceptance_refuses_again(hotel: FrontDesk) -> None:
    record = accept(hotel, "mobilefacenet-192")
    assert KEY not in missing(hotel, "watchlist")
    hotel.clock.move_to(NOON + timedelta(minutes=1))
    hotel.desk.withdraw_evidence(record.evidence_id, by="officer", reason="another network is being sought")
    hotel.clock.move_to(NOON + timedelta(minutes=2))
    assert KEY in missing(hotel, "watchlist")


def test_who_agreed_is_checked_in_whatever_the_network_learned_from(hotel: FrontDesk) -> None:
    hotel.welcome()
    desk = new_desk(
        hotel.store, hotel.clock, observers=(*system_observers(hotel.store, hotel.clock), observer(hotel))
    )
    assert desk.judge(hotel.request()).allowed


def test_nobody_may_file_what_the_system_compares(hotel: FrontDesk) -> None:
    with pytest.raises(EvidenceNotAccepted):
        hotel.desk.record_evidence(
            key=KEY,
            content={"network": "mobilefacenet-192"},
            author="officer",
            scope=EvidenceScope(purpose=hotel.site.purpose),
        )


def test_the_settings_name_the_network_that_is_looked_at(hotel: FrontDesk, tmp_path: Path) -> None:
    accept(hotel, "fr-feature-512")

    def seen(embedder: str) -> int:
        settings = load_settings(overrides={"data_folder": tmp_path / "elsewhere", "embedder": embedder})
        return len(network_observer(settings, store=hotel.store, clock=hotel.clock).observe())

    assert [seen("fr-feature-512"), seen("mobilefacenet-192"), seen("no-such-network")] == [1, 0, 0]
