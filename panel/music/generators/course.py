"""The course of a generator: bar after bar, the good one held, and the way back to those that were heard.

It must never make a bar of anything but the one before it, the dials, the seed and its number.
"""

from __future__ import annotations

from collections import deque
from typing import Any, NamedTuple

from panel.music.generators.beat import Bar, Generator, Grid, Values, fitted

PAST = 64  # bars that can be gone back to


class Made(NamedTuple):
    """A bar on the grid it was made for, its number from 0 on, and the memory that the one behind it is to be made
    with."""

    number: int
    memory: Any
    bar: Bar
    grid: Grid

    def on(self, grid: Grid) -> Made:
        """The same on another grid: it goes round from the one, as far as the bar there goes."""
        return self if grid == self.grid else self._replace(bar=fitted(self.bar, self.grid, grid), grid=grid)


class Course:
    """What a generator has made, and what comes. `held` is the bar that goes on and on, None where bars follow one
    another; `back` is how many bars before the last one that was heard it lies."""

    def __init__(self, generator: Generator, seed: int) -> None:
        self.generator, self.seed = generator, seed
        self.held: Made | None = None
        self.back = 0
        self._past: deque[Made] = deque(maxlen=PAST)
        self._coming: Made | None = None

    @property
    def heard(self) -> int:
        """How many bars can be gone back to."""
        return len(self._past)

    def coming(self, grid: Grid, values: Values, memory: Any = None) -> Made:
        """The bar to be heard next: the one that is held, or one made anew with these dials; there `memory` takes the
        place of what was remembered."""
        if self.held:
            self._coming = self.held.on(grid)
            return self._coming
        last = self._past[-1] if self._past else None
        number, memory = (last.number + 1, memory or last.memory) if last else (0, memory)
        made, bar = self.generator.next_bar(memory, grid, values, self.seed, number)
        self._coming = Made(number, made, bar, grid)
        return self._coming

    def begun(self) -> None:
        """The bar that was to come is heard now."""
        if self._coming and not self.held:
            self._past.append(self._coming)

    def hold(self, back: int = 0) -> None:
        """Stay with the bar that is heard, or with one heard `back` bars before it, as far as there are any."""
        if self._past:
            self.back = max(0, min(len(self._past) - 1, back))
            self.held = self._past[-1 - self.back]

    def go_on(self) -> None:
        """Go on from the bar that is held."""
        if self.held and self.back:
            self._past.append(self.held)
        self.held, self.back = None, 0
