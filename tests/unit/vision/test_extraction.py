from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from numpy.typing import NDArray

from countenance.kernel import (
    Door,
    Material,
    Passage,
    PermitExpired,
    PermitNotForThis,
    PermitRefused,
    PermitToken,
    sha256_hex,
)
from countenance.vision import ExtractionDoor, FaceObservation
from verifiers import RecordingVerifier, RefusingVerifier, request_for
from weights import mobilefacenet, observe_one, sample_bytes, sample_frame

PERMIT = PermitToken("permit")


@pytest.fixture
def observation() -> FaceObservation:
    return observe_one(sample_frame("obama"))


@pytest.fixture
def material() -> Material:
    return Material(sha256_hex(sample_bytes("obama")))


@dataclass
class CountingEmbedder:
    """Counts its calls."""

    calls: list[int] = field(default_factory=list)
    model_id: str = "counting-4"
    dimension: int = 4

    def embed(self, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        self.calls.append(len(crops))
        return np.full((len(crops), 4), 0.5, np.float32)


@pytest.mark.models
class TestExtractionDoor:
    def test_a_permitted_face_becomes_an_embedding(
        self, observation: FaceObservation, material: Material
    ) -> None:
        verifier = RecordingVerifier()
        request = request_for(sample_bytes("obama"))
        door = ExtractionDoor(embedder=mobilefacenet(), verifier=verifier)
        found = door.extract(observation, material=material, permit=PERMIT, request=request)
        assert found.vector.shape == (192,)
        assert np.linalg.norm(found.vector) == pytest.approx(1.0, abs=1e-5)
        assert (found.model_id, found.material) == (door.model_id, material)
        passage = Passage(door=Door.EXTRACT, operation="verify", request=request, material=material)
        assert verifier.admitted == [(PERMIT, passage)]

    @pytest.mark.parametrize("reason", PermitRefused.__subclasses__(), ids=lambda kind: str(kind.code))
    def test_without_a_permit_no_vector_is_made(
        self, observation: FaceObservation, material: Material, reason: type[PermitRefused]
    ) -> None:
        embedder = CountingEmbedder()
        door = ExtractionDoor(embedder=embedder, verifier=RefusingVerifier(reason("no")))
        request = request_for(sample_bytes("obama"))
        with pytest.raises(reason):
            door.extract(observation, material=material, permit=PERMIT, request=request)
        assert embedder.calls == []

    def test_a_picture_that_the_request_does_not_name_is_refused_before_the_permit_is_asked(
        self, observation: FaceObservation, material: Material
    ) -> None:
        verifier = RecordingVerifier()
        door = ExtractionDoor(embedder=CountingEmbedder(), verifier=verifier)
        with pytest.raises(PermitNotForThis):
            door.extract(observation, material=material, permit=PERMIT, request=request_for(b"another"))
        assert verifier.admitted == []

    def test_a_face_from_another_picture_does_not_pass_as_this_ones(
        self, observation: FaceObservation, material: Material
    ) -> None:
        smuggled = replace(observation, material=Material(sha256_hex(b"another")))
        embedder = CountingEmbedder()
        door = ExtractionDoor(embedder=embedder, verifier=RecordingVerifier())
        request = request_for(sample_bytes("obama"), b"another")
        with pytest.raises(PermitNotForThis):
            door.extract(smuggled, material=material, permit=PERMIT, request=request)
        assert embedder.calls == []

    def test_an_embedding_shows_no_vector_and_can_be_wiped(
        self, observation: FaceObservation, material: Material
    ) -> None:
        door = ExtractionDoor(embedder=CountingEmbedder(), verifier=RecordingVerifier())
        request = request_for(sample_bytes("obama"))
        found = door.extract(observation, material=material, permit=PERMIT, request=request)
        assert "0.5" not in repr(found)
        found.wipe()
        assert not found.vector.any()

    def test_the_door_does_not_hand_out_the_network(self) -> None:
        door = ExtractionDoor(embedder=CountingEmbedder(), verifier=RefusingVerifier(PermitExpired("no")))
        public = [name for name in dir(door) if not name.startswith("_")]
        assert public == ["extract", "model_id"]
