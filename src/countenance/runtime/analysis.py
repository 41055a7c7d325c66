"""The wiring of an analysis: the installation's desk, and doors that make no template."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from countenance.authority import DEMO_JURISDICTIONS, AuthorityDesk, seed_demo_archive
from countenance.capture import CaptureDoor, StreamDoor
from countenance.kernel import Clock, DeviceId, PlaceId, SystemClock
from countenance.runtime.build import assemble
from countenance.runtime.demo import DemoFolder, demo_settings, prepare_demo
from countenance.runtime.networks import choose_networks, load_analyser
from countenance.runtime.opening import open_store
from countenance.runtime.selfcheck import examine_settings, require_ready
from countenance.runtime.settings import Settings
from countenance.runtime.streams import stream_limits
from countenance.scenes import ImageAnalysis, StreamAnalysis
from countenance.store import Store
from countenance.vision.attributes import AgeNetwork, AnalysisDoor, GenderNetwork
from countenance.vision.landmarks import IrisLandmark
from countenance.vision.registry import ModelStore

__all__ = ["AnalysisInstallation", "prepare_analysis", "prepare_demo_analysis"]


@dataclass(frozen=True, slots=True, eq=False)
class AnalysisInstallation:
    """An analysis that is ready. A context manager; leaving it closes the store.

    Attributes:
        analysis: analyses pictures under permits.
        streams: analyses folders, videos and cameras under permits.
        settings: what the installation was told.
        place: the demonstration's picture desk; ``None`` in a real installation.
        device: its upload; likewise.
        store: the records; held to be closed.
    """

    analysis: ImageAnalysis
    streams: StreamAnalysis
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


def prepare_analysis(settings: Settings, *, clock: Clock | None = None) -> AnalysisInstallation:
    """Open the installation of the settings and put an analysis together.

    Raises:
        InstallationNotReady: if something is unsafe or missing.
        ModelMissing: if the networks of iris, age or gender aren't here.
        OperatorError: if the store can't be opened.
    """
    require_ready(examine_settings(settings))
    clock = clock or SystemClock()
    store = open_store(settings, clock=clock)
    try:
        authority = assemble(settings, store=store, clock=clock, serving=False).authority
        both = _analyses(settings, store=store, authority=authority, clock=clock)
    except BaseException:
        store.close()
        raise
    return AnalysisInstallation(*both, settings, None, None, store)


def prepare_demo_analysis(
    settings: Settings,
    *,
    folder: Path,
    jurisdiction: str = DEMO_JURISDICTIONS[0],
    clock: Clock | None = None,
) -> AnalysisInstallation:
    """Create or open the demonstration in a folder, with its made-up picture archive.

    Args:
        settings: the user's; data folder and root key are replaced by the folder's own.
        folder: where it lies or will lie.
        jurisdiction: where it stands; settled when the folder is made.
        clock: its time; the machine's own if left out.

    Raises:
        DemoFolderForeign: if the folder holds an installation that isn't a demonstration.
        DemoNotOffered: if there is none in that jurisdiction, or the folder's stands in another one.
        ModelMissing: if the networks of iris, age or gender aren't here.
    """
    clock = clock or SystemClock()
    with prepare_demo(settings, folder=folder, jurisdiction=jurisdiction, clock=clock):
        settings = demo_settings(settings, DemoFolder(folder.expanduser().absolute()))
    store = open_store(settings, clock=clock)
    try:
        authority = assemble(settings, store=store, clock=clock, serving=False).authority
        archive = seed_demo_archive(authority, jurisdiction=jurisdiction)
        both = _analyses(settings, store=store, authority=authority, clock=clock)
    except BaseException:
        store.close()
        raise
    return AnalysisInstallation(*both, settings, archive.place, archive.device, store)


def _analyses(
    settings: Settings, *, store: Store, authority: AuthorityDesk, clock: Clock
) -> tuple[ImageAnalysis, StreamAnalysis]:
    """Load the networks once and put them behind the doors of both."""
    models = ModelStore(folder=settings.models_folder)
    manifest, verifier, threads = models.manifest, authority.verifier, settings.threads
    age, gender, iris = AgeNetwork.model_id, GenderNetwork.model_id, IrisLandmark.model_id
    analyser = load_analyser(choose_networks(settings, manifest), models, threads=threads)
    door = AnalysisDoor(
        eyes=IrisLandmark(content=models.read(iris), threads=threads),
        age=AgeNetwork(content=models.read(age), measured=manifest.entry(age).card.measured, threads=threads),
        gender=GenderNetwork(
            content=models.read(gender), measured=manifest.entry(gender).card.measured, threads=threads
        ),
        verifier=verifier,
    )
    pictures = ImageAnalysis(
        authority=authority,
        capture_door=CaptureDoor(verifier=verifier, limits=stream_limits(settings).picture),
        analyser=analyser,
        analysis_door=door,
        store=store,
    )
    streams = StreamAnalysis(
        authority=authority,
        stream_door=StreamDoor(verifier=verifier, clock=clock),
        analyser=analyser,
        analysis_door=door,
        store=store,
    )
    return pictures, streams
