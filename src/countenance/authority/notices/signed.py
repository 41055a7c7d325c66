"""A signed document: readable JSON, and beside it a compact JWS over the canonical JSON of the same.

Rules kept here:

* The signature decides. What stands in the readable part has to be what was signed, member by member; the
  first member that isn't is named by its path, never by its value.
* One kind never verifies as another: the kind is the ``typ`` of the JWS header.
* Checking needs the public key and nothing else: no store, no network.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Protocol

from countenance.authority.notices.errors import DocumentAltered
from countenance.kernel import EvidenceError, Signer
from countenance.kernel.canonical import JsonValue

__all__ = ["PROOF", "Verifier", "check_document", "sign_document"]

PROOF: Final = "proof"
"""The member that holds the signature."""
_LONGEST: Final = 400_000


class Verifier(Protocol):
    """Checks a deployment's statements: its own signer, or its public key alone."""

    def verify(self, token: str, *, kind: str) -> Mapping[str, object]:
        """Return the claims of a token; raises an ``EvidenceError`` if anything about it isn't right."""
        ...


def sign_document(signer: Signer, content: Mapping[str, JsonValue], *, kind: str) -> dict[str, JsonValue]:
    """Return the document with its signature.

    Args:
        signer: signs it.
        content: what it says; JSON values, without :data:`PROOF`.
        kind: the ``typ`` of the header.
    """
    if PROOF in content:
        msg = "what is signed has no signature yet"
        raise ValueError(msg)
    return {**content, PROOF: {"type": kind, "jws": signer.sign(dict(content), kind=kind)}}


def check_document(verifier: Verifier, document: Mapping[str, object], *, kind: str) -> dict[str, object]:
    """Return what was signed, if the document says exactly that.

    Args:
        verifier: the deployment's signer or public key.
        document: as it was read; nothing about it is believed yet.
        kind: which kind of document it has to be.

    Raises:
        DocumentAltered: naming the signature, or the path of the first member that differs from what was
            signed.
    """
    proof = document.get(PROOF)
    token = proof.get("jws") if isinstance(proof, Mapping) else None
    if not isinstance(proof, Mapping) or set(proof) != {"type", "jws"} or not isinstance(token, str):
        msg = "The document has no signature in the form that this version writes (member `proof`)."
        raise DocumentAltered(msg)
    if proof["type"] != kind:
        msg = "The document is of another kind (member `proof/type`)."
        raise DocumentAltered(msg)
    if len(token) > _LONGEST:
        msg = "The document's signature is too long (member `proof/jws`)."
        raise DocumentAltered(msg)
    try:
        signed = dict(verifier.verify(token, kind=kind))
    except EvidenceError:
        msg = "The document's signature doesn't hold under this key (member `proof/jws`)."
        raise DocumentAltered(msg) from None
    told = {name: value for name, value in document.items() if name != PROOF}
    path = _difference(signed, told)
    if path is not None:
        msg = f"The document's member `{path}` isn't as it was signed."
        raise DocumentAltered(msg)
    return signed


def _difference(signed: object, told: object) -> str | None:
    """Return the path of the first difference; ``None`` if there is none. Unsigned names aren't repeated."""
    if isinstance(signed, Mapping) and isinstance(told, Mapping):
        for name in sorted(signed):
            if name not in told:
                return f"{name} (missing)"
            inner = _difference(signed[name], told[name])
            if inner is not None:
                return f"{name}/{inner}" if inner else name
        return "(one that was added)" if set(told) - set(signed) else None
    if isinstance(signed, list) and isinstance(told, list):
        for index, (first, second) in enumerate(zip(signed, told, strict=False)):
            inner = _difference(first, second)
            if inner is not None:
                return f"{index}/{inner}" if inner else str(index)
        return None if len(signed) == len(told) else "(its length)"
    # 1, 1.0 and true are three different things here.
    return None if type(signed) is type(told) and signed == told else ""
