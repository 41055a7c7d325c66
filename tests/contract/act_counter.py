"""What every counter of answers keeps to. Subclass it and give it one as the fixture ``counter``."""

from __future__ import annotations

from typing import Any

import pytest

from countenance.authority import ActCounter
from countenance.kernel import (
    DeviceId,
    Door,
    Passage,
    PlaceId,
    ProcessingRequest,
    PurposeId,
    RequestId,
    SubjectId,
)


def a_request(**changes: Any) -> ProcessingRequest:
    told: dict[str, Any] = {
        "request_id": RequestId("req_one"),
        "operations": ("capture", "verify"),
        "purpose": PurposeId("pur_checkin"),
        "place": PlaceId("plc_nowhere"),
        "device": DeviceId("dev_camera"),
        "materials": (),
        "error_target": 1e-4,
        "subject": SubjectId("sub_guest"),
        "scene": "hotel-checkin",
    }
    return ProcessingRequest(**told | changes)


class ActCounterContract:
    """A subclass has the fixture ``counter``."""

    @pytest.mark.parametrize(
        "changes",
        [
            {},
            {"operations": ("no-such-operation",)},
            {"subject": None, "place": PlaceId("")},
            {"place": PlaceId('"} 1\n'), "operations": ("\\",)},
        ],
    )
    def test_it_takes_every_answer_and_returns_nothing(
        self, counter: ActCounter, changes: dict[str, Any]
    ) -> None:
        request = a_request(**changes)
        passage = Passage(Door.CAPTURE, request.operations[0], request)
        told = [
            counter.permitted(request),  # type: ignore[func-returns-value]
            counter.refused(request, "refused-by-rule"),  # type: ignore[func-returns-value]
            counter.passed(passage),  # type: ignore[func-returns-value]
            counter.turned_away(passage, "permit-spent"),  # type: ignore[func-returns-value]
        ]
        assert told == [None] * 4
