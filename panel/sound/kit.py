"""A kit: its samples in one pool of memory, and for each note what is played when it is struck.

It must never be changed once it is made: what other levels or choke groups ask for is another kit of the same pool.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from panel.music.percussion import role_of, stand_in
from panel.sound.header import read_header
from panel.sound.kitfolder import KitFile
from panel.sound.kitsheet import KitSheet, SheetSound, read_sheet
from panel.sound.quantum import QUANTUM, Frames
from panel.sound.samples import read_sample
from panel.tomltext import Fault, TextError

MAX_BYTES = 256 * 1024 * 1024  # of a kit in memory: 11 minutes at 48 kHz

_FRAME_BYTES = 8  # two float32
_Read = TypeVar("_Read")


class Sample(NamedTuple):
    """A file's sound: where in the pool it begins (at a whole quantum), and how many frames it has."""

    start: int
    frames: int


class Layer(NamedTuple):
    """The samples that play by turns from a velocity on; `number` counts the layers of all the kit's sounds."""

    velocity: int
    samples: tuple[Sample, ...]
    number: int


class Sound(NamedTuple):
    """A sound of a kit; `choke` is its group or "", `percent` (0 to 100) is 40 * log10(percent / 100) dB."""

    name: str
    note: int
    gain_db: float
    choke: str
    layers: tuple[Layer, ...]
    percent: int = 100

    def gain(self, velocity: int) -> float:
        """What its samples are multiplied by: 40 * log10(velocity / 127) dB below its own loudness."""
        return math.pow(10, self.gain_db / 20) * math.pow(self.percent / 100 * velocity / 127, 2)

    def layer(self, velocity: int) -> Layer:
        """What plays at a velocity; below the softest layer, that one."""
        return next((layer for layer in reversed(self.layers) if layer.velocity <= velocity), self.layers[0])


class Strike(NamedTuple):
    """What a note plays: the choke group or "", and for each velocity its gain and the layer whose turn it is."""

    choke: str
    gains: tuple[float, ...]
    layers: tuple[Layer, ...]


class Pool:
    """The samples of a kit, each with silence of a quantum or more before and behind it.

    `frames` are pairs of float32, left and right as one complex64, so that a frame is moved in one piece. `tails` has
    for each quantum the peak of what is still to come of its sample. Neither is ever written to.
    """

    def __init__(self, sounds: Iterable[Frames]) -> None:
        silence = np.zeros((QUANTUM, 2), np.float32)
        parts, tails = [silence], [np.zeros(1, np.float32)]
        self.samples: list[Sample] = []
        at = QUANTUM
        for sound in sounds:
            whole = np.concatenate([sound, silence[: -len(sound) % QUANTUM], silence])
            peaks = np.abs(whole).reshape(-1, QUANTUM * 2).max(axis=1)
            tails.append(np.maximum.accumulate(peaks[::-1])[::-1])
            parts.append(whole)
            self.samples.append(Sample(at, len(sound)))
            at += len(whole)
        self.frames: NDArray[np.complex64] = np.concatenate(parts).view(np.complex64)[:, 0]
        self.tails: Frames = np.concatenate(tails)


class Kit:
    """A drum kit, made for one rate. Any thread may have it: nothing in it changes.

    `strikes` has what each note from 0 to 127 plays, None where it is silent.
    """

    def __init__(self, name: str, about: str, sounds: tuple[Sound, ...], pool: Pool) -> None:
        self.name, self.about, self.sounds, self.pool = name, about, sounds, pool
        strikes = {sound.name: _strike(sound) for sound in sounds}
        played = (self.sound_at(note) for note in range(128))
        self.strikes = tuple(strikes[sound.name] if sound else None for sound in played)

    def sound_at(self, note: int) -> Sound | None:
        """What a note plays: the sound that has it, else what is nearest to its role; None where it has no role."""
        if own := next((sound for sound in self.sounds if sound.note == note), None):
            return own
        names = {sound.name: sound for sound in self.sounds}
        role = role_of(note)
        return names.get(stand_in(role, names), self.sounds[0]) if role else None

    def with_levels(self, percents: Mapping[str, int]) -> Kit:
        """The kit with these sounds as loud as this, 0 to 100 percent; others stay as they are."""
        levelled = (sound._replace(percent=percents.get(sound.name, sound.percent)) for sound in self.sounds)
        return Kit(self.name, self.about, tuple(levelled), self.pool)

    def with_chokes(self, groups: Mapping[str, str]) -> Kit:
        """The kit with these sounds in these choke groups, "" for none; others stay as they are."""
        grouped = (sound._replace(choke=groups.get(sound.name, sound.choke)) for sound in self.sounds)
        return Kit(self.name, self.about, tuple(grouped), self.pool)


def _strike(sound: Sound) -> Strike:
    velocities = range(128)
    return Strike(sound.choke, tuple(map(sound.gain, velocities)), tuple(map(sound.layer, velocities)))


def load_kit(folder: Path, rate: int) -> Kit:
    """The kit in a folder, for sound of `rate` frames a second. Raises TextError with every fault that was found.

    It reads and resamples the files, which may take seconds. Any thread but the audio's.
    """
    sheet = read_sheet(folder)
    files = sheet.files
    pool = Pool(_read_all(files, folder, rate))
    return _kit(sheet, dict(zip((file.path for file in files), pool.samples, strict=True)), pool)


def _read_all(files: list[KitFile], folder: Path, rate: int) -> list[Frames]:
    """The sound of each file; none is decoded before all say that they are of a bearable size."""
    headers = _each(files, lambda file: read_header(file.path))
    size = sum(header.frames * rate // header.rate for header in headers) * _FRAME_BYTES
    if size > MAX_BYTES:
        what = f"the kit needs {size >> 20} MB of memory, at most {MAX_BYTES >> 20} MB are had: shorten its files"
        raise TextError([Fault(str(folder), 1, 1, what)])
    header_of = dict(zip(files, headers, strict=True))
    return _each(files, lambda file: read_sample(file.path, header_of[file], rate))


def _each(files: list[KitFile], read: Callable[[KitFile], _Read]) -> list[_Read]:
    """What is read of each file. Raises TextError with the faults of all that can't be."""
    found, faults = [], []
    for file in files:
        try:
            found.append(read(file))
        except ValueError as error:
            faults.append(file.wrong(str(error)))
    if faults:
        raise TextError(faults)
    return found


def _kit(sheet: KitSheet, samples: Mapping[Path, Sample], pool: Pool) -> Kit:
    sounds: list[Sound] = []
    number = 0
    for said in sheet.sounds:
        layers = _layers(said, samples, number)
        number += len(layers)
        sounds.append(Sound(said.name, said.note, said.gain_db, said.choke, layers))
    return Kit(sheet.name, sheet.about, tuple(sounds), pool)


def _layers(said: SheetSound, samples: Mapping[Path, Sample], first: int) -> tuple[Layer, ...]:
    played = [tuple(samples[file.path] for file in layer.files) for layer in said.layers]
    return tuple(Layer(said.layers[at].velocity, played[at], first + at) for at in range(len(played)))
