"""One good content for each form of record, about a made-up front desk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from countenance.authority.records import FORM, KEY_FORMS

PLACE, PURPOSE, DEVICE, SUBJECT = "plc_frontdesk", "pur_checkin", "dev_deskcamera", "sub_guest"
WHEN, LATER, DAY, LATER_DAY = "2026-11-22T12:00:00Z", "2027-11-22T12:00:00Z", "2026-11-01", "2027-11-01"
SHA = "ab" * 32

EXAMPLES: Mapping[str, Mapping[str, Any]] = {
    "alternative": {"route": "A person looks.", "offered_by_role": "clerk", "costs_nothing": True},
    "answer": {
        "question": "May we?",
        "answer": "No objection.",
        "asked_at": WHEN,
        "asked_by_role": "clerk",
    },
    "assessment": {
        "assessment_id": "pia-1",
        "version": 1,
        "kind": "PIA",
        "questions": {
            "lawful_and_necessary": "It is, by consent.",
            "impact_and_mitigation": "Small, and lowered.",
            "leak_risk": "A decision without a face.",
            "protection_fits": "Sealed records.",
        },
        "error_rates": [{"name": "FMR", "rate": 0.0001, "upper_95": 0.0002, "measured_on": "3,000 pairs"}],
        "made_on": DAY,
        "approved_by_role": "officer",
        "valid_until": LATER_DAY,
    },
    "audit-report": {
        "auditor": "An audit firm",
        "scope_of_audit": "The whole installation.",
        "findings": "None of weight.",
        "finished_on": DAY,
        "next_due": LATER_DAY,
    },
    "authorisation": {
        "authority": "District court",
        "number": "7/2026",
        "operations": ["identify_live"],
        "places": [PLACE],
        "area": "The hall before the counters.",
        "who": "The duty officer.",
        "begins_at": "2026-11-01T00:00:00Z",
        "ends_at": "2026-12-01T00:00:00Z",
        "ground": "A missing child.",
    },
    "authority-statement": {
        "authority": "District court",
        "number": "8/2026",
        "statement": "The case is open.",
        "stated_on": DAY,
        "valid_until": LATER_DAY,
    },
    "breach-notice": {
        "incident_id": "inc-1",
        "known_at": WHEN,
        "sent_at": WHEN,
        "authority": "The supervisory authority",
        "people_told": "Everybody concerned, by letter.",
        "what_leaked": "Decisions of at most ten people.",
    },
    "certificate": {
        "issued_by": "A notified body",
        "number": "C-1",
        "covers": "The whole system.",
        "issued_on": DAY,
        "valid_until": LATER_DAY,
    },
    "channel": {
        "how": "Ask at the desk.",
        "address": "the desk",
        "answered_by_role": "officer",
        "answer_within_days": 30,
    },
    "consent": {
        "consent_id": "cns-1",
        "purpose": PURPOSE,
        "screen_purposes": [PURPOSE],
        "separate": True,
        "explicit": True,
        "given": "One comparison, for this check-in.",
        "method": "signed electronically",
        "language": "en",
        "notice_id": "notice-1",
        "notice_version": 1,
        "given_at": WHEN,
        "upload": True,
    },
    "contract": {"party": "A processor", "what": "Runs the machines.", "signed_on": DAY},
    "document": {
        "name": "Technical file",
        "version": "1",
        "written_on": DAY,
        "kept_at": "the file room",
        "summary": "What it is made of.",
        "responsible_role": "officer",
    },
    "explanation": {"told": "The rules that fired.", "how": "on paper", "told_at": WHEN},
    "filing": {"authority": "The provincial authority", "number": "F-1", "filed_on": DAY},
    "guardian-consent": {
        "purpose": PURPOSE,
        "child": SUBJECT,
        "guardian": "sub_guardian",
        "relation": "mother",
        "given_at": WHEN,
        "notice_id": "notice-1",
        "notice_version": 1,
    },
    "installation": {
        "devices": [DEVICE],
        "seen": "One person at the counter.",
        "bystanders": "They aren't in the picture.",
        "installed_on": DAY,
    },
    "legal-basis": {
        "jurisdictions": ["CN"],
        "basis": "consent",
        "article": "PIPL Art 13(1)",
        "reasoning": "The guest is asked.",
    },
    "measures": {"measures": ["Sealed records."], "responsible_role": "operator", "reviewed_on": DAY},
    "necessity": {
        "need": "Tired eyes.",
        "weighed": [{"means": "A person looks.", "why_not": "Stays the alternative."}],
    },
    "notice": {
        "notice_id": "notice-1",
        "version": 1,
        "texts": {"en": SHA},
        "purpose": "Check-in.",
        "keeper": "The hotel",
        "retention": "Nothing but the decision.",
        "rights": "See, correct, withdraw.",
        "appeal": "The officer.",
    },
    "notice-passage": {"notice_id": "notice-1", "version": 1, "passage": "Why it helps."},
    "overseer": {
        "office": "Duty manager",
        "powers": "Suspend and stop.",
        "trained_on": DAY,
        "appointed_on": DAY,
    },
    "pad-report": {
        "laboratory": "A laboratory",
        "standard": "ISO/IEC 30107-3, level 1",
        "species": [{"name": "print", "rate": 0.01, "measured_on": "150 attempts"}],
        "bona_fide_rejected": 0.02,
        "measured_on": DAY,
        "valid_until": LATER_DAY,
    },
    "provenance": {
        "name": "A data set",
        "origin": "Its makers.",
        "terms": "Research alone.",
        "list_sha256": SHA,
    },
    "provision": {
        "jurisdiction": "CN",
        "article": "An article",
        "applies_because": "It says so.",
        "confirmed_by_role": "counsel",
    },
    "publication": {
        "published_at": "the hotel's page",
        "published_on": DAY,
        "summary": "Nothing is kept.",
    },
    "purpose": {"statement": "Compare a face once, at check-in."},
    "purpose-confirmation": {
        "confirmed": "It is for treatment.",
        "confirmed_by_role": "physician",
    },
    "recipient-answer": {
        "duty": "dty_example",
        "recipient": "A partner",
        "corrected": "The decision was withdrawn.",
        "answered_at": WHEN,
    },
    "recipient-notice": {"recipients": ["A partner"], "what_for": "The booking.", "told_at": WHEN},
    "register-entry": {
        "number": "Entry 7",
        "entered_on": DAY,
        "subjects": "Guests.",
        "data": "The decision.",
    },
    "retention": {"keeps": "Photographs.", "days": 0, "counted_from": "the act"},
    "review": {
        "reviewer_roles": ["reviewer A", "reviewer B"],
        "decided": "Not the same person.",
        "blind": True,
        "decided_at": WHEN,
    },
    "sign": {
        "sign_id": "sign-1",
        "notice_id": "notice-1",
        "notice_version": 1,
        "pictogram": "verify",
        "devices": [DEVICE],
        "posted_at": WHEN,
        "posted_by_role": "installer",
        "position": "Beside the camera.",
    },
    "storage-location": {"country": "CN", "site": "The hotel's cellar.", "confirmed_by_role": "operator"},
    "subject-facts": {"pseudonym": SUBJECT, "age_band": "adult", "read_from": "passport"},
    "training": {"roles": ["clerk"], "people": 3, "topics": "To look oneself.", "held_on": DAY},
    "transfer": {
        "kind": "standard contract",
        "from_jurisdiction": "EU",
        "to_country": "JP",
        "reference": "T-1",
    },
    "word": {"what": "It is so.", "why": "Somebody looked.", "reviewed_on": DAY},
    "workers-told": {"told_on": DAY, "told_whom": "All, and the council.", "starts_on": LATER_DAY},
}


def content_for(key: str, **changes: Any) -> dict[str, Any]:
    """Return good content for an evidence key; a change of ``None`` takes a field out."""
    form = KEY_FORMS[key].form.form
    content = {**EXAMPLES[form], **({"kind": "FRIA"} if key == "fria" else {}), **changes}
    return {name: value for name, value in content.items() if value is not None}


def stored_content_for(key: str, **changes: Any) -> dict[str, Any]:
    """Return good content for an evidence key as it lies in a record: with the name of its form."""
    entry = KEY_FORMS.get(key)
    if entry is None:
        return {"text": "so", **changes}
    return {FORM: entry.form.form, **content_for(key, **changes)}
