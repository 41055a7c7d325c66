"""What leaves the installation: evidence packs for auditors.

Rules of this package:

* An evidence pack holds what proves that an act was permitted, and nothing that was measured from a face.
* A pack is verified with a public key alone. Whatever doesn't hold is named.
* Nothing else leaves: data sets aren't exported, and sale isn't an option that can be configured.
"""

from countenance.release.archive import PackUnreadable, read_archive, write_archive
from countenance.release.checking import verify_pack
from countenance.release.export import ExportRange, StoreNotWhole, export_pack
from countenance.release.findings import DecisionProof, Finding, FindingCode, PackReport
from countenance.release.ledger import check_store
from countenance.release.proofs import (
    NothingToProve,
    ProofRefused,
    ProofSeen,
    consistency_of,
    log_key_of,
    prove_entry,
    prove_growth,
    verify_proof,
)
from countenance.release.rule_texts import rule_texts

__all__ = [
    "DecisionProof",
    "ExportRange",
    "Finding",
    "FindingCode",
    "NothingToProve",
    "PackReport",
    "PackUnreadable",
    "ProofRefused",
    "ProofSeen",
    "StoreNotWhole",
    "check_store",
    "consistency_of",
    "export_pack",
    "log_key_of",
    "prove_entry",
    "prove_growth",
    "read_archive",
    "rule_texts",
    "verify_pack",
    "verify_proof",
    "write_archive",
]
