"""A pattern: rows of strokes over one or more bars, as they stand in its chart.

It must never know notes, ports or loudness: a stroke is a role and a strength, a profile makes a sound of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import repeat
from typing import NamedTuple

from panel.music.meter import Meter
from panel.music.tempo import TICKS_PER_QUARTER, TICKS_PER_SIXTEENTH

ROLES = (
    "rim", "block", "hat", "cowbell", "kick", "snare", "clap", "openhat", "pedalhat", "ride", "bell", "crash",
    "lowtom", "tom", "hitom", "clave", "shaker", "tambourine", "agogo", "conga", "count",
)  # fmt: skip
COUNT = "count"

ACCENT, HIT, GHOST, REST = "Xxg."
CELLS = ACCENT + HIT + GHOST + REST

VELOCITY = {ACCENT: 127, HIT: 96, GHOST: 48}
# By velocity the strength whose own is nearest, the louder one in the middle.
_STRENGTHS = "".join(min(VELOCITY, key=lambda strength: abs(VELOCITY[strength] - loud)) for loud in range(128))

STRAIGHT = 50
MAX_SWING = 75
MAX_BARS = 16
MAX_CELLS = 1024
MAX_CHARACTERS = 6_500  # of all rows: the engine takes a chart in one message
ROW_CHARACTERS = 40  # of a row in that message, besides its cells
MAX_TEXT = 200  # characters of what is said about a pattern
MAX_VELOCITY = MAX_NOTE = 127
MAX_LATE_TICKS = TICKS_PER_SIXTEENTH // 2  # a stroke further from its step is on another
MIN_HOLD_TICKS = TICKS_PER_SIXTEENTH // 8  # of a note of a melody: 6 ms at the fastest tempo
AS_VOICED = -1  # a stroke on the note that its voice has


def strength_of(velocity: int) -> str:
    """The strength whose velocity is nearest to one of 0 to 127."""
    return _STRENGTHS[velocity]


class Cell(NamedTuple):
    """One character of a chart, with all that may be said of its stroke; the fields are those of Row and Stroke."""

    strength: str
    velocity: int = 0
    late: int = 0
    note: int = AS_VOICED


class Row(NamedTuple):
    """One role's strokes, a character each, spread evenly over the whole pattern.

    A row on the pattern's own step is swung with it; a row with a grid of its own (3 over 4) is not. `percent` is its
    loudness against what its cells say: a song may have its own.

    What a hand played, or a generator made, says more of each stroke, in the order of the strokes, or nothing at all:
    `velocities` (1 to 127) in place of what the cells mean, `late` ticks behind the step (below 0 before it, at most
    MAX_LATE_TICKS either way), and `notes` (0 to 127), which are played by the synthesizer.
    """

    role: str
    cells: str
    own_grid: bool = False
    percent: int = 100
    velocities: tuple[int, ...] = ()
    late: tuple[int, ...] = ()
    notes: tuple[int, ...] = ()

    @property
    def strokes(self) -> int:
        """How many there are."""
        return len(self.cells) - self.cells.count(REST)

    def each_cell(self) -> list[Cell]:
        """The row, cell by cell."""
        said = zip(*(each or repeat(none) for each, none in zip(self[4:], Cell(REST)[1:], strict=True)), strict=False)
        return [Cell(cell) if cell == REST else Cell(cell, *next(said)) for cell in self.cells]

    def with_cells(self, cells: Iterable[Cell]) -> Row:
        """The row with other cells, of which it says no more than it must."""
        cells = tuple(cells)
        struck = [cell for cell in cells if cell.strength != REST]
        loud = any(cell.velocity not in (0, VELOCITY[cell.strength]) for cell in struck)
        return self._replace(
            cells="".join(cell.strength for cell in cells),
            velocities=tuple(cell.velocity or VELOCITY[cell.strength] for cell in struck) if loud else (),
            late=tuple(cell.late for cell in struck) if any(cell.late for cell in struck) else (),
            notes=tuple(cell.note for cell in struck) if struck and all(cell.note >= 0 for cell in struck) else (),
        )


class Stroke(NamedTuple):
    """A stroke at `tick` from its pattern's start; `level` is its metric level, `percent` the loudness of its row.

    `velocity` is 0 where the strength says it, `note` AS_VOICED where the voice has it; one that has a note of its own
    is held for `hold_ticks`.
    """

    tick: int
    role: str
    strength: str
    level: str
    percent: int = 100
    velocity: int = 0
    note: int = AS_VOICED
    hold_ticks: int = 0

    @property
    def loudness(self) -> int:
        """Its velocity, before any level: 1 to 127."""
        return self.velocity or VELOCITY[self.strength]


class Pattern(NamedTuple):
    """A groove, and the fill that may take its place: both `bars` long in `meter`.

    `beat_ticks` is the note that BPM counts, `micro_bpm` the chart's own tempo in it (0: none). `swing` is the percent
    of a pair of `swing_ticks` that its first half takes, 50 being straight.
    """

    name: str
    meter: Meter
    groove: tuple[Row, ...]
    fill: tuple[Row, ...] = ()
    bars: int = 1
    beat_ticks: int = TICKS_PER_QUARTER
    micro_bpm: int = 0
    swing: int = STRAIGHT
    swing_ticks: int = TICKS_PER_QUARTER // 2
    about: str = ""
    family: str = ""

    @property
    def length_ticks(self) -> int:
        """The length of groove or fill in ticks."""
        return self.bars * self.meter.bar_ticks

    @property
    def count_ticks(self) -> int:
        """What the drummer counts: the note of the BPM where every group is one, else the meter's unit.

        12/8 in dotted quarters is counted to 4, 4/4 to 4, 7/8 to 7.
        """
        unit = self.meter.unit_ticks
        return self.beat_ticks if {group * unit for group in self.meter.groups} == {self.beat_ticks} else unit

    @property
    def roles(self) -> tuple[str, ...]:
        """Every role that sounds, in the order of the chart."""
        return tuple(dict.fromkeys(row.role for row in self.groove + self.fill))

    def strokes(self, fill: bool = False) -> tuple[Stroke, ...]:
        """All strokes of the groove (or of the fill, where there is one), by tick."""
        return _strokes(self, bool(fill and self.fill))

    def strokes_between(self, start_tick: int, end_tick: int, fill: bool = False) -> list[Stroke]:
        """The strokes with start_tick <= tick < end_tick, by tick, for no more work than these cells take.

        Any split of a range gives the same strokes.
        """
        rows = self.fill if fill and self.fill else self.groove
        found = (stroke for row in rows for stroke in _row_strokes(self, row, start_tick, end_tick))
        return sorted(stroke for stroke in found if start_tick <= stroke.tick < end_tick)

    def swung(self, tick: int) -> int:
        """Where swing moves a tick of the straight grid.

        The two halves of each pair are stretched and squeezed linearly, so that order and the pair's length stay. Pairs
        are counted from the bar line, and in a meter with groups from the beginning of each: no beat is moved. A last
        half without a partner (the seventh eighth of 2+2+3) stays straight.
        """
        in_bar = tick % self.meter.bar_ticks
        starts = self.meter.group_starts if max(self.meter.groups) > 1 else (0,)
        start = max(s for s in starts if s <= in_bar)
        end = min((s for s in starts if s > in_bar), default=self.meter.bar_ticks)
        pair = 2 * self.swing_ticks
        pair_start, place = start + (in_bar - start) // pair * pair, (in_bar - start) % pair
        if self.swing == STRAIGHT or pair_start + pair > end:
            return tick
        first = pair * self.swing // 100
        if place < self.swing_ticks:
            place = place * first // self.swing_ticks
        else:
            place = first + (place - self.swing_ticks) * (pair - first) // self.swing_ticks
        return tick - in_bar + pair_start + place


@lru_cache(maxsize=8)
def _strokes(pattern: Pattern, fill: bool) -> tuple[Stroke, ...]:
    """The screen asks for them with every frame."""
    return tuple(pattern.strokes_between(0, pattern.length_ticks, fill))


def _row_strokes(pattern: Pattern, row: Row, start_tick: int, end_tick: int) -> Iterator[Stroke]:
    """The strokes of a row in that range, and a few around it where there is swing, or a hand was early or late."""
    meter, count, length_ticks = pattern.meter, len(row.cells), pattern.length_ticks
    swings = _swings(row, pattern)
    # What swing moves comes later, by half of what it swings at most. How far off a hand may be is no question for each
    # of its strokes: that would be work for the whole chart in every beat.
    off_ticks = MAX_LATE_TICKS if row.late else 0
    start_tick -= swings * (pattern.swing_ticks // 2) + off_ticks
    end_tick += off_ticks
    first, end = (max(0, first_step(tick, count, length_ticks)) for tick in (start_tick, end_tick))
    number = first - row.cells.count(REST, 0, first)
    for index, cell in enumerate(row.cells[first:end], first):
        if cell != REST:
            step = step_tick(index, count, length_ticks)
            level = meter.level_of(step % meter.bar_ticks)
            tick = _stroke_tick(pattern, row, number, step)
            velocity = row.velocities[number] if row.velocities else 0
            pitch = (row.notes[number], _hold_ticks(pattern, row, number, index, tick)) if row.notes else (AS_VOICED, 0)
            yield Stroke(tick, row.role, cell, level, row.percent, velocity, *pitch)
            number += 1


def _swings(row: Row, pattern: Pattern) -> bool:
    return not row.own_grid and pattern.swing != STRAIGHT


def _stroke_tick(pattern: Pattern, row: Row, number: int, step_tick: int) -> int:
    """Where stroke `number` of a row lies, whose step does so. However early or late, it stays within its pattern."""
    tick = pattern.swung(step_tick) if _swings(row, pattern) else step_tick
    return max(0, min(pattern.length_ticks - 1, tick + row.late[number])) if row.late else tick


def _hold_ticks(pattern: Pattern, row: Row, number: int, index: int, tick: int) -> int:
    """How long a note of a melody is held that lies at `tick`, on step `index`: to seven eighths of the way to the next
    of its row, so that each is struck anew; a beat at most, for after a pause nobody expects it still.

    The pattern's end counts as the next one: it is not known what follows, a fill, another section or nothing.
    """
    rests = row.cells[index + 1 :]
    following = len(row.cells) - len(rests.lstrip(REST))
    until = pattern.length_ticks
    if following < len(row.cells):
        until = _stroke_tick(pattern, row, number + 1, step_tick(following, len(row.cells), pattern.length_ticks))
    return max(MIN_HOLD_TICKS, min(pattern.beat_ticks, (until - tick) * 7 // 8))


def step_tick(index: int, count: int, length_ticks: int) -> int:
    """The tick of step `index` of `count` spread evenly over a length: round(index * length / count), halves up."""
    return (2 * index * length_ticks + count) // (2 * count)


def first_step(tick: int, count: int, length_ticks: int) -> int:
    """The first step that lies at `tick` or later, by step_tick's own formula turned round."""
    return -(-count * (2 * tick - 1) // (2 * length_ticks))


def count_in_pattern(meter: Meter, beat_ticks: int, role: str = COUNT) -> Pattern:
    """One bar of counting: every unit of the meter, louder where a group begins, loudest on the one. "" is silent."""
    ticks = (unit * meter.unit_ticks for unit in range(meter.numerator))
    cells = "".join(ACCENT if tick == 0 else HIT if tick in meter.group_starts else GHOST for tick in ticks)
    return Pattern("Count-in", meter, (Row(role, cells),) if role else (), beat_ticks=beat_ticks)
