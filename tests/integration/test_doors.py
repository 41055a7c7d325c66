"""A permit that isn't right opens no door: each defect at each door, nothing made up but the hotel.

The desk, the store on disk, the shipped rules, the doors of a check-in at the hotel's desk and those of an
analysis at its picture archive and, where a face is looked at, the real networks and photographs.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
import pytest
from PIL import Image

import weights
from countenance.authority import Granted, record_guest_consent, seed_demo_archive
from countenance.capture import (
    Camera,
    CaptureDoor,
    CaptureLimits,
    FrameSource,
    OpenCvVideo,
    PermittedStream,
    StreamDoor,
    StreamLimits,
)
from countenance.kernel import (
    DeviceId,
    Door,
    Frame,
    Material,
    PermitAltered,
    PermitExpired,
    PermitNotForThis,
    PermitRefused,
    PermitRevoked,
    PermitSpent,
    PermitToken,
    ProcessingRequest,
    PurposeId,
    sha256_hex,
)
from countenance.policy import FactSource
from countenance.store import EvidenceScope, Issuer, Purpose
from countenance.templates import ComparisonDoor, ComparisonScore, Template, TemplatesNotComparable
from countenance.vision import Embedding, ExtractionDoor
from countenance.vision.attributes import AgeNetwork, AnalysisDoor, Attribute, FaceAnalysis, GenderNetwork
from countenance.vision.landmarks import IrisLandmark
from countenance.vision.registry import ModelStore
from front_desk import GUEST, LIFETIME, FrontDesk, front_desk
from videos import video

OTHER_PURPOSE = PurposeId("pur_minibar")
CHECK_IN = ("capture", "verify")
ANALYSIS = ("attributes", "capture")
UPLOAD = DeviceId("dev_pictureupload")


class TriedDoor(Protocol):
    """One of the doors, what it is asked to let through, and in the course of which operations."""

    door: Door
    operations: tuple[str, ...]
    materials: tuple[Material, ...]

    def open(self, hotel: FrontDesk, token: PermitToken, request: ProcessingRequest) -> object: ...

    def check(self, outcome: object) -> None: ...


class TriedCapture:
    """A striped picture that was drawn here."""

    door = Door.CAPTURE
    operations = CHECK_IN

    def __init__(self) -> None:
        stripes = np.zeros((80, 96, 3), np.uint8)
        stripes[:, ::8] = 255
        drawn = io.BytesIO()
        Image.fromarray(stripes).save(drawn, "PNG")
        self._data = drawn.getvalue()
        self._pixels = stripes
        self.materials = (Material(sha256_hex(self._data)),)

    def open(self, hotel: FrontDesk, token: PermitToken, request: ProcessingRequest) -> object:
        door = CaptureDoor(verifier=hotel.desk.verifier, limits=CaptureLimits())
        return door.open(door.check(self._data), permit=token, request=request)

    def check(self, outcome: object) -> None:
        assert isinstance(outcome, Frame)
        assert np.array_equal(outcome.pixels, self._pixels)


class TriedExtraction:
    """The face of a sample photograph, and the network that turns it into a vector."""

    door = Door.EXTRACT
    operations = CHECK_IN

    def __init__(self) -> None:
        frame = weights.sample_frame("obama")
        self._observation = weights.observe_one(frame)
        self.materials = (frame.material,)

    def open(self, hotel: FrontDesk, token: PermitToken, request: ProcessingRequest) -> object:
        door = ExtractionDoor(embedder=weights.mobilefacenet(), verifier=hotel.desk.verifier)
        return door.extract(self._observation, material=self.materials[0], permit=token, request=request)

    def check(self, outcome: object) -> None:
        assert isinstance(outcome, Embedding)
        assert outcome.vector.shape == (192,)
        assert np.linalg.norm(outcome.vector) == pytest.approx(1.0, abs=1e-4)


class TriedComparison:
    """Two vectors at a right angle, as templates of whatever request is carried out."""

    door = Door.COMPARE
    operations = CHECK_IN
    materials = (Material(sha256_hex(b"reference")), Material(sha256_hex(b"probe")))

    def open(self, hotel: FrontDesk, token: PermitToken, request: ProcessingRequest) -> object:
        reference, probe = (
            Template(
                vector=np.eye(4, dtype=np.float32)[row],
                model_id="made-up-4",
                purpose=request.purpose,
                request_digest=request.digest(),
                material=material,
            )
            for row, material in enumerate(self.materials)
        )
        door = ComparisonDoor(verifier=hotel.desk.verifier)
        return door.compare(probe, reference, permit=token, request=request)

    def check(self, outcome: object) -> None:
        assert isinstance(outcome, ComparisonScore)
        assert outcome.value == pytest.approx(0.0)


class TriedAnalysisCapture(TriedCapture):
    """The same picture, to be analysed."""

    operations = ANALYSIS


class TriedStream:
    """A source of many frames, to be analysed: one opening is one passage."""

    door = Door.CAPTURE
    operations = ANALYSIS

    def __init__(self) -> None:
        self.materials = self.source().materials

    def source(self) -> FrameSource:
        raise NotImplementedError

    def open(self, hotel: FrontDesk, token: PermitToken, request: ProcessingRequest) -> object:
        door = StreamDoor(verifier=hotel.desk.verifier, clock=hotel.clock)
        return door.open(self.source(), permit=token, request=request)

    def check(self, outcome: object) -> None:
        assert isinstance(outcome, PermittedStream)
        with outcome:
            assert next(outcome.frames()).frame.pixels.any()


class TriedVideo(TriedStream):
    """A video that was drawn here."""

    data = video()

    def source(self) -> FrameSource:
        return OpenCvVideo(data=self.data, limits=StreamLimits())


class TriedCamera(TriedStream):
    """A camera declared for the archive's device. There is none on a test machine: it is opened in vain."""

    def source(self) -> FrameSource:
        limits = StreamLimits(cameras=((63, UPLOAD),))
        return Camera(number=63, seconds=1.0, limits=limits, opener=self._open)

    def check(self, outcome: object) -> None:
        assert isinstance(outcome, PermittedStream)
        with pytest.raises(ZeroDivisionError), outcome:
            pytest.fail("the opener wasn't called")

    def _open(self, _: int) -> cv2.VideoCapture:
        raise ZeroDivisionError


class TriedAnalysis:
    """The face of a sample photograph, and the networks that describe it."""

    door = Door.ANALYSE
    operations = ANALYSIS

    def __init__(self) -> None:
        self._frame = weights.sample_frame("obama")
        self._observation = weights.observe_one(self._frame)
        self.materials = (self._frame.material,)

    def open(self, hotel: FrontDesk, token: PermitToken, request: ProcessingRequest) -> object:
        manifest = ModelStore().manifest
        age, gender = AgeNetwork.model_id, GenderNetwork.model_id
        door = AnalysisDoor(
            eyes=IrisLandmark(content=weights.model_bytes(IrisLandmark.model_id)),
            age=AgeNetwork(content=weights.model_bytes(age), measured=manifest.entry(age).card.measured),
            gender=GenderNetwork(
                content=weights.model_bytes(gender), measured=manifest.entry(gender).card.measured
            ),
            verifier=hotel.desk.verifier,
        )
        everything = frozenset(Attribute)
        return door.analyse(self._frame, self._observation, asked=everything, permit=token, request=request)

    def check(self, outcome: object) -> None:
        assert isinstance(outcome, FaceAnalysis)
        assert outcome.points is not None
        assert outcome.points.points.shape == (106, 2)
        assert outcome.age is not None


DOORS = [
    pytest.param(TriedCapture, id="capture"),
    pytest.param(TriedExtraction, id="extract", marks=pytest.mark.models),
    pytest.param(TriedComparison, id="compare"),
    pytest.param(TriedAnalysisCapture, id="analysis-capture"),
    pytest.param(TriedVideo, id="analysis-video"),
    pytest.param(TriedCamera, id="analysis-camera"),
    pytest.param(TriedAnalysis, id="analyse", marks=pytest.mark.models),
]


@dataclass(frozen=True)
class Attempt:
    """A permit and the request that it is presented for."""

    token: PermitToken
    request: ProcessingRequest


@dataclass(frozen=True)
class Case:
    """A hotel or its archive with somebody who agreed, one door, and a permit that opens it."""

    hotel: FrontDesk
    tried: TriedDoor
    request: ProcessingRequest
    granted: Granted

    def open(self, token: PermitToken, request: ProcessingRequest) -> object:
        return self.tried.open(self.hotel, token, request)

    def passages(self, granted: Granted) -> int:
        return self.hotel.store.permits.uses(granted.claims.permit_id).get(self.tried.door.value, 0)


def archive_of(hotel: FrontDesk) -> FrontDesk:
    """Return the picture desk that stands beside the hotel's, with a purpose and a device of its own."""
    archive = seed_demo_archive(hotel.desk, jurisdiction="CN")
    assert archive.device == UPLOAD
    site = replace(hotel.site, place=archive.place, desk_device=archive.device, purpose=archive.purpose)
    return replace(hotel, site=site)


@pytest.fixture
def case(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Case]:
    tried: TriedDoor = request.param()
    with front_desk(tmp_path) as hotel:
        if tried.operations == ANALYSIS:
            hotel = archive_of(hotel)  # noqa: PLW2901 - the same house, another desk
        hotel.welcome()
        asked = hotel.request(operations=tried.operations, materials=tried.materials)
        yield Case(hotel, tried, asked, hotel.grant(asked, budget={tried.door: 1}))


def expired(case: Case) -> Attempt:
    case.hotel.wait(LIFETIME + timedelta(microseconds=1))
    return Attempt(case.granted.token, case.request)


def used_up(case: Case) -> Attempt:
    case.tried.check(case.open(case.granted.token, case.request))
    return Attempt(case.granted.token, case.request)


def for_another_purpose(case: Case) -> Attempt:
    """A permit that was really given, for a purpose with evidence of its own."""
    hotel = case.hotel
    hotel.desk.registrar.add_purpose(
        Purpose(
            OTHER_PURPOSE, "Minibar", "Open the minibar for the guest of the room.", "dpv:ServiceProvision"
        )
    )
    for record in hotel.store.evidence.at(hotel.clock.now()):
        of_checkin = record.scope == EvidenceScope(purpose=hotel.site.purpose)
        if of_checkin and record.issuer is Issuer.PERSON:
            source = record.content.get("source")
            hotel.desk.record_evidence(
                key=record.key,
                content=record.content if source is None else {"value": record.content["value"]},
                author=record.author,
                scope=EvidenceScope(purpose=OTHER_PURPOSE),
                source=FactSource.OPERATOR if source is None else FactSource(str(source)),
            )
    record_guest_consent(
        hotel.desk,
        subject=GUEST,
        place=hotel.site.place,
        purpose=OTHER_PURPOSE,
        consents=True,
        age_band="adult",
        language="en",
        stated_by="clerk at the desk",
    )
    asked = hotel.request(
        operations=case.tried.operations, purpose=OTHER_PURPOSE, materials=case.tried.materials
    )
    other = hotel.grant(asked, budget={case.tried.door: 1})
    return Attempt(other.token, case.request)


def for_another_request(case: Case) -> Attempt:
    tried = case.tried
    other = case.hotel.request(operations=tried.operations, materials=tried.materials)
    return Attempt(case.granted.token, other)


def altered(case: Case) -> Attempt:
    header, claims, signature = case.granted.token.split(".")
    middle = len(claims) // 2
    changed = claims[:middle] + ("A" if claims[middle] != "A" else "B") + claims[middle + 1 :]
    return Attempt(PermitToken(f"{header}.{changed}.{signature}"), case.request)


def evidence_withdrawn(case: Case) -> Attempt:
    case.hotel.withdraw("consent.separate")
    return Attempt(case.granted.token, case.request)


DEFECTS = {
    "expired": (expired, PermitExpired),
    "used up": (used_up, PermitSpent),
    "for another purpose": (for_another_purpose, PermitNotForThis),
    "for another request": (for_another_request, PermitNotForThis),
    "altered": (altered, PermitAltered),
    "evidence withdrawn": (evidence_withdrawn, PermitRevoked),
}


@pytest.mark.parametrize("case", DOORS, indirect=True)
def test_the_right_permit_opens_the_door_and_is_counted(case: Case) -> None:
    case.tried.check(case.open(case.granted.token, case.request))
    assert case.passages(case.granted) == 1


@pytest.mark.parametrize(("spoil", "error"), DEFECTS.values(), ids=DEFECTS.keys())
@pytest.mark.parametrize("case", DOORS, indirect=True)
def test_a_permit_that_is_not_right_opens_no_door(
    case: Case, spoil: Callable[[Case], Attempt], error: type[PermitRefused]
) -> None:
    attempt = spoil(case)
    before = case.passages(case.granted)
    with pytest.raises(error) as refused:
        case.open(attempt.token, attempt.request)
    assert type(refused.value) is error
    assert case.passages(case.granted) == before


@pytest.mark.parametrize("case", DOORS, indirect=True)
def test_after_a_refusal_the_right_permit_still_opens(case: Case) -> None:
    """A refused attempt costs nothing: the one passage is still there."""
    for spoil in (for_another_request, altered):
        attempt = spoil(case)
        with pytest.raises(PermitRefused):
            case.open(attempt.token, attempt.request)
    case.tried.check(case.open(case.granted.token, case.request))


@pytest.mark.parametrize("case", DOORS, indirect=True)
def test_an_input_that_the_request_does_not_name_opens_no_door(case: Case) -> None:
    elsewhere = replace(case.request, materials=(Material("f" * 64),))
    with pytest.raises((PermitNotForThis, TemplatesNotComparable)):
        case.open(case.granted.token, elsewhere)
    assert case.passages(case.granted) == 0


@pytest.mark.models
@pytest.mark.parametrize("case", [TriedAnalysis], indirect=True)
def test_a_permit_for_an_analysis_makes_no_template(case: Case) -> None:
    """Neither the operation nor the budget of an analysis opens the door that makes one."""
    door = ExtractionDoor(embedder=weights.mobilefacenet(), verifier=case.hotel.desk.verifier)
    frame = weights.sample_frame("obama")
    with pytest.raises(PermitNotForThis):
        door.extract(
            weights.observe_one(frame),
            material=frame.material,
            permit=case.granted.token,
            request=case.request,
        )


@pytest.mark.parametrize("case", [TriedVideo], indirect=True)
def test_a_stream_ends_with_its_permit(case: Case) -> None:
    opened = case.open(case.granted.token, case.request)
    assert isinstance(opened, PermittedStream)
    with opened:
        frames = opened.frames()
        next(frames)
        case.hotel.wait(LIFETIME + timedelta(microseconds=1))
        with pytest.raises(PermitExpired):
            next(frames)
