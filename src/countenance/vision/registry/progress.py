"""How a pull tells whoever watches what it is doing. The library itself prints nothing."""

from __future__ import annotations

from typing import Protocol

__all__ = ["PullProgress", "SilentProgress"]


class PullProgress(Protocol):
    """Hears what a pull does, in this order for each archive: started, moved ..., verified."""

    def waiting(self) -> None:
        """Another process pulls into the same folder; this one waits for it."""
        ...

    def archive_started(self, words: str, size: int) -> None:
        """An archive is being brought.

        Args:
            words: which, for a reader.
            size: how many bytes it will have.
        """
        ...

    def archive_moved(self, done: int) -> None:
        """So many bytes of the archive lie here by now (an estimate; it may stand still)."""
        ...

    def archive_verified(self, words: str) -> None:
        """The archive is complete and its SHA-256 is the pinned one."""
        ...

    def file_ready(self, item_id: str, *, already_here: bool) -> None:
        """The file of one entry lies in the folder, verified."""
        ...


class SilentProgress:
    """Nobody watches."""

    def waiting(self) -> None:
        """Say nothing."""

    def archive_started(self, words: str, size: int) -> None:
        """Say nothing."""

    def archive_moved(self, done: int) -> None:
        """Say nothing."""

    def archive_verified(self, words: str) -> None:
        """Say nothing."""

    def file_ready(self, item_id: str, *, already_here: bool) -> None:
        """Say nothing."""
