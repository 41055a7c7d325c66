"""The model registry: which networks may be loaded, exactly which bytes, and how they get here.

Rules of this package:

* No weight is in the repository. A manifest pins one member of one archive of one published package, by
  SHA-256 at both levels, with licence, provenance and what isn't known.
* The machine's own pip and npm bring the archive, under the user's own configuration; nothing is
  installed and no code of a package runs.
* A file has its name in the folder only after its hash was compared, and is compared again at each load.
* An operator's own model comes through the same door, with hash and acknowledged licence.
* Addresses are fetched by :mod:`.fetch` alone, and only when the operator names one.
* The library prints nothing; whoever wants to show progress implements :class:`PullProgress`.
"""

from countenance.vision.registry.cards import model_card
from countenance.vision.registry.client import PackageClient
from countenance.vision.registry.clients import MachineClients
from countenance.vision.registry.entries import (
    ArchiveKind,
    Job,
    Licence,
    MeasuredFact,
    ModelCard,
    ModelEntry,
    ModelFormat,
    OperatorSource,
    PackageSource,
    PinnedFile,
    Registry,
    TrainingSets,
)
from countenance.vision.registry.errors import (
    ArchiveDamaged,
    ArchiveHashWrong,
    FetchFailed,
    FetchRefused,
    LicenceNotAcknowledged,
    ManifestInvalid,
    MemberHashWrong,
    ModelHashWrong,
    ModelMissing,
    ModelUnknown,
    OfflineFileMissing,
    PackageClientMissing,
    PackageNotBrought,
    SampleHashWrong,
    SampleMissing,
    SampleUnknown,
)
from countenance.vision.registry.fetch import AddressFetcher, Fetcher
from countenance.vision.registry.folders import default_models_folder, default_samples_folder
from countenance.vision.registry.manifest import ModelManifest, parse_manifest, shipped_manifest
from countenance.vision.registry.npm_client import NpmClient
from countenance.vision.registry.operator_models import OperatorModel
from countenance.vision.registry.pip_client import PipClient
from countenance.vision.registry.progress import PullProgress, SilentProgress
from countenance.vision.registry.pulling import OfflineFolder, PulledFile, Way
from countenance.vision.registry.samples import Sample, SampleList, SampleStore, shipped_samples
from countenance.vision.registry.store import ModelState, ModelStatus, ModelStore

__all__ = [
    "AddressFetcher",
    "ArchiveDamaged",
    "ArchiveHashWrong",
    "ArchiveKind",
    "FetchFailed",
    "FetchRefused",
    "Fetcher",
    "Job",
    "Licence",
    "LicenceNotAcknowledged",
    "MachineClients",
    "ManifestInvalid",
    "MeasuredFact",
    "MemberHashWrong",
    "ModelCard",
    "ModelEntry",
    "ModelFormat",
    "ModelHashWrong",
    "ModelManifest",
    "ModelMissing",
    "ModelState",
    "ModelStatus",
    "ModelStore",
    "ModelUnknown",
    "NpmClient",
    "OfflineFileMissing",
    "OfflineFolder",
    "OperatorModel",
    "OperatorSource",
    "PackageClient",
    "PackageClientMissing",
    "PackageNotBrought",
    "PackageSource",
    "PinnedFile",
    "PipClient",
    "PullProgress",
    "PulledFile",
    "Registry",
    "Sample",
    "SampleHashWrong",
    "SampleList",
    "SampleMissing",
    "SampleStore",
    "SampleUnknown",
    "SilentProgress",
    "TrainingSets",
    "Way",
    "default_models_folder",
    "default_samples_folder",
    "model_card",
    "parse_manifest",
    "shipped_manifest",
    "shipped_samples",
]
