"""A sound file as a kit plays it: read, trimmed to its onset, resampled, levelled.

It must never make the best of a file that is broken: it says what is wrong.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile

from panel.sound.header import MAX_SECONDS, Header
from panel.sound.quantum import Frames
from panel.sound.resample import Sound, resample

PEAK = 0.5  # of every file: -6 dBFS, so that two at once are not limited yet

_ONSET = 1e-3  # of the peak: what is more than 60 dB softer before a sound is not of it
_END = 3e-5  # of the peak: nor what is more than 90 dB softer behind it
_8_BIT_NOISE = 1.5 / 128  # the last bit of such files is seldom still


def read_sample(path: Path, header: Header, rate: int) -> Frames:
    """The file's sound as stereo at `rate`. Raises ValueError, whose text goes on behind the file's name.

    Its first frame is the onset, its peak is PEAK. Any thread but the audio's.
    """
    sound = _decoded(path, header)
    if not np.isfinite(sound).all():
        broken = int(np.argmin(np.isfinite(sound).all(axis=1)))
        raise ValueError(f"has no number in its frame {broken} (NaN or infinite)")
    if not sound.any():
        raise ValueError("is silent from end to end")
    sound = _trimmed(sound, _8_BIT_NOISE if header.bits == 8 else 0.0)
    sound = _trimmed(resample(sound, header.rate, rate))
    sound *= PEAK / np.abs(sound).max()
    return np.ascontiguousarray(np.broadcast_to(sound, (len(sound), 2)), np.float32)


def _decoded(path: Path, header: Header) -> Sound:
    """The frames as float64, of one channel or two."""
    most = MAX_SECONDS * header.rate
    try:
        sound: Sound = soundfile.read(path, frames=most + 1, dtype="float64", always_2d=True)[0]
    except (OSError, soundfile.SoundFileError) as error:
        raise ValueError(f"can't be read: {getattr(error, 'error_string', error)}") from error
    if len(sound) > most:
        raise ValueError(f"lasts longer than {MAX_SECONDS} seconds")
    if not len(sound) or len(sound) < header.frames:
        raise ValueError(f"is cut off: of {header.frames:,} frames {len(sound):,} are there")
    return sound


def _trimmed(sound: Sound, noise: float = 0.0) -> Sound:
    """The sound from its onset to its end; noise up to a level is none of it before the onset."""
    loudness = np.abs(sound).max(axis=1)
    peak = loudness.max()
    onset = np.argmax(loudness >= min(max(peak * _ONSET, noise), peak))
    end = len(sound) - np.argmax(loudness[::-1] >= peak * _END)
    return sound[onset:end]
