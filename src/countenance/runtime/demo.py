"""The demonstration's installation: a folder of its own, a key beside the data, DEMO evidence.

Rules kept here:

* A demonstration never opens a folder that holds a real installation.
* Its root key lies outside its data folder, as everywhere.
* Opening it again changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from countenance.authority import DEMO_JURISDICTIONS, DemoSite, seed_demo
from countenance.kernel import Clock, KeyProvider, SystemClock
from countenance.runtime.build import assemble
from countenance.runtime.errors import DemoFolderForeign
from countenance.runtime.memory_guard import keep_memory_off_disks
from countenance.runtime.opening import require_replayed
from countenance.runtime.selfcheck import examine_settings, require_ready
from countenance.runtime.services import Services
from countenance.runtime.settings import Settings
from countenance.store import Store, StoreMissing, create_root_key, key_provider

__all__ = ["DemoFolder", "DemoInstallation", "create_demo_records", "demo_settings", "prepare_demo"]


@dataclass(frozen=True, slots=True)
class DemoFolder:
    """Where the parts of a demonstration lie.

    Attributes:
        root: the folder that the user named, absolute.
    """

    root: Path

    @property
    def data(self) -> Path:
        """The data folder."""
        return self.root / "data"

    @property
    def key(self) -> Path:
        """The root key: outside the data folder."""
        return self.root / "key" / "root.key"

    @property
    def pictures(self) -> Path:
        """What the demonstration draws to be looked at."""
        return self.root / "pictures"


@dataclass(frozen=True, slots=True, eq=False)
class DemoInstallation:
    """A demonstration that is ready. A context manager; leaving it closes the store.

    Attributes:
        services: what it offers.
        site: the places and devices of its hotel.
        folder: where it lies.
    """

    services: Services
    site: DemoSite
    folder: DemoFolder

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.services.close()


def demo_settings(settings: Settings, folder: DemoFolder) -> Settings:
    """Return the settings with the demonstration's own data folder and root key in place of the real ones."""
    return settings.model_copy(
        update={
            "data_folder": folder.data,
            "root_key": f"file:{folder.key}",
            "erasure_journal": None,
            "database": None,
        }
    )


def prepare_demo(
    settings: Settings,
    *,
    folder: Path,
    jurisdiction: str = DEMO_JURISDICTIONS[0],
    clock: Clock | None = None,
    serving: bool = False,
) -> DemoInstallation:
    """Create or open the demonstration in a folder.

    Args:
        settings: the user's; data folder and root key are replaced by the folder's own.
        folder: where it lies or will lie.
        jurisdiction: where its hotel stands; settled when the folder is made.
        clock: its time; the machine's own if left out.
        serving: as in :func:`countenance.runtime.build`.

    Raises:
        DemoFolderForeign: if the folder holds an installation that isn't a demonstration.
        DemoNotOffered: if there is no hotel in that jurisdiction, or the folder's stands in another one.
        InstallationNotReady: if something is unsafe or missing, such as the networks.
        ErasuresNotReplayed: if somebody put an earlier state of the store back.
    """
    keep_memory_off_disks()
    lies = DemoFolder(folder.expanduser().absolute())
    settings = demo_settings(settings, lies)
    clock = clock or SystemClock()
    store = _open_or_create(lies, clock)
    try:
        require_replayed(store, settings)
        _require_demo(store)
        require_ready(examine_settings(settings))
        installation = assemble(settings, store=store, clock=clock, serving=serving)
        site = seed_demo(installation.authority, jurisdiction=jurisdiction)
    except BaseException:
        store.close()
        raise
    return DemoInstallation(installation.services, site, lies)


def create_demo_records(settings: Settings, *, folder: Path) -> Settings:
    """See that the records of a demonstration are in a folder, without loading a network.

    Args:
        settings: the user's.
        folder: where they lie or will lie.

    Returns:
        The settings with the demonstration's own data folder and root key.

    Raises:
        DemoFolderForeign: if the folder holds an installation that isn't a demonstration.
    """
    keep_memory_off_disks()
    lies = DemoFolder(folder.expanduser().absolute())
    with _open_or_create(lies, SystemClock()) as store:
        _require_demo(store)
    return demo_settings(settings, lies)


def _require_demo(store: Store) -> None:
    if not store.deployment.demo:
        raise DemoFolderForeign("The folder holds an installation that isn't a demonstration.")


def _open_or_create(folder: DemoFolder, clock: Clock) -> Store:
    provider = _root_key(folder)
    try:
        return Store.open(folder.data, key_provider=provider, clock=clock)
    except StoreMissing:
        return Store.create(folder.data, key_provider=provider, clock=clock, demo=True)


def _root_key(folder: DemoFolder) -> KeyProvider:
    uri = f"file:{folder.key}"
    if not folder.key.exists():
        create_root_key(uri)
    return key_provider(uri)
