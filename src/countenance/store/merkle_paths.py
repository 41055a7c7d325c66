"""Proofs from the hashes of perfect subtrees: as many steps as the tree is high, whatever it holds.

``node(level, index)`` is the root over the leaves from ``index << level`` up to ``(index + 1) << level``;
level 0 are the leaf hashes. Proofs are those of :mod:`countenance.store.merkle`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from countenance.store.merkle import EMPTY_ROOT, node_hash

__all__ = ["MemoryNodes", "NodeSource", "consistency_path", "inclusion_path", "range_root"]

NodeSource = Callable[[int, int], bytes]


class MemoryNodes:
    """The perfect subtrees over leaves that are in memory.

    Args:
        leaves: the leaf hashes.
    """

    __slots__ = ("_levels",)

    def __init__(self, leaves: Sequence[bytes]) -> None:
        self._levels = [list(leaves)]
        while len(self._levels[-1]) > 1:
            row = self._levels[-1]
            self._levels.append([node_hash(row[i], row[i + 1]) for i in range(0, len(row) - 1, 2)])

    def node(self, level: int, index: int) -> bytes:
        """Return the root of a perfect subtree; ``IndexError`` if the leaves don't fill it."""
        return self._levels[level][index]


def range_root(first: int, last: int, node: NodeSource) -> bytes:
    """Return the root over the leaves from first up to last; as a tree splits them.

    Args:
        first: a multiple of the largest power of two that the range holds.
        last: the end, not included.
        node: gives perfect subtrees.
    """
    size = last - first
    if size == 0:
        return EMPTY_ROOT
    if size.bit_count() == 1:
        level = size.bit_length() - 1
        return node(level, first >> level)
    middle = first + _split(size)
    return node_hash(range_root(first, middle, node), range_root(middle, last, node))


def inclusion_path(index: int, size: int, node: NodeSource) -> tuple[bytes, ...]:
    """Return the audit path of a leaf in the tree at a size (RFC 6962, 2.1.1).

    Raises:
        ValueError: if there is no such leaf.
    """
    if not 0 <= index < size:
        msg = "the index lies outside the tree"
        raise ValueError(msg)
    path: list[bytes] = []
    first, last = 0, size
    while last - first > 1:
        middle = first + _split(last - first)
        if index < middle:
            path.append(range_root(middle, last, node))
            last = middle
        else:
            path.append(range_root(first, middle, node))
            first = middle
    return tuple(reversed(path))


def consistency_path(earlier: int, later: int, node: NodeSource) -> tuple[bytes, ...]:
    """Return the proof that the tree at one size begins the tree at a later one (RFC 6962, 2.1.2).

    Raises:
        ValueError: if the earlier size isn't between 1 and the later one.
    """
    if not 1 <= earlier <= later:
        msg = "the earlier size lies outside the tree"
        raise ValueError(msg)
    path: list[bytes] = []
    first, last, whole = 0, later, True
    while earlier != last:
        middle = first + _split(last - first)
        if earlier <= middle:
            path.append(range_root(middle, last, node))
            last = middle
        else:
            path.append(range_root(first, middle, node))
            first, whole = middle, False
    if not whole:
        path.append(range_root(first, last, node))
    return tuple(reversed(path))


def _split(size: int) -> int:
    """Return the largest power of two below a size of at least 2."""
    return 1 << ((size - 1).bit_length() - 1)
