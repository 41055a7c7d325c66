"""Registers purposes, places, devices and bodies outside, and logs it. A request may name nothing else."""

from __future__ import annotations

from collections.abc import Mapping

from countenance.authority.errors import EvidenceNotAccepted
from countenance.authority.journal import Journal
from countenance.authority.roles import Author
from countenance.authority.sites import time_zone_of
from countenance.kernel import Clock, DeviceId, PlaceId, PurposeId
from countenance.policy import IssuerKind, Vocabulary
from countenance.store import (
    Device,
    DeviceEnrolment,
    DeviceStatus,
    OutsideIssuer,
    OutsideKind,
    OutsideVerifier,
    Place,
    Purpose,
    Store,
)

__all__ = ["Registrar"]


class Registrar:
    """The register of one store.

    Args:
        store: where it is kept.
        vocabulary: the kinds of place and the operations that exist.
        journal: writes the log.
        clock: says when something changed.
    """

    __slots__ = ("_clock", "_journal", "_store", "_vocabulary")

    def __init__(self, *, store: Store, vocabulary: Vocabulary, journal: Journal, clock: Clock) -> None:
        self._clock = clock
        self._store = store
        self._vocabulary = vocabulary
        self._journal = journal

    def purposes(self) -> Mapping[PurposeId, Purpose]:
        """Return the registered purposes."""
        return {purpose.purpose_id: purpose for purpose in self._store.purposes.all()}

    def places(self) -> Mapping[PlaceId, Place]:
        """Return the registered places."""
        return {place.place_id: place for place in self._store.places.all()}

    def devices(self) -> Mapping[DeviceId, Device]:
        """Return the registered devices."""
        return {device.device_id: device for device in self._store.devices.all()}

    def add_purpose(self, purpose: Purpose) -> None:
        """Register a purpose.

        Raises:
            RecordExists: if the identifier is taken.
        """
        self._store.purposes.add(purpose)
        self._journal.registered("purpose", purpose.purpose_id)

    def add_place(self, place: Place) -> None:
        """Register a place.

        Raises:
            UnknownPlaceKind: if its kind isn't in the vocabulary.
            PlaceWithoutTimeZone: if its time zone isn't known on this machine.
            RecordExists: if the identifier is taken.
        """
        self._vocabulary.require_place(place.kind)
        time_zone_of(place)
        self._store.places.add(place)
        self._journal.registered("place", place.place_id)

    def add_device(self, device: Device) -> None:
        """Register a device with its place and declared functions.

        Raises:
            UnknownOperation: if a function isn't in the vocabulary.
            RecordExists: if the identifier is taken.
            RecordUnknown: if its place isn't registered.
        """
        for function in device.functions:
            self._vocabulary.require_operation(function)
        self._store.devices.add(device)
        self._journal.registered("device", device.device_id)

    def enrolments(self) -> Mapping[DeviceId, DeviceEnrolment]:
        """Return the keys and status of devices; a device that isn't in it is active and has no key."""
        return self._store.enrolments.all()

    def enrol_device(
        self, device_id: DeviceId, jwk: Mapping[str, str], *, author: Author | str
    ) -> DeviceEnrolment:
        """Set a device's Ed25519 public key, for good.

        Args:
            device_id: a registered device.
            jwk: its public key.
            author: the role and key that set it, never a name.

        Raises:
            SignatureRefused: if it isn't an Ed25519 public key.
            RecordUnknown: if the device isn't registered.
            RecordExists: if it has a key already, or another device has this one.
        """
        enrolment = self._store.enrolments.enrol(device_id, jwk, at=self._clock.now(), by=str(author))
        self._journal.device_changed(enrolment)
        return enrolment

    def set_device_status(
        self, device_id: DeviceId, status: DeviceStatus, *, author: Author | str
    ) -> DeviceEnrolment:
        """Put a device into use, suspend it or retire it; permits given before open no door after it.

        Args:
            device_id: a registered device.
            status: what it is from now on; a retired one stays retired.
            author: the role and key that say so, never a name.

        Raises:
            RecordUnknown: if the device isn't registered.
            RecordExists: if it was retired.
        """
        enrolment = self._store.enrolments.set_status(device_id, status, at=self._clock.now(), by=str(author))
        self._journal.device_changed(enrolment)
        return enrolment

    def issuers(self) -> tuple[OutsideIssuer, ...]:
        """Return the bodies outside that are registered, revoked ones too."""
        return self._store.issuers.all()

    def add_issuer(
        self,
        *,
        name: str,
        kind: OutsideKind,
        jwk: Mapping[str, str],
        keys: tuple[str, ...],
        author: Author | str,
    ) -> OutsideIssuer:
        """Register a body outside with its public key. Its word counts from now on.

        Args:
            name: the body's name; a guardian's pseudonym, never a person's name.
            kind: what sort of body.
            jwk: its public key: Ed25519, or P-256.
            keys: the evidence keys for which it may vouch.
            author: the role and key that register it, never a name.

        Raises:
            EvidenceNotAccepted: if a key isn't one for somebody outside, or none or no name is given.
            SignatureRefused: if the public key is of another kind.
            RecordExists: if the key is registered already.
        """
        terms = [self._vocabulary.evidence.get(key) for key in keys]
        if (
            not name.strip()
            or not keys
            or any(term is None or IssuerKind.OUTSIDE not in term.issuers for term in terms)
        ):
            possible = sorted(
                key for key, term in self._vocabulary.evidence.items() if IssuerKind.OUTSIDE in term.issuers
            )
            msg = "A body outside has a name, and keys for which somebody outside may vouch."
            raise EvidenceNotAccepted(msg, remedy=f"These are: {', '.join(possible)}.")
        issuer = OutsideIssuer(
            key_id=OutsideVerifier(jwk).key_id,
            name=name.strip(),
            kind=kind,
            jwk=dict(jwk),
            keys=tuple(sorted(set(keys))),
            registered_by=str(author),
            registered_at=self._clock.now(),
        )
        self._store.issuers.add(issuer)
        self._journal.issuer_changed(issuer)
        return self._store.issuers.get(issuer.key_id)

    def revoke_issuer(self, key_id: str, *, author: Author | str) -> OutsideIssuer:
        """Revoke a body's key, for good; what it vouched for stops counting now.

        Raises:
            RecordUnknown: if no such key is registered.
        """
        issuer = self._store.issuers.revoke(key_id, at=self._clock.now(), by=str(author))
        self._journal.issuer_changed(issuer)
        return issuer
