"""Receipts of consents, and the tokens that take consents back."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countenance.authority.notices import (
    PROOF,
    ConsentTold,
    DocumentAltered,
    WithdrawalToken,
    check_consent_receipt,
    read_withdrawal_token,
    sign_consent_receipt,
    sign_withdrawal_token,
)
from countenance.authority.records import Consent
from countenance.kernel import PurposeId, SubjectId
from countenance.store import PublicVerifier
from drafted_notices import NOON, OTHER_SIGNER, SIGNER
from record_examples import EXAMPLES

PUBLIC = PublicVerifier(SIGNER.public_jwk())
CONSENT = Consent.model_validate_json(json.dumps(EXAMPLES["consent"]))
TOLD = ConsentTold(
    subject=SubjectId("sub_guest"),
    deployment="dep_1",
    demo=False,
    purpose_term="dpv:IdentityVerification",
    keeper="A hotel",
    retention="Nothing but the decision.",
    withdrawal="Say so.",
    rights="See, correct, withdraw.",
    storage=("CN: the hotel's own room",),
    place="Front desk",
    assessment="pia-1",
)
TOKEN = WithdrawalToken("cns-1", SubjectId("sub_guest"), PurposeId("pur_checkin"))


def receipt(told: ConsentTold = TOLD) -> dict[str, Any]:
    return json.loads(json.dumps(sign_consent_receipt(SIGNER, CONSENT, told, issued_at=NOON)))  # type: ignore[no-any-return]


def paths_of(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    if isinstance(value, dict):
        return [found for name, inner in value.items() for found in paths_of(inner, (*path, name))]
    if isinstance(value, list) and value:
        return [found for index, inner in enumerate(value) for found in paths_of(inner, (*path, index))]
    return [path]


LEAVES = [path for path in paths_of(receipt()) if path[0] != PROOF]


def test_it_has_the_members_of_the_standard() -> None:
    document = receipt()
    assert {
        "schema_version",
        "record_id",
        "pii_principal_id",
        "notice",
        "language",
        "hash",
        "purposes",
        "party_identification",
        "event",
    } <= set(document)
    assert document["schema_version"] == "ISO/IEC TS 27560:2023"
    (purpose,) = document["purposes"]
    assert set(purpose) == {
        "purpose",
        "type",
        "lawful_basis",
        "pii_information",
        "pii_controllers",
        "collection_method",
        "processing_method",
        "storage_locations",
        "retention_period",
        "processing_locations",
        "jurisdiction",
        "recipients",
        "withdrawal_method",
        "privacy_rights",
        "impact_assessment",
    }
    (event,) = document["event"]
    assert set(event) == {"time", "validity", "type", "state"}
    assert event["state"] == "dpv:ConsentGiven"
    assert purpose["type"] == "dpv:IdentityVerification"
    assert purpose["pii_information"] == ["pd:FacialPrint"]
    assert document["party_identification"] == [{"party_id": "A hotel", "party_role": "pii_controller"}]


def test_what_isnt_on_file_is_null() -> None:
    bare = replace(
        TOLD, keeper=None, retention=None, withdrawal=None, rights=None, storage=(), assessment=None
    )
    (purpose,) = receipt(bare)["purposes"]
    for name in ("retention_period", "withdrawal_method", "privacy_rights", "storage_locations"):
        assert purpose[name] is None
    assert purpose["pii_controllers"] == []


def test_it_is_checked_with_the_public_key_alone() -> None:
    document = receipt()
    assert check_consent_receipt(PUBLIC, document)["record_id"] == "cns-1"
    with pytest.raises(DocumentAltered, match="proof/jws"):
        check_consent_receipt(OTHER_SIGNER, document)


@pytest.mark.parametrize("path", LEAVES, ids=lambda path: "/".join(map(str, path)))
@given(value=st.one_of(st.text(max_size=9), st.integers(), st.booleans(), st.none(), st.lists(st.none())))
def test_any_member_that_is_changed_is_refused_and_named(path: tuple[str | int, ...], value: Any) -> None:
    altered = copy.deepcopy(receipt_once())
    inner: Any = altered
    for step in path[:-1]:
        inner = inner[step]
    if inner[path[-1]] == value and type(inner[path[-1]]) is type(value):
        return
    inner[path[-1]] = value
    with pytest.raises(DocumentAltered) as refused:
        check_consent_receipt(PUBLIC, altered)
    assert f"`{'/'.join(map(str, path))}" in refused.value.message


_ONCE = receipt()


def receipt_once() -> dict[str, Any]:
    return _ONCE


def test_the_receipt_doesnt_hold_what_takes_the_consent_back() -> None:
    assert sign_withdrawal_token(SIGNER, TOKEN) not in json.dumps(receipt())


def test_a_token_is_for_one_consent_of_one_person_to_one_purpose() -> None:
    text = sign_withdrawal_token(SIGNER, TOKEN)
    assert read_withdrawal_token(PUBLIC, f" {text}\n") == TOKEN
    assert len(text) < 500


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "a" * 5000,
        sign_withdrawal_token(OTHER_SIGNER, TOKEN),
        SIGNER.sign({"cns": "a", "sub": "b"}, kind="countenance-withdrawal+jws"),
        SIGNER.sign({"cns": "a", "sub": "b", "pur": "c", "all": True}, kind="countenance-withdrawal+jws"),
        SIGNER.sign({"cns": "a", "sub": "b", "pur": "c"}, kind="countenance-permit+jws"),
        _ONCE[PROOF]["jws"],
    ],
)
def test_anything_else_is_no_token(text: str) -> None:
    with pytest.raises(DocumentAltered, match="takes a consent back"):
        read_withdrawal_token(SIGNER, text)


@given(data=st.data())
def test_a_token_that_is_changed_is_refused(data: st.DataObject) -> None:
    text = sign_withdrawal_token(SIGNER, TOKEN)
    index = data.draw(st.integers(0, len(text) - 1))
    letter = data.draw(st.sampled_from("ABCxyz019-_."))
    if letter == text[index]:
        return
    with pytest.raises(DocumentAltered):
        read_withdrawal_token(SIGNER, text[:index] + letter + text[index + 1 :])
