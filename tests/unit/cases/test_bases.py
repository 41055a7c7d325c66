"""What keeps a person's data besides a consent: a provision that names the purpose or the person."""

from __future__ import annotations

import pytest

from cases_rights import Rights
from countenance.cases.bases import is_consent, kept_otherwise
from countenance.kernel import EvidenceId, PlaceId, PurposeId, SubjectId
from countenance.store import EvidenceRecord, EvidenceScope, HeldRecord, Issuer
from front_desk import GUEST, NOON

HERE, OTHER = PurposeId("pur_hotel_checkin"), PurposeId("pur_other")


def provision(rights: Rights, key: str, scope: EvidenceScope) -> EvidenceRecord:
    record = EvidenceRecord.make(
        key=key, content={"said": "a provision"}, author="officer", issuer=Issuer.PERSON,
        recorded_at=NOON, scope=scope, demo=True,
    )  # fmt: skip
    rights.hotel.store.evidence.add(record)
    return record


@pytest.mark.parametrize(
    ("key", "consent"),
    [
        ("consent.separate", True),
        ("consent.coerced", True),
        ("guardian_consent", True),
        ("written_release", True),
        ("subject.under18", False),
        ("legal_basis", False),
    ],
)
def test_what_a_consent_is(key: str, consent: bool) -> None:
    assert is_consent(HeldRecord(EvidenceId("evd_a"), key, NOON, None, None)) is consent


@pytest.mark.parametrize("key", ["authorisation", "legal_obligation", "statutory_basis", "statutory_power"])
@pytest.mark.parametrize(
    ("scope", "kept"),
    [
        (EvidenceScope(purpose=HERE), True),
        (EvidenceScope(subject=GUEST), True),
        (EvidenceScope(purpose=HERE, subject=GUEST), True),
        (EvidenceScope(purpose=OTHER), False),
        (EvidenceScope(purpose=HERE, subject=SubjectId("sub_other")), False),
        (EvidenceScope(), False),
        (EvidenceScope(place=PlaceId("plc_a")), False),
    ],
)
def test_a_provision_names_the_purpose_or_the_person(
    rights: Rights, key: str, scope: EvidenceScope, kept: bool
) -> None:
    provision(rights, key, scope)
    assert kept_otherwise(rights.hotel.store, GUEST, HERE, at=NOON) is kept


def test_one_that_was_withdrawn_keeps_nothing(rights: Rights) -> None:
    record = provision(rights, "statutory_basis", EvidenceScope(purpose=HERE))
    rights.hotel.desk.withdraw_evidence(record.evidence_id, by="officer", reason="no longer so")
    assert not kept_otherwise(rights.hotel.store, GUEST, HERE, at=NOON)


@pytest.mark.parametrize("key", ["legal_basis", "processor_contract", "least_intrusive"])
def test_a_contract_or_a_reason_keeps_nothing(rights: Rights, key: str) -> None:
    provision(rights, key, EvidenceScope(purpose=HERE))
    assert not kept_otherwise(rights.hotel.store, GUEST, HERE, at=NOON)


def test_the_made_up_hotel_rests_on_consent_alone(rights: Rights) -> None:
    assert not kept_otherwise(rights.hotel.store, GUEST, rights.purpose, at=NOON)
