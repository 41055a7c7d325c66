"""What travels over HTTP, as Pydantic models; they make the OpenAPI document."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool

__all__ = [
    "CheckedFieldDocument",
    "DeviceDocument",
    "DeviceRequest",
    "DeviceStatusRequest",
    "DevicesAnswer",
    "DocumentChecksDocument",
    "DocumentReadingAnswer",
    "DocumentReadingFields",
    "DocumentReportDocument",
    "EnrolmentFields",
    "FindingDocument",
    "HealthAnswer",
    "HealthFindingDocument",
    "HypothesisRequest",
    "InputDocument",
    "KeysAnswer",
    "LogReceiptDocument",
    "PlaceDocument",
    "PlacesAnswer",
    "ProblemDocument",
    "ReceiptAnswer",
    "ReceiptRequest",
    "StatedErrorDocument",
    "VerdictAnswer",
    "VerdictDocument",
    "VerificationAnswer",
    "VerificationFields",
]


class _Document(BaseModel):
    model_config = ConfigDict(frozen=True)


class _Request(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FindingDocument(_Document):
    """One rule that fired."""

    id: str = Field(description="The rule's id in its pack.")
    jurisdiction: str = Field(description="Whose rule it is; `*` for the house's own.")
    citation: str = Field(description="Where it is written.")
    force: str = Field(description="What kind of rule it is: statute, regulation, court, guidance …")
    effect: str = Field(description="What it does: ban, ban_unless, require, limit.")
    text: str = Field(description="What it says, in words.")
    trust: str = Field(description="How far the citation was checked.")
    status: Literal["satisfied", "duty", "asks", "refused", "banned"] = Field(description="How it stands.")
    applies_from: date | None = Field(default=None, description="The day from which it applies, if later.")


class VerdictDocument(BaseModel):
    """What the rules say, and why. Members beyond these may be added."""

    model_config = ConfigDict(frozen=True, extra="allow")

    allowed: bool = Field(description="Whether the rules permit it.")
    operations: tuple[str, ...] = Field(description="The operations that were judged.")
    places: tuple[str, ...] = Field(description="The kinds of place that were judged.")
    jurisdictions: tuple[str, ...] = Field(description="The rule packs that were asked.")
    at: date = Field(description="The day for which the rules were asked.")
    rules: tuple[FindingDocument, ...] = Field(description="Every rule that fired.")
    missing: tuple[dict[str, object], ...] = Field(
        description="Evidence that isn't on file, and how to supply it."
    )
    unknown: tuple[dict[str, object], ...] = Field(
        description="Facts that nobody stated; unknown refuses and asks."
    )
    duties: tuple[dict[str, object], ...] = Field(description="What a yes obliges to, and within what time.")
    not_yet_in_force: tuple[dict[str, object], ...] = Field(description="Rules that will apply later.")
    rule_set: str = Field(description="SHA-256 of the rules that were asked.")
    house_rules_only: bool = Field(description="Whether nothing but the house's own rules applied.")
    notes: tuple[str, ...] = Field(description="What a reader should know besides.")


class ProblemDocument(_Document):
    """A problem document (RFC 9457) with this product's members."""

    type: str = Field(description="A URN that ends with the code.")
    title: str = Field(description="The family of the error, in words.")
    status: int = Field(description="The HTTP status.")
    detail: str = Field(description="What happened, in one sentence.")
    code: str = Field(description="Stable; documented under docs/reference/errors.md.")
    family: Literal["operator", "caller", "subject", "evidence"] = Field(description="Who has to act.")
    remedy: str = Field(description="What to do about it.")
    verdict: VerdictDocument | None = Field(default=None, description="Present when a rule said no.")


class InputDocument(_Document):
    """What was found out about one photograph. No pixels and no measure of the face itself."""

    role: str = Field(description="`document` or `live`.")
    quality: int | None = Field(
        ge=0, le=100, description="Unified quality, 0 to 100; null if no single face was found."
    )
    reasons: tuple[str, ...] = Field(description="What to change about the photograph; empty if nothing.")
    codes: tuple[str, ...] = Field(
        description="What the reasons are about, such as `no-face-found`; stable, listed with the errors."
    )


class DocumentChecksDocument(_Document):
    """The checks of a document, by field and kind of check."""

    passed: tuple[str, ...] = Field(description="Checks that hold.")
    failed: tuple[str, ...] = Field(
        description="Empty in a decision: a check that doesn't hold is answered with `check-digit-wrong`."
    )
    unread: tuple[str, ...] = Field(description="What couldn't be read.")


class DocumentReportDocument(_Document):
    """What the document says, as far as the scene needs it. Never whether it is genuine."""

    read: bool = Field(description="Whether its lines were found and read.")
    kind: str | None = Field(description="Its kind; null if the scene doesn't ask.")
    age_band: str | None = Field(description="`adult`, `14-17`, `under14`; null if it couldn't be read.")
    age_band_source: Literal["document read"] | None = Field(description="Where the age band comes from.")
    expired: bool | None = Field(description="Whether its day of expiry has passed; null if not read.")
    checks: DocumentChecksDocument
    notes: tuple[str, ...] = Field(description="What to know about it, in sentences.")
    authenticated: Literal[False] = Field(description="A picture of a page proves nothing about the page.")
    assurance: str = Field(description="`document not authenticated`.")


class StatedErrorDocument(_Document):
    """The false match rate at the threshold that decided, and where it was measured."""

    asked: float = Field(description="The false match rate that was asked for.")
    fmr: float = Field(description="The false match rate measured at the threshold that decided.")
    low: float = Field(description="Lower end of its 95 % interval.")
    high: float = Field(description="Upper end of its interval.")
    fnmr: float = Field(description="How often two pictures of one person failed to match there.")
    people: Literal[1] = Field(description="With how many people the photograph was compared.")
    measured_on: str = Field(description="The data and the conditions.")
    worst_group: str = Field(description="The rate of the worst measured group, or `not measured`.")
    elsewhere: str = Field(description="The rate on another set of people, or `not measured`.")
    label: str = Field(description="How far the table goes, such as `development`.")
    document_portraits: str = Field(description="What was measured on portraits in documents.")


class LogReceiptDocument(_Document):
    """Where the decision stands in the transparency log."""

    index: int = Field(ge=0)
    leaf_hash: str
    tree_size: int = Field(ge=1)


class VerificationAnswer(_Document):
    """A decision. The comparison score isn't part of it."""

    decision_id: str
    outcome: Literal["match", "no match", "inconclusive"]
    words: tuple[str, ...] = Field(description="The decision in sentences.")
    stated_error: StatedErrorDocument
    inputs: tuple[InputDocument, ...]
    models: tuple[str, ...] = Field(description="Ids of the networks that took part.")
    assurance: str = Field(description="What stands behind it besides the comparison, such as `attended`.")
    permit_id: str
    rule_set: str
    request_digest: str
    decided_at: datetime
    demo: bool = Field(description="Whether it rests on demonstration evidence.")
    document: DocumentReportDocument | None = Field(
        default=None, description="What was read of the document; null if the scene's reference isn't one."
    )
    liveness: int | None = Field(
        default=None, description="The level of liveness that was reached; null if the scene demands none."
    )
    verdict: VerdictDocument = Field(description="The rules that allowed it.")
    receipt: str = Field(description="The signed receipt: a compact JWS for the person concerned.")
    log: LogReceiptDocument


class VerificationFields(_Request):
    """The text fields of a verification's multipart form; the photographs stand beside them."""

    place: str = Field(description="Id of the registered place.")
    device: str = Field(description="Id of the registered device that took the photographs.")
    consents: Literal["yes", "no"] = Field(
        description="What the guest answered on the consent screen, given separately and informed."
    )
    age_band: Literal["adult", "14-17", "under14"] = Field(description="The age band that the guest stated.")
    language: str = Field(
        default="en",
        pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$",
        description="Language of the notice (BCP 47).",
    )
    scene: str = Field(default="hotel-checkin", description="Id of the scene profile to carry out.")
    liveness: str | None = Field(
        default=None,
        max_length=4096,
        description="The signed result of a liveness session, where the scene demands one; `live` is then "
        "one of the frames that it names.",
    )


class DocumentReadingFields(_Request):
    """The text fields of a document reading's multipart form; the photograph stands beside them."""

    place: str = Field(description="Id of the registered place.")
    device: str = Field(description="Id of the registered device that took the photograph.")
    consents: Literal["yes", "no"] = Field(description="What the holder answered, separately and informed.")
    age_band: Literal["adult", "14-17", "under14"] = Field(description="The age band that the holder stated.")
    language: str = Field(
        default="en",
        pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$",
        description="Language of the notice (BCP 47).",
    )
    portrait: Literal["yes", "no"] = Field(
        default="yes",
        description="Whether this side must show the portrait. Many cards have their lines "
        "on the back: say `no`.",
    )


class EnrolmentFields(_Request):
    """The text fields of an enrolment's multipart form; the pictures stand beside them."""

    subject: str = Field(
        pattern=r"^sub_[a-z0-9][a-z0-9_-]{0,60}$", description="Who is enrolled, by pseudonym."
    )
    purpose: str = Field(description="Id of the registered purpose.")
    place: str = Field(description="Id of the registered place.")
    device: str = Field(description="Id of the registered device that took the pictures.")
    consents: Literal["yes", "no"] | None = Field(
        default=None,
        description="What the person answered on the consent screen, given separately and informed; left "
        "out where the consent is on file.",
    )
    age_band: Literal["adult", "14-17", "under14"] | None = Field(
        default=None, description="The age band that the person stated; with `consents`."
    )
    language: str = Field(
        default="en",
        pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$",
        description="Language of the notice (BCP 47).",
    )
    consent_days: int = Field(default=365, ge=1, le=3650, description="How many days the consent counts.")
    looked: Literal["yes", "no"] = Field(
        default="no",
        description="Whether a reviewer has looked at who is close, and says that they are two people; "
        "the key needs the role `reviewer` then.",
    )


class CheckedFieldDocument(_Document):
    """One check of one field, never what the field says."""

    field: str = Field(description="Such as `number`, `birth_date`, `composite`.")
    kind: str = Field(description="What is checked: the check digit, or the form.")
    right: bool = Field(description="Whether it holds.")


class DocumentReadingAnswer(_Document):
    """What a document says of age and expiry. No number, no name, no date."""

    kind: str = Field(description="The kind of the document.")
    issuing_state: str = Field(description="As on the document, such as `FRA`.")
    age_band: str = Field(description="`adult`, `14-17`, `under14`, or `unknown`.")
    age_agrees: bool | None = Field(description="Whether it is the band that was stated; null if unknown.")
    expired: bool | None = Field(description="Whether the expiry has passed; null if this side doesn't say.")
    checks: tuple[CheckedFieldDocument, ...] = Field(description="Every check with its result.")
    portrait_found: bool
    authenticated: Literal[False] = Field(description="A picture of a page proves nothing about the page.")
    assurance: str = Field(description="`document not authenticated`.")
    permit_id: str
    demo: bool = Field(description="Whether it rests on demonstration evidence.")
    verdict: VerdictDocument = Field(description="The rules that allowed it.")
    log: LogReceiptDocument


class HypothesisRequest(_Request):
    """A question to the rules about something that nobody is about to do."""

    operation: str = Field(description="Such as `verify`, `identify`, `count`.")
    place: str = Field(description="A kind of place, such as `hotel_lobby`.")
    jurisdictions: tuple[str, ...] = Field(min_length=1, description="Codes of rule packs, such as `EU`.")
    facts: dict[str, StrictBool] = Field(
        default_factory=dict,
        description="Triggers and evidence keys taken as given. Everything else is unknown.",
    )
    at: date | None = Field(default=None, description="The day to ask about; today (UTC) if left out.")


class VerdictAnswer(_Document):
    """The verdict on a hypothesis. It never yields a permit."""

    hypothetical: Literal[True] = True
    verdict: VerdictDocument


class PlaceDocument(_Document):
    """A registered place."""

    place_id: str
    title: str
    kind: str
    jurisdictions: tuple[str, ...]
    time_zone: str


class PlacesAnswer(_Document):
    """The registered places."""

    places: tuple[PlaceDocument, ...]


class DeviceDocument(_Document):
    """A registered device."""

    device_id: str
    title: str
    place: str
    functions: tuple[str, ...]
    status: Literal["active", "suspended", "retired"] = Field(description="Whether it is in use.")
    key_id: str | None = Field(description="Thumbprint of its public key (RFC 7638), if it has one.")


class DeviceRequest(_Request):
    """A device to register."""

    device_id: str = Field(pattern=r"^dev_[A-Za-z0-9_-]{1,60}$", description="Its identifier.")
    title: str = Field(min_length=1, max_length=200, description="What it is, in a few words.")
    place: str = Field(max_length=128, description="The registered place where it stands.")
    functions: tuple[str, ...] = Field(min_length=1, max_length=40, description="For what it is declared.")
    public_key: dict[str, str] = Field(max_length=8, description="Its Ed25519 public key, as a JWK.")


class DeviceStatusRequest(_Request):
    """Whether a device is in use from now on."""

    status: Literal["active", "suspended", "retired"] = Field(description="A retired device stays retired.")


class DevicesAnswer(_Document):
    """The registered devices."""

    devices: tuple[DeviceDocument, ...]


class KeysAnswer(_Document):
    """The public keys that receipts are signed with, as a JSON Web Key Set (RFC 7517)."""

    keys: tuple[dict[str, str], ...]


class ReceiptRequest(_Request):
    """A receipt to check."""

    receipt: str = Field(max_length=16384, description="A compact JWS.")


class ReceiptAnswer(_Document):
    """A receipt that this installation signed."""

    valid: Literal[True] = True
    claims: dict[str, object] = Field(description="What the receipt states.")


class HealthFindingDocument(_Document):
    """One finding of the self-check."""

    name: str
    ok: bool
    words: str
    remedy: str


class HealthAnswer(_Document):
    """Whether the installation is ready. Findings are shown to callers with a key alone."""

    ok: bool
    findings: tuple[HealthFindingDocument, ...] | None = None
