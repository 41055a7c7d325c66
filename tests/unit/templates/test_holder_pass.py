from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
import segno
from hypothesis import given, settings
from hypothesis import strategies as st

from countenance.kernel import PurposeId, SubjectId
from countenance.templates.holder_pass import (
    SERIAL_BYTES,
    TEXT_PREFIX,
    HolderPass,
    PassContent,
    PassHeader,
    PassUnreadable,
    fingerprint_of,
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


def test_what_a_pass_is_bound_to_is_its_whole_header() -> None:
    said = {name: getattr(HEADER, name) for name in PassHeader.__slots__}
    others = [
        PassHeader(**(said | changed)).said()
        for changed in (
            {"serial": bytes(16)},
            {"key_version": 4},
            {"valid_from": FROM + timedelta(seconds=1)},
            {"valid_until": FROM + timedelta(days=91)},
            {"fingerprint": bytes(8)},
        )
    ]
    assert len({str(one) for one in [HEADER.said(), *others]}) == 6


def test_deployments_and_purposes_have_fingerprints_of_their_own() -> None:
    prints = {fingerprint_of(one, PurposeId(two)) for one in ("a", "b", "ab") for two in ("a", "b", "")}
    assert len(prints) == 9
    assert {len(one) for one in prints} == {8}


def content(vector: Any) -> PassContent:
    return PassContent(subject=SubjectId("sub_a2b3c4"), model_id="net-192", vector=vector)


@pytest.mark.parametrize("dimensions", [128, 192, 512])
def test_half_precision_moves_no_score_by_more_than_a_thousandth(dimensions: int) -> None:
    worst = 0.0
    for seed in range(200):
        reference, probe = unit(dimensions, seed), unit(dimensions, seed + 1000)
        near = reference + 0.4 * probe  # also where scores are high
        near = (near / np.linalg.norm(near)).astype(np.float32)
        kept = PassContent.unpack(content(reference).pack()).vector
        worst = max(worst, *(abs(float(kept @ other - reference @ other)) for other in (probe, near)))
    assert 0.0 < worst < 1e-3


@settings(max_examples=50)
@given(
    subject=st.text(min_size=1, max_size=60),
    model=st.text(min_size=1, max_size=60),
    dimensions=st.integers(1, 600),
    seed=st.integers(0, 99),
)
def test_every_content_is_read_as_it_was_packed(subject: str, model: str, dimensions: int, seed: int) -> None:
    made = PassContent(subject=SubjectId(subject), model_id=model, vector=unit(dimensions, seed))
    found = PassContent.unpack(made.pack())
    assert (found.subject, found.model_id) == (subject, model)
    np.testing.assert_allclose(found.vector, made.vector, atol=1e-3)


@given(packed=st.binary(max_size=300))
def test_no_bytes_break_the_reader_of_contents(packed: bytes) -> None:
    try:
        found = PassContent.unpack(packed)
    except PassUnreadable:
        return
    assert abs(float(np.linalg.norm(found.vector)) - 1.0) < 1e-3


HEAD = b"\x03sub\x03net"


@pytest.mark.parametrize(
    "packed",
    [
        b"",
        b"\x00",
        b"\x05sub",
        b"\x02\xff\xfe\x03net" + np.ones(4, "<f2").tobytes(),
        HEAD,
        HEAD + b"\x00",
        HEAD + bytes(384),
        HEAD + np.full(192, np.nan, "<f2").tobytes(),
        HEAD + np.full(192, np.inf, "<f2").tobytes(),
    ],
    ids=[
        "nothing", "no-holder", "cut", "no-text", "no-template", "half-a-value", "zeros", "not-a-number",
        "infinite",
    ],
)  # fmt: skip
def test_what_is_no_content_is_refused(packed: bytes) -> None:
    with pytest.raises(PassUnreadable):
        PassContent.unpack(packed)


@pytest.mark.parametrize(
    ("subject", "model"), [("", "net"), ("sub", ""), ("s" * 256, "net"), ("sub", "n" * 256)]
)
def test_a_content_names_holder_and_network(subject: str, model: str) -> None:
    made = PassContent(subject=SubjectId(subject), model_id=model, vector=unit(4, 1))
    with pytest.raises(ValueError, match="holder and its network"):
        made.pack()


def test_a_wiped_content_is_empty() -> None:
    made = content(unit(4, 1))
    made.wipe()
    assert not made.vector.any()
    assert "vector" not in repr(made)


@pytest.mark.parametrize(("dimensions", "error", "largest"), [(128, "M", 16), (192, "M", 19), (512, "L", 26)])
def test_a_pass_fits_a_code_that_a_telephone_reads(dimensions: int, error: str, largest: int) -> None:
    whole = PassContent(
        subject=SubjectId("sub_" + "a" * 26), model_id="mobilefacenet-192+int8", vector=unit(dimensions, 1)
    )
    sealed = bytes(29) + whole.pack()  # 29: what sealing adds
    code = segno.make(HolderPass(HEADER, sealed).to_text(), error=error, boost_error=False)
    assert code.mode == "alphanumeric"
    assert int(code.version) <= largest


def test_neither_serial_nor_content_show() -> None:
    assert "sealed" not in repr(PASS)
    assert "x01" not in repr(PASS)
