"""Reaches a verdict again from what a pack holds: the same rules, asked on the records of that moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from countenance.authority import Resolution, Vouching, resolve, rests_on, sites_at, verdict_on
from countenance.kernel import DeviceId, PlaceId, PurposeId, SubjectId, canonical_sha256, require_utc
from countenance.policy import RuleSet, Verdict, Vocabulary
from countenance.release.forms import VOUCHED
from countenance.store import (
    Deployment,
    Device,
    EvidenceRecord,
    EvidenceScope,
    Issuer,
    OutsideIssuer,
    Place,
    PublicVerifier,
    RecordUnknown,
)

__all__ = ["PackedFacts", "Reached"]


@dataclass(frozen=True, slots=True)
class Reached:
    """A verdict that was reached again.

    Attributes:
        digest: SHA-256 of the verdict, as the log holds it.
        allowed: whether it is a yes.
        rests_on: key, id and content hash of the records that it rests on.
    """

    digest: str
    allowed: bool
    rests_on: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class _Bodies:
    by_key: Mapping[str, OutsideIssuer]

    def get(self, key_id: str) -> OutsideIssuer:
        found = self.by_key.get(key_id)
        if found is None:
            raise RecordUnknown("The body isn't in the pack's register.")
        return found


@dataclass(frozen=True, slots=True)
class _Sources:
    deployment: Deployment
    issuers: _Bodies
    signer: PublicVerifier


class PackedFacts:
    """Rules, registers and records of a pack.

    Args:
        deployment: whose pack it is.
        verifier: the deployment's public key.
        rules: those in force.
        vocabulary: their words.
        places: the registered places.
        devices: the registered devices.
        issuers: the registered bodies outside.
        records: the records.
    """

    def __init__(
        self,
        *,
        deployment: Deployment,
        verifier: PublicVerifier,
        rules: RuleSet,
        vocabulary: Vocabulary,
        places: Sequence[Place],
        devices: Sequence[Device],
        issuers: Sequence[OutsideIssuer],
        records: Sequence[EvidenceRecord],
    ) -> None:
        self._demo = deployment.demo
        self._rules = rules
        self._vocabulary = vocabulary
        self._places = {one.place_id: one for one in places}
        self._devices = {one.device_id: one for one in devices}
        self._records = tuple(records)
        bodies = _Bodies({one.key_id: one for one in issuers})
        self._vouching = Vouching(store=_Sources(deployment, bodies, verifier))

    @property
    def rule_set(self) -> str:
        """The hash of the rules."""
        return self._rules.sha256

    def reach(self, entry: Mapping[str, Any], *, person: str | None) -> Reached:
        """Ask the rules again about what a verdict's entry in the log is about.

        Args:
            entry: the opened entry.
            person: what the pack calls the person concerned.

        Raises:
            KeyError: if a place or device isn't in the registers, or the entry lacks a member.
            ValueError: if a member isn't of its form.
            CountenanceError: if the rules don't know a word of it.
        """
        at = require_utc(datetime.fromisoformat(str(entry["judged_at"])))
        place = self._places[PlaceId(str(entry["place"]))]
        device = self._devices[DeviceId(str(entry["device"]))]
        places = [place] if device.place == place.place_id else [place, self._places[device.place]]
        sites = sites_at(
            places,
            purpose=PurposeId(str(entry["purpose"])),
            device=device.device_id,
            subject=None if person is None else SubjectId(person),
            now=at,
        )
        resolutions = [self._resolution(site.scope, at) for site in sites]
        operations = tuple(map(str, entry["operations"]))
        verdict = verdict_on(operations, sites, resolutions, rules=self._rules, vocabulary=self._vocabulary)
        return _reached(verdict, resolutions, operations)

    def _resolution(self, scope: EvidenceScope, at: datetime) -> Resolution:
        return resolve(
            self._records,
            scope=scope,
            at=at,
            vocabulary=self._vocabulary,
            demo=self._demo,
            vouched=lambda record: self._vouched(record, at),
        )

    def _vouched(self, record: EvidenceRecord, at: datetime) -> bool:
        if record.issuer is Issuer.OUTSIDE and VOUCHED in record.content:
            return record.content[VOUCHED] is True
        return self._vouching.vouched(record, at=at)


def _reached(verdict: Verdict, resolutions: Sequence[Resolution], operations: Sequence[str]) -> Reached:
    records = rests_on(verdict, resolutions, operations=operations) if verdict.allowed else ()
    return Reached(
        digest=canonical_sha256(verdict.to_json()),
        allowed=verdict.allowed,
        rests_on=tuple((key, str(one.evidence_id), one.content_hash) for key, one in records),
    )
