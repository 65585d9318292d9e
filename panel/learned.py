"""What the box has heard of the drummer's playing, and whose turn it is where the two trade bars.

It must never answer with more than it heard, nor count a bar as heard before it is over, but for the one it answers.
"""

from __future__ import annotations

from typing import NamedTuple

from panel.music.generators.beat import Bar, Grid, fitted
from panel.music.generators.learn import Manner, manner_of_bars
from panel.music.generators.listening import MEMORY_BARS, Listening
from panel.music.pattern import MAX_BARS, Pattern


class Turn(NamedTuple):
    """Whose bars these are: bar `bar` of `bars` (from 1), the drummer's where `is_yours`."""

    is_yours: bool
    bar: int
    bars: int


class Learned:
    """What was heard, by bars of the run. All calls from one thread."""

    def __init__(self) -> None:
        self._grid: Grid | None = None
        self._frame: Pattern | None = None
        self._listening: Listening | None = None

    def attend(self, grid: Grid, frame: Pattern) -> None:
        """Listen to what is played to that pattern; what was heard on another grid is forgotten."""
        if (grid, frame) != (self._grid, self._frame):
            heard = self._listening.heard if self._listening and grid == self._grid else {}
            self._listening = Listening.to(grid, frame)._replace(heard=heard)
            self._grid, self._frame = grid, frame

    def forget(self) -> None:
        """Another run has begun: its bars are numbered anew."""
        self._grid = self._frame = self._listening = None

    def hear(self, bar: int, tick: int, role: str, velocity: int) -> None:
        """A hit, so many ticks into that bar."""
        if self._listening:
            self._listening = self._listening.hear(bar, tick, role, velocity)

    def bar(self, bar: int, grid: Grid) -> Bar:
        """What was played in a bar so far, as far as it is on the steps of that grid."""
        found = self._listening.bars(bar, bar) if self._listening else ()
        return fitted(found[0], self._grid, grid) if found and self._grid else Bar({})

    def played(self, before: int) -> tuple[Bar, ...]:
        """The last bars before that one in which something was played, as many as a pattern has at most."""
        if self._listening is None:
            return ()
        heard = self._listening.bars(before - MEMORY_BARS, before - 1)
        return tuple(bar for bar in heard if any(bar.strikes.values()))[-MAX_BARS:]

    def groove(self, before: int) -> Manner | None:
        """The manner of those bars; None where nothing was played."""
        bars = self.played(before)
        return manner_of_bars(bars, self._grid) if bars and self._grid else None

    def question(self, bar: int, turn: Turn) -> Manner | None:
        """The manner of the drummer's turn that bar `bar`, in the box's own turn, answers."""
        if self._listening is None or self._grid is None:
            return None
        last = bar - turn.bar
        return manner_of_bars(self._listening.bars(last - turn.bars + 1, last), self._grid)


def turn_of(bar: int, bars: int) -> Turn:
    """Whose turn bar `bar` of the run is (the first is 1), where so many bars are traded: the drummer begins."""
    at = (bar - 1) % (2 * bars)
    return Turn(at < bars, at % bars + 1, bars)
