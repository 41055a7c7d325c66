"""Writes ``rfc6962_trees.json``: every root and proof over the eight reference leaves.

The definitions of RFC 6962, section 2.1, typed in as they stand there (recursive, over the data), so that
they share nothing with the product's iterative code. Run it from anywhere; it prints the path it wrote.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

HERE = Path(__file__).parent


def split(n: int) -> int:
    """The largest power of two smaller than n."""
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def mth(data: list[bytes]) -> bytes:
    """2.1, the Merkle tree hash."""
    if not data:
        return hashlib.sha256().digest()
    if len(data) == 1:
        return hashlib.sha256(b"\x00" + data[0]).digest()
    k = split(len(data))
    return hashlib.sha256(b"\x01" + mth(data[:k]) + mth(data[k:])).digest()


def path(m: int, data: list[bytes]) -> list[bytes]:
    """2.1.1, the audit path."""
    if len(data) == 1:
        return []
    k = split(len(data))
    if m < k:
        return [*path(m, data[:k]), mth(data[k:])]
    return [*path(m - k, data[k:]), mth(data[:k])]


def subproof(m: int, data: list[bytes], *, whole: bool) -> list[bytes]:
    """2.1.2, the consistency proof of a subtree."""
    if m == len(data):
        return [] if whole else [mth(data)]
    k = split(len(data))
    if m <= k:
        return [*subproof(m, data[:k], whole=whole), mth(data[k:])]
    return [*subproof(m - k, data[k:], whole=False), mth(data[:k])]


def trees(leaves: list[bytes]) -> dict[str, object]:
    """Every root, audit path and consistency proof over the first n leaves."""
    sizes = range(1, len(leaves) + 1)
    return {
        "leaves": [leaf.hex() for leaf in leaves],
        "roots": [mth(leaves[:n]).hex() for n in range(len(leaves) + 1)],
        "inclusion": [
            {"index": m, "size": n, "proof": [h.hex() for h in path(m, leaves[:n])]}
            for n in sizes
            for m in range(n)
        ],
        "consistency": [
            {"earlier": m, "later": n, "proof": [h.hex() for h in subproof(m, leaves[:n], whole=True)]}
            for n in sizes
            for m in range(1, n + 1)
        ],
    }


def made() -> str:
    """The text of the file."""
    published = json.loads((HERE / "published.json").read_text())
    return json.dumps(trees([bytes.fromhex(leaf) for leaf in published["leaves"]]), indent=1) + "\n"


if __name__ == "__main__":
    target = HERE / "rfc6962_trees.json"
    target.write_text(made())
    print(target)  # noqa: T201
