"""Filing: sources of statements, the deployment's signature, consent withdrawn whole, devices in use."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contract.withdrawal_listener import WithdrawalListenerContract
from countenance.authority import (
    Author,
    AuthorityDesk,
    ConsentNotOnFile,
    ConsentWithdrawn,
    DeviceNotInUse,
    EvidenceNotAccepted,
    RefusedByRule,
    Role,
    Said,
    WithdrawalListener,
    resolve,
    shipped_rules,
)
from countenance.authority.outside import DEPLOYMENT_KIND, SIGNED
from countenance.authority.records import Word, content_of
from countenance.authority.resolver import SOURCE
from countenance.kernel import (
    DeviceId,
    Door,
    EvidenceId,
    OperatorError,
    Passage,
    PermitRevoked,
    PurposeId,
    SubjectId,
)
from countenance.kernel.canonical import JsonValue
from countenance.policy import FactSource
from countenance.store import (
    DeviceStatus,
    EvidenceKind,
    EvidenceRecord,
    EvidenceScope,
    Issuer,
    RecordUnknown,
    new_device_key,
)
from front_desk import GUEST, LIFETIME, LIVE, NOON, FrontDesk, front_desk, system_observers
from record_examples import content_for

VOCABULARY = shipped_rules()[1]
ACTOR = sorted(name for name in VOCABULARY.triggers if name.startswith("actor."))


# Content.


def test_a_record_holds_its_form(hotel: FrontDesk) -> None:
    record = hotel.desk.record_evidence(
        key="no_price_discrimination",
        content=Word.model_validate(content_for("no_price_discrimination")),
        author=Author(Role.OFFICER, "abcd2345"),
    )
    assert record.content["form"] == "word"
    assert record.author == "officer (key abcd2345)"
    assert isinstance(content_of(record.key, record.content), Word)


def test_what_one_person_said_is_filed_under_one_head(hotel: FrontDesk) -> None:
    scope = EvidenceScope(subject=GUEST, purpose=hotel.site.purpose)
    said = [
        Said("subject.child", {"value": False}, FactSource.DOCUMENT, NOON + timedelta(hours=1)),
        Said("subject.under18", {"value": False}, FactSource.DOCUMENT),
    ]
    size, epoch = hotel.store.log.size(), hotel.store.evidence.epoch()
    records = hotel.desk.record_all(said, author="clerk", scope=scope)
    assert [record.key for record in records] == [one.key for one in said]
    assert [record.valid_until for record in records] == [NOON + timedelta(hours=1), None]
    assert [hotel.store.evidence.get(record.evidence_id) for record in records] == list(records)
    logged = [hotel.store.log.entry(index) for index in (size, size + 1)]
    assert [entry.kind for entry in logged] == ["evidence-recorded"] * 2
    assert [(entry.entry or {})["evidence"] for entry in logged] == [one.evidence_id for one in records]
    assert (hotel.store.log.size(), hotel.store.evidence.epoch()) == (size + 2, epoch + 2)


def test_of_what_one_person_said_all_is_filed_or_nothing(hotel: FrontDesk) -> None:
    scope = EvidenceScope(subject=GUEST)
    good = Said("subject.child", {"value": False}, FactSource.DOCUMENT)
    size = hotel.store.log.size()
    for bad in (
        Said("subject.under18", {"value": False}, FactSource.CONSENT_SCREEN),
        Said("subject.under18", {"said": False}, FactSource.DOCUMENT),
        Said("no.such.key", {"value": True}),
    ):
        with pytest.raises(EvidenceNotAccepted):
            hotel.desk.record_all([good, bad], author="clerk", scope=scope)
    assert hotel.store.evidence.about(GUEST) == ()
    assert hotel.store.log.size() == size
    assert hotel.desk.record_all([], author="clerk", scope=scope) == ()


def test_a_record_never_counts_longer_than_it_says(hotel: FrontDesk) -> None:
    scope = EvidenceScope(purpose=hotel.site.purpose)
    content = content_for("pia", valid_until="2026-11-30")
    end = NOON.replace(month=12, day=1, hour=0)
    record = hotel.desk.record_evidence(key="pia", content=content, author="officer", scope=scope)
    assert record.valid_until == end
    later = hotel.desk.record_evidence(
        key="pia",
        content=content,
        author="officer",
        scope=scope,
        valid_until=NOON + timedelta(days=900),
    )
    assert later.valid_until == end
    sooner = hotel.desk.record_evidence(
        key="pia", content=content, author="officer", scope=scope, valid_until=NOON + timedelta(days=1)
    )
    assert sooner.valid_until == NOON + timedelta(days=1)


# Statements.


@pytest.mark.parametrize("source", list(FactSource))
@pytest.mark.parametrize("trigger", sorted(set(VOCABULARY.triggers) - set(ACTOR)))
def test_a_statement_is_taken_from_its_one_source(
    shared_hotel: FrontDesk, trigger: str, source: FactSource
) -> None:
    def state() -> EvidenceRecord:
        return shared_hotel.desk.record_evidence(
            key=trigger, content={"value": False}, author="somebody", source=source
        )

    if source is VOCABULARY.triggers[trigger].source:
        record = state()
        assert record.content == {"value": False, SOURCE: source.value}
    else:
        with pytest.raises(EvidenceNotAccepted, match="not"):
            state()


@pytest.mark.parametrize(
    "content", [{}, {"value": 1}, {"value": "yes"}, {"value": True, "source": "operator"}, {"text": "so"}]
)
def test_a_statement_says_yes_or_no(hotel: FrontDesk, content: dict[str, object]) -> None:
    with pytest.raises(EvidenceNotAccepted):
        hotel.desk.record_evidence(key="event.leak", content=content, author="officer")  # type: ignore[arg-type]


@pytest.mark.parametrize("trigger", ACTOR)
def test_what_the_operator_is_is_not_filed_by_itself(hotel: FrontDesk, trigger: str) -> None:
    with pytest.raises(EvidenceNotAccepted, match="signed"):
        hotel.desk.record_evidence(
            key=trigger, content={"value": False}, author="officer", source=FactSource.DEPLOYMENT
        )


# The deployment's statement.


def facts(**changes: bool) -> dict[str, bool]:
    return {**dict.fromkeys(ACTOR, False), "actor.private": True} | {
        f"actor.{name}": value for name, value in changes.items()
    }


def test_a_deployment_is_signed(hotel: FrontDesk) -> None:
    records = hotel.desk.sign_deployment(facts(), "officer")
    assert [record.key for record in records] == ACTOR
    assert all(record.kind is EvidenceKind.STATEMENT for record in records)
    (token,) = {str(record.content[SIGNED]) for record in records}
    claims = hotel.store.signer.verify(token, kind=DEPLOYMENT_KIND)
    assert claims["facts"] == facts()
    assert claims["author"] == "officer"
    found = hotel.desk.on_file(scope=EvidenceScope(hotel.site.place, hotel.site.purpose))
    assert {name: found.triggers[name] for name in ACTOR} == facts()


def test_a_new_statement_takes_the_place_of_the_old_one(hotel: FrontDesk) -> None:
    hotel.desk.sign_deployment(facts(), "officer")
    hotel.desk.sign_deployment(facts(state_organ=True, private=False), "officer")
    found = hotel.desk.on_file(scope=EvidenceScope(hotel.site.place, hotel.site.purpose))
    assert found.triggers["actor.state_organ"] is True
    assert found.triggers["actor.private"] is False
    assert found.contradicted == ()


@pytest.mark.parametrize(
    "stated",
    [{}, {"capture.area": False}, {"actor.king": True}, {"actor.private": "yes"}],
    ids=["nothing", "another fact", "unknown", "not yes or no"],
)
def test_a_deployment_says_nothing_else(hotel: FrontDesk, stated: dict[str, bool]) -> None:
    with pytest.raises(EvidenceNotAccepted):
        hotel.desk.sign_deployment(stated, "officer")


def test_a_planted_fact_about_the_operator_does_not_count(hotel: FrontDesk) -> None:
    token = hotel.desk.sign_deployment(facts(), "officer")[0].content[SIGNED]
    forged = hotel.store.signer.sign({"facts": {"actor.state_organ": True}}, kind="countenance-permit+jws")
    for signature in (token, forged, "x", None):
        said: dict[str, JsonValue] = {"value": True, SOURCE: FactSource.DEPLOYMENT.value}
        hotel.store.evidence.add(
            EvidenceRecord.make(
                key="actor.state_organ",
                content=said if signature is None else {**said, SIGNED: signature},
                author="officer",
                issuer=Issuer.PERSON,
                recorded_at=NOON,
                kind=EvidenceKind.STATEMENT,
                demo=True,
            )
        )
    found = hotel.desk.on_file(scope=EvidenceScope(hotel.site.place, hotel.site.purpose))
    assert found.triggers["actor.state_organ"] is False


def test_a_statement_of_another_deployment_does_not_count(hotel: FrontDesk) -> None:
    token = hotel.store.signer.sign(
        {"facts": {"actor.state_organ": True}, "deployment": "dep_other"}, kind=DEPLOYMENT_KIND
    )
    hotel.withdraw("actor.state_organ")
    hotel.store.evidence.add(
        EvidenceRecord.make(
            key="actor.state_organ",
            content={"value": True, SOURCE: FactSource.DEPLOYMENT.value, SIGNED: token},
            author="officer",
            issuer=Issuer.PERSON,
            recorded_at=NOON,
            kind=EvidenceKind.STATEMENT,
            demo=True,
        )
    )
    found = hotel.desk.on_file(scope=EvidenceScope(hotel.site.place, hotel.site.purpose))
    assert "actor.state_organ" not in found.triggers


# Consent.


class Failing(OperatorError):
    """A listener couldn't."""

    code = "test-failing"


@dataclass
class Kept:
    """Keeps a template's name for each person and purpose, as a gallery would."""

    name: str = "templates"
    things: set[tuple[SubjectId, PurposeId]] = field(default_factory=set)
    heard: list[ConsentWithdrawn] = field(default_factory=list)
    fails: bool = False

    def consent_withdrawn(self, withdrawn: ConsentWithdrawn) -> None:
        self.heard.append(withdrawn)
        if self.fails:
            msg = "The disk is full."
            raise Failing(msg)
        self.things.discard((withdrawn.subject, withdrawn.purpose))


class TestKept(WithdrawalListenerContract):
    """The listener of these tests keeps the contract."""

    def listener_and_withdrawn(self) -> tuple[WithdrawalListener, ConsentWithdrawn]:
        about = (SubjectId("sub_a"), PurposeId("pur_a"))
        return Kept(things={about}), ConsentWithdrawn(*about, NOON, ())

    def kept(self, listener: WithdrawalListener) -> int:
        assert isinstance(listener, Kept)
        return len(listener.things)


def desk_with(hotel: FrontDesk, *listeners: WithdrawalListener) -> AuthorityDesk:
    rules, vocabulary = shipped_rules()
    return AuthorityDesk(
        store=hotel.store,
        rules=rules,
        vocabulary=vocabulary,
        clock=hotel.clock,
        observers=system_observers(hotel.store, hotel.clock),
        permit_lifetime=LIFETIME,
        listeners=listeners,
    )


def test_a_consent_is_withdrawn_whole(checkin: FrontDesk) -> None:
    rests = {r.evidence_id for r in checkin.consents if not r.key.startswith("subject.")}
    done = checkin.desk.withdraw_consent(subject=GUEST, purpose=checkin.site.purpose, by="clerk")
    assert set(done.what.records) == rests
    assert done.what.at == NOON
    found = checkin.desk.on_file(scope=EvidenceScope(checkin.site.place, checkin.site.purpose, subject=GUEST))
    assert not [key for key in found.evidence if key.startswith("consent.") or key == "written_release"]
    with pytest.raises(RefusedByRule):
        checkin.grant()


def test_a_permit_that_rests_on_it_opens_no_door(checkin: FrontDesk) -> None:
    request = checkin.request()
    granted = checkin.grant(request)
    passage = Passage(Door.CAPTURE, "capture", request, LIVE)
    checkin.desk.verifier.admit(granted.token, passage)
    checkin.desk.withdraw_consent(subject=GUEST, purpose=checkin.site.purpose, by="clerk")
    with pytest.raises(PermitRevoked):
        checkin.desk.verifier.admit(granted.token, passage)


def test_another_persons_and_another_purposes_consent_stays(checkin: FrontDesk) -> None:
    other = SubjectId("sub_other")
    checkin.welcome(subject=other)
    checkin.desk.withdraw_consent(subject=GUEST, purpose=checkin.site.purpose, by="clerk")
    found = checkin.desk.on_file(scope=EvidenceScope(checkin.site.place, checkin.site.purpose, subject=other))
    assert "consent.separate" in found.evidence
    with pytest.raises(ConsentNotOnFile):
        checkin.desk.withdraw_consent(subject=other, purpose=PurposeId("pur_other"), by="clerk")
    assert "consent.separate" in found.evidence


def test_withdrawing_asks_for_a_consent(hotel: FrontDesk) -> None:
    with pytest.raises(ConsentNotOnFile):
        hotel.desk.withdraw_consent(subject=GUEST, purpose=hotel.site.purpose, by="clerk")


def test_any_of_its_records_leads_to_the_consent(checkin: FrontDesk) -> None:
    record = next(r for r in checkin.consents if r.key == "consent.explicit")
    assert checkin.desk.consent_of(record.evidence_id) == (GUEST, checkin.site.purpose)
    (notice,) = checkin.on_file("notice")
    with pytest.raises(ConsentNotOnFile):
        checkin.desk.consent_of(notice.evidence_id)
    with pytest.raises(RecordUnknown):
        checkin.desk.consent_of(EvidenceId("evd_none"))


def test_listeners_are_told_after_it_is_on_file(checkin: FrontDesk) -> None:
    about = (GUEST, checkin.site.purpose)
    first, second = Kept(things={about}), Kept(name="receipts", things={about})
    desk = desk_with(checkin, first, second)
    done = desk.withdraw_consent(subject=GUEST, purpose=checkin.site.purpose, by="clerk")
    assert (done.told, done.unfinished) == (("templates", "receipts"), ())
    assert not first.things | second.things
    assert first.heard == [done.what]
    kind, entry = checkin.log_entries()[-1]
    assert kind == "consent-withdrawn"
    assert entry["told"] == ["templates", "receipts"]
    assert entry["evidence"] == list(done.what.records)
    assert done.log_index == checkin.store.log.size() - 1


def test_a_listener_that_fails_is_named_and_told_again(checkin: FrontDesk) -> None:
    about = (GUEST, checkin.site.purpose)
    failing, fine = Kept(things={about}, fails=True), Kept(name="receipts", things={about})
    desk = desk_with(checkin, failing, fine)
    done = desk.withdraw_consent(subject=GUEST, purpose=checkin.site.purpose, by="clerk")
    assert (done.told, done.unfinished) == (("receipts",), ("templates",))
    failing.fails = False
    again = desk.withdraw_consent(subject=GUEST, purpose=checkin.site.purpose, by="clerk")
    assert again.what.records == ()
    assert (again.told, again.unfinished) == (("templates", "receipts"), ())
    assert not failing.things


def test_the_log_of_a_withdrawal_goes_with_the_person(checkin: FrontDesk) -> None:
    done = checkin.desk.withdraw_consent(subject=GUEST, purpose=checkin.site.purpose, by="clerk")
    checkin.store.vault.destroy_subject(GUEST)
    assert checkin.store.log.entry(done.log_index).erased
    assert checkin.store.log.verify().ok


# Devices.


@pytest.mark.parametrize("status", [DeviceStatus.SUSPENDED, DeviceStatus.RETIRED])
def test_a_device_that_is_not_in_use_takes_no_pictures(checkin: FrontDesk, status: DeviceStatus) -> None:
    request = checkin.request()
    granted = checkin.grant(request)
    checkin.desk.registrar.set_device_status(checkin.site.desk_device, status, author="officer")
    with pytest.raises(PermitRevoked):
        checkin.desk.verifier.admit(granted.token, Passage(Door.CAPTURE, "capture", request, LIVE))
    with pytest.raises(DeviceNotInUse, match=status.value):
        checkin.grant()


def test_a_suspended_device_comes_back(checkin: FrontDesk) -> None:
    register = checkin.desk.registrar
    register.set_device_status(checkin.site.desk_device, DeviceStatus.SUSPENDED, author="officer")
    register.set_device_status(checkin.site.desk_device, DeviceStatus.ACTIVE, author="officer")
    assert checkin.grant().verdict.allowed


def test_another_device_is_not_touched(checkin: FrontDesk) -> None:
    checkin.desk.registrar.set_device_status(
        checkin.site.room_device, DeviceStatus.SUSPENDED, author="officer"
    )
    assert checkin.grant().verdict.allowed


def test_a_key_and_a_status_are_logged(hotel: FrontDesk) -> None:
    register, device = hotel.desk.registrar, hotel.site.desk_device
    enrolled = register.enrol_device(device, new_device_key()[1], author="installer")
    register.set_device_status(device, DeviceStatus.SUSPENDED, author=Author(Role.OFFICER))
    changes = [entry for kind, entry in hotel.log_entries() if kind == "device-changed"]
    assert [(c["device"], c["key_id"], c["status"]) for c in changes] == [
        (device, enrolled.key_id, "active"),
        (device, enrolled.key_id, "suspended"),
    ]
    assert register.enrolments()[device].changed_by == "officer"


def test_an_unknown_device_has_no_status(hotel: FrontDesk) -> None:
    with pytest.raises(RecordUnknown):
        hotel.desk.registrar.set_device_status(DeviceId("dev_none"), DeviceStatus.SUSPENDED, author="officer")


# Signs.


def put_up_another_sign(hotel: FrontDesk, **changes: object) -> None:
    hotel.withdraw("sign")
    hotel.desk.record_evidence(
        key="sign",
        content=content_for("sign", notice_id="notice-checkin", **changes),
        author="installer",
        scope=EvidenceScope(place=hotel.site.place),
    )


def no_sign(hotel: FrontDesk) -> None:
    hotel.withdraw("sign")


def sign_for_another_device(hotel: FrontDesk) -> None:
    put_up_another_sign(hotel, devices=["dev_other"])


def sign_of_an_older_notice(hotel: FrontDesk) -> None:
    (old,) = hotel.on_file("notice")
    hotel.withdraw("notice")
    content = {name: value for name, value in old.content.items() if name != "form"}
    hotel.desk.record_evidence(
        key="notice", content={**content, "version": 2}, author="officer", scope=old.scope
    )


def sign_that_was_taken_down(hotel: FrontDesk) -> None:
    put_up_another_sign(hotel, take_down_by=(NOON + timedelta(minutes=1)).isoformat())
    hotel.wait(timedelta(minutes=1))


@pytest.mark.parametrize(
    "change", [no_sign, sign_for_another_device, sign_of_an_older_notice, sign_that_was_taken_down]
)
def test_without_a_posted_current_sign_no_device_captures(
    checkin: FrontDesk, change: Callable[[FrontDesk], None]
) -> None:
    assert checkin.grant().verdict.allowed
    change(checkin)
    with pytest.raises(RefusedByRule) as refused:
        checkin.grant()
    assert ("sign",) in {missing.alternatives for missing in refused.value.verdict.missing}
    assert "HX-COVERT" in {finding.rule_id for finding in refused.value.verdict.refusing}


def test_with_a_new_sign_it_captures_again(checkin: FrontDesk) -> None:
    sign_of_an_older_notice(checkin)
    put_up_another_sign(checkin, notice_version=2)
    assert checkin.grant().verdict.allowed


def test_scope_is_kept_apart(checkin: FrontDesk) -> None:
    (sign,) = checkin.on_file("sign")
    assert replace(sign.scope, place=None) == EvidenceScope()


# A withdrawal leaves no path, whatever was filed before.

_GIVEN = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "consent.separate",
                "consent.explicit",
                "consent.record",
                "consent.informed",
                "written_release",
            ]
        ),
        st.booleans(),  # whether it names the place as well
        st.integers(min_value=-2, max_value=2),  # from when, in hours
    ),
    max_size=8,
)
_subjects = count()


@pytest.fixture(scope="module")
def quiet_hotel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FrontDesk]:
    """A hotel in which nothing contradicts anything; each example brings a guest of its own."""
    with front_desk(tmp_path_factory.mktemp("quiet")) as opened:
        yield opened


@given(given_before=_GIVEN, asked_twice=st.booleans())
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_withdrawing_leaves_no_path_to_a_permit(
    quiet_hotel: FrontDesk, given_before: list[tuple[str, bool, int]], asked_twice: bool
) -> None:
    hotel, subject = quiet_hotel, SubjectId(f"sub_property{next(_subjects)}")
    place, purpose = hotel.site.place, hotel.site.purpose
    hotel.welcome(subject=subject)
    for key, at_place, hours in given_before:
        hotel.desk.record_evidence(
            key=key,
            content=content_for(key, purpose=purpose, screen_purposes=[purpose]),
            author="clerk",
            scope=EvidenceScope(place if at_place else None, purpose, subject=subject),
            valid_from=NOON + timedelta(hours=hours),
        )
    request = hotel.request(subject=subject)
    granted = hotel.grant(request)
    for _ in range(1 + asked_twice):
        hotel.desk.withdraw_consent(subject=subject, purpose=purpose, by="subject")
    with pytest.raises(PermitRevoked):
        hotel.desk.verifier.admit(granted.token, Passage(Door.CAPTURE, "capture", request, LIVE))
    assert not hotel.desk.judge(hotel.request(subject=subject)).allowed
    for later in (timedelta(0), timedelta(hours=3)):
        found = resolve(
            hotel.store.evidence.about(subject),
            scope=EvidenceScope(place, purpose, hotel.site.desk_device, subject),
            at=NOON + later,
            vocabulary=VOCABULARY,
            demo=True,
        )
        assert found.evidence == {}, "nothing comes into force later either"
