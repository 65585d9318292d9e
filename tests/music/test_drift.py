"""Drift: what wanders, what stays, what fades, and what comes back."""

from __future__ import annotations

from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.music.generators.beat import VOICES, Bar, Grid, Strike, pattern_of
from panel.music.generators.drift import DIALS, DRIFT, LEAST_VELOCITY, MAX_PAST, Heard, next_bar
from panel.music.meter import Meter
from panel.music.pattern import MAX_SWING, STRAIGHT, VELOCITY, Pattern
from panel.music.tempo import TICKS_PER_SIXTEENTH
from tests.music.grids import TRIPLETS, grids, seeds, sixteenths

FOUR = Grid(Meter.of(4, 4), TICKS_PER_SIXTEENTH)
values = st.fixed_dictionaries({dial.name: st.integers(dial.low, dial.high) for dial in DIALS})


def bars(count: int, grid: Grid = FOUR, seed: int = 1, **turned: int) -> list[Bar]:
    memory, made = None, []
    for number in range(count):
        memory, bar = next_bar(memory, grid, DRIFT.defaults | turned, seed, number)
        made.append(bar)
    return made


def velocities(bar: Bar) -> dict[tuple[str, int], int]:
    return {(voice, strike.step): strike.velocity for voice in VOICES for strike in bar.strikes[voice]}


def drawn_groove(bar: Bar) -> list[str]:
    struck = velocities(bar)
    return ["".join("x" if (voice, step) in struck else "." for step in range(16)) for voice in VOICES]


def strikes_of(voice: str, darkness: int) -> int:
    made = bars(150, mutate=100, fade=0, memory=0, darkness=darkness)
    return sum(len(bar.strikes[voice]) for bar in made)


def test_five_dials_and_a_pure_generator() -> None:
    assert [dial.name for dial in DIALS] == ["mutate", "fade", "darkness", "memory", "swing"]
    assert DRIFT.name == "drift"
    assert DRIFT.defaults["darkness"] == 50
    assert all(dial.low <= dial.default <= dial.high for dial in DIALS)


def test_a_seed_is_a_groove() -> None:
    first, *_, later = bars(12, seed=1)
    assert drawn_groove(first) == [
        "x..x...x........",
        "....x...x...xx..",
        "x.x.x.x.x...x.x.",
        "........x.......",
    ]
    assert drawn_groove(later) == [
        "x..x...x........",
        "....x...x...x...",
        "x.x.x.x.x...x.x.",
        "................",
    ]
    assert first.strikes["kick"] == (Strike(0, 109), Strike(3, 79), Strike(7, 80))


@given(grids, values, seeds)
def test_same_seed_same_bars_and_every_strike_within_its_bar(grid: Grid, turned: dict[str, int], seed: int) -> None:
    once, again = (bars(3, grid, seed, **turned) for _ in range(2))
    assert once == again
    for bar in once:
        assert tuple(bar.strikes) == VOICES
        for strikes in bar.strikes.values():
            steps = [strike.step for strike in strikes]
            assert steps == sorted(set(steps) & set(range(grid.steps)))
            assert all(LEAST_VELOCITY <= strike.velocity <= 127 for strike in strikes)


def test_another_seed_is_another_groove() -> None:
    assert len({tuple(sorted(velocities(bars(1, seed=seed)[0]).items())) for seed in range(50)}) == 50


@given(grids, values, seeds)
def test_nothing_moves_where_nothing_mutates_or_fades(grid: Grid, turned: dict[str, int], seed: int) -> None:
    made = bars(5, grid, seed, **turned | {"mutate": 0, "fade": 0})
    assert made == made[:1] * 5


def test_mutate_is_the_share_of_places_drawn_anew() -> None:
    def changed(mutate: int) -> float:
        made = [velocities(bar) for bar in bars(200, mutate=mutate, fade=0, memory=0)]
        return sum(len(set(one.items()) ^ set(other.items())) for one, other in pairwise(made)) / 200

    shares = [changed(mutate) for mutate in (0, 10, 25, 50, 100)]
    assert shares == sorted(shares)
    assert shares[0] == 0
    assert 0.07 < shares[1] / shares[4] < 0.13
    assert 0.45 < shares[3] / shares[4] < 0.55


@given(sixteenths, seeds, st.integers(1, 100), st.integers(0, 100))
def test_a_hit_fades_by_its_share_from_bar_to_bar_until_it_is_gone(
    grid: Grid, seed: int, fade: int, darkness: int
) -> None:
    made = [velocities(bar) for bar in bars(8, grid, seed, mutate=0, memory=0, fade=fade, darkness=darkness)]
    for before, after in pairwise(made):
        for place, velocity in before.items():
            softer = velocity * (100 - fade) // 100
            assert softer < velocity
            if softer >= LEAST_VELOCITY:
                assert after[place] == softer


def test_fading_is_heard_as_it_is_in_the_cells_of_the_pattern() -> None:
    frame = Pattern("frame", FOUR.meter, ())
    charts = [pattern_of(bar, frame, FOUR, "drift") for bar in bars(6, seed=7, mutate=0, memory=0, fade=20)]
    ones = [cell.velocity for chart in charts for cell in chart.groove[0].each_cell()[:1]]
    assert ones == [ones[0], *(velocity * 80 // 100 for velocity in ones[:-1])]
    assert ones[0] > VELOCITY["x"] > ones[-1]


@pytest.mark.parametrize("fade", [1, 10, 50, 100])
def test_a_fading_groove_neither_dies_nor_fills_up(fade: int) -> None:
    fading = [len(velocities(bar)) for bar in bars(400, mutate=0, memory=0, fade=fade)]
    drawn = [len(velocities(bars(1, seed=seed)[0])) for seed in range(200)]
    assert 0.85 < (sum(fading[200:]) / 200) / (sum(drawn) / 200) < 1.15


def test_the_faster_it_fades_the_softer_it_is() -> None:
    def mean(fade: int) -> float:
        loud = [velocity for bar in bars(300, mutate=0, memory=0, fade=fade) for velocity in velocities(bar).values()]
        return sum(loud) / len(loud)

    assert mean(0) > mean(5) + 10


@pytest.mark.parametrize(("mutate", "fade", "darkness", "memory"), list(product((0, 100), repeat=4)))
@pytest.mark.parametrize("grid", [FOUR, Grid(Meter.of(7, 8, (2, 2, 3)), 1260), Grid(Meter.of(4, 4), TRIPLETS)])
def test_the_kick_finds_the_one_at_every_setting(
    grid: Grid, mutate: int, fade: int, darkness: int, memory: int
) -> None:
    turned = {"mutate": mutate, "fade": fade, "darkness": darkness, "memory": memory}
    made = [bar for seed in range(100) for bar in bars(4, grid, seed, **turned)]
    assert sum(("kick", 0) in velocities(bar) for bar in made) / len(made) > 0.3


def test_the_kick_is_likely_on_the_one_and_the_snare_on_the_backbeats() -> None:
    made = [velocities(bars(1, seed=seed)[0]) for seed in range(500)]

    def share(voice: str, step: int) -> float:
        return sum((voice, step) in bar for bar in made) / 500

    assert share("kick", 0) > 0.85
    assert share("kick", 0) > share("kick", 8) > share("kick", 2) > share("kick", 1) > 0
    assert min(share("snare", 4), share("snare", 12)) > 0.8
    assert max(share("snare", step) for step in range(16) if step not in (4, 12)) < 0.2


def test_the_backbeats_of_odd_meters_are_the_beats_of_their_groups() -> None:
    grid = Grid(Meter.of(7, 8, (2, 2, 3)), TICKS_PER_SIXTEENTH)
    made = [velocities(bars(1, grid, seed)[0]) for seed in range(300)]
    snares = [sum(("snare", step) in bar for bar in made) for step in range(grid.steps)]
    assert sorted(range(grid.steps), key=lambda step: -snares[step])[:2] == [4, 8]


def test_a_shuffle_has_the_last_triplet_of_its_beats() -> None:
    made = [velocities(bars(1, Grid(Meter.of(4, 4), TRIPLETS), seed)[0]) for seed in range(300)]
    middle, last = (sum(("hat", 3 * beat + third) in bar for bar in made for beat in range(4)) for third in (1, 2))
    assert last > 3 * middle


def test_darkness_goes_from_the_hat_to_the_kick() -> None:
    kicks, hats = ([strikes_of(voice, dark) for dark in range(0, 101, 20)] for voice in ("kick", "hat"))
    assert kicks == sorted(kicks)
    assert kicks[0] * 2 < kicks[-1]
    assert hats == sorted(hats, reverse=True)
    assert hats[-1] * 2 < hats[0]


def replayed(memory: int, part: int) -> float:
    """How many of the bars, or how many of the kicks alone, were heard in the bars before."""
    made = [tuple(bar.strikes.values())[:part] for bar in bars(300, mutate=60, fade=10, memory=memory)]
    return sum(bar in made[max(0, number - MAX_PAST) : number] for number, bar in enumerate(made)) / 300


def test_memory_brings_bars_and_voices_back() -> None:
    assert replayed(0, 4) == 0
    assert 0.1 < replayed(40, 4) < replayed(80, 4)
    assert replayed(80, 4) > 0.4
    assert replayed(0, 1) < 0.1 < replayed(40, 1) < replayed(80, 1)
    assert replayed(80, 1) > 0.75


def test_what_comes_back_goes_on_from_there() -> None:
    """A bar of the past has its own velocities, and fades anew."""
    made = [velocities(bar) for bar in bars(200, mutate=0, memory=20, fade=10)]
    rises = [n for n, (one, other) in enumerate(pairwise(made)) if sum(other.values()) > sum(one.values())]
    assert any(made[n + 1] in made[:n] for n in rises)


@given(st.lists(grids, min_size=2, max_size=5), values, seeds)
def test_the_meter_may_change_at_any_bar_line(path: list[Grid], turned: dict[str, int], seed: int) -> None:
    memory = None
    for number, grid in enumerate(path):
        memory, bar = next_bar(memory, grid, turned, seed, number)
        assert all(0 <= strike.step < grid.steps for strikes in bar.strikes.values() for strike in strikes)
        assert all(len(voice) == grid.steps for past in memory.past for voice in past)


def test_what_fits_goes_on_in_another_meter() -> None:
    still = DRIFT.defaults | {"mutate": 0, "fade": 0}
    three, five = (Grid(Meter.of(beats, 4), TICKS_PER_SIXTEENTH) for beats in (3, 5))
    memory, four = next_bar(None, FOUR, still, 1, 0)
    _, cut = next_bar(memory, three, still, 1, 1)
    _, longer = next_bar(memory, five, still, 1, 1)
    assert velocities(cut) == {place: v for place, v in velocities(four).items() if place[1] < 12}
    assert {place: v for place, v in velocities(longer).items() if place[1] < 16} == velocities(four)
    _, shuffled = next_bar(memory, Grid(FOUR.meter, TRIPLETS), still, 1, 1)
    for beat, voice in product(range(4), VOICES):
        assert velocities(shuffled).get((voice, 3 * beat)) == velocities(four).get((voice, 4 * beat))


def test_between_the_steps_of_the_old_grid_places_are_drawn() -> None:
    """Two grooves that went on in triplets have in common what neither had before."""
    still, triplets = DRIFT.defaults | {"mutate": 0, "fade": 0}, Grid(FOUR.meter, TRIPLETS)
    memories = [next_bar(None, FOUR, still, seed, 0)[0] for seed in (1, 2)]
    one, other = (velocities(next_bar(memory, triplets, still, 1, 1)[1]) for memory in memories)
    drawn = {place for place in one | other if place[1] % 3}
    assert drawn
    assert all(one.get(place) == other.get(place) for place in drawn)
    assert one != other


def test_new_places_of_a_longer_bar_are_drawn() -> None:
    still = DRIFT.defaults | {"mutate": 0, "fade": 0}
    memory, _ = next_bar(None, FOUR, still, 1, 0)
    _, longer = next_bar(memory, Grid(Meter.of(8, 4), TICKS_PER_SIXTEENTH), still, 1, 1)
    assert any(step >= 16 for _, step in velocities(longer))


@given(values, seeds)
def test_the_memory_is_bounded_frozen_and_begins_anew(turned: dict[str, int], seed: int) -> None:
    memory: Heard | None = None
    for number in range(20):
        memory, _ = next_bar(memory, FOUR, turned, seed, number)
    assert memory is not None
    assert len(memory.past) == MAX_PAST
    hash(memory)
    assert next_bar(memory, FOUR, turned, seed, 20) == next_bar(memory, FOUR, turned, seed, 20)
    assert next_bar(None, FOUR, turned, seed, 0)[1] == bars(1, FOUR, seed, **turned)[0]


@given(sixteenths, seeds, st.integers(STRAIGHT, MAX_SWING))
def test_swing_keeps_the_bar_its_strikes_and_their_order(grid: Grid, seed: int, swing: int) -> None:
    straight, swung = (bars(1, grid, seed, swing=percent)[0] for percent in (STRAIGHT, swing))
    assert straight.strikes == swung.strikes
    chart = pattern_of(swung, Pattern("frame", grid.meter, ()), grid, "drift")
    assert chart.length_ticks == grid.meter.bar_ticks
    steps = range(0, grid.meter.bar_ticks, grid.step_ticks)
    moved = [chart.swung(tick) for tick in steps]
    assert moved == sorted(set(moved))
    assert all(tick <= at < tick + grid.step_ticks for tick, at in zip(steps, moved, strict=True))
    assert moved[0] == 0
    assert len(chart.strokes()) == sum(map(len, straight.strikes.values()))
    assert all(stroke.tick < grid.meter.bar_ticks for stroke in chart.strokes())


def test_swing_is_the_share_of_the_first_sixteenth_of_two() -> None:
    chart = pattern_of(bars(1, swing=66)[0], Pattern("frame", FOUR.meter, ()), FOUR, "drift")
    assert [chart.swung(tick) for tick in (0, 1260, 2520, 3780)] == [0, 1663, 2520, 4183]


def test_triplets_do_not_limp() -> None:
    assert bars(1, Grid(Meter.of(4, 4), TRIPLETS), swing=70)[0].swing == STRAIGHT


def test_strikes_are_as_voiced_and_on_time() -> None:
    strikes = [strike for bar in bars(20) for strikes in bar.strikes.values() for strike in strikes]
    assert strikes == [Strike(strike.step, strike.velocity) for strike in strikes]
