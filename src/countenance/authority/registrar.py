"""Registers purposes, places and devices, and logs each registration. A request may name nothing else."""

from __future__ import annotations

from collections.abc import Mapping

from countenance.authority.journal import Journal
from countenance.authority.sites import time_zone_of
from countenance.kernel import DeviceId, PlaceId, PurposeId
from countenance.policy import Vocabulary
from countenance.store import Device, Place, Purpose, Store

__all__ = ["Registrar"]


class Registrar:
    """The register of one store.

    Args:
        store: where it is kept.
        vocabulary: the kinds of place and the operations that exist.
        journal: writes the log.
    """

    __slots__ = ("_journal", "_store", "_vocabulary")

    def __init__(self, *, store: Store, vocabulary: Vocabulary, journal: Journal) -> None:
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
