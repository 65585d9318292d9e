"""What was played is put on the nearest step of its bar, and how late it was for it is kept."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.library import load_library
from panel.music.generators.beat import Bar, Grid, Strike, grid_of
from panel.music.generators.listening import MEMORY_BARS, Listening, bars_of, placed, places_of
from panel.music.meter import Meter
from panel.music.pattern import MAX_LATE_TICKS, Pattern
from panel.music.tempo import TICKS_PER_QUARTER, TICKS_PER_SIXTEENTH, TICKS_PER_WHOLE

LIBRARY = load_library(None)
FOUR = Grid(Meter.of(4, 4), TICKS_PER_SIXTEENTH)
TRIPLETS = Grid(Meter.of(4, 4), TICKS_PER_WHOLE // 12)
BAR = FOUR.meter.bar_ticks
GRIDS = sorted({grid_of(pattern) for pattern in LIBRARY.patterns.values()})
TICKS = st.integers(-BAR, 3 * BAR)


@given(st.sampled_from(GRIDS), TICKS)
def test_no_step_is_nearer_and_nothing_is_lost(grid: Grid, tick: int) -> None:
    bars_on, step, late = placed(tick, places_of(grid))
    assert 0 <= step < grid.steps
    at = bars_on * grid.meter.bar_ticks + step * grid.step_ticks
    assert 2 * abs(tick - at) <= grid.step_ticks
    assert late == max(-MAX_LATE_TICKS, min(MAX_LATE_TICKS, tick - at))


def test_a_hit_in_the_last_half_step_is_early_for_the_next_one() -> None:
    half = TICKS_PER_SIXTEENTH // 2
    assert placed(BAR - half - 1, places_of(FOUR)) == (0, 15, half - 1)
    assert placed(BAR - half, places_of(FOUR)) == (1, 0, -half)
    assert placed(-half, places_of(FOUR)) == (0, 0, -half)
    assert placed(-half - 1, places_of(FOUR)) == (-1, 15, half - 1)


def test_on_triplets_lateness_has_an_end() -> None:
    assert placed(TRIPLETS.step_ticks // 2 - 10, places_of(TRIPLETS)) == (0, 0, MAX_LATE_TICKS)


def test_of_two_on_one_step_the_louder_stays_and_the_first_of_two_as_loud() -> None:
    hits = [(10, "snare", 60), (-20, "snare", 90), (30, "snare", 90), (40, "kick", 50), (BAR - 5, "kick", 99)]
    assert bars_of(hits, 1, FOUR)[0] == Bar({"kick": (Strike(0, 50, 40),), "snare": (Strike(0, 90, -20),)})
    assert bars_of(hits, 2, FOUR)[1] == Bar({"kick": (Strike(0, 99, -5),)})


def test_who_plays_with_a_swung_pattern_is_on_time() -> None:
    swung = Pattern("Swung", FOUR.meter, (), swing=66, swing_ticks=TICKS_PER_QUARTER // 2)
    ticks = [swung.swung(step * FOUR.step_ticks) for step in range(FOUR.steps)]
    bar = bars_of([(tick, "hat", 80) for tick in ticks], 1, FOUR, swung)[0]
    assert bar.strikes["hat"] == tuple(Strike(step, 80) for step in range(FOUR.steps))
    straight = bars_of([(tick, "hat", 80) for tick in ticks], 1, FOUR)[0]
    assert any(strike.late for strike in straight.strikes["hat"])


@given(st.lists(st.tuples(TICKS, st.sampled_from(("kick", "hat")), st.integers(1, 127)), max_size=30))
def test_listening_hears_what_a_file_of_the_same_hits_has(hits: list[tuple[int, str, int]]) -> None:
    listening = Listening.to(FOUR)
    for tick, role, velocity in hits:
        bar, tick = divmod(tick, BAR)
        listening = listening.hear(bar, tick, role, velocity)
    assert listening.bars(0, 2) == bars_of(hits, 3, FOUR)
    assert listening.bars(-2, 5)[2:5] == bars_of(hits, 3, FOUR)


def test_bars_in_which_nothing_was_played_are_heard_too() -> None:
    listening = Listening.to(FOUR).hear(5, 0, "kick", 100)
    assert listening.bars(4, 7) == (Bar({}), Bar({"kick": (Strike(0, 100),)}), Bar({}), Bar({}))
    assert Listening.to(FOUR).bars(1, 3) == (Bar({}),) * 3


def test_what_was_heard_before_the_last_bars_is_forgotten() -> None:
    listening = Listening.to(FOUR)
    for number in range(200):
        listening = listening.hear(number, 0, "kick", number % 127 + 1)
        assert len(listening.heard) <= MEMORY_BARS
    bars = listening.bars(0, 199)
    assert [bar.strikes["kick"][0].velocity for bar in bars] == [n % 127 + 1 for n in range(200 - MEMORY_BARS, 200)]
    assert listening.bars(0, 10) == ()
    assert listening.hear(3, 0, "kick", 100).bars(0, 199) == bars


def test_a_hit_leaves_what_was_heard_before_it_as_it_was() -> None:
    before = Listening.to(FOUR).hear(1, 0, "kick", 50)
    after = before.hear(1, 0, "kick", 90)
    assert before.bars(1, 1) == (Bar({"kick": (Strike(0, 50),)}),)
    assert after.bars(1, 1) == (Bar({"kick": (Strike(0, 90),)}),)


def test_a_velocity_is_held_within_its_range_and_a_role_is_one() -> None:
    assert bars_of([(0, "kick", 0), (5000, "kick", 200)], 1, FOUR)[0].strikes["kick"] == (
        Strike(0, 1),
        Strike(4, 127, 5000 - 4 * FOUR.step_ticks),
    )
    with pytest.raises(ValueError, match="no role 'drum'"):
        Listening.to(FOUR).hear(0, 0, "drum", 100)
