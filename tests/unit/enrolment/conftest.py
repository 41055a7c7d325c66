"""A staff door in a temporary folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from staff_door import StaffDoor, staff_door


@pytest.fixture
def door(tmp_path: Path) -> Iterator[StaffDoor]:
    """The staff door of a hotel in the EU; nobody agreed yet."""
    with staff_door(tmp_path) as opened:
        yield opened
