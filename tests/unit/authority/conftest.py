"""A made-up hotel in a temporary folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from countenance.authority import shipped_rules
from countenance.kernel import FixedClock
from countenance.policy import RuleSet, Vocabulary
from front_desk import NOON, FrontDesk, front_desk


@pytest.fixture
def hotel(tmp_path: Path) -> Iterator[FrontDesk]:
    """A hotel in CN with nobody at the desk yet."""
    with front_desk(tmp_path) as opened:
        yield opened


@pytest.fixture(scope="module")
def shared_hotel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FrontDesk]:
    """One hotel for a whole table of cases that don't disturb each other."""
    with front_desk(tmp_path_factory.mktemp("shared")) as opened:
        yield opened


@pytest.fixture
def checkin(hotel: FrontDesk) -> FrontDesk:
    """The hotel with a guest at the desk who agreed."""
    hotel.welcome()
    return hotel


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOON)


@pytest.fixture(scope="session")
def rules() -> RuleSet:
    return shipped_rules()[0]


@pytest.fixture(scope="session")
def vocabulary() -> Vocabulary:
    return shipped_rules()[1]
