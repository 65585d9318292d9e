"""The chart notation: a pattern file's text on one side, a Pattern on the other.

It must never skip what it does not know: every unknown key, role or character is a fault with line and column.
"""

from __future__ import annotations

from difflib import get_close_matches
from fractions import Fraction
from typing import Any

from panel.music import pattern as p
from panel.music.meter import Meter
from panel.music.pattern import MAX_BARS, MAX_CELLS, MAX_SWING, MAX_TEXT, ROLES, STRAIGHT, Pattern, Row
from panel.music.tempo import MAX_BPM, MICRO, MIN_BPM, TICKS_PER_WHOLE
from panel.tomltext import Fault, TextError, TomlText, printable

FORMAT = 1
BEATS = ("1/1", "1/2", "1/4", "1/8", "1/16", "3/4", "3/8", "3/16")
MAX_NAME = 24
MAX_FAULTS = 50  # whoever has so many looks for another kind of mistake than the fifty-first
FAMILIES = ("basic", "subdivision", "shuffle", "odd", "latin", "world", "groove", "polyrhythm", "own")

_EYE = " |"  # characters that are only for the eye
_KEYS = (
    "format", "name", "meter", "group", "step", "bars", "beat", "tempo", "swing", "swing_step", "about", "family",
    "groove", "fill",
)  # fmt: skip


def parse_pattern(raw: bytes, source: str) -> Pattern:
    """The pattern in a file's bytes; `source` names it in faults. Raises TextError, with MAX_FAULTS at most."""
    return _Chart(TomlText(raw, source)).pattern()


class _Chart:
    """One reading of one file: takes values out of the text and gathers the faults."""

    def __init__(self, text: TomlText) -> None:
        self.text = text
        self.data = text.data
        self.faults: list[Fault] = []

    def pattern(self) -> Pattern:
        self._refuse_unknown_keys()
        if self._number("format", FORMAT, 1, 10**6) != FORMAT:
            self._fault(f"this box reads format {FORMAT}: a newer box wrote this file", "format")
        frame = self._frame()
        groove = self._rows("groove", frame)
        if "groove" not in self.data:
            self._fault('there is no groove: write [groove] and rows below it, such as rim = "Xxxx"', "groove")
        pattern = frame._replace(groove=groove, fill=self._rows("fill", frame))
        if self.faults:
            raise TextError(self.faults)
        return pattern

    def _frame(self) -> Pattern:
        """All but the rows."""
        meter = self._meter()
        self._step = self._note("step", "1/8")
        return Pattern(
            name=self._name(),
            meter=meter,
            groove=(),
            bars=self._number("bars", 1, 1, MAX_BARS),
            beat_ticks=self._beat(),
            micro_bpm=self._tempo(),
            swing=self._number("swing", STRAIGHT, STRAIGHT, MAX_SWING),
            swing_ticks=self._note("swing_step", "1/8"),
            about=self._about(),
            family=self._choice("family", FAMILIES, "own"),
        )

    def _rows(self, table: str, frame: Pattern) -> tuple[Row, ...]:
        rows = self.data.get(table, {})
        if not isinstance(rows, dict):
            self._fault(f"{table} is a table of rows: write [{table}] on a line of its own", table)
            return ()
        if table in self.data and not rows:
            self._fault(f"[{table}] has no rows", table)
        return tuple(row for role in rows if (row := self._row(table, role, rows[role], frame)))

    def _row(self, table: str, role: str, value: Any, frame: Pattern) -> Row | None:
        if role not in ROLES:
            self._fault(f"there is no role '{printable(role, 24)}'{_meant(role, ROLES)}", table, role, key=True)
            return None
        if not isinstance(value, str) or "\n" in value:
            self._fault('a row is one line of text such as "X.x.x.x."', table, role)
            return None
        grid, colon, chart = value.rpartition(":")
        cells = self._cells(chart, (table, role), len(grid) + len(colon))
        wanted = self._grid_cells(grid, (table, role)) if colon else self._step_cells(frame)
        if wanted and len(cells) != wanted:
            length = f"{frame.bars} bars" if frame.bars > 1 else "a bar"
            grid_name = f"a grid of {grid.strip()}" if colon else f"{length} of {frame.meter}"
            off = f"{len(cells) - wanted} too many" if len(cells) > wanted else f"{wanted - len(cells)} too few"
            self._fault(f"the row has {len(cells)} cells, {grid_name} has {wanted}: {off}", table, role, index=0)
        return Row(role, cells, bool(colon))

    def _cells(self, chart: str, path: tuple[str, str], first: int) -> str:
        for index, char in enumerate(chart, start=first):
            if char not in p.CELLS + _EYE:
                hint = _CELL_HINTS.get(char, ", a step is one of X x g .")
                self._fault(f"unknown step '{printable(char)}'{hint}", *path, index=index)
        return "".join(char for char in chart if char not in _EYE)

    def _grid_cells(self, grid: str, path: tuple[str, str]) -> int:
        """How many cells a row on a grid of its own says that it has; 0 after a fault."""
        digits = grid.strip()
        if digits.isdecimal() and len(digits) < 5 and 1 <= int(digits) <= MAX_CELLS:
            return int(digits)
        self._fault(f'a grid of its own reads like "3: x x x", with 1 to {MAX_CELLS} cells', *path, index=0)
        return 0

    def _step_cells(self, frame: Pattern) -> int:
        """How many cells a row on the pattern's step has; 0 where step or meter are themselves at fault."""
        if self._step == 0 or frame.meter.numerator == 0:
            return 0
        if frame.meter.bar_ticks % self._step:
            self._fault(f"the step does not fit into a bar of {frame.meter} a whole number of times", "step")
            return 0
        cells = frame.length_ticks // self._step
        if cells > MAX_CELLS:
            self._fault(f"the rows would have {cells} cells, at most {MAX_CELLS} are read", "step")
            return 0
        return cells

    def _meter(self) -> Meter:
        text, group = self._string("meter"), self._string("group", "")
        key = "meter"
        try:
            if text is not None:
                Meter.parse(text)
                key = "group"
                return Meter.parse(text, group or "")
        except ValueError as error:
            self._fault(str(error), key, index=0)
        return Meter(0, 4, ())  # a stand-in: nothing is built from a chart with faults

    def _name(self) -> str:
        name = self._string("name")
        if name is not None and not (0 < len(name) <= MAX_NAME and name.isprintable() and name == name.strip()):
            self._fault(f"a name has 1 to {MAX_NAME} printable characters, no space at its ends", "name", index=0)
        return name or ""

    def _about(self) -> str:
        about = self._string("about", "") or ""
        if len(about) > MAX_TEXT:
            self._fault(f"about has at most {MAX_TEXT} characters", "about", index=0)
        return about

    def _tempo(self) -> int:
        value = self.data.get("tempo", 0)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            if value == 0 and "tempo" not in self.data:
                return 0
            if MIN_BPM <= value <= MAX_BPM:
                return round(value * MICRO)
        self._fault(f"a tempo is a number from {MIN_BPM} to {MAX_BPM}", "tempo")
        return 0

    def _note(self, key: str, default: str) -> int:
        """A note value such as "3/8" in ticks; 0 after a fault."""
        text = self._string(key, default)
        if text is None:
            return 0
        upper, slash, lower = text.partition("/")
        if slash and upper.isdecimal() and lower.isdecimal() and len(upper + lower) < 7 and int(upper) and int(lower):
            ticks = Fraction(int(upper), int(lower)) * TICKS_PER_WHOLE
            if ticks.denominator == 1 and ticks <= TICKS_PER_WHOLE:
                return int(ticks)
        self._fault(f'a note value reads like "1/8" or "3/8", not "{printable(text, 24)}"', key, index=0)
        return 0

    def _beat(self) -> int:
        """The note that BPM counts, in ticks; 0 after a fault."""
        ticks = self._note("beat", "1/4")
        if ticks and f"{self.data.get('beat', '1/4')}".replace(" ", "") not in BEATS:
            self._fault(f"beat is one of {', '.join(BEATS)}", "beat", index=0)
            return 0
        return ticks

    def _number(self, key: str, default: int, low: int, high: int) -> int:
        value = self.data.get(key, default)
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            return value
        self._fault(f"{key} is a whole number from {low} to {high}", key)
        return default

    def _string(self, key: str, default: str | None = None) -> str | None:
        """A text; None after a fault, which a missing line is where there is no default."""
        value = self.data.get(key, default)
        if isinstance(value, str):
            return value
        if key in self.data:
            self._fault(f"{key} is text in quotes", key)
        else:
            self._fault(f"there is no line for '{key}', such as {_MISSING[key]}", key)
        return None

    def _choice(self, key: str, choices: tuple[str, ...], default: str) -> str:
        value = self._string(key, default)
        if value is not None and value not in choices:
            self._fault(f"{key} is one of {', '.join(choices)}", key, index=0)
        return value or default

    def _refuse_unknown_keys(self) -> None:
        for key in self.data:
            if key not in _KEYS:
                self._fault(f"there is no key '{printable(key, 24)}'{_meant(key, _KEYS)}", key, key=True)

    def _fault(self, what: str, *path: str, index: int | None = None, key: bool = False) -> None:
        self.faults.append(self.text.fault(what, *path, index=index, key=key))
        if len(self.faults) == MAX_FAULTS:
            raise TextError(self.faults)


_MISSING = {"name": 'name = "Seven up"', "meter": 'meter = "7/8"'}
_CELL_HINTS = {
    "o": ": drummers read it as an open hat, write g for a ghost note",
    "O": ": drummers read it as an open hat, write X for an accent",
    "A": ": write X for an accent",
    "G": ": write g for a ghost note",
    "-": ": write . for a rest",
    "_": ": write . for a rest",
}


def _meant(word: str, words: tuple[str, ...]) -> str:
    close = get_close_matches(word[:24], words, 1)
    return f", did you mean '{close[0]}'?" if close else f", there are {', '.join(words)}"
