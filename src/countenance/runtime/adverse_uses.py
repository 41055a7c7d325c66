"""Whether a search could be turned against whoever is found here, and what stands against it, in words.

Rules kept here:

* The rules refuse by evidence that isn't there, and say which. This says why the system doesn't report it:
  which groups weren't measured or differ too much, and what would lift that.
* It hinders nothing and permits nothing: the finding is always well, since refusing is the usual case.
"""

from __future__ import annotations

from countenance.decisions import parity_shortfalls
from countenance.kernel import Clock, CountenanceError
from countenance.runtime.error_tables import error_table_in_use
from countenance.runtime.network_evidence import network_observer
from countenance.runtime.networks import choose_networks
from countenance.runtime.selfcheck import HealthFinding
from countenance.runtime.settings import Settings
from countenance.store import Store
from countenance.vision.registry import ModelStore

__all__ = ["examine_adverse_uses"]

_NAME = "adverse-uses"
_REFUSED = "Searches turned against whoever is found are refused."
_MEASURE = "`countenance calibrate` with labels of age, gender and origin measures them."


def examine_adverse_uses(settings: Settings, *, store: Store, clock: Clock) -> HealthFinding:
    """Say what stands against a search of passers-by, of recordings or for listed people.

    The groups are those of the strictest level of the error table in use. A purpose's own threshold may lie
    at another, and other rules ask for more.
    """
    try:
        networks = choose_networks(settings, ModelStore(folder=settings.models_folder).manifest)
        in_use = error_table_in_use(networks, store)
    except CountenanceError as error:
        return HealthFinding(_NAME, ok=True, words=f"{_REFUSED} {error.message}")
    against = list(parity_shortfalls(in_use.table.levels[-1].parity, own_people=in_use.own))
    if against:
        against.append(_MEASURE)
    if not network_observer(settings, store=store, clock=clock).observe():
        against.append(
            f"Nobody states whose faces {networks.embedder} learned from, and no purpose accepts it by name."
        )
    if not against:
        words = "Neither groups nor network stand against a search turned against whoever is found."
        return HealthFinding(_NAME, ok=True, words=words)
    return HealthFinding(_NAME, ok=True, words=" ".join((_REFUSED, *against)))
