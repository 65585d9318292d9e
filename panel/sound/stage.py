"""Who sounds: notes come into rows, are released, are stolen when there are too many, and leave when they are over.

It must never end a voice with a click: what is stolen or silenced fades out within 3 ms, in a spare row.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from panel.sound.quantum import QUANTUM, Frames
from panel.sound.rows import NEVER, Rows, Unit

FADE_S = 0.003
QUIET = np.float32(10 ** (-90 / 20))  # of the voice itself, where 1 is full height
RELEASED_QUIET_S, HELD_QUIET_S = 0.1, 2.0  # a voice is over when it was quiet for so long
LISTEN = 8 * QUANTUM  # how often, in frames, it is looked whether a voice is quiet
_COUNT = np.arange(QUANTUM)


class Stage:
    """The rows and what happens to them. Frames are absolute, not before the quantum's first. Audio thread only."""

    def __init__(self, rate: int, voices: int, glide_s: float) -> None:
        self.voices = voices
        self.rows = Rows(rate, 2 * voices)  # as many again for those that fade out
        self.units: tuple[Unit, ...] = ()
        self._fade_frames = round(FADE_S * rate)
        self._held = np.zeros(self.rows.capacity, np.bool_)  # by the pedal alone
        self._quiet = np.zeros(self.rows.capacity, np.int64)
        self._slide = np.zeros(self.rows.capacity)  # semitones that a glide is still off
        self._slide_keep = math.exp(-QUANTUM / (rate * glide_s / 5)) if glide_s else 0.0
        self._last_key: dict[int, int] = {}
        self._serial = 0
        self._fading = False

    def start(self, frame: int, channel: int, key: int, velocity: int) -> None:
        """A note begins. The same key struck again releases the one before."""
        self._release(frame, self._which(channel, key))
        if np.count_nonzero(self.rows.fade[: self.rows.count] == NEVER) >= self.voices:
            self._fade(self._victim(), frame)
        if self.rows.count == self.rows.capacity:
            # So many within 3 ms: the one that is nearest to its end goes at once.
            self._remove(int(self.rows.fade.argmin()))
        rows, row = self.rows, self.rows.count
        rows.changed = True
        rows.count += 1
        self._serial += 1
        rows.start[row], rows.release[row], rows.fade[row] = frame, NEVER, NEVER
        rows.channel[row], rows.key[row], rows.velocity[row] = channel, key, velocity / 127
        rows.serial[row] = self._serial & 0xFFFFFFFF
        self._held[row], self._quiet[row] = False, 0
        self._slide[row] = self._last_key.get(channel, key) - key if self._slide_keep else 0.0
        self._last_key[channel] = key
        for unit in self.units:
            unit.begin(row)

    def key_up(self, frame: int, channel: int, key: int, pedal: bool) -> None:
        """A key comes up: its note is released, or held by the pedal."""
        which = self._which(channel, key)
        if pedal:
            self._held[: self.rows.count] |= which
        else:
            self._release(frame, which)

    def keys_up(self, frame: int, channel: int, pedal: bool) -> None:
        """All keys of a channel come up."""
        for key in set(self.rows.key[: self.rows.count].tolist()):
            self.key_up(frame, channel, key, pedal)

    def pedal_up(self, frame: int, channel: int) -> None:
        """What only the pedal held is released."""
        count = self.rows.count
        self._release(frame, self._held[:count] & (self.rows.channel[:count] == channel))

    def fade(self, frame: int, channel: int | None = None) -> None:
        """Everything, or all of a channel, fades out within 3 ms."""
        count = self.rows.count
        which = self.rows.fade[:count] == NEVER
        if channel is not None:
            which &= self.rows.channel[:count] == channel
        self._fade(which, frame)

    @property
    def slide(self) -> bool:
        """Whether the patch glides."""
        return self._slide_keep > 0

    def slides(self) -> NDArray[np.float64]:
        """The semitones that each row is off its key in this quantum; a glide gets nearer by a part of it each time."""
        now = self._slide[: self.rows.count].copy()
        if self._slide_keep:
            self._slide[: self.rows.count] *= self._slide_keep
        return now

    def fades(self) -> Frames | None:
        """The gains of what fades out: in each row and frame; None where nothing does."""
        if not self._fading:
            return None
        rows = self.rows
        fade = rows.fade[: rows.count, None]
        left = 1 - (rows.frame + _COUNT - fade) / self._fade_frames
        return np.clip(left, 0, 1).astype(np.float32)

    def end(self, left: Frames, right: Frames) -> None:
        """The quantum's end: voices that are over leave."""
        rows, count = self.rows, self.rows.count
        over = np.zeros(count, np.bool_)
        if self._fading:
            over |= rows.fade[:count] + self._fade_frames <= rows.frame + QUANTUM
            self._fading = bool((~over & (rows.fade[:count] < NEVER)).any())
        elif rows.frame % LISTEN:
            return
        if rows.frame % LISTEN == 0:
            over |= self._silent(left, right)
        for row in over.nonzero()[0][::-1].tolist():
            self._remove(row)

    def _silent(self, left: Frames, right: Frames) -> NDArray[np.bool_]:
        peaks = np.abs(left).max(axis=1)
        if right is not left:
            peaks = np.maximum(peaks, np.abs(right).max(axis=1))
        rows, count = self.rows, self.rows.count
        quiet = self._quiet[:count]
        quiet += LISTEN
        quiet[peaks > QUIET] = 0
        enough = np.where(rows.release[:count] < NEVER, RELEASED_QUIET_S, HELD_QUIET_S) * rows.rate
        return np.asarray(quiet > enough)

    def _fade(self, which: int | NDArray[np.bool_], frame: int) -> None:
        self.rows.fade[: self.rows.count][which] = frame
        self.rows.changed = self._fading = True

    def _which(self, channel: int, key: int) -> NDArray[np.bool_]:
        """The rows in which a key of a channel is down or held."""
        rows, count = self.rows, self.rows.count
        down = (rows.channel[:count] == channel) & (rows.key[:count] == key)
        return np.asarray(down & (rows.release[:count] == NEVER))

    def _release(self, frame: int, which: NDArray[np.bool_]) -> None:
        if not which.any():
            return
        self.rows.release[: self.rows.count][which] = frame
        self._held[: self.rows.count][which] = False
        self.rows.changed = True

    def _victim(self) -> int:
        """Who is stolen: the one that was released first, else the one that was struck first."""
        rows, count = self.rows, self.rows.count
        living = rows.fade[:count] == NEVER
        released = living & (rows.release[:count] < NEVER)
        if released.any():
            return int(np.where(released, rows.release[:count], NEVER).argmin())
        return int(np.where(living, rows.serial[:count, 0].astype(np.int64), NEVER).argmin())

    def _remove(self, row: int) -> None:
        """The last row moves into the place of one that leaves."""
        last = self.rows.count - 1
        if row != last:
            for array in (*self.rows.arrays(), self._held, self._quiet, self._slide):
                array[row] = array[last]
            for unit in self.units:
                unit.move(last, row)
        self.rows.count = last
        self.rows.changed = True
