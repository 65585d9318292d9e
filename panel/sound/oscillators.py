"""Oscillators: waves from tables at any pitch, and noise; the phase is a whole number, so it never drifts.

It must never alias by itself: a harmonic above half the rate is left out, however the pitch is bent.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from panel.sound.quantum import QUANTUM, Frames
from panel.sound.rows import PatchFault, Rows, Signal, Unit, signal
from panel.sound.waves import LENGTH, MOST_HARMONICS, tables

_CYCLE = float(1 << 32)  # a phase is 32 bits a cycle: within 0.001 cent at the lowest note
_COUNT = np.arange(1, QUANTUM + 1, dtype=np.uint32)
_HARMONICS = np.arange(1, MOST_HARMONICS + 1)
_ODD = _HARMONICS % 2 == 1

Phases = NDArray[np.uint32]
Spectrum = NDArray[np.complexfloating[Any, Any]]


class Oscillator(Unit):
    """A wave: `wave(hz)` is (voices, QUANTUM), about -1 to 1. `shift` moves its phase, in cycles: so FM is made.

    `phase` (0 to 1) is where in its cycle a note begins; "random": elsewhere for each note.
    """

    def __init__(self, word: str, spectrum: Spectrum, phase: float | str) -> None:
        super().__init__(word)
        self._spectrum, self._phase = spectrum, _phase(phase)

    def prepare(self, rows: Rows) -> None:
        super().prepare(rows)
        self._tables = tables(self._spectrum, rows.rate)
        self._at = self.state(1, dtype=np.uint32)

    def begin(self, row: int) -> None:
        self._at[row] = _first_phases(self._phase, self.rows, row, 1)

    def __call__(self, hz: Signal, shift: Signal | None = None) -> Frames:
        rows, pitch = self.once(), signal(hz)
        phases = _advance(self._at[: rows.count], pitch, rows)
        if shift is not None:
            phases = phases + _cycles(signal(shift))
        sound = self._tables.look_up(phases, self._tables.versions(_highest(pitch)))
        rows.mask(sound)
        return sound


class Pulse(Oscillator):
    """A pulse: `wave(hz, width)`; width 0 to 1 may move, 0.5 is a square. Two saws, one against the other."""

    def __call__(self, hz: Signal, width: Signal | None = None) -> Frames:
        rows, pitch = self.once(), signal(hz)
        phases = _advance(self._at[: rows.count], pitch, rows)
        versions = self._tables.versions(_highest(pitch))
        shifted = phases + _cycles(signal(0.5 if width is None else width))
        sound = self._tables.look_up(phases, versions)
        sound -= self._tables.look_up(shifted, versions)
        rows.mask(sound)
        return sound


class Stack(Unit):
    """Many oscillators of one wave for each voice, computed at one go."""

    def __init__(self, word: str, spectrum: Spectrum, number: int, phase: float | str) -> None:
        super().__init__(word)
        self._spectrum, self._number, self._phase = spectrum, number, _phase(phase)

    def prepare(self, rows: Rows) -> None:
        super().prepare(rows)
        self._tables = tables(self._spectrum, rows.rate)
        self._at = self.state(self._number, 1, dtype=np.uint32)

    def begin(self, row: int) -> None:
        self._at[row, :, 0] = _first_phases(self._phase, self.rows, row, self._number)

    def _sounds(self, rows: Rows, hz: NDArray[Any]) -> Frames:
        """The sounds of (voices, number, QUANTUM) at pitches of (voices, number, QUANTUM or 1)."""
        phases = _advance(self._at[: rows.count], hz, rows)
        sounds = self._tables.look_up(phases, self._tables.versions(_highest(hz)))
        rows.mask(sounds)
        return sounds


class Supersaw(Stack):
    """Some saws beside each other: `wave(hz)`, or `wave(hz, cents)` to turn how far the outermost are out of tune.

    With `wide` it gives two sounds, left and right. Each saw starts anywhere in its cycle.
    """

    def __init__(self, saws: int = 7, cents: Signal = 20.0, wide: bool = False) -> None:
        if not 2 <= saws <= 16:
            raise PatchFault(f"supersaw takes 2 to 16 saws, not {saws}")
        super().__init__("supersaw", _saw_spectrum(), saws, "random")
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
        super().__init__("partials", _spectrum([1.0]), len(ratios), phase)
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


class Noise(Unit):
    """White noise, -1 to 1: `hiss(note)`. Each note has its own, and the same again when all is played again."""

    def __init__(self) -> None:
        super().__init__("noise")

    def __call__(self, note: object = None) -> Frames:
        rows = self.rows
        age = rows.frame - rows.start[: rows.count, None]
        seeds = rows.serial[: rows.count] * np.uint32(0x9E3779B1) + age.astype(np.uint32)
        sound = scrambled(seeds + _COUNT).astype(np.float32)
        sound *= np.float32(2 / _CYCLE)
        sound -= np.float32(1)
        rows.mask(sound)
        return sound


def scrambled(numbers: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Random-looking 32 bits for each number: the hash "lowbias32" of C. Wellons, Prospecting for Hash Functions."""
    x: Any = numbers ^ (numbers >> 16)
    x *= np.uint32(0x7FEB352D)
    x ^= x >> 15
    x *= np.uint32(0x846CA68B)
    x ^= x >> 16
    return np.asarray(x)


def saw(phase: float | str = 0.0) -> Oscillator:
    """A saw: all harmonics."""
    return Oscillator("saw", _saw_spectrum(), phase)


def square(phase: float | str = 0.0) -> Oscillator:
    """A square: the odd harmonics."""
    return Oscillator("square", _ODD * 4 / np.pi / _HARMONICS + 0j, phase)


def triangle(phase: float | str = 0.0) -> Oscillator:
    """A triangle: soft odd harmonics."""
    sign = np.where(_HARMONICS % 4 == 1, 1, -1)
    return Oscillator("triangle", _ODD * sign * 8 / np.pi**2 / _HARMONICS**2 + 0j, phase)


def sine(phase: float | str = 0.0) -> Oscillator:
    """A sine: one harmonic."""
    return Oscillator("sine", _spectrum([1.0]), phase)


def pulse(phase: float | str = 0.0) -> Pulse:
    """A pulse whose width can be moved: `wave(hz, width)`."""
    return Pulse("pulse", _saw_spectrum(), phase)


def harmonics(levels: Sequence[float], phase: float | str = 0.0) -> Oscillator:
    """A wave of your own from the levels of its harmonics: [1, 0.5] is a sine and half as much of its octave."""
    return Oscillator("harmonics", _spectrum(levels), phase)


def table(cycle: Sequence[float], phase: float | str = 0.0) -> Oscillator:
    """A wave of your own, drawn: one cycle of at least 2 points, up to 8192."""
    points = np.asarray(cycle, np.float64)
    if points.ndim != 1 or not 2 <= len(points) <= LENGTH or not np.isfinite(points).all():
        raise PatchFault(f"table takes one cycle as a list of 2 to {LENGTH} numbers")
    bins = np.fft.rfft(points)[1 : (len(points) + 1) // 2] * (2 / len(points))
    return Oscillator("table", 1j * bins.real - bins.imag, phase)


def supersaw(saws: int = 7, cents: Signal = 20.0, wide: bool = False) -> Supersaw:
    """Saws beside each other, `cents` apart from the middle one to the outermost."""
    return Supersaw(saws, cents, wide)


def partials(ratios: Sequence[float], phase: float | str = 0.0) -> Partials:
    """Sines at these multiples of the pitch, each with a level that may move."""
    return Partials(ratios, phase)


def noise() -> Noise:
    """White noise."""
    return Noise()


def _spectrum(levels: Sequence[float]) -> Spectrum:
    array = np.asarray(levels, np.float64)
    if array.ndim != 1 or not 1 <= len(array) <= MOST_HARMONICS or not np.isfinite(array).all():
        raise PatchFault(f"harmonics takes a list of 1 to {MOST_HARMONICS} levels")
    return array + 0j


def _saw_spectrum() -> Spectrum:
    return 2 / np.pi / _HARMONICS + 0j


def _phase(phase: float | str) -> float | None:
    """Where a note begins, None for anywhere. Raises PatchFault for what is neither."""
    if phase == "random":
        return None
    if isinstance(phase, (int, float)) and 0 <= phase <= 1:
        return float(phase)
    raise PatchFault(f'a phase is a number from 0 to 1, or "random", not {phase!r}')


def _first_phases(phase: float | None, rows: Rows, row: int, number: int) -> Phases:
    if phase is not None:
        return np.full(number, int(phase * _CYCLE) % int(_CYCLE), np.uint32)
    return scrambled(rows.serial[row] * np.uint32(0x85EBCA6B) + np.arange(1, number + 1, dtype=np.uint32))


def _advance(at: Phases, hz: NDArray[Any], rows: Rows) -> Phases:
    """The phases of this quantum from those before it, `at`, which moves on. A note's first frame is one step in."""
    steps = _cycles(hz, 1 / rows.rate)
    ways = steps * _COUNT if steps.shape[-1] == 1 else np.add.accumulate(steps, axis=-1, dtype=np.uint32)
    phases = at + ways
    for row, offset in rows.fresh:
        if offset:
            phases[row] -= ways[row % len(ways), ..., offset - 1 : offset]
    at[:] = phases[..., -1:]
    return phases


def _cycles(cycles: NDArray[Any], scale: float = 1.0) -> Phases:
    """Cycles, also negative ones and many, as 32-bit phases."""
    return (cycles * (_CYCLE * scale)).astype(np.int64).astype(np.uint32)


def _highest(hz: NDArray[Any]) -> NDArray[np.float64]:
    """The highest pitch within the quantum, for each voice."""
    return np.asarray(np.abs(hz) if hz.shape[-1] == 1 else np.abs(hz).max(axis=-1, keepdims=True))
