"""Who is signed in at the pages. Sessions live in memory alone and end by themselves."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from countenance.kernel import Clock

__all__ = ["Session", "SessionBook"]


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in clerk.

    Attributes:
        key_name: the name of the API key that was used to sign in.
        key_prefix: the public part of that key.
        opened_at: when it was used; UTC.
        seen_at: when the session was last used; UTC.
    """

    key_name: str
    key_prefix: str
    opened_at: datetime
    seen_at: datetime


class SessionBook:
    """Opens, finds and closes sessions.

    The token in the cookie is 256 random bits and says nothing; only its SHA-256 is kept here, so that
    a dump of the process's memory book opens no session.

    Args:
        clock: the time.
        lifetime: after this time a session ends, however much it is used.
        idle: after this time without a request it ends.
        most: open sessions at most; the one unused for longest makes room.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        lifetime: timedelta = timedelta(hours=8),
        idle: timedelta = timedelta(minutes=30),
        most: int = 1000,
    ) -> None:
        self._clock = clock
        self._lifetime = lifetime
        self._idle = idle
        self._most = most
        self._sessions: dict[str, Session] = {}
        self._lock = Lock()

    def open(self, *, key_name: str, key_prefix: str) -> str:
        """Open a session and return the token that finds it again: 43 URL-safe characters."""
        token = secrets.token_urlsafe(32)
        now = self._clock.now()
        with self._lock:
            self._sweep(now)
            while len(self._sessions) >= self._most:
                del self._sessions[min(self._sessions, key=lambda kept: self._sessions[kept].seen_at)]
            self._sessions[_digest(token)] = Session(key_name, key_prefix, now, now)
        return token

    def find(self, token: str) -> Session | None:
        """Return the session of a token and note that it was used; ``None`` if there is none any more."""
        now = self._clock.now()
        with self._lock:
            self._sweep(now)
            key = _digest(token)
            session = self._sessions.get(key)
            if session is None:
                return None
            self._sessions[key] = replace(session, seen_at=now)
            return self._sessions[key]

    def close(self, token: str) -> None:
        """End a session; nothing happens if there is none."""
        with self._lock:
            self._sessions.pop(_digest(token), None)

    def __len__(self) -> int:
        with self._lock:
            self._sweep(self._clock.now())
            return len(self._sessions)

    def _sweep(self, now: datetime) -> None:
        over = [
            key
            for key, session in self._sessions.items()
            if now - session.opened_at >= self._lifetime or now - session.seen_at >= self._idle
        ]
        for key in over:
            del self._sessions[key]


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
