"""Keeps what is in memory (keys, templates, pictures) from being written to a disk when a process dies.

Rules kept here:

* No core file is written, also not by a handler that the system pipes them to: the process is marked as not
  dumpable (prctl(2), PR_SET_DUMPABLE), which also keeps other processes of the same user from reading its
  memory. The limit on core files is 0 besides.
* What can't be switched off is said, not hidden: swap is the operator's (docs/how-to/deploy.md).
"""

from __future__ import annotations

import ctypes
import resource
import sys
from typing import Final

__all__ = ["is_kept_off_disks", "keep_memory_off_disks"]

_GET_DUMPABLE: Final = 3
_SET_DUMPABLE: Final = 4


def keep_memory_off_disks() -> bool:
    """Switch core dumps of this process off, for good; return whether that worked."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(_SET_DUMPABLE, 0, 0, 0, 0)
    return is_kept_off_disks()


def is_kept_off_disks() -> bool:
    """Say whether this process leaves no core dump."""
    if resource.getrlimit(resource.RLIMIT_CORE)[0] != 0:
        return False
    if not sys.platform.startswith("linux"):
        return True
    dumpable: int = ctypes.CDLL(None).prctl(_GET_DUMPABLE, 0, 0, 0, 0)
    return dumpable == 0
