"""What every floor may use: values, protocols and errors. Imports nothing else of ours.

Rules of this package:

* Values are frozen and slotted; nothing here opens a file, a socket or a database.
* numpy appears in type annotations only, so that a pure package (``policy``) can import the kernel
  without loading it.
* Time is always passed in, as a :class:`Clock` or an aware ``datetime`` in UTC.
* Protocols stand here when two packages that may not import one another have to agree: the doors
  (``capture``, ``vision``, ``templates``) and the desk (``authority``) agree on
  :class:`PermitVerifier`; the desk and the ``store`` agree on :class:`Signer` and
  :class:`KeyProvider`.
"""

from countenance.kernel.canonical import canonical_json, canonical_sha256, sha256_hex
from countenance.kernel.clock import Clock, FixedClock, SystemClock, require_utc
from countenance.kernel.errors import (
    CallerError,
    CountenanceError,
    EvidenceError,
    Family,
    OperatorError,
    SubjectError,
)
from countenance.kernel.frames import Frame
from countenance.kernel.geometry import Box, HeadPose, Point
from countenance.kernel.ids import (
    CaseId,
    DecisionId,
    DeploymentId,
    DeviceId,
    DutyId,
    EvidenceId,
    Material,
    PermitId,
    PlaceId,
    PurposeId,
    RequestId,
    SubjectId,
    new_id,
)
from countenance.kernel.keys import KeyProvider, Signer
from countenance.kernel.permits import (
    Door,
    DutyClaim,
    EvidenceClaim,
    Passage,
    PermitAltered,
    PermitClaims,
    PermitExpired,
    PermitNotForThis,
    PermitRefused,
    PermitRevoked,
    PermitSpent,
    PermitToken,
    PermitVerifier,
    ProcessingRequest,
)

__all__ = [
    "Box",
    "CallerError",
    "CaseId",
    "Clock",
    "CountenanceError",
    "DecisionId",
    "DeploymentId",
    "DeviceId",
    "Door",
    "DutyClaim",
    "DutyId",
    "EvidenceClaim",
    "EvidenceError",
    "EvidenceId",
    "Family",
    "FixedClock",
    "Frame",
    "HeadPose",
    "KeyProvider",
    "Material",
    "OperatorError",
    "Passage",
    "PermitAltered",
    "PermitClaims",
    "PermitExpired",
    "PermitId",
    "PermitNotForThis",
    "PermitRefused",
    "PermitRevoked",
    "PermitSpent",
    "PermitToken",
    "PermitVerifier",
    "PlaceId",
    "Point",
    "ProcessingRequest",
    "PurposeId",
    "RequestId",
    "Signer",
    "SubjectError",
    "SubjectId",
    "SystemClock",
    "canonical_json",
    "canonical_sha256",
    "new_id",
    "require_utc",
    "sha256_hex",
]
