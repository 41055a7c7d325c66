"""Who may do what: a table that is data, read once, and asked wherever a role acts.

Rules kept here:

* What the table doesn't say is forbidden: an unknown role may do nothing.
* A role is stated with every write. An author is a role and, where there is one, the id of a key; never a
  name.
* Several roles of one key may do what any of them may.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from countenance.authority.errors import RoleMayNot
from countenance.authority.records import KEY_FORMS
from countenance.policy import FactSource

__all__ = ["Act", "Author", "Role", "RoleTable", "RoleTerm", "shipped_roles"]


class Role(StrEnum):
    """In which capacity somebody acts."""

    OFFICER = "officer"
    OPERATOR = "operator"
    INSTALLER = "installer"
    CLERK = "clerk"
    REVIEWER = "reviewer"
    AUDITOR = "auditor"
    DEVICE = "device"
    SUBJECT = "subject"


class Act(StrEnum):
    """What somebody may do."""

    FILE_RECORD = "file-record"
    WITHDRAW_RECORD = "withdraw-record"
    READ_RECORDS = "read-records"
    READ_DIRECTORY = "read-directory"
    ASK_VERDICT = "ask-verdict"
    REGISTER_PURPOSE = "register-purpose"
    REGISTER_PLACE = "register-place"
    REGISTER_DEVICE = "register-device"
    CHANGE_DEVICE = "change-device"
    REGISTER_ISSUER = "register-issuer"
    REVOKE_ISSUER = "revoke-issuer"
    SIGN_DEPLOYMENT = "sign-deployment"
    WITHDRAW_CONSENT = "withdraw-consent"
    CARRY_OUT_SCENE = "carry-out-scene"
    REVIEW_RESULT = "review-result"
    CAPTURE = "capture"
    DISCHARGE_DUTY = "discharge-duty"
    ERASE_SUBJECT = "erase-subject"
    EXPORT_SUBJECT = "export-subject"
    HOLD_RECORDS = "hold-records"
    HANDLE_INCIDENT = "handle-incident"
    TAKE_REQUEST = "take-request"
    ANSWER_REQUEST = "answer-request"
    READ_LOG = "read-log"
    READ_METRICS = "read-metrics"
    EXPORT_AUDIT = "export-audit"
    ISSUE_KEY = "issue-key"
    ROTATE_KEYS = "rotate-keys"
    BACK_UP = "back-up"

    @property
    def words(self) -> str:
        """The act, for a reader: ``file a record``."""
        return _ACT_WORDS[self]


_ACT_WORDS: dict[Act, str] = {
    Act.FILE_RECORD: "file a record of this kind",
    Act.WITHDRAW_RECORD: "withdraw a record",
    Act.READ_RECORDS: "read what is on file",
    Act.READ_DIRECTORY: "list places and devices",
    Act.ASK_VERDICT: "ask the rules",
    Act.REGISTER_PURPOSE: "register a purpose",
    Act.REGISTER_PLACE: "register a place",
    Act.REGISTER_DEVICE: "register a device",
    Act.CHANGE_DEVICE: "suspend, activate or retire a device",
    Act.REGISTER_ISSUER: "register somebody outside who vouches",
    Act.REVOKE_ISSUER: "revoke somebody outside who vouches",
    Act.SIGN_DEPLOYMENT: "sign what the operator of this installation is",
    Act.WITHDRAW_CONSENT: "withdraw a consent",
    Act.CARRY_OUT_SCENE: "carry out a scene",
    Act.REVIEW_RESULT: "review a result",
    Act.CAPTURE: "take pictures",
    Act.DISCHARGE_DUTY: "close a duty",
    Act.ERASE_SUBJECT: "erase a person",
    Act.EXPORT_SUBJECT: "export what is held about a person",
    Act.HOLD_RECORDS: "hold records back from erasure",
    Act.HANDLE_INCIDENT: "handle an incident",
    Act.TAKE_REQUEST: "take a person's request down",
    Act.ANSWER_REQUEST: "answer a person's request",
    Act.READ_LOG: "read the log",
    Act.READ_METRICS: "read figures of what the installation does",
    Act.EXPORT_AUDIT: "export evidence for an audit",
    Act.ISSUE_KEY: "issue an API key",
    Act.ROTATE_KEYS: "replace the root key or the key of a purpose",
    Act.BACK_UP: "make and restore backups",
}


@dataclass(frozen=True, slots=True)
class Author:
    """Who writes: a role, and the key under which it acts where there is one.

    Attributes:
        role: in which capacity.
        key_id: the public part of an API key or the thumbprint of a device's key; ``None`` for somebody at
            this machine's command line.
    """

    role: Role
    key_id: str | None = None

    def __str__(self) -> str:
        return self.role.value if self.key_id is None else f"{self.role.value} (key {self.key_id})"


@dataclass(frozen=True, slots=True)
class RoleTerm:
    """One row of the table.

    Attributes:
        role: which role.
        words: who that is.
        acts: what it may do.
        forms: the forms of records that it may file.
        sources: the sources of statements that it may make.
    """

    role: Role
    words: str
    acts: frozenset[Act]
    forms: frozenset[str]
    sources: frozenset[FactSource]


@dataclass(frozen=True, slots=True)
class RoleTable:
    """Who may do what."""

    terms: Mapping[Role, RoleTerm]

    def may(self, role: Role, act: Act) -> bool:
        """Return whether a role may do something."""
        term = self.terms.get(role)
        return term is not None and act in term.acts

    def may_file(self, role: Role, key: str) -> bool:
        """Return whether a role may file records under an evidence key."""
        entry, term = KEY_FORMS.get(key), self.terms.get(role)
        if entry is None or term is None:
            return False
        return Act.FILE_RECORD in term.acts and entry.form.form in term.forms

    def may_state(self, role: Role, source: FactSource) -> bool:
        """Return whether a role may make statements of a source."""
        term = self.terms.get(role)
        return term is not None and Act.FILE_RECORD in term.acts and source in term.sources

    def require(self, role: Role, act: Act) -> None:
        """See that a role may do something.

        Raises:
            RoleMayNot: if it may not.
        """
        if not self.may(role, act):
            raise _may_not(role, act.words)

    def require_file(self, role: Role, key: str) -> None:
        """See that a role may file records under a key.

        Raises:
            RoleMayNot: if it may not.
        """
        if not self.may_file(role, key):
            raise _may_not(role, Act.FILE_RECORD.words)

    def require_state(self, role: Role, source: FactSource) -> None:
        """See that a role may make statements of a source.

        Raises:
            RoleMayNot: if it may not.
        """
        if not self.may_state(role, source):
            raise _may_not(role, f"make a statement that is {source.words}")

    def who_may(self, act: Act) -> tuple[Role, ...]:
        """Return the roles that may do something, in the table's order."""
        return tuple(role for role in self.terms if self.may(role, act))

    def acting(self, roles: Iterable[str], act: Act) -> Role | None:
        """Return the first of a key's roles that may do something; ``None`` if none may.

        Args:
            roles: names of roles, as a key carries them; a name that isn't a role may do nothing.
            act: what is to be done.
        """
        held = set(roles)
        return next((role for role in self.who_may(act) if role.value in held), None)


def _may_not(role: Role, words: str) -> RoleMayNot:
    return RoleMayNot(f"The role {role.value} may not {words}.")


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    words: Annotated[str, Field(min_length=8)]
    acts: frozenset[Act]
    forms: frozenset[str]
    sources: frozenset[FactSource]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    path: ClassVar[str] = "roles.toml"

    roles: dict[Role, _Row]


@cache
def shipped_roles() -> RoleTable:
    """Return the table that comes with the package."""
    text = files("countenance.authority").joinpath(_Table.path).read_text(encoding="utf-8")
    table = _Table.model_validate(tomllib.loads(text))
    return RoleTable(
        {
            role: RoleTerm(role, row.words, row.acts, row.forms, row.sources)
            for role, row in table.roles.items()
        }
    )
