"""What the system can see of its own searches: evidence for the rules on identification.

Rules kept here:

* That a threshold follows from the stated rate is reported where the error table in use has a tail; no search
  runs without one.
* A purpose's gallery is reported as within its evidence while it is: by the people in it, the rate that the
  settings name, and the tail.
* ``accuracy_report`` is this deployment's own measurement. A table that came with the version is none, except
  in a demonstration, where nobody is real. Which it is follows from where it was found, not from its label.
* ``demographic_report`` is reported for a purpose while nothing that was measured of groups, at the threshold
  that its number of people has, stands against an adverse use. A demonstration is no exception.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from countenance.authority import Observed
from countenance.decisions import GalleryBeyondEvidence, parity_shortfalls, search_level
from countenance.kernel import CountenanceError, PurposeId
from countenance.kernel.canonical import JsonValue
from countenance.runtime.error_tables import TableInUse, error_table_in_use
from countenance.runtime.networks import choose_networks
from countenance.runtime.settings import Settings
from countenance.store import EvidenceScope, Store
from countenance.vision.registry import ModelStore

__all__ = ["SearchObserver", "search_observer"]


class SearchObserver:
    """Looks at the error table in use and at how many people are enrolled.

    Args:
        store: where purposes and references are.
        in_use: the error table; ``None`` where there is none for the networks.
        fpir: the false positive identification rate that the settings name.
    """

    __slots__ = ("_fpir", "_in_use", "_store")

    def __init__(self, *, store: Store, in_use: TableInUse | None, fpir: float) -> None:
        self._store = store
        self._in_use = in_use
        self._fpir = fpir

    @property
    def keys(self) -> frozenset[str]:
        """``accuracy_report``, ``demographic_report``, ``gallery_n<=accuracy_n``, ``threshold_from_fpir``."""
        return frozenset(
            {"accuracy_report", "demographic_report", "gallery_n<=accuracy_n", "threshold_from_fpir"}
        )

    def observe(self) -> tuple[Observed, ...]:
        """Report what the table supports, and the purposes whose galleries keep to it."""
        table = None if self._in_use is None else self._in_use.table
        if self._in_use is None or table is None or table.tail is None:
            return ()
        enrolled = {
            purpose.purpose_id: self._store.references.count(purpose.purpose_id, model_id=table.model_id)
            for purpose in self._store.purposes.all()
        }
        largest = table.tail.largest_gallery(fpir=self._fpir)
        within: dict[str, JsonValue] = {"largest": largest, "fpir": self._fpir, "model": table.model_id}
        seen = [
            Observed(
                "threshold_from_fpir", {"table": table.label, "model": table.model_id, "fpir": self._fpir}
            ),
            *(
                Observed("gallery_n<=accuracy_n", within, EvidenceScope(purpose=purpose))
                for purpose, people in enrolled.items()
                if 0 < people <= largest
            ),
            *self._alike_for_all(self._in_use, enrolled),
        ]
        if self._in_use.own or self._store.deployment.demo:
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

    def _alike_for_all(self, in_use: TableInUse, enrolled: Mapping[PurposeId, int]) -> Iterator[Observed]:
        """Report the purposes for which nothing that was measured of groups stands against an adverse use."""
        for purpose, people in enrolled.items():
            try:
                level = search_level(in_use.table, fpir=self._fpir, people=people) if people else None
            except GalleryBeyondEvidence:
                level = None
            if level is None:
                continue
            measured = in_use.table.parity_at(level.threshold)
            if not parity_shortfalls(measured, own_people=in_use.own):
                found: dict[str, JsonValue] = {
                    "model": in_use.table.model_id,
                    "people": people,
                    "parity": [one.words for one in measured],
                }
                yield Observed("demographic_report", found, EvidenceScope(purpose=purpose))


def search_observer(settings: Settings, *, store: Store) -> SearchObserver:
    """Return what looks at the searches of an installation."""
    try:
        networks = choose_networks(settings, ModelStore(folder=settings.models_folder).manifest)
        in_use = error_table_in_use(networks, store)
    except CountenanceError:
        # Networks without a table are reported by the self-check; nothing is vouched for then.
        in_use = None
    return SearchObserver(store=store, in_use=in_use, fpir=settings.identification_fpir)
