"""Content is read by its key; what is wrong is told by field, never by value."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countenance.authority import EvidenceNotAccepted
from countenance.authority.records import (
    FORM,
    KEY_FORMS,
    Consent,
    RecordContent,
    content_of,
    earlier,
    read_content,
)
from countenance.kernel import DeviceId, PlaceId, PurposeId, SubjectId, canonical_json
from countenance.store import EvidenceScope
from record_examples import DEVICE, LATER, PLACE, PURPOSE, SUBJECT, content_for

WHOLE = EvidenceScope(PlaceId(PLACE), PurposeId(PURPOSE), DeviceId(DEVICE), SubjectId(SUBJECT))
SECRET = "Zhang Wei suite 512"


def read(key: str, content: Mapping[str, Any], *, scope: EvidenceScope = WHOLE) -> RecordContent:
    return read_content(key, content, scope=scope)


@pytest.mark.parametrize("key", sorted(KEY_FORMS))
def test_what_was_read_is_stored_and_read_again(key: str) -> None:
    first = read(key, content_for(key))
    stored = first.to_content()
    assert stored[FORM] == KEY_FORMS[key].form.form
    canonical_json(stored)
    assert content_of(key, stored) == first
    assert read(key, stored) == first
    assert read_content(key, first, scope=WHOLE) == first


WRONG: dict[str, tuple[str, dict[str, Any], str]] = {
    "a field is missing": ("sign", content_for("sign", position=None), r"`position` \(Where .*\) is missing"),
    "a text is empty": ("tech_doc", content_for("tech_doc", summary=""), "`summary`"),
    "not a day": ("pia", content_for("pia", made_on=SECRET), "`made_on`"),
    "a time without a zone": ("sign", content_for("sign", posted_at="2026-11-22T12:00:00"), "`posted_at`"),
    "not one of the words": ("legal_basis", content_for("legal_basis", basis=SECRET), "`basis`"),
    "a number as a text": ("notice", content_for("notice", version="1"), "`version`"),
    "yes as a text": ("consent.record", content_for("consent.record", separate="yes"), "`separate`"),
    "yes as a number": ("consent.record", content_for("consent.record", separate=1), "`separate`"),
    "not a hash": ("notice", content_for("notice", texts={"en": SECRET}), "`texts`.*inside"),
    "not a language": ("notice", content_for("notice", texts={SECRET: "ab" * 32}), "`texts`.*inside"),
    "no language": ("notice", content_for("notice", texts={}), "`texts`"),
    "an unknown field": ("tech_doc", content_for("tech_doc", surname=SECRET), "doesn't know"),
    "an unknown field inside": (
        "least_intrusive",
        content_for("least_intrusive", weighed=[{"means": "None.", "why_not": "None.", "x": SECRET}]),
        "doesn't know",
    ),
    "another form": ("tech_doc", {FORM: "word", **content_for("minimised")}, "`document`"),
    "nothing": ("tech_doc", {}, "is missing"),
    "an empty list": ("sign", content_for("sign", devices=[]), "`devices`"),
    "not a rate": (
        "pad_report",
        content_for("pad_report", bona_fide_rejected=1.5),
        "`bona_fide_rejected`",
    ),
    "ends before it was made": ("pia", content_for("pia", valid_until="2026-10-01"), "for some time"),
    "ends before it begins": (
        "authorisation",
        content_for("authorisation", ends_at="2026-10-01T00:00:00Z"),
        "ends after it begins",
    ),
    "sent before it was known": (
        "breach_notice",
        content_for("breach_notice", known_at=LATER),
        "after the leak became known",
    ),
    "not JSON": ("tech_doc", content_for("tech_doc", summary=datetime(2026, 1, 1, tzinfo=UTC)), "JSON"),
    "not a number": ("pad_report", content_for("pad_report", bona_fide_rejected=float("nan")), "JSON"),
}


@pytest.mark.parametrize(("key", "content", "words"), WRONG.values(), ids=WRONG.keys())
def test_what_is_wrong_is_told_by_field(key: str, content: dict[str, Any], words: str) -> None:
    with pytest.raises(EvidenceNotAccepted, match=words) as refused:
        read(key, content)
    told = refused.value.diagnostics()
    for piece in (SECRET, "surname", "2026-10-01", "1.5"):
        assert piece not in told


WANTING: dict[str, tuple[str, dict[str, Any], str]] = {
    "a route that costs": ("alternative_offered", {"costs_nothing": False}, "costs_nothing"),
    "a consent asked with others": ("consent.separate", {"separate": False}, "separate"),
    "a consent not in so many words": ("consent.explicit", {"explicit": False}, "explicit"),
    "a consent without a notice": (
        "consent.informed",
        {"notice_id": None, "notice_version": None},
        "notice_id",
    ),
    "a consent nobody signed": ("consent.written", {"method": "on a screen"}, "method"),
    "a release nobody signed": (
        "written_release",
        {"method": "declared, written down by who attended"},
        "method",
    ),
    "an upload not agreed to": ("consent.separate_for_upload", {"upload": False}, "upload"),
    "an upload agreed to among other things": (
        "consent.separate_for_upload",
        {"separate": False},
        "upload",
    ),
    "one assessment for another": ("pia", {"kind": "FRIA"}, "kind"),
    "and the other way round": ("fria", {"kind": "DPIA"}, "kind"),
    "one reviewer twice": (
        "human_review.two",
        {"reviewer_roles": ["reviewer", "reviewer"]},
        "reviewer_roles",
    ),
    "one reviewer of two": ("human_review.two", {"reviewer_roles": ["reviewer"]}, "reviewer_roles"),
    "two who saw each other's answer": ("human_review.two", {"blind": False}, "blind"),
}


@pytest.mark.parametrize(("key", "changes", "words"), WANTING.values(), ids=WANTING.keys())
def test_a_form_alone_does_not_do_for_every_key(key: str, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(EvidenceNotAccepted, match=words):
        read(key, content_for(key, **changes))


@pytest.mark.parametrize("key", ["audit_log", "encryption", "wishful_thinking", ""])
def test_nobody_files_the_systems_keys(key: str) -> None:
    with pytest.raises(EvidenceNotAccepted, match="system"):
        read(key, {"text": "so it is"})


@pytest.mark.parametrize("key", sorted(key for key, entry in KEY_FORMS.items() if entry.form.about))
def test_a_record_is_about_what_its_form_asks_for(key: str) -> None:
    with pytest.raises(EvidenceNotAccepted, match="about one"):
        read(key, content_for(key), scope=EvidenceScope())


@pytest.mark.parametrize("key", ["consent.separate", "guardian_consent"])
def test_a_consent_is_to_the_purpose_that_it_is_filed_for(key: str) -> None:
    other = EvidenceScope(WHOLE.place, PurposeId("pur_other"), WHOLE.device, WHOLE.subject)
    with pytest.raises(EvidenceNotAccepted, match="purpose"):
        read(key, content_for(key), scope=other)


PURPOSES = st.lists(st.sampled_from([PURPOSE, "pur_a", "pur_b"]), min_size=1, max_size=4)


@given(asked=PURPOSES, separate=st.booleans())
def test_separate_means_one_purpose_on_the_screen(asked: list[str], separate: bool) -> None:
    content = content_for("consent.record", screen_purposes=asked, separate=separate)
    good = PURPOSE in asked and (not separate or len(set(asked)) == 1)
    if good:
        consent = read("consent.record", content)
        assert isinstance(consent, Consent)
        assert consent.purpose == PURPOSE
    else:
        with pytest.raises(EvidenceNotAccepted):
            read("consent.record", content)


@pytest.mark.parametrize("content", [{}, {"text": "so"}, {FORM: "word"}, {FORM: "notice", "version": 1}])
def test_stored_content_of_no_form_is_none(content: dict[str, Any]) -> None:
    assert content_of("notice", content) is None
    assert content_of("audit_log", content) is None


def test_stored_content_may_have_members_beside_the_form() -> None:
    stored = {**read("tech_doc", content_for("tech_doc")).to_content(), "outside_signature": "x"}
    assert content_of("tech_doc", stored) == read("tech_doc", content_for("tech_doc"))


def test_the_earlier_end_counts() -> None:
    first = datetime(2026, 1, 1, tzinfo=UTC)
    second = first + timedelta(days=1)
    assert earlier(first, second) == earlier(second, first) == first
    assert earlier(None, second) == earlier(second, None) == second
    assert earlier(None, None) is None


ENDS = {
    "pia": datetime(2027, 11, 2, tzinfo=UTC),
    "authorisation": datetime(2026, 12, 1, tzinfo=UTC),
    "pad_report": datetime(2027, 11, 2, tzinfo=UTC),
    "notice": None,
    "processor_contract": None,
    "consent.record": None,
    "sign": None,
    "retention_until": None,
}


@pytest.mark.parametrize(("key", "end"), ENDS.items())
def test_content_says_itself_until_when_it_counts(key: str, end: datetime | None) -> None:
    assert read(key, content_for(key)).ends() == end


@pytest.mark.parametrize(
    ("key", "changes", "end"),
    [
        ("processor_contract", {"valid_until": "2026-12-31"}, datetime(2027, 1, 1, tzinfo=UTC)),
        ("transfer_mechanism", {"valid_until": "2026-12-31"}, datetime(2027, 1, 1, tzinfo=UTC)),
        ("consent.record", {"expires_at": LATER}, datetime(2027, 11, 22, 12, tzinfo=UTC)),
        ("sign", {"take_down_by": LATER}, datetime(2027, 11, 22, 12, tzinfo=UTC)),
        ("retention_until", {"last_day": "2026-12-31"}, datetime(2027, 1, 1, tzinfo=UTC)),
    ],
)
def test_an_end_that_is_stated_counts(key: str, changes: dict[str, Any], end: datetime) -> None:
    assert read(key, content_for(key, **changes)).ends() == end
