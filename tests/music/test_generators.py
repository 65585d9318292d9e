"""What every generator promises: bars as long as their meter, the same for the same seed, chances that are fair."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.library import load_library
from panel.music.chance import MANY, below, drawn, happens
from panel.music.chart import chart_text
from panel.music.generators.beat import Bar, Generator, Strike, bar_of_rows, grid_of, pattern_of
from panel.music.generators.catalogue import GENERATORS
from panel.music.generators.fills import with_fill
from panel.music.generators.learn import LEARN, manner_of
from panel.music.generators.melody import Tune, pitched
from panel.music.meter import Meter
from panel.music.notation import parse_pattern
from panel.music.pattern import Pattern, Row

LIBRARY = load_library(None)
SHIPPED = list(LIBRARY.patterns.values())
EVERY = pytest.mark.parametrize("generator", GENERATORS.values(), ids=GENERATORS)
BESIDE = pytest.mark.parametrize("pattern", SHIPPED, ids=lambda pattern: pattern.name)
FUNK = LIBRARY.patterns["Funk"]


def bars(generator: Generator, pattern: Pattern, seed: int, count: int, **turned: int) -> list[Bar]:
    """The first bars beside a pattern; what is learned from is a funk."""
    grid, values = grid_of(pattern), generator.defaults | turned
    memory: Any = manner_of(FUNK) if generator is LEARN else None
    found = []
    for number in range(count):
        memory, bar = generator.next_bar(memory, grid, values, seed, number)
        found.append(bar)
    return found


@EVERY
@BESIDE
def test_a_bar_has_exactly_its_meters_length_in_every_shipped_meter(generator: Generator, pattern: Pattern) -> None:
    grid = grid_of(pattern)
    for number, bar in enumerate(bars(generator, pattern, 5, 6)):
        kept = bar_of_rows(pattern, pattern.groove, number)
        made = with_fill(pattern_of(bar, pattern, grid, "Made", kept), tuple(row.role for row in kept), 5, number)
        assert made.length_ticks == made.meter.bar_ticks == pattern.meter.bar_ticks
        assert all(len(row.cells) == grid.steps or row.own_grid for row in made.groove + made.fill)
        assert all(
            0 <= stroke.tick < pattern.meter.bar_ticks for fill in (False, True) for stroke in made.strokes(fill)
        )
        assert len({(s.role, s.tick) for s in made.strokes()}) == len(made.strokes())


@EVERY
@given(seed=st.integers(1, 9999))
def test_the_same_seed_makes_the_same_bars(generator: Generator, seed: int) -> None:
    assert bars(generator, FUNK, seed, 5) == bars(generator, FUNK, seed, 5)


@pytest.mark.parametrize(("name", "dial"), [("map", "chaos"), ("drift", "mutate"), ("learn", "vary")])
def test_another_seed_makes_other_bars(name: str, dial: str) -> None:
    generator = GENERATORS[name]
    found = {str([bar.strikes for bar in bars(generator, FUNK, seed, 4, **{dial: 60})]) for seed in range(1, 9)}
    assert len(found) == 8


@EVERY
def test_what_is_made_is_a_chart_that_can_be_read(generator: Generator) -> None:
    for pattern in (FUNK, LIBRARY.patterns["7/8 2+2+3"], LIBRARY.patterns["12/8 Blues"]):
        grid, tune = grid_of(pattern), Tune("kick", "blues", 48, 2)
        for number, bar in enumerate(bars(generator, pattern, 3, 3)):
            made = pattern_of(pitched(bar, tune, 3, number, grid), pattern, grid, "Made")
            made = with_fill(made, (), 3, number)._replace(family="own")
            assert parse_pattern(chart_text(made, grid.step_ticks).encode(), "made.toml") == made


@EVERY
def test_five_dials_at_most_the_choice_of_a_voice_among_them(generator: Generator) -> None:
    choices = any(dial.each_voice for dial in generator.dials) or generator is LEARN  # whose style, there
    assert len(generator.dials) + choices <= 5
    assert all(dial.low <= value <= dial.high for dial in generator.dials for value in dial.defaults.values())
    assert all(dial.about for dial in generator.dials)


class TestKept:
    """Rows of the click beside a beat."""

    @BESIDE
    def test_bar_by_bar_they_are_what_they_were(self, pattern: Pattern) -> None:
        grid, bar_ticks, found = grid_of(pattern), pattern.meter.bar_ticks, []
        for number in range(pattern.bars):
            kept = bar_of_rows(pattern, pattern.groove, number)
            alone = pattern_of(Bar({}), pattern, grid, "Click", kept)
            found += [(s.tick + number * bar_ticks, s.role, s.loudness) for s in alone.strokes()]
        assert sorted(found) == sorted((s.tick, s.role, s.loudness) for s in pattern.strokes())

    def test_they_are_not_swung_by_the_beat(self) -> None:
        straight = Pattern("Straight", Meter.of(4, 4), (Row("hat", "xxxxxxxx"),))
        bar = Bar({"kick": (Strike(1, 100), Strike(2, 100))}, swing=66)
        made = pattern_of(bar, straight, grid_of(straight), "Swung", straight.groove)
        assert [s.tick for s in made.strokes() if s.role == "hat"] == [s.tick for s in straight.strokes()]
        assert [s.tick for s in made.strokes() if s.role == "kick"] == [1663, 2520]

    def test_a_role_that_stays_is_not_made(self) -> None:
        bar = Bar({"hat": (Strike(0, 1),), "kick": (Strike(0, 100),)})
        made = pattern_of(bar, FUNK, grid_of(FUNK), "Made", (Row("hat", "x"),))
        assert [row.role for row in made.groove] == ["hat", "kick"]
        assert made.groove[0].velocities == ()


class TestChance:
    def test_is_what_it_was_on_every_machine(self) -> None:
        assert [drawn(1, 2, "kick", 3), drawn(0), drawn(9999, "hat")] == [1309342620, 3793791033, 640909688]

    def test_each_is_as_likely(self) -> None:
        counts = [0] * 10
        for number in range(20_000):
            counts[below(10, 7, number, "hat")] += 1
        assert sum((count - 2000) ** 2 / 2000 for count in counts) < 27.9  # chi-square, 9 degrees, 1 in 1000

    @given(st.integers(0, 100), st.integers(0, 1 << 32))
    def test_what_happens_goes_on_happening_while_it_gets_likelier(self, part: int, question: int) -> None:
        assert not happens(part, 100, question) or all(happens(more, 100, question) for more in range(part, 101))
        assert happens(100, 100, question)
        assert not happens(0, 100, question)

    def test_of_neighbours_says_nothing(self) -> None:
        values = [drawn(5, number) for number in range(4000)]
        mean = sum(values) / len(values)
        spread = sum((value - mean) ** 2 for value in values)
        together = sum((a - mean) * (b - mean) for a, b in pairwise(values))
        assert abs(together / spread) < 4 / 4000**0.5
        assert max(values) < MANY
