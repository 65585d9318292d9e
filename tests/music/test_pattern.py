"""Strokes at exact ticks: steps, swing, polyrhythm, fills and counting in."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.music.meter import DENOMINATORS, Meter
from panel.music.pattern import (
    MAX_SWING,
    MIN_HOLD_TICKS,
    REST,
    STRAIGHT,
    Cell,
    Pattern,
    Row,
    count_in_pattern,
    step_tick,
)
from panel.music.tempo import TICKS_PER_QUARTER

EIGHTH = TICKS_PER_QUARTER // 2
FOUR = Meter.of(4, 4)


def ticks(pattern: Pattern, fill: bool = False) -> list[int]:
    return [stroke.tick for stroke in pattern.strokes(fill)]


@given(st.integers(1, 1024), st.integers(1260, 16 * 32 * TICKS_PER_QUARTER))
def test_steps_lie_at_the_rounded_fraction(count: int, length: int) -> None:
    found = [step_tick(index, count, length) for index in range(count)]
    assert all(abs(tick - Fraction(index * length, count)) <= Fraction(1, 2) for index, tick in enumerate(found))
    assert found[0] == 0
    assert sorted(set(found)) == found
    assert found[-1] < length


def test_eleven_and_thirteen_to_the_bar() -> None:
    bar = FOUR.bar_ticks
    assert [step_tick(i, 11, bar) for i in (0, 1, 2, 10)] == [0, 1833, 3665, 18327]
    assert [step_tick(i, 13, bar) for i in (0, 1, 6, 12)] == [0, 1551, 9305, 18609]
    assert step_tick(1, 8, 20) == 3  # 2.5: halves go up


def test_three_over_four_and_four_over_three() -> None:
    three = Pattern("3 over 4", FOUR, (Row("rim", "xxxx"), Row("bell", "xxx", own_grid=True)))
    bell = [stroke.tick for stroke in three.strokes() if stroke.role == "bell"]
    assert bell == [0, 6720, 13440]
    four = Pattern("4 over 3", Meter.of(3, 4), (Row("bell", "xxxx", own_grid=True),))
    assert ticks(four) == [0, 3780, 7560, 11340]


def test_rows_are_sorted_and_levelled_by_their_place_in_the_chart() -> None:
    pattern = Pattern("p", FOUR, (Row("rim", "X.g."), Row("hat", "xxxxxxxx")), swing=66)
    strokes = pattern.strokes()
    assert [s.tick for s in strokes] == sorted(s.tick for s in strokes)
    assert [(s.role, s.strength, s.level) for s in strokes[:3]] == [
        ("hat", "x", "one"),
        ("rim", "X", "one"),
        ("hat", "x", "eighth"),  # swung, and still an eighth
    ]
    assert [(s.tick, s.strength) for s in strokes if s.role == "rim"] == [(0, "X"), (2 * TICKS_PER_QUARTER, "g")]


def test_two_bars_repeat_their_levels() -> None:
    pattern = Pattern("p", FOUR, (Row("rim", "xxxxxxxx"),), bars=2)
    assert [stroke.level for stroke in pattern.strokes()] == ["one", "beat", "beat", "beat"] * 2
    assert pattern.length_ticks == 2 * FOUR.bar_ticks


def test_a_fill_takes_the_place_of_the_groove_where_there_is_one() -> None:
    groove, fill = (Row("rim", "x..."),), (Row("snare", "xxxx"),)
    assert len(ticks(Pattern("p", FOUR, groove, fill), fill=True)) == 4
    assert Pattern("p", FOUR, groove).strokes(fill=True) == Pattern("p", FOUR, groove).strokes()
    assert Pattern("p", FOUR, groove, fill).roles == ("rim", "snare")


def swung(meter: Meter, swing: int, swing_ticks: int = EIGHTH) -> list[int]:
    """Where the eighths of a bar lie."""
    pattern = Pattern("p", meter, (), swing=swing, swing_ticks=swing_ticks)
    return [pattern.swung(tick) for tick in range(0, meter.bar_ticks, EIGHTH)]


def test_swing_moves_the_second_of_each_pair() -> None:
    late = TICKS_PER_QUARTER * 66 // 100
    assert swung(FOUR, 66) == [q * TICKS_PER_QUARTER + at for q in range(4) for at in (0, late)]
    assert swung(FOUR, 75)[1] == TICKS_PER_QUARTER * 3 // 4
    assert swung(FOUR, STRAIGHT) == list(range(0, FOUR.bar_ticks, EIGHTH))


def test_the_seventh_eighth_has_no_partner() -> None:
    late = TICKS_PER_QUARTER * 60 // 100 - EIGHTH
    moved = [at - n * EIGHTH for n, at in enumerate(swung(Meter.of(7, 8, (2, 2, 3)), 60))]
    assert moved == [0, late, 0, late, 0, late, 0]


def test_no_beat_of_a_grouped_meter_is_moved() -> None:
    late = TICKS_PER_QUARTER * 60 // 100 - EIGHTH
    moved = [at - n * EIGHTH for n, at in enumerate(swung(Meter.of(7, 8, (3, 2, 2)), 60))]
    assert moved == [0, late, 0, 0, late, 0, late]
    without_groups = [at - n * EIGHTH for n, at in enumerate(swung(Meter.of(5, 8), 60))]
    assert without_groups == [0, late, 0, late, 0]


def test_a_swung_sixteenth_leaves_the_eighths_alone() -> None:
    assert swung(FOUR, 62, EIGHTH // 2) == list(range(0, FOUR.bar_ticks, EIGHTH))


@st.composite
def swinging(draw: st.DrawFn) -> Pattern:
    """A pattern of any meter and groups, on some grid, with some swing."""
    groups = tuple(draw(st.lists(st.integers(1, 4), min_size=1, max_size=8)))
    meter = Meter.of(sum(groups), draw(st.sampled_from(DENOMINATORS)), groups)
    bars = draw(st.integers(1, 4))
    cells = draw(st.text("Xxg.", min_size=1, max_size=64))
    swing, note = draw(st.integers(STRAIGHT, MAX_SWING)), draw(st.sampled_from([1260, 2520, 5040]))
    row = Row("rim", cells, own_grid=draw(st.booleans()))
    return Pattern("p", meter, (row,), bars=bars, swing=swing, swing_ticks=note)


@given(swinging(), st.lists(st.integers(0, 64 * TICKS_PER_QUARTER), max_size=4))
def test_any_split_of_a_range_gives_the_same_strokes(pattern: Pattern, cuts: list[int]) -> None:
    row, length = pattern.groove[0], pattern.length_ticks
    straight = [(step_tick(i, len(row.cells), length), cell) for i, cell in enumerate(row.cells) if cell != REST]
    expected = [(tick if row.own_grid else pattern.swung(tick), cell) for tick, cell in straight]
    edges = [0, *sorted(min(cut, length) for cut in cuts), length]
    found = [stroke for pair in pairwise(edges) for stroke in pattern.strokes_between(*pair)]
    assert [(stroke.tick, stroke.strength) for stroke in found if stroke.role == row.role] == expected
    assert tuple(found) == pattern.strokes()


@given(swinging())
def test_strokes_stay_in_their_bar_and_in_order(pattern: Pattern) -> None:
    cells = pattern.groove[0].cells
    straight = [step_tick(i, len(cells), pattern.length_ticks) for i, cell in enumerate(cells) if cell != "."]
    found = pattern.strokes()
    assert len(found) == len(straight)
    assert [s.strength for s in found] == [cell for cell in cells if cell != "."]
    bar = pattern.meter.bar_ticks
    assert [s.tick // bar for s in found] == [tick // bar for tick in straight]
    assert all(0 <= s.tick < pattern.length_ticks for s in found)
    if pattern.groove[0].own_grid:
        assert [s.tick for s in found] == straight


@given(swinging())
def test_swing_leaves_beats_and_pairs_where_they_are(pattern: Pattern) -> None:
    meter = pattern.meter
    if max(meter.groups) > 1:
        assert all(pattern.swung(start) == start for start in meter.group_starts)
    pair = 2 * pattern.swing_ticks
    if meter.groups[0] * meter.unit_ticks >= pair:
        assert pattern.swung(pair) == pair
        assert pattern.swung(pattern.swing_ticks) == pair * pattern.swing // 100


@pytest.mark.parametrize(
    ("meter", "cells"),
    [
        (FOUR, "Xxxx"),
        (Meter.of(3, 4), "Xxx"),
        (Meter.of(6, 8), "Xggxgg"),
        (Meter.of(7, 8, (2, 2, 3)), "Xgxgxgg"),
        (Meter.of(7, 8), "Xxxxxxx"),
        (Meter.of(5, 4, (3, 2)), "Xggxg"),
    ],
)
def test_counting_in(meter: Meter, cells: str) -> None:
    pattern = count_in_pattern(meter, EIGHTH)
    assert pattern.groove == (Row("count", cells),)
    assert (pattern.meter, pattern.beat_ticks, pattern.bars) == (meter, EIGHTH, 1)
    assert ticks(pattern) == [n * meter.unit_ticks for n in range(meter.numerator)]


@pytest.mark.parametrize(
    ("meter", "beat_ticks", "count_ticks"),
    [
        (FOUR, TICKS_PER_QUARTER, TICKS_PER_QUARTER),
        (Meter.of(12, 8), 3 * EIGHTH, 3 * EIGHTH),
        (Meter.of(12, 8), TICKS_PER_QUARTER, EIGHTH),
        (Meter.of(7, 8, (2, 2, 3)), TICKS_PER_QUARTER, EIGHTH),
        (Meter.of(2, 2), 2 * TICKS_PER_QUARTER, 2 * TICKS_PER_QUARTER),
        (Meter.of(4, 4, (2, 2)), 2 * TICKS_PER_QUARTER, 2 * TICKS_PER_QUARTER),
    ],
)
def test_what_the_drummer_counts(meter: Meter, beat_ticks: int, count_ticks: int) -> None:
    assert Pattern("p", meter, (), beat_ticks=beat_ticks).count_ticks == count_ticks


class TestPlayed:
    """Strokes of which a hand said more than a chart's character does."""

    ROW = Row("snare", "X.g.x...", velocities=(111, 30, 77), late=(-40, 25, 600), notes=(60, 62, 64))
    PATTERN = Pattern("Played", Meter.of(4, 4), (ROW,))

    def test_each_stroke_has_its_own(self) -> None:
        found = [(s.tick, s.strength, s.level, s.velocity, s.note) for s in self.PATTERN.strokes()]
        assert found == [
            (0, "X", "one", 111, 60),  # early by 40, but nothing sounds before its bar line
            (5040 + 25, "g", "beat", 30, 62),
            (2 * 5040 + 600, "x", "beat", 77, 64),
        ]

    def test_any_split_of_a_range_gives_the_same(self) -> None:
        whole = self.PATTERN.strokes_between(0, self.PATTERN.length_ticks)
        for step in (7, 600, 2520, 5065):
            ranges = range(0, self.PATTERN.length_ticks, step)
            assert [s for at in ranges for s in self.PATTERN.strokes_between(at, at + step)] == whole

    def test_one_that_is_late_at_the_end_stays_in_its_pattern(self) -> None:
        late = self.PATTERN._replace(
            groove=(Row("hat", "." * 15 + "x", late=(600,)), Row("rim", "." * 31 + "x", late=(630,)))
        )
        assert [s.tick for s in late.strokes()] == [15 * 1260 + 600, 4 * 5040 - 1]

    def test_cell_by_cell_and_back(self) -> None:
        for row in (self.ROW, Row("hat", "xgX.", True), Row("hat", "....")):
            assert row.with_cells(row.each_cell()) == row

    def test_what_the_characters_say_is_not_said_twice(self) -> None:
        cells = (Cell("X", 127), Cell("."), Cell("g", 48), Cell("x"))
        assert Row("hat", "").with_cells(cells) == Row("hat", "X.gx")
        assert Row("hat", "").with_cells((*cells, Cell("x", 95))) == Row("hat", "X.gxx", velocities=(127, 48, 96, 95))

    def test_a_note_of_a_melody_is_held_to_the_next_of_its_row_a_beat_at_most(self) -> None:
        held = [(s.tick, s.hold_ticks) for s in self.PATTERN.strokes()]
        assert held == [(0, 5065 * 7 // 8), (5065, (10680 - 5065) * 7 // 8), (10680, 5040)]
        sixteenths = Pattern("Fast", Meter.of(4, 4), (Row("hat", "x" * 16, notes=(60,) * 16),), bars=1)
        assert {s.hold_ticks for s in sixteenths.strokes()} == {1260 * 7 // 8}

    def test_swing_and_lateness_move_its_end_too(self) -> None:
        eighths = Pattern("Swung", Meter.of(4, 4), (Row("hat", "xx......", late=(0, 100), notes=(60, 62)),), swing=66)
        first, second = eighths.strokes()
        assert second.tick == 5040 * 66 // 100 + 100
        assert first.hold_ticks == second.tick * 7 // 8

    def test_it_is_never_a_click_of_its_own(self) -> None:
        """What is early and what is late may come together: each is heard."""
        row = Row("hat", "xx" + "." * 14, late=(630, -630), notes=(60, 62))
        assert [s.hold_ticks for s in Pattern("P", Meter.of(4, 4), (row,)).strokes()] == [MIN_HOLD_TICKS, 5040]

    def test_what_has_no_note_of_its_own_is_held_as_the_settings_say(self) -> None:
        assert {s.hold_ticks for s in self.PATTERN._replace(groove=(self.ROW._replace(notes=()),)).strokes()} == {0}
