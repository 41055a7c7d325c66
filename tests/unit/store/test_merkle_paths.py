"""Proofs from subtree hashes are those from the leaves, and those of an independent implementation."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countenance.store.merkle import (
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)
from countenance.store.merkle_paths import MemoryNodes, consistency_path, inclusion_path, range_root

SIZES = st.integers(1, 200)


def data(size: int) -> list[bytes]:
    return [hashlib.sha256(bytes([i & 0xFF, i >> 8])).digest() for i in range(size)]


@given(size=SIZES, drawn=st.data())
def test_they_are_those_from_the_leaves(size: int, drawn: st.DataObject) -> None:
    leaves = [leaf_hash(one) for one in data(size)]
    node = MemoryNodes(leaves).node
    index = drawn.draw(st.integers(0, size - 1))
    earlier = drawn.draw(st.integers(1, size))
    assert range_root(0, size, node) == root_of(leaves)
    assert inclusion_path(index, size, node) == inclusion_proof(leaves, index)
    assert consistency_path(earlier, size, node) == consistency_proof(leaves, earlier)


@given(size=SIZES, drawn=st.data())
def test_pymerkle_agrees(size: int, drawn: st.DataObject) -> None:
    """Another's tree of RFC 9162, and another's check of our proofs and ours of theirs."""
    pymerkle = pytest.importorskip("pymerkle")
    theirs = pymerkle.InmemoryTree(algorithm="sha256")
    for one in data(size):
        theirs.append_entry(one)
    leaves = [leaf_hash(one) for one in data(size)]
    node = MemoryNodes(leaves).node
    root = range_root(0, size, node)
    assert theirs.get_root() == root
    index = drawn.draw(st.integers(0, size - 1))
    # They count leaves from 1.
    proof = theirs.prove_inclusion(index + 1)
    pymerkle.verify_inclusion(leaves[index], root, proof)
    ours = inclusion_path(index, size, node)
    path = [bytes.fromhex(one) for one in proof.serialize()["path"]]
    assert path == [leaves[index], *ours]
    assert verify_inclusion(leaf=path[0], index=index, size=size, proof=path[1:], root=root)


@given(size=SIZES, drawn=st.data())
def test_pymerkle_agrees_that_a_tree_continues_another(size: int, drawn: st.DataObject) -> None:
    pymerkle = pytest.importorskip("pymerkle")
    theirs = pymerkle.InmemoryTree(algorithm="sha256")
    for one in data(size):
        theirs.append_entry(one)
    earlier = drawn.draw(st.integers(1, size))
    leaves = [leaf_hash(one) for one in data(size)]
    before, after = root_of(leaves[:earlier]), root_of(leaves)
    proof = theirs.prove_consistency(earlier, size)
    pymerkle.verify_consistency(before, after, proof)
    ours = consistency_path(earlier, size, MemoryNodes(leaves).node)
    assert verify_consistency(earlier=earlier, later=size, earlier_root=before, later_root=after, proof=ours)
    with pytest.raises(pymerkle.InvalidProof):
        pymerkle.verify_consistency(bytes(32), after, proof)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (-1, 3), (3, 3)])
def test_there_is_no_proof_outside_the_tree(index: int, size: int) -> None:
    node = MemoryNodes([bytes(32)] * size).node
    with pytest.raises(ValueError, match="outside"):
        inclusion_path(index, size, node)
    with pytest.raises(ValueError, match="outside"):
        consistency_path(size + 1, size, node)
