"""The wiring of a document's reading: the installation's desk, one door, and the networks that read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from countenance.authority import DEMO_JURISDICTIONS, AuthorityDesk
from countenance.capture import CaptureDoor, CaptureLimits
from countenance.kernel import Clock, DeviceId, PlaceId, SystemClock
from countenance.runtime.build import assemble
from countenance.runtime.demo import DemoFolder, demo_settings, prepare_demo
from countenance.runtime.opening import open_store
from countenance.runtime.reading_networks import load_document_reader
from countenance.runtime.selfcheck import examine_settings, require_ready
from countenance.runtime.settings import Settings
from countenance.scenes import shipped_profiles
from countenance.scenes.document_reading import AttendedDocument
from countenance.store import Store
from countenance.vision.registry import ModelStore

__all__ = [
    "DocumentInstallation",
    "prepare_demo_documents",
    "prepare_documents",
]

_SCENE = "hotel-checkin"


@dataclass(frozen=True, slots=True, eq=False)
class DocumentInstallation:
    """A document desk that is ready. A context manager; leaving it closes the store.

    Attributes:
        documents: reads documents under permits.
        settings: what the installation was told.
        place: the demonstration's desk; ``None`` in a real installation.
        device: its camera; likewise.
        store: the records; held to be closed.
    """

    documents: AttendedDocument
    settings: Settings
    place: PlaceId | None
    device: DeviceId | None
    store: Store

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.store.close()


def prepare_documents(settings: Settings, *, clock: Clock | None = None) -> DocumentInstallation:
    """Open the installation of the settings and put a document desk together.

    Raises:
        InstallationNotReady: if something is unsafe or missing.
        ModelMissing: if the networks that read text or find faces aren't here.
        OperatorError: if the store can't be opened.
    """
    require_ready(examine_settings(settings))
    return _open(settings, clock or SystemClock(), None, None)


def prepare_demo_documents(
    settings: Settings,
    *,
    folder: Path,
    jurisdiction: str = DEMO_JURISDICTIONS[0],
    clock: Clock | None = None,
) -> DocumentInstallation:
    """Create or open the demonstration in a folder, with its made-up hotel.

    Args:
        settings: the user's; data folder and root key are replaced by the folder's own.
        folder: where it lies or will lie.
        jurisdiction: where it stands; settled when the folder is made.
        clock: its time; the machine's own if left out.

    Raises:
        DemoFolderForeign: if the folder holds an installation that isn't a demonstration.
        DemoNotOffered: if there is none in that jurisdiction, or the folder's stands in another one.
        ModelMissing: if the networks that read text or find faces aren't here.
    """
    clock = clock or SystemClock()
    with prepare_demo(settings, folder=folder, jurisdiction=jurisdiction, clock=clock) as ready:
        place, device = ready.site.place, ready.site.desk_device
        settings = demo_settings(settings, DemoFolder(folder.expanduser().absolute()))
    return _open(settings, clock, place, device)


def _open(
    settings: Settings, clock: Clock, place: PlaceId | None, device: DeviceId | None
) -> DocumentInstallation:
    store = open_store(settings, clock=clock)
    try:
        authority = assemble(settings, store=store, clock=clock, serving=False).authority
        documents = _documents(settings, store=store, authority=authority)
    except BaseException:
        store.close()
        raise
    return DocumentInstallation(documents, settings, place, device, store)


def _documents(settings: Settings, *, store: Store, authority: AuthorityDesk) -> AttendedDocument:
    return AttendedDocument(
        authority=authority,
        capture_door=CaptureDoor(
            verifier=authority.verifier,
            limits=CaptureLimits(
                largest_bytes=settings.capture_largest_bytes,
                largest_pixels=settings.capture_largest_pixels,
                smallest_side=settings.capture_smallest_side,
            ),
        ),
        reader=load_document_reader(ModelStore(folder=settings.models_folder), threads=settings.threads),
        purpose=shipped_profiles()[_SCENE].purpose,
        store=store,
    )
