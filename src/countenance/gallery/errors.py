"""What can go wrong with the gallery."""

from __future__ import annotations

from countenance.kernel import CallerError, OperatorError

__all__ = [
    "GalleryUnavailable",
    "IndexFull",
    "ReferenceExists",
    "ReferenceUnknown",
    "ScanKernelUnusable",
    "VectorUnusable",
]


class ScanKernelUnusable(OperatorError):
    """The compiled scan isn't installed or doesn't fit this machine."""

    code = "scan-kernel-unusable"
    default_remedy = (
        "Install countenance-scan for this machine, or search without it: NumPy's scan is slower."
    )


class IndexFull(OperatorError):
    """The index may not hold more references."""

    code = "index-full"
    default_remedy = "Remove references that have expired, or allow a larger gallery."


class ReferenceExists(CallerError):
    """A reference with this identifier is in the index."""

    code = "reference-exists"
    default_remedy = "Erase the reference first, or choose another identifier."


class ReferenceUnknown(CallerError):
    """The index holds no reference with this identifier."""

    code = "reference-unknown"
    default_remedy = "Look up the references of this gallery."


class VectorUnusable(CallerError):
    """The vector isn't one that this index can hold or search for."""

    code = "vector-unusable"
    default_remedy = "Give a finite float32 vector of length 1 with the index's number of dimensions."


class GalleryUnavailable(OperatorError):
    """A part of a gallery that is spread over machines doesn't answer, so no answer would be complete."""

    code = "gallery-unavailable"
    default_remedy = (
        "Its references are read anew from the sealed records; try again soon. If it stays so, look whether "
        "every node of the cluster runs and reaches the database."
    )


class PassForeign(CallerError):
    """The holder pass was made by another deployment or for another purpose, or was altered."""

    code = "pass-foreign"
    default_remedy = "Show it where it was made, for what it was made, or ask for a new pass."


class PassOfAnotherNetwork(CallerError):
    """The holder pass holds a template of another network than the one that is set."""

    code = "pass-of-another-network"
    default_remedy = "Ask for a new pass; templates of two networks are never compared."


class PassNotYetValid(CallerError):
    """The holder pass doesn't hold yet."""

    code = "pass-not-yet-valid"
    default_remedy = "Come back when it holds, or use the other way that is offered."


class PassEnded(CallerError):
    """The holder pass, or the time for exchanging it, is over."""

    code = "pass-ended"
    default_remedy = "Ask for a new pass."


class PassRevoked(CallerError):
    """The holder pass was taken back."""

    code = "pass-revoked"
    default_remedy = "Ask for a new pass, or use the other way that is offered."
