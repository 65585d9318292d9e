"""The master's limiter: nothing leaves the box above -0.3 dBFS, and what is below comes out as it came in.

It must never let a sample over, nor turn down what has no need of it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from panel.sound.quantum import QUANTUM, Frames

CEILING_DB = -0.3  # of full scale, by samples
RELEASE_DB_PER_SECOND = 60.0

_CEILING = np.array(10 ** (CEILING_DB / 20), np.float32)
_FLOOR = -_CEILING
_ONE = np.ones((), np.float32)


class Limiter:
    """A look-ahead limiter for stereo, both channels by the same gain; it delays by `latency_frames`, one quantum.

    The reduction that each frame needs is held for a quantum, falls by so many dB a second, and is smoothed by a raised
    cosine over a quantum: it has arrived when the frame leaves, and has no corner.

        needed    ....|.........       one frame is too loud
        held      ....______....       for a quantum, then down slowly
        smooth    ____/````\\____       the frame leaves a quantum after it came: there

    Quanta come in their order, all of them. Only the audio thread calls.
    """

    def __init__(self, rate: int) -> None:
        self.latency_frames = QUANTUM
        self._last: Frames = np.zeros((QUANTUM, 2), np.float32)
        self._next: Frames = np.zeros((QUANTUM, 2), np.float32)
        self._sizes: Frames = np.zeros((QUANTUM, 2), np.float32)
        self._flat_sizes = self._sizes.reshape(-1)
        self._loudness: Frames = np.zeros(QUANTUM, np.float32)
        self._gain: Frames = np.ones(QUANTUM, np.float32)
        self._at_rest = True  # nothing was too loud, or nothing is left of it
        # In nepers, of which exp() makes a gain at once: 1 Np is 8.7 dB.
        self._needed = np.zeros(QUANTUM)
        self._before = np.zeros(QUANTUM)  # the most that was needed from each frame of the last quantum to its end
        self._curve = np.zeros(2 * QUANTUM)  # how it is held and released, in the last quantum and this one
        self._smooth = np.zeros(QUANTUM)
        self._fallen = RELEASE_DB_PER_SECOND / rate * np.log(10) / 20 * np.arange(1, QUANTUM + 1)
        self._smoothing = _smoothing()

    def render(self, block: Frames) -> None:
        """Limit a quantum of shape (QUANTUM, 2) in place: out comes the one before it. What is no number is silence."""
        np.abs(block, out=self._sizes)
        peak = self._flat_sizes[self._flat_sizes.argmax()]
        if not peak < np.inf:
            np.nan_to_num(block, copy=False, nan=0.0, posinf=0.0, neginf=0.0)  # makes arrays, this once
            np.abs(block, out=self._sizes)
            peak = self._flat_sizes[self._flat_sizes.argmax()]
        np.copyto(self._next, block)
        np.copyto(block, self._last)
        self._last, self._next = self._next, self._last
        if peak > _CEILING or not self._at_rest:
            self._reduce(block)

    def _reduce(self, block: Frames) -> None:
        """Turn down the last quantum, by what it and the one that has come need."""
        self._need()
        self._hold()
        np.einsum("ij,j->i", self._smoothing, self._curve, out=self._smooth)
        np.negative(self._smooth, out=self._smooth)
        np.exp(self._smooth, out=self._smooth)
        np.copyto(self._gain, self._smooth)
        for channel in (block[:, 0], block[:, 1]):
            np.multiply(channel, self._gain, out=channel)
        np.minimum(block, _CEILING, out=block)  # a bit in the last place, at most
        np.maximum(block, _FLOOR, out=block)
        self._at_rest = not self._curve.any() and not self._before.any()

    def _need(self) -> None:
        """By how much each frame that has come is too loud."""
        np.maximum(self._sizes[:, 0], self._sizes[:, 1], out=self._loudness)
        np.divide(self._loudness, _CEILING, out=self._loudness)
        np.maximum(self._loudness, _ONE, out=self._loudness)
        np.log(self._loudness, out=self._loudness)
        np.copyto(self._needed, self._loudness)

    def _hold(self) -> None:
        """Hold each need for a quantum, then release it; what has been held for the last quantum moves up.

        The most of QUANTUM + 1 frames is the most from the first of them to their quantum's end, and from the next
        quantum's begin to the last of them (M. van Herk, 1992). A fall by so much a frame is a maximum too, of needs
        that are each raised by what will have been fallen until then.
        """
        last, this = self._curve[:QUANTUM], self._curve[QUANTUM:]
        np.copyto(last, this)
        np.maximum.accumulate(self._needed, out=this)
        np.maximum(this, self._before, out=this)
        np.maximum.accumulate(self._needed[::-1], out=self._before[::-1])
        np.add(this, self._fallen, out=this)
        this[0] = max(this[0], last[-1])
        np.maximum.accumulate(this, out=this)
        np.subtract(this, self._fallen, out=this)


def _smoothing() -> NDArray[np.float64]:
    """What makes of two quanta the smooth second: each frame is a mean of itself and of the QUANTUM before it."""
    weights = 1 - np.cos(2 * np.pi * np.arange(1, QUANTUM + 2) / (QUANTUM + 2))
    rows = np.zeros((QUANTUM, 2 * QUANTUM))
    for row in range(QUANTUM):
        rows[row, row : row + QUANTUM + 1] = weights / weights.sum()
    return rows
