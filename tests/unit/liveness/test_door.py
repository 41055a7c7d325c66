from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from countenance.kernel import Door, PermitNotForThis, PermitSpent
from countenance.liveness import LIVENESS_OPERATION, LivenessDoor
from front_desk import FrontDesk, front_desk


@pytest.fixture
def hotel(tmp_path: Path) -> Iterator[FrontDesk]:
    with front_desk(tmp_path) as opened:
        opened.welcome()
        yield opened


def test_it_is_passed_as_often_as_was_paid_for(hotel: FrontDesk) -> None:
    request = hotel.request(operations=("capture", LIVENESS_OPERATION))
    granted = hotel.grant(request, budget={Door.ANALYSE: 2})
    door = LivenessDoor(verifier=hotel.desk.verifier)
    for _ in range(2):
        assert door.enter(permit=granted.token, request=request).permit_id == granted.claims.permit_id
    with pytest.raises(PermitSpent):
        door.enter(permit=granted.token, request=request)


def test_a_permit_for_another_operation_does_not_open_it(hotel: FrontDesk) -> None:
    request = hotel.request()
    granted = hotel.grant(request, budget={Door.ANALYSE: 2})
    with pytest.raises(PermitNotForThis):
        LivenessDoor(verifier=hotel.desk.verifier).enter(permit=granted.token, request=request)


def test_a_permit_without_the_door_does_not_open_it(hotel: FrontDesk) -> None:
    request = hotel.request(operations=("capture", LIVENESS_OPERATION))
    granted = hotel.grant(request, budget={Door.CAPTURE: 1})
    with pytest.raises(PermitNotForThis):
        LivenessDoor(verifier=hotel.desk.verifier).enter(permit=granted.token, request=request)
