"""The Merkle tree of RFC 6962 (Certificate Transparency), as pure functions over hashes.

Rules kept here:

* SHA-256; a leaf's hash is over ``00 | data``, a node's over ``01 | left | right`` (RFC 6962, 2.1), so
  that a node can't be passed off as a leaf.
* Nothing here knows what a leaf says, and nothing here does I/O.
* Proofs are checked the way RFC 9162 (2.1.3.2 and 2.1.4.2) writes the check, independent of how they
  were made.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = [
    "EMPTY_ROOT",
    "HASH_BYTES",
    "Frontier",
    "consistency_proof",
    "inclusion_proof",
    "leaf_hash",
    "node_hash",
    "root_of",
    "verify_consistency",
    "verify_inclusion",
]

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()
"""The root of a tree without leaves."""


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of a leaf: SHA-256 of ``00 | data``."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of a node: SHA-256 of ``01 | left | right``."""
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Frontier:
    """The right edge of a tree: all that is needed to append to it and to know its root.

    Attributes:
        size: the number of leaves.
        peaks: roots of the perfect subtrees, the largest first; one for each 1 in the binary size.
    """

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if self.size < 0 or len(self.peaks) != self.size.bit_count():
            msg = "a frontier has one peak for each 1 in its binary size"
            raise ValueError(msg)

    def append(self, leaf: bytes) -> Frontier:
        """Return the frontier with one more leaf (its hash)."""
        peaks = [*self.peaks, leaf]
        size = self.size
        while size & 1:
            right = peaks.pop()
            peaks[-1] = node_hash(peaks[-1], right)
            size >>= 1
        return Frontier(self.size + 1, tuple(peaks))

    def root(self) -> bytes:
        """Return the root of the tree."""
        if not self.peaks:
            return EMPTY_ROOT
        root = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            root = node_hash(peak, root)
        return root


def root_of(leaves: Sequence[bytes]) -> bytes:
    """Return the root over leaf hashes (RFC 6962, 2.1: the Merkle tree hash)."""
    if not leaves:
        return EMPTY_ROOT
    row = list(leaves)
    # An odd one out moves up unchanged; that is the same tree as splitting at a power of two.
    while len(row) > 1:
        paired = [node_hash(row[i], row[i + 1]) for i in range(0, len(row) - 1, 2)]
        row = paired + row[len(paired) * 2 :]
    return row[0]


def inclusion_proof(leaves: Sequence[bytes], index: int) -> tuple[bytes, ...]:
    """Return the audit path of a leaf (RFC 6962, 2.1.1).

    Args:
        leaves: the leaf hashes of the whole tree.
        index: which leaf, from 0.

    Raises:
        ValueError: if there is no such leaf.
    """
    if not 0 <= index < len(leaves):
        msg = "the index lies outside the tree"
        raise ValueError(msg)
    path: list[bytes] = []
    first, last = 0, len(leaves)
    while last - first > 1:
        middle = first + _split(last - first)
        if index < middle:
            path.append(root_of(leaves[middle:last]))
            last = middle
        else:
            path.append(root_of(leaves[first:middle]))
            first = middle
    return tuple(reversed(path))


def consistency_proof(leaves: Sequence[bytes], earlier: int) -> tuple[bytes, ...]:
    """Return the proof that an earlier tree is the beginning of this one (RFC 6962, 2.1.2).

    Args:
        leaves: the leaf hashes of the later tree.
        earlier: the size of the earlier tree, at least 1.

    Raises:
        ValueError: if the earlier size isn't between 1 and the size of the tree.
    """
    if not 1 <= earlier <= len(leaves):
        msg = "the earlier size lies outside the tree"
        raise ValueError(msg)
    path: list[bytes] = []
    first, last, whole = 0, len(leaves), True
    while earlier != last:
        middle = first + _split(last - first)
        if earlier <= middle:
            path.append(root_of(leaves[middle:last]))
            last = middle
        else:
            path.append(root_of(leaves[first:middle]))
            first, whole = middle, False
    if not whole:
        path.append(root_of(leaves[first:last]))
    return tuple(reversed(path))


def verify_inclusion(*, leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Say whether a leaf stands at an index of the tree with this size and root (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    node, last, current = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if node & 1 or node == last:
            current = node_hash(sibling, current)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            current = node_hash(current, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and hmac.compare_digest(current, root)


def verify_consistency(
    *,
    earlier: int,
    later: int,
    earlier_root: bytes,
    later_root: bytes,
    proof: Sequence[bytes],
) -> bool:
    """Say whether a tree is the beginning of a later one (RFC 9162, 2.1.4.2)."""
    if not 1 <= earlier <= later:
        return False
    if earlier == later:
        return not proof and hmac.compare_digest(earlier_root, later_root)
    path = list(proof)
    if earlier.bit_count() == 1:
        path.insert(0, earlier_root)
    if not path:
        return False
    node, last = earlier - 1, later - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and hmac.compare_digest(old, earlier_root) and hmac.compare_digest(new, later_root)


def _split(size: int) -> int:
    """Return the largest power of two below a size of at least 2."""
    return 1 << ((size - 1).bit_length() - 1)
