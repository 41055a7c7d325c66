"""A permit opens exactly the door, request and moment that it is for, as often as it says."""

from __future__ import annotations

import base64
import json
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from countenance.authority import Granted, PermitCheck, shipped_rules
from countenance.authority.check import PERMIT_KIND
from countenance.kernel import (
    DeviceId,
    Door,
    FixedClock,
    Material,
    Passage,
    PermitAltered,
    PermitExpired,
    PermitNotForThis,
    PermitRefused,
    PermitRevoked,
    PermitSpent,
    PermitToken,
    PlaceId,
    ProcessingRequest,
    PurposeId,
    RequestId,
    sha256_hex,
)
from countenance.policy import FactSource, RuleSet
from countenance.store import EvidenceRecord, EvidenceScope
from front_desk import LIFETIME, LIVE, NOON, FrontDesk, front_desk, new_desk
from record_examples import content_for


def compare(request: ProcessingRequest) -> Passage:
    return Passage(Door.COMPARE, "verify", request)


def admit(hotel: FrontDesk, token: str, passage: Passage) -> None:
    hotel.desk.verifier.admit(PermitToken(token), passage)


def uses(hotel: FrontDesk, granted: Granted) -> dict[str, int]:
    return {door: used for door, used in hotel.store.permits.uses(granted.claims.permit_id).items() if used}


@pytest.fixture
def request_(checkin: FrontDesk) -> ProcessingRequest:
    return checkin.request()


@pytest.fixture
def granted(checkin: FrontDesk, request_: ProcessingRequest) -> Granted:
    return checkin.grant(request_)


def test_the_right_permit_opens_and_is_counted(
    checkin: FrontDesk, request_: ProcessingRequest, granted: Granted
) -> None:
    passage = Passage(Door.CAPTURE, "capture", request_, LIVE)
    assert checkin.desk.verifier.admit(granted.token, passage) == granted.claims
    assert uses(checkin, granted) == {"capture": 1}


def test_each_door_has_its_own_count(
    checkin: FrontDesk, request_: ProcessingRequest, granted: Granted
) -> None:
    for _ in range(2):
        admit(checkin, granted.token, Passage(Door.EXTRACT, "verify", request_, LIVE))
    admit(checkin, granted.token, compare(request_))
    with pytest.raises(PermitSpent, match="allows 2"):
        admit(checkin, granted.token, Passage(Door.EXTRACT, "verify", request_, LIVE))
    admit(checkin, granted.token, Passage(Door.CAPTURE, "capture", request_, LIVE))
    assert uses(checkin, granted) == {"extract": 2, "compare": 1, "capture": 1}


def test_two_threads_never_share_the_last_passage(checkin: FrontDesk, request_: ProcessingRequest) -> None:
    granted = checkin.grant(request_, budget={Door.COMPARE: 3})
    outcomes: list[str] = []
    start = threading.Barrier(6)

    def pass_through() -> None:
        start.wait()
        try:
            admit(checkin, granted.token, compare(request_))
            outcomes.append("passed")
        except PermitSpent:
            outcomes.append("spent")

    threads = [threading.Thread(target=pass_through) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["passed"] * 3 + ["spent"] * 3


# Time.


def test_it_holds_until_its_last_moment(
    checkin: FrontDesk, request_: ProcessingRequest, granted: Granted
) -> None:
    checkin.clock.move_to(granted.claims.not_after)
    admit(checkin, granted.token, compare(request_))


@pytest.mark.parametrize(
    ("wait", "words"),
    [(LIFETIME + timedelta(microseconds=1), "is over"), (timedelta(seconds=-1), "hasn't begun")],
)
def test_outside_its_time_it_opens_nothing(
    checkin: FrontDesk, request_: ProcessingRequest, granted: Granted, wait: timedelta, words: str
) -> None:
    checkin.wait(wait)
    with pytest.raises(PermitExpired, match=words):
        admit(checkin, granted.token, compare(request_))
    assert uses(checkin, granted) == {}


# What it is for.

OTHERWISE = {
    "purpose": (lambda r: replace(r, purpose=PurposeId("pur_other")), "another purpose"),
    "place": (lambda r: replace(r, place=PlaceId("plc_other")), "another place"),
    "device": (lambda r: replace(r, device=DeviceId("dev_other")), "another device"),
    "request id": (lambda r: replace(r, request_id=RequestId("req_other")), "another request"),
    "materials": (lambda r: replace(r, materials=(LIVE,)), "another request"),
    "error target": (lambda r: replace(r, error_target=1e-2), "another request"),
    "subject": (lambda r: replace(r, subject=None), "another request"),
    "scene": (lambda r: replace(r, scene=None), "another request"),
    "operations": (lambda r: replace(r, operations=("verify",)), "another request"),
}


@pytest.mark.parametrize(("change", "words"), OTHERWISE.values(), ids=OTHERWISE.keys())
def test_anything_else_is_refused_in_words(
    checkin: FrontDesk, request_: ProcessingRequest, granted: Granted, change: object, words: str
) -> None:
    assert callable(change)
    with pytest.raises(PermitNotForThis, match=words):
        admit(checkin, granted.token, compare(change(request_)))
    assert uses(checkin, granted) == {}


def test_a_door_that_is_not_in_the_budget_stays_shut(checkin: FrontDesk, request_: ProcessingRequest) -> None:
    granted = checkin.grant(request_, budget={Door.CAPTURE: 1})
    with pytest.raises(PermitNotForThis, match="other doors"):
        admit(checkin, granted.token, compare(request_))
    assert uses(checkin, granted) == {}


def test_a_permit_to_capture_compares_nothing(checkin: FrontDesk) -> None:
    request = checkin.request(operations=("capture",))
    granted = checkin.grant(request)
    admit(checkin, granted.token, Passage(Door.CAPTURE, "capture", request, LIVE))
    with pytest.raises(PermitNotForThis, match="other operations"):
        admit(checkin, granted.token, compare(request))


def test_an_input_that_the_request_does_not_name_is_refused(
    checkin: FrontDesk, request_: ProcessingRequest, granted: Granted
) -> None:
    other = Material(sha256_hex(b"another picture"))
    with pytest.raises(PermitNotForThis, match="other inputs"):
        admit(checkin, granted.token, Passage(Door.CAPTURE, "capture", request_, other))
    assert uses(checkin, granted) == {}


# Who issued it.


def _parts(token: str) -> list[dict[str, object]]:
    return [json.loads(base64.urlsafe_b64decode(part + "==")) for part in token.split(".")[:2]]


def _encoded(part: dict[str, object]) -> str:
    text = json.dumps(part, separators=(",", ":"), sort_keys=True).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def test_any_changed_claim_is_noticed(
    checkin: FrontDesk, request_: ProcessingRequest, granted: Granted
) -> None:
    header, claims = _parts(granted.token)
    signature = granted.token.split(".")[2]
    longer = claims | {"not_after": "2036-01-01T00:00:00+00:00"}
    with pytest.raises(PermitAltered):
        admit(checkin, f"{_encoded(header)}.{_encoded(longer)}.{signature}", compare(request_))


def test_a_permit_without_a_signature_is_refused(
    checkin: FrontDesk, request_: ProcessingRequest, granted: Granted
) -> None:
    _, claims = _parts(granted.token)
    with pytest.raises(PermitAltered):
        admit(checkin, f"{_encoded({'alg': 'none'})}.{_encoded(claims)}.", compare(request_))


@pytest.mark.parametrize("token", ["", "..", "a.b.c", "permit", "\N{SNOWMAN}.x.y"])
def test_what_is_no_permit_is_refused(checkin: FrontDesk, request_: ProcessingRequest, token: str) -> None:
    with pytest.raises(PermitAltered):
        admit(checkin, token, compare(request_))


def test_a_receipt_of_this_deployment_is_no_permit(
    checkin: FrontDesk, request_: ProcessingRequest, granted: Granted
) -> None:
    receipt = checkin.store.signer.sign(granted.claims.to_claims(), kind="countenance-receipt+jws")
    with pytest.raises(PermitAltered):
        admit(checkin, receipt, compare(request_))


def test_signed_claims_without_the_form_of_a_permit_are_refused(
    checkin: FrontDesk, request_: ProcessingRequest
) -> None:
    with pytest.raises(PermitAltered, match="form"):
        admit(checkin, checkin.store.signer.sign({"yes": True}, kind=PERMIT_KIND), compare(request_))


def test_a_permit_that_says_another_deployment_is_refused(
    checkin: FrontDesk, request_: ProcessingRequest, granted: Granted
) -> None:
    claims = granted.claims.to_claims() | {"deployment": "dep_other"}
    with pytest.raises(PermitAltered, match="another installation"):
        admit(checkin, checkin.store.signer.sign(claims, kind=PERMIT_KIND), compare(request_))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"permit_id": "prm_other"}, "isn't on record"),
        ({"not_after": "2036-01-01T00:00:00+00:00"}, "what its record says"),
        ({"request_digest": "0" * 64}, "what its record says"),
    ],
)
def test_a_permit_signed_past_the_desk_is_refused(
    checkin: FrontDesk,
    request_: ProcessingRequest,
    granted: Granted,
    change: dict[str, object],
    words: str,
) -> None:
    token = checkin.store.signer.sign(granted.claims.to_claims() | change, kind=PERMIT_KIND)
    with pytest.raises(PermitAltered, match=words):
        admit(checkin, token, compare(request_))


def test_a_permit_of_another_installation_is_refused(
    checkin: FrontDesk, tmp_path: Path, request_: ProcessingRequest
) -> None:
    (tmp_path / "other").mkdir()
    with front_desk(tmp_path / "other", fresh=True) as other:
        other.welcome()
        foreign = other.grant(request_)
        admit(other, foreign.token, compare(request_))
    with pytest.raises(PermitAltered):
        admit(checkin, foreign.token, compare(request_))


# What it rests on.


@pytest.mark.parametrize(
    "key",
    ["notice", "consent.separate", "consent.record", "legal_basis", "device_registered", "audit_log"],
)
def test_withdrawn_evidence_revokes_it(
    checkin: FrontDesk, request_: ProcessingRequest, granted: Granted, key: str
) -> None:
    checkin.withdraw(key)
    with pytest.raises(PermitRevoked, match=key):
        admit(checkin, granted.token, compare(request_))
    assert uses(checkin, granted) == {}


@pytest.mark.parametrize("key", ["consent.coerced", "legal_basis.consent", "subject.under14"])
def test_a_withdrawn_statement_revokes_it(
    checkin: FrontDesk, request_: ProcessingRequest, granted: Granted, key: str
) -> None:
    checkin.withdraw(key)
    with pytest.raises(PermitRevoked, match=key):
        admit(checkin, granted.token, compare(request_))


def test_a_contradicting_statement_revokes_it(
    checkin: FrontDesk, request_: ProcessingRequest, granted: Granted
) -> None:
    checkin.desk.record_evidence(
        key="consent.coerced",
        content={"value": True},
        author="colleague at the desk",
        scope=EvidenceScope(purpose=request_.purpose, subject=request_.subject),
        source=FactSource.CONSENT_SCREEN,
    )
    with pytest.raises(PermitRevoked, match=r"consent\.coerced"):
        admit(checkin, granted.token, compare(request_))


def test_unrelated_changes_leave_it_alone(
    checkin: FrontDesk, request_: ProcessingRequest, granted: Granted
) -> None:
    checkin.withdraw("staff_training")
    checkin.desk.record_evidence(key="tech_doc", content=content_for("tech_doc"), author="engineer")
    assert checkin.store.evidence.epoch() != granted.claims.epoch
    admit(checkin, granted.token, compare(request_))


def test_a_new_record_does_not_stand_in_for_the_withdrawn_one(
    checkin: FrontDesk, request_: ProcessingRequest, granted: Granted
) -> None:
    checkin.withdraw("notice")
    checkin.desk.record_evidence(
        key="notice",
        content=content_for("notice", notice_id="notice-checkin"),
        author="officer",
        scope=EvidenceScope(place=checkin.site.place),
    )
    with pytest.raises(PermitRevoked):
        admit(checkin, granted.token, compare(request_))
    fresh = checkin.request()
    admit(checkin, checkin.grant(fresh).token, compare(fresh))


def test_other_rules_revoke_it(checkin: FrontDesk, request_: ProcessingRequest, granted: Granted) -> None:
    rules, vocabulary = shipped_rules()
    fewer = RuleSet.of([pack for pack in rules.packs if pack.code != "AU"])
    check = PermitCheck(store=checkin.store, rules=fewer, vocabulary=vocabulary, clock=checkin.clock)
    with pytest.raises(PermitRevoked, match="rules have changed"):
        check.admit(granted.token, compare(request_))


def test_erasing_the_guest_revokes_it(
    checkin: FrontDesk, request_: ProcessingRequest, granted: Granted
) -> None:
    assert request_.subject is not None
    checkin.store.vault.destroy_subject(request_.subject)
    checkin.desk.record_evidence(key="tech_doc", content=content_for("tech_doc"), author="engineer")
    with pytest.raises(PermitRevoked):
        admit(checkin, granted.token, compare(request_))


def test_it_never_outlives_what_it_rests_on(checkin: FrontDesk) -> None:
    soon = NOON + timedelta(seconds=30)
    checkin.withdraw("sign")
    checkin.desk.record_evidence(
        key="sign",
        content=content_for("sign", notice_id="notice-checkin"),
        author="officer",
        scope=EvidenceScope(place=checkin.site.place),
        valid_until=soon,
    )
    request = checkin.request()
    granted = checkin.grant(request)
    assert granted.claims.not_after == soon - timedelta(microseconds=1)
    checkin.clock.move_to(soon)
    with pytest.raises(PermitExpired):
        admit(checkin, granted.token, compare(request))


def test_of_two_records_it_rests_on_the_one_that_lasts(checkin: FrontDesk) -> None:
    def sign(until: timedelta) -> EvidenceRecord:
        return checkin.desk.record_evidence(
            key="sign",
            content=content_for("sign", notice_id="notice-checkin"),
            author="officer",
            scope=EvidenceScope(place=checkin.site.place),
            valid_until=NOON + until,
        )

    (lasting,) = checkin.on_file("sign")
    sign(timedelta(minutes=1))
    claims = checkin.grant().claims
    assert [claim.evidence_id for claim in claims.evidence if claim.key == "sign"] == [lasting.evidence_id]
    assert claims.not_after == NOON + LIFETIME


def test_every_refusal_is_of_one_kind(checkin: FrontDesk, request_: ProcessingRequest) -> None:
    with pytest.raises(PermitRefused) as refused:
        admit(checkin, "nothing", compare(request_))
    assert refused.value.code == "permit-altered"
    assert refused.value.remedy


def test_a_desk_opened_later_on_the_same_store_accepts_it(
    checkin: FrontDesk, request_: ProcessingRequest, granted: Granted
) -> None:
    again = new_desk(checkin.store, FixedClock(NOON))
    assert again.verifier.admit(granted.token, compare(request_)) == granted.claims
