"""A made-up gate, so that telling people from pictures of them can be shown with evidence really on file.

Rules kept here are those of the made-up hotel (:mod:`countenance.authority.demo`). The gate has a purpose of
its own: nobody is enrolled, compared or searched for with it.
"""

from __future__ import annotations

from typing import Final

from countenance.authority.demo_door import DemoDoor, seed_beside_hotel
from countenance.authority.desk import AuthorityDesk

__all__ = ["seed_demo_gate"]

_FUNCTIONS: Final = ("capture", "pad")
_FILE: Final = "demo_gate.toml"


def seed_demo_gate(desk: AuthorityDesk, *, jurisdiction: str) -> DemoDoor:
    """Register the made-up gate and file what its people answer for.

    Args:
        desk: the desk of a demonstration.
        jurisdiction: where it is.

    Raises:
        DemoEvidenceRefused: if the store wasn't created for a demonstration.
        DemoNotOffered: if there is no hotel in that jurisdiction, or this data folder's stands in another.
    """
    return seed_beside_hotel(desk, file=_FILE, functions=_FUNCTIONS, jurisdiction=jurisdiction)
