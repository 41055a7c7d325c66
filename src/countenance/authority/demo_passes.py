"""A made-up desk at which guests are given a holder pass and show it, with a clerk in front of them.

Rules kept here are those of the made-up hotel (:mod:`countenance.authority.demo`). The desk is the hotel's
and has a purpose of its own. Nobody is searched for at it: its device isn't declared for that.
"""

from __future__ import annotations

from typing import Final

from countenance.authority.demo_door import DemoDoor, seed_beside_hotel
from countenance.authority.desk import AuthorityDesk

__all__ = ["seed_demo_pass_desk"]

_FUNCTIONS: Final = ("capture", "enrol", "verify")
_FILE: Final = "demo_passes.toml"


def seed_demo_pass_desk(desk: AuthorityDesk, *, jurisdiction: str) -> DemoDoor:
    """Register the made-up pass desk beside the made-up hotel and file what its people answer for.

    Args:
        desk: the desk of a demonstration.
        jurisdiction: where both stand. Passes are issued and checked by these rules in ``EU`` and ``UK``;
            elsewhere more is asked than the desk has on file, and the refusal names it.

    Raises:
        DemoEvidenceRefused: if the store wasn't created for a demonstration.
        DemoNotOffered: if there is no hotel in that jurisdiction, or this data folder's stands in another.
    """
    return seed_beside_hotel(desk, file=_FILE, functions=_FUNCTIONS, jurisdiction=jurisdiction)
