"""Cosignatures say who saw a checkpoint, and a witness signs no second history."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countenance.store import Store
from countenance.store.cosignatures import CheckpointWitness, WitnessKey, WitnessSigner, cosignatures_of
from countenance.store.errors import ProofNotPossible, SignatureRefused
from countenance.store.notes import NoteKey, open_checkpoint

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


def grown(store: Store, many: int) -> str:
    for number in range(many):
        store.log.append("registered", {"number": number})
    return store.log.checkpoint()


def test_a_witness_is_named_with_the_moment_at_which_it_saw(store: Store) -> None:
    witness: CheckpointWitness = WitnessSigner.generate("works-council")
    note = witness.cosign(grown(store, 3), log=store.log.key, at=NOW)
    good, bad = cosignatures_of(note, log=store.log.key, witnesses=[witness.key])
    assert ([(one.witness, one.at) for one in good], bad) == ([("works-council", NOW)], ())
    assert open_checkpoint(note, key=store.log.key).size == 3


def test_two_witnesses_sign_one_checkpoint(store: Store) -> None:
    one, two = WitnessSigner.generate("one"), WitnessSigner.generate("two")
    note = two.cosign(one.cosign(grown(store, 2), log=store.log.key, at=NOW), log=store.log.key, at=NOW)
    good, bad = cosignatures_of(note, log=store.log.key, witnesses=[one.key, two.key])
    assert ({seen.witness for seen in good}, bad) == ({"one", "two"}, ())


def test_a_key_that_was_not_named_does_not_count(store: Store) -> None:
    witness, other = WitnessSigner.generate("same-name"), WitnessSigner.generate("same-name")
    note = witness.cosign(grown(store, 1), log=store.log.key, at=NOW)
    assert cosignatures_of(note, log=store.log.key, witnesses=[other.key]) == ((), ("same-name",))
    assert cosignatures_of(note, log=store.log.key, witnesses=[]) == ((), ())


@given(position=st.integers(0, 75), bit=st.integers(0, 7))
def test_no_bit_of_a_cosignature_can_be_flipped(shared_store: Store, position: int, bit: int) -> None:
    witness = WitnessSigner(name="w", private_key=bytes(range(32)))
    note = witness.cosign(shared_store.log.checkpoint(), log=shared_store.log.key, at=NOW)
    head, _, encoded = note.rstrip("\n").rpartition(" ")
    raw = bytearray(base64.b64decode(encoded))
    assert len(raw) == 76
    raw[position] ^= 1 << bit
    altered = f"{head} {base64.b64encode(raw).decode()}\n"
    good, bad = cosignatures_of(altered, log=shared_store.log.key, witnesses=[witness.key])
    assert (good, bad) == ((), ("w",))


def test_a_witness_wants_the_proof_that_the_log_went_on(store: Store) -> None:
    witness = WitnessSigner.generate("w")
    before = open_checkpoint(grown(store, 5), key=store.log.key)
    after = grown(store, 4)
    proof = store.log.consistency_proof(5, 9)
    assert witness.cosign(after, log=store.log.key, at=NOW, earlier=before, proof=proof)
    for wrong in ((), proof[:-1], (*proof[:-1], bytes(32))):
        with pytest.raises(ProofNotPossible):
            witness.cosign(after, log=store.log.key, at=NOW, earlier=before, proof=wrong)


def test_a_log_that_went_back_is_not_cosigned(store: Store) -> None:
    earlier = grown(store, 2)
    later = open_checkpoint(grown(store, 2), key=store.log.key)
    with pytest.raises(ProofNotPossible):
        WitnessSigner.generate("w").cosign(earlier, log=store.log.key, at=NOW, earlier=later)


def test_what_the_log_did_not_sign_is_not_cosigned(store: Store) -> None:
    note = grown(store, 2).replace("\n2\n", "\n3\n")
    with pytest.raises(SignatureRefused):
        WitnessSigner.generate("w").cosign(note, log=store.log.key, at=NOW + timedelta(days=1))


def test_keys_come_back_from_their_texts() -> None:
    witness = WitnessSigner.generate("w")
    assert WitnessKey.from_text(witness.key.to_text()) == witness.key
    assert WitnessSigner.from_text(witness.to_private_text()).key == witness.key
    assert witness.to_private_text() not in repr(witness)


@pytest.mark.parametrize("text", ["", "w", "w+00000000+", "w+00000000+AAAA", "a b+1+2"])
def test_other_texts_are_no_keys(text: str) -> None:
    with pytest.raises(SignatureRefused):
        WitnessKey.from_text(text)
    with pytest.raises(SignatureRefused):
        WitnessSigner.from_text(text)


def test_the_logs_own_key_is_not_a_witness(store: Store) -> None:
    own = store.log.key
    assert isinstance(own, NoteKey)
    with pytest.raises(SignatureRefused):
        WitnessKey.from_text(own.to_text())
