"""Which bar a tick lies in, across parts of several meters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.engine.state import PlayerState, Section, stopped_state
from panel.music.meter import Meter
from panel.music.pattern import Pattern, Row
from panel.music.song import Part
from panel.music.tempo import MICRO, TICKS_PER_QUARTER

FOUR, SEVEN = Meter.of(4, 4), Meter.of(7, 8, (2, 2, 3))
EIGHTH = TICKS_PER_QUARTER // 2
BAR_7, BAR_4 = SEVEN.bar_ticks, FOUR.bar_ticks


def part(meter: Meter) -> Part:
    return Part(Pattern("Any", meter, (Row("rim", "x" * meter.numerator),)))


def state_of(*sections: Section) -> PlayerState:
    return stopped_state(sections[0].pattern, 120 * MICRO, 0)._replace(sections=sections)


# A count-in of two bars of 7/8, then 4/4, and 7/8 again from bar 3.
MIXED = state_of(Section(-2 * BAR_7, -1, part(SEVEN)), Section(0, 1, part(FOUR)), Section(2 * BAR_4, 3, part(SEVEN)))


@pytest.mark.parametrize(
    ("tick", "bar", "in_bar"),
    [
        (-2 * BAR_7, -1, 0),
        (-1, 0, BAR_7 - 1),
        (0, 1, 0),
        (BAR_4 - 1, 1, BAR_4 - 1),
        (BAR_4, 2, 0),
        (2 * BAR_4 - 1, 2, BAR_4 - 1),
        (2 * BAR_4, 3, 0),
        (2 * BAR_4 + 5 * BAR_7 + 3 * EIGHTH, 8, 3 * EIGHTH),
        (-2 * BAR_7 - 1, -2, BAR_7 - 1),
    ],
)
def test_places(tick: int, bar: int, in_bar: int) -> None:
    place = MIXED.place_of(tick)
    assert (place.bar, place.tick) == (bar, in_bar)


@given(st.integers(-5 * BAR_7, 20 * BAR_7))
def test_the_next_bar_line_begins_the_next_bar(tick: int) -> None:
    line = MIXED.next_bar_line(tick)
    here, there = MIXED.place_of(tick), MIXED.place_of(line)
    assert line > tick
    assert (there.bar, there.tick) == (here.bar + 1, 0)
    assert MIXED.place_of(line - 1).bar == here.bar


def test_a_bar_that_a_new_meter_cuts_short_ends_there() -> None:
    cut = state_of(Section(0, 1, part(FOUR)), Section(TICKS_PER_QUARTER, 2, part(SEVEN)))
    assert cut.next_bar_line(0) == TICKS_PER_QUARTER
    assert cut.place_of(TICKS_PER_QUARTER).bar == 2
