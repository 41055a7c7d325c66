"""The application, its commands, and the one place where errors become exit statuses."""

from __future__ import annotations

import os
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException

from countenance import __version__
from countenance.cli.analyse import analyse
from countenance.cli.attended import checkin, verify
from countenance.cli.audit import audit_app
from countenance.cli.bench import bench_app
from countenance.cli.bench_erase import erase as time_erasing
from countenance.cli.bench_log import log as time_log_proofs
from countenance.cli.bench_search import search as time_searches
from countenance.cli.demo import demo
from countenance.cli.devices import devices_app, issuers_app
from countenance.cli.doctor import doctor, init
from countenance.cli.duties import duties_app
from countenance.cli.evaluate import evaluate_app
from countenance.cli.incidents import incident_app
from countenance.cli.keys import keys_app
from countenance.cli.may import may
from countenance.cli.models import models_app
from countenance.cli.notices import notice_app, sign_app
from countenance.cli.output import ExitStatus, exit_status, print_error, print_json
from countenance.cli.people import (
    back_up,
    certificate_app,
    erase,
    hold_app,
    restore_backup,
    subject_app,
    sweep,
)
from countenance.cli.read_document import read_document
from countenance.cli.receipts import receipt_app
from countenance.cli.records import records_app
from countenance.cli.requests import request_app
from countenance.cli.rules import rules_app
from countenance.cli.samples import samples_app
from countenance.cli.serve import serve
from countenance.kernel import CountenanceError

__all__ = ["app", "main"]


class _Group(TyperGroup):
    """Tells an error of ours in words, wherever below it arose, and leaves with its status."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - the type is typer's own
        """Run the command; with ``--json`` even bad usage is answered with one object."""
        remaining = [*getattr(ctx, "_protected_args", ()), *ctx.args]
        as_json = "--json" in remaining
        try:
            return super().invoke(ctx)
        except CountenanceError as error:
            print_error(error, as_json=as_json)
            raise typer.Exit(int(exit_status(error))) from None
        except TyperException as error:
            if not as_json:
                raise
            _print_usage(error.format_message())
            raise typer.Exit(int(ExitStatus.BAD)) from None


def _print_usage(message: str) -> None:
    print_json(
        {
            "error": {
                "code": "bad-usage",
                "message": message,
                "remedy": "Add --help to the command to see how it is used.",
            }
        }
    )


app = typer.Typer(
    name="countenance",
    cls=_Group,
    help="Face recognition that keeps the rules: no permit, no biometrics.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _say_version(asked: bool) -> None:
    if asked:
        typer.echo(f"countenance {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_say_version, is_eager=True, help="Say the version and leave."),
    ] = False,
) -> None:
    """Face recognition that keeps the rules: no permit, no biometrics."""


app.command()(demo)
app.command()(checkin)
app.command()(verify)
app.command()(analyse)
app.command()(read_document)
app.command()(may)
app.add_typer(rules_app, name="rules", help="The rules in use: list, show, check, diff, matrix.")
app.add_typer(models_app, name="models", help="The networks: bring, list, show, verify.")
app.add_typer(samples_app, name="samples", help="The sample photographs: bring, list.")
app.add_typer(evaluate_app, name="evaluate", help="How often comparison is wrong, on a data set.")
bench_app.command("log")(time_log_proofs)
bench_app.command("search")(time_searches)
bench_app.command("erase")(time_erasing)
app.add_typer(bench_app, name="bench", help="How long things take on this machine.")
app.command()(init)
app.command()(doctor)
app.add_typer(records_app, name="records", help="What the rules read: file, list, show, withdraw.")
app.add_typer(notice_app, name="notice", help="What people are told: draft, publish, show, verify.")
app.add_typer(sign_app, name="sign", help="What hangs before the camera: make, post.")
app.add_typer(receipt_app, name="receipt", help="Receipts: issue, verify, take-back, key.")
app.add_typer(devices_app, name="devices", help="Who takes pictures: list, add, suspend, activate, retire.")
app.add_typer(issuers_app, name="issuers", help="Who outside vouches: list, add, revoke.")
app.add_typer(keys_app, name="keys", help="API keys for roles: issue, list, revoke.")
app.add_typer(duties_app, name="duties", help="What is still owed after an act: list, discharge.")
app.add_typer(incident_app, name="incident", help="What happened: open, note, notify, close, list.")
app.add_typer(audit_app, name="audit", help="For auditors and witnesses: export, verify, prove, cosign.")
app.command()(erase)
app.add_typer(certificate_app, name="certificate", help="Deletion certificates: verify.")
app.add_typer(hold_app, name="hold", help="What may not be erased for a while: place, lift, list.")
app.add_typer(subject_app, name="subject", help="What is held about a person: export.")
app.add_typer(request_app, name="request", help="What people ask for: open, extend, answer, list.")
app.command()(sweep)
app.command("backup")(back_up)
app.command("restore")(restore_backup)
app.command()(serve)


def main() -> None:
    """Run the command line."""
    os.umask(0o077)
    app()
