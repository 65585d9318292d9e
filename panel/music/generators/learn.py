"""Learn: it plays as it heard somebody play, each voice on each step as often, as hard and as early or late.

It must never fit anything to what it heard: the odds are counts, and each strike begins as one that was heard.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

from panel.music.chance import below, happens
from panel.music.generators.beat import Bar, Dial, Generator, Grid, Strike, Values, grid_of, rows_of
from panel.music.generators.listening import Struck, bar_of, keep_louder, placed, places_of
from panel.music.pattern import (
    MAX_BARS,
    MAX_CELLS,
    MAX_CHARACTERS,
    MAX_LATE_TICKS,
    REST,
    ROLES,
    ROW_CHARACTERS,
    VELOCITY,
    Cell,
    Pattern,
    Row,
    step_tick,
)

FAMILY = "style"  # of a pattern that says how somebody plays
TRADES = (0, 1, 2, 4, 8)  # bars, by what the dial "trade" stands at

DIALS = (
    Dial("vary", 0, 100, 0, 5, "%", about="hits drop out, move by a step or come twice, 0 none, 100 three of four"),
    Dial("density", 0, 200, 100, 5, "%", about="how many strikes, 100 as many as heard"),
    Dial("feel", 0, 100, 100, 5, "%", about="how loud, early and late each is, 100 as heard, 0 even and on the grid"),
    Dial("trade", 0, len(TRADES) - 1, 0, words=("goes on", "1 bar", "2 bars", "4 bars", "8 bars"),
         about="how many bars you, then the box; a file has none of it"),
)  # fmt: skip

# What becomes of a hit that is varied, the steps that it is struck on counted from its own; as many come as go.
_FATES: tuple[tuple[int, ...], ...] = ((), (), (-1,), (1,), (-1, 0), (0, 1))
_FATES_OF = 8  # as likely at most, all told: at 100 % two of eight hits are left as they were


class Habit(NamedTuple):
    """What was heard of a role: its mean velocity, and for each step all that was struck there, in order."""

    velocity: int
    steps: tuple[tuple[Strike, ...], ...]


class Manner(NamedTuple):
    """How somebody plays: what was heard in so many bars of a grid, by role."""

    grid: Grid
    bars: int
    habits: Mapping[str, Habit]


def manner_of_bars(bars: Sequence[Bar], grid: Grid) -> Manner:
    """What was heard in these bars, one after the other; roles that were silent are left out."""
    roles = sorted({role for bar in bars for role, strikes in bar.strikes.items() if strikes}, key=ROLES.index)
    return Manner(grid, len(bars), {role: _habit([bar.strikes.get(role, ()) for bar in bars], grid) for role in roles})


def _habit(bars: Sequence[Sequence[Strike]], grid: Grid) -> Habit:
    steps: list[list[Strike]] = [[] for _ in range(grid.steps)]
    for strike in chain.from_iterable(bars):
        steps[strike.step].append(strike)
    velocities = [strike.velocity for strike in chain.from_iterable(bars)]
    return Habit(_halves_up(sum(velocities), len(velocities)), tuple(map(tuple, steps)))


def next_bar(memory: Manner | None, grid: Grid, values: Values, seed: int, number: int) -> tuple[Manner | None, Bar]:
    """A bar in that manner, which stays as it is; an empty one where nothing was heard."""
    if memory is None:
        return None, Bar({})
    strikes = {role: _strikes(memory, role, grid, values, (seed, number)) for role in memory.habits}
    return memory, Bar({role: struck for role, struck in strikes.items() if struck})


LEARN = Generator("learn", DIALS, next_bar)


def _strikes(manner: Manner, role: str, grid: Grid, values: Values, which: tuple[int, int]) -> tuple[Strike, ...]:
    """A role's strikes of a bar; each hit is drawn for itself, so that what comes at some density comes at a higher."""
    habit, found = manner.habits[role], dict[int, Strike]()
    for step, heard in _heard_on(habit.steps, manner.grid, grid):
        if happens(len(heard) * values["density"], manner.bars * 100, *which, role, step):
            hit = heard[below(len(heard), *which, role, step, "how")]
            for at in _places_of_hit(step, grid.steps, values["vary"], (*which, role, step, "vary")):
                if at not in found or found[at].velocity < hit.velocity:
                    found[at] = hit._replace(step=at)
    return tuple(_felt(found[step], habit.velocity, values["feel"]) for step in sorted(found))


def _heard_on(
    steps: tuple[tuple[Strike, ...], ...], manner: Grid, grid: Grid
) -> Iterator[tuple[int, tuple[Strike, ...]]]:
    """What was heard on each step of a grid, the steps of the manner going round from the one.

    Steps of another length are no places of theirs: each goes to the first that is not before it. So the eighths of a
    straight hand become those of a shuffle.
    """
    before = -1
    for step in range(grid.steps):
        at = step * grid.step_ticks // manner.step_ticks
        if at != before and steps[at % len(steps)]:
            yield step, steps[at % len(steps)]
        before = at


def _places_of_hit(step: int, steps: int, vary: int, question: tuple[int | str, ...]) -> tuple[int, ...]:
    """The steps that a hit is struck on; one that would leave the bar stays where it is."""
    fate = below(100 * _FATES_OF, *question) // vary if vary else len(_FATES)
    moves = _FATES[fate] if fate < len(_FATES) else (0,)
    return tuple(step + move if 0 <= step + move < steps else step for move in moves)


def _felt(strike: Strike, velocity: int, feel: int) -> Strike:
    """A strike between the grid at a role's mean velocity, at a feel of 0, and as it was heard, at 100."""
    louder = _halves_up((strike.velocity - velocity) * feel, 100)
    return strike._replace(velocity=velocity + louder, late=_halves_up(strike.late * feel, 100))


def _halves_up(amount: int, of: int) -> int:
    return (2 * amount + of) // (2 * of)


# A style is stored as a pattern: the bars that were heard, as they were played.


def style_pattern(bars: Sequence[Bar], frame: Pattern, grid: Grid, name: str) -> Pattern:
    """The last bars heard, as many as a pattern has that the engine takes, in the frame's tempo and swing; without rows
    where nothing was struck."""
    most = min(len(bars), MAX_BARS, MAX_CELLS // grid.steps)
    found = (joined(bars[-count:], frame, grid, name) for count in range(most, 0, -1))
    short = next(pattern for pattern in found if pattern.bars == 1 or _characters(pattern) <= MAX_CHARACTERS)
    return short._replace(about="", family=FAMILY)


def _characters(pattern: Pattern) -> int:
    """About what its rows take in the engine's message."""
    return sum(ROW_CHARACTERS + len(row.cells) + sum(len(f"{said}") for said in row[4:]) for row in pattern.groove)


def joined(bars: Sequence[Bar], frame: Pattern, grid: Grid, name: str) -> Pattern:
    """Bars, at least one, as one pattern in the frame's meter, tempo and swing."""
    rows = [{row.role: row.each_cell() for row in rows_of(bar, grid)} for bar in bars]
    roles = sorted({role for bar in rows for role in bar}, key=ROLES.index)
    rest = [Cell(REST)] * grid.steps
    groove = tuple(Row(role, "").with_cells(chain.from_iterable(bar.get(role, rest) for bar in rows)) for role in roles)
    return frame._replace(name=name, meter=grid.meter, groove=groove, fill=(), bars=len(bars))


def manner_of(pattern: Pattern, grid: Grid | None = None) -> Manner:
    """What was heard, if a pattern is that: its groove, bar by bar, on that grid or on its own."""
    grid = grid or grid_of(pattern)
    return manner_of_bars(bars_of_pattern(pattern, grid), grid)


def bars_of_pattern(pattern: Pattern, grid: Grid) -> tuple[Bar, ...]:
    """The strikes of a pattern; what lies between the steps of the grid is early or late for the nearest, and of two
    on one the louder stays."""
    bars = -(-pattern.length_ticks // grid.meter.bar_ticks)
    found: list[Struck] = [{} for _ in range(bars)]
    for row in pattern.groove:
        for bar, strike in _struck(row, pattern, grid):
            keep_louder(found[bar % bars], row.role, strike)
    return tuple(map(bar_of, found))


def _struck(row: Row, pattern: Pattern, grid: Grid) -> Iterator[tuple[int, Strike]]:
    """Each stroke of a row, with its bar. A row that is not swung is late for steps that are."""
    places = places_of(grid, pattern if row.own_grid else None)
    for index, cell in enumerate(row.each_cell()):
        if cell.strength != REST:
            at = placed(step_tick(index, len(row.cells), pattern.length_ticks), places)
            late = max(-MAX_LATE_TICKS, min(MAX_LATE_TICKS, at.late + cell.late))
            yield at.bars_on, Strike(at.step, cell.velocity or VELOCITY[cell.strength], late, cell.note)
