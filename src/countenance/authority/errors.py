"""What the desk says when it doesn't give a permit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countenance.kernel import CallerError, EvidenceError, OperatorError

if TYPE_CHECKING:
    from countenance.policy import Verdict
    from countenance.store import DutyRecord

__all__ = [
    "ConsentNotOnFile",
    "DemoNotOffered",
    "DeviceNotDeclared",
    "DeviceNotInUse",
    "DutyNotOpen",
    "DutyOverdue",
    "EvidenceNotAccepted",
    "OutsideSignatureRefused",
    "PlaceWithoutTimeZone",
    "RefusedByRule",
    "RoleMayNot",
    "UnknownDevice",
    "UnknownFactName",
    "UnknownPlace",
    "UnknownPurpose",
]


class RefusedByRule(EvidenceError):
    """The rules said no. Carries the verdict, which names every rule and what is missing.

    Args:
        verdict: the refusal.
    """

    code = "refused-by-rule"
    default_remedy = "Read the verdict: it names what is missing and how to supply it."

    def __init__(self, verdict: Verdict) -> None:
        cited = sorted({finding.rule.rule_id for finding in verdict.refusing})
        named = ", ".join(cited) if cited else "no rule that permits it"
        super().__init__(f"The rules don't permit this: {named}.")
        self.verdict = verdict


class DutyOverdue(EvidenceError):
    """An earlier permit obliged to something that wasn't done in time; no new permit until it is.

    Args:
        duties: the overdue duties, at least one.
        words: what each of them asks for, in words.
    """

    code = "duty-overdue"
    default_remedy = "Do what the earlier permit obliged to and record it, then ask again."

    def __init__(self, duties: tuple[DutyRecord, ...], words: tuple[str, ...]) -> None:
        super().__init__("A duty of an earlier permit is overdue: " + "; ".join(words) + ".")
        self.duties = duties


class DutyNotOpen(CallerError):
    """There is no open duty of that id."""

    code = "duty-not-open"
    default_remedy = "List the open duties of the place and purpose; it may have been discharged already."


class UnknownPlace(CallerError):
    """The place isn't registered, so nobody knows which rules hold there."""

    code = "unknown-place"
    default_remedy = "Register the place with its kind, jurisdictions and time zone, then ask again."


class UnknownDevice(CallerError):
    """The device isn't registered: an undeclared camera takes no pictures here."""

    code = "unknown-device"
    default_remedy = "Register the device with its place and declared functions, then ask again."


class UnknownPurpose(CallerError):
    """The purpose isn't registered: nothing is done without a stated purpose."""

    code = "unknown-purpose"
    default_remedy = "Register the purpose in words, then ask again."


class UnknownFactName(CallerError):
    """A fact was stated whose name is neither a trigger nor an evidence key."""

    code = "unknown-fact-name"
    default_remedy = "Use a name from the vocabulary of the rules."


class EvidenceNotAccepted(CallerError):
    """A record can't be taken: unknown key, wrong kind, empty content, or not theirs to issue."""

    code = "evidence-not-accepted"
    default_remedy = "Use a key of the vocabulary, state content and author, and let its issuer record it."


class PlaceWithoutTimeZone(OperatorError):
    """A registered place names a time zone that isn't known, so its calendar day can't be told."""

    code = "place-without-time-zone"
    default_remedy = "Register the place with a time zone of the IANA database, such as Asia/Shanghai."


class DeviceNotDeclared(CallerError):
    """The device is registered, but not for what is asked of it."""

    code = "device-not-declared"
    default_remedy = "Use a device that was declared for it, or register this one's functions truthfully."


class DemoNotOffered(CallerError):
    """There is no demonstration hotel in that jurisdiction."""

    code = "demo-not-offered"
    default_remedy = "Choose one of the jurisdictions that the message names."


class DeviceNotInUse(CallerError):
    """The device is suspended or retired."""

    code = "device-not-in-use"
    default_remedy = "Use another device, or let the officer put this one back into use."


class OutsideSignatureRefused(EvidenceError):
    """What somebody outside is said to vouch for doesn't carry a signature that is good here."""

    code = "outside-signature-refused"
    default_remedy = "Register the body's public key first, and have it sign exactly what is filed."


class RoleMayNot(EvidenceError):
    """A role tried what the table of roles doesn't allow it."""

    code = "role-may-not"
    default_remedy = "Let a role do it that may; see the table of roles in docs/reference/records.md."


class ConsentNotOnFile(CallerError):
    """There is no consent of that person to that purpose to withdraw."""

    code = "consent-not-on-file"
    default_remedy = "Name the person's pseudonym and the purpose, or a record of the consent."
