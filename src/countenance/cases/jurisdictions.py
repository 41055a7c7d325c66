"""Whose rules hold for what an installation keeps: those of every place where it may be used."""

from __future__ import annotations

from collections.abc import Iterable

from countenance.store import Store

__all__ = ["registered_jurisdictions", "with_those_above"]


def registered_jurisdictions(store: Store) -> frozenset[str]:
    """Return the jurisdictions of all registered places and everything above them, ``US/IL`` and ``US``.

    A record about a person belongs to a purpose, not to a place; the strictest place counts.
    """
    return with_those_above(code for place in store.places.all() for code in place.jurisdictions)


def with_those_above(codes: Iterable[str]) -> frozenset[str]:
    """Return jurisdictions and everything above them: ``US/IL`` and ``US``."""
    found: set[str] = set()
    for code in codes:
        parts = code.split("/")
        found.update("/".join(parts[: length + 1]) for length in range(len(parts)))
    return frozenset(found)
