"""How each value of the protocol is checked: one function a kind, from a whole number to a part of a song.

It must never let a value through that the engine could stumble over, nor pass on any error but WireError.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from panel.engine.state import Voice
from panel.music.meter import LEVELS, Meter
from panel.music.pattern import (
    CELLS,
    MAX_BARS,
    MAX_CELLS,
    MAX_LATE_TICKS,
    MAX_NOTE,
    MAX_SWING,
    MAX_TEXT,
    MAX_VELOCITY,
    ROLES,
    STRAIGHT,
    Pattern,
    Row,
)
from panel.music.practice import MAX_GAP_BARS, MAX_MUTES, MAX_RAMP_BARS, MAX_RAMP_MINUTES, Practice
from panel.music.song import AS_USUAL, MAX_PART_BARS, Part
from panel.music.tempo import MAX_BPM, MICRO, MIN_BPM, TICKS_PER_QUARTER, TICKS_PER_WHOLE

MAX_FOLLOWERS = 20


class WireError(ValueError):
    """A message that can't be taken; its text says why, in one line."""


Check = Callable[[Any], Any]
_REQUIRED = object()


class Field(NamedTuple):
    """One argument: how it is checked, and what it is when it is not there."""

    check: Check
    default: Any = _REQUIRED


def whole(low: int, high: int) -> Check:
    """A whole number from `low` to `high`; true and false are none."""

    def check(value: Any) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            return value
        raise WireError(f"a whole number from {low} to {high} is wanted, not {short(value)}")

    return check


def flag(value: Any) -> bool:
    """True or false."""
    if isinstance(value, bool):
        return value
    raise WireError(f"true or false is wanted, not {short(value)}")


_HALVES = re.compile("[\ud800-\udfff]")  # of characters: JSON can write them, no terminal can


def text(value: Any) -> str:
    """A text that a terminal can show, of at most MAX_TEXT characters."""
    if isinstance(value, str) and len(value) <= MAX_TEXT and not _HALVES.search(value):
        return value
    raise WireError(f"a text of at most {MAX_TEXT} characters is wanted, not {short(value)}")


def word(*words: str) -> Check:
    """One of these words."""

    def check(value: Any) -> str:
        if value in words:
            return str(value)
        raise WireError(f"one of {', '.join(words)} is wanted, not {short(value)}")

    return check


def many(check: Check, most: int) -> Check:
    """A list of at most `most`, each of them checked."""

    def check_all(value: Any) -> tuple[Any, ...]:
        return tuple(check(item) for item in listed(value, most))

    return check_all


def listed(value: Any, most: int, exactly: int = 0) -> list[Any]:
    """A list of at most `most`, or of `exactly` so many."""
    if isinstance(value, (list, tuple)) and len(value) <= most and (not exactly or len(value) == exactly):
        return list(value)
    raise WireError(f"a list of {exactly or f'at most {most}'} is wanted, not {short(value)}")


def short(value: Any) -> str:
    """A value as a refusal names it."""
    if isinstance(value, (list, dict)):  # it may be deeper than repr can go
        return "a list" if isinstance(value, list) else "an object"
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."


bpm = whole(MIN_BPM * MICRO, MAX_BPM * MICRO)
_percent = whole(0, 100)
_ticks = whole(1, TICKS_PER_WHOLE)
moment = whole(-(1 << 62), 1 << 62)


def tempo_or_none(value: Any) -> int:
    """A tempo in micro-BPM, or 0 for none."""
    return 0 if value == 0 and type(value) is int else int(bpm(value))


def voice_of(value: Any) -> Voice:
    """[role, note, channel, level]."""
    role, note, channel, level = listed(value, 4, 4)
    return Voice(word(*ROLES)(role), whole(0, 127)(note), whole(1, 16)(channel), _percent(level))


def _row(value: Any) -> Row:
    role, cells, own_grid, percent, *more = listed(value, len(Row._fields), len(Row._fields))
    if not isinstance(cells, str) or not 0 < len(cells) <= MAX_CELLS or cells.strip(CELLS):
        raise WireError(f"a row is 1 to {MAX_CELLS} of the characters {CELLS}, not {short(cells)}")
    row = Row(word(*ROLES)(role), cells, flag(own_grid), _percent(percent))
    velocities, late, notes = (check(numbers) for check, numbers in zip(_OF_STROKES, more, strict=True))
    if any(len(numbers) not in (0, row.strokes) for numbers in (velocities, late, notes)):
        raise WireError(f"a number for each of {row.strokes} strokes is wanted, or none")
    return row._replace(velocities=velocities, late=late, notes=notes)


_OF_STROKES = (
    many(whole(1, MAX_VELOCITY), MAX_CELLS),
    many(whole(-MAX_LATE_TICKS, MAX_LATE_TICKS), MAX_CELLS),
    many(whole(0, MAX_NOTE), MAX_CELLS),
)


def _meter(value: Any) -> Meter:
    numerator, denominator, groups = listed(value, 3, 3)
    small = whole(1, 64)
    try:
        return Meter.of(small(numerator), small(denominator), tuple(small(group) for group in listed(groups, 64)))
    except WireError:
        raise
    except ValueError as error:
        raise WireError(str(error)) from error


followers = many(text, MAX_FOLLOWERS)
_rows = many(_row, len(ROLES))
_PATTERN = {
    "name": Field(text),
    "meter": Field(_meter),
    "groove": Field(_rows),
    "fill": Field(_rows, ()),
    "bars": Field(whole(1, MAX_BARS), 1),
    "beat_ticks": Field(_ticks, TICKS_PER_QUARTER),
    "micro_bpm": Field(whole(0, MAX_BPM * MICRO), 0),
    "swing": Field(whole(STRAIGHT, MAX_SWING), STRAIGHT),
    "swing_ticks": Field(_ticks, TICKS_PER_QUARTER // 2),
    "about": Field(text, ""),
    "family": Field(text, ""),
}


def pattern_of(value: Any) -> Pattern:
    """An object, or a list, with the fields of a Pattern."""
    return Pattern(**fields_of(by_name(Pattern, value), _PATTERN, "a pattern"))


def levels_of(value: Any) -> tuple[int, ...]:
    """A percentage for each metric level."""
    return tuple(_percent(level) for level in listed(value, len(LEVELS), len(LEVELS)))


_PART = {
    "pattern": Field(pattern_of),
    "bars": Field(whole(0, MAX_PART_BARS), 0),
    "micro_bpm": Field(tempo_or_none, 0),
    "to_micro_bpm": Field(tempo_or_none, 0),
    "levels": Field(levels_of, AS_USUAL),
    "fill_every": Field(whole(0, MAX_PART_BARS), 0),
    "fill_last": Field(flag, False),
    "name": Field(text, ""),
    "song": Field(text, ""),
}


def part_of(value: Any) -> Part:
    """An object, or a list, with the fields of a Part."""
    return Part(**fields_of(by_name(Part, value), _PART, "a part"))


_PRACTICE = {
    "gap_on": Field(whole(0, MAX_GAP_BARS), 0),
    "gap_off": Field(whole(0, MAX_GAP_BARS), 0),
    "mutes": Field(whole(0, MAX_MUTES), 0),
    "mutes_over": Field(whole(0, MAX_RAMP_BARS), 0),
    "seed": Field(whole(0, 1 << 32), 0),
    "ramp_to": Field(tempo_or_none, 0),
    "ramp_bars": Field(whole(0, MAX_RAMP_BARS), 0),
    "ramp_minutes": Field(whole(0, MAX_RAMP_MINUTES), 0),
    "ramp_back": Field(flag, False),
}


def practice_of(value: Any) -> Practice:
    """An object, or a list, with the fields of a Practice."""
    return Practice(**fields_of(by_name(Practice, value), _PRACTICE, "a practice"))


def by_name(kind: Any, value: Any) -> dict[str, Any]:
    """The fields of a named tuple, of which JSON may have made a list."""
    if isinstance(value, dict):
        return value
    return dict(zip(kind._fields, listed(value, len(kind._fields), len(kind._fields)), strict=True))


def fields_of(value: Any, table: dict[str, Field], what: str) -> dict[str, Any]:
    """Every field of the table, checked; one that is not in it is refused."""
    if not isinstance(value, dict):
        raise WireError(f"{what} is a JSON object, not {short(value)}")
    unknown = [key for key in value if key not in table]
    if unknown:
        raise WireError(f"{what} has no field {short(unknown[0])}")
    return {name: argument(name, field, value) for name, field in table.items()}


def argument(name: str, field: Field, values: dict[str, Any]) -> Any:
    """One of `values`, checked, or its default; a refusal names it."""
    if name not in values:
        if field.default is _REQUIRED:
            raise WireError(f"{name} is missing")
        return field.default
    try:
        return field.check(values[name])
    except WireError as error:
        raise WireError(f"{name}: {error}") from error
