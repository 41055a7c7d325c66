"""An installation with a published notice and one consent on file, for tests of what everybody may reach."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from countenance.authority import Author, Role
from countenance.authority.notices import LANGUAGES, Part
from countenance.kernel import EvidenceId, PurposeId, SubjectId
from countenance.runtime import FoundNotice
from desk_installation import CAMERA, DESK, Installation, open_installation
from drafted_notices import BY_HAND, PURPOSE
from record_examples import content_for

GUEST = SubjectId("sub_guest")
OFFICER, CLERK = Author(Role.OFFICER), Author(Role.CLERK)
BASIS = {Part.BASIS: {"en": "Your separate consent.", "zh": "您的单独同意。"}}


@dataclass(frozen=True)
class PublicSite:
    """An installation, its notice in force, and a guest's consent."""

    installation: Installation
    notice: FoundNotice
    consent: EvidenceId

    def publish(self) -> FoundNotice:
        return publish(self.installation)

    def consented(self, subject: SubjectId = GUEST, *, consent_id: str = "cns-1") -> EvidenceId:
        return consented(self.installation, subject, consent_id=consent_id)


def publish(installation: Installation) -> FoundNotice:
    """Publish the next version of the front desk's notice."""
    notices = installation.services.notices
    draft = notices.draft(author=OFFICER, place=DESK, purpose=PURPOSE.purpose_id, device=CAMERA)
    by_hand = {part: dict(zip(LANGUAGES, texts, strict=True)) for part, texts in BY_HAND.items()}
    return notices.publish(replace(draft, texts={**draft.texts, **by_hand, **BASIS}), author=OFFICER)


def consented(installation: Installation, subject: SubjectId = GUEST, *, consent_id: str) -> EvidenceId:
    """File a consent and return one of its records."""
    filed = installation.services.records.file_consent(
        content_for("consent.record", consent_id=consent_id, purpose=str(PurposeId("pur_checkin"))),
        subject=subject,
        author=CLERK,
    )
    return filed[0].record.evidence_id


@contextmanager
def public_site(folder: Path) -> Iterator[PublicSite]:
    """Open it in an empty folder."""
    with open_installation(folder, public_url="https://hotel.example") as installation:
        installation.store.purposes.add(PURPOSE)
        notice = publish(installation)
        yield PublicSite(installation, notice, consented(installation, consent_id="cns-1"))
