"""A template's bytes: the same everywhere, refused where anything is off."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from countenance.templates import ReferenceTemplate, TemplateUnreadable, decode_template, encode_template

VECTORS = Path(__file__).parents[2] / "vectors" / "templates"


def unit(dimensions: int, seed: int = 7) -> NDArray[np.float32]:
    drawn = np.random.default_rng(seed).standard_normal(dimensions)
    vector: NDArray[np.float32] = (drawn / np.linalg.norm(drawn)).astype(np.float32)
    return vector


def template(**changes: object) -> ReferenceTemplate:
    given: dict[str, object] = {"vector": unit(8), "model_id": "net-a", "samples": 3, "quality": 61}
    return ReferenceTemplate(**{**given, **changes})  # type: ignore[arg-type]


GOLDEN = {
    "three-samples": ReferenceTemplate(
        np.array([0.5, -0.5, 0.5, -0.5], dtype=np.float32), "mobilefacenet-192", 3, 61
    ),
    "quality-not-stated": ReferenceTemplate(np.array([0.0, 1.0], dtype=np.float32), "x", 65535),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_golden_vectors(name: str) -> None:
    lines = (VECTORS / "codec_v1.txt").read_text(encoding="utf-8").splitlines()
    written = dict(line.split(" = ") for line in lines if " = " in line)
    expected = bytes.fromhex(written[name])
    assert encode_template(GOLDEN[name]) == expected
    read = decode_template(expected)
    assert (read.model_id, read.samples, read.quality) == (
        GOLDEN[name].model_id,
        GOLDEN[name].samples,
        GOLDEN[name].quality,
    )
    assert read.vector.tobytes() == GOLDEN[name].vector.tobytes()


@given(
    st.integers(1, 600),
    st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=255),
    st.integers(1, 65535),
    st.none() | st.integers(0, 100),
)
def test_what_is_written_is_read(dimensions: int, model: str, samples: int, quality: int | None) -> None:
    one = ReferenceTemplate(unit(dimensions), model, samples, quality)
    read = decode_template(encode_template(one))
    assert read.vector.tobytes() == one.vector.tobytes()
    assert (read.model_id, read.samples, read.quality) == (model, samples, quality)
    assert read.vector.flags.writeable


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_by_name(content: bytes) -> None:
    try:
        read = decode_template(content)
    except TemplateUnreadable:
        return
    assert encode_template(read) == content


@given(st.integers(0, 50))
def test_every_cut_is_refused(cut: int) -> None:
    whole = encode_template(template())
    with pytest.raises(TemplateUnreadable):
        decode_template(whole[: cut % len(whole)])


def test_more_bytes_are_refused() -> None:
    with pytest.raises(TemplateUnreadable):
        decode_template(encode_template(template()) + b"\x00")


@pytest.mark.parametrize("version", [0, 2, 255])
def test_another_version_is_refused(version: int) -> None:
    with pytest.raises(TemplateUnreadable, match="form"):
        decode_template(bytes([version]) + encode_template(template())[1:])


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 9.0])
def test_a_vector_that_is_none_is_refused(value: float) -> None:
    whole = encode_template(template())
    with pytest.raises(TemplateUnreadable):
        decode_template(whole[:-4] + struct.pack("<f", value))


@pytest.mark.parametrize(
    ("at", "value"), [(3, b"\x00\x00"), (5, b"\x65"), (5, b"\xfe")], ids=["no-sample", "101", "254"]
)
def test_a_header_that_is_none_is_refused(at: int, value: bytes) -> None:
    whole = bytearray(encode_template(template()))
    whole[at : at + len(value)] = value
    with pytest.raises(TemplateUnreadable):
        decode_template(bytes(whole))


def test_a_model_that_is_not_ascii_is_refused() -> None:
    whole = bytearray(encode_template(template()))
    whole[7] = 0xE9
    with pytest.raises(TemplateUnreadable):
        decode_template(bytes(whole))


@pytest.mark.parametrize(
    "changes",
    [
        {"model_id": ""},
        {"model_id": "é"},
        {"model_id": "x" * 256},
        {"samples": 0},
        {"samples": 65536},
        {"quality": -1},
        {"quality": 101},
        {"vector": unit(8).astype(np.float64)},
        {"vector": unit(8) * np.float32(2)},
        {"vector": unit(8).reshape(2, 4)},
        {"vector": np.empty(0, dtype=np.float32)},
        {"vector": np.full(8, np.nan, dtype=np.float32)},
    ],
    ids=str,
)
def test_what_is_out_of_range_is_no_template(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="template"):
        template(**changes)


def test_repr_holds_no_vector_and_wiping_overwrites_it() -> None:
    one = template()
    assert "vector" not in repr(one)
    one.wipe()
    assert not one.vector.any()
