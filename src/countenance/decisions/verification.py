"""The verification desk: one probe against one reference, from order to signed receipt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countenance.decisions.error_table import ErrorTable
from countenance.decisions.order import VerificationOrder, Verified
from countenance.kernel import Clock
from countenance.templates import ComparisonDoor

if TYPE_CHECKING:
    from countenance.authority import AuthorityDesk
    from countenance.capture import CaptureDoor
    from countenance.store import Store
    from countenance.vision import ExtractionDoor, FaceAnalyser, QualityGate

__all__ = ["VerificationDesk"]


class VerificationDesk:
    """Decides whether two pictures show one person."""

    def __init__(
        self,
        *,
        authority: AuthorityDesk,
        capture_door: CaptureDoor,
        analyser: FaceAnalyser,
        extraction_door: ExtractionDoor,
        comparison_door: ComparisonDoor,
        error_table: ErrorTable,
        store: Store,
        clock: Clock,
        quality_gate: QualityGate,
    ) -> None:
        raise NotImplementedError

    def verify(self, order: VerificationOrder) -> Verified:
        """Carry out one verification under a permit."""
        raise NotImplementedError
