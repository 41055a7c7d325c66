"""Values for the result pages."""

from __future__ import annotations

import base64
import io
import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from countenance.decisions import InputReport, Role
from countenance.kernel import DeviceId, PlaceId
from countenance.scenes import AgeBand, AttendedOrder, AttendedResult, GuestStatement
from countenance.web.presentation import one_in, photographs, receipt_code, rule_cards
from desk_installation import Installation, verdict
from qr_codes import read_code


@pytest.fixture
def result(installation: Installation) -> AttendedResult:
    guest = GuestStatement(consents=True, age_band=AgeBand.ADULT, language="en", stated_by="a key")
    order = AttendedOrder(b"a", b"b", PlaceId("plc_x"), DeviceId("dev_x"), guest)
    return installation.scene.decide(order)


def test_a_face_is_a_picture_of_what_was_aligned(result: AttendedResult) -> None:
    aligned = result.previews[0].aligned.copy()
    aligned[:56] = (10, 200, 30)
    result.previews[0].aligned[...] = aligned
    face = photographs(result)[0].face
    assert face is not None
    head, data = face.split(",")
    assert head == "data:image/png;base64"
    with Image.open(io.BytesIO(base64.b64decode(data))) as picture:
        assert np.array_equal(np.asarray(picture), aligned)


def test_previews_are_wiped_when_they_were_turned_into_pictures(result: AttendedResult) -> None:
    photographs(result)
    assert all(not preview.aligned.any() for preview in result.previews)


def test_photographs_stand_in_the_decision_s_order_with_their_advice(result: AttendedResult) -> None:
    document, live = photographs(result)
    assert (document.role, document.quality, document.grade, document.reasons) == ("document", 71, "good", ())
    assert (live.role, live.quality, live.grade) == ("live", 40, "fair")
    assert live.reasons


@pytest.mark.parametrize(
    ("quality", "grade"),
    [(None, "none"), (0, "poor"), (34, "poor"), (35, "fair"), (59, "fair"), (60, "good"), (100, "good")],
)
def test_grades(result: AttendedResult, quality: int | None, grade: str) -> None:
    changed = replace(result.decision, inputs=(InputReport(Role.LIVE, quality, ()),))
    [photograph] = photographs(replace(result, decision=changed, previews=()))
    assert (photograph.grade, photograph.face) == (grade, None)


@pytest.mark.parametrize(
    ("rate", "expected"),
    [(1e-4, 10_000), (1e-3, 1000), (3e-5, 33_000), (0.5, 2), (1e-6, 1_000_000), (0.00012, 8300)],
)
def test_one_in(rate: float, expected: int) -> None:
    assert one_in(rate) == expected


@given(st.floats(min_value=1e-9, max_value=1))
def test_one_in_is_within_a_twentieth(rate: float) -> None:
    assert one_in(rate) == pytest.approx(1 / rate, rel=0.05, abs=1)


def test_a_receipt_fits_its_code(result: AttendedResult) -> None:
    svg = receipt_code(result.receipt)
    assert svg is not None
    assert svg.startswith("<svg")
    assert not re.search(r"style=|script|href|\son\w+=", svg)


def test_what_is_too_long_has_no_code() -> None:
    assert receipt_code("x" * 2331) is not None
    assert receipt_code("x" * 2332) is None


def test_a_receipt_s_code_can_be_read_back(result: AttendedResult) -> None:
    """The SVG's modules are drawn and read by another implementation."""
    svg = receipt_code(result.receipt)
    assert svg is not None
    assert read_code(drawn(svg)) == result.receipt


def drawn(svg: str) -> NDArray[np.uint8]:
    """Draw the SVG: its dark modules are one path of horizontal strokes, one unit thick."""
    size = int(re.search(r'viewBox="0 0 (\d+) \d+"', svg)[1])  # type: ignore[index]
    path = re.search(r'stroke="#111"[^>]*d="([^"]+)"|d="([^"]+)"[^>]*stroke="#111"', svg)
    assert path is not None
    pixels = np.full((size, size), 255, np.uint8)
    x, y = 0.0, 0.0
    for command, numbers in re.findall(r"([Mmh])([^Mmh]*)", path[1] or path[2]):
        values = [float(number) for number in re.findall(r"-?[\d.]+", numbers)]
        if command == "M":
            x, y = values
        elif command == "m":
            x, y = x + values[0], y + values[1]
        else:
            pixels[int(y), int(x) : int(x + values[0])] = 0
            x += values[0]
    return np.kron(pixels, np.ones((4, 4), np.uint8))


def test_a_rule_card_names_the_records_that_it_rests_on() -> None:
    allowed = verdict(allowed=True)
    cards = rule_cards(allowed, allowed.findings)
    assert [card.rule_id for card in cards] == [finding.rule_id for finding in allowed.findings]
    records = dict(allowed.satisfied_by)
    resting = [card for card in cards if card.evidence]
    assert resting
    for card in resting:
        assert all(records[key] == ids and ids for key, ids in card.evidence)


def test_a_refusal_s_cards_rest_on_nothing() -> None:
    refused = verdict(place_kind="private_space", allowed=False)
    assert all(card.status in {"refused", "asks", "banned"} for card in rule_cards(refused, refused.refusing))
