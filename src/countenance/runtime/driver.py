"""The wiring of the driver warning: the installation's desk, and a door that measures a driver's face.

Nothing here opens a network connection: the frames, the measures and the warnings stay in this process.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from countenance.authority import DEMO_JURISDICTIONS, AuthorityDesk, seed_demo_driver
from countenance.capture import StreamDoor
from countenance.kernel import Clock, DeviceId, PlaceId, SystemClock
from countenance.runtime.build import assemble
from countenance.runtime.demo import DemoFolder, demo_settings, prepare_demo
from countenance.runtime.networks import choose_networks, load_analyser
from countenance.runtime.opening import open_store
from countenance.runtime.selfcheck import examine_settings, require_ready
from countenance.runtime.settings import Settings
from countenance.scenes import DriverWatching
from countenance.store import Store
from countenance.vision.attributes import DriverDoor
from countenance.vision.landmarks import IrisLandmark
from countenance.vision.registry import ModelStore

__all__ = ["DriverInstallation", "prepare_demo_driver", "prepare_driver"]


@dataclass(frozen=True, slots=True, eq=False)
class DriverInstallation:
    """A driver warning that is ready. A context manager; leaving it closes the store.

    Attributes:
        watching: warns drivers under permits.
        settings: what the installation was told.
        place: the demonstration's phone; ``None`` in a real installation.
        device: its camera; likewise.
        store: the records; held to be closed.
    """

    watching: DriverWatching
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


def prepare_driver(settings: Settings, *, clock: Clock | None = None) -> DriverInstallation:
    """Open the installation of the settings and put the warning together.

    Raises:
        InstallationNotReady: if something is unsafe or missing.
        ModelMissing: if the network that finds eyes isn't here.
        OperatorError: if the store can't be opened.
    """
    require_ready(examine_settings(settings))
    clock = clock or SystemClock()
    store = open_store(settings, clock=clock)
    try:
        authority = assemble(settings, store=store, clock=clock, serving=False).authority
        watching = _watching(settings, store=store, authority=authority, clock=clock)
    except BaseException:
        store.close()
        raise
    return DriverInstallation(watching, settings, None, None, store)


def prepare_demo_driver(
    settings: Settings,
    *,
    folder: Path,
    jurisdiction: str = DEMO_JURISDICTIONS[0],
    clock: Clock | None = None,
) -> DriverInstallation:
    """Create or open the demonstration in a folder, with its made-up driver's phone.

    Raises:
        DemoFolderForeign: if the folder holds an installation that isn't a demonstration.
        DemoNotOffered: if there is none in that jurisdiction, or the folder's stands in another one.
        ModelMissing: if the network that finds eyes isn't here.
    """
    clock = clock or SystemClock()
    with prepare_demo(settings, folder=folder, jurisdiction=jurisdiction, clock=clock):
        settings = demo_settings(settings, DemoFolder(folder.expanduser().absolute()))
    store = open_store(settings, clock=clock)
    try:
        authority = assemble(settings, store=store, clock=clock, serving=False).authority
        phone = seed_demo_driver(authority, jurisdiction=jurisdiction)
        watching = _watching(settings, store=store, authority=authority, clock=clock)
    except BaseException:
        store.close()
        raise
    return DriverInstallation(watching, settings, phone.place, phone.device, store)


def _watching(settings: Settings, *, store: Store, authority: AuthorityDesk, clock: Clock) -> DriverWatching:
    models, threads = ModelStore(folder=settings.models_folder), settings.threads
    eyes = IrisLandmark(content=models.read(IrisLandmark.model_id), threads=threads)
    return DriverWatching(
        authority=authority,
        stream_door=StreamDoor(verifier=authority.verifier, clock=clock),
        analyser=load_analyser(choose_networks(settings, models.manifest), models, threads=threads),
        door=DriverDoor(eyes=eyes, verifier=authority.verifier),
        store=store,
    )
