"""Erasing a person on request, with a certificate, and holding records back while a ground lasts.

Rules kept here:

* Whoever erases, holds or lifts acts in a role of the table. A hold that counts refuses the erasure.
* What rests on a consent goes when it is withdrawn, without anybody's deciding it; a hold that counts keeps
  it. The consent itself and what the log says stay for a while, as proof, under another key.
* A certificate says what is true: what was found in the files afterwards, which backups may still hold the
  person and until when, and what software can't reach.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from countenance.authority import Act, Author, RoleTable
from countenance.cases.certificate import core_hash, sign_certificate
from countenance.cases.errors import HeldFromErasure, HoldNotPossible
from countenance.cases.jurisdictions import registered_jurisdictions
from countenance.kernel import Clock, EvidenceId, PurposeId, SubjectId, new_id
from countenance.policy import EVERYWHERE, RuleSet
from countenance.store import Erased, ErasureJournal, LegalHold, Remains, Store, SubjectNotOnFile

__all__ = ["Certified", "ErasureDesk", "HoldDesk"]

NOT_COVERED: Final = (
    "Blocks that a solid-state disk has remapped, snapshots of the file system or machine, swapped memory.",
    "Receipts, exports and notices that were handed out, and what others were told.",
    "Backups from before, until their last day. A restore erases again what was erased.",
)
"""What no erasure covers, in words."""

_SYSTEM: Final = "countenance"
"""Who lets go when a consent was withdrawn: nobody has to decide it."""
_LONGEST_HOLD: Final = timedelta(days=3653)
_ASKING: Final = frozenset({"deletion_job", "deletion_certificate"})
_TRIES: Final = 3


@dataclass(frozen=True, slots=True)
class Certified:
    """An erasure and its certificate.

    Attributes:
        erased: what was taken away.
        remains: what looking through the files found.
        document: the certificate, to be handed out; not kept here.
        finished: whether nothing was found and the write-ahead log is empty.
    """

    erased: Erased
    remains: Remains
    document: Mapping[str, Any] = field(repr=False)
    finished: bool


class ErasureDesk:
    """Erases people, and certifies it.

    Args:
        store: whose records.
        rules: the rules in use; those that ask for erasure are named.
        roles: who may erase.
        clock: says what time it is.
        journal: is told of every destroyed key; ``None`` for a store without backups.
        certified: is told of each certificate, and whether the erasure was finished.
    """

    __slots__ = ("_certified", "_clock", "_journal", "_roles", "_rules", "_store")

    def __init__(
        self,
        *,
        store: Store,
        rules: RuleSet,
        roles: RoleTable,
        clock: Clock,
        journal: ErasureJournal | None,
        certified: Callable[[bool], None] | None = None,
    ) -> None:
        self._certified = certified
        self._store = store
        self._rules = rules
        self._roles = roles
        self._clock = clock
        self._journal = journal

    def erase(
        self, subject: SubjectId, purpose: PurposeId | None, *, author: Author, because: str = "asked"
    ) -> Certified:
        """Erase a person, for one purpose or for all.

        Args:
            subject: whose records, by pseudonym.
            purpose: for which purpose; ``None`` for all.
            author: who erases.
            because: what led to it, in a word.

        Raises:
            RoleMayNot: if the author's role may not.
            HeldFromErasure: if a legal hold counts.
            SubjectNotOnFile: if nothing is held.
        """
        self._roles.require(author.role, Act.ERASE_SUBJECT)
        holds = self._store.holds.of(subject)
        require_not_held(holds, self._clock.now())
        before = self._before(holds, author.role.value, because)
        return self._carry_out(subject, purpose, before)

    def let_go(self, subject: SubjectId, purpose: PurposeId, *, keeping: Collection[EvidenceId]) -> Certified:
        """Destroy what was kept about a person for a purpose on a consent that was withdrawn.

        Args:
            subject: whose records, by pseudonym.
            purpose: for which purpose.
            keeping: the consent's own records: the proof of it stays, as what the log says does.

        Raises:
            HeldFromErasure: if a legal hold counts.
            SubjectNotOnFile: if nothing is held.
        """
        require_not_held(self._store.holds.of(subject), self._clock.now())
        before = self._before((), _SYSTEM, "consent withdrawn")
        return self._carry_out(subject, purpose, before, keeping=keeping)

    def _carry_out(
        self,
        subject: SubjectId,
        purpose: PurposeId | None,
        before: Mapping[str, object],
        *,
        keeping: Collection[EvidenceId] | None = None,
    ) -> Certified:
        cores: list[dict[str, object]] = []

        def said(erased: Erased) -> Mapping[str, object]:
            cores.append({**before, **_core(erased)})
            return {"by": before["by"], "certificate": before["id"], "sha256": core_hash(cores[-1])}

        erased = self._store.erasures.erase(
            subject, purpose, said=said, journal=self._journal, keeping=keeping
        )
        emptied = erased.log_emptied or any(self._store.erasures.empty_log() for _ in range(_TRIES))
        remains = self._store.erasures.look_for(erased.needles)
        files = {
            "compacted": remains.compacted,
            "found": remains.found,
            "log_emptied": emptied,
            "looked": remains.looked,
            "scanned_bytes": remains.scanned_bytes,
        }
        if erased.receipt is None:
            raise SubjectNotOnFile("Nothing was erased.")
        document = sign_certificate(
            cores[-1],
            files=files,
            receipt=erased.receipt,
            log=self._store.log,
            signer=self._store.signer,
        )
        finished = emptied and not remains.found
        if self._certified is not None:
            self._certified(finished)
        return Certified(erased, remains, document, finished=finished)

    def _before(self, holds: tuple[LegalHold, ...], by: str, because: str) -> dict[str, object]:
        now = self._clock.now()
        here = registered_jurisdictions(self._store)
        return {
            "because": because,
            "by": by,
            "backups": [
                {
                    "backup": one.backup_id,
                    "last_day": one.last_day.isoformat(),
                    "made_at": one.made_at.isoformat(),
                }
                for one in self._store.backups.kept_on(now.date())
            ],
            "deployment": self._store.deployment.deployment_id,
            "demo": self._store.deployment.demo,
            "holds": [_hold(one) for one in holds],
            "id": new_id("del"),
            "not_covered": [*NOT_COVERED, *self._store.erasures.not_covered],
            "rule_set": self._rules.sha256,
            "rules": [
                {"citation": rule.citation, "id": rule.rule_id}
                for rule in self._rules.rules
                if rule.keys & _ASKING
                and (rule.jurisdiction == EVERYWHERE or rule.jurisdiction in here)
                and (rule.applies_from is None or rule.applies_from <= now.date())
            ],
        }


class HoldDesk:
    """Places and lifts legal holds, under roles, with the log.

    Args:
        store: whose records.
        roles: who may.
        clock: says what time it is.
    """

    __slots__ = ("_clock", "_roles", "_store")

    def __init__(self, *, store: Store, roles: RoleTable, clock: Clock) -> None:
        self._store = store
        self._roles = roles
        self._clock = clock

    def place(self, subject: SubjectId, *, ground: str, until: datetime, author: Author) -> LegalHold:
        """Hold a person's records back from erasure and from the sweeper.

        Args:
            subject: whose records, by pseudonym.
            ground: why, in words.
            until: the moment from which the hold no longer counts.
            author: who places it.

        Raises:
            RoleMayNot: if the author's role may not.
            HoldNotPossible: if there is no ground, or no end within ten years.
            SubjectNotOnFile: if nothing is held about the person.
        """
        self._roles.require(author.role, Act.HOLD_RECORDS)
        now = self._clock.now()
        if not ground.strip() or not now < until <= now + _LONGEST_HOLD:
            raise HoldNotPossible("A hold has a ground, and an end within ten years.")
        if not self._store.retention.file_of(subject):
            raise SubjectNotOnFile("Nothing is held about a person of this pseudonym.")
        hold = LegalHold(new_id("hld"), subject, ground.strip(), until, str(author), now)
        with self._store.together():
            self._store.holds.place(hold)
            entry = {"by": str(author), "hold": hold.hold_id, "until": until.isoformat()}
            self._store.log.append("hold-placed", entry, subject=subject)
        return hold

    def lift(self, subject: SubjectId, *, author: Author) -> tuple[LegalHold, ...]:
        """Lift every hold on a person that counts.

        Raises:
            RoleMayNot: if the author's role may not.
            RecordUnknown: if none counts.
        """
        self._roles.require(author.role, Act.HOLD_RECORDS)
        with self._store.together():
            lifted = self._store.holds.lift(subject, at=self._clock.now(), by=str(author))
            entry = {"by": str(author), "holds": [hold.hold_id for hold in lifted]}
            self._store.log.append("hold-lifted", entry, subject=subject)
        return lifted

    def all(self, *, author: Author) -> tuple[LegalHold, ...]:
        """Return the holds that count now, the one that ends first in front.

        Raises:
            RoleMayNot: if the author's role may not.
        """
        self._roles.require(author.role, Act.HOLD_RECORDS)
        return self._store.holds.all_at(self._clock.now())


def require_not_held(holds: tuple[LegalHold, ...], now: datetime) -> None:
    """See that no hold counts.

    Raises:
        HeldFromErasure: saying until when; the ground isn't told.
    """
    counting = [hold for hold in holds if hold.counts_at(now)]
    if counting:
        until = max(hold.until for hold in counting)
        msg = f"A legal hold keeps these records until {until:%Y-%m-%d %H:%M} UTC."
        raise HeldFromErasure(msg)


def _hold(hold: LegalHold) -> dict[str, str]:
    return {
        "ended_at": (hold.lifted_at or hold.until).isoformat(),
        "ground": hold.ground,
        "placed_at": hold.placed_at.isoformat(),
    }


def _core(erased: Erased) -> dict[str, object]:
    return {
        "erased": {
            "decisions": erased.decisions,
            "holds": erased.holds,
            "keys": [{"key": key.key_id, "purpose": key.purpose} for key in erased.keys],
            "records": erased.records,
            "references": erased.references,
            "sealed_anew": erased.sealed_anew,
            "statements": list(erased.statements),
        },
        "erased_at": erased.at.isoformat(),
        "purpose": erased.purpose,
        "subject": erased.subject,
    }
