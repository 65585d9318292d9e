"""Recordings in the public domain, as Debian's package sonic-pi-samples carries them: found, brought to 48 kHz, cut.

It must never take a file whose entry in that package's copyright file is not CC0.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import soundfile

from workshop.tone import RATE, Sound, rise

FOLDER = Path("/usr/share/sonic-pi/samples")
PACKAGE = "sonic-pi-samples"


class Source(NamedTuple):
    """Who recorded a file, when, and the number of its page at freesound.org: from the package's copyright file."""

    author: str
    year: int
    page: int

    @property
    def told(self) -> str:
        return f"{self.author}, {self.year}, https://freesound.org/people/{self.author}/sounds/{self.page}/"


CC0 = {
    "drum_bass_hard": Source("menegass", 2010, 100051),
    "drum_bass_soft": Source("menegass", 2010, 100052),
    "drum_cowbell": Source("Neotone", 2009, 75338),
    "drum_cymbal_closed": Source("menegass", 2010, 100053),
    "drum_cymbal_hard": Source("menegass", 2010, 100056),
    "drum_cymbal_open": Source("menegass", 2010, 100055),
    "drum_cymbal_pedal": Source("menegass", 2010, 100054),
    "drum_cymbal_soft": Source("menegass", 2010, 100057),
    "drum_snare_hard": Source("menegass", 2010, 100058),
    "drum_snare_soft": Source("menegass", 2010, 100059),
    "drum_splash_hard": Source("menegass", 2010, 100060),
    "drum_splash_soft": Source("menegass", 2010, 100061),
    "drum_tom_hi_hard": Source("menegass", 2010, 100062),
    "drum_tom_hi_soft": Source("menegass", 2010, 100063),
    "drum_tom_lo_hard": Source("menegass", 2010, 100064),
    "drum_tom_lo_soft": Source("menegass", 2010, 100065),
    "drum_tom_mid_hard": Source("menegass", 2010, 100066),
    "drum_tom_mid_soft": Source("menegass", 2010, 100067),
}


def is_there() -> bool:
    """Whether the package is installed here."""
    return all((FOLDER / f"{name}.flac").is_file() for name in CC0)


def recorded(name: str, onset_db: float = -30.0) -> Sound:
    """A recording from its stroke on: where it first comes within `onset_db` of its peak, less 0.4 ms that fade in."""
    samples, rate = soundfile.read(FOLDER / f"{name}.flac", always_2d=True)
    sound = resampled(samples.mean(axis=1), rate)
    height = np.abs(sound)
    lead = round(0.4e-3 * RATE)
    begin = max(0, int(np.argmax(height >= height.max() * 10 ** (onset_db / 20))) - lead)
    return rise(sound[begin:], 0.4)


def resampled(sound: Sound, rate: int) -> Sound:
    """At 48 kHz, exactly band-limited: its spectrum is kept, and silence before and behind keeps its ends apart."""
    step = rate // np.gcd(rate, RATE)
    padded = np.concatenate([np.zeros(step * 8), sound, np.zeros(step * 8 + -len(sound) % step)])
    frames = len(padded) * RATE // rate
    spectrum = np.fft.rfft(padded)
    wide = np.zeros(frames // 2 + 1, dtype=complex)
    kept = min(len(wide), len(spectrum))
    wide[:kept] = spectrum[:kept]
    return np.asarray(np.fft.irfft(wide, frames) * RATE / rate)
