from __future__ import annotations

import numpy as np
import pytest

from countenance.capture import CaptureDoor, CaptureLimits
from countenance.kernel import Material, PermitToken, sha256_hex
from countenance.templates import ComparisonDoor, Template
from pictures import png, quadrants
from verifiers import RecordingVerifier, request_for

PERMIT = PermitToken("permit")


@pytest.mark.parametrize("operation", ["evaluate", "verify"])
def test_a_door_states_the_operation_that_it_was_built_for(operation: str) -> None:
    data = png(quadrants())
    request = request_for(data)
    verifier = RecordingVerifier()
    door = CaptureDoor(verifier=verifier, limits=CaptureLimits(), operation=operation)
    door.open(door.check(data), permit=PERMIT, request=request)
    template = Template(
        vector=np.array([1, 0], np.float32),
        model_id="made-up",
        purpose=request.purpose,
        request_digest=request.digest(),
        material=Material(sha256_hex(data)),
    )
    ComparisonDoor(verifier=verifier, operation=operation).compare(
        template, template, permit=PERMIT, request=request
    )
    assert [passage.operation for _, passage in verifier.admitted] == [operation, operation]
