from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from countenance.authority import (
    AccessControlObserver,
    AuthorityDesk,
    DeviceObserver,
    LogObserver,
    Observed,
    RefusedByRule,
    SealObserver,
    Transport,
)
from countenance.kernel import DeviceId, Door, Passage, PermitRevoked
from countenance.store import EvidenceScope, Issuer, LogFollower
from front_desk import LIFETIME, FrontDesk, new_desk


@dataclass
class Sight:
    """An observer whose eyes a test moves."""

    keys: frozenset[str] = frozenset({"quality_gate"})
    seen: tuple[Observed, ...] = field(default=(Observed("quality_gate", {"limits": {"unified": 40}}),))

    def observe(self) -> tuple[Observed, ...]:
        return self.seen


@pytest.fixture
def sight() -> Sight:
    return Sight()


@pytest.fixture
def watching(checkin: FrontDesk, sight: Sight) -> AuthorityDesk:
    return new_desk(checkin.store, checkin.clock, observers=(sight,))


EVERY = timedelta(seconds=5)


@pytest.fixture
def resting(checkin: FrontDesk, sight: Sight) -> AuthorityDesk:
    """A desk whose look at the system stands for a while."""
    return new_desk(checkin.store, checkin.clock, observers=(sight,), look_every=EVERY)


def look(checkin: FrontDesk, watching: AuthorityDesk) -> None:
    watching.judge(checkin.request())


def test_what_is_seen_is_filed_by_the_system(checkin: FrontDesk, watching: AuthorityDesk) -> None:
    look(checkin, watching)
    (record,) = checkin.on_file("quality_gate")
    assert record.issuer is Issuer.SYSTEM
    assert record.author == "countenance"
    assert record.demo
    assert record.valid_until == checkin.clock.now() + timedelta(hours=1)
    assert ("evidence-recorded", record.evidence_id) in [
        (kind, entry.get("evidence")) for kind, entry in checkin.log_entries()
    ]


def test_looking_again_writes_nothing(checkin: FrontDesk, watching: AuthorityDesk) -> None:
    look(checkin, watching)
    epoch, size = checkin.store.evidence.epoch(), checkin.store.log.size()
    checkin.wait(timedelta(minutes=30))
    look(checkin, watching)
    assert (checkin.store.evidence.epoch(), checkin.store.log.size()) == (epoch, size)


def test_a_record_about_to_run_out_is_renewed(checkin: FrontDesk, watching: AuthorityDesk) -> None:
    look(checkin, watching)
    checkin.wait(timedelta(hours=1) - LIFETIME)
    look(checkin, watching)
    assert len(checkin.on_file("quality_gate")) == 2
    checkin.wait(LIFETIME)
    assert len(checkin.on_file("quality_gate")) == 1


def test_every_permit_has_its_whole_time(checkin: FrontDesk) -> None:
    """However late it is asked for, what the system saw lasts as long as the permit."""
    for _ in range(4):
        checkin.wait(timedelta(minutes=14, seconds=59))
        checkin.welcome()
        claims = checkin.grant().claims
        assert claims.not_after - claims.issued_at == LIFETIME


def test_what_is_no_longer_seen_is_withdrawn(
    checkin: FrontDesk, watching: AuthorityDesk, sight: Sight
) -> None:
    look(checkin, watching)
    (record,) = checkin.on_file("quality_gate")
    sight.seen = ()
    look(checkin, watching)
    assert checkin.on_file("quality_gate") == ()
    assert checkin.store.evidence.get(record.evidence_id).withdrawn_at == checkin.clock.now()


def test_what_is_seen_otherwise_is_filed_beside(
    checkin: FrontDesk, watching: AuthorityDesk, sight: Sight
) -> None:
    look(checkin, watching)
    sight.seen = (Observed("quality_gate", {"limits": {"unified": 60}}),)
    checkin.wait(timedelta(minutes=1))
    look(checkin, watching)
    look(checkin, watching)
    seen = [record.content["limits"] for record in checkin.on_file("quality_gate")]
    assert seen == [{"unified": 40}, {"unified": 60}]
    checkin.wait(timedelta(minutes=59))
    assert [r.content["limits"] for r in checkin.on_file("quality_gate")] == [{"unified": 60}]


def test_a_command_beside_the_server_leaves_its_permits_alone(checkin: FrontDesk) -> None:
    """Two processes on one data folder see different ways in; both are true."""
    request = checkin.request()
    granted = checkin.grant(request)
    command = new_desk(
        checkin.store,
        checkin.clock,
        observers=(
            SealObserver(store=checkin.store, transport=Transport.IN_PROCESS),
            LogObserver(store=checkin.store, clock=checkin.clock),
            AccessControlObserver(enforced=True, how="this machine's own accounts"),
            DeviceObserver(store=checkin.store),
        ),
    )
    other = checkin.request()
    beside = command.permit(other, budget={Door.COMPARE: 1})
    checkin.desk.judge(checkin.request())
    checkin.desk.verifier.admit(granted.token, Passage(Door.COMPARE, "verify", request))
    command.verifier.admit(beside.token, Passage(Door.COMPARE, "verify", other))


def test_a_process_that_sees_no_way_closed_believes_no_other(checkin: FrontDesk) -> None:
    checkin.grant()
    open_to_all = new_desk(
        checkin.store,
        checkin.clock,
        observers=(AccessControlObserver(enforced=False, how="nothing asks who is there"),),
    )
    verdict = open_to_all.judge(checkin.request())
    assert not verdict.allowed
    assert [missing.alternatives for missing in verdict.missing] == [("access_control",)]


def test_each_scope_has_its_own_record(checkin: FrontDesk, watching: AuthorityDesk, sight: Sight) -> None:
    one, two = (EvidenceScope(device=DeviceId(f"dev_{name}")) for name in ("one", "two"))
    sight.seen = (Observed("quality_gate", {"on": True}, one), Observed("quality_gate", {"on": True}, two))
    look(checkin, watching)
    sight.seen = sight.seen[:1]
    look(checkin, watching)
    assert {record.scope for record in checkin.on_file("quality_gate")} == {one}


def test_what_an_earlier_process_saw_of_one_purpose_is_withdrawn_too(
    checkin: FrontDesk, watching: AuthorityDesk, sight: Sight
) -> None:
    """A process that was started anew, with another network or table, undoes what the last one saw."""
    about = EvidenceScope(purpose=checkin.site.purpose)
    sight.seen = (Observed("quality_gate", {"on": True}, about),)
    look(checkin, watching)
    assert [record.scope for record in checkin.on_file("quality_gate")] == [about]
    look(checkin, new_desk(checkin.store, checkin.clock, observers=(Sight(seen=()),)))
    assert checkin.on_file("quality_gate") == ()


def test_an_observer_is_not_believed_about_other_keys(
    checkin: FrontDesk, watching: AuthorityDesk, sight: Sight
) -> None:
    sight.seen = (Observed("pad_report", {"level": "all of them"}),)
    look(checkin, watching)
    assert checkin.on_file("pad_report") == ()


def test_other_keys_of_the_system_are_left_alone(checkin: FrontDesk, watching: AuthorityDesk) -> None:
    checkin.grant()
    assert checkin.on_file("audit_log")
    look(checkin, watching)
    assert checkin.on_file("audit_log")


def test_a_persons_record_of_the_same_key_is_left_alone(checkin: FrontDesk) -> None:
    sight = Sight(keys=frozenset({"bystander_no_template"}), seen=())
    (written,) = checkin.on_file("bystander_no_template")
    look(checkin, new_desk(checkin.store, checkin.clock, observers=(sight,)))
    assert checkin.on_file("bystander_no_template") == (written,)


def test_two_observers_never_look_at_one_key(checkin: FrontDesk) -> None:
    with pytest.raises(ValueError, match="one observer"):
        new_desk(checkin.store, checkin.clock, observers=(Sight(), Sight()))


def test_a_broken_log_revokes_permits_and_refuses_new_ones(
    checkin: FrontDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = checkin.request()
    granted = checkin.grant(request)
    observers = checkin.desk
    monkeypatch.setattr(LogFollower, "look", lambda _, *, again: again < 0)
    again = new_desk(checkin.store, checkin.clock)
    with pytest.raises(RefusedByRule) as refused:
        again.permit(checkin.request(), budget={Door.CAPTURE: 1})
    assert ("audit_log",) in {missing.alternatives for missing in refused.value.verdict.missing}
    with pytest.raises(PermitRevoked, match="audit_log"):
        observers.verifier.admit(granted.token, Passage(Door.COMPARE, "verify", request))


def test_looking_opens_nothing_that_a_guest_said(
    checkin: FrontDesk, watching: AuthorityDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = checkin.request(subject=None)
    opened: list[object] = []
    monkeypatch.setattr(checkin.store.vault, "open", lambda *given, **_: opened.append(given))
    watching.judge(other)
    assert opened == []


def test_a_look_stands_for_its_time(checkin: FrontDesk, resting: AuthorityDesk, sight: Sight) -> None:
    look(checkin, resting)
    sight.seen = ()
    checkin.wait(EVERY - timedelta(microseconds=1))
    look(checkin, resting)
    assert len(checkin.on_file("quality_gate")) == 1
    checkin.wait(timedelta(microseconds=1))
    look(checkin, resting)
    assert checkin.on_file("quality_gate") == ()


def test_a_clock_that_went_back_makes_it_look(
    checkin: FrontDesk, resting: AuthorityDesk, sight: Sight
) -> None:
    look(checkin, resting)
    sight.seen = (Observed("quality_gate", {"limits": {"unified": 60}}),)
    checkin.wait(-timedelta(microseconds=1))
    look(checkin, resting)
    checkin.wait(timedelta(microseconds=1))
    limits = [record.content["limits"] for record in checkin.on_file("quality_gate")]
    assert {"unified": 60} in limits


def test_a_look_that_failed_does_not_stand(
    checkin: FrontDesk, resting: AuthorityDesk, sight: Sight, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_self: Sight) -> tuple[Observed, ...]:
        raise LookupError

    with monkeypatch.context() as patched:
        patched.setattr(Sight, "observe", fail)
        with pytest.raises(LookupError):
            look(checkin, resting)
    look(checkin, resting)
    assert len(checkin.on_file("quality_gate")) == 1


@pytest.mark.parametrize("every", [-timedelta(microseconds=1), LIFETIME + timedelta(microseconds=1)])
def test_a_look_stands_no_longer_than_what_it_files_is_renewed_before(
    checkin: FrontDesk, every: timedelta
) -> None:
    with pytest.raises(ValueError, match="look"):
        new_desk(checkin.store, checkin.clock, look_every=every)


def test_each_look_stands_for_the_whole_system_not_for_a_guest(
    checkin: FrontDesk, resting: AuthorityDesk, sight: Sight
) -> None:
    look(checkin, resting)
    checkin.welcome()
    sight.seen = ()
    assert resting.judge(checkin.request()).rule_set == resting.judge(checkin.request()).rule_set
    assert len(checkin.on_file("quality_gate")) == 1
