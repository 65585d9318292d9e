"""How each value of the protocol is checked: one function a kind, from a whole number to a whole state.

It must never let a value through that the engine could stumble over, nor pass on any error but WireError.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from typing import Any, NamedTuple

from panel.engine.state import MAX_TIMELINES, PlayerState, Section, Voice
from panel.music.meter import LEVELS, Meter
from panel.music.pattern import CELLS, MAX_BARS, MAX_CELLS, MAX_SWING, MAX_TEXT, ROLES, STRAIGHT, Pattern, Row
from panel.music.tempo import MAX_BPM, MICRO, MIN_BPM, TICKS_PER_QUARTER, TICKS_PER_WHOLE, TempoMap, Timeline

MIN_QUARTER_TEMPO = MIN_BPM * MICRO // TICKS_PER_QUARTER  # single ticks counted at the slowest
MAX_QUARTER_TEMPO = MAX_BPM * MICRO * TICKS_PER_WHOLE // TICKS_PER_QUARTER  # whole notes counted at the fastest
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


def voice_of(value: Any) -> Voice:
    """[role, note, channel, level]."""
    role, note, channel, level = listed(value, 4, 4)
    return Voice(word(*ROLES)(role), whole(0, 127)(note), whole(1, 16)(channel), _percent(level))


def levels_of(value: Any) -> tuple[int, ...]:
    """A percentage for each metric level."""
    return tuple(_percent(level) for level in listed(value, len(LEVELS), len(LEVELS)))


def _row(value: Any) -> Row:
    role, cells, own_grid, percent = listed(value, 4, 4)
    if not isinstance(cells, str) or not 0 < len(cells) <= MAX_CELLS or cells.strip(CELLS):
        raise WireError(f"a row is 1 to {MAX_CELLS} of the characters {CELLS}, not {short(cells)}")
    return Row(word(*ROLES)(role), cells, flag(own_grid), _percent(percent))


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
    """An object with the fields of a Pattern."""
    return Pattern(**fields_of(value, _PATTERN, "a pattern"))


def _section(value: Any) -> Section:
    origin_tick, bar, pattern = listed(value, 3, 3)
    return Section(moment(origin_tick), moment(bar), pattern_of(by_name(Pattern, pattern)))


def _timeline(value: Any) -> Timeline:
    tempo, origin_tick, origin_ns = listed(value, 3, 3)
    return Timeline(whole(MIN_QUARTER_TEMPO, MAX_QUARTER_TEMPO)(tempo), moment(origin_tick), moment(origin_ns))


def _tempo_map(value: Any) -> TempoMap:
    (items,) = listed(value, 1, 1)
    timelines = many(_timeline, MAX_TIMELINES)(items)
    ordered = _in_order(timelines, lambda line: line.origin_tick, lambda line: line.origin_ns)
    if any(after.origin_ns != before.time_of(after.origin_tick) for before, after in pairwise(ordered)):
        raise WireError("a line of tempo that begins where the one before it ends is wanted")
    return TempoMap(ordered)


def _sections(value: Any) -> tuple[Section, ...]:
    return _in_order(many(_section, 100)(value), lambda section: section.origin_tick, lambda section: section.bar)


def _in_order(items: tuple[Any, ...], *keys: Callable[[Any], int]) -> tuple[Any, ...]:
    """At least one, in musical order: out of order, a tick would have no time, and the engine no next one."""
    if not items:
        raise WireError("a list of at least one is wanted")
    for key in keys:
        places = [key(item) for item in items]
        if places != sorted(places):
            raise WireError("a list in order of time is wanted")
    return items


_STATE = {
    "sections": Field(_sections),
    "tempo_map": Field(_tempo_map),
    "beat_micro_bpm": Field(bpm),
    "playing": Field(flag),
    "run": Field(moment),
    "revision": Field(moment),
    "fill_first": Field(moment),
    "fill_last": Field(moment),
    "end_bar": Field(moment),
    "muted": Field(flag),
    "voices": Field(many(voice_of, len(ROLES))),
    "levels": Field(levels_of),
    "gate_ms": Field(whole(1, 1000)),
    "clock": Field(flag),
}


def state_of(value: Any) -> PlayerState:
    """An object with the fields of a PlayerState."""
    return PlayerState(**fields_of(value, _STATE, "a state"))


_MOST, _MOST_NS = 1 << 42, 1 << 57  # four years: what follows from a state that is handed over still fits into a View


def resumed_of(value: Any) -> PlayerState:
    """A state to go on with. What is years away is not one that an engine left behind, and would be years to play."""
    state = state_of(value)
    sections, lines = state.sections, state.tempo_map.timelines
    counts = [state.run, state.revision, state.fill_first, state.fill_last, state.end_bar, *(s.bar for s in sections)]
    ticks = [*(section.origin_tick for section in sections), *(line.origin_tick for line in lines)]
    times = [*(line.origin_ns for line in lines), *(state.tempo_map.time_of(tick) for tick in ticks)]
    if max(map(abs, counts + ticks)) > _MOST or max(map(abs, times)) > _MOST_NS:
        raise WireError("a state of this year is wanted")
    return state


def by_name(kind: Any, value: Any) -> dict[str, Any]:
    """The fields of a named tuple that JSON has made a list of."""
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
