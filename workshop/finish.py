"""The last steps of every sound: begin at the stroke, end in silence, one height, 16 bits.

It must never move a stroke: the first frame is the onset.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from workshop.tone import RATE, Sound, high_pass, through

PEAK_DB = -1.0  # of every file
ONSET_DB = -46.0  # under the peak: what comes before is no sound yet
END_DB = -66.0  # under the peak: what comes behind is none any more

Pressed = NDArray[np.int16]


def finished(sound: Sound, longest_ms: float) -> Pressed:
    """The sound as it ships: no DC, no silence before it, a fade to nothing at its end, its peak at -1 dBFS."""
    return pressed(levelled(faded(trimmed(through(sound, high_pass(18.0)), longest_ms))))


def trimmed(sound: Sound, longest_ms: float) -> Sound:
    height = np.abs(sound) / np.abs(sound).max()
    begin = int(np.argmax(height >= 10 ** (ONSET_DB / 20)))
    end = int(np.flatnonzero(height >= 10 ** (END_DB / 20))[-1]) + 1
    return sound[begin : min(end, begin + round(longest_ms * RATE / 1000))]


def faded(sound: Sound) -> Sound:
    """The last fifth, from 5 to 200 ms, along half a cosine down to 0."""
    frames = min(len(sound) // 5, round(0.2 * RATE))
    frames = min(max(frames, round(0.005 * RATE)), len(sound))
    quiet = sound.copy()
    quiet[-frames:] *= 0.5 + 0.5 * np.cos(np.pi * (np.arange(frames) + 1) / frames)
    return quiet


def levelled(sound: Sound) -> Sound:
    return np.asarray(sound * (10 ** (PEAK_DB / 20) / np.abs(sound).max()))


def pressed(sound: Sound) -> Pressed:
    return np.asarray(np.round(sound * 32767), dtype=np.int16)


def heard(sound: Pressed) -> Sound:
    """A finished sound, full scale 1.0."""
    return np.asarray(sound / 32768.0)
