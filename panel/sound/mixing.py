"""Rows of samples, read from a pool and mixed into one quantum: the sampler's innermost work.

It must never make an array while it plays, nor leave the order of a sum to chance: row by row, so that silent rows
change no bit.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from panel.sound.quantum import QUANTUM, Frames

Numbers = NDArray[np.int64]
Pairs = NDArray[np.complex64]  # left and right of a frame, moved in one piece: three times as fast as two float32


class Columns(NamedTuple):
    """What is known of each row: see panel.sound.voices. All are as long as there are rows."""

    origin: Numbers
    rest: Numbers
    fade: Numbers
    gain: Frames
    in_pool: Numbers  # (pools, rows)

    def first(self, count: int) -> Columns:
        """The first rows."""
        origin, rest, fade = self.origin[:count], self.rest[:count], self.fade[:count]
        return Columns(origin, rest, fade, self.gain[:count], self.in_pool[:, :count])


class Room:
    """The room that all `Rows` of a sampler share for a quantum's sound, and the shape of a fade."""

    def __init__(self, rows: int, fade_frames: int) -> None:
        self.places, self.chosen = np.zeros((2, rows), np.int64)
        self.index = np.zeros((rows, QUANTUM), np.int64)
        self.across = np.tile(np.arange(QUANTUM), (rows, 1))  # of a whole block: numpy would buffer one row of it
        self.sound, self.shape = np.zeros((2, rows, QUANTUM), np.complex64)
        self.furthest, self.nearest = np.array(fade_frames), np.array(-QUANTUM)
        self.quantum = np.array(QUANTUM)
        self.falling = _falling(fade_frames)


def _falling(fade_frames: int) -> Pairs:
    """A quantum of 1, a raised cosine down to 0, a quantum of 0; for left and right."""
    fall = 0.5 + 0.5 * np.cos(np.pi * np.arange(fade_frames) / fade_frames)
    whole = np.concatenate([np.ones(QUANTUM), fall, np.zeros(QUANTUM)])
    return np.repeat(whole.astype(np.float32), 2).view(np.complex64)


class Rows:
    """The first so many rows. Only the audio thread calls."""

    def __init__(self, count: int, columns: Columns, room: Room) -> None:
        self._columns = columns.first(count)
        self._places, self._chosen = room.places[:count], room.chosen[:count]
        self._places_down, self._chosen_down = self._places[:, None], self._chosen[:, None]
        self._index, self._across = room.index[:count], room.across[:count]
        self._sound, self._shape = room.sound[:count], room.shape[:count]
        self._flat_sound, self._flat_shape = self._sound.view(np.float32), self._shape.view(np.float32)
        self._room = room

    def shape_fades(self, now: Numbers) -> None:
        """Work out how far each row has faded in the quantum that begins now; those that do not fade have 1."""
        np.subtract(now, self._columns.fade, out=self._chosen)
        np.minimum(self._chosen, self._room.furthest, out=self._chosen)
        np.maximum(self._chosen, self._room.nearest, out=self._chosen)
        np.add(self._chosen, self._room.quantum, out=self._chosen)
        self._take(self._room.falling, self._chosen_down, self._shape)

    def go_to(self, now: Numbers) -> None:
        """Go to where each row reads its pool in the quantum that begins now."""
        np.add(self._columns.origin, now, out=self._places)
        np.minimum(self._places, self._columns.rest, out=self._places)

    def mix(self, frames: Pairs, number: int, fading: bool, out: Frames) -> None:
        """Write the sum of all rows that read a pool into `out`, a quantum's left and right in turns.

        `number` is the pool's, -1 where it is the only one.
        """
        if number < 0:
            self._take(frames, self._places_down, self._sound)
        else:
            np.multiply(self._places, self._columns.in_pool[number], out=self._chosen)  # 0 is silence in every pool
            self._take(frames, self._chosen_down, self._sound)
        if fading:
            np.multiply(self._flat_sound, self._flat_shape, out=self._flat_sound)
        np.einsum("v,vf->f", self._columns.gain, self._flat_sound, out=out)

    def _take(self, pairs: Pairs, places: Numbers, out: Pairs) -> None:
        """Read a quantum of pairs from each place on."""
        np.copyto(self._index, places)
        np.add(self._index, self._across, out=self._index)
        pairs.take(self._index, out=out, mode="clip")
