"""Runs a coroutine to its end, whatever runs in this thread.

The browser's driver keeps an event loop running in the thread of its tests; another test in the same
process can't start a second one there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

__all__ = ["finish"]

_Result = TypeVar("_Result")


def finish(work: Coroutine[Any, Any, _Result]) -> _Result:
    """Run the coroutine in a thread and a loop of its own; return what it returns."""
    with ThreadPoolExecutor(max_workers=1) as apart:
        return apart.submit(asyncio.run, work).result()
