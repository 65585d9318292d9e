"""A pattern as a song wants it: in another meter, with other sounds, at other levels.

It must never change what the chart says of time: a stroke that is left stands where it stood in its bar.
"""

from __future__ import annotations

from typing import NamedTuple

from panel.music.meter import Meter
from panel.music.pattern import MAX_CELLS, ROLES, Pattern, Row


def in_meter(pattern: Pattern, meter: Meter) -> Pattern:
    """The pattern in another meter: each of its bars is cut, or goes round again from its one.

    Raises ValueError, with a sentence for the user, where a row has no whole number of steps in such a bar.
    """
    rows = [tuple(_row_in(row, pattern, meter) for row in part) for part in (pattern.groove, pattern.fill)]
    return pattern._replace(meter=meter, groove=rows[0], fill=rows[1])


def _row_in(row: Row, pattern: Pattern, meter: Meter) -> Row:
    if meter.bar_ticks == pattern.meter.bar_ticks:
        return row
    steps, more = divmod(len(row.cells), pattern.bars)
    wanted, rest = divmod(steps * meter.bar_ticks, pattern.meter.bar_ticks)
    if more or rest:
        raise ValueError(f"the {row.role} of '{pattern.name}' has no whole number of steps in a bar of {meter}")
    if wanted * pattern.bars > MAX_CELLS:
        raise ValueError(f"the {row.role} would have {wanted * pattern.bars} steps, at most {MAX_CELLS} are played")
    cells = row.each_cell()
    bars = (cells[first : first + steps] for first in range(0, len(cells), steps))
    return row.with_cells(cell for bar in bars for cell in (bar * (wanted // steps + 1))[:wanted])


class Colours(NamedTuple):
    """What a song or a section says of loudness and sounds: percents of roles and of LEVELS, roles for roles."""

    roles: dict[str, int]
    levels: tuple[int, ...]
    sounds: dict[str, str]

    def over(self, other: Colours) -> Colours:
        """Both: percents of percents, and the sounds of this one first."""
        roles = {role: _percent_of(self.roles.get(role, 100), other.roles.get(role, 100)) for role in ROLES}
        return Colours(roles, tuple(map(_percent_of, self.levels, other.levels)), other.sounds | self.sounds)

    def on(self, pattern: Pattern) -> Pattern:
        """The pattern with these sounds, at these levels."""
        groove, fill = (tuple(map(self._row, rows)) for rows in (pattern.groove, pattern.fill))
        return pattern._replace(groove=groove, fill=fill)

    def _row(self, row: Row) -> Row:
        percent = _percent_of(row.percent, self.roles.get(row.role, 100))
        return row._replace(role=self.sounds.get(row.role, row.role), percent=percent)


def _percent_of(one: int, other: int) -> int:
    return (one * other + 50) // 100
