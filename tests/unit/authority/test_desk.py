"""The desk says yes on evidence, no with reasons, and writes either down before it signs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from countenance.authority import (
    DeviceNotDeclared,
    EvidenceNotAccepted,
    RefusedByRule,
    UnknownDevice,
    UnknownPlace,
    UnknownPurpose,
)
from countenance.authority.check import PERMIT_KIND
from countenance.authority.resolver import DISCHARGES
from countenance.kernel import (
    DeviceId,
    Door,
    EvidenceId,
    FixedClock,
    PermitClaims,
    PlaceId,
    PurposeId,
    SubjectId,
)
from countenance.policy import FactSource, Status, UnknownOperation
from countenance.store import (
    DemoEvidenceRefused,
    Device,
    EvidenceKind,
    EvidenceScope,
    Issuer,
    Place,
    RecordUnknown,
    Store,
)
from front_desk import BUDGET, GUEST, LIFETIME, NOON, FrontDesk, front_desk, new_desk, new_store
from record_examples import content_for

PRIVATE_SPACE = {"CN": {"CN-FRT-13b", "CN-VID-8", "HX-PRIVATE"}, "EU": {"HX-PRIVATE"}}


# Judging.


@pytest.mark.parametrize("jurisdiction", ["CN", "EU", "UK", "US/IL"])
def test_a_guest_who_agreed_is_checked_in(tmp_path: Path, jurisdiction: str) -> None:
    with front_desk(tmp_path, jurisdiction=jurisdiction) as hotel:
        hotel.welcome()
        verdict = hotel.desk.judge(hotel.request())
        assert verdict.allowed, verdict.words()
        assert verdict.jurisdictions == (jurisdiction,)
        assert verdict.place_kinds == ("hotel_lobby",)
        assert verdict.operations == ("capture", "verify")
        assert not verdict.house_rules_only


@pytest.mark.parametrize("jurisdiction", ["CN", "EU", "UK", "US/IL"])
def test_a_guest_who_did_not_agree_is_not(tmp_path: Path, jurisdiction: str) -> None:
    with front_desk(tmp_path, jurisdiction=jurisdiction) as hotel:
        hotel.welcome(consents=False)
        verdict = hotel.desk.judge(hotel.request())
        assert not verdict.allowed
        asked = {key for missing in verdict.missing for key in missing.alternatives}
        assert asked
        assert all(key.startswith("consent.") or key in {"written_release", "art9_law"} for key in asked)


def test_nobody_at_the_desk_is_refused(hotel: FrontDesk) -> None:
    verdict = hotel.desk.judge(hotel.request())
    assert not verdict.allowed
    assert "consent.coerced" in {unknown.trigger for unknown in verdict.unknown}


def test_one_guests_consent_is_not_anothers(checkin: FrontDesk) -> None:
    assert checkin.desk.judge(checkin.request()).allowed
    assert not checkin.desk.judge(checkin.request(subject=SubjectId("sub_other"))).allowed
    assert not checkin.desk.judge(checkin.request(subject=None)).allowed


def test_consent_to_check_in_is_none_to_anything_else(checkin: FrontDesk) -> None:
    other = PurposeId("pur_loyalty")
    purpose = checkin.store.purposes.get(checkin.site.purpose)
    checkin.desk.registrar.add_purpose(type(purpose)(other, "Loyalty", "Greet returning guests.", "dpv:X"))
    verdict = checkin.desk.judge(checkin.request(purpose=other))
    assert not verdict.allowed
    assert ("consent.separate", "statutory_basis") in {missing.alternatives for missing in verdict.missing}


def test_a_consent_runs_out(checkin: FrontDesk) -> None:
    checkin.wait(timedelta(hours=1))
    assert not checkin.desk.judge(checkin.request()).allowed


@pytest.mark.parametrize("jurisdiction", ["CN", "EU"])
def test_a_device_in_a_guest_room_is_refused_whatever_desk_it_says(tmp_path: Path, jurisdiction: str) -> None:
    with front_desk(tmp_path, jurisdiction=jurisdiction) as hotel:
        hotel.welcome()
        verdict = hotel.desk.judge(hotel.request(device=hotel.site.room_device))
        assert not verdict.allowed
        banned = {finding.rule_id for finding in verdict.findings if finding.status is Status.BANNED}
        assert banned == PRIVATE_SPACE[jurisdiction]
        assert verdict.place_kinds == ("hotel_lobby", "private_space")


def test_a_request_in_the_guest_room_itself_is_refused(checkin: FrontDesk) -> None:
    request = checkin.request(place=checkin.site.guest_room, device=checkin.site.room_device)
    verdict = checkin.desk.judge(request)
    assert {f.rule_id for f in verdict.refusing} >= PRIVATE_SPACE["CN"]


def test_the_desks_camera_carried_into_the_guest_room_is_refused(checkin: FrontDesk) -> None:
    verdict = checkin.desk.judge(checkin.request(place=checkin.site.guest_room))
    assert {f.rule_id for f in verdict.refusing} >= PRIVATE_SPACE["CN"]


def test_the_devices_own_country_counts_too(checkin: FrontDesk) -> None:
    abroad = Place(PlaceId("plc_abroad"), "Branch", "hotel_lobby", ("EU",), "Europe/Brussels")
    device = Device(DeviceId("dev_abroad"), "Camera", abroad.place_id, ("capture", "verify"), NOON)
    checkin.desk.registrar.add_place(abroad)
    checkin.desk.registrar.add_device(device)
    verdict = checkin.desk.judge(checkin.request(device=device.device_id))
    assert verdict.jurisdictions == ("CN", "EU")
    assert {f.rule.jurisdiction for f in verdict.findings} == {"*", "CN", "EU"}
    assert not verdict.allowed


def test_the_day_is_the_places_own(checkin: FrontDesk) -> None:
    checkin.clock.move_to(datetime(2026, 11, 22, 17, tzinfo=UTC))
    assert checkin.desk.judge(checkin.request()).at.isoformat() == "2026-11-23"


UNREGISTERED = {
    "place": ({"place": PlaceId("plc_nowhere")}, UnknownPlace),
    "device": ({"device": DeviceId("dev_hidden")}, UnknownDevice),
    "purpose": ({"purpose": PurposeId("pur_curiosity")}, UnknownPurpose),
}


@pytest.mark.parametrize(("change", "error"), UNREGISTERED.values(), ids=UNREGISTERED.keys())
def test_what_is_not_registered_is_refused(
    checkin: FrontDesk, change: dict[str, object], error: type[Exception]
) -> None:
    request = checkin.request(**change)  # type: ignore[arg-type]
    with pytest.raises(error):
        checkin.desk.judge(request)
    with pytest.raises(error):
        checkin.grant(request)


def test_a_device_does_only_what_it_was_declared_for(checkin: FrontDesk) -> None:
    with pytest.raises(DeviceNotDeclared, match="emotion"):
        checkin.desk.judge(checkin.request(operations=("capture", "emotion")))


def test_an_unknown_operation_is_refused(checkin: FrontDesk) -> None:
    with pytest.raises(UnknownOperation):
        checkin.desk.judge(checkin.request(operations=("guess",)))


def test_contradicting_statements_are_asked_about(checkin: FrontDesk) -> None:
    checkin.desk.record_evidence(
        key="capture.area", content={"value": True}, author="officer", source=FactSource.DEPLOYMENT
    )
    verdict = checkin.desk.judge(checkin.request())
    assert not verdict.allowed
    assert [unknown.trigger for unknown in verdict.unknown] == ["capture.area"]


@pytest.mark.parametrize("key", ["encryption", "audit_log", "access_control", "device_registered"])
def test_without_the_observer_nothing_is_observed(tmp_path: Path, key: str) -> None:
    with front_desk(tmp_path) as hotel:
        hotel.welcome()
        blind = new_desk(hotel.store, hotel.clock, observers=())
        verdict = blind.judge(hotel.request())
        assert not verdict.allowed
        assert key in {k for missing in verdict.missing for k in missing.alternatives}


# Granting.


def test_a_permit_says_what_it_is_for(checkin: FrontDesk) -> None:
    request = checkin.request()
    claims = checkin.grant(request).claims
    assert claims.request_digest == request.digest()
    assert (claims.purpose, claims.place, claims.device) == (request.purpose, request.place, request.device)
    assert claims.operations == request.operations
    assert claims.budget == BUDGET
    assert claims.largest_gallery == 0
    assert claims.error_target == request.error_target
    assert (claims.issued_at, claims.not_after) == (NOON, NOON + LIFETIME)
    assert claims.demo
    assert claims.deployment == checkin.store.deployment.deployment_id


def test_the_token_is_the_claims_signed(checkin: FrontDesk) -> None:
    granted = checkin.grant()
    signed = checkin.store.signer.verify(granted.token, kind=PERMIT_KIND)
    assert PermitClaims.from_claims(signed) == granted.claims
    assert checkin.store.permits.get(granted.claims.permit_id).not_after == granted.claims.not_after


def test_it_names_every_record_that_the_yes_rests_on(checkin: FrontDesk) -> None:
    granted = checkin.grant()
    named = {claim.key for claim in granted.claims.evidence}
    assert named == {key for key, _ in granted.verdict.satisfied_by} | {
        trigger for trigger, _ in granted.verdict.stated
    }
    assert {"consent.separate", "encryption", "notice", "consent.coerced", "capture.area"} <= named
    for claim in granted.claims.evidence:
        record = checkin.store.evidence.get(claim.evidence_id)
        assert (record.key, record.content_hash) == (claim.key, claim.content_hash)


def test_what_the_system_sees_carries_the_systems_name(checkin: FrontDesk) -> None:
    for claim in checkin.grant().claims.evidence:
        issuer = checkin.store.evidence.get(claim.evidence_id).issuer
        seen = claim.key in {
            "encryption", "template_protected", "audit_log", "access_control", "device_registered",
        }  # fmt: skip
        assert issuer is (Issuer.SYSTEM if seen else Issuer.PERSON)


def test_a_no_carries_its_verdict(hotel: FrontDesk) -> None:
    with pytest.raises(RefusedByRule) as refused:
        hotel.grant()
    assert not refused.value.verdict.allowed
    assert refused.value.code == "refused-by-rule"
    assert "CN-FRT-12" in refused.value.message


@pytest.mark.parametrize("budget", [{}, {Door.CAPTURE: 0}, {Door.CAPTURE: 1, Door.COMPARE: -1}])
def test_a_budget_counts_something(checkin: FrontDesk, budget: dict[Door, int]) -> None:
    with pytest.raises(ValueError, match="budget"):
        checkin.grant(budget=budget)


@pytest.mark.parametrize("lifetime", [timedelta(0), timedelta(seconds=-1)])
def test_a_permit_holds_for_some_time(hotel: FrontDesk, lifetime: timedelta) -> None:
    with pytest.raises(ValueError, match="holds for some time"):
        new_desk(hotel.store, hotel.clock, lifetime=lifetime)


# The log.


def test_a_yes_is_in_the_log(checkin: FrontDesk) -> None:
    request = checkin.request()
    granted = checkin.grant(request)
    entry = checkin.logged(granted.log)
    assert entry["outcome"] == "permitted"
    assert entry["permit"] == granted.claims.permit_id
    assert entry["request"] == request.digest()
    assert entry["rules"] == [[f.rule_id, f.status.value] for f in granted.verdict.findings]
    assert entry["evidence"] == [[c.key, c.evidence_id, c.content_hash] for c in granted.claims.evidence]
    assert checkin.store.log.verify().ok


def test_a_no_is_in_the_log(hotel: FrontDesk) -> None:
    request = hotel.request()
    with pytest.raises(RefusedByRule):
        hotel.grant(request)
    kind, entry = hotel.log_entries()[-1]
    assert kind == "verdict"
    assert (entry["outcome"], entry["permit"], entry["request"]) == ("refused", None, request.digest())
    assert entry["missing"]
    assert "consent.coerced" in entry["unknown"]  # type: ignore[operator]


def test_nothing_is_signed_that_is_not_logged(checkin: FrontDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    checkin.desk.judge(checkin.request())  # what can be observed is on file
    signed: list[object] = []

    def broken(*_: object, **__: object) -> None:
        msg = "disk full"
        raise OSError(msg)

    monkeypatch.setattr(checkin.store.log, "append", broken)
    monkeypatch.setattr(checkin.store.signer, "sign", lambda claims, **_: signed.append(claims))
    with pytest.raises(OSError, match="disk full"):
        checkin.grant()
    assert signed == []
    assert checkin.store.duties.open() == ()


def test_the_log_comes_before_the_signature(checkin: FrontDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    sign = checkin.store.signer.sign

    def watched(claims: dict[str, object], *, kind: str) -> str:
        sizes.append(checkin.store.log.size())
        return sign(claims, kind=kind)

    monkeypatch.setattr(checkin.store.signer, "sign", watched)
    granted = checkin.grant()
    assert sizes == [granted.log.index + 1]


# Evidence.


def test_evidence_is_filed_and_logged(hotel: FrontDesk) -> None:
    record = hotel.desk.record_evidence(key="tech_doc", content=content_for("tech_doc"), author="engineer")
    assert hotel.store.evidence.get(record.evidence_id) == record
    kind, entry = hotel.log_entries()[-1]
    assert kind == "evidence-recorded"
    assert (entry["evidence"], entry["content_hash"]) == (record.evidence_id, record.content_hash)
    assert record.kind is EvidenceKind.EVIDENCE
    assert record.demo


def test_a_trigger_is_filed_as_a_statement(hotel: FrontDesk) -> None:
    record = hotel.desk.record_evidence(key="event.leak", content={"value": False}, author="officer")
    assert record.kind is EvidenceKind.STATEMENT


NOT_ACCEPTED = {
    "unknown key": {"key": "wishful_thinking"},
    "the system's word from a caller": {"key": "audit_log", "issuer": Issuer.SYSTEM},
    "a person's word for what the system sees": {"key": "audit_log"},
    "a person's word for an authority's": {"key": "authorisation"},
    "nothing said": {"key": "tech_doc", "content": {}},
    "nobody says so": {"key": "tech_doc", "author": ""},
    "a duty's discharge": {"key": "human_review", "content": {DISCHARGES: "dty_a"}},
    "a statement that isn't yes or no": {"key": "event.leak", "content": {"value": "perhaps"}},
    "an end before its beginning": {"key": "tech_doc", "valid_until": NOON - timedelta(days=1)},
    "a time without a zone": {"key": "tech_doc", "valid_from": datetime(2026, 1, 1)},  # noqa: DTZ001
}


@pytest.mark.parametrize("given", NOT_ACCEPTED.values(), ids=NOT_ACCEPTED.keys())
def test_what_is_not_taken_as_evidence(hotel: FrontDesk, given: dict[str, object]) -> None:
    before = hotel.store.evidence.epoch()
    with pytest.raises(EvidenceNotAccepted):
        hotel.desk.record_evidence(**({"content": content_for("tech_doc"), "author": "officer"} | given))  # type: ignore[arg-type]
    assert hotel.store.evidence.epoch() == before


def test_demonstration_evidence_is_refused_in_a_real_deployment(tmp_path: Path) -> None:
    clock = FixedClock(NOON)
    with new_store(tmp_path, demo=False, clock=clock) as store:
        desk = new_desk(store, clock)
        with pytest.raises(DemoEvidenceRefused):
            desk.record_evidence(key="tech_doc", content=content_for("tech_doc"), author="officer", demo=True)
        real = desk.record_evidence(key="tech_doc", content=content_for("tech_doc"), author="officer")
        assert not real.demo


def test_a_withdrawal_is_logged_and_raises_the_epoch(hotel: FrontDesk) -> None:
    record = hotel.desk.record_evidence(key="tech_doc", content=content_for("tech_doc"), author="engineer")
    before = hotel.store.evidence.epoch()
    gone = hotel.desk.withdraw_evidence(record.evidence_id, by="officer", reason="out of date")
    assert gone.withdrawn_at == NOON
    assert hotel.store.evidence.epoch() == before + 1
    assert hotel.log_entries()[-1][0] == "evidence-withdrawn"


def test_nothing_is_withdrawn_that_is_not_on_file(hotel: FrontDesk) -> None:
    with pytest.raises(RecordUnknown):
        hotel.desk.withdraw_evidence(EvidenceId("evd_none"), by="officer", reason="no")


def test_withdrawing_evidence_turns_the_yes_into_a_no(checkin: FrontDesk) -> None:
    checkin.withdraw("alternative_offered")
    with pytest.raises(RefusedByRule) as refused:
        checkin.grant()
    assert ("alternative_offered",) in {m.alternatives for m in refused.value.verdict.missing}


def test_what_is_on_file_can_be_shown(checkin: FrontDesk) -> None:
    scope = EvidenceScope(checkin.site.place, checkin.site.purpose, checkin.site.desk_device, GUEST)
    found = checkin.desk.on_file(scope=scope)
    assert found.triggers["capture.area"] is False
    assert "consent.separate" in found.evidence


# Nothing of a person.


def test_no_name_score_or_text_is_in_permit_and_log(hotel: FrontDesk) -> None:
    secret = "Zhang Wei, suite 512, IMG_2041.JPG"
    hotel.desk.record_evidence(key="tech_doc", content=content_for("tech_doc", text=secret), author=secret)
    hotel.welcome()
    granted = hotel.grant()
    told = " ".join(
        [str(granted.claims.to_claims()), repr(granted), *(str(entry) for _, entry in hotel.log_entries())]
    )
    for piece in ("Zhang", "suite", "IMG", "JPG", "clerk", "score", "Specimen", "comparison of two"):
        assert piece not in told
    assert granted.token not in repr(granted)


def test_log_entries_hold_these_members_and_no_others(checkin: FrontDesk) -> None:
    checkin.grant()
    members = {kind: set(entry) for kind, entry in checkin.log_entries()}
    assert members["verdict"] == {
        "request", "operations", "purpose", "place", "device", "outcome", "permit", "rule_set", "rules",
        "missing", "unknown", "evidence", "duties", "overdue", "verdict", "judged_at",
    }  # fmt: skip
    assert members["evidence-recorded"] == {"evidence", "key", "content_hash", "issuer", "demo"}
    assert members["registered"] == {"what", "id"}


def test_a_guests_entries_are_erased_with_the_guest(checkin: FrontDesk) -> None:
    granted = checkin.grant()
    store: Store = checkin.store
    store.vault.destroy_subject(GUEST)
    assert store.log.entry(granted.log.index).erased
    assert store.log.verify().ok
