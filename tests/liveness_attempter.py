"""Opens attempts at liveness as fast as it can, in a process of its own.

Run as a program: ``python liveness_attempter.py ROOT TRIES RESULT``. It tries so often for one person on one
device, then uses one result of a session, and says on standard output how many attempts were allowed and
whether the result was its own to use.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from countenance.kernel import DeviceId, FixedClock, PermitId, PurposeId, SubjectId
from countenance.liveness import (
    Assurance,
    AttemptLimits,
    AttemptsUsedUp,
    Binding,
    Finding,
    LivenessNotShown,
    LivenessStatement,
    Outcome,
)
from countenance.scenes.liveness_gate import LivenessGate
from countenance.store import Store, key_provider

WHO, WHERE = SubjectId("sub_customer"), DeviceId("dev_counter")
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def run(root: Path, tries: int, result: str) -> dict[str, object]:
    clock = FixedClock(NOON)
    provider = key_provider(f"file:{root / 'root.key'}")
    with Store.open(root / "data", key_provider=provider, clock=clock) as store:
        limits = AttemptLimits(counts=store.liveness_attempts, clock=clock)
        allowed = 0
        for _ in range(tries):
            try:
                limits.attempt(WHO, WHERE)
            except AttemptsUsedUp:
                continue
            allowed += 1
        gate = LivenessGate(signer=store.signer, counts=store.liveness_attempts, limits=limits, clock=clock)
        stated = LivenessStatement.of(
            Finding(Outcome.BONA_FIDE, confirmed=Assurance.ACTIVE.asks_for),
            result_id=result,
            binding=Binding(WHO, PurposeId("pur_a"), WHERE, PermitId("prm_a")),
            found_at=NOON,
            frames=(),
            demo=False,
        )
        try:
            gate.spend(stated)
        except LivenessNotShown:
            used = False
        else:
            used = True
    return {"allowed": allowed, "used": used}


if __name__ == "__main__":
    print(json.dumps(run(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3])))  # noqa: T201
