"""Hits that somebody played or programmed become a chart: the bars that repeat, on the coarsest grid that holds them.

It must never move, merge or leave out a hit without a word: what the chart can't keep is said, a sentence each.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from panel.music.chart import note_value
from panel.music.pattern import (
    CELLS,
    MAX_BARS,
    MAX_CELLS,
    MAX_CHARACTERS,
    MAX_SWING,
    REST,
    ROLES,
    ROW_CHARACTERS,
    STRAIGHT,
    Pattern,
    Row,
    step_tick,
)
from panel.music.tempo import TICKS_PER_QUARTER, TICKS_PER_WHOLE, Timeline, quarter_tempo

TOLERANCE_NS = 20_000_000  # a hand is 10 to 15 ms off; what is further meant another place
TOLD_NS = 10_000_000  # hits that are moved by more are counted apart
MAX_OWN_CELLS = 64  # a bar, in a row with a grid of its own


class Hit(NamedTuple):
    """A hit of one of CELLS' strengths at `tick` from the beginning of the first bar; it may come a little early."""

    tick: int
    role: str
    strength: str


class Transcribed(NamedTuple):
    """The chart, its step in ticks, and a sentence for each kind of thing that it could not keep."""

    pattern: Pattern
    step_ticks: int
    lost: tuple[str, ...]


class _Grid(NamedTuple):
    """Steps of `step_ticks`, straight or swung."""

    step_ticks: int
    swing: int = STRAIGHT
    swing_ticks: int = TICKS_PER_QUARTER // 2


class _Line(NamedTuple):
    """One role's hits on `length` cells: the cell of each, and by how many ticks it was moved."""

    length: int
    own_grid: bool
    hits: list[Hit]
    cells: list[int]
    moves: list[int]


_Score = tuple[_Grid, dict[str, _Line]]


def _notes(*values: int) -> tuple[tuple[_Grid, ...], ...]:
    return tuple((_Grid(TICKS_PER_WHOLE // value),) for value in values)


def _swung(step: int, swing_step: int) -> tuple[_Grid, ...]:
    ticks, swing_ticks = TICKS_PER_WHOLE // step, TICKS_PER_WHOLE // swing_step
    return tuple(_Grid(ticks, swing, swing_ticks) for swing in range(STRAIGHT + 1, MAX_SWING + 1))


# What is tried, one after the other; of one step's swings the nearest is taken. What a machine wrote lies exactly on
# its grid, so that swing is the last thing to think of. A hand's shuffle is rather swung than on a grid so fine that
# anything fits.
_SWUNG = (_swung(8, 8), _swung(16, 8), _swung(16, 16), _swung(32, 16))
_OF_A_MACHINE = (*_notes(4, 8, 12, 16, 24, 32, 48), *_SWUNG, *_notes(20, 28))
_OF_A_HAND = (*_notes(4, 8, 12, 16), *_SWUNG, *_notes(24, 32, 48))
_USUAL_TICKS = tuple(TICKS_PER_WHOLE // value for value in (1, 2, 4, 6, 8, 12, 16, 24, 32, 48))
_FINEST = _Grid(TICKS_PER_WHOLE // 48)  # divides a bar of every meter


def transcribe(hits: Iterable[Hit], frame: Pattern, bars: int, exact_ticks: int, first_bar: int = 1) -> Transcribed:
    """The chart of the hits in `bars` bars; `frame` is a pattern without rows: name, meter, beat and tempo.

    What a machine wrote lies within `exact_ticks` of where it is meant to be; the first bar is told as `first_bar`.
    Raises ValueError without any hit.
    """
    page = _Page(frame, exact_ticks, first_bar)
    found = sorted(page.within(hits, bars))
    if not found:
        raise ValueError("there is no hit in these bars")
    length = page.repeats_after(found, bars) or min(bars, MAX_BARS)
    lost: list[str] = []
    grid, lines = page.placed(found, length)
    while length > 1 and not _fits(lines):
        length -= 1
        grid, lines = page.placed(found, length)
    if not lines:
        raise ValueError(f"there is no hit in the first {length} of these bars")
    if left := page.beyond(found, length, bars):
        lost.append(left)
    rows = tuple(_row(role, lines[role]) for role in ROLES if role in lines)
    pattern = frame._replace(groove=rows, bars=length, swing=grid.swing, swing_ticks=grid.swing_ticks)
    return Transcribed(pattern, grid.step_ticks, (*page.moved(grid, lines), *_merged(lines), *lost))


class _Page:
    """Music paper: a meter, a tempo, how exactly the hits were written, and the number of the first bar."""

    def __init__(self, frame: Pattern, exact_ticks: int, first_bar: int) -> None:
        self._frame, self._exact_ticks, self._first_bar = frame, exact_ticks, first_bar
        self._bar_ticks = frame.meter.bar_ticks
        self._time = Timeline(quarter_tempo(frame.micro_bpm, frame.beat_ticks), 0, 0)
        self._early_ticks = min(self._time.ticks_in(TOLERANCE_NS), TICKS_PER_WHOLE // 128)

    def within(self, hits: Iterable[Hit], bars: int) -> list[Hit]:
        """The hits of the first `bars` bars; one that comes a little early belongs to the bar that follows."""
        first, end = -self._early_ticks, bars * self._bar_ticks - self._early_ticks
        return [hit for hit in hits if first <= hit.tick < end]

    def repeats_after(self, hits: list[Hit], bars: int) -> int:
        """After how many bars the same comes again, up to the last; 0 where that is more than a chart has."""
        found: list[list[Hit]] = [[] for _ in range(bars)]
        for hit in hits:
            bar = (hit.tick + self._early_ticks) // self._bar_ticks
            found[bar].append(hit._replace(tick=hit.tick - bar * self._bar_ticks))
        found = [sorted(bar, key=lambda hit: (hit.role, hit.tick)) for bar in found]
        lengths = range(1, min(bars, MAX_BARS) + 1)
        same = self._same
        return next((n for n in lengths if all(same(found[bar], found[bar - n]) for bar in range(n, bars))), 0)

    def _same(self, bar: list[Hit], other: list[Hit]) -> bool:
        near = 2 * max(self._exact_ticks, 1)
        return len(bar) == len(other) and all(
            a[1:] == b[1:] and abs(a.tick - b.tick) <= near for a, b in zip(bar, other, strict=True)
        )

    def placed(self, hits: list[Hit], bars: int) -> _Score:
        """The hits of so many bars, each in its cell."""
        rows: dict[str, list[Hit]] = {}
        for hit in self.within(hits, bars):
            rows.setdefault(hit.role, []).append(hit)
        return (
            self._over_a_grid(rows, bars)
            or self._on_one_grid(rows, bars, _OF_A_MACHINE, self._exact_ticks)
            or self._on_grids(rows, bars)
            or self._on_one_grid(rows, bars, _OF_A_HAND, None)
            or self._on_any(rows, bars)
        )

    def _over_a_grid(self, rows: dict[str, list[Hit]], bars: int) -> _Score | None:
        """Polyrhythm that a machine wrote: rows spread evenly over these bars, and the rest on a grid that has no place
        for them; None without any."""
        near = self._exact_ticks
        evenly = {role: line for role, hits in rows.items() if (line := self._evenly(hits, bars, near))}
        rest = {role: hits for role, hits in rows.items() if role not in evenly}
        score = self._on_one_grid(rest, bars, _OF_A_MACHINE, near) if evenly and rest else None
        if score is None:
            return None
        grid, lines = score
        return grid, lines | {role: self._on_step(rows[role], bars, grid, near) or evenly[role] for role in evenly}

    def _on_one_grid(
        self, rows: dict[str, list[Hit]], bars: int, grids: tuple[tuple[_Grid, ...], ...], near_ticks: int | None
    ) -> _Score | None:
        """Every row on the first grid that holds them all within `near_ticks`, or, for None, as near as a hand is."""
        for swings in grids:
            near = self._near_ticks(swings[0].step_ticks) if near_ticks is None else near_ticks
            scores = [score for grid in swings if (score := self._on_grid(rows, bars, grid, near))]
            if scores:
                return min(scores, key=lambda score: sum(abs(m) for line in score[1].values() for m in line.moves))
        return None

    def _on_grid(self, rows: dict[str, list[Hit]], bars: int, grid: _Grid, near_ticks: int) -> _Score | None:
        lines: dict[str, _Line] = {}
        for role, hits in rows.items():
            line = self._on_step(hits, bars, grid, near_ticks)
            if line is None:
                return None
            lines[role] = line
        return grid, lines

    def _on_grids(self, rows: dict[str, list[Hit]], bars: int) -> _Score | None:
        """What a machine wrote with rows that are divided in another way than the rest; None where there are others."""
        best: _Score | None = None
        own = {role: self._on_own_grid(hits, bars) for role, hits in rows.items()}
        for grid in (grid for swings in _OF_A_MACHINE for grid in swings):
            lines = {
                role: self._on_step(hits, bars, grid, self._exact_ticks) or own[role] for role, hits in rows.items()
            }
            whole = {role: line for role, line in lines.items() if line}
            if len(whole) == len(rows) and (best is None or _own_grids(whole) < _own_grids(best[1])):
                best = grid, whole
        return best

    def _on_any(self, rows: dict[str, list[Hit]], bars: int) -> _Score:
        """What is on no grid, on the finest; but what is evenly spread over these bars is said so."""
        far = TICKS_PER_WHOLE
        return _FINEST, {
            role: self._evenly(hits, bars, None) or _known(self._on_step(hits, bars, _FINEST, far))
            for role, hits in rows.items()
        }

    def _on_step(self, hits: list[Hit], bars: int, grid: _Grid, near_ticks: int) -> _Line | None:
        """A row on the chart's step; None where a hit is further from it, or the step does not fit into a bar."""
        if self._bar_ticks % grid.step_ticks:
            return None
        a_bar = self._bar_ticks // grid.step_ticks
        frame = self._frame._replace(swing=grid.swing, swing_ticks=grid.swing_ticks)
        places = [frame.swung(step * grid.step_ticks) for step in range(a_bar)] + [self._bar_ticks]
        cells, moves = [], []
        for hit in hits:
            bar, tick = divmod(hit.tick, self._bar_ticks)
            at = bisect_left(places, tick)
            at -= at > 0 and tick - places[at - 1] <= places[at] - tick
            if abs(places[at] - tick) > near_ticks:
                return None
            cells.append(max(0, min(bars * a_bar - 1, bar * a_bar + at)))
            moves.append(places[at] - tick)
        return _Line(bars * a_bar, False, hits, cells, moves)

    def _on_own_grid(self, hits: list[Hit], bars: int) -> _Line | None:
        """A row that a machine wrote, on the coarsest even division of these bars that holds it."""
        length, near = bars * self._bar_ticks, self._exact_ticks
        most = min(MAX_CELLS, MAX_OWN_CELLS * bars, length // (8 * max(1, near)))  # finer, and anything would fit
        return next((line for count in range(1, most + 1) if (line := _divided(hits, count, length, near))), None)

    def _evenly(self, hits: list[Hit], bars: int, near_ticks: int | None) -> _Line | None:
        """A row whose hits lie evenly over these bars, but for those that a usual note value says as well."""
        length, count = bars * self._bar_ticks, len(hits)
        if not 1 < count <= MAX_CELLS or any(length == count * ticks for ticks in _USUAL_TICKS):
            return None
        near = self._near_ticks(length // count) if near_ticks is None else near_ticks
        line = _divided(hits, count, length, near)
        return line if line and line.cells == list(range(count)) else None

    def _near_ticks(self, step_ticks: int) -> int:
        """How far off a hand may be that means a step."""
        return min(self._time.ticks_in(TOLERANCE_NS), step_ticks // 4)

    def beyond(self, hits: list[Hit], length: int, bars: int) -> str:
        """What of `bars` bars is not heard again in the first `length`, which the chart has."""
        if bars <= length or self.repeats_after(hits, bars) == length:
            return ""
        first, last = self._first_bar + length, self._first_bar + bars - 1
        which = f"bars {first} to {last} are" if last > first else f"bar {last} is"
        return f"{which} left out: the chart has room for {length}, take others with --bars"

    def moved(self, grid: _Grid, lines: dict[str, _Line]) -> Iterator[str]:
        """How many hits are not where they were, and how far off the furthest."""
        moves = [
            (abs(move), hit) for line in lines.values() for move, hit in zip(line.moves, line.hits, strict=True) if move
        ]
        far = [ticks for ticks, _ in moves if ticks > self._exact_ticks]
        if not far:
            return
        ticks, hit = max(moves)
        ms = self._time.time_of(ticks) / 1e6
        many = sum(self._time.time_of(each) > TOLD_NS for each in far)
        total = sum(len(line.hits) for line in lines.values())
        bar = (hit.tick + self._early_ticks) // self._bar_ticks + self._first_bar
        yield (
            f"{len(far)} of {total} hits were moved onto the grid of {note_value(grid.step_ticks)}, {many} of them by "
            f"more than {TOLD_NS // 1_000_000} ms; the furthest, {hit.role} in bar {bar}, by {ms:.0f} ms"
        )


def _divided(hits: list[Hit], count: int, length_ticks: int, near_ticks: int) -> _Line | None:
    """A row on `count` even cells; None where a hit is further than `near_ticks` from its cell."""
    cells, moves = [], []
    for hit in hits:
        cell = max(0, min(count - 1, (2 * hit.tick * count + length_ticks) // (2 * length_ticks)))
        move = step_tick(cell, count, length_ticks) - hit.tick
        if abs(move) > near_ticks:
            return None
        cells.append(cell)
        moves.append(move)
    return _Line(count, True, hits, cells, moves)


def _own_grids(lines: dict[str, _Line]) -> int:
    return sum(line.own_grid for line in lines.values())


def _known(line: _Line | None) -> _Line:
    assert line is not None, "the finest grid divides every bar"
    return line


def _fits(lines: dict[str, _Line]) -> bool:
    """Whether a chart of these rows can be read, and played."""
    return (
        max((line.length for line in lines.values()), default=0) <= MAX_CELLS
        and sum(line.length + ROW_CHARACTERS for line in lines.values()) <= MAX_CHARACTERS
    )


def _row(role: str, line: _Line) -> Row:
    cells = [REST] * line.length
    for hit, cell in zip(line.hits, line.cells, strict=True):
        cells[cell] = min(cells[cell], hit.strength, key=CELLS.index)
    return Row(role, "".join(cells), line.own_grid)


def _merged(lines: dict[str, _Line]) -> Iterator[str]:
    """Hits of one row that share a cell."""
    for role, line in lines.items():
        if merged := len(line.cells) - len(set(line.cells)):
            yield f"{role}: {_hits(merged)} fell into the cell of another, the louder one is kept"


def _hits(count: int) -> str:
    return "1 hit" if count == 1 else f"{count} hits"
