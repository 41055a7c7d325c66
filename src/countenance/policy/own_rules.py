"""The operator's own packs: joined to what is shipped so that they can only make it stricter.

Rules kept here, each by what a pack can't say rather than by a look at what it does:

* A rule has no effect that permits: it bans, requires, bans unless, or limits.
* An own rule is added and never put in another's place: its identifier begins with ``OWN-``, which no
  shipped one does, and shipped packs stay as they are, word by word.
* What satisfies a shipped rule stands in that rule and in the vocabulary; a pack holds neither.
* That an own rule speaks never counts as a country's law speaking: an own pack covers no country, and a
  permit that rests on house rules alone is still called so.
* Erasing and correcting stay possible: they serve the person, and a rule against them wouldn't be stricter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import ClassVar, Final

from countenance.kernel import OperatorError
from countenance.policy.rules import Rule, RulePack, RuleSet
from countenance.policy.vocabulary import Vocabulary, VocabularyIncomplete

__all__ = ["OWN_PREFIX", "PERSONS_OPERATIONS", "OwnPackRefused", "with_own_packs"]

OWN_PREFIX: Final = "OWN-"
"""How the identifier of every rule of an operator begins."""

PERSONS_OPERATIONS: Final = frozenset({"correct", "delete"})
"""Operations that serve the person; no rule of an operator may stand in their way."""

_IDENTIFIER = re.compile(rf"{OWN_PREFIX}[A-Za-z0-9][A-Za-z0-9._-]{{0,60}}")


class OwnPackRefused(OperatorError):
    """A pack of the operator's own asks for more than making rules stricter, or can't be read."""

    code = "own-pack-refused"
    default_remedy: ClassVar[str] = (
        "Correct the pack, or take it out of the rules folder; `countenance rules check` says what is wrong "
        "with it."
    )


def with_own_packs(shipped: RuleSet, packs: Iterable[RulePack], *, vocabulary: Vocabulary) -> RuleSet:
    """Add an operator's own packs to the shipped rules.

    Args:
        shipped: what comes with the release.
        packs: the operator's, each named by its ``own``.
        vocabulary: the shipped words; packs speak in no others.

    Returns:
        A rule set whose verdict is a yes only where the shipped rules' own is.

    Raises:
        OwnPackRefused: naming the pack and the rule.
        RuleSetInvalid: if two rules have one identifier, or two packs one name.
    """
    own = [_own(pack, vocabulary) for pack in packs]
    return RuleSet.of((*shipped.packs, *own)) if own else shipped


def _own(pack: RulePack, vocabulary: Vocabulary) -> RulePack:
    for rule in pack.rules:
        wrong = _objection(rule)
        if wrong:
            msg = f"The pack {pack.own}: {wrong}"
            raise OwnPackRefused(msg)
    marked = replace(pack, rules=tuple(replace(rule, own=True) for rule in pack.rules))
    try:
        vocabulary.check(RuleSet.of([marked]))
    except VocabularyIncomplete as error:
        msg = f"The pack {pack.own}: {error.message}"
        raise OwnPackRefused(msg) from error
    return marked


def _objection(rule: Rule) -> str:
    if not _IDENTIFIER.fullmatch(rule.rule_id):
        return f"a rule's identifier isn't {OWN_PREFIX} with letters, digits, dots, _ or - behind it."
    hindered = sorted(rule.operations & PERSONS_OPERATIONS)
    if hindered:
        return f"{rule.rule_id} stands in the way of {', '.join(hindered)}, which serves the person."
    return ""
