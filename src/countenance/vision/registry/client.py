"""What brings an archive of a published package: the protocol, and what its implementations share.

Rules kept by every implementation:

* The clients' own configuration holds: mirrors, proxies and certificates are the user's. No address of
  a registry stands in this package.
* Nothing is installed, and no code of a package runs: pip is given the hash to check before it opens an
  archive, a source distribution's metadata are answered by ``inert_backend``, npm's scripts are off.
* What a client leaves is unverified; :class:`~countenance.vision.registry.pulling.Puller` verifies it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from countenance.vision.registry.entries import PackageSource
from countenance.vision.registry.errors import ArchiveHashWrong, PackageNotBrought
from countenance.vision.registry.tools import ToolResult

__all__ = [
    "LIMIT_SECONDS",
    "PROBE_SECONDS",
    "PackageClient",
    "Watch",
    "refuse_other_archive",
    "single_archive",
    "unwatched",
]

LIMIT_SECONDS = 1800.0
"""How long one archive may take before its client is stopped."""

PROBE_SECONDS = 60.0
"""How long a client may take to say its version."""

Watch = Callable[[int], None]


class PackageClient(Protocol):
    """Brings one pinned archive. Every implementation runs ``tests/contract/package_client.py``."""

    def bring(self, source: PackageSource, *, into: Path, watch: Watch) -> Path:
        """Bring the archive into a folder and return its path. What it holds isn't verified yet.

        Args:
            source: which archive.
            into: an empty folder, private to this call.
            watch: told from time to time how many bytes have arrived.

        Raises:
            PackageClientMissing: if the machine lacks what is needed to try.
            PackageNotBrought: if the attempt failed.
        """
        ...


def single_archive(folder: Path, suffix: str, result: ToolResult, words: str) -> Path:
    """Return the one archive that a client left in a folder.

    Args:
        folder: where it should lie.
        suffix: how its name ends.
        result: how the client ended.
        words: the archive in words.

    Raises:
        PackageNotBrought: if the client failed or left none or several.
    """
    found = sorted(folder.glob(f"*{suffix}")) if folder.is_dir() else []
    if result.status != 0 or len(found) != 1:
        msg = f"The archive of {words} wasn't brought (status {result.status}): {result.last_words()}"
        raise PackageNotBrought(msg)
    return found[0]


def refuse_other_archive(source: PackageSource, found: str) -> None:
    """Return if this is the pinned archive.

    Args:
        source: which archive was asked for.
        found: the SHA-256 of what came, 64 lower-case hexadecimal digits.

    Raises:
        ArchiveHashWrong: if it isn't; the message names the package and both hashes.
    """
    if found != source.archive_sha256:
        msg = (
            f"The archive of {source.words} isn't the pinned one: expected SHA-256 {source.archive_sha256}, "
            f"found {found}."
        )
        raise ArchiveHashWrong(msg)


def unwatched(done: int) -> None:
    """Hear how many bytes arrived, and say nothing."""
    del done
