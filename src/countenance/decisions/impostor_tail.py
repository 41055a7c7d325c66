"""The error model: how rare false matches are at a threshold, also between and beyond the measured levels.

Rules kept here:

* What is stated is the worst measured group's rate, as a 95 % prediction interval for other people like those
  that were measured: what the data leave open about the tail, and how much groups of people differ.
* A threshold keeps the asked rate at the upper end of what the data say of the worst measured group.
* The evidence ends where fewer than thirty different pairs of people lie above a score (rule of 30,
  ISO/IEC 19795-1). What lies beyond is called extrapolation, and no search may rest on it.

The tail is a parabola in the logarithm of the share of impostor scores that reach a threshold,
ln FMR(s) = a + b (s - floor) + c (s - floor)^2, fitted by ``countenance.evaluation``; a group's rate is that
times a factor of its own. A normal distribution's tail is nearly such a parabola.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from countenance.decisions.interval import Interval
from countenance.kernel import CallerError

__all__ = [
    "EVERYBODY",
    "GalleryBeyondEvidence",
    "ImpostorTail",
    "RateBeyondTail",
    "TailGroup",
    "TailThreshold",
]

EVERYBODY: Final = "everybody"
"""Names the rate over all measured people, beside those of groups."""
_TWO_SIDED_95: Final = 1.959964
"""The 97.5th percentile of the standard normal distribution."""
_HIGHEST_SCORE: Final = 1.0
_FINE: Final = 1e-4
"""Thresholds are stated to four decimals, rounded up."""
_STRIDE: Final = 100
"""How many of them are passed over at first."""


class GalleryBeyondEvidence(CallerError):
    """More people would be searched than the evidence for the asked error supports."""

    code = "gallery-beyond-evidence"
    default_remedy = (
        "Search fewer people, permit a higher false positive identification rate, or measure more people "
        "with `countenance calibrate`."
    )


class RateBeyondTail(CallerError):
    """No threshold keeps a false match rate this low, as far as the model can say."""

    code = "rate-beyond-tail"
    default_remedy = "Ask for a higher rate, or measure more people with `countenance calibrate`."


@dataclass(frozen=True, slots=True)
class TailGroup:
    """A group of people whose false matches among themselves were measured.

    Attributes:
        words: the comparisons it means, such as ``two women``.
        log_ratio: natural logarithm of its FMR over everybody's.
        covariance: of ``log_ratio`` with a, b and c of the tail, and its own variance, in this order.
    """

    words: str
    log_ratio: float
    covariance: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class TailThreshold:
    """A threshold that the model gives.

    Attributes:
        value: the score from which two faces match, four decimals. Never shown to a caller.
        interval: 95 % prediction interval of the worst measured group's FMR at ``value``.
        extrapolated: whether ``value`` lies beyond the evidence. Offered for nothing adverse then.
    """

    value: float
    interval: Interval
    extrapolated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ImpostorTail:
    """The fitted tail of one combination of networks.

    Attributes:
        floor: the lowest score that it is fitted to; it says nothing below.
        ceiling: the highest score that thirty different pairs of people reach; above it is extrapolation.
        coefficients: a, b and c; b below 0, c not above 0: a higher threshold has a lower rate.
        covariance: 3 x 3, of the coefficients.
        groups: the measured groups; may be empty.
        spread: standard deviation of the logarithm of the rate between sets of people that weren't measured
            and those that were.

    Raises:
        ValueError: if a rate wouldn't fall with the threshold, the ends aren't in order, or a variance is
            negative.
    """

    floor: float
    ceiling: float
    coefficients: tuple[float, float, float]
    covariance: tuple[tuple[float, float, float], tuple[float, float, float], tuple[float, float, float]]
    groups: tuple[TailGroup, ...]
    spread: float

    def __post_init__(self) -> None:
        _, slope, bend = self.coefficients
        variances = [self.covariance[k][k] for k in range(3)] + [group.covariance[3] for group in self.groups]
        if not (-1.0 <= self.floor < self.ceiling <= _HIGHEST_SCORE and slope < 0.0 and bend <= 0.0):
            msg = "a tail falls from its floor to its ceiling"
            raise ValueError(msg)
        if min(variances) < 0.0 or self.spread < 0.0:
            msg = "a variance isn't negative"
            raise ValueError(msg)

    @property
    def supported(self) -> float:
        """The smallest FMR that a threshold within the evidence keeps for the worst measured group."""
        return self._bound(self.ceiling)

    def worst_group(self, threshold: float) -> str:
        """Return the group with the highest rate at a threshold, in words; ``everybody`` without groups."""
        return max(self._all_groups(), key=lambda group: self._upper(group, threshold)).words

    def fmr_at(self, threshold: float) -> Interval:
        """Return the 95 % prediction interval of the worst measured group's false match rate.

        Args:
            threshold: in [floor, 1].

        Raises:
            ValueError: if the threshold isn't in that range.
        """
        return self.fmr_of(self.worst_group(threshold), threshold)

    def fmr_of(self, group: str, threshold: float) -> Interval:
        """Return the 95 % prediction interval of a group's false match rate.

        Args:
            group: the ``words`` of one of :attr:`groups`, or ``everybody``.
            threshold: in [floor, 1].

        Raises:
            ValueError: if the threshold isn't in that range, or the group wasn't measured.
        """
        middle, deviation = self.log_rate(group, threshold)
        return Interval(
            min(1.0, math.exp(middle - _TWO_SIDED_95 * deviation)),
            min(1.0, math.exp(middle + _TWO_SIDED_95 * deviation)),
        )

    def log_rate(self, group: str, threshold: float) -> tuple[float, float]:
        """Return the natural logarithm of a group's predicted rate, and its standard deviation.

        Raises:
            ValueError: as for :meth:`fmr_of`.
        """
        for each in self._all_groups():
            if each.words == group:
                middle, deviation = self._fitted(each, threshold)
                return middle, math.hypot(deviation, self.spread)
        msg = "this group wasn't measured"
        raise ValueError(msg)

    def threshold_for(self, fmr: float) -> TailThreshold:
        """Return the lowest threshold that keeps a false match rate for the worst measured group.

        Kept at the upper end of what the data say of the measured people; the spread between people stands
        in the interval, which therefore reaches above ``fmr``.

        Args:
            fmr: in (0, 1). Above what the floor keeps, the floor is returned.

        Raises:
            RateBeyondTail: if no threshold up to 1 keeps it.
            ValueError: if ``fmr`` isn't in (0, 1).
        """
        _require_rate(fmr)
        value = _lowest(lambda score: self._bound(score) <= fmr, self.floor)
        if value is None:
            msg = f"No threshold keeps a false match rate of {fmr:.2g}, as far as was measured."
            raise RateBeyondTail(msg)
        return TailThreshold(value, self.fmr_at(value), extrapolated=value > self.ceiling)

    def fpir(self, *, people: int, threshold: float) -> Interval:
        """Return the interval of the share of strangers who would be falsely named in a search.

        1 - (1 - FMR)^people: as if the comparisons of one stranger were independent. Strangers differ in how
        many they resemble, which makes the true share smaller, never larger (Jensen's inequality).

        Args:
            people: references in the gallery, one a person; at least 1.
            threshold: in [floor, 1].

        Raises:
            ValueError: if an argument is out of range.
        """
        if people < 1:
            msg = "a gallery has at least one person"
            raise ValueError(msg)
        rate = self.fmr_at(threshold)
        return Interval(_anyone(rate.low, people), _anyone(rate.high, people))

    def threshold_for_search(self, *, fpir: float, people: int) -> TailThreshold:
        """Return the threshold that keeps a false positive identification rate among so many people.

        Args:
            fpir: share of strangers who may be falsely named, in (0, 1).
            people: references in the gallery, one a person; at least 1.

        Raises:
            GalleryBeyondEvidence: naming the largest number of people that the evidence supports.
            ValueError: if an argument is out of range.
        """
        _require_rate(fpir)
        if people < 1:
            msg = "a gallery has at least one person"
            raise ValueError(msg)
        largest = self.largest_gallery(fpir=fpir)
        if people > largest:
            msg = (
                f"The evidence supports a search among at most {largest:,} people at a false positive "
                f"identification rate of {fpir:g}; this gallery has {people:,}."
            )
            raise GalleryBeyondEvidence(msg)
        return self.threshold_for(-math.expm1(math.log1p(-fpir) / people))

    def largest_gallery(self, *, fpir: float) -> int:
        """Return how many people may be searched at a false positive identification rate; 0 if none.

        Raises:
            ValueError: if ``fpir`` isn't in (0, 1).
        """
        _require_rate(fpir)
        # The highest threshold within the evidence that is stated to four decimals.
        highest = math.floor(self.ceiling / _FINE + 1e-9) * _FINE
        if highest < self.floor:
            return 0
        return math.floor(math.log1p(-fpir) / math.log1p(-min(self._bound(highest), 1.0 - 1e-12)) + 1e-9)

    def _all_groups(self) -> tuple[TailGroup, ...]:
        return (TailGroup(EVERYBODY, 0.0, (0.0, 0.0, 0.0, 0.0)), *self.groups)

    def _fitted(self, group: TailGroup, threshold: float) -> tuple[float, float]:
        """Return ln FMR of the measured people and what the data leave open about it."""
        if not self.floor - 1e-9 <= threshold <= _HIGHEST_SCORE:
            msg = "the tail says nothing about this threshold"
            raise ValueError(msg)
        step = threshold - self.floor
        powers = (1.0, step, step * step)
        middle = sum(one * power for one, power in zip(self.coefficients, powers, strict=True))
        variance = sum(powers[j] * powers[k] * self.covariance[j][k] for j in range(3) for k in range(3))
        *shared, own = group.covariance
        variance += 2.0 * sum(power * one for power, one in zip(powers, shared, strict=True)) + own
        return middle + group.log_ratio, math.sqrt(max(variance, 0.0))

    def _upper(self, group: TailGroup, threshold: float) -> float:
        middle, deviation = self._fitted(group, threshold)
        return math.exp(min(0.0, middle + _TWO_SIDED_95 * deviation))

    def _bound(self, threshold: float) -> float:
        """Return the upper end of the worst measured group's rate among people like the measured."""
        return max(self._upper(group, threshold) for group in self._all_groups())


def _lowest(keeps: Callable[[float], bool], floor: float) -> float | None:
    """Return the lowest score of four decimals from which the rate is kept, or ``None``.

    The first crossing counts: far beyond the evidence what is left open can outgrow what falls.
    """
    first, last = math.ceil(floor / _FINE - 1e-9), round(_HIGHEST_SCORE / _FINE)
    low = high = first
    while not keeps(high * _FINE):
        if high == last:
            return None
        low, high = high, min(last, high + _STRIDE)
    while high - low > 1:
        between = (low + high) // 2
        if keeps(between * _FINE):
            high = between
        else:
            low = between
    return float(round(high * _FINE, 4))


def _anyone(rate: float, people: int) -> float:
    return 1.0 if rate >= 1.0 else -math.expm1(people * math.log1p(-rate))


def _require_rate(rate: float) -> None:
    if not 0.0 < rate < 1.0:
        msg = "a rate lies between 0 and 1"
        raise ValueError(msg)
