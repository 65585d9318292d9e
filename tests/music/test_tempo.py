"""Ticks and nanoseconds: exact both ways, over hours and over tempo changes."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.music.tempo import (
    MAX_BPM,
    MICRO,
    MIN_BPM,
    TICKS_PER_CLOCK,
    TICKS_PER_QUARTER,
    TICKS_PER_SIXTEENTH,
    TempoMap,
    Timeline,
    clamp_micro_bpm,
    micro_bpm,
    quarter_tempo,
)

HOUR_NS = 3_600_000_000_000
tempos = st.integers(MIN_BPM * MICRO // 8, MAX_BPM * MICRO * 4)  # in quarters; a beat may be 1/32 or a whole note
day_ticks = st.integers(-(10**6), 24 * 60 * MAX_BPM * TICKS_PER_QUARTER)
lines = st.builds(Timeline, tempos, st.integers(-(10**9), 10**9), st.integers(0, 10**18))


@given(lines, day_ticks)
def test_tick_at_undoes_time_of(line: Timeline, tick: int) -> None:
    assert line.tick_at(line.time_of(tick)) == tick


@given(lines, st.integers(-HOUR_NS, 24 * HOUR_NS))
def test_tick_at_is_the_last_tick_that_is_not_later(line: Timeline, ns: int) -> None:
    tick = line.tick_at(line.origin_ns + ns)
    assert line.time_of(tick) <= line.origin_ns + ns < line.time_of(tick + 1)


@given(lines, day_ticks)
def test_a_time_is_the_exact_one_rounded_down(line: Timeline, tick: int) -> None:
    exact = Fraction((tick - line.origin_tick) * 60_000_000_000 * MICRO, TICKS_PER_QUARTER * line.tempo)
    assert 0 <= exact - (line.time_of(tick) - line.origin_ns) < 1


@pytest.mark.parametrize("bpm", [30, 120, 300])
def test_a_day_does_not_drift(bpm: int) -> None:
    line = Timeline(micro_bpm(bpm), 0, 5)
    assert line.time_of(24 * 60 * bpm * TICKS_PER_QUARTER) == 5 + 24 * HOUR_NS


def test_a_day_at_an_awkward_tempo_ends_where_its_beats_say() -> None:
    line = Timeline(micro_bpm(133.7), 0, 0)
    beats = 24 * 60 * 1337 // 10
    assert line.time_of(beats * TICKS_PER_QUARTER) == beats * 60_000_000_000 * 10 // 1337


@given(lines, tempos, day_ticks)
def test_a_tempo_change_does_not_move_the_tick_that_sounds(line: Timeline, tempo: int, tick: int) -> None:
    assert line.with_tempo(tempo, tick).time_of(tick) == line.time_of(tick)


@st.composite
def maps(draw: st.DrawFn) -> TempoMap:
    """A map as it comes about: a line, and changes at rising or falling ticks."""
    tempo_map = TempoMap((draw(lines),))
    first = tempo_map.timelines[0].origin_tick
    for tempo, ahead in draw(st.lists(st.tuples(tempos, st.integers(0, 10**6)), max_size=6)):
        tempo_map = tempo_map.with_tempo(tempo, first + ahead)
    return tempo_map


@given(maps(), st.integers(-(10**6), 10**7))
def test_a_map_is_its_own_inverse_and_rises(tempo_map: TempoMap, ahead: int) -> None:
    tick = tempo_map.timelines[0].origin_tick + ahead
    assert tempo_map.tick_at(tempo_map.time_of(tick)) == tick
    assert tempo_map.time_of(tick) < tempo_map.time_of(tick + 1)


@given(maps(), st.integers(-HOUR_NS, HOUR_NS))
def test_a_map_tells_the_last_tick_that_is_not_later(tempo_map: TempoMap, ahead_ns: int) -> None:
    ns = tempo_map.timelines[-1].origin_ns + ahead_ns
    tick = tempo_map.tick_at(ns)
    assert tempo_map.time_of(tick) <= ns < tempo_map.time_of(tick + 1)


@given(maps(), tempos, st.integers(0, 10**6), st.integers(-(10**6), 0))
def test_a_change_keeps_the_past(tempo_map: TempoMap, tempo: int, at: int, before: int) -> None:
    first = tempo_map.timelines[0].origin_tick
    tick = first + at
    changed = tempo_map.with_tempo(tempo, tick)
    assert changed.time_of(tick) == tempo_map.time_of(tick)
    assert changed.time_of(max(first, tick + before)) == tempo_map.time_of(max(first, tick + before))
    assert changed.tempo_at(tick) == changed.tempo_at(tick + 10**9) == tempo


@given(maps(), st.integers(-(10**6), 10**7), st.integers(0, 10**7))
def test_forgetting_the_past_changes_nothing_after_it(tempo_map: TempoMap, at: int, later: int) -> None:
    tick = tempo_map.timelines[0].origin_tick + at
    assert tempo_map.since(tick).time_of(tick + later) == tempo_map.time_of(tick + later)


def test_ten_thousand_nudges_cost_less_than_a_hundredth_of_a_millisecond() -> None:
    tempo_map = TempoMap((Timeline(120 * MICRO, 0, 0),))
    for beat in range(1, 10_001):
        tempo_map = tempo_map.with_tempo((120 + beat % 2) * MICRO, beat * TICKS_PER_QUARTER).since(
            (beat - 1) * TICKS_PER_QUARTER
        )
    exact = 5_000 * (Fraction(60_000_000_000, 120) + Fraction(60_000_000_000, 121))
    assert abs(tempo_map.time_of(10_000 * TICKS_PER_QUARTER) - exact) <= 10_000


@pytest.mark.parametrize(
    ("bpm", "beat_ticks", "quarters"),
    [
        (80, TICKS_PER_QUARTER * 3 // 2, 120),  # dotted quarters
        (120, TICKS_PER_QUARTER // 2, 60),
        (100, TICKS_PER_QUARTER * 2, 200),
        (121.3, TICKS_PER_QUARTER, 121.3),
        (133.7, TICKS_PER_QUARTER * 3 // 4, 100.275),
    ],
)
def test_a_beat_other_than_the_quarter(bpm: float, beat_ticks: int, quarters: float) -> None:
    assert quarter_tempo(micro_bpm(bpm), beat_ticks) == micro_bpm(quarters)


def test_dotted_beats_fall_where_their_tempo_says() -> None:
    dotted = TICKS_PER_QUARTER * 3 // 2
    line = Timeline(quarter_tempo(micro_bpm(80), dotted), 0, 0)
    assert line.time_of(80 * dotted) == 60_000_000_000


def test_the_grid_divides_as_the_protocols_need_it() -> None:
    assert TICKS_PER_CLOCK * 24 == TICKS_PER_SIXTEENTH * 4 == TICKS_PER_QUARTER
    assert all(TICKS_PER_QUARTER % n == 0 for n in (2, 3, 4, 5, 6, 7, 8, 9, 10, 12))


@pytest.mark.parametrize(("bpm", "held"), [(29.9, 30), (30, 30), (120.05, 120.05), (300, 300), (1e6, 300), (-5, 30)])
def test_tempos_are_held_in_range(bpm: float, held: float) -> None:
    assert clamp_micro_bpm(micro_bpm(bpm)) == micro_bpm(held)
