"""`countenance serve`: the clerk's page and REST, on loopback unless the settings say otherwise."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Annotated

import typer
from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from countenance.authority import DEMO_JURISDICTIONS
from countenance.cli.bringing import bring_what_the_demo_needs
from countenance.cli.options import (
    DEFAULT_DEMO_FOLDER,
    DemoFlag,
    DemoFolderOption,
    JsonFlag,
    JurisdictionOption,
    SetOption,
    SettingsOption,
    settings_of,
)
from countenance.cli.output import print_json, screen
from countenance.cli.startup import without_collecting
from countenance.runtime import Services, Settings, SweepTimer, build, prepare_demo
from countenance.server import serve as serve_until_interrupted

__all__ = ["serve"]

_DEMO_KEY = "DEMO desk"
_FIRST_KEY = "first desk"


def serve(
    *,
    host: Annotated[str | None, typer.Option("--host", metavar="ADDRESS", help="Address to bind to.")] = None,
    port: Annotated[int | None, typer.Option("--port", metavar="PORT", help="TCP port.")] = None,
    gallery: Annotated[
        str | None,
        typer.Option("--gallery", metavar="URI", help="The gallery's cluster: ray://HOST:PORT or ray:auto."),
    ] = None,
    new_key: Annotated[
        bool, typer.Option("--new-key", help="Issue an API key for a clerk and show it, this once.")
    ] = False,
    demo: DemoFlag = False,
    folder: DemoFolderOption = DEFAULT_DEMO_FOLDER,
    jurisdiction: JurisdictionOption = DEMO_JURISDICTIONS[0],
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Serve the clerk's page and REST until interrupted."""
    settings = settings_of(settings_file, stated, {"host": host, "port": port, "gallery": gallery})
    if demo:
        bring_what_the_demo_needs(settings, console=screen(error=True), quiet=as_json)
        with without_collecting():
            ready = prepare_demo(settings, folder=folder, jurisdiction=jurisdiction, serving=True)
        with ready:
            key = ready.services.api_keys.replace(name=_DEMO_KEY, roles=("clerk",))
            _serve(ready.services, key, as_json=as_json)
    else:
        with without_collecting():
            services = build(settings, serving=True)
        with services:
            issued = services.api_keys.issue(name=_FIRST_KEY, roles=("clerk",)) if new_key else None
            _serve(services, issued, as_json=as_json)


def _serve(services: Services, key: str | None, *, as_json: bool) -> None:
    settings = services.settings
    if as_json:
        print_json({"outcome": "serving", "address": _address(settings), "api_key": key})
    else:
        _greet(screen(), settings, key, demo=services.demo)
    with ExitStack() as running:
        seconds = settings.sweep_minutes * 60
        running.enter_context(
            SweepTimer(sweeper=services.people.sweeper, seconds=seconds, metrics=services.metrics)
        )
        serve_until_interrupted(services, settings.host, settings.port)


def _greet(console: Console, settings: Settings, key: str | None, *, demo: bool) -> None:
    words = Text.assemble(("Address  ", "dim"), (_address(settings), "bold"))
    if key is not None:
        words.append("\nAPI key  ", style="dim").append(key, style="bold")
        words.append("\nShown once. A hash of it is kept; a lost key is replaced by a new one.", style="dim")
    if demo:
        words.append("\nDEMO: nothing that it says is about a real guest.", style="yellow")
    console.print(Panel(words, title="countenance", title_align="left"), soft_wrap=True)


def _address(settings: Settings) -> str:
    scheme = "https" if settings.tls_certificate is not None else "http"
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"{scheme}://{host}:{settings.port}/"
