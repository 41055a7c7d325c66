"""Which error table is in use: the deployment's own where it has one, else the one that came along.

Rules kept here:

* The deployment's own table is used when it was measured for the network in use and with every detector that
  finds the faces in question. An attended desk also finds portraits in documents: a table that was measured
  without their detector serves searches and passes, and not that desk.
* Whether a table is the deployment's own follows from where it was found, and from nothing in it.
* A table of its own that can't be read, or was measured with other weights under the same names, is an error:
  nobody falls back unasked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from countenance.decisions import ErrorTable, ErrorTableInvalid, parse_error_table, shipped_error_table

if TYPE_CHECKING:
    from countenance.runtime.networks import Networks
    from countenance.store import Store

__all__ = ["TableInUse", "error_table_in_use", "weights_in_source"]

_WEIGHTS = "weights-"


@dataclass(frozen=True, slots=True)
class TableInUse:
    """An error table, and whose it is.

    Attributes:
        table: which threshold keeps which rate.
        own: whether this deployment measured it, on its own people.
    """

    table: ErrorTable
    own: bool


def error_table_in_use(networks: Networks, store: Store | None, *, documents: bool = False) -> TableInUse:
    """Return the table by which a desk decides.

    Args:
        networks: in use.
        store: where the deployment's own tables are; ``None`` where there is no deployment.
        documents: whether portraits in documents are compared as well.

    Raises:
        ErrorTableInvalid: if there is none for these networks, or the deployment's own can't be read or was
            measured with other weights.
        RecordTampered: if somebody changed it.
    """
    model = networks.template_model
    needed = set(networks.detectors) if documents else {networks.detector}
    kept = None if store is None else store.error_tables.get(model)
    if kept is not None:
        table = parse_error_table(kept.content)
        if table.model_id != model:
            msg = "The deployment's own error table was measured for another embedding network."
            raise ErrorTableInvalid(msg, remedy="Run `countenance calibrate` anew, or with --forget.")
        if needed <= set(table.detectors):
            _require_same_weights(table, networks, {*needed, networks.mesh, networks.embedder})
            return TableInUse(table, own=True)
    return TableInUse(shipped_error_table(model, needed), own=False)


def weights_in_source(networks: Networks) -> dict[str, str]:
    """Return what a table of one's own says of the weights that it was measured with."""
    return {f"{_WEIGHTS}{model_id}": digest for model_id, digest in networks.weights}


def _require_same_weights(table: ErrorTable, networks: Networks, needed: set[str]) -> None:
    stated = dict(table.source)
    for model_id, digest in networks.weights:
        if model_id in needed and stated.get(f"{_WEIGHTS}{model_id}") != digest:
            msg = f"The deployment's own error table was measured with other weights of {model_id}."
            raise ErrorTableInvalid(msg, remedy="Run `countenance calibrate` anew, or with --forget.")
