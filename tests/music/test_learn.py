"""Learn plays as it heard somebody play: the same odds, loudness and lateness, voice by voice and step by step."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.engine.wire import MAX_COMMAND_BYTES, encode
from panel.library import load_library
from panel.music.generators.beat import Bar, Grid, Strike, grid_of, pattern_of
from panel.music.generators.catalogue import GENERATORS
from panel.music.generators.learn import (
    LEARN,
    TRADES,
    Manner,
    bars_of_pattern,
    joined,
    manner_of,
    manner_of_bars,
    style_pattern,
)
from panel.music.meter import Meter
from panel.music.notation import FAMILIES
from panel.music.pattern import (
    AS_VOICED,
    MAX_BARS,
    MAX_CELLS,
    MAX_CHARACTERS,
    MAX_LATE_TICKS,
    ROLES,
    VELOCITY,
    Cell,
    Pattern,
    Row,
)
from panel.music.tempo import TICKS_PER_SIXTEENTH, TICKS_PER_WHOLE
from tests.music.hands import misfits, played

LIBRARY = load_library(None)
FOUR = Grid(Meter.of(4, 4), TICKS_PER_SIXTEENTH)
SEVEN = Grid(Meter.of(7, 8, (2, 2, 3)), TICKS_PER_SIXTEENTH)
EIGHTH_TRIPLETS = Grid(Meter.of(4, 4), TICKS_PER_WHOLE // 12)
FRAME = Pattern("Frame", FOUR.meter, ())
HEARD = played(1, FOUR.steps, 32)
MANNER = manner_of_bars(HEARD, FOUR)
SEEDS, NUMBERS = st.integers(0, 9999), st.integers(0, 10_000)
VARIED = st.sampled_from((0, 5, 50, 100))


def made(manner: Manner | None, count: int, grid: Grid = FOUR, seed: int = 1, **turned: int) -> list[Bar]:
    """The first bars."""
    bars, memory = [], manner
    for number in range(count):
        memory, bar = LEARN.next_bar(memory, grid, LEARN.defaults | turned, seed, number)
        bars.append(bar)
    assert memory is manner
    return bars


def hits(bar: Bar) -> set[tuple[str, int]]:
    """Which roles strike on which steps."""
    return {(role, strike.step) for role, strikes in bar.strikes.items() for strike in strikes}


def every_strike(bars: Iterable[Bar]) -> list[Strike]:
    """All of them."""
    return [strike for bar in bars for strikes in bar.strikes.values() for strike in strikes]


def test_ten_thousand_bars_are_of_the_hand_that_was_heard() -> None:
    assert misfits(HEARD, made(MANNER, 10_000)) == []


@pytest.mark.parametrize("turned", [{"density": 95}, {"feel": 90}, {"vary": 5}])
def test_and_that_test_hears_a_dial_that_was_turned(turned: dict[str, int]) -> None:
    assert misfits(HEARD, made(MANNER, 4000, FOUR, 1, **turned)) != []


def test_what_always_came_always_comes_and_what_never_came_never_does() -> None:
    bars = [Bar({"kick": (Strike(0, 100),), "snare": (Strike(4, 60 + at),)[: at % 2]}) for at in range(8)]
    for bar in made(manner_of_bars(bars, FOUR), 100):
        assert hits(bar) - {("snare", 4)} == {("kick", 0)}


def test_without_anything_heard_a_bar_is_empty() -> None:
    for nothing in (None, manner_of_bars([], FOUR), manner_of_bars([Bar({}), Bar({"kick": ()})], FOUR)):
        assert made(nothing, 3, vary=100, density=200) == [Bar({})] * 3


@given(SEEDS, NUMBERS, VARIED, st.integers(0, 199))
def test_a_hit_at_some_density_is_there_at_a_higher_one(seed: int, number: int, vary: int, density: int) -> None:
    at = LEARN.defaults | {"vary": vary}
    _, less = LEARN.next_bar(MANNER, FOUR, at | {"density": density}, seed, number)
    _, more = LEARN.next_bar(MANNER, FOUR, at | {"density": density + 1}, seed, number)
    assert hits(less) <= hits(more)


def test_density_scales_how_much_is_played() -> None:
    assert every_strike(made(MANNER, 50, density=0)) == []
    half, all_ = (len(every_strike(made(MANNER, 2000, density=density))) for density in (50, 100))
    assert half / all_ == pytest.approx(0.5, abs=0.02)


def test_bars_of_silence_count() -> None:
    heard = [*HEARD, *[Bar({})] * 32]
    assert misfits(heard, made(manner_of_bars(heard, FOUR), 2000)) == []


def test_without_feel_all_is_on_the_grid_and_as_loud_as_the_role_on_average() -> None:
    for role in MANNER.habits:
        heard = every_strike(Bar({role: bar.strikes.get(role, ())}) for bar in HEARD)
        mean = sum(strike.velocity for strike in heard) / len(heard)
        plain = every_strike(Bar({role: bar.strikes.get(role, ())}) for bar in made(MANNER, 100, feel=0))
        assert {strike.late for strike in plain} == {0}
        (velocity,) = {strike.velocity for strike in plain}
        assert abs(velocity - mean) <= 0.5


@given(SEEDS, NUMBERS, st.integers(0, 100))
def test_feel_moves_no_hit_and_lies_between_the_grid_and_the_hand(seed: int, number: int, feel: int) -> None:
    _, plain = LEARN.next_bar(MANNER, FOUR, LEARN.defaults | {"feel": 0}, seed, number)
    _, felt = LEARN.next_bar(MANNER, FOUR, LEARN.defaults | {"feel": feel}, seed, number)
    _, whole = LEARN.next_bar(MANNER, FOUR, LEARN.defaults, seed, number)
    for none, some, all_ in zip(*map(every_strike, ([plain], [felt], [whole])), strict=True):
        assert none.step == some.step == all_.step
        assert sorted((none.velocity, some.velocity, all_.velocity))[1] == some.velocity
        assert abs(some.late) <= abs(all_.late)


def test_vary_keeps_how_much_is_played_and_strays_by_a_step_at_most() -> None:
    one = manner_of_bars([Bar({"kick": (Strike(0, 100),), "snare": (Strike(8, 90, 30),)})], FOUR)
    count = 8000
    for vary in (20, 100):
        bars = made(one, count, vary=vary)
        by_step = {step: sum(("snare", step) in hits(bar) for bar in bars) / count for step in range(FOUR.steps)}
        assert sum(by_step.values()) == pytest.approx(1, abs=0.03)
        assert by_step[7] == pytest.approx(vary / 400, abs=0.02)  # moved there, or struck there too
        assert by_step[9] == pytest.approx(vary / 400, abs=0.02)
        assert {step for step, odds in by_step.items() if odds} == {7, 8, 9}
        assert {step for bar in bars for role, step in hits(bar) if role == "kick"} == {0, 1}
        assert {strike[1:3] for bar in bars for strike in bar.strikes.get("snare", ())} == {(90, 30)}


@given(SEEDS, NUMBERS, VARIED, st.integers(0, 200), st.sampled_from((FOUR, SEVEN, EIGHTH_TRIPLETS)))
def test_the_same_question_has_the_same_answer_one_strike_a_step(
    seed: int, number: int, vary: int, density: int, grid: Grid
) -> None:
    values = LEARN.defaults | {"vary": vary, "density": density}
    memory, bar = LEARN.next_bar(MANNER, grid, values, seed, number)
    assert (memory, bar) == LEARN.next_bar(MANNER, grid, values, seed, number)
    for strikes in bar.strikes.values():
        steps = [strike.step for strike in strikes]
        assert steps == sorted(set(steps))
        assert set(steps) <= set(range(grid.steps))


def test_bars_differ_from_one_another_and_from_seed_to_seed() -> None:
    bars = made(MANNER, 50)
    assert len({str(bar) for bar in bars}) == 50
    assert bars != made(MANNER, 50, seed=2)


def test_another_meter_goes_round_from_the_one() -> None:
    every = manner_of_bars([Bar({"hat": tuple(Strike(step, step + 1) for step in range(16))})], FOUR)
    assert [s.velocity for s in every_strike(made(every, 1, SEVEN))] == list(range(1, 15))
    six = Grid(Meter.of(6, 4), TICKS_PER_SIXTEENTH)
    assert [s.velocity for s in every_strike(made(every, 1, six))] == [*range(1, 17), *range(1, 9)]


def test_the_straight_eighths_of_a_hand_become_a_shuffle_on_triplets() -> None:
    eighths = Bar({"hat": tuple(Strike(step, 100) for step in range(0, 16, 2)), "kick": (Strike(8, 90),)})
    (bar,) = made(manner_of_bars([eighths], FOUR), 1, EIGHTH_TRIPLETS)
    assert [strike.step for strike in bar.strikes["hat"]] == [0, 2, 3, 5, 6, 8, 9, 11]
    assert [strike.step for strike in bar.strikes["kick"]] == [6]
    back = manner_of_bars([bar], EIGHTH_TRIPLETS)
    assert {("hat", step) for step in range(0, 16, 4)} <= hits(made(back, 1)[0])


def sounds(pattern: Pattern) -> list[tuple[int, str, int]]:
    """When what is struck, and how hard."""
    return [(s.tick, s.role, s.velocity or VELOCITY[s.strength]) for s in pattern.strokes()]


@pytest.mark.parametrize("name", LIBRARY.patterns)
def test_every_shipped_pattern_is_a_style_and_one_of_a_bar_is_played_as_it_is(name: str) -> None:
    pattern = LIBRARY.patterns[name]
    grid, manner = grid_of(pattern), manner_of(pattern)
    assert (manner.grid, manner.bars) == (grid, pattern.bars)
    again = joined(bars_of_pattern(pattern, grid), pattern, grid, name)
    gone = set(sounds(pattern)) ^ set(sounds(again))
    if all(len(row.cells) <= pattern.bars * grid.steps for row in pattern.groove):
        assert gone == set()
    else:
        assert set(sounds(again)) < set(sounds(pattern))
    if pattern.bars == 1:
        assert made(manner, 3, grid) == [*bars_of_pattern(pattern, grid)] * 3
    for bar in made(manner, 20, grid, vary=50, density=150):
        one = pattern_of(bar, pattern, grid, "Made")
        assert all(0 <= stroke.tick < pattern.meter.bar_ticks for stroke in one.strokes())


LATE = st.integers(-MAX_LATE_TICKS, MAX_LATE_TICKS)
STRIKES = st.builds(Strike, st.integers(0, 15), st.integers(1, 127), LATE, st.just(AS_VOICED))
ONE_ROLE = st.lists(STRIKES, max_size=6, unique_by=lambda strike: strike.step).map(lambda found: tuple(sorted(found)))
BARS = st.lists(st.dictionaries(st.sampled_from(ROLES), ONE_ROLE, max_size=4).map(Bar), min_size=1, max_size=6)


@given(BARS)
def test_a_style_is_stored_as_a_pattern_and_is_the_same_again(bars: list[Bar]) -> None:
    style = style_pattern(bars, FRAME, FOUR, "Mine")
    assert (style.family, style.name, style.bars) == ("style", "Mine", len(bars))
    assert style.family in FAMILIES
    assert manner_of(style, FOUR) == manner_of_bars(bars, FOUR)


@pytest.mark.parametrize("grid", [FOUR, SEVEN, EIGHTH_TRIPLETS, Grid(Meter.of(32, 4), TICKS_PER_WHOLE // 24)])
def test_the_last_bars_are_stored_as_many_as_a_pattern_has(grid: Grid) -> None:
    heard = played(3, grid.steps, 40, ("kick", "hat"))
    style = style_pattern(heard, FRAME, grid, "Mine")
    assert all(len(row.cells) == style.bars * grid.steps <= MAX_CELLS for row in style.groove)
    assert manner_of(style, grid) == manner_of_bars(heard[-style.bars :], grid)
    assert len(encode("pattern", pattern=style._asdict())) <= MAX_COMMAND_BYTES
    more = joined(heard[-style.bars - 1 :], FRAME, grid, "Mine")
    assert (
        style.bars == MAX_BARS
        or grid.steps * more.bars > MAX_CELLS
        or len(encode("pattern", pattern=more._asdict())) > MAX_CHARACTERS
    )


def test_a_style_of_everything_at_once_is_short_enough_for_the_engine() -> None:
    heard = played(5, FOUR.steps, 40, ROLES)
    style = style_pattern(heard, FRAME, FOUR, "Mine")
    assert 1 < style.bars < MAX_BARS
    assert len(encode("pattern", pattern=style._asdict())) <= MAX_COMMAND_BYTES


def test_what_lies_between_the_steps_is_late_for_the_nearest() -> None:
    three = Pattern("Three", FOUR.meter, (Row("bell", "xxx", own_grid=True),))
    (bar,) = bars_of_pattern(three, FOUR)
    third = three.length_ticks / 3
    assert [s.step * FOUR.step_ticks + s.late for s in bar.strikes["bell"]] == [0, third, 2 * third]
    fine = Pattern("Fine", FOUR.meter, (Row("hat", "gX" + 30 * "."),))
    (bar,) = bars_of_pattern(fine, FOUR)
    assert [(s.step, s.late) for s in bar.strikes["hat"]] == [(0, 0), (1, -MAX_LATE_TICKS)]


def test_a_row_that_is_played_by_hand_is_learned_as_it_was_played() -> None:
    row = Row("snare", "").with_cells([Cell("x", 77, -40), *[Cell(".")] * 6, Cell("X", 0, 12)])
    (bar,) = bars_of_pattern(Pattern("Hand", FOUR.meter, (row,)), FOUR)
    assert bar.strikes["snare"] == (Strike(0, 77, -40), Strike(14, 127, 12))


def test_its_dials() -> None:
    assert [dial.name for dial in LEARN.dials] == ["vary", "density", "feel", "trade"]
    trade = LEARN.dials[3]
    assert [trade.shown(value) for value in range(len(TRADES))] == ["goes on", "1 bar", "2 bars", "4 bars", "8 bars"]
    assert all(made(MANNER, 5) == made(MANNER, 5, trade=value) for value in range(len(TRADES)))
    assert GENERATORS["learn"] is LEARN
    assert all(name == generator.name for name, generator in GENERATORS.items())
