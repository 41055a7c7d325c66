"""The filing that is due once so many people are on file: its clock, from the moment that the system saw it.

Rules kept here:

* The clock starts with the first permit that is issued after the number was reached, wherever a rule asks
  for the filing; the duty names that permit. Nothing but the system's own count starts it.
* It starts once for a place and a purpose, and doesn't start again when people are erased and others come.
* A filing on file needs no clock; one that is filed later closes the duty, as the word of whoever filed it.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from countenance.authority.duties import DutyBook
from countenance.authority.resolver import Resolution
from countenance.kernel import DutyId, PermitId, ProcessingRequest, canonical_json
from countenance.policy import Rule, RuleSet, Verdict, Vocabulary, jurisdiction_scope
from countenance.store import DutyRecord, Issuer, RecordUnknown, Store

__all__ = ["FilingDue"]

_COUNTER: Final = "population_counter"
_FILING: Final = "filing_if_100k"
_ID_CHARACTERS: Final = 26


class FilingDue:
    """Starts and stops the clock of the filing in one store.

    Args:
        store: where duties are on record, and the log is.
        rules: the rules in use.
        vocabulary: says how long there is time.
        duties: closes a duty.
    """

    __slots__ = ("_duties", "_rules", "_store", "_vocabulary")

    def __init__(self, *, store: Store, rules: RuleSet, vocabulary: Vocabulary, duties: DutyBook) -> None:
        self._store = store
        self._rules = rules
        self._vocabulary = vocabulary
        self._duties = duties

    def stop(self, request: ProcessingRequest, resolutions: Sequence[Resolution]) -> None:
        """Close the duty if the filing is on file.

        Args:
            request: whose place and purpose count.
            resolutions: what the records say of them.
        """
        filed = [r.records[i] for r in resolutions for i in r.evidence.get(_FILING, ())]
        if not filed:
            return
        duty = self._duty(request)
        if duty is not None and duty.discharged_at is None:
            self._duties.discharge(
                duty.duty_id,
                content={"filed": filed[0].evidence_id},
                author=filed[0].author,
                issuer=Issuer.PERSON,
            )

    def start(
        self,
        request: ProcessingRequest,
        verdict: Verdict,
        resolutions: Sequence[Resolution],
        *,
        permit: PermitId,
        now: datetime,
    ) -> DutyRecord | None:
        """Put the duty on record if the number is reached, a rule asks for the filing, and none is on file.

        Args:
            request: whose place and purpose count.
            verdict: says in which jurisdictions and for which day it was reached.
            resolutions: what the records say.
            permit: the permit that is being issued.
            now: the moment, aware.

        Returns:
            The duty that began, or ``None``.
        """
        if not _reached(resolutions) or any(_FILING in r.evidence for r in resolutions):
            return None
        rules = self._asking(verdict)
        within = self._vocabulary.evidence[_FILING].within
        if not rules or within is None or self._duty(request) is not None:
            return None
        duty = DutyRecord(
            duty_id=self._id(request),
            key=_FILING,
            rule=", ".join(sorted(rule.rule_id for rule in rules)),
            permit_id=permit,
            place=request.place,
            purpose=request.purpose,
            due=now + within,
        )
        self._store.duties.add(duty)
        entry = {"duty": duty.duty_id, "key": _FILING, "permit": permit, "due": duty.due.isoformat()}
        self._store.log.append("duty-began", {**entry, "place": duty.place, "purpose": duty.purpose})
        return duty

    def _asking(self, verdict: Verdict) -> list[Rule]:
        scope = {code for each in verdict.jurisdictions for code in jurisdiction_scope(each)}
        return [
            rule
            for rule in self._rules.rules
            if _FILING in rule.keys
            and rule.jurisdiction in scope
            and (rule.applies_from is None or rule.applies_from <= verdict.at)
        ]

    def _duty(self, request: ProcessingRequest) -> DutyRecord | None:
        try:
            return self._store.duties.get(self._id(request))
        except RecordUnknown:
            return None

    def _id(self, request: ProcessingRequest) -> DutyId:
        """Return the one identifier that the duty has for a place and a purpose."""
        about = {
            "deployment": self._store.deployment.deployment_id,
            "key": _FILING,
            "place": request.place,
            "purpose": request.purpose,
        }
        digest = hashlib.sha256(canonical_json(about)).digest()
        return DutyId(f"dty_{base64.b32encode(digest).decode().lower()[:_ID_CHARACTERS]}")


def _reached(resolutions: Sequence[Resolution]) -> bool:
    return any(
        resolution.records[each].content.get("reached") is True
        for resolution in resolutions
        for each in resolution.evidence.get(_COUNTER, ())
    )
