"""Records, keys, seals, signatures and the transparency log. The only package that touches them.

Rules of this package:

* Nothing in the database says in clear what concerns a person: content about a subject is sealed
  under a data key of that subject, and destroying the key erases it.
* A record is believed when its MAC fits, under a key of this deployment. A row that was edited by
  hand, or copied from another deployment (the demo's evidence, say), isn't.
* The root key never lies in the data folder. It wraps one master key; everything else hangs below it.
* Every act that matters leaves a leaf in a Merkle tree (RFC 6962) whose head is signed. Leaves are
  commitments, so that erasing what they said doesn't break the tree.
* A change is either wholly on disk (SQLite with ``synchronous=FULL``, or PostgreSQL by URL) or didn't happen.
* Objects here are safe to use from several threads.
"""

from countenance.store.api_keys import ProvedKeys, check_api_key, issue_api_key
from countenance.store.audit_reading import AuditedEntry, AuditedStore, AuditReader, EntryState
from countenance.store.backup import BackupRecord
from countenance.store.case_steps import CaseStep, CaseSteps
from countenance.store.comparison_dues import ComparisonDues
from countenance.store.cosignatures import (
    CheckpointWitness,
    Cosignature,
    WitnessKey,
    WitnessSigner,
    add_line,
    cosignatures_of,
)
from countenance.store.enrolments import DeviceEnrolments, new_device_key
from countenance.store.erasure import Erased, Erasures, Remains
from countenance.store.erasure_journal import ErasureJournal, JournalContent, JournaledBackup
from countenance.store.error_tables import KeptErrorTable, OwnErrorTables
from countenance.store.errors import (
    ApiKeyRefused,
    BackupElsewhere,
    BackupOver,
    BackupUnreadable,
    CustodianRefused,
    CustodianUnreachable,
    DatabaseUnfit,
    DemoEvidenceRefused,
    ErasureJournalBroken,
    ErasureJournalMissing,
    ErasuresNotReplayed,
    ErasureUnfinished,
    KeyNotUnwrapped,
    KeyProviderUnknown,
    LogBroken,
    ProofNotPossible,
    PurposeKeyGone,
    PurposeKeyInUse,
    PurposeKeyMissing,
    RecordExists,
    RecordTampered,
    RecordUnknown,
    RootKeyError,
    RootKeyExists,
    RootKeyExposed,
    RootKeyInsideStore,
    RootKeyMalformed,
    RootKeyMissing,
    RootKeySame,
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
    StoreUnreachable,
    StoreUnreadable,
    SubjectNotOnFile,
)
from countenance.store.holds import HoldRecords, LegalHold
from countenance.store.key_providers import (
    EnvKeyProvider,
    FileKeyProvider,
    create_root_key,
    key_provider,
)
from countenance.store.liveness_attempts import AttemptCount, LivenessAttempts, name_of_subject
from countenance.store.log import TransparencyLog
from countenance.store.log_check import LogCheck, LogFinding, LogFindingCode
from countenance.store.log_entries import LogDraft, LogEntry, LogReceipt, commit
from countenance.store.log_filling import fill_log
from countenance.store.log_follow import LogFollower
from countenance.store.look_alikes import LookAlikes
from countenance.store.merkle import leaf_hash, verify_consistency, verify_inclusion
from countenance.store.merkle_paths import MemoryNodes, consistency_path, inclusion_path, range_root
from countenance.store.notes import Checkpoint, NoteKey, open_checkpoint
from countenance.store.outside import (
    OUTSIDE_KIND,
    OutsideIssuer,
    OutsideIssuers,
    OutsideKind,
    OutsideVerifier,
)
from countenance.store.pass_revocations import PassRevocation, PassRevocations
from countenance.store.population import SELF_CHECK_PURPOSE, SELF_CHECK_SUBJECT, Population
from countenance.store.purpose_keys import KeyState, PurposeKey, PurposeKeys
from countenance.store.references import (
    OpenedReference,
    ReferenceChange,
    ReferenceRecord,
    ReferenceRecords,
    ReferenceState,
)
from countenance.store.restoring import Restored, replay_erasures, restore_backup
from countenance.store.retention_items import HeldDecision, HeldRecord, PersonFile, RetentionState
from countenance.store.signing import Ed25519Signer, PublicVerifier
from countenance.store.store import Store, TamperedRow
from countenance.store.values import (
    ApiKeyRecord,
    DecisionRecord,
    Deployment,
    Device,
    DeviceEnrolment,
    DeviceStatus,
    DutyRecord,
    EvidenceKind,
    EvidenceRecord,
    EvidenceScope,
    Issuer,
    PermitRecord,
    Place,
    Purpose,
)
from countenance.store.vault import UNBOUND, DestroyedKey, Vault
from countenance.store.wire import Wire

__all__ = [
    "OUTSIDE_KIND",
    "SELF_CHECK_PURPOSE",
    "SELF_CHECK_SUBJECT",
    "UNBOUND",
    "ApiKeyRecord",
    "ApiKeyRefused",
    "AttemptCount",
    "AuditReader",
    "AuditedEntry",
    "AuditedStore",
    "BackupElsewhere",
    "BackupOver",
    "BackupRecord",
    "BackupUnreadable",
    "CaseStep",
    "CaseSteps",
    "Checkpoint",
    "CheckpointWitness",
    "ComparisonDues",
    "Cosignature",
    "CustodianRefused",
    "CustodianUnreachable",
    "DatabaseUnfit",
    "DecisionRecord",
    "DemoEvidenceRefused",
    "Deployment",
    "DestroyedKey",
    "Device",
    "DeviceEnrolment",
    "DeviceEnrolments",
    "DeviceStatus",
    "DutyRecord",
    "Ed25519Signer",
    "EntryState",
    "EnvKeyProvider",
    "Erased",
    "ErasureJournal",
    "ErasureJournalBroken",
    "ErasureJournalMissing",
    "ErasureUnfinished",
    "Erasures",
    "ErasuresNotReplayed",
    "EvidenceKind",
    "EvidenceRecord",
    "EvidenceScope",
    "FileKeyProvider",
    "HeldDecision",
    "HeldRecord",
    "HoldRecords",
    "Issuer",
    "JournalContent",
    "JournaledBackup",
    "KeptErrorTable",
    "KeyNotUnwrapped",
    "KeyProviderUnknown",
    "KeyState",
    "LegalHold",
    "LivenessAttempts",
    "LogBroken",
    "LogCheck",
    "LogDraft",
    "LogEntry",
    "LogFinding",
    "LogFindingCode",
    "LogFollower",
    "LogReceipt",
    "LookAlikes",
    "MemoryNodes",
    "NoteKey",
    "OpenedReference",
    "OutsideIssuer",
    "OutsideIssuers",
    "OutsideKind",
    "OutsideVerifier",
    "OwnErrorTables",
    "PassRevocation",
    "PassRevocations",
    "PermitRecord",
    "PersonFile",
    "Place",
    "Population",
    "ProofNotPossible",
    "ProvedKeys",
    "PublicVerifier",
    "Purpose",
    "PurposeKey",
    "PurposeKeyGone",
    "PurposeKeyInUse",
    "PurposeKeyMissing",
    "PurposeKeys",
    "RecordExists",
    "RecordTampered",
    "RecordUnknown",
    "ReferenceChange",
    "ReferenceRecord",
    "ReferenceRecords",
    "ReferenceState",
    "Remains",
    "Restored",
    "RetentionState",
    "RootKeyError",
    "RootKeyExists",
    "RootKeyExposed",
    "RootKeyInsideStore",
    "RootKeyMalformed",
    "RootKeyMissing",
    "RootKeySame",
    "RootKeyWrong",
    "SealBroken",
    "SealKeyDestroyed",
    "SignatureRefused",
    "Store",
    "StoreBusy",
    "StoreError",
    "StoreExists",
    "StoreExposed",
    "StoreMissing",
    "StoreNewer",
    "StoreUnreachable",
    "StoreUnreadable",
    "SubjectNotOnFile",
    "TamperedRow",
    "TransparencyLog",
    "Vault",
    "Wire",
    "WitnessKey",
    "WitnessSigner",
    "add_line",
    "check_api_key",
    "commit",
    "consistency_path",
    "cosignatures_of",
    "create_root_key",
    "fill_log",
    "inclusion_path",
    "issue_api_key",
    "key_provider",
    "leaf_hash",
    "name_of_subject",
    "new_device_key",
    "open_checkpoint",
    "range_root",
    "replay_erasures",
    "restore_backup",
    "verify_consistency",
    "verify_inclusion",
]
