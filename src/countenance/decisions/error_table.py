"""The error table: which threshold keeps which false match rate, measured on what.

Rules kept here:

* A table belongs to its embedding network, to whether mirrored vectors are added, and to the detectors that
  found the faces. What was measured with others says nothing about this one.
* A table is data with its source and conditions; nothing in the code is a threshold.
* Only the measured levels are offered. What lies between or beyond them isn't interpolated.
* Each level states its interval, and the worst measured group or that none was measured.

The figures of a table are made by ``scripts/measure_error_table.py``; ``docs/explanation/error-table.md``
says how. The false match rate is that of ISO/IEC 19795-1: the share of impostor comparisons whose score
reaches the threshold.
"""

from __future__ import annotations

import itertools
import math
import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from importlib import resources
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from countenance.decisions.decision import NOT_MEASURED, StatedError
from countenance.decisions.impostor_tail import ImpostorTail
from countenance.decisions.interval import Interval
from countenance.decisions.parity import MeasuredParity
from countenance.decisions.tail_file import TailInFile
from countenance.kernel import CallerError, OperatorError

__all__ = [
    "ErrorLevel",
    "ErrorTable",
    "ErrorTableInvalid",
    "ErrorTargetNotOffered",
    "Interval",
    "Threshold",
    "in_words",
    "parse_error_table",
    "shipped_error_table",
    "shipped_error_tables",
]


class ErrorTargetNotOffered(CallerError):
    """The false match rate asked for isn't among the measured ones."""

    code = "error-target-not-offered"
    default_remedy = "Ask for one of the offered false match rates."


class ErrorTableInvalid(OperatorError):
    """The file isn't an error table, or there is none for this model."""

    code = "error-table-invalid"
    default_remedy = "Use the table that came with this version, or measure one with the script."


@dataclass(frozen=True, slots=True)
class ErrorLevel:
    """One measured level.

    Attributes:
        asked: the false match rate that may be asked for.
        threshold: the score from which two faces match: the upper end of the 95 % interval of the
            score at which the asked rate was measured, so that the asked rate is the upper end of
            what was measured, not its middle.
        threshold_interval: that interval.
        fmr: the false match rate measured at ``threshold``.
        fmr_interval: its 95 % interval (bootstrap over identities).
        false_matches: how many impostor comparisons reached ``threshold``.
        fnmr: the false non-match rate measured at ``threshold``.
        fnmr_interval: its 95 % interval (bootstrap over identities).
        worst_group: the measured group with the highest false match rate, in words, or ``None``.
        worst_group_fmr: its false match rate, or ``None``.
        worst_group_fmr_interval: its 95 % interval, or ``None``.
        elsewhere: another set of people on which the same threshold was tried, in words, or ``None``.
        elsewhere_fmr: the false match rate there, or ``None``.
        elsewhere_fmr_interval: its 95 % interval, or ``None``.
        parity: for each attribute by which people were grouped, how much more often the worst group is
            falsely matched; empty where no groups were measured.
    """

    asked: float
    threshold: float
    threshold_interval: Interval
    fmr: float
    fmr_interval: Interval
    false_matches: int
    fnmr: float
    fnmr_interval: Interval
    worst_group: str | None = None
    worst_group_fmr: float | None = None
    worst_group_fmr_interval: Interval | None = None
    elsewhere: str | None = None
    elsewhere_fmr: float | None = None
    elsewhere_fmr_interval: Interval | None = None
    parity: tuple[MeasuredParity, ...] = ()


@dataclass(frozen=True, slots=True)
class Threshold:
    """What a desk gets for an asked false match rate.

    Attributes:
        value: the score from which two faces match, in [-1, 1]. Never shown to a caller.
        fmr: the false match rate asked for.
        interval: 95 % interval of the false match rate measured at ``value``.
        stated: what the decision says about it.
        worded: the same in one sentence.
    """

    value: float
    fmr: float
    interval: Interval
    stated: StatedError
    worded: str


@dataclass(frozen=True, slots=True)
class ErrorTable:
    """The measured levels of one combination of networks.

    Attributes:
        model_id: what made the templates; ends in ``+mirrored`` where mirrored vectors were added.
        detectors: what found the faces; any of them on either side.
        mirrored: whether mirrored vectors were added.
        label: how far the table goes, such as ``development``.
        measured_on: the data, in a few words; stands in every decision.
        document_portraits: what was measured on portraits in documents, in words.
        source: data, counts and what was left out.
        conditions: pipeline, definitions, resampling; how the figures were made.
        limits: what the figures don't say, in sentences.
        measured_at: the day.
        levels: the measured levels, the most frequent false match first.
        tail: the model between and beyond the levels, or ``None`` where none was fitted.
    """

    model_id: str
    detectors: tuple[str, ...]
    mirrored: bool
    label: str
    measured_on: str
    document_portraits: str
    source: tuple[tuple[str, str], ...]
    conditions: tuple[tuple[str, str], ...]
    limits: tuple[str, ...]
    measured_at: date
    levels: tuple[ErrorLevel, ...]
    tail: ImpostorTail | None = None

    @property
    def offered(self) -> tuple[float, ...]:
        """The false match rates that may be asked for, the most frequent false match first."""
        return tuple(level.asked for level in self.levels)

    def threshold(self, fmr: float) -> Threshold:
        """Return the threshold for an asked false match rate.

        Args:
            fmr: one of :attr:`offered`; a number that differs from it by float rounding is the same.

        Raises:
            ErrorTargetNotOffered: for any other rate, also for one between two offered ones.
        """
        for level in self.levels:
            if math.isclose(level.asked, fmr, rel_tol=1e-9):
                return self._threshold(level)
        offered = ", ".join(f"{rate:g} ({in_words(rate)})" for rate in self.offered)
        msg = f"A false match rate of {fmr:g} was not measured for this model. Offered: {offered}."
        raise ErrorTargetNotOffered(msg)

    def parity_at(self, threshold: float) -> tuple[MeasuredParity, ...]:
        """Return what was measured of groups at a threshold, or at the next stricter level.

        Args:
            threshold: the score from which two faces match.

        Returns:
            Nothing where the threshold lies above every measured level: beyond them nothing is known.
        """
        stricter = [level for level in self.levels if level.threshold >= threshold]
        return min(stricter, key=lambda level: level.threshold).parity if stricter else ()

    def _threshold(self, level: ErrorLevel) -> Threshold:
        stated = StatedError(
            asked=level.asked,
            fmr=level.fmr,
            low=level.fmr_interval.low,
            high=level.fmr_interval.high,
            fnmr=level.fnmr,
            measured_on=self.measured_on,
            worst_group=_measured(level.worst_group, level.worst_group_fmr, level.worst_group_fmr_interval),
            elsewhere=_measured(level.elsewhere, level.elsewhere_fmr, level.elsewhere_fmr_interval),
            label=self.label,
            document_portraits=self.document_portraits,
        )
        return Threshold(
            value=level.threshold,
            fmr=level.asked,
            interval=level.fmr_interval,
            stated=stated,
            worded=_worded(stated),
        )


def in_words(rate: float) -> str:
    """Return a rate as ``one in N``, N to two significant digits.

    Raises:
        ValueError: if the rate isn't in [0, 1].
    """
    if not 0.0 <= rate <= 1.0:
        msg = "a rate lies in [0, 1]"
        raise ValueError(msg)
    if rate == 0.0:
        return "none"
    times = 1.0 / rate
    digits = max(0, math.floor(math.log10(times)) - 1)
    return f"one in {round(times / 10**digits) * 10**digits:,}"


def _measured(words: str | None, rate: float | None, interval: Interval | None) -> str:
    """Return ``one in N for words (interval)``, or that it wasn't measured."""
    if words is None or rate is None:
        return NOT_MEASURED
    return f"{in_words(rate)} for {words}" + ("" if interval is None else f" ({_interval(interval)})")


def _interval(interval: Interval) -> str:
    return f"95 % interval {in_words(interval.low)} to {in_words(interval.high)}"


def _worded(stated: StatedError) -> str:
    return (
        f"At this threshold about {in_words(stated.fmr)} strangers would match"
        f" ({_interval(Interval(stated.low, stated.high))}), measured on {stated.measured_on};"
        f" {stated.label} table. Worst measured group: {stated.worst_group}."
        f" Tried on other people: {stated.elsewhere}."
    )


# The file. Its models stay in this module; the rest of the program sees the values above.

_Rate = Annotated[float, Field(gt=0.0, lt=1.0, allow_inf_nan=False)]
_MeasuredRate = Annotated[float, Field(ge=0.0, le=1.0, allow_inf_nan=False)]
_Score = Annotated[float, Field(ge=-1.0, le=1.0, allow_inf_nan=False)]
_Words = Annotated[str, Field(min_length=1)]
_Ratio = Annotated[float, Field(ge=1.0)]
"""Infinity says that the data don't bound it."""


_MIRRORED: Final = "+mirrored"
"""Ends the model id of mirrored embeddings; see ``countenance.vision.embedding.mirrored``."""
_EIGHT_BIT: Final = "+int8"
"""Follows the network's id where its weights are rounded; see ``countenance.vision.runtimes.eight_bit``."""


class _ParityInFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    attribute: _Words
    groups: Annotated[list[_Words], Field(min_length=2)]
    ratio: _Ratio
    interval: tuple[_Ratio, _Ratio]

    def to_parity(self) -> MeasuredParity:
        return MeasuredParity(self.attribute, tuple(self.groups), self.ratio, *self.interval)


class _LevelInFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    asked: _Rate
    threshold: _Score
    threshold_interval: tuple[_Score, _Score]
    fmr: _MeasuredRate
    fmr_interval: tuple[_MeasuredRate, _MeasuredRate]
    false_matches: Annotated[int, Field(ge=0)]
    fnmr: _MeasuredRate
    fnmr_interval: tuple[_MeasuredRate, _MeasuredRate]
    worst_group: _Words | None = None
    worst_group_fmr: _MeasuredRate | None = None
    worst_group_fmr_interval: tuple[_MeasuredRate, _MeasuredRate] | None = None
    elsewhere: _Words | None = None
    elsewhere_fmr: _MeasuredRate | None = None
    elsewhere_fmr_interval: tuple[_MeasuredRate, _MeasuredRate] | None = None
    parity: list[_ParityInFile] = Field(default_factory=list)

    def to_level(self) -> ErrorLevel:
        worst, other = self.worst_group_fmr_interval, self.elsewhere_fmr_interval
        return ErrorLevel(
            asked=self.asked,
            threshold=self.threshold,
            threshold_interval=Interval(*self.threshold_interval),
            fmr=self.fmr,
            fmr_interval=Interval(*self.fmr_interval),
            false_matches=self.false_matches,
            fnmr=self.fnmr,
            fnmr_interval=Interval(*self.fnmr_interval),
            worst_group=self.worst_group,
            worst_group_fmr=self.worst_group_fmr,
            worst_group_fmr_interval=None if worst is None else Interval(*worst),
            elsewhere=self.elsewhere,
            elsewhere_fmr=self.elsewhere_fmr,
            elsewhere_fmr_interval=None if other is None else Interval(*other),
            parity=tuple(one.to_parity() for one in self.parity),
        )


class _TableInFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    model_id: _Words
    detectors: Annotated[list[_Words], Field(min_length=1)]
    mirrored: bool
    label: _Words
    measured_on: _Words
    document_portraits: _Words
    measured_at: date
    source: Annotated[dict[str, str | int | float], Field(min_length=1)]
    conditions: Annotated[dict[str, str | int | float], Field(min_length=1)]
    limits: Annotated[list[_Words], Field(min_length=1)]
    level: Annotated[list[_LevelInFile], Field(min_length=1)]
    tail: TailInFile | None = None


def parse_error_table(text: str) -> ErrorTable:
    """Read a table from TOML.

    Args:
        text: the file's content.

    Raises:
        ErrorTableInvalid: if it isn't TOML, a field is missing, unknown or out of range, or if a
            stricter level has a threshold that isn't higher.
    """
    try:
        in_file = _TableInFile.model_validate(tomllib.loads(text))
        levels = tuple(level.to_level() for level in in_file.level)
        tail = None if in_file.tail is None else in_file.tail.to_tail()
    except (tomllib.TOMLDecodeError, ValidationError, ValueError) as error:
        msg = f"The error table can't be read: {error}"
        raise ErrorTableInvalid(msg) from error
    for looser, stricter in itertools.pairwise(levels):
        if not (stricter.asked < looser.asked and stricter.threshold > looser.threshold):
            msg = "The error table's levels aren't in order: a rarer false match needs a higher threshold."
            raise ErrorTableInvalid(msg)
    if in_file.mirrored != in_file.model_id.endswith(_MIRRORED):
        msg = "The error table says of its embeddings both that they are mirrored and that they aren't."
        raise ErrorTableInvalid(msg)
    return ErrorTable(
        model_id=in_file.model_id,
        detectors=tuple(in_file.detectors),
        mirrored=in_file.mirrored,
        label=in_file.label,
        measured_on=in_file.measured_on,
        document_portraits=in_file.document_portraits,
        source=tuple((key, str(value)) for key, value in in_file.source.items()),
        conditions=tuple((key, str(value)) for key, value in in_file.conditions.items()),
        limits=tuple(in_file.limits),
        measured_at=in_file.measured_at,
        levels=levels,
        tail=tail,
    )


def shipped_error_tables() -> tuple[ErrorTable, ...]:
    """Return the tables that came with this version, sorted by model."""
    folder = resources.files("countenance.decisions").joinpath("error_tables")
    tables = (
        parse_error_table(entry.read_text(encoding="utf-8"))
        for entry in folder.iterdir()
        if entry.name.endswith(".toml")
    )
    return tuple(sorted(tables, key=lambda table: (table.model_id, table.detectors)))


def shipped_error_table(model_id: str, detectors: Collection[str] = ()) -> ErrorTable:
    """Return the table that came with this version for a combination of networks.

    Args:
        model_id: what makes the templates; ends in ``+mirrored`` where mirrored vectors are added.
        detectors: what finds the faces. Each has to be among those that the table was measured with.

    Raises:
        ErrorTableInvalid: if there is none; a combination without a table decides nothing. The message
            names the tables that there are, the remedy the command that measures one.
    """
    tables = shipped_error_tables()
    for table in tables:
        if table.model_id == model_id and set(detectors) <= set(table.detectors):
            return table
    there = "; ".join(f"{table.model_id} with {' and '.join(table.detectors)}" for table in tables)
    found = f" with {' and '.join(sorted(detectors))}" if detectors else ""
    msg = f"There is no measured error table for {model_id}{found}. Measured are: {there}."
    plain = model_id.removesuffix(_MIRRORED)
    options = [f"--embedder {plain.removesuffix(_EIGHT_BIT)}"]
    options += ["--eight-bit"] if plain.endswith(_EIGHT_BIT) else []
    options += ["--mirrored"] if model_id.endswith(_MIRRORED) else []
    options += [f"--detector {detector}" for detector in sorted(detectors)]
    raise ErrorTableInvalid(
        msg,
        remedy="Set one of these combinations, or measure this one with"
        f" scripts/measure_error_table.py LFW_FOLDER {' '.join(options)} --write FILE",
    )
