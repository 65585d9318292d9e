"""Fills for a bar that was made: the groove goes on, then snare and toms lead round the kit into the next one.

It must never make a bar longer, nor touch what the click keeps.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import accumulate
from typing import NamedTuple

from panel.music.chance import below, chances, happens
from panel.music.generators.beat import Grid, Strike, grid_of
from panel.music.pattern import ACCENT, REST, VELOCITY, Pattern, Row
from panel.music.tempo import TICKS_PER_QUARTER

KICK, SNARE = "kick", "snare"

# So many beats, one as likely as another; the groove has one before them, and in long bars there is room for more.
_BEATS, _BEATS_IN_LONG_BARS, _LONG_BAR = (1, 2, 2, 3, 4), (2, 3, 4, 4), 8
_LEAST_TICKS = TICKS_PER_QUARTER  # less is no fill; where the last beats are shorter it takes more of them

# Ways round the kit, in four stations.
_WAYS = (
    (SNARE, "hitom", "tom", "lowtom"),
    (SNARE, SNARE, "tom", "lowtom"),
    (SNARE, "hitom", SNARE, "lowtom"),
    ("hitom", SNARE, "lowtom", SNARE),
    (SNARE, SNARE, SNARE, SNARE),
    ("hitom", "hitom", "tom", "lowtom"),
)
_INSTEAD = (SNARE, "tom", "lowtom", "hitom", KICK)  # of a drum that may not play, the first of these that may

# How likely the hands are between the beats, in percent, where the fill begins and where it ends; one fill is busier
# than another by as much as that.
_EIGHTHS, _SIXTEENTHS, _BUSIER = (50, 100), (0, 95), 20
_FEET_ON_BEATS, _FEET_BETWEEN = 75, 50  # between only what the hands leave free, in one fill of three

_SOFTEST, _LOUDEST = 64, VELOCITY[ACCENT] - 16
_ACCENT, _FOOT, _VARIED = 14, -8, 6  # louder on a beat, softer by foot, softer by less than so much at random

_EIGHTH_TICKS = TICKS_PER_QUARTER // 2
_TRIPLET_TICKS = TICKS_PER_QUARTER // 3


class _Fill(NamedTuple):
    """A fill before it is struck: its first step, and how far each of its steps is behind its beat, in ticks."""

    start: int
    behind: tuple[int, ...]
    seed: int
    number: int

    def chances(self, what: str) -> bytes:
        return chances(len(self.behind), self.seed, self.number, what)

    def rising(self, index: int, low: int, high: int) -> int:
        """High on its last step, and near low on its first."""
        return low + (high - low) * (index + 1) // len(self.behind)


def with_fill(pattern: Pattern, keep: tuple[str, ...], seed: int, number: int, grid: Grid | None = None) -> Pattern:
    """A pattern of one bar, made by pattern_of, with a fill for bar `number`: the groove up to the last one to four
    beats, then snare, toms and kick, ever denser and louder. The rows of the roles in `keep` go through as they are.

    `grid` is the one it was made on; an empty bar does not tell.
    """
    made = tuple(row for row in pattern.groove if row.role not in keep)
    grid = grid or grid_of(pattern._replace(groove=made or pattern.groove))
    # What isn't on the grid, or plays a tune, has no place for a drum.
    through = {row.role for row in pattern.groove if row not in made or len(row.cells) != grid.steps}
    tuned = {row.role for row in made if row.notes}
    fill = _where(grid, seed, number)
    drums = _drums(fill, through | tuned | {*keep})
    rows = [row if row.role in through else _row(row, drums.pop(row.role, {}), fill) for row in pattern.groove]
    more = [_row(Row(role, REST * grid.steps), cells, fill) for role, cells in drums.items()]
    return pattern._replace(fill=tuple(row for row in (*rows, *more) if row.role in through or row.strokes))


def _row(row: Row, drum: Mapping[int, int], fill: _Fill) -> Row:
    """The row up to where the fill begins, and from there the velocities of a drum."""
    groove = row.cells[: fill.start]
    strokes = len(groove) - groove.count(REST)
    struck = [Strike(step, drum[step]).cell for step in sorted(drum)]
    rest = [drum.get(step, 0) for step in range(fill.start, len(row.cells))]
    before = row.velocities[:strokes] or tuple(VELOCITY[cell] for cell in groove if cell != REST)
    return row._replace(
        cells=groove + "".join(Strike(0, velocity).cell.strength if velocity else REST for velocity in rest),
        velocities=(*before, *(cell.velocity for cell in struck)),
        late=(*row.late[:strokes], *(0 for _ in struck)) if row.late else (),
        notes=row.notes[:strokes],
    )


def _where(grid: Grid, seed: int, number: int) -> _Fill:
    beats = grid.beats
    choice = _BEATS if len(beats) < _LONG_BAR else _BEATS_IN_LONG_BARS
    count = max(1, min(choice[below(len(choice), seed, number, "beats")], len(beats) - 1))
    while count < len(beats) and (grid.steps - beats[-count][0]) * grid.step_ticks < _LEAST_TICKS:
        count += 1
    behind = ((step - first) * grid.step_ticks for first, end in beats[-count:] for step in range(first, end))
    return _Fill(beats[-count][0], tuple(behind), seed, number)


def _drums(fill: _Fill, silent: set[str]) -> dict[str, dict[int, int]]:
    """The velocities of each drum, by step."""
    drums: dict[str, dict[int, int]] = {}
    hands, stations, varied = _hands(fill), _stations(fill), fill.chances("loud")
    feet = _feet(fill, hands)
    way = _WAYS[below(len(_WAYS), fill.seed, fill.number, "way")]
    for index, behind in enumerate(fill.behind):
        step, velocity = fill.start + index, fill.rising(index, _SOFTEST, _LOUDEST) - varied[index] % _VARIED
        velocity += 0 if behind else _ACCENT
        if hands[index]:
            drums.setdefault(_allowed(way[stations[index]], silent), {})[step] = velocity
        if feet[index]:
            drums.setdefault(KICK, {}).setdefault(step, velocity + _FOOT)
    return {role: struck for role, struck in drums.items() if role not in silent}


def _allowed(role: str, silent: set[str]) -> str:
    return next((drum for drum in (role, *_INSTEAD) if drum not in silent), role)


def _stations(fill: _Fill) -> list[int]:
    """Which station of its way each step is at: hands move with the pulse."""
    moved = list(accumulate(_pulse(fill)))
    count = moved[-1]
    if count >= 4:
        return [(place - 1) * 4 // count for place in moved]
    return [(place - 1) * 3 // max(1, count - 1) for place in moved]  # stations are left out, but not the last


def _pulse(fill: _Fill) -> list[bool]:
    """Which steps are eighths behind their beat; all are, where the bar is in triplets of eighths."""
    in_triplets = _TRIPLET_TICKS in fill.behind and _EIGHTH_TICKS not in fill.behind
    return [in_triplets or behind % _EIGHTH_TICKS == 0 for behind in fill.behind]


def _hands(fill: _Fill) -> list[bool]:
    """Where a hand strikes: on every beat and the last of the pulse, and between them the likelier the later."""
    busier = below(2 * _BUSIER + 1, fill.seed, fill.number, "busy") - _BUSIER
    pulse, struck = _pulse(fill), []
    last = max(index for index, on_pulse in enumerate(pulse) if on_pulse)
    for index, chance in enumerate(fill.chances("hands")):
        percent = busier + fill.rising(index, *(_EIGHTHS if pulse[index] else _SIXTEENTHS))
        struck.append(fill.behind[index] == 0 or index == last or chance * 100 < percent * 256)
    return struck


def _feet(fill: _Fill, hands: list[bool]) -> list[bool]:
    """Where the kick goes with a beat, and in some fills into the gaps of the hands."""
    gaps = _FEET_BETWEEN * happens(1, 3, fill.seed, fill.number, "feet")
    percents = [
        _FEET_ON_BEATS if behind == 0 else 0 if hand else gaps for behind, hand in zip(fill.behind, hands, strict=True)
    ]
    return [chance * 100 < percent * 256 for chance, percent in zip(fill.chances("foot"), percents, strict=True)]
