"""The 16 MIDI channels: where bend, wheel and volume stand, and how they glide there; which pedals are down.

It must never know a voice: the synth asks it for each row's channel.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from panel.sound.quantum import QUANTUM, Frames

CHANNELS = 16
BEND_SEMITONES = 2.0
_GLIDE_S = 0.005
_SETTLED = 1e-4
_RAMP = np.arange(1, QUANTUM + 1, dtype=np.float32) / QUANTUM


class Glides:
    """A number for each channel that glides to where it is set. Audio thread only."""

    def __init__(self, rate: int, initial: float) -> None:
        self._keep = math.exp(-QUANTUM / (rate * _GLIDE_S))
        self.target = np.full(CHANNELS, initial)
        self.begin, self.end = self.target.copy(), self.target.copy()
        self.moving = False

    def set(self, channel: int, value: float) -> None:
        """Go to a value."""
        self.target[channel] = value
        self.moving = True

    def jump(self) -> None:
        """Be there at once."""
        self.begin[:] = self.end[:] = self.target
        self.moving = False

    def advance(self) -> None:
        """The next quantum."""
        if not self.moving:
            return
        self.begin[:] = self.end
        self.end[:] = self.target + (self.end - self.target) * self._keep
        near = np.abs(self.end - self.target) < _SETTLED
        self.end[near] = self.target[near]
        self.moving = not bool((self.begin == self.target).all())

    def within(self, channels: NDArray[np.int64]) -> Frames:
        """The value in each frame of the quantum, for rows of these channels."""
        begin, end = self.begin[channels, None], self.end[channels, None]
        return np.asarray(begin + (end - begin) * _RAMP, np.float32)


class Channels:
    """Bend in semitones, wheel 0 to 1, volume as a factor, pedals."""

    def __init__(self, rate: int) -> None:
        self.bend = Glides(rate, 0.0)
        self.wheel = Glides(rate, 0.0)
        self.volume = Glides(rate, 1.0)
        self.pedal = [False] * CHANNELS

    def jump(self) -> None:
        """Everything is where it was set, at once: nothing sounds."""
        for glides in (self.bend, self.wheel, self.volume):
            glides.jump()

    def advance(self) -> None:
        """The next quantum."""
        for glides in (self.bend, self.wheel, self.volume):
            glides.advance()
