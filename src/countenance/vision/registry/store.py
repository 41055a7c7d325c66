"""The models on this machine: pulled, verified at every load, listed with their cards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from countenance.kernel import sha256_hex
from countenance.vision.registry.clients import MachineClients, PackageClient
from countenance.vision.registry.entries import ModelEntry, PackageSource, PinnedFile
from countenance.vision.registry.errors import ModelHashWrong, ModelMissing
from countenance.vision.registry.folders import default_models_folder
from countenance.vision.registry.manifest import ModelManifest, shipped_manifest
from countenance.vision.registry.progress import PullProgress, SilentProgress
from countenance.vision.registry.pulling import OfflineFolder, PulledFile, Puller

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
    """Reads and brings the weights of a manifest.

    Args:
        folder: where they lie; :func:`default_models_folder` if left out. Made by the first pull.
        manifest: the models on offer; the shipped ones if left out.
        client: brings archives; this machine's pip and npm if left out.
    """

    def __init__(
        self,
        *,
        folder: Path | None = None,
        manifest: ModelManifest | None = None,
        client: PackageClient | None = None,
    ) -> None:
        self._folder = folder if folder is not None else default_models_folder()
        self._manifest = manifest if manifest is not None else shipped_manifest()
        self._client: PackageClient = client if client is not None else MachineClients()

    @property
    def folder(self) -> Path:
        """Where the weights lie."""
        return self._folder

    @property
    def manifest(self) -> ModelManifest:
        """The models on offer."""
        return self._manifest

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
        puller = Puller(
            folder=self._folder,
            files=WEIGHTS,
            client=self._client,
            progress=progress if progress is not None else SilentProgress(),
        )
        offline = OfflineFolder(offline_folder) if offline_folder is not None else None
        return puller.pull([_pinned(self.manifest.entry(i)) for i in ids], offline=offline)

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
    if not isinstance(entry.source, PackageSource):
        raise TypeError  # replaced below
    return PinnedFile(
        item_id=entry.model_id,
        source=entry.source,
        member=entry.member,
        sha256=entry.sha256,
        size=entry.bytes,
        file_name=entry.file_name,
    )
