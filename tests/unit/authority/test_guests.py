from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from countenance.authority import EvidenceNotAccepted, record_guest_consent
from countenance.authority.guests import AGE_BANDS
from countenance.authority.records import Consent, content_of
from countenance.kernel import FixedClock, PlaceId, PurposeId, SubjectId
from countenance.store import EvidenceKind, EvidenceRecord, EvidenceScope, Issuer
from front_desk import GUEST, NOON, FrontDesk, new_desk, new_store

CONSENTS = {
    "consent.separate", "consent.informed", "consent.purpose_match", "consent.explicit", "consent.record",
}  # fmt: skip


def said(records: tuple[EvidenceRecord, ...]) -> dict[str, bool]:
    return {r.key: bool(r.content["value"]) for r in records if r.kind is EvidenceKind.STATEMENT}


def filed(records: tuple[EvidenceRecord, ...]) -> set[str]:
    return {r.key for r in records if r.kind is EvidenceKind.EVIDENCE}


def test_a_guest_who_agrees_has_a_consent_on_file(hotel: FrontDesk) -> None:
    records = hotel.welcome()
    assert filed(records) == CONSENTS | {"written_release"}
    assert said(records) == {
        "subject.under13": False,
        "subject.under14": False,
        "subject.under18": False,
        "subject.child": False,
        "consent.coerced": False,
        "consent.bundled_or_forced": False,
    }


def test_every_record_is_about_that_guest_and_that_purpose_alone(hotel: FrontDesk) -> None:
    for record in hotel.welcome():
        assert record.scope == EvidenceScope(purpose=hotel.site.purpose, subject=GUEST)
        assert record.issuer is Issuer.PERSON
        assert record.author == "clerk at the desk"
        assert record.demo
        assert record.valid_until == NOON + timedelta(hours=1)


def test_a_guest_who_does_not_agree_has_none(hotel: FrontDesk) -> None:
    records = hotel.welcome(consents=False)
    assert filed(records) == set()
    assert set(said(records)) == set(AGE_BANDS["adult"])


def test_a_consent_says_to_what_and_on_which_notice(hotel: FrontDesk) -> None:
    (notice,) = hotel.on_file("notice")
    (record,) = [record for record in hotel.welcome() if record.key == "consent.separate"]
    consent = content_of("consent.separate", record.content)
    assert isinstance(consent, Consent)
    assert (consent.purpose, consent.screen_purposes) == (hotel.site.purpose, (hotel.site.purpose,))
    assert consent.place == hotel.site.place
    assert (consent.notice_id, consent.notice_version) == ("notice-checkin", 1)
    assert consent.notice_sha256 == notice.content["texts"]["en"]  # type: ignore[call-overload, index]
    assert consent.language == "en"
    assert consent.given.startswith("DEMO")
    assert consent.expires_at == record.valid_until


def test_what_was_agreed_to_at_once_is_one_consent(hotel: FrontDesk) -> None:
    records = [r for r in hotel.welcome() if r.key in CONSENTS]
    assert len(records) == len(CONSENTS)
    assert len({r.content["consent_id"] for r in records}) == 1
    again = [r for r in hotel.welcome() if r.key == "consent.record"]
    assert again[0].content["consent_id"] != records[0].content["consent_id"]


def test_without_a_notice_on_file_nobody_was_informed(hotel: FrontDesk) -> None:
    hotel.withdraw("notice")
    records = hotel.welcome()
    assert CONSENTS - filed(records) == {"consent.informed"}
    assert all("notice_id" not in record.content for record in records)


def test_a_notice_in_another_language_is_named_without_its_text(hotel: FrontDesk) -> None:
    records = record_guest_consent(
        hotel.desk,
        subject=GUEST,
        place=hotel.site.place,
        purpose=hotel.site.purpose,
        consents=True,
        age_band="adult",
        language="fr",
        stated_by="clerk",
    )
    (record,) = [r for r in records if r.key == "consent.record"]
    assert "notice_sha256" not in record.content
    assert record.content["notice_id"] == "notice-checkin"


def test_each_statement_comes_from_its_source(hotel: FrontDesk) -> None:
    sources = {r.key: r.content["source"] for r in hotel.welcome() if r.kind is EvidenceKind.STATEMENT}
    assert sources["subject.under14"] == "document"
    assert sources["consent.coerced"] == "consent screen"


def test_nobody_is_named(hotel: FrontDesk) -> None:
    for record in hotel.welcome():
        assert GUEST not in str(dict(record.content))


@pytest.mark.parametrize("signed", [True, False])
def test_a_release_is_on_file_only_if_it_was_signed(hotel: FrontDesk, signed: bool) -> None:
    assert ("written_release" in filed(hotel.welcome(signed=signed))) is signed


@pytest.mark.parametrize(
    ("band", "allowed", "asks"),
    [
        ("adult", True, set()),
        ("14-17", True, set()),
        ("under14", False, {"age_check", "guardian_consent", "minor_rules"}),
    ],
)
def test_children_need_more(hotel: FrontDesk, band: str, allowed: bool, asks: set[str]) -> None:
    hotel.welcome(age_band=band)
    verdict = hotel.desk.judge(hotel.request())
    assert verdict.allowed is allowed
    assert {key for missing in verdict.missing for key in missing.alternatives} == asks


def test_what_an_age_band_leaves_open_stays_unknown(hotel: FrontDesk) -> None:
    assert "subject.child" not in said(hotel.welcome(age_band="14-17"))
    assert "subject.under13" not in said(hotel.welcome(age_band="under14"))


def test_age_bands_do_not_contradict_themselves() -> None:
    for stated in AGE_BANDS.values():
        ages = [
            stated[key] for key in ("subject.under13", "subject.under14", "subject.under18") if key in stated
        ]
        assert ages == sorted(ages), "who is younger than 13 is younger than 18"


def test_a_guest_who_changes_their_mind_makes_it_unknown(hotel: FrontDesk) -> None:
    hotel.welcome()
    hotel.welcome(age_band="under14")
    verdict = hotel.desk.judge(hotel.request())
    assert not verdict.allowed
    assert "subject.under14" in {unknown.trigger for unknown in verdict.unknown}


@pytest.mark.parametrize(
    "change",
    [
        {"age_band": "old enough"},
        {"age_band": ""},
        {"language": " "},
        {"language": "the guest's own"},
        {"stated_by": ""},
    ],
    ids=str,
)
def test_an_incomplete_statement_is_not_taken(hotel: FrontDesk, change: dict[str, str]) -> None:
    before = hotel.store.evidence.epoch()
    with pytest.raises(EvidenceNotAccepted) as refused:
        record_guest_consent(
            hotel.desk,
            subject=GUEST,
            place=hotel.site.place,
            purpose=hotel.site.purpose,
            consents=True,
            **({"age_band": "adult", "language": "en", "stated_by": "clerk"} | change),  # type: ignore[arg-type]
        )
    assert "old enough" not in refused.value.diagnostics()
    assert hotel.store.evidence.epoch() == before


def test_in_a_real_deployment_nobody_signs_by_default(tmp_path: Path) -> None:
    clock = FixedClock(NOON)
    with new_store(tmp_path, demo=False, clock=clock) as store:
        records = record_guest_consent(
            new_desk(store, clock),
            subject=SubjectId("sub_real"),
            place=PlaceId("plc_real"),
            purpose=PurposeId("pur_real"),
            consents=True,
            age_band="adult",
            language="zh",
            stated_by="workplace 3",
        )
        assert filed(records) == CONSENTS - {"consent.informed"}, "no notice is on file"
        assert not any(record.demo or "DEMO" in str(record.content) for record in records)


def test_what_a_guest_said_lies_sealed_on_the_disk(hotel: FrontDesk) -> None:
    hotel.welcome()
    hotel.store.close()
    stored = b"".join(path.read_bytes() for path in hotel.folder.iterdir())
    assert b"DEMO: says nothing about a real place" in stored, "the hotel's own records are in clear"
    for piece in (b"nobody real said this", b"clerk at the desk", b"asked for this comparison alone"):
        assert piece not in stored
