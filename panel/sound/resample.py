"""A sound at another rate: a windowed sinc, as exact as a sampler can use, made once when a kit is loaded.

It must never be called while sound is made: it takes its time and its memory.
"""

from __future__ import annotations

from math import gcd

import numpy as np
from numpy.typing import NDArray

Sound = NDArray[np.float64]

# The pass band ends at 0.45 of the lower rate, the stop band begins at 0.55. By J. F. Kaiser, "Nonrecursive digital
# filter design using the I0-sinh window function" (1974), 105 dB over such a width take 68 periods of that rate.
_PERIODS = 34  # on each side
_BETA = 0.1102 * (105 - 8.7)
_AT_ONCE = 1 << 18  # weights that are made in one go


def resample(sound: Sound, from_rate: int, to_rate: int) -> Sound:
    """A sound of shape (frames, channels) at another rate; both are whole frames a second, above 0.

    Its first frame stays its first, and what a filter would ring before it is left out. Errors stay below -90 dB up to
    0.45 of the lower rate; what lies above 0.55 of it is taken out by as much. Any thread but the audio's.
    """
    if from_rate == to_rate:
        return sound.copy()
    common = gcd(from_rate, to_rate)
    up, down = to_rate // common, from_rate // common
    frames = -(-len(sound) * up // down)
    scale = min(1.0, to_rate / from_rate)
    reach = int(np.ceil(_PERIODS / scale))
    padded = np.pad(sound, ((reach, reach + down + 1), (0, 0)))
    # windows[i] is what lies around frame i of the sound: channels by 2 * reach + 1 frames
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1, axis=0)
    out = np.empty((frames, sound.shape[1]))
    lump = max(1, _AT_ONCE // (2 * reach + 1))
    for first in range(0, min(up, frames), lump):
        phases = np.arange(first, min(first + lump, up, frames))
        weights = _weights(phases * down % up / up, reach, scale)
        for phase, taps in zip(phases.tolist(), weights, strict=True):
            # every up-th frame lies equally between two of the sound's, `down` of them further on each time
            count = -(-(frames - phase) // up)
            begin = phase * down // up
            out[phase::up] = windows[begin : begin + (count - 1) * down + 1 : down] @ taps
    return out


def _weights(offsets: Sound, reach: int, scale: float) -> Sound:
    """The weights of the frames around each of these places, which lie from 0 to 1 behind a frame; they sum to 1."""
    distance = (np.arange(-reach, reach + 1) - offsets[:, None]) * scale
    window = np.i0(_BETA * np.sqrt(np.maximum(0.0, 1.0 - (distance / _PERIODS) ** 2)))
    weights = np.sinc(distance) * window
    result: Sound = weights / weights.sum(axis=1, keepdims=True)
    return result
