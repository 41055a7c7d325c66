"""A made-up hotel with its desks for people's rights."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cases_rights import Rights, rights_of
from front_desk import front_desk


@pytest.fixture
def rights(tmp_path: Path) -> Iterator[Rights]:
    """A hotel in CN with nobody at the desk yet."""
    with front_desk(tmp_path) as hotel:
        yield rights_of(hotel, tmp_path / "journal")
