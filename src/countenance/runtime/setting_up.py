"""Sets a place up from answers: registers, signs, files what somebody stated, drafts the rest.

Rules kept here:

* A record is filed only if a role stands under it, may file it, and left no gap. Nothing is filed that
  nobody stated.
* Done again, it goes on where it stopped: what is on file in the same words isn't filed twice; what was
  answered anew takes the place of the former answer, which is withdrawn.
* Over the network a key states what its own roles may, and no more; what another role states waits for it. No
  secret travels: a new device brings its public key, API keys are issued at the machine.
* The notice is published and the sign posted by their own commands: a person reads the one and puts up the
  other.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from countenance.authority import (
    Act,
    Author,
    AuthorityDesk,
    PlaceWithoutTimeZone,
    Readiness,
    Registrar,
    Role,
    RoleTable,
    Standing,
)
from countenance.authority.notices import GAP_MARK, ErrorRates
from countenance.authority.outside import is_signed_trigger
from countenance.authority.records import KEY_FORMS, NoticePassage, read_content
from countenance.kernel import DeviceId, PlaceId, PurposeId
from countenance.kernel.canonical import JsonValue
from countenance.policy import FactSource, Vocabulary
from countenance.runtime.keys import RoleKeyDesk
from countenance.runtime.readiness import ReadinessDesk
from countenance.runtime.records import RecordsDesk
from countenance.runtime.setup_answers import (
    Answers,
    AnswersInvalid,
    DraftFacts,
    answers_document,
    answers_text,
    draft_of,
    gaps_in,
    plain,
    require_filled,
)
from countenance.scenes import SceneProfile, shipped_profiles
from countenance.store import EvidenceRecord, EvidenceScope, Place, Purpose

__all__ = ["SetUp", "SetupDesk"]

_BY: Final = "by"
_OWN_COMMANDS: Final = frozenset({"notice", "notice.necessity", "notice.impact", "sign"})
"""Keys that `countenance notice` and `countenance sign` file."""
_OF_A_PLACE: Final = frozenset({"capture.area"})
_ANEW: Final = "answered anew in a set-up"


@dataclass(frozen=True, slots=True)
class SetUp:
    """What a set-up did.

    Attributes:
        filed: evidence keys and facts that were filed now.
        on_file: those that were on file in the same words.
        waiting: evidence key or fact -> what is still wanted, in words.
        device_key: the private key that was made for the device, shown this once; ``None`` if it has one.
        api_keys: name -> API key that was issued, shown this once.
        readiness: how the place stands now.
    """

    filed: tuple[str, ...]
    on_file: tuple[str, ...]
    waiting: Mapping[str, tuple[str, ...]]
    device_key: str | None
    api_keys: Mapping[str, str]
    readiness: Readiness


class SetupDesk:
    """Sets places up, and says how they stand.

    Args:
        authority: registers, signs and files.
        records: files under roles.
        keys: issues API keys.
        readiness: says how a place stands.
        vocabulary: the words.
        roles: who may do what.
        errors: how often a comparison is wrong with the networks that are chosen.
    """

    __slots__ = ("_authority", "_errors", "_keys", "_lock", "_records", "_roles", "_vocabulary", "readiness")

    def __init__(
        self,
        *,
        authority: AuthorityDesk,
        records: RecordsDesk,
        keys: RoleKeyDesk,
        readiness: ReadinessDesk,
        vocabulary: Vocabulary,
        roles: RoleTable,
        errors: ErrorRates,
    ) -> None:
        self._authority = authority
        self._records = records
        self._keys = keys
        self._vocabulary = vocabulary
        self._roles = roles
        self._errors = errors
        self._lock = threading.Lock()
        self.readiness = readiness

    def apply(
        self,
        answers: Answers,
        *,
        author: Author,
        within: timedelta,
        roles: Collection[Role] = tuple(Role),
    ) -> SetUp:
        """Register and file what was answered, and say what is still wanted.

        Args:
            answers: what somebody answered.
            author: who registers and states the facts; the records carry their own roles.
            within: what runs out before this time is over is expiring.
            roles: in which roles the author may state records; every one for somebody at this machine.

        Raises:
            AnswersInvalid: if the scene, a fact or a key isn't known, the place is registered otherwise, or a
                new device brings no public key over the network.
            RoleMayNot: if a role may not do what is stated under it.
            EvidenceNotAccepted: if a record hasn't the form of its key.
        """
        require_filled(answers)
        # Two at once would both find a place unregistered, and file everything twice.
        with self._lock:
            return self._apply(answers, author=author, within=within, roles=roles)

    def _apply(
        self, answers: Answers, *, author: Author, within: timedelta, roles: Collection[Role]
    ) -> SetUp:
        profile = self._profile(answers)
        self._require_known(answers)
        device_key = self._register(answers, profile, author)
        filed: list[str] = []
        on_file: list[str] = []
        waiting: dict[str, tuple[str, ...]] = {
            name: gaps_in(value) or ("true or false",)
            for name, value in answers.facts.items()
            if not isinstance(value, bool)
        }
        self._state(answers, profile, author, filed, on_file)
        for key, content in answers.records.items():
            wanted = gaps_in(content) or (() if _BY in content else ("`by`: the role that states it",))
            told = self._with_notice(key, content, profile, answers)
            if wanted or told is None:
                waiting[key] = wanted or ("the notice: publish it first",)
                continue
            by = _role(told)
            if self._is_on_file(key, told, scope := self._scope(key, profile, answers), author):
                on_file.append(key)
            elif by in roles:
                self._file(key, told, scope, author)
                filed.append(key)
            else:
                waiting[key] = (f"a key with the role {by.value}: it files at /v1/records",)
        issued = self._issue(answers, author, waiting)
        stands = self.look(answers, author=author, within=within)
        return SetUp(tuple(filed), tuple(on_file), waiting, device_key, issued, stands)

    def look(self, answers: Answers, *, author: Author, within: timedelta) -> Readiness:
        """Return how the place of the answers stands; see :meth:`ReadinessDesk.look`."""
        return self.readiness.look(
            author=author, place=PlaceId(answers.place.id), scene=answers.scene, within=within
        )

    def draft(self, answers: Answers, stands: Readiness) -> str:
        """Return the answers with a draft of every record, and every question, that only people can supply.

        Args:
            answers: what was answered so far.
            stands: how the place stands.
        """
        drafts, questions = self._wanted(answers, stands)
        return answers_text(answers, drafts=drafts, questions=questions)

    def draft_document(self, answers: Answers, stands: Readiness) -> dict[str, JsonValue]:
        """Return the same as plain JSON values, to be filled in and applied again."""
        drafts, questions = self._wanted(answers, stands)
        return answers_document(answers, drafts=drafts, questions=questions)

    def _wanted(
        self, answers: Answers, stands: Readiness
    ) -> tuple[dict[str, tuple[str, Mapping[str, JsonValue]]], dict[str, str]]:
        facts = DraftFacts(
            purpose=self._profile(answers).purpose,
            description=answers.purpose.description,
            jurisdictions=tuple(sorted(answers.place.jurisdictions)),
            device=answers.device.id,
            error_rates=_rates(self._errors),
        )
        drafts: dict[str, tuple[str, Mapping[str, JsonValue]]] = {}
        questions: dict[str, str] = {}
        for item in stands.of(Standing.MISSING):
            key = next((each for each in item.keys if each in KEY_FORMS), None)
            if item.keys and item.keys[0] in self._vocabulary.triggers:
                questions[item.keys[0]] = item.words
            elif key is not None and item.by_hand and not _OWN_COMMANDS & set(item.keys):
                by = next((r.value for r in self._roles.terms if self._roles.may_file(r, key)), "officer")
                told = {_BY: f"{GAP_MARK} the role that states this, such as {by}", **draft_of(key, facts)}
                drafts[key] = (f"{item.words} ({', '.join(item.rules)})", told)
        return drafts, questions

    def _profile(self, answers: Answers) -> SceneProfile:
        profile = shipped_profiles().get(answers.scene)
        if profile is None:
            msg = f"The scene isn't one of: {', '.join(shipped_profiles())}."
            raise AnswersInvalid(msg)
        return profile

    def _require_known(self, answers: Answers) -> None:
        for name in answers.facts:
            term = self._vocabulary.triggers.get(name)
            if term is None or term.source not in (FactSource.DEPLOYMENT, FactSource.OPERATOR):
                msg = "A fact isn't one that is stated for an installation (`facts`)."
                raise AnswersInvalid(msg)
        for key in answers.records:
            if key not in KEY_FORMS or key in _OWN_COMMANDS:
                msg = "A record's key isn't one that is filed from answers (`records`)."
                raise AnswersInvalid(msg)

    def _register(self, answers: Answers, profile: SceneProfile, author: Author) -> str | None:
        for act in (Act.REGISTER_PURPOSE, Act.REGISTER_PLACE, Act.REGISTER_DEVICE):
            self._roles.require(author.role, act)
        device = self._authority.registrar.devices().get(DeviceId(answers.device.id))
        if device is None and answers.device.public_key is None and author.key_id is not None:
            msg = "A new device brings its public key (`device.public_key`)."
            raise AnswersInvalid(msg, remedy="Make its pair in the device; a private key never travels.")
        register, told = self._authority.registrar, answers.place
        if profile.purpose not in register.purposes():
            said = answers.purpose
            register.add_purpose(Purpose(profile.purpose, said.title, said.description, said.dpv_term))
        where = tuple(sorted(set(told.jurisdictions)))
        place = Place(PlaceId(told.id), told.title, told.kind, where, told.time_zone)
        known = register.places().get(place.place_id)
        if known is None:
            _add_place(register, place)
        elif known != place:
            msg = "The place is registered otherwise than the answers say (`place`)."
            raise AnswersInvalid(msg, remedy="Give another place another id.")
        if device is None:
            return self._records.add_device(
                author=author,
                device_id=DeviceId(answers.device.id),
                title=answers.device.title,
                place=place.place_id,
                functions=profile.operations,
                jwk=answers.device.public_key,
            ).private_key
        if device.place != place.place_id:
            msg = "The device is registered at another place (`device`)."
            raise AnswersInvalid(msg, remedy="Give another device another id.")
        return None

    def _state(
        self, answers: Answers, profile: SceneProfile, author: Author, filed: list[str], on_file: list[str]
    ) -> None:
        facts = {name: value for name, value in answers.facts.items() if isinstance(value, bool)}
        signed = {name: value for name, value in facts.items() if is_signed_trigger(name)}
        known = self._on_file(EvidenceScope(), author)
        stated = {r.key: r.content["value"] for r in known if r.key in signed}
        if signed and stated != signed:
            self._records.sign_deployment(signed, author=author)
            filed += sorted(signed)
        else:
            on_file += sorted(signed)
        for name in sorted(facts.keys() - signed.keys()):
            whole = EvidenceScope(place=PlaceId(answers.place.id), purpose=profile.purpose)
            scope = replace(whole, purpose=None) if name in _OF_A_PLACE else replace(whole, place=None)
            same = [r for r in self._on_file(scope, author) if r.key == name]
            if any(record.content["value"] is facts[name] for record in same):
                on_file.append(name)
                continue
            with self._authority.together():
                for record in same:
                    self._records.withdraw(record.evidence_id, author=author, reason=_ANEW)
                self._records.file(key=name, content={"value": facts[name]}, author=author, scope=scope)
            filed.append(name)

    def _same(self, key: str, scope: EvidenceScope, author: Author) -> list[EvidenceRecord]:
        return [record for record in self._on_file(scope, author) if record.key == key]

    def _is_on_file(
        self, key: str, told: Mapping[str, JsonValue], scope: EvidenceScope, author: Author
    ) -> bool:
        """Return whether the role stated the same before."""
        self._roles.require_file(by := _role(told), key)
        read = read_content(key, _content(told), scope=scope).to_content()
        return any(
            dict(record.content) == read and record.author.partition(" ")[0] == by.value
            for record in self._same(key, scope, author)
        )

    def _file(self, key: str, told: Mapping[str, JsonValue], scope: EvidenceScope, author: Author) -> None:
        """File a record in the role's words, in the place of what was stated before."""
        with self._authority.together():
            for record in self._same(key, scope, author):
                self._records.withdraw(record.evidence_id, author=author, reason=_ANEW)
            by = Author(_role(told), author.key_id)
            self._records.file(key=key, content=_content(told), author=by, scope=scope)

    def _issue(
        self, answers: Answers, author: Author, waiting: dict[str, tuple[str, ...]]
    ) -> Mapping[str, str]:
        """Issue the keys that aren't there yet, by name."""
        if not answers.api_keys:
            return {}
        held = {key.name for key in self._keys.keys(author=author) if key.revoked_at is None}
        wanted = {name: tuple(roles) for name, roles in answers.api_keys.items() if name not in held}
        if author.key_id is not None:
            waiting |= dict.fromkeys(
                wanted, ("its API key: issued at the machine with `countenance keys issue`",)
            )
            return {}
        return {
            name: self._keys.issue(name=name, roles=roles, author=author)[0] for name, roles in wanted.items()
        }

    def _on_file(self, scope: EvidenceScope, author: Author) -> list[EvidenceRecord]:
        """Return what counts now and is about exactly this."""
        found = self._records.records(author=author)
        return [each.record for each in found if each.counts and each.record.scope == scope]

    def _scope(self, key: str, profile: SceneProfile, answers: Answers) -> EvidenceScope:
        whole = EvidenceScope(place=PlaceId(answers.place.id), purpose=PurposeId(profile.purpose))
        about = KEY_FORMS[key].form.about
        return (
            whole
            if not about
            else replace(
                whole,
                place=whole.place if "place" in about else None,
                purpose=whole.purpose if "purpose" in about else None,
            )
        )

    def _with_notice(
        self, key: str, content: Mapping[str, object], profile: SceneProfile, answers: Answers
    ) -> Mapping[str, JsonValue] | None:
        """Return a record's content; what is about the notice in force names it, or ``None`` without one."""
        told = {name: plain(value) for name, value in content.items()}
        if KEY_FORMS[key].form is not NoticePassage:
            return told
        scope = EvidenceScope(place=PlaceId(answers.place.id), purpose=profile.purpose)
        resolution = self._authority.on_file(scope=scope)
        notices = [resolution.records[i].content for i in resolution.evidence.get("notice", ())]
        if len(notices) != 1:
            return None
        return {**told, "notice_id": notices[0]["notice_id"], "version": notices[0]["version"]}


def _role(told: Mapping[str, JsonValue]) -> Role:
    try:
        return Role(str(told[_BY]))
    except ValueError:
        msg = f"`by` names one of: {', '.join(role.value for role in Role)}."
        raise AnswersInvalid(msg) from None


def _add_place(register: Registrar, place: Place) -> None:
    try:
        register.add_place(place)
    except PlaceWithoutTimeZone:
        msg = "The time zone isn't known on this machine (`place.time_zone`)."
        raise AnswersInvalid(msg, remedy="Write it as in the IANA database, such as Asia/Shanghai.") from None


def _content(told: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    return {name: value for name, value in told.items() if name != _BY}


def _rates(errors: ErrorRates) -> tuple[Mapping[str, JsonValue], ...]:
    on = f"{errors.measured_on} ({errors.label})"
    return (
        {"name": "FMR", "rate": errors.fmr, "upper_95": errors.high, "measured_on": on},
        {"name": "FNMR", "rate": errors.fnmr, "measured_on": on},
    )
