"""Receipts of consents over a real store, and taking consents back as their bearer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from countenance.authority import (
    Author,
    ConsentNotOnFile,
    RefusedByRule,
    Role,
    RoleMayNot,
    shipped_roles,
)
from countenance.authority.notices import DocumentAltered, check_consent_receipt
from countenance.decisions import RECEIPT_KIND, ReceiptRefused
from countenance.kernel import SubjectId
from countenance.runtime import ConsentDesk, IssuedReceipt
from countenance.store import EvidenceRecord, PublicVerifier
from front_desk import GUEST, FrontDesk, front_desk

CLERK, OFFICER = Author(Role.CLERK), Author(Role.OFFICER)
OTHER = SubjectId("sub_other")


@dataclass(frozen=True)
class Desk:
    hotel: FrontDesk
    consents: ConsentDesk

    def consent(self, subject: SubjectId = GUEST) -> EvidenceRecord:
        records = self.hotel.welcome(subject=subject)
        return next(record for record in records if record.key == "consent.record")

    def issue(self, record: EvidenceRecord) -> IssuedReceipt:
        return self.consents.receipt(record.evidence_id, author=CLERK)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with front_desk(tmp_path) as hotel:
        yield Desk(
            hotel,
            ConsentDesk(
                store=hotel.store,
                authority=hotel.desk,
                clock=hotel.clock,
                roles=shipped_roles(),
                public_url="https://hotel.example/",
            ),
        )


def test_a_receipt_says_what_is_on_file_and_is_checked_offline(desk: Desk) -> None:
    record = desk.consent()
    issued = desk.issue(record)
    document = json.loads(json.dumps(issued.document))
    claims = check_consent_receipt(PublicVerifier(desk.consents.public_jwk()), document)
    assert claims["record_id"] == record.content["consent_id"]
    assert claims["pii_principal_id"] == GUEST
    assert claims["demo"] is True
    (purpose,) = claims["purposes"]
    assert purpose["purpose"] == desk.hotel.site.purpose
    assert purpose["type"] == "dpv:IdentityVerification"
    assert purpose["pii_controllers"] == ["The operator of the made-up site"]
    assert "thirty days" in purpose["retention_period"]
    assert "at the desk" in purpose["withdrawal_method"]
    assert purpose["impact_assessment"] is not None
    assert claims["notice"] == "notice-checkin"
    assert issued.link == f"https://hotel.example/withdraw/{issued.token}"
    assert issued.token not in json.dumps(document)


def test_a_receipt_is_issued_by_whoever_may_write_consents_down(desk: Desk) -> None:
    record = desk.consent()
    with pytest.raises(RoleMayNot):
        desk.consents.receipt(record.evidence_id, author=OFFICER)


def test_there_is_none_for_what_isnt_a_consent_or_no_longer_counts(desk: Desk) -> None:
    with pytest.raises(ConsentNotOnFile):
        desk.consents.receipt(desk.hotel.on_file("sign")[0].evidence_id, author=CLERK)
    record = desk.consent()
    desk.hotel.wait(timedelta(hours=2))
    with pytest.raises(ConsentNotOnFile, match="counts now"):
        desk.issue(record)


def test_taking_back_needs_the_token_alone_and_ends_the_permission(desk: Desk) -> None:
    issued = desk.issue(desk.consent())
    desk.hotel.grant()
    assert desk.consents.state(issued.token).state == "dpv:ConsentGiven"
    done = desk.consents.take_back(issued.token)
    assert done.records >= 4
    assert done.log_index is not None
    entry = desk.hotel.store.log.entry(done.log_index)
    assert entry.kind == "consent-withdrawn"
    with pytest.raises(RefusedByRule):
        desk.hotel.grant()
    assert desk.consents.state(issued.token).state == "dpv:ConsentWithdrawn"
    again = desk.consents.take_back(issued.token)
    assert again.records == 0


def test_a_token_touches_nobody_elses_consent(desk: Desk) -> None:
    mine, theirs = desk.issue(desk.consent()), desk.issue(desk.consent(OTHER))
    desk.consents.take_back(mine.token)
    assert desk.consents.state(theirs.token).state == "dpv:ConsentGiven"
    desk.hotel.grant(desk.hotel.request(subject=OTHER))


def test_an_old_token_doesnt_touch_a_consent_that_was_given_anew(desk: Desk) -> None:
    first = desk.issue(desk.consent())
    desk.consents.take_back(first.token)
    second = desk.issue(desk.consent())
    size = desk.hotel.store.log.size()
    assert desk.consents.take_back(first.token).log_index is None
    assert desk.hotel.store.log.size() == size
    assert desk.consents.state(second.token).state == "dpv:ConsentGiven"
    desk.hotel.grant()


def test_looking_changes_nothing(desk: Desk) -> None:
    issued = desk.issue(desk.consent())
    size, epoch = desk.hotel.store.log.size(), desk.hotel.store.evidence.epoch()
    state = desk.consents.state(issued.token)
    assert state.purpose
    assert state.given_at == desk.hotel.clock.now()
    desk.consents.open(json.dumps(dict(issued.document)))
    assert (desk.hotel.store.log.size(), desk.hotel.store.evidence.epoch()) == (size, epoch)


def test_a_consent_that_ran_out_or_isnt_on_file_says_so(desk: Desk) -> None:
    issued = desk.issue(desk.consent())
    desk.hotel.wait(timedelta(hours=2))
    assert desk.consents.state(issued.token).state == "dpv:ConsentExpired"
    stranger = desk.hotel.store.signer.sign(
        {"cns": "cns-none", "sub": "sub_none", "pur": "pur_none"}, kind="countenance-withdrawal+jws"
    )
    assert desk.consents.state(stranger).state == "ctn:NotOnFile"
    with pytest.raises(ConsentNotOnFile):
        desk.consents.take_back(stranger)


@pytest.mark.parametrize("token", ["", "x", "a.b.c"])
def test_what_isnt_a_token_takes_nothing_back(desk: Desk, token: str) -> None:
    desk.consent()
    with pytest.raises(DocumentAltered):
        desk.consents.take_back(token)
    desk.hotel.grant()


def test_a_receipt_isnt_a_token_and_a_token_isnt_a_receipt(desk: Desk) -> None:
    issued = desk.issue(desk.consent())
    with pytest.raises(DocumentAltered):
        desk.consents.take_back(str(dict(issued.document)["proof"]["jws"]))  # type: ignore[index,call-overload]
    with pytest.raises(ReceiptRefused):
        desk.consents.open(issued.token)


def test_a_bearer_opens_the_one_consent_with_its_state(desk: Desk) -> None:
    issued = desk.issue(desk.consent())
    desk.consent(OTHER)
    opened = desk.consents.open(json.dumps(dict(issued.document)))
    assert (opened.kind, opened.state) == ("consent", "dpv:ConsentGiven")
    assert OTHER not in json.dumps(dict(opened.claims))
    desk.consents.take_back(issued.token)
    assert desk.consents.open(json.dumps(dict(issued.document))).state == "dpv:ConsentWithdrawn"


@pytest.mark.parametrize("presented", ["", "x", "{", "{}", "[]", "a.b.c", '{"proof": {}}'])
def test_what_isnt_a_receipt_opens_nothing(desk: Desk, presented: str) -> None:
    with pytest.raises((ReceiptRefused, DocumentAltered)):
        desk.consents.open(presented)


def test_a_receipt_of_a_decision_that_isnt_on_file_opens_nothing(desk: Desk) -> None:
    token = desk.hotel.store.signer.sign({"id": "dec_x"}, kind=RECEIPT_KIND)
    with pytest.raises(ReceiptRefused):
        desk.consents.open(token)


def test_a_persons_latest_consent_that_counts_has_a_receipt(desk: Desk) -> None:
    assert desk.consents.receipt_of(GUEST, author=CLERK) is None
    desk.consent()
    first = desk.consents.receipt_of(GUEST, author=CLERK)
    assert first is not None
    desk.consents.take_back(first.token)
    assert desk.consents.receipt_of(GUEST, author=CLERK) is None
    desk.consent()
    again = desk.consents.receipt_of(GUEST, author=CLERK)
    assert again is not None
    assert again.token != first.token
    with pytest.raises(RoleMayNot):
        desk.consents.receipt_of(GUEST, author=OFFICER)
