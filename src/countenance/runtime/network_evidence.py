"""Whose faces the recognition network learned from: evidence for searches turned against whoever is found.

Rules kept here:

* What the model registry says of the network in use is taken as it stands. Stated sets are reported for the
  whole deployment; they are its makers' word, and nobody here has seen them.
* Where they are unknown, a purpose is reported alone that accepts this very network by its id, in a record
  that counts now. Another network's id, a withdrawn record or one for a single place accepts nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from countenance.authority import Observed, shipped_rules
from countenance.authority.resolver import counts_alone
from countenance.kernel import Clock, CountenanceError, PurposeId
from countenance.kernel.canonical import JsonValue
from countenance.policy import Vocabulary
from countenance.runtime.networks import choose_networks
from countenance.runtime.settings import Settings
from countenance.store import EvidenceRecord, EvidenceScope, Store
from countenance.vision.registry import ModelEntry, ModelStore, TrainingSets

__all__ = ["NetworkObserver", "network_observer"]

_KEY: Final = "network_provenance"
_PURPOSE: Final = "purpose"
_ACCEPTED: Final = "accepts_networks"


class NetworkObserver:
    """Compares the network in use with what is stated of it, and with what purposes accept.

    Args:
        store: where the purposes' records are.
        clock: says what time it is.
        vocabulary: who may issue what.
        network: the registry's entry of the recognition network in use; ``None`` where there is none.
    """

    __slots__ = ("_clock", "_network", "_store", "_vocabulary")

    def __init__(
        self, *, store: Store, clock: Clock, vocabulary: Vocabulary, network: ModelEntry | None
    ) -> None:
        self._store = store
        self._clock = clock
        self._vocabulary = vocabulary
        self._network = network

    @property
    def keys(self) -> frozenset[str]:
        """``network_provenance``."""
        return frozenset({_KEY})

    def observe(self) -> tuple[Observed, ...]:
        """Report stated sets, or the purposes that accept not knowing them."""
        network = self._network
        if network is None:
            return ()
        content: dict[str, JsonValue] = {
            "network": network.model_id,
            "dataset_provenance": network.dataset_provenance.value,
        }
        if network.dataset_provenance is TrainingSets.STATED:
            return (Observed(_KEY, {**content, "training_sets": list(network.training_sets)}),)
        accepting = dict.fromkeys(self._accepting(network.model_id))
        return tuple(
            Observed(_KEY, {**content, "accepted": True}, EvidenceScope(purpose=purpose))
            for purpose in accepting
        )

    def _accepting(self, network: str) -> Iterator[PurposeId]:
        now = self._clock.now()
        for record in self._store.evidence.at(now, keys={_PURPOSE}, about_nobody=True):
            purpose = record.scope.purpose
            if purpose is None or record.scope != EvidenceScope(purpose=purpose):
                continue
            accepted = record.content.get(_ACCEPTED)
            if isinstance(accepted, list | tuple) and network in accepted and self._counts(record):
                yield purpose

    def _counts(self, record: EvidenceRecord) -> bool:
        return counts_alone(
            record,
            at=self._clock.now(),
            vocabulary=self._vocabulary,
            demo=self._store.deployment.demo,
            # A purpose is a role's word: no signature from outside stands for it.
            vouched=lambda _: False,
        )


def network_observer(settings: Settings, *, store: Store, clock: Clock) -> NetworkObserver:
    """Return what looks at the recognition network of an installation."""
    try:
        manifest = ModelStore(folder=settings.models_folder).manifest
        network = manifest.entry(choose_networks(settings, manifest).embedder)
    except CountenanceError:
        # A network that isn't in the registry is reported by the self-check; nothing is vouched for then.
        network = None
    return NetworkObserver(store=store, clock=clock, vocabulary=shipped_rules()[1], network=network)
