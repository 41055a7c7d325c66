"""A session's face is compared with itself, under a permit for liveness, and no vector comes out."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest
from numpy.typing import NDArray

from countenance.kernel import Door, PermitNotForThis, PermitToken
from countenance.vision import SelfLikeness, SelfLikenessDoor
from verifiers import RecordingVerifier, RefusingVerifier, request_for
from weights import blazeface, face_mesh, frame_of, mobilefacenet, sample_frame

PERMIT = PermitToken("permit")
PICTURE = np.random.default_rng(1).integers(0, 255, (240, 320, 3)).astype(np.uint8)


@dataclass
class TurningEmbedder:
    """Gives vectors that turn by a third of a right angle each time, and remembers them."""

    given: list[NDArray[np.float32]] = field(default_factory=list)
    model_id: str = "turning-2"
    dimension: int = 2

    def embed(self, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        assert crops.shape == (1, 112, 112, 3)
        angle = len(self.given) * np.pi / 6
        rows = np.array([[np.cos(angle), np.sin(angle)]], np.float32)
        self.given.append(rows)
        return rows


def points() -> NDArray[np.float32]:
    mesh = np.random.default_rng(2).uniform(40, 200, (468, 3)).astype(np.float32)
    mesh[:, 2] = 0
    return mesh


def test_the_first_face_is_like_itself_and_others_are_compared_with_it() -> None:
    embedder = TurningEmbedder()
    session = SelfLikeness(embedder)
    found = [session.compare(frame_of(PICTURE), points()) for _ in range(4)]
    assert found == pytest.approx([1.0, np.cos(np.pi / 6), 0.5, 0.0], abs=1e-6)


def test_every_vector_but_the_first_is_overwritten_at_once_and_that_one_at_the_end() -> None:
    embedder = TurningEmbedder()
    session = SelfLikeness(embedder)
    for _ in range(3):
        session.compare(frame_of(PICTURE), points())
    assert [bool(rows.any()) for rows in embedder.given] == [True, False, False]
    session.wipe()
    session.wipe()
    assert not any(rows.any() for rows in embedder.given)
    assert session.compare(frame_of(PICTURE), points()) == 1.0
    assert [name for name in dir(session) if not name.startswith("_")] == ["compare", "wipe"]


def test_a_face_that_cannot_be_aligned_is_not_compared() -> None:
    embedder = TurningEmbedder()
    assert SelfLikeness(embedder).compare(frame_of(PICTURE), np.zeros((468, 3), np.float32)) is None
    assert embedder.given == []


def test_the_door_counts_one_passage_for_a_session() -> None:
    verifier, request = RecordingVerifier(), request_for(b"picture")
    door = SelfLikenessDoor(embedder=TurningEmbedder(), verifier=verifier)
    session = door.enter(permit=PERMIT, request=request)
    for _ in range(3):
        session.compare(frame_of(PICTURE), points())
    ((_, passage),) = verifier.admitted
    assert (passage.door, passage.operation, passage.request) == (Door.ANALYSE, "pad", request)
    assert door.model_id == "turning-2"


def test_without_a_permit_nothing_is_compared() -> None:
    embedder = TurningEmbedder()
    door = SelfLikenessDoor(embedder=embedder, verifier=RefusingVerifier(PermitNotForThis("no")))
    with pytest.raises(PermitNotForThis):
        door.enter(permit=PERMIT, request=request_for(b"picture"))
    assert embedder.given == []


@pytest.mark.models
def test_two_photographs_of_one_person_are_alike_and_those_of_two_are_not() -> None:
    session = SelfLikeness(mobilefacenet())

    def compared(name: str) -> float:
        frame = sample_frame(name)
        found = session.compare(frame, face_mesh().locate(frame, blazeface().detect(frame)[0]).points)
        assert found is not None
        return found

    assert compared("obama") == 1.0
    assert compared("obama2") > 0.5
    assert compared("biden") < 0.35
