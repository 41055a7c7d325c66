"""Looks at who passes, by themselves: an installation's own, and the demonstration's made-up gate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from countenance.authority import DEMO_JURISDICTIONS, DemoDoor, seed_demo_gate
from countenance.kernel import Clock, SystemClock
from countenance.runtime.build import assemble
from countenance.runtime.demo import DemoFolder, demo_settings, prepare_demo
from countenance.runtime.opening import open_store
from countenance.runtime.passage import clip_liveness, passage_watching
from countenance.runtime.selfcheck import examine_settings, require_ready
from countenance.runtime.settings import Settings
from countenance.scenes import ClipLiveness, PassageWatching
from countenance.store import Store

__all__ = ["PassageInstallation", "prepare_demo_gate", "prepare_passage"]


@dataclass(frozen=True, slots=True, eq=False)
class PassageInstallation:
    """Looks at who passes, ready. A context manager; leaving it closes the store.

    Attributes:
        watching: looks at clips for who passes, under permits.
        clips: gives what looks at a clip for liveness; asked when one comes.
        settings: what the installation was told.
        gate: the demonstration's; ``None`` in a real installation.
        store: the records; held to be closed.
    """

    watching: PassageWatching
    clips: Callable[[], ClipLiveness]
    settings: Settings
    gate: DemoDoor | None
    store: Store

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.store.close()


def prepare_passage(settings: Settings, *, clock: Clock | None = None) -> PassageInstallation:
    """Open the installation of the settings and put the looks together.

    Raises:
        InstallationNotReady: if something is unsafe or missing.
        ModelMissing: if a network isn't here.
        OperatorError: if the store can't be opened.
    """
    require_ready(examine_settings(settings))
    clock = clock or SystemClock()
    store = open_store(settings, clock=clock)
    try:
        authority = assemble(settings, store=store, clock=clock, serving=False).authority
        watching = passage_watching(settings, store=store, authority=authority, clock=clock)
        clips = partial(clip_liveness, settings, store=store, authority=authority, clock=clock)
    except BaseException:
        store.close()
        raise
    return PassageInstallation(watching, clips, settings, None, store)


def prepare_demo_gate(
    settings: Settings,
    *,
    folder: Path,
    jurisdiction: str = DEMO_JURISDICTIONS[0],
    clock: Clock | None = None,
) -> PassageInstallation:
    """Create or open the demonstration in a folder, with its made-up gate.

    Raises:
        DemoFolderForeign: if the folder holds an installation that isn't a demonstration.
        DemoNotOffered: if there is none in that jurisdiction, or the folder's stands in another one.
        ModelMissing: if a network isn't here.
    """
    clock = clock or SystemClock()
    with prepare_demo(settings, folder=folder, jurisdiction=jurisdiction, clock=clock):
        settings = demo_settings(settings, DemoFolder(folder.expanduser().absolute()))
    store = open_store(settings, clock=clock)
    try:
        authority = assemble(settings, store=store, clock=clock, serving=False).authority
        gate = seed_demo_gate(authority, jurisdiction=jurisdiction)
        watching = passage_watching(settings, store=store, authority=authority, clock=clock)
        clips = partial(clip_liveness, settings, store=store, authority=authority, clock=clock)
    except BaseException:
        store.close()
        raise
    return PassageInstallation(watching, clips, settings, gate, store)
