"""What happens after a decision: people's rights, retention; review, appeal and recall to come.

Rules of this package:

* What has no reason to be kept any more goes by itself; each bound that says so has a name.
* A person can see everything that is held about them, and have it erased, with a certificate that anybody
  can check offline.
* Nothing is erased while a legal hold counts; a hold has a ground and an end, and is shown.
* Every decision can be appealed by whoever holds its receipt; the receipt quotes how. Cases themselves come
  with their own issue.
"""

from countenance.cases.certificate import CheckedCertificate, certificate_page, check_certificate
from countenance.cases.erasing import Certified, ErasureDesk, HoldDesk
from countenance.cases.errors import (
    CertificateRefused,
    ClockJumped,
    ExportNotWritten,
    HeldFromErasure,
    HoldNotPossible,
)
from countenance.cases.export import SubjectExport, SubjectExporter, write_export
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
from countenance.cases.sweeping import Sweeper, Swept

__all__ = [
    "Anchors",
    "Bound",
    "CertificateRefused",
    "Certified",
    "CheckedCertificate",
    "ClockJumped",
    "CountedFrom",
    "ErasureDesk",
    "ExportNotWritten",
    "HeldFromErasure",
    "HoldDesk",
    "HoldNotPossible",
    "Limit",
    "Span",
    "SubjectExport",
    "SubjectExporter",
    "Sweeper",
    "Swept",
    "Timer",
    "certificate_page",
    "check_certificate",
    "counted_now",
    "rule_limits",
    "term_limit",
    "timer_of",
    "write_export",
]
