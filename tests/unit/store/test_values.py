"""The store's values: frozen, in UTC, silent about what they say of a person."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countenance.kernel import EvidenceId, SubjectId, canonical_sha256
from countenance.kernel.canonical import JsonValue
from countenance.store import (
    ApiKeyRecord,
    DecisionRecord,
    Deployment,
    Device,
    DutyRecord,
    EvidenceKind,
    EvidenceRecord,
    EvidenceScope,
    Issuer,
    PermitRecord,
    Place,
    Purpose,
)

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)

# 2001 to 2096, to the microsecond.
moments = st.integers(10**15, 4 * 10**15).map(
    lambda us: datetime.fromtimestamp(us // 10**6, UTC).replace(microsecond=us % 10**6)
)
zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


def a_record(**changes: Any) -> EvidenceRecord:
    given_: dict[str, Any] = {
        "key": "notice_posted",
        "content": {"text": "marker-of-the-content"},
        "author": "marker-of-the-author",
        "issuer": Issuer.PERSON,
        "recorded_at": NOON,
    }
    return EvidenceRecord.make(**(given_ | changes))


@pytest.mark.parametrize(
    "kind",
    [
        ApiKeyRecord,
        DecisionRecord,
        Deployment,
        Device,
        DutyRecord,
        EvidenceRecord,
        EvidenceScope,
        PermitRecord,
        Place,
        Purpose,
    ],
)
def test_values_are_frozen_and_slotted(kind: type) -> None:
    assert dataclasses.fields(kind)
    assert kind.__dataclass_params__.frozen  # type: ignore[attr-defined]
    assert "__slots__" in vars(kind)


def test_a_record_is_made_with_what_follows_from_the_rest() -> None:
    record = a_record()
    assert record.evidence_id.startswith("evd_")
    assert record.scope == EvidenceScope()
    assert record.kind is EvidenceKind.EVIDENCE
    assert (record.valid_from, record.valid_until, record.withdrawn_at) == (NOON, None, None)
    assert record.content_hash == canonical_sha256({"content": record.content, "salt": record.salt})
    assert record.holds_its_hash()
    assert not record.demo


def test_no_two_records_are_alike() -> None:
    one, other = a_record(), a_record()
    assert one.evidence_id != other.evidence_id
    assert one.salt != other.salt
    assert one.content_hash != other.content_hash


def test_an_identifier_may_be_given() -> None:
    assert a_record(evidence_id=EvidenceId("evd_fixed")).evidence_id == "evd_fixed"


def test_a_record_shows_neither_content_nor_author_nor_salt() -> None:
    record = a_record(scope=EvidenceScope(subject=SubjectId("sub_ann")))
    assert "marker" not in repr(record)
    assert record.salt not in repr(record)


@pytest.mark.parametrize(
    "changes",
    [
        {"key": ""},
        {"author": ""},
        {"recorded_at": NOON.replace(tzinfo=None)},
        {"valid_from": NOON.replace(tzinfo=None)},
        {"valid_until": NOON.replace(tzinfo=None)},
        {"valid_until": NOON},
        {"valid_until": NOON - HOUR},
        {"valid_from": NOON + HOUR, "valid_until": NOON + HOUR},
    ],
    ids=[
        "no key",
        "no author",
        "naive record",
        "naive beginning",
        "naive end",
        "ends as it begins",
        "ends before",
        "empty span",
    ],
)
def test_what_is_no_record_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        a_record(**changes)


@pytest.mark.parametrize(
    "content",
    [{}, {"value": 1}, {"value": "true"}, {"value": None}, {"value": True, "more": 1}, {"other": True}],
)
def test_a_statement_is_one_boolean(content: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="statement"):
        a_record(kind=EvidenceKind.STATEMENT, content=content)


@pytest.mark.parametrize("value", [True, False])
def test_a_statement_may_say_either(*, value: bool) -> None:
    record = a_record(kind=EvidenceKind.STATEMENT, content={"value": value})
    assert record.content == {"value": value}


@given(
    begins=moments,
    lasts=st.timedeltas(min_value=timedelta(microseconds=1), max_value=timedelta(days=900)),
    asked=moments,
)
def test_validity_is_a_half_open_span(begins: datetime, lasts: timedelta, asked: datetime) -> None:
    record = a_record(recorded_at=begins, valid_until=begins + lasts)
    assert record.valid_at(asked) == (begins <= asked < begins + lasts)
    withdrawn = dataclasses.replace(record, withdrawn_at=begins + lasts / 2)
    assert withdrawn.valid_at(asked) == (begins <= asked < begins + lasts / 2)


@given(moment=moments, zone=zones)
def test_times_are_kept_in_utc(moment: datetime, zone: timezone) -> None:
    record = a_record(recorded_at=moment.astimezone(zone))
    assert record.recorded_at == moment
    assert record.recorded_at.tzinfo is UTC
    assert record.valid_from.tzinfo is UTC


@given(content=st.dictionaries(st.text(max_size=5), st.integers(-9, 9) | st.text(max_size=5), max_size=4))
def test_the_hash_is_of_the_content(content: dict[str, JsonValue]) -> None:
    record = a_record(content=content)
    assert record.holds_its_hash()
    assert not dataclasses.replace(record, content={**content, "further": 1}).holds_its_hash()
