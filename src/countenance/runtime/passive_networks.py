"""Which passive networks look in a liveness session, and which of them may confirm.

Rules kept here:

* A network is known by the SHA-256 of its file, whoever brought it: how it is fed and read can't be guessed.
* Only a network that was measured on prints and on living people, and that doesn't take most depictions for
  live, may confirm. The others deny or say nothing.
"""

from __future__ import annotations

from typing import Final

from countenance.liveness.evidence import PassiveVerdict
from countenance.runtime.errors import ModelNotForThis
from countenance.runtime.settings import Settings
from countenance.vision.passive import KNOWN_PASSIVE, MINIFASNET_V2, ContextNetwork, ContextSpec
from countenance.vision.registry import Job, ModelManifest, ModelStore

__all__ = ["load_passive", "passive_verdicts"]

_MAY_CONFIRM: Final = frozenset({MINIFASNET_V2.sha256})
"""What was measured, and how, stands in ``docs/explanation/liveness.md``."""


def load_passive(settings: Settings, models: ModelStore) -> tuple[ContextNetwork, ...]:
    """Load the passive networks that the settings name.

    Raises:
        ModelUnknown: if the manifest has no such network.
        ModelNotForThis: if it is for another job, or no file that this version can speak to.
        ModelMissing: if weights aren't here.
        ModelHashWrong: if they aren't the pinned bytes.
        ModelUnusable: if the runtime can't load them.
    """
    return tuple(
        ContextNetwork(
            model_id=model_id,
            spec=_spec(model_id, models.manifest),
            content=models.read(model_id),
            threads=settings.threads,
        )
        for model_id in _named(settings)
    )


def passive_verdicts(settings: Settings, manifest: ModelManifest) -> tuple[PassiveVerdict, ...]:
    """Return the cue of each of these networks.

    Raises:
        ModelUnknown: as :func:`load_passive`.
        ModelNotForThis: likewise.
    """
    return tuple(
        PassiveVerdict(model_id, may_confirm=_spec(model_id, manifest).sha256 in _MAY_CONFIRM)
        for model_id in _named(settings)
    )


def _named(settings: Settings) -> tuple[str, ...]:
    return tuple(dict.fromkeys(settings.passive_networks))


def _spec(model_id: str, manifest: ModelManifest) -> ContextSpec:
    entry = manifest.entry(model_id)
    spec = KNOWN_PASSIVE.get(entry.sha256)
    if entry.job is not Job.LIVENESS or spec is None:
        msg = f"The network {model_id} isn't one that this version can ask about liveness."
        raise ModelNotForThis(msg)
    return spec
