"""Rules as data, and the verdict that they reach over stated facts.

Rules of this package:

* Pure: values in, a verdict out. No file, no clock, no network; the standard library and the kernel.
* Three-valued: a fact is stated true, stated false or not stated. Not stated refuses and asks.
* Deny overrides: any rule that refuses refuses the whole, in whatever order the rules stand.
* Empty means deny: no rules, no jurisdiction, no pack for a jurisdiction of the place, or no rule that
  speaks about the operation there, is a refusal.
* Every rule that fired is reported with its citation, force, text and how far it was checked.
* What can only come after the act is a duty with a deadline; it never stands in for evidence.
* The product says *permitted* and *refused*, by these rules and on this evidence. It gives no legal
  opinion.
"""

from countenance.policy.evaluation import combine, evaluate
from countenance.policy.facts import Facts
from countenance.policy.matrix import (
    PermittedForm,
    SceneForm,
    SceneForms,
    parse_scene_forms,
    permitted_form,
)
from countenance.policy.own_rules import OWN_PREFIX, OwnPackRefused, with_own_packs
from countenance.policy.parsing import RulePackInvalid, VocabularyInvalid, parse_pack, parse_vocabulary
from countenance.policy.rules import (
    EVERYWHERE,
    Effect,
    EvidenceNeed,
    Force,
    Phase,
    Requirement,
    Rule,
    RulePack,
    RuleSet,
    RuleSetInvalid,
    TrustMark,
    UnknownRule,
    jurisdiction_scope,
)
from countenance.policy.verdict import Duty, Finding, Missing, Status, UnknownFact, Verdict
from countenance.policy.vocabulary import (
    DutyStart,
    EvidenceTerm,
    FactSource,
    IssuerKind,
    Term,
    TriggerTerm,
    UnknownOperation,
    UnknownPlaceKind,
    Vocabulary,
    VocabularyIncomplete,
)

__all__ = [
    "EVERYWHERE",
    "OWN_PREFIX",
    "Duty",
    "DutyStart",
    "Effect",
    "EvidenceNeed",
    "EvidenceTerm",
    "FactSource",
    "Facts",
    "Finding",
    "Force",
    "IssuerKind",
    "Missing",
    "OwnPackRefused",
    "PermittedForm",
    "Phase",
    "Requirement",
    "Rule",
    "RulePack",
    "RulePackInvalid",
    "RuleSet",
    "RuleSetInvalid",
    "SceneForm",
    "SceneForms",
    "Status",
    "Term",
    "TriggerTerm",
    "TrustMark",
    "UnknownFact",
    "UnknownOperation",
    "UnknownPlaceKind",
    "UnknownRule",
    "Verdict",
    "Vocabulary",
    "VocabularyIncomplete",
    "VocabularyInvalid",
    "combine",
    "evaluate",
    "jurisdiction_scope",
    "parse_pack",
    "parse_scene_forms",
    "parse_vocabulary",
    "permitted_form",
    "with_own_packs",
]
