"""Looks at a place for a scene: what is met, what is missing, what runs out.

Rules kept here:

* The system is looked at as before a permit, and the look is filed and logged as always.
* What is asked of each guest is supposed; nothing that is said here permits anything.
"""

from __future__ import annotations

from datetime import timedelta

from countenance.authority import (
    Act,
    Author,
    AuthorityDesk,
    Readiness,
    ReadinessItem,
    Remedies,
    RoleTable,
    Standing,
    UnknownPlace,
    for_an_adult_who_agrees,
    readiness_of,
    sites_at,
    verdict_on,
)
from countenance.kernel import Clock, DeviceId, PlaceId, ProcessingRequest, RequestId, new_id
from countenance.policy import RuleSet, Vocabulary
from countenance.scenes import SceneProfile, UnknownScene, shipped_profiles
from countenance.store import Device, DeviceStatus

__all__ = ["ReadinessDesk"]


class ReadinessDesk:
    """Says how a place stands.

    Args:
        authority: gathers what is on file, and looks at the system.
        rules: the rules in use.
        vocabulary: their words.
        roles: who may do what.
        clock: says what time it is.
    """

    __slots__ = ("_authority", "_clock", "_roles", "_rules", "_vocabulary")

    def __init__(
        self,
        *,
        authority: AuthorityDesk,
        rules: RuleSet,
        vocabulary: Vocabulary,
        roles: RoleTable,
        clock: Clock,
    ) -> None:
        self._authority = authority
        self._rules = rules
        self._vocabulary = vocabulary
        self._roles = roles
        self._clock = clock

    def look(
        self, *, author: Author, place: PlaceId, scene: str = "hotel-checkin", within: timedelta
    ) -> Readiness:
        """Return how a place stands for a scene and an adult who agrees.

        Args:
            author: who asks.
            place: a registered place.
            scene: the id of a shipped scene.
            within: what runs out before this time is over is expiring.

        Raises:
            RoleMayNot: if the author's role may not ask the rules.
            UnknownPlace: if the place isn't registered.
            UnknownScene: if there is no such scene.
        """
        self._roles.require(author.role, Act.ASK_VERDICT)
        profile = shipped_profiles().get(scene)
        if profile is None:
            raise UnknownScene("There is no scene of that id.")
        at = self._authority.registrar.places().get(place)
        if at is None:
            raise UnknownPlace("The place isn't registered.")
        device = self._device(place, profile)
        wanting = self._unregistered(place, profile, device)
        if device is None or wanting is not None:
            items = () if wanting is None else (wanting,)
            return Readiness(place, scene, items, asked_of_each=(), house_rules_only=False)
        # The real desk is asked first: it sees to it that what the system can see is on file.
        self._authority.judge(self._request(place, profile, device.device_id))
        now = self._clock.now()
        sites = sites_at([at], purpose=profile.purpose, device=device.device_id, subject=None, now=now)
        resolutions = tuple(self._authority.on_file(scope=site.scope) for site in sites)
        verdict = verdict_on(
            profile.operations,
            sites,
            [for_an_adult_who_agrees(each, self._vocabulary) for each in resolutions],
            rules=self._rules,
            vocabulary=self._vocabulary,
        )
        return readiness_of(
            verdict,
            resolutions,
            scene=scene,
            remedies=Remedies(place, profile.purpose, device.device_id, self._vocabulary, self._roles),
            now=now,
            within=within,
        )

    def _device(self, place: PlaceId, profile: SceneProfile) -> Device | None:
        """Return a device in use at the place that is declared for the scene."""
        enrolments = self._authority.registrar.enrolments()
        for device_id, device in sorted(self._authority.registrar.devices().items()):
            enrolment = enrolments.get(device_id)
            if device.place != place or not set(profile.operations) <= set(device.functions):
                continue
            if enrolment is None or enrolment.status is DeviceStatus.ACTIVE:
                return device
        return None

    def _unregistered(
        self, place: PlaceId, profile: SceneProfile, device: Device | None
    ) -> ReadinessItem | None:
        if device is None:
            functions = " ".join(f"--function {name}" for name in profile.operations)
            words = f"A device in use at the place that is declared for: {', '.join(profile.operations)}."
            remedy = (
                f"`countenance devices add ID --title WORDS --place {place} {functions} --by installer`, "
                "or `countenance devices activate ID`."
            )
        elif profile.purpose not in self._authority.registrar.purposes():
            words = f"The purpose {profile.purpose} is registered."
            remedy = "`countenance init --answers FILE` registers it in the officer's words."
        else:
            return None
        return ReadinessItem((), Standing.MISSING, (), words, remedy, by_hand=True)

    def _request(self, place: PlaceId, profile: SceneProfile, device: DeviceId) -> ProcessingRequest:
        return ProcessingRequest(
            request_id=RequestId(new_id("req")),
            operations=profile.operations,
            purpose=profile.purpose,
            place=place,
            device=device,
            materials=(),
            error_target=profile.error_target,
            subject=None,
            scene=profile.scene_id,
        )
