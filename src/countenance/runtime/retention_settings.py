"""The settings of retention, erasure and backups, with unit, limit and default."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings

__all__ = ["RetentionSettings"]


class RetentionSettings(BaseSettings):
    """What an installation can be told about how long things are kept."""

    decision_keep_days: Annotated[
        int,
        Field(
            title="Decisions kept",
            description="Days that a sealed decision is kept at most, 1 to 3650; a rule, a term on file or a "
            "withdrawn consent may say less.",
            ge=1,
            le=3650,
        ),
    ] = 180
    sweep_minutes: Annotated[
        int,
        Field(
            title="Sweep",
            description="Minutes between two sweeps while the server runs, 1 to 10080 (a week).",
            ge=1,
            le=10_080,
        ),
    ] = 60
    largest_clock_jump_days: Annotated[
        int,
        Field(
            title="Largest clock jump",
            description="Days, 1 to 365, that the clock may be ahead of the last sweep without a question. "
            "Beyond, nothing is deleted until somebody says which day it is.",
            ge=1,
            le=365,
        ),
    ] = 35
    backup_keep_days: Annotated[
        int,
        Field(
            title="Backups kept",
            description="Days after which a backup has to be deleted, 1 to 365; certificates name that day, "
            "and beyond it a backup isn't restored.",
            ge=1,
            le=365,
        ),
    ] = 35
    erasure_journal: Annotated[
        Path | None,
        Field(
            title="Erasure journal",
            description="File outside the data folder that says which keys were destroyed; names nobody. "
            "A restore needs it: keep a copy away from the machine. Unset: beside the data folder, its name "
            "with .erasures added.",
        ),
    ] = None

    @field_validator("erasure_journal", mode="after")
    @classmethod
    def _absolute_journal(cls, path: Path | None) -> Path | None:
        """A later change of folder changes nothing."""
        return None if path is None else path.expanduser().absolute()
