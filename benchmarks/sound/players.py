"""Voices that sound, ours and those of a plain program: each contestant of Python, ready to make a block.

It must never be better or worse than what it stands for: the plain ones are as they are written everywhere, voice by
voice, an array for each step.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from benchmarks.sound.material import (
    ATTACK_S,
    CUTOFF_HZ,
    DECAY_S,
    KEYS,
    LOWEST_KEY,
    SAMPLER_VOICES,
    SOUNDS,
    SUSTAIN,
    SWEEP_HZ,
    SYNTH_VOICES,
    hz_of,
    kit,
    patch,
    sounds,
)
from benchmarks.sound.timing import BLOCK, RATE, Cost, timed
from panel.sound.quantum import QUANTUM, Frames
from panel.sound.sampler import Sampler
from panel.sound.synth import Synth


def our_sampler(count: int) -> Cost:
    """Samplers of 64 voices, as many as it takes."""
    samplers = [Sampler(RATE, SAMPLER_VOICES) for _ in range(-(-count // SAMPLER_VOICES))]
    for sampler in samplers:
        sampler.use(kit())
    for at in range(count):
        samplers[at // SAMPLER_VOICES].play(at % QUANTUM, LOWEST_KEY + at % SOUNDS, 100)
    return _timed(count, samplers)


def our_synth(count: int) -> Cost:
    """Synths of 16 voices, as many as it takes."""
    synths = [Synth(patch(), RATE, SYNTH_VOICES) for _ in range(-(-count // SYNTH_VOICES))]
    for at in range(count):
        synths[at // SYNTH_VOICES].note_on(0, 0, LOWEST_KEY + at % KEYS, 100)
    return _timed(count, synths)


def _timed(count: int, sources: Sequence[Sampler | Synth]) -> Cost:
    out = np.zeros((BLOCK, 2), np.float32)
    quanta = [out[at : at + QUANTUM] for at in range(0, BLOCK, QUANTUM)]
    frame = 0

    def block() -> None:
        nonlocal frame
        out.fill(0)
        for quantum in quanta:
            for source in sources:
                source.render(frame, quantum)
            frame += QUANTUM

    return timed(count, block)


class PlainVoice:
    """A sample that is played, where in it we are, and how loud."""

    def __init__(self, data: Frames, gain: float) -> None:
        self.data, self.gain, self.at = data, gain, 0

    def block(self, frames: int) -> Frames:
        """The next piece."""
        piece = self.data[self.at : self.at + frames] * np.float32(self.gain)
        self.at += frames
        return piece


def plain_sampler(count: int) -> Cost:
    """A list of voices, each a slice times its gain, added to the block."""
    voices = [PlainVoice(sounds()[at % SOUNDS], 0.5) for at in range(count)]

    def block() -> Frames:
        out = np.zeros((BLOCK, 2), np.float32)
        for voice in voices:
            piece = voice.block(BLOCK)
            out[: len(piece)] += piece
        return out

    return timed(count, block)


class PlainTone:
    """A naive saw from a phase, envelopes by np.interp, and a filter of second order, sample by sample.

    The filter: R. Bristow-Johnson, Cookbook formulae for audio equalizer biquad filter coefficients; once a block.
    """

    def __init__(self, hz: float) -> None:
        self.hz, self.at = hz, 0
        self.x1 = self.x2 = self.y1 = self.y2 = 0.0

    def block(self, frames: int) -> Frames:
        """The next piece."""
        times = np.arange(self.at, self.at + frames) / RATE
        self.at += frames
        level = np.interp(times, [0, ATTACK_S, ATTACK_S + DECAY_S], [0, 1, SUSTAIN])
        sweep = np.interp(times, [0, ATTACK_S, ATTACK_S + DECAY_S], [0, 1, SUSTAIN])
        saw = 2 * ((self.hz * times) % 1) - 1
        return (self._filtered(saw, CUTOFF_HZ + SWEEP_HZ * float(sweep[0])) * level).astype(np.float32)

    def _filtered(self, saw: NDArray[np.float64], hz: float) -> NDArray[np.float64]:
        w = 2 * math.pi * hz / RATE
        alpha, cos = math.sin(w) / 2, math.cos(w)  # Q = 1
        b, a0, a1, a2 = (1 - cos) / 2, 1 + alpha, -2 * cos, 1 - alpha
        x1, x2, y1, y2 = self.x1, self.x2, self.y1, self.y2
        out = np.empty(len(saw))
        for at, x in enumerate(saw.tolist()):
            y = (b * (x + 2 * x1 + x2) - a1 * y1 - a2 * y2) / a0
            x1, x2, y1, y2 = x, x1, y, y1
            out[at] = y
        self.x1, self.x2, self.y1, self.y2 = x1, x2, y1, y2
        return out


def plain_synth(count: int) -> Cost:
    """A list of voices, added one after another."""
    voices = [PlainTone(hz_of(LOWEST_KEY + at % KEYS)) for at in range(count)]

    def block() -> Frames:
        out = np.zeros((BLOCK, 2), np.float32)
        for voice in voices:
            out += voice.block(BLOCK)[:, None]
        return out

    return timed(count, block, blocks=30)
