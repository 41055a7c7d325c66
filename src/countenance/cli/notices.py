"""`countenance notice` and `countenance sign`: from what is on file to what hangs before the camera."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.text import Text

from countenance.authority.notices import (
    check_notice,
    draft_text,
    notice_page,
    read_draft,
    sheet_of,
    sign_pdf,
    sign_svg,
)
from countenance.cli.options import (
    DEFAULT_DEMO_FOLDER,
    DemoFlag,
    DemoFolderOption,
    InputNotReadable,
    JsonFlag,
    SetOption,
    SettingsOption,
    settings_of,
)
from countenance.cli.output import ExitStatus, answer
from countenance.cli.receipts import KeyOption, verifier_from, write_output
from countenance.cli.recording import ByOption, author_of, moment_of, text_from
from countenance.kernel import DeviceId, PlaceId, PurposeId
from countenance.runtime import DemoFolder, FoundNotice, NoticeDesk, demo_settings, open_notice_desk

__all__ = ["notice_app", "sign_app"]

notice_app = typer.Typer(no_args_is_help=True)
sign_app = typer.Typer(no_args_is_help=True)

_LARGEST_SIGN: Final = 20_000_000
_Place = Annotated[str, typer.Option("--place", metavar="ID", help="Where it hangs.")]
_Out = Annotated[Path, typer.Option("--out", metavar="FILE", help="Where to write it.")]


@contextmanager
def _desk(
    *, settings_file: Path | None, stated: Sequence[str] | None, demo: bool, folder: Path
) -> Iterator[NoticeDesk]:
    settings = settings_of(settings_file, stated)
    if demo:
        settings = demo_settings(settings, DemoFolder(folder.expanduser().absolute()))
    with open_notice_desk(settings) as desk:
        yield desk


@notice_app.command("draft")
def draft(
    *,
    by: ByOption,
    place: _Place,
    purpose: Annotated[str, typer.Option("--purpose", metavar="ID", help="What for.")],
    device: Annotated[
        str, typer.Option("--device", metavar="ID", help="Whose functions say what is done with a face.")
    ],
    out: _Out,
    demo: DemoFlag = False,
    folder: DemoFolderOption = DEFAULT_DEMO_FOLDER,
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Draft a notice from what is on file; what only a person can supply is marked in the file."""
    with _desk(settings_file=settings_file, stated=stated, demo=demo, folder=folder) as desk:
        made = desk.draft(
            author=author_of(by),
            place=PlaceId(place),
            purpose=PurposeId(purpose),
            device=DeviceId(device),
        )
    write_output(out, draft_text(made).encode())
    gaps = [{"part": gap.part.value, "language": gap.language, "wanted": gap.wanted} for gap in made.gaps]

    def render(console: Console) -> None:
        console.print(Text(f"Drafted {made.notice_id}, version {made.version}."))
        for gap in made.gaps:
            console.print(Text(f"  to fill in  {gap.part} ({gap.language}): {gap.wanted}"))

    answer(
        {"outcome": "drafted", "notice": made.notice_id, "version": made.version, "gaps": gaps},
        render,
        as_json=as_json,
        status=ExitStatus.YES,
    )


@notice_app.command("publish")
def publish(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The completed draft.")],
    *,
    by: ByOption,
    demo: DemoFlag = False,
    folder: DemoFolderOption = DEFAULT_DEMO_FOLDER,
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Sign a complete notice and file it. The version before it is no longer in force, nor are its signs."""
    completed = read_draft(text_from(file, what="notice's draft"))
    with _desk(settings_file=settings_file, stated=stated, demo=demo, folder=folder) as desk:
        found = desk.publish(completed, author=author_of(by))
    answer(
        {"outcome": "published", **_document(found)},
        lambda console: _render(console, found, "Published"),
        as_json=as_json,
        status=ExitStatus.YES,
    )


@notice_app.command("show")
def show(
    notice: Annotated[str, typer.Argument(metavar="NOTICE", help="Its identifier, or a version's SHA-256.")],
    *,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Write it as a page (.html) or as JSON-LD (.jsonld)."),
    ] = None,
    demo: DemoFlag = False,
    folder: DemoFolderOption = DEFAULT_DEMO_FOLDER,
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Show a published notice. Exit status 1 if it is no longer in force."""
    if out is not None and out.suffix not in (".html", ".jsonld"):
        raise typer.BadParameter("end it with .html or .jsonld", param_hint="--out")
    with _desk(settings_file=settings_file, stated=stated, demo=demo, folder=folder) as desk:
        found = desk.find(notice)
    if out is not None:
        whole = (
            notice_page(found.notice)
            if out.suffix == ".html"
            else json.dumps(found.notice.document, ensure_ascii=False, indent=2) + "\n"
        )
        write_output(out, whole.encode())
    words = "In force" if found.in_force else "No longer in force"
    answer(
        {"outcome": words.lower(), **_document(found)},
        lambda console: _render(console, found, words),
        as_json=as_json,
        status=ExitStatus.YES if found.in_force else ExitStatus.NO,
    )


@notice_app.command("verify")
def verify(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A notice as JSON-LD.")],
    *,
    key: KeyOption = None,
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Check a notice with the public key alone. Exit status 3, with the member named, if it was altered."""
    try:
        document = json.loads(text_from(file, what="notice"))
    except (json.JSONDecodeError, RecursionError):
        document = None
    if not isinstance(document, dict):
        msg = "The file of the notice isn't an object in JSON."
        raise InputNotReadable(msg, remedy="Give the JSON-LD that `countenance notice show` wrote.")
    with verifier_from(key, settings_file=settings_file, stated=stated) as verifier:
        checked = check_notice(verifier, document)
    words = f"{checked.notice_id}, version {checked.version}: as it was signed."
    answer(
        {"outcome": "as it was signed", "notice": checked.notice_id, "version_id": checked.version_id},
        lambda console: console.print(Text(words)),
        as_json=as_json,
        status=ExitStatus.YES,
    )


@sign_app.command("make")
def make(
    *,
    by: ByOption = "officer",
    place: _Place,
    devices: Annotated[
        list[str], typer.Option("--device", metavar="ID", help="Of which device it warns. Repeatable.")
    ],
    out: _Out,
    notice: Annotated[
        str | None,
        typer.Option("--notice", metavar="ID", help="Of which notice, where several are in force."),
    ] = None,
    font: Annotated[
        Path | None,
        typer.Option("--font", metavar="FILE", help="A TrueType font with Chinese characters, for a PDF."),
    ] = None,
    demo: DemoFlag = False,
    folder: DemoFolderOption = DEFAULT_DEMO_FOLDER,
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Make the sign of a place's notice, as SVG or PDF by the file's ending, on one sheet of A4."""
    if out.suffix not in (".svg", ".pdf"):
        raise typer.BadParameter("end it with .svg or .pdf", param_hint="--out")
    with _desk(settings_file=settings_file, stated=stated, demo=demo, folder=folder) as desk:
        made = desk.make_sign(
            author=author_of(by),
            place=PlaceId(place),
            devices=tuple(map(DeviceId, devices)),
            notice=notice,
        )
    sheet = sheet_of(made)
    write_output(out, sign_svg(sheet) if out.suffix == ".svg" else sign_pdf(sheet, font=font))
    sign = made.sign
    document = {
        "outcome": "made",
        "sign": sign.sign_id,
        "kind": sign.kind.value,
        "notice": sign.notice_id,
        "notice_version": sign.notice_version,
        "devices": list(sign.devices),
        "link": sign.link,
    }

    def render(console: Console) -> None:
        console.print(Text(f"Made {sign.sign_id} ({sign.kind}) for {', '.join(sign.devices)}."))
        console.print(Text(f"It leads to {sign.link}"), soft_wrap=True)
        console.print("Print it, put it up, then: countenance sign post FILE --by ROLE --position WORDS")

    answer(document, render, as_json=as_json, status=ExitStatus.YES)


@sign_app.command("post")
def post(
    file: Annotated[Path, typer.Argument(metavar="SIGN", help="The sign's file, as it was made.")],
    *,
    by: ByOption,
    position: Annotated[
        str, typer.Option("--position", metavar="WORDS", help="Where it hangs or stands, in words.")
    ],
    posted_at: Annotated[
        str | None, typer.Option("--at", metavar="TIME", help="When it was put up; now if left out.")
    ] = None,
    photograph_sha256: Annotated[
        str | None,
        typer.Option("--photograph-sha256", metavar="HEX", help="SHA-256 of a photograph of it."),
    ] = None,
    demo: DemoFlag = False,
    folder: DemoFolderOption = DEFAULT_DEMO_FOLDER,
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """File that a sign was put up. Without a posted, current sign its devices get no permit to capture."""
    at = moment_of(posted_at, option="--at")
    content = _sign_file(file)
    with _desk(settings_file=settings_file, stated=stated, demo=demo, folder=folder) as desk:
        posted = desk.post_sign(
            content,
            author=author_of(by),
            position=position,
            posted_at=at,
            photograph_sha256=photograph_sha256,
        )
    words = f"Posted {posted.sign_id} for {', '.join(posted.devices)}; record {posted.record}."
    answer(
        {
            "outcome": "posted",
            "sign": posted.sign_id,
            "devices": list(posted.devices),
            "record": posted.record,
            "posted_at": posted.posted_at.isoformat(),
        },
        lambda console: console.print(Text(words), soft_wrap=True),
        as_json=as_json,
        status=ExitStatus.YES,
    )


def _sign_file(path: Path) -> bytes:
    try:
        if path.stat().st_size > _LARGEST_SIGN:
            msg = f"The file of the sign is larger than {_LARGEST_SIGN} bytes."
            raise InputNotReadable(msg)
        return path.read_bytes()
    except OSError:
        msg = "The file of the sign can't be read."
        raise InputNotReadable(msg, remedy="Name the file that `countenance sign make` wrote.") from None


def _document(found: FoundNotice) -> dict[str, object]:
    return {
        "notice": found.notice.notice_id,
        "version": found.notice.version,
        "version_id": found.notice.version_id,
        "in_force": found.in_force,
        "link": found.link,
        "record": found.record,
    }


def _render(console: Console, found: FoundNotice, words: str) -> None:
    console.print(Text(f"{words}: {found.notice.notice_id}, version {found.notice.version}."))
    console.print(Text(f"SHA-256 {found.notice.version_id}"), soft_wrap=True)
    console.print(Text(found.link), soft_wrap=True)
