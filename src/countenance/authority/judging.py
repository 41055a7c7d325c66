"""The verdict over what was resolved: pure, so that an auditor reaches it again from the same records.

Rules kept here:

* Every operation is asked at every place where the request is judged; any refusal refuses the whole.
* One verdict is for one day. Of two calendars the later day counts: more rules are in force.
"""

from __future__ import annotations

from collections.abc import Sequence

from countenance.authority.resolver import Resolution
from countenance.authority.sites import Site
from countenance.policy import Facts, RuleSet, Verdict, Vocabulary, combine, evaluate

__all__ = ["verdict_on"]


def verdict_on(
    operations: Sequence[str],
    sites: Sequence[Site],
    resolutions: Sequence[Resolution],
    *,
    rules: RuleSet,
    vocabulary: Vocabulary,
    honour_early: frozenset[str] | None = None,
) -> Verdict:
    """Return what the rules say about operations at places, on what the records say there.

    Args:
        operations: what is asked.
        sites: where, at least one.
        resolutions: what the records say, one for each site.
        rules: the rules to ask.
        vocabulary: their words.
        honour_early: rules to keep before they are in force; ``None`` for the house's own choice.
    """
    day = max(site.day for site in sites)
    return combine(
        [
            evaluate(
                rules,
                Facts(
                    operation=operation,
                    place_kind=site.kind,
                    jurisdictions=site.jurisdictions,
                    at=day,
                    triggers=resolution.triggers,
                    evidence=resolution.for_operation(operation).evidence,
                ),
                vocabulary=vocabulary,
                honour_early=honour_early,
            )
            for site, resolution in zip(sites, resolutions, strict=True)
            for operation in operations
        ]
    )
