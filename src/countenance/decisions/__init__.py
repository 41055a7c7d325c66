"""From two pictures and a permit to a decision that can be explained, checked and appealed.

Rules of this package:

* Nothing is looked at before a permit is granted; the rules' refusal is the caller's answer. Only that the
  files are two pictures is seen first (:class:`ReceivedOrder`): a bad file leaves no trace.
* A decision is a record, not a score: outcome in words, the false match rate asked for and measured,
  its interval and where it was measured, the quality of the pictures, models, permit. The exact score
  and the threshold lie in the sealed record alone.
* No threshold without evidence: only the error levels that a measured :class:`ErrorTable` offers can
  be asked for (:class:`ErrorTargetNotOffered`).
* ``inconclusive`` is an answer. A picture that can't be judged is never made a match or a non-match.
* Frames, aligned faces and templates are overwritten before :meth:`VerificationDesk.verify` returns,
  also when it fails. What survives for the clerk's eyes is a :class:`FacePreview`, a copy in memory.
* What a permit obliges the machine to do is done, then put on file; what it can't do stays open.

This version decides 1:1 verification at an attended desk (:class:`Assurance`); liveness isn't measured.
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
    Interval,
    Threshold,
    parse_error_table,
    shipped_error_table,
)
from countenance.decisions.order import FacePreview, SamePicture, VerificationOrder, Verified
from countenance.decisions.pass_check import CheckedPass, PassChecking, PassCheckOrder
from countenance.decisions.receipt import RECEIPT_KIND, Receipt, ReceiptRefused, check_receipt
from countenance.decisions.reception import ReceivedOrder
from countenance.decisions.verification import VerificationDesk

__all__ = [
    "RECEIPT_KIND",
    "AgeBandDisagrees",
    "Assurance",
    "CheckedPass",
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
    "InputReport",
    "Interval",
    "Outcome",
    "PassCheckOrder",
    "PassChecking",
    "ReadsDocuments",
    "Receipt",
    "ReceiptRefused",
    "ReceivedOrder",
    "Role",
    "SamePicture",
    "StatedError",
    "Threshold",
    "VerificationDesk",
    "VerificationOrder",
    "Verified",
    "check_receipt",
    "parse_error_table",
    "shipped_error_table",
]
