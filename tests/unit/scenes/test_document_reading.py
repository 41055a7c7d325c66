from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from countenance.authority import RefusedByRule, UnknownDevice, UnknownPlace
from countenance.capture import NotAPicture
from countenance.kernel import DeviceId, Door, PlaceId
from countenance.runtime import load_settings
from countenance.runtime.documents import DocumentInstallation, prepare_demo_documents
from countenance.scenes import AgeBand, GuestStatement
from countenance.scenes.document_reading import AttendedDocument, DocumentOrder
from countenance.vision.documents import NoMachineReadableZone
from drawn_documents import TD1, draw_card, draw_document

pytestmark = pytest.mark.models

GUEST = GuestStatement(consents=True, age_band=AgeBand.ADULT, language="en", stated_by="clerk")


def encoded(lines: tuple[str, ...] = TD1) -> bytes:
    return _png(draw_document(lines))


def _png(pixels: object) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")  # type: ignore[arg-type]
    return stream.getvalue()


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DocumentInstallation]:
    folder: Path = tmp_path_factory.mktemp("documents") / "demo"
    with prepare_demo_documents(load_settings(file=None, overrides={}), folder=folder) as installation:
        yield installation


@pytest.fixture
def order(ready: DocumentInstallation) -> DocumentOrder:
    assert ready.place is not None
    assert ready.device is not None
    return DocumentOrder(encoded(), ready.place, ready.device, GUEST, portrait=False)


def test_only_the_capture_door_is_paid_for() -> None:
    assert AttendedDocument.BUDGET == {Door.CAPTURE: 1}


def test_the_picture_is_gone_when_the_reading_comes_back(
    ready: DocumentInstallation, order: DocumentOrder
) -> None:
    result = ready.documents.run(order)
    assert not result.reading.frame.pixels.any()
    assert result.age_agrees is True
    assert result.verdict.operations == ("capture",)
    assert result.demo is True


def test_what_is_logged_names_no_field(ready: DocumentInstallation, order: DocumentOrder) -> None:
    result = ready.documents.run(order)
    entry = json.dumps(dict(ready.store.log.entry(result.log.index).entry or {}))
    assert "TD1" in entry
    assert not any(secret in entry for secret in ("UTO", "ERIKSSON", "D23145890", "740812", "adult"))
    assert ready.store.log.verify().ok


def test_duties_of_the_act_are_discharged(ready: DocumentInstallation, order: DocumentOrder) -> None:
    ready.documents.run(order)
    open_duties = {duty.key for duty in ready.store.duties.open(place=order.place)}
    assert not open_duties & {"image_deleted", "raw_deleted", "processing_log"}


def test_who_did_not_agree_is_not_read(ready: DocumentInstallation, order: DocumentOrder) -> None:
    with pytest.raises(RefusedByRule):
        ready.documents.run(replace(order, guest=replace(GUEST, consents=False)))


def test_unknown_places_and_devices(ready: DocumentInstallation, order: DocumentOrder) -> None:
    with pytest.raises(UnknownPlace):
        ready.documents.run(replace(order, place=PlaceId("plc_nowhere")))
    with pytest.raises(UnknownDevice):
        ready.documents.run(replace(order, device=DeviceId("dev_nothing")))


def test_what_cant_be_read_is_an_error_and_the_next_is_read(
    ready: DocumentInstallation, order: DocumentOrder
) -> None:
    with pytest.raises(NoMachineReadableZone):
        ready.documents.run(replace(order, document=_png(draw_card("4711"))))
    assert ready.documents.run(order).reading.wrong == ()


@pytest.mark.parametrize("document", [b"", b"no picture"])
def test_a_file_that_is_no_picture_leaves_no_trace(
    ready: DocumentInstallation, order: DocumentOrder, document: bytes
) -> None:
    before = ready.store.log.size(), ready.store.evidence.epoch()
    with pytest.raises(NotAPicture):
        ready.documents.run(replace(order, document=document))
    assert (ready.store.log.size(), ready.store.evidence.epoch()) == before


def test_an_order_doesnt_show_the_picture(order: DocumentOrder) -> None:
    assert "PNG" not in repr(order)
    assert json.dumps(repr(order))
