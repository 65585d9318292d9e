"""Many oscillators in one voice, computed at one go: saws beside each other, sines at any multiples of the pitch.

It must never alias, as a single oscillator must not.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from panel.sound.oscillators import Spectrum, saw_spectrum, spectrum_of
from panel.sound.phases import advance, any_phases, beginning, first_phase, highest
from panel.sound.quantum import Frames
from panel.sound.rows import PatchFault, Rows, Signal, Unit, signal
from panel.sound.waves import tables


class Stack(Unit):
    """Many oscillators of one wave for each voice, computed at one go."""

    def __init__(self, word: str, spectrum: Spectrum, number: int, phase: float | str) -> None:
        super().__init__(word)
        self._spectrum, self._number, self._phase = spectrum, number, beginning(phase)

    def prepare(self, rows: Rows) -> None:
        super().prepare(rows)
        self._tables = tables(self._spectrum, rows.rate)
        self._at = self.state(self._number, 1, dtype=np.uint32, initial=first_phase(self._phase))

    def begin(self, row: int) -> None:
        super().begin(row)
        if self._phase is None:
            self._at[row, :, 0] = any_phases(self.rows, row, self._number)

    def _sounds(self, rows: Rows, hz: NDArray[Any]) -> Frames:
        """The sounds of (voices, number, QUANTUM) at pitches of (voices, number, QUANTUM or 1)."""
        phases = advance(self._at[: rows.count], hz, rows)
        sounds = self._tables.look_up(phases, self._tables.versions(highest(hz)))
        rows.mask(sounds)
        return sounds


class Supersaw(Stack):
    """Some saws beside each other: `wave(hz)`, or `wave(hz, cents)` to turn how far the outermost are out of tune.

    With `wide` it gives two sounds, left and right. Each saw starts anywhere in its cycle.
    """

    def __init__(self, saws: int = 7, cents: Signal = 20.0, wide: bool = False) -> None:
        if not 2 <= saws <= 16:
            raise PatchFault(f"supersaw takes 2 to 16 saws, not {saws}")
        super().__init__("supersaw", saw_spectrum(), saws, "random")
        self._cents, self._wide = cents, wide
        place = np.linspace(-1, 1, saws)
        # Not evenly spaced, or the beats of neighbours would all fall together and throb.
        self._detune = (np.sign(place) * np.abs(place) ** 1.3)[:, None]
        pan = np.where(np.arange(saws) % 2, place[::-1], place) if wide else np.zeros(saws)
        sides = np.sqrt(np.stack([1 - 0.8 * pan, 1 + 0.8 * pan]) / saws)
        self._left, self._right = sides.astype(np.float32)

    def __call__(self, hz: Signal, cents: Signal | None = None) -> Any:
        rows = self.once()
        apart = float(signal(self._cents if cents is None else cents).flat[-1])
        ratios = 2 ** (self._detune * (apart / 1200))
        sounds = self._sounds(rows, signal(hz)[:, None, :] * ratios)
        left = np.matmul(self._left, sounds)
        return (left, np.matmul(self._right, sounds)) if self._wide else left


class Partials(Stack):
    """Sines at multiples of the pitch, whole or not: `wave(hz, levels)`, a level for each: a drawbar organ, a bell."""

    def __init__(self, ratios: Sequence[float], phase: float | str = 0.0) -> None:
        if not 1 <= len(ratios) <= 32:
            raise PatchFault("partials takes a list of 1 to 32 multiples of the pitch")
        super().__init__("partials", spectrum_of([1.0]), len(ratios), phase)
        self._ratios = np.asarray(ratios, np.float64)[:, None]

    def __call__(self, hz: Signal, levels: Sequence[Signal]) -> Frames:
        rows = self.once()
        if len(levels) != len(self._ratios):
            raise PatchFault(f"there are {len(levels)} levels for {len(self._ratios)} partials")
        sounds = self._sounds(rows, signal(hz)[:, None, :] * self._ratios)
        mix: Frames = sounds[:, 0, :] * signal(levels[0])
        for n, level in enumerate(levels[1:], 1):
            mix += sounds[:, n, :] * signal(level)
        return mix


def supersaw(saws: int = 7, cents: Signal = 20.0, wide: bool = False) -> Supersaw:
    """Saws beside each other, `cents` apart from the middle one to the outermost."""
    return Supersaw(saws, cents, wide)


def partials(ratios: Sequence[float], phase: float | str = 0.0) -> Partials:
    """Sines at these multiples of the pitch, each with a level that may move."""
    return Partials(ratios, phase)
