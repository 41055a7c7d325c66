"""What happens after a decision: people's rights, retention; review, appeal and recall to come.

Rules of this package:

* What has no reason to be kept any more goes by itself; each bound that says so has a name.
* What is kept on a consent alone goes in the call that withdraws it.
* A person can see everything that is held about them, and have it erased, with a certificate that anybody
  can check offline.
* Nothing is erased while a legal hold counts; a hold has a ground and an end, and is shown.
* An incident starts the clocks of the rules at its places; nobody who has to be told is forgotten.
* A person's request has a clock of its own, and is answered with the export or the certificate itself.
* Every decision can be appealed by whoever holds its receipt; the receipt quotes how. Cases themselves come
  with their own issue.
"""

from countenance.cases.answering import Answered, RequestDesk
from countenance.cases.breach_notices import DraftedNotice
from countenance.cases.certificate import CheckedCertificate, certificate_page, check_certificate
from countenance.cases.clocks import (
    Addressee,
    AnswerClock,
    Clocks,
    IncidentKind,
    NoticeClock,
    Right,
    Time,
    Unit,
    answer_by,
    extended_by,
    months_after,
    shipped_clocks,
)
from countenance.cases.erasing import Certified, ErasureDesk, HoldDesk
from countenance.cases.errors import (
    CertificateRefused,
    ClockJumped,
    ExportNotWritten,
    HeldFromErasure,
    HoldNotPossible,
    IncidentNotPossible,
    NoticesOwed,
    RequestNotPossible,
)
from countenance.cases.export import SubjectExport, SubjectExporter, export_page, export_sha256, write_export
from countenance.cases.incident_desk import IncidentDesk
from countenance.cases.incidents import (
    Incident,
    IncidentStep,
    OwedNotice,
    incident_of,
)
from countenance.cases.letting_go import KeptOnConsent
from countenance.cases.requests import AnswerKind, RequestStep, RightsRequest, open_requests, request_of
from countenance.cases.retention import (
    Anchors,
    Bound,
    CountedFrom,
    Limit,
    Span,
    Timer,
    counted_now,
    rule_limits,
    term_limit,
    timer_of,
)
from countenance.cases.search_reviews import (
    NothingToReview,
    ReviewedAlready,
    ReviewerNotTold,
    ReviewState,
    SearchReviews,
)
from countenance.cases.sweeping import Sweeper, Swept

__all__ = [
    "Addressee",
    "Anchors",
    "AnswerClock",
    "AnswerKind",
    "Answered",
    "Bound",
    "CertificateRefused",
    "Certified",
    "CheckedCertificate",
    "ClockJumped",
    "Clocks",
    "CountedFrom",
    "DraftedNotice",
    "ErasureDesk",
    "ExportNotWritten",
    "HeldFromErasure",
    "HoldDesk",
    "HoldNotPossible",
    "Incident",
    "IncidentDesk",
    "IncidentKind",
    "IncidentNotPossible",
    "IncidentStep",
    "KeptOnConsent",
    "Limit",
    "NothingToReview",
    "NoticeClock",
    "NoticesOwed",
    "OwedNotice",
    "RequestDesk",
    "RequestNotPossible",
    "RequestStep",
    "ReviewState",
    "ReviewedAlready",
    "ReviewerNotTold",
    "Right",
    "RightsRequest",
    "SearchReviews",
    "Span",
    "SubjectExport",
    "SubjectExporter",
    "Sweeper",
    "Swept",
    "Time",
    "Timer",
    "Unit",
    "answer_by",
    "certificate_page",
    "check_certificate",
    "counted_now",
    "export_page",
    "export_sha256",
    "extended_by",
    "incident_of",
    "months_after",
    "open_requests",
    "request_of",
    "rule_limits",
    "shipped_clocks",
    "term_limit",
    "timer_of",
    "write_export",
]
