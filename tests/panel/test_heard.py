"""A MIDI file's drums become bars that were heard: nothing is moved, and what is left out is said."""

from __future__ import annotations

from itertools import chain
from random import Random

import pytest
from hypothesis import given

from panel.failure import Failure
from panel.library import load_library
from panel.midiheard import Heard, heard_in
from panel.music.generators.beat import Bar, Grid, Strike, grid_of
from panel.music.meter import Meter
from panel.music.pattern import Pattern
from panel.music.tempo import TICKS_PER_QUARTER, TICKS_PER_SIXTEENTH, TICKS_PER_WHOLE
from tests.fuzz.nearly import promptly
from tests.music.hands import played
from tests.panel.midi import meter, midi, notes, tempo, track
from tests.panel.test_import import spoilt

LIBRARY = load_library(None)
GM = LIBRARY.profiles["General MIDI"]
FOUR = Grid(Meter.of(4, 4), TICKS_PER_SIXTEENTH)
KICK, SNARE, HAT = 36, 38, 42
BAR = 4 * TICKS_PER_QUARTER


def heard(*hits: tuple[int, int, int], to: Pattern | None = None, first: int = 0) -> Heard:
    """What is heard in a file of these hits, which has our ticks."""
    raw = midi(track(*notes([(first + tick, note, velocity) for tick, note, velocity in hits])), ppq=TICKS_PER_QUARTER)
    return heard_in(raw, "song.mid", "Song", GM, to)


def file_of(bars: list[Bar], grid: Grid) -> bytes:
    """Bars as somebody's sequencer writes them, after one of silence, so that the first one may be early."""
    hits = [
        ((number + 1) * grid.meter.bar_ticks + strike.step * grid.step_ticks + strike.late, GM.notes[role], strike[1])
        for number, bar in enumerate(bars)
        for role, strikes in bar.strikes.items()
        for strike in strikes
    ]
    upper, lower = grid.meter.numerator, grid.meter.denominator
    return midi(track(meter(0, upper, lower), tempo(0, 96), *notes(hits)), ppq=TICKS_PER_QUARTER)


@pytest.mark.parametrize("seed", range(5))
def test_what_was_played_is_heard_strike_by_strike(seed: int) -> None:
    bars = played(seed, FOUR.steps, 32)
    found = heard_in(file_of(bars, FOUR), "song.mid", "Song", GM)
    assert found.grid == FOUR
    assert [dict(bar.strikes) for bar in found.bars] == [
        {role: strikes for role, strikes in bar.strikes.items() if strikes} for bar in bars
    ]
    assert found.lost == ("bar 1 is empty: learning begins with bar 2",)
    assert (found.frame.micro_bpm, found.frame.meter, found.frame.groove) == (96_000_000, FOUR.meter, ())


def test_a_hand_in_triplets_is_heard_in_triplets() -> None:
    random = Random(1)
    shuffle = [
        (max(0, beat * TICKS_PER_QUARTER + third * TICKS_PER_QUARTER // 3 + random.randint(-60, 60)), HAT, 90)
        for beat in range(16)
        for third in (0, 2)
    ]
    assert heard(*shuffle).grid.step_ticks == TICKS_PER_WHOLE // 24
    eighths = [(max(0, at * TICKS_PER_QUARTER // 2 + random.randint(-60, 60)), HAT, 90) for at in range(32)]
    assert heard(*eighths).grid == FOUR


def test_who_played_to_a_swung_pattern_is_heard_in_its_swing_and_who_did_not_is_not() -> None:
    swung = Pattern("Swung", FOUR.meter, (), swing=62, swing_ticks=TICKS_PER_QUARTER // 2)
    eighths = [step * TICKS_PER_QUARTER // 2 for step in range(16)]
    for hits in ([swung.swung(tick) for tick in eighths], eighths):
        found = heard(*((tick, HAT, 90) for tick in hits), to=swung)
        assert {strike.late for bar in found.bars for strike in bar.strikes["hat"]} == {0}


def test_the_pattern_says_how_the_meter_is_grouped() -> None:
    seven = LIBRARY.patterns["Prog Rock 7/8"]
    raw = midi(track(meter(0, 7, 8), *notes([(0, KICK, 90)])))
    assert heard_in(raw, "song.mid", "Song", GM, seven).grid == grid_of(seven)
    assert heard_in(raw, "song.mid", "Song", GM, LIBRARY.patterns["4/4 Basic"]).grid.meter == Meter.of(7, 8)


def test_what_is_left_out_is_said() -> None:
    found = heard((0, SNARE, 50), (40, SNARE, 90), (BAR, KICK, 90), (BAR, 3, 90), (2 * BAR - 30, KICK, 70))
    assert [dict(bar.strikes) for bar in found.bars] == [
        {"snare": (Strike(0, 90, 40),)},
        {"kick": (Strike(0, 90),)},
    ]
    assert found.lost == (
        "note 3 has no role: 1 hit left out",
        "1 hit fell on the step of another, the louder one is kept",
        "1 hit before or after these 2 bars is left out",
    )


def test_only_bars_of_one_meter_are_heard() -> None:
    raw = midi(track(meter(0, 4, 4), meter(2 * 1920, 3, 4), *notes([(at * 480, KICK, 90) for at in range(14)])))
    found = heard_in(raw, "song.mid", "Song", GM)
    assert (len(found.bars), found.grid.meter) == (2, Meter.of(4, 4))
    assert found.lost[0] == "the meter changes in bar 3: learning ends there"


def test_a_silent_bar_between_two_is_heard() -> None:
    found = heard((0, KICK, 90), (3 * BAR, KICK, 90))
    assert [len(bar.strikes) for bar in found.bars] == [1, 0, 0, 1]


@given(spoilt())
def test_spoilt_bytes_are_bars_or_one_line(raw: bytes) -> None:
    with promptly(raw):
        told, found = outcome(raw)
    assert told.isprintable()
    assert told.startswith("song.mid: ") or not told
    strikes = list(chain.from_iterable(strikes for bar in found.bars for strikes in bar.strikes.values()))
    assert bool(strikes) != bool(told)
    assert all(0 <= strike.step < found.grid.steps for strike in strikes)


def outcome(raw: bytes) -> tuple[str, Heard]:
    """The line that says why not, "" for bars."""
    try:
        return "", heard_in(raw, "song.mid", "Song", GM)
    except Failure as failure:
        return str(failure), Heard((), FOUR, Pattern("", FOUR.meter, ()), ())
