"""The transparency log: what was appended can be proved, and what was changed is found."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countenance.kernel import FixedClock, KeyProvider, PurposeId, SubjectId, canonical_json, new_id
from countenance.store import (
    ErasureUnfinished,
    LogBroken,
    LogDraft,
    LogFinding,
    LogFindingCode,
    LogReceipt,
    NoteKey,
    ProofNotPossible,
    PublicVerifier,
    RecordExists,
    RecordUnknown,
    Store,
    commit,
    leaf_hash,
    open_checkpoint,
    verify_consistency,
    verify_inclusion,
)
from countenance.store.merkle import root_of
from countenance.store.sqlite import SqliteDatabase

Sql = Callable[..., list[tuple[object, ...]]]

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
ANN, BEN = SubjectId("sub_ann"), SubjectId("sub_ben")
CHECKIN = PurposeId("pur_checkin")


def fill(store: Store, count: int, *, subject: SubjectId | None = None) -> list[LogReceipt]:
    return [store.log.append("permit-issued", {"number": i}, subject=subject) for i in range(count)]


def codes(store: Store) -> list[tuple[str, int | None]]:
    return [(finding.code.value, finding.index) for finding in store.log.verify().findings]


def test_an_entry_comes_back_with_what_proves_it(store: Store) -> None:
    receipt = store.log.append("permit-issued", {"permit": "prm_a", "rules": ["r1", "r2"]})
    entry = store.log.entry(0)
    assert (receipt.index, receipt.tree_size) == (0, 1)
    assert (entry.index, entry.leaf_hash) == (0, receipt.leaf_hash)
    assert (entry.at, entry.kind, entry.entry) == (
        NOON,
        "permit-issued",
        {"permit": "prm_a", "rules": ["r1", "r2"]},
    )
    assert not entry.erased
    statement = {"at": NOON.isoformat(), "entry": entry.entry, "kind": entry.kind}
    assert entry.salt is not None
    assert leaf_hash(commit(statement, salt=bytes.fromhex(entry.salt))).hex() == receipt.leaf_hash


def test_the_same_entry_twice_has_two_leaves(store: Store) -> None:
    one, other = (store.log.append("same", {}) for _ in range(2))
    assert one.leaf_hash != other.leaf_hash


def test_a_leaf_does_not_show_what_it_commits_to(store: Store) -> None:
    """Guessing the entry doesn't give the leaf: the salt is missing."""
    receipt = store.log.append("guessable", {"outcome": "match"})
    statement = {"at": NOON.isoformat(), "entry": {"outcome": "match"}, "kind": "guessable"}
    assert leaf_hash(canonical_json(statement)).hex() != receipt.leaf_hash
    assert leaf_hash(commit(statement, salt=bytes(32))).hex() != receipt.leaf_hash


@pytest.mark.parametrize("index", [-1, 3, 100])
def test_there_is_no_entry_beyond_the_log(store: Store, index: int) -> None:
    fill(store, 3)
    with pytest.raises(RecordUnknown):
        store.log.entry(index)


def test_what_json_can_not_express_is_not_appended(store: Store) -> None:
    with pytest.raises((TypeError, ValueError)):
        store.log.append("bad", {"value": float("nan")})
    assert store.log.size() == 0


def test_an_empty_log_has_a_signed_head(store: Store) -> None:
    checkpoint = open_checkpoint(store.log.checkpoint(), key=store.log.key)
    assert (checkpoint.size, checkpoint.root) == (0, root_of([]))
    assert store.log.verify().ok
    with pytest.raises(RecordExists):
        store.log.begin()


@settings(deadline=None, max_examples=12)
@given(data=st.data())
def test_every_leaf_can_be_proved_offline(shared_store: Store, data: st.DataObject) -> None:
    """With the public key, the checkpoint and the proof alone."""
    receipts = [shared_store.log.append(new_id("kind"), {}) for _ in range(data.draw(st.integers(1, 5)))]
    note = shared_store.log.checkpoint()
    public = PublicVerifier(shared_store.signer.public_jwk())
    key = NoteKey(f"countenance/{shared_store.deployment.deployment_id}", public.public_bytes)
    head = open_checkpoint(note, key=key)
    receipt = data.draw(st.sampled_from(receipts))
    proof = shared_store.log.inclusion_proof(receipt.index, head.size)
    assert verify_inclusion(
        leaf=bytes.fromhex(receipt.leaf_hash),
        index=receipt.index,
        size=head.size,
        proof=proof,
        root=head.root,
    )


def test_every_checkpoint_is_consistent_with_every_later_one(store: Store) -> None:
    heads = []
    for _ in range(9):
        store.log.append("x", {})
        heads.append(open_checkpoint(store.log.checkpoint(), key=store.log.key))
    for i, earlier in enumerate(heads):
        for later in heads[i:]:
            assert verify_consistency(
                earlier=earlier.size,
                later=later.size,
                earlier_root=earlier.root,
                later_root=later.root,
                proof=store.log.consistency_proof(earlier.size, later.size),
            )


@pytest.mark.parametrize(("index", "size"), [(3, 3), (-1, 3), (0, 0), (0, 4), (0, -1)])
def test_no_inclusion_proof_outside_the_log(store: Store, index: int, size: int) -> None:
    fill(store, 3)
    with pytest.raises(ProofNotPossible):
        store.log.inclusion_proof(index, size)


@pytest.mark.parametrize(("earlier", "later"), [(0, 3), (-1, 3), (3, 2), (1, 4), (4, 4)])
def test_no_consistency_proof_outside_the_log(store: Store, earlier: int, later: int) -> None:
    fill(store, 3)
    with pytest.raises(ProofNotPossible):
        store.log.consistency_proof(earlier, later)


def test_threads_append_one_after_the_other(store: Store) -> None:
    receipts: list[LogReceipt] = []

    def append() -> None:
        receipts.extend(fill(store, 10, subject=ANN))

    threads = [threading.Thread(target=append) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(receipt.index for receipt in receipts) == list(range(80))
    check = store.log.verify()
    assert check.ok
    assert (check.tree_size, check.readable, check.erased) == (80, 80, 0)


def test_a_reopened_log_goes_on(folder: Path, provider: KeyProvider, clock: FixedClock) -> None:
    with Store.create(folder, key_provider=provider, clock=clock) as store:
        fill(store, 5)
        key = store.log.key
    with Store.open(folder, key_provider=provider, clock=clock) as store:
        assert store.log.append("later", {}).index == 5
        assert store.log.key == key
        assert store.log.verify().ok


def test_a_failed_append_leaves_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leaf and head go together: with no signature there is no leaf either."""
    fill(store, 3)

    def no_signature(_: bytes) -> bytes:
        raise RuntimeError

    monkeypatch.setattr(type(store.signer), "sign_bytes", lambda _, message: no_signature(message))
    with pytest.raises(RuntimeError):
        store.log.append("x", {})
    monkeypatch.undo()
    assert store.log.size() == 3
    assert store.log.verify().ok


# --- what somebody with the disk could do ---------------------------------------------------------

ALTERED_BODY = json.dumps(
    {"salt": "00" * 32, "statement": {"at": NOON.isoformat(), "entry": {}, "kind": "x"}}
)


@pytest.mark.parametrize(
    ("edits", "found"),
    [
        (["UPDATE log_entries SET body = ? WHERE position = 2"], [("entry-altered", 2)]),
        (["UPDATE log_entries SET body = 'no json' WHERE position = 2"], [("entry-altered", 2)]),
        (["UPDATE log_entries SET body = NULL WHERE position = 2"], [("entry-removed", 2)]),
        (["UPDATE log_entries SET subject = 'sub_x' WHERE position = 2"], [("entry-altered", 2)]),
        (
            ["UPDATE log_entries SET commitment = zeroblob(32) WHERE position = 2"],
            [("entry-altered", 2), ("head-differs", None), ("checkpoint-differs", 6)],
        ),
        (
            ["DELETE FROM log_entries WHERE position = 2"],
            [("leaf-missing", 2), ("head-differs", None), ("checkpoint-differs", 6)],
        ),
        (
            ["DELETE FROM log_entries WHERE position = 5"],
            [("head-differs", None), ("checkpoint-differs", 6)],
        ),
        (
            [
                "UPDATE log_entries SET position = 99 WHERE position = 1",
                "UPDATE log_entries SET position = 1 WHERE position = 2",
                "UPDATE log_entries SET position = 2 WHERE position = 99",
            ],
            [("head-differs", None), ("checkpoint-differs", 6)],
        ),
        (["DELETE FROM log_head"], [("head-missing", None)]),
        (["UPDATE log_head SET size = 5"], [("head-differs", None)]),
        (["UPDATE log_head SET checkpoint = replace(checkpoint, '6', '7')"], [("head-forged", None)]),
        (
            ["UPDATE log_checkpoints SET checkpoint = replace(checkpoint, '6', '7')"],
            [("checkpoint-forged", None)],
        ),
    ],
    ids=[
        "statement exchanged",
        "statement made unreadable",
        "statement removed",
        "statement given a subject",
        "commitment",
        "leaf in between removed",
        "last leaf removed",
        "leaves reordered",
        "head removed",
        "head's size",
        "head's text",
        "checkpoint's text",
    ],
)
def test_a_changed_log_is_found_out(
    store: Store, sql: Sql, edits: list[str], found: list[tuple[str, int | None]]
) -> None:
    fill(store, 6)
    store.log.checkpoint()
    for edit in edits:
        sql(edit, *([ALTERED_BODY.encode()] if "?" in edit else []))
    assert codes(store) == found
    assert not store.log.verify().ok


def test_a_tail_cut_off_together_with_its_head_is_found_by_a_checkpoint(store: Store, sql: Sql) -> None:
    fill(store, 4)
    ((size, frontier, note),) = sql("SELECT size, frontier, checkpoint FROM log_head")
    fill(store, 2)
    kept_elsewhere = store.log.checkpoint()
    sql("DELETE FROM log_entries WHERE position >= 4")
    sql("UPDATE log_head SET size = ?, frontier = ?, checkpoint = ?", size, frontier, note)
    assert codes(store) == [("checkpoint-differs", 6)]
    sql("DELETE FROM log_checkpoints")
    assert store.log.verify().ok, "from the inside a log rolled back as a whole looks whole"
    assert store.log.verify(witnessed=[kept_elsewhere]).findings == (
        LogFinding(LogFindingCode.CHECKPOINT_DIFFERS, 6),
    )


def test_another_logs_checkpoint_is_no_witness(
    store: Store, tmp_path: Path, provider: KeyProvider, clock: FixedClock
) -> None:
    with Store.create(tmp_path / "other", key_provider=provider, clock=clock) as other:
        note = other.log.checkpoint()
    assert store.log.verify(witnessed=[note]).findings == (LogFinding(LogFindingCode.CHECKPOINT_FORGED),)


@pytest.mark.parametrize(
    "edit",
    [
        "DELETE FROM log_head",
        "DELETE FROM log_entries WHERE position = 3",
        "UPDATE log_head SET size = 3",
        "UPDATE log_head SET frontier = zeroblob(32)",
        "UPDATE log_head SET frontier = x'00'",
        "UPDATE log_head SET checkpoint = 'x'",
    ],
)
def test_nothing_is_appended_to_a_broken_log(store: Store, sql: Sql, edit: str) -> None:
    fill(store, 4)
    sql(edit)
    for act in (store.log.size, store.log.checkpoint):
        with pytest.raises(LogBroken):
            act()
    with pytest.raises(LogBroken):
        store.log.append("x", {})


def test_reading_an_altered_entry_raises(store: Store, sql: Sql) -> None:
    fill(store, 2)
    sql("UPDATE log_entries SET body = ? WHERE position = 1", ALTERED_BODY.encode())
    assert store.log.entry(0).entry == {"number": 0}
    with pytest.raises(LogBroken):
        store.log.entry(1)


def in_upper_case(body: str) -> str:
    salt = json.loads(body)["salt"]
    return body.replace(salt, salt.upper())


@pytest.mark.parametrize(
    "rewritten",
    [
        pytest.param(in_upper_case, id="upper-case-salt"),
        pytest.param(lambda body: body + " ", id="a-space-more"),
        pytest.param(lambda body: body.replace('{"salt":', '{"another":1,"salt":'), id="a-member-more"),
        pytest.param(lambda body: body.replace('{"salt":', '{"salt":"00","salt":'), id="a-member-twice"),
        pytest.param(lambda body: json.dumps(json.loads(body), sort_keys=True), id="other-spaces"),
    ],
)
def test_an_entry_that_is_written_otherwise_and_says_the_same_is_altered(
    store: Store, sql: Sql, rewritten: Callable[[str], str]
) -> None:
    fill(store, 3)
    ((body,),) = sql("SELECT body FROM log_entries WHERE position = 1")
    assert isinstance(body, bytes)
    new = rewritten(body.decode())
    assert new != body.decode()
    sql("UPDATE log_entries SET body = ? WHERE position = 1", new.encode())
    assert LogFinding(LogFindingCode.ENTRY_ALTERED, 1) in store.log.verify().findings
    with pytest.raises(LogBroken):
        store.log.entry(1)


def test_every_finding_has_words() -> None:
    assert all(LogFinding(code).words.endswith(".") for code in LogFindingCode)


# --- erasing --------------------------------------------------------------------------------------


def test_erasing_a_subject_leaves_the_tree(store: Store) -> None:
    fill(store, 2)
    about_ann = store.log.append("decision", {"outcome": "match"}, subject=ANN, purpose=CHECKIN)
    about_ben = store.log.append("decision", {"outcome": "no match"}, subject=BEN, purpose=CHECKIN)
    before = open_checkpoint(store.log.checkpoint(), key=store.log.key)
    assert store.log.erase_subject(ANN) == (about_ann.index,)
    erased = store.log.entry(about_ann.index)
    assert erased.erased
    assert (erased.leaf_hash, erased.kind, erased.at, erased.salt) == (about_ann.leaf_hash, None, None, None)
    assert store.log.entry(about_ben.index).entry == {"outcome": "no match"}
    announcement = store.log.entry(4)
    assert (announcement.kind, announcement.entry) == ("log-erased", {"indices": [about_ann.index]})
    check = store.log.verify()
    assert check.ok
    assert (check.tree_size, check.readable, check.erased) == (5, 4, 1)
    proof = store.log.inclusion_proof(about_ann.index, before.size)
    assert verify_inclusion(
        leaf=bytes.fromhex(about_ann.leaf_hash),
        index=about_ann.index,
        size=before.size,
        proof=proof,
        root=before.root,
    )


def test_erasing_nobody_logs_nothing(store: Store) -> None:
    fill(store, 2)
    assert store.log.erase_subject(ANN) == ()
    assert store.log.size() == 2


def test_destroying_the_data_key_erases_as_well(store: Store) -> None:
    receipt = store.log.append("decision", {"outcome": "match"}, subject=ANN, purpose=CHECKIN)
    unbound = store.log.append("consent", {"state": "given"}, subject=ANN)
    store.vault.destroy(ANN, CHECKIN)
    assert store.log.entry(receipt.index).erased
    assert not store.log.entry(unbound.index).erased
    check = store.log.verify()
    assert check.ok
    assert (check.readable, check.erased) == (1, 1)


def test_no_byte_of_an_erased_statement_is_left_in_the_folder(store: Store, folder: Path, sql: Sql) -> None:
    fill(store, 30, subject=BEN)
    # Long enough for pages of its own, which are freed rather than rewritten.
    store.log.append("decision", {"words": "x" * 9000}, subject=ANN)
    store.log.append("decision", {"words": "short"}, subject=ANN)
    bodies = sql("SELECT body FROM log_entries WHERE subject = ? ORDER BY position", ANN)
    needles = [body[40:90] for (body,) in bodies if isinstance(body, bytes)]
    assert len(needles) == 2
    store.log.erase_subject(ANN)
    found = [(p.name, n) for p in folder.iterdir() for n in needles if n in p.read_bytes()]
    assert found == []


def test_what_is_said_about_a_subject_is_not_in_the_file(store: Store, folder: Path) -> None:
    store.log.append("consent", {"words": "Zhang-Wei agrees"}, subject=ANN)
    assert not [path.name for path in folder.iterdir() if b"Zhang-Wei" in path.read_bytes()]


def test_an_erasure_that_another_reader_hinders_says_so(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.log.append("decision", {}, subject=ANN)
    monkeypatch.setattr(SqliteDatabase, "truncate_write_ahead_log", lambda _: False)
    with pytest.raises(ErasureUnfinished):
        store.log.erase_subject(ANN)
    monkeypatch.undo()
    assert store.log.entry(0).erased
    assert store.log.verify().ok


def test_entries_appended_together_stand_in_order_under_one_head(store: Store) -> None:
    leaves = [bytes.fromhex(receipt.leaf_hash) for receipt in fill(store, 5)]
    # Over the boundary of a stored subtree, 64 leaves.
    drafts = [LogDraft("filed", {"number": i}, (None, ANN, BEN)[i % 3], CHECKIN) for i in range(70)]
    receipts = store.log.append_all(drafts)
    leaves += [bytes.fromhex(receipt.leaf_hash) for receipt in receipts]
    assert [receipt.index for receipt in receipts] == list(range(5, 75))
    assert [receipt.tree_size for receipt in receipts] == list(range(6, 76))
    head = open_checkpoint(store.log.checkpoint(), key=store.log.key)
    assert (head.size, head.root) == (75, root_of(leaves))
    for receipt in receipts[::23]:
        entry, size = store.log.entry(receipt.index), receipt.tree_size
        assert (entry.kind, entry.entry) == ("filed", {"number": receipt.index - 5})
        proof, leaf = store.log.inclusion_proof(receipt.index, size), leaves[receipt.index]
        root = root_of(leaves[:size])
        assert verify_inclusion(leaf=leaf, index=receipt.index, size=size, proof=proof, root=root)
    assert codes(store) == []


def test_of_entries_appended_together_all_stand_or_none(store: Store) -> None:
    fill(store, 3)
    before = store.log.checkpoint()
    with pytest.raises((TypeError, ValueError)):
        store.log.append_all([LogDraft("filed", {}), LogDraft("filed", {"what": object()})])
    assert (store.log.size(), store.log.checkpoint()) == (3, before)
    assert store.log.append_all([]) == ()
    assert store.log.size() == 3


def test_what_was_appended_together_about_one_person_goes_with_that_key(store: Store) -> None:
    store.log.append_all([LogDraft("filed", {}, ANN, CHECKIN), LogDraft("filed", {}, BEN, CHECKIN)])
    store.vault.destroy(ANN, CHECKIN)
    assert [store.log.entry(index).erased for index in (0, 1)] == [True, False]
    assert store.log.verify().ok
