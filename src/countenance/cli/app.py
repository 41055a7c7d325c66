"""The application, its commands, and the one place where errors become exit statuses."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException
from typer.main import get_group

from countenance import __version__
from countenance.cli.output import ExitStatus, exit_status, print_error, print_json
from countenance.cli.startup import without_collecting
from countenance.kernel import CountenanceError

__all__ = ["app", "main"]


@dataclass(frozen=True, slots=True)
class _Entry:
    """Where a command is found: module and attribute, a function or a group; and a group's help."""

    where: str
    help: str | None = None


_COMMANDS: Final[Mapping[str, _Entry]] = {
    "demo": _Entry("countenance.cli.demo:demo"),
    "checkin": _Entry("countenance.cli.attended:checkin"),
    "verify": _Entry("countenance.cli.attended:verify"),
    "analyse": _Entry("countenance.cli.analyse:analyse"),
    "read-document": _Entry("countenance.cli.read_document:read_document"),
    "may": _Entry("countenance.cli.may:may"),
    "rules": _Entry("countenance.cli.rules:rules_app", "The rules in use: list, show, check, diff, matrix."),
    "models": _Entry("countenance.cli.models:models_app", "The networks: bring, list, show, verify."),
    "samples": _Entry("countenance.cli.samples:samples_app", "The sample photographs: bring, list."),
    "evaluate": _Entry(
        "countenance.cli.evaluate:evaluate_app", "How often comparison is wrong, on a data set."
    ),
    "calibrate": _Entry("countenance.cli.calibrate:calibrate"),
    "bench": _Entry("countenance.cli.benches:bench_app", "How long things take on this machine."),
    "drill": _Entry(
        "countenance.cli.drills:drill_app", "The worst, tried on made-up people: theft, reissue."
    ),
    "init": _Entry("countenance.cli.doctor:init"),
    "doctor": _Entry("countenance.cli.doctor:doctor"),
    "records": _Entry(
        "countenance.cli.records:records_app", "What the rules read: file, list, show, withdraw."
    ),
    "notice": _Entry(
        "countenance.cli.notices:notice_app", "What people are told: draft, publish, show, verify."
    ),
    "sign": _Entry("countenance.cli.notices:sign_app", "What hangs before the camera: make, post."),
    "receipt": _Entry("countenance.cli.receipts:receipt_app", "Receipts: issue, verify, take-back, key."),
    "devices": _Entry(
        "countenance.cli.devices:devices_app", "Who takes pictures: list, add, suspend, activate, retire."
    ),
    "issuers": _Entry("countenance.cli.devices:issuers_app", "Who outside vouches: list, add, revoke."),
    "pass": _Entry(
        "countenance.cli.passes:pass_app", "Templates that people carry themselves: issue, check, revoke."
    ),
    "keys": _Entry("countenance.cli.keys:keys_app", "Keys: API keys issued, listed, revoked; rotate, rekey."),
    "duties": _Entry(
        "countenance.cli.duties:duties_app", "What is still owed after an act: list, discharge."
    ),
    "incident": _Entry(
        "countenance.cli.incidents:incident_app", "What happened: open, note, notify, close, list."
    ),
    "audit": _Entry(
        "countenance.cli.audit:audit_app", "For auditors and witnesses: export, verify, prove, cosign."
    ),
    "enrol": _Entry("countenance.cli.enrol:enrol"),
    "identify": _Entry("countenance.cli.identify:identify"),
    "review": _Entry("countenance.cli.identify:review"),
    "liveness": _Entry("countenance.cli.liveness_clip:liveness"),
    "depictions": _Entry("countenance.cli.depictions:depictions"),
    "plan": _Entry("countenance.cli.plan:plan"),
    "driver": _Entry("countenance.cli.driver:driver"),
    "gallery": _Entry("countenance.cli.enrol:gallery_app", "Who is enrolled: status, list, remove."),
    "erase": _Entry("countenance.cli.people:erase"),
    "certificate": _Entry("countenance.cli.people:certificate_app", "Deletion certificates: verify."),
    "hold": _Entry(
        "countenance.cli.people:hold_app", "What may not be erased for a while: place, lift, list."
    ),
    "subject": _Entry("countenance.cli.people:subject_app", "What is held about a person: export."),
    "request": _Entry(
        "countenance.cli.requests:request_app", "What people ask for: open, extend, answer, list."
    ),
    "sweep": _Entry("countenance.cli.people:sweep"),
    "backup": _Entry("countenance.cli.people:back_up"),
    "restore": _Entry("countenance.cli.people:restore_backup"),
    "serve": _Entry("countenance.cli.serve:serve"),
}
"""In the order of the help. Only what is asked for is imported: all of it takes a second or two."""

_CONTEXT: Final = {"help_option_names": ["-h", "--help"]}


class _Group(TyperGroup):
    """Loads a command when it is asked for, and tells an error of ours in words, wherever below it arose."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ANN401, ARG002 - the type is typer's own
        """Return the names of all commands."""
        return list(_COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ANN401
        """Return the command of a name, or ``None``."""
        if cmd_name in _COMMANDS and cmd_name not in self.commands:
            self.commands[cmd_name] = _loaded(cmd_name)
        return super().get_command(ctx, cmd_name)

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


def _loaded(name: str) -> Any:  # noqa: ANN401
    entry = _COMMANDS[name]
    module, _, attribute = entry.where.partition(":")
    with without_collecting():
        found = getattr(import_module(module), attribute)
    holder = typer.Typer(add_completion=False, rich_markup_mode=None, context_settings=_CONTEXT)
    if isinstance(found, typer.Typer):
        holder.add_typer(found, name=name, help=entry.help)
    else:
        holder.command(name)(found)
    return get_group(holder).commands[name]


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
    context_settings=_CONTEXT,
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


def main() -> None:
    """Run the command line."""
    os.umask(0o077)
    app()
