from __future__ import annotations

import os
import sys
import threading
import time
from pathlib import Path

import pytest

from countenance.vision.registry.client import unwatched
from countenance.vision.registry.tools import ToolResult, run_tool


def python(folder: Path, program: str, *, limit_seconds: float = 30.0, **environment: str) -> ToolResult:
    return run_tool(
        [sys.executable, "-c", program],
        folder=folder,
        environment=environment,
        watch=unwatched,
        limit_seconds=limit_seconds,
    )


def test_both_streams_and_the_status_are_kept(tmp_path: Path) -> None:
    result = python(tmp_path, "import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)")
    assert result.status == 3
    assert set(result.output.split()) == {"out", "err"}


def test_nothing_reaches_our_own_streams(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    python(tmp_path, "import sys; print('out'); print('err', file=sys.stderr)")
    assert capfd.readouterr() == ("", "")


def test_temporary_files_go_into_the_private_folder(tmp_path: Path) -> None:
    result = python(tmp_path, "import os, tempfile; print(os.getcwd()); print(tempfile.gettempdir())")
    here, temporary = (Path(line) for line in result.output.split())
    assert here == tmp_path
    assert temporary.is_relative_to(tmp_path)


def test_the_users_own_configuration_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "file:///mine")
    result = python(tmp_path, "import os; print(os.environ['PIP_INDEX_URL'], os.environ['OURS'])", OURS="yes")
    assert result.output.split() == ["file:///mine", "yes"]


def test_it_reads_nothing_from_the_terminal(tmp_path: Path) -> None:
    assert python(tmp_path, "import sys; print(repr(sys.stdin.read()))").output.strip() == "''"


def test_a_program_that_is_not_there_has_status_127(tmp_path: Path) -> None:
    result = run_tool(
        ["no-such-program"], folder=tmp_path, environment={}, watch=unwatched, limit_seconds=1.0
    )
    assert result.status == 127


def test_what_takes_too_long_is_killed(tmp_path: Path) -> None:
    began = time.monotonic()
    result = python(tmp_path, "import time; print('begun', flush=True); time.sleep(60)", limit_seconds=1.0)
    assert result.status == 124
    assert time.monotonic() - began < 20


def test_the_bytes_that_arrive_are_told(tmp_path: Path) -> None:
    seen: list[int] = []
    run_tool(
        [sys.executable, "-c", "import time; open('got', 'wb').write(bytes(5000)); time.sleep(0.6)"],
        folder=tmp_path,
        environment={},
        watch=seen.append,
        limit_seconds=30.0,
    )
    assert max(seen) >= 5000


def test_an_interruption_kills_the_child(tmp_path: Path) -> None:
    def interrupt(done: int) -> None:
        if (tmp_path / "pid").exists() and (tmp_path / "pid").read_text():
            raise KeyboardInterrupt

    program = "import os, time; open('pid', 'w').write(str(os.getpid())); time.sleep(60)"
    with pytest.raises(KeyboardInterrupt):
        run_tool(
            [sys.executable, "-c", program],
            folder=tmp_path,
            environment={},
            watch=interrupt,
            limit_seconds=30.0,
        )
    child = int((tmp_path / "pid").read_text())
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        pytest.param("a\nERROR: nobody has it\nb", "ERROR: nobody has it", id="the-error-line"),
        pytest.param("one\n\ntwo", "one / two", id="no-error-line"),
        pytest.param("", "", id="silence"),
        pytest.param(
            "ERROR: no route to https://user:secret@mirror.test/simple/x/ now",
            "ERROR: no route to (address left out) now",
            id="address-with-password",
        ),
        pytest.param(
            "npm ERR! 1\nnpm ERR! 2\nerr 3\nerr 4\nerr 5", "npm ERR! 2 / err 3 / err 4 / err 5", id="the-last"
        ),
    ],
)
def test_last_words(output: str, expected: str) -> None:
    assert ToolResult(1, output).last_words() == expected


def test_two_runs_at_once_do_not_mix(tmp_path: Path) -> None:
    results: dict[int, ToolResult] = {}

    def run(number: int) -> None:
        folder = tmp_path / str(number)
        folder.mkdir()
        results[number] = python(folder, f"print({number})")

    threads = [threading.Thread(target=run, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert [results[number].output.strip() for number in range(3)] == ["0", "1", "2"]
