"""Tunes: in their scale and range, at home on the one, and a phrase that one knows again."""

from __future__ import annotations

from itertools import pairwise
from statistics import mean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.music.generators.beat import VOICES, Bar, Grid, Strike
from panel.music.generators.drift import DRIFT, next_bar
from panel.music.generators.melody import PHRASE_BARS, Tune, pitched
from panel.music.meter import Meter
from panel.music.pattern import AS_VOICED, MAX_NOTE
from panel.music.scales import HIGHEST_ROOT, LOWEST_ROOT, MOST_OCTAVES, SCALES
from panel.music.tempo import TICKS_PER_SIXTEENTH
from tests.music.grids import grids, seeds

FOUR = Grid(Meter.of(4, 4), TICKS_PER_SIXTEENTH)
EIGHTHS = range(0, 16, 2)
BASS = Tune("kick", "minor pentatonic", 36, 1)
SEEDS = range(60)

tunes = st.builds(
    Tune,
    st.sampled_from(VOICES),
    st.sampled_from(sorted(SCALES)),
    st.integers(LOWEST_ROOT, HIGHEST_ROOT),
    st.integers(1, MOST_OCTAVES),
)


def played(steps: range) -> Bar:
    return Bar({voice: tuple(Strike(step, 90 + step % 4, late=step) for step in steps) for voice in VOICES}, swing=60)


def sung(number: int, seed: int = 1, tune: Tune = BASS, steps: range = EIGHTHS, grid: Grid | None = FOUR) -> list[int]:
    return [strike.note for strike in pitched(played(steps), tune, seed, number, grid).strikes[tune.voice]]


def phrase(seed: int, tune: Tune = BASS, first: int = 0) -> list[list[int]]:
    return [sung(number, seed, tune) for number in range(first, first + PHRASE_BARS)]


def alike(one: list[int], other: list[int]) -> float:
    return mean(a == b for a, b in zip(one, other, strict=True))


def test_scales_begin_on_the_tonic_and_rise_within_an_octave() -> None:
    assert len(SCALES) == 11
    for steps in SCALES.values():
        assert steps[0] == 0
        assert list(steps) == sorted(set(steps) & set(range(12)))
    assert SCALES["blues"] == (0, 3, 5, 6, 7, 10)
    assert len(SCALES["chromatic"]) == 12


@pytest.mark.parametrize(
    ("mode", "degree"), [("dorian", 1), ("phrygian", 2), ("mixolydian", 4), ("minor", 5), ("major", 0)]
)
def test_the_modes_are_the_white_keys_from_another_key_on(mode: str, degree: int) -> None:
    major = SCALES["major"]
    assert SCALES[mode] == tuple(sorted((semitones - major[degree]) % 12 for semitones in major))


def test_the_pentatonics_are_relatives() -> None:
    major = SCALES["major pentatonic"]
    assert SCALES["minor pentatonic"] == tuple(sorted((semitones - 9) % 12 for semitones in major))


def test_a_seed_is_a_tune() -> None:
    assert phrase(1) == [
        [36, 41, 39, 39, 43, 43, 43, 39],
        [36, 39, 39, 39, 43, 43, 43, 43],
        [36, 41, 39, 39, 36, 36, 36, 36],
        [36, 39, 39, 39, 43, 43, 43, 36],
    ]


@given(grids, tunes, seeds, st.integers(0, 10_000), st.booleans())
def test_every_note_is_in_the_scale_and_the_range(
    grid: Grid, tune: Tune, seed: int, number: int, knows_beats: bool
) -> None:
    bar = played(range(grid.steps))
    found = pitched(bar, tune, seed, number, grid if knows_beats else None)
    assert found == pitched(bar, tune, seed, number, grid if knows_beats else None)
    for strike, before in zip(found.strikes[tune.voice], bar.strikes[tune.voice], strict=True):
        assert strike._replace(note=AS_VOICED) == before
        assert tune.root <= strike.note <= min(MAX_NOTE, tune.root + 12 * tune.octaves)
        assert (strike.note - tune.root) % 12 in SCALES[tune.scale]
    assert found._replace(strikes={**found.strikes, tune.voice: bar.strikes[tune.voice]}) == bar


@given(seeds, st.integers(0, 100))
def test_a_groove_gets_its_tune_with_all_its_gaps(seed: int, number: int) -> None:
    _, bar = next_bar(None, FOUR, DRIFT.defaults, seed, 0)
    found = pitched(bar, BASS, seed, number, FOUR)
    assert [strike.step for strike in found.strikes["kick"]] == [strike.step for strike in bar.strikes["kick"]]
    assert all(strike.note in BASS.notes for strike in found.strikes["kick"])


def test_without_a_voice_or_strikes_nothing_is_sung() -> None:
    bar = played(EIGHTHS)
    assert pitched(bar, Tune(), 1, 0) == bar
    assert pitched(bar, BASS._replace(voice="bell"), 1, 0) == bar
    silent = Bar({"kick": ()})
    assert pitched(silent, BASS, 1, 0) == silent


def test_the_notes_of_a_tune_go_from_tonic_to_tonic() -> None:
    assert Tune("hat", "major pentatonic", 60, 2).notes == (60, 62, 64, 67, 69, 72, 74, 76, 79, 81, 84)
    assert Tune("hat", "chromatic", HIGHEST_ROOT, MOST_OCTAVES).notes[-1] <= MAX_NOTE


@pytest.mark.parametrize("scale", sorted(SCALES))
@pytest.mark.parametrize("octaves", [1, 2, 3])
def test_the_one_is_at_home(scale: str, octaves: int) -> None:
    tune = Tune("kick", scale, 48, octaves)
    ones = [(bar[0] - 48) % 12 for seed in SEEDS for bar in phrase(seed, tune)]
    assert ones.count(0) / len(ones) > 0.7
    assert set(ones) <= {0, 7}


def test_beats_come_to_rest_on_tonic_or_fifth() -> None:
    tune = Tune("kick", "major", 48, 2)
    notes = [bar for seed in SEEDS for number in range(4) for bar in [sung(number, seed, tune, range(15))]]
    rests = [[(bar[step] - 48) % 12 in (0, 7) for bar in notes] for step in range(15)]
    beats = mean(rested for step in (4, 8, 12) for rested in rests[step])
    between = mean(rested for step in (2, 3, 6, 7, 10, 11) for rested in rests[step])
    assert beats > 0.5 > between + 0.1


@pytest.mark.parametrize("scale", sorted(SCALES))
def test_it_goes_by_steps_more_than_by_leaps(scale: str) -> None:
    tune = Tune("kick", scale, 48, 2)
    moves = [
        abs(tune.notes.index(one) - tune.notes.index(other))
        for seed in SEEDS
        for number in range(3)
        for one, other in pairwise(sung(number, seed, tune, range(16)))
    ]
    assert moves.count(1) / len(moves) > 0.5
    assert moves.count(0) / len(moves) < 0.4
    assert mean(move <= 2 for move in moves) > 0.85


def test_a_phrase_is_said_again_answered_and_brought_home() -> None:
    phrases = [phrase(seed) for seed in SEEDS]
    again, answered = (mean(alike(bars[0], bars[other]) for bars in phrases) for other in (1, 2))
    strangers = mean(alike(one[0], other[0]) for one, other in pairwise(phrases))
    assert again > 0.75
    assert answered < 0.6
    assert strangers < 0.6
    assert all((bars[3][-1] - BASS.root) % 12 == 0 for bars in phrases)
    home = mean((bars[0][-1] - BASS.root) % 12 == 0 for bars in phrases)
    assert home < 0.5


def test_a_phrase_comes_back_a_little_different() -> None:
    pairs = [(phrase(seed), phrase(seed, first=PHRASE_BARS)) for seed in SEEDS]
    assert mean(alike(one, other) for once, back in pairs for one, other in zip(once, back, strict=True)) > 0.75
    assert mean(once != back for once, back in pairs) > 0.9


def test_what_varies_is_caught_up_with_on_the_next_beat() -> None:
    for seed in SEEDS:
        on_beats = [bar[::2] for bar in phrase(seed)]
        assert on_beats[0] == on_beats[1] == on_beats[3]


def test_the_tune_stays_where_it_is_when_a_stroke_is_gone() -> None:
    every, some = sung(0, steps=range(16)), sung(0, steps=range(0, 16, 3))
    assert some == every[::3]


def test_tunes_are_many() -> None:
    assert len({tuple(map(tuple, phrase(seed))) for seed in SEEDS}) > 50


def test_the_beats_of_an_odd_meter_are_its_groups() -> None:
    grid, tune = Grid(Meter.of(7, 8, (2, 2, 3)), TICKS_PER_SIXTEENTH), Tune("kick", "major", 48, 2)
    bars = [[sung(number, seed, tune, range(13), grid) for number in (0, 1)] for seed in SEEDS]
    for once, again in bars:
        assert [once[step] for step in (0, 4, 8)] == [again[step] for step in (0, 4, 8)]
    assert any(once[12] != again[12] for once, again in bars)
