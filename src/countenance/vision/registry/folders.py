"""Where weights lie, and how a file gets there: whole or not at all, one process at a time."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

__all__ = [
    "adopt",
    "archives_folder",
    "default_models_folder",
    "default_samples_folder",
    "folder_lock",
    "incoming_folder",
    "is_content",
    "place",
    "sha256_of_file",
]

_INCOMING = ".incoming-"


def default_models_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Return the folder of the weights.

    ``$COUNTENANCE_MODELS_FOLDER`` if set, else ``countenance/models`` in ``$XDG_CACHE_HOME``, else in
    ``~/.cache``.
    """
    stated = environment.get("COUNTENANCE_MODELS_FOLDER", "")
    if stated:
        return Path(stated).expanduser()
    cache = environment.get("XDG_CACHE_HOME", "")
    base = Path(cache) if cache and Path(cache).is_absolute() else Path("~/.cache").expanduser()
    return base / "countenance" / "models"


def default_samples_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Return the folder of the sample photographs: ``samples`` beside the folder of the weights."""
    return default_models_folder(environment).parent / "samples"


def archives_folder(folder: Path) -> Path:
    """Return where the verified archives of a folder are kept."""
    return folder / "archives"


def sha256_of_file(path: Path) -> str:
    """Return the SHA-256 of a file's bytes as 64 hexadecimal digits, reading it in pieces."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def is_content(path: Path, *, sha256: str, size: int) -> bool:
    """Say whether a file is there and holds exactly these bytes. The size is looked at first."""
    try:
        return path.is_file() and path.stat().st_size == size and sha256_of_file(path) == sha256
    except OSError:
        return False


def place(content: bytes, target: Path) -> None:
    """Write a file so that it is there whole or not at all, also after a power cut.

    The bytes go to a temporary file in the same folder, are flushed to the disk, and take the name in
    one step.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=_INCOMING)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.chmod(0o644)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
    _sync_folder(target.parent)


def adopt(source: Path, target: Path) -> None:
    """Move a file of the same file system to its place in one step, after flushing it to the disk."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with source.open("rb") as stream:
        os.fsync(stream.fileno())
    source.replace(target)
    _sync_folder(target.parent)


@contextmanager
def folder_lock(folder: Path, *, waiting: Callable[[], None]) -> Iterator[None]:
    """Hold the folder for this process; others wait.

    The lock is the kernel's (``flock``), so a process that dies releases it.

    Args:
        folder: made if it isn't there.
        waiting: called once if another process holds it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("ab") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waiting()
            fcntl.flock(stream, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(stream, fcntl.LOCK_UN)


@contextmanager
def incoming_folder(folder: Path) -> Iterator[Path]:
    """Give a fresh folder inside a folder that this process holds, and remove it afterwards.

    What a killed process left behind is removed first; the caller holds the lock, so nobody uses it.
    """
    for left in (*folder.glob(f"{_INCOMING}*"), *archives_folder(folder).glob(f"{_INCOMING}*")):
        if left.is_dir():
            shutil.rmtree(left)
        else:
            left.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=_INCOMING) as name:
        yield Path(name)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
