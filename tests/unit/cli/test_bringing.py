from __future__ import annotations

from pathlib import Path

import pytest
from rich.console import Console
from rich.progress import Progress

from countenance.cli.bringing import _Bars, bring_what_the_demo_needs
from countenance.runtime import load_settings


def bars() -> _Bars:
    return _Bars(Progress(console=Console(quiet=True), disable=True))


def test_what_came_over_the_line_is_counted() -> None:
    with bars() as counted:
        for words, size in (("one", 1000), ("two", 2000)):
            counted.archive_started(words, size)
            counted.archive_moved(size // 2)
            counted.archive_verified(words)
    assert (counted.archives, counted.bytes) == (2, 3000)


def test_an_archive_that_was_kept_counts_nothing() -> None:
    with bars() as counted:
        counted.archive_verified("kept")
        counted.file_ready("model", already_here=True)
    assert (counted.archives, counted.bytes) == (0, 0)


def test_an_archive_that_was_not_verified_counts_nothing() -> None:
    with bars() as counted:
        counted.archive_started("broken", 1000)
        counted.archive_moved(1000)
    assert (counted.archives, counted.bytes) == (0, 0)


@pytest.mark.models
def test_what_is_here_is_not_brought_again() -> None:
    brought = bring_what_the_demo_needs(load_settings(), console=Console(quiet=True), quiet=True)
    assert (brought.archives, brought.bytes) == (0, 0)
    names = {file.item_id for file in brought.files}
    assert {"mobilefacenet-192", "blazeface-short-range", "face-landmark-468", "obama", "biden"} <= names
    assert all(Path(file.path).is_file() for file in brought.files)
