"""What can be told of a sound in numbers: when it peaks, when it is gone, how bright and how loud it is.

It must never change a sound.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from workshop.tone import RATE, Section, Sound, through

FAST_MS = 125.0  # the time constant F of a sound level meter (IEC 61672-1): about how long an ear adds up

# The two filters of ITU-R BS.1770-4, annex 1, for 48 kHz: the head, and what an ear makes of lows.
_K_WEIGHTING = (
    Section((1.53512485958697, -2.69169618940638, 1.19839281085285), (1.0, -1.69065929318241, 0.73248077421585)),
    Section((1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621)),
)

_THIRDS_HZ = 1000.0 * 2.0 ** (np.arange(-13, 14) / 3)  # from 50 Hz to 20 kHz
_FLOOR_DB = -40.0  # under a sound's loudest third of an octave, where another tells them apart no more


def db(ratio: float) -> float:
    """A ratio of amplitudes in decibels; -200 for nothing."""
    return float(20 * np.log10(max(ratio, 1e-10)))


def attack_ms(sound: Sound) -> float:
    """From the first frame to the first that reaches nine tenths of the peak."""
    height = np.abs(sound)
    return float(np.argmax(height >= 0.9 * height.max()) * 1000 / RATE)


def gone_ms(sound: Sound, down_db: float = 40.0) -> float:
    """From the first frame to the end of the last 5 ms whose RMS is less than `down_db` under the loudest of them."""
    frames = round(0.005 * RATE)
    blocks = np.resize(sound, len(sound) + -len(sound) % frames)
    blocks[len(sound) :] = 0
    level = np.sqrt((blocks.reshape(-1, frames) ** 2).mean(axis=1))
    return float((np.flatnonzero(level >= level.max() * 10 ** (-down_db / 20))[-1] + 1) * 5.0)


def power(sound: Sound) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The frequencies and the energy at each."""
    size = 1 << max(14, len(sound).bit_length())
    return np.asarray(np.fft.rfftfreq(size, 1 / RATE)), np.asarray(np.abs(np.fft.rfft(sound, size)) ** 2)


def centroid_hz(sound: Sound) -> float:
    """The middle of the energy."""
    hz, energy = power(sound)
    return float((hz * energy).sum() / energy.sum())


def share(sound: Sound, low_hz: float, high_hz: float = RATE) -> float:
    """How much of the energy lies between two frequencies, 0 to 1."""
    hz, energy = power(sound)
    return float(energy[(hz >= low_hz) & (hz < high_hz)].sum() / energy.sum())


def steady(sound: Sound) -> float:
    """The DC as a share of the peak."""
    return float(abs(sound.mean()) / np.abs(sound).max())


def loudness_db(sound: Sound) -> float:
    """The loudest moment of the sound, full scale 1.0: K-weighted (ITU-R BS.1770-4), averaged with the time constant F.

    The 400 ms of BS.1770's own momentary loudness are too long for a clave: an ear adds up over about 100 ms.
    """
    weighted = through(np.concatenate([sound, np.zeros(RATE // 10)]), *_K_WEIGHTING) ** 2
    grown = np.exp(np.arange(len(weighted)) * (1000 / RATE / FAST_MS))
    level = np.cumsum(weighted * grown) / grown * (1000 / RATE / FAST_MS)
    return float(-0.691 + 10 * np.log10(max(level.max(), 1e-20)))


def thirds_db(sound: Sound) -> NDArray[np.float64]:
    """The energy in thirds of an octave, in dB under the loudest of them, -40 at the least."""
    hz, energy = power(sound)
    edge = 2.0 ** (1 / 6)
    bands = np.array([energy[(hz >= middle / edge) & (hz < middle * edge)].sum() for middle in _THIRDS_HZ])
    return np.asarray(np.maximum(10 * np.log10(np.maximum(bands, 1e-20) / bands.max()), _FLOOR_DB))


def apart_db(one: Sound, other: Sound) -> float:
    """How far apart two spectra are: the difference in thirds of an octave (RMS), over those that either has."""
    a, b = thirds_db(one), thirds_db(other)
    heard = np.maximum(a, b) > _FLOOR_DB
    return float(np.sqrt(((a - b)[heard] ** 2).mean())) if heard.any() else 0.0


def sharpness(sound: Sound) -> float:
    """How sharp it is, near to acum: 1 for a narrow hiss at 1 kHz, 2 for one at 3 kHz.

    Zwicker's weighted middle of specific loudness (DIN 45692), with the power 0.23 of each Bark's energy for that
    loudness, and without masking: good for comparing, not for a certificate.
    """
    hz, energy = power(sound)
    bark = 13 * np.arctan(0.00076 * hz) + 3.5 * np.arctan((hz / 7500) ** 2)  # Zwicker and Terhardt 1980
    loud = np.array([energy[(bark >= z) & (bark < z + 1)].sum() for z in range(24)]) ** 0.23
    middle = np.arange(24) + 0.5
    weight = np.where(middle > 15.8, 0.15 * np.exp(0.42 * (middle - 15.8)) + 0.85, 1.0)
    return float(0.11 * (loud * weight * middle).sum() / loud.sum())
