"""Lets only so many verifications into the building at once; the others are told when to come again.

Each verification that waits holds its encoded pictures in memory, and whoever waits too long gives up and
sends again. So the queue is short, and who doesn't fit in it is answered before a byte of his body is read.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Final

from countenance.api import problem_response
from countenance.kernel import OperatorError
from countenance.web import BUSY

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

__all__ = ["Admission", "ServerBusy"]

_GUESS_SECONDS: Final = 0.5
"""How long a request is taken to last before any was seen."""
_SMOOTHING: Final = 0.2
"""Weight of the newest request in the mean duration."""
_LONGEST_WAIT: Final = 30


class ServerBusy(OperatorError):
    """As many verifications as this server takes at once are in its hands already."""

    code = "server-busy"
    default_remedy = "Send the request again after the seconds that Retry-After states."


class Admission:
    """Counts the requests to some paths that are in progress, and turns away those above a limit.

    The answer is 503 with ``Retry-After``: the seconds that those in progress will take, from 1 to 30, by
    the durations seen of late.

    Args:
        app: what answers.
        clock: seconds from any beginning, never going back, such as ``time.monotonic``.
        paths: the paths that cost much; a POST to one of them counts.
        pages: of these, those that a person looks at: the application is told, by a
            :class:`ServerBusy` in the scope under :data:`countenance.web.BUSY`, and answers with a page
            before it reads the body.
        most: requests in progress, at work or waiting.
        at_once: of these, how many are at work.

    Raises:
        ValueError: if a limit isn't positive.
    """

    __slots__ = ("_app", "_at_once", "_clock", "_inside", "_mean", "_most", "_pages", "_paths")

    def __init__(
        self,
        app: ASGIApp,
        *,
        clock: Callable[[], float],
        paths: Collection[str],
        most: int,
        at_once: int,
        pages: Collection[str] = (),
    ) -> None:
        if min(most, at_once) < 1:
            msg = "at least one request is let in"
            raise ValueError(msg)
        self._app = app
        self._clock = clock
        self._paths = frozenset(paths)
        self._pages = frozenset(pages)
        self._most = most
        self._at_once = at_once
        self._inside = 0
        self._mean = _GUESS_SECONDS

    @property
    def inside(self) -> int:
        """How many requests are at work or waiting."""
        return self._inside

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request. One event loop calls this, so that counting needs no lock."""
        if scope["type"] != "http" or scope["method"] != "POST" or scope["path"] not in self._paths:
            await self._app(scope, receive, send)
            return
        if self._inside >= self._most:
            error = ServerBusy(
                "The server has as much in hand as it takes at once.", retry_after=self._wait()
            )
            if scope["path"] in self._pages:
                scope[BUSY] = error
                await self._app(scope, receive, send)
            else:
                await problem_response(error)(scope, receive, send)
            return
        self._inside += 1
        begun = self._clock()
        try:
            await self._app(scope, receive, send)
        finally:
            waited_with = max(1.0, self._inside / self._at_once)
            self._inside -= 1
            took = (self._clock() - begun) / waited_with
            self._mean += _SMOOTHING * (took - self._mean)

    def _wait(self) -> int:
        """Return the whole seconds after which there is likely to be room."""
        return max(1, min(_LONGEST_WAIT, math.ceil(self._inside * self._mean / self._at_once)))
