from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countenance.authority import Resolution, counts_alone, resolve, shipped_rules
from countenance.authority.records import FORM
from countenance.authority.resolver import DISCHARGES, SOURCE, acceptable, one_persons
from countenance.kernel import DeviceId, EvidenceId, PlaceId, PurposeId, SubjectId
from countenance.kernel.canonical import JsonValue
from countenance.policy import FactSource, IssuerKind, Vocabulary
from countenance.store import EvidenceKind, EvidenceRecord, EvidenceScope, Issuer
from front_desk import NOON
from record_examples import stored_content_for

HERE = EvidenceScope(
    place=PlaceId("plc_a"), purpose=PurposeId("pur_a"), device=DeviceId("dev_a"), subject=SubjectId("sub_a")
)
NOBODY = EvidenceScope(place=PlaceId("plc_a"), purpose=PurposeId("pur_a"), device=DeviceId("dev_a"))
EVERYTHING = EvidenceScope()
ONE = EvidenceScope(purpose=HERE.purpose, subject=HERE.subject)
HOUR = timedelta(hours=1)
UNSIGNED: set[str] = set()
"""Ids of records whose signature doesn't hold."""


def evidence(
    key: str = "notice",
    *,
    scope: EvidenceScope = EVERYTHING,
    issuer: Issuer = Issuer.PERSON,
    demo: bool = False,
    valid_until: timedelta | None = None,
    valid_from: timedelta = timedelta(0),
    content: dict[str, JsonValue] | None = None,
) -> EvidenceRecord:
    return EvidenceRecord.make(
        key=key,
        content={**stored_content_for(key), "places": ["plc_a"], "devices": ["dev_a"], **(content or {})},
        author="officer",
        issuer=issuer,
        recorded_at=NOON,
        scope=scope,
        demo=demo,
        valid_from=NOON + valid_from,
        valid_until=None if valid_until is None else NOON + valid_until,
    )


def statement(
    trigger: str = "actor.private",
    *,
    value: bool = True,
    scope: EvidenceScope = EVERYTHING,
    source: FactSource | None = None,
) -> EvidenceRecord:
    term = shipped_rules()[1].triggers.get(trigger)
    stated = source or (FactSource.DEPLOYMENT if term is None else term.source)
    return EvidenceRecord.make(
        key=trigger,
        content={"value": value, SOURCE: stated.value},
        author="officer",
        issuer=Issuer.PERSON,
        recorded_at=NOON,
        scope=scope,
        kind=EvidenceKind.STATEMENT,
    )


def solve(
    *records: EvidenceRecord,
    scope: EvidenceScope = HERE,
    after: timedelta = timedelta(0),
    demo: bool = False,
) -> Resolution:
    return resolve(
        records,
        scope=scope,
        at=NOON + after,
        vocabulary=shipped_rules()[1],
        demo=demo,
        vouched=lambda record: record.evidence_id not in UNSIGNED,
    )


COUNTS = {
    "deployment-wide": (evidence(), HERE),
    "this place": (evidence(scope=EvidenceScope(place=HERE.place)), HERE),
    "this purpose": (evidence(scope=EvidenceScope(purpose=HERE.purpose)), HERE),
    "this device": (evidence(scope=EvidenceScope(device=HERE.device)), HERE),
    "exactly this": (evidence(scope=HERE), HERE),
    "until later": (evidence(valid_until=HOUR), HERE),
    "seen by the system": (evidence("audit_log", issuer=Issuer.SYSTEM), HERE),
    "signed outside": (evidence("legal_order", issuer=Issuer.OUTSIDE), HERE),
    "authorised here": (evidence("authorisation", issuer=Issuer.OUTSIDE), HERE),
    "this person's consent": (evidence("consent.separate", scope=ONE), HERE),
    "request without a person": (evidence(), NOBODY),
}


@pytest.mark.parametrize(("record", "scope"), COUNTS.values(), ids=COUNTS.keys())
def test_counts(record: EvidenceRecord, scope: EvidenceScope) -> None:
    found = solve(record, scope=scope)
    assert found.evidence == {record.key: (record.evidence_id,)}
    assert found.counts(record.key, record.evidence_id)
    assert found.records[record.evidence_id] is record


def sign_and_notice(*, sign_of: int = 1, notice_of: int = 1) -> tuple[EvidenceRecord, EvidenceRecord]:
    here = EvidenceScope(place=HERE.place)
    return (
        evidence("sign", scope=here, content={"notice_version": sign_of}),
        evidence("notice", scope=here, content={"version": notice_of}),
    )


def test_a_sign_counts_with_the_version_of_the_notice_that_is_on_file() -> None:
    sign, notice = sign_and_notice()
    found = solve(sign, notice)
    assert found.evidence == {"notice": (notice.evidence_id,), "sign": (sign.evidence_id,)}


@pytest.mark.parametrize("versions", [(1, 2), (2, 1)])
def test_a_sign_of_another_version_does_not_count(versions: tuple[int, int]) -> None:
    sign, notice = sign_and_notice(sign_of=versions[0], notice_of=versions[1])
    found = solve(sign, notice)
    assert "sign" not in found.evidence
    assert sign.evidence_id not in found.records


def test_a_sign_without_a_notice_on_file_does_not_count() -> None:
    sign, notice = sign_and_notice()
    assert solve(sign, replace(notice, withdrawn_at=NOON)).evidence == {}


def test_a_sign_says_nothing_about_another_device() -> None:
    found = solve(*sign_and_notice(), scope=replace(HERE, device=DeviceId("dev_b")))
    assert set(found.evidence) == {"notice"}


def test_an_authorisation_counts_for_its_operations() -> None:
    record = evidence("authorisation", issuer=Issuer.OUTSIDE)
    found = solve(record, evidence())
    assert found.limits == {record.evidence_id: frozenset({"identify_live"})}
    assert found.for_operation("identify_live").evidence == found.evidence
    assert set(found.for_operation("watchlist").evidence) == {"notice"}


def test_what_limits_nothing_is_the_same_for_every_operation() -> None:
    found = solve(evidence())
    assert found.for_operation("watchlist") is found


@pytest.mark.parametrize(
    "record",
    [evidence("authorisation", issuer=Issuer.OUTSIDE), statement("actor.state_organ", value=False)],
    ids=["outside", "about the operator"],
)
def test_without_its_signature_it_does_not_count(record: EvidenceRecord) -> None:
    assert solve(record).records
    UNSIGNED.add(record.evidence_id)
    try:
        assert not solve(record).records
    finally:
        UNSIGNED.discard(record.evidence_id)


def test_where_nobody_looks_at_signatures_none_holds() -> None:
    record = evidence("legal_order", issuer=Issuer.OUTSIDE)
    found = resolve([record], scope=HERE, at=NOON, vocabulary=shipped_rules()[1], demo=False)
    assert found.records == {}


DOES_NOT_COUNT = {
    "another place": evidence(scope=EvidenceScope(place=PlaceId("plc_b"))),
    "another purpose": evidence(scope=EvidenceScope(purpose=PurposeId("pur_b"))),
    "another device": evidence(scope=EvidenceScope(device=DeviceId("dev_b"))),
    "another person": evidence("consent.separate", scope=replace(ONE, subject=SubjectId("sub_b"))),
    "run out": evidence(valid_until=timedelta(seconds=1), valid_from=-HOUR),
    "not begun": evidence(valid_from=HOUR),
    "withdrawn": replace(evidence(), withdrawn_at=NOON),
    "demonstration": evidence(demo=True),
    "a person's word for what the system sees": evidence("audit_log"),
    "outside's word for what the system sees": evidence("encryption", issuer=Issuer.OUTSIDE),
    "a person's word for an authority's": evidence("authorisation"),
    "the system's word for a person's": evidence("notice", issuer=Issuer.SYSTEM),
    "unknown key": evidence("wishful_thinking"),
    "discharged one duty": evidence("pia.kept_3y", content={"text": "kept", DISCHARGES: "dty_a"}),
    "consent of nobody": evidence("consent.separate", scope=EvidenceScope(purpose=HERE.purpose)),
    "consent to everything": evidence("consent.separate", scope=EvidenceScope(subject=HERE.subject)),
    "release of nobody": evidence("written_release", scope=EvidenceScope(purpose=HERE.purpose)),
    "authorised elsewhere": evidence("authorisation", issuer=Issuer.OUTSIDE, content={"places": ["plc_b"]}),
    "installer's statement of no place": evidence("area_bounded"),
    "sign of no place": evidence("sign"),
    "sign for another device": evidence(
        "sign", scope=EvidenceScope(place=HERE.place), content={"devices": ["dev_b"]}
    ),
    "content of another form": evidence(content={FORM: "word"}),
    "content of an earlier version": replace(evidence(), content={"text": "so"}),
    "fact from another source": statement("event.leak", source=FactSource.DEPLOYMENT),
    "fact about the operator from the operator": statement(source=FactSource.OPERATOR),
    "guardian of nobody": evidence("guardian_consent", issuer=Issuer.OUTSIDE),
    "evidence under a trigger's name": evidence("actor.private"),
    "statement that nobody was pressed, ever": statement("consent.coerced", value=False),
    "statement that nobody is a child": statement("subject.under14", value=False),
    "statement of an unknown trigger": statement("weather.sunny"),
    "statement under an evidence key": statement("notice"),
}


@pytest.mark.parametrize("record", DOES_NOT_COUNT.values(), ids=DOES_NOT_COUNT.keys())
def test_does_not_count(record: EvidenceRecord) -> None:
    found = solve(record, after=timedelta(seconds=1))
    assert found.evidence == {}
    assert found.triggers == {}
    assert found.records == {}
    assert not found.counts(record.key, record.evidence_id)


def test_a_persons_record_is_never_about_a_request_without_a_person() -> None:
    assert solve(evidence("consent.separate", scope=ONE), scope=NOBODY).evidence == {}


def test_demonstration_evidence_counts_in_a_demonstration() -> None:
    record = evidence(demo=True)
    assert solve(record, demo=True).evidence == {"notice": (record.evidence_id,)}


def test_real_evidence_counts_in_a_demonstration_too() -> None:
    assert "notice" in solve(evidence(), demo=True).evidence


@pytest.mark.parametrize("value", [True, False])
def test_a_statement_states_its_trigger(value: bool) -> None:
    record = statement(value=value)
    found = solve(record)
    assert found.triggers == {"actor.private": value}
    assert found.statements == {"actor.private": (record.evidence_id,)}
    assert found.contradicted == ()
    assert found.counts("actor.private", record.evidence_id)


def test_statements_that_agree_are_all_named() -> None:
    first, second = statement(), statement(scope=EvidenceScope(place=HERE.place))
    found = solve(first, second)
    assert found.triggers == {"actor.private": True}
    assert set(found.statements["actor.private"]) == {first.evidence_id, second.evidence_id}


def test_statements_that_contradict_make_the_fact_unknown() -> None:
    yes, no = statement(value=True), statement(value=False, scope=EvidenceScope(place=HERE.place))
    found = solve(yes, no)
    assert found.triggers == {}
    assert found.contradicted == ("actor.private",)
    assert not found.counts("actor.private", yes.evidence_id)
    assert not found.counts("actor.private", no.evidence_id)


def test_a_contradiction_elsewhere_is_none_here() -> None:
    yes, no = statement(value=True), statement(value=False, scope=EvidenceScope(place=PlaceId("plc_b")))
    assert solve(yes, no).triggers == {"actor.private": True}


def test_a_withdrawn_contradiction_is_none() -> None:
    yes, no = statement(value=True), replace(statement(value=False), withdrawn_at=NOON)
    assert solve(yes, no).triggers == {"actor.private": True}


def test_the_last_moment_of_a_record_is_before_its_end() -> None:
    record = evidence(valid_until=HOUR)
    assert solve(record, after=HOUR - timedelta(microseconds=1)).evidence
    assert not solve(record, after=HOUR).evidence


def test_every_key_names_who_may_issue_it(vocabulary: Vocabulary) -> None:
    for key, term in vocabulary.evidence.items():
        for issuer in Issuer:
            expected = IssuerKind(issuer.value) in term.issuers
            assert acceptable(evidence(key, issuer=issuer), vocabulary) is expected


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("consent.explicit", True),
        ("consent.separate_for_upload", True),
        ("guardian_consent", True),
        ("age_check", True),
        ("written_release", True),
        ("subject.under14", True),
        ("consent.coerced", True),
        ("notice", False),
        ("legal_basis", False),
        ("legal_basis.consent", False),
        ("actor.private", False),
        ("event.leak", False),
    ],
)
def test_what_only_a_record_about_one_person_can_say(
    key: str, expected: bool, vocabulary: Vocabulary
) -> None:
    assert one_persons(key, vocabulary) is expected


# Properties: a file of random records, some of which count.

_KEYS = ["notice", "sign", "audit_log", "authorisation", "consent.separate", "wishful_thinking"]
_TRIGGERS = ["actor.private", "capture.area", "consent.coerced", "subject.under14"]
_SCOPES = st.builds(
    EvidenceScope,
    place=st.sampled_from([None, HERE.place, PlaceId("plc_b")]),
    purpose=st.sampled_from([None, HERE.purpose, PurposeId("pur_b")]),
    device=st.sampled_from([None, HERE.device, DeviceId("dev_b")]),
    subject=st.sampled_from([None, HERE.subject, SubjectId("sub_b")]),
)
_EVIDENCE = st.builds(
    evidence,
    st.sampled_from(_KEYS),
    scope=_SCOPES,
    issuer=st.sampled_from(list(Issuer)),
    demo=st.booleans(),
    valid_until=st.sampled_from([None, HOUR, 2 * HOUR]),
)
_STATEMENTS = st.builds(statement, st.sampled_from(_TRIGGERS), value=st.booleans(), scope=_SCOPES)
_RECORDS = st.lists(st.one_of(_EVIDENCE, _STATEMENTS), max_size=12)


@given(records=_RECORDS, data=st.data())
def test_the_order_of_records_does_not_matter(records: list[EvidenceRecord], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(records))
    assert solve(*records) == solve(*shuffled)


@given(records=_RECORDS, more=_EVIDENCE)
def test_more_evidence_never_takes_evidence_away(records: list[EvidenceRecord], more: EvidenceRecord) -> None:
    before, after = solve(*records), solve(*records, more)
    assert before.triggers == after.triggers
    for key, ids in before.evidence.items():
        assert set(ids) <= set(after.evidence[key])


@given(records=_RECORDS)
def test_only_records_on_file_are_named(records: list[EvidenceRecord]) -> None:
    found = solve(*records)
    on_file = {record.evidence_id: record for record in records}
    for key, ids in [*found.evidence.items(), *found.statements.items()]:
        assert ids
        for evidence_id in ids:
            assert on_file[evidence_id].key == key
            assert on_file[evidence_id].scope.covers(HERE)
            assert not on_file[evidence_id].demo


@given(records=_RECORDS)
def test_a_trigger_is_stated_or_contradicted_or_unknown(records: list[EvidenceRecord]) -> None:
    found = solve(*records)
    assert set(found.triggers) == set(found.statements)
    assert set(found.triggers).isdisjoint(found.contradicted)
    for trigger, value in found.triggers.items():
        assert all(found.records[i].content["value"] is value for i in found.statements[trigger])


@given(records=_RECORDS)
def test_withdrawing_everything_leaves_nothing(records: list[EvidenceRecord]) -> None:
    found = solve(*(replace(record, withdrawn_at=NOON) for record in records), demo=True)
    assert (found.evidence, found.triggers, found.records) == ({}, {}, {})


@given(records=_RECORDS, other=st.sampled_from(["plc_c", "plc_d"]))
def test_records_of_this_place_say_nothing_elsewhere(records: list[EvidenceRecord], other: str) -> None:
    bound = [replace(r, scope=replace(r.scope, place=HERE.place)) for r in records]
    assert not solve(*bound, scope=replace(HERE, place=PlaceId(other)), demo=True).records


ABOUT_SOMETHING_ELSE = ["another place", "another purpose", "another device", "another person"]
ABOUT_SOMETHING_ELSE += ["authorised elsewhere", "sign for another device"]


def alone(record: EvidenceRecord, *, after: timedelta = timedelta(0)) -> bool:
    return counts_alone(
        record,
        at=NOON + after,
        vocabulary=shipped_rules()[1],
        demo=False,
        vouched=lambda it: it.evidence_id not in UNSIGNED,
    )


def test_an_id_that_is_not_on_file_counts_for_nothing() -> None:
    assert not solve(evidence()).counts("notice", EvidenceId("evd_other"))


@pytest.mark.parametrize("name", sorted(COUNTS))
def test_what_counts_counts_alone(name: str) -> None:
    assert alone(COUNTS[name][0])


@pytest.mark.parametrize("name", sorted(set(DOES_NOT_COUNT) - set(ABOUT_SOMETHING_ELSE)))
def test_what_does_not_count_does_not_count_alone(name: str) -> None:
    assert not alone(DOES_NOT_COUNT[name], after=timedelta(seconds=1))


@pytest.mark.parametrize("name", ABOUT_SOMETHING_ELSE)
def test_what_is_about_something_else_counts_there(name: str) -> None:
    assert alone(DOES_NOT_COUNT[name], after=timedelta(seconds=1))
