"""Which form the content of a record has, by its evidence key; and how the system observes its own.

Rules kept here:

* Every evidence key that somebody other than the system may vouch for has one form.
* Every key that the system may vouch for says how it is observed: by a look before each verdict, by
  whoever does the act (a duty), or not yet. A key that isn't observable yet is never on file, so the
  rules that ask for it refuse.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from countenance.authority.records.assessments import (
    Assessment,
    AssessmentKind,
    AuditReport,
    Certificate,
    PadReport,
)
from countenance.authority.records.base import RecordContent
from countenance.authority.records.grounds import (
    LegalBasis,
    Necessity,
    Provenance,
    Provision,
    PurposeConfirmation,
    PurposeStatement,
    RegisterEntry,
    StorageLocation,
)
from countenance.authority.records.notices import (
    Alternative,
    Channel,
    Notice,
    NoticePassage,
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
    TransferMechanism,
)
from countenance.authority.records.people import Consent, GuardianConsent, PersonAnswer, SubjectFacts
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

__all__ = ["KEY_FORMS", "OBSERVED_KEYS", "KeyForm", "Observation", "ObservedKey"]

Condition = Callable[[RecordContent], str | None]
"""Looks at content that has the key's form; returns what is wanting in words, or ``None``."""


@dataclass(frozen=True, slots=True)
class KeyForm:
    """What a record under a key has to look like.

    Attributes:
        key: the evidence key.
        form: the form of its content.
        wanting: returns what the key asks for beyond the form and the content lacks, in words, or
            ``None``.
    """

    key: str
    form: type[RecordContent]
    wanting: Condition


class Observation(StrEnum):
    """How the system comes to know what it vouches for itself."""

    LOOK = "look"
    """An observer looks before each verdict."""
    ACT = "act"
    """Whoever does the act says so afterwards: a duty."""
    NOT_YET = "not yet"
    """Nothing in this version can see it; it is never on file."""


@dataclass(frozen=True, slots=True)
class ObservedKey:
    """How the system knows one of its own keys.

    Attributes:
        key: the evidence key.
        how: by a look, by the act, or not yet.
        words: what is looked at, who says so, or why it can't be seen yet.
    """

    key: str
    how: Observation
    words: str


def _nothing_more(_content: RecordContent) -> str | None:
    return None


def _consent(missing: Callable[[Consent], bool], words: str) -> Condition:
    def wanting(content: RecordContent) -> str | None:
        return words if not isinstance(content, Consent) or missing(content) else None

    return wanting


def _assessment(*kinds: AssessmentKind) -> Condition:
    def wanting(content: RecordContent) -> str | None:
        if isinstance(content, Assessment) and content.kind in kinds:
            return None
        return f"the assessment's `kind` is {' or '.join(kinds)} under this key"

    return wanting


def _one_reviewer_or_two(count: int) -> Condition:
    def wanting(content: RecordContent) -> str | None:
        if not isinstance(content, Review) or len(set(content.reviewer_roles)) < count:
            return f"`reviewer_roles` names {count} different reviewers under this key"
        return None if count == 1 or content.blind else "two reviewers decide `blind`"

    return wanting


def _alternative(content: RecordContent) -> str | None:
    free = isinstance(content, Alternative) and content.costs_nothing
    return None if free else "a route that costs the person something is no alternative (`costs_nothing`)"


_SEPARATE = _consent(lambda c: not c.separate, "the consent wasn't asked for apart (`separate`)")
_EXPLICIT = _consent(lambda c: not c.explicit, "the person didn't say yes in so many words (`explicit`)")
_INFORMED = _consent(lambda c: c.notice_id is None, "no notice was shown before (`notice_id`)")
_SIGNED = _consent(lambda c: not c.method.in_writing, "the person didn't sign (`method`)")
_UPLOAD = _consent(lambda c: not (c.separate and c.upload), "sending out wasn't agreed to apart (`upload`)")

_FORMS: Final[tuple[tuple[str, type[RecordContent], Condition], ...]] = (
    ("age_check", SubjectFacts, _nothing_more),
    ("aggregate_only", Word, _nothing_more),
    ("alternative_offered", Alternative, _alternative),
    ("appeal_channel", Channel, _nothing_more),
    ("area_bounded", Installation, _nothing_more),
    ("art9_law", Provision, _nothing_more),
    ("audit_report", AuditReport, _nothing_more),
    ("authorisation", Authorisation, _nothing_more),
    ("breach_notice", BreachNotice, _nothing_more),
    ("bystander_no_template", Installation, _nothing_more),
    ("child_not_objecting", PersonAnswer, _nothing_more),
    ("conformity", Certificate, _nothing_more),
    ("consent.explicit", Consent, _EXPLICIT),
    ("consent.informed", Consent, _INFORMED),
    ("consent.purpose_match", Consent, _nothing_more),
    ("consent.record", Consent, _nothing_more),
    ("consent.separate", Consent, _SEPARATE),
    ("consent.separate_for_upload", Consent, _UPLOAD),
    ("consent.written", Consent, _SIGNED),
    ("dataset_provenance", Provenance, _nothing_more),
    ("dsar_channel", Channel, _nothing_more),
    ("duress_path", Measures, _nothing_more),
    ("ethics_approval", Certificate, _nothing_more),
    ("explanation", Explanation, _nothing_more),
    ("filing_if_100k", Filing, _nothing_more),
    ("fria", Assessment, _assessment(AssessmentKind.FRIA)),
    ("guardian_consent", GuardianConsent, _nothing_more),
    ("highrisk_file", Document, _nothing_more),
    ("human_review", Review, _one_reviewer_or_two(1)),
    ("human_review.two", Review, _one_reviewer_or_two(2)),
    ("id_check_required", Provision, _nothing_more),
    ("in_country_storage", StorageLocation, _nothing_more),
    ("incident_plan", Document, _nothing_more),
    ("intrusion_detection", Measures, _nothing_more),
    ("le_objective_listed", AuthorityStatement, _nothing_more),
    ("least_intrusive", Necessity, _nothing_more),
    ("legal_basis", LegalBasis, _nothing_more),
    ("legal_obligation", Provision, _nothing_more),
    ("legal_order", AuthorityStatement, _nothing_more),
    ("location_policy", Document, _nothing_more),
    ("minimised", Word, _nothing_more),
    ("minor_rules", Document, _nothing_more),
    ("national_id_considered", Word, _nothing_more),
    ("necessity_record", Necessity, _nothing_more),
    ("no_price_discrimination", Word, _nothing_more),
    ("notice", Notice, _nothing_more),
    ("notice.accessible", NoticePassage, _nothing_more),
    ("notice.impact", NoticePassage, _nothing_more),
    ("notice.necessity", NoticePassage, _nothing_more),
    ("notice.written", NoticePassage, _nothing_more),
    ("objection_channel", Channel, _nothing_more),
    ("overseer_named", Overseer, _nothing_more),
    ("own_device", Word, _nothing_more),
    ("pad_report", PadReport, _nothing_more),
    ("pia", Assessment, _assessment(AssessmentKind.PIA, AssessmentKind.DPIA)),
    ("pia.kept_3y", Word, _nothing_more),
    ("processor_contract", Contract, _nothing_more),
    ("public_retention_policy", Publication, _nothing_more),
    ("purpose", PurposeStatement, _nothing_more),
    ("purpose.medical", PurposeConfirmation, _nothing_more),
    ("purpose.public_security", PurposeConfirmation, _nothing_more),
    ("purpose.safety", PurposeConfirmation, _nothing_more),
    ("recipient_confirmation", RecipientAnswer, _nothing_more),
    ("recipient_notice", RecipientNotice, _nothing_more),
    ("registration", Filing, _nothing_more),
    ("retention_until", RetentionTerm, _nothing_more),
    ("risk_file", Document, _nothing_more),
    ("ropa", RegisterEntry, _nothing_more),
    ("security_measures", Measures, _nothing_more),
    ("separate_lane", Installation, _nothing_more),
    ("sign", Sign, _nothing_more),
    ("staff_training", Training, _nothing_more),
    ("statutory_basis", Provision, _nothing_more),
    ("statutory_power", Provision, _nothing_more),
    ("targeted", AuthorityStatement, _nothing_more),
    ("tech_doc", Document, _nothing_more),
    ("transfer_mechanism", TransferMechanism, _nothing_more),
    ("watchlist_policy", Document, _nothing_more),
    ("withdrawal_channel", Channel, _nothing_more),
    ("worker_notice", WorkersTold, _nothing_more),
    ("written_release", Consent, _SIGNED),
)

KEY_FORMS: Final[Mapping[str, KeyForm]] = MappingProxyType(
    {key: KeyForm(key, form, wanting) for key, form, wanting in _FORMS}
)
"""Evidence key -> the form of what a person or somebody outside files under it."""

_NO_HOLDER = "no holder pass and no local mode in this version"

_OBSERVED: Final[tuple[tuple[str, Observation, str], ...]] = (
    ("access_control", Observation.LOOK, "the setting under which this process runs, and the roles' table"),
    (
        "accuracy_report",
        Observation.LOOK,
        "the deployment's own error table; in a demonstration the shipped one",
    ),
    ("aggregate_only", Observation.LOOK, "an evaluation's own process; elsewhere a role's word"),
    ("audit_log", Observation.LOOK, "the log's leaves against its signed head"),
    ("bystander_no_template", Observation.NOT_YET, "the installer's statement stands for it"),
    ("consent.record", Observation.NOT_YET, "filed with the consent as the word of who wrote it down"),
    ("cooling_off", Observation.NOT_YET, "no change of credentials in this version"),
    ("deletion_certificate", Observation.ACT, "the erasure, which signs it"),
    ("deletion_job", Observation.ACT, "the act, which erases or schedules"),
    (
        "demographic_report",
        Observation.LOOK,
        "the deployment's own error table: every group measured, none falsely matched over 3 times as often",
    ),
    ("device_registered", Observation.LOOK, "the register of devices: functions, key, status"),
    ("duress_path", Observation.NOT_YET, "a role's word stands for it"),
    ("encryption", Observation.LOOK, "a probe sealed and opened; the way to this process"),
    ("explanation", Observation.ACT, "the act, which gives the verdict's words"),
    (
        "gallery_n<=accuracy_n",
        Observation.LOOK,
        "each purpose's references, and how many the error table supports",
    ),
    ("holder_device", Observation.NOT_YET, _NO_HOLDER),
    ("holder_key", Observation.NOT_YET, _NO_HOLDER),
    ("image_deleted", Observation.ACT, "the act, which wipes the pixels"),
    ("intrusion_detection", Observation.NOT_YET, "a role's word stands for it"),
    ("log.database", Observation.ACT, "the search, which logs it"),
    ("log.input", Observation.ACT, "the search, which logs it"),
    ("log.kept_6m", Observation.ACT, "the log, which is never cut, when the time is over"),
    ("log.period", Observation.ACT, "the search, which logs it"),
    ("log.reviewers", Observation.ACT, "the review, which logs it"),
    (
        "network_provenance",
        Observation.LOOK,
        "the model registry's entry of the network in use; the networks that each purpose accepts by name",
    ),
    ("nonmatch_deleted", Observation.ACT, "the act, which wipes the probe"),
    ("own_device", Observation.NOT_YET, "a role's word stands for it"),
    ("pad_report", Observation.NOT_YET, "no liveness check in this version; a laboratory's report counts"),
    ("pia.kept_3y", Observation.ACT, "the records, which aren't erased before, when the time is over"),
    (
        "population_counter",
        Observation.LOOK,
        "the number of pseudonyms with a data key",
    ),
    ("processing_log", Observation.ACT, "the act, which stands in the log"),
    ("quality_gate", Observation.LOOK, "the limits with which this process judges photographs"),
    ("raw_deleted", Observation.ACT, "the act, which wipes the sample"),
    ("retention_until", Observation.NOT_YET, "a role's retention term stands for it"),
    ("retention_until<=last_contact+24m", Observation.NOT_YET, "no timer counts from the last contact yet"),
    ("retention_until<=last_contact+3y", Observation.NOT_YET, "no timer counts from the last contact yet"),
    ("retention_until<=purpose_end+1y", Observation.NOT_YET, "no timer counts from a purpose's end yet"),
    ("second_factor", Observation.NOT_YET, "no second factor in this version"),
    ("stop_control", Observation.NOT_YET, "no control that stops every device at once"),
    ("stored_on_device", Observation.NOT_YET, _NO_HOLDER),
    ("suspend_control", Observation.LOOK, "the register: a device in use, which can be suspended"),
    ("template_protected", Observation.LOOK, "a probe sealed and opened; no template is written"),
    (
        "threshold_from_fpir",
        Observation.LOOK,
        "the error table's tail, from which every search's threshold follows",
    ),
    ("unlinkable_template", Observation.NOT_YET, "no template is stored in this version"),
)

OBSERVED_KEYS: Final[Mapping[str, ObservedKey]] = MappingProxyType(
    {key: ObservedKey(key, how, words) for key, how, words in _OBSERVED}
)
"""Evidence key that the system may vouch for -> how it knows."""
