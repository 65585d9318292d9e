"""The course of a generator: a bar that is held when the grid changes under it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.music.generators.beat import Grid, fitted
from panel.music.generators.catalogue import GENERATORS
from panel.music.generators.course import Course
from panel.music.generators.drift import DRIFT
from tests.music.grids import grids, seeds, sixteenths


@given(sixteenths, sixteenths, seeds)
def test_a_bar_on_a_longer_or_shorter_grid_goes_round_from_the_one(own: Grid, grid: Grid, seed: int) -> None:
    _, bar = DRIFT.next_bar(None, own, DRIFT.defaults, seed, 0)
    for voice, strikes in fitted(bar, own, grid).strikes.items():
        struck = {strike.step: strike.velocity for strike in bar.strikes[voice]}
        wanted = {step: struck[step % own.steps] for step in range(grid.steps) if step % own.steps in struck}
        assert {strike.step: strike.velocity for strike in strikes} == wanted


@pytest.mark.parametrize("name", [name for name in GENERATORS if name != "learn"])
@given(own=grids, grid=grids, bars=st.integers(1, 4))
def test_held_in_another_grid_the_bar_comes_back_whole(name: str, own: Grid, grid: Grid, bars: int) -> None:
    generator = GENERATORS[name]
    course = Course(generator, 1)
    for _ in range(bars):
        heard = course.coming(own, generator.defaults)
        course.begun()
    course.hold()
    made = course.coming(grid, generator.defaults)
    assert all(strike.step < grid.steps for strikes in made.bar.strikes.values() for strike in strikes)
    assert course.coming(own, generator.defaults) == heard
