"""A patch's audition before it may play: a few notes, low and high, soft and loud, alone and together, to the end.

It must never take long (30 ms for a usual patch), and never where sound is made: a patch may also hang. Whoever calls
it has a process of its own for it, and a clock.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import numpy as np

from panel.sound.patch import NotANumber, Patch, PatchError
from panel.sound.quantum import QUANTUM
from panel.sound.synth import LEVEL, Synth

LOUDEST = 4.0  # what a single note may give: 12 dB above full height
SOFTEST = 1e-3  # at least once it has to be as loud
LONGEST_S, GONE = 10.0, 1e-4  # after the key is up a note has to be gone
_HELD_S, _LISTENED_S = 2.0, 0.2
# How a note ends is heard at so low a rate that 10 s are 160 quanta: envelopes are as long at any rate.
_COARSE_RATE = 1000
_COARSE_KEY = 40
_CHORD = (48, 52, 55, 60, 64, 67)


def audition(patch: Patch, rate: int) -> None:
    """Hear a patch. Raises PatchError: it fails, is no number, far too loud, silent altogether or never ends."""
    try:
        _hear(patch, rate)
    except NotANumber as fault:
        raise PatchError(patch.path, _line_without_number(patch, rate) or fault.line, fault.what) from None


def _hear(patch: Patch, rate: int) -> None:
    loudest = max(_alone(patch, rate, key, velocity) for key, velocity in ((24, 127), (60, 1), (60, 127), (105, 127)))
    _chord(patch, rate)
    for end in ("low", "high"):
        _turned(patch, rate, end)
    loudest = max(loudest, _to_the_end(patch))
    if loudest < SOFTEST:
        raise PatchError(patch.path, patch.voice_line, "nothing is heard: voice stays below -60 dB")


def _alone(patch: Patch, rate: int, key: int, velocity: int) -> float:
    """A short note; how high it was."""
    synth = Synth(patch, rate)
    synth.note_on(13, 0, key, velocity)
    synth.note_off(13 + 8 * QUANTUM, 0, key)
    return _not_too_loud(patch, _Hearing(synth).quanta(12))


def _chord(patch: Patch, rate: int) -> None:
    synth = Synth(patch, rate)
    for n, key in enumerate(_CHORD):
        synth.note_on(20 * n, n, key, 20 * n + 20)
    synth.bend(100, 0, 8191)
    synth.control(100, 1, 1, 127)
    for n, key in enumerate(_CHORD):
        synth.note_off(4 * QUANTUM + 20 * n, n, key)
    _Hearing(synth).quanta(8)


def _turned(patch: Patch, rate: int, end: str) -> None:
    """A note with every param at one end: it may be anything but a fault."""
    synth = Synth(patch, rate)
    for knob in patch.knobs:
        synth.set_param(knob.name, knob.low if end == "low" else knob.high)
    synth.note_on(5, 0, 57, 100)
    _Hearing(synth).quanta(4)


def _to_the_end(patch: Patch) -> float:
    """A long note until it is over; how high it was."""
    synth = Synth(patch, _COARSE_RATE)
    hearing = _Hearing(synth)
    synth.note_on(0, 0, _COARSE_KEY, 127)
    peak = hearing.quanta(int(_HELD_S * _COARSE_RATE / QUANTUM))
    synth.note_off(hearing.frame, 0, _COARSE_KEY)
    peak = max(peak, hearing.quanta(int(LONGEST_S * _COARSE_RATE / QUANTUM)))
    if hearing.quanta(int(_LISTENED_S * _COARSE_RATE / QUANTUM)) > GONE:
        what = f"a note never ends: {LONGEST_S:.0f} s after the key is up it is not below -80 dB; is there no envelope?"
        raise PatchError(patch.path, patch.voice_line, what)
    return _not_too_loud(patch, peak)


def _not_too_loud(patch: Patch, peak: float) -> float:
    if peak > LOUDEST:
        what = f"far too loud: a note reaches {peak:.3g}, and {LOUDEST:g} is the most (1 is usual)"
        raise PatchError(patch.path, patch.voice_line, what)
    return peak


class _Hearing:
    """Plays a synth on, quantum by quantum."""

    def __init__(self, synth: Synth) -> None:
        self._synth, self.frame = synth, 0
        self._out = np.zeros((QUANTUM, 2), np.float32)

    def quanta(self, number: int) -> float:
        """The highest peak of so many quanta, as high as `voice` gives it; ends early where nothing sounds."""
        peak = 0.0
        for _ in range(number):
            if not self._synth.active:
                break
            self._out[:] = 0
            self._synth.render(self.frame, self._out)
            self.frame += QUANTUM
            peak = max(peak, float(np.abs(self._out).max() / LEVEL))
        return peak


def _line_without_number(patch: Patch, rate: int) -> int:
    """The first line of the patch after which something is not a number, 0 if there is none: all is heard again."""
    watch = _Watch(patch.path)
    before = sys.gettrace()
    sys.settrace(watch.enter)
    try:
        _hear(patch, rate)
    except PatchError:
        return watch.found
    finally:
        sys.settrace(before)
    return 0


class _Watch:
    """A trace function: looks after each line of a file at what its names hold."""

    def __init__(self, path: str) -> None:
        self._path, self._line, self.found = path, 0, 0

    def enter(self, frame: FrameType, _event: str, _given: Any) -> Callable[..., Any] | None:
        if self.found or frame.f_code.co_filename != self._path:
            return None
        self._line = frame.f_lineno
        return self.look

    def look(self, frame: FrameType, event: str, given: Any) -> Callable[..., Any]:
        if event in ("line", "return") and not self.found:
            if any(map(_without_number, frame.f_locals.values())):
                self.found = self._line
            elif event == "return" and _without_number(given):
                self.found = frame.f_lineno
            self._line = frame.f_lineno
        return self.look


def _without_number(value: Any) -> bool:
    if isinstance(value, tuple):
        return any(map(_without_number, value))
    if isinstance(value, np.ndarray) and value.dtype.kind not in "fc":
        return False
    return isinstance(value, (float, np.ndarray)) and not np.isfinite(value).all()
