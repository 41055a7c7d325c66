from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

import weights
from analysis_desk import DEPICTED, AnalysisDesk, analysis_desk
from countenance.authority import RefusedByRule, UnknownDevice, UnknownPlace
from countenance.capture import NotAPicture
from countenance.kernel import DeviceId, Door, Frame, PlaceId
from countenance.scenes import AnalysisOrder, ImageAnalysis
from countenance.vision import FaceAnalyser, FaceObservation, NoFaceFound
from countenance.vision.attributes import Attribute
from pictures import png, quadrants

pytestmark = pytest.mark.models


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AnalysisDesk]:
    with analysis_desk(tmp_path_factory.mktemp("analysis") / "demo") as opened:
        yield opened


@pytest.fixture
def order(desk: AnalysisDesk) -> AnalysisOrder:
    return AnalysisOrder(
        weights.sample_bytes("obama"), *desk.where, DEPICTED, frozenset({Attribute.POSE, Attribute.AGE})
    )


def test_no_door_that_makes_or_compares_a_template_is_paid_for() -> None:
    assert ImageAnalysis.BUDGET == {Door.CAPTURE: 1, Door.ANALYSE: 1}


def test_what_was_asked_comes_back_and_nothing_else(desk: AnalysisDesk, order: AnalysisOrder) -> None:
    result = desk.ready.analysis.run(order)
    found = result.analysis
    assert found.pose is not None
    assert found.age is not None
    assert (found.gender, found.points, found.gaze, found.quality) == (None, None, None, None)
    assert result.picture is None
    assert result.demo is True
    assert desk.passages(result.permit_id) == {"capture": 1, "analyse": 1}


def test_the_consent_names_what_is_looked_at_and_for_what(desk: AnalysisDesk, order: AnalysisOrder) -> None:
    before = desk.subjects()
    desk.ready.analysis.run(order)
    (subject,) = desk.subjects() - before
    (consent,) = [record for record in desk.consents() if record.scope.subject == subject]
    assert consent.content["processing_method"] == "one analysis of one picture, for: age, pose"


def test_two_analyses_share_no_pseudonym(desk: AnalysisDesk, order: AnalysisOrder) -> None:
    before = desk.subjects()
    for _ in range(2):
        desk.ready.analysis.run(order)
    assert len(desk.subjects() - before) == 2


def test_a_drawn_picture_is_a_copy_of_its_own(desk: AnalysisDesk, order: AnalysisOrder) -> None:
    result = desk.ready.analysis.run(replace(order, drawn=True))
    assert result.picture is not None
    assert result.picture.shape == (result.size[1], result.size[0], 3)
    assert result.picture.any()
    assert not np.array_equal(result.picture, weights.sample_frame("obama").pixels)


def test_the_decoded_picture_is_overwritten(
    desk: AnalysisDesk, order: AnalysisOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Frame] = []
    observe = FaceAnalyser.observe

    def noted(analyser: FaceAnalyser, frame: Frame) -> tuple[FaceObservation, ...]:
        assert frame.pixels.any()
        seen.append(frame)
        return observe(analyser, frame)

    monkeypatch.setattr(FaceAnalyser, "observe", noted)
    desk.ready.analysis.run(order)
    assert [frame.pixels.any() for frame in seen] == [False]


def test_the_log_holds_no_answer(desk: AnalysisDesk, order: AnalysisOrder) -> None:
    result = desk.ready.analysis.run(order)
    entry = desk.last_analysis()
    assert set(entry) == {"outcome", "attributes", "permit", "request", "rule_set"}
    assert (entry["outcome"], list(entry["attributes"])) == ("analysed", ["age", "pose"])
    assert entry["permit"] == result.permit_id
    assert result.analysis.age is not None
    assert str(round(result.analysis.age.years)) not in json.dumps([entry["outcome"], *entry["attributes"]])
    assert desk.ready.store.log.verify().ok


def test_duties_of_the_act_are_discharged(desk: AnalysisDesk, order: AnalysisOrder) -> None:
    desk.ready.analysis.run(order)
    assert not desk.open_duties() & {"image_deleted", "raw_deleted", "processing_log"}


def test_who_did_not_agree_is_not_looked_at(desk: AnalysisDesk, order: AnalysisOrder) -> None:
    with pytest.raises(RefusedByRule):
        desk.ready.analysis.run(replace(order, depicted=replace(DEPICTED, consents=False)))


def test_unknown_places_and_devices_are_refused_before_anything_is_taken_down(
    desk: AnalysisDesk, order: AnalysisOrder
) -> None:
    before = desk.subjects()
    with pytest.raises(UnknownPlace):
        desk.ready.analysis.run(replace(order, place=PlaceId("plc_nowhere")))
    with pytest.raises(UnknownDevice):
        desk.ready.analysis.run(replace(order, device=DeviceId("dev_nothing")))
    assert desk.subjects() == before


def test_a_file_that_is_no_picture_leaves_no_trace(desk: AnalysisDesk, order: AnalysisOrder) -> None:
    before = desk.subjects(), desk.ready.store.log.size()
    with pytest.raises(NotAPicture):
        desk.ready.analysis.run(replace(order, picture=b"no picture"))
    assert (desk.subjects(), desk.ready.store.log.size()) == before


def test_what_fails_is_logged_by_its_code(desk: AnalysisDesk, order: AnalysisOrder) -> None:
    with pytest.raises(NoFaceFound):
        desk.ready.analysis.run(replace(order, picture=png(quadrants(320, 240))))
    entry = desk.last_analysis()
    assert (entry["outcome"], entry["error"]) == ("failed", NoFaceFound.code)
    assert "processing_log" not in desk.open_duties()


def test_an_interrupt_leaves_its_entry_too(
    desk: AnalysisDesk, order: AnalysisOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(FaceAnalyser, "observe", interrupt)
    with pytest.raises(KeyboardInterrupt):
        desk.ready.analysis.run(order)
    assert desk.last_analysis()["outcome"] == "interrupted"
    assert "processing_log" not in desk.open_duties()


def test_an_order_doesnt_show_the_picture(order: AnalysisOrder) -> None:
    assert "JFIF" not in repr(order)
    assert "Exif" not in repr(order)
