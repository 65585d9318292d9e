"""The voices of the sampler as rows of arrays: which samples sound, from which frame on, how loud, and which fade out.

It must never make an array once it is built, nor do anything that is not a function of the frame.
"""

from __future__ import annotations

import numpy as np

from panel.sound.kit import Pool, Sample
from panel.sound.mixing import Columns, Numbers, Room, Rows
from panel.sound.quantum import QUANTUM, Frames

# Numbers as arrays, lest numpy make one of them each time.
_NEVER = np.array(1 << 62)  # a frame that does not come
_ONE, _NOTHING, _QUANTUM = np.array(1), np.array(0), np.array(QUANTUM)
_SILENT, _LOUDEST = np.zeros((), np.float32), np.array(np.inf, np.float32)

_STRIDE = 8  # rows are mixed by so many at once, silent ones too


class Voices:
    """So many voices sound at a time, and as many again fade out; `pools` hold their samples, by number.

    A row reads its pool at `frame + origin`, but never beyond `rest`, which is silence; so is what lies before its
    sample. That is why nothing has to happen at its first frame, nor at its last:

        pool    ...0000[sample of 100 frames]000000...
        frame         begin              end = begin + 100: the row is free

    Frames never go down. Only the audio thread calls.
    """

    def __init__(self, voices: int, fade_frames: int, pools: int) -> None:
        rows = -(-2 * voices // _STRIDE) * _STRIDE
        self.voices = voices
        self.pools: list[Pool | None] = [None] * pools
        self.pool_until = [0] * pools  # none of its rows sounds from that frame on
        self.until = 0  # nor any from this one
        self._held = 0  # pools
        self._fade_frames, self._fading_until = fade_frames, 0
        self._begun = 0  # rows, ever
        self._begin, self._end, self._origin, self._rest, self._order, self._group = np.zeros((6, rows), np.int64)
        self._fade = np.full(rows, _NEVER, np.int64)  # the frame from which on it fades
        self._gain = np.zeros(rows, np.float32)
        self._in_pool = np.zeros((pools, rows), np.int64)  # 1 for the pool that a row reads, else 0
        # Room for what is worked out and forgotten again.
        self._now = np.zeros((), np.int64)
        self._flags, self._more_flags = np.zeros((2, rows), np.bool_)
        self._flags_from_the_end = self._flags[::-1]
        self._numbers, self._more_numbers = np.zeros((2, rows), np.int64)
        self._group_now, self._least = np.zeros((), np.int64), np.zeros((), np.float32)
        self._peaks, self._levels = np.zeros((2, rows), np.float32)
        self._mix = np.zeros((QUANTUM, 2), np.float32)
        self._flat_mix = self._mix.reshape(-1)
        columns = Columns(self._origin, self._rest, self._fade, self._gain, self._in_pool)
        room = Room(rows, fade_frames)
        self._rows = [Rows(count, columns, room) for count in range(_STRIDE, rows + 1, _STRIDE)]

    def hold(self, number: int, pool: Pool) -> None:
        """Have a pool under a number that is free."""
        self.pools[number] = pool
        self._held += 1

    def drop(self, number: int) -> None:
        """Have a pool no more: its rows end, and its number is free."""
        np.equal(self._in_pool[number], _ONE, out=self._flags)
        np.copyto(self._end, _NOTHING, where=self._flags)
        np.copyto(self._gain, _SILENT, where=self._flags)
        self.pools[number] = None
        self.pool_until[number] = 0
        self._held -= 1

    def free_row(self, frame: int) -> int:
        """The first row that is silent from the quantum of a frame on; -1 where there is none."""
        np.less_equal(self._end, self._at(frame - frame % QUANTUM), out=self._flags)
        row = int(self._flags.argmax())
        return row if self._flags[row] else -1

    def begin(self, row: int, frame: int, pool: int, sample: Sample, gain: float, group: int) -> None:
        """Play a sample in a free row from a frame on; group 0 is none."""
        self._begun += 1
        self._begin[row], self._end[row], self._fade[row] = frame, frame + sample.frames, _NEVER
        self._origin[row], self._rest[row] = sample.start - frame, sample.start + sample.frames
        self._gain[row], self._group[row], self._order[row] = gain, group, self._begun
        self._in_pool[:, row] = 0
        self._in_pool[pool, row] = 1
        self.until = max(self.until, frame + sample.frames)
        self.pool_until[pool] = max(self.pool_until[pool], frame + sample.frames)

    def choke(self, frame: int, group: int) -> None:
        """Fade out the rows of a group."""
        self._group_now[()] = group
        np.equal(self._group, self._group_now, out=self._flags)
        if self._flags[self._flags.argmax()]:
            self._fade_flagged(frame)

    def silence(self, frame: int) -> None:
        """Fade out all rows."""
        self._flags.fill(True)
        self._fade_flagged(frame)

    def leave(self, frame: int, pool: int) -> None:
        """Fade out the rows that read a pool."""
        np.equal(self._in_pool[pool], _ONE, out=self._flags)
        self._fade_flagged(frame)

    def make_way(self, frame: int) -> None:
        """Fade out a row where all voices sound: the one of which the least is still to be heard, the oldest of such.

        How much that is: the peak of what is left of its sample, counted from its whole quantum, times its gain.
        """
        if not self._flag_sounding(frame):
            return
        self._measure(frame)
        np.copyto(self._peaks, _LOUDEST)
        np.copyto(self._peaks, self._levels, where=self._flags)
        self._least[()] = self._peaks[self._peaks.argmin()]
        np.equal(self._peaks, self._least, out=self._flags)
        np.copyto(self._numbers, _NEVER)
        np.copyto(self._numbers, self._order, where=self._flags)
        self._fade_row(int(self._numbers.argmin()), frame)

    def _flag_sounding(self, frame: int) -> bool:
        """Flag the rows that sound and do not fade; whether they are as many as there are voices."""
        np.greater(self._end, self._at(frame), out=self._flags)
        np.equal(self._fade, _NEVER, out=self._more_flags)
        np.logical_and(self._flags, self._more_flags, out=self._flags)
        return int(np.count_nonzero(self._flags)) >= self.voices

    def _measure(self, frame: int) -> None:
        """How much of each row is still to be heard, into `_levels`."""
        np.add(self._origin, self._at(frame), out=self._numbers)
        np.minimum(self._numbers, self._rest, out=self._numbers)
        np.floor_divide(self._numbers, _QUANTUM, out=self._numbers)
        self._levels.fill(0.0)
        for number, pool in enumerate(self.pools):
            if pool:
                np.multiply(self._numbers, self._in_pool[number], out=self._more_numbers)
                np.take(pool.tails, self._more_numbers, out=self._peaks, mode="clip")
                np.add(self._levels, self._peaks, out=self._levels)
        np.multiply(self._levels, self._gain, out=self._levels)

    def _fade_row(self, row: int, frame: int) -> None:
        """Have a row fade that sounds and does not yet; see `_fade_flagged`."""
        self._fade[row] = frame
        self._end[row] = min(int(self._end[row]), frame + self._fade_frames)
        if self._begin[row] == frame:
            self._end[row] = self._gain[row] = 0
        self._fading_until = frame + self._fade_frames

    def _fade_flagged(self, frame: int) -> None:
        """Have the flagged rows that sound and do not fade yet do so; one that begins in this frame is never heard."""
        flags, others = self._flags, self._more_flags
        np.equal(self._fade, _NEVER, out=others)
        np.logical_and(flags, others, out=flags)
        np.greater(self._end, self._at(frame), out=others)
        np.logical_and(flags, others, out=flags)
        if not flags[flags.argmax()]:
            return
        np.copyto(self._fade, self._now, where=flags)
        np.minimum(self._end, self._at(frame + self._fade_frames), out=self._numbers)
        np.copyto(self._end, self._numbers, where=flags)
        np.equal(self._begin, self._at(frame), out=others)
        np.logical_and(flags, others, out=flags)
        np.copyto(self._end, _NOTHING, where=flags)
        np.copyto(self._gain, _SILENT, where=flags)
        self._fading_until = frame + self._fade_frames
        self.until = int(self._end[self._end.argmax()])

    def _at(self, frame: int) -> Numbers:
        """A frame as an array, lest numpy make one of the number."""
        self._now[()] = frame
        return self._now

    def render(self, frame: int, out: Frames) -> None:
        """Add the sound of the quantum that begins at a frame to `out`."""
        now = self._at(frame)
        np.greater(self._end, now, out=self._flags)
        last = self._flags.size - 1 - int(self._flags_from_the_end.argmax())
        if not self._flags[last]:
            return
        rows = self._rows[last // _STRIDE]
        fading = frame < self._fading_until
        if fading:
            rows.shape_fades(now)
        elif self._fading_until:
            self._forget_faded()
        rows.go_to(now)
        for number, pool in enumerate(self.pools):
            if pool:
                rows.mix(pool.frames, number if self._held > 1 else -1, fading, self._flat_mix)
                np.add(out, self._mix, out=out)

    def _forget_faded(self) -> None:
        """What has faded is silent, also where nobody asks any more how far."""
        np.not_equal(self._fade, _NEVER, out=self._flags)
        np.copyto(self._gain, _SILENT, where=self._flags)
        self._fading_until = 0
