"""Sets a place up from answers: registers, signs, files what somebody stated, drafts the rest.

Rules kept here:

* A record is filed only if a role stands under it, may file it, and left no gap. Nothing is filed that
  nobody stated.
* Done again, it goes on where it stopped: what is on file in the same words isn't filed twice; what was
  answered anew takes the place of the former answer, which is withdrawn.
* The notice is published and the sign posted by their own commands: a person reads the one and puts up the
  other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from countenance.authority import (
    Act,
    Author,
    AuthorityDesk,
    Readiness,
    Role,
    RoleTable,
    Standing,
    installed_rules,
    shipped_roles,
)
from countenance.authority.notices import GAP_MARK, ErrorRates
from countenance.authority.outside import is_signed_trigger
from countenance.authority.records import KEY_FORMS, NoticePassage, read_content
from countenance.kernel import Clock, DeviceId, PlaceId, PurposeId, SystemClock
from countenance.kernel.canonical import JsonValue
from countenance.policy import FactSource, Vocabulary
from countenance.runtime.build import observers_here
from countenance.runtime.keys import RoleKeyDesk
from countenance.runtime.notices import error_rates
from countenance.runtime.opening import authority_over, open_store
from countenance.runtime.readiness import ReadinessDesk
from countenance.runtime.records import RecordsDesk
from countenance.runtime.settings import Settings
from countenance.runtime.setup_answers import (
    Answers,
    AnswersInvalid,
    DraftFacts,
    answers_text,
    draft_of,
    gaps_in,
    plain,
)
from countenance.scenes import SceneProfile, shipped_profiles
from countenance.store import EvidenceRecord, EvidenceScope, Place, Purpose

__all__ = ["SetUp", "SetupDesk", "open_setup_desk"]

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
        device_key: the private key that was made for the device, shown this once; ``None`` if it had one.
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

    __slots__ = ("_authority", "_errors", "_keys", "_records", "_roles", "_vocabulary", "readiness")

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
        self.readiness = readiness

    def apply(self, answers: Answers, *, author: Author, within: timedelta) -> SetUp:
        """Register and file what was answered, and say what is still wanted.

        Args:
            answers: what somebody answered.
            author: who registers and states the facts; the records carry their own roles.
            within: what runs out before this time is over is expiring.

        Raises:
            AnswersInvalid: if the scene, a fact or a key isn't known, or the place is registered otherwise.
            RoleMayNot: if a role may not do what is stated under it.
            EvidenceNotAccepted: if a record hasn't the form of its key.
        """
        profile = self._profile(answers)
        self._require_known(answers)
        device_key = self._register(answers, profile, author)
        filed: list[str] = []
        on_file: list[str] = []
        waiting: dict[str, tuple[str, ...]] = {}
        for name, value in answers.facts.items():
            if not isinstance(value, bool):
                waiting[name] = gaps_in(value) or ("true or false",)
        self._state(answers, profile, author, filed, on_file)
        for key, content in answers.records.items():
            wanted = gaps_in(content) or (() if _BY in content else ("`by`: the role that states it",))
            told = self._with_notice(key, content, profile, answers)
            if wanted or told is None:
                waiting[key] = wanted or ("the notice: publish it first",)
                continue
            done = self._file(key, told, self._scope(key, profile, answers))
            (filed if done else on_file).append(key)
        issued = self._issue(answers, author)
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
        return answers_text(answers, drafts=drafts, questions=questions)

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
        register, told = self._authority.registrar, answers.place
        if profile.purpose not in register.purposes():
            said = answers.purpose
            register.add_purpose(Purpose(profile.purpose, said.title, said.description, said.dpv_term))
        where = tuple(sorted(set(told.jurisdictions)))
        place = Place(PlaceId(told.id), told.title, told.kind, where, told.time_zone)
        known = register.places().get(place.place_id)
        if known is None:
            register.add_place(place)
        elif known != place:
            msg = "The place is registered otherwise than the answers say (`place`)."
            raise AnswersInvalid(msg, remedy="Give another place another id.")
        device = register.devices().get(DeviceId(answers.device.id))
        if device is None:
            return self._records.add_device(
                author=author,
                device_id=DeviceId(answers.device.id),
                title=answers.device.title,
                place=place.place_id,
                functions=profile.operations,
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

    def _file(self, key: str, told: Mapping[str, JsonValue], scope: EvidenceScope) -> bool:
        """File a record in the role's words; return whether it wasn't on file yet."""
        by = _role(told)
        content = {name: value for name, value in told.items() if name != _BY}
        self._roles.require_file(by.role, key)
        read = read_content(key, content, scope=scope).to_content()
        officer = Author(Role.OFFICER)
        same = [record for record in self._on_file(scope, officer) if record.key == key]
        if any(dict(record.content) == read and record.author == str(by) for record in same):
            return False
        with self._authority.together():
            for record in same:
                self._records.withdraw(record.evidence_id, author=officer, reason=_ANEW)
            self._records.file(key=key, content=content, author=by, scope=scope)
        return True

    def _issue(self, answers: Answers, author: Author) -> Mapping[str, str]:
        """Issue the keys that aren't there yet, by name."""
        if not answers.api_keys:
            return {}
        held = {key.name for key in self._keys.keys(author=author) if key.revoked_at is None}
        return {
            name: self._keys.issue(name=name, roles=tuple(roles), author=author)[0]
            for name, roles in answers.api_keys.items()
            if name not in held
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


def _role(told: Mapping[str, JsonValue]) -> Author:
    try:
        return Author(Role(str(told[_BY])))
    except ValueError:
        msg = f"`by` names one of: {', '.join(role.value for role in Role)}."
        raise AnswersInvalid(msg) from None


def _rates(errors: ErrorRates) -> tuple[Mapping[str, JsonValue], ...]:
    on = f"{errors.measured_on} ({errors.label})"
    return (
        {"name": "FMR", "rate": errors.fmr, "upper_95": errors.high, "measured_on": on},
        {"name": "FNMR", "rate": errors.fnmr, "measured_on": on},
    )


@contextmanager
def open_setup_desk(settings: Settings, *, clock: Clock | None = None) -> Iterator[SetupDesk]:
    """Open the installation's records, without networks, and yield the desk.

    Raises:
        ErasuresNotReplayed: if somebody put an earlier state of the store back.
        OperatorError: if the store can't be opened.
    """
    clock, roles = clock or SystemClock(), shipped_roles()
    rules, vocabulary = installed_rules(settings.rules_folder)
    with open_store(settings, clock=clock) as store:
        authority = authority_over(
            settings,
            store=store,
            rules=rules,
            vocabulary=vocabulary,
            clock=clock,
            observers=observers_here(settings, store=store, clock=clock, serving=False),
        )
        yield SetupDesk(
            authority=authority,
            records=RecordsDesk(
                store=store, authority=authority, vocabulary=vocabulary, clock=clock, roles=roles
            ),
            keys=RoleKeyDesk(store=store, roles=roles, clock=clock),
            readiness=ReadinessDesk(
                authority=authority, rules=rules, vocabulary=vocabulary, roles=roles, clock=clock
            ),
            vocabulary=vocabulary,
            roles=roles,
            errors=error_rates(settings),
        )
