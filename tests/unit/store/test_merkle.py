"""The Merkle tree: roots and proofs are RFC 6962's, and a proof of something else is refused."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countenance.store.merkle import (
    EMPTY_ROOT,
    Frontier,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)
from vectors.log.make_vectors import made, mth

VECTORS = Path(__file__).parents[2] / "vectors" / "log"
PUBLISHED: dict[str, Any] = json.loads((VECTORS / "published.json").read_text())
TREES: dict[str, Any] = json.loads((VECTORS / "rfc6962_trees.json").read_text())
REFERENCE = [leaf_hash(bytes.fromhex(leaf)) for leaf in PUBLISHED["leaves"]]

sizes = st.integers(1, 70)


def some_leaves(count: int, seed: int = 0) -> list[bytes]:
    return [leaf_hash(f"{seed}:{i}".encode()) for i in range(count)]


def hashes(proof: list[str]) -> tuple[bytes, ...]:
    return tuple(bytes.fromhex(one) for one in proof)


def test_the_made_vectors_are_what_the_script_makes() -> None:
    assert made() == (VECTORS / "rfc6962_trees.json").read_text()


def test_the_made_vectors_hold_every_published_value() -> None:
    assert TREES["roots"] == PUBLISHED["roots"]
    assert all(one in TREES["inclusion"] for one in PUBLISHED["inclusion"])
    assert all(one in TREES["consistency"] for one in PUBLISHED["consistency"])


@pytest.mark.parametrize("size", range(9))
def test_roots_are_the_published_ones(size: int) -> None:
    frontier = Frontier()
    for leaf in REFERENCE[:size]:
        frontier = frontier.append(leaf)
    assert root_of(REFERENCE[:size]).hex() == PUBLISHED["roots"][size]
    assert frontier.root().hex() == PUBLISHED["roots"][size]


@pytest.mark.parametrize("case", TREES["inclusion"], ids=lambda case: f"{case['index']} in {case['size']}")
def test_audit_paths_are_those_of_the_definition(case: dict[str, Any]) -> None:
    index, size = case["index"], case["size"]
    proof = inclusion_proof(REFERENCE[:size], index)
    assert proof == hashes(case["proof"])
    root = bytes.fromhex(TREES["roots"][size])
    assert verify_inclusion(leaf=REFERENCE[index], index=index, size=size, proof=proof, root=root)


@pytest.mark.parametrize(
    "case", TREES["consistency"], ids=lambda case: f"{case['earlier']} to {case['later']}"
)
def test_consistency_proofs_are_those_of_the_definition(case: dict[str, Any]) -> None:
    earlier, later = case["earlier"], case["later"]
    proof = consistency_proof(REFERENCE[:later], earlier)
    assert proof == hashes(case["proof"])
    assert verify_consistency(
        earlier=earlier,
        later=later,
        earlier_root=bytes.fromhex(TREES["roots"][earlier]),
        later_root=bytes.fromhex(TREES["roots"][later]),
        proof=proof,
    )


@settings(deadline=None)
@given(size=st.integers(0, 300))
def test_frontier_and_whole_tree_agree_with_the_definition(size: int) -> None:
    leaves = some_leaves(size)
    frontier = Frontier()
    for leaf in leaves:
        frontier = frontier.append(leaf)
    expected = mth([f"0:{i}".encode() for i in range(size)])
    assert frontier.root() == root_of(leaves) == expected
    assert frontier.size == size


@given(size=sizes, data=st.data())
def test_every_leaf_has_a_proof(size: int, data: st.DataObject) -> None:
    leaves = some_leaves(size)
    index = data.draw(st.integers(0, size - 1))
    proof = inclusion_proof(leaves, index)
    assert verify_inclusion(leaf=leaves[index], index=index, size=size, proof=proof, root=root_of(leaves))
    assert len(proof) <= (size - 1).bit_length()


@given(size=st.integers(2, 70), data=st.data())
def test_a_proof_holds_for_its_leaf_index_size_and_root_alone(size: int, data: st.DataObject) -> None:
    leaves = some_leaves(size)
    index = data.draw(st.integers(0, size - 1))
    other = data.draw(st.integers(0, size - 1).filter(lambda i: i != index))
    proof, root = inclusion_proof(leaves, index), root_of(leaves)
    assert not verify_inclusion(leaf=leaves[other], index=index, size=size, proof=proof, root=root)
    assert not verify_inclusion(leaf=leaves[index], index=other, size=size, proof=proof, root=root)
    assert not verify_inclusion(leaf=leaves[index], index=index, size=size, proof=proof, root=EMPTY_ROOT)
    assert not verify_inclusion(leaf=leaves[index], index=index, size=size, proof=proof[:-1], root=root)
    longer = (*proof, EMPTY_ROOT)
    assert not verify_inclusion(leaf=leaves[index], index=index, size=size, proof=longer, root=root)


@given(size=st.integers(2, 70), data=st.data())
def test_an_altered_proof_is_refused(size: int, data: st.DataObject) -> None:
    leaves = some_leaves(size)
    index = data.draw(st.integers(0, size - 1))
    proof = list(inclusion_proof(leaves, index))
    where = data.draw(st.integers(0, len(proof) - 1))
    proof[where] = bytes([proof[where][0] ^ 1]) + proof[where][1:]
    assert not verify_inclusion(leaf=leaves[index], index=index, size=size, proof=proof, root=root_of(leaves))


@pytest.mark.parametrize(("index", "size"), [(-1, 4), (4, 4), (0, 0), (9, 4)])
def test_no_proof_for_what_is_not_there(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="outside"):
        inclusion_proof(some_leaves(size), index)
    assert not verify_inclusion(leaf=EMPTY_ROOT, index=index, size=size, proof=(), root=EMPTY_ROOT)


@given(later=sizes, data=st.data())
def test_every_beginning_is_consistent(later: int, data: st.DataObject) -> None:
    leaves = some_leaves(later)
    earlier = data.draw(st.integers(1, later))
    assert verify_consistency(
        earlier=earlier,
        later=later,
        earlier_root=root_of(leaves[:earlier]),
        later_root=root_of(leaves),
        proof=consistency_proof(leaves, earlier),
    )


@given(later=st.integers(2, 70), data=st.data())
def test_a_rewritten_beginning_is_not_consistent(later: int, data: st.DataObject) -> None:
    leaves = some_leaves(later)
    earlier = data.draw(st.integers(1, later))
    changed = data.draw(st.integers(0, earlier - 1))
    rewritten = [*leaves[:changed], leaf_hash(b"another history"), *leaves[changed + 1 :]]
    old_root, new_root = root_of(leaves[:earlier]), root_of(rewritten)
    for proof in (consistency_proof(rewritten, earlier), consistency_proof(leaves, earlier)):
        assert not verify_consistency(
            earlier=earlier, later=later, earlier_root=old_root, later_root=new_root, proof=proof
        )


@pytest.mark.parametrize(
    ("earlier", "later", "proof"),
    [
        (0, 4, ()),
        (5, 4, ()),
        (3, 4, ()),
        (4, 4, (EMPTY_ROOT,)),
        (2, 4, ()),
        (2, 4, (EMPTY_ROOT, EMPTY_ROOT, EMPTY_ROOT)),
        (-1, 4, ()),
    ],
)
def test_malformed_consistency_proofs_are_refused(earlier: int, later: int, proof: tuple[bytes, ...]) -> None:
    root = root_of(some_leaves(4))
    assert not verify_consistency(
        earlier=earlier,
        later=later,
        earlier_root=root_of(some_leaves(max(earlier, 0))),
        later_root=root,
        proof=proof,
    )


@pytest.mark.parametrize("earlier", [0, -1, 5])
def test_no_consistency_proof_outside_the_tree(earlier: int) -> None:
    with pytest.raises(ValueError, match="outside"):
        consistency_proof(some_leaves(4), earlier)


def test_a_node_is_never_a_leaf() -> None:
    left, right = some_leaves(2)
    assert (
        leaf_hash(left + right) != node_hash(left, right) == hashlib.sha256(b"\x01" + left + right).digest()
    )


@pytest.mark.parametrize(("size", "peaks"), [(1, 0), (3, 1), (0, 1), (-1, 0), (4, 2)])
def test_a_frontier_has_a_peak_for_each_one(size: int, peaks: int) -> None:
    with pytest.raises(ValueError, match="one peak"):
        Frontier(size, (EMPTY_ROOT,) * peaks)
