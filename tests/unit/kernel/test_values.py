"""Ids, clocks, canonical bytes, geometry, frames and errors."""

from __future__ import annotations

import hashlib
import math
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from countenance.kernel import (
    Box,
    CallerError,
    CountenanceError,
    EvidenceError,
    Family,
    FixedClock,
    Frame,
    Material,
    OperatorError,
    Point,
    SubjectError,
    SystemClock,
    canonical_json,
    canonical_sha256,
    new_id,
    require_utc,
    sha256_hex,
)

sides = st.floats(min_value=0.5, max_value=1e4)
corners = st.floats(min_value=-1e4, max_value=1e4)


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    left, top = draw(corners), draw(corners)
    return Box(left, top, left + draw(sides), top + draw(sides))


def test_ids_are_prefixed_and_do_not_repeat() -> None:
    ids = {new_id("prm") for _ in range(1000)}
    assert len(ids) == 1000
    assert all(i.startswith("prm_") and len(i) == 30 and i == i.lower() for i in ids)


@pytest.mark.parametrize("prefix", ["", "a", "PRM", "prm_", "much_too_long", "toolongprefix"])
def test_an_odd_prefix_is_refused(prefix: str) -> None:
    with pytest.raises(ValueError, match="prefix"):
        new_id(prefix)


def test_the_system_clock_is_aware_and_in_utc() -> None:
    assert SystemClock().now().utcoffset() == timedelta(0)


def test_a_fixed_clock_stands_until_it_is_moved() -> None:
    clock = FixedClock(datetime(2026, 1, 1, tzinfo=UTC))
    assert clock.now() == clock.now()
    clock.move_to(datetime(2027, 12, 2, 9, tzinfo=timezone(timedelta(hours=8))))
    assert clock.now() == datetime(2027, 12, 2, 1, tzinfo=UTC)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        require_utc(datetime(2026, 1, 1))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ({"b": 1, "a": [True, None]}, b'{"a":[true,null],"b":1}'),
        ({"rate": 1e-4, "large": 1e21}, b'{"large":1e+21,"rate":0.0001}'),
        ("é\n", '"é\\n"'.encode()),
        ({"\U0001f600": 1, "\ufb33": 2}, '{"\U0001f600":1,"\ufb33":2}'.encode()),
    ],
)
def test_canonical_json_is_that_of_rfc_8785(value: object, written: bytes) -> None:
    assert canonical_json(value) == written


@pytest.mark.parametrize("value", [math.nan, math.inf, 2**53, {"a": {1, 2}}, {1: "a"}])
def test_what_json_cannot_say_exactly_is_refused(value: object) -> None:
    with pytest.raises((ValueError, TypeError)):
        canonical_json(value)


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_canonical_json_is_always_that_of_the_reference_library(value: object) -> None:
    """The quick way and the library write the same bytes."""
    assert canonical_json(value) == rfc8785.dumps(value)  # type: ignore[arg-type]


@pytest.mark.parametrize("code", [*range(0x20), 0x22, 0x5C, 0x7F, 0x80, 0x2028, 0x2029, 0xFEFF, 0x1F600])
def test_every_character_is_written_as_the_reference_library_does(code: int) -> None:
    for value in (chr(code), {f"a{chr(code)}": [chr(code)]}, (chr(code), "b")):
        assert canonical_json(value) == rfc8785.dumps(value)


@pytest.mark.parametrize("value", ["\ud800", {"a": ["\udfff"]}, {"\ud800": 1.5}])
def test_an_unpaired_surrogate_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r".") as refused:
        canonical_json(value)
    assert not isinstance(refused.value, UnicodeError)


@given(st.dictionaries(st.text(max_size=5), st.integers(-(2**53) + 1, 2**53 - 1), max_size=6))
def test_the_order_of_members_does_not_change_a_digest(members: dict[str, int]) -> None:
    assert canonical_sha256(members) == canonical_sha256(dict(reversed(members.items())))


def test_sha256_is_sha256() -> None:
    assert sha256_hex(b"abc") == hashlib.sha256(b"abc").hexdigest()


@given(boxes())
def test_a_box_overlaps_itself_wholly(box: Box) -> None:
    assert box.intersection_over_union(box) == pytest.approx(1.0)


@given(boxes(), boxes())
def test_overlap_is_symmetric_and_between_nothing_and_all(one: Box, two: Box) -> None:
    overlap = one.intersection_over_union(two)
    assert overlap == pytest.approx(two.intersection_over_union(one))
    assert 0.0 <= overlap <= 1.0 + 1e-9


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        (Box(10, 0, 20, 10), 0.0),
        (Box(5, 0, 15, 10), 50 / 150),
        (Box(0, 0, 5, 5), 25 / 100),
        (Box(-10, -10, 20, 20), 100 / 900),
    ],
)
def test_overlap_of_boxes_drawn_by_hand(box: Box, expected: float) -> None:
    assert Box(0, 0, 10, 10).intersection_over_union(box) == pytest.approx(expected)


def test_sides_and_middle_of_a_box() -> None:
    box = Box(1, 2, 5, 10)
    assert (box.width, box.height, box.area, box.centre) == (4, 8, 32, Point(3, 6))


@pytest.mark.parametrize("sides", [(0, 0, 0, 1), (0, 0, 1, 0), (5, 0, 1, 1), (0, 5, 1, 1)])
def test_a_box_without_an_inside_cannot_be_made(sides: tuple[int, int, int, int]) -> None:
    with pytest.raises(ValueError, match="box"):
        Box(*sides)


def test_a_frame_shows_no_pixel_when_it_is_printed_and_forgets_when_told() -> None:
    pixels = np.full((4, 6, 3), 201, dtype=np.uint8)
    frame = Frame(pixels, Material("0" * 64))
    assert (frame.width, frame.height) == (6, 4)
    assert "201" not in repr(frame)
    frame.wipe()
    assert not pixels.any()


def test_a_frame_over_memory_of_another_owner_is_left_alone() -> None:
    pixels = np.ones((2, 2, 3), dtype=np.uint8)
    pixels.flags.writeable = False
    Frame(pixels, Material("0" * 64)).wipe()
    assert pixels.all()


@pytest.mark.parametrize(
    ("kind", "family"),
    [
        (OperatorError, Family.OPERATOR),
        (CallerError, Family.CALLER),
        (SubjectError, Family.SUBJECT),
        (EvidenceError, Family.EVIDENCE),
    ],
)
def test_an_error_says_what_happened_and_what_to_do(kind: type[CountenanceError], family: Family) -> None:
    error = kind("The lamp is out.", remedy="Change the lamp.")
    assert error.family is family
    assert error.diagnostics() == "The lamp is out.\nChange the lamp."
    assert str(error) == "The lamp is out."


def test_an_error_without_a_remedy_of_its_own_has_its_kind_s() -> None:
    assert OperatorError("Something.").remedy == OperatorError.default_remedy


def test_the_kernel_loads_no_numpy() -> None:
    seen = subprocess.run(
        [sys.executable, "-c", "import sys, countenance.kernel; print('numpy' in sys.modules)"],
        check=True,
        capture_output=True,
        text=True,
    )
    assert seen.stdout.strip() == "False"
