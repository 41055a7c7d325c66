"""The receipt: what it says survives, what was changed is refused, and it fits a QR code."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
import segno
from hypothesis import given
from hypothesis import strategies as st

from countenance.decisions import (
    Assurance,
    Outcome,
    Receipt,
    ReceiptRefused,
    check_receipt,
)
from countenance.decisions.receipt import RECEIPT_KIND, sign_receipt
from countenance.kernel import DecisionId, PermitId, PlaceId, PurposeId, new_id
from countenance.store import Ed25519Signer, PublicVerifier

SIGNER = Ed25519Signer(private_key=bytes(range(32)))

RECEIPTS = st.builds(
    Receipt,
    decision_id=st.builds(lambda: DecisionId(new_id("dec"))),
    outcome=st.sampled_from(Outcome),
    decided_at=st.datetimes(
        datetime(2026, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
        datetime(2100, 1, 1),  # noqa: DTZ001
        timezones=st.just(UTC),
    ).map(lambda moment: moment.replace(microsecond=0)),
    purpose=st.just(PurposeId("pur_checkin")),
    place=st.just(PlaceId("plc_frontdesk")),
    permit_id=st.builds(lambda: PermitId(new_id("prm"))),
    rule_set=st.binary(min_size=32, max_size=32).map(bytes.hex),
    asked=st.sampled_from([1e-3, 1e-4, 1e-5]),
    fmr=st.floats(1e-7, 1e-2),
    low=st.floats(0.0, 1e-2),
    high=st.floats(0.0, 1e-2),
    table=st.just("development"),
    models=st.just(("blazeface-short-range", "face-landmark-468", "mobilefacenet-192")),
    assurance=st.sampled_from(Assurance),
    demo=st.booleans(),
    log_index=st.integers(0, 2**40),
    leaf_hash=st.binary(min_size=32, max_size=32).map(bytes.hex),
)


@given(RECEIPTS)
def test_what_was_signed_is_what_is_read(receipt: Receipt) -> None:
    assert check_receipt(SIGNER, sign_receipt(SIGNER, receipt)) == receipt


@given(RECEIPTS)
def test_it_is_short(receipt: Receipt) -> None:
    assert len(sign_receipt(SIGNER, receipt)) < 1200


def test_it_fits_a_code_that_a_telephone_reads_from_paper() -> None:
    longest = "x" * 1200
    # Version 26 has 121 modules a side: 6 cm at half a millimetre a module.
    assert int(segno.make_qr(longest, error="l").version) <= 26


def a_receipt() -> Receipt:
    return Receipt(
        decision_id=DecisionId("dec_1"),
        outcome=Outcome.NO_MATCH,
        decided_at=datetime(2026, 11, 22, 12, tzinfo=UTC),
        purpose=PurposeId("pur_1"),
        place=PlaceId("plc_1"),
        permit_id=PermitId("prm_1"),
        rule_set="ab" * 32,
        asked=1e-4,
        fmr=8e-5,
        low=6e-5,
        high=1e-4,
        table="development",
        models=("a", "b"),
        assurance=Assurance.ATTENDED,
        demo=False,
        log_index=7,
        leaf_hash="cd" * 32,
    )


def test_it_says_how_to_appeal_and_names_nobody() -> None:
    claims = a_receipt().to_claims()
    assert "person decides anew" in str(claims["app"])
    assert set(claims) == {
        "id", "out", "iat", "pur", "plc", "prm", "rul", "err", "mod", "asr", "demo", "log", "app",
    }  # fmt: skip
    assert check_receipt(SIGNER, sign_receipt(SIGNER, a_receipt())).appeal == a_receipt().appeal


def test_anybody_can_check_it_with_the_public_key_alone() -> None:
    public = PublicVerifier(SIGNER.public_jwk())
    claims = public.verify(sign_receipt(SIGNER, a_receipt()), kind=RECEIPT_KIND)
    assert Receipt.from_claims(claims) == a_receipt()


def test_white_space_around_it_is_ignored() -> None:
    assert check_receipt(SIGNER, f"\n {sign_receipt(SIGNER, a_receipt())}\r\n") == a_receipt()


def with_another_outcome(token: str) -> str:
    header, payload, signature = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    claims["out"] = Outcome.MATCH.value
    changed = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"{header}.{changed}.{signature}"


@pytest.mark.parametrize(
    "presented",
    [
        pytest.param("", id="nothing"),
        pytest.param("not a receipt", id="something-else"),
        pytest.param(with_another_outcome(sign_receipt(SIGNER, a_receipt())), id="another-outcome"),
        pytest.param(sign_receipt(SIGNER, a_receipt())[:-4], id="cut-short"),
        pytest.param(
            sign_receipt(Ed25519Signer(private_key=bytes(32)), a_receipt()), id="another-installation"
        ),
        pytest.param(SIGNER.sign(a_receipt().to_claims(), kind="countenance-permit+jws"), id="another-kind"),
        pytest.param(SIGNER.sign({"id": "dec_1"}, kind=RECEIPT_KIND), id="members-missing"),
        pytest.param(
            SIGNER.sign(a_receipt().to_claims() | {"out": "perhaps"}, kind=RECEIPT_KIND), id="no-such-outcome"
        ),
        pytest.param(
            SIGNER.sign(a_receipt().to_claims() | {"err": [1e-4]}, kind=RECEIPT_KIND), id="half-an-error"
        ),
        pytest.param(SIGNER.sign(a_receipt().to_claims() | {"iat": "noon"}, kind=RECEIPT_KIND), id="no-time"),
    ],
)
def test_what_was_not_signed_here_as_a_receipt_is_refused(presented: str) -> None:
    with pytest.raises(ReceiptRefused):
        check_receipt(SIGNER, presented)


def test_a_second_is_exact_enough() -> None:
    receipt = a_receipt()
    late = receipt.decided_at + timedelta(microseconds=999_999)
    assert int(late.timestamp()) == receipt.to_claims()["iat"]
