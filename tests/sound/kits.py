"""Kits for tests: made of arrays, or as files in a folder."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from panel.sound.kit import Kit, Layer, Pool, Sound
from panel.sound.quantum import QUANTUM, Frames
from panel.sound.sampler import Sampler

RATE = 48_000
MOST_BYTES = (
    2048  # that may be made and forgotten: views, numbers, what einsum works with; a block for all voices has 70 KB
)
Array = NDArray[np.float64]


def tone(hz: float = 440.0, seconds: float = 0.1, rate: int = RATE, decay: float = 20.0) -> Array:
    """A decaying cosine: its first frame is its loudest."""
    time = np.arange(int(seconds * rate)) / rate
    return np.cos(2 * np.pi * hz * time) * np.exp(-decay * time)


def stereo(left: Array, right: Array | None = None) -> Frames:
    """Frames as a pool takes them."""
    return np.stack([left, left if right is None else right], axis=1).astype(np.float32)


def kit_of(
    samples: Mapping[int, Sequence[Frames]], chokes: Mapping[int, str] | None = None, gain_db: float = 0.0
) -> Kit:
    """A kit of one layer a note, whose samples play by turns."""
    pool = Pool([frames for each in samples.values() for frames in each])
    rest = iter(pool.samples)
    layers = {note: Layer(1, tuple(next(rest) for _ in each), at) for at, (note, each) in enumerate(samples.items())}
    groups = chokes or {}
    sounds = tuple(Sound(f"s{note}", note, gain_db, groups.get(note, ""), (layer,)) for note, layer in layers.items())
    return Kit("test", "", sounds, pool)


def rendered(sampler: Sampler, frames: int, first: int = 0) -> Frames:
    """What a sampler plays in so many frames, in whole quanta from `first` on."""
    sound = np.zeros((-(-frames // QUANTUM) * QUANTUM, 2), np.float32)
    for at in range(0, len(sound), QUANTUM):
        sampler.render(first + at, sound[at : at + QUANTUM])
    return sound


def write(folder: Path, name: str, sound: Array, rate: int = RATE, subtype: str | None = None) -> Path:
    """A sound file in a kit's folder, of frames or (frames, channels)."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, sound, rate, subtype=subtype)
    return path


def bytes_made(act: Callable[..., object], *of: object) -> int:
    """The most memory that was had at a time beyond what was there before, in bytes; numpy tells of every array."""
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        act(*of)
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()
