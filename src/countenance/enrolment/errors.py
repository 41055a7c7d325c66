"""Why somebody isn't enrolled. Messages name samples by number, and nobody."""

from __future__ import annotations

from collections.abc import Sequence

from countenance.enrolment.order import SampleLeftOut
from countenance.kernel import CallerError, EvidenceError, SubjectError

__all__ = [
    "AlreadyEnrolled",
    "CloseToAnother",
    "ConsentListInvalid",
    "NoUsableSample",
    "PeopleListInvalid",
    "SamplesDisagree",
]


class AlreadyEnrolled(CallerError):
    """The person has a reference of this network for this purpose."""

    code = "already-enrolled"
    default_remedy = "Remove the person's reference first, if it is to be made anew."


class NoUsableSample(SubjectError):
    """Not one of the pictures can be used.

    Args:
        left_out: why, picture by picture.
    """

    code = "no-usable-sample"
    default_remedy = "Take the pictures anew, as the reasons say picture by picture."

    def __init__(self, left_out: Sequence[SampleLeftOut]) -> None:
        words = " ".join(f"Picture {one.number}: {' '.join(one.words)}" for one in left_out)
        super().__init__("None of the pictures can be used.", remedy=words or "Give a picture of the person.")
        self.left_out = tuple(left_out)


class SamplesDisagree(SubjectError):
    """The pictures don't show one person, as far as can be told."""

    code = "samples-disagree"
    default_remedy = "See that every picture shows this person alone, and take poor ones anew."


class CloseToAnother(EvidenceError):
    """Somebody enrolled for this purpose is as close as one person's pictures are.

    Args:
        references: the references that are close.
        compared: how many took part in the search.
    """

    code = "close-to-another"
    default_remedy = (
        "Let a person look at both: one person twice, or two who look alike. For two people, state so and "
        "enrol again."
    )

    def __init__(self, references: Sequence[str], *, compared: int) -> None:
        some = "1 enrolled reference is" if len(references) == 1 else f"{len(references)} references are"
        super().__init__(f"{some} closer than the threshold: the same person, or one who looks alike.")
        self.references = tuple(references)
        self.compared = compared


class PeopleListInvalid(CallerError):
    """The folder or list of people can't be read as one."""

    code = "people-list-invalid"
    default_remedy = (
        "Give a folder with a folder for each pseudonym (sub_...), or a CSV with the columns subject, file."
    )


class ConsentListInvalid(CallerError):
    """The list of consents can't be read as one."""

    code = "consent-list-invalid"
    default_remedy = "Give a CSV with the columns subject, age_band, language."
