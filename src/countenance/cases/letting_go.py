"""What goes when a consent is withdrawn, in the same call, with a certificate.

Rules kept here:

* What was kept on the consent goes: enrolled references, sealed decisions, and what the person said for that
  purpose. Their data key is destroyed, so that no copy of them opens either.
* The consent's own records, withdrawn, and what the log says stay as proof until their own time is over
  (GDPR, Art 7(1) asks for proof of a consent; AI Act, Art 26(6) that logs be kept for six months).
* A legal hold keeps everything, and whoever withdrew is told that it isn't done. A provision of law that
  names the purpose or the person keeps it too; the sweeper goes by the same rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from countenance.authority import ConsentWithdrawn
from countenance.cases.bases import is_consent, kept_otherwise, references_of
from countenance.cases.erasing import ErasureDesk
from countenance.kernel import Clock
from countenance.store import Store

__all__ = ["KeptOnConsent"]


class KeptOnConsent:
    """Lets go of what the store keeps on a consent; a :class:`countenance.authority.WithdrawalListener`.

    Args:
        store: where it is kept.
        erasures: destroys, and certifies it.
        clock: says what time it is.
    """

    __slots__ = ("_clock", "_erasures", "_store")

    def __init__(self, *, store: Store, erasures: ErasureDesk, clock: Clock) -> None:
        self._store = store
        self._erasures = erasures
        self._clock = clock

    @property
    def name(self) -> str:
        """What it keeps, in words."""
        return "references, sealed decisions and what was said, kept on the consent"

    def consent_withdrawn(self, withdrawn: ConsentWithdrawn) -> Mapping[str, Any] | None:
        """Destroy what was kept on the consent alone; once it is gone, do nothing.

        Returns:
            The deletion certificate; ``None`` if nothing was kept on it, or a provision of law keeps it.

        Raises:
            HeldFromErasure: if a legal hold counts; the sweeper takes it when the hold is over.
        """
        files = self._store.retention.file_of(withdrawn.subject)
        file = next((each for each in files if each.purpose == withdrawn.purpose), None)
        if file is None:
            return None
        consent = [record.evidence_id for record in file.records if is_consent(record)]
        alone = len(consent) == len(file.items) and not file.tampered
        if alone and not references_of(self._store, file.subject, file.purpose):
            return None
        if kept_otherwise(self._store, file.subject, file.purpose, at=self._clock.now()):
            return None
        return self._erasures.let_go(file.subject, file.purpose, keeping=consent).document
