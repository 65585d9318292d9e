"""A pattern written down: the text of a pattern file, as somebody would write it by hand.

It must never write what panel/music/notation.py does not read as the same pattern.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from panel.music.meter import Meter
from panel.music.pattern import STRAIGHT, Pattern, Row
from panel.music.strokes import stroke_tables
from panel.music.tempo import MICRO, TICKS_PER_QUARTER, TICKS_PER_WHOLE
from panel.tomltext import literal

_EIGHTH_TICKS = TICKS_PER_WHOLE // 8


def chart_text(pattern: Pattern, step_ticks: int) -> str:
    """The file; rows without a grid of their own stand on steps of `step_ticks`."""
    frame = dict(_frame(pattern, step_ticks))
    width = max(map(len, frame))
    lines = [f"{key:{width}} = {literal(value)}" for key, value in frame.items()]
    for table, rows in (("groove", pattern.groove), ("fill", pattern.fill)):
        if rows:
            width = max(len(row.role) for row in rows)
            lines += ["", f"[{table}]", *(f'{row.role:{width}} = "{_chart(row, pattern)}"' for row in rows)]
    for table, said in stroke_tables(pattern):
        width = max(map(len, said))
        lines += ["", f"[{table}]", *(f'{role:{width}} = "{numbers}"' for role, numbers in said.items())]
    return "\n".join(lines) + "\n"


def _frame(pattern: Pattern, step_ticks: int) -> Iterator[tuple[str, int | float | str]]:
    meter = pattern.meter
    yield "format", 1
    yield "name", pattern.name
    if pattern.family not in ("", "own"):
        yield "family", pattern.family
    if pattern.about:
        yield "about", pattern.about
    yield "meter", str(meter)
    if meter != Meter.of(meter.numerator, meter.denominator):
        yield "group", "+".join(map(str, meter.groups))
    yield "step", note_value(step_ticks)
    if pattern.bars > 1:
        yield "bars", pattern.bars
    if pattern.beat_ticks != TICKS_PER_QUARTER:
        yield "beat", note_value(pattern.beat_ticks)
    if pattern.micro_bpm:
        yield "tempo", _short(pattern.micro_bpm / MICRO)
    if pattern.swing != STRAIGHT:
        yield "swing", pattern.swing
        if pattern.swing_ticks != _EIGHTH_TICKS:
            yield "swing_step", note_value(pattern.swing_ticks)


def _short(bpm: float) -> int | float:
    return int(bpm) if bpm == int(bpm) else bpm


def note_value(ticks: int) -> str:
    """A length as a note value, such as "1/16" or "3/8"."""
    upper = next(upper for upper in range(1, ticks + 1) if TICKS_PER_WHOLE * upper % ticks == 0)
    return f"{upper}/{TICKS_PER_WHOLE * upper // ticks}"


def _chart(row: Row, pattern: Pattern) -> str:
    """The cells for the eye: groups, or quarters, stand apart, with a line between bars."""
    number = f"{len(row.cells)}: " if row.own_grid else ""
    if len(row.cells) % pattern.bars:
        return number + row.cells
    a_bar = len(row.cells) // pattern.bars
    bars = (row.cells[at : at + a_bar] for at in range(0, len(row.cells), a_bar))
    return number + " | ".join(_apart(bar, pattern.meter) for bar in bars)


def _apart(cells: str, meter: Meter) -> str:
    starts = meter.group_starts if max(meter.groups) > 1 else tuple(range(0, meter.bar_ticks, TICKS_PER_QUARTER))
    if any(start * len(cells) % meter.bar_ticks for start in starts):
        return cells
    cuts = [start * len(cells) // meter.bar_ticks for start in (*starts, meter.bar_ticks)]
    return " ".join(cells[first:end] for first, end in pairwise(cuts))
