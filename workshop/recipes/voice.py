"""A voice that counts: one sung syllable, "da", from a model of throat and mouth.

It must never hiss: its only noise is the tongue's, for three milliseconds.
"""

from __future__ import annotations

import numpy as np

from workshop.tone import RATE, Sound, band_pass, between, burst, instants, low_pass, mixed, rise, through

# Formants of a man's "a" as in hat, which has more of them over 1 kHz than that in father: Peterson and Barney 1952;
# and where they begin behind a d: Delattre, Liberman and Cooper 1955. Behind the d, in the vowel, bandwidth, in Hz.
_FORMANTS = ((400, 660, 90), (1800, 1720, 100), (2650, 2410, 130), (3500, 3400, 220))
_GLIDE_MS = 6.0
_FALL_MS = 24.0


def syllable(force: float, pitch_hz: float = 196.0) -> Sound:
    """ "da", falling a third in pitch; a hard one has more of the upper formants, as a raised voice has."""
    length_ms = 140.0
    time_ms = instants(length_ms) * 1000
    sung = _throat(pitch_hz * (1 - 0.2 * time_ms / length_ms), 0.62)
    for behind_d, vowel, width in _FORMANTS:
        sung = _formant(sung, vowel + (behind_d - vowel) * np.exp(-time_ms / _GLIDE_MS), width)
    sung = np.diff(sung, prepend=0.0) * np.exp(-time_ms / _FALL_MS)  # a mouth radiates the slope
    sung = mixed(sung, 2.4 * through(sung, band_pass(2100, 0.8)))  # what lets a singer be heard over an orchestra
    sung /= np.abs(sung).max()
    sung = through(rise(sung, 0.7), low_pass(between(2300, 6000, force)))
    return mixed(sung, between(0.08, 0.25, force) * burst("tongue", 4, 6, 1500, 4500))


def _throat(pitch_hz: Sound, open_share: float) -> Sound:
    """The flow through the vocal folds: pulses of Rosenberg's shape B (1971), open for a share of each turn.

    The first is about to close: it is the closing that is heard, and it has to be on the beat.
    """
    phase = (np.cumsum(pitch_hz / RATE) + 0.9 * open_share) % 1.0
    inside = np.clip(phase / open_share, 0, 1)
    return np.asarray(inside**2 * (1 - inside))


def _formant(sound: Sound, hz: Sound, width_hz: float) -> Sound:
    """One resonance that moves: Klatt's resonator (Software for a cascade/parallel formant synthesizer, 1980)."""
    c = -np.exp(-2 * np.pi * width_hz / RATE)
    b = 2 * np.exp(-np.pi * width_hz / RATE) * np.cos(2 * np.pi * hz / RATE)
    heard, last, before = np.zeros_like(sound), 0.0, 0.0
    for frame, (pushed, turning) in enumerate(zip(sound * (1 - b - c), b, strict=True)):
        last, before = pushed + turning * last + c * before, last
        heard[frame] = last
    return heard
