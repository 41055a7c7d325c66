"""Row MACs: every column, the table and the deployment count."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countenance.kernel import DeploymentId, canonical_json
from countenance.store import RecordTampered
from countenance.store._models import (
    ApiKeyRow,
    Base,
    BelievedRow,
    DeviceRow,
    EvidenceRow,
    PurposeRow,
)
from countenance.store.integrity import RowMac, _message

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
MAC = RowMac(key=bytes(range(32)), deployment=DeploymentId("dep_a"))


def an_evidence_row() -> EvidenceRow:
    return EvidenceRow(
        evidence_id="evd_a",
        key="notice",
        place="plc_a",
        purpose=None,
        device=None,
        subject=None,
        body=b"{}",
        content_hash="0" * 64,
        issuer="person",
        kind="evidence",
        demo=False,
        valid_from=NOON,
        valid_until=None,
        withdrawn_at=NOON,
        withdrawal=b"{}",
        recorded_at=NOON,
    )


def stamped(row: EvidenceRow) -> EvidenceRow:
    MAC.stamp(row)
    return row


def test_a_stamped_row_is_believed() -> None:
    row = stamped(an_evidence_row())
    assert len(row.mac) == 32
    assert MAC.fits(row)
    MAC.require(row)


OTHER_VALUES: dict[type, object] = {
    str: "other",
    bytes: b"other",
    bool: True,
    datetime: NOON + timedelta(seconds=1),
}


@pytest.mark.parametrize("column", [c.name for c in EvidenceRow.__table__.columns if c.name != "mac"])
def test_every_column_counts(column: str) -> None:
    row = stamped(an_evidence_row())
    value = getattr(row, column)
    setattr(row, column, OTHER_VALUES[type(value)] if value is not None else "other")
    if column == "valid_until":
        row.valid_until = NOON
    assert not MAC.fits(row)
    with pytest.raises(RecordTampered, match="evidence"):
        MAC.require(row)


@pytest.mark.parametrize("column", ["place", "withdrawn_at", "withdrawal"])
def test_taking_a_value_away_counts(column: str) -> None:
    row = stamped(an_evidence_row())
    setattr(row, column, None)
    assert not MAC.fits(row)


def test_the_deployment_counts() -> None:
    row = stamped(an_evidence_row())
    assert not RowMac(key=bytes(range(32)), deployment=DeploymentId("dep_b")).fits(row)


def test_the_key_counts() -> None:
    row = stamped(an_evidence_row())
    assert not RowMac(key=bytes(32), deployment=DeploymentId("dep_a")).fits(row)


def test_a_mac_is_bound_to_its_table() -> None:
    """Two tables with the same columns would still not share MACs."""
    purpose = PurposeRow(purpose_id="x", title="t", description="d", dpv_term="v")
    MAC.stamp(purpose)
    before, PurposeRow.__tablename__ = PurposeRow.__tablename__, "elsewhere"
    try:
        assert not MAC.fits(purpose)
    finally:
        PurposeRow.__tablename__ = before


@pytest.mark.parametrize("mac", [b"", bytes(31), bytes(32), bytes(33)])
def test_another_mac_does_not_fit(mac: bytes) -> None:
    row = an_evidence_row()
    row.mac = mac
    assert not MAC.fits(row)


def test_lists_count_in_their_order() -> None:
    device = DeviceRow(device_id="d", title="t", place="p", functions=("a", "b"), registered_at=NOON)
    MAC.stamp(device)
    device.functions = ("b", "a")
    assert not MAC.fits(device)
    device.functions = ("a,b",)
    assert not MAC.fits(device)


def test_which_tables_are_believed_by_mac() -> None:
    """A table without a MAC has to be authenticated otherwise, and says how."""
    without = {
        mapper.class_.__tablename__: mapper.class_.__doc__ or ""
        for mapper in Base.registry.mappers
        if not issubclass(mapper.class_, BelievedRow)
    }
    assert set(without) == {
        "decision_keys",
        "permit_uses",
        "population",  # compared with the data keys that it counts
        "data_keys",
        "log_entries",
        "log_nodes",  # a shortcut; what is made of them is held against the signed head
        "log_head",
        "log_checkpoints",
    }
    assert issubclass(ApiKeyRow, BelievedRow)


_TEXTS = st.text(st.characters(codec="utf-8"), max_size=12)
_MOMENTS = st.datetimes(timezones=st.just(UTC))


@given(
    columns=st.fixed_dictionaries(
        {
            column.name: st.one_of(
                st.none(),
                st.booleans(),
                st.integers(-(2**53) + 1, 2**53 - 1),
                st.floats(allow_nan=False, allow_infinity=False),
                _TEXTS,
                st.binary(max_size=8),
                _MOMENTS,
                st.lists(_TEXTS, max_size=3).map(tuple),
            )
            for column in EvidenceRow.__table__.columns
        }
    ),
    deployment=_TEXTS,
)
def test_the_message_is_the_canonical_json_of_columns_deployment_and_table(
    columns: dict[str, object], deployment: str
) -> None:
    def plain(value: object) -> object:
        if isinstance(value, datetime):
            return value.isoformat()
        return value.hex() if isinstance(value, bytes) else value

    said = {name: plain(value) for name, value in columns.items() if name != "mac"}
    expected = {"columns": said, "deployment": deployment, "table": "evidence"}
    assert _message(EvidenceRow, columns, deployment) == canonical_json(expected)
