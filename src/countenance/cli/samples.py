"""`countenance samples`: pull, list."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from countenance.cli.options import JsonFlag
from countenance.cli.output import print_json, screen
from countenance.cli.pulling import OfflineFolderOption, pull_view, pulled_rows
from countenance.vision.registry import (
    SampleHashWrong,
    SampleMissing,
    SampleStore,
    Way,
    default_samples_folder,
)

__all__ = ["samples_app"]

samples_app = typer.Typer(
    name="samples",
    help="Photographs for the demonstration and the tests; none is in the repository.",
    no_args_is_help=True,
)

FolderOption = Annotated[
    Path, typer.Option("--folder", help="Where the photographs lie.", default_factory=default_samples_folder)
]


@samples_app.command("pull")
def pull(folder: FolderOption, offline_folder: OfflineFolderOption = None, as_json: JsonFlag = False) -> None:
    """Bring the sample photographs; what is here already isn't brought again."""
    with pull_view(quiet=as_json) as view:
        pulled = SampleStore(folder=folder).pull(progress=view, offline_folder=offline_folder)
    if as_json:
        print_json({"outcome": "pulled", "folder": str(folder), "samples": pulled_rows(pulled)})
    else:
        fresh = sum(1 for item in pulled if item.way is not Way.ALREADY_HERE)
        typer.echo(f"{len(pulled)} photographs verified, {fresh} of them new, in {folder}")


@samples_app.command("list")
def list_samples(folder: FolderOption, as_json: JsonFlag = False) -> None:
    """List the sample photographs, whether they are here, and under which terms they may be used."""
    store = SampleStore(folder=folder)
    rows = [(sample, _state(store, sample.name)) for sample in store.samples.samples]
    licence = store.samples.licence
    if as_json:
        listed = [
            {
                "name": s.name,
                "title": s.title,
                "person": s.person,
                "path": str(store.path(s.name)),
                "state": state,
            }
            for s, state in rows
        ]
        print_json({"folder": str(folder), "licence": licence.found, "samples": listed})
        return
    table = Table(title="Sample photographs", caption=licence.found)
    for heading in ("name", "what", "person", "photograph"):
        table.add_column(heading, overflow="fold")
    for sample, state in rows:
        table.add_row(sample.name, sample.title, sample.person, state)
    screen().print(table)


def _state(store: SampleStore, name: str) -> str:
    try:
        store.read(name)
    except SampleMissing:
        return "missing"
    except SampleHashWrong:
        return "wrong hash"
    return "verified"
