"""Enrolled templates: add, compare 1:1, search 1:N, erase.

Rules of this package:

* A template enters only sealed, under one purpose, with a permit for ``enrol`` and ``store``.
* A search answers exactly: the candidates that it returns are those that a full float32 search
  returns. Approximate indexes miss enrolled people and are not used.
* Nothing imports this package but ``enrolment``, ``decisions``, ``evaluation`` and ``runtime``; an import
  contract keeps that true.

``Gallery`` is what every gallery does; ``SealedGallery`` does it in one process, over the store, and
``ClusterGallery`` over parts in several processes or machines.
"""

from countenance.gallery.answers import Candidate, SearchAnswer, SearchFilter
from countenance.gallery.base import Gallery, NewReference
from countenance.gallery.cluster import ClusterGallery, Shards
from countenance.gallery.errors import (
    GalleryUnavailable,
    IndexFull,
    PassEnded,
    PassForeign,
    PassNotYetValid,
    PassOfAnotherNetwork,
    PassRevoked,
    ReferenceExists,
    ReferenceUnknown,
    ScanKernelUnusable,
    VectorUnusable,
)
from countenance.gallery.holder_passes import HolderPasses, OpenedPass
from countenance.gallery.index import CertifiedIndex
from countenance.gallery.kernels import Block, NumpyKernel, ScanKernel, Survivors, exact_scores
from countenance.gallery.native import InstructionSet, NativeKernel, supported
from countenance.gallery.numkong_scan import NumkongKernel, has_numkong
from countenance.gallery.sealed import SealedGallery
from countenance.gallery.selection import ScanState, choose_kernel, runnable_kernels, scan_state
from countenance.gallery.shard import GalleryShard, falls_to

__all__ = [
    "Block",
    "Candidate",
    "CertifiedIndex",
    "ClusterGallery",
    "Gallery",
    "GalleryShard",
    "GalleryUnavailable",
    "HolderPasses",
    "IndexFull",
    "InstructionSet",
    "NativeKernel",
    "NewReference",
    "NumkongKernel",
    "NumpyKernel",
    "OpenedPass",
    "PassEnded",
    "PassForeign",
    "PassNotYetValid",
    "PassOfAnotherNetwork",
    "PassRevoked",
    "ReferenceExists",
    "ReferenceUnknown",
    "ScanKernel",
    "ScanKernelUnusable",
    "ScanState",
    "SealedGallery",
    "SearchAnswer",
    "SearchFilter",
    "Shards",
    "Survivors",
    "VectorUnusable",
    "choose_kernel",
    "exact_scores",
    "falls_to",
    "has_numkong",
    "runnable_kernels",
    "scan_state",
    "supported",
]
