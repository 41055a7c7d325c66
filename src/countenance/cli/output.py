"""How a command answers: words on a terminal, or one JSON object."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from enum import IntEnum

import typer
from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from countenance.authority import RefusedByRule
from countenance.cli.verdicts import render_verdict
from countenance.kernel import CountenanceError, EvidenceError

__all__ = ["ExitStatus", "answer", "exit_status", "print_error", "print_json", "screen"]


class ExitStatus(IntEnum):
    """What a command's exit status means."""

    YES = 0
    NO = 1
    BAD = 2
    REFUSED = 3


def screen(*, error: bool = False) -> Console:
    """Return the terminal; made anew at each call, so that it writes to the stream of the moment."""
    return Console(stderr=error, highlight=False, soft_wrap=False)


def print_json(document: Mapping[str, object]) -> None:
    """Print one object on standard output."""
    typer.echo(json.dumps(document, ensure_ascii=False, indent=2))


def answer(
    document: Mapping[str, object], render: Callable[[Console], None], *, as_json: bool, status: ExitStatus
) -> None:
    """Print an answer in the form that was asked for and leave with its status.

    Raises:
        typer.Exit: always.
    """
    if as_json:
        print_json(document)
    else:
        render(screen())
    raise typer.Exit(int(status))


def exit_status(error: CountenanceError) -> ExitStatus:
    """Return 3 for what rules, permits or duties refuse, else 2."""
    return ExitStatus.REFUSED if isinstance(error, EvidenceError) else ExitStatus.BAD


def print_error(error: CountenanceError, *, as_json: bool) -> None:
    """Tell what happened and what to do, with the verdict if a rule said no."""
    if as_json:
        document: dict[str, object] = {
            "error": {"code": error.code, "message": error.message, "remedy": error.remedy}
        }
        if isinstance(error, RefusedByRule):
            document = {"outcome": "refused", "verdict": error.verdict.to_json(), **document}
        print_json(document)
        return
    if isinstance(error, RefusedByRule):
        render_verdict(screen(), error.verdict)
        return
    words = Text.assemble((error.message, "bold"), "\n", error.remedy)
    screen(error=True).print(Panel(words, title=Text(error.code), title_align="left", border_style="red"))
