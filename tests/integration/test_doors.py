"""A permit that isn't right opens no door: each defect at each door, nothing made up but the hotel.

The desk, the store on disk, the shipped rules, the three doors and, for the extraction door, the real
network and photographs.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Protocol

import numpy as np
import pytest
from PIL import Image

import weights
from countenance.authority import Granted, record_guest_consent
from countenance.capture import CaptureDoor, CaptureLimits
from countenance.kernel import (
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
from front_desk import GUEST, LIFETIME, FrontDesk, front_desk

OTHER_PURPOSE = PurposeId("pur_minibar")


class TriedDoor(Protocol):
    """One of the three doors, and what it is asked to let through."""

    door: Door
    materials: tuple[Material, ...]

    def open(self, hotel: FrontDesk, token: PermitToken, request: ProcessingRequest) -> object: ...

    def check(self, outcome: object) -> None: ...


class TriedCapture:
    """A striped picture that was drawn here."""

    door = Door.CAPTURE

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
        return door.open(self._data, permit=token, request=request)

    def check(self, outcome: object) -> None:
        assert isinstance(outcome, Frame)
        assert np.array_equal(outcome.pixels, self._pixels)


class TriedExtraction:
    """The face of a sample photograph, and the network that turns it into a vector."""

    door = Door.EXTRACT

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


DOORS = [
    pytest.param(TriedCapture, id="capture"),
    pytest.param(TriedExtraction, id="extract", marks=pytest.mark.models),
    pytest.param(TriedComparison, id="compare"),
]


@dataclass(frozen=True)
class Attempt:
    """A permit and the request that it is presented for."""

    token: PermitToken
    request: ProcessingRequest


@dataclass(frozen=True)
class Case:
    """A hotel with a guest who agreed, one door, and a permit that opens it."""

    hotel: FrontDesk
    tried: TriedDoor
    request: ProcessingRequest
    granted: Granted

    def open(self, token: PermitToken, request: ProcessingRequest) -> object:
        return self.tried.open(self.hotel, token, request)

    def passages(self, granted: Granted) -> int:
        return self.hotel.store.permits.uses(granted.claims.permit_id).get(self.tried.door.value, 0)


@pytest.fixture
def case(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Case]:
    tried: TriedDoor = request.param()
    with front_desk(tmp_path) as hotel:
        hotel.welcome()
        asked = hotel.request(materials=tried.materials)
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
    asked = hotel.request(purpose=OTHER_PURPOSE, materials=case.tried.materials)
    other = hotel.grant(asked, budget={case.tried.door: 1})
    return Attempt(other.token, case.request)


def for_another_request(case: Case) -> Attempt:
    return Attempt(case.granted.token, case.hotel.request(materials=case.tried.materials))


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
