"""Permit verifiers for tests of the doors alone; the doors' tests with real permits are elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from countenance.kernel import (
    DeploymentId,
    DeviceId,
    Material,
    Passage,
    PermitClaims,
    PermitId,
    PermitRefused,
    PermitToken,
    PlaceId,
    ProcessingRequest,
    PurposeId,
    RequestId,
    sha256_hex,
)

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def request_for(*inputs: bytes) -> ProcessingRequest:
    """Return a request that names these inputs."""
    return ProcessingRequest(
        request_id=RequestId("req_test"),
        operations=("capture", "verify"),
        purpose=PurposeId("pur_test"),
        place=PlaceId("plc_test"),
        device=DeviceId("dev_test"),
        materials=tuple(sorted({Material(sha256_hex(data)) for data in inputs})),
        error_target=1e-3,
    )


def claims_for(request: ProcessingRequest) -> PermitClaims:
    """Return what a permit for this request would say."""
    return PermitClaims(
        permit_id=PermitId("prm_test"),
        deployment=DeploymentId("dep_test"),
        operations=request.operations,
        purpose=request.purpose,
        place=request.place,
        device=request.device,
        request_digest=request.digest(),
        budget={},
        largest_gallery=0,
        error_target=request.error_target,
        rule_set="0" * 64,
        epoch=0,
        evidence=(),
        duties=(),
        issued_at=NOON,
        not_after=NOON + timedelta(minutes=2),
        house_rules_only=True,
        demo=True,
    )


@dataclass
class RecordingVerifier:
    """Admits everything and remembers what was asked."""

    admitted: list[tuple[PermitToken, Passage]] = field(default_factory=list)

    def admit(self, token: PermitToken, passage: Passage) -> PermitClaims:
        self.admitted.append((token, passage))
        return claims_for(passage.request)


@dataclass
class RefusingVerifier:
    """Admits nothing."""

    reason: PermitRefused

    def admit(self, token: PermitToken, passage: Passage) -> PermitClaims:  # noqa: ARG002 - the protocol's arguments
        raise self.reason
