"""Which processes of this machine are at work with pictures: a lock that ends with its process.

Rules kept here:

* Whoever may have pictures in memory takes part, for as long as its store is open. The operating system lets
  go of the lock when the process ends, however it ends.
* Who is alone knows that no process of before is left, and so none of what it had in memory. On a database
  server other machines may be at work: there nobody is alone.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from countenance.store.errors import StoreMissing

__all__ = ["AtWork"]

_FILE: Final = "at-work.lock"


class AtWork:
    """The lock of one data folder.

    Args:
        folder: the data folder.
        shared: whether processes of other machines may be at work with these records.
    """

    __slots__ = ("_descriptor", "_folder", "_shared")

    def __init__(self, *, folder: Path, shared: bool) -> None:
        self._folder = folder
        self._shared = shared
        self._descriptor: int | None = None

    def begin(self, if_alone: Callable[[], None] = lambda: None) -> bool:
        """Take part from now on; return whether nobody else did.

        Args:
            if_alone: called if nobody else takes part, while others who begin wait for it.

        Raises:
            StoreMissing: if the data folder can't be written to.
        """
        if self._descriptor is not None:
            return False
        try:
            self._descriptor = os.open(self._folder / _FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            msg = f"The data folder can't be written to ({error.strerror})."
            raise StoreMissing(msg) from None
        alone = self._taken_alone(self._descriptor) and not self._shared
        try:
            if alone:
                if_alone()
        finally:
            fcntl.flock(self._descriptor, fcntl.LOCK_SH)
        return alone

    def end(self) -> None:
        """Take part no more."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    @staticmethod
    def _taken_alone(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
