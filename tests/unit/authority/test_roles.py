"""Who may do what: the whole table, every role by every act, written down a second time."""

from __future__ import annotations

import pytest

from countenance.authority import Act, Author, Role, RoleMayNot, shipped_roles, shipped_rules
from countenance.authority.records import KEY_FORMS
from countenance.policy import FactSource, IssuerKind

TABLE = shipped_roles()

# What a reader of the law and of the house would say, role by role; the table has to agree.
O, P, I, C, R, A, D, S = (  # noqa: E741
    Role.OFFICER, Role.OPERATOR, Role.INSTALLER, Role.CLERK, Role.REVIEWER, Role.AUDITOR, Role.DEVICE,
    Role.SUBJECT,
)  # fmt: skip
EXPECTED: dict[Act, set[Role]] = {
    Act.FILE_RECORD: {O, P, I, C, R},
    Act.WITHDRAW_RECORD: {O},
    Act.READ_RECORDS: {O, A},
    Act.READ_DIRECTORY: {O, P, I, C, R, A, D},
    Act.ASK_VERDICT: {O, P, C, R, A, S},
    Act.REGISTER_PURPOSE: {O},
    Act.REGISTER_PLACE: {O},
    Act.REGISTER_DEVICE: {O, P, I},
    Act.CHANGE_DEVICE: {O, P},
    Act.REGISTER_ISSUER: {O},
    Act.REVOKE_ISSUER: {O},
    Act.SIGN_DEPLOYMENT: {O},
    Act.WITHDRAW_CONSENT: {O, C, S},
    Act.CARRY_OUT_SCENE: {C},
    Act.REVIEW_RESULT: {R},
    Act.CAPTURE: {D},
    Act.DISCHARGE_DUTY: {O, P},
    Act.ERASE_SUBJECT: {O, S},
    Act.EXPORT_SUBJECT: {O, S},
    Act.HOLD_RECORDS: {O},
    Act.HANDLE_INCIDENT: {O, P},
    Act.TAKE_REQUEST: {O, C},
    Act.ANSWER_REQUEST: {O},
    Act.READ_LOG: {O, A},
    Act.READ_METRICS: {O, P, A},
    Act.EXPORT_AUDIT: {O, A},
    Act.ISSUE_KEY: {O, P},
    Act.ROTATE_KEYS: {O, P},
    Act.BACK_UP: {O, P},
}


def test_the_table_has_every_role_and_every_act() -> None:
    assert set(TABLE.terms) == set(Role)
    assert set(EXPECTED) == set(Act)


@pytest.mark.parametrize("act", list(Act))
@pytest.mark.parametrize("role", list(Role))
def test_a_role_may_do_exactly_what_was_meant(role: Role, act: Act) -> None:
    expected = role in EXPECTED[act]
    assert TABLE.may(role, act) is expected
    if expected:
        TABLE.require(role, act)
    else:
        with pytest.raises(RoleMayNot, match=act.words):
            TABLE.require(role, act)


@pytest.mark.parametrize("role", list(Role))
def test_a_role_files_no_form_that_does_not_exist(role: Role) -> None:
    assert TABLE.terms[role].forms <= {entry.form.form for entry in KEY_FORMS.values()}


CONSENT_KEYS = {key for key, entry in KEY_FORMS.items() if entry.form.form in ("consent", "subject-facts")}


@pytest.mark.parametrize("role", list(Role))
def test_consents_are_written_down_by_whoever_attends(role: Role) -> None:
    filed = {key for key in KEY_FORMS if TABLE.may_file(role, key)}
    assert (filed >= CONSENT_KEYS) is (role is Role.CLERK)
    if role is not Role.CLERK:
        assert not CONSENT_KEYS & filed


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.DEVICE, Role.SUBJECT])
def test_who_checks_who_is_a_machine_and_who_is_concerned_file_nothing(role: Role) -> None:
    assert not [key for key in KEY_FORMS if TABLE.may_file(role, key)]
    assert not [source for source in FactSource if TABLE.may_state(role, source)]


@pytest.mark.parametrize("key", ["area_bounded", "bystander_no_template", "separate_lane", "sign"])
def test_the_installer_states_the_place(key: str) -> None:
    TABLE.require_file(Role.INSTALLER, key)
    with pytest.raises(RoleMayNot):
        TABLE.require_file(Role.CLERK, key)


@pytest.mark.parametrize("key", ["area_bounded", "bystander_no_template", "separate_lane"])
def test_what_a_camera_sees_is_stated_by_nobody_else(key: str) -> None:
    assert [role for role in Role if TABLE.may_file(role, key)] == [Role.INSTALLER]


def test_a_reviewer_reviews_and_the_officer_does_not() -> None:
    assert TABLE.may_file(Role.REVIEWER, "human_review.two")
    assert not TABLE.may_file(Role.OFFICER, "human_review.two")


@pytest.mark.parametrize(
    ("source", "roles"),
    [
        (FactSource.DEPLOYMENT, {Role.OFFICER}),
        (FactSource.OPERATOR, {Role.OFFICER, Role.OPERATOR}),
        (FactSource.CONSENT_SCREEN, {Role.CLERK}),
        (FactSource.DOCUMENT, {Role.CLERK}),
    ],
)
def test_each_source_has_its_roles(source: FactSource, roles: set[Role]) -> None:
    assert {role for role in Role if TABLE.may_state(role, source)} == roles
    for role in set(Role) - roles:
        with pytest.raises(RoleMayNot):
            TABLE.require_state(role, source)


def test_nobody_files_what_the_system_sees() -> None:
    _, vocabulary = shipped_rules()
    own = {k for k, t in vocabulary.evidence.items() if t.issuers == {IssuerKind.SYSTEM}}
    assert own
    for role in Role:
        assert not [key for key in own if TABLE.may_file(role, key)]


def test_several_roles_of_a_key_may_do_what_any_of_them_may() -> None:
    assert TABLE.acting(("clerk", "reviewer"), Act.REVIEW_RESULT) is Role.REVIEWER
    assert TABLE.acting(("clerk", "officer"), Act.FILE_RECORD) is Role.OFFICER
    assert TABLE.acting(("clerk",), Act.READ_LOG) is None
    assert TABLE.acting(("superuser", ""), Act.READ_DIRECTORY) is None
    assert TABLE.acting((), Act.READ_DIRECTORY) is None


def test_an_author_is_a_role_and_a_key() -> None:
    assert str(Author(Role.OFFICER)) == "officer"
    assert str(Author(Role.CLERK, "abcd2345")) == "clerk (key abcd2345)"
