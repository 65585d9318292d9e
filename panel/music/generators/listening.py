"""What was played, as strikes on the grid of its bars: each on the nearest step, its lateness the rest.

It must never look at a clock, nor drop a bar in which nothing was played: silence is heard too.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from panel.music.generators.beat import Bar, Grid, Strike
from panel.music.pattern import MAX_LATE_TICKS, MAX_VELOCITY, ROLES, Pattern

MEMORY_BARS = 64  # the last ones; what was played before them is forgotten

Hit = tuple[int, str, int]  # the tick from the bar's start, the role, the velocity
Struck = dict[tuple[str, int], Strike]  # by role and step


class Placed(NamedTuple):
    """Where a hit belongs: so many bars on (-1 the one before), its step there, and how late it was for it."""

    bars_on: int
    step: int
    late: int


def places_of(grid: Grid, frame: Pattern | None = None) -> tuple[int, ...]:
    """The tick of each step of a bar, and of the bar line behind them; where a pattern swings, so do they."""
    straight = range(0, grid.meter.bar_ticks + 1, grid.step_ticks)
    if frame is None or frame.meter != grid.meter:
        return tuple(straight)
    return *(frame.swung(tick) for tick in straight[:-1]), straight[-1]


def placed(tick: int, places: tuple[int, ...]) -> Placed:
    """The step that is nearest to a tick, the later one in the middle.

    A hit in the last half step of a bar is early for the one of the next. What is further from its step than
    MAX_LATE_TICKS, as it may be on triplets, is taken for so early or late.
    """
    bars_on, tick = divmod(tick, places[-1])
    at = bisect_left(places, tick)
    at -= at > 0 and tick - places[at - 1] < places[at] - tick
    late = max(-MAX_LATE_TICKS, min(MAX_LATE_TICKS, tick - places[at]))
    return Placed(bars_on + 1, 0, late) if at == len(places) - 1 else Placed(bars_on, at, late)


def bars_of(hits: Iterable[Hit], bars: int, grid: Grid, frame: Pattern | None = None) -> tuple[Bar, ...]:
    """The strikes of so many bars, the ticks counted from the first; what belongs to a bar beside them is left out."""
    places = places_of(grid, frame)
    heard: list[Struck] = [{} for _ in range(bars)]
    for tick, role, velocity in hits:
        at = placed(tick, places)
        if 0 <= at.bars_on < bars:
            keep_louder(heard[at.bars_on], role, _strike(at, velocity))
    return tuple(map(bar_of, heard))


def _strike(at: Placed, velocity: int) -> Strike:
    return Strike(at.step, max(1, min(MAX_VELOCITY, velocity)), at.late)


def keep_louder(heard: Struck, role: str, strike: Strike) -> None:
    """Of two strikes of a role on one step, the first of two as loud."""
    key = role, strike.step
    if key not in heard or heard[key].velocity < strike.velocity:
        heard[key] = strike


class Listening(NamedTuple):
    """What was heard in the last MEMORY_BARS bars, by the number of the bar; `places` are places_of its grid."""

    grid: Grid
    places: tuple[int, ...]
    heard: Mapping[int, Struck] = {}

    @classmethod
    def to(cls, grid: Grid, frame: Pattern | None = None) -> Listening:
        """Nothing heard yet of what is played to a pattern, swung as that is, or to straight steps."""
        return cls(grid, places_of(grid, frame))

    def hear(self, bar_number: int, tick: int, role: str, velocity: int) -> Listening:
        """With a hit more, `tick` from the start of that bar; of two on one step the louder stays.

        Raises ValueError for a role that is none.
        """
        if role not in ROLES:
            raise ValueError(f"there is no role {role!r}")
        at = placed(tick, self.places)
        number = bar_number + at.bars_on
        bar = dict(self.heard.get(number, {}))
        keep_louder(bar, role, _strike(at, velocity))
        heard, newest = {**self.heard, number: bar}, max((*self.heard, number))
        return self._replace(heard={each: heard[each] for each in heard if each > newest - MEMORY_BARS})

    def bars(self, first: int, last: int) -> tuple[Bar, ...]:
        """What was heard in bars `first` to `last`, those that are forgotten left out."""
        remembered = max((*self.heard, last)) - MEMORY_BARS + 1
        return tuple(bar_of(self.heard.get(number, {})) for number in range(max(first, remembered), last + 1))


def bar_of(heard: Struck) -> Bar:
    """A bar of these strikes."""
    roles = sorted({role for role, _ in heard}, key=ROLES.index)
    return Bar({role: tuple(heard[at, step] for at, step in sorted(heard) if at == role) for role in roles})
