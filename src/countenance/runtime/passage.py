"""The networks that look at who passes, put together with an open installation's doors."""

from __future__ import annotations

from countenance.authority import AuthorityDesk
from countenance.capture import StreamDoor
from countenance.kernel import Clock
from countenance.liveness import LivenessDoor
from countenance.runtime.settings import Settings
from countenance.scenes import PassageWatching
from countenance.store import Store
from countenance.vision.detection import BlazeFaceShort
from countenance.vision.landmarks import FaceMesh468
from countenance.vision.registry import ModelStore

__all__ = ["passage_watching"]


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
