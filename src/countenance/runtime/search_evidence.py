"""What the system can see of its own searches: evidence for the rules on identification.

Rules kept here:

* That a threshold follows from the stated rate is reported where the error table in use has a tail; no search
  runs without one.
* A purpose's gallery is reported as within its evidence while it is: by the people in it, the rate that the
  settings name, and the tail.
* ``accuracy_report`` is this deployment's own measurement. A table that came with the version is none, except
  in a demonstration, where nobody is real.
"""

from __future__ import annotations

from typing import Final

from countenance.authority import Observed
from countenance.decisions import ErrorTable, shipped_error_table
from countenance.kernel import CountenanceError
from countenance.kernel.canonical import JsonValue
from countenance.runtime.networks import choose_networks
from countenance.runtime.settings import Settings
from countenance.store import EvidenceScope, Store
from countenance.vision.registry import ModelStore

__all__ = ["SearchObserver", "search_observer"]

_SHIPPED: Final = "development"
"""The label of the tables that come with a version."""


class SearchObserver:
    """Looks at the error table in use and at how many people are enrolled.

    Args:
        store: where purposes and references are.
        table: in use; ``None`` where there is none for the networks.
        fpir: the false positive identification rate that the settings name.
    """

    __slots__ = ("_fpir", "_store", "_table")

    def __init__(self, *, store: Store, table: ErrorTable | None, fpir: float) -> None:
        self._store = store
        self._table = table
        self._fpir = fpir

    @property
    def keys(self) -> frozenset[str]:
        """``accuracy_report``, ``gallery_n<=accuracy_n`` and ``threshold_from_fpir``."""
        return frozenset({"accuracy_report", "gallery_n<=accuracy_n", "threshold_from_fpir"})

    def observe(self) -> tuple[Observed, ...]:
        """Report what the table supports, and the purposes whose galleries keep to it."""
        table = self._table
        if table is None or table.tail is None:
            return ()
        largest = table.tail.largest_gallery(fpir=self._fpir)
        within: dict[str, JsonValue] = {"largest": largest, "fpir": self._fpir, "model": table.model_id}
        seen = [
            Observed(
                "threshold_from_fpir", {"table": table.label, "model": table.model_id, "fpir": self._fpir}
            ),
            *(
                Observed("gallery_n<=accuracy_n", within, EvidenceScope(purpose=purpose.purpose_id))
                for purpose in self._store.purposes.all()
                if 0 < self._store.references.count(purpose.purpose_id, model_id=table.model_id) <= largest
            ),
        ]
        if table.label != _SHIPPED or self._store.deployment.demo:
            seen.append(
                Observed(
                    "accuracy_report",
                    {
                        "table": table.label,
                        "model": table.model_id,
                        "measured_on": table.measured_on,
                        "measured_at": table.measured_at.isoformat(),
                    },
                )
            )
        return tuple(seen)


def search_observer(settings: Settings, *, store: Store) -> SearchObserver:
    """Return what looks at the searches of an installation."""
    table = None
    try:
        networks = choose_networks(settings, ModelStore(folder=settings.models_folder).manifest)
        table = shipped_error_table(networks.template_model, networks.detectors)
    except CountenanceError:
        # Networks without a table are reported by the self-check; nothing is vouched for then.
        table = None
    return SearchObserver(store=store, table=table, fpir=settings.identification_fpir)
