"""Random histories: whatever is done in whatever order, the store says what a plain model says.

The model is dictionaries in memory. Every step is done to both; after every step the two agree, the log
verifies, each checkpoint ever handed out is still a beginning of the tree, and no row is tampered with.
Closing and opening again is one of the steps, so that everything is read from disk too.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
)

from countenance.kernel import EvidenceId, FixedClock, PermitId, PurposeId, SubjectId, new_id
from countenance.store import (
    EvidenceRecord,
    EvidenceScope,
    Issuer,
    LogReceipt,
    PermitRecord,
    SealBroken,
    SealKeyDestroyed,
    Store,
    create_root_key,
    key_provider,
    open_checkpoint,
    verify_consistency,
)

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SUBJECTS = [SubjectId(f"sub_{name}") for name in ("ann", "ben", "cai")]
PURPOSE = PurposeId("pur_checkin")
CONTEXT = {"record": "history"}

subjects = st.sampled_from(SUBJECTS)
minutes = st.integers(1, 600).map(lambda count: timedelta(minutes=count))


class Histories(RuleBasedStateMachine):
    """Does random steps to a store and to a model of it."""

    evidence = Bundle("evidence")
    sealed = Bundle("sealed")
    permits = Bundle("permits")

    @initialize()
    def create(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="countenance-histories-"))
        uri = f"file:{self.folder / 'root.key'}"
        create_root_key(uri)
        self.provider = key_provider(uri)
        self.clock = FixedClock(NOON)
        self.store = Store.create(self.folder / "data", key_provider=self.provider, clock=self.clock)
        self.records: dict[EvidenceId, EvidenceRecord] = {}
        self.changes = 0
        self.vault: dict[bytes, tuple[SubjectId, bytes]] = {}
        self.destroyed: set[bytes] = set()
        self.uses: dict[PermitId, int] = {}
        self.log: list[tuple[LogReceipt, SubjectId | None, dict[str, object] | None]] = []
        self.notes: list[str] = []

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.close()
            shutil.rmtree(self.folder)

    # --- steps ------------------------------------------------------------------------------------

    @rule(by=minutes)
    def time_passes(self, by: timedelta) -> None:
        self.clock.move_to(self.clock.now() + by)

    @rule()
    def close_and_open(self) -> None:
        before = self.store.deployment
        self.store.close()
        self.store = Store.open(self.folder / "data", key_provider=self.provider, clock=self.clock)
        assert self.store.deployment == before

    @rule(target=evidence, subject=st.none() | subjects, lasts=st.none() | minutes, value=st.integers(0, 9))
    def file(self, subject: SubjectId | None, lasts: timedelta | None, value: int) -> EvidenceId:
        now = self.clock.now()
        record = EvidenceRecord.make(
            key="consent",
            content={"value": value},
            author="desk",
            issuer=Issuer.PERSON,
            recorded_at=now,
            scope=EvidenceScope(subject=subject),
            valid_until=None if lasts is None else now + lasts,
        )
        self.store.evidence.add(record)
        self.records[record.evidence_id] = record
        self.changes += 1
        return record.evidence_id

    @rule(which=evidence)
    def withdraw(self, which: EvidenceId) -> None:
        record = self.records.get(which)
        if record is None:
            with pytest.raises(SealKeyDestroyed):
                self.store.evidence.withdraw(which, at=self.clock.now(), by="desk", reason="asked")
            return
        found = self.store.evidence.withdraw(which, at=self.clock.now(), by="desk", reason="asked")
        if record.withdrawn_at is None:
            record = replace(record, withdrawn_at=self.clock.now())
            self.records[which] = record
            self.changes += 1
        assert found == record

    @rule(target=sealed, subject=subjects, plaintext=st.binary(max_size=30))
    def seal(self, subject: SubjectId, plaintext: bytes) -> bytes:
        blob = self.store.vault.seal(subject, PURPOSE, plaintext, context=CONTEXT)
        self.vault[blob] = (subject, plaintext)
        return blob

    @rule(blob=sealed, subject=subjects)
    def open_sealed(self, blob: bytes, subject: SubjectId) -> None:
        owner, plaintext = self.vault[blob]
        if blob in self.destroyed:
            with pytest.raises(SealKeyDestroyed):
                self.store.vault.open(owner, PURPOSE, blob, context=CONTEXT)
        else:
            assert self.store.vault.open(owner, PURPOSE, blob, context=CONTEXT) == plaintext
            if subject != owner:
                with pytest.raises(SealBroken):
                    self.store.vault.open(subject, PURPOSE, blob, context=CONTEXT)

    @rule(subject=subjects)
    def erase(self, subject: SubjectId) -> None:
        """What a person's erasure does to the store: data keys, then what the log says."""
        self.store.vault.destroy_subject(subject)
        indices = self.store.log.erase_subject(subject)
        self.records = {k: r for k, r in self.records.items() if r.scope.subject != subject}
        self.destroyed |= {blob for blob, (owner, _) in self.vault.items() if owner == subject}
        # Entries that an earlier erasure emptied no longer name the subject.
        readable = [r.index for r, s, entry in self.log if s == subject and entry is not None]
        assert indices == tuple(readable)
        self.log = [(r, s, None if s == subject else entry) for r, s, entry in self.log]
        if indices:
            index = self.store.log.size() - 1
            leaf = self.store.log.entry(index).leaf_hash
            self.log.append((LogReceipt(index, leaf, index + 1), None, {"indices": list(indices)}))

    @rule(subject=st.none() | subjects, value=st.integers(0, 9))
    def append(self, subject: SubjectId | None, value: int) -> None:
        receipt = self.store.log.append("step", {"value": value}, subject=subject)
        assert (receipt.index, receipt.tree_size) == (len(self.log), len(self.log) + 1)
        self.log.append((receipt, subject, {"value": value}))

    @rule()
    def hand_out_a_checkpoint(self) -> None:
        self.notes.append(self.store.log.checkpoint())

    @rule(target=permits)
    def issue(self) -> PermitId:
        permit = PermitId(new_id("prm"))
        now = self.clock.now()
        epoch = self.store.evidence.epoch()
        self.store.permits.record(PermitRecord(permit, "0" * 64, epoch, now, now + timedelta(minutes=5)))
        self.uses[permit] = 0
        return permit

    @rule(permit=permits, limit=st.integers(0, 3))
    def spend(self, permit: PermitId, limit: int) -> None:
        allowed = self.uses[permit] < limit
        assert self.store.permits.spend(permit, "capture", limit) is allowed
        self.uses[permit] += allowed

    @rule(target=permits, permit=consumes(permits))
    def look_up(self, permit: PermitId) -> object:
        assert self.store.permits.get(permit).permit_id == permit
        assert self.store.permits.uses(permit).get("capture", 0) == self.uses[permit]
        return multiple(permit)

    # --- what always holds ------------------------------------------------------------------------

    @invariant()
    def evidence_is_what_the_model_says(self) -> None:
        if not hasattr(self, "store"):
            return
        now = self.clock.now()
        valid = {key: record for key, record in self.records.items() if record.valid_at(now)}
        assert {record.evidence_id: record for record in self.store.evidence.at(now)} == valid
        for subject in SUBJECTS:
            scope = EvidenceScope(subject=subject)
            found = {record.evidence_id for record in self.store.evidence.at(now, scope=scope)}
            assert found == {key for key, record in valid.items() if record.scope.covers(scope)}
        assert self.store.evidence.epoch() == self.changes

    @invariant()
    def nothing_looks_tampered_with(self) -> None:
        if hasattr(self, "store"):
            assert self.store.check_records() == ()
            assert self.store.evidence.tampered() == ()

    @invariant()
    def the_log_holds(self) -> None:
        if not hasattr(self, "store"):
            return
        check = self.store.log.verify(witnessed=self.notes)
        assert check.ok
        assert check.tree_size == len(self.log)
        assert check.erased == sum(entry is None for _, _, entry in self.log)
        for receipt, _, entry in self.log[-3:]:
            found = self.store.log.entry(receipt.index)
            assert (found.leaf_hash, found.entry) == (receipt.leaf_hash, entry)

    @invariant()
    def every_checkpoint_is_a_beginning(self) -> None:
        if not getattr(self, "notes", None):
            return
        key = self.store.log.key
        first, last = (open_checkpoint(note, key=key) for note in (self.notes[0], self.notes[-1]))
        if first.size:
            assert verify_consistency(
                earlier=first.size,
                later=last.size,
                earlier_root=first.root,
                later_root=last.root,
                proof=self.store.log.consistency_proof(first.size, last.size),
            )


TestHistories = Histories.TestCase
TestHistories.settings = settings(deadline=None, max_examples=6, stateful_step_count=20)
