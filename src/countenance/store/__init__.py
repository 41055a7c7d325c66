"""Records, keys, seals, signatures and the transparency log. The only package that touches them.

Rules of this package:

* Nothing in the database says in clear what concerns a person: content about a subject is sealed
  under a data key of that subject, and destroying the key erases it.
* A record is believed when its MAC fits, under a key of this deployment. A row that was edited by
  hand, or copied from another deployment (the demo's evidence, say), isn't.
* The root key never lies in the data folder. It wraps one master key; everything else hangs below it.
* Every act that matters leaves a leaf in a Merkle tree (RFC 6962) whose head is signed. Leaves are
  commitments, so that erasing what they said doesn't break the tree.
* A change is either wholly on disk (SQLite, write-ahead log, ``synchronous=FULL``) or didn't happen.
* Objects here are safe to use from several threads.
"""

from countenance.store.errors import (
    ApiKeyRefused,
    DemoEvidenceRefused,
    ErasureUnfinished,
    KeyNotUnwrapped,
    KeyProviderUnknown,
    LogBroken,
    ProofNotPossible,
    RecordExists,
    RecordTampered,
    RecordUnknown,
    RootKeyError,
    RootKeyExists,
    RootKeyExposed,
    RootKeyInsideStore,
    RootKeyMalformed,
    RootKeyMissing,
    RootKeyWrong,
    SealBroken,
    SealKeyDestroyed,
    SignatureRefused,
    StoreBusy,
    StoreError,
    StoreExists,
    StoreExposed,
    StoreMissing,
    StoreNewer,
    StoreUnreadable,
)
from countenance.store.values import (
    ApiKeyRecord,
    DecisionRecord,
    Deployment,
    Device,
    DutyRecord,
    EvidenceKind,
    EvidenceRecord,
    EvidenceScope,
    Issuer,
    PermitRecord,
    Place,
    Purpose,
)

__all__ = [
    "ApiKeyRecord",
    "ApiKeyRefused",
    "DecisionRecord",
    "DemoEvidenceRefused",
    "Deployment",
    "Device",
    "DutyRecord",
    "ErasureUnfinished",
    "EvidenceKind",
    "EvidenceRecord",
    "EvidenceScope",
    "Issuer",
    "KeyNotUnwrapped",
    "KeyProviderUnknown",
    "LogBroken",
    "PermitRecord",
    "Place",
    "ProofNotPossible",
    "Purpose",
    "RecordExists",
    "RecordTampered",
    "RecordUnknown",
    "RootKeyError",
    "RootKeyExists",
    "RootKeyExposed",
    "RootKeyInsideStore",
    "RootKeyMalformed",
    "RootKeyMissing",
    "RootKeyWrong",
    "SealBroken",
    "SealKeyDestroyed",
    "SignatureRefused",
    "StoreBusy",
    "StoreError",
    "StoreExists",
    "StoreExposed",
    "StoreMissing",
    "StoreNewer",
    "StoreUnreadable",
]
