"""Notices, signs and the receipts of consents: drafted from what is on file, signed, drawn, checked.

Rules of this package:

* A notice is complete in every language or isn't published. What only a person can supply is a gap that
  says so; the system makes nothing up and doesn't translate.
* What is published is signed with the deployment's key, and anybody checks it with the public key alone.
  What was altered is named by member, never by value.
* A sign leads to one version of one notice. With another version it has to be made and posted again.
* Terms are those of the W3C Data Privacy Vocabulary where it has them, and our own where it hasn't.
* Nothing here reads or writes a store, a file or a network; values come in and values go out.
"""

from countenance.authority.notices.consent_receipts import (
    CONSENT_RECEIPT_KIND,
    WITHDRAWAL_KIND,
    ConsentTold,
    WithdrawalToken,
    check_consent_receipt,
    read_withdrawal_token,
    sign_consent_receipt,
    sign_withdrawal_token,
)
from countenance.authority.notices.contents import (
    GAP_MARK,
    LANGUAGES,
    ErrorRates,
    Gap,
    NoticeDraft,
    Part,
)
from countenance.authority.notices.drafting import (
    NoticeDraftDocument,
    NoticeFacts,
    draft_notice,
    draft_text,
    kind_of,
    read_draft,
)
from countenance.authority.notices.errors import (
    DocumentAltered,
    NoticeFileInvalid,
    NoticeHasGaps,
    NoticeNotPublished,
    PrintingNotInstalled,
    SignNotCurrent,
    SignTooLong,
)
from countenance.authority.notices.linked_data import (
    NOTICE_KIND,
    SignedNotice,
    check_notice,
    notice_of,
    sign_notice,
)
from countenance.authority.notices.page import notice_page, page_style, withdrawal_page
from countenance.authority.notices.pdf import sign_pdf
from countenance.authority.notices.phrases import phrase
from countenance.authority.notices.signed import PROOF, Verifier
from countenance.authority.notices.signs import SIGN_KIND, Sign, SignMade, read_sign, sheet_of, sign_of
from countenance.authority.notices.svg import sign_svg

__all__ = [
    "CONSENT_RECEIPT_KIND",
    "GAP_MARK",
    "LANGUAGES",
    "NOTICE_KIND",
    "PROOF",
    "SIGN_KIND",
    "WITHDRAWAL_KIND",
    "ConsentTold",
    "DocumentAltered",
    "ErrorRates",
    "Gap",
    "NoticeDraft",
    "NoticeDraftDocument",
    "NoticeFacts",
    "NoticeFileInvalid",
    "NoticeHasGaps",
    "NoticeNotPublished",
    "Part",
    "PrintingNotInstalled",
    "Sign",
    "SignMade",
    "SignNotCurrent",
    "SignTooLong",
    "SignedNotice",
    "Verifier",
    "WithdrawalToken",
    "check_consent_receipt",
    "check_notice",
    "draft_notice",
    "draft_text",
    "kind_of",
    "notice_of",
    "notice_page",
    "page_style",
    "phrase",
    "read_draft",
    "read_sign",
    "read_withdrawal_token",
    "sheet_of",
    "sign_consent_receipt",
    "sign_notice",
    "sign_of",
    "sign_pdf",
    "sign_svg",
    "sign_withdrawal_token",
    "withdrawal_page",
]
