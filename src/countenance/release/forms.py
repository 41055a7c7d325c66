"""What stands in the members of a pack, to JSON and back.

Rules kept here:

* What a record says about a person isn't written out, unless it is the bare answer to one question. The
  members on which rules turn (form, source, value) are: the *gist*. They are the operator's word, bound by
  the signature over the pack, while everything else follows from hashes.
* A person is called by a name of the packs, never by the pseudonym of the store.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final, TypeVar

from countenance.authority import DISCHARGES, SOURCE
from countenance.authority.records import FORM
from countenance.kernel import (
    DeploymentId,
    DeviceId,
    EvidenceId,
    PermitId,
    PlaceId,
    PurposeId,
    SubjectId,
)
from countenance.store import (
    Device,
    EvidenceKind,
    EvidenceRecord,
    EvidenceScope,
    Issuer,
    OutsideIssuer,
    OutsideKind,
    PermitRecord,
    Place,
    Purpose,
)

_T = TypeVar("_T")

__all__ = [
    "GIST",
    "SCHEMA",
    "VOUCHED",
    "WHOLE",
    "deployment_of",
    "device_of",
    "issuer_of",
    "permit_of",
    "place_of",
    "purpose_of",
    "record_of",
    "record_to_json",
    "to_json",
]

SCHEMA: Final = 1
"""Version of the form of a pack."""
WHOLE: Final = "whole"
GIST: Final = "gist"
VOUCHED: Final = "vouched"
"""Member of a gist that says that the signature from outside held when the pack was made."""

_GIST: Final = (FORM, SOURCE, DISCHARGES, "value")
_BARE: Final = frozenset({SOURCE, "value"})


def to_json(value: object) -> Any:  # noqa: ANN401 - a JSON value
    """Return a frozen value of the store as JSON values: times as ISO 8601, enums as their values."""
    plain = asdict(value)  # type: ignore[call-overload]
    return {name: _plain(member) for name, member in plain.items()}


def _plain(member: object) -> object:
    if isinstance(member, datetime):
        return member.isoformat()
    if isinstance(member, tuple):
        return list(member)
    if isinstance(member, Mapping):
        return dict(member)
    return getattr(member, "value", member)


def record_to_json(
    record: EvidenceRecord, *, person: str | None, vouched: Callable[[EvidenceRecord], bool]
) -> dict[str, object]:
    """Return a record as a pack shows it.

    Args:
        record: as it is on file.
        person: the pack's name of the person whom it is about; ``None`` if it is about nobody.
        vouched: returns whether the signature that it needs holds.
    """
    whole = person is None or (record.kind is EvidenceKind.STATEMENT and set(record.content) <= _BARE)
    content: Mapping[str, object] = record.content
    if not whole:
        content = {name: record.content[name] for name in _GIST if name in record.content}
        if record.issuer is Issuer.OUTSIDE:
            content = {**content, VOUCHED: vouched(record)}
    return {
        "id": record.evidence_id,
        "key": record.key,
        "kind": record.kind.value,
        "issuer": record.issuer.value,
        "author": record.author,
        "demo": record.demo,
        "place": record.scope.place,
        "purpose": record.scope.purpose,
        "device": record.scope.device,
        "person": person,
        "content_hash": record.content_hash,
        "shown": WHOLE if whole else GIST,
        "content": dict(content),
        "salt": record.salt if whole else None,
        "valid_from": record.valid_from.isoformat(),
        "valid_until": _time(record.valid_until),
        "withdrawn_at": _time(record.withdrawn_at),
        "recorded_at": record.recorded_at.isoformat(),
    }


def record_of(written: Mapping[str, Any]) -> EvidenceRecord:
    """Read a record back; ``KeyError``, ``TypeError`` or ``ValueError`` if it isn't one."""
    return EvidenceRecord(
        evidence_id=EvidenceId(str(written["id"])),
        key=str(written["key"]),
        scope=EvidenceScope(
            place=_maybe(PlaceId, written["place"]),
            purpose=_maybe(PurposeId, written["purpose"]),
            device=_maybe(DeviceId, written["device"]),
            subject=_maybe(SubjectId, written["person"]),
        ),
        content=dict(written["content"]),
        content_hash=str(written["content_hash"]),
        salt=str(written["salt"] or ""),
        author=str(written["author"]),
        issuer=Issuer(written["issuer"]),
        kind=EvidenceKind(written["kind"]),
        demo=bool(written["demo"]),
        valid_from=_moment(written["valid_from"]),
        valid_until=_maybe(_moment, written["valid_until"]),
        withdrawn_at=_maybe(_moment, written["withdrawn_at"]),
        recorded_at=_moment(written["recorded_at"]),
    )


def place_of(written: Mapping[str, Any]) -> Place:
    """Read a place back."""
    return Place(
        PlaceId(str(written["place_id"])),
        str(written["title"]),
        str(written["kind"]),
        tuple(map(str, written["jurisdictions"])),
        str(written["time_zone"]),
    )


def device_of(written: Mapping[str, Any]) -> Device:
    """Read a device back."""
    return Device(
        DeviceId(str(written["device_id"])),
        str(written["title"]),
        PlaceId(str(written["place"])),
        tuple(map(str, written["functions"])),
        _moment(written["registered_at"]),
    )


def purpose_of(written: Mapping[str, Any]) -> Purpose:
    """Read a purpose back."""
    return Purpose(
        PurposeId(str(written["purpose_id"])),
        str(written["title"]),
        str(written["description"]),
        str(written["dpv_term"]),
    )


def issuer_of(written: Mapping[str, Any]) -> OutsideIssuer:
    """Read a body outside back."""
    return OutsideIssuer(
        **{
            **written,
            "kind": OutsideKind(written["kind"]),
            "keys": tuple(map(str, written["keys"])),
            "jwk": dict(written["jwk"]),
            "registered_at": _moment(written["registered_at"]),
            "revoked_at": _maybe(_moment, written["revoked_at"]),
        }
    )


def permit_of(written: Mapping[str, Any]) -> PermitRecord:
    """Read a permit's record back."""
    return PermitRecord(
        PermitId(str(written["permit_id"])),
        str(written["request_digest"]),
        int(written["epoch"]),
        _moment(written["issued_at"]),
        _moment(written["not_after"]),
    )


def deployment_of(written: object) -> DeploymentId:
    """Read a deployment's identifier back."""
    return DeploymentId(str(written))


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _moment(written: object) -> datetime:
    found = datetime.fromisoformat(str(written))
    if found.tzinfo is None:
        msg = "a time in a pack has its offset"
        raise ValueError(msg)
    return found


def _maybe(read: Callable[[Any], _T], written: object) -> _T | None:
    return None if written is None else read(written)
