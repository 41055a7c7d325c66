"""Purposes, places and devices: what a request may name, registered beforehand.

Rules kept here:

* A request that names something unregistered finds nothing here and is refused by whoever asked.
* A row that isn't as this deployment wrote it is never returned; asking for it raises.
* A registration is final: another purpose, a moved device is a new one. So what a log entry named stays
  what it was.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar, Generic, TypeVar

from sqlalchemy import select

from countenance.kernel import DeviceId, PlaceId, PurposeId
from countenance.store._models import BelievedRow, DeviceRow, PlaceRow, PurposeRow
from countenance.store.database import Database
from countenance.store.errors import RecordUnknown
from countenance.store.integrity import RowMac
from countenance.store.known_rows import KnownRows
from countenance.store.values import Device, Place, Purpose

__all__ = ["DeviceRecords", "PlaceRecords", "PurposeRecords"]

Id = TypeVar("Id", bound=str)
Value = TypeVar("Value")
Row = TypeVar("Row", bound=BelievedRow)


class _Directory(ABC, Generic[Id, Value, Row]):
    """What the three have in common.

    Args:
        database: where the rows are kept.
        row_mac: stamps and checks them.
    """

    _row_type: type[Row]
    _what: ClassVar[str]

    def __init__(self, *, database: Database, row_mac: RowMac) -> None:
        self._database = database
        self._row_mac = row_mac
        self._known = KnownRows(self._row_type, row_mac=row_mac, value_of=self._value_of)

    def add(self, value: Value) -> None:
        """Register one.

        Raises:
            RecordExists: if the identifier is taken.
            RecordUnknown: if it names a place that isn't registered.
        """
        row = self._row_of(value)
        self._row_mac.stamp(row)
        with self._database.write() as session:
            session.add(row)

    def get(self, identifier: Id) -> Value:
        """Return the one with an identifier.

        Raises:
            RecordUnknown: if there is none.
            RecordTampered: if its row isn't as this deployment wrote it.
        """
        with self._database.read() as session:
            value = self._known.get(session, identifier)
        if value is None:
            msg = f"No {self._what} with this identifier is registered."
            raise RecordUnknown(msg)
        return value

    def all(self) -> tuple[Value, ...]:
        """Return all of them, sorted by identifier.

        Raises:
            RecordTampered: if a row isn't as this deployment wrote it.
        """
        with self._database.read() as session:
            rows = session.scalars(
                select(self._row_type).order_by(*self._row_type.__table__.primary_key)
            ).all()
        for row in rows:
            self._row_mac.require(row)
        return tuple(self._value_of(row) for row in rows)

    @abstractmethod
    def _row_of(self, value: Value) -> Row: ...

    @abstractmethod
    def _value_of(self, row: Row) -> Value: ...


class PurposeRecords(_Directory[PurposeId, Purpose, PurposeRow]):
    """The registered purposes."""

    _row_type = PurposeRow
    _what = "purpose"

    def _row_of(self, value: Purpose) -> PurposeRow:
        return PurposeRow(
            purpose_id=value.purpose_id,
            title=value.title,
            description=value.description,
            dpv_term=value.dpv_term,
        )

    def _value_of(self, row: PurposeRow) -> Purpose:
        return Purpose(PurposeId(row.purpose_id), row.title, row.description, row.dpv_term)


class PlaceRecords(_Directory[PlaceId, Place, PlaceRow]):
    """The registered places."""

    _row_type = PlaceRow
    _what = "place"

    def _row_of(self, value: Place) -> PlaceRow:
        return PlaceRow(
            place_id=value.place_id,
            title=value.title,
            kind=value.kind,
            jurisdictions=tuple(value.jurisdictions),
            time_zone=value.time_zone,
        )

    def _value_of(self, row: PlaceRow) -> Place:
        return Place(PlaceId(row.place_id), row.title, row.kind, row.jurisdictions, row.time_zone)


class DeviceRecords(_Directory[DeviceId, Device, DeviceRow]):
    """The registered devices; each stands at a registered place."""

    _row_type = DeviceRow
    _what = "device"

    def _row_of(self, value: Device) -> DeviceRow:
        return DeviceRow(
            device_id=value.device_id,
            title=value.title,
            place=value.place,
            functions=tuple(value.functions),
            registered_at=value.registered_at,
        )

    def _value_of(self, row: DeviceRow) -> Device:
        return Device(
            DeviceId(row.device_id), row.title, PlaceId(row.place), row.functions, row.registered_at
        )
