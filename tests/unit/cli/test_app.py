from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from datetime import date
from pathlib import Path

import pytest
import typer.main
from typer.testing import CliRunner

from command_line import run_countenance
from countenance import __version__
from countenance.authority import RefusedByRule, hypothetical, shipped_rules
from countenance.cli import app
from countenance.cli.output import ExitStatus, exit_status, print_error
from countenance.kernel import (
    CallerError,
    CountenanceError,
    EvidenceError,
    OperatorError,
    PermitExpired,
    SubjectError,
)

COMMANDS = (
    "demo",
    "checkin",
    "verify",
    "analyse",
    "read-document",
    "may",
    "rules",
    "models",
    "samples",
    "evaluate",
    "bench",
    "calibrate",
    "drill",
    "init",
    "doctor",
    "records",
    "notice",
    "sign",
    "receipt",
    "devices",
    "issuers",
    "keys",
    "pass",
    "duties",
    "incident",
    "request",
    "enrol",
    "gallery",
    "erase",
    "certificate",
    "hold",
    "subject",
    "identify",
    "review",
    "liveness",
    "depictions",
    "plan",
    "driver",
    "sweep",
    "backup",
    "restore",
    "audit",
    "serve",
)


def test_the_version_is_said() -> None:
    answer = CliRunner().invoke(app, ["--version"])
    assert (answer.exit_code, answer.stdout) == (0, f"countenance {__version__}\n")
    project = Path(__file__).parents[3] / "pyproject.toml"
    assert tomllib.loads(project.read_text(encoding="utf-8"))["project"]["version"] == __version__


def test_the_commands_are_these() -> None:
    found = typer.main.get_command(app).list_commands(None)  # type: ignore[attr-defined]
    assert sorted(found) == sorted(COMMANDS)


def test_only_the_command_that_is_asked_for_is_imported() -> None:
    """A server's first answer doesn't wait for what only auditors and developers need."""
    script = "import sys; from countenance.cli import app; print(*sorted(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    imported = set(ran.stdout.split())
    assert "countenance.cli.app" in imported
    assert not {"countenance.server", "countenance.vision", "onnxruntime", "fastapi"} & imported


def test_a_command_is_loaded_once() -> None:
    group = typer.main.get_command(app)
    first = group.get_command(None, "rules")  # type: ignore[attr-defined]
    assert first is not None
    assert group.get_command(None, "rules") is first  # type: ignore[attr-defined]
    assert group.get_command(None, "no-such-command") is None  # type: ignore[attr-defined]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str) -> None:
    answer = CliRunner().invoke(app, [command, "--help"])
    assert answer.exit_code == 0
    assert "Usage:" in answer.stdout


@pytest.mark.parametrize("command", ["demo", "checkin", "verify", "may", "init", "doctor", "serve"])
def test_every_command_answers_in_json_too(command: str) -> None:
    assert "--json" in CliRunner().invoke(app, [command, "--help"]).stdout


@pytest.mark.parametrize("arguments", [["frobnicate"], ["--frobnicate"], ["may"], ["checkin", "one"]])
def test_bad_usage_is_two(arguments: list[str]) -> None:
    assert CliRunner().invoke(app, arguments).exit_code == 2


def test_an_unknown_command_is_told_in_json_too() -> None:
    answer = CliRunner().invoke(app, ["frobnicate", "--json"])
    assert answer.exit_code == 2
    assert json.loads(answer.stdout)["error"]["code"] == "bad-usage"


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (CallerError("m"), ExitStatus.BAD),
        (OperatorError("m"), ExitStatus.BAD),
        (SubjectError("m"), ExitStatus.BAD),
        (CountenanceError("m"), ExitStatus.BAD),
        (EvidenceError("m"), ExitStatus.REFUSED),
        (PermitExpired("m"), ExitStatus.REFUSED),
    ],
)
def test_the_family_gives_the_status(error: CountenanceError, status: ExitStatus) -> None:
    assert exit_status(error) is status


def test_the_statuses_are_the_documented_ones() -> None:
    assert [int(status) for status in ExitStatus] == [0, 1, 2, 3]


def refusal() -> RefusedByRule:
    rules, vocabulary = shipped_rules()
    verdict = hypothetical(
        rules,
        vocabulary,
        operation="verify",
        place_kind="private_space",
        jurisdictions=("CN",),
        at=date(2026, 11, 22),
        facts={},
    )
    return RefusedByRule(verdict)


def test_a_refusal_prints_its_verdict_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    print_error(refusal(), as_json=True)
    said = json.loads(capsys.readouterr().out)
    assert said["outcome"] == "refused"
    assert said["verdict"]["allowed"] is False
    assert {"id", "citation", "text"} <= set(said["verdict"]["rules"][0])
    assert set(said["error"]) == {"code", "message", "remedy"}


def test_a_refusal_prints_its_verdict_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    print_error(refusal(), as_json=False)
    assert "HX-PRIVATE" in capsys.readouterr().out


def test_an_error_prints_what_happened_and_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    print_error(CallerError("It was [bold]odd[/bold].", remedy="Send another."), as_json=False)
    streams = capsys.readouterr()
    assert streams.out == ""
    assert "It was [bold]odd[/bold]." in streams.err
    assert "Send another." in streams.err
    assert "caller" in streams.err


class TestAsAProcess:
    """Exit statuses as a shell sees them."""

    def test_a_refusal_is_three(self, tmp_path: Path) -> None:
        answer = run_countenance(
            "may", "verify", "--place", "private_space", "--jurisdiction", "CN", home=tmp_path
        )
        assert answer.status == 3
        assert "Traceback" not in answer.out + answer.err

    def test_an_unknown_setting_is_two(self, tmp_path: Path) -> None:
        answer = run_countenance("doctor", "--json", home=tmp_path, environment={"COUNTENANCE_PROT": "1"})
        assert answer.status == 2
        assert answer.document["error"]["code"] == "settings-invalid"
        assert "COUNTENANCE_PROT" in answer.document["error"]["message"]

    def test_an_unsafe_bind_does_not_start(self, tmp_path: Path) -> None:
        assert run_countenance("init", home=tmp_path).status == 0
        answer = run_countenance("serve", "--host", "0.0.0.0", "--json", home=tmp_path)  # noqa: S104
        assert answer.status == 2
        assert "host" in answer.document["error"]["message"]
        assert "tls_certificate" in answer.document["error"]["remedy"]

    def test_nothing_is_reported_and_nothing_left_in_the_temporary_folder(self, tmp_path: Path) -> None:
        """ONNX Runtime writes an identifier there when it is loaded, unless it is told not to."""
        temporary = tmp_path / "temporary"
        temporary.mkdir()
        run_countenance("--version", home=tmp_path / "home", environment={"TMPDIR": str(temporary)})
        assert list(temporary.iterdir()) == []
