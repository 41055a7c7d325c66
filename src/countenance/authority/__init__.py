"""The one desk where facts are gathered, rules asked, the log written and a permit signed.

Rules of this package:

* Facts come from stored records, never from a caller. A record counts only while it is valid, not
  withdrawn, issued by someone who may issue its key, and scoped to the request at hand.
* Two valid statements that contradict one another make the fact unknown, and unknown refuses.
* A verdict, yes or no, stands in the transparency log before a permit is signed. The log holds
  pseudonymous ids, rule ids and hashes; no name, score or file name.
* A permit rests on named records. When one of them stops counting, the permit opens no door.
* What the system says about itself (keys, log, doors) it has looked at. It never issues a record for
  something that it didn't observe.
* Demonstration evidence counts in a demonstration alone.
"""

from countenance.authority.abandoned import settle_abandoned
from countenance.authority.check import PermitCheck
from countenance.authority.counting import ActCounter, Uncounted
from countenance.authority.demo import DEMO_JURISDICTIONS, DemoSite, seed_demo
from countenance.authority.demo_archive import DemoArchive, seed_demo_archive
from countenance.authority.demo_door import DemoDoor, seed_demo_door
from countenance.authority.demo_driver import seed_demo_driver
from countenance.authority.demo_gate import seed_demo_gate
from countenance.authority.demo_passes import seed_demo_pass_desk
from countenance.authority.desk import AuthorityDesk
from countenance.authority.errors import (
    ConsentNotOnFile,
    DemoNotOffered,
    DeviceNotDeclared,
    DeviceNotInUse,
    DutyNotOpen,
    DutyOverdue,
    EvidenceNotAccepted,
    OutsideSignatureRefused,
    PlaceWithoutTimeZone,
    RefusedByRule,
    RoleMayNot,
    UnknownDevice,
    UnknownFactName,
    UnknownPlace,
    UnknownPurpose,
)
from countenance.authority.filing import Said
from countenance.authority.grants import Granted, rests_on
from countenance.authority.guests import AGE_BANDS, record_guest_consent
from countenance.authority.hypothetical import hypothetical, supposed_facts
from countenance.authority.judging import verdict_on
from countenance.authority.observers import (
    FILING_FROM,
    AccessControlObserver,
    DeviceObserver,
    LogObserver,
    Observed,
    Observer,
    PopulationObserver,
    QualityGateObserver,
    SealObserver,
    Transport,
)
from countenance.authority.outside import DEPLOYMENT_KIND, OutsideStatement, SignatureSources, Vouching
from countenance.authority.pack_form import pack_schema
from countenance.authority.packs import installed_rules, read_own_pack, shipped_rules, shipped_scene_forms
from countenance.authority.readiness import (
    Readiness,
    ReadinessItem,
    Remedies,
    Standing,
    for_an_adult_who_agrees,
    readiness_of,
)
from countenance.authority.registrar import Registrar
from countenance.authority.resolver import DISCHARGES, SOURCE, Resolution, counts_alone, resolve
from countenance.authority.roles import Act, Author, Role, RoleTable, RoleTerm, shipped_roles
from countenance.authority.sites import Site, sites_at
from countenance.authority.withdrawals import ConsentWithdrawn, Withdrawal, WithdrawalListener

__all__ = [
    "AGE_BANDS",
    "DEMO_JURISDICTIONS",
    "DEPLOYMENT_KIND",
    "DISCHARGES",
    "FILING_FROM",
    "SOURCE",
    "AccessControlObserver",
    "Act",
    "ActCounter",
    "Author",
    "AuthorityDesk",
    "ConsentNotOnFile",
    "ConsentWithdrawn",
    "DemoArchive",
    "DemoDoor",
    "DemoNotOffered",
    "DemoSite",
    "DeviceNotDeclared",
    "DeviceNotInUse",
    "DeviceObserver",
    "DutyNotOpen",
    "DutyOverdue",
    "EvidenceNotAccepted",
    "Granted",
    "LogObserver",
    "Observed",
    "Observer",
    "OutsideSignatureRefused",
    "OutsideStatement",
    "PermitCheck",
    "PlaceWithoutTimeZone",
    "PopulationObserver",
    "QualityGateObserver",
    "Readiness",
    "ReadinessItem",
    "RefusedByRule",
    "Registrar",
    "Remedies",
    "Resolution",
    "Role",
    "RoleMayNot",
    "RoleTable",
    "RoleTerm",
    "Said",
    "SealObserver",
    "SignatureSources",
    "Site",
    "Standing",
    "Transport",
    "Uncounted",
    "UnknownDevice",
    "UnknownFactName",
    "UnknownPlace",
    "UnknownPurpose",
    "Vouching",
    "Withdrawal",
    "WithdrawalListener",
    "counts_alone",
    "for_an_adult_who_agrees",
    "hypothetical",
    "installed_rules",
    "pack_schema",
    "read_own_pack",
    "readiness_of",
    "record_guest_consent",
    "resolve",
    "rests_on",
    "seed_demo",
    "seed_demo_archive",
    "seed_demo_door",
    "seed_demo_driver",
    "seed_demo_gate",
    "seed_demo_pass_desk",
    "settle_abandoned",
    "shipped_roles",
    "shipped_rules",
    "shipped_scene_forms",
    "sites_at",
    "supposed_facts",
    "verdict_on",
]
