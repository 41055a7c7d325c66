"""Proofs of the log: from the subtrees' hashes, checked against the signed head, else from the leaves."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from countenance.store._models import LogEntryRow
from countenance.store.errors import ProofNotPossible
from countenance.store.log_nodes import StoredNodes
from countenance.store.merkle import (
    Frontier,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    verify_consistency,
    verify_inclusion,
)
from countenance.store.merkle_paths import consistency_path, inclusion_path, range_root

__all__ = ["prove_consistency", "prove_inclusion"]


def prove_inclusion(session: Session, index: int, size: int, *, frontier: Frontier) -> tuple[bytes, ...]:
    """Return the audit path of a leaf in the tree at a size.

    Args:
        session: sees one state of the log.
        index: which leaf.
        size: of the tree.
        frontier: that of the signed head.

    Raises:
        ProofNotPossible: if the index isn't below the size, or the log isn't that long.
    """
    if not 0 <= index < size <= frontier.size:
        raise ProofNotPossible("There is no such leaf in the log at this size.")
    nodes = StoredNodes(session)
    wanted = _Wanted()
    range_root(0, size, wanted.node)
    inclusion_path(index, size, wanted.node)
    nodes.load(wanted.seen)
    try:
        root = range_root(0, size, nodes.node)
        path = inclusion_path(index, size, nodes.node)
        leaf = nodes.node(0, index)
        if _is_beginning(nodes, size, root, frontier) and verify_inclusion(
            leaf=leaf, index=index, size=size, proof=path, root=root
        ):
            return path
        return inclusion_proof(_leaves(session, size), index)
    except ValueError:
        raise ProofNotPossible("There is no such leaf in the log at this size.") from None


def prove_consistency(session: Session, earlier: int, later: int, *, frontier: Frontier) -> tuple[bytes, ...]:
    """Return the proof that the tree at one size is the beginning of the tree at a later one.

    Args:
        session: sees one state of the log.
        earlier: the size of the earlier tree, at least 1.
        later: that of the later one.
        frontier: that of the signed head.

    Raises:
        ProofNotPossible: if the sizes aren't in order, the first is 0, or the log isn't that long.
    """
    if not 1 <= earlier <= later <= frontier.size:
        raise ProofNotPossible("The log has no proof between these sizes.")
    nodes = StoredNodes(session)
    wanted = _Wanted()
    range_root(0, earlier, wanted.node)
    range_root(0, later, wanted.node)
    consistency_path(earlier, later, wanted.node)
    nodes.load(wanted.seen)
    try:
        before, after = range_root(0, earlier, nodes.node), range_root(0, later, nodes.node)
        path = consistency_path(earlier, later, nodes.node)
        if _is_beginning(nodes, later, after, frontier) and verify_consistency(
            earlier=earlier, later=later, earlier_root=before, later_root=after, proof=path
        ):
            return path
        return consistency_proof(_leaves(session, later), earlier)
    except ValueError:
        raise ProofNotPossible("The log has no proof between these sizes.") from None


class _Wanted:
    """Notes which subtrees a proof asks for, so that they are read at once."""

    def __init__(self) -> None:
        self.seen: set[tuple[int, int]] = set()

    def node(self, level: int, index: int) -> bytes:
        self.seen.add((level, index))
        return bytes(32)


def _is_beginning(nodes: StoredNodes, size: int, root: bytes, frontier: Frontier) -> bool:
    """Say whether a tree of this size and root is the beginning of the signed head's."""
    if size == frontier.size:
        return root == frontier.root()
    return verify_consistency(
        earlier=size,
        later=frontier.size,
        earlier_root=root,
        later_root=frontier.root(),
        proof=consistency_path(size, frontier.size, nodes.node),
    )


def _leaves(session: Session, size: int) -> list[bytes]:
    """Return the hashes of the first leaves; ``ValueError`` if there aren't so many."""
    commitments = session.scalars(
        select(LogEntryRow.commitment).where(LogEntryRow.position < size).order_by(LogEntryRow.position)
    ).all()
    if len(commitments) != size:
        msg = "the log isn't that long"
        raise ValueError(msg)
    return [leaf_hash(commitment) for commitment in commitments]
