"""Phases: where in its cycle each voice's wave is, as whole numbers of 32 bits; and chance, made of numbers too.

It must never lose a bit: a phase that is added up for an hour is where a single multiplication would have put it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from panel.sound.quantum import QUANTUM
from panel.sound.rows import PatchFault, Rows

CYCLE = float(1 << 32)  # a phase is 32 bits a cycle: within 0.001 cent at the lowest note
COUNT = np.arange(1, QUANTUM + 1, dtype=np.uint32)

Phases = NDArray[np.uint32]


def beginning(phase: float | str) -> float | None:
    """Where a note begins, None for anywhere. Raises PatchFault for what is neither."""
    if phase == "random":
        return None
    if isinstance(phase, (int, float)) and 0 <= phase <= 1:
        return float(phase)
    raise PatchFault(f'a phase is a number from 0 to 1, or "random", not {phase!r}')


def first_phase(phase: float | None) -> int:
    """A beginning in 32 bits."""
    return int((phase or 0) * CYCLE) % int(CYCLE)


def any_phases(rows: Rows, row: int, number: int) -> Phases:
    """Phases anywhere, the note's own."""
    return scrambled(rows.serial[row] * np.uint32(0x85EBCA6B) + np.arange(1, number + 1, dtype=np.uint32))


def advance(at: Phases, hz: NDArray[Any], rows: Rows) -> Phases:
    """The phases of this quantum from those before it, `at`, which moves on. A note's first frame is one step in."""
    steps = cycles_of(hz, 1 / rows.rate)
    ways = steps * COUNT if steps.shape[-1] == 1 else np.add.accumulate(steps, axis=-1, dtype=np.uint32)
    phases = at + ways
    for row, offset in rows.fresh:
        if offset:
            phases[row] -= ways[row % len(ways), ..., offset - 1 : offset]
    at[:] = phases[..., -1:]
    return phases


def cycles_of(cycles: NDArray[Any], scale: float = 1.0) -> Phases:
    """Cycles, also negative ones and many, as 32-bit phases."""
    return (cycles * (CYCLE * scale)).astype(np.int64).astype(np.uint32)


def highest(hz: NDArray[Any]) -> NDArray[np.float64]:
    """The highest pitch within the quantum, for each voice."""
    return np.asarray(np.abs(hz) if hz.shape[-1] == 1 else np.abs(hz).max(axis=-1, keepdims=True))


def scrambled(numbers: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Random-looking 32 bits for each number: the hash "lowbias32" of C. Wellons, Prospecting for Hash Functions."""
    x: Any = numbers ^ (numbers >> 16)
    x *= np.uint32(0x7FEB352D)
    x ^= x >> 15
    x *= np.uint32(0x846CA68B)
    x ^= x >> 16
    return np.asarray(x)
