"""What all generators share: their dials, the grid of a bar, and how the strikes of a bar become a Pattern.

It must never know one of them, nor make a bar longer or shorter than its meter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from panel.music.meter import Meter
from panel.music.pattern import (
    AS_VOICED,
    MAX_LATE_TICKS,
    MAX_VELOCITY,
    REST,
    STRAIGHT,
    Cell,
    Pattern,
    Row,
    strength_of,
)
from panel.music.tempo import TICKS_PER_QUARTER, TICKS_PER_SIXTEENTH, TICKS_PER_WHOLE

VOICES = ("kick", "snare", "hat", "cowbell")  # the roles that are generated, as the screen has them from below
MAX_SEED = 9999

_TRIPLETS = (TICKS_PER_WHOLE // 12, TICKS_PER_WHOLE // 24)


class Dial(NamedTuple):
    """Something that the encoder turns, from `low` to `high` by `step`. Where `each_voice` holds a default for each of
    VOICES, every one has its own. `words` name the values from `low` on; `about` is a line of what it does."""

    name: str
    low: int
    high: int
    default: int
    step: int = 1
    unit: str = ""
    words: tuple[str, ...] = ()
    each_voice: tuple[int, ...] = ()
    about: str = ""

    def key(self, voice: str) -> str:
        """What it is called among the values: "chaos", or where every voice has its own, "density kick"."""
        return f"{self.name} {voice}" if self.each_voice else self.name

    @property
    def keys(self) -> tuple[str, ...]:
        """All of that."""
        return tuple(self.key(voice) for voice in VOICES) if self.each_voice else (self.name,)

    @property
    def defaults(self) -> dict[str, int]:
        """What it stands at before it is turned, by key."""
        return dict(zip(self.keys, self.each_voice or (self.default,), strict=True))

    def turned(self, value: int, steps: int) -> int:
        """The value `steps` detents on, held at the ends."""
        return max(self.low, min(self.high, value + steps * self.step))

    def shown(self, value: int) -> str:
        """The value as a screen has it."""
        named = 0 <= value - self.low < len(self.words)
        return self.words[value - self.low] if named else f"{value}{self.unit}"


Values = Mapping[str, int]  # what the dials stand at, by Dial.key


class Strike(NamedTuple):
    """A stroke of a voice on step `step` of the bar; the rest as in Cell, the velocity from 1 to 127."""

    step: int
    velocity: int
    late: int = 0
    note: int = AS_VOICED

    @property
    def cell(self) -> Cell:
        """As a chart has it; its character is the nearest."""
        velocity = max(1, min(MAX_VELOCITY, self.velocity))
        return Cell(strength_of(velocity), velocity, max(-MAX_LATE_TICKS, min(MAX_LATE_TICKS, self.late)), self.note)


class Bar(NamedTuple):
    """What a generator made: strikes by role, at most one on a step; and the swing, STRAIGHT for the pattern's own."""

    strikes: Mapping[str, tuple[Strike, ...]]
    swing: int = STRAIGHT


class Grid(NamedTuple):
    """The steps of a bar: sixteenths, or triplets."""

    meter: Meter
    step_ticks: int

    @property
    def steps(self) -> int:
        """How many a bar has."""
        return self.meter.bar_ticks // self.step_ticks

    def level_of(self, step: int) -> str:
        """One of LEVELS: what a step falls on."""
        return self.meter.level_of(step * self.step_ticks)

    @property
    def beats(self) -> tuple[tuple[int, int], ...]:
        """The first step of each beat, and the one before which it ends: groups, where the meter has groups of more
        than one unit, else quarters."""
        meter = self.meter
        starts = meter.group_starts if max(meter.groups) > 1 else tuple(range(0, meter.bar_ticks, TICKS_PER_QUARTER))
        first = [start // self.step_ticks for start in starts]
        return tuple(zip(first, (*first[1:], self.steps), strict=True))


class Generator(NamedTuple):
    """A way to make bars. `dials` are at most five, the choice of a voice among them where they have `each_voice`.

    `next_bar(memory, grid, values, seed, number)` makes bar `number` (from 0 on since it began) and answers it with the
    memory that the next bar is to be made with; the first is made with None. It is pure, and takes less than a
    millisecond.
    """

    name: str
    dials: tuple[Dial, ...]
    next_bar: Callable[[Any, Grid, Values, int, int], tuple[Any, Bar]]

    @property
    def by_key(self) -> dict[str, Dial]:
        """Its dials by each of their keys."""
        return {key: dial for dial in self.dials for key in dial.keys}

    @property
    def has_voices(self) -> bool:
        """Whether each voice has dials of its own."""
        return any(dial.each_voice for dial in self.dials)

    @property
    def defaults(self) -> dict[str, int]:
        """What all its dials stand at before they are turned."""
        return {key: value for dial in self.dials for key, value in dial.defaults.items()}


def grid_of(pattern: Pattern) -> Grid:
    """The steps that a generator fills beside a pattern: triplets where its chart is in triplets, else sixteenths."""
    counts = {len(row.cells) for row in pattern.groove if not row.own_grid}
    for ticks in _TRIPLETS:
        starts = (pattern.meter.bar_ticks, *pattern.meter.group_starts)
        if counts == {pattern.length_ticks // ticks} and not any(start % ticks for start in starts):
            return Grid(pattern.meter, ticks)
    return Grid(pattern.meter, TICKS_PER_SIXTEENTH)


def fitted(bar: Bar, own: Grid, grid: Grid) -> Bar:
    """A bar of a grid on another: it goes round from the one. Strikes on steps of another length go to the first step
    that is not before theirs."""
    ticks = own.step_ticks
    starts = [-(-step * ticks // grid.step_ticks) for step in range(-(-grid.meter.bar_ticks // ticks))]
    strikes: dict[str, tuple[Strike, ...]] = {}
    for role, struck in bar.strikes.items():
        at = {strike.step: strike for strike in struck}
        laid = {start: at[step % own.steps] for step, start in enumerate(starts) if step % own.steps in at}
        strikes[role] = tuple(laid[start]._replace(step=start) for start in sorted(laid) if start < grid.steps)
    return bar._replace(strikes=strikes)


def rows_of(bar: Bar, grid: Grid) -> tuple[Row, ...]:
    """The strikes as rows of a chart, those of the silent roles left out."""
    return tuple(_row(role, strikes, grid.steps) for role, strikes in bar.strikes.items() if strikes)


def _row(role: str, strikes: Iterable[Strike], steps: int) -> Row:
    cells = [Cell(REST)] * steps
    for strike in strikes:
        cells[strike.step] = strike.cell
    return Row(role, "").with_cells(cells)


def bar_of_rows(pattern: Pattern, rows: tuple[Row, ...], number: int) -> tuple[Row, ...]:
    """Bar `number`, round and round, of the rows of a pattern: what each has in that bar alone.

    A row whose cells don't come out even with the bars (7 over 2) has them all in each bar, most of them rests there.
    """
    return tuple(_cut(row, pattern.bars, number % pattern.bars) for row in rows)


def _cut(row: Row, bars: int, bar: int) -> Row:
    cells, count = row.each_cell(), len(row.cells)
    if count % bars == 0:
        return row.with_cells(cells[bar * count // bars : (bar + 1) * count // bars])
    # Cell i lies at i * bars / count bars, which is cell i * bars - bar * count of `count` in this bar.
    within = {i * bars - bar * count: cell for i, cell in enumerate(cells)}
    return row.with_cells(within.get(at, Cell(REST)) for at in range(count))._replace(own_grid=True)


def pattern_of(bar: Bar, frame: Pattern, grid: Grid, name: str, kept: tuple[Row, ...] = ()) -> Pattern:
    """A bar as a pattern of one bar in the frame's meter; `kept` are rows that sound as they are, not as made.

    A frame that swings keeps its swing; else the bar's is taken, which moves none of the rows that are kept.
    """
    roles = {row.role for row in kept}
    kept = tuple(_on_steps(row, grid.steps) for row in kept)
    made = tuple(row for row in rows_of(bar, grid) if row.role not in roles)
    if bar.swing != STRAIGHT == frame.swing:
        frame = frame._replace(swing=bar.swing, swing_ticks=grid.step_ticks)
        kept = tuple(row._replace(own_grid=True) for row in kept)
    return frame._replace(name=name, groove=(*kept, *made), fill=(), bars=1, about="", family="")


def _on_steps(row: Row, steps: int) -> Row:
    """A row on so many steps, or where it does not fit them on a grid of its own: it sounds the same."""
    if row.own_grid or len(row.cells) == steps:
        return row
    return row._replace(own_grid=True) if steps % len(row.cells) else spread(row, steps)


def spread(row: Row, count: int) -> Row:
    """A row on so many cells, a multiple of its own: it sounds the same."""
    rests = [Cell(REST)] * (count // len(row.cells) - 1)
    return row.with_cells(each for cell in row.each_cell() for each in (cell, *rests))
