"""The generator Map: density never takes a stroke away, a groove is found where it lies, and every meter has its beats.

The bars are the same on every machine: some of them stand here.
"""

from __future__ import annotations

from hashlib import sha256
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.datafiles import data_folder
from panel.music.generators.beat import VOICES, Bar, Grid, Values, grid_of, pattern_of
from panel.music.generators.groovemap import NODES
from panel.music.generators.pulses import pulses_of
from panel.music.generators.stylemap import DIALS, FAR, MAP, near, next_bar, place_of, weights_of
from panel.music.meter import DENOMINATORS, MAX_NUMERATOR, Meter
from panel.music.notation import parse_pattern
from panel.music.pattern import Pattern
from panel.music.tempo import TICKS_PER_SIXTEENTH, TICKS_PER_WHOLE

PATTERNS = {
    pattern.name: pattern
    for path in sorted(data_folder("patterns").glob("*.toml"))
    for pattern in [parse_pattern(path.read_bytes(), path.name)]
}
NAMES = [name for name, _ in NODES]
FOUR = Grid(Meter.of(4, 4), TICKS_PER_SIXTEENTH)
SHUFFLED = Grid(Meter.of(4, 4), TICKS_PER_WHOLE // 12)


def _values(name: str = "Money beat", density: int = 50, chaos: int = 0) -> dict[str, int]:
    x, y = place_of(name)
    return {"x": x, "y": y, "chaos": chaos} | {f"density {voice}": density for voice in VOICES}


def _bar(grid: Grid, values: Values, seed: int = 1, number: int = 0) -> Bar:
    return next_bar(None, grid, values, seed, number)[1]


def _chart(bar: Bar, voice: str, grid: Grid) -> str:
    """As it would stand in a pattern file, without spaces."""
    struck = {strike.step: strike.cell.strength for strike in bar.strikes[voice]}
    return "".join(struck.get(step, ".") for step in range(grid.steps))


def _steps(bar: Bar, voice: str) -> set[int]:
    return {strike.step for strike in bar.strikes[voice]}


@st.composite
def _groups(draw: st.DrawFn, numerator: int) -> tuple[int, ...]:
    found: list[int] = []
    while sum(found) < numerator:
        found.append(draw(st.integers(1, min(7, numerator - sum(found)))))
    return tuple(found)


@st.composite
def _grids(draw: st.DrawFn) -> Grid:
    """Any meter in sixteenths, or in triplets where they go into its groups."""
    numerator = draw(st.integers(1, MAX_NUMERATOR))
    groups = draw(st.just(()) | _groups(numerator))
    meter = Meter.of(numerator, draw(st.sampled_from(DENOMINATORS)), groups)
    starts = (meter.bar_ticks, *meter.group_starts)
    steps = [t for t in (TICKS_PER_WHOLE // 12, TICKS_PER_WHOLE // 24) if not any(start % t for start in starts)]
    return Grid(meter, draw(st.sampled_from([TICKS_PER_SIXTEENTH, *steps])))


grids = _grids()
values = st.fixed_dictionaries({key: st.integers(dial.low, dial.high) for dial in DIALS for key in dial.keys})
seeds = st.integers(0, 9999)
numbers = st.integers(0, 100_000)


# Density.


@given(grids, values, seeds, numbers, st.sampled_from(VOICES), st.integers(0, 100))
def test_what_sounds_at_one_density_sounds_as_loud_at_every_greater_one(
    grid: Grid, at: dict[str, int], seed: int, number: int, voice: str, density: int
) -> None:
    less, more = sorted((density, at[f"density {voice}"]))
    sparse, dense = (_bar(grid, at | {f"density {voice}": each}, seed, number) for each in (less, more))
    assert set(sparse.strikes[voice]) <= set(dense.strikes[voice])
    assert all(sparse.strikes[other] == dense.strikes[other] for other in VOICES if other != voice)


@given(grids, values, seeds, numbers)
def test_at_0_a_voice_is_silent_and_at_100_it_strikes_wherever_it_weighs_anything(
    grid: Grid, at: dict[str, int], seed: int, number: int
) -> None:
    keys = [f"density {voice}" for voice in VOICES]
    assert not any(_bar(grid, at | dict.fromkeys(keys, 0), seed, number).strikes.values())
    full = _bar(grid, at | dict.fromkeys(keys, 100) | {"chaos": 0}, seed, number)
    for voice, weights in zip(VOICES, weights_of(grid, at["x"], at["y"]), strict=True):
        assert _steps(full, voice) == {step for step, weight in enumerate(weights) if weight}


@given(grids, values, seeds, numbers)
def test_heavier_is_louder(grid: Grid, at: dict[str, int], seed: int, number: int) -> None:
    bar = _bar(grid, at | {"chaos": 0}, seed, number)
    for voice, weights in zip(VOICES, weights_of(grid, at["x"], at["y"]), strict=True):
        struck = sorted((weights[strike.step], strike.velocity) for strike in bar.strikes[voice])
        assert [velocity for _, velocity in struck] == sorted(velocity for _, velocity in struck)
        assert all(1 <= velocity <= 127 for _, velocity in struck)


# Styles.


@pytest.mark.parametrize(
    "name",
    [
        "Money beat", "Funk", "Boom bap", "Motown", "Half-time rock", "Drum and bass", "16th shuffle", "Train beat",
        "Disco", "D-beat", "Punk two-beat", "Reggaeton", "Ska", "Maqsum", "Four on the floor",
    ],
)  # fmt: skip
def test_where_a_groove_lies_its_own_kick_and_snare_are_heard(name: str) -> None:
    """At half density all but its ghosts and nothing besides; at three quarters the ghosts as well."""
    half, more = (_bar(FOUR, _values(name, density)) for density in (50, 75))
    for row in PATTERNS[name].groove:
        if row.role in ("kick", "snare"):
            spread = FOUR.steps // len(row.cells)
            own = {at * spread: cell for at, cell in enumerate(row.cells) if cell != "."}
            assert _steps(half, row.role) == {step for step, cell in own.items() if cell != "g"}
            assert _steps(more, row.role) == own.keys()


@pytest.mark.parametrize("name", ["Blues shuffle", "Texas shuffle", "Half-time shuffle"])
def test_a_shuffle_is_itself_on_a_grid_of_triplets(name: str) -> None:
    bar = _bar(SHUFFLED, _values(name, 75))
    rows = {row.role: row.cells for row in PATTERNS[name].groove if row.role in ("kick", "snare")}
    assert {role: _chart(bar, role, SHUFFLED) for role in rows} == rows


@given(st.integers(0, FAR), st.integers(0, FAR), st.sampled_from([FOUR, SHUFFLED]), st.integers(1, 100))
def test_what_four_neighbours_share_sounds_between_them(x: int, y: int, grid: Grid, density: int) -> None:
    gap = place_of(NAMES[1])[0]
    corners = product({x // gap * gap, -(-x // gap) * gap}, {y // gap * gap, -(-y // gap) * gap})
    bars = [_bar(grid, _values(density=density) | {"x": a, "y": b}) for a, b in corners]
    between = _bar(grid, _values(density=density) | {"x": x, "y": y})
    for voice in VOICES:
        assert set.intersection(*(_steps(bar, voice) for bar in bars)) <= _steps(between, voice)


@given(st.integers(0, FAR), st.integers(0, FAR))
def test_no_voice_falls_silent_between_two_styles(x: int, y: int) -> None:
    assert all(_steps(_bar(FOUR, _values(density=50) | {"x": x, "y": y}), voice) for voice in VOICES)


def test_every_groove_is_near_where_it_lies() -> None:
    assert [near(*place_of(name)) for name in NAMES] == NAMES
    assert {x for x, _ in map(place_of, NAMES)} == {y for _, y in map(place_of, NAMES)} == {0, 20, 40, 60, 80, 100}
    assert near(MAP.defaults["x"], MAP.defaults["y"]) == "Money beat"
    x, y = place_of("Money beat")
    assert {near(x + dx, y + dy) for dx, dy in product((-9, 0, 9), repeat=2)} == {"Money beat"}
    assert near(x + 11, y) != "Money beat"


# Chaos.


@given(grids, values, seeds, seeds, numbers, numbers)
def test_without_chaos_every_bar_is_the_same(
    grid: Grid, at: dict[str, int], seed: int, other: int, number: int, later: int
) -> None:
    still = at | {"chaos": 0}
    assert _bar(grid, still, seed, number) == _bar(grid, still, other, later)


def test_with_chaos_bars_and_seeds_differ_and_more_so_the_more_there_is() -> None:
    plain = _bar(FOUR, _values("Funk"))

    def strays(chaos: int) -> int:
        bars = [_bar(FOUR, _values("Funk", chaos=chaos), number=number) for number in range(100)]
        return sum(len(_steps(bar, voice) ^ _steps(plain, voice)) for bar in bars for voice in VOICES)

    assert 0 == strays(5) < strays(50) < strays(100)
    assert len({_chart(_bar(FOUR, _values("Funk", 75, 50), 1, n), "kick", FOUR) for n in range(50)}) > 5
    assert len({_chart(_bar(FOUR, _values("Funk", 75, 50), s, 0), "kick", FOUR) for s in range(50)}) > 5


def test_the_same_question_has_the_same_answer_on_every_machine() -> None:
    bar = _bar(FOUR, _values("Funk", 60, 60), seed=7, number=3)
    assert {voice: _chart(bar, voice, FOUR) for voice in VOICES} == {
        "kick": "X..x..x...x.....",
        "snare": "....X..x.g..x..g",
        "hat": "X.x.X.x.X.X.X.X.",
        "cowbell": "X.xX.X.gX.X.xX.x",
    }
    asked = product(NAMES, (FOUR, SHUFFLED), (0, 35, 100), (0, 1, 1000))
    said = [_bar(grid, _values(name, 70, chaos), 42, number).strikes for name, grid, chaos, number in asked]
    struck = [tuple(map(tuple, bar[voice])) for bar in said for voice in VOICES]
    assert sha256(repr(struck).encode()).hexdigest()[:32] == "90b839a20c53bc37f4107fd51555f0bc"


# Meters.


@given(grids, st.sampled_from((1, 2)))
def test_the_pulses_of_any_meter_fill_its_bar_and_begin_with_the_first_beat(grid: Grid, backbeat: int) -> None:
    _, parts, pulses = pulses_of(grid, backbeat)
    assert sum(pulse.steps for pulse in pulses) == grid.steps
    assert pulses[0].beat == 0
    assert parts == 3 or grid.step_ticks == TICKS_PER_SIXTEENTH
    assert all(pulse.steps > 0 and pulse.beat in range(4) and pulse.then in range(-1, 4) for pulse in pulses)


@given(grids)
def test_every_group_of_a_meter_begins_with_a_pulse(grid: Grid) -> None:
    starts, at = set(), 0
    for pulse in pulses_of(grid, 1).pulses:
        starts.add(at * grid.step_ticks)
        at += pulse.steps
    if max(grid.meter.groups) > 1:
        assert starts >= set(grid.meter.group_starts)


@given(grids)
def test_every_meter_has_its_one_and_where_there_is_room_a_backbeat(grid: Grid) -> None:
    bar = _bar(grid, _values("Money beat"))
    assert min(_steps(bar, "kick")) == 0
    assert bool(_steps(bar, "snare")) == (len(pulses_of(grid, 1).pulses) > 1)
    assert not _steps(bar, "snare") & _steps(bar, "kick")


@pytest.mark.parametrize("pattern", PATTERNS.values(), ids=PATTERNS)
def test_beside_every_pattern_a_bar_is_as_long_as_its_own(pattern: Pattern) -> None:
    grid = grid_of(pattern)
    for name, number in product(("Money beat", "Samba", "Half-time shuffle"), range(4)):
        bar = _bar(grid, _values(name, 80, 70), 5, number)
        made = pattern_of(bar, pattern, grid, "Map")
        assert made.meter == pattern.meter
        assert len(made.strokes()) == sum(map(len, bar.strikes.values())) > 0


@pytest.mark.parametrize(
    ("meter", "group", "kick", "snare"),
    [
        ("4/4", "", "X... .... x... ....", ".... X... .... X..."),
        ("2/4", "", "X... ....", ".... X..."),
        ("3/4", "", "X... .... ....", ".... X... X..."),
        ("5/4", "3+2", "X... .... .... x... ....", ".... X... X... .... X..."),
        ("5/4", "2+3", "X... .... X... .... ....", ".... X... .... X... X..."),
        ("5/4", "", "X... .... .... x... ....", ".... X... X... .... X..."),
        ("6/4", "", "X... .... x... .... x... ....", ".... X... .... X... .... X..."),
        ("7/4", "4+3", "X... .... x... .... X... .... ....", ".... X... .... X... .... X... X..."),
        ("7/4", "", "X... .... x... .... X... .... ....", ".... X... .... X... .... X... X..."),
        ("3/8", "", "X.....", "......"),
        ("4/8", "", "X... ....", ".... X..."),
        ("5/8", "2+3", "X... ......", ".... X....."),
        ("5/8", "3+2", "X..... ....", "...... X..."),
        ("6/8", "", "X..... ......", "...... X....."),
        ("7/8", "", "X... .... x.....", ".... X... ....X."),
        ("7/8", "2+2+3", "X... .... x.....", ".... X... ....X."),
        ("7/8", "2+3+2", "X... ....x. ....", ".... X..... X..."),
        ("7/8", "3+2+2", "X..... x... ....", "....X. .... X..."),
        ("8/8", "3+3+2", "X..... ....x. ....", "...... X..... X..."),
        ("8/8", "4+4", "X... .... x... ....", ".... X... .... X..."),
        ("9/8", "2+2+2+3", "X... .... x... ......", ".... X... .... X....."),
        ("9/8", "3+3+3", "X..... ...... ......", "...... X..... X....."),
        ("10/8", "3+3+2+2", "X..... ...... x... ....", "...... X..... .... X..."),
        ("11/8", "2+2+3+2+2", "X... .... x..... x... ....", ".... X... ....X. .... X..."),
        ("12/8", "", "X..... ...... x..... ......", "...... X..... ...... X....."),
        ("13/8", "3+3+3+2+2", "X..... ...... x..... x... ....", "...... X..... ....X. .... X..."),
        ("15/8", "3+3+3+3+3", "X..... ...... ...... x..... ......", "...... X..... X..... ...... X....."),
        ("7/16", "2+2+3", "X. .. x..", ".. X. ..X"),
        ("8/16", "2+2+2+2", "X. .. x. ..", ".. X. .. X."),
        ("9/16", "3+3+3", "X.. ... ...", "... X.. X.."),
        ("2/2", "", "X... .... x... ....", ".... X... .... X..."),
        ("3/2", "", "X... .... x... .... x... ....", ".... X... .... X... .... X..."),
        ("1/4", "", "X...", "...."),
        ("6/4", "3+3", "X... .... .... X... .... ....", ".... X... X... .... X... X..."),
        ("7/8", "4+3", "X... .... x.....", ".... X... ....X."),
    ],
)
def test_the_money_beat_in_all_kinds_of_bars(meter: str, group: str, kick: str, snare: str) -> None:
    """The spaces are where the foot would tap."""
    assert _kick_and_snare("Money beat", meter, group) == [kick.replace(" ", ""), snare.replace(" ", "")]


@pytest.mark.parametrize(
    ("meter", "group", "kick", "snare"),
    [
        ("2/4", "", "X... ..x.", ".... X..."),
        ("3/4", "", "X... ..x. ....", ".... X... ...."),
        ("5/4", "2+3", "X... ..x. X... ..x. ....", ".... .... .... X... ...."),
        ("5/4", "3+2", "X... ..x. .... X... ....", ".... X... .... .... ...."),
        ("6/8", "", "X..... ....x.", "...... X....."),
        ("7/8", "2+2+3", "X... ..x. ..x...", ".... .... X....."),
        ("8/8", "4+4", "X... ..x. ..x. ....", ".... .... X... ...."),
    ],
)
def test_a_half_time_beat_keeps_its_one_backbeat(meter: str, group: str, kick: str, snare: str) -> None:
    assert _kick_and_snare("Half-time rock", meter, group) == [kick.replace(" ", ""), snare.replace(" ", "")]


def test_short_groups_play_their_beats_twice_as_fast() -> None:
    assert _kick_and_snare("Funk", "8/16", "2+2+2+2") == ["X..x.x..", "..X...X."]
    assert _kick_and_snare("Funk", "7/16", "2+2+3") == ["X..x.x.", "..X...X"]


def _kick_and_snare(name: str, meter: str, group: str) -> list[str]:
    grid = Grid(Meter.parse(meter, group), TICKS_PER_SIXTEENTH)
    return [_chart(_bar(grid, _values(name)), voice, grid) for voice in ("kick", "snare")]


def test_in_two_two_and_three_the_money_beat_is_the_prog_rock_that_ships() -> None:
    pattern = PATTERNS["Prog Rock 7/8"]
    grid = grid_of(pattern)
    bar = _bar(grid, _values("Money beat"))
    for row in pattern.groove:
        assert [cell != "." for cell in _chart(bar, row.role, grid)] == [cell != "." for cell in row.cells]


def test_in_threes_the_hat_strikes_every_eighth() -> None:
    grid = Grid(Meter.of(12, 8), TICKS_PER_SIXTEENTH)
    assert _chart(_bar(grid, _values("Money beat")), "hat", grid).replace("X", "x") == "x." * 12
