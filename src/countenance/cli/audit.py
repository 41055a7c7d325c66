"""`countenance audit`: what an installation shows, and what auditors and witnesses do with it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.text import Text

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
from countenance.cli.recording import ByOption, author_of
from countenance.kernel import canonical_json, sha256_hex
from countenance.release import ExportRange, PackReport, consistency_of, log_key_of, verify_pack, verify_proof
from countenance.runtime import AuditDesk, demo_settings, open_audit_desk
from countenance.runtime import DemoFolder as Folder
from countenance.store import PublicVerifier, SignatureRefused, WitnessKey, WitnessSigner, open_checkpoint

__all__ = ["audit_app"]

audit_app = typer.Typer(no_args_is_help=True)

_LARGEST: Final = 2_000_000_000
_DAYS: Final = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S%z"]
_KeyOption = Annotated[
    Path, typer.Option("--key", metavar="PUBLIC", help="The installation's public key, got from elsewhere.")
]
_WitnessOption = Annotated[
    list[Path] | None,
    typer.Option("--witness", metavar="FILE", help="Public key of a witness that counts. Repeatable."),
]
_OutOption = Annotated[Path, typer.Option("--out", metavar="FILE", help="Where to write it.")]


@contextmanager
def _desk(
    settings_file: Path | None, stated: list[str] | None, *, demo: bool, folder: Path
) -> Iterator[AuditDesk]:
    settings = settings_of(settings_file, stated)
    if demo:
        settings = demo_settings(settings, Folder(folder.expanduser().absolute()))
    with open_audit_desk(settings) as desk:
        yield desk


@audit_app.command("key")
def key(
    *,
    out: _OutOption,
    demo: DemoFlag = False,
    folder: DemoFolderOption = DEFAULT_DEMO_FOLDER,
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Write the installation's public key, to be given to auditors on another way than the packs."""
    with _desk(settings_file, stated, demo=demo, folder=folder) as desk:
        jwk = dict(desk.public_key())
    _write(out, canonical_json(jwk))
    thumbprint = PublicVerifier(jwk).key_id
    words = f"Public key {thumbprint}."
    _say({"outcome": "written", "key_id": thumbprint}, words, as_json=as_json)


@audit_app.command("checkpoint")
def checkpoint(
    *,
    out: _OutOption,
    demo: DemoFlag = False,
    folder: DemoFolderOption = DEFAULT_DEMO_FOLDER,
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Write the signed head of the log, for witnesses and whoever wants to remember it."""
    with _desk(settings_file, stated, demo=demo, folder=folder) as desk:
        note = desk.checkpoint()
    _write(out, note.encode())
    size = int(note.split("\n")[1])
    _say({"outcome": "written", "tree_size": size}, f"Checkpoint of {size} entries.", as_json=as_json)


@audit_app.command("prove")
def prove(
    which: Annotated[
        str,
        typer.Argument(metavar="WHAT", help="A decision, permit, record, an entry's number, or: growth."),
    ],
    *,
    out: _OutOption,
    by: ByOption,
    since: Annotated[
        Path | None, typer.Option("--since", metavar="CHECKPOINT", help="With growth: the earlier one.")
    ] = None,
    demo: DemoFlag = False,
    folder: DemoFolderOption = DEFAULT_DEMO_FOLDER,
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Write the proof that an entry is in the log, or that the log continues an earlier checkpoint."""
    author = author_of(by)
    if (which == "growth") != (since is not None):
        raise typer.BadParameter("growth is proved since a checkpoint", param_hint="--since")
    with _desk(settings_file, stated, demo=demo, folder=folder) as desk:
        proof = (
            desk.prove(which, author=author) if since is None else desk.prove_growth(_read(since).decode())
        )
    _write(out, canonical_json(dict(proof)))
    _say({"outcome": "proved", "proof": dict(proof)}, f"Proof of {proof['kind']}.", as_json=as_json)


@audit_app.command("export")
def export(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="The archive to write, such as pack.zip.")],
    *,
    by: ByOption,
    begin: Annotated[
        datetime | None,
        typer.Option("--from", formats=_DAYS, metavar="DAY", help="The first day (UTC), or moment."),
    ] = None,
    end: Annotated[
        datetime | None,
        typer.Option(
            "--to", formats=_DAYS, metavar="DAY", help="The day (UTC) or moment before which it ends."
        ),
    ] = None,
    demo: DemoFlag = False,
    folder: DemoFolderOption = DEFAULT_DEMO_FOLDER,
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Write an evidence pack: rules, records, entries with proofs, permits, receipts, figures."""
    author = author_of(by)
    with _desk(settings_file, stated, demo=demo, folder=folder) as desk:
        pack = desk.export(author=author, span=ExportRange(_aware(begin), _aware(end)))
    _write(out, pack)
    digest = sha256_hex(pack)
    words = f"Evidence pack of {len(pack)} bytes, SHA-256 {digest}. Keep it like a case file."
    _say({"outcome": "exported", "bytes": len(pack), "sha256": digest}, words, as_json=as_json)


@audit_app.command("check")
def check(
    *,
    by: ByOption,
    demo: DemoFlag = False,
    folder: DemoFolderOption = DEFAULT_DEMO_FOLDER,
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Hold the installation's records against its log. Exit status 1 if something isn't as it was written."""
    author = author_of(by)
    with _desk(settings_file, stated, demo=demo, folder=folder) as desk:
        findings = desk.check(author=author)

    def render(console: Console) -> None:
        if not findings:
            console.print(Text("Every record is as it was written, and the log holds.", style="green"))
        for one in findings:
            console.print(Text(f"{one.words} ({one.code.value}, {one.where} {one.which})", style="bold red"))

    document = {
        "outcome": "doesn't hold" if findings else "holds",
        "findings": [one.to_json() for one in findings],
    }
    answer(document, render, as_json=as_json, status=ExitStatus.NO if findings else ExitStatus.YES)


@audit_app.command("keep")
def keep(
    note: Annotated[Path, typer.Argument(metavar="CHECKPOINT", help="The checkpoint with a witness's line.")],
    *,
    witness: Annotated[Path, typer.Option("--witness", metavar="FILE", help="The witness's public key.")],
    by: ByOption,
    demo: DemoFlag = False,
    folder: DemoFolderOption = DEFAULT_DEMO_FOLDER,
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Keep a checkpoint that a witness cosigned; packs carry it from then on."""
    author = author_of(by)
    with _desk(settings_file, stated, demo=demo, folder=folder) as desk:
        seen = desk.keep_cosigned(_read(note).decode(), witness=_witness(witness), author=author)
    words = f"Kept: {seen.witness} saw it at {seen.at.isoformat()}."
    _say({"outcome": "kept", "witness": seen.witness, "at": seen.at.isoformat()}, words, as_json=as_json)


@audit_app.command("verify")
def verify(
    file: Annotated[Path, typer.Argument(metavar="PACK", help="An evidence pack, or a proof file.")],
    *,
    key_file: _KeyOption,
    witness: _WitnessOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Verify a pack or a proof with the public key alone. Exit status 1 if something doesn't hold."""
    data, public = _read(file), _public(key_file)
    if data[:1] == b"{":
        seen = verify_proof(data, key=public)
        document = {"outcome": "holds", "words": seen.words, "statement": dict(seen.statement)}

        def tell(console: Console) -> None:
            console.print(Text(seen.words, style="green"))
            if seen.statement:
                console.print_json(json.dumps(document["statement"]))

        answer(document, tell, as_json=as_json, status=ExitStatus.YES)
    report = verify_pack(data, key=public, witnesses=[_witness(one) for one in witness or ()])
    status = ExitStatus.YES if report.ok else ExitStatus.NO
    answer(report.to_json(), lambda console: _render(console, report), as_json=as_json, status=status)


@audit_app.command("witness-key")
def witness_key(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The witness's name, without white space.")],
    *,
    out: _OutOption,
    as_json: JsonFlag = False,
) -> None:
    """Make a witness's key pair: the private key into FILE, the public one into FILE.pub."""
    try:
        signer = WitnessSigner.generate(name)
    except ValueError:
        raise typer.BadParameter("a name without white space or plus sign", param_hint="NAME") from None
    _write(out, signer.to_private_text().encode())
    _write(out.with_name(f"{out.name}.pub"), f"{signer.key.to_text()}\n".encode())
    _say({"outcome": "made", "public": signer.key.to_text()}, signer.key.to_text(), as_json=as_json)


@audit_app.command("cosign")
def cosign(
    note_file: Annotated[
        Path, typer.Argument(metavar="CHECKPOINT", help="The checkpoint; gets a line more.")
    ],
    *,
    private: Annotated[Path, typer.Option("--key", metavar="KEY", help="The witness's private key.")],
    log: Annotated[Path, typer.Option("--log", metavar="PUBLIC", help="The installation's public key.")],
    memory: Annotated[
        Path, typer.Option("--memory", metavar="FILE", help="Where this witness keeps what it cosigned last.")
    ],
    proof: Annotated[
        Path | None,
        typer.Option("--proof", metavar="FILE", help="That the log continues what was cosigned last."),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Cosign a checkpoint as a witness, if the log continues the one that this witness cosigned last."""
    note = _read(note_file).decode()
    log_key = log_key_of(note, _public(log))
    earlier = open_checkpoint(_read(memory).decode(), key=log_key) if memory.exists() else None
    signed = WitnessSigner.from_text(_read(private).decode()).cosign(
        note,
        log=log_key,
        at=datetime.now(UTC),
        earlier=earlier,
        proof=() if proof is None else consistency_of(_read(proof)),
    )
    _write(note_file, signed.encode())
    _write(memory, signed.encode())
    size = open_checkpoint(signed, key=log_key).size
    _say({"outcome": "cosigned", "tree_size": size}, f"Cosigned: {size} entries.", as_json=as_json)


def _render(console: Console, report: PackReport) -> None:
    for proof in report.decisions:
        console.print(Text(proof.words, style="bold red" if proof.findings else "green"))
    for one in report.findings:
        console.print(Text(f"{one.words} ({one.code.value}, {one.where} {one.which})", style="bold red"))
    console.print(
        Text(
            f"{report.entries} entries are in the log of {report.tree_size}, {report.opened} of them opened; "
            f"{report.verdicts} verdicts were reached again."
        )
    )
    if report.unreached:
        console.print(
            Text(
                f"{report.unreached} can't be: records of the person are gone, as the log says.",
                style="yellow",
            )
        )
    for seen, size in report.witnesses:
        console.print(Text(f"Witness {seen.witness} saw {size} entries at {seen.at.isoformat()}."))
    if not report.witnesses:
        console.print(Text("No witness that you named saw this log.", style="yellow"))
    if report.ok:
        console.print(Text("Everything holds.", style="bold green"))


def _say(document: dict[str, object], words: str, *, as_json: bool) -> None:
    answer(
        document,
        lambda console: console.print(Text(words), soft_wrap=True),
        as_json=as_json,
        status=ExitStatus.YES,
    )


def _public(path: Path) -> PublicVerifier:
    try:
        return PublicVerifier(json.loads(_read(path)))
    except (ValueError, AttributeError):
        raise SignatureRefused("The public key isn't a well-formed JWK.") from None


def _witness(path: Path) -> WitnessKey:
    return WitnessKey.from_text(_read(path).decode(errors="replace"))


def _aware(moment: datetime | None) -> datetime | None:
    return moment if moment is None or moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > _LARGEST:
            raise InputNotReadable("A file is larger than this version reads.", remedy="Name another file.")
        return path.read_bytes()
    except OSError as error:
        msg = f"A file that was named can't be read ({error.strerror})."
        raise InputNotReadable(msg, remedy="Name a file that this user may read.") from None


def _write(path: Path, data: bytes) -> None:
    """Write a file that nobody else reads."""
    try:
        with os.fdopen(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb") as file:
            file.write(data)
    except OSError as error:
        msg = f"The file can't be written ({error.strerror})."
        raise InputNotReadable(msg, remedy="Name a file in a folder that this user may write to.") from None
