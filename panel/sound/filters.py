"""Filters: low-, band- and high-pass of second order whose cutoff may move in every frame.

It must never become unstable: whatever the cutoff does, the state shrinks in every frame by a factor below 1.

The response is that of the trapezoidal state-variable filter (A. Simper, Solving the continuous SVF equations using
trapezoidal integration; V. Zavalishin, The Art of VA Filter Design): the analogue one, bent so that half the rate is
infinity. With g = tan(pi hz / rate), k = 1 / Q, a0 = 1 + gk + g^2, a2 = 1 - gk + g^2 its poles are p and conj(p),

    p = (1 - g^2 + i g sqrt(4 - k^2)) / a0,    |p|^2 = a2 / a0 < 1

and it is computed as one complex pole, z[n] = p[n] z[n-1] + b[n] x[n], y[n] = Re(c z[n]) + d x[n], which can be summed
for all frames at once: with P[n] = p[1] p[2] ... p[n], z[n] = P[n] (z[0] + sum of b x / P). Q is at least 0.7, so that
64 factors never get too small for a float64. b = g / (1 + g^2) keeps the state as high as the sound at any cutoff.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from panel.sound.quantum import QUANTUM, Frames
from panel.sound.rows import Rows, Signal, Unit, signal

MOST_Q = 20.0  # at resonance 1; at 0 it is 0.707: flat
_SQRT2 = math.sqrt(2)
_SPAN = math.log2(MOST_Q * _SQRT2)
_LOWEST_HZ, _HIGHEST = 5.0, 0.49  # the latter times the rate

Array = NDArray[Any]
Poles = NDArray[np.complex128]


class Lowpass(Unit):
    """`filter(sound, cutoff, resonance)`: cutoff in Hz, resonance 0 (flat) to 1 (a peak of 26 dB); 12 dB an octave.

    A pair (left, right) is filtered as two sounds, and a pair comes out: that is cheaper than two filters.
    """

    def __init__(self, word: str = "lowpass") -> None:
        super().__init__(word)

    def prepare(self, rows: Rows) -> None:
        super().prepare(rows)
        self._z = self.state(2, 1, dtype=np.complex128)

    def __call__(self, sound: Any, cutoff: Signal, resonance: Signal = 0.0) -> Any:
        rows = self.once()
        g = _warped(signal(cutoff), rows.rate)
        k = _damping(resonance)
        one = 1 + g * g
        gk = g * k
        a0, a2 = one + gk, one - gk
        w = np.sqrt(4 - k * k)
        poles = np.empty(a0.shape, np.complex128)
        poles.real = (2 - one) / a0
        poles.imag = g * w / a0
        product = _products(poles)
        inward = g / one / product
        taps = self._taps(g, k, one, one / (a0 * a2), w, a2)
        sides = sound if isinstance(sound, tuple) else (sound,)
        heard = [_heard(_masked(x, rows), self._z[: rows.count, n], inward, product, taps) for n, x in enumerate(sides)]
        return tuple(heard) if isinstance(sound, tuple) else heard[0]

    @staticmethod
    def _taps(g: Array, k: Any, one: Array, s: Array, w: Any, a2: Array) -> tuple[Array, Array, Array]:
        """The parts of the pole's real and imaginary part and of the input in the output; s is (1 + g^2) / (a0 a2)."""
        gg = one - 1
        return -2 * k * gg * s, 2 / w * (2 * one - k * k * gg) * s, gg / a2


class Bandpass(Lowpass):
    """`filter(sound, cutoff, resonance)`: what lies around the cutoff, which itself passes unchanged."""

    @staticmethod
    def _taps(g: Array, k: Any, one: Array, s: Array, w: Any, a2: Array) -> tuple[Array, Array, Array]:
        return 2 * k * one * s, -2 / w * k * k * (2 - one) * s, -k * g / a2


class Highpass(Lowpass):
    """`filter(sound, cutoff, resonance)`: what lies above the cutoff."""

    @staticmethod
    def _taps(g: Array, k: Any, one: Array, s: Array, w: Any, a2: Array) -> tuple[Array, Array, Array]:
        return -2 * k * s, -2 / w * (2 * one - k * k) * s, 1 / a2


def lowpass() -> Lowpass:
    """A low-pass filter."""
    return Lowpass()


def bandpass() -> Bandpass:
    """A band-pass filter."""
    return Bandpass("bandpass")


def highpass() -> Highpass:
    """A high-pass filter."""
    return Highpass("highpass")


def _warped(hz: Array, rate: int) -> Array:
    inside = np.minimum(np.maximum(hz, _LOWEST_HZ), _HIGHEST * rate)
    return np.tan(inside * np.float32(math.pi / rate))


def _damping(resonance: Signal) -> Any:
    if isinstance(resonance, (int, float)):
        return np.float32(_SQRT2 * 2 ** (-_SPAN * min(max(resonance, 0.0), 1.0)))
    inside = np.minimum(np.maximum(signal(resonance), np.float32(0)), np.float32(1))
    return np.float32(_SQRT2) * np.exp2(inside * np.float32(-_SPAN))


def _masked(sound: Signal, rows: Rows) -> Array:
    """The sound, without what a note may have before its first frame."""
    x = signal(sound)
    if rows.fresh:
        x = np.array(np.broadcast_to(x, (rows.count, QUANTUM)), np.float32)
        rows.mask(x)
    return x


def _products(poles: Poles) -> Poles:
    """P: the product of the poles up to each frame."""
    if poles.shape[-1] == 1:
        poles = np.broadcast_to(poles, (len(poles), QUANTUM))
    return np.asarray(np.multiply.accumulate(poles, axis=1))


def _heard(x: Array, before: Poles, inward: Poles, product: Poles, taps: tuple[Array, Array, Array]) -> Frames:
    """The filtered sound; the state `before` moves on."""
    z: Any = x * inward
    if len(z) != len(before):
        z = np.repeat(z, len(before), axis=0)
    np.add.accumulate(z, axis=1, out=z)
    z += before
    z *= product
    before[:] = z[:, -1:]
    real, imag, direct = taps
    return np.asarray(real * z.real + imag * z.imag + direct * x, np.float32)
