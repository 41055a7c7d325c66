"""The README of an evidence pack."""

from __future__ import annotations

from typing import Final

__all__ = ["GUIDE"]

GUIDE: Final = """# Evidence pack

What one installation of Countenance permitted and decided in a stretch of time, with what is needed to see
for yourself that it was permitted by the rules in force, on the evidence on file.

Get the installation's public key from somewhere else than this pack, then:

    countenance audit verify PACK.zip --key PUBLIC.json --witness WITNESS.txt

It needs no network and no installation. Each decision is answered with one sentence; whatever doesn't hold is
named.

| member | what |
|---|---|
| manifest.json, manifest.jws | every member with its SHA-256; the same, signed (Ed25519) |
| keys.json | the public key, to be compared with yours |
| log/head.txt | the signed head of the transparency log, with witnesses' lines |
| log/checkpoints.json | heads handed out before, with the proofs that the log continues them |
| log/entries.jsonl | entries: leaf hash, inclusion proof (RFC 6962), statement and salt |
| rules/ | the rule packs in force and the vocabulary |
| registers.json | purposes, places, devices, bodies outside |
| evidence.json | the records: content and salt, or the gist where it is about a person |
| permits.json, decisions.json | permits on record; signed receipts of decisions |
| figures/ | the measured error tables on which the stated error rests |

Checked without trusting anybody: that each entry is in the log and says what it says; that records weren't
changed since they were filed; that the rules, asked again on these records, give the verdict in the log to
the letter; that each receipt is the decision in the log.

Not checked: that what was filed is true; that nothing was left unlogged; what a record says about a person
(its gist is the operator's word, bound by his signature and by the verdict's hash); that there is no second
history, unless a witness of yours cosigned.

Receipts open their own decision to whoever holds them: keep the pack like a case file.
"""
