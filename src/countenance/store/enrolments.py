"""Devices' public keys and whether each is in use.

Rules kept here:

* A device that was registered before it had a key is active and has none.
* A retired device stays retired.
* Every change raises the epoch of the evidence in the same transaction, so that a permit which was given
  before a device was suspended opens no door after it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select

from countenance.kernel import DeviceId, canonical_json, require_utc
from countenance.store._models import DeviceEnrolmentRow, DeviceRow
from countenance.store.database import Database
from countenance.store.errors import RecordExists, RecordUnknown
from countenance.store.evidence import EvidenceRecords
from countenance.store.integrity import RowMac
from countenance.store.known_rows import KnownRows
from countenance.store.signing import PublicVerifier, new_signing_key, public_jwk_of
from countenance.store.values import DeviceEnrolment, DeviceStatus

__all__ = ["DeviceEnrolments", "new_device_key"]


def new_device_key() -> tuple[str, Mapping[str, str]]:
    """Return a new Ed25519 key pair for a device: the private key, 64 hexadecimal digits, and its JWK.

    The private key is handed to whoever sets the device up and kept nowhere here.
    """
    private = new_signing_key()
    return private.hex(), public_jwk_of(private)


class DeviceEnrolments:
    """The keys and status of this deployment's devices. Safe to use from several threads.

    Args:
        database: where the rows are kept.
        row_mac: stamps and checks them.
        evidence: whose epoch each change raises.
    """

    def __init__(self, *, database: Database, row_mac: RowMac, evidence: EvidenceRecords) -> None:
        self._database = database
        self._row_mac = row_mac
        self._evidence = evidence
        self._known = KnownRows(DeviceEnrolmentRow, row_mac=row_mac, value_of=_enrolment_of)

    def get(self, device_id: DeviceId) -> DeviceEnrolment | None:
        """Return a device's key and status; ``None`` if neither was ever set.

        Raises:
            RecordTampered: if its row isn't as this deployment wrote it.
        """
        with self._database.read() as session:
            return self._known.get(session, device_id)

    def all(self) -> Mapping[DeviceId, DeviceEnrolment]:
        """Return every key and status that was set, by device.

        Raises:
            RecordTampered: if a row isn't as this deployment wrote it.
        """
        with self._database.read() as session:
            rows = session.scalars(select(DeviceEnrolmentRow).order_by(DeviceEnrolmentRow.device_id)).all()
        return {DeviceId(row.device_id): self._value_of(row) for row in rows}

    def enrol(self, device_id: DeviceId, jwk: Mapping[str, str], *, at: datetime, by: str) -> DeviceEnrolment:
        """Set a device's public key. A device has one key for good; a lost key is a new device.

        Args:
            device_id: a registered device.
            jwk: its Ed25519 public key.
            at: when, aware.
            by: the role or key id that sets it, never a name.

        Raises:
            SignatureRefused: if it isn't an Ed25519 public key.
            RecordUnknown: if the device isn't registered.
            RecordExists: if it has a key already, or another device has this one.
        """
        public = PublicVerifier(jwk)
        with self._database.write() as session:
            taken = session.scalar(
                select(DeviceEnrolmentRow.device_id).where(DeviceEnrolmentRow.key_id == public.key_id)
            )
            row = session.get(DeviceEnrolmentRow, device_id)
            if taken is not None or (row is not None and row.key_id is not None):
                raise RecordExists("The device has a key already, or the key belongs to another device.")
            if row is None:
                row = self._fresh(device_id)
                session.add(row)
            else:
                self._row_mac.require(row)
            row.key_id = public.key_id
            row.jwk = canonical_json(dict(public.public_jwk())).decode()
            row.changed_at, row.changed_by = require_utc(at), by
            self._row_mac.stamp(row)
            self._evidence.advance_in(session)
            return self._value_of(row)

    def set_status(
        self, device_id: DeviceId, status: DeviceStatus, *, at: datetime, by: str
    ) -> DeviceEnrolment:
        """Put a device into use, suspend or retire it.

        Args:
            device_id: a registered device.
            status: what it is from now on.
            at: when, aware.
            by: the role or key id that says so, never a name.

        Raises:
            RecordUnknown: if the device isn't registered.
            RecordExists: if it was retired.
        """
        with self._database.write() as session:
            if session.get(DeviceRow, device_id) is None:
                raise RecordUnknown("No device with this identifier is registered.")
            row = session.get(DeviceEnrolmentRow, device_id)
            if row is None:
                row = self._fresh(device_id)
                session.add(row)
            else:
                self._row_mac.require(row)
            if row.status == DeviceStatus.RETIRED and status is not DeviceStatus.RETIRED:
                raise RecordExists("The device was retired, for good.", remedy="Register a new device.")
            row.status, row.changed_at, row.changed_by = status.value, require_utc(at), by
            self._row_mac.stamp(row)
            self._evidence.advance_in(session)
            return self._value_of(row)

    def _fresh(self, device_id: DeviceId) -> DeviceEnrolmentRow:
        return DeviceEnrolmentRow(
            device_id=device_id, key_id=None, jwk=None, status=DeviceStatus.ACTIVE.value
        )

    def _value_of(self, row: DeviceEnrolmentRow) -> DeviceEnrolment:
        self._row_mac.require(row)
        return _enrolment_of(row)


def _enrolment_of(row: DeviceEnrolmentRow) -> DeviceEnrolment:
    return DeviceEnrolment(
        device_id=DeviceId(row.device_id),
        key_id=row.key_id,
        jwk=None if row.jwk is None else json.loads(row.jwk),
        status=DeviceStatus(row.status),
        changed_at=row.changed_at,
        changed_by=row.changed_by,
    )
