"""Patches played for the tests: events in, sound out, on the grid of quanta."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from panel.sound.patch import load_patch
from panel.sound.quantum import QUANTUM, Frames
from panel.sound.synth import LEVEL, Synth

RATE = 48_000
HEAD = "from panel.sound.patch import *\nimport numpy as np\n"

Event = tuple[Any, ...]  # the method's name and what it is given
Sound = NDArray[np.float64]


def synth(text: str, rate: int = RATE, voices: int = 16) -> Synth:
    """A synth that plays a patch whose imports are made for it."""
    return Synth(load_patch(HEAD + text, "test.py"), rate, voices)


def rendered(player: Synth, seconds: float, begin: int = 0) -> Frames:
    """Stereo from the frame `begin` on, a multiple of QUANTUM."""
    quanta = int(seconds * player.rate / QUANTUM)
    out = np.zeros((quanta * QUANTUM, 2), np.float32)
    for start in range(0, len(out), QUANTUM):
        player.render(begin + start, out[start : start + QUANTUM])
    return out


def played(player: Synth, events: list[Event], seconds: float) -> Sound:
    """What is heard on the left, so high as `voice` gives it."""
    for name, *values in events:
        getattr(player, name)(*values)
    return np.asarray(rendered(player, seconds)[:, 0] / LEVEL, np.float64)


def spectrum(sound: Sound) -> Sound:
    """Magnitudes; what lies 13 bins beside a line is 150 dB below it."""
    return np.asarray(np.abs(np.fft.rfft(sound * np.kaiser(len(sound), 18))))


def decibels(ratio: float) -> float:
    """A ratio of amplitudes."""
    return float(20 * np.log10(max(ratio, 1e-30)))


def loudness_lufs(stereo: Frames, rate: int = RATE) -> float:
    """The loudest 400 ms (momentary loudness, ITU-R BS.1770; its filter's coefficients are for 48 kHz)."""
    z = np.exp(-2j * np.pi * np.fft.rfftfreq(len(stereo)))
    shelf = (1.53512485958697 - 2.69169618940638 * z + 1.19839281085285 * z * z) / (
        1 - 1.69065929318241 * z + 0.73248077421585 * z * z
    )
    high_pass = (1 - 2 * z + z * z) / (1 - 1.99004745483398 * z + 0.99007225036621 * z * z)
    weighted = np.fft.irfft(np.fft.rfft(stereo, axis=0) * (shelf * high_pass)[:, None], axis=0)
    power = np.cumsum((weighted**2).sum(axis=1))
    window = int(0.4 * rate)
    return float(-0.691 + 10 * np.log10((power[window:] - power[:-window]).max() / window))
