"""The rows in which a patch's voices sound, and the units (oscillators, filters, ...) that keep their state in them.

It must never know MIDI: who plays, what is stolen and what is over is the synth's affair.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np
from numpy.typing import NDArray

from panel.sound.knob import Param
from panel.sound.quantum import QUANTUM, Frames

NEVER = 1 << 62  # a frame that does not come
MOST_PARAMS = 16

Signal = float | Param | NDArray[Any]  # what a unit takes: a number, a param, or an array that fits (voices, QUANTUM)


class PatchFault(ValueError):  # noqa: N818 - it is what the writer of the patch is told
    """What is wrong with how a patch uses something, in one line; the line of the file is found from the traceback."""


class Rows:
    """The voices that sound, one a row, packed without gaps: rows 0 to `count`. One quantum at a time.

    `start`, `release` and `fade` are absolute frames (NEVER: not yet). `fresh` and `let_go` say which rows start and
    are released within this quantum, and at which of its frames; `released` (voices, 1) which were before it. Whoever
    writes to the rows sets `changed`; `new` says that this quantum's rows are not as they were. One thread only.
    """

    def __init__(self, rate: int, capacity: int) -> None:
        self.rate, self.capacity = rate, capacity
        self.count, self.frame = 0, 0
        self.start = np.zeros(capacity, np.int64)
        self.release = np.full(capacity, NEVER, np.int64)
        self.fade = np.full(capacity, NEVER, np.int64)
        self.channel = np.zeros(capacity, np.int64)
        self.key = np.zeros(capacity, np.int64)
        self.serial = np.zeros((capacity, 1), np.uint32)
        self.velocity = np.zeros((capacity, 1), np.float32)
        self.fresh: list[tuple[int, int]] = []
        self.let_go: list[tuple[int, int]] = []
        self.released = np.zeros((0, 1), np.bool_)
        self.any_released = False
        self.changed = self.new = True

    def arrays(self) -> list[NDArray[Any]]:
        """All that moves when a row moves."""
        return [self.start, self.release, self.fade, self.channel, self.key, self.serial, self.velocity]

    def begin(self, frame: int) -> None:
        """A quantum begins: find what starts and what is released in it."""
        self.frame = frame
        self.new = self.changed or bool(self.fresh) or bool(self.let_go)
        if self.new:
            self.fresh = self._within(self.start)
            self.let_go = self._within(self.release)
            self.released = self.release[: self.count, None] < frame
            self.any_released = bool(self.released.any())
            self.changed = False

    def _within(self, at: NDArray[np.int64]) -> list[tuple[int, int]]:
        offsets = at[: self.count] - self.frame
        rows = ((offsets >= 0) & (offsets < QUANTUM)).nonzero()[0]
        return [(row, int(offsets[row])) for row in rows.tolist()]

    def mask(self, sound: NDArray[Any]) -> None:
        """Silence in place what lies before a row's first frame, so that a note's sound does not depend on the grid."""
        for row, offset in self.fresh:
            sound[row, ..., :offset] = 0.0


class Bench:
    """What a patch declares while its file is run."""

    def __init__(self) -> None:
        self.units: list[Unit] = []
        self.params: list[Param] = []


_bench: ContextVar[Bench | None] = ContextVar("bench", default=None)


@contextmanager
def bench() -> Iterator[Bench]:
    """Gather the units and params that are declared meanwhile in this thread."""
    gathered = Bench()
    token = _bench.set(gathered)
    try:
        yield gathered
    finally:
        _bench.reset(token)


def declared(param: Param) -> Param:
    """A param, noted on the bench. Raises PatchFault where no patch is being loaded, and for one too many."""
    now = _bench.get()
    if now is None:
        raise PatchFault("a param is declared at the top of a patch, not inside voice")
    if any(param.knob.name == other.knob.name for other in now.params):
        raise PatchFault(f"there are two params called '{param.knob.name}'")
    if len(now.params) == MOST_PARAMS:
        raise PatchFault(f"a patch has {MOST_PARAMS} params at most")
    now.params.append(param)
    return param


class Unit:
    """A part of a patch, declared at its top, with a state for every voice that is reset when the voice starts.

    `word` is what the patch calls it by.
    """

    def __init__(self, word: str) -> None:
        self.word = word
        self._rows: Rows | None = None
        self._states: list[tuple[NDArray[Any], Any]] = []
        self._asked = -1
        now = _bench.get()
        if now is not None:
            now.units.append(self)

    def prepare(self, rows: Rows) -> None:
        """Take the rows and make the state for them, once, before the first quantum."""
        self._rows = rows

    def state(self, *shape: int, dtype: Any = np.float32, initial: Any = 0) -> NDArray[Any]:
        """An array of (capacity, *shape) that moves with the rows and is `initial` when a voice starts."""
        array = np.full((self.rows.capacity, *shape), initial, dtype)
        self._states.append((array, initial))
        return array

    @property
    def rows(self) -> Rows:
        """The rows. Raises PatchFault for a unit that was made too late to have any."""
        if self._rows is None:
            raise PatchFault(f"{self.word}() is declared at the top of the patch, not inside voice")
        return self._rows

    def begin(self, row: int) -> None:
        """A voice starts in a row."""
        for array, initial in self._states:
            array[row] = initial

    def move(self, source: int, to: int) -> None:
        """A voice changes its row."""
        for array, _ in self._states:
            array[to] = array[source]

    def once(self) -> Rows:
        """The rows, for a unit that may be asked once a quantum. Raises PatchFault for the second time."""
        rows = self.rows
        if self._asked == rows.frame:
            raise PatchFault(f"this {self.word}() is used twice in voice: its state is for one, declare a second one")
        self._asked = rows.frame
        return rows


class Memory(Unit):
    """A state of the patch's own for each voice: `memory[:]` is an array of (voices, 1) to read and to write."""

    def __init__(self, initial: float = 0.0) -> None:
        super().__init__("memory")
        self._initial = float(initial)

    def prepare(self, rows: Rows) -> None:
        super().prepare(rows)
        self._value = self.state(1, initial=self._initial)

    def __getitem__(self, at: Any) -> Frames:
        return np.asarray(self._value[: self.rows.count][at], np.float32)

    def __setitem__(self, at: Any, value: Any) -> None:
        self._value[: self.rows.count][at] = value


def read_only(array: NDArray[Any]) -> NDArray[Any]:
    """A view that raises where it is written to: what is given out twice must be the same twice."""
    view = array.view()
    view.flags.writeable = False
    return view


def signal(value: Signal) -> NDArray[Any]:
    """A number, param or array as an array of (voices or 1, frames or 1)."""
    if isinstance(value, Param):
        return value.now
    array = np.asarray(value)
    return array if array.ndim == 2 else array.reshape((1, -1) if array.ndim else (1, 1))
