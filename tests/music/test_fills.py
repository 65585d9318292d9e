"""Fills: how much of the bar they take, what they strike there, and what they leave alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.music.generators.beat import VOICES, Bar, Grid, Strike, pattern_of
from panel.music.generators.drift import DRIFT, next_bar
from panel.music.generators.fills import with_fill
from panel.music.meter import Meter
from panel.music.pattern import REST, Pattern, Row
from panel.music.tempo import TICKS_PER_QUARTER, TICKS_PER_SIXTEENTH
from tests.music.grids import TRIPLETS, grids, seeds

DRUMS = {"snare", "hitom", "tom", "lowtom", "kick"}
HANDS = DRUMS - {"kick"}
FOUR = Grid(Meter.of(4, 4), TICKS_PER_SIXTEENTH)
CLICK = Row("rim", "Xxxx")


def full(grid: Grid, kept: tuple[Row, ...] = ()) -> Pattern:
    """Every voice on every step: whatever the fill leaves of it is seen."""
    bar = Bar({voice: tuple(Strike(step, 40) for step in range(grid.steps)) for voice in VOICES})
    return pattern_of(bar, Pattern("frame", grid.meter, ()), grid, "full", kept)


def hats_alone(grid: Grid) -> Pattern:
    """A groove that has none of what a fill strikes."""
    bar = Bar({"hat": tuple(Strike(step, 40) for step in range(grid.steps))})
    return pattern_of(bar, Pattern("frame", grid.meter, ()), grid, "hats")


def first_of(filled: Pattern) -> int:
    """The step where the fill begins, in a groove that is full."""
    return next((len(row.cells.rstrip(REST)) for row in filled.fill if row.role == "hat"), 0)


def struck(filled: Pattern, grid: Grid, roles: set[str] = DRUMS) -> list[tuple[int, int]]:
    """Step and velocity of what a fill strikes, by step."""
    strokes = [stroke for stroke in filled.strokes(fill=True) if stroke.role in roles]
    return [(stroke.tick // grid.step_ticks, stroke.velocity) for stroke in strokes]


def mean(numbers: list[int]) -> float:
    return sum(numbers) / len(numbers)


def chart(filled: Pattern) -> dict[str, str]:
    return {row.role: row.cells for row in filled.fill}


def test_a_seed_and_a_bar_are_a_fill() -> None:
    _, bar = next_bar(None, FOUR, DRIFT.defaults, 1, 0)
    groove = pattern_of(bar, Pattern("frame", FOUR.meter, ()), FOUR, "drift")
    filled = with_fill(groove, (), 1, 1)
    assert filled == with_fill(groove, (), 1, 1)
    assert filled._replace(fill=()) == groove
    assert chart(filled) == {
        "kick": "x..x...xx...x...",
        "snare": "....X...........",
        "hat": "x.g.x.x.........",
        "hitom": "........x.x.....",
        "tom": "............xx..",
        "lowtom": "..............xx",
    }
    assert len({with_fill(groove, (), 1, number).fill for number in range(20)}) > 10
    assert len({with_fill(groove, (), seed, 0).fill for seed in range(20)}) > 10


@given(grids, seeds, st.integers(0, 10_000))
def test_a_fill_is_as_long_as_its_bar_and_takes_one_to_four_beats(grid: Grid, seed: int, number: int) -> None:
    groove = full(grid)
    filled = with_fill(groove, (), seed, number)
    assert filled.fill
    assert filled.bars == 1
    assert {len(row.cells) for row in filled.fill} == {grid.steps}
    assert all(len(row.velocities) == row.strokes and all(1 <= v <= 127 for v in row.velocities) for row in filled.fill)
    first = first_of(filled)
    beats = [start for start, _ in grid.beats]
    assert first in beats[-4:]
    left = grid.meter.bar_ticks - first * grid.step_ticks
    assert left >= min(TICKS_PER_QUARTER, grid.meter.bar_ticks)
    if len(beats) > 1 and first == 0:  # only where the beats after the first are shorter than a quarter together
        assert grid.meter.bar_ticks - beats[1] * grid.step_ticks < TICKS_PER_QUARTER


@given(grids, seeds)
def test_the_groove_goes_on_to_where_the_fill_begins(grid: Grid, seed: int) -> None:
    groove = full(grid)
    filled = with_fill(groove, (), seed, 0)
    first = first_of(filled)
    before = [stroke for stroke in filled.strokes(fill=True) if stroke.tick < first * grid.step_ticks]
    assert before == [stroke for stroke in groove.strokes() if stroke.tick < first * grid.step_ticks]
    after = {stroke.role for stroke in filled.strokes(fill=True) if stroke.tick >= first * grid.step_ticks}
    assert after <= DRUMS


@given(grids, seeds)
def test_a_fill_strikes_every_beat_it_takes_with_a_hand(grid: Grid, seed: int) -> None:
    filled = with_fill(full(grid), (), seed, 0)
    first = first_of(filled)
    hands = [step for step, _ in struck(filled, grid, HANDS)]
    assert {start for start, _ in grid.beats if start >= first} <= set(hands)
    assert hands.count(first) == 1
    here = [step for step in hands if step >= first]
    assert len(here) == len(set(here))  # no more than one hand's drum at once, and so no faster than the grid


@given(grids, seeds, st.integers(0, 100))
def test_the_end_is_louder_than_the_start(grid: Grid, seed: int, number: int) -> None:
    filled = with_fill(hats_alone(grid), (), seed, number)
    first = first_of(filled)
    middle = (first + grid.steps) / 2
    start, end = ([v for step, v in struck(filled, grid) if (step >= middle) is late] for late in (False, True))
    if grid.steps - first > 2:  # else there is no room to rise in: a foot may be all of its end
        assert mean(end) > mean(start)


@pytest.mark.parametrize(
    "meter", [FOUR.meter, Meter.of(7, 8, (2, 2, 3)), Meter.of(5, 4), Meter.of(6, 8), Meter.of(12, 8)], ids=str
)
def test_fills_become_denser(meter: Meter) -> None:
    grid, start, end = Grid(meter, TICKS_PER_SIXTEENTH), 0, 0
    for number in range(300):
        filled = with_fill(hats_alone(grid), (), 1, number)
        middle = (first_of(filled) + grid.steps) / 2
        steps = {step for step, _ in struck(filled, grid)}
        start += sum(step < middle for step in steps)
        end += sum(step >= middle for step in steps)
    assert end > 1.15 * start


def test_a_fill_leans_on_the_groups_of_the_meter() -> None:
    """2+2+3 is heard in its accents: the beats are louder than what stands around them."""
    grid = Grid(Meter.of(7, 8, (2, 2, 3)), TICKS_PER_SIXTEENTH)
    for number in range(100):
        hands = dict(struck(with_fill(hats_alone(grid), (), 1, number), grid, HANDS))
        assert hands[8] > hands.get(9, 0)
        assert hands[8] > hands.get(7, 0)


def test_fills_take_one_beat_or_more_and_more_in_long_bars() -> None:
    def beats(grid: Grid) -> set[int]:
        firsts = [first_of(with_fill(full(grid), (), 1, number)) for number in range(100)]
        return {sum(start >= first for start, _ in grid.beats) for first in firsts}

    assert beats(FOUR) == {1, 2, 3}
    assert beats(Grid(Meter.of(6, 8), TICKS_PER_SIXTEENTH)) == {1}
    assert beats(Grid(Meter.of(5, 4), TICKS_PER_SIXTEENTH)) == {1, 2, 3, 4}
    assert beats(Grid(Meter.of(32, 2), TICKS_PER_SIXTEENTH)) == {2, 3, 4}
    assert beats(Grid(Meter.of(1, 4), TICKS_PER_SIXTEENTH)) == {1}
    assert beats(Grid(Meter.of(5, 16), TICKS_PER_SIXTEENTH)) == {2}  # a sixteenth alone is no fill


def test_snare_and_every_tom_are_heard_and_the_kick_with_them() -> None:
    heard = {stroke.role for n in range(30) for stroke in with_fill(hats_alone(FOUR), (), 1, n).strokes(fill=True)}
    assert heard == DRUMS | {"hat"}


def test_fills_in_triplets() -> None:
    grid = Grid(FOUR.meter, TRIPLETS)
    filled = with_fill(full(grid, (CLICK,)), ("rim",), 1, 1)
    assert {len(row.cells) for row in filled.fill if row.role != "rim"} == {12}


@given(grids, seeds, st.sets(st.sampled_from(("rim", *sorted(DRUMS), "hat"))))
def test_the_rows_of_the_click_stay_as_they_are(grid: Grid, seed: int, keep: set[str]) -> None:
    units = Row("rim", "x" * grid.meter.numerator, percent=70)
    groove = full(grid, (units,))
    filled = with_fill(groove, tuple(sorted(keep)), seed, 0)
    for row in groove.groove:
        if row.role in keep:
            assert row in filled.fill
    missing = keep - {row.role for row in groove.groove}
    assert not missing & {row.role for row in filled.fill}


def test_a_snare_that_the_click_keeps_is_no_drum_of_the_fill() -> None:
    groove = full(FOUR)
    snare = next(row for row in groove.groove if row.role == "snare")
    filled = with_fill(groove, ("snare",), 1, 1)
    assert snare in filled.fill
    assert {row.role for row in filled.fill} & {"hitom", "tom", "lowtom"}


def test_a_tune_is_not_drummed_upon() -> None:
    sung = Row("snare", "xxxx" * 4, notes=tuple(range(40, 56)))
    for number in range(20):
        filled = with_fill(Pattern("tune", FOUR.meter, (sung, Row("hat", "x" * 16))), (), 1, number)
        (snare,) = (row for row in filled.fill if row.role == "snare")
        first = first_of(filled)
        assert snare.notes == sung.notes[:first]
        assert snare.cells == "x" * first + REST * (16 - first)


def test_what_is_late_stays_late_and_the_fill_is_on_time() -> None:
    lazy = Row("snare", "xxxx" * 4, late=(200,) * 16, velocities=(90,) * 16)
    filled = with_fill(Pattern("lazy", FOUR.meter, (lazy, Row("hat", "x" * 16))), (), 1, 1)
    first = first_of(filled)
    (snare,) = (row for row in filled.fill if row.role == "snare")
    assert snare.late == (200,) * first + (0,) * (snare.strokes - first)


def test_a_row_without_velocities_sounds_as_before() -> None:
    plain = Row("snare", "Xg.." * 4)
    filled = with_fill(Pattern("plain", FOUR.meter, (plain, Row("hat", "x" * 16))), (), 1, 1)
    (snare,) = (row for row in filled.fill if row.role == "snare")
    assert snare.velocities[:2] == (127, 48)
