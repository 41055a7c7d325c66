"""The forms of what is filed: one for each type of record, and the table from evidence key to form.

Rules of this package:

* Every evidence key resolves to a record of one form, or to something that the system observes; the table
  is complete, and a test compares it with the vocabulary.
* Forms are checked when a record is filed. What is wrong is told by field, never by value.
* A form says what it has to be about (one place, one person), until when it can count by its own words,
  and to which operations it is limited.
"""

from countenance.authority.records.assessments import (
    AccuracyReport,
    Assessment,
    AssessmentKind,
    AuditReport,
    Certificate,
    ErrorRate,
    FourQuestions,
    PadReport,
)
from countenance.authority.records.base import FORM, RecordContent, ScopePart
from countenance.authority.records.grounds import (
    BasisKind,
    LegalBasis,
    Necessity,
    Provenance,
    Provision,
    PurposeConfirmation,
    PurposeStatement,
    RegisterEntry,
    RejectedMeans,
    StorageLocation,
)
from countenance.authority.records.notices import (
    Alternative,
    Channel,
    Notice,
    NoticePassage,
    Pictogram,
    Publication,
    RecipientNotice,
    Sign,
    WorkersTold,
)
from countenance.authority.records.parties import (
    Authorisation,
    AuthorityStatement,
    Contract,
    Filing,
    RecipientAnswer,
    TransferKind,
    TransferMechanism,
)
from countenance.authority.records.people import (
    AgeBand,
    Consent,
    ConsentMethod,
    GuardianConsent,
    PersonAnswer,
    SubjectFacts,
)
from countenance.authority.records.reading import content_of, earlier, read_content
from countenance.authority.records.table import (
    KEY_FORMS,
    OBSERVED_KEYS,
    KeyForm,
    Observation,
    ObservedKey,
)
from countenance.authority.records.words import (
    BreachNotice,
    Document,
    Explanation,
    Installation,
    Measures,
    Overseer,
    RetentionTerm,
    Review,
    Training,
    Word,
)

__all__ = [
    "FORM",
    "KEY_FORMS",
    "OBSERVED_KEYS",
    "AccuracyReport",
    "AgeBand",
    "Alternative",
    "Assessment",
    "AssessmentKind",
    "AuditReport",
    "Authorisation",
    "AuthorityStatement",
    "BasisKind",
    "BreachNotice",
    "Certificate",
    "Channel",
    "Consent",
    "ConsentMethod",
    "Contract",
    "Document",
    "ErrorRate",
    "Explanation",
    "Filing",
    "FourQuestions",
    "GuardianConsent",
    "Installation",
    "KeyForm",
    "LegalBasis",
    "Measures",
    "Necessity",
    "Notice",
    "NoticePassage",
    "Observation",
    "ObservedKey",
    "Overseer",
    "PadReport",
    "PersonAnswer",
    "Pictogram",
    "Provenance",
    "Provision",
    "Publication",
    "PurposeConfirmation",
    "PurposeStatement",
    "RecipientAnswer",
    "RecipientNotice",
    "RecordContent",
    "RegisterEntry",
    "RejectedMeans",
    "RetentionTerm",
    "Review",
    "ScopePart",
    "Sign",
    "StorageLocation",
    "SubjectFacts",
    "Training",
    "TransferKind",
    "TransferMechanism",
    "Word",
    "WorkersTold",
    "content_of",
    "earlier",
    "read_content",
]
