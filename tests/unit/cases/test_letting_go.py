"""A withdrawal destroys what was kept on the consent in the same call, and certifies what that was."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cases_rights import OFFICER, Rights
from contract.withdrawal_listener import WithdrawalListenerContract
from countenance.authority import AuthorityDesk, ConsentWithdrawn, Withdrawal, WithdrawalListener
from countenance.cases import HeldFromErasure, KeptOnConsent, certificate_page, check_certificate
from countenance.cases.bases import references_of
from countenance.kernel import PurposeId, SubjectId, new_id
from countenance.store import (
    EvidenceRecord,
    EvidenceScope,
    Issuer,
    OpenedReference,
    RecordUnknown,
    ReferenceRecord,
    SealKeyDestroyed,
)
from front_desk import GUEST, NOON, new_desk
from held_people import Held, keep

OTHER = PurposeId("pur_other")
DAY = timedelta(days=1)


def keeper_of(rights: Rights) -> KeptOnConsent:
    return KeptOnConsent(store=rights.hotel.store, erasures=rights.erasures, clock=rights.hotel.clock)


def desk_of(rights: Rights) -> AuthorityDesk:
    return new_desk(rights.hotel.store, rights.hotel.clock, listeners=(keeper_of(rights),))


def withdraw(rights: Rights, subject: SubjectId = GUEST) -> Withdrawal:
    return desk_of(rights).withdraw_consent(subject=subject, purpose=rights.purpose, by="clerk")


@pytest.fixture
def held(rights: Rights) -> Held:
    """A guest who agreed, and two sealed decisions about them."""
    rights.hotel.welcome()
    return keep(rights.hotel.store, GUEST, rights.purpose, records=0, decisions=2)


class TestKeptOnConsent(WithdrawalListenerContract):
    """The store's own keeping, on a real store."""

    @pytest.fixture(autouse=True)
    def _there(self, rights: Rights, held: Held) -> None:
        assert held.decisions
        self.rights = rights

    def listener_and_withdrawn(self) -> tuple[WithdrawalListener, ConsentWithdrawn]:
        self.rights.hotel.desk.withdraw_consent(subject=GUEST, purpose=self.rights.purpose, by="clerk")
        return keeper_of(self.rights), ConsentWithdrawn(GUEST, self.rights.purpose, NOON, ())

    def kept(self, listener: WithdrawalListener) -> int:
        assert isinstance(listener, KeptOnConsent)
        files = self.rights.hotel.store.retention.file_of(GUEST)
        return sum(len(file.decisions) for file in files if file.purpose == self.rights.purpose)


def test_what_was_decided_goes_in_the_same_call(rights: Rights, held: Held) -> None:
    store = rights.hotel.store
    sealed = [store.decisions.get(decision).sealed for decision in held.decisions]
    done = withdraw(rights)
    assert done.unfinished == ()
    assert store.decisions.all_ids() == ()
    for blob in sealed:
        with pytest.raises(SealKeyDestroyed):
            store.vault.open(GUEST, rights.purpose, blob, context={"record": "decision"})
    with pytest.raises(RecordUnknown):
        store.decisions.get(held.decisions[0])


def test_the_certificate_says_what_went_and_what_stays(rights: Rights, held: Held) -> None:
    (document,) = withdraw(rights).certificates
    said = check_certificate(document).claims
    assert (said["by"], said["because"]) == ("countenance", "consent withdrawn")
    assert (said["subject"], said["purpose"]) == (GUEST, rights.purpose)
    assert said["erased"]["decisions"] == 2
    assert said["erased"]["records"] == 4, "the statements of age"
    assert said["erased"]["statements"] == []
    assert said["erased"]["sealed_anew"] > 5
    assert said["files"]["found"] == 0
    assert [key_id for key_id, _ in rights.journal.read().keys] == [
        key["key"] for key in said["erased"]["keys"]
    ]
    assert "stay as proof" in certificate_page(said)


def test_the_proof_of_the_consent_stays_and_can_be_read(rights: Rights, held: Held) -> None:
    store = rights.hotel.store
    before = {record.evidence_id: record for record in store.evidence.about(GUEST)}
    done = withdraw(rights)
    left = store.evidence.about(GUEST)
    assert {record.evidence_id for record in left} == set(done.what.records)
    for record in left:
        assert record.content == before[record.evidence_id].content
        assert record.author == before[record.evidence_id].author
        assert record.withdrawn_at == NOON
    entry = store.log.entry(held.statements[0])
    assert (entry.kind, entry.entry) == ("verdict", {"outcome": "permitted"})
    assert store.log.entry(done.log_index).kind == "consent-withdrawn"
    assert store.log.verify().ok
    assert store.check_records() == ()
    assert store.population.fits()


def test_the_proof_goes_when_its_own_time_is_over(rights: Rights, held: Held) -> None:
    done = withdraw(rights)
    swept = rights.sweeper.sweep()
    assert swept.records == len(done.what.records)
    for _ in range(7):
        rights.hotel.wait(30 * DAY)
        rights.sweeper.sweep()
    assert rights.hotel.store.retention.file_of(GUEST) == ()
    assert rights.hotel.store.log.entry(held.statements[0]).erased


def test_another_purpose_and_another_person_are_not_touched(rights: Rights, held: Held) -> None:
    store, someone = rights.hotel.store, SubjectId("sub_other")
    rights.hotel.welcome(subject=someone)
    kept = keep(store, someone, rights.purpose, records=0)
    else_ = keep(store, GUEST, OTHER)
    withdraw(rights)
    assert set(store.decisions.all_ids()) == {*kept.decisions, *else_.decisions}
    assert {record.evidence_id for record in else_.records} <= {
        record.evidence_id for record in store.evidence.about(GUEST)
    }


def enrol(rights: Rights, subject: SubjectId = GUEST, *, purpose: PurposeId | None = None) -> str:
    """Put a reference on file, as a gallery does."""
    store, what = rights.hotel.store, purpose or rights.purpose
    record = ReferenceRecord(
        reference_id=new_id("ref"), subject=subject, purpose=what, model_id="embedder",
        key_version=store.purpose_keys.make(what).version, place=None, valid_from=NOON, valid_until=None,
        samples=1, added_at=NOON,
    )  # fmt: skip
    store.references.add([OpenedReference(record, b"a template")])
    return record.reference_id


def test_enrolled_references_go_too_and_nobody_else_s(rights: Rights, held: Held) -> None:
    store, other = rights.hotel.store, SubjectId("sub_other")
    mine = [enrol(rights), enrol(rights)]
    theirs, elsewhere = enrol(rights, other), enrol(rights, purpose=OTHER)
    said = check_certificate(withdraw(rights).certificates[0]).claims
    assert said["erased"]["references"] == 2
    assert "2 enrolled references" in certificate_page(said)
    for reference in mine:
        with pytest.raises(RecordUnknown):
            store.references.open(reference)
    assert store.references.open(theirs).content == store.references.open(elsewhere).content == b"a template"
    assert held.decisions


def test_references_alone_are_enough_to_be_destroyed(rights: Rights) -> None:
    rights.hotel.welcome()
    withdraw(rights)
    enrol(rights)
    again = withdraw(rights)
    assert (again.what.records, len(again.certificates)) == ((), 1)
    assert references_of(rights.hotel.store, GUEST, rights.purpose) == ()


def test_references_that_a_hold_kept_go_with_the_sweep_after_it(rights: Rights, held: Held) -> None:
    enrol(rights)
    rights.holds.place(GUEST, ground="court order 7", until=NOON + DAY, author=OFFICER)
    assert withdraw(rights).unfinished
    rights.sweeper.sweep()
    assert references_of(rights.hotel.store, GUEST, rights.purpose)
    rights.hotel.wait(DAY)
    swept = rights.sweeper.sweep()
    assert references_of(rights.hotel.store, GUEST, rights.purpose) == ()
    assert swept.by_rule["consent-withdrawn"] >= 1
    assert held.decisions


def test_a_hold_keeps_it_and_whoever_withdrew_is_told(rights: Rights, held: Held) -> None:
    rights.holds.place(GUEST, ground="court order 7", until=NOON + DAY, author=OFFICER)
    done = withdraw(rights)
    assert (done.told, done.unfinished, done.certificates) == ((), (keeper_of(rights).name,), ())
    assert len(rights.hotel.store.decisions.all_ids()) == 2
    assert done.what.records, "the consent is withdrawn all the same"
    with pytest.raises(HeldFromErasure):
        keeper_of(rights).consent_withdrawn(done.what)
    rights.holds.lift(GUEST, author=OFFICER)
    again = withdraw(rights)
    assert (again.told, again.unfinished) == ((keeper_of(rights).name,), ())
    assert len(again.certificates) == 1
    assert rights.hotel.store.decisions.all_ids() == ()


def test_a_past_hold_is_nobody_s_business_who_withdraws(rights: Rights, held: Held) -> None:
    rights.holds.place(GUEST, ground="court order 7", until=NOON + DAY, author=OFFICER)
    rights.holds.lift(GUEST, author=OFFICER)
    (document,) = withdraw(rights).certificates
    assert check_certificate(document).claims["holds"] == []
    assert "court order" not in str(document)


def test_a_provision_of_law_keeps_it_from_withdrawal_and_sweeper(rights: Rights, held: Held) -> None:
    store = rights.hotel.store
    basis = EvidenceRecord.make(
        key="statutory_basis", content={"said": "a provision"}, author="officer", issuer=Issuer.PERSON,
        recorded_at=NOON, scope=EvidenceScope(purpose=rights.purpose), demo=True,
    )  # fmt: skip
    store.evidence.add(basis)
    rights.hotel.withdraw("retention_until")
    done = withdraw(rights)
    assert (done.unfinished, done.certificates) == ((), ())
    assert set(rights.sweeper.sweep().by_rule) == {"own-validity"}
    assert len(store.decisions.all_ids()) == 2


def test_a_consent_given_anew_is_as_good_as_the_first(rights: Rights, held: Held) -> None:
    withdraw(rights)
    rights.hotel.welcome()
    kept = keep(rights.hotel.store, GUEST, rights.purpose, records=0)
    rights.hotel.grant()
    assert rights.hotel.store.decisions.all_ids() == kept.decisions
    assert len(withdraw(rights).certificates) == 1
    assert rights.hotel.store.decisions.all_ids() == ()


def test_who_is_not_on_file_has_nothing_to_lose(rights: Rights) -> None:
    nobody = ConsentWithdrawn(SubjectId("sub_nobody"), rights.purpose, NOON, ())
    assert keeper_of(rights).consent_withdrawn(nobody) is None
