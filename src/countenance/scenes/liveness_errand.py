"""What every liveness session does before and after it looks: consent, request, permit; then log and duties.

Rules kept here:

* Who or what isn't registered stops a session before anything is written down.
* What the person agreed to is written down as what it is: so many seconds of frames, no template.
* Only what was done is discharged.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from countenance.authority import UnknownDevice, UnknownPlace, record_guest_consent
from countenance.capture import sent_frames_material
from countenance.kernel import Door, ProcessingRequest, RequestId, SubjectId, new_id
from countenance.liveness import LIVENESS_OPERATION, LONGEST_SECONDS

if TYPE_CHECKING:
    from countenance.authority import AuthorityDesk, Granted
    from countenance.kernel.canonical import JsonValue
    from countenance.scenes.liveness_values import LivenessOrder
    from countenance.scenes.profile import SceneProfile
    from countenance.store import LogReceipt, Store

__all__ = ["LivenessErrand", "LivenessErrands"]

_AUTHOR: Final = "liveness desk"
_SCENE: Final = "liveness-session"
_AGREED_TO: Final = (
    "liveness",
    f"one liveness session of at most {LONGEST_SECONDS:.0f} seconds of frames; no template",
)
_DONE: Final[Mapping[str, str]] = {
    "image_deleted": "every frame was overwritten in memory once it was looked at",
    "raw_deleted": "meshes were overwritten in memory at the end of the session; no template was made",
}


@dataclass(frozen=True, slots=True)
class LivenessErrand:
    """One session that was permitted.

    Attributes:
        session: its id, which is no secret; that of its result too.
        request: what is being carried out.
        granted: the permit and the verdict behind it.
        subject: the person's pseudonym.
    """

    session: str
    request: ProcessingRequest
    granted: Granted
    subject: SubjectId


class LivenessErrands:
    """Begins and ends sessions.

    Args:
        authority: takes down the consent, asks the rules and gives the permit.
        store: takes the log's entry.
        budget: how often each door may be passed.
    """

    __slots__ = ("_authority", "_budget", "_store")

    def __init__(self, *, authority: AuthorityDesk, store: Store, budget: Mapping[Door, int]) -> None:
        self._authority = authority
        self._store = store
        self._budget = budget

    def begin(self, order: LivenessOrder, *, profile: SceneProfile, subject: SubjectId) -> LivenessErrand:
        """Take down what the person said and get the permit.

        Raises:
            RefusedByRule: if the rules say no, a missing consent included.
            DutyOverdue: if an earlier permit's duty at this place is overdue.
            UnknownPlace: if the place isn't registered; nothing is taken down then.
            UnknownDevice: if the device isn't; likewise.
        """
        registrar = self._authority.registrar
        if order.place not in registrar.places():
            raise UnknownPlace("The place isn't registered.")
        if order.device not in registrar.devices():
            raise UnknownDevice("The device isn't registered.")
        if order.person is not None:
            record_guest_consent(
                self._authority,
                subject=subject,
                place=order.place,
                purpose=profile.purpose,
                consents=order.person.consents,
                age_band=order.person.age_band.value,
                language=order.person.language,
                stated_by=order.person.stated_by,
                signed=order.person.signed,
                agreed_to=_AGREED_TO,
            )
        session = new_id("lvs")
        request = ProcessingRequest(
            request_id=RequestId(new_id("req")),
            operations=("capture", LIVENESS_OPERATION),
            purpose=profile.purpose,
            place=order.place,
            device=order.device,
            materials=(sent_frames_material(session, order.device),),
            # Nothing is compared in a session: the target is that of the decision that it is for.
            error_target=profile.error_target,
            subject=subject,
            scene=_SCENE,
        )
        granted = self._authority.permit(request, budget=self._budget)
        return LivenessErrand(session, request, granted, subject)

    def close(self, errand: LivenessErrand, entry: Mapping[str, object]) -> LogReceipt:
        """Write the log's entry and discharge what was done; what can't be done here stays open.

        Args:
            errand: which.
            entry: how it went: outcome, species, level and codes, no measurement.
        """
        claims = errand.granted.claims
        bound = {"permit": claims.permit_id, "request": claims.request_digest, "rule_set": claims.rule_set}
        log = self._store.log.append(
            "liveness", {**entry, **bound}, subject=errand.subject, purpose=errand.request.purpose
        )
        for duty in claims.duties:
            content: dict[str, JsonValue]
            if duty.key in _DONE:
                content = {"done": _DONE[duty.key]}
            elif duty.key == "processing_log":
                content = {"log_index": log.index, "leaf_hash": log.leaf_hash}
            else:
                continue
            self._authority.discharge(duty.duty_id, content=content, author=_AUTHOR)
        return log
