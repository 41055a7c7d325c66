"""Searches go side by side, a change goes alone."""

from __future__ import annotations

import threading

import pytest

from countenance.gallery.sharing import SharedLock


def test_two_searches_hold_it_together() -> None:
    lock = SharedLock()
    met = threading.Barrier(2, timeout=10)

    def search() -> None:
        with lock.shared():
            met.wait()

    other = threading.Thread(target=search)
    other.start()
    search()
    other.join(10)
    assert not met.broken


def test_a_change_is_alone_and_nothing_is_lost() -> None:
    lock = SharedLock()
    inside = 0
    seen: list[int] = []

    def change() -> None:
        nonlocal inside
        for _ in range(200):
            with lock.alone():
                inside += 1
                seen.append(inside)
                inside -= 1

    def search() -> None:
        for _ in range(200):
            with lock.shared():
                seen.append(inside + 1)

    threads = [threading.Thread(target=one) for one in (change, change, search, search)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert seen == [1] * 800


def fail() -> None:
    raise LookupError


def test_it_is_free_again_after_an_error() -> None:
    lock = SharedLock()
    for hold in (lock.shared, lock.alone):
        with pytest.raises(LookupError), hold():
            fail()
    with lock.alone():
        pass
