"""A complete notice of a made-up front desk, in both languages, and what is drawn from it."""

# ruff: noqa: RUF001 - Chinese texts have Chinese punctuation

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from countenance.authority.notices import (
    LANGUAGES,
    ErrorRates,
    NoticeDraft,
    NoticeFacts,
    Part,
    SignedNotice,
    SignMade,
    draft_notice,
    sign_notice,
    sign_of,
)
from countenance.authority.records import (
    Alternative,
    BasisKind,
    Channel,
    LegalBasis,
    Pictogram,
    RetentionTerm,
)
from countenance.kernel import PlaceId, PurposeId, Signer
from countenance.store import Ed25519Signer, Place, Purpose

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SIGNER = Ed25519Signer(private_key=bytes(range(32)))
OTHER_SIGNER = Ed25519Signer(private_key=bytes(range(1, 33)))
PLACE = Place(PlaceId("plc_frontdesk"), "Front desk", "hotel_lobby", ("CN",), "Asia/Shanghai")
PURPOSE = Purpose(
    PurposeId("pur_checkin"),
    "Hotel check-in",
    "Compare a guest with the portrait in the guest's document, once, at check-in.",
    "dpv:IdentityVerification",
)
ERRORS = ErrorRates(8.2e-5, 1e-4, 0.0606, "press photographs of 2,013 public figures", "development")
FACTS = NoticeFacts(
    basis=LegalBasis(
        jurisdictions=("CN",),
        basis=BasisKind.CONSENT,
        article="PIPL Art 29",
        reasoning="The guest is asked.",
    ),
    retention=(
        RetentionTerm(keeps="Photographs", days=0, counted_from="the act"),
        RetentionTerm(keeps="The decision's record", days=30, counted_from="the act"),
    ),
    alternative=Alternative(
        route="A clerk looks at you and your document.", offered_by_role="clerk", costs_nothing=True
    ),
    withdrawal=Channel(how="Say so.", address="the desk", answered_by_role="clerk", answer_within_days=0),
    appeal=Channel(
        how="Write to the officer.", address="the desk", answered_by_role="officer", answer_within_days=30
    ),
    errors=ERRORS,
)
BY_HAND = {
    Part.TITLE: ("Face comparison at the front desk", "前台人脸比对告知书"),
    Part.KEEPER: ("Specimen Hotel Ltd (made up)", "样例酒店有限公司（虚构）"),
    Part.CONTACT: ("The officer, at the front desk", "前台，个人信息保护负责人"),
    Part.PURPOSE: (PURPOSE.description, "办理入住时，将住客本人与其证件照片比对一次。"),
    Part.NECESSITY: (
        "It helps a tired clerk. A clerk's own eyes were weighed and stay the alternative.",
        "协助前台人员核对；人工核对仍可选择。",
    ),
    Part.IMPACT: (
        "A comparison can be wrong. A clerk then looks, and nothing is decided by it alone.",
        "比对可能出错。出错时由前台人员人工核对，不会仅凭比对结果作出决定。",
    ),
    Part.RECIPIENTS: ("Nobody outside.", "不向任何外部接收方提供。"),
    Part.RETENTION: (
        "Photographs: not kept. The decision's record: at most 30 days.",
        "照片：不保存，比对结束即删除。比对记录：最长30天。",
    ),
    Part.ALTERNATIVE: (
        "A clerk looks at you and your document; it costs nothing and takes as long.",
        "由前台人员人工核对，免费，用时相同。",
    ),
    Part.WITHDRAWAL: ("Say so at the desk; done at once.", "向前台说明即可，立即办理。"),
    Part.APPEAL: (
        "Write to the officer at the front desk; answered within 30 days.",
        "联系前台的个人信息保护负责人，30天内答复。",
    ),
}


def incomplete(*, version: int = 1, kind: Pictogram = Pictogram.VERIFY) -> NoticeDraft:
    """The draft as the system makes it."""
    return draft_notice(
        notice_id="notice-checkin", version=version, place=PLACE, purpose=PURPOSE, kind=kind, facts=FACTS
    )


def filled(draft: NoticeDraft) -> NoticeDraft:
    """The draft as a person completes it."""
    by_hand = {part: dict(zip(LANGUAGES, texts, strict=True)) for part, texts in BY_HAND.items()}
    return replace(draft, texts={**draft.texts, **by_hand})


def signed(
    *,
    version: int = 1,
    kind: Pictogram = Pictogram.VERIFY,
    demo: bool = False,
    signer: Signer = SIGNER,
) -> SignedNotice:
    draft = filled(incomplete(version=version, kind=kind))
    return sign_notice(signer, draft, deployment="dep_specimen", issued_at=NOON, demo=demo)


def sign_made(
    *,
    kind: Pictogram = Pictogram.VERIFY,
    demo: bool = False,
    link: str = "https://hotel.example/notice/",
) -> SignMade:
    notice = signed(kind=kind, demo=demo)
    return sign_of(
        SIGNER,
        notice,
        place=PLACE.place_id,
        devices=("dev_deskcamera",),
        link=f"{link}{notice.version_id}",
        made_at=NOON,
    )
