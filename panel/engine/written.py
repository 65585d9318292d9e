"""A PlayerState as JSON and back: what a View tells, and what the next engine is handed.

It must never write a pattern twice, however often a song plays it, nor read a state that the engine could stumble over.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import pairwise
from typing import Any

from panel.engine import checks
from panel.engine.checks import Field, WireError, fields_of, flag, listed, many, moment, whole
from panel.engine.plan import MAX_TIMELINES
from panel.engine.state import PlayerState, Section
from panel.engine.transport import MAX_KEPT_PARTS, MAX_PLANNED
from panel.music.pattern import ROLES, Pattern
from panel.music.song import MAX_PART_BARS, Part
from panel.music.tempo import MAX_BPM, MICRO, MIN_BPM, TICKS_PER_QUARTER, TICKS_PER_WHOLE, TempoMap, Timeline

MIN_QUARTER_TEMPO = MIN_BPM * MICRO // TICKS_PER_QUARTER  # single ticks counted at the slowest
MAX_QUARTER_TEMPO = MAX_BPM * MICRO * TICKS_PER_WHOLE // TICKS_PER_QUARTER  # whole notes counted at the fastest
MAX_SECTIONS = MAX_PLANNED + MAX_KEPT_PARTS
_MAX_STRETCH = MAX_BPM * 1_000_000_000 // MIN_BPM


def state_value(state: PlayerState) -> dict[str, Any]:
    """A state for JSON: patterns and parts once each, and where they stand by their numbers."""
    pool = _Pool()
    places = [(s.origin_tick, s.bar, pool.number_of(s.part), *s[3:]) for s in state.sections]
    parts, ahead = ([pool.number_of(part) for part in parts] for parts in (state.parts, state.ahead))
    pooled = {"patterns": pool.patterns, "pool": pool.parts, "sections": places, "parts": parts, "ahead": ahead}
    return {**state._asdict(), **pooled}


def encode_state(state: PlayerState) -> str:
    """A state as JSON."""
    return json.dumps(state_value(state), separators=(",", ":"))


class _Pool:
    """Parts, and their patterns, numbered as they come."""

    def __init__(self) -> None:
        self.patterns: list[Pattern] = []
        self.parts: list[tuple[Any, ...]] = []
        self._numbers: dict[Part | Pattern, int] = {}  # the same part may have come in two messages

    def number_of(self, part: Part) -> int:
        numbers = self._numbers
        if part not in numbers:
            if part.pattern not in numbers:
                numbers[part.pattern] = len(self.patterns)
                self.patterns.append(part.pattern)
            numbers[part] = len(self.parts)
            self.parts.append((numbers[part.pattern], *part[1:]))
        return numbers[part]


def state_of(value: Any) -> PlayerState:
    """A state from what `state_value` made of it. Raises WireError."""
    if not isinstance(value, dict):
        raise WireError(f"a state is a JSON object, not {checks.short(value)}")
    patterns = checks.argument("patterns", _PATTERNS, value)
    parts = checks.argument("pool", Field(many(lambda part: _part(part, patterns), MAX_KEPT_PARTS * 2)), value)
    one = _numbered(parts)
    some = many(one, MAX_SECTIONS)
    fields = _STATE | {"sections": Field(_sections_of(one)), "parts": Field(some), "ahead": Field(some)}
    rest = {key: item for key, item in value.items() if key not in ("patterns", "pool")}
    return PlayerState(**fields_of(rest, fields, "a state"))


_PATTERNS = Field(many(checks.pattern_of, MAX_KEPT_PARTS * 2))


def _numbered(items: tuple[Any, ...]) -> Callable[[Any], Any]:
    """The check of a number that stands for one of `items`."""
    if not items:
        raise WireError("a list of at least one is wanted")
    number_of = whole(0, len(items) - 1)
    return lambda value: items[number_of(value)]


def _part(value: Any, patterns: tuple[Pattern, ...]) -> Part:
    number, *rest = listed(value, len(Part._fields), len(Part._fields))
    return checks.part_of(dict(zip(Part._fields, (_numbered(patterns)(number), *rest), strict=True)))


def _sections_of(part: Callable[[Any], Part]) -> Callable[[Any], tuple[Section, ...]]:
    def section(value: Any) -> Section:
        origin_tick, bar, number, bars, song_bar, phrase_bar = listed(value, 6, 6)
        length = whole(0, MAX_PART_BARS * 1000)(bars)
        return Section(moment(origin_tick), moment(bar), part(number), length, moment(song_bar), moment(phrase_bar))

    def sections(value: Any) -> tuple[Section, ...]:
        return _in_order(many(section, MAX_SECTIONS)(value), lambda s: s.origin_tick, lambda s: s.bar)

    return sections


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
    "tempo_map": Field(_tempo_map),
    "beat_micro_bpm": Field(checks.bpm),
    "stretch": Field(whole(1, _MAX_STRETCH)),
    "playing": Field(flag),
    "run": Field(moment),
    "revision": Field(moment),
    "fill_first": Field(moment),
    "fill_last": Field(moment),
    "end_bar": Field(moment),
    "fill_every": Field(whole(0, MAX_PART_BARS)),
    "practice": Field(checks.practice_of),
    "practice_bar": Field(moment),
    "practice_from": Field(checks.bpm),
    "began_ns": Field(moment),
    "muted": Field(flag),
    "voices": Field(many(checks.voice_of, len(ROLES))),
    "levels": Field(checks.levels_of),
    "gate_ms": Field(whole(1, 1000)),
    "clock": Field(flag),
}
_MOST, _MOST_NS = 1 << 42, 1 << 57  # four years: what follows from a state that is handed over still fits into a View


def resumed_of(value: Any) -> PlayerState:
    """A state to go on with. What is years away is not one that an engine left behind, and would be years to play."""
    state = state_of(value)
    sections, lines = state.sections, state.tempo_map.timelines
    counts = [state.run, state.revision, state.fill_first, state.fill_last, state.end_bar, state.practice_bar]
    counts += [bar for section in sections for bar in (section.bar, section.song_bar, section.phrase_bar)]
    ticks = [*(section.origin_tick for section in sections), *(line.origin_tick for line in lines)]
    times = [state.began_ns, *(line.origin_ns for line in lines), *(state.tempo_map.time_of(tick) for tick in ticks)]
    if max(map(abs, counts + ticks)) > _MOST or max(map(abs, times)) > _MOST_NS:
        raise WireError("a state of this year is wanted")
    return state
