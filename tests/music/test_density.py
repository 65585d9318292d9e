"""The knob from sparse to dense: exact at its ends, level after level, and never a step back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.music.density import thinned

FADERS = st.tuples(*[st.integers(0, 100)] * 5)


@given(FADERS)
def test_dense_is_every_fader_as_it_stands_and_sparse_the_one_alone(faders: tuple[int, ...]) -> None:
    assert thinned(faders, 100) == faders
    assert thinned(faders, 0) == (faders[0], 0, 0, 0, 0)


@pytest.mark.parametrize(
    ("density", "heard"),
    [
        (0, (100, 0, 0, 0, 0)),
        (4, (100, 12, 0, 0, 0)),
        (33, (100, 99, 0, 0, 0)),
        (34, (100, 100, 2, 0, 0)),
        (50, (100, 100, 50, 0, 0)),
        (66, (100, 100, 98, 0, 0)),
        (67, (100, 100, 100, 1, 1)),
        (84, (100, 100, 100, 52, 52)),
        (99, (100, 100, 100, 97, 97)),
    ],
)
def test_the_beats_come_first_then_the_eighths_then_what_is_shorter(density: int, heard: tuple[int, ...]) -> None:
    assert thinned((100,) * 5, density) == heard


def test_half_a_percent_is_rounded_up() -> None:
    assert thinned((80, 50, 1, 25, 75), 17) == (80, 26, 0, 0, 0)  # 51 % of 50 is 25.5
    assert thinned((80, 50, 1, 25, 75), 50)[2] == 1  # 50 % of 1


@given(FADERS, st.integers(0, 99))
def test_no_level_falls_while_density_rises_nor_is_louder_than_its_fader(faders: tuple[int, ...], at: int) -> None:
    less, more = thinned(faders, at), thinned(faders, at + 1)
    assert all(a <= b <= fader for a, b, fader in zip(less, more, faders, strict=True))


@given(FADERS, st.integers(0, 100), st.integers(0, 4), st.integers(0, 100))
def test_a_fader_that_is_opened_makes_no_level_softer(
    faders: tuple[int, ...], density: int, which: int, to: int
) -> None:
    opened = tuple(max(fader, to) if place == which else fader for place, fader in enumerate(faders))
    assert all(a <= b for a, b in zip(thinned(faders, density), thinned(opened, density), strict=True))
