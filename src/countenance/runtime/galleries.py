"""Opens the gallery of an installation: in this process, or in parts on a cluster, as the settings say."""

from __future__ import annotations

from countenance.gallery import ClusterGallery, SealedGallery
from countenance.kernel import Clock
from countenance.runtime.ray_gallery import ray_shards
from countenance.runtime.settings import Settings
from countenance.store import Store

__all__ = ["OpenGallery", "open_gallery"]

OpenGallery = SealedGallery | ClusterGallery
"""A gallery of either kind; both are the protocol ``Gallery`` and can be closed."""


def open_gallery(
    settings: Settings, *, store: Store, model_id: str, dimensions: int, clock: Clock
) -> OpenGallery:
    """Return the gallery that the settings name; close it.

    Raises:
        RayNotInstalled, ClusterWithoutToken, ClusterNotJoined: if its cluster can't be joined.
    """
    if settings.gallery is None:
        return SealedGallery(store=store, model_id=model_id, dimensions=dimensions, clock=clock)
    shards = ray_shards(
        settings,
        gallery=settings.gallery,
        deployment=store.deployment.deployment_id,
        model_id=model_id,
        dimensions=dimensions,
    )
    return ClusterGallery(store=store, shards=shards, model_id=model_id, dimensions=dimensions, clock=clock)
