"""The flow over a real store and a real desk of authority; the pictures' own desk is watched, not asked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest

from countenance.authority import (
    AuthorityDesk,
    UnknownDevice,
    UnknownPlace,
    seed_demo,
    shipped_rules,
)
from countenance.capture import NotAPicture
from countenance.decisions import DocumentNeed, SamePicture, VerificationDesk, VerificationOrder, Verified
from countenance.kernel import DeviceId, FixedClock, PlaceId
from countenance.scenes import (
    AgeBand,
    AttendedOrder,
    AttendedVerification,
    GuestStatement,
    GuestStatementInvalid,
    shipped_profiles,
)
from countenance.store import EvidenceScope, Store, create_root_key, key_provider

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
PROFILE = shipped_profiles()["hotel-checkin"]
GUEST = GuestStatement(consents=True, age_band=AgeBand.ADULT, language="en", stated_by="desk 1")


class Stopped(Exception):
    """Raised by the watched desk once it has the order."""


@dataclass
class WatchedDesk:
    """Remembers the orders that it was given."""

    orders: list[VerificationOrder] = field(default_factory=list)
    bad: bytes = b""
    left: int = 0

    @contextmanager
    def receive(self, order: VerificationOrder) -> Iterator[VerificationOrder]:
        order.materials()
        if self.bad in (order.reference, order.probe):
            raise NotAPicture("It isn't a picture.")
        try:
            yield order
        finally:
            self.left += 1

    def carry_out(self, received: VerificationOrder) -> Verified:
        self.orders.append(received)
        raise Stopped


@dataclass(frozen=True)
class House:
    authority: AuthorityDesk
    desk: WatchedDesk
    store: Store
    clock: FixedClock

    def flow(self, error_target: float | None = None) -> AttendedVerification:
        return AttendedVerification(
            profile=PROFILE,
            desk=cast("VerificationDesk", self.desk),
            authority=self.authority,
            error_target=error_target,
        )

    def run(self, order: AttendedOrder, error_target: float | None = None) -> VerificationOrder:
        with pytest.raises(Stopped):
            self.flow(error_target).run(order)
        return self.desk.orders[-1]

    def said_about(self, order: VerificationOrder) -> set[str]:
        """The keys of everything on file about the guest of an order, and nobody else."""
        scope = EvidenceScope(order.place, order.purpose, order.device, order.subject)
        records = self.store.evidence.at(NOON, scope=scope)
        return {record.key for record in records if record.scope.subject == order.subject}


@contextmanager
def open_house(folder: Path) -> Iterator[House]:
    uri = f"file:{folder / 'key' / 'root.key'}"
    create_root_key(uri)
    clock = FixedClock(NOON)
    rules, vocabulary = shipped_rules()
    with Store.create(folder / "data", key_provider=key_provider(uri), clock=clock, demo=True) as store:
        authority = AuthorityDesk(
            store=store,
            rules=rules,
            vocabulary=vocabulary,
            clock=clock,
            observers=(),
            permit_lifetime=timedelta(minutes=2),
        )
        seed_demo(authority)
        yield House(authority, WatchedDesk(), store, clock)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with open_house(tmp_path) as opened:
        yield opened


def order(guest: GuestStatement = GUEST) -> AttendedOrder:
    return AttendedOrder(
        document=b"a document",
        live=b"a photograph",
        place=PlaceId("plc_frontdesk"),
        device=DeviceId("dev_deskcamera"),
        guest=guest,
    )


def test_the_desk_is_asked_for_what_the_profile_says(house: House) -> None:
    asked = house.run(order())
    assert asked.purpose == PROFILE.purpose
    assert asked.scene == "hotel-checkin"
    assert asked.error_target == PROFILE.error_target
    assert (asked.reference, asked.probe) == (b"a document", b"a photograph")
    assert (asked.reference_role, asked.probe_role) == (PROFILE.reference.role, PROFILE.probe.role)


def test_the_pictures_are_left_whatever_the_desk_does(house: House) -> None:
    house.run(order())
    assert house.desk.left == 1


def test_every_check_in_has_a_pseudonym_of_its_own(house: House) -> None:
    subjects = {house.run(order()).subject for _ in range(5)}
    assert len(subjects) == 5
    assert all(subject.startswith("sub_") for subject in subjects)


def test_what_the_guest_said_is_on_file_before_the_desk_is_asked(house: House) -> None:
    asked = house.run(order())
    assert {"consent.separate", "consent.record", "subject.under14"} <= house.said_about(asked)


def test_the_guest_of_one_check_in_has_said_nothing_at_another(house: House) -> None:
    first, second = house.run(order()), house.run(order(replace(GUEST, consents=False)))
    assert "consent.separate" in house.said_about(first)
    assert "consent.separate" not in house.said_about(second)


def test_who_does_not_agree_has_no_consent_on_file(house: House) -> None:
    asked = house.run(order(replace(GUEST, consents=False)))
    assert {key for key in house.said_about(asked) if key.startswith("consent.")} == set()


def test_the_author_is_whoever_wrote_it_down(house: House) -> None:
    asked = house.run(order())
    scope = EvidenceScope(asked.place, asked.purpose, asked.device, asked.subject)
    records = [r for r in house.store.evidence.at(NOON, scope=scope) if r.scope.subject == asked.subject]
    assert {record.author for record in records} == {"desk 1"}


@pytest.mark.parametrize(("installation", "kept"), [(None, 1e-4), (1e-3, 1e-4), (1e-4, 1e-4), (1e-5, 1e-5)])
def test_the_stricter_error_target_is_kept(house: House, installation: float | None, kept: float) -> None:
    assert house.run(order(), installation).error_target == kept


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"place": PlaceId("plc_nowhere")}, UnknownPlace),
        ({"device": DeviceId("dev_nothing")}, UnknownDevice),
        ({"live": b"a document"}, SamePicture),
        ({"live": b""}, NotAPicture),
        ({"document": b""}, NotAPicture),
    ],
)
def test_a_wrong_order_is_refused_before_anything_is_written(
    house: House, changed: dict[str, object], error: type[Exception]
) -> None:
    before = house.store.evidence.epoch()
    with pytest.raises(error):
        house.flow().run(replace(order(), **changed))  # type: ignore[arg-type]
    assert house.store.evidence.epoch() == before
    assert house.desk.orders == []


@pytest.mark.parametrize("changed", [{"language": " "}, {"stated_by": ""}])
def test_a_statement_names_language_and_author(changed: dict[str, str]) -> None:
    with pytest.raises(GuestStatementInvalid):
        replace(GUEST, **changed)  # type: ignore[arg-type]


def test_an_order_shows_no_picture() -> None:
    assert "a document" not in repr(order())
    assert "a photograph" not in repr(order())


def test_the_flow_holds_out_no_desk(house: House) -> None:
    public = [name for name in dir(house.flow()) if not name.startswith("_")]
    assert public == ["profile", "run"]


def test_the_desk_is_told_what_the_profile_wants_of_the_document(house: House) -> None:
    demand = house.run(order()).document
    assert demand is not None
    assert (demand.need, demand.stated_age) == (DocumentNeed.READ_IF_THERE, "adult")
    assert demand.says == {"age_band", "expired"}
    assert demand.takes_expired
    assert demand.today == NOON.date()


def test_the_day_is_that_of_the_place(house: House) -> None:
    house.clock.move_to(NOON + timedelta(hours=6))
    demand = house.run(order()).document
    assert demand is not None
    assert demand.today == NOON.date() + timedelta(days=1), "18:00 in UTC is the next day at the hotel"
