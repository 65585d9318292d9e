"""Oscillators: waves from tables at any pitch, and noise; the phase is a whole number, so it never drifts.

It must never alias by itself: a harmonic above half the rate is left out, however the pitch is bent.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from panel.sound.phases import COUNT, CYCLE, advance, any_phases, beginning, cycles_of, first_phase, highest, scrambled
from panel.sound.quantum import Frames
from panel.sound.rows import PatchFault, Rows, Signal, Unit, signal
from panel.sound.waves import LENGTH, MOST_HARMONICS, tables

_HARMONICS = np.arange(1, MOST_HARMONICS + 1)
_ODD = _HARMONICS % 2 == 1

Spectrum = NDArray[np.complexfloating[Any, Any]]


class Oscillator(Unit):
    """A wave: `wave(hz)` is (voices, QUANTUM), about -1 to 1. `shift` moves its phase, in cycles: so FM is made.

    `phase` (0 to 1) is where in its cycle a note begins; "random": elsewhere for each note.
    """

    def __init__(self, word: str, spectrum: Spectrum, phase: float | str) -> None:
        super().__init__(word)
        self._spectrum, self._phase = spectrum, beginning(phase)

    def prepare(self, rows: Rows) -> None:
        super().prepare(rows)
        self._tables = tables(self._spectrum, rows.rate)
        self._at = self.state(1, dtype=np.uint32, initial=first_phase(self._phase))

    def begin(self, row: int) -> None:
        super().begin(row)
        if self._phase is None:
            self._at[row] = any_phases(self.rows, row, 1)

    def __call__(self, hz: Signal, shift: Signal | None = None) -> Frames:
        rows, pitch = self.once(), signal(hz)
        phases = advance(self._at[: rows.count], pitch, rows)
        if shift is not None:
            phases = phases + cycles_of(signal(shift))
        sound = self._tables.look_up(phases, self._tables.versions(highest(pitch)))
        rows.mask(sound)
        return sound


class Pulse(Oscillator):
    """A pulse: `wave(hz, width)`; width 0 to 1 may move, 0.5 is a square. Two saws, one against the other."""

    def __call__(self, hz: Signal, width: Signal | None = None) -> Frames:
        rows, pitch = self.once(), signal(hz)
        phases = advance(self._at[: rows.count], pitch, rows)
        versions = self._tables.versions(highest(pitch))
        shifted = phases + cycles_of(signal(0.5 if width is None else width))
        sound = self._tables.look_up(phases, versions)
        sound -= self._tables.look_up(shifted, versions)
        rows.mask(sound)
        return sound


class Noise(Unit):
    """White noise, -1 to 1: `hiss(note)`. Each note has its own, and the same again when all is played again."""

    def __init__(self) -> None:
        super().__init__("noise")

    def __call__(self, note: object = None) -> Frames:
        rows = self.rows
        age = rows.frame - rows.start[: rows.count, None]
        seeds = rows.serial[: rows.count] * np.uint32(0x9E3779B1) + age.astype(np.uint32)
        sound = scrambled(seeds + COUNT).astype(np.float32)
        sound *= np.float32(2 / CYCLE)
        sound -= np.float32(1)
        rows.mask(sound)
        return sound


def saw(phase: float | str = 0.0) -> Oscillator:
    """A saw: all harmonics."""
    return Oscillator("saw", saw_spectrum(), phase)


def square(phase: float | str = 0.0) -> Oscillator:
    """A square: the odd harmonics."""
    return Oscillator("square", _ODD * 4 / np.pi / _HARMONICS + 0j, phase)


def triangle(phase: float | str = 0.0) -> Oscillator:
    """A triangle: soft odd harmonics."""
    sign = np.where(_HARMONICS % 4 == 1, 1, -1)
    return Oscillator("triangle", _ODD * sign * 8 / np.pi**2 / _HARMONICS**2 + 0j, phase)


def sine(phase: float | str = 0.0) -> Oscillator:
    """A sine: one harmonic."""
    return Oscillator("sine", spectrum_of([1.0]), phase)


def pulse(phase: float | str = 0.0) -> Pulse:
    """A pulse whose width can be moved: `wave(hz, width)`."""
    return Pulse("pulse", saw_spectrum(), phase)


def harmonics(levels: Sequence[float], phase: float | str = 0.0) -> Oscillator:
    """A wave of your own from the levels of its harmonics: [1, 0.5] is a sine and half as much of its octave."""
    return Oscillator("harmonics", spectrum_of(levels), phase)


def table(cycle: Sequence[float], phase: float | str = 0.0) -> Oscillator:
    """A wave of your own, drawn: one cycle of at least 2 points, up to 8192."""
    points = np.asarray(cycle, np.float64)
    if points.ndim != 1 or not 2 <= len(points) <= LENGTH or not np.isfinite(points).all():
        raise PatchFault(f"table takes one cycle as a list of 2 to {LENGTH} numbers")
    bins = np.fft.rfft(points)[1 : (len(points) + 1) // 2] * (2 / len(points))
    return Oscillator("table", 1j * bins.real - bins.imag, phase)


def noise() -> Noise:
    """White noise."""
    return Noise()


def spectrum_of(levels: Sequence[float]) -> Spectrum:
    array = np.asarray(levels, np.float64)
    if array.ndim != 1 or not 1 <= len(array) <= MOST_HARMONICS or not np.isfinite(array).all():
        raise PatchFault(f"harmonics takes a list of 1 to {MOST_HARMONICS} levels")
    return array + 0j


def saw_spectrum() -> Spectrum:
    return 2 / np.pi / _HARMONICS + 0j
