"""What every analysis does before and after it looks: consent, request, permit; then log and duties.

Rules kept here:

* What the person agreed to is written down with what is looked at and for which attributes.
* Who or what isn't registered stops an analysis before anything is written down.
* The log's entry is written whatever happened, and only what was done is discharged.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from countenance.authority import UnknownDevice, UnknownPlace, record_guest_consent
from countenance.kernel import (
    DeviceId,
    Door,
    Material,
    PlaceId,
    ProcessingRequest,
    PurposeId,
    RequestId,
    SubjectId,
    new_id,
)
from countenance.vision.attributes import ANALYSE_OPERATION, Attribute

if TYPE_CHECKING:
    from countenance.authority import AuthorityDesk, Granted
    from countenance.kernel.canonical import JsonValue
    from countenance.scenes.attended import GuestStatement
    from countenance.store import LogReceipt, Store

__all__ = ["ANALYSIS_PURPOSE", "AnalysisErrand", "AnalysisErrands", "analysis_of"]

ANALYSIS_PURPOSE: Final = PurposeId("pur_analysis")
"""The purpose that an analysis serves; registered by whoever runs the installation."""

_AUTHOR = "analysis desk"
_NOTHING_IS_COMPARED = 0.5
"""A request states an error target; with no comparison there is no match that it could be the error of."""

_DONE: Mapping[str, str] = {
    "image_deleted": "the decoded pictures and the aligned faces were overwritten in memory",
    "raw_deleted": "meshes, eyes and aligned faces were overwritten in memory; no template was made",
}
_HANDED_BACK = "; pictures with the answers drawn on them went to whoever ordered the analysis"


@dataclass(frozen=True, slots=True)
class AnalysisErrand:
    """One analysis that was permitted.

    Attributes:
        request: what is being carried out.
        granted: the permit and the verdict behind it.
        subject: the fresh pseudonym of the person concerned.
    """

    request: ProcessingRequest
    granted: Granted
    subject: SubjectId


def analysis_of(what: str, asked: AbstractSet[Attribute]) -> tuple[str, str]:
    """Return what a person agrees to: one analysis of something, such as "one picture", for attributes."""
    return "analysis", f"one analysis of {what}, for: {', '.join(sorted(asked))}"


class AnalysisErrands:
    """Begins and ends analyses.

    Args:
        authority: takes down the consent, asks the rules and gives the permit.
        store: takes the log's entry.
        purpose: what they serve.
        operation: what they are, in the words of the rules.
    """

    __slots__ = ("_authority", "_operation", "_purpose", "_store")

    def __init__(
        self,
        *,
        authority: AuthorityDesk,
        store: Store,
        purpose: PurposeId = ANALYSIS_PURPOSE,
        operation: str = ANALYSE_OPERATION,
    ) -> None:
        self._authority = authority
        self._store = store
        self._purpose = purpose
        self._operation = operation

    def begin(
        self,
        *,
        scene: str,
        agreed_to: tuple[str, str],
        materials: tuple[Material, ...],
        where: tuple[PlaceId, DeviceId],
        depicted: GuestStatement,
        budget: Mapping[Door, int],
    ) -> AnalysisErrand:
        """Take down what the person said and get the permit.

        Args:
            scene: the scene that is carried out.
            agreed_to: what the person is asked to agree to: the act in a word, and the method.
            materials: the inputs, sorted.
            where: the registered place and device.
            depicted: what the person said.
            budget: how often each door may be passed. Every other door stays shut.

        Raises:
            RefusedByRule: if the rules say no, a missing consent included.
            DutyOverdue: if an earlier permit's duty at this place is overdue.
            UnknownPlace: if the place isn't registered; nothing is taken down then.
            UnknownDevice: if the device isn't; likewise.
        """
        place, device = where
        subject = SubjectId(new_id("sub"))
        self._require_registered(place, device)
        record_guest_consent(
            self._authority,
            subject=subject,
            place=place,
            purpose=self._purpose,
            consents=depicted.consents,
            age_band=depicted.age_band.value,
            language=depicted.language,
            stated_by=depicted.stated_by,
            signed=depicted.signed,
            agreed_to=agreed_to,
        )
        request = ProcessingRequest(
            request_id=RequestId(new_id("req")),
            operations=tuple(sorted((self._operation, "capture"))),
            purpose=self._purpose,
            place=place,
            device=device,
            materials=materials,
            error_target=_NOTHING_IS_COMPARED,
            subject=subject,
            scene=scene,
        )
        return AnalysisErrand(request, self._authority.permit(request, budget=budget), subject)

    def close(self, errand: AnalysisErrand, entry: Mapping[str, object], *, drawn: bool) -> LogReceipt:
        """Write the log's entry and discharge what was done; what can't be done here stays open.

        Args:
            errand: which.
            entry: how it went: outcomes, counts and codes, no answer.
            drawn: whether pictures with answers drawn on them were handed back.
        """
        claims = errand.granted.claims
        bound = {"permit": claims.permit_id, "request": claims.request_digest, "rule_set": claims.rule_set}
        log = self._store.log.append(
            "analysis", {**entry, **bound}, subject=errand.subject, purpose=self._purpose
        )
        for duty in claims.duties:
            content: dict[str, JsonValue]
            if duty.key in _DONE:
                handed = _HANDED_BACK if drawn and duty.key == "image_deleted" else ""
                content = {"done": _DONE[duty.key] + handed}
            elif duty.key == "processing_log":
                content = {"log_index": log.index, "leaf_hash": log.leaf_hash}
            else:
                continue
            self._authority.discharge(duty.duty_id, content=content, author=_AUTHOR)
        return log

    def _require_registered(self, place: PlaceId, device: DeviceId) -> None:
        registrar = self._authority.registrar
        if place not in registrar.places():
            raise UnknownPlace("The place isn't registered.")
        if device not in registrar.devices():
            raise UnknownDevice("The device isn't registered.")
