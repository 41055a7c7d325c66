from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from contract.observer import ObserverContract
from countenance.authority import AuthorityDesk, LogObserver, RefusedByRule, shipped_rules
from countenance.capture import CaptureDoor, CaptureLimits
from countenance.evaluation.datasets import DatasetProvenance
from countenance.evaluation.permission import (
    EVALUATE,
    AggregateObserver,
    EvaluationAuthority,
    EvaluationSite,
    register_evaluation,
)
from countenance.kernel import (
    Door,
    FixedClock,
    Material,
    PermitNotForThis,
    PermitRevoked,
    PermitSpent,
    sha256_hex,
)
from countenance.policy import Vocabulary
from countenance.store import EvidenceScope, Store, create_root_key, key_provider
from pictures import png, quadrants

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
LIST, OTHER_LIST = "a" * 64, "b" * 64
OURS = DatasetProvenance(name="Ours", origin="volunteers", terms="signed")
PICTURE = png(quadrants())
MATERIAL = Material(sha256_hex(PICTURE))
RULES, VOCABULARY = shipped_rules()


@pytest.fixture
def vocabulary() -> Vocabulary:
    return VOCABULARY


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    uri = f"file:{tmp_path / 'key' / 'root.key'}"
    create_root_key(uri)
    with Store.create(tmp_path / "data", key_provider=key_provider(uri), clock=FixedClock(NOON)) as made:
        yield made


def desk_of(store: Store, *, writes: tuple[str, ...] = ("rates",)) -> AuthorityDesk:
    clock = FixedClock(NOON)
    return AuthorityDesk(
        store=store,
        rules=RULES,
        vocabulary=VOCABULARY,
        clock=clock,
        observers=(LogObserver(store=store, clock=clock), AggregateObserver(writes=writes)),
        permit_lifetime=timedelta(minutes=2),
    )


def site_of(
    desk: AuthorityDesk, *, provenance: DatasetProvenance | None = OURS, **changes: str
) -> EvaluationSite:
    return register_evaluation(
        desk,
        list_sha256=changes.get("list_sha256", LIST),
        provenance=provenance,
        jurisdictions=(changes.get("code", "EU"),),
    )


def missing(refused: RefusedByRule) -> set[str]:
    return {key for one in refused.verdict.missing for key in one.alternatives}


class TestAggregateObserver(ObserverContract):
    """Says what is put out, where that is aggregates."""

    @pytest.fixture
    def seeing(self) -> AggregateObserver:
        return AggregateObserver(writes=("rates",))

    @pytest.fixture
    def blind(self) -> AggregateObserver:
        return AggregateObserver(writes=())


def test_with_provenance_a_permit_of_operation_evaluate_is_signed(store: Store) -> None:
    desk = desk_of(store)
    request, granted = EvaluationAuthority(desk=desk, site=site_of(desk)).for_pictures([MATERIAL], pictures=3)
    claims = granted.claims
    assert claims.operations == request.operations == (EVALUATE,)
    assert claims.budget == {Door.CAPTURE: 3, Door.EXTRACT: 3}
    assert claims.largest_gallery == 0
    assert claims.demo is False
    assert {"dataset_provenance", "aggregate_only"} <= {claim.key for claim in claims.evidence}


def test_comparing_has_a_permit_of_its_own(store: Store) -> None:
    desk = desk_of(store)
    _, granted = EvaluationAuthority(desk=desk, site=site_of(desk)).for_pairs([MATERIAL], pairs=5)
    assert granted.claims.budget == {Door.COMPARE: 5}


@pytest.mark.parametrize("code", ["CN", "EU", "UK", "US/IL"])
def test_without_provenance_it_is_refused_everywhere(store: Store, code: str) -> None:
    desk = desk_of(store)
    authority = EvaluationAuthority(desk=desk, site=site_of(desk, provenance=None, code=code))
    with pytest.raises(RefusedByRule) as refused:
        authority.for_pictures([MATERIAL], pictures=1)
    assert missing(refused.value) == {"dataset_provenance"}


def test_without_aggregates_alone_it_is_refused(store: Store) -> None:
    desk = desk_of(store, writes=())
    with pytest.raises(RefusedByRule) as refused:
        EvaluationAuthority(desk=desk, site=site_of(desk)).for_pictures([MATERIAL], pictures=1)
    assert missing(refused.value) == {"aggregate_only"}


def test_where_no_rules_hold_it_is_refused(store: Store) -> None:
    desk = desk_of(store)
    site = register_evaluation(desk, list_sha256=LIST, provenance=OURS, jurisdictions=())
    with pytest.raises(RefusedByRule):
        EvaluationAuthority(desk=desk, site=site).for_pictures([MATERIAL], pictures=1)


def test_provenance_of_one_list_says_nothing_of_another(store: Store) -> None:
    desk = desk_of(store)
    site_of(desk)
    other = site_of(desk, provenance=None, list_sha256=OTHER_LIST)
    with pytest.raises(RefusedByRule):
        EvaluationAuthority(desk=desk, site=other).for_pictures([MATERIAL], pictures=1)


def test_filing_the_same_again_adds_nothing_and_another_word_replaces_it(store: Store) -> None:
    desk = desk_of(store)
    site = site_of(desk)
    assert site_of(desk) == site
    scope = EvidenceScope(site.place, site.purpose, site.device)
    first = desk.on_file(scope=scope).evidence["dataset_provenance"]
    assert len(first) == 1
    site_of(desk, provenance=OURS.model_copy(update={"terms": "narrowed"}))
    second = desk.on_file(scope=scope).evidence["dataset_provenance"]
    assert len(second) == 1
    assert second != first


def test_withdrawn_provenance_shuts_the_doors(store: Store) -> None:
    desk = desk_of(store)
    site = site_of(desk)
    request, granted = EvaluationAuthority(desk=desk, site=site).for_pictures([MATERIAL], pictures=2)
    door = CaptureDoor(verifier=desk.verifier, limits=CaptureLimits(), operation=EVALUATE)
    door.open(door.check(PICTURE), permit=granted.token, request=request)
    (filed,) = desk.on_file(scope=EvidenceScope(site.place, site.purpose, site.device)).evidence[
        "dataset_provenance"
    ]
    desk.withdraw_evidence(filed, by="operator", reason="the terms changed")
    with pytest.raises(PermitRevoked):
        door.open(door.check(PICTURE), permit=granted.token, request=request)


def test_it_is_counted(store: Store) -> None:
    desk = desk_of(store)
    request, granted = EvaluationAuthority(desk=desk, site=site_of(desk)).for_pictures([MATERIAL], pictures=1)
    door = CaptureDoor(verifier=desk.verifier, limits=CaptureLimits(), operation=EVALUATE)
    door.open(door.check(PICTURE), permit=granted.token, request=request)
    with pytest.raises(PermitSpent):
        door.open(door.check(PICTURE), permit=granted.token, request=request)


def test_it_opens_no_door_of_a_desk(store: Store) -> None:
    desk = desk_of(store)
    request, granted = EvaluationAuthority(desk=desk, site=site_of(desk)).for_pictures([MATERIAL], pictures=1)
    door = CaptureDoor(verifier=desk.verifier, limits=CaptureLimits())
    with pytest.raises(PermitNotForThis):
        door.open(door.check(PICTURE), permit=granted.token, request=request)
