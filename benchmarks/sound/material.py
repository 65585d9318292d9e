"""What is played: the same samples and the same patch for all that are compared.

It must never be anything that a contestant could take a short cut with: no silence, no sound that repeats.
"""

from __future__ import annotations

import math
from functools import lru_cache
from pathlib import Path

import numpy as np
import soundfile

from benchmarks.box import folder
from benchmarks.sound.timing import RATE
from panel.sound.kit import Kit, load_kit
from panel.sound.patch import Patch, load_patch
from panel.sound.quantum import Frames

SAMPLER_VOICES, SYNTH_VOICES = 64, 16
SOUNDS, SOUND_S = 16, 3.0  # so many samples, so long: more memory than a cache has
LOWEST_KEY, KEYS = 36, 48  # of what is played
ATTACK_S, DECAY_S, SUSTAIN, RELEASE_S = 0.01, 0.4, 0.6, 0.3
CUTOFF_HZ, SWEEP_HZ, RESONANCE = 400.0, 4000.0, 0.3
SWEEP = f'''"""Sweep: a saw, a low-pass filter, an envelope for each."""
from panel.sound.patch import adsr, lowpass, saw

wave, tone = saw(), lowpass()
loud = adsr({ATTACK_S}, {DECAY_S}, {SUSTAIN}, {RELEASE_S})
sweep = adsr({ATTACK_S}, {DECAY_S}, {SUSTAIN}, {RELEASE_S})


def voice(note):
    return tone(wave(note.hz), {CUTOFF_HZ} + {SWEEP_HZ} * sweep(note), {RESONANCE}) * loud(note)
'''


def sound_path(where: Path, at: int) -> Path:
    """The file of a sound."""
    return where / f"sound {at}.wav"


def write_sounds(where: Path) -> None:
    """Stereo noise that dies away, a file for each note from LOWEST_KEY on; the same every time."""
    random = np.random.default_rng(1)
    falling = np.exp(-np.arange(round(SOUND_S * RATE)) / RATE)[:, None]
    lines = ["format = 1"]
    for at in range(SOUNDS):
        path = sound_path(where, at)
        soundfile.write(path, 0.5 * falling * random.uniform(-1, 1, (len(falling), 2)), RATE, subtype="FLOAT")
        lines += [f"[s{at}]", f"note = {LOWEST_KEY + at}", f'1 = ["{path.name}"]']
    (where / "kit.toml").write_text("\n".join(lines) + "\n")


@lru_cache
def kit() -> Kit:
    """A kit of these."""
    with folder() as where:
        write_sounds(where)
        return load_kit(where, RATE)


@lru_cache
def sounds() -> list[Frames]:
    """The same as arrays of (frames, 2)."""
    pool = kit().pool
    flat = pool.frames.view(np.float32).reshape(-1, 2)
    return [flat[one.start : one.start + one.frames] for one in pool.samples]


@lru_cache
def patch(text: str = SWEEP) -> Patch:
    """A patch by its text; the usual one is a saw, a filter that moves, two envelopes."""
    return load_patch(text, "bench.py")


def hz_of(key: float) -> float:
    """The pitch of a key, A4 = 69 = 440 Hz."""
    return 440 * math.pow(2, (key - 69) / 12)
