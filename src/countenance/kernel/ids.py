"""Identifiers. Random, prefixed, and meaningless: an id never says anything about a person."""

from __future__ import annotations

import base64
import re
import secrets
from typing import NewType

__all__ = [
    "CaseId",
    "DecisionId",
    "DeploymentId",
    "DeviceId",
    "DutyId",
    "EvidenceId",
    "Material",
    "PermitId",
    "PlaceId",
    "PurposeId",
    "RequestId",
    "SubjectId",
    "new_id",
]

DeploymentId = NewType("DeploymentId", str)
PurposeId = NewType("PurposeId", str)
PlaceId = NewType("PlaceId", str)
DeviceId = NewType("DeviceId", str)
SubjectId = NewType("SubjectId", str)
RequestId = NewType("RequestId", str)
PermitId = NewType("PermitId", str)
EvidenceId = NewType("EvidenceId", str)
DutyId = NewType("DutyId", str)
DecisionId = NewType("DecisionId", str)
CaseId = NewType("CaseId", str)

Material = NewType("Material", str)
"""SHA-256, as 64 lower-case hexadecimal digits, of the encoded bytes that one input arrived as."""

_PREFIX = re.compile(r"[a-z]{2,8}")


def new_id(prefix: str) -> str:
    """Return a fresh identifier such as ``prm_k5x3...`` with 128 random bits.

    Args:
        prefix: two to eight lower-case letters naming the kind of thing.

    Returns:
        The prefix, an underscore and 26 lower-case base-32 characters.

    Raises:
        ValueError: if the prefix isn't two to eight lower-case letters.
    """
    if not _PREFIX.fullmatch(prefix):
        msg = f"an id prefix is two to eight lower-case letters, not {prefix!r}"
        raise ValueError(msg)
    digits = base64.b32encode(secrets.token_bytes(16)).decode("ascii").rstrip("=").lower()
    return f"{prefix}_{digits}"
