"""Everything that can go wrong with records, keys, seals, signatures and the log, by name.

::

    OperatorError
    ├── StoreError               the data folder
    │   ├── StoreMissing, StoreExists, StoreExposed, StoreNewer, StoreUnreadable, StoreBusy
    │   ├── DatabaseUnfit, StoreUnreachable, BackupElsewhere
    │   ├── RecordExists, RecordTampered
    │   ├── PurposeKeyMissing, PurposeKeyInUse
    │   ├── SealBroken, ErasureUnfinished
    │   ├── BackupUnreadable, BackupOver, ErasureJournalMissing, ErasureJournalBroken, ErasuresNotReplayed
    │   └── LogBroken
    └── RootKeyError             the root key
        ├── KeyProviderUnknown, RootKeyMissing, RootKeyExists, RootKeySame, RootKeyMalformed,
        │   CustodianUnreachable, CustodianRefused
        ├── RootKeyExposed, RootKeyInsideStore
        └── KeyNotUnwrapped, RootKeyWrong
    CallerError
    ├── RecordUnknown, SubjectNotOnFile
    ├── ApiKeyRefused
    └── ProofNotPossible
    EvidenceError
    ├── SignatureRefused
    ├── SealKeyDestroyed, PurposeKeyGone
    └── DemoEvidenceRefused

No message holds a key, a secret, a name or what a record says. Paths of the operator's own settings
are left out too: the setting's name is enough to find them.
"""

from __future__ import annotations

from countenance.kernel import CallerError, EvidenceError, OperatorError

__all__ = [
    "ApiKeyRefused",
    "BackupElsewhere",
    "BackupOver",
    "BackupUnreadable",
    "CustodianRefused",
    "CustodianUnreachable",
    "DatabaseUnfit",
    "DemoEvidenceRefused",
    "ErasureJournalBroken",
    "ErasureJournalMissing",
    "ErasureUnfinished",
    "ErasuresNotReplayed",
    "KeyNotUnwrapped",
    "KeyProviderUnknown",
    "LogBroken",
    "ProofNotPossible",
    "PurposeKeyGone",
    "PurposeKeyInUse",
    "PurposeKeyMissing",
    "RecordExists",
    "RecordTampered",
    "RecordUnknown",
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
    "StoreBusy",
    "StoreError",
    "StoreExists",
    "StoreExposed",
    "StoreMissing",
    "StoreNewer",
    "StoreUnreachable",
    "StoreUnreadable",
    "SubjectNotOnFile",
]


class StoreError(OperatorError):
    """The data folder can't be used as it is."""

    code = "store"
    default_remedy = "Run countenance doctor; it says what is wrong with the data folder."


class StoreMissing(StoreError):
    """There is no store in the data folder."""

    code = "store-missing"
    default_remedy = "Check the data folder in the settings, or create a store there first."


class StoreExists(StoreError):
    """A store is there already, and nothing overwrites one."""

    code = "store-exists"
    default_remedy = "Open the store that is there, or name another data folder."


class StoreExposed(StoreError):
    """Others on this machine can read the data folder or a file in it."""

    code = "store-exposed"
    default_remedy = (
        "Give the data folder mode 0700 and the files in it mode 0600, with the service's own owner."
    )


class StoreNewer(StoreError):
    """The store was written by a newer version."""

    code = "store-newer"
    default_remedy = "Run the newer version, or restore a backup that this version wrote."


class StoreUnreadable(StoreError):
    """The database file is damaged, or isn't one of ours."""

    code = "store-unreadable"
    default_remedy = "Restore the data folder from a backup."


class StoreBusy(StoreError):
    """The database didn't take the change in time: locked, full or not writable."""

    code = "store-busy"
    default_remedy = (
        "Look for another process that holds the data folder, and for free disk space; then try again."
    )


class StoreUnreachable(StoreError):
    """The database server doesn't answer; what wasn't acknowledged may or may not be kept."""

    code = "store-unreachable"
    default_remedy = "See that PostgreSQL runs and that the setting database names it; then try again."


class DatabaseUnfit(StoreError):
    """The setting database, or the server that it names, isn't one that keeps records safely."""

    code = "database-unfit"
    default_remedy = "Follow docs/how-to/postgresql.md."


class RecordExists(StoreError):
    """A record with this identifier is there already."""

    code = "record-exists"
    default_remedy = "Use the record that is there, or another identifier."


class RecordTampered(StoreError):
    """A record isn't as this installation wrote it, or another installation wrote it; it isn't believed."""

    code = "record-tampered"
    default_remedy = "Find out who changed the database; restore it from a backup, or record the fact again."


class PurposeKeyMissing(StoreError):
    """The purpose has no key, or none of this version."""

    code = "purpose-key-missing"
    default_remedy = (
        "Make one with `countenance keys rekey PURPOSE`; enrolling the first person does so, too."
    )


class PurposeKeyInUse(StoreError):
    """The key can't be replaced or deleted yet: something is still under it."""

    code = "purpose-key-in-use"
    default_remedy = "Run `countenance keys rekey PURPOSE` again: it finishes what was begun."


class SealBroken(StoreError):
    """A sealed value was altered, or was sealed for another subject, purpose, context or installation."""

    code = "seal-broken"
    default_remedy = "Restore the data folder from a backup; if that doesn't help, the value is lost."


class ErasureUnfinished(StoreError):
    """The key is gone from the database, but traces may be left in its write-ahead log."""

    code = "erasure-unfinished"
    default_remedy = (
        "Stop what else reads the data folder and erase again; closing the store finishes it as well."
    )


class LogBroken(StoreError):
    """The log's own head doesn't fit its leaves; nothing is appended to such a log."""

    code = "log-broken"
    default_remedy = "Run countenance doctor, keep the data folder as evidence, and restore a backup."


class RootKeyError(OperatorError):
    """The root key can't be used as it is."""

    code = "root-key"
    default_remedy = "Check the key provider in the settings."


class KeyProviderUnknown(RootKeyError):
    """The URI names no key provider of this version."""

    code = "key-provider-unknown"
    default_remedy = "Use file:/absolute/path or env:NAME."


class RootKeyMissing(RootKeyError):
    """There is no root key at the place that the URI names."""

    code = "root-key-missing"
    default_remedy = "Check the key provider in the settings; create a root key only for a new store."


class RootKeyExists(RootKeyError):
    """A root key is there already, and nothing overwrites one."""

    code = "root-key-exists"
    default_remedy = "Use the key that is there, or name another file."


class CustodianUnreachable(RootKeyError):
    """A service that holds a key doesn't answer."""

    code = "custodian-unreachable"
    default_remedy = (
        "See that the service runs and that this machine reaches it; nothing opens without its key."
    )


class CustodianRefused(RootKeyError):
    """A service that holds a key doesn't let this installation use it."""

    code = "custodian-refused"
    default_remedy = (
        "Give this installation a token that may encrypt and decrypt with the key, and see that it is there."
    )


class RootKeySame(RootKeyError):
    """The root key is to be replaced by one that is held at the same place."""

    code = "root-key-same"
    default_remedy = "Name another place with --to: the key before opens backups until their last day."


class RootKeyMalformed(RootKeyError):
    """What is there isn't 32 bytes in base64."""

    code = "root-key-malformed"
    default_remedy = "Restore the root key; it is 32 random bytes written in base64."


class RootKeyExposed(RootKeyError):
    """Others on this machine can read the root key."""

    code = "root-key-exposed"
    default_remedy = (
        "Give the key file mode 0600 and consider the key known to others: make a new store under a new key."
    )


class RootKeyInsideStore(RootKeyError):
    """The root key lies in the data folder, so that whoever takes the folder takes the key."""

    code = "root-key-inside-store"
    default_remedy = "Move the key file outside the data folder and outside its backups."


class KeyNotUnwrapped(RootKeyError):
    """A wrapped key was altered, was wrapped for something else, or under another root key."""

    code = "key-not-unwrapped"
    default_remedy = "Give the root key with which the store was created."


class RootKeyWrong(RootKeyError):
    """The root key isn't the one with which this store was created."""

    code = "root-key-wrong"
    default_remedy = "Give the root key with which the store was created; without it the store can't be read."


class RecordUnknown(CallerError):
    """No record has this identifier."""

    code = "record-unknown"
    default_remedy = "Check the identifier; register the thing first if it is new."


class SubjectNotOnFile(CallerError):
    """Nothing is held about the person, or nothing for that purpose."""

    code = "subject-not-on-file"
    default_remedy = "Check the pseudonym and the purpose. Who was erased before isn't on file any more."


class BackupUnreadable(StoreError):
    """The file isn't a backup, was altered or cut, or was made under another root key."""

    code = "backup-unreadable"
    default_remedy = "Give the backup whole, as it was written, with the root key of its installation."


class BackupElsewhere(StoreError):
    """The records are on a database server: its own tools back them up and put them back."""

    code = "backup-elsewhere"
    default_remedy = (
        "Back up and put back with pg_dump and pg_restore, or pg_basebackup; then run "
        "`countenance restore --replay`. docs/how-to/postgresql.md says how."
    )


class BackupOver(StoreError):
    """The backup's last day is over: certificates say that it is gone."""

    code = "backup-over"
    default_remedy = "Delete it, and restore one that is still within its days."


class ErasureJournalMissing(StoreError):
    """Nothing says what was erased after the backup was made."""

    code = "erasure-journal-missing"
    default_remedy = (
        "Give the installation's erasure journal (setting erasure_journal) with --journal. Without it people "
        "who were erased would come back."
    )


class ErasureJournalBroken(StoreError):
    """The erasure journal was altered or cut, or belongs to another installation."""

    code = "erasure-journal-broken"
    default_remedy = "Give the journal as the installation wrote it; keep a copy of it away from the machine."


class ErasuresNotReplayed(StoreError):
    """The store is older than the last erasure: somebody put an earlier state back."""

    code = "erasures-not-replayed"
    default_remedy = "Run `countenance restore --replay`: it erases again what was erased since."


class ApiKeyRefused(CallerError):
    """The API key isn't one of ours, or was revoked."""

    code = "api-key-refused"
    default_remedy = "Ask the operator for an API key, and send it whole."


class ProofNotPossible(CallerError):
    """No such proof exists: the index or the sizes lie outside the log."""

    code = "proof-not-possible"
    default_remedy = "Ask for an index below the size, and for sizes that the log has reached."


class SignatureRefused(EvidenceError):
    """The signature, the kind or the form of a signed statement isn't right."""

    code = "signature-refused"
    default_remedy = (
        "Use the statement exactly as it was issued, with the key of the installation that issued it."
    )


class SealKeyDestroyed(EvidenceError):
    """The data key was destroyed: what it sealed is erased."""

    code = "seal-key-destroyed"
    default_remedy = "Nothing brings it back. Collect the data again, with consent, if it is needed."


class PurposeKeyGone(EvidenceError):
    """The version of the purpose's key was deleted: what it protected opens no more."""

    code = "purpose-key-gone"
    default_remedy = "Issue the pass again; templates in the gallery were moved before the key went."


class DemoEvidenceRefused(EvidenceError):
    """DEMO evidence is believed in the demo's own store alone."""

    code = "demo-evidence-refused"
    default_remedy = "Record real evidence; DEMO evidence belongs in a store created for the demo."
