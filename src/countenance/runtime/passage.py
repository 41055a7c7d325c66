"""The networks that look at clips, put together with an open installation's doors."""

from __future__ import annotations

from countenance.authority import AuthorityDesk
from countenance.capture import StreamDoor
from countenance.kernel import Clock
from countenance.liveness import FaceWatcher, LivenessDoor
from countenance.liveness.evidence import (
    Evidence,
    FrozenFrames,
    IdentityContinuity,
    NoseRelief,
    OneFace,
    RidingRectangle,
)
from countenance.runtime.error_tables import error_table_in_use
from countenance.runtime.liveness import SAME_FACE_FMR
from countenance.runtime.networks import choose_networks, load_detector, load_embedder, load_mesh
from countenance.runtime.passive_networks import load_passive, passive_verdicts
from countenance.runtime.settings import Settings
from countenance.scenes import ClipLiveness, PassageWatching
from countenance.store import Store
from countenance.vision import SelfLikenessDoor
from countenance.vision.detection import BlazeFaceShort
from countenance.vision.landmarks import FaceMesh468, IrisLandmark
from countenance.vision.registry import ModelStore

__all__ = ["clip_liveness", "passage_watching"]


def passage_watching(
    settings: Settings, *, store: Store, authority: AuthorityDesk, clock: Clock
) -> PassageWatching:
    """Put looks at who passes together over an open store.

    Raises:
        ModelMissing: if a network isn't here.
    """
    models, threads = ModelStore(folder=settings.models_folder), settings.threads
    return PassageWatching(
        authority=authority,
        stream_door=StreamDoor(verifier=authority.verifier, clock=clock),
        liveness_door=LivenessDoor(verifier=authority.verifier),
        # A scene has faces of many sizes before one camera; this detector is the one that was measured.
        detector=BlazeFaceShort(content=models.read(BlazeFaceShort.model_id), threads=threads),
        mesh=FaceMesh468(content=models.read(FaceMesh468.model_id), threads=threads),
        store=store,
    )


def clip_liveness(
    settings: Settings, *, store: Store, authority: AuthorityDesk, clock: Clock
) -> ClipLiveness:
    """Put looks at recorded clips together over an open store.

    Raises:
        ModelMissing: if a network isn't here.
        ErrorTableInvalid: if there is no error table for the embedding network.
    """
    models, threads = ModelStore(folder=settings.models_folder), settings.threads
    networks, verifier = choose_networks(settings, models.manifest), authority.verifier
    table = error_table_in_use(networks, store).table
    cues: tuple[Evidence, ...] = (
        NoseRelief(),
        FrozenFrames(),
        OneFace(),
        RidingRectangle(),
        IdentityContinuity(denied_below=table.threshold(SAME_FACE_FMR).value),
        *passive_verdicts(settings, models.manifest),
    )
    return ClipLiveness(
        authority=authority,
        stream_door=StreamDoor(verifier=verifier, clock=clock),
        liveness_door=LivenessDoor(verifier=verifier),
        likeness_door=SelfLikenessDoor(
            embedder=load_embedder(networks, models, threads=threads), verifier=verifier
        ),
        watcher=FaceWatcher(
            detector=load_detector(networks, models, threads=threads),
            mesh=load_mesh(networks, models, threads=threads),
            passive=load_passive(settings, models),
        ),
        eyes=IrisLandmark(content=models.read(IrisLandmark.model_id), threads=threads),
        cues=cues,
        store=store,
    )
