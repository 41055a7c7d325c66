"""The deletion certificate: what was erased, by which rules, what isn't covered, and where the log says so.

Rules kept here:

* It is checked offline: signature, and the way from the erasure's log entry to a signed checkpoint.
* The log entry commits to what was erased before it was erased; nothing can be added to it afterwards.
* It names the person by pseudonym, and is handed to whoever asked. The installation keeps none.
* What software can't promise stands in it, in words.
"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from countenance.cases.errors import CertificateRefused
from countenance.kernel import CountenanceError, canonical_json, canonical_sha256
from countenance.store import (
    Ed25519Signer,
    LogReceipt,
    NoteKey,
    PublicVerifier,
    TransparencyLog,
    commit,
    leaf_hash,
    open_checkpoint,
    verify_inclusion,
)

__all__ = [
    "CERTIFICATE_KIND",
    "CheckedCertificate",
    "certificate_page",
    "check_certificate",
    "core_hash",
    "sign_certificate",
]

CERTIFICATE_KIND: Final = "countenance-deletion+jws"
"""The ``typ`` of a certificate's JWS header."""

_AFTERWARDS: Final = frozenset({"files", "log"})


@dataclass(frozen=True, slots=True)
class CheckedCertificate:
    """A certificate whose signature and log proof hold.

    Attributes:
        claims: what it states.
        key_id: the thumbprint of the key that signed it (RFC 7638).
        key_compared: whether that key is one that the reader brought; otherwise it is the one that the
            certificate names itself, and the thumbprint has to be compared.
    """

    claims: Mapping[str, Any]
    key_id: str
    key_compared: bool


def core_hash(core: Mapping[str, object]) -> str:
    """Return what the log entry commits to: SHA-256 of the canonical JSON of what was erased."""
    return canonical_sha256(dict(core))


def sign_certificate(
    core: Mapping[str, object],
    *,
    files: Mapping[str, object],
    receipt: LogReceipt,
    log: TransparencyLog,
    signer: Ed25519Signer,
) -> dict[str, object]:
    """Return the certificate as a document.

    Args:
        core: what was erased; the log's entry has its hash.
        files: what looking through the files found.
        receipt: where the erasure's entry stands.
        log: makes the proof.
        signer: signs.
    """
    entry = log.entry(receipt.index)
    checkpoint = log.checkpoint()
    size = int(checkpoint.split("\n")[1])
    statement = {
        "at": None if entry.at is None else entry.at.isoformat(),
        "entry": entry.entry,
        "kind": entry.kind,
    }
    claims = {
        **core,
        "files": dict(files),
        "log": {
            "checkpoint": checkpoint,
            "index": receipt.index,
            "proof": [node.hex() for node in log.inclusion_proof(receipt.index, size)],
            "salt": entry.salt,
            "statement": statement,
        },
    }
    return {
        "certificate": claims,
        "key": dict(signer.public_jwk()),
        "signature": signer.sign(claims, kind=CERTIFICATE_KIND),
    }


def check_certificate(
    document: Mapping[str, Any], *, jwk: Mapping[str, str] | None = None
) -> CheckedCertificate:
    """Check a certificate with nothing but itself and a public key.

    Args:
        document: the certificate as it was handed out.
        jwk: the installation's public key; the one that the certificate names itself if left out.

    Raises:
        CertificateRefused: if the signature, the form or the log proof doesn't hold.
    """
    try:
        verifier = PublicVerifier(jwk if jwk is not None else document["key"])
        claims = verifier.verify(str(document["signature"]), kind=CERTIFICATE_KIND)
        _check_same(claims, document["certificate"])
        _check_log(claims, verifier)
    except CertificateRefused:
        raise
    except CountenanceError:
        raise CertificateRefused("The certificate's signature isn't right.") from None
    except (KeyError, TypeError, ValueError, AttributeError):
        raise CertificateRefused("The file hasn't the form of a certificate.") from None
    return CheckedCertificate(claims, verifier.key_id, jwk is not None)


def _check_same(claims: Mapping[str, Any], shown: Mapping[str, Any]) -> None:
    if canonical_json(dict(claims)) != canonical_json(shown):
        raise CertificateRefused("The certificate doesn't say what was signed.")


def _check_log(claims: Mapping[str, Any], verifier: PublicVerifier) -> None:
    log = claims["log"]
    key = NoteKey(f"countenance/{claims['deployment']}", verifier.public_bytes)
    head = open_checkpoint(log["checkpoint"], key=key)
    leaf = leaf_hash(commit(log["statement"], salt=bytes.fromhex(log["salt"])))
    proof = [bytes.fromhex(node) for node in log["proof"]]
    if not verify_inclusion(leaf=leaf, index=log["index"], size=head.size, proof=proof, root=head.root):
        raise CertificateRefused("The log entry isn't in the log that the checkpoint signs.")
    core = {name: value for name, value in claims.items() if name not in _AFTERWARDS}
    if log["statement"]["entry"].get("sha256") != core_hash(core):
        raise CertificateRefused("The log entry is about another erasure.")


_ROWS: Final = (
    ("records", "records about the person"),
    ("decisions", "sealed decisions"),
    ("holds", "legal holds that were over"),
)


def certificate_page(claims: Mapping[str, Any]) -> str:
    """Return the certificate as a page for a reader: one HTML file without scripts or links."""
    erased = claims["erased"]
    rows = [f"{erased[name]} {words}" for name, words in _ROWS]
    rows.append(f"{len(erased['statements'])} statements of the log; their leaves stay, and say nothing")
    if erased.get("references"):
        rows.append(f"{erased['references']} enrolled references")
    if erased.get("sealed_anew"):
        rows.append(
            f"{erased['sealed_anew']} records of the consent and statements of the log stay as proof, under "
            "another key, until their own time is over"
        )
    rows += [f"data key {key['key']} for {key['purpose']}" for key in erased["keys"]]
    backups = [
        f"backup {one['backup']} of {one['made_at']}, kept until {one['last_day']}"
        for one in claims["backups"]
    ] or ["No backup from before the erasure is kept."]
    holds = [f"held from {one['placed_at']} to {one['ended_at']}: {one['ground']}" for one in claims["holds"]]
    files = claims["files"]
    scan = f"{files['scanned_bytes']} bytes of the store were searched; found: {files['found']}."
    if not files.get("looked", True):
        scan = "Nothing: the files are a database server's. Its tables were written anew."
    parts = [
        ("Erased", rows),
        ("By which rules", [f"{rule['citation']} ({rule['id']})" for rule in claims["rules"]]),
        ("Looked for afterwards", [scan]),
        ("Not covered", list(claims["not_covered"])),
        ("Backups", backups),
        ("Legal holds before", holds or ["None."]),
        ("In the log", [f"entry {claims['log']['index']}; the JSON file has the proof"]),
    ]
    purpose = claims["purpose"] or "all purposes"
    told = f"{claims['subject']}, {purpose}, {_day(claims['erased_at'])}, by {claims['by']}"
    return _page(f"Deletion certificate {claims['id']}", told, parts)


def _page(title: str, told: str, parts: Sequence[tuple[str, Sequence[str]]]) -> str:
    body = "".join(
        f"<h2>{html.escape(name)}</h2><ul>"
        + "".join(f"<li>{html.escape(str(line))}</li>" for line in lines)
        + "</ul>"
        for name, lines in parts
    )
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{html.escape(title)}</title>'
        "<style>body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem}"
        "h1{font-size:1.4rem}h2{font-size:1.05rem;margin-bottom:0}li{overflow-wrap:anywhere}</style>"
        f"<h1>{html.escape(title)}</h1><p>{html.escape(told)}</p>{body}</html>\n"
    )


def _day(moment: object) -> str:
    return f"{datetime.fromisoformat(str(moment)):%Y-%m-%d %H:%M} UTC"
