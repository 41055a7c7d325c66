"""The ``[tail]`` of an error table's file."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from countenance.decisions.impostor_tail import ImpostorTail, TailGroup

__all__ = ["TailInFile"]

_Number = Annotated[float, Field(allow_inf_nan=False)]
_Variance = Annotated[float, Field(ge=0.0, allow_inf_nan=False)]
_Score = Annotated[float, Field(ge=-1.0, le=1.0, allow_inf_nan=False)]
_Three = tuple[_Number, _Number, _Number]


class _GroupInFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    words: Annotated[str, Field(min_length=1)]
    log_ratio: _Number
    covariance: tuple[_Number, _Number, _Number, _Variance]


class TailInFile(BaseModel):
    """As :class:`countenance.decisions.ImpostorTail` is written. Unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    floor: _Score
    ceiling: _Score
    coefficients: _Three
    covariance: tuple[_Three, _Three, _Three]
    spread: _Variance
    group: tuple[_GroupInFile, ...] = ()

    def to_tail(self) -> ImpostorTail:
        """Return the value.

        Raises:
            ValueError: if it isn't a tail that falls.
        """
        return ImpostorTail(
            floor=self.floor,
            ceiling=self.ceiling,
            coefficients=self.coefficients,
            covariance=self.covariance,
            groups=tuple(TailGroup(one.words, one.log_ratio, one.covariance) for one in self.group),
            spread=self.spread,
        )
