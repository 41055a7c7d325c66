"""Enrolment: consent, quality gate and duplicate check, then a sealed template for the gallery.

Rules of this package:

* No template is made for keeping without a recorded consent or a statutory basis, and a permit for
  ``capture``, ``enrol`` and ``store``.
* A photograph below the quality gate is refused with what to change, never stored "for now".
* Several pictures of a person become one reference. One that doesn't fit the others is left out, and it is
  said which; two that don't fit each other enrol nobody.
* Nobody is enrolled twice for a purpose, and whoever is closer to another enrolled person than the threshold
  is enrolled only once a person has looked.
* Pictures, aligned faces and vectors are overwritten before an enrolment returns, also when it fails.
* Reports and logs name pseudonyms, codes and rules; no name, no file and no score.
"""

from countenance.enrolment.bulk import BulkEnrolment, BulkReport, LeftOut, Tally
from countenance.enrolment.consents import (
    HOLDER_PASS,
    ConsentImport,
    ConsentLine,
    import_consents,
    read_consents,
)
from countenance.enrolment.desk import DuplicateRule, EnrolmentDesk
from countenance.enrolment.door import EnrolmentDoor
from countenance.enrolment.errors import (
    AlreadyEnrolled,
    CloseToAnother,
    ConsentListInvalid,
    NoUsableSample,
    PeopleListInvalid,
    SamplesDisagree,
)
from countenance.enrolment.fusion import FusedSamples, fuse_samples
from countenance.enrolment.order import Enrolled, EnrolmentOrder, SampleLeftOut
from countenance.enrolment.pass_card import PassCard, pass_card_pdf, pass_in_pdf, require_printing
from countenance.enrolment.pass_forms import PassForm, draw_pass
from countenance.enrolment.passes import IssuedPass, PassIssuing
from countenance.enrolment.people import PersonToEnrol, is_pseudonym, people_in_folder, people_in_list
from countenance.enrolment.report import report_document, report_page
from countenance.enrolment.taking import TemplateTaking

__all__ = [
    "HOLDER_PASS",
    "AlreadyEnrolled",
    "BulkEnrolment",
    "BulkReport",
    "CloseToAnother",
    "ConsentImport",
    "ConsentLine",
    "ConsentListInvalid",
    "DuplicateRule",
    "Enrolled",
    "EnrolmentDesk",
    "EnrolmentDoor",
    "EnrolmentOrder",
    "FusedSamples",
    "IssuedPass",
    "LeftOut",
    "NoUsableSample",
    "PassCard",
    "PassForm",
    "PassIssuing",
    "PeopleListInvalid",
    "PersonToEnrol",
    "SampleLeftOut",
    "SamplesDisagree",
    "Tally",
    "TemplateTaking",
    "draw_pass",
    "fuse_samples",
    "import_consents",
    "is_pseudonym",
    "pass_card_pdf",
    "pass_in_pdf",
    "people_in_folder",
    "people_in_list",
    "read_consents",
    "report_document",
    "report_page",
    "require_printing",
]
