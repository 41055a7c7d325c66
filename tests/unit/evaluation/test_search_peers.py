"""The other engines: each finds what it is timed for finding."""

from __future__ import annotations

import numpy as np
import pytest

from countenance.evaluation.search_peers import PEERS, build_peer, installed_peers, random_references

ROWS, WIDTH, SEED = 2000, 64, 5


@pytest.mark.parametrize("name", installed_peers())
@pytest.mark.parametrize("many", [1, 5])
def test_a_peer_finds_a_reference_among_others(name: str, many: int) -> None:
    peer = build_peer(name, rows=ROWS, dimensions=WIDTH, seed=SEED)
    held = np.concatenate(list(random_references(ROWS, WIDTH, seed=SEED)))
    wanted = np.arange(7, 7 + 100 * many, 100)
    found = peer(np.ascontiguousarray(held[wanted]))
    assert found.dtype == np.int64
    assert found.tolist() == wanted.tolist()


def test_there_is_no_other_peer() -> None:
    assert set(installed_peers()) <= set(PEERS)
    with pytest.raises(KeyError):
        build_peer("another", rows=1, dimensions=2, seed=1)
