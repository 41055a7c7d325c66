"""Notices and signs over a real store: published, superseded, posted; without a sign no permit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from countenance.authority import Author, RefusedByRule, Role, RoleMayNot, UnknownPlace, shipped_roles
from countenance.authority.notices import (
    GAP_MARK,
    LANGUAGES,
    NoticeDraft,
    NoticeFileInvalid,
    NoticeHasGaps,
    NoticeNotPublished,
    Part,
    SignMade,
    SignNotCurrent,
    draft_text,
    read_draft,
    sheet_of,
    sign_pdf,
    sign_svg,
)
from countenance.authority.records import Pictogram
from countenance.kernel import DeviceId, Door, Passage, PermitRevoked, PlaceId, PurposeId
from countenance.runtime import NoticeDesk
from countenance.store import Device, EvidenceScope
from drafted_notices import BY_HAND, ERRORS
from front_desk import FrontDesk, front_desk

OFFICER, INSTALLER, CLERK = (Author(role) for role in (Role.OFFICER, Role.INSTALLER, Role.CLERK))


@dataclass(frozen=True)
class Site:
    """A made-up hotel, and its desk of notices."""

    hotel: FrontDesk
    notices: NoticeDesk

    def draft(self, **changes: object) -> NoticeDraft:
        """The draft of the hotel's desk, completed by hand."""
        site = self.hotel.site
        made = self.notices.draft(
            author=OFFICER, place=site.place, purpose=site.purpose, device=site.desk_device
        )
        by_hand = {part: dict(zip(LANGUAGES, texts, strict=True)) for part, texts in BY_HAND.items()}
        basis = {Part.BASIS: {"en": "Your consent.", "zh": "您的同意。"}}
        return replace(made, texts={**made.texts, **by_hand, **basis}, **changes)  # type: ignore[arg-type]

    def sign(self) -> SignMade:
        site = self.hotel.site
        return self.notices.make_sign(author=INSTALLER, place=site.place, devices=(site.desk_device,))

    def post(self, made: SignMade) -> None:
        self.notices.post_sign(
            sign_svg(sheet_of(made)), author=INSTALLER, position="Beside the camera, at eye level."
        )


def open_site(hotel: FrontDesk, public_url: str | None = "https://hotel.example") -> Site:
    return Site(
        hotel,
        NoticeDesk(
            store=hotel.store,
            authority=hotel.desk,
            clock=hotel.clock,
            roles=shipped_roles(),
            errors=ERRORS,
            public_url=public_url,
        ),
    )


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with front_desk(tmp_path) as hotel:
        yield open_site(hotel)


# Notices.


def test_a_draft_is_made_from_the_records_and_its_gaps_stop_it(site: Site) -> None:
    hotel = site.hotel
    made = site.notices.draft(
        author=OFFICER, place=hotel.site.place, purpose=hotel.site.purpose, device=hotel.site.desk_device
    )
    assert made.kind is Pictogram.VERIFY
    assert made.by_consent
    assert made.version == 1
    assert "looks" in made.texts[Part.ALTERNATIVE]["en"]
    assert GAP_MARK in made.texts[Part.KEEPER]["en"]
    size = hotel.store.log.size()
    with pytest.raises(NoticeHasGaps):
        site.notices.publish(made, author=OFFICER)
    assert hotel.store.log.size() == size
    assert read_draft(draft_text(made)) == made


def test_a_published_notice_is_filed_logged_and_found(site: Site) -> None:
    found = site.notices.publish(site.draft(), author=OFFICER)
    assert found.in_force
    assert found.link == f"https://hotel.example/notice/{found.notice.version_id}"
    assert site.notices.find(found.notice.version_id) == found
    assert site.notices.find(found.notice.notice_id) == found
    assert found.notice.demo
    record = site.hotel.store.evidence.get(found.record)
    assert record.scope == EvidenceScope(place=site.hotel.site.place, purpose=site.hotel.site.purpose)
    assert record.author == "officer"
    filed = [entry["key"] for kind, entry in site.hotel.log_entries() if kind == "evidence-recorded"]
    assert filed[-3:] == ["notice", "notice.necessity", "notice.impact"]


def test_without_a_public_address_the_link_is_a_urn(tmp_path: Path) -> None:
    with front_desk(tmp_path) as hotel:
        bare = open_site(hotel, public_url=None)
        found = bare.notices.publish(bare.draft(), author=OFFICER)
    assert found.link == f"urn:countenance:notice:{found.notice.version_id}"


def test_a_later_version_puts_the_earlier_out_of_force_which_stays_readable(site: Site) -> None:
    first = site.notices.publish(site.draft(), author=OFFICER)
    again = site.draft()
    assert again.version == 2
    assert again.notice_id == first.notice.notice_id
    second = site.notices.publish(again, author=OFFICER)
    assert not site.notices.find(first.notice.version_id).in_force
    assert site.notices.find(first.notice.version_id).notice == first.notice
    assert site.notices.find(first.notice.notice_id).notice == second.notice
    ours = [r for r in site.hotel.on_file("notice.impact") if r.content["notice_id"] == again.notice_id]
    assert [record.content["version"] for record in ours] == [2]


def test_a_version_that_was_there_already_is_refused(site: Site) -> None:
    draft = site.draft()
    site.notices.publish(draft, author=OFFICER)
    with pytest.raises(NoticeFileInvalid, match="version"):
        site.notices.publish(draft, author=OFFICER)


@pytest.mark.parametrize(
    "changes",
    [
        {"place_kind": "street"},
        {"jurisdictions": ("EU",)},
        {"purpose_term": "dpv:Profiling"},
    ],
)
def test_a_notice_is_about_what_is_registered(site: Site, changes: dict[str, object]) -> None:
    with pytest.raises(NoticeFileInvalid, match="registered"):
        site.notices.publish(site.draft(**changes), author=OFFICER)
    with pytest.raises(UnknownPlace):
        site.notices.publish(site.draft(place="plc_nowhere"), author=OFFICER)


def test_only_roles_that_may_draft_publish_and_post(site: Site) -> None:
    draft = site.draft()
    with pytest.raises(RoleMayNot):
        site.notices.publish(draft, author=INSTALLER)
    with pytest.raises(RoleMayNot):
        site.notices.draft(
            author=CLERK,
            place=site.hotel.site.place,
            purpose=site.hotel.site.purpose,
            device=site.hotel.site.desk_device,
        )
    site.notices.publish(draft, author=OFFICER)
    made = site.sign()
    with pytest.raises(RoleMayNot):
        site.notices.post_sign(sign_svg(sheet_of(made)), author=CLERK, position="Anywhere.")
    with pytest.raises(RoleMayNot):
        site.notices.make_sign(
            author=CLERK, place=site.hotel.site.place, devices=(site.hotel.site.desk_device,)
        )


@pytest.mark.parametrize("identifier", ["", "notice-checkin", "ab" * 32, "notice-9"])
def test_what_wasnt_published_here_isnt_found(site: Site, identifier: str) -> None:
    # The demonstration's own notice was filed as a record, without a signed text.
    with pytest.raises(NoticeNotPublished):
        site.notices.find(identifier)


# Signs, and what they permit.


def test_without_a_posted_and_current_sign_the_device_gets_no_permit(site: Site) -> None:
    """From a permitted desk: sign gone, posted anew, notice changed, sign made anew."""
    hotel = site.hotel
    hotel.welcome()
    request = hotel.request()
    old = hotel.grant(request)

    hotel.withdraw("sign")
    with pytest.raises(RefusedByRule) as refused:
        hotel.grant()
    assert "sign" in {key for missing in refused.value.verdict.missing for key in missing.alternatives}
    with pytest.raises(PermitRevoked):
        hotel.desk.verifier.admit(old.token, Passage(Door.CAPTURE, "capture", request))

    site.notices.publish(site.draft(), author=OFFICER)
    made = site.sign()
    with pytest.raises(RefusedByRule):
        hotel.grant()
    site.post(made)
    assert "sign" in {claim.key for claim in hotel.grant().claims.evidence}

    site.notices.publish(site.draft(), author=OFFICER)
    with pytest.raises(RefusedByRule) as stale:
        hotel.grant()
    assert "sign" in {key for missing in stale.value.verdict.missing for key in missing.alternatives}
    with pytest.raises(SignNotCurrent, match="isn't in force"):
        site.post(made)
    site.post(site.sign())
    hotel.grant()


def test_a_sign_of_another_device_permits_nothing_here(site: Site) -> None:
    hotel = site.hotel
    hotel.welcome()
    hotel.withdraw("sign")
    hotel.desk.registrar.add_device(
        Device(DeviceId("dev_second"), "Second", hotel.site.place, ("capture", "verify"), hotel.clock.now())
    )
    site.notices.publish(site.draft(), author=OFFICER)
    site.post(
        site.notices.make_sign(author=INSTALLER, place=hotel.site.place, devices=(DeviceId("dev_second"),))
    )
    with pytest.raises(RefusedByRule):
        hotel.grant()


def test_the_file_that_is_posted_may_be_a_pdf(site: Site) -> None:
    site.notices.publish(site.draft(), author=OFFICER)
    made = site.sign()
    posted = site.notices.post_sign(
        sign_pdf(sheet_of(made)),
        author=INSTALLER,
        position="At the door.",
        posted_at=site.hotel.clock.now() - timedelta(hours=1),
        photograph_sha256="ab" * 32,
    )
    record = site.hotel.store.evidence.get(posted.record)
    assert posted.sign_id == made.sign.sign_id == record.content["sign_id"]
    assert record.content["posted_by_role"] == "installer"
    assert record.content["notice_version"] == made.notice.version
    assert record.scope.place == site.hotel.site.place


def test_a_sign_isnt_posted_before_it_hangs(site: Site) -> None:
    site.notices.publish(site.draft(), author=OFFICER)
    with pytest.raises(SignNotCurrent, match="not before"):
        site.notices.post_sign(
            sign_svg(sheet_of(site.sign())),
            author=INSTALLER,
            position="At the door.",
            posted_at=site.hotel.clock.now() + timedelta(seconds=1),
        )


def test_another_installations_sign_isnt_posted_here(
    site: Site, tmp_path_factory: pytest.TempPathFactory
) -> None:
    site.notices.publish(site.draft(), author=OFFICER)
    with front_desk(tmp_path_factory.mktemp("other"), fresh=True) as other:
        elsewhere = open_site(other)
        elsewhere.notices.publish(elsewhere.draft(), author=OFFICER)
        made = elsewhere.sign()
    with pytest.raises(SignNotCurrent, match="wasn't signed by this installation"):
        site.post(made)


def test_a_sign_shows_what_its_devices_are_declared_for(site: Site) -> None:
    hotel = site.hotel
    hotel.desk.registrar.add_device(
        Device(DeviceId("dev_counter"), "Counter", hotel.site.place, ("crowd_count",), hotel.clock.now())
    )
    with pytest.raises(NoticeNotPublished):
        site.sign()
    site.notices.publish(site.draft(), author=OFFICER)
    with pytest.raises(SignNotCurrent, match="another kind"):
        site.notices.make_sign(author=INSTALLER, place=hotel.site.place, devices=(DeviceId("dev_counter"),))
    with pytest.raises(SignNotCurrent, match="another place"):
        site.notices.make_sign(author=INSTALLER, place=hotel.site.place, devices=(hotel.site.room_device,))


def test_of_several_notices_one_has_to_be_named(site: Site) -> None:
    first = site.notices.publish(site.draft(), author=OFFICER)
    second = site.notices.publish(site.draft(notice_id="notice-other", version=1), author=OFFICER)
    with pytest.raises(NoticeNotPublished, match="Several"):
        site.sign()
    for found in (first, second):
        made = site.notices.make_sign(
            author=INSTALLER,
            place=site.hotel.site.place,
            devices=(site.hotel.site.desk_device,),
            notice=found.notice.notice_id,
        )
        assert made.sign.version_id == found.notice.version_id


def test_what_isnt_registered_is_refused(site: Site) -> None:
    where = site.hotel.site
    for place, purpose, device in (
        (PlaceId("plc_no"), where.purpose, where.desk_device),
        (where.place, PurposeId("pur_no"), where.desk_device),
        (where.place, where.purpose, DeviceId("dev_no")),
    ):
        with pytest.raises(Exception, match="isn't registered"):
            site.notices.draft(author=OFFICER, place=place, purpose=purpose, device=device)
