"""What came of simulated attempts at liveness, counted in the words of ISO/IEC 30107-3.

Rules kept here:

* Every rate is called simulated, has its count and its exact interval, and stands for itself: attacks are
  reported species by species, the worst first, and never averaged with one another or with persons (no ACER).
* A person who isn't found bona fide is an error, whether suspected or asked to try again.
* What isn't withstood is listed apart, and counts towards no headline.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Self

from countenance.evaluation.presentations import Instrument
from countenance.evaluation.proportions import share_interval, upper_share
from countenance.liveness import Outcome

__all__ = ["Attempt", "AttemptFile", "InstrumentRates", "rates_of"]

NON_RESPONSE: Final = "no response"
"""A session that came to no answer, because no face was found in half of its frames or it was cut off."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt, without a measurement of anybody's face but two numbers.

    Attributes:
        instrument: what was presented.
        identity: which portrait, as a number in the order of the list.
        outcome: what the session found, or :data:`NON_RESPONSE`.
        suspected: kinds of attack that it named.
        advice: what it advised, by name.
        relief: parallax over the whole take in degrees; ``None`` where it couldn't be measured.
        frames: how many frames were sent.
    """

    instrument: Instrument
    identity: int
    outcome: str
    suspected: tuple[str, ...]
    advice: tuple[str, ...]
    relief: float | None
    frames: int

    @property
    def bona_fide(self) -> bool:
        """Whether it was found bona fide."""
        return self.outcome == Outcome.BONA_FIDE.value

    def line(self) -> str:
        """Return it as a line of JSON."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def of_line(cls, line: str) -> Self:
        """Read a line.

        Raises:
            ValueError: if it isn't one.
        """
        try:
            told = json.loads(line)
            told["instrument"] = Instrument(told["instrument"])
            told["suspected"], told["advice"] = tuple(told["suspected"]), tuple(told["advice"])
            return cls(**told)
        except (KeyError, TypeError) as error:
            msg = "not an attempt"
            raise ValueError(msg) from error


class AttemptFile:
    """Attempts of a run that may be interrupted: one line each, no picture and no mesh.

    Args:
        file: where they lie.
    """

    __slots__ = ("_file",)

    def __init__(self, file: Path) -> None:
        self._file = file

    def load(self) -> tuple[Attempt, ...]:
        """Return what was kept; a line that was cut off is left out."""
        if not self._file.is_file():
            return ()
        kept = []
        for line in self._file.read_text(encoding="utf-8").splitlines():
            try:
                kept.append(Attempt.of_line(line))
            except ValueError:
                continue
        return tuple(kept)

    def keep(self, attempts: Iterable[Attempt]) -> None:
        """Add attempts."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with self._file.open("a", encoding="utf-8") as written:
            written.writelines(attempt.line() + "\n" for attempt in attempts)

    def forget(self) -> None:
        """Begin anew."""
        self._file.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class InstrumentRates:
    """What came of the attempts with one instrument. Shares are in [0, 1].

    Attributes:
        instrument: which.
        attempts: how many.
        identities: of how many portraits.
        accepted: how many were found bona fide.
        suspected: how many were suspected.
        unanswered: how many came to no answer.
        error: APCER of an attack, BPCER of a bona fide presentation; simulated.
        interval: two-sided, 95 %, Clopper and Pearson.
        upper: one-sided upper bound, 95 %.
        relief: least, median and greatest parallax in degrees, where it was measured; else ``None``.
    """

    instrument: Instrument
    attempts: int
    identities: int
    accepted: int
    suspected: int
    unanswered: int
    error: float
    interval: tuple[float, float]
    upper: float
    relief: tuple[float, float, float] | None

    @property
    def row(self) -> Mapping[str, object]:
        """It as a row of a table, in percent."""
        name = "simulated APCER %" if self.instrument.is_attack else "simulated BPCER %"
        low, high = self.interval
        return {
            "presented": self.instrument.value,
            "attempts": self.attempts,
            "bona_fide": self.accepted,
            "attack_suspected": self.suspected,
            "inconclusive": self.attempts - self.accepted - self.suspected - self.unanswered,
            "no_response": self.unanswered,
            "rate": f"{name[:-2]} {100 * self.error:.1f} %",
            "interval_95": f"{100 * low:.1f} to {100 * high:.1f} %",
            "upper_bound_95": f"{100 * self.upper:.1f} %",
            "parallax_degrees": "not measured" if self.relief is None else _spread(self.relief),
        }


def _spread(relief: tuple[float, float, float]) -> str:
    return f"{relief[0]:.0f} to {relief[2]:.0f}, median {relief[1]:.0f}"


def rates_of(attempts: Sequence[Attempt]) -> tuple[InstrumentRates, ...]:
    """Return the rates of every instrument.

    Attacks that are to be withstood come first, the worst first; then the bona fide presentations; then what
    isn't withstood.
    """
    by_instrument = {one: [a for a in attempts if a.instrument is one] for one in Instrument}
    rates = [_rates(one, own) for one, own in by_instrument.items() if own]
    withstood = [r for r in rates if r.instrument.withstood]
    known = [r for r in rates if r.instrument.is_attack and not r.instrument.withstood]
    worst_first = sorted(withstood, key=lambda r: (-r.error, r.attempts))
    persons = [r for r in rates if not r.instrument.is_attack]
    return (*worst_first, *persons, *sorted(known, key=lambda r: -r.error))


def _rates(instrument: Instrument, attempts: Sequence[Attempt]) -> InstrumentRates:
    count, accepted = len(attempts), sum(a.bona_fide for a in attempts)
    wrong = accepted if instrument.is_attack else count - accepted
    relief = sorted(a.relief for a in attempts if a.relief is not None)
    return InstrumentRates(
        instrument=instrument,
        attempts=count,
        identities=len({a.identity for a in attempts}),
        accepted=accepted,
        suspected=sum(a.outcome == Outcome.ATTACK_SUSPECTED.value for a in attempts),
        unanswered=sum(a.outcome == NON_RESPONSE for a in attempts),
        error=wrong / count,
        interval=share_interval(wrong, count),
        upper=upper_share(wrong, count),
        relief=(relief[0], relief[len(relief) // 2], relief[-1]) if relief else None,
    )
