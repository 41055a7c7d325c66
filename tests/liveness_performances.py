"""Made-up people who follow prompts, as measurements: no picture, no person."""

from __future__ import annotations

import random

import numpy as np
from numpy.typing import NDArray

from countenance.liveness import Action, Chance, Measurement, Step

RATE = 15.0
"""Frames a second."""

LEAVING = 0.6
"""Seconds from a level back to looking straight."""


def chance(seed: int) -> Chance:
    """Draws that come again; a running installation draws from the operating system."""
    return random.Random(seed)  # noqa: S311


def ramp(at: NDArray[np.float64], start: float, seconds: float) -> NDArray[np.float64]:
    """From 0 before ``start`` to 1 after ``start + seconds``, smoothly."""
    part = np.clip((at - start) / seconds, 0.0, 1.0)
    return part * part * (3 - 2 * part)


def performance(
    steps: tuple[Step, ...], rng: np.random.Generator, *, rate: float = RATE, seconds: float | None = None
) -> list[Measurement]:
    """What a willing person does when asked for ``steps``, measured with a camera's noise."""
    count = int(np.ceil((seconds or steps[-1].ended) * rate)) + 2
    at = np.arange(count) / rate + rng.uniform(0, 0.2 / rate, count)
    yaw, pitch, grown = np.zeros(count), np.zeros(count), np.zeros(count)
    for step in steps:
        begun = step.revealed + rng.uniform(0.25, 0.5)
        returned = step.released + rng.uniform(0.15, 0.45)
        held = ramp(at, begun, 0.7) - ramp(at, returned, LEAVING)
        if step.task.action is Action.TURN_LEFT:
            yaw += step.task.level * held
        elif step.task.action is Action.TURN_RIGHT:
            yaw -= step.task.level * held
        elif step.task.action is Action.COME_CLOSER:
            grown += np.log(step.task.level) * held
        elif step.task.action is Action.NOD:
            for i in range(int(step.task.level)):
                phase = np.clip((at - begun - 1.1 * i) / 0.9, 0.0, 1.0)
                pitch += 22 * np.sin(np.pi * phase) ** 2
    yaw = yaw + 1.0 + rng.normal(0, 0.4, count)
    pitch = pitch - 2.0 + rng.normal(0, 0.4, count)
    size = 200 * np.exp(grown + rng.normal(0, 0.003, count))
    x = 320 + 0.8 * yaw + rng.normal(0, 0.5, count)
    y = 240 + 0.6 * pitch + rng.normal(0, 0.5, count)
    arrived = np.maximum.accumulate(at + 0.08 + rng.uniform(0, 0.05, count))
    return [
        Measurement(
            number=i,
            taken=float(at[i]),
            arrived=float(arrived[i]),
            yaw=float(yaw[i]),
            pitch=float(pitch[i]),
            size=float(size[i]),
            x=float(x[i]),
            y=float(y[i]),
        )
        for i in range(count)
    ]
