"""Looks for vectors in what Ray keeps: its folder with logs and spilled objects, and its object stores.

Rules kept here:

* An object store is a file in memory that its node has unlinked; it is read where the node has it open. What
  was freed is read too: the store doesn't overwrite it.
* A search that finds nothing says something only if it would have found something: a marker is put into the
  object store, and has to be found.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

__all__ = ["files_holding", "finds_a_marker"]

_PROCESSES: Final = Path("/proc")
_STORES: Final = ("/dev/shm/", "/tmp/plasma")  # noqa: S108 - where Ray has them, not ours
_AHEAD: Final = 2**20
_TOO_LARGE_TO_TRAVEL_INLINE: Final = 2**20


def files_holding(needles: Sequence[bytes], *, ray_folder: Path) -> int:
    """Return in how many of a cluster's files, on this machine, one of some byte strings lies.

    Args:
        needles: what is looked for; each at most 1 MiB.
        ray_folder: of the cluster; processes that name it are its nodes.
    """
    return sum(_holds(path, needles) for path in [*_below(ray_folder), *_object_stores(ray_folder)])


def finds_a_marker(*, ray_folder: Path) -> bool:
    """Put a random marker into the object store of the cluster that was joined; say whether it is found."""
    import ray  # noqa: PLC0415 - an extra

    marker = secrets.token_bytes(64)
    kept = ray.put(marker * (_TOO_LARGE_TO_TRAVEL_INLINE // len(marker)))
    found = files_holding([marker], ray_folder=ray_folder) > 0
    del kept
    return found


def _below(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            yield path


def _object_stores(ray_folder: Path) -> Iterator[Path]:
    """Give the object stores of a cluster's nodes, as the nodes have them open, each of them once."""
    seen = set()
    for process in _PROCESSES.iterdir():
        if not process.name.isdigit():
            continue
        try:
            if os.fsencode(ray_folder) not in (process / "cmdline").read_bytes():
                continue
            opened = list((process / "fd").iterdir())
        except OSError:  # it ended, or is somebody else's
            continue
        for path in opened:
            try:
                name, status = str(path.readlink()), path.stat()
            except OSError:  # closed meanwhile
                continue
            if name.startswith(_STORES) and (status.st_dev, status.st_ino) not in seen:
                seen.add((status.st_dev, status.st_ino))
                yield path


def _holds(path: Path, needles: Sequence[bytes]) -> bool:
    overlap = max(map(len, needles), default=1) - 1
    tail = b""
    try:
        with path.open("rb") as file:
            while piece := file.read(_AHEAD):
                some = tail + piece
                if any(needle in some for needle in needles):
                    return True
                tail = some[len(some) - overlap :] if overlap else b""
    except OSError:  # gone meanwhile
        return False
    return False
