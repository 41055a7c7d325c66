"""A lock that many may share and one may have alone."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["SharedLock"]


class SharedLock:
    """Many searches at once, or one change. A change that waits holds up the searches after it."""

    __slots__ = ("_changing", "_free", "_searching", "_waiting")

    def __init__(self) -> None:
        self._free = threading.Condition()
        self._searching = 0
        self._waiting = 0
        self._changing = False

    @contextmanager
    def shared(self) -> Iterator[None]:
        """Hold it together with others."""
        with self._free:
            self._free.wait_for(lambda: not self._changing and self._waiting == 0)
            self._searching += 1
        try:
            yield
        finally:
            with self._free:
                self._searching -= 1
                self._free.notify_all()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold it alone."""
        with self._free:
            self._waiting += 1
            try:
                self._free.wait_for(lambda: not self._changing and self._searching == 0)
            finally:
                self._waiting -= 1
                self._free.notify_all()
            self._changing = True
        try:
            yield
        finally:
            with self._free:
                self._changing = False
                self._free.notify_all()
