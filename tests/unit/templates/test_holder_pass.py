from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
import segno
from hypothesis import given, settings
from hypothesis import strategies as st

from countenance.kernel import PurposeId
from countenance.templates.holder_pass import (
    SERIAL_BYTES,
    TEXT_PREFIX,
    HolderPass,
    PassHeader,
    PassUnreadable,
    fingerprint_of,
    pack_template,
    unpack_template,
)

FROM = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
PURPOSE = PurposeId("pur_staffdoor")
HEADER = PassHeader(
    serial=bytes(range(SERIAL_BYTES)),
    key_version=3,
    valid_from=FROM,
    valid_until=FROM + timedelta(days=90),
    fingerprint=fingerprint_of("dpl_one", PURPOSE),
)
PASS = HolderPass(header=HEADER, sealed=b"sealed content of a pass")
# A pass that is out in the world has to be read by every later version.
GOLDEN = "CP1:AEAACAQDAQCQMBYIBEFAWDANBYHQAAYM7BE4ADLO6DAEEU3T66ODR5VPONSWC3DFMQQGG33OORSW45BAN5TCAYJAOBQXG4Y"


def unit(dimensions: int, seed: int) -> Any:
    vector = np.random.default_rng(seed).normal(size=dimensions)
    return (vector / np.linalg.norm(vector)).astype(np.float32)


def test_a_pass_is_read_as_it_was_written() -> None:
    assert HolderPass.from_text(PASS.to_text()) == PASS


def test_a_pass_of_the_first_version_is_read_for_good() -> None:
    assert PASS.to_text() == GOLDEN
    assert HolderPass.from_text(GOLDEN) == PASS


def test_the_header_is_laid_out_as_the_form_says() -> None:
    packed = HEADER.pack()
    assert packed[:1] == b"\x01"
    assert packed[1:17] == bytes(range(16))
    assert int.from_bytes(packed[17:19]) == 3
    assert int.from_bytes(packed[19:23]) == (FROM - datetime(2020, 1, 1, tzinfo=UTC)).total_seconds()
    assert int.from_bytes(packed[23:27]) - int.from_bytes(packed[19:23]) == 90 * 86400
    assert packed[27:] == fingerprint_of("dpl_one", PURPOSE)


@settings(max_examples=60)
@given(
    serial=st.binary(min_size=SERIAL_BYTES, max_size=SERIAL_BYTES),
    key_version=st.integers(1, 65535),
    start=st.integers(0, 2**31),
    length=st.integers(1, 2**30),
    sealed=st.binary(min_size=1, max_size=1200),
)
def test_every_pass_is_read_as_it_was_written(
    serial: bytes, key_version: int, start: int, length: int, sealed: bytes
) -> None:
    begins = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(seconds=start)
    header = PassHeader(
        serial=serial,
        key_version=key_version,
        valid_from=begins,
        valid_until=begins + timedelta(seconds=length),
        fingerprint=HEADER.fingerprint,
    )
    made = HolderPass(header=header, sealed=sealed)
    assert HolderPass.from_text(made.to_text()) == made


@given(text=st.text(max_size=400))
def test_no_text_breaks_the_reader(text: str) -> None:
    for one in (text, TEXT_PREFIX + text, TEXT_PREFIX + base64.b32encode(text.encode()).decode().rstrip("=")):
        try:
            found = HolderPass.from_text(one)
        except PassUnreadable:
            continue
        assert found.to_text() == one.strip()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "CP1:",
        "CP2:" + PASS.to_text()[4:],
        "https://example.org",
        PASS.to_text()[:30],
        PASS.to_text().lower(),
        PASS.to_text() + "=",
        PASS.to_text() + "1",
        "CP1:" + "A" * 100_000,
        "CP1:" + base64.b32encode(b"\x02" + HEADER.pack()[1:] + b"content").decode().rstrip("="),
        "CP1:" + base64.b32encode(HEADER.pack()).decode().rstrip("="),
    ],
    ids=[
        "empty", "prefix-alone", "another-form", "an-address", "cut", "small-letters", "padded", "no-base32",
        "endless", "another-version", "no-content",
    ],
)  # fmt: skip
def test_what_is_no_pass_is_refused(text: str) -> None:
    with pytest.raises(PassUnreadable):
        HolderPass.from_text(text)


def test_bits_beyond_the_last_byte_make_no_second_text_of_a_pass() -> None:
    text = PASS.to_text()
    last = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".index(text[-1])
    beside = text[:-1] + "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[last ^ 1]
    with pytest.raises(PassUnreadable):
        HolderPass.from_text(beside)


@pytest.mark.parametrize(
    "changed",
    [
        {"serial": b"short"},
        {"key_version": 0},
        {"key_version": 65536},
        {"fingerprint": b"1234567"},
        {"valid_until": FROM},
        {"valid_from": FROM.replace(microsecond=1)},
        {"valid_from": datetime(2019, 1, 1, tzinfo=UTC)},
        {"valid_until": datetime(2200, 1, 1, tzinfo=UTC)},
        {"valid_from": datetime(2026, 1, 1)},  # noqa: DTZ001 - a time without a zone is what is refused
    ],
    ids=lambda changed: "-".join(f"{name}-{str(value)[:10]}" for name, value in changed.items()),
)
def test_a_header_out_of_range_is_refused(changed: dict[str, Any]) -> None:
    said = {name: getattr(HEADER, name) for name in PassHeader.__slots__}
    with pytest.raises(ValueError, match=r"pass|zone"):
        PassHeader(**(said | changed))


def test_what_a_pass_is_bound_to_names_everything_that_it_was_made_for() -> None:
    made = HEADER.bound_to(deployment="dpl_one", purpose=PURPOSE, model_id="net-192")
    others = {
        HEADER.bound_to(deployment="dpl_two", purpose=PURPOSE, model_id="net-192"),
        HEADER.bound_to(deployment="dpl_one", purpose=PurposeId("pur_gym"), model_id="net-192"),
        HEADER.bound_to(deployment="dpl_one", purpose=PURPOSE, model_id="net-512"),
        PassHeader(
            serial=HEADER.serial,
            key_version=4,
            valid_from=HEADER.valid_from,
            valid_until=HEADER.valid_until,
            fingerprint=HEADER.fingerprint,
        ).bound_to(deployment="dpl_one", purpose=PURPOSE, model_id="net-192"),
    }
    assert len({made, *others}) == 5


def test_deployments_and_purposes_have_fingerprints_of_their_own() -> None:
    prints = {fingerprint_of(one, PurposeId(two)) for one in ("a", "b", "ab") for two in ("a", "b", "")}
    assert len(prints) == 9
    assert {len(one) for one in prints} == {8}


@pytest.mark.parametrize("dimensions", [128, 192, 512])
def test_half_precision_moves_no_score_by_more_than_a_thousandth(dimensions: int) -> None:
    worst = 0.0
    for seed in range(200):
        reference, probe = unit(dimensions, seed), unit(dimensions, seed + 1000)
        near = reference + 0.4 * probe  # also where scores are high
        near = (near / np.linalg.norm(near)).astype(np.float32)
        kept = unpack_template(pack_template(reference))
        worst = max(worst, *(abs(float(kept @ other - reference @ other)) for other in (probe, near)))
    assert 0.0 < worst < 1e-3


@pytest.mark.parametrize(
    "packed",
    [b"", b"\x00", bytes(384), np.full(192, np.nan, "<f2").tobytes(), np.full(192, np.inf, "<f2").tobytes()],
    ids=["nothing", "half-a-value", "zeros", "not-a-number", "infinite"],
)
def test_what_is_no_template_is_refused(packed: bytes) -> None:
    with pytest.raises(PassUnreadable):
        unpack_template(packed)


@pytest.mark.parametrize(("dimensions", "error", "largest"), [(128, "M", 15), (192, "M", 18), (512, "L", 25)])
def test_a_pass_fits_a_code_that_a_telephone_reads(dimensions: int, error: str, largest: int) -> None:
    sealed = bytes(29) + pack_template(unit(dimensions, 1))  # 29: what sealing adds
    code = segno.make(HolderPass(HEADER, sealed).to_text(), error=error, boost_error=False)
    assert code.mode == "alphanumeric"
    assert int(code.version) <= largest


def test_neither_serial_nor_content_show() -> None:
    assert "sealed" not in repr(PASS)
    assert "x01" not in repr(PASS)
