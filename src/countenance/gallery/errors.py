"""What can go wrong with the gallery."""

from __future__ import annotations

from countenance.kernel import CallerError, OperatorError

__all__ = ["IndexFull", "ReferenceExists", "ReferenceUnknown", "ScanKernelUnusable", "VectorUnusable"]


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
