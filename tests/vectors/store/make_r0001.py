"""Writes ``r0001.sql``: a small store as the first schema (r0001) left it, dumped as text.

It was run with the sources of commit 55b1b48, the last one whose newest schema was r0001; run it with those
(``git archive 55b1b48 src``), not with newer ones. Keys and salts are random, so a second run writes another
dump that says the same. The root key below protects nothing.
"""

from __future__ import annotations

import sqlite3
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from countenance.kernel import (
    DeviceId,
    DutyId,
    EvidenceId,
    FixedClock,
    PermitId,
    PlaceId,
    PurposeId,
    SubjectId,
)
from countenance.store import (
    Device,
    DutyRecord,
    EvidenceRecord,
    EvidenceScope,
    Issuer,
    PermitRecord,
    Place,
    Purpose,
    Store,
    create_root_key,
    issue_api_key,
    key_provider,
)

HERE = Path(__file__).parent
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
PLACE, PURPOSE, DEVICE = PlaceId("plc_frontdesk"), PurposeId("pur_checkin"), DeviceId("dev_deskcamera")
SUBJECT = SubjectId("sub_guest")


def fill(store: Store, clock: FixedClock) -> None:
    """One row or more in every table that r0001 has."""
    store.purposes.add(Purpose(PURPOSE, "Check-in", "Compare one face, once.", "dpv:IdentityVerification"))
    store.places.add(Place(PLACE, "Front desk", "hotel_lobby", ("CN",), "Asia/Shanghai"))
    store.devices.add(Device(DEVICE, "Camera", PLACE, ("capture", "verify"), NOON))
    for key, scope, name in (
        ("notice", EvidenceScope(place=PLACE), "evd_notice"),
        ("consent.record", EvidenceScope(purpose=PURPOSE, subject=SUBJECT), "evd_consent"),
    ):
        record = EvidenceRecord.make(
            key=key,
            content={"text": "as it was written before records had forms"},
            author="officer",
            issuer=Issuer.PERSON,
            recorded_at=NOON,
            scope=scope,
            demo=True,
            evidence_id=EvidenceId(name),
        )
        store.evidence.add(record)
        store.log.append("evidence-recorded", {"evidence": record.evidence_id}, subject=scope.subject)
    store.evidence.withdraw(
        EvidenceId("evd_notice"), at=NOON + timedelta(hours=1), by="officer", reason="new"
    )
    permit = PermitId("prm_aaaaaaaaaaaaaaaaaaaaaaaaaa")
    store.permits.record(PermitRecord(permit, "ab" * 32, 2, NOON, NOON + timedelta(minutes=2)))
    store.permits.spend(permit, "capture", 1)
    due = NOON + timedelta(days=1)
    store.duties.add(DutyRecord(DutyId("dty_open"), "image_deleted", "X-1", permit, PLACE, PURPOSE, due))
    issue_api_key(store, "front desk", ("clerk",), clock)
    store.log.append("registered", {"what": "place", "id": PLACE})


def main() -> None:
    """Write the dump and the root key beside this file."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        uri = f"file:{root / 'root.key'}"
        create_root_key(uri)
        clock = FixedClock(NOON)
        with Store.create(root / "data", key_provider=key_provider(uri), clock=clock, demo=True) as store:
            fill(store, clock)
        with sqlite3.connect(root / "data" / "countenance.db") as database:
            dump = "\n".join(database.iterdump())
        HERE.joinpath("r0001.sql").write_text(dump + "\n", encoding="utf-8")
        HERE.joinpath("r0001_root_key.txt").write_text((root / "root.key").read_text(), encoding="utf-8")
    sys.stdout.write(f"{HERE / 'r0001.sql'}\n")


if __name__ == "__main__":
    main()
