"""Writes ``rNNNN.sql.gz`` and ``rNNNN.json``: a hotel's store as an earlier schema left it, what was in it.

Run it with sources of which that schema is the newest, not with newer ones; SOURCES.md names the commits::

    git archive COMMIT src tests | tar x -C FOLDER
    PYTHONPATH=FOLDER/src:FOLDER/tests python make_later.py

Keys and salts are random, so a second run writes another dump that says the same. The keys protect nothing.
"""

from __future__ import annotations

import gzip
import json
import sqlite3
import sys
import tempfile
from contextlib import closing
from datetime import date, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

from countenance.authority import Author, Role
from countenance.kernel import DecisionId, Door, Passage, PurposeId, SubjectId
from countenance.store import (
    DecisionRecord,
    DeviceStatus,
    OutsideKind,
    Store,
    issue_api_key,
    new_device_key,
)
from front_desk import DOCUMENT, GUEST, FrontDesk, front_desk

HERE = Path(__file__).parent
SEALED = b"what was decided, sealed by an earlier version"
GONE, HELD = SubjectId("sub_gone"), SubjectId("sub_held")


def fill(hotel: FrontDesk) -> dict[str, Any]:
    """Put a guest, a permit in use, a decision, keys and more into the store; return what is there."""
    store, desk = hotel.store, hotel.desk
    hotel.welcome()
    request = hotel.request()
    granted = hotel.grant(request)
    desk.verifier.admit(granted.token, Passage(Door.CAPTURE, "capture", request, DOCUMENT))
    decision = DecisionId("dec_aaaaaaaaaaaaaaaaaaaaaaaaaa")
    sealed = store.vault.seal(GUEST, hotel.site.purpose, SEALED, context={"record": "decision"})
    store.decisions.add(
        DecisionRecord(decision, granted.claims.permit_id, hotel.clock.now(), sealed, "receipt")
    )
    store.log.append("decision", {"decision": decision}, subject=GUEST, purpose=hotel.site.purpose)
    image = next(duty for duty in granted.claims.duties if duty.key == "image_deleted")
    desk.discharge(image.duty_id, content={"done": "overwritten"}, author="countenance")
    hotel.welcome(subject=GONE)
    store.vault.destroy_subject(GONE)
    officer = Author(Role.OFFICER)
    desk.registrar.enrol_device(hotel.site.desk_device, new_device_key()[1], author=officer)
    desk.registrar.set_device_status(hotel.site.room_device, DeviceStatus.SUSPENDED, author=officer)
    issuer = desk.registrar.add_issuer(
        name="District court",
        kind=OutsideKind.COURT,
        jwk=new_device_key()[1],
        keys=("authorisation",),
        author=officer,
    )
    store.log.checkpoint()
    return {
        "api_key": issue_api_key(store, "front desk", ("clerk",), hotel.clock),
        "decision": decision,
        "discharged": image.duty_id,
        "issuer": issuer.key_id,
        "permit": granted.claims.permit_id,
        "token": granted.token,
        "request": request.request_id,
    }


def fill_retention(store: Store, hotel: FrontDesk) -> None:
    """What came with r0003: a hold, a backup that was made, and how late it has been."""
    package = import_module("countenance.store")
    now = hotel.clock.now()
    hotel.welcome(subject=HELD)
    store.holds.place(
        package.LegalHold("hld_one", HELD, "court order 7", now + timedelta(days=30), "officer", now)
    )
    store.backups.add(package.BackupRecord("bak_one", now, date(2026, 12, 22)))
    store.retention.remember(package.RetentionState(now, now))


def main() -> None:
    """Write both files beside this one."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        with front_desk(root, fresh=True) as hotel:
            there = fill(hotel)
            if hasattr(hotel.store, "holds"):
                fill_retention(hotel.store, hotel)
            store = hotel.store
            there["open_duties"] = [duty.duty_id for duty in store.duties.open()]
            there["epoch"], there["log_size"] = store.evidence.epoch(), store.log.size()
            there["purpose"] = PurposeId(hotel.site.purpose)
        with closing(sqlite3.connect(root / "data" / "countenance.db")) as database:
            dump = "\n".join(database.iterdump())
            [revision] = database.execute("SELECT version_num FROM alembic_version").fetchone()
        there["root_key"] = (root / "root.key").read_text(encoding="utf-8")
    HERE.joinpath(f"{revision}.sql.gz").write_bytes(gzip.compress(dump.encode(), mtime=0))
    text = json.dumps(there, indent=2, sort_keys=True)
    HERE.joinpath(f"{revision}.json").write_text(text + "\n", encoding="utf-8")
    sys.stdout.write(f"{revision}\n")


if __name__ == "__main__":
    main()
