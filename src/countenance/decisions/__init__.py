"""From two pictures and a permit to a decision that can be explained, checked and appealed.

Rules of this package:

* Nothing is looked at before a permit is granted; the rules' refusal is the caller's answer. Only that the
  files are two pictures is seen first (:class:`ReceivedOrder`): a bad file leaves no trace.
* A decision is a record, not a score: outcome in words, the false match rate asked for and measured,
  its interval and where it was measured, the quality of the pictures, models, permit. The exact score
  and the threshold lie in the sealed record alone.
* No threshold without evidence: only the error levels that a measured :class:`ErrorTable` offers can
  be asked for (:class:`ErrorTargetNotOffered`).
* A search is open-set: ``unknown`` is an answer, a candidate is a lead, and the rate at which strangers are
  falsely named is stated for the people who were searched.
* ``inconclusive`` is an answer. A picture that can't be judged is never made a match or a non-match.
* Frames, aligned faces and templates are overwritten before :meth:`VerificationDesk.verify` returns,
  also when it fails. What survives for the clerk's eyes is a :class:`FacePreview`, a copy in memory.
* What a permit obliges the machine to do is done, then put on file; what it can't do stays open.

A verification is for an attended desk (:class:`Assurance`); liveness isn't measured.
"""

from countenance.decisions.decision import (
    Assurance,
    Decision,
    InputReport,
    Outcome,
    Role,
    StatedError,
)
from countenance.decisions.document_check import (
    AgeBandDisagrees,
    DocumentDemand,
    DocumentExpired,
    DocumentNeed,
    DocumentReadingUnavailable,
    DocumentReport,
    ReadsDocuments,
)
from countenance.decisions.error_table import (
    ErrorLevel,
    ErrorTable,
    ErrorTableInvalid,
    ErrorTargetNotOffered,
    Threshold,
    parse_error_table,
    shipped_error_table,
)
from countenance.decisions.identification import (
    LARGEST_FPIR,
    Conclusion,
    FpirNotOffered,
    GalleryEmpty,
    Hold,
    ScoredReference,
    SearchLevel,
    SearchNotMeasured,
    StatedSearchError,
    conclude,
    search_level,
    search_level_at,
)
from countenance.decisions.identification_desk import (
    REVIEW,
    TWO_REVIEWS,
    IdentificationDesk,
    ReceivedSearch,
)
from countenance.decisions.identification_record import (
    Candidate,
    IdentificationDecision,
    IdentificationOrder,
    Identified,
)
from countenance.decisions.identification_words import identification_words, search_error_words
from countenance.decisions.impostor_tail import (
    EVERYBODY,
    GalleryBeyondEvidence,
    ImpostorTail,
    RateBeyondTail,
    TailGroup,
    TailThreshold,
)
from countenance.decisions.interval import Interval
from countenance.decisions.order import FacePreview, SamePicture, VerificationOrder, Verified
from countenance.decisions.pace import ComparisonLimits, Pace, TooManyComparisons
from countenance.decisions.parity import DEMOGRAPHICS, LARGEST_RATIO, MeasuredParity, parity_shortfalls
from countenance.decisions.pass_check import CheckedPass, PassChecking, PassCheckOrder, RenewedPass
from countenance.decisions.plan import (
    GUARD_MEANWHILE,
    Plan,
    PlanBeyondReviewers,
    PlanNotPossible,
    PlanOrder,
    make_plan,
    rate_that_fits,
)
from countenance.decisions.receipt import RECEIPT_KIND, Receipt, ReceiptRefused, check_receipt
from countenance.decisions.reception import ReceivedOrder
from countenance.decisions.search_door import SearchDoor, Searched
from countenance.decisions.verification import VerificationDesk

__all__ = [
    "DEMOGRAPHICS",
    "EVERYBODY",
    "GUARD_MEANWHILE",
    "LARGEST_FPIR",
    "LARGEST_RATIO",
    "RECEIPT_KIND",
    "REVIEW",
    "TWO_REVIEWS",
    "AgeBandDisagrees",
    "Assurance",
    "Candidate",
    "CheckedPass",
    "ComparisonLimits",
    "Conclusion",
    "Decision",
    "DocumentDemand",
    "DocumentExpired",
    "DocumentNeed",
    "DocumentReadingUnavailable",
    "DocumentReport",
    "ErrorLevel",
    "ErrorTable",
    "ErrorTableInvalid",
    "ErrorTargetNotOffered",
    "FacePreview",
    "FpirNotOffered",
    "GalleryBeyondEvidence",
    "GalleryEmpty",
    "Hold",
    "IdentificationDecision",
    "IdentificationDesk",
    "IdentificationOrder",
    "Identified",
    "ImpostorTail",
    "InputReport",
    "Interval",
    "MeasuredParity",
    "Outcome",
    "Pace",
    "PassCheckOrder",
    "PassChecking",
    "Plan",
    "PlanBeyondReviewers",
    "PlanNotPossible",
    "PlanOrder",
    "RateBeyondTail",
    "ReadsDocuments",
    "Receipt",
    "ReceiptRefused",
    "ReceivedOrder",
    "ReceivedSearch",
    "RenewedPass",
    "Role",
    "SamePicture",
    "ScoredReference",
    "SearchDoor",
    "SearchLevel",
    "SearchNotMeasured",
    "Searched",
    "StatedError",
    "StatedSearchError",
    "TailGroup",
    "TailThreshold",
    "Threshold",
    "TooManyComparisons",
    "VerificationDesk",
    "VerificationOrder",
    "Verified",
    "check_receipt",
    "conclude",
    "identification_words",
    "make_plan",
    "parity_shortfalls",
    "parse_error_table",
    "rate_that_fits",
    "search_error_words",
    "search_level",
    "search_level_at",
    "shipped_error_table",
]
