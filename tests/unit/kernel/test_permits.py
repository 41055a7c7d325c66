"""The permit's values: a request has one digest, claims survive the journey."""

from __future__ import annotations

import dataclasses
import hashlib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countenance.kernel import (
    DeploymentId,
    DeviceId,
    Door,
    DutyClaim,
    DutyId,
    EvidenceClaim,
    EvidenceId,
    Material,
    PermitAltered,
    PermitClaims,
    PermitId,
    PlaceId,
    ProcessingRequest,
    PurposeId,
    RequestId,
    SubjectId,
)

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def a_request(**changes: object) -> ProcessingRequest:
    request = ProcessingRequest(
        request_id=RequestId("req_1"),
        operations=("capture", "verify"),
        purpose=PurposeId("pur_1"),
        place=PlaceId("plc_1"),
        device=DeviceId("dev_1"),
        materials=(Material("a" * 64), Material("b" * 64)),
        error_target=1e-4,
        subject=SubjectId("sub_1"),
        scene="hotel-checkin",
    )
    return dataclasses.replace(request, **changes)  # type: ignore[arg-type]


def some_claims() -> PermitClaims:
    return PermitClaims(
        permit_id=PermitId("prm_1"),
        deployment=DeploymentId("dep_1"),
        operations=("capture", "verify"),
        purpose=PurposeId("pur_1"),
        place=PlaceId("plc_1"),
        device=DeviceId("dev_1"),
        request_digest=a_request().digest(),
        budget={Door.CAPTURE: 2, Door.EXTRACT: 2, Door.COMPARE: 1},
        largest_gallery=0,
        error_target=1e-4,
        rule_set="f" * 64,
        epoch=7,
        evidence=(EvidenceClaim("notice", EvidenceId("evd_1"), "c" * 64),),
        duties=(DutyClaim(DutyId("dty_1"), "image_deleted", "CN-FRT-1", NOON),),
        issued_at=NOON,
        not_after=NOON,
        house_rules_only=False,
        demo=True,
    )


@pytest.mark.parametrize(
    ("field", "other"),
    [
        ("request_id", "req_2"),
        ("operations", ("verify",)),
        ("purpose", "pur_2"),
        ("place", "plc_2"),
        ("device", "dev_2"),
        ("materials", (Material("c" * 64),)),
        ("error_target", 1e-3),
        ("subject", None),
        ("scene", None),
    ],
)
def test_every_member_of_a_request_is_in_its_digest(field: str, other: object) -> None:
    assert a_request(**{field: other}).digest() != a_request().digest()


def test_the_table_above_names_every_member() -> None:
    named = {
        "request_id",
        "operations",
        "purpose",
        "place",
        "device",
        "materials",
        "error_target",
        "subject",
        "scene",
    }
    assert named == {f.name for f in dataclasses.fields(ProcessingRequest)}


def test_a_digest_is_that_of_the_canonical_json() -> None:
    # Written out by hand, so that a change of the form is seen: an old log must stay checkable.
    written = (
        '{"device":"dev_1","error_target":0.0001,"materials":["' + "a" * 64 + '","' + "b" * 64 + '"],'
        '"operations":["capture","verify"],"place":"plc_1","purpose":"pur_1","request_id":"req_1",'
        '"scene":"hotel-checkin","subject":"sub_1"}'
    )
    assert hashlib.sha256(written.encode()).hexdigest() == a_request().digest()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"operations": ()}, "operations"),
        ({"operations": ("verify", "capture")}, "operations"),
        ({"operations": ("verify", "verify")}, "operations"),
        ({"materials": (Material("b" * 64), Material("a" * 64))}, "materials"),
        ({"error_target": 0.0}, "error target"),
        ({"error_target": 1.0}, "error target"),
    ],
)
def test_a_request_with_a_gap_cannot_be_made(changes: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        a_request(**changes)


def test_claims_survive_being_written_and_read() -> None:
    claims = some_claims()
    assert PermitClaims.from_claims(claims.to_claims()) == claims


@given(dropped=st.sampled_from([f.name for f in dataclasses.fields(PermitClaims)]))
def test_claims_with_a_member_missing_are_called_altered(dropped: str) -> None:
    claims = some_claims().to_claims()
    del claims[dropped]
    with pytest.raises(PermitAltered):
        PermitClaims.from_claims(claims)


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("budget", {"roof": 1}),
        ("budget", ["capture"]),
        ("evidence", [["notice"]]),
        ("duties", [["d", "k", "r", "yesterday"]]),
        ("issued_at", "soon"),
        ("epoch", "many"),
    ],
)
def test_claims_of_another_form_are_called_altered(member: str, value: object) -> None:
    with pytest.raises(PermitAltered):
        PermitClaims.from_claims({**some_claims().to_claims(), member: value})
