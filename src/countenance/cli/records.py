"""`countenance records`: file, show, list and withdraw what the rules read, under a role."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from countenance.authority.records import KEY_FORMS
from countenance.cli.options import (
    DEFAULT_DEMO_FOLDER,
    DemoFlag,
    DemoFolderOption,
    JsonFlag,
    SetOption,
    SettingsOption,
)
from countenance.cli.output import ExitStatus, answer
from countenance.cli.recording import (
    ByOption,
    DeviceOption,
    PlaceOption,
    PurposeOption,
    SubjectOption,
    author_of,
    content_from,
    moment_of,
    records_desk,
    scope_of,
    text_from,
)
from countenance.kernel import EvidenceId, PurposeId, SubjectId
from countenance.kernel.canonical import JsonValue
from countenance.runtime import FiledRecord

__all__ = ["records_app"]

records_app = typer.Typer(no_args_is_help=True)

_KeyArgument = Annotated[
    str, typer.Argument(metavar="KEY", help="An evidence key or a trigger of docs/reference/rules.md.")
]
_RecordArgument = Annotated[
    str, typer.Argument(metavar="RECORD", help="The record, as `records list` names it.")
]
_ContentOption = Annotated[
    Path | None,
    typer.Option("--content", metavar="FILE", help="What it says, in TOML or JSON: the key's form."),
]
_UntilOption = Annotated[
    str | None,
    typer.Option("--until", metavar="DAY", help="The last day, or the moment, until which it counts."),
]
_FromOption = Annotated[
    str | None, typer.Option("--from", metavar="DAY", help="The day, or the moment, from which it counts.")
]


@records_app.command("list")
def list_records(
    *,
    by: ByOption,
    key: Annotated[str | None, typer.Option("--key", metavar="KEY", help="Those with this key.")] = None,
    place: PlaceOption = None,
    purpose: PurposeOption = None,
    device: DeviceOption = None,
    subject: SubjectOption = None,
    demo: DemoFlag = False,
    folder: DemoFolderOption = DEFAULT_DEMO_FOLDER,
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """List what is valid now, and whether it counts. What is about one person needs --subject."""
    with records_desk(settings_file=settings_file, stated=stated, demo=demo, folder=folder) as desk:
        found = desk.records(author=author_of(by), scope=scope_of(place, purpose, device, subject), key=key)
    answer(
        {"outcome": "listed", "records": [_document(record) for record in found]},
        lambda console: _render_all(console, found),
        as_json=as_json,
        status=ExitStatus.YES,
    )


@records_app.command("show")
def show(
    record: _RecordArgument,
    *,
    by: ByOption,
    demo: DemoFlag = False,
    folder: DemoFolderOption = DEFAULT_DEMO_FOLDER,
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Show one record with what it says. Exit status 1 if it doesn't count now."""
    with records_desk(settings_file=settings_file, stated=stated, demo=demo, folder=folder) as desk:
        found = desk.record(EvidenceId(record), author=author_of(by))
    answer(
        {"outcome": "counts" if found.counts else "doesn't count", "record": _document(found, whole=True)},
        lambda console: _render_whole(console, found),
        as_json=as_json,
        status=ExitStatus.YES if found.counts else ExitStatus.NO,
    )


@records_app.command("file")
def file(
    key: _KeyArgument,
    *,
    by: ByOption,
    content: _ContentOption = None,
    says: Annotated[
        bool | None, typer.Option("--yes/--no", help="What a statement says, where the key is a trigger.")
    ] = None,
    place: PlaceOption = None,
    purpose: PurposeOption = None,
    device: DeviceOption = None,
    subject: SubjectOption = None,
    begins: _FromOption = None,
    ends: _UntilOption = None,
    demo: DemoFlag = False,
    folder: DemoFolderOption = DEFAULT_DEMO_FOLDER,
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """File a record in the form of its key, or a statement. It is logged with its author."""
    if (content is None) is (says is None):
        raise typer.BadParameter("give the record's --content, or --yes or --no for a statement")
    said: dict[str, JsonValue] = {"value": says} if content is None else dict(content_from(content))
    with records_desk(settings_file=settings_file, stated=stated, demo=demo, folder=folder) as desk:
        filed = desk.file(
            key=key,
            content=said,
            author=author_of(by),
            scope=scope_of(place, purpose, device, subject),
            valid_from=moment_of(begins, option="--from"),
            valid_until=moment_of(ends, option="--until", end_of_day=True),
        )
    _answer_filed(filed, as_json=as_json)


@records_app.command("draft")
def draft(
    key: _KeyArgument,
    *,
    content: Annotated[
        Path, typer.Option("--content", metavar="FILE", help="What it says, in TOML or JSON.")
    ],
    ends: Annotated[
        str,
        typer.Option("--until", metavar="DAY", help="The last day, or the moment, until which it counts."),
    ],
    begins: _FromOption = None,
    place: PlaceOption = None,
    purpose: PurposeOption = None,
    device: DeviceOption = None,
    subject: SubjectOption = None,
    demo: DemoFlag = False,
    folder: DemoFolderOption = DEFAULT_DEMO_FOLDER,
    settings_file: SettingsOption = None,
    stated: SetOption = None,
) -> None:
    """Print what a body outside has to sign: the payload of a JWS, to the byte. Files nothing."""
    end = moment_of(ends, option="--until", end_of_day=True)
    if end is None:
        raise typer.BadParameter("what somebody outside signs has an end", param_hint="--until")
    with records_desk(settings_file=settings_file, stated=stated, demo=demo, folder=folder) as desk:
        payload = desk.draft_for_outside(
            key=key,
            content=content_from(content),
            scope=scope_of(place, purpose, device, subject),
            valid_from=moment_of(begins, option="--from"),
            valid_until=end,
        )
    typer.echo(payload.decode(), nl=False)


@records_app.command("file-signed")
def file_signed(
    statement: Annotated[
        Path, typer.Argument(metavar="FILE", help="The compact JWS that a body outside gave.")
    ],
    *,
    by: ByOption,
    demo: DemoFlag = False,
    folder: DemoFolderOption = DEFAULT_DEMO_FOLDER,
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """File what a registered body outside signed, exactly as it was signed."""
    token = text_from(statement, what="signed statement").strip()
    with records_desk(settings_file=settings_file, stated=stated, demo=demo, folder=folder) as desk:
        filed = desk.file_signed(token, author=author_of(by))
    _answer_filed(filed, as_json=as_json)


@records_app.command("withdraw")
def withdraw(
    record: _RecordArgument,
    *,
    by: ByOption,
    reason: Annotated[str, typer.Option("--reason", metavar="WORDS", help="Why, in a few words. No names.")],
    demo: DemoFlag = False,
    folder: DemoFolderOption = DEFAULT_DEMO_FOLDER,
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Withdraw a record. Permits that rest on it open no door any more."""
    with records_desk(settings_file=settings_file, stated=stated, demo=demo, folder=folder) as desk:
        gone = desk.withdraw(EvidenceId(record), author=author_of(by), reason=reason)
    words = f"Withdrawn: {gone.record.key} ({gone.record.evidence_id})."
    answer(
        {"outcome": "withdrawn", "words": words, "record": _document(gone)},
        lambda console: console.print(Text(words)),
        as_json=as_json,
        status=ExitStatus.YES,
    )


@records_app.command("withdraw-consent")
def withdraw_consent(
    *,
    by: ByOption,
    record: Annotated[
        str | None, typer.Option("--record", metavar="RECORD", help="Any record of the consent.")
    ] = None,
    subject: SubjectOption = None,
    purpose: PurposeOption = None,
    demo: DemoFlag = False,
    folder: DemoFolderOption = DEFAULT_DEMO_FOLDER,
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Withdraw a person's consent to a purpose, whole and without a reason."""
    with records_desk(settings_file=settings_file, stated=stated, demo=demo, folder=folder) as desk:
        author = author_of(by)
        if record is not None and subject is None and purpose is None:
            done = desk.withdraw_consent_of(EvidenceId(record), author=author)
        elif record is None and subject is not None and purpose is not None:
            done = desk.withdraw_consent(
                author=author, subject=SubjectId(subject), purpose=PurposeId(purpose)
            )
        else:
            raise typer.BadParameter("name --record, or --subject and --purpose")
    words = f"Withdrawn: {len(done.what.records)} records no longer count."
    if done.certificates:
        words += " What was kept on it is destroyed; --json has the certificate."
    if done.unfinished:
        words += f" Not done yet, ask again: {', '.join(done.unfinished)}."
    answer(
        {
            "outcome": "withdrawn",
            "words": words,
            "records": list(done.what.records),
            "told": list(done.told),
            "unfinished": list(done.unfinished),
            "log_index": done.log_index,
            "certificates": [dict(each) for each in done.certificates],
        },
        lambda console: console.print(Text(words)),
        as_json=as_json,
        status=ExitStatus.NO if done.unfinished else ExitStatus.YES,
    )


@records_app.command("form")
def form(key: _KeyArgument, *, as_json: JsonFlag = False) -> None:
    """Show the form of a key: its fields, what each is for, and which have to be there."""
    entry = KEY_FORMS.get(key)
    if entry is None:
        raise typer.BadParameter("nobody but the system files under this key", param_hint="KEY")
    fields = [
        {"name": name, "needed": told.is_required(), "words": told.description or ""}
        for name, told in entry.form.model_fields.items()
    ]
    about = sorted(entry.form.about)

    def render(console: Console) -> None:
        where = f", about one {' and one '.join(about)}" if about else ""
        console.print(Text(f"{key}: {entry.form.title} ({entry.form.form}){where}", style="bold"))
        for one in fields:
            console.print(Text(f"  {one['name']}{'' if one['needed'] else ' (may be left out)'}"))
            console.print(Text(f"      {one['words']}"))

    answer(
        {"outcome": "shown", "key": key, "form": entry.form.form, "about": about, "fields": fields},
        render,
        as_json=as_json,
        status=ExitStatus.YES,
    )


@records_app.command("sign-deployment")
def sign_deployment(
    *,
    by: ByOption,
    facts: Annotated[
        list[str],
        typer.Option("--fact", metavar="NAME=yes|no", help="A fact about the operator: actor.private=yes."),
    ],
    demo: DemoFlag = False,
    folder: DemoFolderOption = DEFAULT_DEMO_FOLDER,
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Sign what the operator of this installation is, with the installation's key."""
    values = {"yes": True, "no": False}
    pairs = [fact.partition("=") for fact in facts]
    if not all(value in values for _, _, value in pairs):
        raise typer.BadParameter("write it as NAME=yes or NAME=no", param_hint="--fact")
    told = {name: values[value] for name, _, value in pairs}
    with records_desk(settings_file=settings_file, stated=stated, demo=demo, folder=folder) as desk:
        filed = desk.sign_deployment(told, author=author_of(by))
    words = f"Signed: {len(filed)} facts about the operator. An earlier statement no longer counts."
    answer(
        {"outcome": "signed", "words": words, "records": [_document(record) for record in filed]},
        lambda console: console.print(Text(words)),
        as_json=as_json,
        status=ExitStatus.YES,
    )


def _answer_filed(filed: FiledRecord, *, as_json: bool) -> None:
    words = f"On file: {filed.record.key} ({filed.record.evidence_id}), {filed.issuer}. The log says so."
    answer(
        {"outcome": "filed", "words": words, "record": _document(filed)},
        lambda console: console.print(Text(words)),
        as_json=as_json,
        status=ExitStatus.YES,
    )


def _document(filed: FiledRecord, *, whole: bool = False) -> dict[str, object]:
    record, scope = filed.record, filed.record.scope
    document: dict[str, object] = {
        "record": record.evidence_id,
        "key": record.key,
        "words": filed.words,
        "kind": record.kind.value,
        "issuer": record.issuer.value,
        "author": record.author,
        "counts": filed.counts,
        "demo": record.demo,
        "scope": {
            "place": scope.place,
            "purpose": scope.purpose,
            "device": scope.device,
            "subject": scope.subject,
        },
        "content_hash": record.content_hash,
        "valid_from": record.valid_from.isoformat(),
        "valid_until": None if record.valid_until is None else record.valid_until.isoformat(),
        "withdrawn_at": None if record.withdrawn_at is None else record.withdrawn_at.isoformat(),
    }
    return document | ({"content": dict(record.content)} if whole else {})


def _render_all(console: Console, found: tuple[FiledRecord, ...]) -> None:
    if not found:
        console.print("Nothing is on file.")
    for filed in found:
        record = filed.record
        ends = "" if record.valid_until is None else f", until {record.valid_until:%Y-%m-%d %H:%M} UTC"
        console.print(Text.assemble((f"{record.key}  ", "bold"), filed.words))
        mark = "" if filed.counts else ", doesn't count"
        console.print(Text(f"    {record.evidence_id}  {filed.issuer}, {record.author}{ends}{mark}"))


def _render_whole(console: Console, filed: FiledRecord) -> None:
    _render_all(console, (filed,))
    if not filed.counts:
        console.print(Text("    It doesn't count now.", style="bold red"))
    console.print(Text(json.dumps(dict(filed.record.content), ensure_ascii=False, indent=2)))
