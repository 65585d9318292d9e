"""What a patch's `voice` is given: the notes that sound in this quantum, all at once, one a row.

It must never hand out the synth's own state: a patch that writes into what it is given harms only itself.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from panel.sound.channels import Channels
from panel.sound.phases import scrambled
from panel.sound.quantum import QUANTUM, Frames
from panel.sound.rows import Rows, read_only

_COUNT = np.arange(QUANTUM)


class Note:
    """`hz`, `key`, `velocity`, `random` are arrays of (voices, 1); `time`, `gate`, `wheel` of (voices, QUANTUM)."""

    hz: Frames  # the pitch, with bend and glide
    key: Frames  # 0 to 127, 60 is middle C
    velocity: Frames  # above 0, up to 1

    def __init__(self, rows: Rows, channels: Channels) -> None:
        self._rows, self._channels = rows, channels
        self.rate = rows.rate
        self._made: dict[str, Frames] = {}  # in this quantum, for what is asked for again
        self._made_at = -1

    def begin(self, slides: NDArray[np.float64]) -> None:
        """A quantum begins; `slides` (voices) are the semitones that each row is off by a glide."""
        rows = self._rows
        rows_now = slice(0, rows.count)
        keys = rows.key[rows_now]
        pitches = keys + self._channels.bend.end[rows.channel[rows_now]] + slides
        self.hz = read_only((440.0 * np.exp2((pitches - 69) / 12)).astype(np.float32)[:, None])
        self.key = read_only(keys.astype(np.float32)[:, None])
        self.velocity = read_only(rows.velocity[rows_now])

    @property
    def random(self) -> Frames:
        """A number from 0 to 1 that is another for each note and stays."""
        seeds = self._rows.serial[: self._rows.count] * np.uint32(0x27D4EB2F)
        return scrambled(seeds).astype(np.float32) / np.float32(1 << 32)

    @property
    def time(self) -> Frames:
        """Seconds since the note's start."""
        return self._once("time", self._seconds)

    @property
    def gate(self) -> Frames:
        """1 while the key or the pedal holds the note, 0 after."""
        return self._once("gate", self._held)

    @property
    def wheel(self) -> Frames:
        """The modulation wheel, 0 to 1."""
        return self._once("wheel", self._turned)

    def _once(self, name: str, make: Callable[[], Frames]) -> Frames:
        if self._made_at != self._rows.frame:
            self._made, self._made_at = {}, self._rows.frame
        if name not in self._made:
            self._made[name] = read_only(make())
        return self._made[name]

    def _seconds(self) -> Frames:
        return np.maximum(self._ages(self._rows.start), 0).astype(np.float32) / np.float32(self.rate)

    def _held(self) -> Frames:
        rows = self._rows
        return ((self._ages(rows.release) < 0) & (self._ages(rows.start) >= 0)).astype(np.float32)

    def _turned(self) -> Frames:
        return self._channels.wheel.within(self._rows.channel[: self._rows.count])

    def _ages(self, since: NDArray[np.int64]) -> NDArray[np.int64]:
        return self._rows.frame + _COUNT - since[: self._rows.count, None]
