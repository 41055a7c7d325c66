from __future__ import annotations

import gc

import pytest

from countenance.cli.startup import without_collecting


@pytest.mark.parametrize("before", [True, False])
def test_it_is_put_off_and_taken_up_as_before(before: bool) -> None:
    was = gc.isenabled()
    (gc.enable if before else gc.disable)()
    try:
        with without_collecting():
            assert not gc.isenabled()
        assert gc.isenabled() is before
    finally:
        (gc.enable if was else gc.disable)()


def test_an_error_leaves_it_as_it_was() -> None:
    was = gc.isenabled()
    with pytest.raises(RuntimeError), without_collecting():
        raise RuntimeError
    assert gc.isenabled() is was


def test_what_was_imported_is_looked_through_no_more() -> None:
    before = gc.get_freeze_count()
    kept = [[] for _ in range(100)]  # type: ignore[var-annotated]
    with without_collecting():
        kept.append([])
    assert gc.get_freeze_count() >= before + 100
    gc.unfreeze()
