from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from numpy.typing import NDArray

from countenance.kernel import (
    Door,
    Frame,
    Material,
    Passage,
    PermitNotForThis,
    PermitRefused,
    PermitToken,
    ProcessingRequest,
    sha256_hex,
)
from countenance.vision import FaceObservation, Mesh
from countenance.vision.attributes import (
    AgeEstimate,
    AnalysisDoor,
    Attribute,
    GenderEstimate,
    GenderLabel,
)
from countenance.vision.landmarks import Eyes
from countenance.vision.registry import MeasuredFact
from face_parts import drawn_eyes, seen
from verifiers import RecordingVerifier, RefusingVerifier, request_for

pytestmark = pytest.mark.models

PERMIT = PermitToken("permit")
FACT = (MeasuredFact(figure="off by six years", conditions="a test"),)


@dataclass
class Networks:
    """Stands in for the three networks and remembers which were asked."""

    asked: list[str] = field(default_factory=list)
    given: list[Eyes] = field(default_factory=list)


@dataclass
class MadeUpEyes:
    networks: Networks
    model_id: str = "eyes-of-a-test"

    def locate(self, frame: Frame, mesh: Mesh) -> Eyes:  # noqa: ARG002 - the protocol's arguments
        self.networks.asked.append("eyes")
        self.networks.given.append(drawn_eyes())
        return self.networks.given[-1]


@dataclass
class MadeUpAge:
    networks: Networks
    model_id: str = "age-of-a-test"

    def estimate(self, pixels: NDArray[np.uint8], mesh: Mesh) -> AgeEstimate:  # noqa: ARG002 - likewise
        self.networks.asked.append("age")
        return AgeEstimate(years=30.0, measured=FACT)


@dataclass
class MadeUpGender:
    networks: Networks
    model_id: str = "gender-of-a-test"

    def estimate(self, pixels: NDArray[np.uint8], mesh: Mesh) -> GenderEstimate:  # noqa: ARG002 - likewise
        self.networks.asked.append("gender")
        return GenderEstimate(label=GenderLabel.FEMALE, probability=0.8, measured=FACT)


def door_of(networks: Networks, verifier: RecordingVerifier | RefusingVerifier) -> AnalysisDoor:
    return AnalysisDoor(
        eyes=MadeUpEyes(networks),
        age=MadeUpAge(networks),
        gender=MadeUpGender(networks),
        verifier=verifier,
    )


@pytest.fixture
def face() -> tuple[Frame, FaceObservation]:
    frame, observation, _ = seen("obama")
    return frame, observation


def request_of(frame: Frame) -> ProcessingRequest:
    return replace(request_for(b"another"), materials=(frame.material,))


def test_everything_is_said_when_everything_is_asked(face: tuple[Frame, FaceObservation]) -> None:
    frame, observation = face
    networks, verifier = Networks(), RecordingVerifier()
    request = request_of(frame)
    found = door_of(networks, verifier).analyse(
        frame, observation, asked=frozenset(Attribute), permit=PERMIT, request=request
    )
    assert networks.asked == ["eyes", "age", "gender"]
    assert found.models == ("eyes-of-a-test", "age-of-a-test", "gender-of-a-test")
    assert (found.pose, found.quality, found.box) == (
        observation.pose,
        observation.quality,
        observation.face.box,
    )
    assert found.points is not None
    assert found.points.points.shape == (106, 2)
    assert found.gaze is not None
    assert found.openness is not None
    assert found.age is not None
    assert found.age.measured == FACT
    assert found.gender is not None
    passage = Passage(Door.ANALYSE, "attributes", request, frame.material)
    assert verifier.admitted == [(PERMIT, passage)]


@pytest.mark.parametrize(
    ("asked", "networks_asked"),
    [
        (Attribute.POSE, []),
        (Attribute.QUALITY, []),
        (Attribute.GAZE, ["eyes"]),
        (Attribute.OPENNESS, ["eyes"]),
        (Attribute.POINTS, ["eyes"]),
        (Attribute.AGE, ["age"]),
        (Attribute.GENDER, ["gender"]),
    ],
)
def test_what_was_not_asked_for_is_not_looked_at(
    face: tuple[Frame, FaceObservation], asked: Attribute, networks_asked: list[str]
) -> None:
    frame, observation = face
    networks = Networks()
    found = door_of(networks, RecordingVerifier()).analyse(
        frame, observation, asked={asked}, permit=PERMIT, request=request_of(frame)
    )
    assert networks.asked == networks_asked
    said = {attribute for attribute in Attribute if getattr(found, attribute.value) is not None}
    assert said == {asked}


@pytest.mark.parametrize("reason", PermitRefused.__subclasses__(), ids=lambda kind: str(kind.code))
def test_without_a_permit_nothing_is_looked_at(
    face: tuple[Frame, FaceObservation], reason: type[PermitRefused]
) -> None:
    frame, observation = face
    networks = Networks()
    with pytest.raises(reason):
        door_of(networks, RefusingVerifier(reason("no"))).analyse(
            frame, observation, asked=frozenset(Attribute), permit=PERMIT, request=request_of(frame)
        )
    assert networks.asked == []


def test_a_picture_that_the_request_does_not_name_is_refused_before_the_permit_is_asked(
    face: tuple[Frame, FaceObservation],
) -> None:
    frame, observation = face
    networks, verifier = Networks(), RecordingVerifier()
    with pytest.raises(PermitNotForThis):
        door_of(networks, verifier).analyse(
            frame, observation, asked={Attribute.AGE}, permit=PERMIT, request=request_for(b"another")
        )
    assert (networks.asked, verifier.admitted) == ([], [])


def test_a_face_from_another_picture_does_not_pass_as_this_ones(
    face: tuple[Frame, FaceObservation],
) -> None:
    frame, observation = face
    smuggled = replace(observation, material=Material(sha256_hex(b"another")))
    networks, verifier = Networks(), RecordingVerifier()
    with pytest.raises(PermitNotForThis):
        door_of(networks, verifier).analyse(
            frame, smuggled, asked={Attribute.AGE}, permit=PERMIT, request=request_of(frame)
        )
    assert (networks.asked, verifier.admitted) == ([], [])


def test_asking_for_nothing_spends_no_passage(face: tuple[Frame, FaceObservation]) -> None:
    frame, observation = face
    verifier = RecordingVerifier()
    with pytest.raises(ValueError, match="at least one"):
        door_of(Networks(), verifier).analyse(
            frame, observation, asked=set(), permit=PERMIT, request=request_of(frame)
        )
    assert verifier.admitted == []


def test_the_eyes_are_wiped_and_an_analysis_can_be(face: tuple[Frame, FaceObservation]) -> None:
    frame, observation = face
    networks = Networks()
    found = door_of(networks, RecordingVerifier()).analyse(
        frame, observation, asked={Attribute.POINTS}, permit=PERMIT, request=request_of(frame)
    )
    assert not networks.given[0].at_left.lids.any()
    assert found.points is not None
    assert found.points.points.any()
    found.wipe()
    assert not found.points.points.any()


def test_the_door_does_not_hand_out_the_networks() -> None:
    door = door_of(Networks(), RecordingVerifier())
    assert [name for name in dir(door) if not name.startswith("_")] == ["analyse"]
