"""What a pattern file says of each stroke, in tables of numbers beside the charts: velocity, lateness, note.

It must never pass on a number that no stroke takes, nor let one stroke go without where others of its row have one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from panel.music.pattern import MAX_LATE_TICKS, MAX_NOTE, MAX_VELOCITY, REST, Pattern, Row
from panel.music.reading import Keys, meant
from panel.tomltext import printable


class OfStrokes(NamedTuple):
    """A kind of number: its table, the field of Row that it becomes, and from where to where it goes."""

    table: str
    field: str
    low: int
    high: int
    wanted: str

    def of(self, row: Row) -> tuple[int, ...]:
        """What a row says of that kind; () for nothing."""
        numbers: tuple[int, ...] = getattr(row, self.field)
        return numbers

    def on(self, row: Row, numbers: tuple[int, ...]) -> Row:
        """The row with these."""
        said: dict[str, Any] = {self.field: numbers}
        return row._replace(**said)


OF_STROKES = (
    OfStrokes("velocity", "velocities", 1, MAX_VELOCITY, "a velocity"),
    OfStrokes("late", "late", -MAX_LATE_TICKS, MAX_LATE_TICKS, "late, in ticks,"),
    OfStrokes("note", "notes", 0, MAX_NOTE, "a note"),
)

_WORD = re.compile(r"[^ |]+")
_NUMBER = re.compile(r"[+-]?[0-9]{1,9}", re.ASCII)


def table_of(each: OfStrokes, fill: bool) -> str:
    """What its table is called, for the groove or for the fill."""
    return f"fill_{each.table}" if fill else each.table


def stroke_tables(pattern: Pattern) -> Iterator[tuple[str, dict[str, str]]]:
    """The tables of a pattern in the order of the file, each with its rows by role; none of what is not said."""
    for fill, rows in enumerate((pattern.groove, pattern.fill)):
        for each in OF_STROKES:
            said = {row.role: _written(row, numbers, pattern.bars) for row in rows if (numbers := each.of(row))}
            if said:
                yield table_of(each, bool(fill)), said


def _written(row: Row, numbers: tuple[int, ...], bars: int) -> str:
    """The numbers, with a line between bars where the row has whole ones."""
    rest, texts = iter(numbers), list[str]()
    a_bar = len(row.cells) // bars if len(row.cells) % bars == 0 else len(row.cells)
    for at in range(0, len(row.cells), a_bar):
        cells = row.cells[at : at + a_bar]
        texts.append(" ".join(str(next(rest)) for cell in cells if cell != REST))
    return " | ".join(texts).strip()


class Strokes(Keys):
    """The tables of numbers in a pattern file, read beside its charts; faults are gathered as everywhere."""

    def said_of(self, rows: tuple[Row, ...], part: str) -> tuple[Row, ...]:
        """The rows of a part, "groove" or "fill", with all that its tables say of their strokes."""
        charts = {row.role: row for row in rows}
        for each in OF_STROKES:
            table = table_of(each, part == "fill")
            for role, value in self._rows_of(table, part):
                numbers = self._numbers(value, (table, role), each, charts.get(role), part)
                if numbers and role in charts:
                    charts[role] = each.on(charts[role], numbers)
        return tuple(charts.values())

    def _rows_of(self, table: str, part: str) -> Iterator[tuple[str, Any]]:
        """The rows of a table whose roles the part has."""
        rows, charts = self.data.get(table, {}), self.data.get(part)
        if not isinstance(rows, dict):
            self.fault(f"{table} is a table of rows: write [{table}] on a line of its own", table)
        elif table in self.data and not rows:
            self.fault(f"[{table}] has no rows", table)
        elif rows and charts is None and part == "fill":  # that there is no groove is told already
            self.fault(f"there is no [fill] whose strokes [{table}] could say anything of", table)
        elif charts and isinstance(charts, dict):
            for role, value in rows.items():
                if role in charts:
                    yield role, value
                else:
                    what = f"[{part}] has no row '{printable(role, 24)}'{meant(role, charts)}"
                    self.fault(what, table, role, key=True)

    def _numbers(
        self, value: Any, path: tuple[str, str], each: OfStrokes, row: Row | None, part: str
    ) -> tuple[int, ...]:
        """A row of them; () after a fault. Where the chart itself is at fault, `row` is None and none is missing."""
        if not isinstance(value, str) or "\n" in value:
            self.fault(f'a row of [{path[0]}] is one line of text with numbers, such as "101 38 | 22 99"', *path)
            return ()
        numbers = [self._number(word, path, each) for word in _WORD.finditer(value)]
        if row and len(numbers) != row.strokes:
            more = len(numbers) - row.strokes
            off = f"{more} too many" if more > 0 else f"{-more} too few"
            has = f"{row.role} has {row.strokes} strokes in [{part}]"
            self.fault(f"{has}, here are {len(numbers)} numbers: {off}", *path, index=0)
        return tuple(numbers)

    def _number(self, word: re.Match[str], path: tuple[str, str], each: OfStrokes) -> int:
        """One of them; 0 after a fault."""
        if _NUMBER.fullmatch(word[0]) and each.low <= int(word[0]) <= each.high:
            return int(word[0])
        what = f"{each.wanted} is a whole number from {each.low} to {each.high}, not '{printable(word[0], 24)}'"
        self.fault(what, *path, index=word.start())
        return 0
