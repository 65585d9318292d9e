"""What moves by itself: envelopes that follow the note, and slow oscillators (LFO).

It must never step: an envelope goes on from where it is, whatever is turned or released.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from panel.sound.advice import printable
from panel.sound.knob import Param
from panel.sound.phases import scrambled
from panel.sound.quantum import QUANTUM, Frames
from panel.sound.rows import PatchFault, Rows, Signal, Unit, read_only, signal

_COUNT = np.arange(1, QUANTUM + 1, dtype=np.float32)
_60_DB = math.log(1000)  # decay and release times are those in which 60 dB are lost
_FLOOR = 1e-9  # where nothing is left: -180 dB, but no number that is so small that a processor is slow with it
_SHAPES = ("sine", "triangle", "square", "saw", "random")


class Adsr(Unit):
    """`loud(note)`: 0 before the note; in `attack` straight up to 1; falling to `sustain`; after the release to 0.

    Decay and release fall as a string does, 60 dB of the way in their time.
    """

    def __init__(self, attack: Signal, decay: Signal, sustain: Signal, release: Signal) -> None:
        super().__init__("adsr")
        for word, value in (("attack", attack), ("decay", decay), ("sustain", sustain), ("release", release)):
            _check_number(word, value)
            if isinstance(value, (int, float)) and not 0 <= value <= (1 if word == "sustain" else 60):
                raise PatchFault(f"{word} is {'0 to 1' if word == 'sustain' else '0 to 60 seconds'}, not {value}")
        self._attack, self._sustain = attack, sustain
        self._decay, self._release = _Fall(decay), _Fall(release)

    def prepare(self, rows: Rows) -> None:
        super().prepare(rows)
        self._level = self.state(1)
        self._rising = self.state(1, dtype=np.bool_, initial=True)
        self._climbs = False  # any row
        self._out = np.zeros((rows.capacity, QUANTUM), np.float32)
        self._given = self._out[:0]

    def begin(self, row: int) -> None:
        super().begin(row)
        self._climbs = True

    def __call__(self, note: object = None) -> Frames:
        rows = self.rows
        if self._asked != rows.frame:
            self._asked = rows.frame
            out = self._out[: rows.count]
            self._run(rows, out)
            self._given = read_only(out)
        return self._given

    def _run(self, rows: Rows, out: Frames) -> None:
        level, falls = self._level[: rows.count], self._decay.within(rows.rate)
        rest: Any = np.float32(max(_number(self._sustain), _FLOOR))
        if rows.any_released:
            falls = np.where(rows.released, self._release.within(rows.rate), falls)
            rest = np.where(rows.released, np.float32(_FLOOR), rest)
        if self._climbs:
            self._rise(rows, level, rest, falls, out)
        else:
            np.multiply(level - rest, falls, out=out)
            out += rest
        for row, offset in rows.let_go:
            before = out[row, offset - 1] if offset else level[row, 0]
            out[row, offset:] = before * self._release.within(rows.rate)[: QUANTUM - offset]
        level[:] = out[:, -1:]

    def _rise(self, rows: Rows, level: Frames, rest: Any, falls: Frames, out: Frames) -> None:
        """The attack's line and the decay's curve are both drawn, and the lower of them is the envelope."""
        rising = self._rising[: rows.count]
        rising &= ~rows.released
        step = np.float32(1 / max(_number(self._attack) * rows.rate, 1))
        line = level + step * _COUNT
        for row, offset in rows.fresh:
            line[row] -= step * offset
        top = (1 - line[:, :1]) / step + 1  # the frame, counted from 1, in which the line is at 1
        at_once = np.exp(np.minimum(top / self._decay.frames(rows.rate), 60))
        np.multiply(np.where(rising, (1 - rest) * at_once, level - rest), falls, out=out)
        out += rest
        np.minimum(out, line, out=out, where=rising)
        np.maximum(out, 0, out=out)
        rising &= line[:, -1:] < 1
        self._climbs = bool(rising.any())


class _Fall:
    """Powers of a fall of 60 dB in some seconds, made anew when the time is turned."""

    def __init__(self, seconds: Signal) -> None:
        self._signal = seconds
        self._made = (-1.0, 0)
        self._powers = np.zeros(QUANTUM, np.float32)

    def frames(self, rate: int) -> float:
        """The frames in which it falls to 1/e."""
        return max(_number(self._signal) * rate / _60_DB, 2.0)

    def within(self, rate: int) -> Frames:
        """What is left after 1 to QUANTUM frames."""
        made = (_number(self._signal), rate)
        if made != self._made:
            self._powers = np.exp(-_COUNT / np.float32(self.frames(rate)))
            self._made = made
        return self._powers


class Lfo(Unit):
    """`wobble(note)`: -1 to 1 at some Hz; each note begins at its beginning, or all share one if `free`."""

    def __init__(self, hz: Signal, shape: str = "sine", free: bool = False) -> None:
        super().__init__("lfo")
        _check_number("the pitch of an lfo", hz)
        if shape not in _SHAPES:
            raise PatchFault(f"an lfo is one of {', '.join(_SHAPES)}, not {shape!r}")
        self._hz, self._shape, self._free = hz, shape, free

    def prepare(self, rows: Rows) -> None:
        super().prepare(rows)
        self._cycles = self.state(1, dtype=np.float64)
        self._shared = np.zeros((1, 1))
        self._given = np.zeros((1, QUANTUM), np.float32)

    def __call__(self, note: object = None) -> Frames:
        rows = self.rows
        if self._asked != rows.frame:
            self._asked = rows.frame
            self._given = read_only(self._run(rows))
        return self._given

    def _run(self, rows: Rows) -> Frames:
        step = _number(self._hz) / rows.rate
        at = self._shared if self._free else self._cycles[: rows.count]
        cycles = at + step * _COUNT
        if not self._free:
            for row, offset in rows.fresh:
                cycles[row] = np.maximum(cycles[row] - step * offset, 0)
        at[:] = cycles[:, -1:]
        seeds = np.zeros((1, 1), np.uint32) if self._free else rows.serial[: rows.count]
        return _shaped(self._shape, cycles, seeds)


def _shaped(shape: str, cycles: NDArray[np.float64], seeds: NDArray[np.uint32]) -> Frames:
    whole = np.floor(cycles)
    phase = (cycles - whole).astype(np.float32)
    if shape == "sine":
        given: Any = np.sin(phase * np.float32(2 * np.pi))
    elif shape == "triangle":
        given = 1 - 4 * np.abs((phase + np.float32(0.25)) % 1 - np.float32(0.5))
    elif shape == "square":
        given = np.where(phase < 0.5, np.float32(1), np.float32(-1))
    elif shape == "saw":
        given = 2 * phase - 1
    else:
        given = scrambled(whole.astype(np.uint32) + seeds * np.uint32(0xC2B2AE35)) / np.float32(1 << 31) - 1
    return np.asarray(given, np.float32)


def adsr(attack: Signal, decay: Signal, sustain: Signal, release: Signal) -> Adsr:
    """An envelope: seconds, seconds, level 0 to 1, seconds."""
    return Adsr(attack, decay, sustain, release)


def lfo(hz: Signal, shape: str = "sine", free: bool = False) -> Lfo:
    """A slow wave: "sine", "triangle", "square", "saw" (up), or "random" (a new level each cycle)."""
    return Lfo(hz, shape, free)


def _check_number(word: str, value: object) -> None:
    if not isinstance(value, (int, float, np.number, Param)):
        raise PatchFault(f"{word} is a number or a param, not {printable(repr(value))}")


def _number(value: Signal) -> float:
    return float(value) if isinstance(value, (int, float)) else float(signal(value).flat[-1])
