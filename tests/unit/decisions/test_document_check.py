"""What the desk makes of a reading; the reader is made up, its readings are the real type."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pytest

from countenance.decisions import (
    AgeBandDisagrees,
    DocumentDemand,
    DocumentExpired,
    DocumentNeed,
    DocumentReadingUnavailable,
)
from countenance.decisions.document_check import read_reference
from countenance.kernel import CountenanceError, Frame, Material
from countenance.vision.documents import (
    AgeBand,
    Check,
    CheckDigitWrong,
    CheckKind,
    DocumentKind,
    DocumentReading,
    DocumentWithoutPortrait,
    MachineReadableZoneUnreadable,
    NoMachineReadableZone,
)
from countenance.vision.text import TooMuchText

TODAY = date(2026, 11, 23)


def picture() -> Frame:
    return Frame(pixels=np.full((40, 60, 3), 9, np.uint8), material=Material("ab" * 32))


def reading(
    age: AgeBand = AgeBand.ADULT, *, expired: bool | None = False, right: bool = True
) -> DocumentReading:
    return DocumentReading(
        kind=DocumentKind.TD3,
        issuing_state="UTO",
        age_band=age,
        expired=expired,
        number=None,
        checks=(Check("number", CheckKind.DIGIT, right=right),),
        resolved=(),
        confidences=(),
        frame=picture(),
        portrait=None,
    )


def demand(
    need: DocumentNeed = DocumentNeed.READ_IF_THERE,
    *,
    says: tuple[str, ...] = ("age_band", "expired"),
    takes_expired: bool = True,
) -> DocumentDemand:
    return DocumentDemand(need, TODAY, "adult", frozenset(says), takes_expired)


@dataclass
class MadeUpReader:
    """Hands out one reading, or raises one error."""

    outcome: DocumentReading | CountenanceError
    model_ids: tuple[str, ...] = ("made-up",)

    def read(self, frame: Frame, *, today: date, portrait: bool = True) -> DocumentReading:
        assert (today, portrait) == (TODAY, True)
        assert frame.pixels.any()
        if isinstance(self.outcome, CountenanceError):
            raise self.outcome
        return self.outcome


def test_what_the_scene_asks_for_is_said() -> None:
    report, page = read_reference(
        picture(), demand(says=("age_band", "expired", "kind")), MadeUpReader(reading())
    )
    assert page is not None
    assert page.frame.pixels.any(), "the portrait is looked for on it"
    assert (report.read, report.kind, report.age_band, report.expired) == (
        True, "passport (TD3)", "adult", False,
    )  # fmt: skip
    assert report.passed == (f"number ({CheckKind.DIGIT.value})",)
    assert (report.unread, report.notes) == ((), ())
    assert report.to_json()["age_band_source"] == "document read"
    assert report.to_json()["authenticated"] is False
    assert report.brief == "read, 1 checks hold; document not authenticated"


def test_what_it_doesn_t_ask_for_isn_t() -> None:
    report, _ = read_reference(picture(), demand(says=()), MadeUpReader(reading()))
    assert (report.kind, report.age_band, report.expired) == (None, None, None)
    assert report.to_json()["age_band_source"] is None


def test_the_sealed_record_holds_nothing_that_the_document_says() -> None:
    report, _ = read_reference(picture(), demand(), MadeUpReader(reading()))
    assert set(report.kept()) == {"read", "passed", "unread"}


@pytest.mark.parametrize("age", [AgeBand.UNDER_14, AgeBand.FROM_14_TO_17])
def test_another_age_than_stated_is_refused(age: AgeBand) -> None:
    read = reading(age)
    with pytest.raises(AgeBandDisagrees) as refused:
        read_reference(picture(), demand(), MadeUpReader(read))
    assert not read.frame.pixels.any(), "the page is overwritten"
    assert age.value not in refused.value.message


def test_an_age_that_can_t_be_read_is_said() -> None:
    report, _ = read_reference(picture(), demand(), MadeUpReader(reading(AgeBand.UNKNOWN)))
    assert report.age_band is None
    assert report.unread == ("birth_date",)
    assert len(report.notes) == 1


@pytest.mark.parametrize(("expired", "unread"), [(True, ()), (None, ("expiry_date",))])
def test_expiry_is_said(expired: bool | None, unread: tuple[str, ...]) -> None:
    report, _ = read_reference(picture(), demand(), MadeUpReader(reading(expired=expired)))
    assert (report.expired, report.unread) == (expired, unread)
    assert len(report.notes) == 1


def test_a_scene_may_refuse_expired_documents() -> None:
    read = reading(expired=True)
    with pytest.raises(DocumentExpired):
        read_reference(picture(), demand(takes_expired=False), MadeUpReader(read))
    assert not read.frame.pixels.any()


@pytest.mark.parametrize("need", list(DocumentNeed))
def test_a_wrong_check_digit_is_refused_whatever_the_scene(need: DocumentNeed) -> None:
    read = reading(right=False)
    with pytest.raises(CheckDigitWrong, match="number"):
        read_reference(picture(), demand(need), MadeUpReader(read))
    assert not read.frame.pixels.any()


@pytest.mark.parametrize("need", list(DocumentNeed))
def test_a_document_without_portrait_is_too(need: DocumentNeed) -> None:
    with pytest.raises(DocumentWithoutPortrait):
        read_reference(picture(), demand(need), MadeUpReader(DocumentWithoutPortrait("None was found.")))


@pytest.mark.parametrize("kind", [NoMachineReadableZone, MachineReadableZoneUnreadable, TooMuchText])
def test_what_can_t_be_read_is_said_or_refused(kind: type[CountenanceError]) -> None:
    reader = MadeUpReader(kind("It can't be read."))
    report, page = read_reference(picture(), demand(), reader)
    assert (report.read, page) == (False, None)
    assert report.notes[0] == "It can't be read."
    assert report.unread
    assert report.brief == "not read; document not authenticated"
    with pytest.raises(kind):
        read_reference(picture(), demand(DocumentNeed.REQUIRED), reader)


def test_without_the_networks_nothing_is_read() -> None:
    report, page = read_reference(picture(), demand(), None)
    assert (report.read, page) == (False, None)
    with pytest.raises(DocumentReadingUnavailable) as refused:
        read_reference(picture(), demand(DocumentNeed.REQUIRED), None)
    assert "countenance models pull" in refused.value.remedy
