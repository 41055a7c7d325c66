"""What the rules would say if certain facts were so. Never yields a permit: no record stands behind it."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from datetime import date
from typing import Final

from countenance.authority.errors import UnknownFactName
from countenance.policy import Facts, RuleSet, Verdict, Vocabulary, evaluate

__all__ = ["SUPPOSED", "hypothetical", "supposed_facts"]

SUPPOSED: Final = "supposed"
"""Stands in a hypothetical verdict where a real one names a record."""


def hypothetical(
    rules: RuleSet,
    vocabulary: Vocabulary,
    *,
    operation: str,
    place_kind: str,
    jurisdictions: tuple[str, ...],
    at: date,
    facts: Mapping[str, bool],
    honour_early: frozenset[str] | None = None,
) -> Verdict:
    """Ask the rules about supposed facts.

    Args:
        rules: the rules in use.
        vocabulary: their words.
        operation: from the vocabulary.
        place_kind: from the vocabulary.
        jurisdictions: such as ``("CN",)`` or ``("US/IL",)``.
        at: the day for which it is asked.
        facts: trigger or evidence key -> whether it is so. A trigger that is left out is unknown;
            evidence that is left out, or false, isn't on file.
        honour_early: as in :func:`countenance.policy.evaluate`.

    Returns:
        A verdict that rests on nothing but the caller's word; the desk takes none of it.

    Raises:
        UnknownFactName: if a fact is neither a trigger nor an evidence key; the remedy names close ones.
        UnknownOperation: if the operation isn't in the vocabulary.
        UnknownPlaceKind: if the kind of place isn't.
    """
    supposed = supposed_facts(
        vocabulary,
        operation=operation,
        place_kind=place_kind,
        jurisdictions=jurisdictions,
        at=at,
        facts=facts,
    )
    return evaluate(rules, supposed, vocabulary=vocabulary, honour_early=honour_early)


def supposed_facts(
    vocabulary: Vocabulary,
    *,
    operation: str,
    place_kind: str,
    jurisdictions: tuple[str, ...],
    at: date,
    facts: Mapping[str, bool],
) -> Facts:
    """Return what :func:`hypothetical` tells the rules.

    Raises:
        UnknownFactName: if a fact is neither a trigger nor an evidence key; the remedy names close ones.
    """
    _require_known(facts, vocabulary)
    filed = [name for name, value in facts.items() if value and name in vocabulary.evidence]
    return Facts(
        operation=operation,
        place_kind=place_kind,
        jurisdictions=jurisdictions,
        at=at,
        triggers={name: value for name, value in facts.items() if name in vocabulary.triggers},
        evidence=dict.fromkeys(filed, (SUPPOSED,)),
    )


def _require_known(facts: Mapping[str, bool], vocabulary: Vocabulary) -> None:
    known = sorted({*vocabulary.triggers, *vocabulary.evidence})
    for name in sorted(facts):
        if name in vocabulary.triggers or name in vocabulary.evidence:
            continue
        close = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
        meant = f"Did you mean {' or '.join(close)}?" if close else UnknownFactName.default_remedy
        # What the caller typed isn't repeated: it may hold anything.
        msg = "One of the facts is neither a trigger nor an evidence key of the rules."
        raise UnknownFactName(msg, remedy=meant)
