"""Decides at a door whether a permit opens it.

Rules kept here, in this order; whatever fails, nothing is counted:

* It was signed here, as a permit, for this deployment, and is on record.
* Its time has begun and isn't over.
* It is for this purpose, place, device, operation, request, input and door.
* The rules are those that said yes, and every record that it rests on still counts.
* This door was passed less often than it allows; the count is taken in one step with the check.
"""

from __future__ import annotations

from countenance.authority.counting import ActCounter, Uncounted, counting
from countenance.authority.gathering import Gathering
from countenance.authority.sites import sites_of
from countenance.kernel import (
    CallerError,
    Clock,
    Passage,
    PermitAltered,
    PermitClaims,
    PermitExpired,
    PermitNotForThis,
    PermitRevoked,
    PermitSpent,
    PermitToken,
    ProcessingRequest,
)
from countenance.policy import RuleSet, Vocabulary
from countenance.store import RecordTampered, RecordUnknown, SignatureRefused, Store

__all__ = ["PERMIT_KIND", "PermitCheck"]

PERMIT_KIND = "countenance-permit+jws"
"""The ``typ`` of a permit's JWS header."""


class PermitCheck:
    """The verifier that is injected into every door (:class:`countenance.kernel.PermitVerifier`).

    Args:
        store: where permits are on record and counted, and evidence is filed.
        rules: the rules in use; a permit of other rules opens nothing.
        vocabulary: who may issue what.
        clock: says what time it is.
        counter: counts who passed and who was turned away.
    """

    __slots__ = ("_clock", "_counter", "_gathering", "_rules", "_store")

    def __init__(
        self,
        *,
        store: Store,
        rules: RuleSet,
        vocabulary: Vocabulary,
        clock: Clock,
        counter: ActCounter | None = None,
    ) -> None:
        self._counter = counter or Uncounted()
        self._store = store
        self._rules = rules
        self._gathering = Gathering(store=store, vocabulary=vocabulary)
        self._clock = clock

    def admit(self, token: PermitToken, passage: Passage) -> PermitClaims:
        """Count one passage through the door and return what the permit says.

        Args:
            token: the permit as it was issued.
            passage: what the door is about to do.

        Raises:
            PermitAltered: if the signature, kind, form or deployment isn't right, or it isn't on record.
            PermitExpired: if its time is over or hasn't begun.
            PermitNotForThis: if it is for something else; the message says what differs.
            PermitRevoked: if the rules changed or a record that it rests on no longer counts.
            PermitSpent: if the door was passed as often as it allows.
        """
        with counting(self._counter, passage):
            return self._admit(token, passage)

    def require_standing(self, claims: PermitClaims, request: ProcessingRequest) -> None:
        """See that what a permit rests on still counts, before what came of it is kept; counts no passage.

        Args:
            claims: the permit, as this desk issued it.
            request: what it was issued for.

        Raises:
            PermitRevoked: if the rules changed or a record that it rests on no longer counts.
        """
        self._require_evidence(claims, request)

    def _admit(self, token: PermitToken, passage: Passage) -> PermitClaims:
        claims = self._read(token)
        self._require_time(claims)
        _require_same(claims, passage)
        self._require_evidence(claims, passage.request)
        if not self._store.permits.spend(claims.permit_id, passage.door.value, claims.budget[passage.door]):
            msg = f"The permit allows {claims.budget[passage.door]} passages of this door; all are used."
            raise PermitSpent(msg)
        return claims

    def _read(self, token: PermitToken) -> PermitClaims:
        try:
            claims = PermitClaims.from_claims(self._store.signer.verify(token, kind=PERMIT_KIND))
        except SignatureRefused as error:
            msg = "The permit isn't as it was issued, or wasn't issued here."
            raise PermitAltered(msg) from error
        if claims.deployment != self._store.deployment.deployment_id:
            msg = "The permit was issued by another installation."
            raise PermitAltered(msg)
        try:
            on_record = self._store.permits.get(claims.permit_id)
        except (RecordUnknown, RecordTampered) as error:
            msg = "The permit isn't on record here."
            raise PermitAltered(msg) from error
        if on_record.request_digest != claims.request_digest or on_record.not_after != claims.not_after:
            msg = "The permit doesn't say what its record says."
            raise PermitAltered(msg)
        return claims

    def _require_time(self, claims: PermitClaims) -> None:
        now = self._clock.now()
        if now < claims.issued_at:
            msg = "The permit's time hasn't begun; this machine's clock may be wrong."
            raise PermitExpired(msg)
        if now > claims.not_after:
            msg = "The permit's time is over."
            raise PermitExpired(msg)

    def _require_evidence(self, claims: PermitClaims, request: ProcessingRequest) -> None:
        if claims.rule_set != self._rules.sha256:
            msg = "The rules have changed since the permit was issued."
            raise PermitRevoked(msg)
        if claims.epoch == self._store.evidence.epoch():
            return
        now = self._clock.now()
        try:
            sites = sites_of(request, store=self._store, now=now)
        except CallerError as error:
            msg = "The permit's place, device or purpose is no longer registered for this."
            raise PermitRevoked(msg) from error
        resolutions = [self._gathering.resolution(site.scope, at=now) for site in sites]
        for claim in claims.evidence:
            holding = [r for r in resolutions if r.counts(claim.key, claim.evidence_id)]
            if not any(r.records[claim.evidence_id].content_hash == claim.content_hash for r in holding):
                msg = f"Evidence that the permit rests on no longer counts: {claim.key}."
                raise PermitRevoked(msg)


def _require_same(claims: PermitClaims, passage: Passage) -> None:
    """See that a permit is for exactly this passage.

    Raises:
        PermitNotForThis: with a sentence that says what differs.
    """
    request = passage.request
    differing = (
        (claims.purpose != request.purpose, "another purpose"),
        (claims.place != request.place, "another place"),
        (claims.device != request.device, "another device"),
        (passage.operation not in claims.operations, "other operations than this door serves"),
        (passage.operation not in request.operations, "another operation than the request names"),
        (claims.request_digest != request.digest(), "another request"),
        (
            passage.material is not None and passage.material not in request.materials,
            "other inputs than the one at hand",
        ),
        (claims.budget.get(passage.door, 0) < 1, "other doors than this one"),
    )
    for differs, words in differing:
        if differs:
            msg = f"The permit is for {words}."
            raise PermitNotForThis(msg)
