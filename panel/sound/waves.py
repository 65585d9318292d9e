"""Wavetables: one cycle of a wave, in as many versions as it takes for no harmonic ever to lie above half the rate.

It must never be asked in the audio thread for tables that were not made before: making them takes milliseconds.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

LENGTH_BITS = 13
LENGTH = 1 << LENGTH_BITS  # of a cycle: between two points lies a straight line, 110 dB below the fundamental at worst
MOST_HARMONICS = 1024
_PER_OCTAVE = 4  # versions: the highest harmonic lies between 0.84 and 1.0 of half the rate
_FRACTION = 32 - LENGTH_BITS
_CLOSEST = 1 << 32


class Tables(NamedTuple):
    """A wave's versions one after the other: points as value + 1j * slope, the slope a step of a 32-bit phase's rest.

    `limits` are the highest frequencies (Hz) of the versions. What is too high has a version too, silence; and so has
    what is not a number: points that are none, so that the fault is heard of where the sound is looked at.
    """

    points: NDArray[np.complex64]
    limits: NDArray[np.float64]

    def versions(self, hz: NDArray[np.float64]) -> NDArray[np.intp]:
        """The beginning, in `points`, of the versions for these frequencies."""
        return self.limits.searchsorted(hz) << LENGTH_BITS

    def look_up(self, phases: NDArray[np.uint32], versions: NDArray[np.intp]) -> NDArray[np.float32]:
        """The wave at phases of 32 bits a cycle; both arrays are broadcast."""
        index = (phases >> _FRACTION).astype(np.intp)
        index += versions
        point = self.points.take(index)
        between = (phases << LENGTH_BITS).astype(np.float32)
        between *= point.imag
        between += point.real
        return between


def tables(spectrum: NDArray[np.complexfloating[Any, Any]], rate: int) -> Tables:
    """The tables of a wave with the harmonics spectrum[0], [1] and so on: real part times sine, imaginary times cosine.

    Milliseconds, or nothing where the same wave was asked for before; any thread.
    """
    kept = np.ascontiguousarray(spectrum[:MOST_HARMONICS], np.complex128)
    return _tables(kept.tobytes(), rate)


@lru_cache(maxsize=16)
def _tables(spectrum_bytes: bytes, rate: int) -> Tables:
    spectrum = np.frombuffer(spectrum_bytes, np.complex128)
    octaves = int(np.log2(MOST_HARMONICS))
    limits = rate / 2 / MOST_HARMONICS * 2 ** (np.arange(octaves * _PER_OCTAVE + 1) / _PER_OCTAVE)
    points = np.zeros((len(limits) + 2, LENGTH), np.complex64)
    points[-1] = np.nan
    for row, limit in zip(points, limits, strict=False):
        # Half the rate itself is left out: what lies there is no harmonic but its own mirror.
        row[:] = _cycle(spectrum[: int(np.ceil(rate / 2 / limit - 1e-9)) - 1])
    return Tables(points.ravel(), np.append(limits, np.inf))


def _cycle(spectrum: NDArray[np.complex128]) -> NDArray[np.complex128]:
    bins = np.zeros(LENGTH // 2 + 1, np.complex128)
    # a sin + b cos = Re((b - ja) e^jx), and irfft doubles every bin and divides by the length
    bins[1 : len(spectrum) + 1] = (spectrum.imag - 1j * spectrum.real) * (LENGTH / 2)
    wave = np.fft.irfft(bins, LENGTH)
    return wave + 1j * (np.roll(wave, -1) - wave) / _CLOSEST
