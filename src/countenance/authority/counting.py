"""Counting what the desk and its doors answered, for whoever watches the installation.

Rules kept here:

* Who counts is told after the answer was settled, and can't change it.
* Counting is nobody's evidence: no rule reads it, and nothing is kept of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from countenance.kernel import CountenanceError, Passage, ProcessingRequest

__all__ = ["ActCounter", "Uncounted", "counting"]


class ActCounter(Protocol):
    """Counts answers. Implementations never raise, and run ``tests/contract/act_counter.py``."""

    def permitted(self, request: ProcessingRequest) -> None:
        """A permit was issued."""
        ...

    def refused(self, request: ProcessingRequest, code: str) -> None:
        """No permit was issued; the error's code says why."""
        ...

    def passed(self, passage: Passage) -> None:
        """A door was passed."""
        ...

    def turned_away(self, passage: Passage, code: str) -> None:
        """A door stayed shut; the error's code says why."""
        ...


class Uncounted:
    """Counts nothing; for a desk that nobody watches."""

    __slots__ = ()

    def permitted(self, request: ProcessingRequest) -> None:
        """Do nothing."""

    def refused(self, request: ProcessingRequest, code: str) -> None:
        """Do nothing."""

    def passed(self, passage: Passage) -> None:
        """Do nothing."""

    def turned_away(self, passage: Passage, code: str) -> None:
        """Do nothing."""


@contextmanager
def counting(counter: ActCounter, about: ProcessingRequest | Passage) -> Iterator[None]:
    """Count a request for a permit, or a passage, by how the block inside ends.

    An error that isn't one of this package's is a fault, not an answer, and isn't counted.

    Args:
        counter: is told.
        about: what is asked.
    """
    try:
        yield
    except CountenanceError as error:
        if isinstance(about, Passage):
            counter.turned_away(about, error.code)
        else:
            counter.refused(about, error.code)
        raise
    if isinstance(about, Passage):
        counter.passed(about)
    else:
        counter.permitted(about)
