"""The table from evidence key to form is complete, and so is the one of what the system sees."""

from __future__ import annotations

from pathlib import Path

import pytest

from countenance.authority import shipped_roles, shipped_rules
from countenance.authority.records import KEY_FORMS, OBSERVED_KEYS, Observation, RecordContent
from countenance.policy import IssuerKind, Phase
from countenance.store import EvidenceScope
from front_desk import front_desk, system_observers
from record_examples import EXAMPLES, content_for

VOCABULARY = shipped_rules()[1]
FORMS = {entry.form.form: entry.form for entry in KEY_FORMS.values()}


def test_every_key_that_somebody_may_vouch_for_has_a_form() -> None:
    somebodys = {k for k, t in VOCABULARY.evidence.items() if t.issuers - {IssuerKind.SYSTEM}}
    assert set(KEY_FORMS) == somebodys


def test_every_key_of_the_system_says_how_it_is_seen() -> None:
    systems = {k for k, t in VOCABULARY.evidence.items() if IssuerKind.SYSTEM in t.issuers}
    assert set(OBSERVED_KEYS) == systems
    assert len(VOCABULARY.evidence) == len(set(KEY_FORMS) | set(OBSERVED_KEYS)) == 115


@pytest.mark.parametrize("key", sorted(OBSERVED_KEYS))
def test_what_the_act_says_is_a_duty_and_what_is_looked_at_is_not(key: str) -> None:
    entry, phase = OBSERVED_KEYS[key], VOCABULARY.evidence[key].phase
    assert entry.key == key
    assert (entry.how is Observation.ACT) is (phase is Phase.DUTY)


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
def test_a_form_describes_each_of_its_fields(form: type[RecordContent]) -> None:
    assert form.__doc__
    assert form.title
    for name, field in form.model_fields.items():
        assert field.description, name
        assert field.description.endswith("."), name
        assert "name" not in name or name in {"name", "notice_name"}, "no field asks for a person's name"


def test_forms_have_names_of_their_own() -> None:
    assert len(FORMS) == len({entry.form for entry in KEY_FORMS.values()})


def test_every_form_has_an_example_and_no_example_lacks_a_form() -> None:
    assert set(EXAMPLES) == set(FORMS)


@pytest.mark.parametrize("key", sorted(KEY_FORMS))
def test_a_good_example_does_for_its_key(key: str) -> None:
    entry = KEY_FORMS[key]
    content = entry.form.model_validate(content_for(key))
    assert entry.wanting(content) is None


def test_every_form_may_be_filed_by_some_role() -> None:
    table = shipped_roles()
    for key in KEY_FORMS:
        assert [role for role in table.terms if table.may_file(role, key)], key


def test_scope_parts_are_parts_of_a_scope() -> None:
    parts = set(EvidenceScope.__slots__)
    for form in FORMS.values():
        assert form.about <= parts


def test_what_is_looked_at_has_an_observer(tmp_path: Path) -> None:
    looked_at = {key for key, entry in OBSERVED_KEYS.items() if entry.how is Observation.LOOK}
    with front_desk(tmp_path) as hotel:
        observers = system_observers(hotel.store, hotel.clock)
        seen = {key for observer in observers for key in observer.keys}
    # An evaluation's own process says that it puts out aggregates alone; who sees searches is a floor above.
    assert looked_at == seen | {"aggregate_only"} | {
        "accuracy_report",
        "demographic_report",
        "gallery_n<=accuracy_n",
        "network_provenance",
        "threshold_from_fpir",
    }
