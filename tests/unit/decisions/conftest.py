"""A hotel's front desk in a temporary folder with a verification desk on it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from front_desk import FrontDesk, front_desk
from verification_desk import Counter, MadeUpAnalyser, MadeUpEmbedder, counter_with


@pytest.fixture
def hotel(tmp_path: Path) -> Iterator[FrontDesk]:
    """A hotel in CN with a guest at the desk who agreed."""
    with front_desk(tmp_path) as opened:
        opened.welcome()
        yield opened


@pytest.fixture
def counter(hotel: FrontDesk) -> Counter:
    """A desk whose networks are made up; everything else is real."""
    return counter_with(hotel, analyser=MadeUpAnalyser(), embedder=MadeUpEmbedder())
