from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console
from rich.progress import Progress

from countenance.cli.pulling import PullView, pull_view, pulled_rows
from countenance.vision.registry import PulledFile, PullProgress, Way


@pytest.fixture
def said() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def progress(said: io.StringIO) -> Progress:
    return Progress(console=Console(file=said, width=120))


def test_a_bar_moves_and_is_full_only_when_the_archive_is_verified(progress: Progress) -> None:
    view: PullProgress = PullView(progress)
    view.archive_started("demo 1.0 (PyPI wheel)", 100)
    (task,) = progress.tasks
    view.archive_moved(40)
    assert task.completed == 40
    view.archive_moved(5000)  # the client's own temporary files are counted too
    assert task.completed == 100
    assert "verified" not in task.description
    view.archive_verified("demo 1.0 (PyPI wheel)")
    assert task.finished
    assert task.description == "demo 1.0 (PyPI wheel), SHA-256 verified"


def test_what_comes_before_an_archive_moves_nothing(progress: Progress) -> None:
    view = PullView(progress)
    view.archive_moved(10)
    view.archive_verified("demo")
    assert progress.tasks == []


def test_a_new_file_is_named_and_an_old_one_is_not(progress: Progress, said: io.StringIO) -> None:
    view = PullView(progress)
    view.file_ready("old-net", already_here=True)
    view.file_ready("new-net", already_here=False)
    assert said.getvalue() == "  new-net: verified\n"


def test_waiting_is_told(progress: Progress, said: io.StringIO) -> None:
    PullView(progress).waiting()
    assert "waiting" in said.getvalue()


def test_a_quiet_view_writes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with pull_view(quiet=True) as view:
        view.waiting()
        view.archive_started("demo", 10)
        view.archive_moved(5)
        view.archive_verified("demo")
        view.file_ready("net", already_here=False)
    assert capsys.readouterr() == ("", "")


def test_a_view_writes_to_standard_error_alone(capsys: pytest.CaptureFixture[str]) -> None:
    with pull_view(quiet=False) as view:
        view.file_ready("net", already_here=False)
    out, err = capsys.readouterr()
    assert out == ""
    assert "net: verified" in err


def test_rows_say_where_and_how() -> None:
    rows = pulled_rows([PulledFile("net", Path("/srv/net.onnx"), Way.OFFLINE)])
    assert rows == [{"id": "net", "path": "/srv/net.onnx", "way": "from the offline folder"}]
