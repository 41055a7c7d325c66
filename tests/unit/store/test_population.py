"""The number of people is that of their data keys, whatever happens to these."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countenance.kernel import FixedClock, KeyProvider, PurposeId, SubjectId, new_id
from countenance.store import SELF_CHECK_PURPOSE, SELF_CHECK_SUBJECT, RecordTampered, Store

Sql = Callable[..., list[tuple[object, ...]]]
CHECKIN, OTHER = PurposeId("pur_checkin"), PurposeId("pur_other")


def keep(store: Store, subject: SubjectId, purpose: PurposeId = CHECKIN) -> None:
    store.vault.seal(subject, purpose, b"x", context={"record": "test"})


def test_nobody_is_there_at_first(store: Store) -> None:
    assert store.population.people() == 0
    assert store.population.fits()


def test_a_person_counts_once_however_much_is_held_and_for_whatever(store: Store) -> None:
    keep(store, SubjectId("sub_one"))
    keep(store, SubjectId("sub_one"))
    keep(store, SubjectId("sub_one"), OTHER)
    keep(store, SubjectId("sub_two"), OTHER)
    assert store.population.people() == 2
    assert store.population.fits()


def test_a_person_is_gone_with_the_last_key(store: Store) -> None:
    keep(store, SubjectId("sub_one"))
    keep(store, SubjectId("sub_one"), OTHER)
    store.vault.destroy(SubjectId("sub_one"), OTHER)
    assert store.population.people() == 1
    store.vault.destroy(SubjectId("sub_one"), CHECKIN)
    assert store.population.people() == 0
    keep(store, SubjectId("sub_one"))
    assert store.population.people() == 1
    store.erasures.erase(SubjectId("sub_one"), None)
    assert store.population.people() == 0
    assert store.population.fits()


def test_the_systems_own_probe_is_nobody(store: Store) -> None:
    keep(store, SELF_CHECK_SUBJECT, SELF_CHECK_PURPOSE)
    keep(store, SELF_CHECK_SUBJECT, CHECKIN)
    assert store.population.people() == 0
    assert store.population.fits()
    store.vault.destroy_subject(SELF_CHECK_SUBJECT)
    assert store.population.people() == 0
    assert store.population.fits()


def test_what_is_undone_was_never_counted(store: Store) -> None:
    class Stopped(Exception):
        """The act was given up half way."""

    def half() -> None:
        with store.together():
            keep(store, SubjectId("sub_one"))
            assert store.population.people() == 1
            raise Stopped

    with pytest.raises(Stopped):
        half()
    assert store.population.people() == 0
    assert store.population.fits()


def test_several_threads_and_processes_count_into_one_number(
    store: Store, folder: Path, provider: KeyProvider, clock: FixedClock
) -> None:
    def fill(of: Store) -> None:
        for _ in range(10):
            keep(of, SubjectId(new_id("sub")))
            keep(of, SubjectId("sub_everybodys"))

    with Store.open(folder, key_provider=provider, clock=clock) as other:
        threads = [threading.Thread(target=fill, args=(each,)) for each in (store, store, other)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert store.population.people() == 31
    assert store.population.fits()


_STEPS = st.lists(
    st.tuples(
        st.booleans(), st.sampled_from(["a", "b", "c"]), st.sampled_from([CHECKIN, OTHER, SELF_CHECK_PURPOSE])
    ),
    max_size=12,
)


@given(steps=_STEPS)
def test_after_any_history_the_number_is_that_of_the_keys(
    shared_store: Store, steps: list[tuple[bool, str, PurposeId]]
) -> None:
    run, before = new_id("sub"), shared_store.population.people()
    held: set[tuple[str, PurposeId]] = set()
    for comes, who, purpose in steps:
        subject = SubjectId(f"{run}{who}")
        if comes:
            keep(shared_store, subject, purpose)
            held.add((who, purpose))
        else:
            shared_store.vault.destroy(subject, purpose)
            held.discard((who, purpose))
    assert shared_store.population.people() - before == len({who for who, _ in held})
    assert shared_store.population.fits()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE population SET people = people - 1",
        "UPDATE population SET people = 0",
        "DELETE FROM population",
    ],
)
def test_a_number_that_was_changed_does_not_fit(store: Store, sql: Sql, statement: str) -> None:
    keep(store, SubjectId("sub_one"))
    sql(statement)
    assert not store.population.fits()


@pytest.mark.parametrize(
    "statement",
    ["DELETE FROM population", "UPDATE population SET people = -1", "UPDATE population SET people = 'many'"],
)
def test_what_is_not_a_number_of_people_is_named_as_tampering(store: Store, sql: Sql, statement: str) -> None:
    sql(statement)
    with pytest.raises(RecordTampered):
        store.population.people()


def test_triggers_that_were_taken_out_are_noticed_with_the_next_person(store: Store, sql: Sql) -> None:
    sql("DROP TRIGGER population_comes")
    assert store.population.fits()
    keep(store, SubjectId("sub_one"))
    assert not store.population.fits()
