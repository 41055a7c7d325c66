"""How long a verdict takes with its facts gathered, in a store of many people."""

from __future__ import annotations

import random
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from countenance.authority import AuthorityDesk, record_guest_consent, seed_demo, shipped_rules
from countenance.authority.demo import DemoSite
from countenance.evaluation.timing import Spread, spread_of
from countenance.kernel import (
    Clock,
    Material,
    ProcessingRequest,
    RequestId,
    SubjectId,
    SystemClock,
    new_id,
    sha256_hex,
)
from countenance.runtime.erasure_bench import fill_with_people
from countenance.runtime.observing import observers_here
from countenance.runtime.settings import Settings
from countenance.store import EvidenceScope, Store, create_root_key, key_provider

__all__ = ["JudgementTimes", "time_judgements"]

_GUESTS: Final = 100
"""How many of the people have just said at the desk what they agree to."""
_OPERATIONS: Final = ("capture", "verify")
_ERROR_TARGET: Final = 1e-4
_MILLI: Final = 1e3


@dataclass(frozen=True, slots=True)
class JudgementTimes:
    """What was timed.

    Attributes:
        gathered: milliseconds of a verdict while the last look at the system stands: place, purpose and
            device looked up, evidence read, opened, sorted, and all rules asked about both operations.
        looked: milliseconds of one that looks at the system first.
        allowed: how many of the verdicts of ``gathered`` said yes.
        records: evidence on file that applied to one of the requests.
        store_bytes: size of the database file.
    """

    gathered: Spread
    looked: Spread
    allowed: int
    records: int
    store_bytes: int


def time_judgements(
    *, subjects: int, judged: int, seed: int, moved: Callable[[int], None] = lambda _: None
) -> JudgementTimes:
    """Fill a new demonstration's store in a temporary folder, let guests agree, and judge their requests.

    Args:
        subjects: how many people are in the store.
        judged: how many verdicts are timed; at least ten.
        seed: chooses whose.
        moved: called with how many people are in so far.
    """
    root = Path(tempfile.mkdtemp(prefix="countenance-bench-"))
    try:
        uri = f"file:{root / 'root.key'}"
        create_root_key(uri)
        clock = SystemClock()
        provider = key_provider(uri)
        with Store.create(root / "data", key_provider=provider, clock=clock, demo=True) as store:
            people = fill_with_people(store, subjects, moved)
            chosen = random.Random(seed).sample(people, min(_GUESTS, subjects))  # noqa: S311 - no secret
            return _time(store, chosen, clock=clock, judged=judged, folder=root / "data")
    finally:
        shutil.rmtree(root, ignore_errors=True)


def _time(
    store: Store, guests: Sequence[SubjectId], *, clock: Clock, judged: int, folder: Path
) -> JudgementTimes:
    standing = _desk(store, clock, look_every=timedelta(minutes=2))
    site = seed_demo(standing)
    for guest in guests:
        record_guest_consent(
            standing,
            subject=guest,
            place=site.place,
            purpose=site.purpose,
            consents=True,
            age_band="adult",
            language="en",
            stated_by="clerk",
        )
    gathered, allowed = _judge(standing, site, guests, count=judged)
    looked, _ = _judge(_desk(store, clock, look_every=timedelta(0)), site, guests, count=max(judged // 10, 1))
    scope = EvidenceScope(site.place, site.purpose, site.desk_device, guests[0])
    return JudgementTimes(
        gathered=gathered,
        looked=looked,
        allowed=allowed,
        records=len(store.evidence.at(clock.now(), scope=scope)),
        store_bytes=sum(file.stat().st_size for file in folder.iterdir()),
    )


def _desk(store: Store, clock: Clock, *, look_every: timedelta) -> AuthorityDesk:
    rules, vocabulary = shipped_rules()
    return AuthorityDesk(
        store=store,
        rules=rules,
        vocabulary=vocabulary,
        clock=clock,
        observers=observers_here(Settings(), store=store, clock=clock, serving=False),
        permit_lifetime=timedelta(minutes=2),
        look_every=look_every,
    )


def _judge(
    desk: AuthorityDesk, site: DemoSite, guests: Sequence[SubjectId], *, count: int
) -> tuple[Spread, int]:
    """Time verdicts on requests of which no two are alike, guest after guest; the first isn't counted."""
    times: list[float] = []
    allowed = 0
    for number in range(count + 1):
        request = _request(site, guests[number % len(guests)])
        start = time.perf_counter()
        verdict = desk.judge(request)
        times.append(_MILLI * (time.perf_counter() - start))
        allowed += verdict.allowed
    return spread_of(times[1:]), allowed - 1


def _request(site: DemoSite, guest: SubjectId) -> ProcessingRequest:
    request_id = RequestId(new_id("req"))
    return ProcessingRequest(
        request_id=request_id,
        operations=_OPERATIONS,
        purpose=site.purpose,
        place=site.place,
        device=site.desk_device,
        materials=(Material(sha256_hex(request_id.encode())),),
        error_target=_ERROR_TARGET,
        subject=guest,
    )
