"""Whose rules hold for what an installation keeps: those of every place where it may be used."""

from __future__ import annotations

from countenance.store import Store

__all__ = ["registered_jurisdictions"]


def registered_jurisdictions(store: Store) -> frozenset[str]:
    """Return the jurisdictions of all registered places and everything above them, ``US/IL`` and ``US``.

    A record about a person belongs to a purpose, not to a place; the strictest place counts.
    """
    found: set[str] = set()
    for place in store.places.all():
        for code in place.jurisdictions:
            parts = code.split("/")
            found.update("/".join(parts[: length + 1]) for length in range(len(parts)))
    return frozenset(found)
