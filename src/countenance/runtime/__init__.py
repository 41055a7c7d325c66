"""Settings, and the one place where objects are built.

Rules of this package:

* Every object that needs another one gets it here; no other package constructs a store, a desk, a door
  or a network.
* What leaves this package is :class:`Services`: guarded services alone. There is no gallery, no network
  and no database on it, so neither a page nor a route can reach around a permit.
* One TOML file, the environment over it, the command line over both. A setting that nobody knows is an
  error: a misspelt limit that is ignored would be no limit.
* An unsafe installation doesn't start, and says which setting is unsafe and how to change it.
* Logs hold events and ids. Faces, secrets, names, file names and scores are struck out.
"""

from countenance.runtime.analysis import AnalysisInstallation, prepare_analysis, prepare_demo_analysis
from countenance.runtime.audit import AuditDesk, open_audit_desk
from countenance.runtime.build import build, create_installation
from countenance.runtime.cases import incident_desk, open_incident_desk
from countenance.runtime.consents import (
    ConsentDesk,
    ConsentState,
    IssuedReceipt,
    OpenedReceipt,
    TakenBack,
    open_consent_desk,
)
from countenance.runtime.demo import DemoFolder, DemoInstallation, demo_settings, prepare_demo
from countenance.runtime.duties import DutyDesk, OpenDuty, open_duty_desk
from countenance.runtime.errors import (
    DemoFolderForeign,
    InstallationNotReady,
    ModelNotForThis,
    SettingsInvalid,
)
from countenance.runtime.filed import EnrolledDevice, FiledRecord
from countenance.runtime.keys import RoleKeyDesk, open_key_desk
from countenance.runtime.liveness import FRAME_BYTES, LivenessRoom
from countenance.runtime.logging import configure_logging
from countenance.runtime.metrics import METRICS_TYPE, Metrics
from countenance.runtime.networks import choose_networks
from countenance.runtime.notices import FoundNotice, NoticeDesk, PostedSign, open_notice_desk
from countenance.runtime.people import (
    BackupDesk,
    MadeBackup,
    PeopleDesk,
    SweepTimer,
    open_people_desk,
    replay,
    restore,
)
from countenance.runtime.records import RecordsDesk, open_records_desk
from countenance.runtime.selfcheck import HealthFinding, examine_models, examine_settings, require_ready
from countenance.runtime.services import ApiKeyDesk, Directory, ReceiptDesk, Services
from countenance.runtime.setting_up import SetUp, SetupDesk
from countenance.runtime.settings import Settings, load_settings
from countenance.runtime.setup_answers import Answers, AnswersInvalid, read_answers
from countenance.runtime.setup_opening import open_setup_desk, setup_desk

__all__ = [
    "FRAME_BYTES",
    "METRICS_TYPE",
    "AnalysisInstallation",
    "Answers",
    "AnswersInvalid",
    "ApiKeyDesk",
    "AuditDesk",
    "BackupDesk",
    "ConsentDesk",
    "ConsentState",
    "DemoFolder",
    "DemoFolderForeign",
    "DemoInstallation",
    "Directory",
    "DutyDesk",
    "EnrolledDevice",
    "FiledRecord",
    "FoundNotice",
    "HealthFinding",
    "InstallationNotReady",
    "IssuedReceipt",
    "LivenessRoom",
    "MadeBackup",
    "Metrics",
    "ModelNotForThis",
    "NoticeDesk",
    "OpenDuty",
    "OpenedReceipt",
    "PeopleDesk",
    "PostedSign",
    "ReceiptDesk",
    "RecordsDesk",
    "RoleKeyDesk",
    "Services",
    "SetUp",
    "Settings",
    "SettingsInvalid",
    "SetupDesk",
    "SweepTimer",
    "TakenBack",
    "build",
    "choose_networks",
    "configure_logging",
    "create_installation",
    "demo_settings",
    "examine_models",
    "examine_settings",
    "incident_desk",
    "load_settings",
    "open_audit_desk",
    "open_consent_desk",
    "open_duty_desk",
    "open_incident_desk",
    "open_key_desk",
    "open_notice_desk",
    "open_people_desk",
    "open_records_desk",
    "open_setup_desk",
    "prepare_analysis",
    "prepare_demo",
    "prepare_demo_analysis",
    "read_answers",
    "replay",
    "require_ready",
    "restore",
    "setup_desk",
]
