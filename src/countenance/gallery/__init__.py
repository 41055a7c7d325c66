"""Enrolled templates: add, compare 1:1, search 1:N, erase.

Rules of this package:

* A template enters only sealed, under one purpose, with a permit for ``enrol`` and ``store``.
* A search answers exactly: the candidates that it returns are those that a full float32 search
  returns. Approximate indexes miss enrolled people and are not used.
* Nothing imports this package but ``enrolment``, ``decisions``, ``evaluation`` and ``runtime``; an import
  contract keeps that true.

What is here is the search in memory. The sealed gallery around it, and enrolment, come with their own issue.
"""

from countenance.gallery.errors import (
    IndexFull,
    ReferenceExists,
    ReferenceUnknown,
    ScanKernelUnusable,
    VectorUnusable,
)
from countenance.gallery.index import Candidate, CertifiedIndex, SearchAnswer, SearchFilter
from countenance.gallery.kernels import Block, NumpyKernel, ScanKernel, Survivors, exact_scores
from countenance.gallery.native import InstructionSet, NativeKernel, choose_kernel, supported

__all__ = [
    "Block",
    "Candidate",
    "CertifiedIndex",
    "IndexFull",
    "InstructionSet",
    "NativeKernel",
    "NumpyKernel",
    "ReferenceExists",
    "ReferenceUnknown",
    "ScanKernel",
    "ScanKernelUnusable",
    "SearchAnswer",
    "SearchFilter",
    "Survivors",
    "VectorUnusable",
    "choose_kernel",
    "exact_scores",
    "supported",
]
