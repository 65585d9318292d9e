"""Euclid: the rhythms that others have published, and rings that go on through the bar line."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.music.generators.beat import Grid, Values
from panel.music.generators.euclid import EUCLID, MAX_STEPS, euclidean
from panel.music.meter import Meter
from panel.music.pattern import ACCENT, VELOCITY

# Toussaint, "The Euclidean algorithm generates traditional musical rhythms" (2005), section 4: where they are played.
PUBLISHED = {
    (2, 3): "x.x",  # a Swiss dance
    (2, 5): "x.x..",  # Khafif-e-ramal
    (3, 4): "x.xx",  # Cumbia
    (3, 5): "x.x.x",  # Khafif-e-ramal from its second stroke
    (3, 7): "x.x.x..",  # Ruchenitza
    (3, 8): "x..x..x.",  # tresillo
    (4, 7): "x.x.x.x",  # Ruchenitza
    (4, 9): "x.x.x.x..",  # Aksak
    (4, 11): "x..x..x..x.",  # Outside Now
    (5, 6): "x.xxxx",  # York-Samai
    (5, 7): "x.xx.xx",  # Nawakhat
    (5, 8): "x.xx.xx.",  # cinquillo
    (5, 9): "x.x.x.x.x",  # Agsag-Samai
    (5, 11): "x.x.x.x.x..",  # Pictures at an exhibition
    (5, 12): "x..x.x..x.x.",  # Venda
    (5, 16): "x..x..x..x..x...",  # bossa nova
    (7, 8): "x.xxxxxx",  # Bendir
    (7, 12): "x.xx.x.xx.x.",  # bell of West Africa
    (7, 16): "x..x.x.x..x.x.x.",  # samba
    (9, 16): "x.xx.x.x.xx.x.x.",  # Central Africa
    (11, 24): "x..x.x.x.x.x..x.x.x.x.x.",  # Aka
    (13, 24): "x.xx.x.x.x.x.xx.x.x.x.x.",  # Aka, upper Sangha
}
BAR = Grid(Meter.of(4, 4), 1260)


def drawn(hits: int, steps: int) -> str:
    return "".join("x" if hit else "." for hit in euclidean(hits, steps))


def values(**turned: int) -> Values:
    return EUCLID.defaults | {key.replace("_", " "): value for key, value in turned.items()}


@pytest.mark.parametrize(("hits", "steps"), [(3, 8), (5, 8)])
def test_tresillo_and_cinquillo_are_exactly_the_published_ones(hits: int, steps: int) -> None:
    assert drawn(hits, steps) == PUBLISHED[hits, steps]


@pytest.mark.parametrize(("of", "published"), PUBLISHED.items(), ids=str)
def test_the_rest_are_the_published_necklaces(of: tuple[int, int], published: str) -> None:
    assert drawn(*of) in {published[at:] + published[:at] for at in range(len(published))}


@given(st.integers(1, 64).flatmap(lambda steps: st.tuples(st.integers(0, steps), st.just(steps))))
def test_as_many_as_asked_for_as_evenly_as_may_be_the_first_on_the_first(of: tuple[int, int]) -> None:
    hits, steps = of
    struck = [at for at, hit in enumerate(euclidean(hits, steps)) if hit]
    assert (len(struck), len(euclidean(hits, steps))) == (hits, steps)
    if hits:
        assert struck[0] == 0
        gaps = {b - a for a, b in pairwise([*struck, steps])}
        assert max(gaps) - min(gaps) <= 1


@given(st.integers(2, MAX_STEPS), st.integers(0, MAX_STEPS), st.integers(0, MAX_STEPS - 1), st.integers(1, 5))
def test_a_ring_of_another_length_goes_on_through_the_bar_line(steps: int, hits: int, later: int, beats: int) -> None:
    grid = Grid(Meter.of(beats, 4), 1260)
    turned = values(hits_kick=hits, steps_kick=steps, rotation_kick=later, accents_kick=0)
    found = []
    for number in range(9):
        _, bar = EUCLID.next_bar(None, grid, turned, 1, number)
        found += [number * grid.steps + strike.step for strike in bar.strikes["kick"]]
    ring = euclidean(min(hits, steps), steps)
    assert found == [step for step in range(9 * grid.steps) if ring[(step - later) % steps]]


def test_a_ring_as_long_as_the_bar_is_the_same_in_every_bar_of_any_meter() -> None:
    for meter in (Meter.of(7, 8, (2, 2, 3)), Meter.of(5, 4), Meter.of(13, 16), Meter.of(4, 4)):
        bars = [EUCLID.next_bar(None, Grid(meter, 1260), EUCLID.defaults, 1, number)[1] for number in range(4)]
        assert bars[0] == bars[1] == bars[2] == bars[3]
        assert next(strike.step for strike in bars[0].strikes["kick"]) == 0


def test_accents_are_spread_over_the_hits_as_hits_over_the_steps() -> None:
    _, bar = EUCLID.next_bar(None, BAR, values(hits_hat=8, accents_hat=3), 1, 0)
    loud = "".join("x" if strike.velocity == VELOCITY[ACCENT] else "." for strike in bar.strikes["hat"])
    assert loud == PUBLISHED[3, 8]


def test_more_hits_than_steps_are_all_of_them_and_none_is_silence() -> None:
    _, bar = EUCLID.next_bar(None, BAR, values(hits_kick=MAX_STEPS, hits_snare=0), 1, 0)
    assert (len(bar.strikes["kick"]), bar.strikes["snare"]) == (BAR.steps, ())
