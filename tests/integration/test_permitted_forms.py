"""Every scene's permitted form, through the real desk and a real store: a yes when all is on file, no less.

And a no again when any single record of it is withdrawn, runs out, or is no longer seen.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from countenance.authority import shipped_rules, shipped_scene_forms
from countenance.authority.outside import is_signed_trigger
from countenance.kernel import PermitRevoked
from countenance.policy import Phase, SceneForm, Verdict, permitted_form
from countenance.store import Issuer
from permitted_scene import PermittedScene, permitted_scene

RULES, WORDS = shipped_rules()
FORMS = shipped_scene_forms()
COUNTRIES = ("CN", "EU")
IMPOSSIBLE = {("lift-screen", "CN"): {"CN-PIPL-26"}, ("shop-visitors", "CN"): {"CN-PIPL-26"}}
CELLS = [
    pytest.param(scene, country, id=f"{scene.scene_id}, {country}")
    for scene in FORMS.scenes
    for country in COUNTRIES
    if (scene.scene_id, country) not in IMPOSSIBLE
]
QUICK = frozenset({"hotel-checkin", "classroom", "driver-safety", "profile-link"})
"""Scenes whose records are taken away one by one in every run of the tests; the others' are `slow`."""
ONE_BY_ONE = [
    pytest.param(
        scene,
        country,
        id=f"{scene.scene_id}, {country}",
        marks=() if scene.scene_id in QUICK else pytest.mark.exhaustive,
    )
    for scene in FORMS.scenes
    for country in COUNTRIES
    if (scene.scene_id, country) not in IMPOSSIBLE
]
SECOND = timedelta(seconds=1)


def together(at: PermittedScene, verdict: Verdict, name: str) -> frozenset[str] | None:
    """Return what has to go, a key or trigger among it, for the answer to be no.

    Where a rule names alternatives and several are on file, that is all of them. ``None`` if a rule lets a
    duty stand in its place, so that the answer stays yes and more is owed.
    """
    if name in WORDS.triggers:
        return frozenset({name})
    on_file = {record.key for record in at.store.evidence.at(at.clock.now())}
    asking = [
        requirement
        for finding in verdict.findings
        for requirement in finding.rule.requirements
        if name in requirement.keys
    ]
    lasting = [r for r in asking if all(need.phase is Phase.BEFORE for need in r.alternatives)]
    if not lasting:
        return None
    return min((frozenset(on_file & set(r.keys)) for r in lasting), key=len)


def rests_on(verdict: Verdict) -> list[str]:
    """Return the evidence keys and triggers that a yes rests on."""
    return [*(key for key, _ in verdict.satisfied_by), *(trigger for trigger, _ in verdict.stated)]


def by_the_system(at: PermittedScene, name: str) -> bool:
    records = [r for r in at.store.evidence.at(at.clock.now()) if r.key == name]
    return all(record.issuer is Issuer.SYSTEM for record in records)


def take_away(at: PermittedScene, name: str) -> None:
    """Withdraw what is on file of a key or trigger, or let the system see it no longer."""
    if name in WORDS.evidence and by_the_system(at, name):
        at.blind.add(name)
        return
    for record in at.store.evidence.at(at.clock.now()):
        if record.key == name:
            at.desk.withdraw_evidence(record.evidence_id, by="officer", reason="no longer so")


@pytest.mark.parametrize(("scene", "country"), CELLS)
def test_a_permitted_form_is_permitted_once_all_of_it_is_on_file(
    tmp_path: Path, scene: SceneForm, country: str
) -> None:
    with permitted_scene(tmp_path, scene, country) as at:
        assert not at.judge().allowed
        verdict = at.complete()
        assert verdict.allowed, verdict.words()
        request, granted = at.permit()
        at.passes(request, granted)
        named = {claim.key for claim in granted.claims.evidence}
        cell = permitted_form(RULES, scene, country, vocabulary=WORDS, at=verdict.at)
        assert all(named & set(keys) for keys in cell.before)
        assert {duty.key for duty in granted.claims.duties} <= {key for keys in cell.duties for key in keys}
        assert granted.claims.rule_set == RULES.sha256
        assert granted.claims.house_rules_only is cell.house_rules_only
        assert at.store.log.verify().ok


@pytest.mark.parametrize(("scene", "country"), ONE_BY_ONE)
def test_without_any_single_record_of_it_the_answer_is_no(
    tmp_path: Path, scene: SceneForm, country: str
) -> None:
    with permitted_scene(tmp_path, scene, country) as at:
        before = at.complete()
        names = rests_on(before)
        assert len(names) >= 3
        for name in names:
            request, granted = at.permit()
            gone = together(at, before, name)
            for each in gone or {name}:
                take_away(at, each)
            verdict = at.judge()
            with pytest.raises(PermitRevoked):
                at.passes(request, granted)
            if gone is None:
                assert verdict.allowed
                assert len(verdict.duties) > len(before.duties)
            else:
                assert not verdict.allowed, f"{name} withdrawn"
                asked = {key for missing in verdict.missing for key in missing.alternatives}
                assert name in asked | {fact.trigger for fact in verdict.unknown}
            for each in sorted(gone or {name}):
                at.file(each)
            assert at.judge().allowed, f"{name} filed again"


@pytest.mark.parametrize(("scene", "country"), ONE_BY_ONE)
def test_when_any_single_record_of_it_runs_out_the_answer_is_no(
    tmp_path: Path, scene: SceneForm, country: str
) -> None:
    with permitted_scene(tmp_path, scene, country) as at:
        before = at.complete()
        for name in rests_on(before):
            gone = together(at, before, name)
            if gone is None or is_signed_trigger(name) or by_the_system(at, name):
                continue
            for each in gone:
                take_away(at, each)
            at.file(name, valid_until=at.clock.now() + SECOND)
            assert at.judge().allowed, f"{name} for a second"
            at.clock.move_to(at.clock.now() + SECOND)
            assert not at.judge().allowed, f"{name} ran out"
            for each in sorted(gone):
                at.file(each)
        assert at.judge().allowed


@pytest.mark.parametrize(("cell", "rules"), IMPOSSIBLE.items())
def test_an_impossible_cell_stays_refused_with_all_that_is_true_on_file(
    tmp_path: Path, cell: tuple[str, str], rules: set[str]
) -> None:
    scene = next(scene for scene in FORMS.scenes if scene.scene_id == cell[0])
    with permitted_scene(tmp_path, scene, cell[1]) as at:
        verdict = at.complete()
        assert not verdict.allowed
        assert {finding.rule_id for finding in verdict.refusing} == rules
        assert [missing.alternatives for missing in verdict.missing] == [("purpose.public_security",)]
