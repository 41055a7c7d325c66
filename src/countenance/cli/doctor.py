"""`countenance init` and `countenance doctor`: make an installation, and look whether one is ready."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from countenance.cli.options import (
    DEFAULT_DEMO_FOLDER,
    DemoFlag,
    DemoFolderOption,
    JsonFlag,
    SetOption,
    SettingsOption,
    settings_of,
)
from countenance.cli.output import ExitStatus, answer
from countenance.kernel import CountenanceError
from countenance.runtime import DemoFolder as Folder
from countenance.runtime import (
    HealthFinding,
    Settings,
    build,
    create_installation,
    demo_settings,
    examine_settings,
)

__all__ = ["doctor", "init"]


def init(
    *, settings_file: SettingsOption = None, stated: SetOption = None, as_json: JsonFlag = False
) -> None:
    """Make the root key and an empty data folder. Nothing is permitted in it until evidence is filed."""
    settings = settings_of(settings_file, stated)
    create_installation(settings)
    words = "Made: an empty data folder, its root key elsewhere. No place and no evidence is registered yet."
    answer(
        {"outcome": "created", "words": words},
        lambda console: console.print(Text(words)),
        as_json=as_json,
        status=ExitStatus.YES,
    )


def doctor(
    *,
    demo: DemoFlag = False,
    folder: DemoFolderOption = DEFAULT_DEMO_FOLDER,
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Look whether the installation is safe and complete, and say how to put right what isn't."""
    settings = settings_of(settings_file, stated)
    if demo:
        settings = demo_settings(settings, Folder(folder.expanduser().absolute()))
    findings = examine_settings(settings)
    if all(finding.ok for finding in findings):
        # Only now can the store be opened, and its records and log looked at too.
        findings = _examine_store(settings, findings)
    well = all(finding.ok for finding in findings)
    document = {
        "outcome": "ready" if well else "not ready",
        "findings": [{"name": f.name, "ok": f.ok, "words": f.words, "remedy": f.remedy} for f in findings],
    }
    answer(
        document,
        lambda console: _render(console, findings),
        as_json=as_json,
        status=ExitStatus.YES if well else ExitStatus.BAD,
    )


def _examine_store(settings: Settings, findings: tuple[HealthFinding, ...]) -> tuple[HealthFinding, ...]:
    """Open the store and look at it; what keeps it from opening is a finding too."""
    try:
        with build(settings) as services:
            return services.health()
    except CountenanceError as error:
        return (*findings, HealthFinding("store", ok=False, words=error.message, remedy=error.remedy))


def _render(console: Console, findings: Sequence[HealthFinding]) -> None:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(ratio=1)
    for finding in findings:
        mark = Text("ok", style="green") if finding.ok else Text("no", style="bold red")
        words = Text(finding.words)
        if not finding.ok:
            words.append(f"\n{finding.remedy}", style="yellow")
        table.add_row(mark, finding.name, words)
    console.print(table)
