"""What can be read off a sound: its pitch to a thousandth of a cent, what in it is no harmonic, its largest step.

Pure: it must never be given a sound that has not settled.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Sound = NDArray[np.floating]

# Seven cosines, sidelobes at -180 dB: H.-H. Albrecht, A family of cosine-sum windows for high-resolution measurements
_COSINES = (
    0.27105140069342,
    0.43329793923448,
    0.21812299954311,
    0.06592544638803,
    0.01081174209837,
    0.00077658482522,
    0.00001388721735,
)
_LOBE = 8  # bins from the middle of a line, beyond which it is not seen any more


def window(frames: int) -> NDArray[np.float64]:
    """Fades a piece in and out so that its lines do not smear."""
    turn = 2 * math.pi * np.arange(frames) / frames
    terms = [(-1) ** order * height * np.cos(order * turn) for order, height in enumerate(_COSINES)]
    return np.asarray(sum(terms))


def pitch(sound: Sound, rate: int, about_hz: float) -> float:
    """The frequency of the line near `about_hz`, in Hz: how far its phase turns from the first half to the second.

    `about_hz` has to be right within half of 1 / (length of a half).
    """
    half = len(sound) // 2
    spin = np.exp(-2j * np.pi * about_hz / rate * np.arange(2 * half)) * np.tile(window(half), 2)
    first, second = (np.sum(sound[at : at + half] * spin[at : at + half]) for at in (0, half))
    return about_hz + float(np.angle(second / first)) / (2 * math.pi) * rate / half


def cents(hz: float, of_hz: float) -> float:
    """By how many hundredths of a semitone a pitch is too high."""
    return 1200 * math.log2(hz / of_hz)


def inharmonic_db(sound: Sound, rate: int, hz: float) -> float:
    """The power of all that is no harmonic of `hz`, against that of the harmonics; 0 Hz is left out."""
    power = np.abs(np.fft.rfft(sound * window(len(sound)))) ** 2
    bins = np.arange(len(power))
    places = bins * rate / len(sound) / hz
    away = np.abs(places - np.round(places)) * hz * len(sound) / rate
    harmonic = (away <= _LOBE) & (np.round(places) > 0)
    rest = ~harmonic & (bins > _LOBE)
    return 10 * math.log10(max(float(power[rest].sum()), 1e-300) / float(power[harmonic].sum()))


def step(sound: Sound) -> float:
    """The largest difference between two frames that follow each other."""
    return float(np.abs(np.diff(sound.astype(np.float64), axis=0)).max())
