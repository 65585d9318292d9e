"""The chart notation: a pattern file's text on one side, a Pattern on the other.

It must never skip what it does not know: every unknown key, role or character is a fault with line and column.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from panel.music import pattern as p
from panel.music.meter import Meter
from panel.music.pattern import MAX_BARS, MAX_CELLS, MAX_SWING, ROLES, STRAIGHT, Pattern, Row
from panel.music.reading import Keys, meant
from panel.music.strokes import OF_STROKES, Strokes, table_of
from panel.music.tempo import TICKS_PER_WHOLE
from panel.tomltext import TomlText, printable

FORMAT = 1
BEATS = ("1/1", "1/2", "1/4", "1/8", "1/16", "3/4", "3/8", "3/16")
FAMILIES = ("basic", "subdivision", "shuffle", "odd", "latin", "world", "groove", "polyrhythm", "style", "own")

GROOVE, FILL = PARTS = ("groove", "fill")

_EYE = " |"  # characters that are only for the eye
_KEYS = (
    "format", "name", "meter", "group", "step", "bars", "beat", "tempo", "swing", "swing_step", "about", "family",
    *PARTS, *(table_of(each, fill) for fill in (False, True) for each in OF_STROKES),
)  # fmt: skip


def parse_pattern(raw: bytes, source: str) -> Pattern:
    """The pattern in a file's bytes; `source` names it in faults. Raises TextError, with MAX_FAULTS at most."""
    return _Chart(TomlText(raw, source)).pattern()


class _Chart(Keys):
    """One reading of one file: takes values out of the text and gathers the faults."""

    def pattern(self) -> Pattern:
        self.refuse_unknown(_KEYS)
        self.format(FORMAT)
        frame = self._frame()
        groove, fill = (self._rows(table, frame) for table in PARTS)
        if GROOVE not in self.data:
            self.fault('there is no groove: write [groove] and rows below it, such as rim = "Xxxx"', GROOVE)
        strokes = Strokes(self.text, faults=self.faults)
        pattern = frame._replace(groove=strokes.said_of(groove, GROOVE), fill=strokes.said_of(fill, FILL))
        self.refuse_faults()
        return pattern

    def _frame(self) -> Pattern:
        """All but the rows."""
        meter = self._meter()
        self._step = self._note("step", "1/8")
        return Pattern(
            name=self.name('name = "Seven up"'),
            meter=meter,
            groove=(),
            bars=self.number("bars", 1, 1, MAX_BARS),
            beat_ticks=self._beat(),
            micro_bpm=self.tempo(),
            swing=self.number("swing", STRAIGHT, STRAIGHT, MAX_SWING),
            swing_ticks=self._note("swing_step", "1/8"),
            about=self.about(),
            family=self.choice("family", FAMILIES, "own"),
        )

    def _rows(self, table: str, frame: Pattern) -> tuple[Row, ...]:
        rows = self.data.get(table, {})
        if not isinstance(rows, dict):
            self.fault(f"{table} is a table of rows: write [{table}] on a line of its own", table)
            return ()
        if table in self.data and not rows:
            self.fault(f"[{table}] has no rows", table)
        return tuple(row for role in rows if (row := self._row(table, role, rows[role], frame)))

    def _row(self, table: str, role: str, value: Any, frame: Pattern) -> Row | None:
        if role not in ROLES:
            self.fault(f"there is no role '{printable(role, 24)}'{meant(role, ROLES)}", table, role, key=True)
            return None
        if not isinstance(value, str) or "\n" in value:
            self.fault('a row is one line of text such as "X.x.x.x."', table, role)
            return None
        faults, (grid, colon, chart) = len(self.faults), value.rpartition(":")
        cells = self._cells(chart, (table, role), len(grid) + len(colon))
        wanted = self._grid_cells(grid, (table, role)) if colon else self._step_cells(frame)
        if wanted and len(cells) != wanted:
            length = f"{frame.bars} bars" if frame.bars > 1 else "a bar"
            grid_name = f"a grid of {grid.strip()}" if colon else f"{length} of {frame.meter}"
            off = f"{len(cells) - wanted} too many" if len(cells) > wanted else f"{wanted - len(cells)} too few"
            self.fault(f"the row has {len(cells)} cells, {grid_name} has {wanted}: {off}", table, role, index=0)
        return Row(role, cells, bool(colon)) if len(self.faults) == faults else None

    def _cells(self, chart: str, path: tuple[str, str], first: int) -> str:
        for index, char in enumerate(chart, start=first):
            if char not in p.CELLS + _EYE:
                hint = _CELL_HINTS.get(char, ", a step is one of X x g .")
                self.fault(f"unknown step '{printable(char)}'{hint}", *path, index=index)
        return "".join(char for char in chart if char not in _EYE)

    def _grid_cells(self, grid: str, path: tuple[str, str]) -> int:
        """How many cells a row on a grid of its own says that it has; 0 after a fault."""
        digits = grid.strip()
        if digits.isdecimal() and len(digits) < 5 and 1 <= int(digits) <= MAX_CELLS:
            return int(digits)
        self.fault(f'a grid of its own reads like "3: x x x", with 1 to {MAX_CELLS} cells', *path, index=0)
        return 0

    def _step_cells(self, frame: Pattern) -> int:
        """How many cells a row on the pattern's step has; 0 where step or meter are themselves at fault."""
        if self._step == 0 or frame.meter.numerator == 0:
            return 0
        if frame.meter.bar_ticks % self._step:
            self.fault(f"the step does not fit into a bar of {frame.meter} a whole number of times", "step")
            return 0
        cells = frame.length_ticks // self._step
        if cells > MAX_CELLS:
            self.fault(f"the rows would have {cells} cells, at most {MAX_CELLS} are read", "step")
            return 0
        return cells

    def _meter(self) -> Meter:
        text, group = self.string("meter", such_as='meter = "7/8"'), self.string("group", "")
        key = "meter"
        try:
            if text is not None:
                Meter.parse(text)
                key = "group"
                return Meter.parse(text, group or "")
        except ValueError as error:
            self.fault(str(error), key, index=0)
        return Meter(0, 4, ())  # a stand-in: nothing is built from a chart with faults

    def _note(self, key: str, default: str) -> int:
        """A note value such as "3/8" in ticks; 0 after a fault."""
        text = self.string(key, default)
        if text is None:
            return 0
        upper, slash, lower = text.partition("/")
        if slash and upper.isdecimal() and lower.isdecimal() and len(upper + lower) < 7 and int(upper) and int(lower):
            ticks = Fraction(int(upper), int(lower)) * TICKS_PER_WHOLE
            if ticks.denominator == 1 and ticks <= TICKS_PER_WHOLE:
                return int(ticks)
        self.fault(f'a note value reads like "1/8" or "3/8", not "{printable(text, 24)}"', key, index=0)
        return 0

    def _beat(self) -> int:
        """The note that BPM counts, in ticks; 0 after a fault."""
        ticks = self._note("beat", "1/4")
        if ticks and f"{self.data.get('beat', '1/4')}".replace(" ", "") not in BEATS:
            self.fault(f"beat is one of {', '.join(BEATS)}", "beat", index=0)
            return 0
        return ticks


_CELL_HINTS = {
    "o": ": drummers read it as an open hat, write g for a ghost note",
    "O": ": drummers read it as an open hat, write X for an accent",
    "A": ": write X for an accent",
    "G": ": write g for a ghost note",
    "-": ": write . for a rest",
    "_": ": write . for a rest",
}
