"""The stick count-off: it begins on the fifth beat, at the tempo that its rule says."""

from __future__ import annotations

import random
from statistics import fmean

import pytest

from panel.music.count_off import SAME_TEMPO, Begin, CountOff
from panel.music.hand import Beat, period_of
from panel.music.tempo import MICRO

MS = 1_000_000
START = 5_000_000_000
COUNTS = 1000
SD_NS = 15 * MS


def tapped(stamps: list[int], stored: float) -> Begin | None:
    count = CountOff()
    found = None
    for at, stamp in enumerate(stamps):
        found = count.tap(stamp, round(stored * MICRO))
        assert found is None or at == len(stamps) - 1
    return found


def even(bpm: float, taps: int = 4) -> list[int]:
    return [START + round(tap * 60e9 / bpm) for tap in range(taps)]


def test_four_taps_begin_where_the_fifth_would_have_been() -> None:
    assert tapped(even(120), 120) == Begin(even(120, 5)[4], 120 * MICRO)


@pytest.mark.parametrize("bpm", [115.3, 124.7])
def test_within_four_percent_the_stored_tempo_is_kept_and_the_phase_is_the_taps(bpm: float) -> None:
    begin = tapped(even(bpm), 120)
    assert begin
    assert begin.micro_bpm == 120 * MICRO
    middle = fmean(even(bpm))
    assert begin.at_ns == pytest.approx(middle + 2.5 * 500 * MS, abs=1)


@pytest.mark.parametrize("bpm", [40, 60, 115.1, 124.9, 180, 240])
def test_beyond_it_the_tapped_one_is_taken(bpm: float) -> None:
    begin = tapped(even(bpm), 120)
    assert begin
    assert begin.micro_bpm == pytest.approx(bpm * MICRO, abs=10)
    assert begin.at_ns == pytest.approx(even(bpm, 5)[4], abs=1000)


def test_a_thousand_counts_of_a_human_hand() -> None:
    """Every one begins; by the rule; and where the fifth tap would have been, as near as four taps can tell."""
    dice = random.Random(2026)
    off, kept = [], 0
    for _ in range(COUNTS):
        bpm = dice.uniform(40, 240)
        stored = bpm * dice.choice((1, 1, dice.uniform(0.7, 1.4)))
        stamps = [round(stamp + dice.gauss(0, SD_NS)) for stamp in even(bpm)]
        begin = tapped(stamps, stored)
        assert begin, (bpm, stamps)
        measured = 60e9 / period_of([Beat(number, stamp) for number, stamp in enumerate(stamps)]).ns
        is_kept = abs(measured / stored - 1) <= SAME_TEMPO
        kept += is_kept
        assert begin.micro_bpm == pytest.approx((stored if is_kept else measured) * MICRO, abs=1)
        beat_ns = 60e9 / bpm
        off.append((begin.at_ns - even(bpm, 5)[4]) / beat_ns)
        assert abs(off[-1]) < 0.5, "another beat is nearer"
    assert 300 < kept < 900
    assert max(map(abs, off)) < 0.35


def test_a_hand_that_keeps_the_stored_tempo_is_met_to_a_few_milliseconds() -> None:
    """With the tempo known only the phase is measured, by four taps: half of one tap's scatter."""
    dice = random.Random(7)
    errors = []
    for _ in range(COUNTS):
        stamps = [round(stamp + dice.gauss(0, SD_NS)) for stamp in even(100)]
        begin = tapped(stamps, 100)
        if begin and begin.micro_bpm == 100 * MICRO:
            errors.append(begin.at_ns - even(100, 5)[4])
    assert len(errors) > 0.9 * COUNTS
    assert fmean(error * error for error in errors) ** 0.5 == pytest.approx(SD_NS / 2, rel=0.1)


def test_one_two_one_two_three_four_begins_behind_the_last() -> None:
    beats = [0, 2, 4, 5, 6, 7]
    for bpm in (70, 120, 200, 300):
        stamps = [START + round(beat * 60e9 / bpm) for beat in beats]
        begin = tapped(stamps, bpm)
        assert begin
        assert begin.at_ns == pytest.approx(START + 8 * 60e9 / bpm, abs=10)


def test_a_pause_begins_anew_and_a_bounce_is_no_tap() -> None:
    count = CountOff()
    for stamp in (START, START + 500 * MS, START + 520 * MS, START + 1000 * MS):
        assert count.tap(stamp, 120 * MICRO) is None
    assert count.taps == 3
    assert count.tap(START + 6000 * MS, 120 * MICRO) is None
    assert count.taps == 1
    for tap in (1, 2):
        assert count.tap(START + 6000 * MS + tap * 500 * MS, 120 * MICRO) is None
    assert count.tap(START + 7500 * MS, 120 * MICRO) == Begin(START + 8000 * MS, 120 * MICRO)
    assert count.taps == 0


def test_a_stray_tap_in_between_is_no_count() -> None:
    assert tapped([START, START + 500 * MS, START + 750 * MS, START + 1500 * MS], 120) is None
