"""What sounds are made of: hiss, ringing modes, square waves, and the filters that shape them.

It must never ask a clock or a random device: the same call gives the same sound, on any machine and in any year.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

RATE = 48_000  # frames a second, of everything that ships

Sound = NDArray[np.float64]  # one channel, any height until it is finished


class Mode(NamedTuple):
    """One way in which a body rings."""

    hz: float
    level: float
    t60_ms: float  # how long it takes to fall by 60 dB


class Section(NamedTuple):
    """A filter of second order: b over a, in powers of z to the -1."""

    b: tuple[float, float, float]
    a: tuple[float, float, float]


def instants(length_ms: float) -> Sound:
    """The time of every frame of a sound, in seconds."""
    return np.arange(round(length_ms * RATE / 1000)) / RATE


def fall(length_ms: float, t60_ms: float) -> Sound:
    """An envelope from 1 that loses 60 dB in `t60_ms`."""
    return np.asarray(10.0 ** (-3 * instants(length_ms) * 1000 / t60_ms))


def rise(sound: Sound, rise_ms: float) -> Sound:
    """The sound with its first `rise_ms` faded in along half a cosine; it doesn't begin with a zero."""
    risen, frames = sound.copy(), round(rise_ms * RATE / 1000)
    risen[:frames] *= 0.5 - 0.5 * np.cos(np.pi * (np.arange(min(frames, len(sound))) + 1) / (frames + 1))
    return risen


def hiss(seed: str, length_ms: float) -> Sound:
    """White noise from -1 to 1. Of numpy's generators the raw bits alone are promised never to change (NEP 19)."""
    bits = np.random.PCG64(zlib.crc32(seed.encode())).random_raw(round(length_ms * RATE / 1000))
    return np.asarray((bits >> np.uint64(11)).astype(np.float64) * 2.0**-52 - 1.0)


def ring(
    modes: Sequence[Mode], length_ms: float, contact_ms: float = 0.0, bend: float = 0.0, bend_ms: float = 1.0
) -> Sound:
    """A body that rings in its modes, struck at frame 0 by something that touches it for `contact_ms`.

    The pitch begins higher by the share `bend`, and comes down within about `bend_ms`, as that of a skin does.
    """
    time = instants(length_ms)
    turns = time + bend * bend_ms / 1000 * (1 - np.exp(-time * 1000 / bend_ms))
    rung = np.zeros_like(time)
    for mode in modes:
        rung += mode.level * np.sin(2 * np.pi * mode.hz * turns) * fall(length_ms, mode.t60_ms)
    return struck(rung, contact_ms)


def struck(sound: Sound, contact_ms: float) -> Sound:
    """The sound as a softer stick would make it: a stick that touches longer excites the high modes less.

    The push is a raised cosine, near what a felt or a tip does (Fletcher and Rossing, The Physics of Musical
    Instruments, chapter 18).
    """
    frames = round(contact_ms * RATE / 1000)
    if frames < 2:
        return sound
    push = np.hanning(frames + 2)[1:-1]
    return np.convolve(sound, push / push.sum())[: len(sound)]


def square(hz: float, length_ms: float, softness: float = 1.0, up_to_hz: float = 20_000) -> Sound:
    """A square wave of its harmonics up to `up_to_hz`, so without aliases; 2 for `softness` is a triangle's slope."""
    time = instants(length_ms)
    wave = np.zeros_like(time)
    for number in range(1, int(up_to_hz / hz) + 1, 2):
        wave += np.sin(2 * np.pi * hz * number * time) / number**softness
    return wave


def mixed(*sounds: Sound) -> Sound:
    """Sounds that begin together, as one."""
    whole = np.zeros(max(map(len, sounds)))
    for sound in sounds:
        whole[: len(sound)] += sound
    return whole


def later(sound: Sound, by_ms: float) -> Sound:
    return np.concatenate([np.zeros(round(by_ms * RATE / 1000)), sound])


def between(soft: float, hard: float, force: float) -> float:
    """A value for a stroke of `force` 0 to 1: `soft` at 0, `hard` at 1, by ratio between them. Both over 0."""
    return float(soft * (hard / soft) ** force)


def through(sound: Sound, *sections: Section) -> Sound:
    """The sound behind filters one after the other. They are causal: nothing sounds before the stroke."""
    size = 1 << (len(sound) + RATE // 4).bit_length()  # a quarter of a second, for what still rings at the end
    return np.asarray(np.fft.irfft(np.fft.rfft(sound, size) * _response(sections, size), size)[: len(sound)])


@lru_cache(maxsize=64)
def _response(sections: tuple[Section, ...], size: int) -> NDArray[np.complex128]:
    z = np.exp(-2j * np.pi * np.arange(size // 2 + 1) / size)
    response: NDArray[np.complex128] = np.ones_like(z)
    for b, a in sections:
        response = response * (b[0] + z * (b[1] + z * b[2])) / (a[0] + z * (a[1] + z * a[2]))
    return response


def low_pass(hz: float, q: float = 0.7071) -> Section:
    """This and those below: the filters of Robert Bristow-Johnson's Cookbook formulae for audio equalizer biquads."""
    cos, alpha = _angle(hz, q)
    return Section(((1 - cos) / 2, 1 - cos, (1 - cos) / 2), (1 + alpha, -2 * cos, 1 - alpha))


def high_pass(hz: float, q: float = 0.7071) -> Section:
    cos, alpha = _angle(hz, q)
    return Section(((1 + cos) / 2, -1 - cos, (1 + cos) / 2), (1 + alpha, -2 * cos, 1 - alpha))


def band_pass(hz: float, q: float) -> Section:
    """As loud as before at its middle; half as wide at -3 dB as `hz` for a q of 2."""
    cos, alpha = _angle(hz, q)
    return Section((alpha, 0.0, -alpha), (1 + alpha, -2 * cos, 1 - alpha))


def _angle(hz: float, q: float) -> tuple[float, float]:
    angle = 2 * np.pi * hz / RATE
    return float(np.cos(angle)), float(np.sin(angle) / (2 * q))


def band(sound: Sound, low_hz: float, high_hz: float) -> Sound:
    """What lies between two frequencies, 24 dB an octave steep on both sides (Butterworth's q of fourth order)."""
    steep = (0.5412, 1.3066)
    return through(sound, *(high_pass(low_hz, q) for q in steep), *(low_pass(high_hz, q) for q in steep))


def burst(seed: str, length_ms: float, t60_ms: float, low_hz: float, high_hz: float) -> Sound:
    """A stroke of hiss between two frequencies; its loudest is 1.

    It begins a fifth of a millisecond before a peak of its hiss, so that the stroke is there at once.
    """
    swing_ms, look_ms, lead, edge_ms = 20.0, 40.0, round(0.2e-3 * RATE), 0.15
    noise = band(hiss(seed, swing_ms + look_ms + length_ms), low_hz, high_hz)
    noise = band(
        np.clip(noise, *(np.array([-1.5, 1.5]) * noise.std())), low_hz, high_hz
    )  # none of its peaks sticks out
    noise = noise[round(swing_ms * RATE / 1000) :]
    peak = int(np.abs(noise[: round(look_ms * RATE / 1000)]).argmax())
    begin = max(0, peak - lead)
    shape = rise(fall(length_ms, t60_ms), edge_ms)
    shaped = noise[begin : begin + len(shape)] * shape * np.sign(noise[peak])  # upwards: two bursts at once add up
    return np.asarray(shaped / np.abs(shaped).max())
