"""What comes with a yes is on record with a deadline, and blocks the next yes while it is overdue."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from countenance.authority import (
    DutyNotOpen,
    DutyOverdue,
    EvidenceNotAccepted,
    Granted,
    OutsideSignatureRefused,
    OutsideStatement,
)
from countenance.authority.outside import SIGNATURE
from countenance.authority.records import read_content
from countenance.authority.resolver import DISCHARGES
from countenance.kernel import Door, DutyId, Passage, PermitId, ProcessingRequest, PurposeId
from countenance.kernel.canonical import JsonValue
from countenance.store import DutyRecord, EvidenceScope, Issuer, OutsideKind, Purpose
from front_desk import NOON, FrontDesk, front_desk
from outside_bodies import Body
from record_examples import content_for

FIVE_MINUTES = timedelta(minutes=5)
DONE: dict[str, JsonValue] = {"text": "overwritten in memory"}


def of(hotel: FrontDesk, key: str) -> DutyRecord:
    (duty,) = [duty for duty in hotel.store.duties.open() if duty.key == key]
    return duty


def act(hotel: FrontDesk) -> tuple[ProcessingRequest, Granted]:
    """Take a permit and pass one door under it."""
    request = hotel.request()
    granted = hotel.grant(request)
    hotel.desk.verifier.admit(granted.token, Passage(Door.COMPARE, "verify", request))
    return request, granted


def discharge_all(hotel: FrontDesk, granted: Granted) -> None:
    for claim in granted.claims.duties:
        if claim.due <= NOON + timedelta(days=1):
            hotel.desk.discharge(claim.duty_id, content=DONE, author="decisions")


EXPECTED = {
    "CN": {"image_deleted", "processing_log", "pia.kept_3y"},
    "EU": {"raw_deleted"},
    "UK": set(),
    "US/IL": set(),
}


@pytest.mark.parametrize(("jurisdiction", "keys"), EXPECTED.items())
def test_a_permit_carries_its_duties(tmp_path: Path, jurisdiction: str, keys: set[str]) -> None:
    with front_desk(tmp_path, jurisdiction=jurisdiction) as hotel:
        hotel.welcome()
        claims = hotel.grant().claims
        assert {duty.key for duty in claims.duties} == keys
        on_record = {
            d.duty_id: d for d in hotel.store.duties.open(place=claims.place, purpose=claims.purpose)
        }
        for claim in claims.duties:
            duty = on_record[claim.duty_id]
            assert (duty.key, duty.rule, duty.due) == (claim.key, claim.rule, claim.due)
            assert duty.permit_id == claims.permit_id


def test_a_duty_has_its_deadline_and_its_rules(checkin: FrontDesk) -> None:
    checkin.grant()
    deleted = of(checkin, "image_deleted")
    assert deleted.due == NOON + FIVE_MINUTES
    assert deleted.rule == "CN-GBT-DEL"
    assert of(checkin, "pia.kept_3y").rule == "CN-FRT-9, CN-PIPL-55"


def test_a_refusal_leaves_no_duty(hotel: FrontDesk) -> None:
    hotel.desk.judge(hotel.request())
    assert hotel.store.duties.open() == ()


def test_a_discharged_duty_is_closed_with_its_record(checkin: FrontDesk) -> None:
    checkin.grant()
    duty = of(checkin, "image_deleted")
    record = checkin.desk.discharge(duty.duty_id, content=DONE, author="decisions")
    assert record.issuer is Issuer.SYSTEM
    assert record.content == DONE | {DISCHARGES: duty.duty_id}
    closed = checkin.store.duties.get(duty.duty_id)
    assert (closed.discharged_by, closed.discharged_at) == (record.evidence_id, NOON)
    kind, entry = checkin.log_entries()[-1]
    assert kind == "duty-discharged"
    assert entry == {
        "duty": duty.duty_id,
        "key": "image_deleted",
        "permit": duty.permit_id,
        "evidence": record.evidence_id,
        "content_hash": record.content_hash,
        "issuer": "system",
    }


def test_a_discharge_speaks_for_one_duty_alone(checkin: FrontDesk) -> None:
    """Having deleted yesterday's picture says nothing about today's."""
    _, granted = act(checkin)
    discharge_all(checkin, granted)
    again = checkin.grant().claims
    assert {"image_deleted", "processing_log"} <= {duty.key for duty in again.duties}
    assert {d.duty_id for d in again.duties if d.key == "image_deleted"}.isdisjoint(
        {d.duty_id for d in granted.claims.duties}
    )


NOT_TAKEN = {
    "nothing said": {"content": {}},
    "nobody says so": {"author": ""},
    "for another duty": {"content": {DISCHARGES: "dty_other"}},
    "a person in time": {"issuer": Issuer.PERSON},
    "somebody outside": {"issuer": Issuer.OUTSIDE},
}


RECIPIENT = Body.p256(31, name="A partner", kind=OutsideKind.RECIPIENT)


@pytest.fixture
def correction(checkin: FrontDesk) -> DutyRecord:
    """A duty that a recipient discharges; nothing in this version obliges to it yet, so it is filed here."""
    duty = DutyRecord(
        duty_id=DutyId("dty_correction"),
        key="recipient_confirmation",
        rule="HX-RECALL",
        permit_id=PermitId("prm_correction"),
        place=checkin.site.place,
        purpose=checkin.site.purpose,
        due=NOON + timedelta(days=30),
    )
    checkin.store.duties.add(duty)
    checkin.desk.registrar.add_issuer(
        name=RECIPIENT.name,
        kind=RECIPIENT.kind,
        jwk=RECIPIENT.jwk,
        keys=("recipient_confirmation",),
        author="officer",
    )
    return duty


def answer_of(checkin: FrontDesk, *, duty: str, body: Body = RECIPIENT) -> str:
    scope = EvidenceScope(place=checkin.site.place, purpose=checkin.site.purpose)
    content = read_content(
        "recipient_confirmation", content_for("recipient_confirmation", duty=duty), scope=scope
    ).to_content()
    statement = OutsideStatement(
        deployment=checkin.store.deployment.deployment_id,
        key="recipient_confirmation",
        scope=scope,
        content=content,
        valid_from=NOON,
        valid_until=NOON + timedelta(days=1),
    )
    return body.sign(statement.to_claims())


def test_somebody_outside_discharges_a_duty_by_name(checkin: FrontDesk, correction: DutyRecord) -> None:
    token = answer_of(checkin, duty=correction.duty_id)
    record = checkin.desk.discharge(
        correction.duty_id, content={SIGNATURE: token}, author="officer", issuer=Issuer.OUTSIDE
    )
    assert record.content[SIGNATURE] == token
    assert record.content[DISCHARGES] == correction.duty_id
    assert checkin.store.duties.get(correction.duty_id).discharged_at == NOON


def test_a_signature_about_something_else_discharges_nothing(
    checkin: FrontDesk, correction: DutyRecord
) -> None:
    other = answer_of(checkin, duty="dty_other")
    stranger = answer_of(checkin, duty=correction.duty_id, body=Body.ed25519(32))
    for token, error in ((other, OutsideSignatureRefused), (stranger, OutsideSignatureRefused)):
        with pytest.raises(error):
            checkin.desk.discharge(
                correction.duty_id, content={SIGNATURE: token}, author="officer", issuer=Issuer.OUTSIDE
            )
    unsigned: list[dict[str, JsonValue]] = [DONE, {SIGNATURE: 7}, {**DONE, SIGNATURE: other}]
    for content in unsigned:
        with pytest.raises(EvidenceNotAccepted):
            checkin.desk.discharge(
                correction.duty_id, content=content, author="officer", issuer=Issuer.OUTSIDE
            )
    assert checkin.store.duties.get(correction.duty_id).discharged_at is None


@pytest.mark.parametrize("given", NOT_TAKEN.values(), ids=NOT_TAKEN.keys())
def test_what_does_not_discharge(checkin: FrontDesk, given: dict[str, object]) -> None:
    checkin.grant()
    duty = of(checkin, "image_deleted")
    with pytest.raises(EvidenceNotAccepted):
        checkin.desk.discharge(duty.duty_id, **({"content": DONE, "author": "decisions"} | given))  # type: ignore[arg-type]
    assert checkin.store.duties.get(duty.duty_id).discharged_at is None


def test_a_duty_is_discharged_once(checkin: FrontDesk) -> None:
    checkin.grant()
    duty = of(checkin, "image_deleted")
    checkin.desk.discharge(duty.duty_id, content=DONE, author="decisions")
    with pytest.raises(DutyNotOpen, match="already"):
        checkin.desk.discharge(duty.duty_id, content=DONE, author="decisions")


def test_a_duty_that_is_not_there(checkin: FrontDesk) -> None:
    with pytest.raises(DutyNotOpen):
        checkin.desk.discharge(DutyId("dty_none"), content=DONE, author="decisions")


# Overdue.


def test_an_open_duty_does_not_block_before_its_deadline(checkin: FrontDesk) -> None:
    act(checkin)
    checkin.wait(FIVE_MINUTES)
    checkin.grant()


def test_an_overdue_duty_blocks_the_next_permit(checkin: FrontDesk) -> None:
    act(checkin)
    checkin.wait(FIVE_MINUTES + timedelta(seconds=1))
    request = checkin.request()
    with pytest.raises(DutyOverdue) as blocked:
        checkin.grant(request)
    assert {duty.key for duty in blocked.value.duties} == {"image_deleted", "processing_log"}
    assert "The image is erased after the comparison (image_deleted, CN-GBT-DEL" in blocked.value.message
    assert blocked.value.code == "duty-overdue"
    kind, entry = checkin.log_entries()[-1]
    assert kind == "verdict"
    assert (entry["outcome"], entry["request"]) == ("refused", request.digest())
    assert entry["overdue"] == [duty.duty_id for duty in blocked.value.duties]


def test_done_late_it_opens_the_desk_again(checkin: FrontDesk) -> None:
    _, granted = act(checkin)
    checkin.wait(FIVE_MINUTES + timedelta(seconds=1))
    discharge_all(checkin, granted)
    checkin.grant()


def test_after_a_crash_a_person_may_say_so_late(checkin: FrontDesk) -> None:
    _, granted = act(checkin)
    checkin.wait(FIVE_MINUTES + timedelta(seconds=1))
    for claim in granted.claims.duties:
        if claim.due < checkin.clock.now():
            record = checkin.desk.discharge(
                claim.duty_id,
                content={"text": "the process ended; pictures lived in its memory alone"},
                author="operator on duty",
                issuer=Issuer.PERSON,
            )
            assert checkin.log_entries()[-1][1]["issuer"] == "person"
            assert record.issuer is Issuer.PERSON
    checkin.grant()


def test_other_purposes_are_not_blocked(checkin: FrontDesk) -> None:
    act(checkin)
    checkin.wait(FIVE_MINUTES + timedelta(seconds=1))
    other = PurposeId("pur_other")
    checkin.desk.registrar.add_purpose(Purpose(other, "Other", "Something else.", "dpv:Purpose"))
    assert checkin.store.duties.open(purpose=other) == ()


def test_a_permit_that_opened_no_door_obliges_to_nothing(checkin: FrontDesk) -> None:
    unused = checkin.grant().claims
    checkin.wait(FIVE_MINUTES + timedelta(seconds=1))
    checkin.grant()
    for claim in unused.duties:
        duty = checkin.store.duties.get(claim.duty_id)
        if claim.key == "pia.kept_3y":
            assert duty.discharged_at is None
        else:
            assert duty.discharged_by is not None
            record = checkin.store.evidence.get(duty.discharged_by)
            assert record.content["observed"] == "the permit has expired and no door was passed under it"


def test_a_door_that_refused_was_not_passed(checkin: FrontDesk) -> None:
    request = checkin.request()
    granted = checkin.grant(request, budget={Door.CAPTURE: 1})
    assert not checkin.store.permits.spend(granted.claims.permit_id, "capture", 0)
    checkin.wait(FIVE_MINUTES + timedelta(seconds=1))
    checkin.grant()


# Keeping something for years.


def test_the_acts_of_one_day_share_the_duty_to_keep(checkin: FrontDesk) -> None:
    first = checkin.grant().claims
    checkin.wait(timedelta(minutes=1))
    second = checkin.grant().claims
    kept = [[d for d in claims.duties if d.key == "pia.kept_3y"] for claims in (first, second)]
    assert kept[0] == kept[1]
    assert of(checkin, "pia.kept_3y").permit_id == first.permit_id


def test_its_deadline_is_never_earlier_than_three_years_after_the_act(checkin: FrontDesk) -> None:
    (kept,) = [duty for duty in checkin.grant().claims.duties if duty.key == "pia.kept_3y"]
    assert kept.due == datetime(2029, 11, 23, tzinfo=UTC)
    assert kept.due >= NOON + timedelta(days=1096)


def test_another_day_has_a_duty_of_its_own(checkin: FrontDesk) -> None:
    _, granted = act(checkin)
    discharge_all(checkin, granted)
    checkin.wait(timedelta(days=1))
    checkin.welcome()
    checkin.grant()
    assert len([d for d in checkin.store.duties.open() if d.key == "pia.kept_3y"]) == 2
