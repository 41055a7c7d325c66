"""`countenance receipt`: a consent's receipt and its way back, checked offline with a public key."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Annotated, Any

import segno
import typer
from rich.console import Console
from rich.text import Text

from countenance.authority.notices import Verifier, check_consent_receipt
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
from countenance.cli.recording import ByOption, author_of, text_from
from countenance.decisions import RECEIPT_KIND, Receipt, ReceiptRefused
from countenance.kernel import EvidenceError, EvidenceId, OperatorError
from countenance.runtime import ConsentDesk, DemoFolder, demo_settings, open_consent_desk
from countenance.store import PublicVerifier

__all__ = ["KeyOption", "OutputNotWritten", "receipt_app", "verifier_from", "write_output"]

receipt_app = typer.Typer(no_args_is_help=True)

KeyOption = Annotated[
    Path | None,
    typer.Option(
        "--key",
        metavar="FILE",
        help="The public key: a JWK, or the key set of /v1/keys. Left out: this installation's own.",
    ),
]


class OutputNotWritten(OperatorError):
    """A file that the command was to write can't be written."""

    code = "output-not-written"
    default_remedy = "Name a file in a folder that this user may write."


def write_output(path: Path, content: bytes) -> None:
    """Write a file that the user named.

    Raises:
        OutputNotWritten: if it can't be written.
    """
    try:
        path.write_bytes(content)
    except OSError as error:
        msg = f"The file can't be written ({error.strerror})."
        raise OutputNotWritten(msg) from None


@dataclass(frozen=True, slots=True)
class _AnyOf:
    """Checks a statement under any of a set's keys."""

    keys: tuple[PublicVerifier, ...]

    def verify(self, token: str, *, kind: str) -> Mapping[str, object]:
        """Return the claims of a token under the first key that it holds under."""
        for key in self.keys[:-1]:
            try:
                return key.verify(token, kind=kind)
            except EvidenceError:
                continue
        return self.keys[-1].verify(token, kind=kind)


@contextmanager
def _desk(
    *, settings_file: Path | None, stated: Sequence[str] | None, demo: bool, folder: Path
) -> Iterator[ConsentDesk]:
    settings = settings_of(settings_file, stated)
    if demo:
        settings = demo_settings(settings, DemoFolder(folder.expanduser().absolute()))
    with open_consent_desk(settings) as desk:
        yield desk


@contextmanager
def verifier_from(
    key: Path | None, *, settings_file: Path | None, stated: Sequence[str] | None
) -> Iterator[Verifier]:
    """Yield what checks statements: the keys of a file, which needs nothing else, or the installation's.

    Raises:
        InputNotReadable: if the file isn't a JWK or a set of them.
        SignatureRefused: if a key isn't an Ed25519 public key.
    """
    if key is not None:
        yield _AnyOf(_keys_from(key))
        return
    with open_consent_desk(settings_of(settings_file, stated)) as desk:
        yield PublicVerifier(desk.public_jwk())


def _keys_from(path: Path) -> tuple[PublicVerifier, ...]:
    try:
        found = json.loads(text_from(path, what="public key"))
    except (json.JSONDecodeError, RecursionError):
        found = None
    keys = found.get("keys") if isinstance(found, dict) and "keys" in found else [found]
    if not isinstance(keys, list) or not keys or not all(_is_jwk(each) for each in keys):
        msg = "The file of the public key isn't a JWK or a set of them."
        raise InputNotReadable(msg, remedy="Get it from /v1/keys, or with `countenance receipt key`.")
    return tuple(PublicVerifier(each) for each in keys)


def _is_jwk(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(each, str) for each in value.values())


@receipt_app.command("issue")
def issue(
    record: Annotated[str, typer.Argument(metavar="RECORD", help="Any record of the consent.")],
    *,
    by: ByOption,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Where to write the receipt (JSON).")],
    code: Annotated[
        Path | None,
        typer.Option("--code", metavar="FILE.svg", help="Where to write the code that takes it back."),
    ] = None,
    demo: DemoFlag = False,
    folder: DemoFolderOption = DEFAULT_DEMO_FOLDER,
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Issue a consent's receipt, with the code that takes the consent back, for the person who gave it."""
    with _desk(settings_file=settings_file, stated=stated, demo=demo, folder=folder) as desk:
        issued = desk.receipt(EvidenceId(record), author=author_of(by))
    write_output(out, (json.dumps(dict(issued.document), ensure_ascii=False, indent=2) + "\n").encode())
    if code is not None:
        drawn = BytesIO()
        segno.make_qr(issued.link, error="m", boost_error=False).save(drawn, kind="svg", scale=4, border=4)
        write_output(code, drawn.getvalue())

    def render(console: Console) -> None:
        console.print("Issued. With this the person takes the consent back; it is shown to nobody else:")
        console.print(Text(issued.link), soft_wrap=True)

    answer(
        {"outcome": "issued", "withdrawal_link": issued.link, "withdrawal_token": issued.token},
        render,
        as_json=as_json,
        status=ExitStatus.YES,
    )


@receipt_app.command("verify")
def verify(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A decision's or a consent's receipt.")],
    *,
    key: KeyOption = None,
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Check a receipt without the server. Exit status 3, with what was altered named, if it doesn't hold."""
    text = text_from(file, what="receipt").strip()
    with verifier_from(key, settings_file=settings_file, stated=stated) as verifier:
        kind, claims = _check(verifier, text)
    identifier = claims["record_id"] if kind == "consent" else claims["id"]

    def render(console: Console) -> None:
        console.print(Text(f"The receipt of the {kind} {identifier} is as it was signed.", style="green"))
        for name, value in claims.items():
            if isinstance(value, str | int | float):
                console.print(Text(f"  {name}: {value}"), soft_wrap=True)

    answer(
        {"outcome": "as it was signed", "kind": kind, "claims": claims},
        render,
        as_json=as_json,
        status=ExitStatus.YES,
    )


@receipt_app.command("take-back")
def take_back(
    token: Annotated[str, typer.Argument(metavar="TOKEN", help="From the receipt's code.")],
    *,
    demo: DemoFlag = False,
    folder: DemoFolderOption = DEFAULT_DEMO_FOLDER,
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Take a consent back with its token, for whoever comes to the desk with it. No reason is asked for."""
    with _desk(settings_file=settings_file, stated=stated, demo=demo, folder=folder) as desk:
        done = desk.take_back(token.rpartition("/")[2].rpartition(":")[2])
    words = f"Taken back: {done.records} records no longer count."
    if done.certificates:
        words += " What was kept on it is destroyed; --json has the certificate."
    if done.unfinished:
        words += f" Not done yet, ask again: {', '.join(done.unfinished)}."
    answer(
        {
            "outcome": "taken back",
            "records": done.records,
            "told": list(done.told),
            "unfinished": list(done.unfinished),
            "log_index": done.log_index,
            "certificates": [dict(each) for each in done.certificates],
        },
        lambda console: console.print(Text(words)),
        as_json=as_json,
        status=ExitStatus.YES,
    )


@receipt_app.command("key")
def public_key(
    *,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Where to write the public key (JWK).")],
    demo: DemoFlag = False,
    folder: DemoFolderOption = DEFAULT_DEMO_FOLDER,
    settings_file: SettingsOption = None,
    stated: SetOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Write the public key with which receipts, notices and signs of this installation are checked."""
    with _desk(settings_file=settings_file, stated=stated, demo=demo, folder=folder) as desk:
        jwk = dict(desk.public_jwk())
    write_output(out, (json.dumps(jwk, indent=2) + "\n").encode())
    key_id = PublicVerifier(jwk).key_id
    answer(
        {"outcome": "written", "key_id": key_id},
        lambda console: console.print(Text(f"The public key {key_id}.")),
        as_json=as_json,
        status=ExitStatus.YES,
    )


def _check(verifier: Verifier, text: str) -> tuple[str, Mapping[str, Any]]:
    if not text.startswith("{"):
        try:
            claims = verifier.verify(text, kind=RECEIPT_KIND)
        except EvidenceError:
            msg = "The receipt's signature doesn't hold under this key."
            raise ReceiptRefused(msg) from None
        return "decision", Receipt.from_claims(claims).to_claims()
    try:
        document = json.loads(text)
    except (json.JSONDecodeError, RecursionError):
        msg = "The file of the receipt isn't JSON."
        raise InputNotReadable(msg, remedy="Give the receipt as it was issued.") from None
    return "consent", check_consent_receipt(verifier, document)
