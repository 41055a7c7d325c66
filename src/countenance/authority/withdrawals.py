"""Withdrawing a consent: what it ends, and who is told.

Rules kept here:

* Withdrawing asks for no more than giving did: the person's pseudonym and purpose, or the consent's own
  record. No reason is asked for.
* Everything that rests on the consent stops counting in the same step: all its records, under every key.
  The permits that rest on them open no door any more.
* Whoever keeps something because of the consent (sealed decisions, templates, a gallery's index) is a
  listener and is told in the same call, after the withdrawal is on file. One that fails undoes nothing; it
  is named, and told again by asking once more.
* Whoever destroyed something hands out a certificate of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from countenance.kernel import EvidenceId, PurposeId, SubjectId

__all__ = ["ConsentWithdrawn", "Withdrawal", "WithdrawalListener"]


@dataclass(frozen=True, slots=True)
class ConsentWithdrawn:
    """That a person's consent to a purpose was withdrawn.

    Attributes:
        subject: whose consent, by pseudonym.
        purpose: to which purpose.
        at: from when it no longer holds, UTC.
        records: the records that stopped counting, sorted.
    """

    subject: SubjectId
    purpose: PurposeId
    at: datetime
    records: tuple[EvidenceId, ...]


class WithdrawalListener(Protocol):
    """Keeps something that rests on a consent, and lets it go when that is withdrawn.

    Implementations run ``tests/contract/withdrawal_listener.py``.
    """

    @property
    def name(self) -> str:
        """What it keeps, in a few words, for the log and for whoever withdrew."""
        ...

    def consent_withdrawn(self, withdrawn: ConsentWithdrawn) -> Mapping[str, Any] | None:
        """Let go of what rested on the consent. Being told twice does nothing the second time.

        Returns:
            The certificate of what was destroyed, for whoever withdrew; ``None`` if nothing was.

        Raises:
            CountenanceError: if it couldn't; it is told again when the consent is withdrawn again.
        """
        ...


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """What a withdrawal did.

    Attributes:
        what: whose consent to what, when, and which records stopped counting.
        told: names of the listeners that let go of what they kept.
        unfinished: names of those that couldn't.
        log_index: where the withdrawal stands in the log.
        certificates: of what was destroyed, to be handed out; not kept here.
    """

    what: ConsentWithdrawn
    told: tuple[str, ...]
    unfinished: tuple[str, ...]
    log_index: int
    certificates: tuple[Mapping[str, Any], ...] = field(default=(), repr=False)
