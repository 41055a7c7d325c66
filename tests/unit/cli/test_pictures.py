from __future__ import annotations

import string
from collections.abc import Iterator
from datetime import date
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from countenance.authority import hypothetical, shipped_rules
from countenance.cli.pictures import comparison_picture, receipt_codes, refusal_page, write_pictures
from countenance.cli.results import result_document
from countenance.decisions import Outcome
from countenance.policy import Verdict
from countenance.scenes import AttendedOrder, AttendedResult, GuestStatement, shipped_profiles
from countenance.scenes.attended import AgeBand
from desk_installation import CAMERA, DESK, open_installation

PROFILE = shipped_profiles()["hotel-checkin"]


@pytest.fixture(params=list(Outcome), ids=lambda outcome: outcome.value)
def result(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[AttendedResult]:
    guest = GuestStatement(consents=True, age_band=AgeBand.ADULT, language="en", stated_by="desk")
    order = AttendedOrder(document=b"a", live=b"b", place=DESK, device=CAMERA, guest=guest)
    with open_installation(tmp_path) as installation:
        yield installation.scene.decide(order, request.param)


def refused() -> Verdict:
    rules, vocabulary = shipped_rules()
    return hypothetical(
        rules,
        vocabulary,
        operation="verify",
        place_kind="private_space",
        jurisdictions=("CN",),
        at=date(2026, 11, 22),
        facts={},
    )


def test_both_faces_stand_in_the_picture(result: AttendedResult) -> None:
    result.previews[0].aligned[...] = (200, 10, 10)
    result.previews[1].aligned[...] = (10, 10, 200)
    with Image.open(BytesIO(comparison_picture(result, profile=PROFILE))) as picture:
        pixels = np.asarray(picture.convert("RGB"))
    assert tuple(pixels[260, 320]) == (200, 10, 10)
    assert tuple(pixels[260, 680]) == (10, 10, 200)


def test_the_outcomes_have_colours_of_their_own(result: AttendedResult) -> None:
    with Image.open(BytesIO(comparison_picture(result, profile=PROFILE))) as picture:
        red, green, _ = np.asarray(picture.convert("RGB"))[5, 5].astype(int)
    if result.decision.outcome is Outcome.MATCH:
        assert green > red
    else:
        assert red > green


def test_wiped_previews_leave_no_face(result: AttendedResult) -> None:
    for preview in result.previews:
        preview.wipe()
        assert not preview.aligned.any()


def test_a_result_as_json_has_no_pixels_and_no_score(result: AttendedResult) -> None:
    document = result_document(result)
    assert set(document) == {"outcome", "decision", "verdict", "receipt", "log", "subject"}
    assert document["outcome"] == result.decision.outcome.value


@pytest.mark.parametrize("length", [200, 1150, 1400])
def test_the_code_holds_the_receipt(length: int) -> None:
    letters = np.random.default_rng(length).choice(list(string.ascii_letters + string.digits + "-_."), length)
    receipt = "".join(letters)
    png, svg = receipt_codes(receipt)
    with Image.open(BytesIO(png)) as picture:
        pixels = np.asarray(picture.convert("L"))
    read, _, _ = cv2.QRCodeDetectorAruco().detectAndDecode(pixels)
    assert read == receipt
    assert b"<svg" in svg


def test_the_refusals_page_cites_every_refusing_rule() -> None:
    verdict = refused()
    page = refusal_page(verdict, asked="A tablet asks.")
    assert [f.rule_id for f in verdict.refusing if f.rule_id not in page] == []
    assert "A tablet asks." in page


def test_the_refusals_page_loads_nothing_and_runs_nothing() -> None:
    page = refusal_page(refused(), asked="<script>alert(1)</script>")
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "default-src 'none'" in page
    assert "http://" not in page
    assert "https://" not in page


def test_pictures_are_written_for_their_owner(tmp_path: Path) -> None:
    (written,) = write_pictures(tmp_path / "pictures", {"a.png": b"1"})
    assert written.read_bytes() == b"1"
    assert (tmp_path / "pictures").stat().st_mode & 0o777 == 0o700
    write_pictures(tmp_path / "pictures", {"a.png": b"22"})
    assert written.read_bytes() == b"22"
